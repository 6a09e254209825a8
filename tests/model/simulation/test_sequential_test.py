"""The interval of a simulated measure; the search is tested with the limits that it serves."""

import math

import numpy as np
import pytest

from planner.model.simulation.estimates import Interval
from planner.model.simulation.sequential_test import Z_LOOKS, Trial, expected_edges, futile, limits_of


def test_interval_allows_for_five_looks() -> None:
    """Of a hundred independent overloads."""
    assert limits_of(1.0, 0.1, 100) == pytest.approx((0.793, 1.244), abs=0.005)


def measured(value: float, worth: float) -> Interval:
    """Return a measure made of so many independent overloads."""
    error = value / math.sqrt(worth)
    return Interval(value, *limits_of(value, error, round(worth)), error)


@pytest.mark.parametrize(("value", "share", "given_up"), [(1.0, 0.5, True), (1.0, 0.1, False), (3.0, 0.5, False)])
def test_a_trial_is_given_up_where_its_trend_leads_to_no_verdict(value: float, share: float, given_up: bool) -> None:
    """On the objective itself after half of the replications; not yet after a tenth, and not far from it."""
    assert futile(measured(value, 20.0), 1.0, share) is given_up
    assert not futile(measured(value, 20.0), 1.0, 1.0)
    assert not futile(Interval(0.0, 0.0, 1.0, 0.0), 1.0, share)


def test_giving_up_costs_few_verdicts() -> None:
    """Of normal walks whose drift is settled in half of the cases, fewer than one in five are given up in vain."""
    rng = np.random.default_rng(1982)
    shares = np.array([1, 2, 4, 8, 16]) / 16
    ends = rng.normal(0.0, np.sqrt(np.diff(shares, prepend=0.0)), (4000, 5)).cumsum(axis=1) + Z_LOOKS * shares
    lost = settled = 0
    for walk in ends / np.sqrt(shares):
        seen = int(np.argmax(walk > Z_LOOKS)) if (walk > Z_LOOKS).any() else 5
        settled += seen < 5
        # the measure's logarithm lies so many errors of a tenth from the objective
        values = [Interval(math.exp(-z / 10), 0.0, math.exp((Z_LOOKS - z) / 10), math.exp(-z / 10) / 10) for z in walk]
        looks = zip(values[:seen], shares[:seen], walk[:seen], strict=True)
        lost += seen < 5 and any(futile(value, 1.0, float(share)) for value, share, z in looks if z > 0.0)
    assert 0 < lost < 0.2 * settled


def test_the_search_aims_where_the_verdicts_are_expected() -> None:
    """Two numbers of accounts whose measure grows tenfold between them: the edges lie around the objective's place."""
    trials = [Trial(n, None, measured(value, 400.0), 100) for n, value in ((100, 0.1), (200, 1.0))]
    edges = expected_edges(trials, 0.3, most=100.0, scale=300.0)
    assert edges is not None
    low, high = edges
    assert 100 < low < high < 200
    assert (low + high) / 2 == pytest.approx(100 + 100 * math.log10(3.0), abs=1.0)
    assert expected_edges([], 0.3, 100.0, 300.0) is None
