"""The closed form against an outside simulator that plays the meetings one by one."""

import math

import numpy as np
import pytest
from outside_simulator import Accounts, Seen, Watched, simulate
from scipy import stats

from planner.model.inputs import (
    BINS_PER_WEEK,
    NO_LIMIT,
    WEEKS_PER_MONTH,
    Demand,
    Kind,
    Node,
    ScaleliteLoad,
)


def kind(**changes: object) -> Kind:
    """Return a plain kind of meeting with some fields changed."""
    plain = {
        "share": 1.0,
        "duration": 0.9,
        "duration_cv": 0.7,
        "duration_limit": 3.0,
        "size": 5.0,
        "size_dispersion": 1.5,
        "participants": 10.0,
        "cameras": 0.5,
        "moderators": 1,
        "page_size": 5,
        "screenshare": 0.0,
        "shape": np.ones(BINS_PER_WEEK),
    }
    return Kind(**{**plain, **changes})  # type: ignore[arg-type]


def demand(meetings: float, spread: float, *kinds: Kind) -> Demand:
    """Return a demand without a limit on rooms at once, which the closed form does not have."""
    return Demand("level", meetings, spread, NO_LIMIT, kinds)


def z_score(values: np.ndarray, truth: float) -> float:
    """Return how many of their standard errors independent replications lie from the truth."""
    return float((values.mean() - truth) / (values.std(ddof=1) / math.sqrt(len(values))))


class TestTheSimulatorItself:
    """Against the textbook: constant rates, where nothing of the package's closed form is needed."""

    def test_rooms_of_like_accounts_are_a_poisson_queue(self) -> None:
        """M/G/inf: Poisson rooms, overloads at the arrival rate times P(X = L)."""
        plain = kind(duration_limit=NO_LIMIT)
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
        users = np.arange(8)
        size = (
            2
            + stats.nbinom.pmf(users, 1.5, 1.5 / (1.5 + 3)) @ np.minimum(users, 8)
            + 8 * stats.nbinom.sf(7, 1.5, 1.5 / (1.5 + 3))
        )
        assert abs(z_score(seen.mean[:, 1], rate * 0.9 * size)) < 4

    def test_rooms_of_unlike_accounts_are_negative_binomial(self) -> None:
        """Gamma rates make Poisson rooms negative binomial; new accounts in each replication."""
        seen = simulate(
            [Node("n", {})],
            [Accounts(8, demand(30.0, 1.0, kind(duration_cv=0.0)))],
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
        small = kind(size=2.0, duration_cv=0.0, duration=0.75)
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
        population = [Accounts(30, demand(12.0, 0.0, kind()), None)]
        seen = simulate(nodes, population, watched, replications=20, weeks=2, seed=14)
        stale = simulate(nodes, population, watched, replications=20, weeks=2, seed=14, view_age=0.5)
        split = [Accounts(15, demand(12.0, 0.0, kind()), k) for k in (0, 1)]
        fixed = simulate(nodes, split, watched, replications=20, weeks=2, seed=14)
        over = [float(run.minutes.mean()) for run in (seen, stale, fixed)]
        assert over[0] < over[1]
        assert over[0] < 0.5 * over[2]
        assert seen.mean.sum(axis=1).mean() == pytest.approx(fixed.mean.sum(axis=1).mean(), rel=0.1)

    def test_a_seed_is_a_result(self) -> None:
        """The same seed gives the same numbers, another one does not."""

        def run(seed: int) -> Seen:
            population = [Accounts(5, demand(12.0, 1.0, kind()))]
            return simulate([Node("n", {})], population, [Watched(0, "rooms", 1)], replications=3, weeks=1, seed=seed)

        assert np.array_equal(run(1).minutes, run(1).minutes)
        assert not np.array_equal(run(1).minutes, run(2).minutes)
