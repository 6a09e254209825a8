"""The review: what happened counted rightly, held against the plan's bands, and the rule's verdict and exit code."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import synthetic
from banned_phrases import banned_in
from example_history import DATA
from hypothesis import given
from hypothesis import strategies as st
from sample_plan import measures, sample
from scipy import stats
from test_notebooks import run as run_notebook

from planner.model.admission.node_limit import Risk
from planner.model.inputs.capacity import Node
from planner.model.inputs.observations import History, Meeting, Member, NodeReading, Posting, Sample, midnight
from planner.model.inputs.pages import Pages
from planner.pilot_review import outcome, predicted
from planner.pilot_review.outcome import Met, Seen
from planner.pilot_review.record import Review, Row
from planner.pilot_review.verdict import review
from planner.planning import Plan
from planner.readings import ReadingError, ledger, tables
from planner.scenario.reader import Scenario, read

ROOT = Path(__file__).parents[2]
BEGIN = datetime(2021, 4, 1, tzinfo=UTC)
END = date(2021, 10, 1)
NOTHING = History("nothing", ())
PILOT = [Member(f"ocn-{n}", "level-1", "credit", since=date(2021, 4, 1)) for n in range(1, 6)]


HOURS = ["offer.review.hours_bought=4 h", "offer.review.idle_share=80 %"]
ASKED = [*HOURS, "offer.review.volunteer_hours=none"]
"""A rule on each thing that the ledger of a pilot shows; that of the scenario itself asks less."""


@pytest.fixture(scope="module")
def pilot() -> Scenario:
    return read(ROOT / "scenarios" / "pilot-5.yaml", ASKED)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return the sample, in which every limit of a server is passed as often as its others."""
    made = sample()
    more = (replace(one, node="ca") for one in made.servers if one.resource in ("streams", "load"))
    return replace(made, servers=(*made.servers, *more))


def often(plan: Plan, node: str, resource: str, episodes: float) -> Plan:
    """Return the plan with so many overloads a month of one limit at the confidence."""
    risk = Risk(plan.offered, measures(0.0), measures(episodes))
    at = {(node, resource): risk}
    return replace(
        plan, servers=tuple(replace(one, offered=at.get((one.node, one.resource), one.offered)) for one in plan.servers)
    )


def hourly(node: str, many: int, first: datetime = BEGIN, **read: float) -> tuple[Sample, ...]:
    """Return readings of a node, one an hour."""
    return tuple(Sample(first + timedelta(hours=n), node, NodeReading(**read)) for n in range(many))


def quiet(weeks: int = 26) -> History:
    """One meeting of every pilot account a week: too little for any node to be over."""
    meetings = []
    for week in range(weeks):
        for n in range(1, 6):
            start = BEGIN + timedelta(days=7 * week, hours=8 + n)
            end = start + timedelta(hours=1)
            meetings.append(Meeting(f"{week}-{n}", "de", start, end, end, 5, 2, f"ocn-{n}"))
    last = BEGIN + timedelta(days=183)
    elsewhere = replace(meetings[0], key="ca", node="ca", account=None)
    return History("quiet", (elsewhere, *meetings, Meeting("last", "de", last, last, last, 2, 0, "coop-1")))


def fees(months: int, each: int = 900, accounts: int = 5) -> list[Posting]:
    return [Posting(date(2021, 4 + month, 28), "fee", each) for month in range(months) for _ in range(accounts)]


def spent(amount: int, hours: float | None, on: date = date(2021, 9, 29)) -> Posting:
    return Posting(on, "spent", amount, hours)


def look(pilot: Scenario, plan: Plan, *postings: Posting, on: date = END, **more: object) -> Review:
    seen = Seen(quiet(), (*fees(6), *postings), tuple(PILOT))
    return review(pilot, plan, replace(seen, **more), on)


# ---- the statement


