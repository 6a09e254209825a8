"""The part of a stored plan that a verdict rests on, as records."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit of the plan, as the gate needs it."""

    limit: str
    kind: str
    node: str | None
    max_accounts: int | None
    reason: str
    origin: str
    when: str | None
    yes_if: str | None


@dataclass(frozen=True, slots=True)
class Band:
    """What a reading of one resource on one node may be in each hour of the week, and its limit."""

    node: str
    resource: str
    limit: float
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The objective's measure at its confidence against the number of further accounts."""

    node: str
    resource: str
    accounts: tuple[int, ...]
    at_confidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The part of a stored plan that a verdict rests on."""

    name: str
    digest: str
    timezone: str
    measure: str
    at_most: float
    confidence: float
    mix: tuple[str, ...]
    """The levels on offer."""
    max_accounts: int | None
    limits: tuple[Bound, ...]
    bands: tuple[Band, ...]
    curves: tuple[Curve, ...]
    consented: str | None
    made: datetime
    """When the plan was made."""
    result: str
    """The hash of its result, whose first twelve digits a consent quotes."""
    seal: str
    """The hash of everything in it."""
    members_since: datetime | None = None
    """From when on the register's accounts come on top of the plan's members; None = all of them do."""
    levels: tuple[str, ...] = ()
    """All levels of the scenario, on offer or not."""
    nodes: tuple[str, ...] = ()
    """All nodes of the scenario, also those without any limit."""
    by_level: Mapping[str, int] | None = None
    """How many of `max_accounts` the plan counted of each level [account]; None = no limit."""
    after: int | None = None
    """The review is due after so many months: up to then the members' growth is counted; None = never [month]."""
    cautions: tuple[str, ...] = ()
    """What makes the plan's number less sure than it may be, in words."""

    def ends(self, first: datetime | None) -> datetime | None:
        """Return when the plan's review is due: counted from the first account, or else from when the plan was made.

        Parameters
        ----------
        first : datetime or None
            When the first account came after the members were counted.
        """
        if self.after is None:
            return None
        local = (first or self.made).astimezone(ZoneInfo(self.timezone))
        month = local.month - 1 + self.after
        year, month = local.year + month // 12, month % 12 + 1
        return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))
