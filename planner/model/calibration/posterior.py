"""Posterior from a prior range and a likelihood, integrated on a grid.

The grid runs over the normal score z of the prior range: a grid point carries the prior weight of its z, and the value
there is the range's own quantile. So any family of range will do, and with no data the posterior is the prior.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from planner.model.inputs.distributions import NORMAL, Family, Floats, Range, quantile

LogLikelihood = Callable[[Floats, Floats], Floats]
"""Of two inputs' grids (n,) and (m,): ndarray of shape (n, m)."""

POINTS = 61
"""Grid points for each input; doubled, no 80 % interval of the tests moves by more than 1 % of its width."""
REACH = 6.0
"""The grid spans z from -REACH to REACH: what the prior thinks a one-in-a-thousand-million case is not found."""
_LEAST = 1e-7
"""Grid points with less than so much of the largest weight are left out when the grid draws closer."""
_CLOSER = 5
"""How often the grid draws closer at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """One input after the history: the prior it had, the quantiles it has now, and the curve."""

    prior: Range
    value: float
    low: float
    high: float
    """Median, 10 % and 90 % quantile [input's unit]."""
    seen: int
    """How many observations it rests on [-]."""
    grid: Floats
    """ndarray of shape (n_points,), ascending [input's unit]."""
    weight: Floats
    """ndarray of shape (n_points,), sums to 1 [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The grid of one input: normal scores, the values there, and the log of the prior's weight."""

    z: Floats
    """ndarray of shape (n_points,), ascending [-]."""
    x: Floats
    """ndarray of shape (n_points,) [input's unit]."""
    log_prior: Floats
    """ndarray of shape (n_points,) [-]."""


@lru_cache(maxsize=256)
def scores(prior: Range, low: float = -REACH, high: float = REACH, points: int | None = None) -> Scores:
    """Return the grid of an input between two normal scores [-]; an input without a range is one point."""
    if prior.low == prior.high:
        return Scores(np.zeros(1), np.array([prior.value]), np.zeros(1))
    z = np.linspace(low, high, points or POINTS)
    # rounding belongs to the count, not to what is believed about it: a count is learned as a positive number
    family: Family = "share" if prior.family == "share" else "positive"
    x = quantile(prior.value, prior.low, prior.high, family, [NORMAL.cdf(score) for score in z])
    return Scores(z, x, -0.5 * z**2)


def joint(first: Range, second: Range, log_likelihood: LogLikelihood, seen: int) -> tuple[Posterior, Posterior]:
    """Return the posteriors of two inputs that are learned together, each with the other one integrated out."""
    # The grid draws closer round the weight, two steps wider than it on each side, until the weight fills it (Gelman et
    # al., *Bayesian Data Analysis*, 3rd ed., 2013, section 3.7).
    grids = scores(first), scores(second)
    weights = _weights(grids, log_likelihood)
    for _ in range(_CLOSER if seen else 0):
        spans = [_span(grid, weight) for grid, weight in zip(grids, weights, strict=True)]
        if all(2 * (high - low) >= grid.z[-1] - grid.z[0] for grid, (low, high) in zip(grids, spans, strict=True)):
            break
        grids = scores(first, *spans[0]), scores(second, *spans[1])
        weights = _weights(grids, log_likelihood)
    return _posterior(first, grids[0], weights[0], seen), _posterior(second, grids[1], weights[1], seen)


def alone(prior: Range, log_likelihood: Callable[[Floats], Floats], seen: int) -> Posterior:
    """Return the posterior of an input that is learned by itself."""
    known = Range("", 0.0, 0.0, 0.0, "positive")
    return joint(prior, known, lambda x, _: log_likelihood(x)[:, None], seen)[0]


def _weights(grids: tuple[Scores, Scores], log_likelihood: LogLikelihood) -> tuple[Floats, Floats]:
    """Return the two marginal weights of a grid, each summing to 1."""
    log_weight = log_likelihood(grids[0].x, grids[1].x) + grids[0].log_prior[:, None] + grids[1].log_prior[None, :]
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return weight.sum(axis=1), weight.sum(axis=0)


def _span(grid: Scores, weight: Floats) -> tuple[float, float]:
    """Return the scores between which the weight lies, two grid steps wider on each side."""
    held = np.flatnonzero(weight > _LEAST * weight.max())
    return float(grid.z[max(held[0] - 2, 0)]), float(grid.z[min(held[-1] + 2, len(grid.z) - 1)])


def _posterior(prior: Range, grid: Scores, weight: Floats, seen: int) -> Posterior:
    if seen == 0 or len(grid.x) == 1:
        low, value, high = prior.low, prior.value, prior.high
    else:
        low, value, high = (float(at) for at in quantiles(grid.x, weight, (0.1, 0.5, 0.9)))
    return Posterior(prior, value, low, high, seen, grid.x, weight)


def quantiles(x: Floats, weight: Floats, at: Sequence[float]) -> Floats:
    """Return quantiles [input's unit] of a law on a grid: each point's weight is spread to the middles beside it."""
    middle = np.concatenate(([x[0]], (x[1:] + x[:-1]) / 2, [x[-1]]))
    return np.asarray(np.interp(at, np.concatenate(([0.0], np.cumsum(weight))), middle))
