"""The sum along a circle, point by point, in numpy; `compiled` has it as loops, the same numbers to rounding."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from planner.model.inputs.capacity import Floats
from planner.model.overload.occupancy_law import Complex, Ints

LARGE_KAPPA = 1e6
"""From here on -kappa log(1 - A / kappa) is taken as its series: the logarithm would lose digits."""
CHUNK = 1 << 14
"""Points x instants x draws that numpy works on at once: they stay in the processor's cache."""


def account_exponent(inner: Complex, kappa: Floats) -> tuple[Complex, Complex]:
    """Return log E[z^X] of one account, and the bracket 1 - A / kappa of its law."""
    x = inner / kappa
    bracket = 1.0 - x
    limited = np.minimum(kappa, LARGE_KAPPA)
    found = -limited * log(np.where(kappa < LARGE_KAPPA, bracket, 1.0 + 0j))
    series = inner * (1.0 + x * (1 / 2 + x * (1 / 3 + x / 4)))
    return np.where(kappa < LARGE_KAPPA, found, series) if (kappa >= LARGE_KAPPA).any() else found, bracket


def log(x: Complex) -> Complex:
    """Return the logarithm of complex numbers; numpy's own takes many times as long."""
    result = np.empty_like(x)
    result.real = 0.5 * np.log(x.real * x.real + x.imag * x.imag)
    result.imag = np.arctan2(x.imag, x.real)
    return result


Kernel = Callable[..., tuple[Floats, Floats]]


def in_numpy(
    load: Floats,
    rate: Floats,
    phi: Complex,
    weight: Complex,
    owner: Ints,
    kappa: Floats,
    summed: Floats,
    counts: Floats,
    extra: Floats,
) -> tuple[Floats, Floats]:
    """Return over and crossing of a block of draws; the arguments are those of `looped`."""
    draws, _, instants = load.shape
    over, crossing = np.empty((2, draws, len(extra), instants))
    size = max(1, CHUNK // (phi.shape[2] * draws))
    for first in range(0, instants, size):
        part = slice(first, min(instants, first + size))
        base, arrivals, coming = _by_group(load[:, :, part], rate[:, :, part], phi, owner, kappa, summed, counts, extra)
        for row, further in enumerate(extra):
            moment, started = base, arrivals
            for group, of_one, its in coming:
                if further[group]:
                    moment, started = moment + further[group] * of_one, started + further[group] * its
            size_there = np.exp(moment.real)
            turned = np.empty_like(moment)
            turned.real, turned.imag = size_there * np.cos(moment.imag), size_there * np.sin(moment.imag)
            turned *= weight[:, None, :]
            over[:, row, part] = turned.real.sum(axis=2)
            crossing[:, row, part] = (turned.real * started.real - turned.imag * started.imag).sum(axis=2)
    return over, crossing


def _by_group(
    load: Floats, rate: Floats, phi: Complex, owner: Ints, kappa: Floats, summed: Floats, counts: Floats, extra: Floats
) -> tuple[Complex, Complex, list[tuple[int, Complex, Complex]]]:
    """Return log E[z^X] and the arrivals' factor of who is there; both of one account of each group that may come."""
    base = np.zeros((len(phi), load.shape[2], phi.shape[2]), dtype=np.complex128)
    arrivals, coming = np.zeros_like(base), []
    for group in range(kappa.shape[1]):
        inner, started = np.zeros_like(base), np.zeros_like(base)
        for band in np.flatnonzero(owner == group):
            inner += load[:, band, :, None] * phi[:, band, None, :]
            started += rate[:, band, :, None] * phi[:, band, None, :]
        several = summed[:, group, None, None]
        base += several * inner
        arrivals += several * started
        if counts[:, group].any() or extra[:, group].any():
            of_one, bracket = account_exponent(inner, kappa[:, group, None, None])
            # the account of an arriving meeting has its multiplier biased by size
            started /= bracket
            accounts = counts[:, group, None, None]
            base += accounts * of_one
            arrivals += accounts * started
            coming.append((group, of_one, started))
    return base, arrivals, [one for one in coming if extra[:, one[0]].any()]


@lru_cache(maxsize=1)
def compiled() -> Kernel:
    """Return the loops compiled where numba is installed, else numpy's form of them: the same numbers to rounding."""
    try:
        from planner.model.overload.compiled import compiled as found  # noqa: PLC0415  # single draws do without
    except ImportError:
        return in_numpy
    return found
