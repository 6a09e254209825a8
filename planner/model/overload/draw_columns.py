"""One resource of one node in many draws, on few points: what `coarse` works on.

Instants of the week with nearly the same load stand together, and marks stand on a grid that widens as they grow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BIN, BINS_PER_WEEK, HOURS_PER_WEEK, Floats, Kind
from planner.model.overload.measures import Band, Law, gauss
from planner.model.workload.arrivals import offered_load

Ints = npt.NDArray[np.int_]
EDGES = (0.0, 0.01, 0.02, 0.03, 0.042, 0.056, 0.072, 0.09, 0.11, 0.135, 0.165, 0.2, 0.25, 0.32, 0.42, 0.6, 0.9, 1.3)
"""Edges of the clusters of instants: log of the busiest load over theirs; what is quieter than the last is left out."""
WITHIN = gauss(3)
"""Offsets and weights of the instants at which integrals over a bin are taken [-]."""
OFFSETS = (0.0, *WITHIN[0].tolist())
"""Instants of each bin: its start, which only the busiest instant looks at, and those [-]."""
FINE, WIDER = 24, 1.06
"""The grid of marks has every step up to 24, then each point is 6 % further than the one before."""
ALIKE = 1e7
"""The kappa that stands for accounts that are all alike."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheaf:
    """One resource of a node in D draws: C groups of accounts, B bands, T clusters of instants, G sizes of mark."""

    limit: Floats
    """What may be filled, ndarray of shape (D,) [lattice step]."""
    counts: Floats
    """Accounts there, ndarray of shape (D, C) [account]."""
    newcomers: tuple[int, ...]
    """The group of each kind of newcomer [-]."""
    kappa: Floats
    """ndarray of shape (D, C) [-]"""
    owner: Ints
    """The group of each band, ndarray of shape (B,)."""
    load: Floats
    """Of one account, ndarray of shape (D, B, T) [Erlang]; the first is the busiest instant, the
    last Monday 00:00, the others are clusters."""
    rate: Floats
    """Arrivals of one account's meetings that start in the band, ndarray of shape (D, B, T) [1/h]."""
    hours: Floats
    """How much of the week each cluster is, ndarray of shape (D, T) [h]."""
    mark: Floats
    """ndarray of shape (D, G) [lattice step]."""
    law: Floats
    """Probability of each mark, ndarray of shape (D, B, G) [-]."""

    def with_extra(self, extra: Sequence[float]) -> Floats:
        """Return the accounts of each group with so many further ones, ndarray of shape (D, C) [account].

        Units: extra [account].
        """
        counts = self.counts.copy()
        for group, number in zip(self.newcomers, extra, strict=True):
            counts[:, group] += number
        return counts

    def bands(self, group: int) -> slice:
        """Return the bands of a group, which stand side by side."""
        first, last = np.searchsorted(self.owner, [group, group + 1])
        return slice(int(first), int(last))


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Which instants of a draw's week stand together, by how near their load is to the busiest."""

    instant: Ints
    """Instants that count, of those at the offsets of each bin, ndarray of shape (n_counted,)."""
    cluster: Ints
    """The cluster of each, in the same order."""
    weight: Floats
    """How much of a bin each stands for, in the same order [-]."""
    hours: Floats
    """How much of the week each column of a sheaf is, ndarray of shape (T,) [h]."""
    busiest: int
    """The instant with the highest load [-]."""
    known: dict[object, Floats] = field(default_factory=dict)
    """What has been gathered already [Erlang]: levels, nodes and resources ask for the same."""

    def over(self, values: Floats) -> Floats:
        """Return the value at the busiest instant, the mean over each cluster, the value on Monday 00:00.

        Units: values [any unit].
        """
        sums = np.bincount(self.cluster, values[self.instant] * self.weight, minlength=len(EDGES) - 1)
        means = BIN * sums / np.maximum(self.hours[1:-1], 1e-9)
        return np.concatenate([[values[self.busiest]], means, [values[0]]])

    def load(self, band: Band) -> Floats:
        """Return the load of one meeting a week of a band, ndarray of shape (T,) [Erlang]."""
        key = _key(band)
        if key not in self.known:
            self.known[key] = self.over(_at_offsets(band))
        return self.known[key]

    def shape(self, kind: Kind) -> Floats:
        """Return the relative arrival rate of a kind of meeting, ndarray of shape (T,) [-]."""
        key = id(kind.shape)
        if key not in self.known:
            self.known[key] = self.over(np.repeat(kind.shape, len(OFFSETS)))
        return self.known[key]


