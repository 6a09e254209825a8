"""The two forms of the sum along a circle."""

import math

import numpy as np
import pytest

from planner.model.overload import kernel


@pytest.mark.parametrize("further", [2.0, 2.5])
def test_numpy_and_numba_say_the_same(further: float) -> None:
    pytest.importorskip("numba")
    rng = np.random.default_rng(5)
    d, b, t, k, g = 3, 4, 6, 9, 3
    shape = (d, b, k + 1)
    phi = 0.3 * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    arguments = (
        *(rng.random((2, d, b, t))),
        phi,
        rng.standard_normal((d, k + 1)) + 1j * rng.standard_normal((d, k + 1)),
        np.array([0, 0, 1, 2]),
        np.stack([rng.uniform(2.0, 5.0, d), np.full(d, 3e6), np.full(d, math.inf)], 1),
        rng.random((d, g)),
        np.stack([rng.random(d), np.zeros(d), rng.random(d)], 1),
        np.array([[0.0, 0.0, 0.0], [0.0, further, 1.0]]),
    )
    for one, other in zip(kernel.in_numpy(*arguments), kernel.compiled()(*arguments), strict=True):
        assert one == pytest.approx(other, rel=1e-12)
