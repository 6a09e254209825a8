"""The load of a node fitted to what was read on it."""

import math
from dataclasses import dataclass

import numpy as np

from planner.model.inputs.distributions import Z90, Floats


@dataclass(frozen=True, slots=True, eq=False)
class LoadFit:
    """A node's load fitted to rooms, users and streams: medians, 10 % and 90 % quantiles, each of shape (4,)."""

    value: Floats
    low: Floats
    high: Floats
    """Each of base, per_room, per_user, per_stream [share of the CPU]."""
    seen: int
    """Readings it rests on [-]."""


def node_load(counts: Floats, load: Floats, prior: Floats) -> LoadFit:
    """Return the linear load [share] of a node fitted to readings, drawn towards the scenario's coefficients."""
    # Linear regression with a normal prior round each coefficient of the scenario, as wide as the coefficient (one
    # near 0: as wide as would explain a tenth of the load), because rooms, users and streams go together. The residual
    # variance is fitted in turns with the coefficients (Gelman et al., *Bayesian Data Analysis*, 3rd ed., 2013, 14.8).
    n = len(load)
    if n == 0:
        return LoadFit(prior.copy(), prior.copy(), prior.copy(), 0)
    design = np.column_stack([np.ones(n), counts])
    size = np.sqrt(np.maximum((design**2).mean(axis=0), 1e-12))
    width = np.maximum(prior, 0.1 * math.sqrt(float((load**2).mean())) / size)
    precision = np.diag(np.maximum(width, 1e-12) ** -2.0)
    value = prior
    for _ in range(20):
        rest = load - design @ value
        variance = max(float(rest @ rest) / n, 1e-12)
        gram = design.T @ design / variance + precision
        value = np.linalg.solve(gram, design.T @ load / variance + precision @ prior).astype(np.float64)
    error = np.sqrt(np.diag(np.linalg.inv(gram))) * Z90
    low, high = np.maximum(value - error, 0), np.maximum(value + error, 0)
    return LoadFit(np.maximum(value, 0), low, high, n)
