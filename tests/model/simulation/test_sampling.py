"""Draws by the alias method, and the law of a meeting's size."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from planner.model.inputs.capacity import NO_LIMIT
from planner.model.simulation.sampling import alias, draw, size_chances


def test_an_index_is_drawn_by_its_weight() -> None:
    """One of four, and three of four."""
    assert draw(alias(np.array([1.0, 3.0])), np.array([0.1, 0.3, 0.6, 0.9])).tolist() == [0.0, 1.0, 1.0, 1.0]


def test_a_size_is_cut_at_the_participants() -> None:
    """Two users and a geometric rest, cut at 3."""
    np.testing.assert_allclose(size_chances(4.0, 1.0, 3.0), [0, 0, 1 / 3, 2 / 3], rtol=1e-12)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=40).filter(lambda weights: sum(weights) > 1e-3))
def test_an_alias_table_holds_the_law_exactly(weights: list[float]) -> None:
    """What the cells keep and give away adds up to the weights."""
    given_weights = np.array(weights)
    table = alias(given_weights)
    n = len(weights)
    chance = np.bincount(table.value[1::2].astype(int), table.keep, n)
    chance += np.bincount(table.value[0::2].astype(int), 1 - table.keep, n)
    assert chance / n == pytest.approx(given_weights / given_weights.sum(), abs=1e-12)


def test_a_start_is_spread_evenly_over_its_bin() -> None:
    """A fine comb of uniforms through a table with a step gives each bin its share, evenly inside."""
    weights = np.array([1.0, 0.0, 5.0, 2.0])
    value = draw(alias(weights, step=10.0), (np.arange(80_000) + 0.5) / 80_000)
    assert np.histogram(value, [0, 10, 20, 30, 40])[0] / 10_000 == pytest.approx(weights, abs=1e-3)
    inside = np.sort(value[(value >= 20) & (value < 30)])
    assert inside == pytest.approx(np.linspace(20, 30, len(inside)), abs=1e-2)


@pytest.mark.parametrize("dispersion", [0.4, 1.5, math.inf])
@pytest.mark.parametrize("participants", [1.0, 2.0, 3.0, 10.0, NO_LIMIT])
def test_sizes_are_negative_binomial_cut_at_the_limit(dispersion: float, participants: float) -> None:
    """Against scipy, to 1e-12, with what lies above the limit on it."""
    mu = 5.0
    chances = size_chances(2 + mu, dispersion, participants)
    extra = stats.poisson(mu) if math.isinf(dispersion) else stats.nbinom(dispersion, dispersion / (dispersion + mu))
    expected = np.concatenate([[0.0, 0.0], extra.pmf(np.arange(len(chances)))])[: len(chances)]
    expected[-1] += 1.0 - expected.sum()
    assert chances == pytest.approx(expected, abs=1e-12)
    assert participants == NO_LIMIT or len(chances) == participants + 1
