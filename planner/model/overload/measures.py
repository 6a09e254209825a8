"""The four measures of overload of one resource on one node, every instant of the week by itself."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BIN, BINS_PER_WEEK, HOURS_PER_WEEK, NO_LIMIT, WEEKS_PER_MONTH, Floats, Ints
from planner.model.overload.busy_days import rule
from planner.model.overload.contour_radius import bound
from planner.model.overload.contour_sum import tails
from planner.model.overload.occupancy_law import Law
from planner.model.workload.arrivals import mean_holding_time, offered_load

PRECISION = 1e-6
"""Error of a probability, relative to that of the busiest instant [-]."""
POINTS = 2
"""Gauss points in a calm bin."""
RISES = (0.4, 3.0, 12.0, 40.0, 110.0)
"""Where the log of the probability moves by more than these within a bin it has 2, 4, 8, ... times as many points."""
SILENT = 16.0
"""Instants at which Chernoff's bound is e^-16 of the largest are left out [-]."""
CANDIDATE = 6.0
"""The busiest instant is one at which it is e^-6 of the largest at least, or the mean is within a tenth [-]."""
ALIKE = 0.8
"""Rows of accounts share a circle if their mean load is at least so much of the heaviest [-]."""
TOGETHER, PACE = 0.03, 0.25
"""Instants are taken together if the logs of the bounds, and of the rate of arrivals, differ by less [-]."""
CLOSE = 8.0
"""The risk of a column's instants lies within so many times what they differ by."""
ZOOM = 5
"""Instants inside a bin at which its busiest one is looked for, again around the best."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Overload in an average month of 365.25/12 days, in the season that is judged."""

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


ALWAYS_OVER = Measures(1.0, 60 * HOURS_PER_WEEK * WEEKS_PER_MONTH, WEEKS_PER_MONTH, 1.0, 0, 0)
"""Of a node that is over its limit even when empty."""


def measures(law: Law, coming: Sequence[float] = (), precision: float = PRECISION) -> Measures:
    """Return the four measures of overload with so many further accounts."""
    return measures_of_each(law, [coming], precision)[0]


