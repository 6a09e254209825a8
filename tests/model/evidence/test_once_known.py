"""What may come once something is known, against draws in which that is plain."""

import numpy as np
import pytest

from planner.model.evidence.once_known import Terms
from planner.model.inputs.distributions import normal_scores
from planner.model.overload.accounts_over_draws import weighted_quantile

DRAWS = 4000


@pytest.fixture(scope="module")
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_what_has_nothing_to_do_with_it_changes_nothing(rng: np.random.Generator) -> None:
    allows, known, one = rng.normal(60.0, 20.0, DRAWS), rng.standard_normal((DRAWS, 1)), np.ones(DRAWS)
    now = -weighted_quantile(-allows, one, 0.9)
    assert Terms(known, one).numbers(allows, 0.9, 5).mean() == pytest.approx(now, rel=0.1)


def test_what_has_nothing_to_do_with_it_makes_no_room_where_there_is_none(rng: np.random.Generator) -> None:
    """Small parts of the draws, each judged by itself, would find some by chance."""
    allows, known, one = rng.normal(20.0, 20.0, DRAWS), rng.standard_normal((DRAWS, 1)), np.ones(DRAWS)
    assert Terms(known, one).numbers(allows, 0.9, 5).max() == 0.0


def test_what_says_all_makes_room_wherever_there_is_any(rng: np.random.Generator) -> None:
    known, one = rng.standard_normal((DRAWS, 1)), np.ones(DRAWS)
    allows = 40.0 + 50.0 * known[:, 0]
    found = Terms(known, one).numbers(allows, 0.9, 5)
    assert (found >= 5).mean() == pytest.approx((allows >= 5).mean(), abs=0.03)
    assert found.mean() == pytest.approx(np.maximum(allows, 0.0).mean(), rel=0.1)


def test_what_says_some_is_between(rng: np.random.Generator) -> None:
    """Allows = a + b with a known: at 90 % it is a - 1.28 standard deviations of b."""
    a, b, one = rng.normal(50.0, 30.0, DRAWS), rng.normal(0.0, 20.0, DRAWS), np.ones(DRAWS)
    found = Terms(a[:, None], one).numbers(a + b, 0.9, 5)
    assert found.mean() == pytest.approx(np.maximum(a - 1.2816 * 20.0, 0.0).mean(), rel=0.08)


def test_draws_count_by_their_weight(rng: np.random.Generator) -> None:
    """Draws taken twice are draws of twice the weight."""
    known, twice = rng.standard_normal((500, 2)), rng.random(500) < 0.4
    allows = 20.0 + 30.0 * known[:, 0] + rng.normal(0.0, 10.0, 500)
    rows = np.repeat(np.arange(500), np.where(twice, 2, 1))
    terms, again = Terms(known, np.where(twice, 2.0, 1.0)), Terms(known[rows], np.ones(len(rows)))
    one, other = terms.chances(allows >= 5, terms.own)[rows], again.chances(allows[rows] >= 5, again.own)
    assert one == pytest.approx(other, abs=0.02)


def test_scores_are_those_of_the_ranks_by_weight() -> None:
    scores = normal_scores(np.array([3.0, 1.0, 2.0, 2.0]), np.array([1.0, 1.0, 1.0, 1.0]))
    assert scores[2] == scores[3] == pytest.approx(0.0)
    assert scores[1] == pytest.approx(-scores[0]) == pytest.approx(-1.1503, abs=1e-4)
    assert normal_scores(np.array([1.0, 2.0]), np.array([3.0, 1.0])) == pytest.approx([-0.3186, 1.1503], abs=1e-4)
