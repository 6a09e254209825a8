"""The admission number: against its definition, monotone, the same however it is asked, and said in words."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server_cases import busier, demand, draws_of, node, over, with_limit, world

from planner.model.admission.admission_number import Answer, admit
from planner.model.admission.node_limit import _at_value
from planner.model.admission.sensitivity import growth_fills, limit_needed
from planner.model.inputs.allocation import arrivals, sites
from planner.model.inputs.capacity import Inputs, Members, Objective, Offer, Placement, Review, ScaleliteLoad
from planner.model.limit import Limit, at_confidence, policy
from planner.model.overload import measures as overload
from planner.model.overload import occupancy_law as laws
from planner.model.overload.accounts_over_draws import allowed_accounts
from planner.model.overload.busy_days import rule
from planner.model.overload.node_resources import node_resources
from planner.wording.reasons import why, would_allow


def asked(central: Inputs, drawn: Sequence[Inputs] | None = None) -> Answer:
    """Return the answer over draws; without any, of the central inputs as the only draw."""
    draws = [central] if drawn is None else drawn
    return admit(over(central, draws))


def of(answer: Answer, limit: str, where: str = "de") -> Limit:
    """Return one limit of an answer."""
    return next(one for one in answer.admission.limits if one.limit == limit and one.node == where)


def number(central: Inputs) -> int:
    """Return the number of the users limit of the first server, inputs certain."""
    (bench,) = node_resources(over(central, [central]), ("de",), ("users",))
    found = _at_value(bench, central.objective, central.offer.accounts)
    return 10**9 if found is None else max(found, 0)


# ---- the definition ------------------------------------------------------------------------------------------------


def exact_number(inputs: Inputs, name: str = "de") -> float:
    """Return the largest number that meets the objective in one draw, by halving with exact measures alone."""
    site = sites(inputs)[name]
    law = laws.law(site.node, "users", site.population, site.newcomers)
    extra = partial(arrivals(inputs).extra, name)
    if overload.measures(law, extra(127)).episodes <= inputs.objective.at_most:
        return math.inf
    good, bad = -1, 127
    while bad - good > 1:
        middle = (good + bad) // 2
        met = overload.measures(law, extra(middle)).episodes <= inputs.objective.at_most
        good, bad = (middle, bad) if met else (good, middle)
    return good


def test_the_number_is_that_of_evaluating_every_draw_exactly() -> None:
    """By the definition: the number of each draw by itself, then the largest that enough of them reach."""
    central = world(objective=Objective("episodes", 1 / 12, 0.8), members=Members(40, {"small": 1.0}, 0.0))
    drawn = draws_of(central, 12, seed=3)
    numbers = [exact_number(inputs) for inputs in drawn]
    answer = asked(central, drawn)
    assert answer.admission.max_accounts == pytest.approx(max(0, at_confidence(numbers, 0.8)), abs=1)
    assert answer.admission.central == exact_number(central)
    assert answer.admission.all_hold == sum(n >= central.offer.accounts for n in numbers) / 12


def test_draws_that_are_all_the_central_one_give_the_central_answer_exactly() -> None:
    """Ranges of no width: number and risks at the confidence are those with every input at its value."""
    central = with_limit(world(), users=90.0, rooms=15.0, streams=350.0, load=0.7)
    answer = asked(central, [central] * 7)
    for limit in answer.admission.limits:
        assert limit.max_accounts == pytest.approx(limit.central, abs=1)
    for risk in (risk for server in answer.servers for risk in (server.now, server.offered)):
        assert risk.at_confidence.episodes == pytest.approx(risk.central.episodes, rel=0.03)
    assert answer.admission.max_accounts == asked(central).admission.max_accounts


def test_the_risk_at_the_number_is_within_the_bound_and_beyond_it_is_not() -> None:
    """Asked about exactly as many as are allowed, the risk with them is the objective's; with one more it is above."""
    central = world(objective=Objective("episodes", 1 / 12, 0.8), members=Members(20, {"small": 1.0}, 0.0))
    drawn = draws_of(central, 20, seed=5)
    allowed = asked(central, drawn).admission.max_accounts
    assert allowed is not None
    assert allowed > 0
    for extra, within in ((0, True), (1, False)):
        offer = replace(central.offer, accounts=allowed + extra)
        then = asked(replace(central, offer=offer), [replace(one, offer=offer) for one in drawn]).servers[0].offered
        assert then.accounts == allowed + extra
        assert (then.at_confidence.episodes <= 1 / 12) == within


