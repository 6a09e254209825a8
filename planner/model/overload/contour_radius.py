"""Which circle a tail probability is read off, and with how many points.

On the circle through the saddlepoint the integrand is as small as it can be and falls off, so that ten to some hundred
points give many digits *relative to the probability*, however large the limit is.

References
----------
Helstrom, *Approximate evaluation of detection probabilities in radar and optical communications*, IEEE Transactions on
Aerospace and Electronic Systems 14(4), 1978. Bornemann, *Accuracy and stability of computing high-order derivatives of
analytic functions by Cauchy integrals*, Foundations of Computational Mathematics 11, 2011. Daniels, *Tail probability
approximations*, International Statistical Review 55, 1987.
"""

import math

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Floats
from planner.model.overload import contour_sum
from planner.model.overload.contour_sum import LARGEST_EXPONENT, Circle, Complex, Compound

RADII = (1.0, 0.85, 0.7, 0.55, 0.4, 0.28, 0.2, 0.12, 1.2, 1.5, 2.0, 3.0, 4.0)
"""Radii that are tried, as multiples of the saddlepoint's logarithm; the saddlepoint first."""
ROUNDING = 1e-15
"""Relative size of rounding: an integrand larger than the result by more than the precision over this is no use."""
NOTHING = 7.0
"""Instants whose bound is a thousandth (e^-7) of the error allowed are over the limit never [-]."""
TIER = 0.4
"""Instants share a circle if their mean is at least so much of the highest among them [-]."""


def evaluate(
    compound: Compound, counts: Floats, load: Floats, rate: Floats, limit: int, precision: float
) -> tuple[Floats, Floats]:
    """Return P(X > L), and the rate of arrivals that lift X over L, for each row of counts at each instant.

    Units: counts [account]; load [Erlang]; rate [1/h]; returns [1/h].
    """
    means = contour_sum.mean(compound, counts[0], load)
    over, crossing = np.zeros((len(counts), len(means))), np.zeros((len(counts), len(means)))
    for upper in (True, False):
        left = np.flatnonzero(((means <= limit + 0.5) == upper) & (means > 0.0))
        scale = 1e-300 if upper else 1.0
        while len(left):
            tier, s, curvature, bound = _tier(compound, counts[0], load[:, left], limit, upper)
            if upper and bound < math.log(scale * precision) - NOTHING:
                break  # the rest is further from the limit
            together, left = left[tier], np.delete(left, tier)
            seen = load[:, together[_unlike(load[:, together])]]
            points = around(compound, counts[0], seen, limit, (s, curvature), precision, scale)
            found = contour_sum.probabilities(compound, counts, load[:, together], rate[:, together], limit, points)
            over[:, together], crossing[:, together] = found
            scale = max(scale, float(over[0, together].max()))
    return over, crossing


def _tier(
    compound: Compound, counts: Floats, load: Floats, limit: int, upper: bool
) -> tuple[npt.NDArray[np.int64], float, float, float]:
    """Return the instants that share the circle of the one closest to the limit, that one first, and its saddlepoint.

    At last comes the log of a bound on P(X > L) there, if it lies below the limit.

    The instant of the largest mean need not be the closest to the limit: young meetings may hold more than old ones.
    """
    mean = contour_sum.mean(compound, counts, load)
    closest = int(mean.argmax() if upper else mean.argmin())
    for _ in range(9):
        s, curvature = saddlepoint(compound, counts, load[:, closest], limit, upper)
        height = contour_sum.log_moment(compound, counts, load, s)
        top = int(height.argmax())
        if height[top] <= height[closest] + 0.05:
            break
        closest = top
    near = (height >= (TIER if upper else 1.0 / TIER) * height[closest]) & np.isfinite(height)
    near[closest] = False
    return np.concatenate([[closest], np.flatnonzero(near)]), s, curvature, float(height[closest]) - s * (limit + 1)


def _unlike(load: Floats) -> npt.NDArray[np.int64]:
    """Return the first instant and the most extreme others: a point that is small at these is small at all."""
    return np.unique(np.concatenate([[0], load.argmax(axis=1), load.sum(axis=0, keepdims=True).argmin(axis=1)]))


