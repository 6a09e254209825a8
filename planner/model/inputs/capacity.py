"""The plain records that the capacity formulas take, for the central answer and each draw: numbers in base units."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from planner.model.inputs.credit import Cash, Labour, Mask, Network, Spending
from planner.model.inputs.pages import Pages, widest

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BINS_PER_WEEK = 2016
BIN = 1 / 12
"""The grid of the week: 5 minutes [h]."""
HOURS_PER_WEEK = 168.0
WEEKS_PER_MONTH = 365.25 / 84
"""Weeks in an average month of 365.25/12 days [week/month]."""
NO_LIMIT = math.inf

Resource = Literal["rooms", "users", "streams", "egress", "load"]
RESOURCES: tuple[Resource, ...] = ("rooms", "users", "streams", "egress", "load")
Measure = Literal["episodes", "minutes", "any_in_week", "busiest_instant"]


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of meeting of a class of accounts; means are those before the level's cut."""

    share: float
    """Of the class's meetings [-]."""
    duration: float
    """Mean holding time before the cut [h]."""
    duration_cv: float
    """Coefficient of variation of the holding time before the cut [-]; 0 = all alike."""
    duration_limit: float
    """The meeting is ended here [h]; NO_LIMIT = none."""
    size: float
    """Mean size before the cut, at least 2 [user]."""
    size_dispersion: float
    """k of the negative binomial U - 2, variance = mu + mu^2/k with mu = size - 2 [-]; inf = Poisson."""
    participants: float
    """The level's participant limit [user]; NO_LIMIT = none."""
    cameras: float
    """Share of users who send a camera, each independently [-]."""
    moderators: int
    """Moderators of a meeting, at most its size [user]."""
    pages: Pages
    """How many cameras each is sent at once."""
    screenshare: float
    """Share of meetings with a shared screen [-]."""
    shape: Floats
    """Relative arrival rate in each 5-minute bin, ndarray of shape (2016,), mean 1 [-]: weekly profile x start
    minutes, Monday 00:00 first, in the scenario's time zone."""
    recorded: float = 0.0
    """Share of meetings that are recorded [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What one account of a level brings."""

    level: str
    meetings: float
    """Meetings a week of an average account in the season that is judged [1/week]."""
    spread: float
    """Coefficient of variation of the accounts' rates [-]; 0 = all alike; kappa = 1/spread^2."""
    rooms_at_once: float
    """The level's limit on rooms at once [room]; only the simulation has it."""
    kinds: tuple[Kind, ...]
    season: float = 1.0
    """The busiest month over an average one: `meetings` are those of the busiest [-]."""


@dataclass(frozen=True, slots=True)
class LinearLoad:
    """Node load = base + per_room R + per_user U + per_stream S + per_recording V [the limit's unit, e.g. % of CPU]."""

    base: float
    per_room: float
    per_user: float
    per_stream: float
    per_recording: float = 0.0
    """Of V, the rooms that are recorded."""


@dataclass(frozen=True, slots=True)
class ScaleliteLoad:
    """Scalelite's load of a meeting: multiplier x (users + moderators), at least `least` until age `until` [h]."""

    least: float = 15.0
    until: float = 0.25
    multiplier: float = 1.0


CAMERA = ((0, 0.2), (8, 0.1), (12, 0.09), (15, 0.07), (20, 0.05), (25, 0.04), (30, 0.03))