@pytest.mark.parametrize(("measure", "at_most"), [("minutes", 5.0), ("busiest_instant", 1e-3), ("any_in_week", 0.02)])
def test_every_measure_can_be_the_objective(measure: str, at_most: float) -> None:
    """The number meets the bound in its own measure, one more does not, inputs certain."""
    central = world(objective=Objective(measure, at_most, 0.9))  # type: ignore[arg-type]
    site, found = sites(central)["de"], number(central)
    law = laws.law(site.node, "users", site.population, site.newcomers)
    name = "any_in_week_bound" if measure == "any_in_week" else measure
    assert getattr(overload.measures(law, (found,)), name) <= at_most
    assert getattr(overload.measures(law, (found + 1,)), name) > at_most


def test_a_curve_goes_through_the_risks_and_stays_near_the_exact_measures() -> None:
    """Now and with the offer it is what the risks say; between them, inputs certain, within 3 % of exact."""
    central = world()
    answer = asked(central, draws_of(central, 12, seed=4))
    (server,) = answer.servers
    curve, now, then = server.curve, server.now, server.offered
    for risk in (now, then):
        at = curve.accounts.index(risk.accounts)
        assert curve.at_confidence[at] == pytest.approx(risk.at_confidence.episodes, rel=1e-9)
        assert curve.central[at] == pytest.approx(risk.central.episodes, rel=1e-9)
    site = sites(central)["de"]
    law = laws.law(site.node, "users", site.population, site.newcomers)
    exact = overload.measures_of_each(law, [(n,) for n in curve.accounts])
    assert curve.central == pytest.approx([one.episodes for one in exact], rel=0.03)


def test_the_load_added_is_the_mean_of_the_accounts_that_come() -> None:
    """Five accounts' users at the busiest time are an eighth of forty's of the same kind."""
    central = world(members=Members(40, {"small": 1.0}, 0.0))
    (users,) = asked(central).servers
    assert users.load.added == pytest.approx(users.load.now * 5 / 40)
    assert (users.limit, users.reserve) == (90.0, 0.0)
    assert 9 <= users.load.when % 288 // 12 < 18


# ---- monotone ------------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(st.integers(10, 60), st.integers(0, 15), st.floats(1.0, 1.5), st.floats(1.0, 1.5), st.integers(0, 25))
def test_more_load_or_a_smaller_limit_never_raises_the_number(
    members: int, more: int, meetings: float, duration: float, less: int
) -> None:
    """More accounts there, more meetings, longer meetings, a smaller limit: none lets more in."""
    central = world(members=Members(members, {"small": 0.75, "large": 0.25}, 0.0))
    base = number(central)
    assert number(replace(central, members=replace(central.members, accounts=members + more))) <= base
    assert number(busier(central, meetings=meetings)) <= base
    assert number(busier(central, duration=duration)) <= base
    assert number(with_limit(central, users=90.0 - less)) <= base


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 1000))
def test_a_higher_confidence_never_admits_more(seed: int) -> None:
    """Of the same draws."""
    central = world()
    drawn = draws_of(central, 12, seed)
    numbers = []
    for confidence in (0.5, 0.75, 1.0):
        objective = Objective("episodes", 1 / 12, confidence)
        answer = asked(replace(central, objective=objective), [replace(one, objective=objective) for one in drawn])
        numbers.append(answer.admission.max_accounts)
    assert numbers == sorted(numbers, reverse=True)


# ---- edges ---------------------------------------------------------------------------------------------------------


def test_a_server_that_is_always_over_admits_nobody_and_says_so() -> None:
    """Also under an objective on episodes so loose that one long overload would pass as one episode a week."""
    central = with_limit(busier(world(objective=Objective("episodes", 5.0, 0.9)), meetings=200.0), users=3.0)
    limit = of(asked(central), "users")
    assert limit.max_accounts == limit.central == 0
    assert "already too full with nobody new" in why(limit)


def test_a_server_that_gets_none_of_the_accounts_has_no_limit() -> None:
    """Even if its members overload it; its risk is said all the same."""
    central = world(
        nodes=(node("de", users=90.0), node("ca", users=10.0)),
        placement=Placement("fixed", {"de": 0.5, "ca": 0.5}, {"de": 1.0}),
    )
    answer = asked(central)
    assert of(answer, "users", "ca").max_accounts is None
    assert "none of the new accounts come here" in why(of(answer, "users", "ca"))
    assert next(one for one in answer.servers if one.node == "ca").now.central.episodes > 1


