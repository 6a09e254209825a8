"""The sum along a circle as loops, compiled by numba: those over points and instants, innermost, are vectorized.

Complex numbers are held as a row of real and a row of imaginary parts. Loading them takes a third of a second: little
work does without.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

import numba
import numpy as np

from planner.model.inputs.capacity import Floats, Ints
from planner.model.overload.occupancy_law import Complex

MIDDLING, NEAR = 0.21**2, 0.25
"""Within these a series of nine terms, of ten, gives twelve digits of 2 atanh(y) = log((1 + y) / (1 - y)), of e^x."""
ALIKE = 1e12
"""From this kappa on accounts are all alike: log E[z^X] is A to twelve digits [-]."""
TURN = 2.0 * math.pi
TOGETHER = 4
"""Points that are worked on at once: longer loops, and their instants need no rest of their own."""
MOST_SQUARES = 64
"""An exponent that needs more of them is no finite number: a loop must end all the same."""
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
def add_to(total: Floats, load: Floats, phi: Floats) -> None:
    """Add the load of each instant times phi - 1 of each point, real and imaginary parts."""
    instants = len(load)
    for p in range(TOGETHER):
        x, y, first = phi[0, p], phi[1, p], p * instants
        for t in range(instants):
            total[0, first + t] += load[t] * x
            total[1, first + t] += load[t] * y


@jit
def put(counted: Floats, weight: Complex, points: Ints) -> None:
    """Put what each of some points counts there, for all instants."""
    instants = counted.shape[1] // TOGETHER
    for p in range(len(points)):
        there = slice(p * instants, (p + 1) * instants)
        counted[0, there], counted[1, there] = weight[points[p]].real, weight[points[p]].imag


@jit
def add_sums(over: Floats, crossing: Floats, power: Floats, started: Floats, counted: Floats) -> None:
    """Add E[z^X], and that times the arrivals' factor, times what each of them counts: real parts."""
    for t in range(len(over)):
        x, y, u, v = power[0, t], power[1, t], counted[0, t], counted[1, t]
        real = x * u - y * v
        over[t] += real
        crossing[t] += real * started[0, t] - (x * v + y * u) * started[1, t]


@jit
def times(power: Floats, factor: Floats) -> None:
    """Multiply by a factor."""
    for t in range(power.shape[1]):
        x, y, u, v = power[0, t], power[1, t], factor[0, t], factor[1, t]
        power[0, t], power[1, t] = x * u - y * v, x * v + y * u


