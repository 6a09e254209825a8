"""The gate: what holds, what is unknown, what admits; pure, so every verdict is made here from numbers."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from banned_phrases import banned_in
from hypothesis import given
from hypothesis import strategies as st

from planner import __plan_schema__
from planner.cli.verdict import Answer, words
from planner.gate import NotAPlan, Request, Standing, decide, standing
from planner.model.inputs.observations import NOBODY, Admitted, NodeReading, Reading
from planner.model.inputs.pages import Pages, Step
from planner.model.limit import Curve, Limit, Reason, Week

NOW = datetime(2021, 4, 6, 9, 35, tzinfo=UTC)  # a Tuesday, 10:35 in London
TUESDAY_10 = 24 + 10

MARKET = Reason("market", {"network": "ocn", "low": 2, "high": 9})
PLAN = Standing(
    name="pilot",
    digest="d" * 64,
    timezone="Europe/London",
    measure="episodes",
    at_most=1 / 12,
    confidence=0.9,
    mix=("level-1",),
    max_accounts=5,
    limits=(
        Limit(
            *("users", "permission", "de", 5, 9, Reason("no largest balance", {}), "nodes.de.limits.users"),
            when=288 + 12 * 10 + 7,
            yes_if=Reason("higher limit", {"pooled": False, "least": 170}),
        ),
        Limit("policy", "permission", None, 20, 20, Reason("cap", {"cap": 20, "levels": ["level-1"]}), "offer.cap"),
        Limit("market", "reach", None, 3, 3, MARKET, "networks.ocn.take_up"),
    ),
    origins={
        "nodes.de.limits.users": "base.yaml:12",
        "offer.cap": "pilot.yaml:6",
        "networks.ocn.take_up": "base.yaml:90",
        "networks.ocn.largest_balance": "a:1",
        "nodes.de.limits.load": "base.yaml:14",
    },
    weeks=(
        Week("de", "users", 150.0, 0.0, *[(0.0,) * 168] * 3, (90.0,) * 168, *[(0.0,) * 168] * 3),
        Week("de", "rooms", 30.0, 0.0, *[(0.0,) * 168] * 3, (20.0,) * 168, *[(0.0,) * 168] * 3),
    ),
    nodes=("de",),
    curves={("de", "users"): Curve("episodes", (0, 5, 9), (0.0, 0.01, 0.1), (0.02, 1 / 12, 3.1 / 12))},
    consented="thread 501, 2021-04-01",
    made=datetime(2021, 4, 1, 12, tzinfo=UTC),
    result="a" * 64,
    seal="b" * 64,
)


def reading(**node: object) -> Reading:
    seen = NodeReading(**({"rooms": 7, "users": 41} | node))  # type: ignore[arg-type]
    return Reading(NOW - timedelta(minutes=1), "file", {"de": seen})


def came(**by_level: int) -> Admitted:
    return Admitted({level.replace("_", "-"): count for level, count in by_level.items()})


def ask(accounts: int = 1, seen: Reading | None = None, plan: Standing = PLAN, admitted: int = 0, **more: object):
    there = came(level_1=admitted) if admitted else NOBODY
    return decide(plan, seen or reading(), there, NOW, Request("level-1", accounts), **more)


ELSEWHERE = replace(PLAN, nodes=("de", "ca"), reached=("de",))


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (reading(), "node ca is in the plan but not in the reading; nobody is offered ca"),
        (replace(reading(), unread={"ca": "no whole answer in time"}), "node ca: no whole answer in time; nobody is"),
        (replace(reading(), nodes={"de": reading().nodes["de"], "ca": NodeReading()}), ""),
    ],
)
def test_a_node_that_nobody_is_offered_stops_nobody_and_is_named(seen: Reading, why: str) -> None:
    decision = ask(seen=seen, plan=ELSEWHERE)
    assert decision.verdict == "admit"
    assert any(why in caution for caution in decision.cautions) or not why


def test_a_node_that_the_plan_does_not_name_is_said_and_where_one_is_missing_it_may_be_that_one() -> None:
    more = {**reading().nodes, "new": NodeReading(online=False)}
    added = ask(seen=replace(reading(), nodes=more))
    assert added.verdict == "admit"
    assert added.cautions == ("the reading has node new, which the plan does not name: nothing is judged by it",)
    asked = ask(seen=replace(reading(), unread={"new": "no whole answer in time"}))
    assert (asked.verdict, asked.cautions) == ("admit", added.cautions)
    # nobody is offered ca, and yet it must not be offline: kanada may be its name
    misspelt = {**reading().nodes, "kanada": NodeReading(online=False)}
    decision = ask(seen=replace(reading(), nodes=misspelt), plan=ELSEWHERE)
    assert decision.verdict == "unknown"
    assert decision.reasons == (
        "the reading has node kanada, which the plan does not name, and not node ca: is a name misspelt?",
    )
    many = {f"n{count}": NodeReading() for count in range(7)}
    assert (
        "nodes n0, n1, n2, n3, n4 and 2 more, which the plan does"
        in ask(seen=replace(reading(), nodes=many)).reasons[1]
    )


def test_a_node_that_accounts_may_come_to_stops_them_and_so_does_one_that_nobody_speaks_of() -> None:
    silent = replace(reading(), unread={"de": "no whole answer in time"})
    assert ask(seen=silent, plan=ELSEWHERE).verdict == "unknown"
    assert ask(seen=replace(reading(), nodes={}), plan=ELSEWHERE).verdict == "unknown"
    for reached in ((), ("de", "ca")):  # where it is not said, any of them
        assert ask(plan=replace(ELSEWHERE, reached=reached)).verdict == "unknown"


def test_a_server_that_is_too_full_or_offline_holds_also_where_nobody_is_offered_it() -> None:
    """It is known to be too full, or offline, and its members come to the others: that is no gap in what is known."""
    gone = {"de": reading().nodes["de"], "ca": NodeReading(online=False)}
    assert ask(seen=replace(reading(), nodes=gone), plan=ELSEWHERE).verdict == "hold"
    there = {"de": NodeReading(rooms=7, users=41), "ca": NodeReading(rooms=90)}
    weeks = (*PLAN.weeks, replace(PLAN.weeks[1], node="ca"))
    decision = ask(seen=replace(reading(), nodes=there), plan=replace(ELSEWHERE, weeks=weeks))
    assert decision.verdict == "hold"


def test_streams_that_were_counted_by_another_page_are_not_known() -> None:
    week = Week("de", "streams", 900.0, 0.0, *[(0.0,) * 168] * 3, (800.0,) * 168, *[(0.0,) * 168] * 3)
    plan = replace(PLAN, weeks=(*PLAN.weeks, week), pages=Pages(48))
    seen = reading(streams=312)
    assert ask(seen=replace(seen, pages=Pages(48)), plan=plan).verdict == "admit"
    assert ask(seen=seen, plan=plan).verdict == "admit"  # by hand: whoever writes it knows what it means
    decision = ask(seen=replace(seen, pages=Pages(5)), plan=plan)
    assert decision.verdict == "unknown"
    assert "streams by other pages of cameras (5) than the plan (48)" in decision.reasons[0]
    shrinking = replace(plan, pages=Pages(48, (Step(30, 25, 25),)))
    assert ask(seen=replace(seen, pages=Pages(48, (Step(30, 25, 25),))), plan=shrinking).verdict == "admit"
    decision = ask(seen=replace(seen, pages=Pages(48)), plan=shrinking)
    assert "(48) than the plan (48; 25 from 30 users (moderators 25))" in decision.reasons[0]


@pytest.mark.parametrize(("limit", "of"), [(0.7, "cpu"), (40.0, "scalelite")])
def test_a_load_of_another_kind_is_not_known(limit: float, of: Any) -> None:
    """An idle server has the load 0 by Scalelite's count, and no CPU is over 1: neither is below the other's limit."""
    week = Week("de", "load", limit, 0.0, *[(0.0,) * 168] * 3, (limit,) * 168, *[(0.0,) * 168] * 3)
    plan, seen = replace(PLAN, weeks=(*PLAN.weeks, week)), reading(load=0.1)
    # by hand: a share of the CPU is the usual one, and below any limit in Scalelite's numbers, which has to be said
    decision = ask(seen=seen, plan=plan)
    assert decision.verdict == ("admit" if of == "cpu" else "unknown")
    assert ('does not say whose load it is: wanted "load_of": "scalelite"' in decision.reasons[0]) is (of != "cpu")
    assert ask(seen=replace(seen, load_of=of), plan=plan).verdict == "admit"
    decision = ask(seen=replace(seen, load_of="scalelite" if of == "cpu" else "cpu"), plan=plan)
    assert decision.verdict == "unknown"
    assert "the load in the reading of node de is " in decision.reasons[0]
    assert ask(seen=replace(reading(), load_of="cpu"), plan=PLAN).verdict == "admit"
    # the limits of one node say nothing of what those of another mean
    both = replace(plan, weeks=(*plan.weeks, replace(week, node="ca", limit=1.0 if limit > 1 else 40.0)))
    assert ask(seen=replace(seen, load_of="scalelite" if of == "cpu" else "cpu"), plan=both).verdict == "unknown"


def test_a_request_within_every_limit_is_admitted_with_the_limit_that_allows_it() -> None:
    decision = ask(5)
    assert decision.verdict == "admit"
    assert "users on de (room for 5 accounts)" in decision.reasons[0]
    assert "base.yaml:12" in decision.reasons[0]


def test_a_yes_says_nothing_that_reads_like_a_no() -> None:
    """The limit's own reason is why no more than its number may come: it belongs to a hold."""
    plan = replace(
        PLAN,
        limits=(
            Limit(
                "balance", "permission", None, 5, 5, Reason("no largest balance", {}), "networks.ocn.largest_balance"
            ),
        ),
    )
    assert ask(1, plan=plan).reasons == (
        "1 account of level-1 may come: the first limit is the network's balance cap (room for 5 accounts) [a:1]",
    )
    assert ask(6, plan=plan).reasons == (
        "the network's balance cap: the network sets no largest balance; 5 accounts would fit [a:1]",
    )
    free = replace(plan, limits=(), max_accounts=None)
    assert ask(2, plan=free).reasons == ("2 accounts of level-1 may come: nothing limits them",)