def test_a_limit_that_nothing_reaches_is_no_limit() -> None:
    """Accounts that never meet load nothing, however many come: no number, and the policy binds."""
    idle = {"small": demand(meetings=0.0), "large": demand("large", meetings=0.0)}
    answer = asked(world(demands=idle, offer=Offer("ocn", 5, {"small": 1.0}, 7, Review(after=6))))
    assert of(answer, "users").max_accounts is None
    assert answer.admission.max_accounts == 7
    assert answer.admission.binding == policy(7, ["small"])


def test_members_who_come_by_the_review_are_there_already() -> None:
    """Growth of 2 a month for 6 months takes as much room as 12 members more."""
    grown = world(members=Members(30, {"small": 0.75, "large": 0.25}, 2.0))
    assert number(grown) == number(world(members=Members(42, {"small": 0.75, "large": 0.25}, 0.0)))


def test_the_reason_carries_the_numbers_and_the_hour() -> None:
    """Limit, both numbers, the risk now and with the offer, the bound, and when most of it is: in working hours."""
    central = replace(world(), nodes=(replace(node(users=90.0), reserve={"users": 10.0}),))
    limit = of(asked(central), "users")
    assert limit.path == "nodes.de.limits.users"
    for part in ("90 users of which 10 are kept free on server de", "overloads a year now", "with 5 accounts", "day "):
        assert part in why(limit)
    assert limit.when is not None
    assert 9 <= limit.when % 288 // 12 < 18


# ---- a pool --------------------------------------------------------------------------------------------------------


def pool(count: int, down: int = 0, users: float = 90.0) -> Inputs:
    """Return so many equal servers behind a balancer."""
    nodes = tuple(node(f"n{index}", users=users) for index in range(count))
    return world(nodes=nodes, placement=Placement("pool", {}, {}, nodes_down=down))


def test_a_pool_of_one_is_the_server_itself() -> None:
    """Pessimistic, optimistic and plain are the same."""
    answer, plain = asked(pool(1)), asked(world())
    assert answer.admission.max_accounts == plain.admission.max_accounts
    (bracket,) = answer.pool
    assert bracket.pessimistic == bracket.optimistic == plain.admission.max_accounts
    assert plain.pool == ()


def test_a_pool_lies_between_its_two_pictures_and_one_server_less_admits_no_more() -> None:
    """Load split at random admits less than one large server; admission uses the smaller; a server down costs room."""
    answer = asked(pool(2))
    (bracket,) = answer.pool
    assert bracket.pessimistic is not None
    assert bracket.optimistic is not None
    assert bracket.pessimistic < bracket.optimistic
    assert answer.admission.max_accounts == bracket.pessimistic
    down = asked(pool(2, down=1)).admission.max_accounts
    assert down is not None
    assert down < bracket.pessimistic
    assert down == asked(pool(1)).admission.max_accounts


# ---- levers --------------------------------------------------------------------------------------------------------


def test_the_limit_that_a_refusal_names_would_admit_the_accounts_asked_for() -> None:
    """Known for certain at that, the offer is within the number; a tenth lower it is not."""
    central = world(offer=Offer("ocn", 30, {"small": 1.0}, None, Review(after=6)))
    drawn = draws_of(central, 20, seed=9)
    wanted = limit_needed(over(central, drawn), "de", "users", 30)
    assert wanted is not None
    refusal = of(asked(central, drawn), "users")
    assert would_allow(refusal) == f"the users limit of server de were known to be at least {wanted:.0f} users"
    for limit, admitted in ((wanted, True), (0.9 * wanted, False)):
        allowed = of(asked(central, [with_limit(one, users=limit) for one in drawn]), "users").max_accounts
        assert (allowed is None or allowed >= 30) == admitted


def test_growth_fills_the_room_in_the_month_that_counting_finds() -> None:
    """Month by month with the members of that month, until the objective is missed."""
    central = world(members=Members(20, {"small": 0.75, "large": 0.25}, 3.0))
    found = growth_fills(central)
    assert found is not None
    month, name, resource = found
    assert (name, resource) == ("de", "users")

    def risk(months: int) -> float:
        site = sites(central, 20 + 3 * months)["de"]
        return overload.measures(laws.law(site.node, "users", site.population)).episodes

    assert risk(month) > 1 / 12
    assert risk(month - 1) <= 1 / 12
    assert growth_fills(world(members=Members(20, {"small": 1.0}, 0.0))) is None


