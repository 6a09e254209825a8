"""The number of accounts by simulation: the interval, the search, and pools between their two closed forms."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from server_cases import busier, draws_of, node, over, world

from planner.model.admission import simulated_limits
from planner.model.admission.admission_number import Answer, admit
from planner.model.admission.server_limits import Count
from planner.model.inputs.capacity import Inputs, Measure, Objective, Options, Placement
from planner.model.simulation import sequential_test
from planner.model.simulation.estimates import Interval
from planner.model.simulation.replications import simulate
from planner.model.simulation.sequential_test import Effort, Found, Place, Trial
from planner.wording.reasons import why

USERS = Place("users", ("a",), pooled=True)
SEEDS_WORKERS = ((3, 1), (3, 2), (4, 2))
LITTLE = Effort(meetings=2e5, near=0.02, wide=0.05)


@pytest.fixture(autouse=True)
def little_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wider intervals, sooner: what is shown here holds for any."""
    for name in ("BINDS", "A_DRAW", "IDLE"):
        effort = getattr(simulated_limits, name)
        monkeypatch.setattr(simulated_limits, name, replace(effort, meetings=effort.meetings / 6))


def pool(count: int, users: float = 45.0, down: int = 0, view_age: float = 0.0, at_most: float = 2.0) -> Inputs:
    """Return so many equal servers behind a balancer, with an objective loose enough for a quick answer."""
    nodes = tuple(node(name, users=users) for name in "abc"[:count])
    placement = Placement("pool", {}, {}, nodes_down=down, view_age=view_age)
    return world(nodes=nodes, placement=placement, objective=Objective("episodes", at_most, 0.9))


def asked(central: Inputs, draws: Sequence[Inputs] = (), workers: int = 1, seed: int = 7) -> Answer:
    """Return the admission by both engines."""
    drawn = list(draws) or [central] * 3
    return admit(over(central, drawn), engine=simulated_limits.Simulation(seed, workers))


def counts(answer: Answer) -> tuple[Count, Count]:
    """Return the simulated numbers of the one resource: central, and at the confidence."""
    (found,) = answer.pool
    assert found.simulated is not None
    assert found.simulated_central is not None
    return found.simulated_central, found.simulated


def inside(number: int | None, count: Count) -> bool:
    """Return whether a number lies in the interval of a simulated one."""
    assert number is not None
    return count.accounts <= number and (count.up_to is None or number <= count.up_to)


# ---- the interval and the search -----------------------------------------------------------------------------------


@pytest.mark.parametrize("overloads", [1, 3, 10, 100])
def test_interval_is_that_of_a_poisson_variate(overloads: int) -> None:
    """With the error of independent overloads the limits are the exact ones to a few per cent of the upper."""
    low, high = sequential_test.limits_of(1.0, 1 / math.sqrt(overloads), overloads)
    tail = stats.norm.sf(sequential_test.Z_LOOKS)
    exact = stats.chi2.ppf(tail, 2 * overloads) / 2, stats.chi2.isf(tail, 2 * overloads + 2) / 2
    assert (low, high) == pytest.approx([end / overloads for end in exact], abs=0.03 * exact[1] / overloads)


def test_clustered_overloads_are_worth_less() -> None:
    """Overloads of the same replications tell less than independent ones."""
    alone, together = sequential_test.limits_of(1.0, 0.1, 100), sequential_test.limits_of(1.0, 0.3, 100)
    assert together[0] < alone[0] < 1.0 < alone[1] < together[1]


def test_five_looks_leave_the_error_that_is_stated() -> None:
    """A true mean is wrongly excluded in about 10 % of runs that look five times, each time at twice as much."""
    rng = np.random.default_rng(1977)
    steps = rng.standard_normal((40_000, 16)).cumsum(axis=1)
    looks = steps[:, [0, 1, 3, 7, 15]] / np.sqrt([1, 2, 4, 8, 16])
    wrong = (np.abs(looks) > sequential_test.Z_LOOKS).any(axis=1).mean()
    assert wrong == pytest.approx(sequential_test.MISSES, abs=0.005)


def fake(verdicts: dict[int, bool | None], limit: int) -> object:
    """Return a trial whose verdicts are known: up to `limit` it holds unless stated."""

    def at(_inputs: Inputs, place: Place, further: int, *_: object) -> Trial:
        holds = verdicts.get(further, further <= limit)
        return Trial(further, holds, Interval(0.0, 0.0, 0.0, 0.0), 10)

    return at


