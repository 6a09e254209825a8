"""The sum along a circle as loops, compiled by numba: those over the instants, innermost, are vectorized.

Complex numbers are held as a row of real and a row of imaginary parts. Loading them takes half a second: a single draw
does without.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

import numba
import numpy as np

from planner.model.inputs.capacity import Floats
from planner.model.overload.occupancy_law import Complex, Ints

MIDDLING, NEAR = 0.21**2, 0.25
"""Within these a series of nine terms, of ten, gives twelve digits of 2 atanh(y) = log((1 + y) / (1 - y)), of e^x."""
ALIKE = 1e12
"""From this kappa on accounts are all alike: log E[z^X] is A to twelve digits [-]."""
ALMOST_ONE = 0.999
"""From this |y|^2 on the C library's logarithm is taken: roots would lose digits."""
Function = TypeVar("Function", bound=Callable[..., object])
# Python's check that no divisor is 0 would keep the loops from being vectorized
compile_loops = partial(numba.njit, nogil=True, fastmath={"contract", "reassoc", "nnan", "arcp"}, error_model="numpy")
jit = cast(Callable[[Function], Function], compile_loops())


@jit
def add(total: Floats, part: Floats, times: float) -> None:
    """Add so many times a row of complex numbers, held as real and imaginary parts."""
    if times != 0.0:
        for t in range(total.shape[1]):
            total[0, t] += times * part[0, t]
            total[1, t] += times * part[1, t]


@jit
def add_to(total: Floats, load: Floats, phi: complex) -> None:
    """Add a load times phi - 1."""
    x, y = phi.real, phi.imag
    for t in range(len(load)):
        total[0, t] += load[t] * x
        total[1, t] += load[t] * y


@jit
def times(power: Floats, factor: Floats) -> None:
    """Multiply by a factor."""
    for t in range(power.shape[1]):
        x, y, u, v = power[0, t], power[1, t], factor[0, t], factor[1, t]
        power[0, t], power[1, t] = x * u - y * v, x * v + y * u


@jit
def squares(factor: Floats, table: Floats) -> None:
    """Put the factor to the power of 1, 2, 4, 8, ... there."""
    table[0] = factor
    for n in range(1, len(table)):
        table[n] = table[n - 1]
        times(table[n], table[n - 1])


@jit
def to_the_power(total: Floats, table: Floats, number: int) -> None:
    """Multiply by a factor so many times, from its squares."""
    place = 0
    while number > 0:
        if number % 2 == 1:
            times(total, table[place])
        number //= 2
        place += 1


@jit
def exponential(x: Floats, found: Floats) -> None:
    """Put e^x there: the series of a small part of x, squared."""
    largest = 0.0
    for t in range(x.shape[1]):
        largest = max(largest, abs(x[0, t]) + abs(x[1, t]))
    times, scale = 0, 1.0
    while largest * scale > NEAR:
        times += 1
        scale *= 0.5
    for t in range(x.shape[1]):
        u, v = x[0, t] * scale, x[1, t] * scale
        p, q = 1.0 + u / 10, v / 10
        for n in range(9, 0, -1):
            p, q = 1.0 + (p * u - q * v) / n, (p * v + q * u) / n
        found[0, t], found[1, t] = p, q
    for _ in range(times):
        for t in range(x.shape[1]):
            p, q = found[0, t], found[1, t]
            found[0, t], found[1, t] = p * p - q * q, 2.0 * p * q


@jit
def roots(x: Floats) -> None:
    """Put sqrt(1 + x) - 1 there, for 1 + x right of the imaginary axis."""
    for t in range(x.shape[1]):
        u, v = 1.0 + x[0, t], x[1, t]
        root = math.sqrt(0.5 * (math.sqrt(u * u + v * v) + u))
        x[0, t], x[1, t] = root - 1.0, 0.5 * v / root


