"""Today's members in the draws: the summed multipliers of each class, gamma-distributed, each from its own stream."""

import math
from dataclasses import dataclass

import numpy as np

from planner.model.inputs.capacity import Floats, Ints
from planner.model.inputs.distributions import NORMAL, stream

WILSON_HILFERTY_FROM = 200.0
"""From this shape on the cube root of a gamma variate is normal to four digits."""
STEPS = 40
"""Newton steps at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Streams:
    """Where the members' multipliers come from: some of so many draws."""

    seed: int
    of: int
    """Draws in all [-]."""
    rows: Ints
    """Which of them, ndarray of shape (D,) [-]."""

    def uniform(self, name: str) -> Floats:
        """Return the stratified uniform variates of a stream in these draws, ndarray of shape (D,)."""
        rng = stream(self.seed, name)
        u = (rng.permutation(self.of) + np.clip(rng.random(self.of), 1e-9, 1 - 1e-9)) / self.of
        return np.asarray(u[self.rows])


def summed_multipliers(name: str, accounts: Floats, kappa: Floats, streams: Streams) -> Floats:
    """Return S [account], the summed multipliers of a class in each draw: Gamma(accounts x kappa) / kappa."""
    u = streams.uniform(name)
    random = np.isfinite(kappa) & (accounts > 0.0)
    summed = accounts.astype(np.float64)
    summed[random] = gamma_quantile(accounts[random] * kappa[random], u[random]) / kappa[random]
    return summed


def gamma_quantile(shape: Floats, u: Floats) -> Floats:
    """Return the quantiles of gamma laws of scale 1."""
    # Wilson, Hilferty, The distribution of chi-square, PNAS 17(12), 1931.
    z = np.fromiter(map(NORMAL.inv_cdf, u.tolist()), dtype=np.float64, count=len(u))
    ninth = 1.0 / (9.0 * shape)
    normal = shape * np.maximum(1.0 - ninth + z * np.sqrt(ninth), 0.0) ** 3
    log_gamma = np.fromiter(map(math.lgamma, (shape + 1.0).tolist()), dtype=np.float64, count=len(u))
    # where x is small the law is x^shape / Gamma(shape + 1)
    low = (np.log(u) + log_gamma) / shape
    y = np.where((shape < 1.0) | (normal <= 0.0), np.maximum(np.minimum(low, np.log(shape + 40.0)), -700.0), 0.0)
    y = np.where(y == 0.0, np.log(np.maximum(normal, 1e-300)), y)
    left = np.flatnonzero((shape < WILSON_HILFERTY_FROM) & (y > -600.0))
    for _ in range(STEPS):
        a, x = shape[left], np.exp(y[left])
        log_density = a * y[left] - x - log_gamma[left]
        below = np.exp(log_density) * _series(a, x)
        # x times the density of the gamma law is a times this
        step = (np.log(below) - np.log(u[left])) * below / (a * np.exp(log_density))
        step = np.where(u[left] > 0.5, (below - u[left]) / (a * np.exp(log_density)), step)
        y[left] -= np.clip(step, -1.0, 1.0)
        left = left[np.abs(step) > 1e-9]
        if not len(left):
            break
    return np.exp(y)


def _series(a: Floats, x: Floats) -> Floats:
    """Return 1 + x / (a + 1) + x^2 / ((a + 1)(a + 2)) + ..., which makes the law of its first factor."""
    term, total, k = np.ones_like(a), np.ones_like(a), 1.0
    while term.max(initial=0.0) > 1e-13 * total.min(initial=1.0):
        term = term * x / (a + k)
        total += term
        k += 1.0
    return total