def test_a_hold_names_resource_node_time_risk_objective_and_how_many_would_fit() -> None:
    decision = ask(9)
    assert decision.verdict == "hold"
    text = decision.reasons[0]
    for part in (
        "users on de, Tuesday 10:35",
        "with 9 accounts, in the worst 10 of 100 cases 3.1 overloads a year or more",
        "promised 1 overload a year at most",
        "5 accounts would fit",
        "base.yaml:12",
    ):
        assert part in text
    assert decision.yes_if == ("the users limit of server de were known to be at least 170 users",)


def test_a_risk_between_two_planned_points_says_about() -> None:
    assert "about " in ask(7).reasons[0]


def test_accounts_admitted_already_count() -> None:
    assert ask(1, admitted=4).verdict == "admit"
    late = ask(1, admitted=5)
    assert (late.verdict, late.max_more_accounts) == ("hold", 0)
    assert "no more would fit" in late.reasons[0]


def test_a_reach_never_holds() -> None:
    assert ask(4).verdict == "admit"  # the market is expected to bring 3


def test_a_level_not_on_offer_holds() -> None:
    decision = decide(PLAN, reading(), NOBODY, NOW, Request("level-3", 1))
    assert decision.verdict == "hold"
    assert "level-3 is not on offer" in decision.reasons[0]


