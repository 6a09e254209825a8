"""From what a person wrote to the plain numbers of the formulas: central, one draw, or many paths at once."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.credit.parameters import derive
from planner.model.inputs.capacity import NO_LIMIT, Inputs, LinearLoad, Options, Rates, ScaleliteLoad
from planner.model.inputs.pages import ALL, Pages, Step
from planner.model.inputs.uncertain import Uncertain, certain
from planner.planning.credit import case_of
from planner.scenario import resolve, week
from planner.scenario.estimate import Estimate
from planner.scenario.problem import Problems
from planner.scenario.reader import read

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parents[1] / "bad_scenarios" / "good" / "small.yaml"
BASE = ROOT / "scenarios" / "meetcoop.yaml"


def inputs(*sets: str) -> Inputs:
    """Return the central numbers of the small scenario, changed."""
    return resolve.inputs(read(SMALL, sets))


def low(estimate: Estimate) -> float:
    """Return the low end of a range, else the value."""
    return resolve.central(estimate) if estimate.low is None else estimate.low


def test_every_section_arrives() -> None:
    """One number of each kind, in base units: hours, pence, shares, whole accounts."""
    found = inputs(
        "placement={rule: pool, nodes_down: 1, view_age: 60 s}",
        "offer.review={at: 5, hours_bought: 4 h, idle_share: 80 %, episodes: 1, volunteer_hours: 4 h/month}",
        "objective={measure: minutes, at_most: 5 min/month, confidence: 80 %}",
        "members={accounts: 55, mix: {level-1: 60 %, level-2: 40 %}, growth: 3 accounts/month}",
        "labour={setup: 30 min/account, invoicing: 15 min/account/month, available: 4 h/month, stops: 9 months}",
    )
    assert [node.name for node in found.nodes] == ["de", "ca"]
    assert (found.prices["level-1"], found.demands["level-1"].kinds[0].duration_limit) == (900, 3)
    assert (found.placement.rule, found.placement.nodes_down, found.placement.view_age) == ("pool", 1, 1 / 60)
    assert found.placement.members == {"de": 0.5, "ca": 0.5}
    assert (found.members.accounts, found.members.growth) == (55, 3)
    assert (found.offer.accounts, found.offer.cap, found.offer.mix) == (5, None, {"level-1": 1})
    review = found.offer.review
    assert (review.after, review.at_accounts, review.hours_bought, review.idle_share) == (6, 5, 4, 0.8)
    assert (review.episodes, review.volunteer_hours, review.pause_above) == (1, 4, None)
    assert (found.objective.measure, found.objective.at_most, found.objective.confidence) == ("minutes", 5, 0.8)
    assert (found.labour.setup.value, found.labour.invoicing.value, found.labour.stops) == (0.5, 0.25, 9)
    assert (found.cash.vat.value, found.cash.wind_down) == (0, None)
    assert (found.horizon, found.start) == (36, (2021, 4))


@pytest.mark.parametrize(
    ("objective", "at_most"),
    [
        ("{measure: episodes, at_most: 1/year}", 1 / 12),
        ("{measure: minutes, at_most: 1 h/year}", 5),
        ("{measure: any_in_week, at_most: 1 %}", 0.01),
        ("{measure: busiest_instant, at_most: 0.1 %}", 0.001),
    ],
)
def test_bound_is_in_the_unit_of_its_measure(objective: str, at_most: float) -> None:
    """Episodes a month, minutes a month, or a chance."""
    assert inputs(f"objective={objective}").objective.at_most == pytest.approx(at_most, rel=1e-15)


def test_limit_left_out_is_no_limit() -> None:
    """A resource without a limit has no entry; a level without one has an infinite one."""
    found = inputs(
        "nodes.de={limits: {users: 90}, reserve: {users: 20, rooms: 2}}", "levels.level-2={price: 18 GBP/month}"
    )
    de = found.nodes[0]
    assert de.limits == {"users": 90}
    assert (de.headroom("users"), de.headroom("rooms")) == (70, NO_LIMIT)
    (kind,) = found.demands["level-2"].kinds
    rooms = found.demands["level-2"].rooms_at_once
    assert (kind.participants, rooms, kind.duration_limit) == (NO_LIMIT, NO_LIMIT, NO_LIMIT)


def test_loads_of_nodes() -> None:
    """A node's own weights before those for all, weight by weight; Scalelite's in its own terms."""
    found = inputs(
        "usage.cpu={base: 3 %, per_room: 1 %}",
        "nodes.de.cpu={per_room: 2 %}",
        "nodes.ca={load_model: scalelite, limits: {load: 300}, scalelite: {least: 20, until: 10 min, multiplier: 2}}",
    )
    de, ca = found.nodes
    assert de.load == LinearLoad(0.03, 0.02, 0.003, 0.0003)
    assert de.headroom("load") == pytest.approx(0.67)
    assert ca.load == ScaleliteLoad(20, 10 / 60, 2)
    assert ca.limits["load"] == 300


def test_usage_is_special_before_general() -> None:
    """A level's own number, else everyone's; the season is in the rate of meetings."""
    found = inputs(
        "usage.everyone.meetings=3/week",
        "usage.everyone.size=8 users",
        "usage.level-2={meetings: 10/week, season: 2, duration: 2 h}",
        "usage.everyone.season=1.5",
    )
    one, two = found.demands["level-1"], found.demands["level-2"]
    assert (one.meetings, two.meetings) == (4.5, 20)
    assert (one.kinds[0].size, two.kinds[0].size) == (8, 8)
    assert (one.kinds[0].duration, two.kinds[0].duration) == (0.9, 2)
    assert (one.rooms_at_once, one.spread) == (5, 1)


def test_kinds_of_meeting() -> None:
    """A kind's own number, else its level's, else everyone's; a level's kinds take the place of everyone's."""
    found = inputs(
        "usage.everyone.kinds={call: {share: 75 %}, talk: {share: 25 %, size: 40 users, profile: flat}}",
        "usage.level-2={size: 9 users, kinds: {class: {share: 100 %, duration: 90 min, size_dispersion: none}}}",
    )
    call, talk = found.demands["level-1"].kinds
    assert (call.share, call.size, talk.share, talk.size) == (0.75, 6, 0.25, 40)
    assert (call.duration, talk.duration) == (0.9, 0.9)
    assert np.ptp(talk.shape.reshape(168, 12).sum(axis=1)) < 1e-12
    assert np.ptp(call.shape.reshape(168, 12).sum(axis=1)) > 1
    (lesson,) = found.demands["level-2"].kinds
    assert (lesson.size, lesson.duration, lesson.size_dispersion) == (9, 1.5, math.inf)