@dataclass(frozen=True, slots=True)
class Rates:
    """Bit rates of media, for the resource egress [Mbit/s]."""

    camera: tuple[tuple[int, float], ...] = CAMERA
    """(from so many cameras in the meeting, Mbit/s of one camera), ascending."""
    audio: float = 0.04
    screenshare: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A server: its limits, what is kept free on it, how its load is reckoned."""

    name: str
    limits: Mapping[Resource, float]
    """A resource left out has no limit [the resource's unit]."""
    reserve: Mapping[Resource, float] = field(default_factory=dict)
    """Kept free for other use [the resource's unit]."""
    load: LinearLoad | ScaleliteLoad = LinearLoad(0.0, 0.0, 0.0, 0.0)
    rates: Rates = Rates()

    def idle(self, resource: Resource) -> float:
        """Return the idle usage of a resource [the resource's unit]: the base of a linear load."""
        return self.load.base if resource == "load" and isinstance(self.load, LinearLoad) else 0.0

    def headroom(self, resource: Resource) -> float:
        """Return what new load may fill [the resource's unit]: the limit less the reserve and the idle usage."""
        return self.limits.get(resource, NO_LIMIT) - self.reserve.get(resource, 0.0) - self.idle(resource)


@dataclass(frozen=True, slots=True)
class Placement:
    """Which node accounts land on: shares by node (fixed), or one pool of all nodes behind a balancer (pool)."""

    rule: Literal["fixed", "pool"]
    members: Mapping[str, float]
    offer: Mapping[str, float]
    nodes_down: int = 0
    view_age: float = 0.0
    """Age of the load the balancer sees [h]; only the simulation has it."""


@dataclass(frozen=True, slots=True)
class Members:
    """Who is there already and pays in money."""

    accounts: int
    mix: Mapping[str, float]
    growth: float
    """[account/month]"""


@dataclass(frozen=True, slots=True)
class Review:
    """The checkpoint: whichever of `after` and `at_accounts` comes first; thresholds None = not asked."""

    after: int
    """[month]"""
    at_accounts: int | None = None
    hours_bought: float | None = None
    """[h] at least"""
    months_since_purchase: int | None = None
    """[month] at most"""
    idle_share: float | None = None
    """[-] at most: unspent share of what was received"""
    episodes: float | None = None
    """At most so many up to the review [overload]."""
    volunteer_hours: float | None = None
    """[h/month] at most"""
    pause_above: float | None = None
    """Sales pause while the idle share is above this [-]"""


def misses(review: Review, threshold: str, values: npt.ArrayLike) -> Mask:
    """Return whether values [the threshold's unit] miss a threshold: hours bought a least, the others a most."""
    wanted: float = getattr(review, threshold)
    found = np.asarray(values)
    # 1e-9: three times 20 minutes are an hour
    return np.asarray(found < wanted - 1e-9 if threshold == "hours_bought" else found > wanted + 1e-9)


@dataclass(frozen=True, slots=True)
class Offer:
    """The question: may these accounts come?"""

    network: str
    accounts: int
    """[account]"""
    mix: Mapping[str, float]
    """Shares of the levels that may be bought [-]."""
    cap: int | None
    """No more than these before the review; None = no cap [account]."""
    review: Review


@dataclass(frozen=True, slots=True)
class Objective:
    """At most `at_most` of `measure`, in at least `confidence` of the input draws, for each limit of each node.

    `at_most` is in the base unit of the measure: episodes [1/month], minutes [min/month], a probability [-].
    """

    measure: Measure
    at_most: float
    confidence: float
    confidence_reversible: float = 0.75
    """Of the limits that can be put right next month: spendability, balance, labour and cash [-]."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the closed form cannot hold; all off by default."""

    fixed_weekly: float = 0.0
    """Share of the meetings that belong to a weekly series: the same slot each week, a mean size of its own, attendance
    Poisson around it [-]. A single week's size has the same law as that of other meetings."""
    surge: float = 1.0
    """Every account's rate is multiplied by this on the surge day of each week [-]: the measures are then those of
    weeks with such a day."""
    surge_day: int = 2
    """Monday = 0 [-]."""
    late: float = 0.0
    """Share of the viewers who come late, each independently [-]: the meeting grows while it runs."""
    late_by: float = 0.25
    """The meeting's age when the late ones have come [h]."""

    @property
    def on(self) -> bool:
        """Whether anything is on."""
        return self.fixed_weekly > 0.0 or self.surge != 1.0 or self.late > 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """All that one answer needs, for the central values or for one draw."""

    nodes: tuple[Node, ...]
    prices: Mapping[str, int]
    """Of each level, at the price list [minor money/month]."""
    demands: Mapping[str, Demand]
    placement: Placement
    members: Members
    offer: Offer
    objective: Objective
    networks: Mapping[str, Network]
    spending: Spending
    labour: Labour
    cash: Cash
    horizon: int
    """[month]"""
    start: tuple[int, int]
    """Calendar year and month of month 1 [-]."""
    options: Options = Options()
    """What only the simulation has; where any is on, it judges."""
    day_spread: float = 0.0
    """Coefficient of variation of the factor that all meetings starting on one day share, mean 1 [-]; 0 = none."""

    @property
    def pages(self) -> Pages:
        """Return the pages by which a server's streams are counted, the largest of any level and kind of meeting."""
        return widest(kind.pages for demand in self.demands.values() for kind in demand.kinds)


def allocate(accounts: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Return how many accounts [account] go to each name: one after the other to the name furthest behind its share."""
    # n + 1 accounts contain n, so numbers of accounts are comparable; ties go to the name written first.
    return {**dict.fromkeys(shares, 0), **Counter(sequence(accounts, shares))}


def sequence(accounts: int, shares: Mapping[str, float]) -> tuple[str, ...]:
    """Return the names that so many accounts [account] go to, each the one furthest behind its share."""
    # n + 1 contain n: many numbers of accounts are the beginning of one sequence
    most = 1 << accounts.bit_length() if accounts else 0
    return _sequence(most, tuple(shares.items()))[:accounts]


@lru_cache(maxsize=64)
def _sequence(accounts: int, items: tuple[tuple[str, float], ...]) -> tuple[str, ...]:
    """Return the same; kept, because every limit of every node asks for it."""
    shares = dict(items)
    total = math.fsum(shares.values())
    counts = dict.fromkeys(shares, 0)
    order: list[str] = []
    for n in range(1, accounts + 1):
        # 1e-9: shares like 0.6 are not exact in binary; a tie must not hang on the last bit
        name = max(shares, key=lambda key: round(n * shares[key] / total - counts[key], 9))
        counts[name] += 1
        order.append(name)
    return tuple(order)