@jit
def squares(table: Floats) -> None:
    """Put the factor to the power of 1, 2, 4, 8, ... there."""
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
def exponential(x: Floats, found: Floats, size: Floats) -> None:
    """Put e^x there: the series of a small part of x, its real part squared, its angle doubled."""
    # a bound on the largest: sums are vectorized, the largest of all is not
    powers = 0.0
    for t in range(x.shape[1]):
        power = x[0, t] * x[0, t]
        for _ in range(3):
            power *= power
        powers += power
    largest, times, scale = powers ** (1 / 16), 0, 1.0
    while largest * scale > NEAR and times < MOST_SQUARES:
        times += 1
        scale *= 0.5
    for t in range(x.shape[1]):
        u, v = x[0, t] * scale, x[1, t]
        r = 1.0 + u / 10
        for n in range(9, 0, -1):
            r = 1.0 + r * u / n
        v = (v - TURN * np.floor(v / TURN + 0.5)) / 8
        w = v * v
        q = v * (1.0 - w / 6 * (1.0 - w / 20 * (1.0 - w / 42 * (1.0 - w / 72 * (1.0 - w / 110)))))
        p = 1.0 - w / 2 * (1.0 - w / 12 * (1.0 - w / 30 * (1.0 - w / 56 * (1.0 - w / 90 * (1.0 - w / 132)))))
        for _ in range(3):
            p, q = p * p - q * q, 2.0 * p * q
        found[0, t], found[1, t], size[t] = p, q, r
    for _ in range(times):
        for t in range(len(size)):
            size[t] *= size[t]
    for t in range(len(size)):
        found[0, t] *= size[t]
        found[1, t] *= size[t]


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
    powers = 0.0
    for t in range(x.shape[1]):
        u, v = x[0, t], x[1, t] * x[1, t]
        power = (u * u + v) / ((2.0 + u) * (2.0 + u) + v)
        for _ in range(6):
            power *= power
        powers += power
    largest = powers ** (1 / 64)
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
        # a polynomial in y^2 with real coefficients, by Goertzel's recurrence
        p, q = u * u - v * v, 2.0 * u * v
        r, s = 2.0 * p, p * p + q * q
        e, f = 1.0 / 17, 0.0
        for n in range(15, 1, -2):
            e, f = 1.0 / n + r * e - s * f, e
        e, f = 1.0 - s * f + p * e, q * e
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
    owner: Ints,
    kappa: Floats,
    summed: Floats,
    counts: Floats,
    extra: Floats,
) -> tuple[Floats, Floats]:
    """Return over and crossing of a block of draws; the arguments are those of `kernel.in_numpy`, which says them."""
    draws, bands, instants = load.shape
    groups, rows, size = kappa.shape[1], len(extra), instants * TOGETHER
    over, crossing = np.zeros((draws, rows, size)), np.zeros((draws, rows, size))
    a, b = np.empty((groups, 2, size)), np.empty((groups, 2, size))
    moment, started, power = np.empty((2, size)), np.empty((2, size)), np.empty((2, size))
    of_points, counted, scratch = np.empty((2, TOGETHER)), np.empty((2, size)), np.empty(size)
    steps = np.concatenate((np.zeros((1, groups)), extra[1:] - extra[:-1]))
    # further accounts are powers of one exponential
    whole = (steps == np.floor(steps)).all() and steps.min() >= 0.0
    table = np.empty((groups, 1 + int(np.log2(1.0 + steps.max())) if whole else 0, 2, size))
    coming = np.array([g for g in range(groups) if extra[:, g].any()], dtype=np.int64)
    for d in range(draws):
        at = np.flatnonzero(weight[d, 0])
        for first in range(0, len(at), TOGETHER):
            a[:], b[:], moment[:], started[:], counted[:], of_points[:] = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            some = at[first : first + TOGETHER]
            last = rows
            while last > 1 and weight[d, last - 1, some[0]] == 0.0:
                last -= 1
            for band in range(bands):
                for p in range(len(some)):
                    of_points[0, p], of_points[1, p] = phi[d, band, some[p]].real, phi[d, band, some[p]].imag
                add_to(a[owner[band]], load[d, band], of_points)
                add_to(b[owner[band]], rate[d, band], of_points)
            for g in range(groups):
                add(moment, a[g], summed[d, g])
                add(started, b[g], summed[d, g])
                if counts[d, g] != 0.0 or extra[:, g].any():
                    of_one(a[g], b[g], kappa[d, g])
                    add(moment, a[g], counts[d, g] + extra[0, g])
                    add(started, b[g], counts[d, g] + extra[0, g])
            exponential(moment, power, scratch)
            if whole and last > 1:
                for g in coming:
                    exponential(a[g], table[g, 0], scratch)
                    squares(table[g])
            for r in range(last):
                for g in coming:
                    add(started, b[g], steps[r, g])
                    if whole:
                        to_the_power(power, table[g], int(steps[r, g]))
                    else:
                        add(moment, a[g], steps[r, g])
                if not whole and r > 0:
                    exponential(moment, power, scratch)
                put(counted, weight[d, r], some)
                add_sums(over[d, r], crossing[d, r], power, started, counted)
    apart = (draws, rows, TOGETHER, instants)
    return over.reshape(apart).sum(axis=2), crossing.reshape(apart).sum(axis=2)


try:
    compiled = cast(Callable[..., tuple[Floats, Floats]], compile_loops(cache=True)(looped))
except RuntimeError:
    # no place where what is compiled may be kept
    compiled = cast(Callable[..., tuple[Floats, Floats]], jit(looped))
