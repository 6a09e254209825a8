"""Days on which everybody meets, as a second law of how days differ: averaged with the gamma law by what was seen.

A surge is a day f times as busy, one day in so many. The gamma law that everything else works with has no such days, so
each surge stands for the spread of the gamma law that is as busy on one day in fifty.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np

from planner.model.calibration.likelihoods import log_day_law, with_busy_days
from planner.model.calibration.posterior import Posterior, quantiles, scores
from planner.model.inputs.distributions import NORMAL, Floats

SURGES = 0.1
"""Before anything is seen: the chance that a co-op has surge days [-]."""
SHARES = (1 / 60, 1 / 30, 1 / 12)
"""Of the days are surge days: one in two months to one in two weeks, each as likely [-]."""
FACTORS = (1.5, 2.0, 3.0, 5.0)
"""Times as busy, each as likely [-]."""
RARE = 1 / 50
"""As busy on such a share of the days: on one in 100 or 365, too many of the co-ops of 8.5 break the objective [-]."""
POINTS, REACH = 161, 4.0
"""Of the grid on which both laws are averaged, in normal scores of the prior [-]."""
EVERY = 8
"""Beside surges, days differ by every eighth spread of the grid [-]."""


def with_surges(usual: Posterior, counts: Sequence[int], expected: Sequence[float]) -> Posterior:
    """Return the posterior of how much days differ [-] with the chance that some of them are surge days."""
    # Bayesian model averaging (Hoeting et al., Statistical Science 14(4), 1999): each law's evidence is its likelihood
    # averaged over its prior.
    n, m = np.asarray(counts, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    n, m = n[m > 0], m[m > 0]
    if usual.seen == 0 or usual.prior.low == usual.prior.high:
        return usual
    grid = scores(usual.prior, -REACH, REACH, POINTS)
    alike = np.array([log_day_law(n, m, float(spread)).sum() for spread in grid.x])
    weight = np.exp(grid.log_prior) / np.exp(grid.log_prior).sum()
    logs, at = [alike + np.log(weight * (1 - SURGES))], [grid.x]
    rest = grid.x[::EVERY]
    rest_weight = weight[::EVERY] / weight[::EVERY].sum() * SURGES / (len(SHARES) * len(FACTORS))
    for share, factor in product(SHARES, FACTORS):
        laws = [partial(log_day_law, n, spread=float(spread)) for spread in rest]
        found = [with_busy_days(law, m, share, factor).sum() for law in laws]
        logs.append(np.array(found) + np.log(rest_weight))
        at.append(np.array([as_gamma(share, factor, float(spread)) for spread in rest]))
    mass = np.exp(np.concatenate(logs) - max(part.max() for part in logs))
    place = np.clip(np.searchsorted(grid.x, np.concatenate(at)), 0, POINTS - 1)
    averaged: Floats = np.bincount(place, mass / mass.sum(), POINTS).astype(np.float64)
    low, value, high = (float(each) for each in quantiles(grid.x, averaged, (0.1, 0.5, 0.9)))
    return replace(usual, value=value, low=low, high=high, grid=grid.x, weight=averaged)


def as_gamma(share: float, factor: float, rest: float) -> float:
    """Return the spread [-] of a gamma law as busy on the rarest days as one with surges."""
    # the cube root of a gamma variable of mean 1 is normal, of mean 1 - cv^2/9 and variance cv^2/9 (Wilson, Hilferty,
    # PNAS 17, 1931)
    quiet = 1 / (1 + share * (factor - 1))
    usual, surge = _rare(RARE, rest), _rare(min(RARE / share, 0.5), rest) * factor
    root = (quiet * max(usual, surge)) ** (1 / 3)
    z = -NORMAL.inv_cdf(RARE)
    return 1.5 * (z - math.sqrt(max(0.0, z**2 - 4 * (root - 1)))) if root > 1 else rest


def _rare(chance: float, spread: float) -> float:
    """Return what a gamma factor of mean 1 exceeds with this chance [-]."""
    return float((1 - spread**2 / 9 - NORMAL.inv_cdf(chance) * spread / 3) ** 3)
