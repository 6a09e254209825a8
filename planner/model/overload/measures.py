"""The four measures of overload of one resource on one node."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import (
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
from planner.model.overload import contour_radius, contour_sum, relevant_bins
from planner.model.workload.arrivals import mean_holding_time, offered_load
from planner.model.workload.marks import lattice, marks

CANDIDATE = 0.5
"""The busiest instant is sought among bins whose bound at their start is at least so much of the largest [-]."""
PACE = 0.5
"""Instants are taken together only if the log of the rate at which meetings start differs by less than this [-]."""
ALIKE = 0.9
"""Rows of counts are worked on together if their mean load is at least so much of the heaviest [-]."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How finely the measures are computed; the busiest of the bins' starts is exact with any."""

    points: int = 1
    """Gauss points in a calm 5-minute bin; a bin in which the load moves fast may have a multiple of it [-]."""
    left_out: float = 1e-3
    """Bins are left out as long as the bounds on what they hold sum to at most this share of all bounds [-]."""
    precision: float = 1e-8
    """Aliasing of the sum over a circle, relative to the probability at the busiest instant [-]."""
    together: float = 0.05
    """Instants are taken together at their mean load if the log of the bound differs by less than this [-]."""
    refine: bool = True
    """Whether a bin in which the load moves fast has a multiple of the points."""


USUAL = Accuracy()
"""Within 0.2 % of FINE, held by a test; within 2 % where all meetings last the same, no multiple of five minutes."""
FINE = Accuracy(points=2, left_out=0.0, precision=1e-12, together=0.0)
"""Every instant of every bin by itself."""
FIXED = Accuracy(points=6, left_out=0.0, precision=1e-12, together=0.0, refine=False)
"""As FINE, at instants that do not depend on accounts, loads and limits: what only grows with them grows here too."""


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
    """What may be filled, in lattice steps; inf = no limit, below 0 = over even when empty [-]."""
    step: float
    """The lattice's step [the resource's unit]."""
    compound: contour_sum.Compound
    bands: tuple[Band, ...]
    """Of the groups in their order."""
    counts: Floats
    """Accounts already there, ndarray of shape (n_groups,) [account]."""
    newcomers: tuple[int, ...]
    """The group that each kind of newcomer belongs to [-]."""

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """Return the group of each band, ndarray of shape (n_bands,)."""
        return self.compound.owner

    def with_extra(self, extra: Sequence[float]) -> Floats:
        """Return the accounts of each group with so many further ones.

        Units: extra [account].
        """
        counts = self.counts.copy()
        for group, n in zip(self.newcomers if len(extra) else (), extra, strict=True):
            counts[group] += n
        return counts


def law(
    node: Node,
    resource: Resource,
    population: Sequence[tuple[Demand, float]],
    newcomers: Sequence[Demand] = (),
) -> Law:
    """Return the law of a resource's occupancy on a node, ready for any number of further accounts.

    Units: population [account].
    """
    demands: dict[int, Demand] = {}
    counts: dict[int, float] = {}
    for demand, number in [*population, *((demand, 0.0) for demand in newcomers)]:
        demands[id(demand)] = demand
        counts[id(demand)] = counts.get(id(demand), 0.0) + number
    order = list(demands)
    room = node.headroom(resource)
    step = lattice(resource, node)
    limit = math.floor(room / step + 1e-9) if room < NO_LIMIT else room
    kappas, rows, laws = [], [], []
    bands: list[Band] = []
    for demand in demands.values():
        first = len(bands)
        for kind in demand.kinds:
            for mark in marks(kind, resource, node):
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
        step=step,
        compound=contour_sum.Compound(tuple(kappas), tuple(rows), stacked, fresh),
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


def measures(law: Law, extra: Sequence[float] = (), accuracy: Accuracy = USUAL) -> Measures:
    """Return the four measures of overload with so many further accounts.

    Units: extra [account].
    """
    return measures_of_each(law, [extra], accuracy)[0]


