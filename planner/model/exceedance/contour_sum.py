"""P(X > L), and the rate at which arrivals lift X over L, from the generating function on a circle.

With z_k = e^(s + 2 pi i (k + 1/2) / N) the mean over k of (E[z^X] - P(0)) z^-L / (z - 1) is P(X > L), less
(1 - P(0)) / (1 + e^(sN)), plus the alternating sum over q >= 1 of P(X > L + qN) e^(sqN). The first is known exactly as
soon as N > L, on any side of the unit circle; the rest is held by Chernoff's bound. Near the saddlepoint the integrand
falls off so fast that a few points carry the sum: those that don't count are left out.

References
----------
Helstrom, *Approximate evaluation of detection probabilities in radar and optical communications*, IEEE Trans. Aerospace
and Electronic Systems 14(4), 1978. Bornemann, *Accuracy and stability of computing high-order derivatives of analytic
functions by Cauchy integrals*, Foundations of Computational Mathematics 11, 2011.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from planner.model.exceedance.law import Compound, Ints
from planner.model.inputs import Floats

Complex = npt.NDArray[np.complex128]
SMALL = 0.03**2
"""Below |A / kappa| = 0.03 eight terms of the logarithm's series are exact."""
LARGE_KAPPA = 1e6
"""From here on -kappa log(1 - A / kappa) is taken as its series: the logarithm would lose digits."""
RATIO = 1.2
"""Radii that are tried: log r ascends by this factor."""
LARGEST_EXPONENT = 600.0
"""e to this, squared or added up, does not overflow."""
STEPS = (1, 2, 4, 7, 11, 16, 24)
"""The alias is bounded at radii so many places further out."""
BELOW = 0.5
"""P(X > L) is taken to be e^-0.5 of what the saddlepoint says, to be on the safe side."""
ROUGH, MOST = 1e-5, 4.0
"""With a larger tolerance N is at most so many times the limit: where a tail hardly falls the error may be larger."""
LOST = 2.0
"""An integrand e^2 times as large as its sum costs as much as e times the points."""
CUT = 100.0
"""Beyond the last point larger than this times the tolerance the sum fades out ..."""
TAPER = 1.6
"""... until so many times as many points."""
DEPTHS = (1.0, 0.75, 0.4, 0.15, 0.04)
"""Loads at which it is looked for, over the busiest; two of them for a rough sum."""
LOOKS = 24
"""Points at which it is looked for, near the real axis and all along."""
BLOCK, ALIKE = 256, 16
"""Draws on circles of as many points; and draws of which as many points count."""
THREADS = 2
CHUNK = 1 << 14
"""Points x instants x draws that numpy works on at once: they stay in the processor's cache."""
COMPILED_FROM = 500
"""With so many draws it pays to load numba."""


@dataclass(frozen=True, slots=True, eq=False)
class Circle:
    """The circle of each draw, ndarrays of shape (D,) but for the last."""

    s: Floats
    """log r [-]"""
    points: Ints
    """N, even."""
    scale: Floats
    """log of about P(X > L), lightest row and heaviest, ndarray of shape (rows, D) [-]."""


def tails(compound: Compound, extra: Floats, tolerance: float, least: float = 1e-300) -> tuple[Floats, Floats]:
    """Return P(X > L), and the rate of arrivals that lift X over L, for each draw, row of `extra` and instant.

    Parameters
    ----------
    compound : Compound
        The law.
    extra : ndarray of shape (R, G)
        Further accounts of each group; the first row is the lightest, the last the heaviest [account].
    tolerance : float
        Error allowed, relative to the probability at the busiest instant [-].
    least : float
        Probabilities below this one need no digits [-].

    Returns
    -------
    over, crossing : ndarrays of shape (D, R, T)
        Probability [-], rate [1/h].
    """
    draws, instants = len(compound.limit), compound.load.shape[2]
    over, crossing = np.zeros((2, draws, len(extra), instants))
    over[compound.limit < 0] = 1.0
    left = np.flatnonzero((compound.limit >= 0) & np.isfinite(compound.limit))
    circle = choose(compound, extra, tolerance, left, least)
    kernel = compiled() if draws >= COMPILED_FROM or compiled.cache_info().currsize else in_numpy
    order = np.argsort(circle.points, kind="stable")

    def work(first: int) -> None:
        rows = order[first : first + BLOCK]
        held = _draws(compound, left[rows])
        here = Circle(circle.s[rows], np.full(len(rows), circle.points[rows].max()), circle.scale[:, rows])
        phi, weight, known, last = _points(held, extra, here, tolerance)
        # numpy works on as many points of all draws of a block: those that need alike stand together
        for some in np.array_split(np.argsort(last, kind="stable"), -(-len(rows) // ALIKE)):
            few, its = int(last[some[-1]]), _draws(held, some)
            points = np.concatenate([phi[some, :, :few], phi[some, :, -1:]], axis=2)
            over[left[rows[some]]], crossing[left[rows[some]]] = kernel(
                its.load,
                its.rate,
                points,
                weight[some, :few],
                known[some],
                its.owner,
                its.kappa,
                its.summed,
                its.counts,
                extra,
            )

    blocks = range(0, len(left), BLOCK)
    if len(blocks) > THREADS:
        # what is computed does not depend on which thread does it
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, blocks))
    else:
        for first in blocks:
            work(first)
    return np.clip(over, 0.0, 1.0), np.maximum(crossing, 0.0)


