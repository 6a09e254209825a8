"""Tail probabilities of a compound law from its generating function: a sum over a circle.

For a count X with generating function E[z^X], the mean of E[z^X] z^-L / (z - 1) over the circle |z| = r is P(X > L) for
r > 1, and P(X > L) - 1 for r < 1. Which circle is for `circle` to choose.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Floats

Complex = npt.NDArray[np.complex128]
Array = TypeVar("Array", Floats, Complex)
LARGE_KAPPA = 1e6
"""From here on -kappa log(1 - A / kappa) is taken as its series: the logarithm would lose digits."""
LARGEST_EXPONENT = 600.0
"""e to this and its squares and sums with others do not overflow."""
CHUNK = 1 << 13
"""Contour points x instants that are worked on at once: they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Compound:
    """What the accounts on a node hold of a resource: groups of accounts, each with bands of meetings.

    A group is one class of accounts, whose members share the spread of their rates. A band is one kind of meeting in
    one age band; an account's multiplier G is the same for all its bands.
    """

    kappas: tuple[float, ...]
    """Shape of G for each group [-]; inf = all accounts alike."""
    bands: tuple[slice, ...]
    """The rows of each group's bands."""
    marks: Floats
    """Law of the mark in lattice steps, ndarray of shape (n_bands, largest mark + 1) [-]."""
    fresh: npt.NDArray[np.bool_]
    """Whether meetings start in this band, ndarray of shape (n_bands,) [-]."""

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """Return the group of each band, ndarray of shape (n_bands,)."""
        return np.repeat(np.arange(len(self.bands)), [rows.stop - rows.start for rows in self.bands])


@dataclass(frozen=True, slots=True, eq=False)
class Circle:
    """The points of a circle that count, in its upper half."""

    log_z: Complex
    """ndarray of shape (n_points,) [-]"""
    phi: Complex
    """Generating function of each band's mark, less 1, ndarray of shape (n_bands, n_points) [-]."""
    weight: float
    """Of each point [-]."""
    missing: float
    """What the sum lacks of P(X > L) by construction [-]."""


def account_exponent(bands: Array, kappa: float) -> Array:
    """Return log E[z^X] of one account: its bands share one G, so they stay inside one bracket.

    Examples
    --------
    >>> print(account_exponent(np.array([[0.25], [0.25]]), 1.0).round(6))
    [0.693147]
    """
    total: Array = bands[0] if len(bands) == 1 else bands.sum(axis=0)
    if kappa < LARGE_KAPPA:
        return -kappa * _log(1.0 - total / kappa)
    x = total / kappa
    return total * (1.0 + x * (1 / 2 + x * (1 / 3 + x / 4)))


def _log(x: Array) -> Array:
    """Return the logarithm of something with a positive real part; numpy's complex one is 20 times slower."""
    if np.iscomplexobj(x):
        result = np.empty_like(x)
        result.real = 0.5 * np.log(x.real * x.real + x.imag * x.imag)
        result.imag = np.arctan2(x.imag, x.real)
        return result
    return np.log(x)


def size_bias(bands: Array, kappa: float) -> Array:
    """Return E_c[z^X] / E[z^X]: what an arriving meeting's own account changes in the law that the meeting finds.

    Notes
    -----
    A busy account starts more meetings, so the account of an arriving meeting has its G biased by size: a gamma of
    shape kappa + 1, and the exponent -(kappa + 1) in place of -kappa.
    """
    total: Array = bands[0] if len(bands) == 1 else bands.sum(axis=0)
    return 1.0 / (1.0 - total / kappa)


def mean(compound: Compound, counts: Floats, load: Floats) -> Floats:
    """Return the mean of X in lattice steps.

    Units: counts [account]; load [Erlang].
    """
    steps = compound.marks @ np.arange(compound.marks.shape[1])
    result: Floats = (counts[compound.owner] * steps) @ load
    return result


def moments(compound: Compound, s: float) -> Floats:
    """Return phi(e^s) - 1 and the first two derivatives of phi(e^s) by s, ndarray of shape (3, n_bands)."""
    v = np.arange(compound.marks.shape[1])
    tilted = np.exp(s * v)
    powers = np.stack([np.expm1(s * v), tilted * v, tilted * v * v])
    result: Floats = powers @ compound.marks.T
    return result