def test_growth_fills_the_room_on_busy_days_in_the_month_that_counting_finds() -> None:
    """The same where days differ: over all of them, not on the busiest alone."""
    central = world(members=Members(20, {"small": 0.75, "large": 0.25}, 3.0), day_spread=0.3)
    found = growth_fills(central)
    assert found is not None

    def risks(months: int) -> tuple[float, float]:
        site = sites(central, 20 + 3 * months)["de"]
        there = laws.law(site.node, "users", site.population)
        busiest = overload.measures(there.busier(float(rule(0.3)[0].max())), precision=1e-4)
        return overload.measures_over_days(there, 0.3, precision=1e-4).episodes, busiest.episodes

    assert risks(found[0])[0] > 1 / 12
    all_days, busiest = risks(found[0] - 1)
    assert all_days <= 1 / 12 < busiest
    assert found[0] < (growth_fills(replace(central, day_spread=0.0)) or (0,))[0]


@pytest.mark.slow
def test_what_each_input_does_is_about_what_drawing_again_with_it_known_gives() -> None:
    """The response surface against the draws made again: risks within half as much again, numbers within three."""
    offer = Offer("ocn", 25, {"small": 1.0}, None, Review(after=6))
    central = world(objective=Objective("episodes", 1 / 12, 0.8), members=Members(45, {"small": 1.0}, 0.0), offer=offer)
    rng = np.random.default_rng(11)
    spread = {"meetings": 0.3, "duration": 0.15, "size": 0.2}
    values = {name: np.exp(sigma * rng.standard_normal(300)) for name, sigma in spread.items()}
    values["nothing"] = rng.random(300)

    def drawn(known: str = "", z: float = 0.0) -> list[Inputs]:
        factors = {name: np.full(300, math.exp(spread[name] * z)) if name == known else values[name] for name in spread}
        return [busier(central, *(float(factors[name][index]) for name in spread)) for index in range(300)]

    answer = admit(over(central, drawn(), values))
    assert [swing.path for swing in answer.swings][-1] == "nothing"
    for swing in answer.swings[:-1]:
        for z, stated, risk in (
            (-1.2816, swing.at_low, swing.risk_at_low),
            (1.2816, swing.at_high, swing.risk_at_high),
        ):
            again = asked(central, drawn(swing.path, z))
            assert abs(math.log(risk / again.servers[0].offered.at_confidence.episodes)) < 0.4
            # None: more than was looked at, which is twice the offer at least
            directly = again.admission.max_accounts
            assert directly is not None
            assert directly > 50 - 3 if stated is None else abs(directly - stated) <= 3


def test_an_input_that_the_accounts_never_meet_moves_nothing() -> None:
    """Neither a server that none of them come to nor another limit, even where chance looks like an effect."""
    central = world(nodes=(node("de", users=90.0), node("ca", users=90.0)))
    meetings = np.exp(0.4 * np.random.default_rng(4).standard_normal(60))
    drawn = [busier(central, float(one)) for one in meetings]
    paths = ("nodes.ca.limits.users", "nodes.de.limits.rooms", "usage.meetings")
    found = {one.path: one for one in admit(over(central, drawn, dict.fromkeys(paths, meetings))).swings}
    for path in paths[:2]:
        one = found[path]
        assert one.at_low == one.now == one.at_high
        assert one.risk_at_low == one.risk_now == one.risk_at_high
    assert found["usage.meetings"].risk_at_low < found["usage.meetings"].risk_at_high


@pytest.mark.parametrize("n", [30, 80])
def test_few_draws_say_nothing_rather_than_the_wrong_way_round(n: int) -> None:
    """More, longer or larger meetings never lower the risk, and what does nothing is nothing in most of the cases."""
    central, said, chance = world(), 0, 0
    for seed in range(4):
        rng = np.random.default_rng([n, seed])
        spread = {"meetings": 0.3, "duration": 0.15, "size": 0.2}
        values = {name: np.exp(sigma * rng.standard_normal(n)) for name, sigma in spread.items()}
        drawn = [busier(central, *(float(values[name][draw]) for name in spread)) for draw in range(n)]
        noise = {f"nothing {row}": rng.random(n) for row in range(8)}
        for one in admit(over(central, drawn, values | noise)).swings:
            if one.path in spread:
                said += one.risk_at_high != one.risk_at_low
                assert one.risk_at_low <= one.risk_now <= one.risk_at_high
            else:
                chance += one.risk_at_high != one.risk_at_low
    assert chance <= 1  # of 32
    assert said >= 8  # of 12


