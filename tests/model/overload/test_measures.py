"""The four measures: what may not change, what must only grow, and the edges."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from compound_laws import erlangs, steady
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from situations import CLUMPED, OFFICE, ONE_BIN, demand, kind, linear, scalelite, week

from planner.model.inputs.allocation import sites
from planner.model.inputs.capacity import NO_LIMIT, WEEKS_PER_MONTH, Demand, LinearLoad, Node, Rates
from planner.model.overload import measures as overload
from planner.model.overload import measures as usual
from planner.model.overload.measures import Measures, measures_of_each
from planner.model.overload.occupancy_law import law
from planner.model.workload import marks
from planner.model.workload.arrivals import mean_holding_time
from planner.scenario import resolve
from planner.scenario.reader import read

measures = partial(usual.measures, precision=1e-10)
ROOT = Path(__file__).parents[3]

NAMES = ("busiest_instant", "minutes", "episodes", "any_in_week_bound")
WEEK = week({9: 2.0, 14: 1.0}, (0, 2), CLUMPED)


def values(of: Measures) -> np.ndarray:
    """Return the four measures."""
    return np.array([getattr(of, name) for name in NAMES])


def test_a_tiny_spread_is_no_spread() -> None:
    none, tiny = (
        measures(law(Node("n", {"users": 30}), "users", [(demand(2.0, spread), 20)])) for spread in (0.0, 1e-5)
    )
    assert values(tiny) == pytest.approx(values(none), rel=1e-7)


@pytest.mark.parametrize("limit", [0.47, 0.2])
@pytest.mark.parametrize("resource", ["streams", "load", "egress"])
def test_halving_the_lattice_step_moves_nothing_by_a_hundredth(
    resource: str, limit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = LinearLoad(0.03, 0.0031, 0.0029, 0.00031)
    limits = {"streams": 1000 * limit, "load": limit, "egress": 150 * limit}
    node = Node("n", limits, load=weights, rates=Rates())  # type: ignore[arg-type]
    who = demand(3.0, 1.0, kind(participants=50.0, screenshare=0.2))
    coarse = measures(law(node, resource, [(who, 30)]))  # type: ignore[arg-type]
    monkeypatch.setattr(marks, "STEPS", 2 * marks.STEPS)
    fine = measures(law(node, resource, [(who, 30)]))  # type: ignore[arg-type]
    assert values(fine) == pytest.approx(values(coarse), rel=0.01)


def test_halving_the_lattice_step_of_the_longest_marks_lowers_the_risk_by_less_than_3_per_cent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The base scenario's streams: one meeting may hold a third of the limit."""
    central = resolve.inputs(read(ROOT / "scenarios" / "meetcoop.yaml"))
    site = sites(central)["de"]
    population = [*site.population, (site.newcomers[0], 250)]
    coarse = values(measures(law(site.node, "streams", population)))
    monkeypatch.setattr(marks, "STEPS", 2 * marks.STEPS)
    fine = values(measures(law(site.node, "streams", population)))
    assert (fine <= coarse).all()
    assert fine == pytest.approx(coarse, rel=0.03)


@pytest.mark.parametrize("limit", [10, 300, 10_000, 1_000_000])
@pytest.mark.parametrize("resource", ["rooms", "users", "streams"])
def test_a_limit_that_is_never_reached_is_no_risk(resource: str, limit: float) -> None:
    """Also where a bound on the risk is too small for a number."""
    node = Node("n", {resource: limit})  # type: ignore[dict-item]
    found = values(measures(law(node, resource, [(demand(2.0, 1.0), 3)])))  # type: ignore[arg-type]
    assert np.isfinite(found).all()
    assert (found >= 0.0).all()
    assert limit < 10_000 or found.max() < 1e-12