# What is not known, and what is certain all the same

UNSIGNED = replace(PLAN, consented=None)


@pytest.mark.parametrize("admit", [True, False])
@pytest.mark.parametrize("plan", [PLAN, UNSIGNED, replace(PLAN, misfit="a busy day"), replace(PLAN, worth=9.0)])
@pytest.mark.parametrize("seen", [{}, {"users": 151}, {"users": 120}, {"users": None}, {"online": False}])
def test_every_verdict_is_said_in_plain_words(seen: dict[str, object], plan: Standing, admit: bool) -> None:
    for accounts in (1, 7, 9, 30):
        decision = ask(accounts, reading(**seen), plan, admit=admit)
        assert banned_in(words(Answer(decision), as_of=True)) == []


@pytest.mark.parametrize(
    ("seen", "level", "accounts"),
    [
        ({}, "level-1", 6),  # more than may come, even if nobody has come
        ({}, "level-3", 1),
        ({"users": 151}, "level-1", 1),
        ({"online": False}, "level-1", 1),
    ],
)
def test_a_certain_no_comes_before_a_doubt_about_register_or_consent(
    seen: dict[str, object], level: str, accounts: int
) -> None:
    decision = decide(UNSIGNED, reading(**seen), None, NOW, Request(level, accounts), admit=True)
    assert (decision.verdict, decision.admitted, decision.max_more_accounts) == ("hold", None, 0)


