"""A dated meeting beside all others: when it is in the scenario's week and months, and where it fits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from planner import PlannerError
from planner.model.admission.event import Fit, fit
from planner.model.inputs.capacity import BINS_PER_WEEK
from planner.model.overload.node_resources import Drawn
from planner.scenario.reader import Scenario

BIN = timedelta(minutes=5)
LONGEST = timedelta(days=7)
"""The model knows a week."""
LATEST = 120
"""Months after the scenario's start: what is later is not known [month]."""


class NoSuchTime(PlannerError, ValueError):
    """A time at which nothing can be said to fit: the message is a sentence."""


class TooEarly(NoSuchTime):
    """A time before the scenario begins."""


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting at its time."""

    begins: datetime
    """With its zone, the scenario's."""
    lasts: timedelta
    users: int

    @property
    def ends(self) -> datetime:
        """Return when it ends, by the clock of its zone."""
        return (self.begins.astimezone(ZoneInfo("UTC")) + self.lasts).astimezone(self.begins.tzinfo)


def at(scenario: Scenario, text: str) -> datetime:
    """Return a time of the scenario's zone, or of the offset that stands in it."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NoSuchTime(f"{text!r} is no date and time: wanted one like 2021-05-12 19:00") from None
    if len(text.strip()) <= len("2021-05-12"):
        raise NoSuchTime(f"{text!r} has no time of day: wanted one like 2021-05-12 19:00")
    return in_zone(scenario, when)


def in_zone(scenario: Scenario, when: datetime) -> datetime:
    """Return a time in the scenario's zone, one that there is and there is once; from the scenario's start on."""
    zone = ZoneInfo(scenario.timezone)
    if when.tzinfo is None:
        early, late = (when.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if early.utcoffset() != late.utcoffset():
            there = "comes twice" if early.utcoffset() > late.utcoffset() else "never comes"  # type: ignore[operator]
            said = f"{when:%Y-%m-%d %H:%M} {there} in {zone.key}, where the clocks change"
            raise NoSuchTime(f"{said}: write the offset too, like {when:%Y-%m-%d %H:%M}+01:00")
        when = early
    when = when.astimezone(zone)
    year, month = scenario.start
    after = 12 * (when.year - year) + when.month - month
    if after < 0:
        raise TooEarly(f"{when:%Y-%m-%d %H:%M} is before the scenario begins, in {year}-{month:02d}")
    if after > LATEST:
        raise NoSuchTime(f"{when:%Y-%m-%d %H:%M} is more than {LATEST // 12} years after the scenario begins")
    return when


def fits(scenario: Scenario, of: Drawn, event: Event, node: str | None = None) -> tuple[Fit, ...]:
    """Return whether an event fits on a node, or on each: best first, and last those of which no limit is known."""
    if not timedelta(0) < event.lasts <= LONGEST:
        raise NoSuchTime("an event lasts more than no time and at most a week")
    year, month = scenario.start
    after = 12 * (event.begins.year - year) + event.begins.month - month
    first = (event.begins.weekday() * 24 + event.begins.hour) * 12 + event.begins.minute // 5
    number = -(-(event.begins.minute % 5 * timedelta(minutes=1) + event.lasts) // BIN)
    bins = np.unique((first + np.arange(number)) % BINS_PER_WEEK)
    names = [one.name for one in of.central.nodes] if node is None else [node]
    found = (fit(of, name, event.users, bins, after) for name in names)
    return tuple(sorted(found, key=lambda one: (one.tightest is None, -one.fits)))