def measures_of_each(law: Law, extras: npt.ArrayLike, accuracy: Accuracy = USUAL) -> tuple[Measures, ...]:
    """Return the four measures for many numbers of further accounts, or for many nodes that differ only in them.

    Units: extras [account].
    """
    counts = np.array([law.with_extra(extra) for extra in np.asarray(extras, dtype=np.float64)])
    found: list[Measures] = [Measures(0.0, 0.0, 0.0, 0.0, 0, 0)] * len(counts)
    if law.limit == NO_LIMIT:
        return tuple(found)
    if law.limit < 0:
        always = Measures(1.0, 60 * HOURS_PER_WEEK * WEEKS_PER_MONTH, WEEKS_PER_MONTH, 1.0, 0, 0)
        return tuple([always] * len(counts))
    size = counts[:, law.owner] @ [band.meetings * mean_holding_time(band.kind) * band.mean for band in law.bands]
    heaviest_first = np.argsort(-size, kind="stable")
    while len(heaviest_first) and size[heaviest_first[0]] > 0.0:
        alike = size[heaviest_first] >= ALIKE * size[heaviest_first[0]]
        rows, heaviest_first = heaviest_first[alike], heaviest_first[~alike]
        for row, measured in zip(rows, _measures(law, counts[rows], accuracy), strict=True):
            found[row] = measured
    return tuple(found)


def gauss(points: int) -> tuple[Floats, Floats]:
    """Return the Gauss-Legendre rule on a bin [0, 1]."""
    x, w = np.polynomial.legendre.leggauss(points)
    return (x + 1.0) / 2.0, w / 2.0


def _measures(law: Law, counts: Floats, accuracy: Accuracy) -> list[Measures]:
    """Return the measures for each row of counts, which are alike; the first, heaviest, says what matters."""
    rate = np.stack([band.meetings / HOURS_PER_WEEK * band.kind.shape for band in law.bands])
    started = counts[0][law.owner] @ rate
    screened = relevant_bins.screen(law.compound, counts[0], _loads(law, relevant_bins.SEEN), started, int(law.limit))
    multiple = screened.multiple if accuracy.refine else np.ones_like(screened.multiple)
    inside = _inside(law, np.flatnonzero(screened.matters(accuracy.left_out)), multiple, rate, accuracy.points)
    if accuracy.together > 0.0:
        inside = _together(law, counts[0], inside, screened.s, accuracy.together)
    at_start = _loads(law, (0.0,))[:, :, 0]
    height = relevant_bins.log_bound(law.compound, counts[0], at_start, int(law.limit), screened.s)
    # Monday 00:00, and where the busiest instant may be: within a bin the load rises or falls, so it is at an edge (but
    # where all meetings last the same, no multiple of a bin: docs/model.md)
    starts = np.concatenate([[0], np.flatnonzero(height >= height.max() + math.log(CANDIDATE))])
    load = np.concatenate([at_start[:, starts], inside.load], axis=1)
    rates = np.concatenate([rate[:, starts], inside.rate], axis=1)
    over, crossing = contour_radius.evaluate(law.compound, counts, load, rates, int(law.limit), accuracy.precision)
    return [_integrated(starts, inside, *row) for row in zip(over, crossing, strict=True)]


def _integrated(starts: npt.NDArray[np.int64], inside: "_Inside", over: Floats, crossing: Floats) -> Measures:
    """Return the measures from the probabilities at the starts of some bins, and at the instants inside the bins."""
    begun = inside.weight * crossing[len(starts) :]
    by_bin: Floats = np.bincount(inside.bins, begun[inside.member] * inside.share, BINS_PER_WEEK).astype(np.float64)
    episodes = float(over[0]) + BIN * float(begun.sum())
    at_starts = over[: len(starts)]
    return Measures(
        busiest_instant=float(at_starts.max()),
        minutes=60 * BIN * float(inside.weight @ over[len(starts) :]) * WEEKS_PER_MONTH,
        episodes=episodes * WEEKS_PER_MONTH,
        any_in_week_bound=min(1.0, episodes),
        busiest_bin=int(starts[_first_largest(at_starts)]),
        when=_first_largest(by_bin),
    )


