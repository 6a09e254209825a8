"""What one meeting in progress holds of a resource: its mark, as a law on a lattice.

The marks of meetings in progress add up, so the law of a node follows from the law of one mark (`overload`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT, Floats, Ints, Kind, LinearLoad, Node, Resource, ScaleliteLoad
from planner.model.inputs.pages import Pages, outgoing

TAIL = 1e-12
"""Of a size without limit, so much probability may lie beyond the largest size that is reckoned with [-]."""
NATURAL_STEPS = 384
"""Marks stand on the lattice of their own common unit if the limit is at most so many of it."""
LARGEST = 1000
"""No meeting is larger, whatever the law of its size: the rest is turned away as at a limit [user]."""
STEPS = 192
"""Otherwise the limit lies half a step above so many steps; twice as many lower no measure by more than 3 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """What a meeting of an age in [age_from, age_to) holds: law[j] = P(mark = j * step)."""

    age_from: float
    age_to: float
    """[h]"""
    step: float
    """The lattice's step in the resource's unit: room, user, stream, Mbit/s, or the load limit's unit."""
    law: Floats
    """ndarray of shape (largest mark + 1,), sums to 1 [-]."""

    @property
    def mean(self) -> float:
        """Return the mean mark in the resource's unit."""
        return float(self.step * (np.arange(len(self.law)) @ self.law))


def marks(kind: Kind, resource: Resource, node: Node) -> tuple[Mark, ...]:
    """Return what a meeting of this kind holds of a resource of the node, by age band, youngest first."""
    size = size_law(kind)
    step = lattice(resource, node)
    if resource == "rooms":
        return (Mark(0.0, NO_LIMIT, step, np.array([0.0, 1.0])),)
    if resource == "users":
        return (Mark(0.0, NO_LIMIT, step, size),)
    if resource == "load" and isinstance(node.load, ScaleliteLoad):
        return _scalelite(size, kind.moderators, node.load, step)
    cells = camera_cells(len(size) - 1, kind.moderators, kind.pages)
    chance = size[cells.users] * cells.probability(kind.cameras)
    if resource == "streams":
        law = on_lattice((cells.cameras + cells.outgoing).astype(np.float64), chance, step)
    elif resource == "egress":
        begins = np.array([cameras for cameras, _ in node.rates.camera])
        of_cameras = np.searchsorted(begins, cells.cameras, side="right") - 1
        camera = np.array([rate for _, rate in node.rates.camera])[of_cameras]
        without = cells.outgoing * camera + node.rates.audio * cells.users
        law = _either(without, without + node.rates.screenshare * cells.users, chance, kind.screenshare, step)
    else:
        assert isinstance(node.load, LinearLoad)
        streams = cells.cameras + cells.outgoing
        load = node.load.per_room + node.load.per_user * cells.users + node.load.per_stream * streams
        law = _either(load, load + node.load.per_recording, chance, kind.recorded, step)
    return (Mark(0.0, NO_LIMIT, step, law),)


def streams_by_sight(kinds: Sequence[tuple[Kind, float]]) -> Floats:
    """Return what to take for the streams [stream] of a node where only rooms, users and cameras can be counted."""
    # The best straight guess from one meeting: least squares over the law of its users, cameras and streams. Meetings
    # add up, and so do the guesses; what they miss has mean 0 and nothing to do with R, U and C.
    gram, cross = np.zeros((3, 3)), np.zeros(3)
    for kind, share in kinds:
        size = size_law(kind)
        cells = camera_cells(len(size) - 1, kind.moderators, kind.pages)
        seen = np.stack([np.ones(len(cells.users)), cells.users, cells.cameras])
        weighted = seen * (share * size[cells.users] * cells.probability(kind.cameras))
        gram += weighted @ seen.T
        cross += weighted @ (cells.cameras + cells.outgoing)
    # where all meetings are alike the three go together, and any of their combinations says the same
    return np.asarray(np.linalg.lstsq(gram, cross, rcond=1e-12)[0])


