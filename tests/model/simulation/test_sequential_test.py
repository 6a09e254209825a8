"""The interval of a simulated measure; the search is tested with the limits that it serves."""

import pytest

from planner.model.simulation.sequential_test import limits_of


def test_interval_allows_for_five_looks() -> None:
    """Of a hundred independent overloads."""
    assert limits_of(1.0, 0.1, 100) == pytest.approx((0.77, 1.27), abs=0.005)
