"""The four measures in many draws at once, to a few per cent: what draws are ranked by.

The same formulas as `overload`, on the few points of a sheaf; the inversion runs along short lines through the
saddlepoint of each draw, which serve for any number of further accounts that leaves the load about where it was.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import WEEKS_PER_MONTH, Floats
from planner.model.overload.draw_columns import EDGES, Ints, Sheaf
from planner.model.workload.arrivals import normal

Complex = npt.NDArray[np.complex128]

TIERS = (0, 6, 12)
"""Clusters that share a line through the saddlepoint begin here."""
POINTS = 12
"""Points on half of a line."""
SPACING, STRETCH = 0.7, 0.15
"""Distance of the first of them, over 1/(standard deviation of the tilted law), and how it grows."""
BLOCK = 64
"""Draws that are worked on together: what they need stays in the processor's cache."""
NOTHING = -1e4
"""Stands for the logarithm of nothing [-]."""
CLOSE = 0.2
"""How near to the saddlepoint a line runs, over the standard deviation of the tilted law [-]."""
NEAR = 0.35
"""A line serves numbers of accounts with which the log of the busiest load is no further from its own than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The generating functions along a line through each draw's saddlepoint, ready for any number of accounts."""

    busiest: Floats
    """log of the mean at the busiest instant that the saddlepoint was found for, ndarray of shape (D,) [-]."""
    kernel: Complex
    """log of what each point weighs, ndarray of shape (D, T, POINTS)."""
    exponent: Complex
    """log E[z^X] of the members, then of one account of each newcomer, ndarray of shape (1 + N, D, T, POINTS)."""
    crossing: Complex
    """Rate of arrivals times what each does to z^X, in the same order and shape."""


def line(sheaf: Sheaf, extra: Sequence[float]) -> Line:
    """Return the generating functions along lines through each draw's saddlepoints, one for each tier of clusters.

    Units: extra [account].
    """
    counts = sheaf.with_extra(extra)
    exponent = np.empty((1 + len(sheaf.newcomers), *sheaf.load.shape[::2], POINTS), dtype=np.complex128)
    crossing, kernel = np.empty_like(exponent), np.empty(exponent.shape[1:], dtype=np.complex128)
    j = np.arange(POINTS)
    # sinh: a few busy accounts leave a tail that falls by powers only, so the points reach ever further out
    reach, stretched = np.sinh(STRETCH * j) / STRETCH, np.cosh(STRETCH * j) * np.where(j == 0, 1.0, 2.0) / (2 * math.pi)
    # the first column is the busiest instant, which belongs to the first tier
    bounds = [0, *(1 + first for first in TIERS[1:]), sheaf.load.shape[2]]
    s: Floats | None = None
    for first, (begin, end) in zip(TIERS, itertools.pairwise(bounds), strict=True):
        s, deviation = _saddlepoint(sheaf, counts, EDGES[first], s)
        spacing = (SPACING / deviation)[:, None]
        theta = spacing * reach
        z_log = s[:, None] + 1j * theta
        # a lattice repeats itself beyond pi
        weight = np.where(theta <= math.pi, np.log(spacing * stretched), NOTHING)
        kernel[:, begin:end] = (weight - _log(np.exp(z_log) - 1.0) - z_log * sheaf.limit[:, None])[:, None]
        for draw in range(0, len(s), BLOCK):
            rows, columns = slice(draw, draw + BLOCK), slice(begin, end)
            _fill(exponent[:, rows, columns], crossing[:, rows, columns], sheaf, z_log[rows], rows, columns)
    return Line(_busiest(sheaf, counts), kernel, exponent, crossing)


def _fill(exponent: Complex, crossing: Complex, sheaf: Sheaf, z_log: Complex, rows: slice, columns: slice) -> None:
    """Fill in exponent and crossing of the members, then of one account of each newcomer, for some draws."""
    # real and imaginary part apart: numpy's complex exponential takes many times as long as its sine and cosine
    weighted = sheaf.law[rows] * np.exp(z_log.real[:, :1] * sheaf.mark[rows])[:, None, :]
    angle = sheaf.mark[rows, :, None] * z_log.imag[:, None, :]
    phi = _complex(weighted @ np.cos(angle) - 1.0, weighted @ np.sin(angle))
    exponent[:], crossing[:] = 0.0, 0.0
    for group in range(sheaf.counts.shape[1]):
        bands, kappa = sheaf.bands(group), sheaf.kappa[rows, group, None, None]
        held = _times(sheaf.load[rows, bands, columns], phi[:, bands])
        bracket = 1.0 - held / kappa
        of_one = -kappa * _log(bracket)
        started = _times(sheaf.rate[rows, bands, columns], phi[:, bands]) / bracket
        exponent[0] += sheaf.counts[rows, group, None, None] * of_one
        crossing[0] += sheaf.counts[rows, group, None, None] * started
        for row, newcomer in enumerate(sheaf.newcomers, start=1):
            if newcomer == group:
                exponent[row] = of_one
                crossing[row] = started


