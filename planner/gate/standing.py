"""The part of a stored plan that a verdict rests on."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from planner.model.inputs.observations import Load
from planner.model.inputs.pages import USUAL, Pages
from planner.model.limit import Curve, Limit, MeetingDecision, Week, bounded
from planner.wording.names import KEYS, Names

DECIDABLE = frozenset(["rooms", "users", "streams", "egress", "load", "spendability", "balance", "labour", "cash"])
"""What a decision stands in place of: the servers' numbers, and what can be put right next month; no policy."""


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
    limits: tuple[Limit, ...]
    origins: Mapping[str, str]
    """By the path of a limit, file:line of the input that sets it."""
    weeks: tuple[Week, ...]
    curves: Mapping[tuple[str, str], Curve]
    """By node and resource."""
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
    names: Names = KEYS
    """What people call the nodes, networks, levels and sellers."""
    nodes: tuple[str, ...] = ()
    """All nodes of the scenario, also those without any limit."""
    reached: tuple[str, ...] = ()
    """Those that accounts of the offer may land on; empty = any of them, nobody says."""
    pages: Pages = USUAL
    """How many cameras each is sent at once, by which outgoing streams are counted."""
    by_level: Mapping[str, int] | None = None
    """How many of `max_accounts` the plan counted of each level [account]; None = no limit."""
    after: int | None = None
    """The review is due after so many months: up to then the members' growth is counted; None = never [month]."""
    worth: float | None = None
    """Draws of equal weight that the plan's are worth; None = nothing weighs them [-]."""
    misfit: str = ""
    """What does not fit the model in the history that was learned from, in words; "" = nothing."""
    not_judged: str = ""
    """Why nobody knows whether that history fits the model, in words; "" = it is known, or there is none."""
    cautions: tuple[str, ...] = ()
    """What makes the plan's number less sure than it may be, in words."""
    decision: MeetingDecision | None = None
    """What people decided; None = nothing: the number rules."""

    @property
    def permissions(self) -> list[tuple[int, Limit]]:
        """Return the limits that allow some accounts only, with their number, the smallest first [account]."""
        return bounded(self.limits)

    @property
    def in_force(self) -> list[tuple[int, Limit]]:
        """Return those of the permissions that a decision does not stand in place of."""
        if self.decision is None:
            return self.permissions
        return [(most, limit) for most, limit in self.permissions if limit.limit not in DECIDABLE]

    @property
    def may_come(self) -> int | None:
        """Return how many accounts may come by the number or, where people decided, by that; None = any [account]."""
        if self.decision is None:
            return self.max_accounts
        own = [] if self.consented is not None or self.max_accounts is None else [self.max_accounts]
        return min([self.decision.accounts, *own, *(most for most, _ in self.in_force)])

    def load_of(self, node: str | None = None) -> Load | None:
        """Return whose load the limits of a node mean, or of all: CPU or balancer; None = no limit, or both."""
        of_load = [week for week in self.weeks if week.resource == "load"]
        shares = {week.limit <= 1 for week in of_load if node in (None, week.node)}
        return None if len(shares) != 1 else "cpu" if True in shares else "scalelite"

    def ends(self, first: datetime | None) -> datetime | None:
        """Return when the plan's review is due: counted from the first account, or else from when the plan was made."""
        if self.after is None:
            return None
        local = (first or self.made).astimezone(ZoneInfo(self.timezone))
        month = local.month - 1 + self.after
        year, month = local.year + month // 12, month % 12 + 1
        return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))