@pytest.mark.parametrize("limit", [0, 1, 17, 60, 300])
@pytest.mark.parametrize("start", [0.0, 20.0, 500.0])
def test_search_finds_the_edge_from_anywhere(monkeypatch: pytest.MonkeyPatch, limit: int, start: float) -> None:
    """With certain verdicts both ends of the interval are the edge itself."""
    monkeypatch.setattr(sequential_test, "trial", fake({}, limit))
    exact = Effort(meetings=1.0, near=0.0, wide=0.0)
    found = sequential_test.largest(pool(1), USERS, start, seed=1, effort=exact)
    assert (found.low, found.high) == (limit, limit)
    assert {limit, limit + 1} <= {one.accounts for one in found.trials}


def test_search_stops_below_the_first_number_tried_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number tried has to hold, also where a larger one does: the count of overloads is not monotone."""
    monkeypatch.setattr(sequential_test, "trial", fake({20: False, 21: False}, 60))
    found = sequential_test.largest(pool(1), USERS, 20.0, seed=1, effort=Effort(1.0, 0.0, 0.0))
    assert (found.low, found.high) == (19, 19)


def test_what_is_not_settled_counts_as_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number is the lower end of the interval; nobody new at all if not even 0 is settled."""
    monkeypatch.setattr(sequential_test, "trial", fake(dict.fromkeys(range(30, 40)), 39))
    found = sequential_test.largest(pool(1), USERS, 35.0, seed=1, effort=Effort(1.0, 0.0, 0.0))
    assert (found.low, found.high) == (29, 39)
    monkeypatch.setattr(sequential_test, "trial", fake(dict.fromkeys(range(4)), 3))
    found = sequential_test.largest(pool(1), USERS, 35.0, seed=1, effort=Effort(1.0, 0.0, 0.0))
    assert (found.low, found.high) == (-1, 3)