def _complex(real: Floats, imaginary: Floats) -> Complex:
    result = np.empty(real.shape, dtype=np.complex128)
    result.real, result.imag = real, imaginary
    return result


def _times(load: Floats, phi: Complex) -> Complex:
    """Return the sum over the bands of load times phi at each column and point, ndarray of shape (D, T, POINTS)."""
    if load.shape[1] == 1:
        return np.asarray(load[:, 0, :, None] * phi[:, 0, None, :])
    across = load.transpose(0, 2, 1)
    return _complex(across @ phi.real, across @ phi.imag)


def _log(x: Complex) -> Complex:
    """Return the logarithm of complex numbers; numpy's own takes many times as long."""
    result = np.empty_like(x)
    result.real = 0.5 * np.log(x.real**2 + x.imag**2)
    result.imag = np.arctan2(x.imag, x.real)
    return result


def _moments(sheaf: Sheaf, counts: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of X at each cluster, ndarrays of shape (D, T)."""
    first = np.einsum("dbg,dg->db", sheaf.law, sheaf.mark)
    second = np.einsum("dbg,dg->db", sheaf.law, sheaf.mark**2)
    mean = np.zeros((len(counts), sheaf.load.shape[2]))
    variance = np.zeros_like(mean)
    for group in range(counts.shape[1]):
        bands = sheaf.bands(group)
        of_one = np.einsum("db,dbt->dt", first[:, bands], sheaf.load[:, bands])
        mean += counts[:, group, None] * of_one
        spread = of_one**2 / sheaf.kappa[:, group, None]
        variance += counts[:, group, None] * (np.einsum("db,dbt->dt", second[:, bands], sheaf.load[:, bands]) + spread)
    return mean, variance


def _busiest(sheaf: Sheaf, counts: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(_moments(sheaf, counts)[0].max(axis=1), 1e-300)))


def _saddlepoint(sheaf: Sheaf, counts: Floats, depth: float, start: Floats | None) -> tuple[Floats, Floats]:
    """Return the s > 0 that minimises E[e^(s X)] e^(-s L) / (e^s - 1) at a depth below the busiest load, and sd.

    A line need not run through it exactly: `CLOSE` standard deviations will do. `start` is that of a busier load.
    """
    mean, variance = _moments(sheaf, counts)
    # the busiest load scaled down: a cluster at that depth may be empty
    load = sheaf.load[:, :, 0] * math.exp(-depth)
    gap = sheaf.limit - mean[:, 0] * math.exp(-depth)
    spread = np.maximum(variance[:, 0] * math.exp(-depth), 1e-12)
    if start is None:
        start = np.minimum((gap + np.sqrt(gap**2 + 4 * spread)) / (2 * spread), 40.0 / sheaf.mark[:, -1])
    s, furthest = start.copy(), np.minimum(400.0 / sheaf.mark[:, -1], 30.0)
    low, high, second = np.zeros_like(s), np.full_like(s, np.inf), np.full_like(s, np.inf)
    left = np.arange(len(s))
    for _ in range(60):
        here = s[left]
        first, second[left] = _slopes(sheaf, counts, load, here, left)
        step, there = _step(first, second[left], sheaf.limit[left], here)
        beyond = ~np.isfinite(first) | (step < 0)
        high[left], low[left] = np.where(beyond, here, high[left]), np.where(beyond, low[left], here)
        halved = 0.5 * (low[left] + np.where(np.isfinite(high[left]), high[left], 3.0 * here))
        new = here + step
        # where nobody is, the saddlepoint is at infinity
        new = np.minimum(np.where((new > low[left]) & (new < high[left]), new, halved), furthest[left])
        there |= (new == furthest[left]) & (here == furthest[left])
        s[left] = np.where(there, here, new)
        left = left[~there]
        if not len(left):
            break
    # what was not found in time: what lies below the saddlepoint is inside the domain
    s[left] = np.where(low[left] > 0, low[left], 0.1 * s[left])
    curvature = np.where(np.isfinite(second), second, spread) + np.exp(-s) / np.expm1(-s) ** 2
    return s, np.sqrt(np.maximum(curvature, 1e-9))


def _step(first: Floats, second: Floats, limit: Floats, s: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the way to the saddlepoint by the slopes at s, nan outside the domain, and where s is close enough.

    The logarithm of the first derivative is close to a straight line, but for a pole at the edge of the domain. There
    each step is short, so that not the step says whether s is close but how far off the slope is.
    """
    wanted, pole = limit + 1.0 / -np.expm1(-s), np.exp(-s) / np.expm1(-s) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        by_log = -np.log(first / wanted) / (second / first + pole / wanted)
        step = np.where((wanted > 0) & (first > 0), by_log, (wanted - first) / (second + pole))
        close = np.isfinite(first) & (np.abs(first - wanted) <= CLOSE * np.sqrt(second + pole))
    return step, np.asarray(close)


def _slopes(sheaf: Sheaf, counts: Floats, load: Floats, s: Floats, rows: Ints) -> tuple[Floats, Floats]:
    """Return the first two derivatives of log E[e^(s X)] for some of the draws; inf where it does not exist."""
    mark, law, load = sheaf.mark[rows], sheaf.law[rows], load[rows]
    weight = np.exp(np.minimum(s[:, None] * mark, 600.0))
    moments = [np.einsum("dbg,dg->db", law, weight * mark**power) for power in range(3)]
    first, second = np.zeros_like(s), np.zeros_like(s)
    # beyond its domain the moments overflow, and are not looked at
    with np.errstate(over="ignore", invalid="ignore"):
        for group in range(counts.shape[1]):
            bands = sheaf.bands(group)
            kappa = sheaf.kappa[rows, group]
            a, a1, a2 = ((load[:, bands] * moments[power][:, bands]).sum(axis=1) for power in range(3))
            a -= load[:, bands].sum(axis=1)
            bracket = 1.0 - a / kappa
            there = a < 0.99 * kappa
            bracket = np.where(there, bracket, 1.0)
            n = counts[rows, group]
            first += np.where(there, n * a1 / bracket, np.inf)
            second += np.where(there, n * (a2 / bracket + a1**2 / (kappa * bracket**2)), np.inf)
    return first, second


def measures(sheaf: Sheaf, line: Line, extra: Sequence[float]) -> Floats:
    """Return the four measures in each draw with so many further accounts.

    Units: extra [account]; returns [min/month], [1/month].
    """
    counts = sheaf.with_extra(extra)
    exponent, crossing = line.exponent[0].copy(), line.crossing[0].copy()
    for number, of_one, started in zip(extra, line.exponent[1:], line.crossing[1:], strict=True):
        exponent += number * of_one
        crossing += number * started
    mean, variance = _moments(sheaf, counts)
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    # near the mean and beyond it the saddlepoint runs into the pole at z = 1, and no bound asks for digits there
    common = mean > sheaf.limit[:, None] - 0.3 * deviation
    with np.errstate(over="ignore", invalid="ignore"):
        exponent += line.kernel
        size = np.exp(exponent.real)
        real, imaginary = size * np.cos(exponent.imag), size * np.sin(exponent.imag)
        over = np.clip(np.nan_to_num(real.sum(axis=2), nan=1.0), 0.0, 1.0)
        starts = (real * crossing.real - imaginary * crossing.imag).sum(axis=2)
        starts = np.maximum(np.nan_to_num(starts), 0.0)
    gap = (mean - sheaf.limit[:, None] - 0.5) / deviation
    per_hour = np.exp(-0.5 * gap**2) / math.sqrt(2 * math.pi) / deviation * _marks_started(sheaf, counts)
    over, starts = np.where(common, normal(gap), over), np.where(common, per_hour, starts)
    # over even when empty; and nobody there is never over
    over = np.where(sheaf.limit[:, None] < 0, 1.0, np.where(mean > 0, over, 0.0))
    starts = np.where((sheaf.limit[:, None] < 0) | (mean <= 0), 0.0, starts)
    return _measures(over, starts, sheaf)


def _marks_started(sheaf: Sheaf, counts: Floats) -> Floats:
    """Return what starting meetings add to X in an hour, ndarray of shape (D, T) [step/h]."""
    first = np.einsum("dbg,dg->db", sheaf.law, sheaf.mark)
    return np.asarray(np.einsum("db,dbt->dt", counts[:, sheaf.owner] * first, sheaf.rate))


def _measures(over: Floats, starts: Floats, sheaf: Sheaf) -> Floats:
    minutes = 60 * (over * sheaf.hours).sum(axis=1) * WEEKS_PER_MONTH
    episodes = over[:, -1] + (starts * sheaf.hours).sum(axis=1)
    return np.stack([over[:, 0], minutes, episodes * WEEKS_PER_MONTH, np.minimum(1.0, episodes)])


def near(sheaf: Sheaf, line: Line, extra: Sequence[float]) -> bool:
    """Return whether a line serves so many further accounts.

    Units: extra [account].
    """
    return bool(np.median(np.abs(_busiest(sheaf, sheaf.with_extra(extra)) - line.busiest)) <= NEAR)