def test_a_statement_is_read_with_its_hours_and_nothing_personal() -> None:
    lines = (
        "# from the network",
        "Date,Kind,Amount,Hours,Who,Account",
        "2021-05-28,fee,9,,Anna,ocn-001",
        "2021-05-02,Spent,120.5,2.5,Bob,",
    )
    found = ledger.statement("\n".join(lines).encode())
    assert found.bad == ()
    assert found.rows == (
        Posting(date(2021, 5, 2), "spent", 12050, 2.5),
        Posting(date(2021, 5, 28), "fee", 900, None, "ocn-001"),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("28.5.2021,fee,9.00,,", "date: wanted a date such as 2021-05-04"),
        ("2021-05-28,gift,9.00,,", "kind: wanted fee, spent, refused, charge"),
        ("2021-05-28,fee,-9.00,,", "amount: wanted a number such as 9.00"),
        ("2021-05-28,fee,9.005,,", "amount: wanted a number such as 9.00"),
        ("2021-05-28,fee,0.00,,", "amount: it is 0"),
        ("2021-05-28,fee,9.00,4,", "hours: only what was spent buys hours"),
        ("2021-05-28,spent,9.00,four,", "hours: wanted a number"),
        ("2021-05-28,fee,9.00,,Anna Smith", "account: wanted a reference such as ocn-003"),
    ],
)
def test_a_line_that_is_wrong_is_named_by_its_number(line: str, problem: str) -> None:
    found = ledger.statement(f"date,kind,amount,hours,account\n2021-04-28,fee,9.00,,\n{line}\n".encode())
    assert len(found.rows) == 1
    assert [bad.line for bad in found.bad] == [3]
    assert found.bad[0].problem.startswith(problem)
    assert "Anna" not in found.bad[0].problem


def test_a_table_without_amounts_is_no_statement() -> None:
    with pytest.raises(ReadingError, match="no column amount"):
        ledger.statement(b"date,kind\n2021-04-28,fee\n")


@given(st.binary(max_size=300))
def test_any_bytes_give_a_statement_or_a_reason(body: bytes) -> None:
    try:
        found = ledger.statement(b"date,kind,amount\n" + body)
    except ReadingError:
        return
    assert all(one.amount > 0 for one in found.rows)


# ---- what happened


@given(
    st.lists(
        st.tuples(
            st.dates(date(2021, 1, 1), date(2021, 12, 31)),
            st.sampled_from(["fee", "spent", "refused", "charge"]),
            st.integers(1, 10**6),
        ),
        max_size=40,
    )
)
def test_every_credit_that_came_in_is_spent_kept_by_the_network_or_there(rows: list[tuple[date, str, int]]) -> None:
    postings = [Posting(on, kind, amount) for on, kind, amount in rows]  # type: ignore[arg-type]
    books = outcome.statement(postings, (2021, 4), 6)
    counted = [one for one in postings if one.on < date(2021, 10, 1)]
    sums = {
        kind: sum(one.amount for one in counted if one.kind == kind) for kind in ("fee", "spent", "refused", "charge")
    }
    assert sums["fee"] == books.balance[6] + books.spent[6] + sums["charge"]
    assert books.refused[6] == sums["refused"]


def test_months_are_whole_ones_from_the_first_of_month_one() -> None:
    days = (date(2021, 4, 30), date(2021, 5, 1), date(2022, 4, 1), date(2020, 1, 1))
    assert [outcome.months_between((2021, 4), day) for day in days] == [0, 1, 12, 0]


def test_accounts_that_left_no_longer_pay_but_did_join() -> None:
    sheet = [*PILOT[:4], replace(PILOT[4], until=date(2021, 8, 31)), Member("coop-1", "level-1", "money")]
    assert outcome.paying(sheet, END) == 4
    assert outcome.joined(sheet, END) == 5
    assert outcome.joined(sheet, date(2021, 3, 1)) == 0


def test_who_paid_in_credit_before_the_plan_is_no_account_of_the_offer(pilot: Scenario, plan: Plan) -> None:
    """Where the scenario counts them as there already, neither they nor their fees are compared with its offer."""
    early = Member("ocn-099", "level-1", "credit", since=date(2021, 1, 1))
    with_one = read(ROOT / "scenarios/pilot-5.yaml", ["members.in_credit=1"])
    more = {"members": (*PILOT, early), "ledger": (*fees(6), Posting(date(2021, 5, 3), "fee", 50_000, None, "ocn-099"))}
    rows = {row.name: row.happened for row in look(with_one, plan, **more).rows}
    alone = {row.name: row.happened for row in look(pilot, plan).rows}
    counted = {row.name: row.happened for row in look(pilot, plan, **more).rows}
    for name in ("accounts paying in credit", "balance"):
        assert rows[name] == alone[name] != counted[name]


