"""What people decided stands in place of the number, of nothing else, and the gate cannot be talked into more."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import gate_checker
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_plan import document

from planner import gate, seal
from planner.cli import verdict
from planner.cli.verdict import Answer
from planner.model.inputs.observations import NOBODY, Admitted, NodeReading, Reading

MADE = datetime(2021, 4, 6, 9, 35, tzinfo=UTC)
NOW = MADE + timedelta(hours=1)
FREE = {"rooms": 4, "users": 24, "streams": 60, "load": 0.12}
SAID = {
    "accounts": 5,
    "on": "2021-04-06",
    "by": "All Hands, thread 501",
    "because": "adds 2 cases in 100",
    "plan": "1a2b3c4d5e6f",
    "by_level": {"level-1": 5},
    "scenario": "d" * 64,
}
SERVERS = ("users", "rooms", "streams", "load")
REVERSIBLE = ("labour", "balance", "spendability", "cash")


def plan(
    number: int | None = 0, cap: int | None = 9, limits: tuple[str, ...] = ("users",), **changed: Any
) -> dict[str, Any]:
    """Return a plan of nine accounts on offer, five decided on, where these limits allow so many."""
    made = json.loads(json.dumps(document(cap=9) | {"decision": SAID} | changed))
    rows = made["admission"]["limits"]
    policy = next(row for row in rows if row["limit"] == "policy")
    rows += [{**policy, "limit": name, "path": f"credit.{name}"} for name in REVERSIBLE if name in limits]
    for row in rows:
        row["max_accounts"] = number if row["limit"] in limits else None
    kind = "no cap" if cap is None else "cap"
    policy["max_accounts"], policy["because"] = cap, {"kind": kind, "about": {"cap": cap, "levels": ["level-1"]}}
    most = min((row["max_accounts"] for row in rows if row["max_accounts"] is not None), default=None)
    made["admission"] |= {"max_accounts": most, "by_level": None if most is None else {"level-1": most}}
    return gate_checker.seal(made, changed.get("made", MADE.isoformat()))


def ask(
    document: dict[str, Any],
    accounts: int = 1,
    there: int | dict[str, int] = 0,
    *,
    now: datetime = NOW,
    level: str = "level-1",
    admit: bool = False,
    **node: Any,
) -> gate.Decision:
    """Return the verdict on so many accounts after those who are there."""
    seen = Reading(now, "file", {name: NodeReading(**FREE | node) for name in ("de", "ca")})
    came = Admitted({"level-1": there} if isinstance(there, int) else there) if there else NOBODY
    return gate.decide(gate.standing(document), seen, came, now, gate.Request(level, accounts), admit=admit)


def said(decision: gate.Decision) -> str:
    """Return the verdict as it is printed, on one line."""
    return " ".join(click.unstyle(verdict.words(Answer(decision), as_of=False)).split())


# Five decided on, a number of 0: the fifth comes, the sixth does not


def test_the_fifth_is_admitted_and_the_sixth_held_each_with_its_reason() -> None:
    fifth, sixth = ask(plan(), 1, 4, admit=True), ask(plan(), 1, 5, admit=True)
    whose = "5 accounts may come, as decided on 2021-04-06 by All Hands, thread 501"
    number = "the plan alone, to be right in 90 of 100 cases, allows no account"
    assert (fifth.verdict, fifth.max_more_accounts) == ("admit", 1)
    assert fifth.reasons == (f"1 account of level-1 may come after the 4 admitted: {whose}; {number}",)
    assert (sixth.verdict, sixth.max_more_accounts) == ("hold", 0)
    assert sixth.reasons == (f"{whose}; with these it would be 6; no more would fit; {number}",)
    assert sixth.yes_if == ("people decided on more",)
    assert ask(plan(), 3, 4).reasons == (f"{whose}; with these it would be 7; 1 account would fit; {number}",)


@pytest.mark.parametrize("limits", [(name,) for name in (*SERVERS, *REVERSIBLE)])
def test_it_stands_in_place_of_each_number_of_a_server_and_of_what_can_be_put_right(limits: tuple[str, ...]) -> None:
    document = plan(limits=limits)
    assert ask(document, 5).verdict == "admit"
    assert ask(document, 6).verdict == "hold"
    assert ask(_again(document, decision=None)).verdict == "hold"


@pytest.mark.parametrize("number", [0, 3, 5, 6, 40, None])
def test_never_more_than_they_decided_whatever_the_number(number: int | None) -> None:
    document = plan(number, cap=None)
    assert ask(document, 5).verdict == "admit"
    assert ask(document, 6).verdict == "hold"
    assert ask(document, 1, 5).verdict == "hold"


@settings(max_examples=40)
@given(number=st.none() | st.integers(0, 60), there=st.integers(0, 12), accounts=st.integers(1, 12))
def test_no_more_than_the_smaller_of_decision_and_cap(number: int | None, there: int, accounts: int) -> None:
    for cap in (None, 3, 9):
        most = 5 if cap is None else min(5, cap)
        right = "admit" if there + accounts <= most else "hold"
        decision = ask(plan(number, cap=cap), accounts, there)
        assert decision.verdict == right
        assert decision.max_more_accounts == max(0, most - there)


# What it never stands in place of


def test_not_of_the_cap() -> None:
    document = plan(cap=3)
    assert ask(document, 3).verdict == "admit"
    held = ask(document, 4)
    assert (held.verdict, held.max_more_accounts) == ("hold", 3)
    assert "the pilot is capped at 3 accounts" in held.reasons[0]


def test_not_of_the_levels_on_offer_nor_of_their_mix() -> None:
    assert ask(plan(), level="level-3").verdict == "hold"
    levels = [{"path": f"levels.{name}.price"} for name in ("level-1", "level-3")]
    mixed = plan(
        assumptions=levels + [{"path": f"nodes.{node}.share"} for node in ("de", "ca")],
        offer={"accounts": 9, "mix": {"level-1": 0.6, "level-3": 0.4}},
        decision=SAID | {"by_level": {"level-1": 3, "level-3": 2}},
    )
    assert ask(mixed, 2, level="level-3").verdict == "admit"
    held = ask(mixed, 3, level="level-3")
    assert held.verdict == "hold"
    assert "by All Hands, thread 501: at the mix on offer" in held.reasons[0]
    assert "3 of level-1 and 2 of level-3; the plan alone" in held.reasons[0]
    assert held.reasons[0].endswith("; level-3 has none yet")
    assert ask(mixed, 1, {"elsewhere": 1}).verdict == "hold"


def test_not_of_the_review() -> None:
    late = ask(plan(), now=datetime(2021, 10, 6, 9, 36, tzinfo=UTC))
    assert late.verdict == "unknown"
    assert late.reasons[0].startswith("the plan ended on 2021-10-06 with its review")


def test_not_of_a_reading_that_shows_a_full_server() -> None:
    full = ask(plan(), users=151)
    assert full.verdict == "hold"
    assert "151 now, over the limit of 150" in full.reasons[0]
    assert ask(plan(), users=120).verdict == "unknown"
    assert ask(plan(), users=None).verdict == "unknown"
    assert ask(plan(), online=False).verdict == "hold"


@pytest.mark.parametrize(
    "doubt",
    [
        {
            "calibrated": {
                "history": "a",
                "since": "2021-01-04",
                "until": "2021-04-05",
                "meetings": 9,
                "fit": "failed: x",
            }
        },
        {
            "experience": {
                **{"statements": [], "effective_draws": 12.0, "contradiction": False},
                **{"without": None, "if_peak_higher": None},
            }
        },
    ],
)
def test_not_of_a_doubt_about_the_plan(doubt: dict[str, Any]) -> None:
    assert ask(plan(**doubt)).verdict == "unknown"


def test_not_of_a_signature_not_even_for_who_only_asks() -> None:
    """A decision is a line in a file until somebody signs the plan that holds it."""
    document = plan(consented=None)
    for admit in (True, False):
        decision = ask(document, admit=admit)
        assert (decision.verdict, decision.max_more_accounts) == ("unknown", 0)
        assert "nobody has consented to this plan (5 accounts may come, as decided on" in decision.reasons[0]
    within = plan(40, consented=None)  # what the number allows may be asked about, as ever
    assert ask(within).verdict == "admit"
    assert ask(within, admit=True).verdict == "unknown"


# How it is said


def test_the_verdict_says_who_decided_and_why_and_which_plan_they_saw() -> None:
    decision = ask(plan())
    text = said(decision)
    whose = "5 accounts may come, as decided on 2021-04-06 by All Hands, thread 501; the plan alone"
    assert text.startswith(f"admit: 1 account of level-1 may come: {whose}")
    assert "decided: 5 accounts, on 2021-04-06, by All Hands, thread 501: adds 2 cases in 100" in text
    record = decision.as_json()["plan"]
    assert (record["number"], record["decision"]) == (0, SAID)
    assert ask(plan(decision=None)).as_json()["plan"]["decision"] is None


def test_the_digits_that_the_meeting_saw_are_never_those_of_this_plan_and_both_are_said() -> None:
    """The decision is in the plan, which is younger than what they saw: the digits name that one, and allow nothing."""
    document = plan()
    text = said(ask(document))
    assert "they saw the plan 1a2b3c4d5e6f; this one was made after it" in text
    assert f"plan: {document['result'][:12]}" in text
    for digits in ("", "ffffffffffff"):
        other = plan(decision=SAID | {"plan": digits})
        assert ask(other, 5).verdict == "admit"
        assert ask(other, 6).verdict == "hold"
        assert other["result"] != document["result"]  # so the consent to one is not the consent to the other


def test_several_limits_would_all_have_to_change() -> None:
    document = plan(decision=None, limits=("users", "rooms"))
    held = ask(document)
    assert len(held.must_change) == len(held.yes_if) == 4  # on both nodes
    text = said(held)
    assert "they could come if" not in text
    assert "all of these would have to change: rooms on de" in text.replace("users on de (", "rooms on de (", 1)
    one = ask(plan(cap=3), 4)
    assert one.must_change == ()
    assert "they could come if the meeting raised the cap" in said(one)
    both = ask(plan(cap=5), 6)
    assert both.must_change[0] == "the decision"
    assert "all of these would have to change: the decision; " in said(both)


# Talked into yes


def _again(document: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return a plan changed by somebody who works out both hashes anew."""
    return gate_checker.seal(document | changed, document["made"])