def test_pages_of_large_meetings_are_special_before_general_and_can_be_switched_off() -> None:
    """A kind's own, else its level's, else everyone's; the usual page stays what each says of it."""
    found = inputs(
        "usage.everyone.page_size_large=6 from 30 users (moderators 25); 4 from 50 users (moderators 16)",
        "usage.everyone.kinds={call: {share: 75 %}, talk: {share: 25 %, page_size_large: none, page_size: 9}}",
        "usage.level-2={kinds: {class: {share: 100 %, page_size_large: all from 20 users (moderators 2)}}}",
    )
    call, talk = found.demands["level-1"].kinds
    assert call.pages == Pages(5, (Step(30, 6, 25), Step(50, 4, 16)))
    assert talk.pages == Pages(9)
    (lesson,) = found.demands["level-2"].kinds
    assert lesson.pages == Pages(5, (Step(20, ALL, 2),))
    assert inputs().demands["level-1"].kinds[0].pages == Pages(5)


def test_starts_fall_into_the_bins_they_begin_in() -> None:
    """55 % at :00 and 25 % at :30 with the rest evenly; further minutes by name."""
    shape = inputs("usage.everyone.profile=flat").demands["level-1"].kinds[0].shape
    hour = shape.reshape(168, 12)[17] / 12
    assert hour[[0, 6]] == pytest.approx([0.55 + 0.2 / 12, 0.25 + 0.2 / 12])
    assert np.delete(hour, [0, 6]) == pytest.approx(0.2 / 12)
    other = inputs("usage.everyone.profile=flat", 'usage.everyone.starts={on_the_hour: 50 %, "15": 50 %}')
    hour = other.demands["level-1"].kinds[0].shape.reshape(168, 12)[17] / 12
    assert list(np.nonzero(hour)[0]) == [0, 3]


