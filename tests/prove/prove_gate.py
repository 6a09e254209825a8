"""The gate against a checker that shares no code with it: no admit it refuses, every admit it allows, no traceback."""

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import proof
from gate_cases import Asked, Stored, asked, made_by_planner, small, stored
from gate_checker import allowed, counted

from planner import gate, seal
from planner.model.inputs.observations import Admitted, NodeReading, Reading

FULL = 120_000
EACH = 50
"""Questions asked of each plan."""


@cache
def bases() -> list[str]:
    """Return a handful of real plans as text, each whole and without what the gate never reads."""
    made = made_by_planner()
    return [json.dumps(plan) for plan in (*made, *7 * [small(plan) for plan in made])]


def prove(count: int, seed: int) -> str:
    """Hold the gate to the checker on `count` combinations; return what was counted."""
    rng, found, kinds = Random(seed), Counter[str](), Counter[str]()
    for asks in range(0, count, EACH):
        plan = stored(rng, bases())
        standing = opened(plan.text)
        kinds[plan.kind] += 1
        for _ in range(min(EACH, count - asks)):
            one = asked(rng, plan)
            verdict = judged(standing, one, plan)
            assert verdict in right(plan, one), told(plan, one, verdict)
            found[verdict] += 1
    verdicts = ", ".join(f"{found[verdict]} {verdict}" for verdict in ("admit", "hold", "unknown"))
    return f"{count} combinations of {sum(kinds.values())} plans of {len(kinds)} kinds: {verdicts}"


def opened(text: bytes) -> gate.Standing | None:
    """Return what the gate makes of a plan.json; None = it will not judge by it."""
    try:
        return gate.standing(seal.read(text))
    except (seal.NotWhole, gate.NotAPlan):
        return None
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}, of {text[:200]!r}") from error


def right(plan: Stored, one: Asked) -> frozenset[str]:
    """Return the verdicts that are right: a gate that will not judge by a plan sealed anew is never wrong."""
    verdicts = allowed(plan.found, *one[:5], admit=one.admit, max_age=one.max_age)
    return verdicts | {"unknown"} if plan.kind.startswith("sealed anew") else verdicts


def judged(standing: gate.Standing | None, one: Asked, plan: Stored) -> str:
    """Return the gate's verdict."""
    if standing is None:
        return "unknown"
    admitted = None
    if one.rows is not None:
        admitted = Admitted(*counted(one.rows, plan.found.since if plan.found else plan.sound.since))
    reading, request = _reading(one.reading), gate.Request(one.level, one.accounts)
    try:
        decision = gate.decide(standing, reading, admitted, one.now, request, admit=one.admit, max_age=one.max_age)
        json.dumps(decision.as_json())
    except Exception as error:
        raise AssertionError(told(plan, one, f"{type(error).__name__}: {error}")) from error
    assert decision.reasons
    return decision.verdict


def _reading(said: dict[str, Any] | None) -> Reading | None:
    if said is None:
        return None
    nodes = {name: NodeReading(**values) for name, values in said["nodes"].items()}
    return Reading(said["taken_at"], "file", nodes, said["unread"], load_of=said.get("load_of"))


def told(plan: Stored, one: Asked, verdict: str) -> str:
    """Return a case as people read it: the plan without its weeks."""
    known = (
        None
        if plan.found is None
        else replace(plan.found, bands={key: week[0] for key, week in plan.found.bands.items()})
    )
    return f"{verdict}, where {' or '.join(sorted(right(plan, one)))} is right: {plan.kind}; {one}; {known}"


if __name__ == "__main__":
    proof.main("gate", prove, FULL)
