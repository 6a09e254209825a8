"""How many of the hours that were seen lie in the plan's weekly band: its coverage."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from planner.model.inputs.capacity import Node
from planner.model.inputs.observations import History, midnight
from planner.model.inputs.pages import Pages
from planner.model.limit import Week
from planner.planning.weekly_load import limited

HOUR = timedelta(hours=1)
PAST = timedelta(minutes=15)
"""Past the hour: one reading of each hour counts, for those closer together say the same thing again."""
EXPECTED = 0.999
"""Of the readings lie in the band if the plan holds [-]."""


@dataclass(frozen=True, slots=True)
class Hour:
    """What was held of one resource on one node in one hour."""

    at: datetime
    bin: int
    """5-minute bin of the week on the clocks of the scenario [-]."""
    value: float
    """[the resource's unit]"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the hours of one resource on one node lie to the band."""

    node: str
    resource: str
    limit: float
    """[the resource's unit]"""
    hours: int
    inside: int
    above: int
    below: int
    read: bool
    """Whether servers were read; else meetings were counted, each at its largest."""

    @property
    def share(self) -> float:
        """Return the share of the hours that lie in the band [-]."""
        return self.inside / self.hours


Seen = Mapping[tuple[str, str], tuple[bool, Sequence[Hour]]]
"""By node and resource whether servers were read, and the hours in their order."""


def hourly(
    history: History, nodes: Sequence[Node], pages: Pages, timezone: str, since: datetime, until: datetime
) -> Seen:
    """Return what was held of each limited resource in each hour of a time: as read, else as meetings tell.

    Streams that were counted by other pages of cameras are not known.
    """
    zone, found = ZoneInfo(timezone), dict[tuple[str, str], tuple[bool, Sequence[Hour]]]()
    for node, resource in ((one.name, resource) for one in nodes for resource in limited(one)):
        values = dict(_read(history, node, resource, pages, since, until))
        read = bool(values)
        if not read and resource in ("rooms", "users"):
            values = dict(_of_meetings(history, node, resource, since, until))
            for at in _unknown(history, node, zone):
                values.pop(at, None)
        if values:
            hours = [Hour(at, _bin(at.astimezone(zone)), values[at]) for at in sorted(values)]
            found[node, resource] = read, hours
    return found


def coverage(seen: Seen, weeks: Sequence[Week]) -> tuple[Coverage, ...]:
    """Return how the hours lie to the bands of the same nodes and resources."""
    found = []
    for week in weeks:
        read, hours = seen.get((week.node, week.resource), (False, ()))
        if not hours:
            continue
        above = sum(one.value > week.high[one.bin // 12] + 1e-9 for one in hours)
        below = sum(one.value < week.low[one.bin // 12] - 1e-9 for one in hours)
        n = len(hours)
        found.append(Coverage(week.node, week.resource, week.limit, n, n - above - below, above, below, read))
    return tuple(found)


def _bin(local: datetime) -> int:
    return local.weekday() * 288 + local.hour * 12 + local.minute // 5


def _read(
    history: History, node: str, resource: str, pages: Pages, since: datetime, until: datetime
) -> Iterator[tuple[datetime, float]]:
    """Yield the first reading of each hour a quarter past or later, else the last before; no maximum of several."""
    kept: dict[datetime, tuple[datetime, float]] = {}
    for sample in sorted((one for one in history.samples if one.node == node), key=lambda one: one.at):
        value = sample.held(resource, pages)
        if value is None or sample.over or not since <= sample.at < until:
            continue
        at = sample.at.astimezone(UTC)
        hour = at.replace(minute=0, second=0, microsecond=0)
        if hour not in kept or kept[hour][0] - hour < PAST:
            kept[hour] = at, float(value)
    yield from kept.values()


def _unknown(history: History, node: str, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield a quarter past each hour of which no meeting tells what a node held.

    That is while no log or poll tells of it, and after the last sign of a meeting whose end is not known: until
    midnight at most.
    """
    open_ended = (one.seen for one in history.meetings if one.node == node and one.end is None)
    evenings = ((seen, midnight(seen.astimezone(zone).date() + timedelta(days=1), zone)) for seen in open_ended)
    for first, last in (*history.unwatched, *evenings):
        yield from _quarters_past(first, last)


def _quarters_past(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield a quarter past each hour of a time."""
    at = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + PAST
    while at < last:
        if at >= first:
            yield at
        at += HOUR


def _of_meetings(
    history: History, node: str, resource: str, since: datetime, until: datetime
) -> Iterator[tuple[datetime, float]]:
    """Yield what the meetings of a node held a quarter past each hour in which meetings were listed."""
    if history.span is None:
        return
    changes: dict[datetime, float] = defaultdict(float)
    for meeting in history.meetings:
        if meeting.node == node:
            mark = 1.0 if resource == "rooms" else float(meeting.users)
            changes[meeting.start.astimezone(UTC)] += mark
            changes[(meeting.end or meeting.seen).astimezone(UTC)] -= mark
    if not changes:
        return
    times = sorted(changes)
    held = np.cumsum([changes[at] for at in times])
    stamps = np.array([one.timestamp() for one in times])
    for at in _quarters_past(max(since, history.span[0]), min(until, history.span[1])):
        passed = int(np.searchsorted(stamps, at.timestamp(), "right"))
        yield at, float(held[passed - 1]) if passed else 0.0
