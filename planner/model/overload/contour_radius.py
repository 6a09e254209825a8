"""Which circle a tail is summed along: the one that needs the fewest points for the lightest and the heaviest row.

Helstrom, *Approximate evaluation of detection probabilities in radar and optical communications*, IEEE Trans. Aerospace
and Electronic Systems 14(4), 1978.
"""

import math
from dataclasses import dataclass

import numpy as np

from planner.model.inputs.capacity import Floats, Ints
from planner.model.overload.kernel import LARGE_KAPPA
from planner.model.overload.occupancy_law import Compound

RATIO = 1.2
"""Radii that are tried: log r ascends by this factor."""
LARGEST_EXPONENT = 80.0
"""e to this, added up in single precision, does not overflow."""
STEPS = (1, 2, 4, 7, 11, 16, 24)
"""The alias is bounded at radii so many places further out."""
BELOW = 0.5
"""P(X > L) is taken to be e^-0.5 of what the saddlepoint says, to be on the safe side."""
ROUGH, MOST = 1e-5, 4.0
"""With a larger tolerance N is at most so many times the limit: where a tail hardly falls the error may be larger."""
FURTHER = 7
"""So many radii further out it is asked again which instant is closest to the limit."""
BUSIEST = 4
"""Columns that a circle is chosen for at most."""
BLOCK = 256
"""Draws that are worked on at a time."""
LOST = 2.0
"""An integrand e^2 times as large as its sum costs as much as e times the points."""


@dataclass(frozen=True, slots=True, eq=False)
class Circle:
    """The circle of each draw, ndarrays of shape (D,) but for the last."""

    s: Floats
    """log r [-]"""
    points: Ints
    """N, even."""
    scale: Floats
    """log of about P(X > L), lightest row and heaviest, ndarray of shape (rows, D) [-]."""

    def only(self, rows: Ints) -> "Circle":
        """Return those of some draws."""
        return Circle(self.s[rows], self.points[rows], self.scale[:, rows])


