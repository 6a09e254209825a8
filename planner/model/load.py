"""The load of a node fitted to what was read on it."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from planner.model.posterior import Floats

_Z90 = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True, eq=False)
class LoadFit:
    """A node's load fitted to rooms, users and streams: medians, 10 % and 90 % quantiles, each of shape (4,)."""

    value: Floats
    """base, per_room, per_user, per_stream [share of the CPU]"""
    low: Floats
    """[share of the CPU]"""
    high: Floats
    """[share of the CPU]"""
    seen: int
    """Readings it rests on [-]."""
    residual: float
    """Standard deviation of what the fit leaves [share of the CPU]."""


def node_load(counts: Floats, load: Floats, prior: Floats, worth: float = 4.0) -> LoadFit:
    """Return the linear load of a node fitted to what was read on it, drawn towards the scenario's coefficients.

    Parameters
    ----------
    counts : ndarray of shape (n_readings, 3)
        Rooms, users and streams [-].
    load : ndarray of shape (n_readings,)
        [share of the CPU]
    prior : ndarray of shape (4,)
        base, per_room, per_user, per_stream of the scenario [share of the CPU].
    worth : float
        How many readings the prior is worth [-].

    Notes
    -----
    Normal-inverse-gamma with prior mean `prior` and prior precision `worth` x the readings' own mean square of each
    column (a unit-information prior), so that the answer does not depend on the units of the columns. Quantiles by
    the normal law; a coefficient below 0 is 0.

    References
    ----------
    Gelman et al., *Bayesian Data Analysis*, 3rd ed., 2013, section 14.8.
    """
    n = len(load)
    if n == 0:
        return LoadFit(prior.copy(), prior.copy(), prior.copy(), 0, math.nan)
    design = np.column_stack([np.ones(n), counts])
    precision = np.diag(np.maximum((design**2).mean(axis=0), 1e-12)) * worth
    gram = design.T @ design + precision
    value = np.linalg.solve(gram, design.T @ load + precision @ prior)
    rest = load - design @ value
    variance = float(rest @ rest) / max(n - 1, 1)
    error = np.sqrt(np.diag(np.linalg.inv(gram)) * variance) * _Z90
    low, high = np.maximum(value - error, 0), np.maximum(value + error, 0)
    return LoadFit(np.maximum(value, 0), low, high, n, math.sqrt(variance))
