"""What a scenario says its plan will say, a value, a..b, or x ± y, and whether plan.json says it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from planner.scenario.problem import Origin, Problems
from planner.scenario.tree import Map, Scalar, text_of

_NOTHING: Final = ("none", "null", "never")
_NUMBER: Final = r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?"
_FORM: Final = re.compile(rf"({_NUMBER})\s*(?:(\.\.|±|\+/-)\s*({_NUMBER}))?\s*([^0-9\s.].{{0,40}})?\Z")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected at one path of plan.json."""

    path: str
    text: str
    low: float | None
    """None = not a number: the text itself is expected."""
    high: float | None
    unit: str
    """Empty = none stated; "%" has been taken off."""
    origin: Origin

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of `expect:` and what the plan says."""

    path: str
    wanted: str
    found: str
    met: bool


def read(node: Map | None, problems: Problems) -> dict[str, Expected]:
    """Return what is expected, by path of plan.json."""
    expected: dict[str, Expected] = {}
    for key, value in node.items if node is not None else ():
        if not isinstance(value, Scalar) or not value.text:
            wanted = "a value, a..b, or x ± y"
            problems.add(value.at, f"expect.{key.text}", "wrong shape", wanted, text_of(value))
            continue
        low, high, unit = _numbers(value.text)
        if low is not None and high is not None and low > high:
            wanted = "a..b with a at most b, or x ± y with y at least 0"
            problems.add(value.at, f"expect.{key.text}", "the range is upside down", wanted, value.text)
        expected[key.text] = Expected(key.text, value.text, low, high, unit, value.at)
    return expected


def _numbers(text: str) -> tuple[float | None, float | None, str]:
    """Return the bounds and the unit of a text; None where it is no number."""
    match = _FORM.match(text)
    if not match:
        return None, None, ""
    first, how, second, unit = match.groups()
    low = high = float(first)
    if how == "..":
        high = float(second)
    elif how:
        low, high = low - float(second), high + float(second)
    unit = (unit or "").strip()
    return (low / 100, high / 100, "") if unit == "%" else (low, high, unit)


def holds(expected: Expected, found: object, unit: str = "") -> bool:
    """Return whether a value of plan.json is as expected; a number without a range within 1e-9 of it, relative."""
    if found is None:
        return expected.text in _NOTHING
    if isinstance(found, bool):
        return expected.text == str(found).lower()
    if not isinstance(found, int | float):
        return expected.text == str(found)
    if expected.low is None or expected.high is None or (expected.unit and expected.unit != unit):
        return False
    slack = 1e-9 * max(1.0, abs(expected.low), abs(expected.high))
    return expected.low - slack <= found <= expected.high + slack


def compare(document: Mapping[str, Any], wanted: Iterable[Expected]) -> tuple[Expectation, ...]:
    """Return each expectation with what plan.json holds at its path."""
    return tuple(_held(document, expected) for expected in wanted)


def _held(document: Any, wanted: Expected) -> Expectation:
    try:
        for name in wanted.path.split("."):  # a whole number picks from a list
            document = document[int(name)] if isinstance(document, list) else document[name]
    except (KeyError, IndexError, ValueError, TypeError):
        return Expectation(wanted.path, wanted.text, "no such path in plan.json", False)
    if isinstance(document, dict) and set(document) == {"amount", "unit"}:
        amount, unit = document["amount"], str(document["unit"])
        return Expectation(wanted.path, wanted.text, f"{amount} {unit}", holds(wanted, float(amount), unit))
    return Expectation(wanted.path, wanted.text, "none" if document is None else str(document), holds(wanted, document))
