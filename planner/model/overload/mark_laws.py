"""What one meeting holds of a resource in all draws at once: the laws of `occupancy.marks` on one lattice for all."""

from collections.abc import Iterator

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT, Floats, Kind, LinearLoad, Node, Resource, ScaleliteLoad
from planner.model.overload.law import Ints
from planner.model.workload.marks import Cells, camera_cells

REST = 1e-9
"""Of a size without limit, so much may lie beyond the largest size that is reckoned with [-]."""
AT_ONCE = 1 << 17
"""Cells x draws that are worked on at once: they stay in the processor's cache."""

Ages = tuple[float, float]


def each(value: float | Floats, draws: int) -> Floats:
    """Return an input in each draw, ndarray of shape (D,): it may be the same in all."""
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (draws,))


def mark_laws(
    kind: Kind, resource: Resource, node: Node, step: float, longest: int, draws: int
) -> Iterator[tuple[Ages, Floats]]:
    """Yield the law of the mark in each age band.

    Units: longest [step]; returns [h].
    """
    always = (0.0, NO_LIMIT)
    if resource == "rooms":
        law = np.zeros((draws, longest))
        law[:, min(1, longest - 1)] = 1.0
        yield always, law
        return
    size = size_laws(kind, draws)
    users = np.arange(size.shape[1], dtype=np.float64)
    if resource == "users":
        yield always, placed(users, size, 1.0, longest)
    elif resource == "load" and isinstance(node.load, ScaleliteLoad):
        load, moderators = node.load, each(kind.moderators, draws)[:, None]
        settled = users + np.minimum(users, moderators)
        scale = each(load.multiplier, draws)[:, None]
        until = float(np.median(load.until))
        if until > 0.0:
            young = np.maximum(settled, each(load.least, draws)[:, None])
            yield (0.0, until), placed(young * scale, size, step, longest)
        yield (max(0.0, until), NO_LIMIT), placed(settled * scale, size, step, longest)
    else:
        yield always, _by_cameras(kind, resource, node, size, step, longest)


