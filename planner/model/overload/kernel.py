"""The sum along a circle, point by point, in numpy; `compiled` has it as loops, the same numbers to rounding."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Floats, Ints
from planner.model.overload.occupancy_law import Complex

LARGE_KAPPA = 1e6
"""From here on -kappa log(1 - A / kappa) is taken as its series: the logarithm would lose digits."""
CHUNK = 1 << 14
"""Points x instants x draws that numpy works on at once: they stay in the processor's cache."""


def account_exponent(inner: Complex, kappa: Floats) -> tuple[Complex, Complex]:
    """Return log E[z^X] of one account, and the bracket 1 - A / kappa of its law."""
    if np.isinf(kappa).all():
        return inner, np.ones_like(inner)
    x = inner * (1.0 / kappa)
    bracket = 1.0 - x
    large = kappa >= LARGE_KAPPA
    if not large.any():
        return -kappa * log(bracket), bracket
    series = inner * (1.0 + x * (1 / 2 + x * (1 / 3 + x / 4)))
    limited = np.minimum(kappa, LARGE_KAPPA)
    return np.where(large, series, -limited * log(np.where(large, 1.0 + 0j, bracket))), bracket


def log(x: Complex) -> Complex:
    """Return the logarithm of complex numbers; numpy's own takes many times as long."""
    result = np.empty_like(x)
    result.real = np.log(np.abs(x))
    result.imag = np.arctan2(x.imag, x.real)
    return result


def exp(x: npt.NDArray[Any]) -> Complex:
    """Return e^x of complex numbers; numpy's own takes four times as long."""
    # from the tangent of half the angle: numpy has it in vectors, sine and cosine not
    half = np.tan(0.5 * x.imag)
    square = half * half
    size = np.exp(x.real) / (1.0 + square)
    result = np.empty(x.shape, dtype=np.complex128)
    result.real, result.imag = size * (1.0 - square), 2.0 * size * half
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
    """Return over and crossing of a block of D draws, less what is known, ndarrays of shape (D, rows, T) [-], [1/h].

    Of a `Compound` are load, rate, owner, kappa, summed and counts; `extra` are rows of further accounts by group.
    phi - 1 at z = 0 and at each point of the circle, ndarray of shape (D, B, 1 + n_points), and what E[z^X] counts
    there, ndarray of shape (D, rows, 1 + n_points): see `contour_sum`. No row counts more points than the one before.
    """
    draws, _, instants = load.shape
    over, crossing = np.empty((2, draws, len(extra), instants))
    size = max(1, CHUNK // (phi.shape[2] * draws))
    steps = np.diff(extra, axis=0)
    # further accounts are powers of one exponential
    whole = bool((steps == np.floor(steps)).all() and (steps >= 0.0).all())
    for first in range(0, instants, size):
        part = slice(first, min(instants, first + size))
        moment, started, coming = _by_group(
            load[:, :, part], rate[:, :, part], phi, owner, kappa, summed, counts, extra
        )
        power, powers = exp(moment), [list[Complex]() for _ in coming]
        counted = np.any(weight, axis=0)
        for row, reached in enumerate(weight.shape[2] - np.argmax(counted[:, ::-1], axis=1)):
            started, power = started[..., :reached], power[..., :reached]
            for (group, of_one, its), squares in zip(coming, powers, strict=True):
                further = steps[row - 1, group] if row else 0.0
                started = started + further * its[..., :reached] if further else started
                if whole:
                    _to_the_power(power, of_one, squares, int(further))
                else:
                    moment = moment + further * of_one
            power = power if whole or not row else exp(moment[..., :reached])
            turned = power * weight[:, row, None, :reached]
            over[:, row, part] = turned.sum(axis=2).real
            crossing[:, row, part] = (turned * started).sum(axis=2).real
    return over, crossing


def _to_the_power(total: Complex, exponent: Complex, squares: list[Complex], number: int) -> None:
    """Multiply by e to the exponent so many times, from the squares of it; those that are missing are appended."""
    here = slice(total.shape[-1])
    for place in range(number.bit_length()):
        if place == len(squares):
            squares.append(np.square(squares[-1][..., here]) if squares else exp(exponent[..., here]))
        if number >> place & 1:
            total *= squares[place][..., here]


def _by_group(
    load: Floats, rate: Floats, phi: Complex, owner: Ints, kappa: Floats, summed: Floats, counts: Floats, extra: Floats
) -> tuple[Complex, Complex, list[tuple[int, Complex, Complex]]]:
    """Return log E[z^X] and the arrivals' factor of who is there; both of one account of each group that may come."""
    # real numbers times complex ones: numpy does them in pairs of real ones four times as fast
    pairs = np.ascontiguousarray(phi).view(np.float64)
    # of the members whose multipliers are known all groups at once
    known = summed[:, owner, None]
    base, arrivals = ((known * of).transpose(0, 2, 1) @ pairs for of in (load, rate))
    coming = []
    for group in range(kappa.shape[1]):
        if not (counts[:, group].any() or extra[:, group].any()):
            continue
        bands = np.flatnonzero(owner == group)
        inner, started = (_over(of[:, bands], pairs[:, bands]) for of in (load, rate))
        of_one, bracket = account_exponent(inner.view(np.complex128), kappa[:, group, None, None])
        # the account of an arriving meeting has its multiplier biased by size
        its = started.view(np.complex128) / bracket
        accounts = (counts[:, group] + extra[0, group])[:, None, None]
        base += accounts * of_one.view(np.float64)
        arrivals += accounts * its.view(np.float64)
        coming.append((group, of_one, its))
    whole, lifted = base.view(np.complex128), arrivals.view(np.complex128)
    return whole, lifted, [one for one in coming if extra[:, one[0]].any()]


def _over(of: Floats, pairs: Floats) -> Floats:
    """Return the sum over bands of load or rate, shape (D, B, T), times pairs, shape (D, B, 2 P), of each draw."""
    # a product of matrices takes twice as long for a single band
    return of[:, 0, :, None] * pairs if of.shape[1] == 1 else of.transpose(0, 2, 1) @ pairs


@lru_cache(maxsize=1)
def compiled() -> Kernel:
    """Return the loops compiled where numba is installed, else numpy's form of them: the same numbers to rounding."""
    try:
        from planner.model.overload.compiled import compiled as found  # noqa: PLC0415  # little work does without
    except ImportError:
        return in_numpy
    return found
