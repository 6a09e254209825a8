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
    return tuple(_held(document, expected) for expected in wanted)


def _held(document: Any, wanted: Expected) -> Expectation:
    try:
        for name in wanted.path.split("."):  # a whole number picks from a list
            document = document[int(name)] if isinstance(document, list) else document[name]
    except (KeyError, IndexError, ValueError, TypeError):
        return Expectation(wanted.path, wanted.text, "no such path in plan.json", False)
    shown = "none" if document is None else str(document)
    if isinstance(document, dict) and set(document) == {"amount", "unit"}:
        shown = f"{document['amount']} {document['unit']}"
    return Expectation(wanted.path, wanted.text, shown, holds(wanted, document))
