"""What people saw weighs the draws as a prototype with other code did, and as plain probability says."""

import numpy as np
import pytest
from statements_of_the_pilot import HALF, NONE, NOTICED, PILOT, PINNED, YEAR, said, talk

from planner.model.evidence.likelihood import CLUSTERING, Past, likelihood
from planner.model.evidence.statements import Carried, MostUsers, Overloads, Seen, Window
from planner.model.evidence.weights import CONTRADICTION, weigh
from planner.model.overload.node_resources import Drawn
from planner.planning.draws import as_arrays
from planner.scenario.reader import read

DRAWS = 600


@pytest.fixture(scope="module")
def of() -> Drawn:
    # the figures are those of days that are alike
    return as_arrays(read(PILOT, PINNED), DRAWS, 1)


@pytest.fixture(scope="module")
def past(of: Drawn) -> Past:
    return Past(of)


@pytest.mark.parametrize(
    ("seen", "effective"),
    [
        ((NONE,), 0.9384),
        ((NONE, MostUsers("de", HALF, 45.0, 0.1)), 0.3407),
        ((NONE, MostUsers("de", HALF, 45.0, None)), 0.5631),
        ((NONE, talk(3.0)), 0.5065),
        ((NONE, talk(8.0)), 0.6556),
        ((NONE, Carried("de", "users", 150.0)), 0.4816),
        ((NONE, MostUsers("de", HALF, 45.0, 0.1), Carried("de", "users", 120.0)), 0.2594),
    ],
)
def test_effective_draws_are_those_of_the_prototype(of: Drawn, seen: tuple[Seen, ...], effective: float) -> None:
    """Decisions of the project, section 10: the last column of its table, of 10,000 draws; here of 600."""
    assert weigh(of, said(*seen)).effective / DRAWS == pytest.approx(effective, abs=0.045)


def test_that_nobody_noticed_an_overload_proves_little(of: Drawn) -> None:
    """0.914 +- 0.005 with 10,000 draws; nine of ten draws expect none anyway."""
    (one,) = weigh(of, said(NONE)).statements
    assert one.probability == pytest.approx(0.914, abs=0.012)
    assert one.tail == 1.0


@pytest.mark.parametrize(
    ("seen", "low", "high"),
    [
        ((NONE, talk(8.0), MostUsers("de", HALF, 30.0, 0.1)), 0.0, 0.2),
        ((NONE, MostUsers("de", HALF, 45.0, 0.1), talk(3.0)), 0.02, 0.09),
        ((NONE, MostUsers("de", HALF, 45.0, 0.1), talk(8.0)), 0.9, 1.0),
        ((talk(0.5), MostUsers("de", HALF, 20.0, 0.1)), 0.0, CONTRADICTION),
    ],
)
def test_the_tail_tells_what_contradicts_the_rest(of: Drawn, seen: tuple[Seen, ...], low: float, high: float) -> None:
    weighed = weigh(of, said(*seen))
    assert low <= weighed.statements[-1].tail <= high
    assert weighed.contradiction is any(one.tail < CONTRADICTION for one in weighed.statements)


def test_likelihoods_of_all_that_could_be_seen_add_up_to_one(past: Past) -> None:
    """Counts of overloads, and bands of users that leave none out."""
    of_counts = [likelihood(Overloads("de", YEAR, k, NOTICED), past) for k in range(3)]
    for k in (1, 2):
        assert of_counts[k].at_most == pytest.approx(of_counts[k - 1].at_most + of_counts[k].each, abs=1e-12)
    assert of_counts[1].at_least == pytest.approx(1.0 - of_counts[0].at_most, abs=1e-12)
    low, high = (past.never_above("de", "users", level, HALF) for level in (40.0, 49.0))
    seen = likelihood(MostUsers("de", HALF, 45.0, 0.1), past)
    assert seen.each == pytest.approx(high - low, abs=1e-12)


def test_a_time_looked_back_over_twice_as_long_sees_twice_as_many(of: Drawn, past: Past) -> None:
    once, twice = (past.crossings("de", "users", 60.0, Window(months, 0.0)) for months in (6.0, 12.0))
    grew = of.inputs.members.growth >= 0.0
    assert (twice / once)[grew].max() <= 2.0 + 1e-9  # there were fewer members
    assert 1.2 < np.median(twice / once) < 2.0
    assert past.never_above("de", "users", 60.0, HALF) == pytest.approx(np.exp(-once / CLUSTERING))


def test_members_of_then_are_fewer_by_their_growth(of: Drawn, past: Past) -> None:
    """A month ago exp(-growth / members) of today's load, in an average month less by the season."""
    growth, members = of.inputs.members.growth, of.inputs.members.accounts
    factors = past.factors(np.array([0.5, 1.5])).reshape(of.number, 2, -1)
    ratio = factors[:, 1] / factors[:, 0]
    for phase in ratio.T:
        assert phase == pytest.approx(np.exp(-growth / members), rel=1e-6)


def test_no_draw_makes_what_was_seen(of: Drawn) -> None:
    """A test with more users than any limit: nothing can be weighed, and the draws are worth themselves."""
    weighed = weigh(of, said(Carried("de", "users", 1e6)))
    assert weighed.contradiction
    assert weighed.weight == pytest.approx(1.0)


@pytest.mark.parametrize("within", [None, 0.1])
def test_no_draw_has_less_than_no_chance(past: Past, monkeypatch: pytest.MonkeyPatch, within: float | None) -> None:
    """Each level's crossings are worked out by themselves: a higher one may come out as crossed a hair more often."""
    monkeypatch.setattr(past, "never_above", lambda _node, _what, level, _window: np.array([1e-300 / (1.0 + level)]))
    assert likelihood(MostUsers("de", HALF, 45.0, within), past).each.min() >= 0.0
