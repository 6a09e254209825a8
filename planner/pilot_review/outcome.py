"""What happened in the pilot, counted from the members' sheet, the network's statement and the history of meetings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from planner.model.inputs.capacity import Node, Resource
from planner.model.inputs.observations import History, Meeting, Member, NodeReading, Posting, Sample

WEEK = timedelta(days=7)
STALE = timedelta(hours=1)
"""Readings further apart than this leave a gap that nobody saw into."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a review looks at."""

    history: History
    ledger: tuple[Posting, ...]
    members: tuple[Member, ...]
    volunteer_hours: float | None = None
    """Hours a month that the volunteers wrote down [h/month]; None = nobody did."""


@dataclass(frozen=True, slots=True)
class Books:
    """The statement at the end of each month, month 0 first, in minor units of credit."""

    received: tuple[int, ...]
    """Fees so far, less what the network kept."""
    spent: tuple[int, ...]
    refused: tuple[int, ...]
    hours: tuple[float, ...]
    last_bought: int | None
    """The month of the last purchase of hours; None = nothing was bought."""

    @property
    def balance(self) -> tuple[int, ...]:
        """Return what was there at the end of each month: every credit that came in was spent or is there."""
        return tuple(came - went for came, went in zip(self.received, self.spent, strict=True))


@dataclass(frozen=True, slots=True)
class Met:
    """How often the pilot's accounts met while somebody watched."""

    meetings: int
    weeks: tuple[tuple[str, int, float], ...]
    """Level, number of accounts, and how long they were watched [week], for each member."""

    @property
    def account_weeks(self) -> float:
        """Return accounts times weeks watched [account week]."""
        return sum(accounts * weeks for _, accounts, weeks in self.weeks)


def months_between(start: tuple[int, int], on: date) -> int:
    """Return how many whole months have passed since the first of month 1, never below 0.

    Examples
    --------
    >>> months_between((2021, 4), date(2021, 10, 4)), months_between((2021, 4), date(2021, 4, 30))
    (6, 0)
    """
    return max(0, (on.year - start[0]) * 12 + on.month - start[1])


def books(ledger: Sequence[Posting], start: tuple[int, int], months: int) -> Books:
    """Return the statement month by month; what came before month 1 stands in month 0, what came later nowhere."""
    received, spent, refused = ([0] * (months + 1) for _ in range(3))
    hours = [0.0] * (months + 1)
    last = None
    for one in ledger:
        month = (one.on.year - start[0]) * 12 + one.on.month - start[1] + 1
        if month > months:
            continue
        for at in range(max(0, month), months + 1):
            received[at] += one.amount if one.kind == "fee" else -one.amount if one.kind == "charge" else 0
            spent[at] += one.amount if one.kind == "spent" else 0
            refused[at] += one.amount if one.kind == "refused" else 0
            hours[at] += one.hours or 0.0
        if one.hours:
            last = max(0, month)
    return Books(tuple(received), tuple(spent), tuple(refused), tuple(hours), last)


def of_the_offer(seen: Seen, start: tuple[int, int]) -> Seen:
    """Return what was seen without those who paid in credit when the plan began, which is of further accounts.

    Their postings go with them where the statement says whose they are.
    """
    before = {one.account for one in _in_credit(seen.members) if one.already_there(date(*start, 1))}
    return replace(
        seen,
        members=tuple(one for one in seen.members if one.account not in before),
        ledger=tuple(one for one in seen.ledger if one.account not in before),
    )


def paying(members: Sequence[Member], on: date) -> int:
    """Return the accounts that pay in credit on a day."""
    return sum(one.accounts for one in _in_credit(members) if one.there(on))


def joined(members: Sequence[Member], on: date) -> int:
    """Return the accounts that had signed up to pay in credit by a day, also those that have left since."""
    return sum(one.accounts for one in _in_credit(members) if one.since is None or one.since <= on)


def _in_credit(members: Sequence[Member]) -> list[Member]:
    return [one for one in members if one.pays == "credit"]


def met(seen: Seen, zone: ZoneInfo, on: date) -> Met | None:
    """Return how often the accounts that pay in credit met; None if no meeting tells whose it was."""
    span = seen.history.span
    theirs: dict[str, list[Meeting]] = {}
    for meeting in seen.history.meetings:
        if meeting.account is not None:
            theirs.setdefault(meeting.account, []).append(meeting)
    if span is None or not theirs:
        return None
    end = min(span[1], _midnight(on + timedelta(days=1), zone))
    many, weeks = 0, []
    for one in _in_credit(seen.members):
        begins = span[0] if one.since is None else max(span[0], _midnight(one.since, zone))
        ends = end if one.until is None else min(end, _midnight(one.until + timedelta(days=1), zone))
        if begins < ends:
            many += sum(begins <= meeting.start < ends for meeting in theirs.get(one.account, ()))
            weeks.append((one.level, one.accounts, (ends - begins) / WEEK))
    return Met(many, tuple(weeks)) if weeks else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # in UTC: two times of one zone are subtracted as its clocks show them, an hour off where those were put forward
    return datetime.combine(day, time(), zone).astimezone(UTC)


def overloads(history: History, nodes: Sequence[Node], since: datetime, until: datetime) -> int:
    """Return how often a node was over one of its limits, less what is kept free on it.

    Counted in the readings of a node where there are some; else in its meetings, each taken at its largest number of
    people all the time, which counts rather too many. Over two limits at once counts once for each: the objective holds
    for each limit by itself.
    """
    found = 0
    for node in nodes:
        readings = [one for one in history.samples if one.node == node.name and since <= one.at < until]
        meetings = [one for one in history.meetings if one.node == node.name and since <= one.start < until]
        for resource, limit in node.limits.items():
            room = limit - node.reserve.get(resource, 0.0)
            if any(_held(one.reading, resource) is not None for one in readings):
                found += _in_readings(readings, resource, room)
            elif resource in ("rooms", "users"):
                found += _in_meetings(meetings, resource, room)
    return found


def _held(reading: NodeReading | None, resource: Resource) -> float | None:
    return None if reading is None else getattr(reading, resource)


def _in_readings(readings: Sequence[Sample], resource: Resource, room: float) -> int:
    """Return the runs of readings above `room`; one not seen in between leaves the run as it is."""
    found, over, last = 0, False, None
    for one in sorted(readings, key=lambda one: one.at):
        held = _held(one.reading, resource)
        if held is None:
            continue
        if last is not None and one.at - last > STALE:
            over = False
        found += held > room and not over
        over, last = held > room, one.at
    return found


def _in_meetings(meetings: Sequence[Meeting], resource: Resource, room: float) -> int:
    changes: dict[datetime, float] = {}
    for one in meetings:
        mark = 1 if resource == "rooms" else one.users
        changes[one.start] = changes.get(one.start, 0) + mark
        ends = one.end or one.seen
        changes[ends] = changes.get(ends, 0) - mark
    held, found, over = 0.0, 0, False
    for at in sorted(changes):
        held += changes[at]
        found += held > room and not over
        over = held > room
    return found