def choose(compound: Compound, extra: Floats, tolerance: float, rows: Ints, least: float) -> Circle:
    """Return the circle for some of the draws that needs the fewest points for the lightest and the heaviest row."""
    longest, highest = compound.marks.shape[2], float(compound.limit[rows].max(initial=0.0))
    most = min(LARGEST_EXPONENT / max(1, longest - 1), 12.0)
    number = max(2, math.ceil(math.log(most * 4.0 * (highest + 1.0)) / math.log(RATIO)))
    s = most * RATIO ** -np.arange(number, dtype=np.float64)[::-1]
    # single precision is enough to choose by, and for rough sums to compare radii by
    table = np.expm1(np.outer(np.arange(longest), s)).astype(np.float32)
    kind = np.dtype(np.float32 if tolerance > ROUGH else np.float64)
    # a few draws at a time: the marks are the largest of all arrays
    parts = np.array_split(rows, -(-len(rows) // BLOCK))
    marks = (compound.marks[some].reshape(-1, longest).astype(np.float32, copy=False) for some in parts)
    phi = np.concatenate([some @ table for some in marks]).astype(kind, copy=False).reshape(len(rows), -1, number)
    limit, all_of_it = compound.limit[rows, None], np.arange(len(rows))
    top, heights = compound.mean(extra[-1])[rows].argmax(axis=1), []
    for _ in range(BUSIEST):
        load = compound.load[rows[:, None], :, top[:, None]][:, 0].astype(kind, copy=False)
        needed = (s * (limit + 1)).astype(kind, copy=False)
        heights.append([_log_moment(compound, rows, row, load[:, :, None] * phi) - needed for row in ends(extra)])
        found = _fewest(np.array(heights), s, compound.limit[rows], longest, tolerance, math.log(least))
        near, closer = np.searchsorted(s, np.abs(found.s)), np.zeros(len(rows), dtype=np.bool_)
        # where classes differ in their week or their ages the largest mean need not be closest to the limit; and what
        # comes round again is bounded further out, where few large meetings count for more
        for further in (0,) if tolerance > ROUGH else (0, FURTHER):
            at = (near + further).clip(0, number - 1)
            there = compound.load[rows].astype(kind, copy=False) * phi[all_of_it, :, at][:, :, None]
            across = _log_moment(compound, rows, extra[-1], there)
            known = np.max([one[-1][all_of_it, at] for one in heights], axis=0) + s[at] * (limit[:, 0] + 1)
            top = np.where(closer, top, across.argmax(axis=1))
            closer |= across.max(axis=1) > known + 0.5
        if not closer.any():
            break
    return found


def bound(compound: Compound, extra: Floats, side: float = 1.0) -> Floats:
    """Return the log of Chernoff's bound of P(X > L) [-] at each instant, one s for all; ndarray of shape (D, T)."""
    rows = np.arange(len(compound.limit))
    s = choose(compound, extra[None], 1e-6, rows, 1e-300).s
    s = np.where(s > 0.0, s, 0.25 / (compound.limit + 1.0))
    tilted = np.expm1(side * s[:, None] * np.arange(compound.marks.shape[2]))
    phi = np.einsum("dbv,dv->db", compound.marks, tilted)
    moment = _log_moment(compound, rows, extra, compound.load * phi[:, :, None])
    return moment if side < 0.0 else np.asarray(np.minimum(moment - (s * (compound.limit + 1))[:, None], 0.0))


def ends(extra: Floats) -> Floats:
    """Return the lightest row and the heaviest."""
    return extra[[0, -1]] if len(extra) > 1 else extra


def _fewest(height: Floats, s: Floats, limit: Floats, longest: int, tolerance: float, least: float) -> Circle:
    """Return the circle with the fewest points, from the log of Chernoff's bound of some columns and rows at each s."""
    scale = np.maximum(_log_tail(height, s).max(axis=0), least)
    needed, excess = np.broadcast_to(limit[:, None] + 2.0, height.shape[2:]), np.zeros(height.shape[2:])
    with np.errstate(invalid="ignore", over="ignore"):
        for row, its in ((rows[k], its) for rows in height for k, its in enumerate(scale)):
            excess = np.maximum(excess, row - its[:, None])
            beyond = np.full_like(row, np.inf)
            for step in STEPS:
                if step < len(s):
                    gain = (row[:, step:] - its[:, None] - math.log(tolerance)) / (s[step:] - s[:-step])
                    beyond[:, :-step] = np.minimum(beyond[:, :-step], np.nan_to_num(gain, nan=np.inf))
            needed = np.maximum(needed, beyond)
        # where the integrand is larger than the sum it falls off late, and digits are lost
        cost = np.nan_to_num(np.log(needed) + excess / LOST, nan=np.inf)
    draws = np.arange(len(limit))
    best = cost.argmin(axis=1)
    points, radius = needed[draws, best], s[best]
    # far above the limit no circle outside will do; inside, what is left out is at most e^(sN)
    over = height.min(axis=3).max(axis=0) > -0.3
    # not even one meeting, however large, may come round again
    most = np.maximum(MOST * (limit + 8.0), longest) if tolerance > ROUGH else 1e5
    inside = ~(points <= 12.0 * (limit + 8.0)) & over.any(axis=0) | ~(points <= most) & over[0]
    points = np.minimum(np.where(inside, 2.0 * (limit + 2.0), points), most)
    radius = np.where(inside, (math.log(tolerance) - 6.0) / points, radius)
    # a multiple of a large power of two is quick to transform
    unit = 2.0 ** np.maximum(1.0, np.floor(np.log2(points)) - 3.0)
    return Circle(radius, (unit * np.ceil(points / unit)).astype(np.int64), scale)


def _log_tail(height: Floats, s: Floats) -> Floats:
    """Return the log of P(X > L) by the saddlepoint, a little low; ndarray of the shape of `height` but for its end."""
    # Daniels, *Tail probability approximations*, International Statistical Review 55, 1987.
    best = height.argmin(axis=-1)
    middle = np.clip(best, 1, len(s) - 2)[..., None]
    before, at, after = (np.take_along_axis(height, middle + k, -1)[..., 0] for k in (-1, 0, 1))
    low, here, high = s[middle[..., 0] - 1], s[middle[..., 0]], s[middle[..., 0] + 1]
    with np.errstate(invalid="ignore"):
        bend = 2.0 * ((after - at) / (high - here) - (at - before) / (here - low)) / (high - low)
    deviation = np.sqrt(np.where(np.isfinite(bend) & (bend > 0.0), bend, here**-2.0))
    lost = np.maximum(np.log(-np.expm1(-here) * math.sqrt(2.0 * math.pi) * deviation), 0.0)
    return np.asarray(np.minimum(height.min(axis=-1), 0.0) - lost - BELOW)


def _log_moment(compound: Compound, rows: Ints, extra: Floats, bands: Floats) -> Floats:
    """Return log E[e^(s X)] from load x (phi - 1) of each band, inf where it does not exist; axis 1 is the bands'."""
    kind = bands.dtype
    near, total = 1.0 - max(1e-9, float(np.finfo(kind).eps)), np.zeros((bands.shape[0], bands.shape[2]), dtype=kind)
    with np.errstate(over="ignore", invalid="ignore"):
        for group in range(compound.kappa.shape[1]):
            inner = bands[:, compound.owner == group].sum(axis=1)
            accounts = (compound.counts[rows, group] + extra[group])[:, None].astype(kind, copy=False)
            kappa = np.minimum(compound.kappa[rows, group], LARGE_KAPPA)[:, None].astype(kind, copy=False)
            total += compound.summed[rows, group, None].astype(kind, copy=False) * inner
            if accounts.any():
                inside = (inner < kappa) | (accounts == 0.0)
                of_one = -kappa * np.log1p(-np.where(inside, np.minimum(inner, near * kappa), 0.0) / kappa)
                total += np.where(inside, accounts * of_one, np.inf)
    # where single precision holds it no longer there is no radius
    return np.nan_to_num(total, copy=False, nan=np.inf, posinf=np.inf, neginf=-np.inf)