def size_law(kind: Kind) -> Floats:
    """Return the law of a meeting's size U = min(2 + negative binomial, participants)."""
    # N = U - 2 has mean mu = size - 2 and variance mu + mu^2/k; k = inf is Poisson. P(N = j + 1) / P(N = j) = mu (k +
    # j) / ((k + mu) (j + 1)) (Johnson, Kemp, Kotz, *Univariate Discrete Distributions*, 3rd ed. 2005, chapter 5).
    return _size_law(kind.size, kind.size_dispersion, kind.participants)


@lru_cache(maxsize=64)
def _size_law(size: float, dispersion: float, participants: float) -> Floats:
    mu, k = size - 2.0, dispersion
    if mu < 0:
        raise ValueError(f"a meeting's mean size is {size:g} users, it must be at least 2")
    if participants <= 2:
        return _ending_at(np.zeros(0), int(participants))
    largest = 64 if participants == NO_LIMIT else int(participants) - 2
    while True:
        law = _extra_users(mu, k, largest)
        if participants != NO_LIMIT or 1.0 - law.sum() < TAIL or largest >= LARGEST:
            break
        largest *= 2
    if participants == NO_LIMIT:
        short = 1.0 - np.cumsum(law) < TAIL
        law = law[: int(np.argmax(short)) + 1 if short.any() else LARGEST - 2]
    return _ending_at(np.concatenate([[0.0, 0.0], law[:-1]]), len(law) + 1)


def _extra_users(mu: float, k: float, largest: int) -> Floats:
    """Return P(N = j), j = 0 … largest, of the negative binomial (k = inf: Poisson)."""
    j = np.arange(largest)
    if mu == 0.0:
        return np.concatenate([[1.0], np.zeros(largest)])
    if k == math.inf:
        first, ratio = -mu, mu / (j + 1)
    else:
        first, ratio = -k * math.log1p(mu / k), mu * (k + j) / ((k + mu) * (j + 1))
    law: Floats = np.exp(np.concatenate([[first], first + np.cumsum(np.log(ratio))]))
    return law


def _ending_at(law: Floats, largest: int) -> Floats:
    """Return `law` as far as the largest size, with all that is missing on it: the rest is turned away."""
    full = np.zeros(largest + 1)
    full[: min(len(law), largest)] = law[:largest]
    full[largest] = max(0.0, 1.0 - full.sum())
    full.setflags(write=False)
    return full


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """All the ways cameras can fall in a meeting: one entry for each (users, moderators' cameras, viewers' cameras)."""

    users: Ints
    cameras: Ints
    outgoing: Ints
    """Outgoing streams: sum over the users of min(C - own, page)."""
    log_ways: Floats
    """log of the number of ways to choose whose cameras they are [-]."""

    def probability(self, camera: float) -> Floats:
        """Return the probability of each cell given its number of users, each with a camera by this chance [-]."""
        on = math.log(camera) if camera > 0 else -1e300
        off = math.log1p(-camera) if camera < 1 else -1e300
        return np.asarray(np.exp(self.log_ways + self.cameras * on + (self.users - self.cameras) * off))


@lru_cache(maxsize=16)
def camera_cells(largest: int, moderators: int, pages: Pages) -> Cells:
    """Return all the ways cameras can fall in meetings of up to `largest` [user], seen by pages [stream]."""
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, largest + 1)))])
    blocks = []
    for users in range(largest + 1):
        mods = min(moderators, users)
        m, v = (grid.ravel() for grid in np.meshgrid(np.arange(mods + 1), np.arange(users - mods + 1), indexing="ij"))
        blocks.append(np.stack([np.full(len(m), users), np.full(len(m), mods), m, v]))
    u, mods, m, v = np.concatenate(blocks, axis=1)
    viewers, c = u - mods, m + v
    ways = log_factorial[mods] - log_factorial[m] - log_factorial[mods - m]
    ways = ways + log_factorial[viewers] - log_factorial[v] - log_factorial[viewers - v]
    return Cells(u, c, outgoing(pages.of(u), u, mods, c, m, v, np.minimum), ways)


