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

POINTS = 1
"""Gauss points in a calm 5-minute bin."""
RISES = (0.1, 1.0, 4.0, 10.0, 24.0, 56.0, 120.0)
"""A bin in which the logarithm of the bound moves by more than these has 2, 4, 8, … times as many points [-]."""
SCREEN = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Where in a bin the load is looked at before it is known which bins matter [-]."""
SCREEN_STEP = 1.6
"""Ratio of the s at which the bins are screened [-]."""
CANDIDATE = 0.005
"""The busiest instant is sought in bins whose bound is at least so much of the largest [-]."""
TIER = 0.6
"""Instants share a circle if their mean is at least so much of the highest among them [-]."""
LEFT_OUT = 1e-3
"""Share of the bound on the risk that the bins left out may hold."""
PRECISION = 1e-8
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

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """Return the group of each band, ndarray of shape (n_bands,)."""
        return self.compound.owner

    def active(self, counts: Floats) -> bool:
        """Return whether anybody meets at all."""
        return any(n * band.meetings * band.mean > 0.0 for n, band in zip(counts[self.owner], self.bands, strict=True))

    def mean(self, counts: Floats, load: Floats) -> Floats:
        """Return the mean of X in lattice steps, for loads of one account of shape (n_bands, …)."""
        steps = self.compound.marks @ np.arange(self.compound.marks.shape[1])
        mean: Floats = np.tensordot(counts[self.owner] * steps, load, axes=1)
        return mean

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
    if law.limit == NO_LIMIT or (law.limit >= 0 and not law.active(counts)):
        return Measures(0.0, 0.0, 0.0, 0.0, 0, 0)
    if law.limit < 0:
        return Measures(1.0, 60 * HOURS_PER_WEEK * WEEKS_PER_MONTH, WEEKS_PER_MONTH, 1.0, 0, 0)
    return _measures(law, counts, points, left_out, precision)


def gauss(points: int) -> tuple[Floats, Floats]:
    """Return the Gauss-Legendre rule on a bin [0, 1].

    Parameters
    ----------
    points : int
        How many points [-].

    Returns
    -------
    offsets, weights : ndarrays of shape (points,)
        Where in the bin, as a share of it, and what each weighs; the weights sum to 1 [-].
    """
    x, w = np.polynomial.legendre.leggauss(points)
    return (x + 1.0) / 2.0, w / 2.0


def _measures(law: Law, counts: Floats, points: int, left_out: float, precision: float) -> Measures:
    rate = np.stack([band.meetings / HOURS_PER_WEEK * band.kind.shape for band in law.bands])
    screened = _screened(law, counts, rate)
    kept = np.flatnonzero(screened.matters(left_out))
    load, weight, bin_of = _inside(law, kept, screened.multiple[kept], points)
    at_start = _loads(law, (0.0,))[:, :, 0]
    tops = np.flatnonzero(screened.bound >= screened.bound.max() * CANDIDATE)
    instants = np.concatenate([[0], tops])  # Monday 00:00, and where the busiest instant may be
    over, crossing = _evaluated(
        law,
        counts,
        np.concatenate([at_start[:, instants], load], axis=1),
        np.concatenate([rate[:, instants], rate[:, bin_of]], axis=1),
        precision,
    )
    first = len(instants)
    by_bin = np.bincount(bin_of, weight * crossing[first:], BINS_PER_WEEK)
    episodes = float(over[0]) + BIN * float(by_bin.sum())
    busiest = int(over.argmax())
    return Measures(
        busiest_instant=float(over[busiest]),
        minutes=60 * BIN * float(weight @ over[first:]) * WEEKS_PER_MONTH,
        episodes=episodes * WEEKS_PER_MONTH,
        any_in_week_bound=min(1.0, episodes),
        busiest_bin=int(np.concatenate([instants, bin_of])[busiest]),
        when=int(by_bin.argmax()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Screened:
    """What a bound says of each bin, before anything is computed."""

    bound: Floats
    """Of P(X > L) at any instant of the bin, ndarray of shape (2016,) [-]."""
    started: Floats
    """Meetings that start on the node [1/h]."""
    multiple: npt.NDArray[np.int64]
    """How many times as many Gauss points as a calm bin it needs."""

    def matters(self, left_out: float) -> npt.NDArray[np.bool_]:
        """Return which bins are needed so that the bounds of the others sum to at most this share of all."""
        crossings = self.bound * self.started
        share = np.maximum(self.bound / self.bound.sum(), crossings / max(float(crossings.sum()), 1e-300))
        order = np.argsort(share)
        needed = np.zeros(len(share), dtype=bool)
        needed[order] = np.cumsum(share[order]) > left_out
        return needed


def _screened(law: Law, counts: Floats, rate: Floats) -> _Screened:
    """Return Chernoff's bound P(X > L) <= E[e^(s X)] e^(-s (L + 1)) for each bin, and how fast the load moves in it.

    The bound holds for any s > 0, so a handful of them, from that of the busiest bin on, serve all bins at once.
    """
    limit = int(law.limit)
    seen = _loads(law, SCREEN)
    highest, lowest = seen.max(axis=2), seen.min(axis=2)
    mean = law.mean(counts, highest)
    below = np.flatnonzero(mean <= limit + 0.5)
    hardest = below[mean[below].argmax()] if len(below) else int(mean.argmin())
    s, _ = contour.saddlepoint(law.compound, counts, highest[:, hardest], limit, bool(len(below)))
    moment = contour.log_moment(law.compound, counts, highest, s)
    rise = np.abs(moment - contour.log_moment(law.compound, counts, lowest, s))
    bound = moment - s * (limit + 1) if s > 0 else np.zeros(BINS_PER_WEEK)
    for further in s * SCREEN_STEP ** np.arange(1, 8):
        if 0.0 < further * law.compound.marks.shape[1] < 600.0:
            moment = contour.log_moment(law.compound, counts, highest, further)
            bound = np.minimum(bound, moment - further * (limit + 1))
    multiple = 2 ** np.searchsorted(RISES, np.nan_to_num(rise, posinf=RISES[-1]))
    return _Screened(
        np.where(mean <= limit + 0.5, np.exp(np.minimum(bound, 0.0)), 1.0), counts[law.owner] @ rate, multiple
    )


def _inside(
    law: Law, bins: npt.NDArray[np.int64], multiple: npt.NDArray[np.int64], points: int
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Return load, weight and bin of the instants inside the bins at which the integrals are taken."""
    loads, weights, bins_of = [], [], []
    for times in np.unique(multiple):
        these = bins[multiple == times]
        offsets, weight = gauss(points * int(times))
        loads.append(_loads(law, tuple(offsets.tolist()))[:, these].reshape(len(law.bands), -1))
        weights.append(np.tile(weight, len(these)))
        bins_of.append(np.repeat(these, len(weight)))
    return np.concatenate(loads, axis=1), np.concatenate(weights), np.concatenate(bins_of)


