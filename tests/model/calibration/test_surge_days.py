"""Surge days beside the gamma law of how days differ."""

import math

import numpy as np
import pytest
from scipy import stats

from planner.model.calibration import likelihoods
from planner.model.calibration.surge_days import RARE, as_gamma, with_surges
from planner.model.inputs.distributions import Range, draws

PRIOR = Range("usage.everyone.day_spread", 0.15, 0.05, 0.3, "share")
WEEK = [20.0, 22, 24, 21, 15, 1, 1]


def learned(factor: np.ndarray, seed: int) -> tuple[likelihoods.Posterior, likelihoods.Posterior]:
    """Return how days differ by the gamma law alone, and with surges."""
    expected = np.tile(WEEK, len(factor) // 7)
    counts = np.random.default_rng(seed).poisson(expected * factor)
    days = counts.tolist(), (expected * counts.sum() / expected.sum()).tolist()
    usual = likelihoods.day_spread(*days, PRIOR)
    return usual, with_surges(usual, *days)


def surges(factor: float, days: int = 182) -> np.ndarray:
    """Return factors of days of which one in four weeks is so many times as busy."""
    return np.where(np.arange(days) % 28 == 1, factor, 1.0)


@pytest.mark.parametrize(("share", "factor", "rest"), [(1 / 30, 2.0, 0.0), (1 / 30, 3.0, 0.1), (1 / 12, 2.0, 0.1)])
def test_the_rarest_days_are_as_busy_as_with_surges(share: float, factor: float, rest: float) -> None:
    """Against scipy's gamma law: the factor that one day in fifty exceeds."""
    quiet = 1 / (1 + share * (factor - 1))
    found = as_gamma(share, factor, rest)
    busy = stats.gamma(found**-2, scale=found**2).isf(RARE)
    if rest == 0.0:
        assert busy == pytest.approx(quiet * factor, rel=0.01)
        return
    usual = stats.gamma(rest**-2, scale=quiet * rest**2)
    surge = stats.gamma(rest**-2, scale=quiet * factor * rest**2)
    beyond = (1 - share) * usual.sf(busy) + share * surge.sf(busy)
    assert 0.5 * RARE < beyond < 1.5 * RARE


def test_without_surges_as_with_a_spread_alone() -> None:
    assert as_gamma(1 / 30, 1.0, 0.2) == pytest.approx(0.2, abs=0.03)
    assert as_gamma(1 / 30, 1.0, 0.0) == 0.0


@pytest.mark.parametrize("factor", [2.0, 3.0])
def test_surge_days_are_learned_as_days_that_differ_more(factor: float) -> None:
    usual, found = learned(surges(factor), seed=1)
    assert found.low > usual.high
    assert found.value == pytest.approx(as_gamma(1 / 28, factor, 0.05), rel=0.15)
    assert found.weight.sum() == pytest.approx(1.0)
    assert np.all(np.diff(found.grid) > 0)


def test_days_of_a_gamma_law_are_learned_as_without_surges() -> None:
    rng = np.random.default_rng(2)
    for spread in (0.0, 0.3):
        factor = rng.gamma(spread**-2, spread**2, 364) if spread else np.ones(364)
        usual, found = learned(factor, seed=3)
        assert (found.low, found.value, found.high) == pytest.approx((usual.low, usual.value, usual.high), abs=0.02)


@pytest.mark.parametrize("co_ops", [25, pytest.param(100, marks=pytest.mark.slow)])
def test_intervals_keep_their_promise_where_days_are_gamma(co_ops: int) -> None:
    """Truth from the prior, days from the truth: eight of ten intervals hold it, or a few more."""
    rng = np.random.default_rng(4)
    inside = 0
    for k, truth in enumerate(draws([PRIOR], co_ops, 5)[PRIOR.path].tolist()):
        _, found = learned(rng.gamma(truth**-2, truth**2, 91), seed=100 + k)
        inside += found.low <= truth <= found.high
    assert abs(inside / co_ops - 0.8) < 3.5 * math.sqrt(0.16 / co_ops)


def test_nothing_seen_and_nothing_to_learn() -> None:
    nothing = likelihoods.day_spread([], [], PRIOR)
    assert with_surges(nothing, [], []) is nothing
    known = Range(PRIOR.path, 0.1, 0.1, 0.1, "share")
    certain = likelihoods.day_spread([20, 21], [20.0, 20.0], known)
    assert with_surges(certain, [20, 21], [20.0, 20.0]) is certain
