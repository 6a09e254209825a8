"""Observations of the servers: readings of nodes and histories of meetings, nothing personal.

No name, e-mail address, password or room title enters these records: a meeting is known by its internal id, an account
by the reference of the members' sheet. Times carry an offset from UTC. stdlib only: the gate waits for the import.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

from planner.model.inputs.pages import USUAL, Pages

REFERENCE = re.compile(r"[a-z]{1,12}-[0-9]{1,8}")
"""How an account is named here: by its reference in the members' sheet, such as ocn-003, never by a person's name."""

NAME = re.compile(r"[^\W_][\w-]{0,39}\Z")
"""The names of nodes, levels and networks, in scenarios and wherever else one can be typed: no sentence fits in."""
NAME_WANTED = "a name of letters, digits, - and _, at most 40, such as de"
MOST_ACCOUNTS = 100_000
"""In one request, or one row of the register: no sum of them is too large for anything [account]."""


Load = Literal["cpu", "scalelite"]


@dataclass(frozen=True, slots=True)
class NodeReading:
    """What one node held at one instant; None = not read."""

    rooms: int | None = None
    """Meetings in progress, breakout rooms not counted [room]."""
    users: int | None = None
    """People in them, each once [user]."""
    streams: int | None = None
    """Cameras coming in plus copies going out [stream]."""
    load: float | None = None
    """In the unit of the node's load limit: a share of the CPU, or the balancer's number [-]."""
    egress: float | None = None
    """[Mbit/s]"""
    cameras: int | None = None
    """Cameras coming in, which is all that BBB itself counts [stream]."""
    online: bool = True

    @property
    def known(self) -> dict[str, Any]:
        """Return what was read, by name; what was not is left out."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


MOST_CAMERAS = 10
"""Of one person at once: BigBlueButton allows 3 unless somebody sets userCameraCap (its bigbluebutton.properties)."""


def contradiction(seen: NodeReading) -> str:
    """Return which of a node's numbers cannot both be true, in words; "" = none."""
    of_users = (("users", "cameras"), ("users", "streams"))
    for none, some in (("rooms", "users"), ("rooms", "cameras"), ("rooms", "streams"), *of_users):
        if getattr(seen, none) == 0 and getattr(seen, some):
            return f"{none} 0, {some} {getattr(seen, some)}"
    if seen.streams is not None and seen.streams < (seen.cameras or 0):  # those coming in are among them
        return f"cameras {seen.cameras}, streams {seen.streams}"
    if seen.users and (seen.cameras or 0) > MOST_CAMERAS * seen.users:
        return f"users {seen.users}, cameras {seen.cameras}"
    return ""


@dataclass(frozen=True, slots=True)
class InProgress:
    """One meeting in progress, as one poll saw it."""

    key: str
    """BBB's internal meeting id, `<hash>-<creation time>`: a new one for every meeting, also in the same room."""
    start: datetime
    users: int
    """In it now [user]."""
    cameras: int
    """Cameras coming in now [stream]."""
    account: str | None = None
    """Reference of the account in the members' sheet; None = not known."""
    limit: float | None = None
    """BBB ends the meeting at this age [h]; None = no limit."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the servers said at one instant. A node that is missing was not read."""

    taken_at: datetime
    source: str
    nodes: Mapping[str, NodeReading]
    unread: Mapping[str, str] = field(default_factory=dict)
    """Why a node that was asked is not in `nodes`, or not all of it, in plain words."""
    meetings: Mapping[str, tuple[InProgress, ...]] = field(default_factory=dict)
    """The meetings in progress one by one, by node; a node that is missing only counts them, or was not read."""
    pages: Pages | None = None
    """How many cameras each was taken to be sent at once, by which streams were counted; None = nobody says."""
    load_of: Load | None = None
    """Whose load was read: a share of the CPU, or the balancer's number; None = nobody says."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting as history holds it."""

    key: str
    node: str
    start: datetime
    seen: datetime
    """In progress at this time for certain, the last such time."""
    end: datetime | None
    """None = not known: it ran until `seen` at least (right-censored)."""
    users: int
    """The largest number at once [user]."""
    cameras: int | None
    """The largest number at once [stream]; None = the source does not say."""
    account: str | None = None
    limit: float | None = None
    """The level's duration limit, where BBB was told one [h]."""

    @property
    def hours(self) -> float:
        """Return how long it was in progress, or at least was [h]."""
        return ((self.end or self.seen) - self.start).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Sample:
    """One poll of one node, for the node's course over time; reading None = asked, no answer."""

    at: datetime
    node: str
    reading: NodeReading | None
    over: timedelta = timedelta(0)
    """Of several polls, each number the largest: the time they took; 0 = one poll, whose numbers were there at once."""
    pages: str = str(USUAL)
    """The pages by which streams were counted, as `Pages` says them."""

    def held(self, resource: str, pages: Pages) -> float | None:
        """Return what was read of a resource [its unit]; streams that were counted by other pages are not known."""
        if self.reading is None or (resource == "streams" and self.pages != str(pages)):
            return None
        value: float | None = getattr(self.reading, resource)
        return value