def test_meetings_of_the_pilot_are_counted_while_the_account_was_there() -> None:
    late = [replace(PILOT[0], since=date(2021, 7, 1)), *PILOT[1:]]
    met = outcome.met(Seen(quiet(), (), tuple(late)), ZoneInfo("UTC"), END)
    assert met is not None
    assert met.meetings == 4 * 26 + 13
    assert met.account_weeks == pytest.approx(4 * 26.1 + 13.1, abs=0.2)
    nameless = History("h", tuple(replace(one, account=None) for one in quiet().meetings))
    assert outcome.met(Seen(nameless, (), tuple(PILOT)), ZoneInfo("UTC"), END) is None


def at(minutes: int) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def reading(minutes: int, users: int | None, rooms: int = 1) -> Sample:
    return Sample(at(minutes), "de", None if users is None else NodeReading(rooms, users))


def test_overloads_in_readings_are_runs_above_the_limit_less_what_is_kept_free() -> None:
    node = Node("de", {"users": 150.0}, {"users": 20.0})
    values = [100, 131, 140, None, 135, 130, 90, 131, 90]
    history = History("h", (), tuple(reading(10 * k, value) for k, value in enumerate(values)))
    assert outcome.overloads(history, [node], at(0), at(1000)) == 2
    assert outcome.overloads(history, [replace(node, reserve={})], at(0), at(1000)) == 0


def test_streams_that_were_counted_by_other_pages_are_no_overload_and_no_calm() -> None:
    node, other = Node("de", {"streams": 300.0, "users": 40.0}), Pages(48)
    seen = NodeReading(4, 48, streams=312)
    history = History("h", (), (Sample(at(0), "de", seen), Sample(at(300), "de", seen, pages=str(other))))
    assert outcome.overloads(history, [node], at(0), at(1000)) == 1 + 2  # streams once, users twice
    assert outcome.overloads(history, [node], at(0), at(1000), other) == 1 + 2
    assert outcome.overloads(history, [node], at(0), at(200), other) == 1


def test_the_review_says_how_many_readings_counted_streams_by_other_pages(pilot: Scenario, plan: Plan) -> None:
    seen = NodeReading(4, 20, streams=90)
    samples = tuple(Sample(at(n), "de", seen, pages=str(Pages(by))) for n, by in enumerate((5, 5, 48)))
    found = look(pilot, plan, history=replace(quiet(), samples=samples)).notes
    assert any("the streams of 1 of 3 readings were counted by other pages" in note for note in found)
    assert not any("pages" in note for note in look(pilot, plan, history=replace(quiet(), samples=samples[:2])).notes)


def test_what_no_log_tells_is_taken_off_what_the_history_covers(pilot: Scenario, plan: Plan) -> None:
    """Neither does it count as weeks in which nobody met."""
    lost = BEGIN + timedelta(days=30), BEGIN + timedelta(days=44)
    kept = tuple(one for one in quiet().meetings if not lost[0] <= one.start < lost[1])
    known, unknown = (History("quiet", kept, (), spans) for spans in ((), (lost,)))
    rows = [
        next(row for row in look(pilot, plan, history=each).rows if row.name == "meetings of an account").happened
        for each in (quiet(), known, unknown)
    ]
    assert rows[1] < 0.95 * rows[0]
    assert rows[2] == pytest.approx(rows[0], rel=0.02)
    assert any("covers 92 % of the time" in note for note in look(pilot, plan, history=unknown).notes)


def test_a_long_gap_between_readings_makes_two_overloads_of_one() -> None:
    node = Node("de", {"users": 150.0})
    history = History("h", (), (reading(0, 160), reading(10, 160), reading(300, 160)))
    assert outcome.overloads(history, [node], at(0), at(1000)) == 2


def test_without_readings_meetings_are_counted_and_one_that_ends_makes_room_for_the_next() -> None:
    node = Node("de", {"users": 10.0, "rooms": 1.0})

    def one(key: str, begin: int, end: int, users: int) -> Meeting:
        return Meeting(key, "de", at(begin), at(end), at(end), users, 0)

    apart = History("h", (one("a", 0, 60, 9), one("b", 60, 120, 9)))
    assert outcome.overloads(apart, [node], at(0), at(1000)) == 0
    both = History("h", (one("a", 0, 60, 9), one("b", 30, 90, 9), one("c", 200, 260, 11)))
    assert outcome.overloads(both, [node], at(0), at(1000)) == 1 + 2  # rooms once, users twice
    elsewhere = History("h", tuple(replace(each, node="ca") for each in both.meetings))
    assert outcome.overloads(elsewhere, [node], at(0), at(1000)) == 0


