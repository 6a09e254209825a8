"""P(X > L), and the rate at which arrivals lift X over L, from the generating function on a circle.

With z_k = e^(s + 2 pi i (k + 1/2) / N) the mean over k of (E[z^X] - P(0)) z^-L / (z - 1) is P(X > L), less
(1 - P(0)) / (1 + e^(sN)), plus the alternating sum over q >= 1 of P(X > L + qN) e^(sqN). The first is known exactly as
soon as N > L, on any side of the unit circle; the rest is held by Chernoff's bound. Near the saddlepoint the integrand
falls off so fast that a few points carry the sum: those that don't count are left out.

Helstrom, *Approximate evaluation of detection probabilities in radar and optical communications*, IEEE Trans. Aerospace
and Electronic Systems 14(4), 1978. Bornemann, *Accuracy and stability of computing high-order derivatives of analytic
functions by Cauchy integrals*, Foundations of Computational Mathematics 11, 2011.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from planner.model.inputs.capacity import Floats
from planner.model.overload.contour_radius import ROUGH, Circle, choose, ends
from planner.model.overload.kernel import account_exponent, compiled, in_numpy
from planner.model.overload.occupancy_law import Complex, Compound, Ints

CUT = 100.0
"""Beyond the last point larger than this times the tolerance the sum fades out ..."""
TAPER = 1.6
"""... until so many times as many points."""
DEPTHS = (1.0, 0.75, 0.4, 0.15, 0.04)
"""Loads at which it is looked for, over the busiest; two of them for a rough sum."""
LOOKS = 24
"""Points at which it is looked for, near the real axis and all along."""
BLOCK, ALIKE = 256, 16
"""Draws on circles of as many points; and draws of which as many points count."""
THREADS = 2
COMPILED_FROM = 300
"""With so many draws times numbers of accounts times instants it pays to load numba."""


def tails(compound: Compound, extra: Floats, tolerance: float, least: float = 1e-300) -> tuple[Floats, Floats]:
    """Return P(X > L) [-], and the rate of arrivals that lift X over L [1/h]: by draw, row of `extra` and instant."""
    draws, instants = len(compound.limit), compound.load.shape[2]
    over, crossing = np.zeros((2, draws, len(extra), instants))
    over[compound.limit < 0] = 1.0
    left = np.flatnonzero((compound.limit >= 0) & np.isfinite(compound.limit))
    if not len(left):
        return over, crossing
    circle = choose(compound, extra, tolerance, left, least)
    # by the size of the work alone: the same numbers whatever the process has done before
    kernel = compiled() if draws * len(extra) * instants >= COMPILED_FROM else in_numpy
    order = np.argsort(circle.points, kind="stable")

    def work(first: int) -> None:
        rows = order[first : first + BLOCK]
        held = compound.only(left[rows])
        here = Circle(circle.s[rows], np.full(len(rows), circle.points[rows].max()), circle.scale[:, rows])
        phi, weight, known, last = _points(held, extra, here, tolerance)
        # numpy works on as many points of all draws of a block: those that need alike stand together
        for some in np.array_split(np.argsort(last, kind="stable"), -(-len(rows) // ALIKE)):
            few, its = int(last[some[-1]]), held.only(some)
            points = np.concatenate([phi[some, :, :few], phi[some, :, -1:]], axis=2)
            parts = (its.load, its.rate, points, weight[some, :few], known[some], its.owner)
            # numba compiles anew for every other order in memory
            each = map(np.ascontiguousarray, (*parts, its.kappa, its.summed, its.counts, extra))
            over[left[rows[some]]], crossing[left[rows[some]]] = kernel(*each)

    blocks = range(0, len(left), BLOCK)
    if len(blocks) > THREADS:
        # what is computed does not depend on which thread does it
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, blocks))
    else:
        for first in blocks:
            work(first)
    return np.clip(over, 0.0, 1.0), np.maximum(crossing, 0.0)


def _points(held: Compound, extra: Floats, circle: Circle, tolerance: float) -> tuple[Complex, Complex, Floats, Ints]:
    """Return phi - 1 at the points and at z = 0, each point's weight, what the sum lacks, and how many points count."""
    n, draws = int(circle.points[0]), np.arange(len(circle.s))
    angles = np.asarray(2.0 * math.pi / n * (np.arange(n // 2) + 0.5), dtype=np.float64)
    marks = held.marks.astype(np.float64)
    tilted = marks * np.exp(np.outer(circle.s, np.arange(marks.shape[2])))[:, None]
    whole = marks.sum(axis=2, keepdims=True)
    known = 1.0 / (1.0 + np.exp(np.minimum(circle.s * n, 700.0)))
    mean = held.mean(extra[-1])
    depths = DEPTHS[:2] if tolerance > ROUGH else DEPTHS

    def kernel(some: Ints) -> Complex:
        log_z = circle.s[:, None] + 1j * angles[some]
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.exp(-log_z * held.limit[:, None]) / (np.exp(log_z) - 1.0) * (2.0 / n))

    nobody = marks[:, :, :1] - whole
    # the integrand is looked at closely where it begins to fall, and at growing distances further out
    near = min(LOOKS, n // 2)
    looked = np.unique(np.concatenate([np.arange(near), np.geomspace(near, n // 2, LOOKS).astype(int) - 1]))
    seen = np.concatenate([_generating(tilted, angles[looked]) - whole, nobody], axis=2)
    there = np.abs(kernel(looked))
    size = np.full((len(draws), len(looked)), -np.inf)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for depth in depths:
            column = np.abs(mean - depth * mean.max(axis=1, keepdims=True)).argmin(axis=1)
            load = held.load[draws, :, column][:, :, None]
            for exponent, scale in zip(_exponents(held, ends(extra), load * seen), circle.scale, strict=True):
                moment = np.exp(exponent)
                # without P(0), which is known, the integrand falls off
                part = np.abs(moment[:, :-1] - moment[:, -1:]) * there
                size = np.maximum(size, np.nan_to_num(np.log(part), nan=700.0) - scale[:, None])
    matters = size > math.log(CUT * tolerance)
    # up to the next point that was looked at: it may fall off anywhere before that
    after = np.minimum(len(looked) - matters[:, ::-1].argmax(axis=1), len(looked) - 1)
    last = np.where(matters.any(axis=1), looked[after] + 1, 1)
    end = np.minimum(n // 2, np.ceil(TAPER * last) + 3.0)
    most = int(end.max())
    # cut off at once, what is left out would come back as ripples
    fade = np.clip((end[:, None] - np.arange(most)) / np.maximum(end - last, 1.0)[:, None], 0.0, 1.0)
    fade = np.where(end[:, None] == n // 2, 1.0, np.sin(0.5 * math.pi * fade) ** 2)
    weight: Complex = np.asarray(kernel(np.arange(most)) * fade, dtype=np.complex128)
    points: Complex = np.concatenate([_generating(tilted, angles[:most]) - whole, nobody], axis=2)
    return points, weight, known, end.astype(np.int64)


def _generating(tilted: Floats, angles: Floats) -> Complex:
    """Return phi at some points of each circle, from marks times r^v: ndarray of shape (D, B, n_angles)."""
    turns = np.outer(np.arange(tilted.shape[2]), angles)
    found = np.empty((*tilted.shape[:2], len(angles)), dtype=np.complex128)
    found.real, found.imag = tilted @ np.cos(turns), tilted @ np.sin(turns)
    return found


def _exponents(held: Compound, rows: Floats, bands: Complex) -> list[Complex]:
    """Return log E[z^X] with each row of further accounts, from load x (phi - 1) of each band; axis 1 is the bands'."""
    total = [np.zeros((bands.shape[0], bands.shape[2]), dtype=np.complex128) for _ in rows]
    for group in range(held.kappa.shape[1]):
        inner = bands[:, held.owner == group].sum(axis=1)
        there = held.summed[:, group, None] * inner
        accounts = [held.counts[:, group, None] + row[group] for row in rows]
        of_one = account_exponent(inner, held.kappa[:, group, None])[0] if any(n.any() for n in accounts) else 0.0
        total = [one + there + number * of_one for one, number in zip(total, accounts, strict=True)]
    return total
