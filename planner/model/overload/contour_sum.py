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
from planner.model.overload.kernel import Kernel, account_exponent, compiled, exp, in_numpy
from planner.model.overload.occupancy_law import Complex, Compound, Ints

CUT = 100.0
"""Beyond the last point larger than this times the tolerance the sum fades out ..."""
TAPER = 1.6
"""... until so many times as many points."""
DEPTHS = (1.0, 0.4, 0.75, 0.15, 0.04)
"""Loads at which it is looked for, over the busiest; the first two for a rough sum."""
LOOKS = 24
"""Points at which it is looked for, near the real axis and all along."""
BLOCK, ALIKE = 256, 16
"""Draws on circles of as many points; and draws of which as many points count."""
THREADS = 2
COMPILED_FROM = 300
"""With so many draws times numbers of accounts times instants the compiled loops are quicker."""


def tails(compound: Compound, extra: Floats, tolerance: float, least: float = 1e-300) -> tuple[Floats, Floats]:
    """Return P(X > L) [-], and the rate of arrivals that lift X over L [1/h]: by draw, row of `extra` and instant."""
    draws, instants = len(compound.limit), compound.load.shape[2]
    over, crossing = np.zeros((2, draws, len(extra), instants))
    over[compound.limit < 0] = 1.0
    left = np.flatnonzero((compound.limit >= 0) & np.isfinite(compound.limit))
    if not len(left):
        return over, crossing
    circle = choose(compound, extra, tolerance, left, least)
    # what is this rare is told apart from nothing by nobody
    told = np.flatnonzero(circle.scale[-1] > math.log(least))
    circle, left = circle.only(told), left[told]
    # by the size of the work alone: the same numbers whatever the process has done before
    kernel: Kernel = compiled() if draws * len(extra) * instants >= COMPILED_FROM else in_numpy
    order = np.argsort(circle.points, kind="stable")

    def work(first: int) -> None:
        rows = order[first : first + BLOCK]
        held = compound.only(left[rows])
        here = Circle(circle.s[rows], np.full(len(rows), circle.points[rows].max()), circle.scale[:, rows])
        last, end = _counted(held, extra, here, tolerance)
        turns = _turns(held, here, np.arange(int(end.max())))
        # as many points of all draws that are worked on at once: those that need alike stand together
        for some in np.array_split(np.argsort(end, kind="stable"), -(-len(rows) // ALIKE)):
            its = held.only(some)
            phi, weight, known = _points(its, here.only(some), turns, last[some], end[some])
            parts = (its.load, its.rate, phi, weight, its.owner)
            # numba compiles anew for every other order in memory
            each = map(np.ascontiguousarray, (*parts, its.kappa, its.summed, its.counts, extra))
            more, crossing[left[rows[some]]] = kernel(*each)
            over[left[rows[some]]] = more + known[:, None, None]

    blocks = range(0, len(left), BLOCK)
    if len(blocks) > THREADS:
        # what is computed does not depend on which thread does it
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, blocks))
    else:
        for first in blocks:
            work(first)
    return np.clip(over, 0.0, 1.0), np.maximum(crossing, 0.0)


def _counted(held: Compound, extra: Floats, circle: Circle, tolerance: float) -> tuple[Ints, Ints]:
    """Return the last point that counts on each draw's circle, and where the sum has faded out."""
    half = int(circle.points[0]) // 2
    mean = held.mean(extra[-1])
    depths = DEPTHS[:2] if tolerance > ROUGH else DEPTHS
    # the integrand is looked at closely where it begins to fall, and at growing distances further out
    near = min(LOOKS, half)
    looked = np.unique(np.concatenate([np.arange(near), np.geomspace(near, half, LOOKS).astype(int) - 1]))
    seen = _phi(held, circle, _turns(held, circle, looked))
    there = np.abs(_weight(held, circle, looked))
    size = np.full((len(circle.s), len(looked)), -np.inf)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for depth in depths:
            column = np.abs(mean - depth * mean.max(axis=1, keepdims=True)).argmin(axis=1)
            load = held.load[np.arange(len(circle.s)), :, column][:, :, None]
            for exponent, scale in zip(_exponents(held, ends(extra), load * seen), circle.scale, strict=True):
                moment = exp(exponent)
                # without P(0), which is known, the integrand falls off
                part = np.abs(moment[:, :-1] - moment[:, -1:]) * there
                size = np.maximum(size, np.nan_to_num(np.log(part), nan=700.0) - scale[:, None])
    matters = size > math.log(CUT * tolerance)
    # up to the next point that was looked at: it may fall off anywhere before that
    after = np.minimum(len(looked) - matters[:, ::-1].argmax(axis=1), len(looked) - 1)
    last = np.where(matters.any(axis=1), looked[after] + 1, 1)
    return last, np.minimum(half, np.ceil(TAPER * last) + 3.0).astype(np.int64)