# ---- what was predicted


def test_meetings_per_account_are_predicted_with_all_three_kinds_of_chance(tmp_path: Path) -> None:
    """One account for a long time: the ranges and its own rate are left, as in a plain simulation of the two."""
    known = synthetic.scenario(tmp_path)
    band = predicted.meetings_per_account(known, Met(0, (("only", 1, 1000.0),)), seed=5)
    rng = np.random.default_rng(1)
    z = rng.standard_normal((2, 200_000)) / 1.2816
    rate, spread = 2 * 2.0 ** z[0], np.where(z[1] > 0, 1.5 ** z[1], 2.0 ** z[1])
    plain = np.quantile(rate * rng.gamma(spread**-2) * spread**2, (0.1, 0.5, 0.9))
    assert band == pytest.approx(tuple(plain), rel=0.1)
    many = predicted.meetings_per_account(known, Met(0, (("only", 100_000, 1000.0),)), seed=5)
    assert many == pytest.approx((1, 2, 4), rel=0.02)


def test_overloads_are_predicted_from_the_offer_s_risk(plan: Plan) -> None:
    users = replace(plan.servers[0], offered=Risk(plan.offered, measures(0.4), measures(1.5)))
    low, middle, high = predicted.overloads(replace(plan, servers=(users,)), 6)
    assert middle == pytest.approx(2.4)
    assert low == stats.poisson.ppf(0.1, 2.4)
    assert high == stats.poisson.ppf(0.9, 9.0)


@given(st.sampled_from([0.1, 0.5, 0.9]), st.floats(0, 400))
def test_the_quantile_of_the_poisson_law_is_scipy_s(u: float, mean: float) -> None:
    assert predicted._poisson_quantile(u, mean) == max(0, stats.poisson.ppf(u, mean))


# ---- the rule


def test_all_met_is_go_on_with_the_next_look_half_a_year_later(pilot: Scenario, plan: Plan) -> None:
    found = look(pilot, plan, spent(12000, 4))
    assert found.verdict == "go on"
    assert found.due
    assert found.month == 6
    assert found.next_words.split(":")[0] == "April 2022, month 12"
    rows = {row.name: row for row in found.rows}
    assert rows["accounts paying in credit"].happened == 5
    assert rows["balance"].happened == 270 - 120
    assert rows["hours bought"].happened == 4
    assert rows["overloads"].happened == 0
    assert rows["meetings of an account"].happened == pytest.approx(1.0, abs=0.02)


def test_one_missed_is_hold_and_all_missed_is_stop(pilot: Scenario, plan: Plan) -> None:
    some = look(pilot, plan, spent(10000, 3))  # 3 h of 4, but not much lies idle
    assert some.verdict == "hold"
    assert some.reasons == ("hours bought: 3 h, wanted at least 4 h: missed",)
    crowd = [replace(one, users=200) for one in quiet().meetings]
    worst = look(pilot, plan, history=History("crowd", tuple(crowd)))
    assert worst.verdict == "stop"
    assert len(worst.reasons) == len(worst.asked) == 3


def test_the_bound_itself_is_met(pilot: Scenario, plan: Plan) -> None:
    """Exactly 4 hours, and exactly 80 % unspent."""
    assert look(pilot, plan, spent(5400, 4)).verdict == "go on"
    assert look(pilot, plan, spent(5399, 4)).verdict == "hold"


def test_before_it_is_due_only_what_waiting_cannot_put_right_counts(pilot: Scenario, plan: Plan) -> None:
    few = tuple(PILOT[:2])
    early = look(pilot, plan, on=date(2021, 7, 1), members=few)
    assert not early.due
    assert early.verdict == "go on"
    assert any(one.missed for one in early.asked)
    crowd = History("crowd", tuple(replace(one, users=200) for one in quiet().meetings))
    assert look(pilot, plan, on=date(2021, 7, 1), members=few, history=crowd).verdict == "hold"


