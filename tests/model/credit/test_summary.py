"""Quantiles over the paths, and the months until something is so."""

import numpy as np

from planner.model.credit.summary import Months, Quantiles, quantiles, wait


def test_quantiles_are_values_that_occur_and_none_where_that_is_never() -> None:
    """Nine tenths of four paths are all four."""
    assert quantiles(np.array([1.0, 2.0, 3.0, np.inf])) == Quantiles(p10=1.0, p50=2.0, p90=None)


def test_a_wait_that_ends_on_one_path_of_two() -> None:
    """In month 2 on the first, never on the second."""
    assert wait(np.array([[False, False], [True, False]]), 2) == Months(2, 2, 2, None, 0.5, (0.0, 0.5))