def _draws(of: Compound, rows: Ints) -> Compound:
    """Return some of the draws."""
    parts = ("limit", "marks", "kappa", "summed", "counts", "load", "rate")
    return replace(of, **{name: getattr(of, name)[rows] for name in parts})


def choose(compound: Compound, extra: Floats, tolerance: float, rows: Ints, least: float) -> Circle:
    """Return the circle for some of the draws: the one that needs the fewest points for the lightest and heaviest row.

    Parameters
    ----------
    compound : Compound
        The law.
    extra : ndarray of shape (R, G)
        Further accounts of each group, the lightest row first [account].
    tolerance : float
        Error allowed, relative to the probability at the busiest instant [-].
    rows : ndarray of int
        The draws.
    least : float
        Probabilities below this one need no digits [-].
    """
    longest, highest = compound.marks.shape[2], float(compound.limit[rows].max(initial=0.0))
    most = min(LARGEST_EXPONENT / max(1, longest - 1), 12.0)
    number = max(2, math.ceil(math.log(most * 4.0 * (highest + 1.0)) / math.log(RATIO)))
    s = most * RATIO ** -np.arange(number, dtype=np.float64)[::-1]
    phi = (compound.marks[rows].reshape(-1, longest) @ np.expm1(np.outer(np.arange(longest), s))).reshape(
        len(rows), -1, number
    )
    limit, busiest = compound.limit[rows, None], compound.mean(extra[-1])[rows].argmax(axis=1)
    for _ in range(2):
        load = compound.load[rows[:, None], :, busiest[:, None]][:, 0]
        height = np.stack(
            [_log_moment(compound, rows, row, load[:, :, None] * phi) - s * (limit + 1) for row in _ends(extra)]
        )
        found = _fewest(height, s, compound.limit[rows], tolerance, math.log(least))
        at = np.searchsorted(s, np.abs(found.s)).clip(0, number - 1)
        there = phi[np.arange(len(rows)), :, at]
        across = _log_moment(compound, rows, extra[-1], compound.load[rows] * there[:, :, None])
        # where young meetings hold more than old ones the largest mean need not be closest to the limit
        top = across.argmax(axis=1)
        if (across.max(axis=1) <= across[np.arange(len(rows)), busiest] + 0.5).all():
            break
        busiest = top
    return found


def bound(compound: Compound, extra: Floats, side: float = 1.0) -> Floats:
    """Return the log of Chernoff's bound of P(X > L) at each instant, one s for all; ndarray of shape (D, T).

    Parameters
    ----------
    compound : Compound
        The law, of draws with a limit.
    extra : ndarray of shape (G,)
        Further accounts of each group [account].
    side : float
        -1 for the log of E[e^(-sX)] instead.
    """
    rows = np.arange(len(compound.limit))
    s = choose(compound, extra[None], 1e-6, rows, 1e-300).s
    s = np.where(s > 0.0, s, 0.25 / (compound.limit + 1.0))
    tilted = np.expm1(side * s[:, None] * np.arange(compound.marks.shape[2]))
    phi = np.einsum("dbv,dv->db", compound.marks, tilted)
    moment = _log_moment(compound, rows, extra, compound.load * phi[:, :, None])
    return moment if side < 0.0 else np.asarray(np.minimum(moment - (s * (compound.limit + 1))[:, None], 0.0))


def _ends(extra: Floats) -> Floats:
    """Return the lightest row and the heaviest."""
    return extra[[0, -1]] if len(extra) > 1 else extra