def _either(without: Floats, more: Floats, chance: Floats, share: float, step: float) -> Floats:
    """Return the law of what a meeting holds, `more` in a share of the meetings: with a shared screen, or recorded."""
    if share == 0.0:
        return on_lattice(without, chance, step)
    both = np.concatenate([without, more])
    return on_lattice(both, np.concatenate([chance * (1.0 - share), chance * share]), step)


def _scalelite(size: Floats, moderators: int, load: ScaleliteLoad, step: float) -> tuple[Mark, ...]:
    users = np.arange(len(size), dtype=np.float64)
    settled: Floats = (users + np.minimum(users, moderators)) * load.multiplier
    young: Floats = np.maximum(settled, load.least * load.multiplier)
    if load.until <= 0.0:
        return (Mark(0.0, NO_LIMIT, step, on_lattice(settled, size, step)),)
    return (
        Mark(0.0, load.until, step, on_lattice(young, size, step)),
        Mark(load.until, NO_LIMIT, step, on_lattice(settled, size, step)),
    )


def on_lattice(value: Floats, chance: Floats, step: float) -> Floats:
    """Return a law on the lattice: a value between two points is split between them so that its mean stays."""
    # Rounding up instead would add half a step to every meeting, which 20 meetings make 10 steps; the split adds a
    # variance of at most a quarter of a squared step each.
    steps = value / step
    below = np.floor(steps + 1e-9)
    share = np.clip(steps - below, 0.0, 1.0)
    index = below.astype(np.int64)
    weight = np.concatenate([chance * (1.0 - share), chance * share])
    return np.bincount(np.concatenate([index, index + 1]), weight).astype(np.float64)


def lattice(resource: Resource, node: Node) -> float:
    """Return the lattice's step for a resource of a node."""
    if resource in ("rooms", "users"):
        return 1.0
    limit, unit = node.headroom(resource), common_unit(resource, node)
    if limit <= 0.0 or limit == NO_LIMIT:
        # no law is computed there; any step that holds the marks will do
        return unit or 1.0
    if unit > 0.0 and unit * NATURAL_STEPS >= limit:
        return unit
    # half a step above a lattice point the split of marks between neighbours errs to both sides alike; what is a
    # multiple of a unit is over from the next multiple on
    over_from = (math.floor(limit / unit + 1e-9) + 0.5) * unit if unit > 1e-9 * limit else limit
    return over_from / (STEPS + 0.5)


def common_unit(resource: Resource, node: Node) -> float:
    """Return what every mark is a multiple of; 0 if meetings hold nothing [the resource's unit]."""
    if resource in ("rooms", "users", "streams"):
        return 1.0
    if resource == "egress":
        weights = [rate for _, rate in node.rates.camera] + [node.rates.audio, node.rates.screenshare]
    elif isinstance(node.load, LinearLoad):
        weights = [node.load.per_room, node.load.per_user, node.load.per_stream, node.load.per_recording]
    else:
        weights = [node.load.multiplier, node.load.multiplier * node.load.least]
    return _common_unit(tuple(weights))


@lru_cache(maxsize=1024)
def _common_unit(weights: tuple[float, ...]) -> float:
    """Return the largest number that divides all weights as they are written in decimals; 0 if all are 0."""
    # kept, because each kind of meeting of each level asks for the same
    # 12 decimals: 0.3 / 100 is written as 0.003, not as its binary neighbour
    parts = [Fraction(f"{weight:.12g}") for weight in weights if weight > 0.0]
    if not parts:
        return 0.0
    common = math.lcm(*(part.denominator for part in parts))
    return math.gcd(*(int(part * common) for part in parts)) / common
