"""The posterior on a grid: a narrow peak is found, and seven of ten cases are the textbook's."""

import math

import numpy as np
import pytest

from planner.model.calibration import posterior as grids
from planner.model.inputs.distributions import Range


def test_seven_of_ten_where_anything_between_0_and_1_was_thought_possible() -> None:
    def seven_of_ten(p: np.ndarray) -> np.ndarray:
        return np.asarray(7 * np.log(p) + 3 * np.log(1 - p))

    found = grids.alone(Range("p", 0.5, 0.1, 0.9, "share"), seven_of_ten, 10)
    assert found.value == pytest.approx(0.68, abs=0.005)


def test_the_grid_finds_a_peak_that_lies_between_the_points_of_the_first_one() -> None:
    """A ridge a hundredth of the first grid's step wide, and slanting: still the textbook's normal posterior."""
    a, b = Range("a", 1, 0.5, 2, "positive"), Range("b", 1, 0.5, 2, "positive")
    width, slant, at = 0.002, 0.95, (0.337, -0.241)

    def log_likelihood(x, y):  # type: ignore[no-untyped-def]
        u, v = (np.log(x)[:, None] - at[0]) / width, (np.log(y)[None, :] - at[1]) / width
        return -(u**2 - 2 * slant * u * v + v**2) / (2 * (1 - slant**2))

    for found, peak in zip(grids.joint(a, b, log_likelihood, 1), at, strict=True):
        assert math.log(found.value) == pytest.approx(peak, abs=0.05 * width)
        assert math.log(found.high / found.low) == pytest.approx(2 * 1.2816 * width, rel=0.02)