def measures_over_days(
    law: Law, day_spread: float, coming: Sequence[float] = (), precision: float = PRECISION
) -> Measures:
    """Return the four measures where all meetings of a day share a gamma factor of this coefficient of variation."""
    # the busiest instant is that of a usual day
    if day_spread == 0.0:
        return measures(law, coming, precision)
    (factors,), (weights,) = rule(day_spread)
    each = [measures(law.busier(float(b)), coming, precision) for b in factors]
    usual = each[len(each) // 2]
    names = "busiest_instant", "minutes", "episodes"
    instant, minutes, episodes = (float(weights @ [getattr(one, name) for one in each]) for name in names)
    bound_of_week = min(1.0, episodes / WEEKS_PER_MONTH)
    return replace(usual, busiest_instant=instant, minutes=minutes, episodes=episodes, any_in_week_bound=bound_of_week)


def over_days(busy: Measures, times: Mapping[str, float]) -> Measures:
    """Return the measures over all days from those on busy days and what each is times that [-]."""
    episodes = busy.episodes * times["episodes"]
    return replace(
        busy,
        busiest_instant=min(1.0, busy.busiest_instant * times["busiest_instant"]),
        minutes=busy.minutes * times["minutes"],
        episodes=episodes,
        any_in_week_bound=min(1.0, episodes / WEEKS_PER_MONTH),
    )


def measures_of_each(law: Law, coming: npt.ArrayLike, precision: float = PRECISION) -> tuple[Measures, ...]:
    """Return the four measures for many numbers of further accounts, or for many nodes that differ only in them."""
    extra = np.array([law.extra(row) for row in np.asarray(coming, dtype=np.float64)])
    if law.limit == NO_LIMIT or law.limit < 0:
        nothing = Measures(0.0, 0.0, 0.0, 0.0, 0, 0)
        return tuple([nothing if law.limit == NO_LIMIT else ALWAYS_OVER] * len(extra))
    found = [Measures(0.0, 0.0, 0.0, 0.0, 0, 0)] * len(extra)
    each = [band.meetings * mean_holding_time(band.kind) * band.mean for band in law.bands]
    size = (law.summed + law.counts + extra)[:, law.owner] @ each
    left = np.argsort(size, kind="stable")
    while len(left) and size[left[-1]] > 0.0:
        alike = size[left] >= ALIKE * size[left[-1]]
        rows, left = left[alike], left[~alike]
        for row, measured in zip(rows, _measures(law, extra[rows], precision), strict=True):
            found[row] = measured
    return tuple(found)


def _measures(law: Law, extra: Floats, precision: float) -> list[Measures]:
    """Return the measures of rows of nearly the same load, the heaviest last."""
    week = _week(law, extra[-1])
    load, rate = _at(law, week.bins, week.offsets)
    apart = TOGETHER * (precision / PRECISION) ** 0.4
    member, hours, means = _together(law, extra[-1], load, rate, week.weight, apart)
    over, crossing = (values[0] for values in tails(law.at(*means), extra, precision))
    minutes = 60 * (over @ hours) * WEEKS_PER_MONTH
    # the busiest instant is an edge of a column that comes near the busiest of any row
    near = (over >= over.max(axis=1, keepdims=True) * math.exp(-CLOSE * apart)).any(axis=0)
    edges = np.flatnonzero(near[member] & (week.weight == 0.0))
    edges = np.concatenate([[0], edges[edges > 0]])
    over = tails(law.at(load[:, edges], rate[:, edges]), extra, precision)[0][0]
    episodes = over[:, 0] + crossing @ hours
    by_bin = np.argsort(week.bins, kind="stable")
    bins, starts = np.unique(week.bins[by_bin], return_index=True)
    when = []
    for row in crossing:
        begun = np.add.reduceat(row[member[by_bin]] * week.weight[by_bin], starts)
        when.append(int(bins[first_largest(begun)]))
    best = np.array([first_largest(row) for row in over])
    best = edges[best]
    value, where = over.max(axis=1), week.bins[best]
    for peak in np.unique(best):
        inside, offsets = _around(week, int(peak))
        here = tails(law.at(*_at(law, inside, offsets)), extra, precision)[0][0]
        top = here.argmax(axis=1)
        higher = (best == peak) & (here.max(axis=1) > value * (1.0 + 1e-9))
        value, where = np.where(higher, here.max(axis=1), value), np.where(higher, inside[top], where)
    return [
        Measures(
            busiest_instant=float(value[row]),
            minutes=float(minutes[row]),
            episodes=float(episodes[row]) * WEEKS_PER_MONTH,
            any_in_week_bound=min(1.0, float(episodes[row])),
            busiest_bin=int(where[row]),
            when=when[row],
        )
        for row in range(len(extra))
    ]


def first_largest(values: Floats) -> int:
    """Return the first place of the largest value: days that are alike must not be told apart by rounding."""
    return int(np.argmax(values >= values.max() * (1.0 - 1e-7)))


@dataclass(frozen=True, slots=True, eq=False)
class _Week:
    """The instants that are looked at: Monday 00:00 first, then those of no weight between which the load is smooth."""

    bins: Ints
    """Of each instant, ndarray of shape (T,)."""
    offsets: Floats
    """Where in its bin, ndarray of shape (T,) [-]."""
    weight: Floats
    """What it weighs in an integral over the week, ndarray of shape (T,) [h]."""
    breaks: Floats
    """Where in every bin the slope of the load may jump, from 0 to 1 [-]."""


def _week(law: Law, extra: Floats) -> _Week:
    """Return the instants that matter, most of them where the risk moves fast."""
    breaks = _breaks(law)
    pieces = len(breaks) - 1
    bins = np.repeat(np.arange(BINS_PER_WEEK), pieces)
    starts = np.tile(breaks[:-1], BINS_PER_WEEK)
    here = law.at(*_at(law, bins, starts))
    height, mean = bound(here, extra)[0], here.mean(extra)[0]
    matters = np.maximum(height, np.roll(height, -1)) > height.max() - SILENT
    # in standard deviations, as if each meeting held what the largest do: where the node is over, the bound says little
    moved = 4.0 * np.abs(np.sqrt(mean) - np.sqrt(np.roll(mean, -1))) / np.sqrt(here.mean_marks.max())
    double = np.searchsorted(RISES, np.maximum(moved, np.abs(height - np.roll(height, -1))))
    first = (height > height.max() - CANDIDATE) | (mean > 0.9 * mean.max())
    found = [(np.append(0, bins[first]), np.append(0.0, starts[first]), np.zeros(1 + int(first.sum())))]
    for times in np.unique(double[matters]):
        x, w = gauss(POINTS * 2 ** int(times))
        for piece in range(pieces):
            these = np.flatnonzero(matters & (double == times) & (starts == breaks[piece]))
            width = breaks[piece + 1] - breaks[piece]
            offsets, weight = breaks[piece] + width * x, BIN * width * w
            found.append((np.repeat(bins[these], len(x)), np.tile(offsets, len(these)), np.tile(weight, len(these))))
    all_bins, offset_of, hours = (np.concatenate([part[k] for part in found]) for k in range(3))
    return _Week(all_bins.astype(np.int64), offset_of, hours, breaks)


def _together(
    law: Law, extra: Floats, load: Floats, rate: Floats, weight: Floats, apart: float
) -> tuple[Ints, Floats, list[Floats]]:
    """Return the column of each instant, the columns' hours, and their mean load and rate."""
    # Where the logs of E[e^(sX)] and E[e^(-sX)] hardly differ the risk is as good as straight in the load.
    here, accounts = law.at(load, rate), (law.summed + law.counts + extra)[law.owner]
    height = np.concatenate([bound(here, extra), bound(here, extra, -1.0)]) / apart
    pace = np.log(np.maximum(accounts @ rate, 1e-300)) / (PACE / TOGETHER * apart)
    # in standard deviations, by weekly profile and of the young meetings: where the node is over the bounds say little
    held = (accounts * here.mean_marks[0])[:, None] * load
    profiles = [band.kind.shape.tobytes() for band in law.bands]
    each = [[its == one for its in profiles] for one in dict.fromkeys(profiles)]
    parts = [*map(np.array, each), np.array([band.ages[0] == 0.0 for band in law.bands])]
    depth = np.sqrt(np.stack([held[part].sum(axis=0) for part in parts]) / here.mean_marks.max()) / (2.0 * apart)
    rows = np.floor(np.concatenate([height, pace[None], depth]))
    order = np.lexsort(rows)
    member = np.empty(load.shape[1], dtype=np.int64)
    member[order] = np.cumsum(np.append(False, (rows[:, order[1:]] != rows[:, order[:-1]]).any(axis=0)))
    hours: Floats = np.bincount(member, weight).astype(np.float64)
    # instants of no weight make columns of their own
    counted = weight + 1e-12
    share = counted / np.bincount(member, counted)[member]
    return member, hours, [np.stack([np.bincount(member, share * row) for row in one]) for one in (load, rate)]


def gauss(points: int) -> tuple[Floats, Floats]:
    """Return the Gauss-Legendre rule on [0, 1]: where, and what each point weighs."""
    x, w = np.polynomial.legendre.leggauss(points)
    return (x + 1.0) / 2.0, w / 2.0


def _breaks(law: Law) -> Floats:
    """Return where in every bin the slope of the load may jump: its ends, and where meetings that last alike end."""
    inside = {0.0, 1.0}
    for kind in (band.kind for band in law.bands):
        for age in (kind.duration_limit, *((kind.duration,) if kind.duration_cv == 0.0 else ())):
            if age < NO_LIMIT:
                inside.add(round(age / BIN % 1.0, 9) % 1.0)
    return np.array(sorted(inside))


def _around(week: _Week, best: int) -> tuple[Ints, Floats]:
    """Return instants between the break before the best instant and the one after it, where the load is smooth."""
    at = week.bins[best] + week.offsets[best]
    ends = (week.bins[best] + week.breaks[[0, -1]][0] + np.concatenate([week.breaks - 1.0, week.breaks[1:]])).ravel()
    before, after = ends[ends < at - 1e-9].max(), ends[ends > at + 1e-9].min()
    inside = np.concatenate([np.linspace(before, at, ZOOM)[:-1], np.linspace(at, after, ZOOM)[1:]])
    bins = np.floor(inside + 1e-12)
    return bins.astype(np.int64) % BINS_PER_WEEK, np.maximum(inside - bins, 0.0)


def _at(law: Law, bins: Ints, offsets: Floats) -> tuple[Floats, Floats]:
    """Return load and rate of one account of each band at some instants, ndarrays of shape (n_bands, T)."""
    load = np.empty((len(law.bands), len(bins)))
    for offset in np.unique(offsets):
        here = offsets == offset
        load[:, here] = loads(law, float(offset))[:, bins[here]]
    return load, law.rates()[:, bins]


def loads(law: Law, offset: float) -> Floats:
    """Return the load of one account of each band so far into each bin, ndarray of shape (n_bands, 2016) [Erlang]."""
    each = [band.meetings * offered_load(band.kind, band.ages, (offset,))[:, 0] for band in law.bands]
    return np.array(each).reshape(len(each), BINS_PER_WEEK)


def mean_by_hour(law: Law, coming: Sequence[float] = ()) -> Floats:
    """Return the mean occupancy in each hour of the week [the resource's unit]."""
    accounts = (law.summed + law.counts + law.extra(coming))[law.owner] * [band.mean for band in law.bands]
    quarter, late = (accounts @ loads(law, offset) for offset in (0.25, 0.75))
    return np.asarray((0.5 * (quarter + late)).reshape(168, 12).mean(axis=1))
