"""The four measures of overload of one resource on one node."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model import contour
from planner.model.inputs import (
    BIN,
    BINS_PER_WEEK,
    HOURS_PER_WEEK,
    NO_LIMIT,
    WEEKS_PER_MONTH,
    Demand,
    Floats,
    Kind,
    Node,
    Resource,
)
from planner.model.occupancy import marks
from planner.model.traffic import offered_load

TIER = 0.75
"""Instants share a circle if their mean is at least so much of the highest among them [-]."""
POINTS = 4
"""Gauss points in a 5-minute bin."""
LEFT_OUT = 1e-5
"""Share of the bound on the risk that the bins left out may hold."""
PRECISION = 1e-10
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
    compound: contour.Compound
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
        To be handed to `measures` and `mean_by_hour`.
    """
    demands: dict[int, Demand] = {}
    counts: dict[int, float] = {}
    for demand, number in [*population, *((demand, 0.0) for demand in newcomers)]:
        demands[id(demand)] = demand
        counts[id(demand)] = counts.get(id(demand), 0.0) + number
    order = list(demands)
    room = node.room_for(resource)
    limit = room
    kappas, rows, laws = [], [], []
    bands: list[Band] = []
    for demand in demands.values():
        first = len(bands)
        for kind in demand.kinds:
            for mark in marks(kind, resource, node):
                if room < NO_LIMIT:
                    limit = math.floor(room / mark.step + 1e-9)
                laws.append(_folded(mark.law, limit))
                bands.append(Band(kind, demand.meetings * kind.share, (mark.age_from, mark.age_to), mark.mean))
        rows.append(slice(first, len(bands)))
        kappas.append(NO_LIMIT if demand.spread == 0.0 else demand.spread**-2.0)
    stacked = np.zeros((len(laws), max(map(len, laws), default=1)))
    for row, part in zip(stacked, laws, strict=True):
        row[: len(part)] = part
    fresh = np.array([band.ages[0] == 0.0 for band in bands])
    return Law(
        node=node.name,
        resource=resource,
        limit=limit,
        compound=contour.Compound(tuple(kappas), tuple(rows), stacked, fresh),
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


def measures(
    law: Law,
    extra: Sequence[float] = (),
    points: int = POINTS,
    left_out: float = LEFT_OUT,
    precision: float = PRECISION,
) -> Measures:
    """Return the four measures of overload with so many further accounts.

    Parameters
    ----------
    law : Law
        From `law`.
    extra : sequence of float
        Further accounts, one number for each of the law's newcomers [account].
    points : int
        Gauss points in a bin; a bin in which the load moves fast has a multiple of it [-].
    left_out : float
        Bins are left out as long as a bound on what they hold is at most this share of the bound on all [-].
    precision : float
        Aliasing of the contour sum, relative to the busiest instant's probability [-].

    Returns
    -------
    Measures
        Zero where the resource has no limit.
    """
    counts = law.with_extra(extra)
    if law.limit == NO_LIMIT or (law.limit >= 0 and not counts.any()):
        return Measures(0.0, 0.0, 0.0, 0.0, 0, 0)
    if law.limit < 0:
        return Measures(1.0, 60 * HOURS_PER_WEEK * WEEKS_PER_MONTH, WEEKS_PER_MONTH, 1.0, 0, 0)
    return _measures(law, counts, points, left_out, precision)


def gauss(points: int) -> tuple[Floats, Floats]:
    """Return offsets and weights of the Gauss-Legendre rule on a bin [0, 1]."""
    x, w = np.polynomial.legendre.leggauss(points)
    return (x + 1.0) / 2.0, w / 2.0


def _loads(law: Law, at: tuple[float, ...]) -> Floats:
    """Return the load of one account in each band, ndarray of shape (n_bands, 2016, len(at)) [Erlang]."""
    return np.stack([band.meetings * offered_load(band.kind, band.ages, at) for band in law.bands])


def _measures(law: Law, counts: Floats, points: int, left_out: float, precision: float) -> Measures:
    offsets, weights = gauss(points)
    load = _loads(law, (0.0, *offsets.tolist()))
    rate = np.stack([band.meetings / HOURS_PER_WEEK * band.kind.shape for band in law.bands])
    bins = np.arange(BINS_PER_WEEK)
    mean = _mean(law, counts, load)
    if not mean.any():
        return Measures(0.0, 0.0, 0.0, 0.0, 0, 0)
    chosen, steep = _bins_that_matter(law, counts, load, rate, mean, left_out)
    over, crossing = _at_instants(law, counts, load[:, chosen], rate[:, chosen], precision)
    minutes = over[:, 1:] @ weights
    starts = crossing[:, 1:] @ weights
    for factor in np.unique(steep[steep > 1]):
        rows = np.flatnonzero(steep == factor)
        offsets, weights = gauss(points * int(factor))
        fine = _loads(law, tuple(offsets.tolist()))[:, chosen[rows]]
        over_fine, crossing_fine = _at_instants(law, counts, fine, rate[:, chosen[rows]], precision)
        minutes[rows], starts[rows] = over_fine @ weights, crossing_fine @ weights
    running = float(over[chosen == 0, 0].sum())
    episodes = running + BIN * float(starts.sum())
    busiest = over.max(axis=1)
    return Measures(
        busiest_instant=float(busiest.max()),
        minutes=60 * BIN * float(minutes.sum()) * WEEKS_PER_MONTH,
        episodes=episodes * WEEKS_PER_MONTH,
        any_in_week_bound=min(1.0, episodes),
        busiest_bin=int(bins[chosen][busiest.argmax()]),
        when=int(bins[chosen][starts.argmax()]),
    )


def _mean(law: Law, counts: Floats, load: Floats) -> Floats:
    """Return the mean of X in lattice steps at each instant, the shape of one band of `load`."""
    steps = np.arange(law.compound.marks.shape[1]) @ law.compound.marks.T
    mean: Floats = np.tensordot(counts[law.compound.owner] * steps, load, axes=1)
    return mean


def _bins_that_matter(
    law: Law, counts: Floats, load: Floats, rate: Floats, mean: Floats, left_out: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the bins that hold all but `left_out` of the risk, and for each the multiple of Gauss points it needs.

    Chernoff's bound at one s, P(X > L) <= E[e^(s X)] e^(-s (L + 1)), serves for all bins at once.
    """
    limit = int(law.limit)
    highest, lowest = load.max(axis=2), load.min(axis=2)
    top = mean.max(axis=1)
    below = np.flatnonzero(top <= limit + 0.5)
    common = top > limit + 0.5
    inner = below if len(below) else np.arange(BINS_PER_WEEK)
    hardest = inner[np.argmax(top[inner])]
    s, _ = contour.saddlepoint(law.compound, counts, highest[:, hardest], limit, bool(len(below)))
    highest_moment = contour.log_moment(law.compound, counts, highest, s)
    rise = np.abs(highest_moment - contour.log_moment(law.compound, counts, lowest, s))
    bound = highest_moment - s * (limit + 1)
    if len(below):
        for further in s * 1.6 ** np.arange(1, 9):
            if further * law.compound.marks.shape[1] < 600.0:
                moment = contour.log_moment(law.compound, counts, highest, further)
                bound = np.minimum(bound, moment - further * (limit + 1))
    over = np.minimum(1.0, np.exp(np.minimum(bound, 0.0)))
    over[common] = 1.0
    started = counts[law.compound.owner] @ rate
    score = np.maximum(over / over.sum(), over * started / max((over * started).sum(), 1e-300))
    order = np.argsort(score)
    kept = np.sort(order[np.cumsum(score[order]) > left_out])
    kept = np.union1d(kept, np.flatnonzero(common))
    factor = 2 ** np.ceil(np.log2(np.maximum(1.0, np.nan_to_num(rise[kept], posinf=256.0) / 4.0)))
    return kept, np.minimum(factor, 64).astype(np.int64)


def _at_instants(law: Law, counts: Floats, load: Floats, rate: Floats, precision: float) -> tuple[Floats, Floats]:
    """Return P(X > L) and the rate of crossings at instants of shape (n_bins, n_offsets)."""
    shape = load.shape[1:]
    limit = int(law.limit)
    mean = _mean(law, counts, load).ravel()
    flat = load.reshape(len(load), -1)
    rates = np.repeat(rate, shape[1], axis=1)
    over, crossing = np.zeros(len(mean)), np.zeros(len(mean))
    for upper in (True, False):
        chosen = np.flatnonzero(((mean <= limit + 0.5) == upper) & (mean > 0.0))
        chosen = chosen[np.argsort(-mean[chosen] if upper else mean[chosen])]
        scale = 1e-300 if upper else 1.0
        while len(chosen):
            near = mean[chosen] >= TIER * mean[chosen[0]] if upper else mean[chosen] * TIER <= mean[chosen[0]]
            tier, chosen = chosen[near], chosen[~near]
            ends = flat[:, tier[[0, -1]]]
            around = contour.circle(law.compound, counts, ends, limit, upper, precision, scale)
            over[tier], crossing[tier] = contour.probabilities(
                law.compound, counts, flat[:, tier], rates[:, tier], limit, around
            )
            scale = max(scale, float(over[tier].max()))
    return over.reshape(shape), crossing.reshape(shape)


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
    total = np.zeros(BINS_PER_WEEK)
    for band, group in zip(law.bands, law.compound.owner, strict=True):
        load = offered_load(band.kind, band.ages, (0.25, 0.75)).mean(axis=1)
        total += counts[group] * band.meetings * band.mean * load
    hourly: Floats = total.reshape(168, 12).mean(axis=1)
    return hourly
