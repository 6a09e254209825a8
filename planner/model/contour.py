"""Tail probabilities of a compound law from its generating function: a sum over a circle through the saddlepoint.

For a count X with generating function E[z^X], the mean of E[z^X] z^-L / (z - 1) over the circle |z| = r is P(X > L) for
r > 1, and P(X > L) - 1 for r < 1. On the circle through the saddlepoint the integrand is as small as it can be and
falls off, so that ten to some hundred points give many digits *relative to the probability*, however large L.

References
----------
Helstrom, *Approximate evaluation of detection probabilities in radar and optical communications*, IEEE Transactions on
Aerospace and Electronic Systems 14(4), 1978. Bornemann, *Accuracy and stability of computing high-order derivatives of
analytic functions by Cauchy integrals*, Foundations of Computational Mathematics 11, 2011. Daniels, *Tail probability
approximations*, International Statistical Review 55, 1987.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from planner.model.inputs import Floats

Complex = npt.NDArray[np.complex128]
Array = TypeVar("Array", Floats, Complex)
LARGE_KAPPA = 1e6
"""From here on -kappa log(1 - A / kappa) is taken as its series: the logarithm would lose digits."""
RADII = (1.0, 0.85, 0.7, 0.55, 0.4, 0.28, 0.2, 0.12, 1.2, 1.5, 2.0, 3.0, 4.0)
"""Radii that are tried, as multiples of the saddlepoint's logarithm; the saddlepoint first."""
ROUNDING = 1e-15
"""Relative size of rounding: an integrand larger than the result by more than the precision over this is no use."""
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
    """Whether meetings start in this band, ndarray of shape (n_bands,)."""

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """Return the group of each band, ndarray of shape (n_bands,)."""
        return np.repeat(np.arange(len(self.bands)), [rows.stop - rows.start for rows in self.bands])


@dataclass(frozen=True, slots=True, eq=False)
class Circle:
    """The points of a circle that count, in its upper half."""

    log_z: Complex
    """ndarray of shape (n_points,)."""
    phi: Complex
    """Generating function of each band's mark, less 1, ndarray of shape (n_bands, n_points)."""
    weight: float
    """Of each point [-]."""
    missing: float
    """What the sum lacks of P(X > L) by construction [-]."""


def account_exponent(bands: Array, kappa: float) -> Array:
    """Return log E[z^X] of one account: its bands share one G, so they stay inside one bracket.

    Parameters
    ----------
    bands : ndarray of shape (n_bands, ...)
        m_k(t) (phi_k(z) - 1) for each kind of meeting and age band k [-].
    kappa : float
        Shape of G, 1 / spread^2 [-]; inf = all accounts alike.

    Returns
    -------
    ndarray of the shape of one band
        -kappa log(1 - sum of the bands / kappa) [-]; the sum itself for kappa = inf.

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

    Parameters
    ----------
    bands : ndarray of shape (n_bands, ...)
        As in `account_exponent` [-].
    kappa : float
        Shape of G [-].

    Returns
    -------
    ndarray of the shape of one band
        1 / (1 - sum of the bands / kappa) [-].

    Notes
    -----
    A busy account starts more meetings, so the account of an arriving meeting has its G biased by size: a gamma of
    shape kappa + 1, and the exponent -(kappa + 1) in place of -kappa.
    """
    total: Array = bands[0] if len(bands) == 1 else bands.sum(axis=0)
    return 1.0 / (1.0 - total / kappa)


def moments(compound: Compound, s: float) -> Floats:
    """Return phi(e^s) - 1 and the first two derivatives of phi(e^s) by s, ndarray of shape (3, n_bands) [-]."""
    v = np.arange(compound.marks.shape[1])
    tilted = np.exp(s * v)
    powers = np.stack([np.expm1(s * v), tilted * v, tilted * v * v])
    result: Floats = powers @ compound.marks.T
    return result


def log_moment(compound: Compound, counts: Floats, load: Floats, s: float) -> Floats:
    """Return log E[e^(s X)].

    Parameters
    ----------
    compound : Compound
        Groups and bands.
    counts : ndarray of shape (n_groups,)
        Accounts of each group [account].
    load : ndarray of shape (n_bands, n_instants)
        Load of one account of each [Erlang].
    s : float
        Where [-].

    Returns
    -------
    ndarray of shape (n_instants,)
        inf where the moment does not exist [-].
    """
    return _log_moment(compound, counts, load * moments(compound, s)[0][:, None])


def _log_moment(compound: Compound, counts: Floats, bands: Floats) -> Floats:
    total = np.zeros(bands.shape[1])
    for n, kappa, rows in zip(counts, compound.kappas, compound.bands, strict=True):
        if n > 0.0:
            inside = bands[rows].sum(axis=0) < kappa
            total += np.where(inside, n * account_exponent(np.where(inside, bands[rows], 0.0), kappa), np.inf)
    return total


