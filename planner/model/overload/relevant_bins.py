"""Which 5-minute bins of the week can hold any of the risk, and how finely each must be looked at.

A bound says so before anything is computed: most of the week is far from the limit.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Floats
from planner.model.overload import contour_sum
from planner.model.overload.contour_radius import saddlepoint

SEEN = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Where in a bin the load is looked at [-]."""
RISES = (0.05, 0.5, 3.0, 8.0, 20.0, 50.0, 110.0)
"""A bin in which the logarithm of the bound moves by more than these has 2, 4, 8, … times as many points [-]."""
STEP = 1.6
"""Ratio between the s at which the bound is taken [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """What the bound says of each bin."""

    s: float
    """Where the bound of the busiest bin is taken [-]."""
    bound: Floats
    """Of P(X > L) at any instant of the bin, over that of the busiest: it may itself be too small for a number;
    ndarray of shape (2016,) [-]."""
    started: Floats
    """Meetings that start on the node, ndarray of shape (2016,) [1/h]."""
    multiple: npt.NDArray[np.int64]
    """How many times as many points as a calm bin it needs, ndarray of shape (2016,) [-]."""

    def matters(self, left_out: float) -> npt.NDArray[np.bool_]:
        """Return which bins are needed so that the bounds of the others sum to at most a share of all."""
        crossings = self.bound * self.started
        share = np.maximum(self.bound / self.bound.sum(), crossings / max(float(crossings.sum()), 1e-300))
        ascending = np.sort(share)
        least = ascending[np.cumsum(ascending) > left_out][0]
        # bins alike are kept or left out together: a node that is over all week is over in all of it
        needed: npt.NDArray[np.bool_] = share >= least * (1.0 - 1e-9)
        return needed


def screen(compound: contour_sum.Compound, counts: Floats, load: Floats, started: Floats, limit: int) -> Screened:
    """Return Chernoff's bound for each bin, and how fast the load moves in it.

    Units: counts [account]; load [Erlang]; started [1/h].
    """
    highest, lowest = load.max(axis=2), load.min(axis=2)
    mean = contour_sum.mean(compound, counts, highest)
    busy = np.flatnonzero(mean > 0.0)
    below = busy[mean[busy] <= limit + 0.5]
    hardest = below[mean[below].argmax()] if len(below) else busy[mean[busy].argmin()]
    s, _ = saddlepoint(compound, counts, highest[:, hardest], limit, bool(len(below)))
    s = abs(s)
    ends = [where(compound, counts, load, limit, s) for load in (highest, lowest)]
    rise = (ends[0] - ends[1]).sum(axis=0)
    height = np.minimum(ends[0][0], 0.0)
    return Screened(s, np.exp(height - height.max()), started, 2 ** np.searchsorted(RISES, rise))


def where(compound: contour_sum.Compound, counts: Floats, load: Floats, limit: int, s: float) -> Floats:
    """Return where each instant stands: instants that stand close together have nearly the same risk.

    Units: counts [account]; load [Erlang].
    """
    return np.stack([log_bound(compound, counts, load, limit, s), -contour_sum.log_moment(compound, counts, load, -s)])


def log_bound(compound: contour_sum.Compound, counts: Floats, load: Floats, limit: int, s: float) -> Floats:
    """Return how far X is from L at each instant, as the logarithm of a probability.

    Units: counts [account]; load [Erlang].
    """
    mean = contour_sum.mean(compound, counts, load)
    sign = np.where(mean <= limit + 0.5, 1.0, -1.0)
    bound = np.zeros(len(mean))
    for part in (1.0, -1.0):
        these = sign == part
        for further in s * STEP ** np.arange(8):
            if these.any() and further * compound.marks.shape[1] < contour_sum.LARGEST_EXPONENT:
                moment = contour_sum.log_moment(compound, counts, load[:, these], part * further)
                edge = limit + 1 if part > 0.0 else limit
                bound[these] = np.minimum(bound[these], moment - part * further * edge)
    return sign * bound
