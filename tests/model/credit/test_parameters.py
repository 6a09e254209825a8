"""Case to whole numbers: who would ever come, and the rate of a month."""

import numpy as np

from planner.model.credit.parameters import grown, rate_now, reach
from planner.model.inputs.uncertain import certain


def test_reach_is_rounded_down() -> None:
    """Three per cent of 150 businesses are four and a half."""
    assert reach(certain(150.0), certain(0.03), 1).tolist() == [4]


def test_a_rate_grows_with_prices() -> None:
    """Three per cent a year on 30 credits: 30.90 in month 13."""
    assert rate_now(np.array([3000.0]), grown(np.log1p(np.array([0.03])) / 12, 13)).tolist() == [3090]