def saddlepoint(compound: Compound, counts: Floats, load: Floats, limit: int, upper: bool) -> tuple[float, float]:
    """Return log r of the circle on which the integrand is smallest.

    Units: counts [account]; load [Erlang].
    """
    mean, variance = contour_sum.slopes(compound, counts, load, 0.0)
    gap = limit - mean
    root = math.sqrt(gap * gap + 4.0 * variance)
    # e^(s largest mark) must not overflow; below -40 the circle is a point
    low, high = (0.0, LARGEST_EXPONENT / (compound.marks.shape[1] - 1)) if upper else (-40.0, 0.0)
    if upper:
        # what counts of a mark is at least one step, so the first derivative is at least the mean times e^s
        high = min(high, max(0.7, math.log((limit + 2.0) / mean)))
    s = (gap + root) / (2.0 * variance) if upper else (gap - root) / (2.0 * variance)
    if not low < s < high:
        s = 0.5 * (low + high)
    for _ in range(60):
        first, second = contour_sum.slopes(compound, counts, load, s)
        target, pole = limit - 1.0 / math.expm1(-s), math.exp(-s) / math.expm1(-s) ** 2
        low, high = (low, s) if first > target else (s, high)
        following, there = low, False
        if math.isfinite(first) and target > 0.0:
            # the logarithm of the derivative is close to a straight line, but for a singularity
            off = math.log(first / target)
            following, there = s - off / (second / first + pole / target), abs(off) <= 0.05
        elif math.isfinite(first):
            following = s - (first - target) / (second + pole)
            there = abs(following - s) <= 0.02 * abs(s)
        if there:
            break
        s = following if low < following < high else 0.5 * (low + high)
    return s, second + pole


def around(
    compound: Compound,
    counts: Floats,
    load: Floats,
    limit: int,
    saddle: tuple[float, float],
    precision: float,
    scale: float,
) -> Circle:
    """Return the points of a circle from which the probabilities at some instants follow.

    Units: counts [account]; load [Erlang].

    Notes
    -----
    N points, half a step off the real axis, give P(X > L) plus the sum over q = ±1, ±2, … of (-1)^q P(X > L + q N)
    r^(q N) (for r < 1 with the complements). The terms of one side are at most r^-N each, and known exactly as soon as
    N > L; the other side is held by Chernoff's bound. The radius is the one that needs the fewest points: the
    saddlepoint's, or a smaller one where the saddlepoint lies close to a singularity (few accounts of large spread).
    """
    best, curvature = saddle
    upper = best > 0.0
    reach = np.array([part for part in RADII if abs(best) * part * compound.marks.shape[1] < LARGEST_EXPONENT])
    tried = best * reach
    height = contour_sum.log_moment_along(compound, counts, load[:, 0], tried) - tried * limit
    size = height[0] - math.log(abs(math.expm1(best))) - 0.5 * math.log(2.0 * math.pi * curvature)
    target = max(size, math.log(scale)) + math.log(precision)
    fewest, s = math.inf, best
    for radius, top in zip(tried, height, strict=True):
        lost = top - math.log(abs(math.expm1(radius))) - target
        if abs(radius / best - 0.925) > 0.1 and lost > -math.log(ROUNDING):
            continue
        wrapped = -target / abs(radius)
        further = np.abs(tried) > abs(radius)
        gain = (height[further] - target) / (np.abs(tried[further]) - abs(radius))
        beyond = gain.min(initial=math.inf)
        points = max(min(wrapped, limit + 1.0), beyond) if upper else max(wrapped, min(beyond, limit + 1.0))
        if points < fewest:
            fewest, s = points, float(radius)
    n = _round_number(max(8, math.ceil(fewest)))
    log_z = s + 2j * math.pi / n * (np.arange(n // 2) + 0.5)
    phi = _generating(compound.marks, s, n)
    size_there = _size(compound, counts, load, phi) - s * limit - np.log(np.abs(np.expm1(log_z)))
    kept = (size_there > target - 4.0).any(axis=0)
    known = 1.0 / (math.exp(min(700.0, s * n)) + 1.0) if n > limit else 0.0
    return Circle(log_z[kept], phi[:, kept], 2.0 / n, known if upper else 1.0)


def _round_number(needed: int) -> int:
    """Return an even number with small factors that is at least `needed`, for the transform."""
    unit = 1 << max(1, needed.bit_length() - 4)
    return -(-needed // unit) * unit


def _generating(marks: Floats, s: float, n: int) -> Complex:
    """Return phi - 1 at the n / 2 points of the upper half circle of radius e^s, ndarray of shape (n_bands, n / 2)."""
    v = np.arange(marks.shape[1])
    tilted = marks * np.exp(s * v + 1j * math.pi / n * v)
    turns = -(-len(v) // n)
    folded = np.zeros((len(marks), turns * n), dtype=np.complex128)
    folded[:, : len(v)] = tilted
    phi: Complex = np.fft.ifft(folded.reshape(len(marks), turns, n).sum(axis=1), axis=1)[:, : n // 2] * n - 1.0
    return phi


def _size(compound: Compound, counts: Floats, load: Floats, phi: Complex) -> Floats:
    """Return log |E[z^X]|, ndarray of shape (n_instants, n_points)."""
    total = np.zeros((load.shape[1], phi.shape[1]))
    for n, kappa, rows in zip(counts, compound.kappas, compound.bands, strict=True):
        if n > 0.0:
            total += n * contour_sum.account_exponent(load[rows, :, None] * phi[rows, None, :], kappa).real
    return total