def _points(held: Compound, circle: Circle, turns: Floats, last: Ints, end: Ints) -> tuple[Complex, Complex, Floats]:
    """Return phi - 1 at the points and at z = 0, what E[z^X] counts at each of them, and what the sum lacks."""
    half, points = int(circle.points[0]) // 2, np.arange(int(end.max()))
    # cut off at once, what is left out would come back as ripples
    fade = np.clip((end[:, None] - points) / np.maximum(end - last, 1)[:, None], 0.0, 1.0)
    fade = np.where(end[:, None] == half, 1.0, np.sin(0.5 * math.pi * fade) ** 2)
    known = 1.0 / (1.0 + np.exp(np.minimum(circle.s * circle.points, 700.0)))
    weight = _weight(held, circle, points) * fade
    # P(0) is known and taken from every E[z^X]; what the sum lacks is (1 - P(0)) times `known`
    of_nobody = -weight.sum(axis=1, keepdims=True) - known[:, None]
    return _phi(held, circle, turns[..., : len(points)]), np.concatenate([weight, of_nobody], axis=1), known


def _phi(held: Compound, circle: Circle, turns: Floats) -> Complex:
    """Return phi - 1 at some points of each circle, and last at z = 0: ndarray of shape (D, B, n_points + 1)."""
    marks = held.marks.astype(np.float64)
    tilted = marks * np.exp(np.outer(circle.s, np.arange(turns.shape[1])))[:, None]
    found = np.zeros((*marks.shape[:2], turns.shape[2] + 1), dtype=np.complex128)
    found.real[:, :, :-1], found.imag[:, :, :-1] = tilted @ turns[0], tilted @ turns[1]
    found.real[:, :, -1] = marks[:, :, 0]
    found -= marks.sum(axis=2, keepdims=True)
    return found


def _turns(held: Compound, circle: Circle, points: Ints) -> Floats:
    """Return cosine and sine of v times the angle of some points of a circle, ndarray of shape (2, V, n_points)."""
    turns = exp(1j * np.outer(np.arange(held.marks.shape[2]), _angles(circle, points)))
    return np.stack([turns.real, turns.imag])


def _weight(held: Compound, circle: Circle, points: Ints) -> Complex:
    """Return what E[z^X] counts at some points of each circle, ndarray of shape (D, n_points)."""
    log_z = circle.s[:, None] + 1j * _angles(circle, points)
    with np.errstate(over="ignore", invalid="ignore"):
        return exp(-log_z * held.limit[:, None]) / (exp(log_z) - 1.0) * (2.0 / circle.points[:, None])


def _angles(circle: Circle, points: Ints) -> Floats:
    return np.asarray(2.0 * math.pi / circle.points[0] * (points + 0.5), dtype=np.float64)


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


def load_loops() -> None:
    """Load the compiled loops, which takes a third of a second, before anybody waits for what they compute."""
    one, week = np.ones((1, 1)), np.ones((1, 1, COMPILED_FROM))
    law = Compound(one[0], np.zeros(1, dtype=np.int64), np.ones((1, 1, 2)), one, one, one, one, week, week)
    tails(law, np.zeros((1, 1)), ROUGH)
