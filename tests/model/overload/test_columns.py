"""The columns of a week, and the cubics that loads are read off."""

import numpy as np
import pytest
from situations import CLUMPED, OFFICE, week

from planner.model.overload.columns import columns, cubic


def test_cubics_go_through_cubics() -> None:
    nodes = np.linspace(0.0, 2.0, 9)
    x = np.linspace(0.0, 2.0, 50)
    assert cubic(x, nodes) @ (nodes**3 - nodes) == pytest.approx(x**3 - x)
    assert cubic(x, nodes[:1]) @ np.array([4.0]) == pytest.approx(np.full(50, 4.0))


def test_columns_keep_the_busiest_instant_and_the_hours_of_a_week() -> None:
    load = week(OFFICE, starts=CLUMPED)
    of = columns(load[None], np.zeros((1, 2016)), load)
    assert of.hours.sum() == pytest.approx(168.0)
    assert of.load.sum(axis=0) == pytest.approx(np.ones(len(of.hours)))
    assert (load @ of.load)[of.hours == 0.0].max() == load.max()