def test_shift_moves_their_day_into_ours() -> None:
    """Toronto's 9:00 on Monday is London's 14:00."""
    ours = inputs().demands["level-1"].kinds[0].shape
    theirs = inputs("usage.level-1={shift: -5 h}").demands["level-1"].kinds[0].shape
    assert theirs[14 * 12] == ours[9 * 12] > theirs[13 * 12]
    assert np.array_equal(theirs, np.roll(ours, 5 * 12))


@given(
    st.lists(st.floats(0, 1e6), min_size=168, max_size=168).filter(lambda weights: sum(weights) > 1e-3),
    st.dictionaries(st.sampled_from(range(0, 60, 5)), st.floats(0, 1 / 12), max_size=12),
    st.integers(-24, 24),
)
def test_shape_keeps_the_week(weights: list[float], starts: dict[int, float], shift: int) -> None:
    """Whatever the profile, starts and shift: 2016 bins, none negative, mean 1, and nobody can change it."""
    shape = week.shape(weights, week.starts(starts), shift)
    assert shape.shape == (2016,)
    assert shape.min() >= 0
    assert shape.mean() == pytest.approx(1, rel=1e-9)
    with pytest.raises(ValueError, match="read-only"):
        shape[0] = 2


def test_profile_file_is_read_by_hour() -> None:
    """Rows in any order, further columns and comments do not matter; the weights are brought to mean 1."""
    rows = [f"{day},{hour},{2 if day == 'sat' else 1}" for day in week.DAYS for hour in range(24)]
    text = "# from a log\nday,hour,weight,source\n" + "\n".join(reversed([f"{row},log" for row in rows]))
    weights = week.profile(text.encode(), "x.csv", problems := Problems(), told := {})
    assert not problems.found
    assert told == {"x.csv": "168 rows read, 168 used, none left out"}
    assert weights[5 * 24] == pytest.approx(2 * weights[0])
    assert sum(weights) == pytest.approx(168)
    assert week.profile(week.table(weights, "log").encode(), "x.csv", problems, {}) == pytest.approx(weights, rel=1e-5)


def test_draw_is_taken_everywhere() -> None:
    """With every range of the servers at its low end, each number that has one is lower, and no other moves."""
    scenario = read(BASE)
    central, drawn = resolve.inputs(scenario), resolve.inputs(scenario, low)
    assert (central.nodes[0].limits["users"], drawn.nodes[0].limits["users"]) == (150, 100)
    assert (central.members.growth, drawn.members.growth) == (3, 0)
    assert (central.demands["free"].meetings, drawn.demands["free"].meetings) == pytest.approx((2.2, 1.0))
    assert (central.spending.hourly_rate.value, drawn.spending.hourly_rate.value) == (3000, 3000)
    assert central.offer.accounts == drawn.offer.accounts
    assert central.demands["free"].kinds[0].shape is drawn.demands["free"].kinds[0].shape