@jit
def logarithm(x: Floats, factor: float) -> None:
    """Put log(1 + x) times a factor there, for 1 + x right of the imaginary axis."""
    largest = 0.0
    for t in range(x.shape[1]):
        u, v = x[0, t], x[1, t] * x[1, t]
        largest = max(largest, (u * u + v) / ((2.0 + u) * (2.0 + u) + v))
    if largest > ALMOST_ONE:
        for t in range(x.shape[1]):
            u, v = 1.0 + x[0, t], x[1, t]
            x[0, t], x[1, t] = 0.5 * factor * math.log(u * u + v * v), factor * math.atan2(v, u)
        return
    while largest > MIDDLING:
        roots(x)
        factor *= 2.0
        largest /= (1.0 + math.sqrt(1.0 - largest)) ** 2
    for t in range(x.shape[1]):
        # log(1 + x) = 2 atanh(y) with y = x / (2 + x): nine terms
        u, v = x[0, t], x[1, t]
        size = (2.0 + u) * (2.0 + u) + v * v
        u, v = (u * (2.0 + u) + v * v) / size, 2.0 * v / size
        p, q = u * u - v * v, 2.0 * u * v
        e, f = 1.0 / 17, 0.0
        for n in range(15, 0, -2):
            e, f = 1.0 / n + e * p - f * q, e * q + f * p
        x[0, t], x[1, t] = 2.0 * factor * (u * e - v * f), 2.0 * factor * (u * f + v * e)


@jit
def of_one(a: Floats, b: Floats, kappa: float) -> None:
    """Turn A into log E[z^X] of one account, -kappa log(1 - A / kappa), and divide the arrivals by 1 - A / kappa."""
    if kappa >= ALIKE:
        return
    for t in range(a.shape[1]):
        a[0, t], a[1, t] = -a[0, t] / kappa, -a[1, t] / kappa
        x, y = 1.0 + a[0, t], a[1, t]
        size = x * x + y * y
        u, v = b[0, t], b[1, t]
        b[0, t], b[1, t] = (u * x + v * y) / size, (v * x - u * y) / size
    logarithm(a, -kappa)


def looped(
    load: Floats,
    rate: Floats,
    phi: Complex,
    weight: Complex,
    known: Floats,
    owner: Ints,
    kappa: Floats,
    summed: Floats,
    counts: Floats,
    extra: Floats,
) -> tuple[Floats, Floats]:
    """Return over and crossing of a block of draws; the arguments are those of `kernel.in_numpy`."""
    draws, bands, instants = load.shape
    points, groups, rows = weight.shape[1], kappa.shape[1], len(extra)
    over, crossing = np.zeros((draws, rows, instants)), np.zeros((draws, rows, instants))
    a, b = np.empty((groups, 2, instants)), np.empty((groups, 2, instants))
    moment, started, power = np.empty((2, instants)), np.empty((2, instants)), np.empty((2, instants))
    steps = np.concatenate((np.zeros((1, groups)), extra[1:] - extra[:-1]))
    # further accounts are powers of one exponential
    whole = (steps == np.floor(steps)).all() and steps.min() >= 0.0
    table = np.empty((groups, 1 + int(np.log2(1.0 + steps.max())) if whole else 0, 2, instants))
    coming = np.array([g for g in range(groups) if extra[:, g].any()], dtype=np.int64)
    for d in range(draws):
        total = weight[d].sum()
        for k in range(points + 1):
            w = weight[d, k] if k < points else -total
            if w == 0.0:
                continue
            a[:], b[:], moment[:], started[:] = 0.0, 0.0, 0.0, 0.0
            for band in range(bands):
                add_to(a[owner[band]], load[d, band], phi[d, band, k])
                add_to(b[owner[band]], rate[d, band], phi[d, band, k])
            for g in range(groups):
                add(moment, a[g], summed[d, g])
                add(started, b[g], summed[d, g])
                if counts[d, g] != 0.0 or extra[:, g].any():
                    of_one(a[g], b[g], kappa[d, g])
                    add(moment, a[g], counts[d, g] + extra[0, g])
                    add(started, b[g], counts[d, g] + extra[0, g])
            if whole:
                for g in coming:
                    exponential(a[g], a[g])
                    squares(a[g], table[g])
                exponential(moment, power)
            for r in range(rows):
                for g in coming:
                    add(started, b[g], steps[r, g])
                    if whole:
                        to_the_power(power, table[g], int(steps[r, g]))
                    else:
                        add(moment, a[g], steps[r, g])
                if not whole:
                    exponential(moment, power)
                last = known[d] if k == points else 0.0
                for t in range(instants):
                    x, y = power[0, t], power[1, t]
                    real, imag = x * w.real - y * w.imag, x * w.imag + y * w.real
                    over[d, r, t] += real + last * (1.0 - x)
                    crossing[d, r, t] += real * started[0, t] - imag * started[1, t] - last * x * started[0, t]
    return over, crossing


try:
    compiled = cast(Callable[..., tuple[Floats, Floats]], compile_loops(cache=True)(looped))
except RuntimeError:
    # no place where what is compiled may be kept
    compiled = cast(Callable[..., tuple[Floats, Floats]], jit(looped))
