"""One month's sign-ups: as many as come, up to what each limit allows."""

import math
from collections.abc import Sequence

import numpy as np

from planner.model.credit.ledger import narrow
from planner.model.inputs.credit import Floats, Ints, Mask


def poisson_table(mean: Floats) -> Floats:
    """Return P(N <= k) [-] of Poisson numbers of these means [account/month], k = 0, 1, …, as far as it matters."""
    finite = np.where(np.isfinite(mean), mean, 0.0)
    logarithm = np.log(np.where(finite > 0, finite, 1.0))
    log_mass, reached = -finite, np.exp(-finite)
    table = [reached]
    # What lies beyond has a chance below 1e-12.
    top = float(finite.max(initial=0.0))
    for k in range(1, math.ceil(top + 12 * math.sqrt(top)) + 20):
        if reached.min(initial=1.0) > 1 - 1e-12:
            break
        log_mass = log_mass + (logarithm - math.log(k))
        reached = reached + np.where(finite > 0, np.exp(log_mass), 0.0)
        table.append(reached)
    return np.array(table)


def poisson(table: Floats, uniform: Floats) -> Ints:
    """Return Poisson numbers by inversion, the smallest k with uniform <= P(N <= k) [account]."""
    # One uniform variate each, so that a higher mean never brings fewer sign-ups with the same random numbers.
    number = np.zeros(uniform.shape, dtype=narrow(len(table)))
    for reached in table:
        more = uniform > reached
        if not more.any():
            break
        number += more
    return number.astype(np.int64)


def admitted(wanted: Ints, limits: Sequence[Ints | int]) -> tuple[Ints, Floats]:
    """Return how many of those who want to sign up do [account], and how often each limit turned somebody away [-]."""
    least = np.zeros_like(wanted) + limits[0]
    for limit in limits[1:]:
        np.minimum(least, limit, out=least)
    signed = np.minimum(wanted, np.maximum(least, 0))
    refused = np.flatnonzero(signed < wanted)
    tight = np.array(
        [limit[refused] if isinstance(limit, np.ndarray) else np.full(refused.size, limit) for limit in limits]
    )
    turned = np.bincount(tight.argmin(axis=0), minlength=len(limits)) / wanted.size
    return signed, turned


def seats(taken: Mask, signed: Ints) -> Mask:
    """Return which places those who sign up [account] take: the first free ones, so that the offer's mix stays."""
    new = ~taken
    left = signed.astype(narrow(len(taken)))
    for place in new:
        np.logical_and(place, left > 0, out=place)
        left -= place
    return new