def test_the_fifth_account_makes_it_due_at_once(pilot: Scenario, plan: Plan) -> None:
    found = look(pilot, plan, on=date(2021, 6, 1))
    assert found.due
    assert "5 accounts have joined" in found.why_due


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"members": ()}, "members' sheet"),
        ({"ledger": ()}, "hours bought: not known"),
        ({"history": NOTHING}, "overloads: not known"),
        ({"history": quiet(8)}, ""),
    ],
)
def test_what_nobody_knows_is_unknown_not_met(pilot: Scenario, plan: Plan, more: dict[str, object], says: str) -> None:
    if "history" in more and says == "":
        more = {"history": History("short", quiet(8).meetings[:-1])}
    found = look(pilot, plan, spent(12000, 4), **more)
    assert found.verdict == "unknown"
    assert any(says in reason for reason in found.reasons)


@pytest.mark.parametrize("node", ["-", "de"])
def test_a_server_that_nothing_is_said_of_was_not_calm(pilot: Scenario, plan: Plan, node: str) -> None:
    """A table without nodes, and one of the meetings on one of two servers."""
    placed = History("h", tuple(replace(one, node=node) for one in quiet().meetings))
    found = look(pilot, plan, spent(12000, 4), history=placed)
    assert found.verdict == "unknown"
    assert any("overloads: not known" in reason for reason in found.reasons)
    servers = "server de or server ca" if node == "-" else "server ca"
    assert f"the history says too little of {servers}: how often it was over a limit is not known" in found.notes


HALF_A_YEAR = 24 * 183
ALL = {"rooms": 1, "users": 5, "streams": 9, "load": 0.1}


def test_what_no_meeting_tells_of_is_said_to_be_not_counted(pilot: Scenario, plan: Plan) -> None:
    notes = look(pilot, plan, spent(12000, 4)).notes
    for node in ("de", "ca"):
        less = f"by the plan rooms on {node}, which was read, is passed at least as often"
        assert f"nobody read streams on {node} and load on {node}: no overload of that is counted; {less}" in notes
    both = hourly("de", HALF_A_YEAR, **ALL) + hourly("ca", HALF_A_YEAR, **ALL)
    found = look(pilot, plan, spent(12000, 4), history=replace(quiet(), samples=both))
    assert not [note for note in found.notes if "nobody read" in note]


def test_two_polls_at_the_ends_of_half_a_year_are_not_half_a_year_read(pilot: Scenario, plan: Plan) -> None:
    polled = NodeReading(**ALL)
    both = tuple(Sample(BEGIN + timedelta(days=day), node, polled) for day in (1, 182) for node in ("de", "ca"))
    both += tuple(replace(one, at=one.at + timedelta(minutes=5)) for one in both)
    notes = look(pilot, plan, spent(12000, 4), history=replace(quiet(), samples=both)).notes
    assert any("nobody read streams on de and load on de often enough: no overload" in note for note in notes)


@pytest.mark.parametrize("begins", [BEGIN, BEGIN - timedelta(days=200)])
@pytest.mark.parametrize("many", [3, 24 * 100, HALF_A_YEAR])
def test_a_server_is_seen_only_if_it_was_read_most_of_the_time_since_the_start(
    pilot: Scenario, plan: Plan, many: int, begins: datetime
) -> None:
    samples = hourly("de", HALF_A_YEAR, **ALL) + hourly("ca", many, begins, **ALL)
    found = look(pilot, plan, spent(12000, 4), history=History("h", (), samples))
    seen = many == HALF_A_YEAR and begins == BEGIN
    assert found.verdict == ("go on" if seen else "unknown")
    said = "the history says too little of server ca: how often it was over a limit is not known"
    assert (said not in found.notes) == seen


def test_users_and_rooms_of_a_server_without_meetings_are_not_zero(pilot: Scenario, plan: Plan) -> None:
    """Of ca only its CPU was read, and no table or log tells of its meetings."""
    placed = tuple(one for one in quiet().meetings if one.node == "de")
    history = History("h", placed, hourly("ca", HALF_A_YEAR, load=0.1))
    unread = "nobody read rooms on ca, users on ca and streams on ca: "
    found = look(pilot, plan, spent(12000, 4), history=history)
    assert any(
        note.startswith(f"{unread}no overload of that is counted; by the plan load on ca") for note in found.notes
    )
    doubted = look(pilot, often(plan, "ca", "users", 9.0), spent(12000, 4), history=history)
    assert doubted.verdict == "unknown"
    more = "by the plan that is passed more often than what was read"
    assert f"nobody read users on ca: {more}, so how many overloads there were is not known" in doubted.notes