def test_uncertain_are_those_with_a_range(tmp_path: Path) -> None:
    """A range of no width is one; a default's range counts; a bare number has none."""
    names = {one.path for one in resolve.uncertain(read(SMALL, ["usage.everyone.season={value: 1, low: 1, high: 1}"]))}
    assert {"usage.everyone.season", "usage.everyone.meetings", "networks.ocn.churn"} <= names
    assert not names & {"members.accounts", "offer.accounts", "usage.everyone.duration_cv", "nodes.de.limits.users"}


def test_meeting_is_never_smaller_than_two() -> None:
    """The lower tail of a size that is 6, with 4 as its low end, reaches below 2 in one draw of several thousand."""
    scenario = read(SMALL)
    tail = resolve.inputs(scenario, lambda one: 1.4 if one.path.endswith(".size") else resolve.central(one))
    assert tail.demands["level-1"].kinds[0].size == 2


MONEY = {
    "cash": "{exchange: {EUR: 0.86 GBP, CAD: 0.58 GBP}, next_node: 60 EUR/month, per_account: 1 CAD/month, vat: 20 %}",
    "spending.hourly_rate": "30 GBP/h",
    "spending.supplier": "{name: host, bill: 30 EUR/month, share: 50 %, at_most: 10 GBP/month}",
    "spending.sellers.here": "{rate: 25 credit/h}",
    "spending.sellers.there": "{network: sardex, rate: 30 EUR/h}",
    "spending.sellers.common": "{network: sardex}",
    "spending.sellers.social": "{member: level-1}",
    "networks.ocn": "{worth: 1 GBP/credit, largest_balance: 500 credit}",
}


def test_money_is_turned_at_the_scenarios_rates() -> None:
    """Other currencies into pence; hourly rates into the credit of the seller's own network."""
    sardex = "{unit: Sardex, worth: 2 EUR/Sardex, accounts: 4, mix: {level-2: 100 %}, payer_limit: 100 Sardex}"
    found = inputs(*(f"{path}={value}" for path, value in MONEY.items()), f"networks.sardex={sardex}")
    assert (found.cash.next_node.value, found.cash.per_account.value, found.cash.vat.value) == (5160, 58, 0.2)
    assert found.spending.supplier is not None
    assert (found.spending.supplier.bill.value, found.spending.supplier.at_most.value) == (2580, 1000)
    ocn, other = found.networks["ocn"], found.networks["sardex"]
    assert (ocn.worth.value, ocn.currency, ocn.largest_balance.value, ocn.payer_limit) == (1, "GBP", 50000, None)
    assert (other.worth.value, other.currency, other.unit) == (pytest.approx(1.72), "EUR", "Sardex")
    assert (ocn.accounts, ocn.mix, other.accounts, other.mix) == (5, {"level-1": 1}, 4, {"level-2": 1})
    sellers = found.spending.sellers
    assert found.spending.hourly_rate.value == 3000
    assert sellers["here"].rate.value == 2500
    assert sellers["there"].rate.value == 1500  # 30 EUR are 15 Sardex
    assert sellers["social"].rate is sellers["common"].rate is None
    assert (sellers["social"].member, sellers["here"].member) == ("level-1", None)
    assert found.spending.prefer == ("social", "here", "there", "common")


@pytest.mark.parametrize(
    ("rate", "worth", "sardex"),
    [("30 GBP/h", "1 GBP/credit", 1744), ("30 credit/h", "1 GBP/credit", 1744), ("30 credit/h", "2 GBP/credit", 3488)],
)
def test_the_common_rate_is_worth_as_much_in_another_network(rate: str, worth: str, sardex: int) -> None:
    """30 GBP are 17.44 Sardex of 1.72 GBP; what stands in credit is first worth what the offer's unit is."""
    found = inputs(
        *(f"{path}={value}" for path, value in MONEY.items() if path not in ("spending.hourly_rate", "networks.ocn")),
        f"spending.hourly_rate={rate}",
        f"networks.ocn={{worth: {worth}}}",
        "networks.sardex={unit: Sardex, worth: 2 EUR/Sardex, accounts: 4, mix: {level-2: 100 %}}",
    )
    case = case_of(found, "sardex")
    sold = {seller.name: seller.rate for seller in derive(case, 1).sellers}
    assert round(float(sold["common"][0])) == sardex
    assert case.spending.hourly_rate.value == float(sold["common"][0])