CHANGES = [
    {"accounts": 9, "by_level": {"level-1": 9}},
    {"by": "Somebody else"},
    {"on": "2021-04-05"},
    {"because": "the servers are empty"},
    {"plan": "ffffffffffff"},
    {"by_level": {"level-1": 4, "level-3": 1}},
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_decision_edited_in_plan_json_after_the_signature_admits_nobody(change: dict[str, Any]) -> None:
    document = plan()
    for decision in (SAID | change, None):
        text = json.dumps(document | {"decision": decision}).encode()
        with pytest.raises(gate.NotAPlan, match="its result was changed after it was made"):
            gate.standing(seal.read(text))
        with pytest.raises(gate_checker.Broken):
            gate_checker.facts(text)


def test_a_decision_put_into_a_plan_that_people_signed_without_one_admits_nobody() -> None:
    document = plan(decision=None)
    with pytest.raises(gate.NotAPlan, match="its result was changed"):
        gate.standing(document | {"decision": SAID})


@pytest.mark.parametrize(
    "forged",
    [
        {"accounts": 10, "by_level": {"level-1": 10}},  # more than is on offer
        {"accounts": 9},  # not shared out
        {"by_level": {"level-1": 6, "level-3": -1}},
        {"by_level": {"big": 5}},
        {"accounts": 4.5},
        {"accounts": True, "by_level": {"level-1": 1}},
        {"by": ""},
        {"by": "  "},
        {"by": None},
        {"by": "\u3164"},
        {"by": "two\nlines"},
        {"on": "2021-04-07"},  # after the plan was made
        {"on": "2999-01-01"},
        {"on": "2021-4-6"},
        {"on": "20210406"},
        {"on": None},
        {"plan": "the one from Tuesday"},
        {"plan": "1A2B3C4D5E6F"},
        {"note": "and their friends"},
    ],
)
def test_a_decision_of_another_form_is_refused_also_with_both_hashes_made_anew(forged: dict[str, Any]) -> None:
    with pytest.raises(gate.NotAPlan):
        gate.standing(_again(plan(), decision=SAID | forged))


def test_a_plan_of_before_there_were_decisions_is_refused() -> None:
    old = {name: value for name, value in plan(40).items() if name != "decision"}
    with pytest.raises(gate.NotAPlan, match="decision is missing"):
        gate.standing(_again(old))


def test_a_decision_of_a_day_to_come_says_nothing_yet() -> None:
    """A plan made with a clock that was ahead, judged by one that is right."""
    document = plan(decision=SAID | {"on": "2021-04-08"}, made="2021-04-08T10:00:00+00:00")
    early = ask(document, now=datetime(2021, 4, 7, 22, 59, tzinfo=UTC))
    assert early.verdict == "unknown"
    assert "still to come" in early.reasons[0]
    at = gate.standing(plan(decision=SAID | {"on": "2021-04-07"}, made="2021-04-06T23:30:00+00:00"))  # 00:30 in London
    assert at.decision is not None
    assert at.decision.on == "2021-04-07"
