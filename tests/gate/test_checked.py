"""The gate against its own checker: a sample of the proofs, what they found, and that the proofs can fail."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import gate_checker
import prove_gate
import prove_gate_commands
import pytest
from gate_cases import stored
from stored_plan import document

from planner import gate, seal
from planner.model.inputs.observations import NOBODY, NodeReading, Reading

MADE = datetime(2021, 9, 28, 8, 0, tzinfo=UTC)
NOW = datetime(2021, 9, 28, 10, 0, tzinfo=UTC)
FREE = {"rooms": 4, "users": 24, "streams": 60, "load": 0.12}
ASK = gate.Request("level-1", 1)


def whole(**changed: Any) -> dict[str, Any]:
    return gate_checker.seal(document(**changed), MADE.isoformat())


def seen(at: datetime, **node: Any) -> Reading:
    values = FREE | node
    return Reading(at, "file", {"de": NodeReading(**values), "ca": NodeReading(**values)})


@pytest.mark.slow
def test_gate_and_checker_agree_on_combinations_of_plan_register_reading_request_and_clock() -> None:
    assert "admit" in prove_gate.prove(20_000, seed=2)


@pytest.mark.slow
def test_the_command_and_checker_agree_on_real_files() -> None:
    assert "admit" in prove_gate_commands.prove(20, seed=1)


def test_checker_and_planner_seal_alike() -> None:
    made = datetime(2021, 4, 6, 9, 35, tzinfo=UTC)
    assert gate_checker.seal(document(), made.isoformat()) == seal.sealed(document(), made)


def test_the_checker_imports_nothing_of_the_planner() -> None:
    lines = Path(gate_checker.__file__).read_text(encoding="utf-8").splitlines()
    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imports <= sys.stdlib_module_names


def _no_limit(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that forgets how much a server may hold."""

    def lenient(plan: gate.Standing, *given: Any, **more: Any) -> gate.Decision:
        weeks = tuple(replace(week, limit=1e300, high=(1e300,) * 168) for week in plan.weeks)
        return decide(replace(plan, weeks=weeks), *given, **more)

    return lenient


