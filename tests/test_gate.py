"""The gate: what holds, what is unknown, what admits; pure, so every verdict is made here from numbers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.gate import Band, Bound, Curve, NotAPlan, Request, Standing, decide, standing
from planner.model.observed import NodeReading, Reading

NOW = datetime(2021, 4, 6, 9, 35, tzinfo=UTC)  # a Tuesday, 10:35 in London
TUESDAY_10 = 24 + 10

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
        Bound(
            "users",
            "permission",
            "de",
            5,
            "150 users less 20 kept free",
            "base.yaml:12",
            "Tuesday 10:35",
            "the limit were 170",
        ),
        Bound("policy", "permission", None, 20, "the pilot's cap", "pilot.yaml:6", None, None),
        Bound("market", "reach", None, 3, "150 businesses", "base.yaml:90", None, None),
    ),
    bands=(
        Band("de", "users", 150.0, (0.0,) * 168, (90.0,) * 168),
        Band("de", "rooms", 30.0, (0.0,) * 168, (20.0,) * 168),
    ),
    curves=(Curve("de", "users", (0, 5, 9), (0.02, 1 / 12, 3.1 / 12)),),
    consented="thread 501, 2021-04-01",
)


def reading(**node: object) -> Reading:
    seen = NodeReading(**({"rooms": 7, "users": 41} | node))  # type: ignore[arg-type]
    return Reading(NOW - timedelta(minutes=1), "file", {"de": seen})


def ask(accounts: int = 1, seen: Reading | None = None, plan: Standing = PLAN, admitted: int = 0, **more: object):
    return decide(plan, seen or reading(), admitted, NOW, Request("level-1", accounts), **more)


def test_a_request_within_every_limit_is_admitted_with_the_limit_that_allows_it() -> None:
    decision = ask(5)
    assert decision.verdict == "admit"
    assert "users on de (room for 5 accounts)" in decision.reasons[0]
    assert "base.yaml:12" in decision.reasons[0]


def test_a_yes_says_nothing_that_reads_like_a_no() -> None:
    """The limit's own reason is why no more than its number may come: it belongs to a hold."""
    plan = replace(PLAN, limits=(Bound("balance", "permission", None, 5, "the network refuses it", "a:1", None, None),))
    assert ask(1, plan=plan).reasons == (
        "1 account of level-1 may come: the first limit is the network's balance cap (room for 5 accounts) [a:1]",
    )
    assert ask(6, plan=plan).reasons == (
        "the network's balance cap: the network refuses it; 1 account fewer would fit [a:1]",
    )
    free = replace(plan, limits=(), max_accounts=None)
    assert ask(2, plan=free).reasons == ("2 accounts of level-1 may come: nothing limits them",)


def test_a_hold_names_resource_node_time_risk_objective_and_how_many_fewer_would_fit() -> None:
    decision = ask(9)
    assert decision.verdict == "hold"
    text = decision.reasons[0]
    for part in (
        "users on de, Tuesday 10:35",
        "3.1 overloads a year with 9 accounts",
        "1 overload a year is the objective at 90 % confidence",
        "4 accounts fewer would fit",
        "base.yaml:12",
    ):
        assert part in text
    assert decision.yes_if == ("the limit were 170",)


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
    decision = decide(PLAN, reading(), 0, NOW, Request("level-3", 1))
    assert decision.verdict == "hold"
    assert "level-3 is not on offer" in decision.reasons[0]


def test_no_reading_is_unknown_even_where_the_plan_would_hold() -> None:
    for accounts in (1, 9):
        decision = decide(PLAN, None, 0, NOW, Request("level-1", accounts))
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


def test_a_reading_without_the_binding_resource_is_unknown_without_another_it_is_not() -> None:
    assert ask(1, reading(users=None)).verdict == "unknown"
    assert ask(1, reading(rooms=None)).verdict == "admit"


def test_a_node_over_its_limit_or_offline_holds() -> None:
    over = ask(1, reading(users=151))
    assert over.verdict == "hold"
    assert any("151 now, over the limit of 150" in reason for reason in over.reasons)
    offline = ask(1, reading(online=False, rooms=None, users=None))
    assert offline.verdict == "hold"
    assert "node de is offline" in offline.reasons


def test_a_reading_outside_the_band_for_its_hour_is_unknown_with_the_band() -> None:
    high = list(PLAN.bands[0].high)
    high[TUESDAY_10] = 40.0
    plan = replace(PLAN, bands=(replace(PLAN.bands[0], high=tuple(high)), PLAN.bands[1]))
    decision = ask(1, plan=plan)
    assert decision.verdict == "unknown"
    assert "the model does not fit here: users on de read 41" in decision.reasons[0]
    assert "Tuesday at 10:00" in decision.reasons[0]
    assert ask(1, plan=replace(plan, timezone="Europe/Berlin")).verdict == "admit"  # there it is 11:35


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
    if decide(PLAN, seen, admitted, NOW, Request("level-1", accounts)).verdict == "admit":
        assert admitted + accounts <= 5
        assert online
        assert users is not None
        assert users <= 90
        assert rooms is None or rooms <= 20


def test_the_decision_as_json_is_the_fixed_record() -> None:
    document = ask(9).as_json()
    assert document["schema"] == "planner.decision/1"
    assert document["verdict"] == "hold"
    assert document["max_more_accounts"] == 5
    assert document["plan"] == {"digest": PLAN.digest, "consented": "thread 501, 2021-04-01"}
    assert document["reading"] == {
        "source": "file",
        "taken_at": reading().taken_at.isoformat(),
        "age_s": 60.0,
        "nodes": {"de": {"rooms": 7, "users": 41, "online": True}},
    }


@pytest.mark.parametrize("document", [{}, {"schema": "planner.plan/2"}, [], None, {"schema": "planner.plan/1"}])
def test_what_is_not_a_plan_is_refused(document: object) -> None:
    with pytest.raises(NotAPlan):
        standing(document)  # type: ignore[arg-type]


def test_a_verdict_needs_a_time_with_its_offset_and_a_request_of_one_at_least() -> None:
    with pytest.raises(ValueError, match="offset"):
        decide(PLAN, reading(), 0, NOW.replace(tzinfo=None), Request("level-1", 1))
    with pytest.raises(ValueError, match="at least one"):
        ask(0)