def _fewest(height: Floats, s: Floats, limit: Floats, tolerance: float, least: float) -> Circle:
    """Return the circle with the fewest points, from the log of Chernoff's bound of some rows at each s."""
    scale = np.maximum(_log_tail(height, s), least)
    needed, excess = np.broadcast_to(limit[:, None] + 2.0, height.shape[1:]), np.zeros(height.shape[1:])
    with np.errstate(invalid="ignore", over="ignore"):
        for row, its in zip(height, scale, strict=True):
            excess = np.maximum(excess, row - its[:, None])
            beyond = np.full_like(row, np.inf)
            for step in STEPS:
                if step < len(s):
                    gain = (row[:, step:] - its[:, None] - math.log(tolerance)) / (s[step:] - s[:-step])
                    beyond[:, :-step] = np.minimum(beyond[:, :-step], np.nan_to_num(gain, nan=np.inf))
            needed = np.maximum(needed, beyond)
        # where the integrand is larger than the sum it falls off late, and digits are lost
        cost = np.nan_to_num(np.log(needed) + excess / LOST, nan=np.inf)
    draws = np.arange(len(limit))
    best = cost.argmin(axis=1)
    points, radius = needed[draws, best], s[best]
    # far above the limit no circle outside will do; inside, what is left out is at most e^(sN)
    inside = ~(points <= 12.0 * (limit + 8.0)) & (height.min(axis=2).max(axis=0) > -0.3)
    most = MOST * (limit + 8.0) if tolerance > ROUGH else 1e5
    points = np.minimum(np.where(inside, 2.0 * (limit + 2.0), points), most)
    radius = np.where(inside, (math.log(tolerance) - 6.0) / points, radius)
    # a multiple of a large power of two is quick to transform
    unit = 2.0 ** np.maximum(1.0, np.floor(np.log2(points)) - 3.0)
    return Circle(radius, (unit * np.ceil(points / unit)).astype(np.int64), scale)


def _log_tail(height: Floats, s: Floats) -> Floats:
    """Return the log of P(X > L) by the saddlepoint, a little low; ndarray of the shape of `height` but for its last.

    References
    ----------
    Daniels, *Tail probability approximations*, International Statistical Review 55, 1987.
    """
    best = height.argmin(axis=-1)
    middle = np.clip(best, 1, len(s) - 2)[..., None]
    before, at, after = (np.take_along_axis(height, middle + k, -1)[..., 0] for k in (-1, 0, 1))
    low, here, high = s[middle[..., 0] - 1], s[middle[..., 0]], s[middle[..., 0] + 1]
    with np.errstate(invalid="ignore"):
        bend = 2.0 * ((after - at) / (high - here) - (at - before) / (here - low)) / (high - low)
    deviation = np.sqrt(np.where(np.isfinite(bend) & (bend > 0.0), bend, here**-2.0))
    lost = np.maximum(np.log(-np.expm1(-here) * math.sqrt(2.0 * math.pi) * deviation), 0.0)
    return np.asarray(np.minimum(height.min(axis=-1), 0.0) - lost - BELOW)


def _log_moment(compound: Compound, rows: Ints, extra: Floats, bands: Floats) -> Floats:
    """Return log E[e^(s X)] from load x (phi - 1) of each band, inf where it does not exist; axis 1 is the bands'."""
    total = np.zeros((bands.shape[0], bands.shape[2]))
    for group in range(compound.kappa.shape[1]):
        inner = bands[:, compound.owner == group].sum(axis=1)
        accounts = (compound.counts[rows, group] + extra[group])[:, None]
        kappa = np.minimum(compound.kappa[rows, group], LARGE_KAPPA)[:, None]
        total += compound.summed[rows, group, None] * inner
        if accounts.any():
            inside = (inner < kappa) | (accounts == 0.0)
            of_one = -kappa * np.log1p(-np.where(inside, np.minimum(inner, 0.999999999 * kappa), 0.0) / kappa)
            total += np.where(inside, accounts * of_one, np.inf)
    return total


