"""One value of plan.json, read strictly: it is what it must be, or a ValueError says what is wanted there."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from planner import seal

T = TypeVar("T")


def names(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def only(part: Mapping[str, Any], names: frozenset[str], what: str) -> None:
    """Refuse a part that has another name than these, or lacks one of them."""
    if unknown := sorted(set(part) - names):
        raise ValueError(f"{what} holds what this version does not know: {str(unknown[0])[:40]!a}")
    if missing := sorted(names - set(part)):
        raise KeyError(missing[0])


def every(values: object, each: Callable[[Any], T], what: str) -> tuple[T, ...]:
    """Return every value of a list that must not be empty."""
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{what} is empty")
    return tuple(each(value) for value in values)


def rows(values: object, each: Callable[[Mapping[str, Any]], T], what: str) -> dict[tuple[str, str], T]:
    """Return one record for each node and resource, none twice; without any limited node there is none."""
    rows: tuple[Mapping[str, Any], ...] = () if values in ([], ()) else every(values, dict, what)
    found = {(text(row["node"]), text(row["resource"])): each(row) for row in rows}
    if len(found) != len(rows):
        raise ValueError(f"{what} holds a node and resource twice")
    return found


def optional(value: Any, each: Callable[[Any], T]) -> T | None:
    """Return a value as each is read; None for nothing."""
    return None if value is None else each(value)


def text(value: object) -> str:
    """Return a text that says something and that every file and terminal can hold."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a text is wanted where {_kind(value)} stands")
    value.encode()  # half a letter cannot be written anywhere
    return value


def one_of(value: object, known: frozenset[str]) -> str:
    """Return a word that is known here."""
    if value not in known:
        raise ValueError(f"{str(value)[:40]!a} is not one of {', '.join(sorted(known))}")
    return str(value)


def zone(name: object) -> ZoneInfo:
    """Return a time zone by its name."""
    try:
        return ZoneInfo(text(name))
    except (KeyError, OSError):
        raise ValueError("timezone is not the name of a timezone") from None


def line(value: object) -> str:
    """Return one line with a letter or digit that is seen."""
    if not seal.says_something(said := text(value)):
        raise ValueError("a line says nothing that can be read")
    return said


def number(value: object) -> float:
    """Return a finite number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"a number from 0 on is wanted where {_kind(value)} stands")
    return float(value)


def count(value: object, most: int = 10**12) -> int:
    """Return a whole number from 0 to the largest."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"a whole number from 0 on is wanted where {_kind(value)} stands")
    return value


def _kind(value: object) -> str:
    return "nothing" if value is None or value == "" else f"a {type(value).__name__} of another kind or size"


def beginning(as_of: str | None, timezone: str) -> datetime | None:
    """Return when the day, month or year begins at which the members were counted."""
    # Its beginning, not its end: nobody knows whether an account of that very day is in the count, and to count it
    # twice holds too early, where to forget it admits too many.
    if as_of is None:
        return None
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", as_of):
        raise ValueError("members_as_of is not a year, a month or a day")
    if not "1970" <= as_of[:4] < "2200":
        raise ValueError("members_as_of is not in a year that can be reckoned with")
    year, month, day = (*(int(part) for part in as_of.split("-")), 1, 1)[:3]
    return datetime(year, month, day, tzinfo=zone(timezone))