def test_load_of_users_alone_is_the_law_of_the_users() -> None:
    """13 thousandths for each user and a limit of 0.7 less a base of 0.05: 50 users."""
    node = Node("n", {"load": 0.7, "users": 50}, load=LinearLoad(0.05, 0.0, 0.013, 0.0))
    users, load = (measures(law(node, resource, [(demand(2.0, 1.0), 30)])) for resource in ("users", "load"))
    # each along a circle of its own
    assert values(load) == pytest.approx(values(users), rel=1e-10)


# What the result may not depend on.


def test_age_bands_that_hold_the_same_are_one_band() -> None:
    """An account's multiplier is shared by its young and its old meetings: cutting at 15 minutes changes nothing."""
    who = demand(12.0, 1.6, kind(shape=WEEK))
    cut, whole = (
        measures(law(Node("n", {"load": 60}, load=model), "load", [(who, 4)]))
        for model in (replace(scalelite().load, least=0.0), replace(scalelite().load, least=0.0, until=0.0))
    )
    assert values(cut) == pytest.approx(values(whole), rel=2e-3)


def test_two_kinds_alike_are_one_kind() -> None:
    one = demand(6.0, 1.0, kind())
    two = demand(6.0, 1.0, kind(share=0.3), kind(share=0.7))
    single, double = (measures(law(scalelite(users=30), "users", [(who, 6)])) for who in (one, two))
    assert values(double) == pytest.approx(values(single), rel=2e-3)


def test_without_spread_only_the_meetings_count_not_whose_they_are() -> None:
    """Poisson processes add up: ten accounts of three meetings are thirty of one."""
    few, many = (
        measures(law(scalelite(users=30), "users", [(demand(meetings, 0.0), accounts)]))
        for meetings, accounts in ((3.0, 10), (1.0, 30))
    )
    assert values(few) == pytest.approx(values(many), rel=2e-3)


def test_newcomers_are_accounts_like_those_there() -> None:
    """Whether they stand in the population or come as newcomers, of a known class or of their own."""
    members, others = demand(2.0, 1.0), demand(5.0, 0.5)
    node = scalelite(users=60)
    there = measures(law(node, "users", [(members, 25), (others, 4)]))
    known = measures(law(node, "users", [(members, 20), (others, 4)], [members]), [5])
    own = measures(law(node, "users", [(members, 25)], [others, members]), [4, 0])
    assert values(known) == pytest.approx(values(there), rel=1e-12)
    assert values(own) == pytest.approx(values(there), rel=1e-12)


def test_many_rows_at_once_are_the_rows_one_by_one() -> None:
    of = law(scalelite(users=50), "users", [(demand(2.0, 1.0), 3)], [demand(2.0, 1.0), demand(4.0, 0.3)])
    rows = [[0, 0], [10, 3], [11, 3], [12, 1], [200, 0], [0, 40]]
    at_once = np.array([values(found) for found in measures_of_each(of, rows)])
    by_itself = np.array([values(measures(of, row)) for row in rows])
    assert at_once == pytest.approx(by_itself, rel=2e-3)


def test_days_that_are_alike_are_not_told_apart() -> None:
    """Every weekday is the same here: the instants named are Monday's."""
    found = measures(law(scalelite(users=40), "users", [(demand(2.0, 1.0, kind(shape=week(OFFICE))), 30)]))
    assert found.busiest_bin < 288
    assert found.when < 288


def test_more_accounts_are_the_same_asked_one_by_one_or_together() -> None:
    of = law(Node("n", {"users": 60}), "users", [(demand(2.0, 1.0), 20.0)], [demand(2.0, 1.0)])
    rows = [(n,) for n in (0, 3, 10, 60, 200)]
    for one, row in zip(measures_of_each(of, rows), rows, strict=True):
        alone = measures(of, row)
        assert [getattr(one, name) for name in NAMES] == pytest.approx(
            [getattr(alone, name) for name in NAMES], rel=2e-3
        )


# Edges.


