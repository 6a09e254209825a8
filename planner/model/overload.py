"""The four measures of overload of one resource on one node."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model import contour
from planner.model.inputs import BIN, BINS_PER_WEEK, NO_LIMIT, WEEKS_PER_MONTH, Demand, Floats, Kind, Node, Resource
from planner.model.occupancy import marks
from planner.model.traffic import arrival_rate, offered_load

POINTS = 4
"""Gauss points in a 5-minute bin."""
PRECISION = 1e-13
"""Aliasing of the contour sum, relative to the integrand."""


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of models.md section 3, per average month of 365.25/12 days in the season that is judged."""

    busiest_instant: float
    """max over t of P(X(t) > L) [-]"""
    minutes: float
    """Expected minutes with X > L [min/month]."""
    episodes: float
    """Expected number of overloads [1/month]."""
    any_in_week_bound: float
    """Upper bound of P(X > L at some time in a week) [-]."""
    busiest_bin: int
    """The 5-minute bin of the week of `busiest_instant` [-]."""
    when: int
    """The bin that contributes most to `episodes` [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """One kind of meeting in one age band, of one class of accounts."""

    kind: Kind
    meetings: float
    """Of this kind, of an average account [1/week]."""
    ages: tuple[float, float]
    """[h]"""
    mean: float
    """Mean mark [the resource's unit]."""


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """What is known of one resource on one node before the number of further accounts is: see `law`."""

    node: str
    resource: Resource
    limit: float
    """What may be filled, in lattice steps; inf = no limit, below 0 = over even when empty."""
    groups: tuple[contour.Group, ...]
    bands: tuple[Band, ...]
    """Of the groups in their order."""
    counts: Floats
    """Accounts already there, ndarray of shape (n_groups,) [account]."""
    newcomers: tuple[int, ...]
    """The group that each kind of newcomer belongs to."""

    def with_extra(self, extra: Sequence[float]) -> Floats:
        """Return the accounts of each group with so many further ones of each kind of newcomer."""
        counts = self.counts.copy()
        for group, n in zip(self.newcomers, extra, strict=True):
            counts[group] += n
        return counts


def law(
    node: Node,
    resource: Resource,
    population: Sequence[tuple[Demand, float]],
    newcomers: Sequence[Demand] = (),
) -> Law:
    """Return the law of a resource's occupancy on a node, ready for any number of further accounts.

    Parameters
    ----------
    node : Node
        Its limit, its reserve and its way of reckoning load.
    resource : Resource
        Which of its limits.
    population : sequence of (Demand, float)
        The accounts already there: what one account brings, and how many there are [account].
    newcomers : sequence of Demand
        The kinds of account that may come; `measures` takes one number for each. A demand that stands in the
        population too (the same object) joins its group.

    Returns
    -------
    Law
        To be handed to `measures`, `approximate` and `mean_by_hour`.
    """
    demands: dict[int, Demand] = {}
    counts: dict[int, float] = {}
    for demand, number in [*population, *((demand, 0.0) for demand in newcomers)]:
        demands[id(demand)] = demand
        counts[id(demand)] = counts.get(id(demand), 0.0) + number
    order = list(demands)
    room = node.room_for(resource)
    limit = room
    groups, bands = [], []
    for demand in demands.values():
        laws, fresh = [], []
        for kind in demand.kinds:
            for mark in marks(kind, resource, node):
                if room < NO_LIMIT:
                    limit = math.floor(room / mark.step + 1e-9)
                laws.append(_folded(mark.law, limit))
                fresh.append(mark.age_from == 0.0)
                ages = (mark.age_from, mark.age_to)
                bands.append(Band(kind, demand.meetings * kind.share, ages, mark.mean))
        kappa = math.inf if demand.spread == 0.0 else demand.spread**-2.0
        groups.append(contour.Group(kappa, tuple(laws), tuple(fresh)))
    return Law(
        node=node.name,
        resource=resource,
        limit=limit,
        groups=tuple(groups),
        bands=tuple(bands),
        counts=np.array([counts[key] for key in order]),
        newcomers=tuple(order.index(id(demand)) for demand in newcomers),
    )


def _folded(mark: Floats, limit: float) -> Floats:
    """Return the law of a mark with all that is larger than the limit at limit + 1: it is over in any case."""
    if limit < 0 or len(mark) <= limit + 2:
        return mark
    last = int(limit) + 1
    return np.concatenate([mark[:last], [mark[last:].sum()]])


def measures(law: Law, extra: Sequence[float] = (), points: int = POINTS) -> Measures:
    """Return the four measures of overload with so many further accounts.

    Parameters
    ----------
    law : Law
        From `law`.
    extra : sequence of float
        Further accounts, one number for each of the law's newcomers [account].
    points : int
        Gauss points in a bin [-].

    Returns
    -------
    Measures
        Zero where the resource has no limit.
    """
    counts = law.with_extra(extra)
    if law.limit == NO_LIMIT or (law.limit >= 0 and not counts.any()):
        return Measures(0.0, 0.0, 0.0, 0.0, 0, 0)
    if law.limit < 0:
        return Measures(1.0, 60 * 168 * WEEKS_PER_MONTH, WEEKS_PER_MONTH, 1.0, 0, 0)
    offsets, weights = gauss(points)
    at = (0.0, *offsets.tolist())
    load = np.stack([band.meetings * offered_load(band.kind, band.ages, at) for band in law.bands])
    rate = np.stack([_rate(band, len(at)) for band in law.bands])
    instants = contour.Instants(load.reshape(len(load), -1), rate.reshape(len(rate), -1))
    over, crossing = (part.reshape(BINS_PER_WEEK, len(at)) for part in _evaluate(law, counts, instants))
    by_bin = BIN * (crossing[:, 1:] @ weights)
    episodes = float(over[0, 0] + by_bin.sum())
    busiest = over.max(axis=1)
    return Measures(
        busiest_instant=float(busiest.max()),
        minutes=float((over[:, 1:] @ weights).sum() * 60 * BIN * WEEKS_PER_MONTH),
        episodes=episodes * WEEKS_PER_MONTH,
        any_in_week_bound=min(1.0, episodes),
        busiest_bin=int(busiest.argmax()),
        when=int(by_bin.argmax()),
    )


def gauss(points: int) -> tuple[Floats, Floats]:
    """Return offsets and weights of the Gauss-Legendre rule on a bin [0, 1]."""
    x, w = np.polynomial.legendre.leggauss(points)
    return (x + 1.0) / 2.0, w / 2.0


def _rate(band: Band, columns: int) -> Floats:
    rate = band.meetings / 168 * band.kind.shape
    return np.repeat(rate[:, None], columns, axis=1)


def _evaluate(law: Law, counts: Floats, instants: contour.Instants) -> tuple[Floats, Floats]:
    """Return P(X > L) and the rate of crossings at each instant, on a circle for each side of the mean."""
    limit = int(law.limit)
    owner = np.repeat(np.arange(len(law.groups)), [len(group.laws) for group in law.groups])
    first = np.array([np.arange(len(part)) @ part for group in law.groups for part in group.laws])
    mean = (counts[owner] * first) @ instants.load
    over, crossing = np.zeros(len(mean)), np.zeros(len(mean))
    for upper in (True, False):
        chosen = np.flatnonzero((mean <= limit + 0.5) == upper)
        chosen = chosen[mean[chosen] > 0.0]
        if len(chosen) == 0:
            continue
        hardest = chosen[np.argmax(mean[chosen] if upper else -mean[chosen])]
        s = contour.tilt(law.groups, counts, instants.load[:, hardest], limit, upper)
        n = contour.points_needed(law.groups, counts, instants.load[:, hardest], limit, s, PRECISION)
        over[chosen], crossing[chosen] = contour.probabilities(
            law.groups, counts, instants.at(chosen), limit, s, n
        )
    return over, crossing


def approximate(law: Law, extra: npt.ArrayLike) -> tuple[Measures, ...]:
    """Return the measures to about a hundredth, for ranking many draws: one for each row of `extra`.

    Parameters
    ----------
    law : Law
        From `law`.
    extra : array_like of shape (n_rows, n_newcomers)
        Further accounts [account].

    Returns
    -------
    tuple of Measures
        One for each row.
    """
    return tuple(measures(law, row, points=2) for row in np.atleast_2d(np.asarray(extra, dtype=np.float64)))


def mean_by_hour(law: Law, extra: Sequence[float] = ()) -> Floats:
    """Return the mean occupancy in each hour of the week.

    Parameters
    ----------
    law : Law
        From `law`.
    extra : sequence of float
        Further accounts [account].

    Returns
    -------
    ndarray of shape (168,)
        Mean of the hour, Monday 00:00 first, without a linear load's base [the resource's unit].
    """
    counts = law.with_extra(extra)
    owner = np.repeat(np.arange(len(law.groups)), [len(group.laws) for group in law.groups])
    total = np.zeros(BINS_PER_WEEK)
    for band, group in zip(law.bands, owner, strict=True):
        load = offered_load(band.kind, band.ages, (0.25, 0.75)).mean(axis=1)
        total += counts[group] * band.meetings * band.mean * load
    return total.reshape(168, 12).mean(axis=1)
