"""Fast exact draws of a meeting's size or start for one uniform variate, by the alias method."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import NO_LIMIT, Floats

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
    # Vose, *A linear algorithm for generating random numbers with a given distribution*, IEEE Transactions on Software
    # Engineering 17(9), 1991. Several times as fast as numpy's general samplers.
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
