"""Which 5-minute bins of the week can hold any of the risk, and how finely each must be looked at.

A bound says so before anything is computed: most of the week is far from the limit.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model import contour
from planner.model.circle import saddlepoint
from planner.model.inputs import Floats

SEEN = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Where in a bin the load is looked at [-]."""
RISES = (0.1, 1.0, 4.0, 10.0, 24.0, 56.0, 120.0)
"""A bin in which the logarithm of the bound moves by more than these has 2, 4, 8, … times as many points [-]."""
STEP = 1.6
"""Ratio between the s at which the bound is taken [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """What the bound says of each bin."""

    s: float
    """Where the bound of the busiest bin is taken [-]."""
    bound: Floats
    """Of P(X > L) at any instant of the bin, ndarray of shape (2016,) [-]."""
    started: Floats
    """Meetings that start on the node, ndarray of shape (2016,) [1/h]."""
    multiple: npt.NDArray[np.int64]
    """How many times as many points as a calm bin it needs, ndarray of shape (2016,) [-]."""

    def matters(self, left_out: float) -> npt.NDArray[np.bool_]:
        """Return which bins are needed so that the bounds of the others sum to at most a share of all.

        Parameters
        ----------
        left_out : float
            The share, of the time over the limit and of the crossings alike [-].
        """
        crossings = self.bound * self.started
        share = np.maximum(self.bound / self.bound.sum(), crossings / max(float(crossings.sum()), 1e-300))
        order = np.argsort(share)
        needed = np.zeros(len(share), dtype=bool)
        needed[order] = np.cumsum(share[order]) > left_out
        return needed


def screen(compound: contour.Compound, counts: Floats, load: Floats, started: Floats, limit: int) -> Screened:
    """Return Chernoff's bound for each bin, and how fast the load moves in it.

    Parameters
    ----------
    compound : Compound
        Groups and bands.
    counts : ndarray of shape (n_groups,)
        Accounts of each group [account].
    load : ndarray of shape (n_bands, 2016, len(SEEN))
        Load of one account at the instants SEEN of each bin [Erlang].
    started : ndarray of shape (2016,)
        Meetings that start on the node [1/h].
    limit : int
        L in lattice steps [-].

    Returns
    -------
    Screened
        The bound P(X > L) <= E[e^(s X)] e^(-s (L + 1)), the least over a handful of s that serve all bins at once; 1
        where the mean is above L.
    """
    highest, lowest = load.max(axis=2), load.min(axis=2)
    mean = contour.mean(compound, counts, highest)
    below = np.flatnonzero(mean <= limit + 0.5)
    hardest = below[mean[below].argmax()] if len(below) else int(mean.argmin())
    s, _ = saddlepoint(compound, counts, highest[:, hardest], limit, bool(len(below)))
    moment = contour.log_moment(compound, counts, highest, s)
    rise = np.abs(moment - contour.log_moment(compound, counts, lowest, s))
    bound = moment - s * (limit + 1) if s > 0.0 else np.zeros(len(mean))
    for further in s * STEP ** np.arange(1, 8):
        if 0.0 < further * compound.marks.shape[1] < contour.LARGEST_EXPONENT:
            moment = contour.log_moment(compound, counts, highest, further)
            bound = np.minimum(bound, moment - further * (limit + 1))
    over = np.where(mean <= limit + 0.5, np.exp(np.minimum(bound, 0.0)), 1.0)
    multiple = 2 ** np.searchsorted(RISES, np.nan_to_num(rise, posinf=RISES[-1]))
    return Screened(s, over, started, multiple)
