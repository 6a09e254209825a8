"""Exact draws of a meeting's size or start for one uniform variate, and how busy each day of a replication is."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BINS_PER_WEEK, NO_LIMIT, Floats

Whole = npt.NDArray[np.int64]

BINS_PER_DAY = BINS_PER_WEEK // 7
TAIL = 1e-15
"""Of a meeting's size without limit, so little probability may lie beyond the table [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Alias:
    """A law on 0 … n - 1 to draw from: cell i keeps a part of its chance and gives the rest to one other value."""

    keep: Floats
    """ndarray of shape (n,): the part cell i keeps [-]."""
    value: Floats
    """ndarray of shape (2 n,): at 2 i + 1 what cell i is if kept, at 2 i what it is if not [-]."""
    slope: Floats | None
    """ndarray of shape (2 n,): what a value gains as the uniform goes through the part [-]; None = values are whole."""


def alias(weights: Floats, step: float = 0.0) -> Alias:
    """Return the table to draw an index by weights [-], or an instant if a step [tick] is given."""
    # The alias method, several times as fast as numpy's general samplers: Vose, *A linear algorithm for generating
    # random numbers with a given distribution*, IEEE Transactions on Software Engineering 17(9), 1991.
    n = len(weights)
    left = (weights * (n / weights.sum())).tolist()
    keep, other = np.ones(n), np.arange(n)
    poor = [i for i in range(n) if left[i] < 1.0]
    rich = [i for i in range(n) if left[i] >= 1.0]
    while poor and rich:
        giver = rich[-1]
        taker = poor.pop()
        keep[taker], other[taker] = left[taker], giver
        left[giver] -= 1.0 - left[taker]
        if left[giver] < 1.0:
            poor.append(rich.pop())
    value = np.stack([other, np.arange(n)], axis=1).ravel().astype(np.float64)
    if step == 0.0:
        return Alias(keep, value, None)
    # how far the uniform went into the part it fell in, from 0 to 1, is a uniform of its own
    parts = np.stack([1.0 - keep, keep], axis=1)
    slope = np.divide(step, parts, out=np.zeros_like(parts), where=parts > 0.0)
    value *= step
    value[0::2] -= keep * slope[:, 0]
    return Alias(keep, value, slope.ravel())


def draw(table: Alias, uniforms: Floats) -> Floats:
    """Return one value for each uniform variate; the uniform variates are used up."""
    uniforms *= len(table.keep)
    cell: npt.NDArray[np.int32] = uniforms.astype(np.int32)
    uniforms -= cell
    kept = uniforms < table.keep[cell]
    cell += cell
    cell += kept
    value: Floats = table.value[cell]
    if table.slope is not None:
        uniforms *= table.slope[cell]
        value += uniforms
    return value


def size_chances(size: float, dispersion: float, participants: float) -> Floats:
    """Return P(U = u) [-] of a meeting's users U = min(2 + negative binomial, participants [user]), u from 0 up."""
    # The mean of the negative binomial is mu = size - 2, its variance mu + mu^2 / k; k = inf: Poisson.
    mu, k = size - 2.0, dispersion
    if mu < 0.0:
        raise ValueError(f"a meeting's mean size is {size:g} users, it must be at least 2")
    # without a limit the table ends where less than TAIL is left; the tail falls at least like (mu / (k + mu))^j
    reach = 50 + 10 * mu + (-math.log(TAIL) / math.log1p(k / mu) if mu > 0.0 and k < NO_LIMIT else 0.0)
    largest = int(min(participants, 2 + math.ceil(reach)))
    chances = np.zeros(largest + 1)
    j = np.arange(max(0, largest - 2))
    if mu == 0.0:
        chances[2:-1] = j == 0
    elif k == NO_LIMIT:
        chances[2:-1] = np.exp(j * math.log(mu) - mu - np.cumsum(np.log(np.maximum(j, 1))))
    else:
        growth = np.log((k + j) / (j + 1)) + math.log(mu / (k + mu))
        chances[2:-1] = np.exp(-k * math.log1p(mu / k) + np.concatenate([[0.0], np.cumsum(growth)])[: len(j)])
    chances[-1] += max(0.0, 1.0 - math.fsum(chances))
    return chances


def day_factors(rng: np.random.Generator, spread: float, replications: int, run_in: int, weeks: int) -> Floats | None:
    """Return each day's factor, gamma with mean 1, shape (replications, days) [-]; None = days are alike."""
    if spread == 0.0:
        return None
    days = len(_midnights(12 * run_in, 12 * run_in + weeks * BINS_PER_WEEK)) - 1
    return np.asarray(rng.gamma(spread**-2, spread**2, (replications, days)))


def _midnights(first: int, end: int) -> Whole:
    """Return the bins at which days begin, the first perhaps cut, and the end; a week begins at `first`."""
    return np.unique(np.concatenate([[0], np.arange(first % BINS_PER_DAY, end, BINS_PER_DAY), [end]]))


def shares_of_days(passed: Floats, days: Floats, run_in: int) -> tuple[Floats, Floats]:
    """Return which share of the starts [-] comes before each day begins, and with the factors before each ends."""
    profile = passed[_midnights(12 * run_in, len(passed) - 1)]
    return profile, np.cumsum(days * np.diff(profile), axis=1)


def on_days(passed: Floats, profile: Floats, until: Floats, place: Whole, uniforms: Floats) -> Floats:
    """Return starts in bins [-], each in its replication: a day by how busy it is, and within it by the profile."""
    busy = until / until[:, -1:]
    days = busy.shape[1]
    # one sorted row for all replications: the k-th lies between k and k + 1
    row = (busy + np.arange(len(busy))[:, None]).ravel()
    day = np.clip(np.searchsorted(row, uniforms + place, side="right") - days * place, 0, days - 1)
    begin = np.where(day > 0, busy[place, day - 1], 0.0)
    width = busy[place, day] - begin
    part = np.divide(uniforms - begin, width, out=np.zeros_like(uniforms), where=width > 0.0)
    at = profile[day] + np.clip(part, 0.0, 1.0) * (profile[day + 1] - profile[day])
    return np.asarray(np.interp(at, passed, np.arange(len(passed))))
