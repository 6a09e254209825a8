"""The part of a stored plan that a verdict rests on, read from plan.json and nothing computed again."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from planner import __plan_schema__

FEW_DRAWS = 200
"""With fewer draws of the uncertain inputs the number of accounts may be another one with the next seed [-]."""


class NotAPlan(ValueError):
    """The file is not a plan that this version of the gate can read."""


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
    members_since: datetime | None = None
    """From when on the register's accounts come on top of the plan's members; None = all of them do."""
    levels: tuple[str, ...] = ()
    """All levels of the scenario, on offer or not; empty = the plan does not say."""
    nodes: tuple[str, ...] = ()
    """All nodes of the scenario, also those without any limit."""
    by_level: Mapping[str, int] | None = None
    """How many of `max_accounts` the plan counted of each level [account]; None = no limit."""
    after: int | None = None
    """The review is due after so many months: up to then the members' growth is counted; None = never [month]."""
    made: datetime | None = None
    """When the plan was made; None = not known."""
    cautions: tuple[str, ...] = ()
    """What makes the plan's number less sure than it may be, in words."""

    def ends(self, first: datetime | None) -> datetime | None:
        """Return when the plan's review is due: counted from the first account, or else from when the plan was made.

        Parameters
        ----------
        first : datetime or None
            When the first account came after the members were counted.
        """
        start = first or self.made
        if self.after is None or start is None:
            return None
        local = start.astimezone(ZoneInfo(self.timezone))
        month = local.month - 1 + self.after
        year, month = local.year + month // 12, month % 12 + 1
        return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))


def standing(document: object, made: datetime | None = None) -> Standing:
    """Return the part of plan.json that a verdict rests on.

    Parameters
    ----------
    document : object
        What stands in plan.json.
    made : datetime or None
        When it was made. The document does not say it: the same inputs give the same bytes.

    Raises
    ------
    NotAPlan
        If the document is not a plan, or lacks what the gate needs.
    """
    if not isinstance(document, Mapping) or document.get("schema") != __plan_schema__:
        raise NotAPlan(f"not a plan: its schema is not {__plan_schema__}")
    try:
        goal = document["objective"]
        return Standing(
            name=document["scenario"]["name"],
            digest=document["scenario"]["digest"],
            timezone=document["timezone"],
            measure=goal["measure"],
            at_most=float(goal["at_most"]),
            confidence=float(goal["confidence"]),
            mix=tuple(level for level, part in document["offer"]["mix"].items() if part > 0),
            max_accounts=document["admission"]["max_accounts"],
            limits=tuple(_bound(row) for row in document["admission"]["limits"]),
            bands=tuple(
                Band(row["node"], row["resource"], float(row["limit"]), _hours(row["low"]), _hours(row["high"]))
                for row in document["weeks"]
            ),
            curves=tuple(
                Curve(row["node"], row["resource"], tuple(row["accounts"]), tuple(row["at_confidence"]))
                for row in document["curves"]
            ),
            consented=document.get("consented"),
            members_since=_start(document.get("members_as_of"), document["timezone"]),
            levels=_levels(document.get("assumptions", [])),
            nodes=_names(document["nodes"]),
            by_level=_counts(document["admission"]["by_level"]),
            after=int(document["checkpoint"]["after"]),
            made=made,
            cautions=_cautions(document),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise NotAPlan(f"not a plan that this version can read: {type(error).__name__} at {error}") from error


def _bound(row: Mapping[str, Any]) -> Bound:
    return Bound(
        row["limit"],
        row["kind"],
        row["node"],
        row["max_accounts"],
        row["reason"],
        row["origin"],
        row.get("when_words"),
        row.get("yes_if"),
    )


def _levels(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the names of the levels, whose prices and promises are assumptions like everything else."""
    paths = (row["path"].split(".") for row in rows)
    return tuple(dict.fromkeys(path[1] for path in paths if path[0] == "levels" and len(path) > 1))


def _names(values: Sequence[str]) -> tuple[str, ...]:
    """Return the nodes' names; a plan of no server would ask for no reading."""
    if isinstance(values, str) or not values or not all(isinstance(name, str) for name in values):
        raise ValueError("a plan without nodes")
    return tuple(values)


def _counts(values: Mapping[str, int] | None) -> dict[str, int] | None:
    return None if values is None else {level: int(count) for level, count in values.items()}


def _cautions(document: Mapping[str, Any]) -> tuple[str, ...]:
    found, draws, seed = [], document["draws"], document["seed"]
    if draws < FEW_DRAWS:
        found.append(f"made with {draws} draws only: with another seed its number may differ; leave --draws out")
    if seed != (own := document["scenario"].get("seed", seed)):
        found.append(f"made with the seed {seed}, where the scenario has {own}")
    return tuple(found)


def _hours(values: Sequence[float]) -> tuple[float, ...]:
    """Return one number for each hour of the week; a band with a hole would let anything pass."""
    numbers = tuple(float(value) for value in values)
    if len(numbers) != 168 or not all(number >= 0 for number in numbers):
        raise ValueError("a week that has not 168 numbers from 0 on")
    return numbers


def _start(as_of: str | None, timezone: str) -> datetime | None:
    """Return when the day, month or year begins at which the members were counted.

    Its beginning, not its end: nobody knows whether an account of that very day is in the count, and to count it twice
    holds too early, where to forget it admits too many.
    """
    if as_of is None:
        return None
    year, month, day = (*(int(part) for part in as_of.split("-")), 1, 1)[:3]
    return datetime(year, month, day, tzinfo=ZoneInfo(timezone))