def test_an_unread_limit_that_the_plan_passes_more_often_is_not_known_to_be_kept(pilot: Scenario, plan: Plan) -> None:
    assert look(pilot, plan, spent(12000, 4)).verdict == "go on"
    for resource, verdict in (("load", "unknown"), ("users", "go on")):  # of users the meetings tell
        found = look(pilot, often(plan, "de", resource, 9.0), spent(12000, 4))
        assert found.verdict == verdict
        assert any("nobody read load on de: by the plan" in note for note in found.notes) == (verdict == "unknown")
    # a limit of which the plan says nothing may be the one that is passed
    less = replace(plan, servers=tuple(one for one in plan.servers if one.resource != "streams"))
    assert look(pilot, less, spent(12000, 4)).verdict == "unknown"
    # too many overloads of what was read are too many whatever nobody read
    crowd = History("crowd", tuple(replace(one, users=200) for one in quiet().meetings))
    assert look(pilot, often(plan, "de", "load", 9.0), spent(12000, 4), history=crowd).verdict == "hold"


def test_a_few_readings_do_not_hide_what_the_meetings_tell() -> None:
    node = Node("de", {"users": 40.0})
    full = tuple(replace(one, users=50) for one in quiet().meetings)
    history = History("h", full, (reading(0, 3), reading(5, 3)))
    ends = BEGIN + timedelta(days=183)
    assert outcome.overloads(history, [node], BEGIN, ends) == outcome.overloads(History("h", full), [node], BEGIN, ends)


def test_a_threshold_missed_for_certain_holds_whatever_else_is_unknown(pilot: Scenario, plan: Plan) -> None:
    assert look(pilot, plan, history=NOTHING).verdict == "hold"


def test_before_a_month_has_passed_nothing_can_be_said(pilot: Scenario, plan: Plan) -> None:
    assert look(pilot, plan, on=date(2021, 4, 30)).verdict == "unknown"


def test_volunteer_hours_are_judged_where_somebody_wrote_them_down(plan: Plan) -> None:
    asked = read(ROOT / "scenarios" / "pilot-5.yaml", [*HOURS, "offer.review.volunteer_hours=4 h/month"])
    hours = [spent(12000, 4)]
    assert look(asked, plan, *hours).verdict == "unknown"
    assert look(asked, plan, *hours, volunteer_hours=3.5).verdict == "go on"
    assert look(asked, plan, *hours, volunteer_hours=5.0).verdict == "hold"


def test_months_since_a_purchase_count_from_the_month_it_was_made_in(plan: Plan) -> None:
    asked = read(ROOT / "scenarios" / "pilot-5.yaml", [*ASKED, "offer.review.months_since_purchase=3 months"])
    assert look(asked, plan, spent(12000, 4, date(2021, 6, 30))).verdict == "go on"  # month 3, now 6
    assert look(asked, plan, spent(12000, 4, date(2021, 5, 31))).verdict == "hold"
    never = look(asked, plan, spent(12000, None))
    assert any("never" in one.says for one in never.asked)


def test_what_the_network_refused_is_said_in_its_unit(pilot: Scenario, plan: Plan) -> None:
    """An amount of credit never stands without its unit."""
    found = look(pilot, plan, Posting(date(2021, 9, 1), "refused", 900))
    assert "the network refused fees of 9.00 credit" in found.notes


def test_what_happened_outside_the_band_is_said(pilot: Scenario, plan: Plan) -> None:
    found = look(pilot, plan, spent(12000, 4))
    outside = [row for row in found.rows if row.inside is False]
    assert all(re.search("(more|fewer|better) than predicted", row.says) for row in outside)
    assert any(row.inside for row in found.rows)