def size_laws(kind: Kind, draws: int) -> Floats:
    """Return the law of a meeting's size in each draw, as `occupancy.size_law`; ndarray of shape (D, largest + 1)."""
    mu, k = each(kind.size, draws)[:, None] - 2.0, each(kind.size_dispersion, draws)[:, None]
    largest = 64 if kind.participants == NO_LIMIT else max(0, int(kind.participants) - 2)
    while True:
        j = np.arange(largest, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            poisson = np.isinf(k)
            ratio = np.where(poisson, mu / (j + 1.0), mu * (k + j) / ((k + mu) * (j + 1.0)))
            first = np.where(poisson, -mu, -k * np.log1p(mu / np.where(poisson, 1.0, k)))
            law = np.exp(np.concatenate([first, first + np.cumsum(np.log(ratio), axis=1)], axis=1))
        if kind.participants != NO_LIMIT or (1.0 - law.sum(axis=1)).max() < REST or largest > 4000:
            break
        largest *= 2
    size = np.zeros((draws, largest + 3 if kind.participants == NO_LIMIT else int(kind.participants) + 1))
    last = size.shape[1] - 1
    size[:, 2:last] = law[:, : max(0, last - 2)]
    size[:, last] = np.maximum(0.0, 1.0 - size.sum(axis=1))
    # nobody comes to what nobody can
    used = np.flatnonzero(size.max(axis=0) > 0.0)[-1]
    return size[:, : used + 1]


def placed(value: Floats, chance: Floats, step: float, longest: int) -> Floats:
    """Return laws on the lattice: a value between two points is split between them so that its mean stays."""
    draws = len(chance)
    steps = value / step
    below = np.floor(steps + 1e-9)
    share = np.clip(steps - below, 0.0, 1.0)
    row = longest * np.arange(draws)[:, None]

    def counted(index: Floats, weights: Floats) -> Floats:
        at = (np.minimum(index, longest - 1).astype(np.int64) + row).ravel()
        return np.asarray(np.bincount(at, weights.ravel(), draws * longest).reshape(draws, longest), dtype=np.float64)

    law = counted(below, chance * (1.0 - share))
    return law if not share.any() else law + counted(below + 1.0, chance * share)


def _by_cameras(kind: Kind, resource: Resource, node: Node, size: Floats, step: float, longest: int) -> Floats:
    """Return the law of a mark that depends on who has a camera, ndarray of shape (D, longest)."""
    draws = len(size)
    law = np.empty((draws, longest))
    camera = each(kind.cameras, draws)
    looks = np.stack([each(kind.moderators, draws), each(kind.page_size, draws)], axis=1).astype(np.int64)
    for moderators, page_size in np.unique(looks, axis=0):
        rows = np.flatnonzero((looks == (moderators, page_size)).all(axis=1))
        cells = camera_cells(size.shape[1] - 1, int(moderators), int(page_size))
        block = max(1, AT_ONCE // len(cells.users))
        for first in range(0, len(rows), block):
            some = rows[first : first + block]
            chance = size[some][:, cells.users] * _chance(cells, camera[some])
            law[some] = _with_cameras(cells, chance, resource, node, some, draws, kind, step, longest)
    return law


def _chance(cells: Cells, camera: Floats) -> Floats:
    """Return the probability of each cell given its number of users, ndarray of shape (D, C)."""
    with np.errstate(divide="ignore"):
        on, off = np.maximum(np.log(camera), -1e300)[:, None], np.maximum(np.log1p(-camera), -1e300)[:, None]
    without = (cells.users - cells.cameras).astype(np.float64)
    return np.asarray(np.exp(cells.log_ways + cells.cameras * on + without * off))


def _with_cameras(
    cells: Cells,
    chance: Floats,
    resource: Resource,
    node: Node,
    rows: Ints,
    draws: int,
    kind: Kind,
    step: float,
    longest: int,
) -> Floats:
    """Return the law of streams, of egress or of a linear load in some draws."""

    def of(value: float | Floats) -> float | Floats:
        return value if np.ndim(value) == 0 else each(value, draws)[rows][:, None]

    streams = (cells.cameras + cells.outgoing).astype(np.float64)
    users = cells.users.astype(np.float64)
    if resource == "streams":
        return placed(streams, chance, step, longest)
    if resource == "load":
        assert isinstance(node.load, LinearLoad)
        load = of(node.load.per_room) + of(node.load.per_user) * users + of(node.load.per_stream) * streams
        return placed(np.asarray(load), chance, step, longest)
    begins = np.array([least for least, _ in node.rates.camera])
    of_camera = np.searchsorted(begins, cells.cameras, side="right") - 1
    rates = [of(rate) for _, rate in node.rates.camera]
    camera = np.concatenate([np.broadcast_to(rate, (len(chance), 1)) for rate in rates], axis=1)[:, of_camera]
    without = cells.outgoing * camera + of(node.rates.audio) * users
    shared = without + of(node.rates.screenshare) * users
    share = np.asarray(of(kind.screenshare))
    return placed(np.asarray(without), chance * (1.0 - share), step, longest) + placed(
        np.asarray(shared), chance * share, step, longest
    )


def level_of(room: Floats, step: float, unit: float) -> Floats:
    """Return L, what may be filled, in steps: fractional where marks stand on a lattice that is not their own."""
    with np.errstate(invalid="ignore"):
        if unit == step:
            level = np.floor(room / step + 1e-9)
        else:
            # a mark split between two points errs to both sides alike if the limit lies half a step above a point
            over_from = (np.floor(room / unit + 1e-9) + 0.5) * unit if unit > 0.0 else room
            level = np.maximum(over_from / step - 0.5, 0.0)
    return np.where(np.isinf(room), NO_LIMIT, np.where(room < 0.0, -1.0, level))
