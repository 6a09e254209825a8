"""What a scenario expects of its plan, held against plan.json."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from planner.scenario.expect import Expected, holds


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of `expect:` and what the plan says."""

    path: str
    wanted: str
    found: str
    met: bool


def compare(document: Mapping[str, Any], wanted: Iterable[Expected]) -> tuple[Expectation, ...]:
    """Return each expectation with what plan.json holds at its path."""
    return tuple(_one(document, expected) for expected in wanted)


def _one(document: Mapping[str, Any], wanted: Expected) -> Expectation:
    try:
        found = _at(document, wanted.path)
    except (KeyError, IndexError, ValueError, TypeError):
        return Expectation(wanted.path, wanted.text, "no such path in plan.json", False)
    shown = f"{found['amount']} {found['unit']}" if _is_amount(found) else "none" if found is None else str(found)
    return Expectation(wanted.path, wanted.text, shown, holds(wanted, found))


def _at(document: Any, path: str) -> Any:
    """Return what stands at a dotted path; a whole number picks from a list."""
    for name in path.split("."):
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def _is_amount(found: object) -> bool:
    return isinstance(found, dict) and set(found) == {"amount", "unit"}