def test_no_limit_no_overload() -> None:
    found = measures(law(Node("n", {}), "users", [(demand(2.0, 1.0), 1000)]))
    assert values(found).tolist() == [0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("population", [[], [(demand(2.0, 1.0), 0)], [(demand(0.0, 1.0), 30)]])
def test_nobody_meets_nothing_is_over(population: list[tuple[Demand, float]]) -> None:
    found = measures(law(Node("n", {"rooms": 0}), "rooms", population))
    assert values(found).tolist() == [0.0, 0.0, 0.0, 0.0]


def test_a_reserve_above_the_limit_is_always_over() -> None:
    """One overload a week, which lasts all of it: it is running on Monday 00:00."""
    node = Node("n", {"users": 20}, reserve={"users": 21})
    found = measures(law(node, "users", [], [demand(2.0, 1.0)]), [0])
    assert values(found) == pytest.approx([1.0, 60 * 168 * WEEKS_PER_MONTH, WEEKS_PER_MONTH, 1.0])


def test_a_node_over_by_its_reserve_is_always_over_and_one_without_a_limit_never() -> None:
    who = demand(2.0, 1.0)
    full = law(Node("n", {"rooms": 3}, reserve={"rooms": 4}), "rooms", [(who, 1.0)])
    assert measures(full).busiest_instant == measures(full).any_in_week_bound == 1.0
    free = law(Node("n", {}), "rooms", [(who, 1000.0)])
    assert measures(free) == Measures(0.0, 0.0, 0.0, 0.0, 0, 0)


@pytest.mark.parametrize("accounts", [20_000, 100_000])
def test_a_node_far_over_its_limit_is_over_nearly_always(accounts: int) -> None:
    who = steady(2.0, 1.0)
    found = measures(law(Node("n", {"users": 20}), "users", [(who, accounts)]))
    assert found.busiest_instant == pytest.approx(1.0, abs=1e-9)
    assert found.minutes == pytest.approx(60 * 168 * WEEKS_PER_MONTH, rel=2e-3)
    assert found.episodes == pytest.approx(WEEKS_PER_MONTH, rel=2e-3)


@pytest.mark.parametrize("meetings", [1e-9, 1e-4])
def test_a_risk_too_small_to_matter_is_small(meetings: float) -> None:
    found = measures(law(Node("n", {"rooms": 30}), "rooms", [(demand(meetings, 1.0), 3)]))
    assert 0.0 <= found.busiest_instant < 1e-60


# Monotone: more of anything never makes the risk smaller.

rates = st.floats(0.2, 20.0)
spreads = st.sampled_from([0.0, 0.5, 1.0, 2.0])
node_limits = st.integers(0, 60)
accounts_there = st.integers(1, 80)
factors = st.floats(1.001, 3.0)
starts = st.sampled_from([CLUMPED, ONE_BIN, (1.0,) * 12])


def grows(less: Measures, more: Measures) -> bool:
    """Return whether no measure that must not fall has fallen by more than a thousandth of itself."""
    month = 60 * 168 * WEEKS_PER_MONTH
    return (
        more.busiest_instant >= less.busiest_instant * (1 - 1e-6) - 1e-9
        and more.minutes / month >= less.minutes / month * (1 - 2e-3) - 1e-9
        and (more.busiest_instant >= 0.1 or more.episodes >= less.episodes * (1 - 2e-3) - 1e-9)
    )


def busy(meetings: float, spread: float, clumps: tuple[float, ...], hour: int = 9, **changes: object) -> Demand:
    """Return accounts that meet in one hour of the week, for an hour at most: few bins, and the edges of the load."""
    shape = week({hour: 1.0}, (0,), clumps)
    return demand(meetings, spread, kind(**{"duration_limit": 1.0, "shape": shape, **changes}))


@settings(max_examples=20)
@given(rates, spreads, node_limits, accounts_there, st.integers(1, 30), starts)
def test_more_accounts_never_lower_the_risk(
    meetings: float, spread: float, limit: int, there: int, further: int, clumps: tuple[float, ...]
) -> None:
    """… also of accounts that meet when nobody else does."""
    day, night = busy(meetings, spread, clumps), busy(3.0, 1.0, clumps, hour=2)
    of = law(scalelite(users=limit), "users", [(day, there)], [day, night])
    before = measures(of, [0, 0])
    assert grows(before, measures(of, [further, 0]))
    assert grows(before, measures(of, [0, further]))


@settings(max_examples=20)
@given(rates, spreads, node_limits, accounts_there, factors, starts)
def test_more_meetings_never_lower_the_risk(
    meetings: float, spread: float, limit: int, there: int, factor: float, clumps: tuple[float, ...]
) -> None:
    fewer, more = (
        measures(law(scalelite(users=limit), "users", [(busy(times * meetings, spread, clumps), there)]))
        for times in (1.0, factor)
    )
    assert grows(fewer, more)


@settings(max_examples=20)
@given(st.floats(0.1, 3.0), st.sampled_from([0.0, 0.7, 2.0]), spreads, node_limits, accounts_there, factors, starts)
def test_longer_meetings_never_lower_the_risk(
    duration: float, cv: float, spread: float, limit: int, there: int, factor: float, clumps: tuple[float, ...]
) -> None:
    shorter, longer = (busy(4.0, spread, clumps, duration=times * duration, duration_cv=cv) for times in (1.0, factor))
    before, after = (measures(law(scalelite(users=limit), "users", [(who, there)])) for who in (shorter, longer))
    assert grows(before, after)


@settings(max_examples=20)
@given(rates, spreads, st.integers(1, 60), st.integers(1, 30), accounts_there, starts)
def test_a_smaller_limit_never_lowers_the_risk(
    meetings: float, spread: float, limit: int, less: int, there: int, clumps: tuple[float, ...]
) -> None:
    assume(less <= limit)
    wide, narrow = (
        measures(law(scalelite(users=allowed), "users", [(busy(meetings, spread, clumps), there)]))
        for allowed in (limit, limit - less)
    )
    assert grows(wide, narrow)


def test_episodes_fall_again_where_a_node_is_always_over() -> None:
    """Why the admissible number asks about every smaller number too."""
    who = steady(2.0, 0.0)
    of = law(Node("n", {"rooms": 5}), "rooms", [], [who])
    episodes = [measures(of, [accounts]).episodes for accounts in (100, 500, 5000)]
    assert episodes[0] < episodes[1] > episodes[2]


# The mean through the week.


@pytest.mark.parametrize("resource", ["rooms", "users", "streams", "egress", "load"])
def test_the_mean_through_the_week_is_littles_law(resource: str) -> None:
    """The mean occupancy is arrivals x mean holding time x mean mark, for any resource and lattice."""
    node = replace(linear(rooms=9, users=99, streams=900, egress=33.0, load=0.9))
    who = demand(3.0, 1.0, kind(screenshare=0.2))
    of = law(node, resource, [(who, 7)], [who])  # type: ignore[arg-type]
    (mark,) = marks.marks(who.kinds[0], resource, node)  # type: ignore[arg-type]
    expected = 10 * erlangs(who) * mark.mean
    assert overload.mean_by_hour(of, [3]).mean() == pytest.approx(expected, rel=1e-6)


def test_the_mean_of_a_young_and_an_old_band_is_that_of_their_ages() -> None:
    who = demand(3.0, 1.0)
    of = law(scalelite(load=NO_LIMIT), "load", [(who, 7)])
    young, settled = marks.marks(who.kinds[0], "load", scalelite())
    whole, before = mean_holding_time(who.kinds[0]), mean_holding_time(who.kinds[0], 0.25)
    expected = 7 * 3.0 / 168 * (before * young.mean + (whole - before) * settled.mean)
    assert overload.mean_by_hour(of).mean() == pytest.approx(expected, rel=1e-4)