@dataclass(frozen=True, slots=True)
class Member:
    """One row of the members' sheet."""

    account: str
    level: str
    pays: Literal["money", "credit"]
    accounts: int = 1
    """How many accounts the row stands for [account]."""
    since: date | None = None
    until: date | None = None

    def there(self, on: date) -> bool:
        """Return whether it is a member on a day, its first and its last included."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)

    def already_there(self, on: date) -> bool:
        """Return whether it is a member on a day and was one before: who comes on the day itself comes new."""
        return self.there(on) and self.since != on

    def within(self, begin: datetime, end: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
        """Return the part of a span of time in which it is a member, None if it is not."""
        first = begin if self.since is None else max(begin, midnight(self.since, zone))
        last = end if self.until is None else min(end, midnight(self.until + timedelta(days=1), zone))
        return (first, last) if first < last else None


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins in a time zone."""
    # in UTC: two times of one zone are subtracted as its clocks show them, an hour off where those were put forward
    return datetime.combine(day, time(), zone).astimezone(UTC)


Interval = tuple[datetime, datetime]
"""From when to before when."""


def overlap(spans: Iterable[Interval], first: datetime, last: datetime) -> timedelta:
    """Return how much of the time from `first` to `last` lies in spans that do not overlap each other."""
    return sum((max(min(end, last) - max(start, first), timedelta(0)) for start, end in spans), timedelta(0))


@dataclass(frozen=True, slots=True)
class Watching:
    """From when to when a log of one node tells of its meetings: the times of its first and of its last line."""

    node: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class History:
    """Meetings, and what was read of the servers, over some time."""

    name: str
    """How its user calls it: a file's name, which goes into the sources of what is learned from it."""
    meetings: tuple[Meeting, ...]
    samples: tuple[Sample, ...] = ()
    unwatched: tuple[Interval, ...] = ()
    """When no log or poll tells of some node: what happened then is not known, and is not nothing. In their order."""

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """Return from when to when something was seen; None = nothing was."""
        times = [sample.at for sample in self.samples]
        times += [when for meeting in self.meetings for when in (meeting.start, meeting.end or meeting.seen)]
        return (min(times), max(times)) if times else None

    @property
    def watched(self) -> tuple[datetime, datetime] | None:
        """Return from when to when meetings were listed; None = never. Only who lists them counts outgoing streams."""
        listed = tuple(sample for sample in self.samples if sample.reading and sample.reading.streams is not None)
        return replace(self, samples=listed).span

    @property
    def weeks(self) -> float:
        """Return how long that is, without what nobody watched [week]."""
        if self.span is None:
            return 0.0
        first, last = self.span
        return (last - first - overlap(self.unwatched, first, last)) / timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the network's statement."""

    on: date
    kind: Literal["fee", "spent", "refused", "charge"]
    """A membership fee that came in; credit spent; a fee that the network refused; what the network keeps."""
    amount: int
    """Minor units of the network's unit, above 0 [minor credit]."""
    hours: float | None = None
    """Hours bought, of what was spent [h]; None = it bought none."""
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The accounts that came after the plan's members were counted and are still there, as a register holds them."""

    by_level: Mapping[str, int] = field(default_factory=dict)
    """Of each level that has any [account]."""
    first: datetime | None = None
    """When the first of them came, whether it is still there or not; None = none has."""
    before: int = 0
    """Accounts still there that came by the day the members were counted, taken to be among them [account]."""

    def __post_init__(self) -> None:
        """Raise ValueError if a count is none: what cannot be added up must not come out as room."""
        if any(type(count) is not int or count < 0 for count in (*self.by_level.values(), self.before)):
            raise ValueError("wanted how many came of each level, as whole numbers from 0 on")

    @property
    def accounts(self) -> int:
        """Return how many there are [account]."""
        return sum(self.by_level.values())


NOBODY = Admitted()
"""No account has come yet, or no register says so."""