def _at_offsets(band: Band) -> Floats:
    """Return the load of one meeting a week at the offsets of each bin, ndarray of shape (2016 * len(OFFSETS),).

    Inside a bin it is as good as straight: meetings start at a steady rate there, and few of them end.
    """
    starts = offered_load(band.kind, band.ages)[:, 0]
    share = np.array(OFFSETS)
    return np.asarray((np.outer(starts, 1.0 - share) + np.outer(np.roll(starts, -1), share)).ravel())


def _key(band: Band) -> object:
    """Return what a band's load depends on; a shape is told by its identity, as it lives as long as its draw."""
    kind = band.kind
    return kind.duration, kind.duration_cv, kind.duration_limit, band.ages, id(kind.shape)


def clusters(law: Law) -> Clusters:
    """Return which instants of a draw's week stand together, for all resources and all nodes."""
    loads = {_key(band): np.empty(0) for band in law.bands}
    mean = np.zeros(len(OFFSETS) * BINS_PER_WEEK)
    for band, group in zip(law.bands, law.owner, strict=True):
        key = _key(band)
        if not len(loads[key]):
            loads[key] = _at_offsets(band)
        mean += law.counts[group] * band.meetings * band.mean * loads[key]
    highest = int(mean.argmax())
    weight = np.tile([0.0, *WITHIN[1]], BINS_PER_WEEK)
    instant = np.flatnonzero((weight > 0) & (mean > mean[highest] * math.exp(-EDGES[-1])))
    depth = np.log(mean[highest] / mean[instant])
    cluster = np.maximum(np.searchsorted(EDGES, depth, side="right") - 1, 0)
    hours = BIN * np.bincount(cluster, weight[instant], minlength=len(EDGES) - 1)
    found = Clusters(instant, cluster, weight[instant], np.concatenate([[0.0], hours, [0.0]]), highest)
    found.known.update({key: found.over(load) for key, load in loads.items()})
    return found


def bind(laws: Sequence[Law], gathered: Sequence[Clusters]) -> Sheaf:
    """Return one resource of one node in all draws, ready for lines through the saddlepoint."""
    pairs = list(zip(laws, gathered, strict=True))
    load = [[band.meetings * one.load(band) for band in law.bands] for law, one in pairs]
    started = [[band.meetings / HOURS_PER_WEEK * (band.ages[0] == 0.0) for band in law.bands] for law in laws]
    shape = [[one.shape(band.kind) for band in law.bands] for law, one in pairs]
    grid = _grid(max(law.compound.marks.shape[1] for law in laws))
    limit = np.array([law.limit for law in laws])
    return Sheaf(
        limit=limit,
        counts=np.array([law.counts for law in laws]),
        newcomers=laws[0].newcomers,
        kappa=np.minimum([law.compound.kappas for law in laws], ALIKE),
        owner=np.asarray(laws[0].owner),
        load=np.array(load),
        rate=np.array(started)[:, :, None] * np.array(shape),
        hours=np.array([one.hours for one in gathered]),
        # what is larger than the limit is over in any case
        mark=np.minimum(grid[None, :], np.maximum(limit, 0.0)[:, None] + 1.0),
        law=np.array([_on_grid(law.compound.marks, grid) for law in laws]),
    )


def _grid(longest: int) -> Floats:
    """Return the points that marks stand on."""
    points = list(range(min(FINE, longest - 1) + 1))
    while points[-1] < longest - 1:
        points.append(min(max(points[-1] + 1, round(points[-1] * WIDER)), longest - 1))
    return np.array(points, dtype=np.float64)


def _on_grid(laws: Floats, grid: Floats) -> Floats:
    """Return laws on 0, 1, 2, … moved to the grid, each mark split between its neighbours so that the mean stays."""
    steps = np.arange(laws.shape[1])
    below = np.minimum(np.searchsorted(grid, steps, side="right") - 1, len(grid) - 2) if len(grid) > 1 else 0 * steps
    upper = np.minimum(below + 1, len(grid) - 1)
    share = (steps - grid[below]) / np.maximum(grid[upper] - grid[below], 1.0)
    starts = np.flatnonzero(np.diff(below, prepend=-1))
    moved = np.zeros((len(laws), len(grid)))
    moved[:, below[starts]] += np.add.reduceat(laws * (1.0 - share), starts, axis=1)
    moved[:, upper[starts]] += np.add.reduceat(laws * share, starts, axis=1)
    return moved
