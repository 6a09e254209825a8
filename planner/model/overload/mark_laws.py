"""What one meeting holds of a resource in all draws at once: the laws of `marks.marks` on one lattice."""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT, Floats, Ints, Kind, LinearLoad, Node, Resource, ScaleliteLoad
from planner.model.overload.columns import cubic
from planner.model.workload.marks import LARGEST, Cells, camera_cells

REST = 1e-9
"""Of a size without limit, so much may lie beyond the largest size that is reckoned with [-]."""
AT_ONCE = 1 << 17
"""Cells x draws that are worked on at once: they stay in the processor's cache."""

CAMERAS = 33
"""Shares of cameras at which the laws of marks are worked out."""
Ages = tuple[float, float]


def each(value: float | Floats, draws: int) -> Floats:
    """Return an input in each draw, ndarray of shape (D,): it may be the same in all."""
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (draws,))


def mark_laws(
    kind: Kind, resource: Resource, node: Node, step: Floats, longest: int, draws: int
) -> Iterator[tuple[Ages, Floats]]:
    """Yield the law of the mark in each age band [h], on lattices of a step in each draw, ndarray of shape (D,)."""
    always = (0.0, NO_LIMIT)
    if resource == "rooms":
        law = np.zeros((draws, longest))
        law[:, min(1, longest - 1)] = 1.0
        yield always, law
        return
    size = size_laws(kind, draws)
    users = np.arange(size.shape[1], dtype=np.float64)
    if resource == "users":
        yield always, placed(users, size, step[:, None], longest)
    elif resource == "load" and isinstance(node.load, ScaleliteLoad):
        load, moderators = node.load, each(kind.moderators, draws)[:, None]
        settled = users + np.minimum(users, moderators)
        scale = each(load.multiplier, draws)[:, None]
        until = load.until  # decided: it has no draws
        if until > 0.0:
            young = np.maximum(settled, each(load.least, draws)[:, None])
            yield (0.0, until), placed(young * scale, size, step[:, None], longest)
        yield (max(0.0, until), NO_LIMIT), placed(settled * scale, size, step[:, None], longest)
    else:
        yield always, _by_cameras(kind, resource, node, size, step, longest)


def size_laws(kind: Kind, draws: int) -> Floats:
    """Return the law of a meeting's size in each draw, as `marks.size_law`; ndarray of shape (D, largest + 1)."""
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


def placed(value: Floats, chance: Floats, step: Floats, longest: int) -> Floats:
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


