"""What a scenario expects of its plan, held against plan.json: a value, a range `a..b`, or `x ± y`."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"^({_NUMBER})\s*\.\.\s*({_NUMBER})(?:\s+(\S+))?$")
_ABOUT = re.compile(rf"^({_NUMBER})\s*(?:±|\+/-)\s*({_NUMBER})(?:\s+(\S+))?$")
_EXACT = re.compile(rf"^({_NUMBER})(?:\s+(\S+))?$")
_NOTHING = ("none", "null", "never")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of `expect:` and what the plan says."""

    path: str
    wanted: str
    found: str
    met: bool


def compare(document: Mapping[str, Any], wanted: Mapping[str, object]) -> tuple[Expectation, ...]:
    """Return each expectation with what plan.json holds at its path.

    Parameters
    ----------
    document : mapping
        plan.json.
    wanted : mapping of str to object
        Path of plan.json → what is expected there, as the scenario writes it.

    Examples
    --------
    >>> compare({"credit": {"hours_per_month": 1.5}}, {"credit.hours_per_month": "1..2"})[0].met
    True
    """
    return tuple(_one(document, path, str(text).strip()) for path, text in wanted.items())


def _one(document: Mapping[str, Any], path: str, text: str) -> Expectation:
    try:
        found = _at(document, path)
    except (KeyError, IndexError, ValueError, TypeError):
        return Expectation(path, text, "no such path in plan.json", False)
    shown = f"{found['amount']} {found['unit']}" if _is_amount(found) else "none" if found is None else str(found)
    return Expectation(path, text, shown, _meets(found, text))


def _at(document: Any, path: str) -> Any:
    """Return what stands at a dotted path; a whole number picks from a list."""
    for name in path.split("."):
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def _is_amount(found: object) -> bool:
    return isinstance(found, dict) and set(found) == {"amount", "unit"}


def _meets(found: Any, text: str) -> bool:
    if found is None:
        return text in _NOTHING
    if isinstance(found, bool):
        return text == str(found).lower()
    unit = None
    if _is_amount(found):
        found, unit = float(found["amount"]), found["unit"]
    if not isinstance(found, (int, float)):
        return str(found) == text
    if match := _RANGE.match(text):
        low, high, named = match.groups()
        return named in (None, unit) and float(low) <= found <= float(high)
    if match := _ABOUT.match(text):
        middle, off, named = match.groups()
        return named in (None, unit) and abs(found - float(middle)) <= float(off)
    if match := _EXACT.match(text):
        value, named = match.groups()
        return named in (None, unit) and math.isclose(found, float(value), rel_tol=1e-9, abs_tol=1e-9)
    return False