def test_uneven_accounts_are_approximated_without_a_warning_at_any_number() -> None:
    """A few of them under a high limit: the generating function ends right behind the saddlepoint."""
    few = Members(4, {"small": 0.5, "large": 0.5}, 0.0)
    central = with_limit(world(members=few), users=300.0, rooms=40.0, streams=1200.0)
    rng = np.random.default_rng(8)
    drawn = []
    for one in draws_of(central, 150, seed=8):
        spread = float(rng.uniform(0.3, 3.0))
        drawn.append(replace(one, demands={name: replace(each, spread=spread) for name, each in one.demands.items()}))
    for bench in node_resources(over(central, drawn), ("de",), ("rooms", "users", "streams")):
        for accounts in (0, 20, 60, 200):
            for name in ("busiest_instant", "episodes"):
                assert np.isfinite(bench.drawn.every(accounts)[name]).all()
                assert (bench.drawn.every(accounts)[name] >= 0.0).all()


# ---- where accounts go ---------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 200), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_one_account_more_contains_those_before(n: int, mix: float, share: float) -> None:
    """Counts over levels and servers sum to n, never fall, and keep to their shares within one account."""
    central = world(
        nodes=(node("de", users=90.0), node("ca", users=90.0)),
        placement=Placement("fixed", {"de": 1.0}, {"de": share, "ca": 1 - share}),
        offer=Offer("ocn", 5, {"small": mix, "large": 1 - mix}, None, Review(after=6)),
    )
    coming = arrivals(central)
    before = np.array([coming.extra("de", n), coming.extra("ca", n)])
    after = np.array([coming.extra("de", n + 1), coming.extra("ca", n + 1)])
    assert before.sum() == n
    assert (after - before).min() == 0
    assert np.abs(before - n * np.outer([share, 1 - share], [mix, 1 - mix])).max() < 2


@pytest.mark.parametrize("resource", ["rooms", "users", "streams", "egress", "load"])
@pytest.mark.parametrize("reckoned", ["linear", "scalelite"])
def test_draws_are_within_six_per_cent_of_every_instant_by_itself(resource: str, reckoned: str) -> None:
    """For 1e-3 to 1e3 overloads a year, the median within 1.5 %."""
    limits = {"rooms": 15.0, "users": 90.0, "streams": 350.0, "egress": 60.0, "load": 0.5}
    if reckoned == "scalelite":
        if resource != "load":
            return
        limits["load"] = 150.0
    central = with_limit(world(), **{resource: limits[resource]})
    if reckoned == "scalelite":
        central = replace(central, nodes=(replace(central.nodes[0], load=ScaleliteLoad()),))
    drawn = draws_of(central, 14, seed=2)
    ((bench,), ratios) = node_resources(over(central, drawn), ("de",)), []
    for index, one in enumerate(drawn):
        site = sites(one)["de"]
        law = laws.law(site.node, bench.resource, site.population, site.newcomers)
        for accounts in (0, 12):
            exact = overload.measures(law, bench.extra(accounts)).episodes
            if 1e-3 <= 12 * exact <= 1e3:
                ratios.append(bench.drawn.every(accounts)["episodes"][index] / exact - 1.0)
    assert len(ratios) >= 10
    assert abs(float(np.median(ratios))) < 0.015
    assert np.abs(ratios).max() < 0.06


def test_the_number_is_joint_over_all_limits() -> None:
    """Rooms fail in some draws and users in others: together they allow less, and the limit that fails most binds."""
    central = with_limit(world(objective=Objective("episodes", 1 / 12, 0.8)), users=100.0, rooms=12.0)
    drawn = draws_of(central, 40, seed=3)
    answer = asked(central, drawn)
    together, rows = answer.admission.max_accounts, [one.max_accounts for one in answer.admission.limits[:2]]
    each = [
        allowed_accounts(bench.drawn, central.objective, range(0, 60, 4))
        for bench in node_resources(over(central, drawn), ("de",))
    ]
    least = sorted(np.min(each, axis=0), reverse=True)[31]
    assert together is not None
    assert abs(together - max(0, math.floor(least))) <= 1
    assert together <= min(n for n in rows if n is not None)
    assert answer.admission.binding is not None
    assert answer.admission.binding.limit in ("rooms", "users")
    assert answer.admission.standard_error is not None


def test_policy_is_known_without_error() -> None:
    """A cap that allows less than the servers is no estimate."""
    central = world(offer=Offer("ocn", 5, {"small": 1.0}, 1, Review(after=6)), members=Members(5, {"small": 1.0}, 0.0))
    answer = asked(central, draws_of(central, 6, seed=1))
    assert answer.admission.max_accounts == 1
    assert answer.admission.standard_error == 0.0
