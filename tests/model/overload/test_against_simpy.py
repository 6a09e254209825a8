"""The closed form against an outside simulator that plays the meetings one by one."""

import math
from functools import cache

import numpy as np
import pytest
from agreement import PLANTED, Comparison, agree, plant
from outside_simulator import Accounts, Seen, Watched, simulate
from scipy import stats
from situations import AGEING, SITUATIONS, STEEP, UNLIKE, Situation, demand, kind

from planner.model.inputs.capacity import (
    BINS_PER_WEEK,
    NO_LIMIT,
    RESOURCES,
    WEEKS_PER_MONTH,
    Node,
    Resource,
    ScaleliteLoad,
)
from planner.model.overload import measures as overload
from planner.model.overload import occupancy_law as laws

EVEN = np.ones(BINS_PER_WEEK)
"""A constant arrival rate, for which the textbook knows the answer."""


def z_score(values: np.ndarray, truth: float) -> float:
    """Return how many of their standard errors independent replications lie from the truth."""
    return float((values.mean() - truth) / (values.std(ddof=1) / math.sqrt(len(values))))


def watched(situation: Situation) -> list[Resource]:
    """Return the resources that have a limit."""
    return [resource for resource in RESOURCES if situation.node.headroom(resource) < NO_LIMIT]


@cache
def played(situation: Situation, times: int, seed: int) -> Seen:
    """Return what the outside simulator sees, `times` as many replications as the quick suite can afford."""
    node = situation.node
    return simulate(
        [node],
        [Accounts(count, what) for what, count in situation.population],
        [Watched(0, "rooms", NO_LIMIT), Watched(0, "users", NO_LIMIT)]
        + [Watched(0, resource, node.headroom(resource)) for resource in watched(situation)],
        replications=times * situation.replications,
        weeks=situation.weeks,
        seed=seed,
    )


def compare(situation: Situation, times: int, seed: int) -> Comparison:
    """Return mean rooms and users, and minutes and episodes of each limit: the closed form beside the simulator."""
    seen = played(situation, times, seed)
    limits = watched(situation)
    assert (seen.overloads[:, 2:].sum(axis=0) >= 200).all(), "limits must be broken often enough to compare"
    risks = [overload.measures(laws.law(situation.node, resource, situation.population)) for resource in limits]
    means = [laws.law(situation.node, resource, situation.population) for resource in ("rooms", "users")]
    return Comparison(
        names=("mean rooms", "mean users", *(f"{r} {m}" for m in ("minutes", "episodes") for r in limits)),
        predicted=np.array(
            [overload.mean_by_hour(law).mean() for law in means]
            + [risk.minutes for risk in risks]
            + [risk.episodes for risk in risks]
        ),
        seen=np.concatenate([seen.mean[:, :2], seen.minutes[:, 2:], seen.episodes[:, 2:]], axis=1),
    )


WHERE = {"no size bias": UNLIKE, "bin ends averaged": STEEP, "G not shared between ages": AGEING}
"""The situation that shows each planted error best."""