def test_who_came_is_not_known_without_a_register() -> None:
    decision = decide(PLAN, reading(), None, NOW, Request("level-1", 1), why_no_count="the disk is gone")
    assert (decision.verdict, decision.reasons) == ("unknown", ("the disk is gone",))
    assert decide(PLAN, reading(), None, NOW, Request("level-1", 1)).verdict == "unknown"


def test_what_nobody_signed_may_be_asked_about_and_is_not_recorded() -> None:
    assert ask(1, plan=UNSIGNED).verdict == "admit"
    decision = ask(1, plan=UNSIGNED, admit=True)
    assert decision.verdict == "unknown"
    assert "nobody has consented to this plan" in decision.reasons[0]
    assert ask(6, plan=UNSIGNED, admit=True).verdict == "hold"
    assert ask(1, admit=True).verdict == "admit"


def test_every_doubt_is_said_at_once() -> None:
    decision = decide(UNSIGNED, reading(users=120), None, NOW, Request("level-1", 1), admit=True)
    assert decision.verdict == "unknown"
    assert [reason.split()[0] for reason in decision.reasons] == ["no", "nobody", "this"]


def test_a_doubt_that_was_accepted_is_written_down() -> None:
    """Up to 15 minutes a reading is no doubt; beyond that the option that accepts it is in the decision."""
    for late, accepted in ((15, ()), (90, ("the reading is 90 minutes old, which --max-age accepts",))):
        old = replace(reading(), taken_at=NOW - timedelta(minutes=late))
        decision = ask(1, old, max_age=timedelta(minutes=120))
        assert (decision.verdict, decision.accepted) == ("admit", accepted)
        assert decision.as_json()["accepted"] == list(accepted)
    assert ask(1, replace(old, taken_at=NOW - timedelta(minutes=121)), max_age=timedelta(minutes=120)).accepted == ()


def test_a_plan_from_the_future_says_nothing() -> None:
    """The clock here went back, or that of the machine where it was made was ahead: an expired plan would hold on."""
    decision = ask(1, plan=replace(PLAN, made=NOW + timedelta(minutes=3)))
    assert decision.verdict == "unknown"
    assert "still to come" in decision.reasons[0]
    assert ask(1, plan=replace(PLAN, made=NOW + timedelta(minutes=1))).verdict == "admit"


def test_no_reading_is_unknown_even_where_the_plan_would_hold() -> None:
    for accounts in (1, 9):
        decision = decide(PLAN, None, NOBODY, NOW, Request("level-1", accounts))
        assert decision.verdict == "unknown"


@pytest.mark.parametrize(("late", "verdict"), [(14, "admit"), (16, "unknown")])
def test_a_stale_reading_is_unknown(late: int, verdict: str) -> None:
    old = replace(reading(), taken_at=NOW - timedelta(minutes=late))
    assert ask(1, old).verdict == verdict


def test_a_reading_from_the_future_is_unknown() -> None:
    assert ask(1, replace(reading(), taken_at=NOW + timedelta(minutes=5))).verdict == "unknown"


