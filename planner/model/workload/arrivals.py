"""From accounts to meetings in progress: arrival rate and holding time give the offered load on the week's grid.

A level's duration limit ends a meeting, so the holding time is S = min(log-normal, limit). The arrival rate is constant
within a 5-minute bin, so the offered load at any instant is a finite sum of closed-form integrals of P(S > s): exact
up to rounding, not a quadrature.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BIN, BINS_PER_WEEK, HOURS_PER_WEEK, Floats, Kind

TAIL = 1e-12
"""What may remain of a holding time's tail when it has been folded round the week [h]."""
ROUNDING = 1e-15
"""What is less than this share of the busiest load is rounding [-]."""
NEAR_WEEKS = 4
"""So many weeks of a tail without limit are folded bin by bin, the rest of it as a smooth curve."""


def mean_holding_time(kind: Kind, age: float = math.inf) -> float:
    """Return E[min(S, age)] [h]: the mean holding time after the level's cut, or the part of it before an age [h]."""
    return float(_survival_integral(kind.duration, kind.duration_cv, kind.duration_limit, np.array([age]))[0])


def offered_load(kind: Kind, ages: tuple[float, float] = (0.0, math.inf), at: Sequence[float] = (0.0,)) -> Floats:
    """Return the meetings in progress [Erlang] of an account that starts one meeting of this kind a week, by bin."""
    # The mean of M_t/G/infinity, m(t) = integral over s in [from, to) of lambda(t - s) P(S > s) ds (Eick, Massey,
    # Whitt, Operations Research 41(4), 1993). With lambda constant in each bin it is a circular convolution with the
    # integrals of P(S > s) over the bins' ages. Times `demand.meetings * kind.share` it is that of one account of a
    # class.
    key = (kind.duration, kind.duration_cv, kind.duration_limit)
    return _offered_load(*key, ages, tuple(at), kind.shape.tobytes())


@lru_cache(maxsize=256)
def _offered_load(
    mean: float, cv: float, limit: float, ages: tuple[float, float], at: tuple[float, ...], shape: bytes
) -> Floats:
    """Return `offered_load`; kept, because nodes, resources and levels ask for the same one again."""
    reach = _reach(mean, cv, min(limit, ages[1]))
    smooth = math.isinf(min(limit, ages[1])) and ages[0] < NEAR_WEEKS * HOURS_PER_WEEK
    bins = math.ceil(min(reach, NEAR_WEEKS * HOURS_PER_WEEK if smooth else reach) / BIN) + 1
    weeks = -(-(bins + 1) // BINS_PER_WEEK)
    if smooth and reach > NEAR_WEEKS * HOURS_PER_WEEK:
        bins, weeks = NEAR_WEEKS * BINS_PER_WEEK - 1, NEAR_WEEKS
    # the age of what started in the bin j bins ago lies between these two edges, seen from each instant
    edges = (np.arange(-1, bins + 1)[None, :] + np.array(at)[:, None]) * BIN
    kernel = np.zeros((len(at), weeks * BINS_PER_WEEK))
    kernel[:, : bins + 1] = np.diff(_survival_integral(mean, cv, limit, np.clip(edges, *ages)), axis=1)
    kernel = kernel.reshape(len(at), weeks, BINS_PER_WEEK).sum(axis=1)
    if smooth and reach > NEAR_WEEKS * HOURS_PER_WEEK:
        kernel += np.diff(_far_weeks(mean, cv, reach)(edges[:, : BINS_PER_WEEK + 1]), axis=1)
    load = np.fft.irfft(np.fft.rfft(kernel, axis=1) * _spectrum(shape), BINS_PER_WEEK, axis=1).T / HOURS_PER_WEEK
    load[load < ROUNDING * load.max()] = 0.0  # the transform leaves some ±1e-17 where nothing is in progress
    load.setflags(write=False)
    return load


@lru_cache(maxsize=64)
def _spectrum(shape: bytes) -> npt.NDArray[np.complex128]:
    return np.fft.rfft(np.frombuffer(shape))


def _reach(mean: float, cv: float, limit: float) -> float:
    """Return the age at which a meeting is over, but for TAIL [h]."""
    whole = float(_survival_integral(mean, cv, limit, np.array([math.inf]))[0])
    reach = min(limit, HOURS_PER_WEEK)
    while reach < limit and whole - float(_survival_integral(mean, cv, limit, np.array([reach]))[0]) >= TAIL:
        reach = min(limit, reach * 2)
    return reach


def _far_weeks(mean: float, cv: float, reach: float) -> np.polynomial.Chebyshev:
    """Return the integral of P(S > s), summed over the weeks from NEAR_WEEKS on, by the age within the week [h]."""
    # a heavy tail goes on for thousands of weeks, but is smooth there: a polynomial through 16 points stands for it
    begins = np.arange(NEAR_WEEKS, math.ceil(reach / HOURS_PER_WEEK), dtype=np.float64) * HOURS_PER_WEEK

    def summed(age: Floats) -> Floats:
        reached = _survival_integral(mean, cv, math.inf, begins[None, :] + age[:, None])
        before = _survival_integral(mean, cv, math.inf, begins)
        total: Floats = (reached - before).sum(axis=1)
        return total

    return np.polynomial.Chebyshev.interpolate(summed, 15, domain=[-BIN, HOURS_PER_WEEK + BIN])


def _survival_integral(mean: float, cv: float, limit: float, age: Floats) -> Floats:
    """Return the integral of P(S > s) over s in [0, age], that is E[min(S, age)], for S with its limit."""
    # Log-normal of mu and sigma, x = min(age, limit): E[S] Phi((ln x - mu - sigma^2) / sigma) + x Phi(-(ln x - mu) /
    # sigma) (Johnson, Kotz, Balakrishnan, *Continuous Univariate Distributions* 1, 2nd ed. 1994, chapter 14, partial
    # moments).
    x = np.clip(age, 0.0, limit)
    if cv == 0.0:
        return np.minimum(x, mean)
    sigma2 = math.log1p(cv * cv)
    sigma = math.sqrt(sigma2)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (np.log(x) - math.log(mean) + sigma2 / 2) / sigma
        # x P(S > x) is 0 at both ends: at 0, and at infinity where P falls faster than x grows
        at_x = np.where(np.isinf(x), 0.0, x * normal(-z))
    return mean * normal(z - sigma) + at_x


def normal(z: Floats) -> Floats:
    """Return the standard normal distribution function [-] (Abramowitz, Stegun, 26.2.29)."""
    # numpy has no erfc; the standard library's is exact and quicker here than a series in numpy
    flat = np.fromiter(map(math.erfc, (z.ravel() * -math.sqrt(0.5)).tolist()), dtype=np.float64, count=z.size)
    return 0.5 * flat.reshape(z.shape)