def mean_held(kind: Kind, resource: Resource, node: Node, users: int, draws: int) -> Floats:
    """Return what a meeting of exactly so many users holds on average, a young one if it is more, in each draw."""
    moderators = each(kind.moderators, draws)
    if resource in ("rooms", "users"):
        return each(1.0 if resource == "rooms" else users, draws)
    if resource == "load" and isinstance(node.load, ScaleliteLoad):
        young = np.where(node.load.until > 0.0, node.load.least, 0.0)
        return np.asarray(node.load.multiplier * np.maximum(users + np.minimum(users, moderators), young))
    found, size = np.empty(draws), min(users, LARGEST)
    for mods in np.unique(moderators):
        every = camera_cells(size, int(mods), kind.pages)
        its = every.users == size
        cells = Cells(*(getattr(every, field.name)[its] for field in fields(every)))
        rows = np.flatnonzero(moderators == mods)
        for some in np.array_split(rows, -(-len(rows) * len(cells.users) // AT_ONCE)):
            chance = _chance(cells, each(kind.cameras, draws)[some])
            means = [(chance * value).sum(axis=1) for value in _held(cells, resource, node, some, draws)]
            share = each(kind.recorded if resource == "load" else kind.screenshare, draws)[some]
            found[some] = means[0] + share * (means[-1] - means[0])
    return found * users / size


def _by_cameras(kind: Kind, resource: Resource, node: Node, size: Floats, step: Floats, longest: int) -> Floats:
    """Return the law of a mark that depends on who has a camera, ndarray of shape (D, at most longest)."""
    draws, parts = len(size), []
    camera = each(kind.cameras, draws)
    alike = all(np.ndim(value) == 0 for value in weights(node))
    looks = np.stack([each(kind.moderators, draws), step], axis=1)
    for look in np.unique(looks, axis=0):
        moderators, its = look
        rows = np.flatnonzero((looks == look).all(axis=1))
        cells = camera_cells(size.shape[1] - 1, int(moderators), kind.pages)
        shared = each(kind.recorded if resource == "load" else kind.screenshare, draws)
        block = len(rows) if alike else max(1, AT_ONCE // len(cells.users))
        for first in range(0, len(rows), block):
            some = rows[first : first + block]
            held = _held(cells, resource, node, some, draws)
            held = held if shared[some].any() else held[:1]
            # where some draws have far more room than others, all that lies beyond the largest mark is 0
            width = min(longest, int(max(value.max() for value in held) / its) + 2)
            if alike:
                laws = [_tabulated(cells, value, camera[some], size[some], its, width) for value in held]
            else:
                chance = size[some][:, cells.users] * _chance(cells, camera[some])
                laws = [placed(value, chance, its, width) for value in held]
            share = shared[some, None]
            parts.append((some, laws[0] if len(laws) == 1 else (1.0 - share) * laws[0] + share * laws[1]))
    if len(parts) == 1:
        return parts[0][1]
    law = np.zeros((draws, max(part.shape[1] for _, part in parts)))
    for rows, part in parts:
        law[rows, : part.shape[1]] = part
    return law


def _tabulated(cells: Cells, value: Floats, camera: Floats, size: Floats, step: float, longest: int) -> Floats:
    """Return laws of marks that hold the same in all draws, from those at some shares of cameras and each size."""
    distinct = np.unique(camera)
    nodes = distinct if len(distinct) <= CAMERAS else np.linspace(distinct[0], distinct[-1], CAMERAS)
    near = cubic(camera, nodes)
    law = np.zeros((len(size), longest))
    steps = value / step
    below = np.floor(steps + 1e-9)
    share = np.clip(steps - below, 0.0, 1.0)
    at = [(cells.users * longest + np.minimum(index, longest - 1)).astype(np.int64) for index in (below, below + 1.0)]
    for k, chance in enumerate(_chance(cells, nodes)):
        flat = np.bincount(at[0], chance * (1.0 - share), size.shape[1] * longest)
        if share.any():
            flat = flat + np.bincount(at[1], chance * share, size.shape[1] * longest)
        rows = np.flatnonzero(near[:, k])
        law[rows] += near[rows, k, None] * (size[rows] @ flat.reshape(-1, longest))
    return np.maximum(law, 0.0)


def _chance(cells: Cells, camera: Floats) -> Floats:
    """Return the probability of each cell given its number of users, ndarray of shape (D, C)."""
    with np.errstate(divide="ignore"):
        on, off = np.maximum(np.log(camera), -1e300)[:, None], np.maximum(np.log1p(-camera), -1e300)[:, None]
    without = (cells.users - cells.cameras).astype(np.float64)
    return np.asarray(np.exp(cells.log_ways + cells.cameras * on + without * off))


def _held(cells: Cells, resource: Resource, node: Node, rows: Ints, draws: int) -> list[Floats]:
    """Return what each cell holds: of streams; of a linear load, recorded too; of egress, with a shared screen too."""

    def of(value: float | Floats) -> float | Floats:
        return value if np.ndim(value) == 0 else each(value, draws)[rows][:, None]

    streams = (cells.cameras + cells.outgoing).astype(np.float64)
    users = cells.users.astype(np.float64)
    if resource == "streams":
        return [streams]
    if resource == "load":
        assert isinstance(node.load, LinearLoad)
        load = of(node.load.per_room) + of(node.load.per_user) * users + of(node.load.per_stream) * streams
        return [np.asarray(load), np.asarray(load + of(node.load.per_recording))]
    begins = np.array([least for least, _ in node.rates.camera])
    of_camera = np.searchsorted(begins, cells.cameras, side="right") - 1
    camera = np.concatenate(np.broadcast_arrays(*(np.atleast_1d(of(rate)) for _, rate in node.rates.camera)), axis=-1)
    without = cells.outgoing * camera[..., of_camera] + of(node.rates.audio) * users
    return [np.asarray(without), np.asarray(without + of(node.rates.screenshare) * users)]


def weights(node: Node) -> tuple[float | Floats, ...]:
    """Return all that what a meeting holds on a node depends on."""
    load, rates = node.load, node.rates
    parts = (
        (load.per_room, load.per_user, load.per_stream, load.per_recording)
        if isinstance(load, LinearLoad)
        else (load.least, load.until, load.multiplier)
    )
    return (*parts, rates.audio, rates.screenshare, *(rate for _, rate in rates.camera))