def test_a_node_of_the_plan_that_was_not_read_is_unknown() -> None:
    elsewhere = replace(reading(), nodes={"ca": NodeReading(rooms=1, users=2)})
    decision = ask(1, elsewhere)
    assert decision.verdict == "unknown"
    assert "node de" in decision.reasons[0]


@pytest.mark.parametrize(
    ("resource", "who"), [("users", "BigBlueButton knows it"), ("rooms", "BigBlueButton knows it")]
)
def test_a_reading_without_any_resource_that_is_limited_is_unknown_and_says_who_reads_it(
    resource: str, who: str
) -> None:
    """Also where another limit binds: what was not read may be over its limit now."""
    decision = ask(1, reading(**{resource: None}))
    assert decision.verdict == "unknown"
    assert f"node de has no {resource}, which the plan limits; {who}" in decision.reasons[0]


def test_a_limit_without_a_week_of_its_own_asks_for_its_reading_too() -> None:
    load = Limit("load", "permission", "de", 9, 9, Reason("no largest balance", {}), "nodes.de.limits.load")
    plan = replace(PLAN, limits=(*PLAN.limits, load))
    assert "Prometheus" in ask(1, plan=plan).reasons[0]
    assert ask(1, plan=plan).verdict == "unknown"
    assert ask(1, reading(load=0.2), plan).verdict == "admit"


def test_a_node_without_limits_must_be_read_and_online_too() -> None:
    """Members are on it, and a node that is gone sends its people elsewhere."""
    two = replace(PLAN, nodes=("de", "ca"))
    assert ask(1, plan=two).verdict == "unknown"
    assert ask(1, plan=two).reasons == ("node ca is in the plan but not in the reading",)
    there, gone = (replace(reading(), nodes={**reading().nodes, "ca": NodeReading(online=on)}) for on in (True, False))
    assert ask(1, there, two).verdict == "admit"
    assert ask(1, gone, two).verdict == "hold"
    assert ask(1, gone, two).reasons == ("server ca is offline",)
    silent = replace(there, unread={"ca": "the connection failed"})
    assert ask(1, silent, two).reasons == ("node ca: the connection failed",)


def test_a_node_over_its_limit_or_offline_holds() -> None:
    over = ask(1, reading(users=151))
    assert over.verdict == "hold"
    assert any("151 now, over the limit of 150" in reason for reason in over.reasons)
    offline = ask(1, reading(online=False, rooms=None, users=None))
    assert offline.verdict == "hold"
    assert "server de is offline" in offline.reasons


def test_a_reading_outside_the_band_for_its_hour_is_unknown_with_the_band() -> None:
    high = list(PLAN.weeks[0].high)
    high[TUESDAY_10] = 40.0
    plan = replace(PLAN, weeks=(replace(PLAN.weeks[0], high=tuple(high)), PLAN.weeks[1]))
    decision = ask(1, plan=plan)
    assert decision.verdict == "unknown"
    assert "not what the plan expects on Tuesday at 10:00: users on de 41 (0 to 40 expected)" in decision.reasons[0]
    assert ask(1, plan=replace(plan, timezone="Europe/Berlin")).verdict == "admit"  # there it is 11:35


# The end of the plan


@pytest.mark.parametrize(
    ("made", "first", "after", "ends"),
    [
        (datetime(2021, 4, 6, 9, tzinfo=UTC), None, 6, "2021-10-06"),
        (datetime(2021, 4, 6, 9, tzinfo=UTC), datetime(2021, 5, 31, 9, tzinfo=UTC), 6, "2021-11-30"),
        (datetime(2021, 8, 31, 9, tzinfo=UTC), None, 6, "2022-02-28"),
        (datetime(2021, 12, 6, 9, tzinfo=UTC), None, 12, "2022-12-06"),
        (datetime(2021, 3, 31, 23, 30, tzinfo=UTC), None, 1, "2021-05-01"),  # in London it is April already
    ],
)
def test_a_plan_ends_at_its_review_counted_from_the_first_account_or_from_when_it_was_made(
    made: datetime, first: datetime | None, after: int, ends: str
) -> None:
    """The members' growth is counted up to the review: to the minute before, the number holds; then it is not known."""
    plan = replace(PLAN, made=made, after=after)
    end = plan.ends(first)
    assert end is not None
    assert f"{end:%Y-%m-%d}" == ends
    there = Admitted({}, first)
    for late, verdict in (
        (timedelta(minutes=-1), "admit"),
        (timedelta(), "unknown"),
        (timedelta(days=2000), "unknown"),
    ):
        now = end + late
        seen = replace(reading(), taken_at=now)
        decision = decide(plan, seen, there, now, Request("level-1", 1))
        assert decision.verdict == verdict
        if verdict == "unknown":
            assert f"the plan ended on {ends} with its review, {after} months after" in decision.reasons[0]
            assert "plan again" in decision.reasons[0]