def _loads(law: Law, at: tuple[float, ...]) -> Floats:
    """Return the load of one account in each band, ndarray of shape (n_bands, 2016, len(at)) [Erlang]."""
    return np.stack([band.meetings * offered_load(band.kind, band.ages, at) for band in law.bands])


def _evaluated(law: Law, counts: Floats, load: Floats, rate: Floats, precision: float) -> tuple[Floats, Floats]:
    """Return P(X > L) and the rate of crossings at each instant; instants of nearly the same mean share a circle."""
    limit = int(law.limit)
    mean = law.mean(counts, load)
    over, crossing = np.zeros(len(mean)), np.zeros(len(mean))
    for upper in (True, False):
        chosen = np.flatnonzero(((mean <= limit + 0.5) == upper) & (mean > 0.0))
        chosen = chosen[np.argsort(-mean[chosen] if upper else mean[chosen])]
        scale = 1e-300 if upper else 1.0
        while len(chosen):
            near = mean[chosen] >= TIER * mean[chosen[0]] if upper else mean[chosen] * TIER <= mean[chosen[0]]
            tier, chosen = chosen[near], chosen[~near]
            ends = load[:, tier[[0, -1]]]
            around = contour.circle(law.compound, counts, ends, limit, upper, precision, scale)
            over[tier], crossing[tier] = contour.probabilities(
                law.compound, counts, load[:, tier], rate[:, tier], limit, around
            )
            scale = max(scale, float(over[tier].max()))
    return over, crossing


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
    for band, group in zip(law.bands, law.owner, strict=True):
        load = offered_load(band.kind, band.ages, (0.25, 0.75)).mean(axis=1)
        total += counts[group] * band.meetings * band.mean * load
    hourly: Floats = total.reshape(168, 12).mean(axis=1)
    return hourly
