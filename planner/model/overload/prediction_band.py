"""What a reading of a node may show through the week, its band and its whole law: over draws and traffic together."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BINS_PER_WEEK, HOURS_PER_WEEK, Floats, Ints
from planner.model.overload import measures
from planner.model.overload.busy_days import rule
from planner.model.overload.kernel import account_exponent, exp
from planner.model.overload.occupancy_law import Complex, Law
from planner.model.workload.marks import on_lattice

POINTS = 256
"""Lattice points up to the largest occupancy that is reckoned with, even [-]."""
DEVIATIONS = 9.0
"""… which lies so many standard deviations above the highest mean of any draw [-]."""
NEAR = 0.4
"""Hours share a lattice if their largest occupancy is at least so much of the largest among them [-]."""
SAME = 1.04
"""Hours are alike if their means are within this factor; the band is that of the most extreme of them [-]."""
OUTSIDE = (1.0 - 0.999) / 2.0
"""Chance that a reading is below the band, and that it is above [-]."""
CLOSE = 1.01
"""Instants whose means are within this factor share a law where all of it is wanted, not its end alone [-]."""
MOST_POINTS = 1024
"""Lattice points of such a law at most [-]."""
USUAL = (0.1, 0.9, 0.99)
"""Chance that a reading is at most the usual low, the usual high, and what a bad day brings [-]."""


def band(
    now: Sequence[Law],
    fewest: Sequence[float],
    then: Sequence[Law],
    most: Sequence[float],
    day_spread: Sequence[float] | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return the band in which a reading lies in each hour, now or then, and the USUAL then [the resource's unit]."""
    # E[z^X] is averaged over draws and days and inverted by a discrete Fourier transform: readings are one sample from
    # all of it and traffic. This is the one place where the kinds of chance are mixed.
    spread = np.zeros(len(now)) if day_spread is None else np.asarray(day_spread)
    now, weight = _over_days(now, spread)
    then, _ = _over_days(then, spread)
    low = _quantiles(now, weight, fewest, (OUTSIDE,), busiest=False)
    *usual, high = _quantiles(then, weight, most, (*USUAL, 1.0 - OUTSIDE), busiest=True)
    return low[0], high, np.array(usual)


def distributions(
    laws: Sequence[Law], extra: Sequence[float], day_spread: Sequence[float], bins: Ints
) -> list[tuple[float, Floats]]:
    """Return step [the resource's unit] and P(reading <= k steps), k = 0, 1, …, at each 5-minute bin of the week."""
    laws, weight = _over_days(laws, np.asarray(day_spread))
    counts = [law.counts + law.extra(extra) for law in laws]
    loads = [measures.loads(law, 0.0)[:, bins] for law in laws]
    mean = _mean(laws[0], counts[0], loads[0])
    level = np.round(np.log(np.maximum(mean, max(float(mean.max(initial=0.0)) * 1e-3, 1e-300))) / np.log(CLOSE))
    _, first, of_bin = np.unique(level, return_index=True, return_inverse=True)
    loads = [load[:, first] for load in loads]
    largest = np.max([_largest(law, n, load) for law, n, load in zip(laws, counts, loads, strict=True)], axis=0)
    found: list[tuple[float, Floats]] = [(1.0, np.ones(1))] * len(first)
    left = np.flatnonzero(largest > 0.0)
    while len(left):
        top = float(largest[left].max())
        chosen, left = left[largest[left] >= NEAR * top], left[largest[left] < NEAR * top]
        whole = laws[0].resource in ("rooms", "users")
        points = 2 ** int(np.ceil(np.log2(top + 2.0))) if whole and top + 2.0 < MOST_POINTS else MOST_POINTS
        step = max(1.0, top / points) if whole else top / points
        cumulative = _cumulative(laws, counts, [load[:, chosen] for load in loads], weight, step, points)
        for k, one in zip(chosen, cumulative, strict=True):
            found[k] = step, one
    return [found[k] for k in of_bin]


def _over_days(laws: Sequence[Law], spread: Floats) -> tuple[Sequence[Law], Floats]:
    """Return the laws of days that are quieter and busier by a factor that all their meetings share, with weights."""
    if not spread.any():
        return laws, np.ones(len(laws))
    factors, weights = rule(spread)
    # a draw has every other factor, the next draw those between: as many of each, at half the work
    own = (np.add.outer(np.arange(len(laws)), np.arange(factors.shape[1])) % 2 == 0) & (weights > 0.0)
    return [law.busier(b) for law, of, its in zip(laws, factors, own, strict=True) for b in of[its]], weights[own]