def test_past_its_review_not_even_a_hold_is_known() -> None:
    old = replace(PLAN, made=NOW - timedelta(days=400), after=6)
    assert ask(99, plan=old).verdict == "unknown"
    assert decide(old, None, NOBODY, NOW, Request("level-1", 1)).reasons[0].startswith("the plan ended")


# The offered mix

MIXED = replace(PLAN, mix=("level-1", "level-3"), by_level={"level-1": 3, "level-3": 2})


@pytest.mark.parametrize(
    ("there", "level", "accounts", "verdict"),
    [
        ({}, "level-3", 2, "admit"),
        ({}, "level-3", 3, "hold"),
        ({"level-3": 2}, "level-3", 1, "hold"),
        ({"level-3": 2}, "level-1", 3, "admit"),
        ({"level-1": 3}, "level-1", 1, "hold"),
        ({"level-1": 3, "level-3": 1}, "level-3", 1, "admit"),
        ({"level-3": 3}, "level-1", 1, "hold"),  # people decided on the third: the number is not for such accounts
        ({"free": 1}, "level-1", 1, "hold"),
    ],
)
def test_the_accounts_that_come_are_among_those_that_the_plan_counted_of_each_level(
    there: dict[str, int], level: str, accounts: int, verdict: str
) -> None:
    """Three small and two large ones were counted; five large ones would bring more than that."""
    assert decide(MIXED, reading(), Admitted(there), NOW, Request(level, accounts)).verdict == verdict


def test_a_level_that_has_its_share_is_told_so() -> None:
    (reason,) = decide(MIXED, reading(), came(level_3=2), NOW, Request("level-3", 1)).reasons
    counted = "the plan counted 3 of level-1 and 2 of level-3 among the 5 accounts that may come"
    assert reason == f"{counted}; level-3 has its 2"
    (reason,) = decide(MIXED, reading(), came(level_3=1), NOW, Request("level-3", 2)).reasons
    assert reason == f"{counted}; level-3 has 1 already"
    (reason,) = decide(MIXED, reading(), came(free=1), NOW, Request("level-3", 1)).reasons
    assert (
        reason == "1 account of free came, which the plan did not count: count them among the members, and plan again"
    )


def test_where_nothing_limits_any_mix_may_come() -> None:
    free = replace(MIXED, limits=(), max_accounts=None, by_level=None)
    assert decide(free, reading(), came(level_3=50), NOW, Request("level-3", 9)).verdict == "admit"


@given(
    users=st.none() | st.integers(0, 400),
    rooms=st.none() | st.integers(0, 60),
    online=st.booleans(),
    late=st.integers(-10, 60),
    accounts=st.integers(1, 12),
    admitted=st.integers(0, 8),
)
def test_a_reading_never_loosens_a_verdict(
    users: int | None, rooms: int | None, online: bool, late: int, accounts: int, admitted: int
) -> None:
    seen = Reading(NOW - timedelta(minutes=late), "file", {"de": NodeReading(users=users, rooms=rooms, online=online)})
    if decide(PLAN, seen, came(level_1=admitted), NOW, Request("level-1", accounts)).verdict == "admit":
        assert admitted + accounts <= 5
        assert online
        assert users is not None
        assert users <= 90
        assert rooms is not None
        assert rooms <= 20


