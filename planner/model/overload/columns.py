"""Instants of the week with like load, taken together at their mean: a column stands for many of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.model.inputs.capacity import BIN, BINS_PER_WEEK, Floats, Ints

COLUMNS, OF_PROFILE = 24, 48
"""So many of them stand for the whole week, and more for each further weekly profile."""
STEEP = (2.0, 6.0, 15.0)
"""The log of the risk is taken to rise by this from an empty node to the busiest instant: how instants are weighed."""
BETA = 7.0
MIXED = (0.3, 1.0, 3.0)
"""The busiest instant is one of the whole, of a part, or of both when the part weighs so much [-]."""
OFFSETS, WEIGHTS = ((np.polynomial.legendre.leggauss(4)[0] + 1.0) / 2.0, np.polynomial.legendre.leggauss(4)[1] / 2.0)
"""Gauss points of a bin [-]: inside it the load is as good as straight."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """How the week's 2016 bins make T columns: Monday 00:00, instants that may be the busiest, then the groups."""

    load: Floats
    """What the load at each bin's start brings to each column, ndarray of shape (2016, T) [-]."""
    rate: Floats
    """What the rate in each bin brings, ndarray of shape (2016, T) [-]."""
    hours: Floats
    """How much of the week each column is, 0 for single instants, ndarray of shape (T,) [h]."""


def columns(whole: Floats, parts: Floats, started: Floats, number: int = COLUMNS) -> Columns:
    """Return the columns for some views of the whole load and of parts of it, ndarrays of shape (n, 2016)."""
    views = np.concatenate([whole, parts])
    views = views[views.max(axis=1) > 0.0] if views.any() else np.ones((1, BINS_PER_WEEK))
    inside = views[:, :, None] * (1.0 - OFFSETS) + np.roll(views, -1, axis=1)[:, :, None] * OFFSETS
    points = (inside / np.maximum(views.max(axis=1), 1e-300)[:, None, None]).reshape(len(views), -1).T
    hours = BIN * np.tile(WEIGHTS, BINS_PER_WEEK)
    busy = np.repeat(started / max(float(started.mean()), 1e-300), len(OFFSETS))
    # a part may be at its height where the whole is low: it tells instants apart, but they matter as the whole does
    top = points[:, : len(whole)].max(axis=1) - 1.0
    each = np.exp(np.outer(STEEP, top)) * hours * (1.0 + busy)
    matter = np.square(STEEP) @ (each / each.sum(axis=1, keepdims=True))
    group = np.unique(_grouped(points, matter, number), return_inverse=True)[1]
    number = int(group.max()) + 1
    bin_of, offset = np.repeat(np.arange(BINS_PER_WEEK), len(OFFSETS)), np.tile(OFFSETS, BINS_PER_WEEK)
    total = np.bincount(group, hours, number)
    light, full = (hours * np.exp(tilt * BETA * top) for tilt in (0.5, 1.0))
    share, of_rate = (one / np.bincount(group, one, number)[group] for one in (light, full))
    heights = views / views.max(axis=1, keepdims=True)
    peaks = [views.argmax(axis=1), *((heights[0] + share * heights).argmax(axis=1) for share in MIXED)]
    single = np.unique(np.concatenate([[0], *peaks]))
    single = np.concatenate([[0], single[single > 0]])
    load, rate = np.zeros((2, BINS_PER_WEEK, len(single) + number))
    for made in (load, rate):
        made[single, np.arange(len(single))] = 1.0
    place = len(single) + group
    np.add.at(load, (bin_of, place), share * (1.0 - offset))
    np.add.at(load, ((bin_of + 1) % BINS_PER_WEEK, place), share * offset)
    np.add.at(rate, (bin_of, place), of_rate)
    return Columns(load, rate, np.concatenate([np.zeros(len(single)), total]))


def _grouped(points: Floats, weight: Floats, number: int) -> Ints:
    """Return the group of each point: the group that varies most is parted at its mean, again and again."""
    group = np.zeros(len(points), dtype=np.int64)
    spread = [_spread(points, weight)]
    for new in range(1, number):
        widest = max(range(new), key=lambda one: spread[one][0])
        _, view, middle = spread[widest]
        far = (group == widest) & (points[:, view] > middle)
        group[far] = new
        near = group == widest
        spread[widest] = _spread(points[near], weight[near])
        spread.append(_spread(points[far], weight[far]))
    return group


def _spread(points: Floats, weight: Floats) -> tuple[float, int, float]:
    """Return the largest weighted sum of squares of any view, which view, and where to part it."""
    if len(points) == 0:
        return -1.0, 0, 0.0
    mean = weight @ points / weight.sum()
    squares = weight @ (points - mean) ** 2
    view = int(squares.argmax())
    return float(squares[view]), view, float(mean[view])


def cubic(x: Floats, nodes: Floats) -> Floats:
    """Return what each node brings to the cubic through the four nodes nearest to x, ndarray of shape (n, n_nodes)."""
    weights = np.zeros((len(x), len(nodes)))
    width = min(4, len(nodes))
    first = np.clip(np.searchsorted(nodes, x) - width // 2, 0, len(nodes) - width)
    near = nodes[first[:, None] + np.arange(width)]
    rows = np.arange(len(x))
    for k in range(width):
        others = [j for j in range(width) if j != k]
        basis = np.prod([(x - near[:, j]) / (near[:, k] - near[:, j]) for j in others], axis=0) if others else 1.0
        weights[rows, first + k] = basis
    return weights


def spaced_nodes(values: Sequence[float] | Floats, number: int) -> Floats:
    """Return the distinct values, or so many nodes from the smallest to the largest if there are more."""
    distinct = np.unique(values)
    return distinct if len(distinct) <= number else np.geomspace(distinct[0], distinct[-1], number)