def test_many_paths_at_once() -> None:
    """Each path has what its own single draw would have, the value stays what it is alone; money stays whole."""
    scenario = read(BASE, ["cash.exchange.EUR={value: 0.86 GBP, low: 0.8 GBP, high: 0.9 GBP}"])
    factors = np.linspace(0.9, 1.1, 7)

    def spread(estimate: Estimate) -> Uncertain:
        value = resolve.central(estimate)
        return Uncertain(value, value * factors) if estimate.ranged else resolve.known(estimate)

    networks, spending, labour, cash = resolve.trade(scenario, spread)
    for path, factor in enumerate(factors):

        def one(estimate: Estimate, factor: float = factor) -> Uncertain:
            return certain(resolve.central(estimate) * (factor if estimate.ranged else 1.0))

        single, spent, work, money = resolve.trade(scenario, one)
        pairs = [(networks["ocn"].churn, single["ocn"].churn), (spending.hourly_rate, spent.hourly_rate)]
        for over, alone in (*pairs, (labour.setup, work.setup), (cash.next_node, money.next_node)):
            assert over.over(7)[path] == alone.value
            assert factor != 1.0 or over.value == alone.value
    for money_of in (cash.next_node.draws, spending.hourly_rate.draws):
        assert np.array_equal(np.rint(money_of), money_of)
    assert networks["ocn"].accounts == 10


def test_family_says_how_a_range_is_drawn() -> None:
    """What was written in % stays between 0 and 100 %; limits are rounded down, accounts to whole ones."""
    estimates = read(BASE).estimates
    families = {path: estimates[path].family for path in ("nodes.de.limits.load", "nodes.de.limits.users")}
    assert families == {"nodes.de.limits.load": "share", "nodes.de.limits.users": "limit"}
    assert estimates["members.accounts"].family == "count"
    assert estimates["usage.everyone.duration"].family == "positive"
    bare = read(SMALL, ["nodes.ca={load_model: scalelite, limits: {load: 300}}"]).estimates["nodes.ca.limits.load"]
    assert bare.family == "positive"


def test_central_of_none() -> None:
    """A number the scenario has as none has no value to pick."""
    with pytest.raises(ValueError, match=r"nodes\.ca\.limits\.rooms is none"):
        resolve.central(read(SMALL).estimates["nodes.ca.limits.rooms"])


def test_bit_rates_reach_every_node() -> None:
    """BigBlueButton lets many cameras send less; a rate below that of many stays, and the step can be left out."""
    scenario = read(SMALL, ["usage.media.camera=0.08 Mbit/s", "usage.media.audio=0.05 Mbit/s"])
    for node in resolve.inputs(scenario).nodes:
        assert node.rates.camera[:4] == ((0, 0.08), (8, 0.08), (12, 0.08), (15, 0.07))
        assert (node.rates.audio, node.rates.screenshare) == (0.05, 1.0)
    assert resolve.inputs(read(SMALL)).nodes[0].rates == Rates()
    same = read(SMALL, ["usage.media={camera: 0.5 Mbit/s, many_cameras: same_each}"])
    assert resolve.inputs(same).nodes[0].rates.camera == ((0, 0.5),)


def test_what_only_the_simulation_holds_is_off_until_it_is_written() -> None:
    """Each option reaches the record that the simulation takes, in its base unit."""
    assert resolve.inputs(read(SMALL)).options == Options()
    written = "simulation={fixed_weekly: 30 %, surge: 2.5, surge_day: friday, late: 40 %, late_by: 30 min}"
    assert resolve.inputs(read(SMALL, [written])).options == Options(0.3, 2.5, 4, 0.4, 0.5)