def _along(compound: Compound, counts: Floats, load: Floats, s: Floats) -> Floats:
    """Return log E[e^(s X)] at one instant for each s, inf where it does not exist."""
    phi = np.expm1(np.outer(s, np.arange(compound.marks.shape[1]))) @ compound.marks.T
    return _log_moment(compound, counts, (phi * load).T)


def slopes(compound: Compound, counts: Floats, load: Floats, s: float) -> tuple[float, float]:
    """Return the first two derivatives of log E[e^(s X)] by s at one instant, inf beyond its domain [-]."""
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


def saddlepoint(compound: Compound, counts: Floats, load: Floats, limit: int, upper: bool) -> tuple[float, float]:
    """Return log r of the circle on which the integrand is smallest.

    Parameters
    ----------
    compound : Compound
        Groups and bands.
    counts : ndarray of shape (n_groups,)
        Accounts of each group [account].
    load : ndarray of shape (n_bands,)
        Load of one account of each at one instant [Erlang].
    limit : int
        L in lattice steps [-].
    upper : bool
        Whether the circle lies outside the unit circle (for L above the mean) or inside.

    Returns
    -------
    s : float
        Where log E[e^(s X)] - s L - log |e^s - 1| is smallest, to a hundredth [-]. Any s nearby serves as well.
    curvature : float
        Second derivative there [-].
    """
    mean, variance = slopes(compound, counts, load, 0.0)
    gap = limit - mean
    root = math.sqrt(gap * gap + 4.0 * variance)
    # e^(s largest mark) must not overflow; below -40 the circle is a point
    low, high = (0.0, 600.0 / (compound.marks.shape[1] - 1)) if upper else (-40.0, 0.0)
    s = (gap + root) / (2.0 * variance) if upper else (gap - root) / (2.0 * variance)
    if not low < s < high:
        s = 0.5 * (low + high)
    for _ in range(60):
        slope, curvature = slopes(compound, counts, load, s)
        slope -= limit - 1.0 / math.expm1(-s)
        curvature += math.exp(-s) / math.expm1(-s) ** 2
        if slope > 0.0:
            high = s
        else:
            low = s
        newton = s - slope / curvature if math.isfinite(slope) else low
        following = newton if low < newton < high else 0.5 * (low + high)
        if math.isfinite(slope) and abs(following - s) <= 0.01 * abs(s):
            break
        s = following
    return s, curvature