@pytest.mark.parametrize(
    ("row", "better", "says"),
    [
        (Row("hours bought", "h", 0, 0, 0, 4), True, "hours bought: 4 h, better than predicted; 0 h predicted in 8 of"),
        (Row("hours bought", "h", 8, 12, 16, 4), False, "4 h, fewer than predicted; 8 to 16 h predicted, 12 in the"),
        (Row("overloads", "", 2, 3, 5, 1), True, "overloads: 1, better than predicted; 2 to 5 predicted"),
        (Row("overloads", "", 0, 0, 0, 1), False, "overloads: 1, more than predicted; 0 predicted in 8 of 10 cases"),
        (Row("overloads", "", 0, 0, 0, 0), False, "overloads: 0, as predicted; 0 predicted in 8 of 10 cases"),
        (Row("balance", "credit", 10, 20, 30, 40), False, "40 credit, more than predicted; 10 to 30 credit"),
        (Row("hours bought", "h", 0, 0, 0, None), False, "not known; 0 h predicted in 8 of 10 cases"),
    ],
)
def test_what_went_better_than_predicted_does_not_read_like_a_failure(row: Row, better: bool, says: str) -> None:
    """Of hours more is the good side, of overloads fewer; of a balance neither is."""
    assert row.better is better
    assert says in row.says


def test_courses_run_from_the_start_to_now_beside_the_plan(pilot: Scenario, plan: Plan) -> None:
    found = look(pilot, plan, spent(12000, 4))
    balance = next(one for one in found.courses if one.name == "balance")
    assert balance.happened == (0, 45, 90, 135, 180, 225, 150)
    assert len(balance.middle) == len(plan.credit.balance.months)
    assert balance.high[6] == pytest.approx(plan.credit.balance.p90[6] / 100)


# ---- the command


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planner", "review", "small.yaml", *words, "--draws", "20"],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small scenario, quick to plan, and the example's files beside it."""
    folder = tmp_path_factory.mktemp("review")
    synthetic.scenario(folder)
    text = (folder / "synthetic.yaml").read_text(encoding="utf-8").replace("only", "level-1")
    text = text.replace("after: 6 months", "after: 6 months, at: 5 accounts, hours_bought: 4 h, idle_share: 80 %")
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    for name in ("history", "members", "ledger"):
        (folder / f"{name}.csv").write_bytes((DATA / f"example_{name}.csv").read_bytes())
    return folder


FILES = ("--history", "history.csv", "--members", "members.csv", "--ledger", "ledger.csv")


@pytest.mark.slow
def test_typed_go_on_is_0_with_charts(place: Path) -> None:
    done = run(*FILES, "--at", "2021-10-04", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "go on" in done.stdout
    assert "hours bought: 4 h" in done.stdout
    assert banned_in(done.stdout) == []
    drawn = {file.name for file in (place / "out" / "small" / "review").iterdir()}
    assert {"review.svg", "review.png", "balance.svg", "hours-bought.png"} <= drawn


@pytest.mark.slow
def test_typed_hold_is_3_too_little_4_and_bad_input_2(place: Path) -> None:
    (place / "idle.csv").write_text("date,kind,amount\n2021-05-28,fee,45.00\n", encoding="utf-8")
    hold = run(*FILES[:4], "--ledger", "idle.csv", "--at", "2021-10-04", cwd=place)
    assert hold.returncode == 3, hold.stderr
    assert {"hold", "stop"} & set(hold.stdout.splitlines())
    assert run(*FILES[2:4], "--at", "2021-10-04", cwd=place).returncode == 4
    (place / "bad.csv").write_text("date,kind,amount\n2021-05-28,fee,nine\n", encoding="utf-8")
    bad = run("--ledger", "bad.csv", cwd=place)
    assert bad.returncode == 2
    assert "bad.csv:2: amount" in bad.stderr
    assert run(*FILES, "--at", "yesterday", cwd=place).returncode == 2


def test_the_example_s_statement_is_read_whole() -> None:
    found = ledger.statement(tables.read(DATA / "example_ledger.csv", bytes))
    assert found.bad == ()
    assert sum(one.amount for one in found.rows if one.kind == "fee") == 20 * 900


@pytest.mark.slow
def test_the_notebook_says_what_the_command_says(tmp_path: Path) -> None:
    last = "print(pilot.verdict, int((pilot.predicted['happened'] == 4).sum()))"
    assert run_notebook("04_review.ipynb", last, tmp_path).strip() == "unknown 1"


def test_the_weeks_of_an_account_are_hours_that_passed_not_those_of_the_clock() -> None:
    """Clocks in Berlin were put forward on 28 March 2021: that week had 167 hours."""
    zone = ZoneInfo("Europe/Berlin")
    assert midnight(date(2021, 4, 5), zone) - midnight(date(2021, 3, 29), zone) == timedelta(hours=168)
    assert midnight(date(2021, 3, 29), zone) - midnight(date(2021, 3, 22), zone) == timedelta(hours=167)