def _first_largest(values: Floats) -> int:
    """Return the first place of the largest value: days that are alike must not be told apart by rounding."""
    return int(np.argmax(values >= values.max() * (1.0 - 1e-9)))


@dataclass(frozen=True, slots=True, eq=False)
class _Inside:
    """Instants inside the bins at which the integrals over the bins are taken: T rows, from M instants."""

    load: Floats
    """Of one account of each band, ndarray of shape (n_bands, T) [Erlang]."""
    rate: Floats
    """Of one account, ndarray of shape (n_bands, T) [1/h]."""
    weight: Floats
    """What a row weighs in an integral over the week, ndarray of shape (T,) [bin]."""
    bins: npt.NDArray[np.int64]
    """The bin of each instant, ndarray of shape (M,)."""
    member: npt.NDArray[np.int64]
    """The row that it belongs to, ndarray of shape (M,)."""
    share: Floats
    """What it brings to its row, ndarray of shape (M,) [-]."""


def _inside(
    law: Law, kept: npt.NDArray[np.int64], multiple: npt.NDArray[np.int64], rate: Floats, points: int
) -> _Inside:
    loads, weights, bins = [], [], []
    for times in np.unique(multiple[kept]):
        these = kept[multiple[kept] == times]
        offsets, weight = gauss(points * int(times))
        loads.append(_loads(law, tuple(offsets.tolist()))[:, these].reshape(len(law.bands), -1))
        weights.append(np.tile(weight, len(these)))
        bins.append(np.repeat(these, len(weight)))
    bin_of = np.concatenate(bins)
    number = len(bin_of)
    load = np.concatenate(loads, axis=1)
    return _Inside(load, rate[:, bin_of], np.concatenate(weights), bin_of, np.arange(number), np.ones(number))


def _together(law: Law, counts: Floats, inside: _Inside, s: float, width: float) -> _Inside:
    """Return the instants with those that stand close together, and of nearly the same arrival rate, at their mean.

    Within a cluster the risk is close to a straight line in the load, so that the mean's error is of second order:
    `width`^2 / 24 of it.
    """
    depth, loaded = np.floor(relevant_bins.where(law.compound, counts, inside.load, int(law.limit), s) / width)
    started = counts[law.owner] @ inside.rate
    pace = np.floor(np.log(np.maximum(started, 1e-300)) / PACE)
    _, member = np.unique((depth * 1e5 + loaded) * 1e4 + pace, return_inverse=True)
    weight: Floats = np.bincount(member, inside.weight).astype(np.float64)
    share = inside.weight / weight[member]
    load, mean_rate = np.zeros((2, len(inside.load), len(weight)))
    for band in range(len(load)):
        load[band] = np.bincount(member, share * inside.load[band])
        mean_rate[band] = np.bincount(member, share * inside.rate[band])
    return _Inside(load, mean_rate, weight, inside.bins, member, share)


def _loads(law: Law, at: tuple[float, ...]) -> Floats:
    """Return the load of one account in each band, ndarray of shape (n_bands, 2016, len(at)) [Erlang]."""
    return np.stack([band.meetings * offered_load(band.kind, band.ages, at) for band in law.bands])


def mean_by_hour(law: Law, extra: Sequence[float] = ()) -> Floats:
    """Return the mean occupancy in each hour of the week.

    Units: extra [account].
    """
    counts = law.with_extra(extra)
    total = np.zeros(BINS_PER_WEEK)
    for band, group in zip(law.bands, law.owner, strict=True):
        load = offered_load(band.kind, band.ages, (0.25, 0.75)).mean(axis=1)
        total += counts[group] * band.meetings * band.mean * load
    hourly: Floats = total.reshape(168, 12).mean(axis=1)
    return hourly