def circle(
    compound: Compound, counts: Floats, load: Floats, limit: int, upper: bool, precision: float, scale: float = 0.0
) -> Circle:
    """Return the points of a circle from which the probabilities at some instants follow.

    Parameters
    ----------
    compound : Compound
        Groups and bands.
    counts : ndarray of shape (n_groups,)
        Accounts of each group [account].
    load : ndarray of shape (n_bands, n_instants)
        Load of one account: first at the instant whose mean is nearest to L, then at others that the circle is for
        [Erlang].
    limit : int
        L in lattice steps [-].
    upper : bool
        Whether the circle lies outside the unit circle (for L above the mean) or inside.
    precision : float
        Error allowed, relative to the larger of the first instant's probability and `scale` [-].
    scale : float
        A probability that matters [-].

    Returns
    -------
    Circle
        With the generating functions there.

    Notes
    -----
    N points, half a step off the real axis, give P(X > L) plus the sum over q = ±1, ±2, … of (-1)^q P(X > L + q N)
    r^(q N) (for r < 1 with the complements). The terms of one side are at most r^-N each, and known exactly as soon as
    N > L; the other side is held by Chernoff's bound. The radius is the one that needs the fewest points: the
    saddlepoint's, or a smaller one where the saddlepoint lies close to a singularity (few accounts of large spread).
    """
    best, curvature = saddlepoint(compound, counts, load[:, 0], limit, upper)
    reach = np.array([part for part in RADII if abs(best) * part * compound.marks.shape[1] < 690.0])
    tried = best * reach
    height = _along(compound, counts, load[:, 0], tried) - tried * limit
    size = height[0] - math.log(abs(math.expm1(best))) - 0.5 * math.log(2.0 * math.pi * curvature)
    target = max(size, math.log(scale)) + math.log(precision)
    fewest, s = math.inf, best
    for radius, top in zip(tried, height, strict=True):
        lost = top - math.log(abs(math.expm1(radius))) - target
        if abs(radius / best - 0.925) > 0.1 and lost > -math.log(ROUNDING):
            continue
        wrapped = -target / abs(radius)
        further = np.abs(tried) > abs(radius)
        gain = (height[further] - target) / (np.abs(tried[further]) - abs(radius))
        beyond = gain.min(initial=math.inf)
        points = max(min(wrapped, limit + 1.0), beyond) if upper else max(wrapped, min(beyond, limit + 1.0))
        if points < fewest:
            fewest, s = points, float(radius)
    n = _round_number(max(8, math.ceil(fewest)))
    log_z = s + 2j * math.pi / n * (np.arange(n // 2) + 0.5)
    phi = _generating(compound.marks, s, n)
    size_there = _size(compound, counts, load, phi) - s * limit - np.log(np.abs(np.expm1(log_z)))
    kept = (size_there > target - 2.0).any(axis=0)
    known = 1.0 / (math.exp(min(700.0, s * n)) + 1.0) if n > limit else 0.0
    return Circle(log_z[kept], phi[:, kept], 2.0 / n, known if upper else 1.0)


def _round_number(needed: int) -> int:
    """Return an even number with small factors that is at least `needed`, for the transform."""
    unit = 1 << max(1, needed.bit_length() - 4)
    return -(-needed // unit) * unit


def _generating(marks: Floats, s: float, n: int) -> Complex:
    """Return phi - 1 at the n / 2 points of the upper half circle of radius e^s, ndarray of shape (n_bands, n / 2)."""
    v = np.arange(marks.shape[1])
    tilted = marks * np.exp(s * v + 1j * math.pi / n * v)
    turns = -(-len(v) // n)
    folded = np.zeros((len(marks), turns * n), dtype=np.complex128)
    folded[:, : len(v)] = tilted
    phi: Complex = np.fft.ifft(folded.reshape(len(marks), turns, n).sum(axis=1), axis=1)[:, : n // 2] * n - 1.0
    return phi


def _size(compound: Compound, counts: Floats, load: Floats, phi: Complex) -> Floats:
    """Return log |E[z^X]|, ndarray of shape (n_instants, n_points)."""
    total = np.zeros((load.shape[1], phi.shape[1]))
    for n, kappa, rows in zip(counts, compound.kappas, compound.bands, strict=True):
        if n > 0.0:
            total += n * account_exponent(load[rows, :, None] * phi[rows, None, :], kappa).real
    return total


def probabilities(
    compound: Compound, counts: Floats, load: Floats, rate: Floats, limit: int, around: Circle
) -> tuple[Floats, Floats]:
    """Return P(X > L), and the rate of arrivals that lift X over L, at each instant.

    Parameters
    ----------
    compound : Compound
        Groups and bands.
    counts : ndarray of shape (n_groups,)
        Accounts of each group [account].
    load : ndarray of shape (n_bands, n_instants)
        Load of one account of each [Erlang].
    rate : ndarray of shape (n_bands, n_instants)
        Rate at which one account starts meetings of the band's kind [1/h].
    limit : int
        L in lattice steps [-].
    around : Circle
        The contour, for these instants.

    Returns
    -------
    over : ndarray of shape (n_instants,)
        P(X > L) [-].
    crossing : ndarray of shape (n_instants,)
        Sum over the groups of n_c lambda_c P_c(X <= L < X + mark) [1/h].
    """
    over, crossing = np.empty(load.shape[1]), np.empty(load.shape[1])
    size = max(1, CHUNK // max(1, len(around.log_z)))
    kernel = np.exp(-around.log_z * limit) / np.expm1(around.log_z) * around.weight
    for first in range(0, load.shape[1], size):
        part = slice(first, first + size)
        exponent, arrivals = _sums(compound, counts, load[:, part], rate[:, part], around.phi)
        moment = np.exp(exponent)
        over[part] = (moment @ kernel).real + around.missing
        crossing[part] = ((moment * arrivals) @ kernel).real
    return np.clip(over, 0.0, 1.0), np.maximum(crossing, 0.0)


def _sums(compound: Compound, counts: Floats, load: Floats, rate: Floats, phi: Complex) -> tuple[Complex, Complex]:
    """Return log E[z^X], and the factor of it that the arrivals bring, each of shape (n_instants, n_points)."""
    exponent = np.zeros((load.shape[1], phi.shape[1]), dtype=np.complex128)
    arrivals = np.zeros_like(exponent)
    for n, kappa, rows in zip(counts, compound.kappas, compound.bands, strict=True):
        if n == 0.0:
            continue
        bands = load[rows, :, None] * phi[rows, None, :]
        fresh = compound.fresh[rows]
        started = (n * rate[rows][fresh]).T @ phi[rows][fresh]
        exponent += n * account_exponent(bands, kappa)
        if kappa < math.inf:
            started *= size_bias(bands, kappa)
        arrivals += started
    return exponent, arrivals
