"""Events of an iCalendar file (RFC 5545): when each begins, how long it lasts, how many come; no names are kept."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from planner.planning.event import LONGEST, Event, NoSuchTime, TooEarly, in_zone
from planner.readings import ReadingError, opened
from planner.scenario.reader import Scenario

MOST_BYTES = 5_000_000
_USED = ("DTSTART", "DTEND", "DURATION", "ATTENDEE", "RRULE", "RDATE")


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a calendar holds, by the day."""

    events: list[Event]
    left_out: list[str]
    """What is to be said of events that are left out, or not looked at each time that they take place."""
    open: int
    """Events of which that leaves something unanswered: not those that are over by then, or cancelled."""


def calendar(path: Path, scenario: Scenario, users: int, most: int) -> Agenda:
    """Return the events that begin after the scenario does, and what those leave open that are not looked at.

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
    found, left_out, unanswered = [], [], 0
    for number, part in enumerate(parts, start=1):
        if str(part.get("status", "")).upper() == "CANCELLED":
            left_out.append(f"event {number} is left out: it was cancelled")
            continue
        repeats = "rrule" in part or "rdate" in part
        try:
            found.append(_event(part, scenario, users))
            if repeats:
                left_out.append(f"event {number} repeats: only its first time is looked at")
            unanswered += repeats
        except NoSuchTime as error:
            again = ", and it repeats" if repeats else ""
            left_out.append(f"event {number} is left out: {error}{again}")
            unanswered += repeats or not isinstance(error, TooEarly)
    found.sort(key=lambda one: one.begins.astimezone(UTC))
    ended = list(accumulate((one.ends.astimezone(UTC) for one in found), max))
    if together := sum(one.begins.astimezone(UTC) < end for one, end in zip(found[1:], ended, strict=False)):
        many = "1 event begins" if together == 1 else f"{together} events begin"
        left_out.append(f"{many} while another is on: each is looked at as if it was alone")
    return Agenda(found, left_out, unanswered + together)


def _event(part: Any, scenario: Scenario, users: int) -> Event:
    """Return one event, or raise `NoSuchTime` with a sentence that repeats nothing of it."""
    if broken := [name for name, _ in part.errors if name in _USED]:
        raise NoSuchTime(f"its {broken[0]} cannot be read")
    twice = [name for name in _USED[:3] if isinstance(part.get(name), list)]
    if twice or ("dtend" in part and "duration" in part):
        raise NoSuchTime("it says twice when it begins or ends")
    begins, ends, lasts = (part.decoded(name, None) for name in ("dtstart", "dtend", "duration"))
    if isinstance(begins, date) and not isinstance(begins, datetime):
        raise NoSuchTime("it has no time of day")
    if not isinstance(begins, datetime):
        raise NoSuchTime("it does not say when it begins")
    # the library takes the time of a zone that it does not know for one without a zone
    for name, when in (("dtstart", begins), ("dtend", ends)):
        if "TZID" in getattr(part.get(name), "params", {}) and getattr(when, "tzinfo", None) is None:
            raise NoSuchTime("it is in a time zone that is not known here")
    if isinstance(ends, datetime) and (ends.tzinfo is None) != (begins.tzinfo is None):
        raise NoSuchTime("only one of its beginning and its end says its time zone")
    try:
        first = in_zone(scenario, begins)
    except TooEarly as error:
        if _over(scenario, begins, ends, lasts):
            raise
        raise NoSuchTime(f"{error}, and nothing says that it is over by then") from None
    if isinstance(ends, datetime):
        # not by the hands of the clock, which jump twice a year
        lasts = in_zone(scenario, ends).astimezone(UTC) - first.astimezone(UTC)
    if not isinstance(lasts, timedelta):
        raise NoSuchTime("it has no end")
    if not timedelta(0) < lasts <= LONGEST:
        raise NoSuchTime("an event lasts more than no time and at most a week")
    return Event(first, lasts, _guests(part, users))


def _over(scenario: Scenario, begins: datetime, ends: object, lasts: object) -> bool:
    """Return whether an event that begins before the scenario ends by then too; not if its end is not known."""
    zone = ZoneInfo(scenario.timezone)
    start = datetime(*scenario.start, 1, tzinfo=zone).astimezone(UTC)
    if isinstance(ends, datetime):
        return ends.replace(tzinfo=ends.tzinfo or zone) <= start
    return isinstance(lasts, timedelta) and lasts <= start - begins.replace(tzinfo=begins.tzinfo or zone)


def _guests(part: Any, users: int) -> int:
    """Return how many come: a room is nobody, and how many are in a group is not listed."""
    listed = part.get("attendee", [])
    kinds = [str(one.params.get("CUTYPE", "")).upper() for one in (listed if isinstance(listed, list) else [listed])]
    people = sum(kind not in ("ROOM", "RESOURCE") for kind in kinds)
    return max(people, users) if "GROUP" in kinds or not people else people