class TestTheClosedForm:
    """Rooms, users, minutes and episodes: the closed form against the simulator, and what it would not let pass."""

    def test_it_agrees_where_it_is_most_easily_wrong(self) -> None:
        """Few unlike accounts, clumped starts and ageing meetings: the quick part."""
        comparisons = [compare(situation, 1, seed=21) for situation in (UNLIKE, STEEP, AGEING)]
        assert agree(comparisons), "\n".join(map(str, comparisons))

    @pytest.mark.parametrize("error", PLANTED)
    def test_a_planted_error_is_found(self, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """The comparison can fail: each wrong formula disagrees with the same replications."""
        plant(error, monkeypatch)
        assert not agree([compare(WHERE[error], 1, seed=21)])

    @pytest.mark.slow
    def test_it_agrees_in_every_situation(self) -> None:
        """With spread, cut-offs, clumped starts, two classes, kinds, streams, both load models, the week's end."""
        comparisons = [compare(situation, 3, seed=22) for situation in SITUATIONS]
        assert agree(comparisons), "\n".join(map(str, comparisons))

    @pytest.mark.slow
    @pytest.mark.parametrize("error", PLANTED)
    def test_a_planted_error_is_found_in_all_of_them(self, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same, with every situation and smaller errors."""
        plant(error, monkeypatch)
        assert not agree([compare(situation, 3, seed=22) for situation in SITUATIONS])


class TestTheSimulatorItself:
    """Against the textbook: constant rates, where nothing of the package's closed form is needed."""

    def test_rooms_of_like_accounts_are_a_poisson_queue(self) -> None:
        """M/G/inf: Poisson rooms, overloads at the arrival rate times P(X = L)."""
        plain = kind(shape=EVEN, duration_limit=NO_LIMIT)
        seen = simulate(
            [Node("n", {})],
            [Accounts(20, demand(12.0, 0.0, plain))],
            [Watched(0, "rooms", 3), Watched(0, "users", NO_LIMIT)],
            replications=60,
            weeks=3,
            seed=11,
        )
        rate = 20 * 12.0 / 168
        rooms = stats.poisson(rate * 0.9)
        assert abs(z_score(seen.mean[:, 0], rate * 0.9)) < 4
        assert abs(z_score(seen.minutes[:, 0], rooms.sf(3) * 365.25 / 12 * 24 * 60)) < 4
        assert abs(z_score(seen.episodes[:, 0], (rooms.sf(3) + 168 * rate * rooms.pmf(3)) * WEEKS_PER_MONTH)) < 4
        extra = stats.nbinom(1.5, 1.5 / (1.5 + 3))
        size = 2 + np.arange(10) @ extra.pmf(np.arange(10)) + 10 * extra.sf(9)
        assert abs(z_score(seen.mean[:, 1], rate * 0.9 * size)) < 4

    def test_rooms_of_unlike_accounts_are_negative_binomial(self) -> None:
        """Gamma rates make Poisson rooms negative binomial; new accounts in each replication."""
        seen = simulate(
            [Node("n", {})],
            [Accounts(8, demand(30.0, 1.0, kind(shape=EVEN, duration_cv=0.0)))],
            [Watched(0, "rooms", 3)],
            replications=300,
            weeks=1,
            seed=12,
        )
        load = 30 * 0.9 / 168
        rooms = stats.nbinom(8, 1 / (1 + load))
        assert abs(z_score(seen.minutes[:, 0], rooms.sf(3) * 365.25 / 12 * 24 * 60)) < 4

    def test_a_young_meeting_weighs_what_scalelite_says(self) -> None:
        """Load of a meeting: at least 15 in the first quarter of an hour, users + moderators after."""
        small = kind(shape=EVEN, size=2.0, duration_cv=0.0, duration=0.75)
        seen = simulate(
            [Node("n", {}, load=ScaleliteLoad())],
            [Accounts(10, demand(12.0, 0.0, small))],
            [Watched(0, "load", NO_LIMIT)],
            replications=60,
            weeks=2,
            seed=13,
        )
        assert abs(z_score(seen.mean[:, 0], 120 / 168 * (15 * 0.25 + 3 * 0.5))) < 4

    def test_a_balancer_spreads_what_one_node_would_pile_up(self) -> None:
        """Least-loaded placement over two nodes halves the mean of each and all but ends the overloads."""
        watched = [Watched(k, "rooms", 4) for k in (0, 1)]
        load = ScaleliteLoad()
        nodes = [Node("a", {}, load=load), Node("b", {}, load=load)]
        population = [Accounts(30, demand(12.0, 0.0, kind(shape=EVEN)), None)]
        seen = simulate(nodes, population, watched, replications=20, weeks=2, seed=14)
        stale = simulate(nodes, population, watched, replications=20, weeks=2, seed=14, view_age=0.5)
        split = [Accounts(15, demand(12.0, 0.0, kind(shape=EVEN)), k) for k in (0, 1)]
        fixed = simulate(nodes, split, watched, replications=20, weeks=2, seed=14)
        over = [float(run.minutes.mean()) for run in (seen, stale, fixed)]
        assert over[0] < over[1]
        assert over[0] < 0.5 * over[2]
        assert seen.mean.sum(axis=1).mean() == pytest.approx(fixed.mean.sum(axis=1).mean(), rel=0.1)

    def test_a_seed_is_a_result(self) -> None:
        """The same seed gives the same numbers, another one does not."""

        def run(seed: int) -> Seen:
            population = [Accounts(5, demand(12.0, 1.0, kind(shape=EVEN)))]
            return simulate([Node("n", {})], population, [Watched(0, "rooms", 1)], replications=3, weeks=1, seed=seed)

        assert np.array_equal(run(1).minutes, run(1).minutes)
        assert not np.array_equal(run(1).minutes, run(2).minutes)
