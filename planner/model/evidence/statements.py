"""What was seen, as plain records: which node, how long, and up to when."""

from dataclasses import dataclass

from planner.model.inputs.capacity import Floats, Resource


@dataclass(frozen=True, slots=True)
class Window:
    """The time that somebody looked back over."""

    began: float
    ended: float
    """Before the scenario's start [month]."""


@dataclass(frozen=True, slots=True, eq=False)
class Overloads:
    """So many overloads of a node were noticed."""

    node: str
    window: Window
    count: int
    noticed: Floats
    """Chance that an overload is noticed, equally likely values, ndarray [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class MostUsers:
    """The most users that were seen on a node at once."""

    node: str
    window: Window
    users: float
    within: float | None
    """Seen all the time, to so much of the number [-]; None = seen now and then."""


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What a node has borne without trouble, as in a load test."""

    node: str
    resource: Resource
    amount: float
    """[the resource's unit]"""


@dataclass(frozen=True, slots=True, eq=False)
class Talk:
    """Hours that the users of all members spent in meetings."""

    hours: float
    """[user h]"""
    weeks: Floats
    """In so many weeks, equally likely values, ndarray [week]."""
    accounts: float | None
    """By so many accounts; None = by the members of then [account]."""
    window: Window


@dataclass(frozen=True, slots=True, eq=False)
class LoadAtMost:
    """The highest load that was seen on a node, all the time."""

    node: str
    window: Window
    load: float
    """In the unit of the node's limit [-]."""


Seen = Overloads | MostUsers | Carried | Talk | LoadAtMost


@dataclass(frozen=True, slots=True)
class Statement:
    """One entry of a scenario's experience."""

    path: str
    """"experience.1", ..."""
    text: str
    """In words."""
    seen: Seen
