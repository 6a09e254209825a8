"""The shape of the week: 168 hours, the minutes at which meetings start in each, and both together as one grid."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from planner.model.inputs.capacity import Floats
from planner.scenario.problem import Origin, Problems

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS: Final = len(DAYS) * 24
BINS_PER_HOUR: Final = 12

FLAT: Final = (1.0,) * HOURS
OFFICE: Final = tuple(13.0 if day < 5 and 9 <= hour < 17 else 1.0 for day in range(len(DAYS)) for hour in range(24))
"""Weekdays from 9 to 17 thirteen times the rest: 85 % of the meetings in 40 hours."""
EVENING: Final = tuple(13.0 if 18 <= hour < 22 else 1.0 for _ in DAYS for hour in range(24))
"""Every day from 18 to 22 thirteen times the rest."""
BUILT_IN: Final = {"office": OFFICE, "evening": EVENING, "flat": FLAT}


def profile(body: bytes, file: str, problems: Problems, told: dict[str, str]) -> tuple[float, ...]:
    """Return the 168 weights of a table, Monday 0:00 first, mean 1, flat if it is bad; `told` gets what was read."""
    # here and not above: a scenario without a table need not wait for what reads one
    from planner.readings import ReadingError, TableError, tables  # noqa: PLC0415

    seen: set[int] = set()

    def row(row: tables.Row) -> tuple[int, float]:
        try:
            where, weight = _row(row.cells)
        except ValueError as error:
            raise ReadingError(str(error)) from None
        if where in seen:
            raise ReadingError("this hour comes twice")
        seen.add(where)
        return where, weight

    try:
        found = tables.parsed(body, ("day", "hour", "weight"), (), row)
    except ReadingError as error:
        line, problem = (error.line, error.problem) if isinstance(error, TableError) else (1, str(error))
        problems.add(Origin(file, line, 1), "", problem)
        return FLAT
    told[file] = found.summary()
    for bad in found.bad:
        problems.add(Origin(file, bad.line, 1), "", bad.problem, "day mon to sun, hour 0 to 23, weight not negative")
    weights = dict(found.rows)
    total = math.fsum(weights.values())
    if len(weights) != HOURS or not 0 < total < math.inf:
        end = Origin(file, 1, 1)
        problems.add(end, "", "the week is not whole", f"{HOURS} hours with a positive sum", f"{len(weights)} hours")
        return FLAT
    return tuple(weights[hour] * HOURS / total for hour in range(HOURS))


def _row(cells: Mapping[str, str]) -> tuple[int, float]:
    """Return the hour of the week and the weight of one row."""
    day, hour, weight = (cells[name] for name in ("day", "hour", "weight"))
    if day.lower()[:3] not in DAYS:
        raise ValueError("unknown day")
    if not hour.isascii() or not hour.isdigit() or int(hour[:3]) > 23:
        raise ValueError("unknown hour")
    try:
        number = float(weight)
    except ValueError:
        raise ValueError("the weight is not a number") from None
    if not 0 <= number < 1e12:
        raise ValueError("the weight is out of range")
    return DAYS.index(day.lower()[:3]) * 24 + int(hour), number


def starts(shares: dict[int, float]) -> tuple[float, ...]:
    """Return the shares of the twelve 5-minute bins of an hour."""
    rest = max(0.0, 1.0 - math.fsum(shares.values())) / BINS_PER_HOUR
    return tuple(shares.get(5 * number, 0.0) + rest for number in range(BINS_PER_HOUR))


def shape(weights: Sequence[float], bins: Sequence[float], shift: float) -> Floats:
    """Return the relative arrival rate in each 5-minute bin of the week, in the scenario's time zone; shift [h]."""
    grid = np.outer(np.asarray(weights), np.asarray(bins) * BINS_PER_HOUR).ravel()
    # noon here is noon + shift with them: the bin t of our week is the bin t + shift of theirs
    out: Floats = np.roll(grid / grid.mean(), -round(shift * BINS_PER_HOUR))
    out.flags.writeable = False
    return out


def table(weights: Sequence[float], source: str) -> str:
    """Return the hours of a week as a CSV file that `profile` reads."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("day", "hour", "weight", "source"))
    for hour, weight in enumerate(weights):
        rows.writerow((DAYS[hour // 24].title(), hour % 24, f"{weight:.6g}", source))
    return out.getvalue()
