"""The shape of the week: 168 hours, the minutes at which meetings start in each, and both together as one grid."""

import csv
import io
import math
from collections.abc import Sequence
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
BUILT_IN: Final = {"office": OFFICE, "flat": FLAT}


def profile(text: str, file: str, problems: Problems) -> tuple[float, ...]:
    """Return the 168 weights in a CSV file with day, hour and weight, Monday 0:00 first, mean 1; flat if it is bad."""
    weights: dict[int, float] = {}
    columns: list[str] | None = None
    for line, written in enumerate(text.splitlines(), start=1):
        row = next(csv.reader([written]), [])  # each line by itself, so that a stray quote spoils its own only
        if not any(row) or row[0].lstrip().startswith("#"):
            continue
        if columns is None:
            columns = [name.strip().lower() for name in row]
            if missing := {"day", "hour", "weight"} - set(columns):
                wanted = "columns day, hour, weight"
                # what stands there instead is not repeated: it may be anything
                problems.add(Origin(file, line, 1), "", f"no column {', '.join(sorted(missing))}", wanted)
                return FLAT
            continue
        try:
            where, weight = _row(dict(zip(columns, row, strict=False)))
            if where in weights:
                raise ValueError("this hour comes twice")
            weights[where] = weight
        except ValueError as error:
            wanted = "day mon to sun, hour 0 to 23, weight not negative"
            problems.add(Origin(file, line, 1), "", str(error), wanted, ",".join(row))
    total = math.fsum(weights.values())
    if len(weights) != HOURS or not 0 < total < math.inf:
        end = Origin(file, 1, 1)
        problems.add(end, "", "the week is not whole", f"{HOURS} hours with a positive sum", f"{len(weights)} hours")
        return FLAT
    return tuple(weights[hour] * HOURS / total for hour in range(HOURS))


def _row(cells: dict[str, str]) -> tuple[int, float]:
    """Return the hour of the week and the weight of one row."""
    day, hour, weight = (cells.get(name, "").strip() for name in ("day", "hour", "weight"))
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
    """Return the hours of a week as the CSV file that `profile` reads."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("day", "hour", "weight", "source"))
    for hour, weight in enumerate(weights):
        rows.writerow((DAYS[hour // 24].title(), hour % 24, f"{weight:.6g}", source))
    return out.getvalue()