def log_moment(compound: Compound, counts: Floats, load: Floats, s: float) -> Floats:
    """Return log E[e^(s X)].

    Units: counts [account]; load [Erlang].
    """
    return _log_moment(compound, counts, load * moments(compound, s)[0][:, None])


def _log_moment(compound: Compound, counts: Floats, bands: Floats) -> Floats:
    total = np.zeros(bands.shape[1])
    for n, kappa, rows in zip(counts, compound.kappas, compound.bands, strict=True):
        if n > 0.0:
            inside = bands[rows].sum(axis=0) < kappa
            total += np.where(inside, n * account_exponent(np.where(inside, bands[rows], 0.0), kappa), np.inf)
    return total


def log_moment_along(compound: Compound, counts: Floats, load: Floats, s: Floats) -> Floats:
    """Return log E[e^(s X)] at one instant for several s, inf where it does not exist.

    Units: counts [account]; load [Erlang].
    """
    phi = np.expm1(np.outer(s, np.arange(compound.marks.shape[1]))) @ compound.marks.T
    return _log_moment(compound, counts, (phi * load).T)


def slopes(compound: Compound, counts: Floats, load: Floats, s: float) -> tuple[float, float]:
    """Return the first two derivatives of log E[e^(s X)] by s at one instant, inf beyond its domain.

    Units: counts [account]; load [Erlang].
    """
    phi, phi1, phi2 = moments(compound, s) * load
    first = second = 0.0
    for n, kappa, rows in zip(counts, compound.kappas, compound.bands, strict=True):
        if n > 0.0:
            bracket = 1.0 - float(phi[rows].sum()) / kappa
            if bracket <= 0.0:
                return math.inf, math.inf
            slope = float(phi1[rows].sum()) / bracket
            first += n * slope
            second += n * (float(phi2[rows].sum()) / bracket + slope * slope / kappa)
    return first, second


def probabilities(
    compound: Compound, counts: Floats, load: Floats, rate: Floats, limit: int, around: Circle
) -> tuple[Floats, Floats]:
    """Return P(X > L), and the rate of arrivals that lift X over L, at each instant.

    Units: counts [account]; load [Erlang]; rate [1/h]; returns [1/h].
    """
    over, crossing = np.empty((len(counts), load.shape[1])), np.empty((len(counts), load.shape[1]))
    used = np.flatnonzero(counts.any(axis=0))
    kernel = np.exp(-around.log_z * limit) / np.expm1(around.log_z) * around.weight
    size = max(1, CHUNK // max(1, len(around.log_z)))
    for first in range(0, load.shape[1], size):
        part = slice(first, first + size)
        exponents, arrivals = _of_one_account(compound, used, load[:, part], rate[:, part], around.phi)
        shape = exponents.shape[1:]
        exponents, arrivals = exponents.reshape(len(used), -1), arrivals.reshape(len(used), -1)
        for row, n in enumerate(counts[:, used].astype(np.complex128)):
            # log E[z^X] is linear in the counts: a further number of accounts costs one exp
            moment = np.exp(n @ exponents)
            over[row, part] = (moment.reshape(shape) @ kernel).real + around.missing
            moment *= n @ arrivals
            crossing[row, part] = (moment.reshape(shape) @ kernel).real
    return np.clip(over, 0.0, 1.0), np.maximum(crossing, 0.0)


def _of_one_account(
    compound: Compound, used: npt.NDArray[np.int64], load: Floats, rate: Floats, phi: Complex
) -> tuple[Complex, Complex]:
    """Return log E[z^X] of one account, and the factor its arrivals bring, of shape (n_used, n_instants, n_points)."""
    exponents = np.empty((len(used), load.shape[1], phi.shape[1]), dtype=np.complex128)
    arrivals = np.empty_like(exponents)
    for row, group in enumerate(used):
        rows, kappa = compound.bands[group], compound.kappas[group]
        bands = load[rows, :, None] * phi[rows, None, :]
        fresh = compound.fresh[rows]
        exponents[row] = account_exponent(bands, kappa)
        arrivals[row] = rate[rows][fresh].T @ phi[rows][fresh]
        if kappa < math.inf:
            arrivals[row] *= size_bias(bands, kappa)
    return exponents, arrivals