def _cumulative(
    laws: Sequence[Law], counts: Sequence[Floats], loads: Sequence[Floats], weight: Floats, step: float, points: int
) -> Floats:
    """Return P(X <= k steps) over draws and traffic, ndarray of shape (n_instants, points) [-]."""
    moment = np.zeros((loads[0].shape[1], points // 2 + 1), dtype=np.complex128)
    for law, n, load, share in zip(laws, counts, loads, weight, strict=True):
        moment += share * exp(_exponent(law, n, load, step, points))
    return np.asarray(np.cumsum(np.fft.irfft(moment / weight.sum(), points, axis=1), axis=1))


def _quantiles(
    laws: Sequence[Law], weight: Floats, extra: Sequence[float], levels: Sequence[float], busiest: bool
) -> Floats:
    """Return quantiles of each hour at its busiest or its quietest instant, ndarray of shape (n_levels, 168)."""
    counts = [law.counts + law.extra(extra) for law in laws]
    loads = [_at_extreme(law, n, busiest) for law, n in zip(laws, counts, strict=True)]
    distinct, hour_of = _alike(_mean(laws[0], counts[0], loads[0]), busiest)
    loads = [load[:, distinct] for load in loads]
    largest = np.max([_largest(law, n, load) for law, n, load in zip(laws, counts, loads, strict=True)], axis=0)
    found = np.zeros((len(levels), len(distinct)))
    # where nobody is there often enough the quantile is 0, and nothing needs to be inverted
    empty = [_nobody(law, n, load) for law, n, load in zip(laws, counts, loads, strict=True)]
    nobody = np.average(empty, axis=0, weights=weight)
    left = np.flatnonzero((largest > 0.0) & (nobody < max(levels)))
    while len(left):
        top = float(largest[left].max())
        chosen, left = left[largest[left] >= NEAR * top], left[largest[left] < NEAR * top]
        step = max(1.0, top / POINTS) if laws[0].resource in ("rooms", "users") else top / POINTS
        cumulative = _cumulative(laws, counts, [load[:, chosen] for load in loads], weight, step, POINTS)
        # where the lattice is not the resource's own the quantile lies between two points: widen to the outer one
        outer = 0.0 if step == 1.0 else (1.0 if busiest else -1.0)
        for row, level in zip(found, levels, strict=True):
            beyond = outer if level not in USUAL else 0.0
            at = np.maximum((cumulative < level).sum(axis=1) + beyond, 0.0) * step
            row[chosen] = np.where(nobody[chosen] < level, at, 0.0)
    return np.asarray(found[:, hour_of])


def _at_extreme(law: Law, counts: Floats, busiest: bool) -> Floats:
    """Return the load of one account of each band at the most extreme bin of each hour, shape (n_bands, 168)."""
    load = measures.loads(law, 0.0)
    mean = _mean(law, counts, load).reshape(-1, BINS_PER_WEEK // int(HOURS_PER_WEEK))
    within = mean.argmax(axis=1) if busiest else mean.argmin(axis=1)
    return np.asarray(load[:, np.arange(len(mean)) * mean.shape[1] + within])


def _mean(law: Law, counts: Floats, load: Floats) -> Floats:
    return np.asarray((counts[law.owner] * [band.mean for band in law.bands]) @ load)


def _alike(mean: Floats, busiest: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the most extreme hour of each set of hours with nearly the same mean, and each hour's set."""
    floor = max(float(mean.max()) * 1e-3, 1e-300)
    level = np.floor(np.log(np.maximum(mean, floor)) / np.log(SAME))
    _, hour_of = np.unique(level, return_inverse=True)
    order = np.argsort(-mean if busiest else mean, kind="stable")
    return order[np.unique(hour_of[order], return_index=True)[1]], hour_of


def _largest(law: Law, counts: Floats, load: Floats) -> Floats:
    """Return an occupancy that is hardly ever passed in each hour [the resource's unit]."""
    steps = np.arange(law.marks.shape[1]) * law.step
    first, second = law.marks @ steps, law.marks @ steps**2
    number = counts[law.owner]
    variance = (number * second) @ load
    for group, (n, kappa) in enumerate(zip(counts, law.kappa, strict=True)):
        rows = law.owner == group
        variance = variance + n * (first[rows] @ load[rows]) ** 2 / kappa
    return np.asarray((number * first) @ load + DEVIATIONS * np.sqrt(variance))


def _nobody(law: Law, counts: Floats, load: Floats) -> Floats:
    """Return P(X = 0) in each hour [-]."""
    nothing = law.marks[:, :1] - law.marks.sum(axis=1, keepdims=True)
    return np.asarray(np.exp(_of_accounts(law, counts, load, nothing.astype(np.complex128)).real[:, 0]))


def _exponent(law: Law, counts: Floats, load: Floats, step: float, points: int) -> Complex:
    """Return log E[z^X] at the roots of unity, ndarray of shape (n_instants, points / 2 + 1)."""
    steps = np.arange(law.marks.shape[1], dtype=np.float64) * law.step
    moved = np.zeros((len(load), points))
    for row, mark in zip(moved, law.marks, strict=True):
        on_new = on_lattice(steps, mark, step)[:points]
        row[: len(on_new)] = on_new
    phi = np.fft.rfft(moved, axis=1) - moved.sum(axis=1)[:, None]
    return _of_accounts(law, counts, load, phi)


def _of_accounts(law: Law, counts: Floats, load: Floats, phi: Complex) -> Complex:
    """Return log E[z^X] from the load of each band and its phi - 1, ndarray of shape (n_hours, points)."""
    total, pairs = np.zeros((load.shape[1], phi.shape[1]), dtype=np.complex128), phi.view(np.float64)
    for group, (n, kappa) in enumerate(zip(counts, law.kappa, strict=True)):
        if n > 0.0:
            bands = law.owner == group
            inner = (load[bands].T @ pairs[bands]).view(np.complex128)
            total += n * account_exponent(inner, np.asarray(kappa))[0]
    return total