def test_search_ends_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that nobody reaches has no upper end."""
    monkeypatch.setattr(sequential_test, "trial", fake({}, 10**6))
    found = sequential_test.largest(pool(1), USERS, 35.0, seed=1, effort=LITTLE, most=200)
    assert (found.low, found.high) == (200, None)


def test_looking_in_between_changes_no_bit() -> None:
    """A trial that went on to its last look has what as many replications at once have."""
    inputs = pool(1)
    one = sequential_test.trial(inputs, USERS, 0, 3, LITTLE, chunk=16)
    at_once = simulate(
        sequential_test.world_at(inputs, USERS, 0),
        replications=one.replications,
        seed=3,
        weeks=sequential_test.WEEKS,
        per_chunk=16,
    )
    assert one.replications % 16 == 0
    assert one.measure.value == at_once[0].episodes.value > 0.0
    assert one.measure.error == at_once[0].episodes.error


def test_a_node_that_is_over_all_day_does_not_pass_for_one_without_overloads() -> None:
    """It begins few: from half of the time at the busiest instant on, an objective on episodes is missed."""
    flooded = replace(pool(1, users=4.0), members=replace(world().members, accounts=400))
    one = sequential_test.trial(flooded, USERS, 0, 3, LITTLE, chunk=8)
    assert one.holds is False


def test_hardly_any_meetings_are_no_reason_to_simulate_for_ever() -> None:
    """One account that meets once a month: the weeks are bounded, and nothing is ever over."""
    quiet = replace(pool(1), members=replace(world().members, accounts=1))
    quiet = replace(quiet, demands={name: replace(one, meetings=0.25) for name, one in quiet.demands.items()})
    one = sequential_test.trial(quiet, USERS, 0, 3, Effort(1e9, 0.0, 0.0), chunk=48)
    assert one.holds is True
    assert one.replications * sequential_test.WEEKS <= sequential_test.MOST_WEEKS


# ---- pools ---------------------------------------------------------------------------------------------------------


def test_a_pool_of_one_agrees_with_the_closed_form() -> None:
    """Central and over draws, the closed form's number lies in the simulation's interval; the reason says both."""
    central = pool(1, users=70.0)
    answer = asked(central, draws_of(central, 12, seed=5))
    found = answer.pool[0]
    at_value, sure = counts(answer)
    assert found.pessimistic_central == found.optimistic_central
    assert inside(found.pessimistic_central, at_value)
    assert inside(found.pessimistic, sure)
    assert at_value.accounts > 10
    limit = answer.admission.limits[0]
    assert (limit.engine, limit.max_accounts, limit.central) == ("simulation", sure.accounts, at_value.accounts)
    assert "by simulation" in why(limit)
    assert "formulas" not in why(limit), "the report has a table of them"
    assert len(sure.draws) <= simulated_limits.MOST_DRAWS
    assert sure.weeks == sequential_test.WEEKS * sure.replications


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "at_most"), [("minutes", 20.0), ("any_in_week", 0.2), ("busiest_instant", 0.01), ("episodes", 0.5)]
)
def test_a_pool_of_one_agrees_with_the_closed_form_in_each_measure(measure: Measure, at_most: float) -> None:
    """Of any overload in a week the closed form has a bound alone: the simulation, which counts it, allows no less."""
    central = replace(pool(1, users=70.0), objective=Objective(measure, at_most, 0.9))
    answer = asked(central, [central])
    found, (at_value, _) = answer.pool[0], counts(answer)
    assert found.pessimistic_central is not None
    assert at_value.up_to is not None
    assert at_value.up_to >= found.pessimistic_central
    assert measure == "any_in_week" or at_value.accounts <= found.pessimistic_central


def test_a_pool_lies_between_its_two_closed_forms() -> None:
    """With a fresh view three servers allow no fewer than load shared at random and no more than one large one."""
    answer = asked(pool(3))
    (found,), (at_value, sure) = answer.pool, counts(answer)
    assert found.pessimistic_central is not None
    assert found.optimistic_central is not None
    assert found.pessimistic_central < at_value.accounts
    assert at_value.accounts <= found.optimistic_central
    assert at_value.up_to is not None
    # draws that are all the central one: the same number within both intervals
    assert sure.accounts <= at_value.up_to
    assert sure.up_to is not None
    assert at_value.accounts <= sure.up_to


def test_a_limit_of_one_server_alone_leaves_the_others_up() -> None:
    """Where one server of a pool has no such limit there is no large one to compare with, and it takes its share."""
    central = pool(2)
    first, second = central.nodes
    central = replace(central, nodes=(first, replace(second, limits={"rooms": 40.0})))
    answer = admit(over(central, [central]), engine=simulated_limits.Simulation(7))
    users = next(one for one in answer.admission.limits if one.limit == "users")
    assert (users.node, users.engine, answer.pool) == ("a", "simulation", ())
    both = admit(over(pool(2), [pool(2)]), engine=simulated_limits.Simulation(7)).admission.limits[0]
    # what the first server allows does not hang on whether the second has that limit too
    assert users.central is not None
    assert both.central_up_to is not None
    assert 0 < users.central <= both.central_up_to * 1.3


@pytest.mark.slow
def test_one_server_less_admits_no_more() -> None:
    """Than the interval with all of them allows; and no fewer than the closed form with the load shared at random."""
    (whole, _), down = counts(asked(pool(3))), asked(pool(3, down=1))
    (less, _), bracket = counts(down), down.pool[0]
    assert whole.up_to is not None
    assert less.accounts <= whole.up_to
    assert less.up_to is not None
    assert bracket.pessimistic_central is not None
    assert bracket.pessimistic_central <= less.up_to
    assert less.accounts < whole.accounts


def test_a_trial_does_not_depend_on_the_workers() -> None:
    """The same seed gives the same bits on one thread and on two, whenever it stops; another seed does not."""
    at = [
        sequential_test.trial(pool(2), Place("users", ("a", "b"), pooled=True), 5, s, LITTLE, 16, w)
        for s, w in SEEDS_WORKERS
    ]
    assert at[0] == at[1]
    assert at[0].measure != at[2].measure


@pytest.mark.slow
def test_the_number_does_not_depend_on_the_workers() -> None:
    """The same seed gives the same interval from the same draws on one and on two."""
    central = pool(2, users=60.0)
    drawn = draws_of(central, 10, seed=3)
    one, two = (asked(central, drawn, workers=workers).pool for workers in (1, 2))
    assert one == two


@pytest.mark.slow
def test_a_view_that_is_old_is_judged_too(capsys: pytest.CaptureFixture[str]) -> None:
    """What a view of the load a minute or ten minutes old does is printed; how it changes the number is not claimed."""
    for view_age in (0.0, 1 / 60, 1 / 6):
        at_value, _ = counts(asked(pool(3, view_age=view_age)))
        with capsys.disabled():
            print(f"view {60 * view_age:.0f} min old: {at_value.accounts} to {at_value.up_to} accounts")
        assert at_value.weeks > 0


def test_a_limit_that_cannot_bind_is_not_simulated() -> None:
    """Rooms in plenty cost nothing beside users that bind: with the load shared at random they already suffice."""
    central = pool(2)
    roomy = replace(central, nodes=tuple(replace(one, limits={"users": 45.0, "rooms": 60.0}) for one in central.nodes))
    by_name = {one.resource: one for one in asked(roomy).pool}
    rooms, users = by_name["rooms"].simulated, by_name["users"].simulated
    assert users is not None
    assert users.up_to is not None
    assert rooms is None or (rooms.accounts >= users.up_to and rooms.draws == ())


# ---- options: what the closed form cannot hold ---------------------------------------------------------------------


def test_a_surge_day_is_judged_by_the_simulation() -> None:
    """One server, every account twice as busy on Wednesdays: fewer fit, and the reason says why it was asked."""
    central = replace(pool(1, users=70.0), options=Options(surge=2.0))
    central = replace(central, placement=Placement("fixed", {"a": 1.0}, {"a": 1.0}))
    answer = asked(central)
    limit = answer.admission.limits[0]
    closed = admit(over(central, [central])).admission.limits[0]
    assert limit.engine == "simulation"
    assert closed.engine == "closed form"
    assert limit.central_up_to is not None
    assert closed.central is not None
    assert limit.central_up_to < closed.central
    assert "every account twice as busy on Wednesdays" in why(limit)


def test_prediction_keeps_its_place_between_two_closed_forms() -> None:
    """Half way between them centrally is half way in each draw; beside one, in proportion to all accounts."""
    two = simulated_limits.Between(
        USERS, True, True, np.array([0.0, 10.0]), np.array([20.0, 50.0]), (40.0, 60.0), (0.0, 0.0)
    )
    along = simulated_limits.where(two.central, 50.0, bracketed=True, members=100)
    assert simulated_limits.predicted(two, along, 100).tolist() == [10.0, 30.0]
    alone = Place("users", ("a",), pooled=False)
    one = simulated_limits.Between(
        alone, False, False, np.array([100.0, -50.0]), np.array([100.0, -50.0]), (100.0, 100.0), (0.0, 0.0)
    )
    along = simulated_limits.where(one.central, 49.0, bracketed=False, members=99)
    # 149 of 200 accounts, next account and all: a quarter fewer in each draw
    assert simulated_limits.predicted(one, along, 99).tolist() == pytest.approx([49.0, 0.745 * 50 - 100])


def fake_draws(truth: dict[float, int], doubt: int) -> object:
    """Return a search that knows each draw's number by its meetings a week, within a doubt."""

    def at(inputs: Inputs, _place: Place, _start: float, *_: object) -> Found:
        number = truth[inputs.demands["small"].meetings]
        return Found(number - doubt, number + doubt, ())

    return at


def test_the_quantile_is_found_although_the_closed_form_has_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few draws are simulated, more as their order turns out to be another one, and theirs is the true quantile."""
    rng = np.random.default_rng(8)
    central = pool(2)
    drawn = [busier(central, 1.0 + 0.001 * k) for k in range(100)]
    truth = np.sort(rng.integers(0, 400, 100))[::-1]
    guess = truth + rng.normal(0.0, 4.0, 100)
    by_demand = {one.demands["small"].meetings: int(n) for one, n in zip(drawn, truth, strict=True)}
    monkeypatch.setattr(simulated_limits, "largest", fake_draws({**by_demand, 2.0: int(truth[50])}, 0))
    between = simulated_limits.Between(
        USERS, True, False, guess - 30.0, guess + 30.0, (truth[50] - 30.0, truth[50] + 30.0), (0.0, 0.0)
    )
    found = simulated_limits.Simulation(1).numbers(over(central, drawn), [between], lambda _done: None)[USERS].sure
    assert found.accounts == pytest.approx(truth[89], abs=6)
    assert len(found.draws) <= simulated_limits.MOST_DRAWS