def _older(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that takes a reading a microsecond too old."""
    return lambda *given, max_age, **more: decide(*given, max_age=max_age + timedelta(microseconds=1), **more)


def _signs(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that never asks who signed."""
    return lambda *given, **more: decide(*given, **more | {"admit": False})


def _nobody(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that takes a register that it cannot read for an empty one."""
    return lambda plan, reading, admitted, *given, **more: decide(plan, reading, admitted or NOBODY, *given, **more)


def _any_level(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that counts accounts and not their levels."""
    return lambda plan, *given, **more: decide(replace(plan, by_level=None), *given, **more)


def _no_review(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate whose plans hold a minute too long."""
    return lambda plan, *given, **more: decide(replace(plan, made=plan.made + timedelta(minutes=1)), *given, **more)


def _fits(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that does not heed what the model does not fit."""
    return lambda plan, *given, **more: decide(replace(plan, misfit="", not_judged=""), *given, **more)


def _more_than_decided(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that lets in one more than people decided on."""

    def generous(plan: gate.Standing, *given: Any, **more: Any) -> gate.Decision:
        if (said := plan.decision) is not None:
            by_level = {level: count + 1 for level, count in said.by_level.items()}
            plan = replace(plan, decision=replace(said, accounts=said.accounts + 1, by_level=by_level))
        return decide(plan, *given, **more)

    return generous


def _over_the_cap(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate whose decisions stand in place of the pilot's cap, too."""

    def uncapped(plan: gate.Standing, *given: Any, **more: Any) -> gate.Decision:
        if plan.decision is not None:
            plan = replace(plan, limits=tuple(limit for limit in plan.limits if limit.limit != "policy"))
        return decide(plan, *given, **more)

    return uncapped


def _decided_in_a_file(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that follows a decision which nobody signed when it is only asked."""

    def credulous(plan: gate.Standing, *given: Any, admit: bool, **more: Any) -> gate.Decision:
        signed = plan if admit or plan.decision is None else replace(plan, consented="somebody")
        return decide(signed, *given, admit=admit, **more)

    return credulous


def _deaf(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate where the number rules, whatever people decided."""
    return lambda plan, *given, **more: decide(replace(plan, decision=None), *given, **more)


def _hesitant(decide: Callable[..., gate.Decision]) -> Callable[..., gate.Decision]:
    """Return a gate that does not know where it should say yes."""

    def unsure(*given: Any, **more: Any) -> gate.Decision:
        decision = decide(*given, **more)
        return replace(decision, verdict="unknown") if decision.verdict == "admit" else decision

    return unsure


@pytest.mark.slow
@pytest.mark.parametrize(
    "worse",
    [
        *(_no_limit, _older, _signs, _nobody, _any_level, _no_review, _fits, _hesitant),
        *(_more_than_decided, _over_the_cap, _decided_in_a_file, _deaf),
    ],
)
def test_the_proof_finds_a_gate_that_is_wrong_in_one_thing(
    worse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "decide", worse(gate.decide))
    with pytest.raises(AssertionError, match="is right"):
        prove_gate.prove(20_000, seed=4)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "worse"), [("broken", lambda _: None), ("STRICT", {})])
def test_the_proof_finds_a_seal_that_is_not_verified(name: str, worse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, name, worse)
    with pytest.raises(AssertionError, match="is right"):
        prove_gate.prove(40_000, seed=3)


# What the proof found, each the smallest case of it.


def test_a_reading_of_an_hour_ago_is_old_when_the_clock_was_just_set_back() -> None:
    """Python subtracts times of the same zone by the hands of the clock."""
    london = ZoneInfo("Europe/London")
    now, plan = datetime(2021, 10, 31, 1, 10, tzinfo=UTC).astimezone(london), gate.standing(whole())
    old = now.astimezone(UTC) - timedelta(minutes=64)
    decision = gate.decide(plan, seen(old.astimezone(london)), NOBODY, now, ASK)
    assert decision.verdict == "unknown"
    assert decision.reading_age_s == 64 * 60


def test_a_reading_of_now_is_new_when_the_clock_was_just_put_forward() -> None:
    london = ZoneInfo("Europe/London")
    plan = gate.standing(gate_checker.seal(document(), "2021-03-27T08:00:00+00:00"))
    now = datetime(2021, 3, 28, 1, 3, tzinfo=UTC).astimezone(london)
    then = (now.astimezone(UTC) - timedelta(minutes=6)).astimezone(london)
    assert gate.decide(plan, seen(then), NOBODY, now, ASK).verdict == "admit"


def test_a_review_is_due_to_the_second_also_in_the_hour_that_comes_twice() -> None:
    plan = gate.standing(gate_checker.seal(document(checkpoint={"after": 1}), "2021-09-30T23:30:00+00:00"))
    plan = replace(plan, made=datetime(2021, 10, 1, 0, 30, tzinfo=UTC), after=1)  # to 1 November 2021, 00:30 in London
    for late, verdict in ((timedelta(seconds=-1), "admit"), (timedelta(0), "unknown")):
        now = (datetime(2021, 11, 1, 1, 30, tzinfo=UTC) + late).astimezone(ZoneInfo("Europe/London"))
        assert gate.decide(plan, seen(now), NOBODY, now, ASK).verdict == verdict


@pytest.mark.parametrize("value", [10**400, float("nan"), float("inf"), -float("inf")])
def test_a_number_that_no_server_can_hold_admits_nobody(value: float) -> None:
    decision = gate.decide(gate.standing(whole()), seen(NOW, users=value), NOBODY, NOW, ASK)
    assert decision.verdict == "unknown"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("timezone", "Europe"),
        ("timezone", "z" * 300),
        ("timezone", "../../etc/passwd"),
        ("consented", "half a character \ud83d"),
        ("admission.limits.0.reason", "\udcff"),
        ("admission.by_level", {"level-1": 5, "level-\udcff": 0}),
        ("members_as_of", "2021-3-4"),
        ("members_as_of", "2021-03-04-05"),
        ("members_as_of", "2_21"),
        ("members_as_of", "２０２１"),
        ("admission.limits.0.kind", "reach"),
        ("admission.limits.-1.limit", "luck"),
        ("admission.limits.-1.limit", "users"),
        ("admission.limits.0.limit", "policy"),
        ("nodes", ["de"]),
        ("nodes", ["de", "ca", "ca"]),
        ("reached", []),
        ("reached", ["nl"]),
        ("page_size", -1),
        ("page_size", None),
        ("page_size", "5"),
        ("page_size", "5; 0 from 30 users"),
        ("weeks", []),
        ("admission.limits", []),
        ("admission.limits.0.max_accounts", 4),
        ("admission.by_level", {"level-1": 4}),
        ("weeks.0.high", [1e9] * 167),
        ("weeks.0.high.5", True),
        ("checkpoint.after", 6.0),
        ("made", "2021-09-28T08:00:00"),
        ("calibrated", "good"),
        ("calibrated", {"history": "a", "since": "2021-01-04", "until": "2021-04-05", "meetings": 9, "fit": "fine"}),
        ("calibrated", {"history": "a", "since": "2021-01-04", "until": "2021-04-05", "meetings": 9}),
    ],
)
def test_a_plan_of_another_form_is_refused_also_with_both_hashes_made_anew(path: str, value: Any) -> None:
    plan = json.loads(json.dumps(whole()))
    at, *way = plan, *path.split(".")
    for step in way[:-1]:
        at = at[int(step) if isinstance(at, list) else step]
    at[int(way[-1]) if isinstance(at, list) else way[-1]] = value
    text = json.dumps(gate_checker.seal(plan, plan["made"]))
    with pytest.raises(gate_checker.Broken):
        gate_checker.facts(text.encode())
    with pytest.raises(gate.NotAPlan):
        gate.standing(seal.read(text.encode()))


def test_a_consent_of_blanks_is_none() -> None:
    for consented in ("", "  ", "\n"):
        text = json.dumps(gate_checker.seal(document(consented=consented), MADE.isoformat())).encode()
        with pytest.raises(gate.NotAPlan):
            gate.standing(seal.read(text))
        plan, reading = gate_checker.facts(text), {"taken_at": NOW, "unread": {}, "nodes": {"de": FREE, "ca": FREE}}
        assert gate_checker.allowed(plan, reading, [], NOW, "level-1", 1, admit=True) == {"unknown"}


@pytest.mark.parametrize(
    ("fit", "right"), [("good", "admit"), ("failed: a busy day", "unknown"), ("not known: a busy day", "unknown")]
)
def test_gate_and_checker_admit_nobody_where_the_fit_failed_or_nobody_knows_it(fit: str, right: str) -> None:
    learned = {"history": "seen.sqlite", "since": "2021-01-04", "until": "2021-04-05", "meetings": 900, "fit": fit}
    text = json.dumps(whole(calibrated=learned)).encode()
    reading = {"taken_at": NOW, "unread": {}, "nodes": {"de": FREE, "ca": FREE}}
    assert gate_checker.allowed(gate_checker.facts(text), reading, [], NOW, "level-1", 1) == {right}
    decision = gate.decide(gate.standing(seal.read(text)), seen(NOW), NOBODY, NOW, ASK)
    assert decision.verdict == right
    assert fit == "good" or "a busy day" in decision.reasons[0]


def test_half_of_the_plans_are_whole_and_the_others_are_not_all_alike() -> None:
    """What is generated has to reach the gate's yes, or the proof shows nothing."""
    rng, bases = Random(1), [json.dumps(document() | {"offer": {"accounts": 5, "mix": {"level-1": 1.0, "two": 0}}})]
    made = [stored(rng, bases) for _ in range(100)]
    assert 50 < sum(plan.kind == "whole" for plan in made) < 75
    assert len({plan.kind for plan in made}) > 30
