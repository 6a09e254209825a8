"""What happened in the pilot, counted from the members' sheet, the network's statement and the history of meetings."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from planner.model.inputs.capacity import Node, Resource
from planner.model.inputs.observations import History, Meeting, Member, Posting, midnight, overlap
from planner.model.inputs.pages import USUAL, Pages

WEEK = timedelta(days=7)
STALE = timedelta(hours=1)
"""Readings further apart than this leave a gap that nobody saw into."""
COVERED = 0.75
"""A history of a smaller share of the time since the start says nothing about how often nodes were over a limit."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a review looks at."""

    history: History
    ledger: tuple[Posting, ...]
    members: tuple[Member, ...]
    volunteer_hours: float | None = None
    """Hours a month that the volunteers wrote down [h/month]; None = nobody did."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The network's statement at the end of each month, month 0 first, in minor units of credit."""

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
    """Return how many whole months [month] have passed since the first of month 1, never below 0."""
    return max(0, _months(start, on))


def _months(start: tuple[int, int], on: date) -> int:
    return (on.year - start[0]) * 12 + on.month - start[1]


def statement(ledger: Sequence[Posting], start: tuple[int, int], months: int) -> Statement:
    """Return the statement of so many months [month]; month 0 has what came before, what came later is left out."""
    received, spent, refused = ([0] * (months + 1) for _ in range(3))
    hours = [0.0] * (months + 1)
    columns = {"fee": (received, 1), "charge": (received, -1), "spent": (spent, 1), "refused": (refused, 1)}
    last = None
    for posting in ledger:
        month = max(0, _months(start, posting.on) + 1)
        column, sign = columns[posting.kind]
        for at in range(month, months + 1):
            column[at] += sign * posting.amount
            hours[at] += posting.hours or 0.0
        if posting.hours and month <= months:
            last = month
    return Statement(tuple(received), tuple(spent), tuple(refused), tuple(hours), last)


def of_the_offer(seen: Seen, start: tuple[int, int]) -> Seen:
    """Return what was seen without those who paid in credit before the plan, and without their known postings."""
    before = {member.account for member in _in_credit(seen.members) if member.already_there(date(*start, 1))}
    return replace(
        seen,
        members=tuple(member for member in seen.members if member.account not in before),
        ledger=tuple(posting for posting in seen.ledger if posting.account not in before),
    )


def paying(members: Sequence[Member], on: date) -> int:
    """Return the accounts [account] that pay in credit on a day."""
    return sum(member.accounts for member in _in_credit(members) if member.there(on))


def joined(members: Sequence[Member], on: date) -> int:
    """Return the accounts [account] that had signed up to pay in credit by a day, also those that have left since."""
    return sum(member.accounts for member in _in_credit(members) if member.since is None or member.since <= on)


def _in_credit(members: Sequence[Member]) -> list[Member]:
    return [member for member in members if member.pays == "credit"]


def met(seen: Seen, zone: ZoneInfo, on: date) -> Met | None:
    """Return how often the accounts that pay in credit met; None if no meeting tells whose it was."""
    span = seen.history.span
    theirs: dict[str, list[Meeting]] = {}
    for meeting in seen.history.meetings:
        watched_then = not any(first <= meeting.start < last for first, last in seen.history.unwatched)
        if meeting.account is not None and watched_then:
            theirs.setdefault(meeting.account, []).append(meeting)
    if span is None or not theirs:
        return None
    end = min(span[1], midnight(on + timedelta(days=1), zone))
    many, weeks = 0, []
    for member in _in_credit(seen.members):
        if watched := member.within(span[0], end, zone):
            begins, ends = watched
            many += sum(begins <= meeting.start < ends for meeting in theirs.get(member.account, ()))
            known = ends - begins - overlap(seen.history.unwatched, begins, ends)
            weeks.append((member.level, member.accounts, known / WEEK))
    return Met(many, tuple(weeks)) if weeks else None


def overloads(history: History, nodes: Sequence[Node], since: datetime, until: datetime, pages: Pages = USUAL) -> int:
    """Return how often a node was over one of its limits less the reserve [overload], once for each limit."""
    # Counted in the readings of a node where they tell enough, or more than its meetings; else in these, each taken at
    # its largest number of people all the time, which counts rather too many.
    count = 0
    for node in nodes:
        readings = [sample for sample in history.samples if sample.node == node.name and since <= sample.at < until]
        meetings = [each for each in history.meetings if each.node == node.name and since <= each.start < until]
        for resource, limit in node.limits.items():
            usable = limit - node.reserve.get(resource, 0.0)
            course = [(one.at, held) for one in readings if (held := one.held(resource, pages)) is not None]
            read, listed = covered(history, node.name, resource, since, until, pages)
            if course and read >= min(COVERED, listed):
                # one not seen in between leaves the run as it is
                count += _runs(sorted(course), usable, STALE)
            elif resource in ("rooms", "users"):
                count += _in_meetings(meetings, resource, usable)
    return count


def covered(
    history: History, node: str, resource: Resource, since: datetime, until: datetime, pages: Pages
) -> tuple[float, float]:
    """Return the shares of a time in which readings, and meetings, tell how much of a resource a node held."""
    times = [one.at for one in history.samples if one.node == node and one.held(resource, pages) is not None]
    near = pairwise(sorted(at for at in times if since <= at < until))
    read = sum((min(after - before, STALE) for before, after in near), timedelta(0))
    listed = timedelta(0)
    here = any(each.node == node and since <= each.start < until for each in history.meetings)
    if here and resource in ("rooms", "users") and history.watched:
        begins, ends = max(since, history.watched[0]), min(until, history.watched[1])
        listed = max(ends - begins - overlap(history.unwatched, begins, ends), listed)
    return read / (until - since), listed / (until - since)


def _in_meetings(meetings: Sequence[Meeting], resource: Resource, usable: float) -> int:
    changes: dict[datetime, float] = defaultdict(float)
    for meeting in meetings:
        mark = 1 if resource == "rooms" else meeting.users
        changes[meeting.start] += mark
        changes[meeting.end or meeting.seen] -= mark
    times = sorted(changes)
    held = accumulate(changes[at] for at in times)
    return _runs(list(zip(times, held, strict=True)), usable, timedelta.max)


def _runs(course: Sequence[tuple[datetime, float]], usable: float, gap: timedelta) -> int:
    """Return the runs above what is usable in a course by time; a longer gap than `gap` ends a run."""
    runs, over, last = 0, False, None
    for at, held in course:
        over = over and (last is None or at - last <= gap)
        runs += held > usable and not over
        over, last = held > usable, at
    return runs
