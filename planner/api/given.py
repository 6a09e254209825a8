"""What is handed to the library, held to what it takes: one sentence for each slip, before anything is worked out."""

from collections.abc import Sequence
from datetime import date, datetime
from numbers import Real
from operator import index
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from planner import PlannerError
from planner.scenario.reader import Scenario

T = TypeVar("T")
LARGEST_SEED = 2**63 - 1
ROUNDED = 1e-6
FEWEST_DRAWS = 2
"""One draw has no range [-]."""


class ArgumentError(PlannerError, ValueError):
    """An argument that cannot be used: which, what is wanted, what was found."""


def scenario(value: object) -> Scenario:
    """Return a scenario."""
    return of(value, Scenario, "scenario", "a scenario, as planner.read returns it")


def draws(value: object) -> int | None:
    """Return how many draws were asked for; None = not said [-]."""
    return None if value is None else whole(value, "draws", FEWEST_DRAWS)


def seed(value: object) -> int | None:
    """Return a seed; None = not said [-]."""
    return None if value is None else whole(value, "seed", 0, LARGEST_SEED)


def whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    """Return a whole number within bounds, of Python's own kind."""
    try:
        number = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        raise wrong(name, f"a whole number from {least} {'on' if most is None else f'to {most}'}", value)
    return number


def number(value: Any, name: str, least: float, most: float) -> float:
    """Return a number within bounds, which a slider's own rounding may pass a little."""
    found = float("nan") if isinstance(value, bool) or not isinstance(value, Real) else float(value)
    if not least - ROUNDED <= found <= most + ROUNDED:
        raise wrong(name, f"a number from {least:,.6g} to {most:,.6g}", value)
    return found


def day(value: object, name: str) -> date:
    """Return a day."""
    return value.date() if isinstance(value, datetime) else of(value, date, name, "a day, such as date(2021, 10, 4)")


def time(value: object, name: str) -> datetime:
    """Return a time with its offset from UTC."""
    wanted = "a time with its offset from UTC, such as datetime.now(UTC)"
    when = of(value, datetime, name, wanted)
    if when.utcoffset() is None:
        raise wrong(name, wanted, value)
    return when


def file_or(kind: type[T], value: object, name: str, wanted: str) -> "Path | T":
    """Return a path, or what else may stand in its place."""
    if isinstance(value, str | PathLike):
        return Path(value)
    return of(value, kind, name, f"a file, or {wanted}")


def file_or_rows(kind: type[T], value: object, name: str) -> "Path | tuple[T, ...]":
    """Return a path, or records of a kind; None = there are none."""
    if isinstance(value, str | PathLike):
        return Path(value)
    rows = () if value is None else tuple(value) if isinstance(value, Sequence) else (value,)
    return tuple(of(row, kind, name, f"a file, or a list of {kind.__name__}") for row in rows)


def of(value: object, kind: type[T], name: str, wanted: str) -> T:
    """Return a value of a kind."""
    if not isinstance(value, kind):
        raise wrong(name, wanted, value)
    return value


def wrong(name: str, wanted: str, found: object) -> ArgumentError:
    """Return what says which argument is wrong, what is wanted, and what was found."""
    shown = repr(found) if found is None or isinstance(found, bool | int | float | str) else f"a {type(found).__name__}"
    return ArgumentError(f"{name}: wanted {wanted}, found {shown if len(shown) <= 60 else f'{shown[:57]}...'}")
