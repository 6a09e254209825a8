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
from dataclasses import replace

import numpy as np

from planner.model.inputs.capacity import Floats, Ints
from planner.model.overload.contour_radius import ROUGH, Circle, choose, ends
from planner.model.overload.kernel import Kernel, account_exponent, compiled, exp, in_numpy
from planner.model.overload.occupancy_law import Complex, Compound

CUT = 100.0
"""Beyond the last point larger than this times the tolerance the sum fades out ..."""
TAPER = 1.6
"""... until so many times as many points."""
PROBES = (0.3, 0.06, 0.15, 0.7)
"""Where on the half circle it is asked which instant fades out last; the first alone for a rough sum [-]."""
FADED = -1e4
"""Log of a size that counts nowhere [-]."""
LOOKS = 16
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
    empty = (compound.summed + compound.counts + extra[0]).sum(axis=1) == 0.0
    if empty.any() and len(extra) > 1:
        # nobody is no lightest row: what others count is not told from it
        over[~empty], crossing[~empty] = tails(compound.only(np.flatnonzero(~empty)), extra, tolerance, least)
        over[empty, 1:], crossing[empty, 1:] = tails(compound.only(np.flatnonzero(empty)), extra[1:], tolerance, least)
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
        here = replace(circle.only(rows), points=np.full(len(rows), circle.points[rows].max()))
        tilted = _tilted(held, here, tolerance)
        last, end = _counted(held, extra, here, tilted, tolerance)
        points = np.arange(int(end.max()))
        turns, weight = _turns(here, points, tilted), _weight(held, here, points)
        known = 1.0 / (1.0 + np.exp(np.minimum(here.s * here.points, 700.0)))
        # as many points of all draws that are worked on at once: those that need alike stand together
        for some in np.array_split(np.argsort(end[:, 0], kind="stable"), -(-len(rows) // ALIKE)):
            number = int(end[some].max())
            counts = _faded(weight[some, :number], known[some], last[some], end[some], int(here.points[0]) // 2)
            phi = _phi(held.marks[some], tilted[some], turns[..., :number])
            parts = (held.load[some], held.rate[some], phi, counts, held.owner)
            # numba compiles anew for every other order in memory
            each = map(np.ascontiguousarray, (*parts, held.kappa[some], held.summed[some], held.counts[some], extra))
            more, crossing[left[rows[some]]] = kernel(*each)
            over[left[rows[some]]] = more + known[some, None, None]

    blocks = range(0, len(left), BLOCK)
    if len(blocks) > THREADS:
        # what is computed does not depend on which thread does it
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, blocks))
    else:
        for first in blocks:
            work(first)
    return np.clip(over, 0.0, 1.0), np.maximum(crossing, 0.0)


def _counted(held: Compound, extra: Floats, circle: Circle, tilted: Floats, tolerance: float) -> tuple[Ints, Ints]:
    """Return the last point that counts on each draw's circle for each row, and where its sum has faded out."""
    half, draws = int(circle.points[0]) // 2, np.arange(len(circle.s))
    # the integrand is looked at closely where it begins to fall, and at growing distances further out
    near = min(LOOKS, half)
    looked = np.unique(np.concatenate([np.arange(near), np.geomspace(near, half, LOOKS).astype(int) - 1]))
    seen = _phi(held.marks, tilted, _turns(circle, looked, tilted))
    there = np.log(np.abs(_weight(held, circle, looked)))
    size = np.full((len(circle.scale), len(draws), len(looked)), FADED)
    # half less one is always looked at
    probed = 1 + np.searchsorted(looked, np.multiply(half - 1, PROBES if tolerance <= ROUGH else PROBES[:1]))
    columns = [held.mean(extra[-1]).argmax(axis=1)]
    columns += [_last_to_fade(held, extra[:1], seen[:, :, [0, at]]) for at in probed]
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for column in columns:
            load = held.load[draws, :, column][:, :, None]
            for k, exponent in enumerate(_exponents(held, ends(extra), load * seen)):
                moment = exp(exponent)
                # without P(0), which is known, the integrand falls off
                part = moment[:, 1:] - moment[:, :1]
                height = 0.5 * np.log(part.real**2 + part.imag**2) + there - circle.scale[k, :, None]
                size[k] = np.maximum(size[k], np.nan_to_num(height, nan=700.0))
    # the log of a tail is concave in the number of accounts: rows between are taken to be no larger than straight lines
    whole = extra.sum(axis=1)
    share = (whole - whole[0]) / max(whole[-1] - whole[0], 1e-300)
    each = size[0] + share[:, None, None] * (size[-1] - size[0])
    # no row ends before one with more accounts: those that count a point stand together
    matters = np.maximum.accumulate(each[::-1], axis=0)[::-1] > math.log(CUT * tolerance)
    # up to the next point that was looked at: it may fall off anywhere before that
    after = np.minimum(len(looked) - matters[..., ::-1].argmax(axis=2), len(looked) - 1)
    last = np.where(matters.any(axis=2), looked[after] + 1, 1).T
    return last, np.minimum(half, np.ceil(TAPER * last) + 3.0).astype(np.int64)


def _last_to_fade(held: Compound, lightest: Floats, seen: Complex) -> Ints:
    """Return the instant at which the integrand is largest in each draw, from phi - 1 at z = 0 and at one point."""
    draws, bands, instants = held.load.shape
    both = (held.load[:, :, None] * seen[:, :, :, None]).reshape(draws, bands, 2 * instants)
    with np.errstate(over="ignore", invalid="ignore"):
        moment = exp(_exponents(held, lightest, both)[0]).reshape(draws, 2, instants)
        return np.asarray(np.abs(moment[:, 1] - moment[:, 0]).argmax(axis=1))


def _faded(weight: Complex, known: Floats, last: Ints, end: Ints, half: int) -> Complex:
    """Return what E[z^X] counts at z = 0 and at the points of each draw, by row: ndarray of shape (D, rows, 1 + n)."""
    # cut off at once, what is left out would come back as ripples
    fade = (end[:, :, None] - np.arange(weight.shape[1])) / np.maximum(end - last, 1)[:, :, None]
    fade = np.clip(fade, 0.0, 1.0)
    fade = np.where(end[:, :, None] == half, 1.0, fade * fade * (3.0 - 2.0 * fade))
    faded = weight[:, None] * fade
    # P(0) is known and taken from every E[z^X]; what the sum lacks is (1 - P(0)) times `known`
    return np.concatenate([-faded.sum(axis=2, keepdims=True) - known[:, None, None], faded], axis=2)


def _tilted(held: Compound, circle: Circle, tolerance: float) -> Floats:
    """Return the marks times e^(s v), ndarray of shape (D, B, V); products of single precision take half as long."""
    kind = np.dtype(np.float32 if tolerance > ROUGH else np.float64)
    longest = np.arange(held.marks.shape[2])
    return np.asarray(held.marks.astype(kind, copy=False) * np.exp(np.outer(circle.s, longest)).astype(kind)[:, None])


def _phi(marks: Floats, tilted: Floats, turns: Floats) -> Complex:
    """Return phi - 1 at z = 0 and at some points of each circle: ndarray of shape (D, B, 1 + n_points)."""
    found = np.empty((*tilted.shape[:2], turns.shape[2] + 1), dtype=np.complex128)
    found[:, :, 0] = marks[:, :, 0]
    found.real[:, :, 1:], found.imag[:, :, 1:] = tilted @ turns[0], tilted @ turns[1]
    found -= marks.sum(axis=2, keepdims=True, dtype=np.float64)
    return found


def _turns(circle: Circle, points: Ints, tilted: Floats) -> Floats:
    """Return cosine and sine of v times the angle of some points of a circle, ndarray of shape (2, V, n_points)."""
    turns = _turned(circle, points, np.arange(tilted.shape[2]))
    return np.stack([turns.real, turns.imag]).astype(tilted.dtype, copy=False)


def _weight(held: Compound, circle: Circle, points: Ints) -> Complex:
    """Return what E[z^X] counts at some points of each circle, ndarray of shape (D, n_points)."""
    whole, turned = np.floor(held.limit), _turned(circle, points, np.ones(1, dtype=np.int64))
    with np.errstate(over="ignore", invalid="ignore"):
        size, r = np.exp(-circle.s * whole)[:, None] * (2.0 / circle.points[:, None]), np.exp(circle.s)[:, None]
        found = size * np.conj(_turned(circle, points, whole.astype(np.int64))) / (r * turned - 1.0)
        if (part := held.limit - whole).any():
            # between whole limits as a tail falls off with this s; z^-L would not end where it began
            s = np.maximum(circle.s, 1e-9)
            part = (np.expm1(-s * part) / np.expm1(-s))[:, None]
            found *= 1.0 - part + part / r * np.conj(turned)
        return found


def _turned(circle: Circle, points: Ints, times: Ints) -> Complex:
    """Return e^(itv) for each t of `times` and the angle v of each point, ndarray of shape (n_times, n_points)."""
    # all of them are among 2 N roots of 1
    number = 2 * int(circle.points[0])
    roots = exp(2j * math.pi / number * np.arange(number))
    return np.asarray(roots[np.outer(times, 2 * points + 1) % number])


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
