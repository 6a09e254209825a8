"""Times as people and programs write them; one without its offset from UTC needs a time zone that somebody named."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from planner.readings import ReadingError

LONGEST = timedelta(days=31)
"""A meeting longer than this is a mistake in the data."""


def day(text: str) -> date:
    """Return the day that a text says, ValueError if it is none; a year in which no co-op is or was, is a slip."""
    found = date.fromisoformat(text)
    if not 1900 <= found.year < 2200:
        raise ValueError
    return found


def believable(when: datetime) -> bool:
    """Return whether a time is one at which BigBlueButton can have been used."""
    return 2000 <= when.year < 2100


def instant(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Return the time that a text says, in UTC; the hour that a zone's clock skips or repeats is refused."""
    with suppress(ValueError):
        date.fromisoformat(text)  # a meeting at exactly midnight, whose hour a workbook leaves out, looks the same
        raise ReadingError("a date without its hour: wanted a time such as 2021-05-04T10:00+01:00")
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or not believable(when) or (when.tzinfo is None and zone is None):
        or_zone = "" if zone else ", or --zone for a table without offsets"
        raise ReadingError(f"wanted a time with its offset such as 2021-05-04T10:00+01:00{or_zone}")
    if when.tzinfo is not None or zone is None:
        return when.astimezone(UTC)
    first, second = (when.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        kind = "is skipped" if first > second else "comes twice"
        raise ReadingError(f"this time {kind} on that day in {zone.key}: wanted it with its offset")
    return first
