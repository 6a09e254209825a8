"""Events of an iCalendar file (RFC 5545): when each begins, how long it lasts, how many come; no names are kept."""

from datetime import datetime, timedelta
from pathlib import Path

from icalendar import Calendar

from planner.planning.event import Event, NoSuchTime, in_zone
from planner.readings import ReadingError, opened
from planner.scenario.reader import Scenario

MOST_BYTES = 5_000_000


def calendar(path: Path, scenario: Scenario, users: int, most: int) -> tuple[list[Event], list[str]]:
    """Return the events that begin after the scenario does, and what is to be said of those that are left out.

    A time without a zone is in the scenario's; `users` [user] come where the guests are not listed.
    """
    with opened(path) as stream:
        body = stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ReadingError(f"{path}: is larger than {MOST_BYTES:,} bytes")
    try:
        parts = list(Calendar.from_ical(body).walk("VEVENT"))
    except (ValueError, IndexError, KeyError) as error:
        raise ReadingError(f"{path}: is no iCalendar file ({type(error).__name__})") from None
    if len(parts) > most:
        raise ReadingError(f"{path}: has {len(parts):,} events, and at most {most} can be looked at")
    found, left_out = [], []
    for number, part in enumerate(parts, start=1):
        try:
            begins, ends = part.decoded("dtstart"), part.decoded("dtend", None)
            lasts = part.decoded("duration", None) or (ends - begins if ends is not None else None)
            if not isinstance(begins, datetime) or not isinstance(lasts, timedelta):
                raise NoSuchTime("it has no time of day, or no end")
            guests = part.get("attendee", [])
            count = len(guests) if isinstance(guests, list) else 1
            found.append(Event(in_zone(scenario, begins), lasts, max(count, 1) if count else users))
            if "rrule" in part:
                left_out.append(f"event {number} repeats: only its first time is looked at")
        except (NoSuchTime, ValueError, KeyError, TypeError) as error:
            left_out.append(f"event {number} is left out: {error}")
    return sorted(found, key=lambda one: one.begins), left_out
