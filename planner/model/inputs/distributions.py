"""Uncertain inputs: a range becomes a quantile function, and each named input draws from a stream of its own."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Family = Literal["positive", "share", "count", "limit"]

NORMAL = NormalDist()
Z90 = NORMAL.inv_cdf(0.9)
"""1.2816: how many standard deviations the 90 % quantile of a normal lies above its median [-]."""


@dataclass(frozen=True, slots=True)
class Range:
    """One uncertain input: in 8 of 10 cases it lies between `low` and `high`, as often above `value` as below."""

    path: str
    """Of the scenario, e.g. "usage.everyone.meetings"."""
    value: float
    low: float
    high: float
    """The median, what 10 % lie below, what 10 % lie above [its base unit]."""
    family: Family
    """positive: any size above 0; share: between 0 and 1; count: whole, rounded; limit: whole, rounded down."""
    least: float = 0.0
    most: float = math.inf
    """No draw lies outside, however far the tails of a wide range reach [its base unit]."""


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of the input `name`: the same for the same seed and name, whatever else is drawn."""
    if seed < 0:
        raise ValueError(f"a seed is 0 or more, found {seed}")
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    words = [int.from_bytes(digest[k : k + 4], "little") for k in range(0, 16, 4)]
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=words))


def quantile(value: float, low: float, high: float, family: Family, u: npt.ArrayLike) -> Floats:
    """Return the quantiles at `u` [-] of the range: its median is `value`, 10 % lie below `low`, 10 % above `high`."""
    # With s = z/1.2816 and z the normal quantile of u, the two-piece log-normal is value (high/value)^s above the
    # median and value (value/low)^s below it; a share moves the same way on the logit scale. A side of which one
    # end is 0 (or 1, for a share) has no logarithm there: it is straight, and what would pass 0 or 1 stays at it.
    top = 1.0 if family == "share" else np.inf
    if not 0.0 <= low <= value <= high <= top or not np.isfinite(high):
        raise ValueError(f"a {family} needs 0 <= low <= value <= high <= {top:g}, found {low:g}, {value:g}, {high:g}")
    # 12 digits: u = 0.1 and u = 0.9 must give s = -1 and 1, though neither they nor z are exact in binary
    z = np.fromiter(map(NORMAL.inv_cdf, np.atleast_1d(u).tolist()), dtype=np.float64)
    s = np.round(z / Z90, 12)
    above = _side(value, high, top, np.maximum(s, 0.0))
    below = _side(value, low, top, np.maximum(-s, 0.0))
    x = np.where(s > 0, above, below)
    if family == "count":
        return np.floor(x + 0.5)
    # 1e-9: a limit of 200 must not become 199 by the last bit of a power
    return np.floor(x * (1 + 1e-9)) if family == "limit" else x


def middle(low: float, high: float, family: Family) -> tuple[float, str]:
    """Return the value between two ends on the scale of `quantile` [their base unit], and that scale in words."""
    top = 1.0 if family == "share" else math.inf
    if {low, high} & {0.0, top}:
        return (low + high) / 2, "halfway between the two"
    if family == "share":
        return 1 / (1 + math.exp(-(_logit(low) + _logit(high)) / 2)), "the middle by odds, the scale of shares"
    return math.sqrt(low * high), "the middle by ratio: as many times the low as the high is of it"


def _side(value: float, end: float, top: float, s: Floats) -> Floats:
    """Return one side of a range, from `value` at s = 0 through `end` at s = 1, within 0 and `top`."""
    if end == value:
        return np.full_like(s, value)
    if {value, end} & {0.0, top}:
        return np.clip(value + s * (end - value), 0.0, top)
    if top == 1.0:
        start, step = _logit(value), _logit(end) - _logit(value)
        return np.asarray(1 / (1 + np.exp(-(start + s * step))))
    return np.asarray(value * (end / value) ** s)


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share)


def draws(ranges: Sequence[Range], n: int, seed: int) -> dict[str, Floats]:
    """Return `n` draws of each range by its path, stratified: each n-th of the probability holds exactly one draw."""
    # Latin hypercube: McKay, Beckman, Conover, A comparison of three methods for selecting values of input variables,
    # Technometrics 21(2), 1979.
    if n < 1:
        raise ValueError(f"at least one draw is needed, found {n}")
    result: dict[str, Floats] = {}
    for item in ranges:
        if item.path in result:
            raise ValueError(f"{item.path}: drawn twice")
        rng = stream(seed, item.path)
        u = (rng.permutation(n) + np.clip(rng.random(n), 1e-9, 1 - 1e-9)) / n
        drawn = quantile(item.value, item.low, item.high, item.family, u)
        result[item.path] = np.clip(drawn, item.least, item.most)
    return result


def normal_scores(values: Floats, weight: Floats | None = None) -> Floats:
    """Return standard normal scores of the ranks, ndarray of shape (D,) [-]; equal values have one score."""
    distinct, place = np.unique(values, return_inverse=True)
    mass = np.bincount(place, weight, len(distinct))
    middle = (np.cumsum(mass) - 0.5 * mass) / max(float(mass.sum()), 1e-300)
    return _quantiles(middle.tobytes())[place]


@lru_cache(maxsize=4)
def _quantiles(ranks: bytes) -> Floats:
    """Return the standard normal law's quantiles at ranks [-]; most inputs have the same."""
    return np.array([NORMAL.inv_cdf(u) for u in np.clip(np.frombuffer(ranks), 1e-6, 1.0 - 1e-6).tolist()])