def _points(held: Compound, extra: Floats, circle: Circle, tolerance: float) -> tuple[Complex, Complex, Floats, Ints]:
    """Return phi - 1 at the points, what each weighs, what the sum lacks of P(X > L), and how many points count.

    The last column of phi is that of z = 0, which gives P(X = 0).
    """
    n, draws = int(circle.points[0]), np.arange(len(circle.s))
    log_z = circle.s[:, None] + 2j * math.pi / n * (np.arange(n // 2) + 0.5)
    phi = _generating(held.marks, circle.s, n)
    known = 1.0 / (1.0 + np.exp(np.minimum(circle.s * n, 700.0)))
    mean = held.mean(extra[-1])
    depths = DEPTHS[:2] if tolerance > ROUGH else DEPTHS
    with np.errstate(over="ignore", invalid="ignore"):
        kernel = np.exp(-log_z * held.limit[:, None]) / (np.exp(log_z) - 1.0) * (2.0 / n)
    nobody = held.marks[:, :, :1] - held.marks.sum(axis=2, keepdims=True)
    # the integrand is looked at closely where it begins to fall, and here and there further out
    looked = np.unique(np.concatenate([np.arange(min(LOOKS, n // 2)), np.linspace(0, n // 2 - 1, LOOKS).astype(int)]))
    seen = np.concatenate([phi[:, :, looked], nobody], axis=2)
    size = np.full((len(draws), len(looked)), -np.inf)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for depth in depths:
            column = np.abs(mean - depth * mean.max(axis=1, keepdims=True)).argmin(axis=1)
            load = held.load[draws, :, column][:, :, None]
            for row, scale in zip(_ends(extra), circle.scale, strict=True):
                moment = np.exp(_exponent(held, row, load * seen))
                # without P(0), which is known, the integrand falls off
                part = np.abs(moment[:, :-1] - moment[:, -1:]) * np.abs(kernel[:, looked])
                size = np.maximum(size, np.nan_to_num(np.log(part), nan=700.0) - scale[:, None])
    matters = size > math.log(CUT * tolerance)
    last = np.where(matters.any(axis=1), looked[len(looked) - 1 - matters[:, ::-1].argmax(axis=1)] + 1, 1)
    end = np.minimum(n // 2, np.ceil(TAPER * last) + 3.0)
    most = int(end.max())
    # cut off at once, what is left out would come back as ripples
    fade = np.clip((end[:, None] - np.arange(most)) / np.maximum(end - last, 1.0)[:, None], 0.0, 1.0)
    fade = np.where(end[:, None] == n // 2, 1.0, np.sin(0.5 * math.pi * fade) ** 2)
    weight, kept = kernel[:, :most] * fade, phi[:, :, :most]
    points: Complex = np.concatenate([kept, nobody.astype(np.complex128)], axis=2)
    return points, weight, known, end.astype(np.int64)


def _generating(marks: Floats, s: Floats, n: int) -> Complex:
    """Return phi - 1 at the n / 2 points of the upper half of each circle, ndarray of shape (D, B, n / 2)."""
    v = np.arange(marks.shape[2])
    tilted = marks * np.exp(s[:, None] * v + 1j * math.pi / n * v)[:, None, :]
    turns = -(-len(v) // n)
    padded = np.zeros((*marks.shape[:2], turns * n), dtype=np.complex128)
    padded[:, :, : len(v)] = tilted
    around: Complex = padded.reshape(*marks.shape[:2], turns, n).sum(axis=2)
    return np.asarray(np.fft.ifft(around, axis=2)[:, :, : n // 2] * n - marks.sum(axis=2, keepdims=True))


def _exponent(held: Compound, extra: Floats, bands: Complex) -> Complex:
    """Return log E[z^X] from load x (phi - 1) of each band; axis 1 is the bands'."""
    total = np.zeros((bands.shape[0], bands.shape[2]), dtype=np.complex128)
    for group in range(held.kappa.shape[1]):
        inner = bands[:, held.owner == group].sum(axis=1)
        accounts = held.counts[:, group, None] + extra[group]
        total += held.summed[:, group, None] * inner
        if accounts.any():
            total += accounts * account_exponent(inner, held.kappa[:, group, None])[0]
    return total


def account_exponent(inner: Complex, kappa: Floats) -> tuple[Complex, Complex]:
    """Return log E[z^X] of one account, and the bracket 1 - A / kappa of its law.

    Parameters
    ----------
    inner : ndarray
        A, the sum of load x (phi - 1) over its kinds of meeting and age bands, which share one multiplier [-].
    kappa : ndarray that broadcasts with `inner`
        Shape of the multiplier's gamma law; inf = accounts alike [-].
    """
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
    known: Floats,
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
    weight = np.concatenate([weight, -weight.sum(axis=1, keepdims=True)], axis=1)[:, None, :]
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
            nobody = turned[:, :, -1].real.copy()
            turned *= weight
            over[:, row, part] = turned.real.sum(axis=2) + (1.0 - nobody) * known[:, None]
            crossing[:, row, part] = (turned.real * started.real - turned.imag * started.imag).sum(axis=2)
            crossing[:, row, part] -= nobody * started[:, :, -1].real * known[:, None]
    return over, crossing


def _by_group(
    load: Floats,
    rate: Floats,
    phi: Complex,
    owner: Ints,
    kappa: Floats,
    summed: Floats,
    counts: Floats,
    extra: Floats,
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


def looped(  # noqa: PLR0912, PLR0915  # numba compiles it as one
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
    """Return over and crossing of a block of draws, as loops for numba.

    Parameters
    ----------
    load, rate : ndarray of shape (D, B, T)
        As in `Compound` [Erlang], [1/h].
    phi : ndarray of shape (D, B, K + 1)
        phi - 1 at the points, and at z = 0.
    weight : ndarray of shape (D, K)
        Of the points.
    known : ndarray of shape (D,)
        What the sum lacks [-].
    owner, kappa, summed, counts
        As in `Compound`.
    extra : ndarray of shape (R, G)
        Further accounts [account].
    """
    draws, bands, instants = load.shape
    points, groups, rows = weight.shape[1], kappa.shape[1], len(extra)
    over = np.zeros((draws, rows, instants))
    crossing = np.zeros((draws, rows, instants))
    a, b = np.zeros(groups, dtype=np.complex128), np.zeros(groups, dtype=np.complex128)
    whole = rows > 1 and (extra == np.floor(extra)).all() and (extra[1:] >= extra[:-1]).all()
    random = np.zeros(groups, dtype=np.bool_)
    for d in range(draws):
        for g in range(groups):
            random[g] = counts[d, g] != 0.0 or extra[:, g].any()
        total = weight[d].sum()
        for t in range(instants):
            for k in range(points + 1):
                w = weight[d, k] if k < points else -total
                if w == 0.0:
                    continue
                a[:] = 0.0
                b[:] = 0.0
                for band in range(bands):
                    a[owner[band]] += load[d, band, t] * phi[d, band, k]
                    b[owner[band]] += rate[d, band, t] * phi[d, band, k]
                moment, started = 0j, 0j
                for g in range(groups):
                    moment += summed[d, g] * a[g]
                    started += summed[d, g] * b[g]
                    if random[g]:
                        x = a[g] / kappa[d, g]
                        far = x.real * x.real + x.imag * x.imag
                        if far < SMALL:
                            series = 1 / 2 + x * (1 / 3 + x * (1 / 4 + x * (1 / 5 + x * (1 / 6 + x * (1 / 7 + x / 8)))))
                            a[g] *= 1.0 + x * series
                            b[g] /= 1.0 - x
                        elif kappa[d, g] < LARGE_KAPPA:
                            bracket = 1.0 - x
                            size = bracket.real * bracket.real + bracket.imag * bracket.imag
                            a[g] = complex(
                                -kappa[d, g] * 0.5 * math.log(size),
                                -kappa[d, g] * math.atan2(bracket.imag, bracket.real),
                            )
                            b[g] *= complex(bracket.real / size, -bracket.imag / size)
                        else:
                            a[g] *= 1.0 + x * (1 / 2 + x * (1 / 3 + x / 4))
                            b[g] /= 1.0 - x
                        moment += counts[d, g] * a[g]
                        started += counts[d, g] * b[g]
                power = 0j
                for r in range(rows):
                    c = started
                    for g in range(groups):
                        if extra[r, g] != 0.0:
                            c += extra[r, g] * b[g]
                    if r == 0 or not whole:
                        m = moment
                        for g in range(groups):
                            if extra[r, g] != 0.0:
                                m += extra[r, g] * a[g]
                        size = math.exp(m.real)
                        power = complex(size * math.cos(m.imag), size * math.sin(m.imag))
                    else:
                        # further accounts are powers of one exponential
                        for g in range(groups):
                            more = int(extra[r, g] - extra[r - 1, g])
                            if more > 0:
                                size = math.exp(a[g].real)
                                factor = complex(size * math.cos(a[g].imag), size * math.sin(a[g].imag))
                                while more > 0:
                                    if more % 2 == 1:
                                        power *= factor
                                    factor *= factor
                                    more //= 2
                    turned = power
                    if k == points:
                        over[d, r, t] += (1.0 - turned.real) * known[d]
                        crossing[d, r, t] -= turned.real * c.real * known[d]
                    turned = turned * w
                    over[d, r, t] += turned.real
                    crossing[d, r, t] += turned.real * c.real - turned.imag * c.imag
    return over, crossing


@lru_cache(maxsize=1)
def compiled() -> Kernel:
    """Return the loops compiled where numba is installed, else numpy's form of them: the same numbers to rounding."""
    try:
        import numba  # noqa: PLC0415  # it takes a second to import, and few draws do without
    except ImportError:
        return in_numpy
    try:
        found: Kernel = numba.njit(nogil=True, cache=True, fastmath={"contract", "reassoc"})(looped)
    except RuntimeError:
        # no place where what is compiled may be kept
        found = numba.njit(nogil=True)(looped)
    return found
