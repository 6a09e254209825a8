"""The two forms of the sum along a circle, and the exponential that both rest on."""

import math

import numpy as np
import pytest

from planner.model.overload import kernel

ROWS = {
    "whole": [[0.0, 0.0, 0.0], [0.0, 2.0, 1.0]],
    "not whole": [[0.0, 0.0, 0.0], [0.0, 2.5, 1.0]],
    "from some on": [[3.0, 0.0, 1.0], [5.0, 2.0, 1.0], [60.0, 2.0, 1.0]],
    "fewer": [[5.0, 2.0, 1.0], [3.0, 2.0, 1.0]],
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("size", [1.0, 200.0])
def test_numpy_and_numba_say_the_same(rows: list[list[float]], size: float) -> None:
    pytest.importorskip("numba")
    rng = np.random.default_rng(5)
    d, b, t, k, g = 3, 4, 6, 9, 3
    shape = (d, b, k + 1)
    # where many meet, E[z^X] is still a chance: the real parts are below 0
    phi = 0.3 * (1j * rng.standard_normal(shape) - (rng.random(shape) if size > 1.0 else rng.standard_normal(shape)))
    shape = (d, len(rows), k + 1)
    weight = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    weight[1, :, 4] = 0.0
    for row in range(1, len(rows)):
        # further rows fade out sooner
        weight[:, row, 8 - 2 * row :] = 0.0
        weight[2, row, 4 - row :] = 0.0
    arguments = (
        *(size * rng.random((2, d, b, t))),
        phi,
        weight,
        np.array([0, 0, 1, 2]),
        np.stack([rng.uniform(2.0, 5.0, d), np.full(d, 3e6), np.full(d, math.inf)], 1),
        rng.random((d, g)),
        np.stack([rng.random(d), np.zeros(d), rng.random(d)], 1),
        np.array(rows),
    )
    for one, other in zip(kernel.in_numpy(*arguments), kernel.compiled()(*arguments), strict=True):
        assert one == pytest.approx(other, rel=1e-11, abs=1e-11 * np.abs(one).max())


def test_exponentials_are_numpys_own() -> None:
    real, angle = np.meshgrid([-600.0, -1.0, 0.0, 1.0, 700.0], [0.0, 1e-9, 1.0, *math.pi * np.arange(-7, 8), 1e3])
    x = real + 1j * angle
    assert (np.abs(kernel.exp(x) - np.exp(x)) <= 1e-12 * np.exp(real)).all()