def test_the_decision_as_json_is_the_fixed_record() -> None:
    document = ask(9).as_json()
    assert document["schema"] == "planner.decision/1"
    assert document["verdict"] == "hold"
    assert document["max_more_accounts"] == 5
    assert document["plan"] == {
        "digest": PLAN.digest,
        "result": "a" * 64,
        "seal": "b" * 64,
        "made": "2021-04-01T12:00:00+00:00",
        "consented": "thread 501, 2021-04-01",
        "cautions": [],
        "ends": None,
        "number": 5,
        "decision": None,
    }
    read = document["reading"]
    assert read.pop("seal") != ask(9, reading(users=42)).as_json()["reading"]["seal"]
    assert read == {
        "source": "file",
        "taken_at": reading().taken_at.isoformat(),
        "age_s": 60.0,
        "nodes": {"de": {"rooms": 7, "users": 41, "online": True}},
        "unread": {},
    }


@pytest.mark.parametrize("document", [{}, {"schema": "planner.plan/9"}, [], None, "plan", {"schema": __plan_schema__}])
def test_what_is_not_a_plan_is_refused(document: object) -> None:
    with pytest.raises(NotAPlan):
        standing(document)


@pytest.mark.parametrize("accounts", [0, -1, 1.5, math.nan, True, "1"])
def test_a_verdict_is_on_a_whole_number_of_accounts(accounts: Any) -> None:
    with pytest.raises(ValueError, match="a whole number of accounts, from 1 on"):
        ask(accounts)


@pytest.mark.parametrize("came", [math.nan, -50, 1.5, True])
def test_who_came_is_counted_in_whole_numbers(came: Any) -> None:
    with pytest.raises(ValueError, match="whole numbers from 0 on"):
        Admitted({"level-1": came})


def test_nobody_accepts_a_reading_of_yesterday() -> None:
    with pytest.raises(ValueError, match="says nothing about now"):
        decide(PLAN, reading(), NOBODY, NOW, Request("level-1", 1), max_age=timedelta(days=400))


def test_a_verdict_needs_a_time_with_its_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        decide(PLAN, reading(), NOBODY, NOW.replace(tzinfo=None), Request("level-1", 1))


def test_a_number_that_nobody_looked_at_is_no_number() -> None:
    """The search for a number ends at 10,000 accounts: a limit that allows as many is said to be none."""
    free = replace(PLAN, limits=(PLAN.limits[2],), max_accounts=None, by_level=None)
    assert ask(10_000, plan=free).verdict == "admit"
    held = ask(10_001, plan=free)
    assert held.verdict == "hold"
    assert "looked at 10,000 accounts at most" in held.reasons[0]


def test_a_plan_of_draws_that_are_worth_too_little_is_unknown() -> None:
    """What was seen fits hardly any case: then the plan's own number is not known, whatever is asked."""
    for accounts in (1, 9):
        decision = ask(accounts, plan=replace(PLAN, worth=399.0))
        assert decision.verdict == "unknown"
        assert "count as 399, and it takes 400" in decision.reasons[0]
    assert ask(1, plan=replace(PLAN, worth=400.0)).verdict == "admit"


def test_a_plan_of_ranges_that_the_model_does_not_fit_is_unknown() -> None:
    """Whatever is asked, also what the plan refuses for certain: its number rests on what does not hold."""
    misfit = "6 meetings of 87 users or more where 0.19 were to be expected"
    for accounts in (1, 9):
        decision = ask(accounts, plan=replace(PLAN, misfit=misfit))
        assert decision.verdict == "unknown"
        assert misfit in decision.reasons[0]
        assert "collect more or change the ranges" in decision.reasons[0]
    assert ask(9).verdict == "hold"


def test_a_plan_of_ranges_of_which_nobody_knows_whether_the_model_fits_them_is_unknown() -> None:
    for accounts in (1, 9):
        decision = ask(accounts, plan=replace(PLAN, not_judged="none of 6 questions could be asked"))
        assert decision.verdict == "unknown"
        assert "is not known: none of 6 questions could be asked; collect more" in decision.reasons[0]
        assert "without this history" in decision.reasons[0]
