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
        """Return which bins are needed so that the bounds of the others sum to at most a share of all.

        Parameters
        ----------
        left_out : float
            The share, of the time over the limit and of the crossings alike [-].
        """
        crossings = self.bound * self.started
        share = np.maximum(self.bound / self.bound.sum(), crossings / max(float(crossings.sum()), 1e-300))
        ascending = np.sort(share)
        least = ascending[np.cumsum(ascending) > left_out][0]
        # bins alike are kept or left out together: a node that is over all week is over in all of it
        needed: npt.NDArray[np.bool_] = share >= least * (1.0 - 1e-9)
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
        where the mean is above L; all of them over the largest.
    """
    highest, lowest = load.max(axis=2), load.min(axis=2)
    mean = contour.mean(compound, counts, highest)
    busy = np.flatnonzero(mean > 0.0)
    below = busy[mean[busy] <= limit + 0.5]
    hardest = below[mean[below].argmax()] if len(below) else busy[mean[busy].argmin()]
    s, _ = saddlepoint(compound, counts, highest[:, hardest], limit, bool(len(below)))
    s = abs(s)
    ends = [where(compound, counts, load, limit, s) for load in (highest, lowest)]
    rise = (ends[0] - ends[1]).sum(axis=0)
    height = np.minimum(ends[0][0], 0.0)
    return Screened(s, np.exp(height - height.max()), started, 2 ** np.searchsorted(RISES, rise))


def where(compound: contour.Compound, counts: Floats, load: Floats, limit: int, s: float) -> Floats:
    """Return where each instant stands: instants that stand close together have nearly the same risk.

    Parameters
    ----------
    compound : Compound
        Groups and bands.
    counts : ndarray of shape (n_groups,)
        Accounts of each group [account].
    load : ndarray of shape (n_bands, n_instants)
        Load of one account of each [Erlang].
    limit : int
        L in lattice steps [-].
    s : float
        Of the busiest bin, above 0 [-].

    Returns
    -------
    ndarray of shape (2, n_instants)
        `log_bound`, which moves with the risk far from L and not at all at L; and -log E[e^(-s X)], which moves at L,
        and also tells few large meetings from many small ones [-].
    """
    return np.stack([log_bound(compound, counts, load, limit, s), -contour.log_moment(compound, counts, load, -s)])


def log_bound(compound: contour.Compound, counts: Floats, load: Floats, limit: int, s: float) -> Floats:
    """Return how far X is from L at each instant, as the logarithm of a probability.

    Parameters
    ----------
    compound : Compound
        Groups and bands.
    counts : ndarray of shape (n_groups,)
        Accounts of each group [account].
    load : ndarray of shape (n_bands, n_instants)
        Load of one account of each [Erlang].
    limit : int
        L in lattice steps [-].
    s : float
        From where on the bound is taken, above 0 [-].

    Returns
    -------
    ndarray of shape (n_instants,)
        Where the mean is below L, log of Chernoff's bound P(X > L) <= E[e^(s X)] e^(-s (L + 1)), the least over some s;
        where it is above, minus the log of the same bound of P(X <= L), which is at least 0 [-].
    """
    mean = contour.mean(compound, counts, load)
    sign = np.where(mean <= limit + 0.5, 1.0, -1.0)
    bound = np.zeros(len(mean))
    for part in (1.0, -1.0):
        these = sign == part
        for further in s * STEP ** np.arange(8):
            if these.any() and further * compound.marks.shape[1] < contour.LARGEST_EXPONENT:
                moment = contour.log_moment(compound, counts, load[:, these], part * further)
                edge = limit + 1 if part > 0.0 else limit
                bound[these] = np.minimum(bound[these], moment - part * further * edge)
    return sign * bound
