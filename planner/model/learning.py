"""Prior and history become a posterior: small data, so nothing is plugged in that should be integrated.

Every posterior is worked out on a grid over the normal score z of the prior range: a grid point carries the prior
weight of its z, and the value there is the range's own quantile. So the prior is exactly what the scenario says, any
family of range will do, and with no data the posterior is the prior.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from planner.model.chance import Family, Range, quantile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LogLikelihood = Callable[[Floats, Floats], Floats]
"""Of two inputs' grids (n,) and (m,): ndarray of shape (n, m)."""

POINTS = 121
"""Grid points for each input; doubled, no 80 % interval of the tests moves by more than 1 % of its width."""
REACH = 6.0
"""The grid spans z from -REACH to REACH: what the prior thinks a one-in-a-thousand-million case is not found."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """One input after the history: the prior it had, the quantiles it has now, and the two curves for the chart."""

    prior: Range
    value: float
    """Median, in the input's unit."""
    low: float
    """10 % quantile."""
    high: float
    """90 % quantile."""
    seen: int
    """How many observations it rests on [-]."""
    grid: Floats
    """ndarray of shape (n_points,), ascending, in the input's unit."""
    prior_weight: Floats
    """ndarray of shape (n_points,), sums to 1 [-]."""
    weight: Floats
    """ndarray of shape (n_points,), sums to 1 [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The grid of one input: normal scores, the values there, and the log of the prior's weight."""

    z: Floats
    x: Floats
    log_prior: Floats


def scores(prior: Range, low: float = -REACH, high: float = REACH, points: int = POINTS) -> Scores:
    """Return the grid of an input between two normal scores; an input without a range is one point.

    Parameters
    ----------
    prior : Range
        What the scenario says.
    low, high : float
        First and last normal score [-].
    points : int
        How many [-].
    """
    if prior.low == prior.high:
        return Scores(np.zeros(1), np.array([prior.value]), np.zeros(1))
    z = np.linspace(low, high, points)
    # rounding belongs to the count, not to what is believed about it: a count is learned as a positive number
    family: Family = "share" if prior.family == "share" else "positive"
    x = quantile(prior.value, prior.low, prior.high, family, [_NORMAL.cdf(score) for score in z])
    return Scores(z, x, -0.5 * z**2)


def meetings(counts: Sequence[int], weeks: Sequence[float], mean: Range, spread: Range) -> tuple[Posterior, Posterior]:
    """Return the posteriors of the mean number of meetings a week and of the spread between accounts.

    Parameters
    ----------
    counts : sequence of int of shape (n_accounts,)
        Meetings of each account in all its weeks [-]. One number an account: weeks of one account share its rate, so
        pooling account-weeks would count the same account many times over.
    weeks : sequence of float of shape (n_accounts,)
        How long each account was watched [week].
    mean : Range
        Prior of the mean rate [1/week].
    spread : Range
        Prior of the coefficient of variation of the accounts' rates [-].

    Notes
    -----
    An account's count is negative binomial: Poisson with rate x weeks x G, G gamma with shape kappa = 1/spread^2 and
    mean 1. With r = mean x weeks, log P(k) = sum_{j<k} log(kappa + j) + kappa log kappa + k log r
    - (k + kappa) log(kappa + r), less log k!. Both inputs are integrated on one grid.

    References
    ----------
    Gelman et al., Bayesian Data Analysis, 3rd ed., 2013, section 3.7 (a posterior on a grid).
    """
    k = np.asarray(counts, dtype=np.int64)
    t = np.asarray(weeks, dtype=np.float64)

    def log_likelihood(rate: Floats, cv: Floats) -> Floats:
        return _negative_binomial(k, t, rate, cv)

    return _joint(mean, spread, log_likelihood, len(k))


def _negative_binomial(k: Ints, t: Floats, rate: Floats, cv: Floats) -> Floats:
    """Return the log likelihood of all counts, ndarray of shape (n_rates, n_spreads), less what depends on neither."""
    result = np.zeros((len(rate), len(cv)))
    if len(k) == 0:
        return result
    r = np.maximum(rate, 1e-300)[:, None] * t[None, :]
    poisson = (k * np.log(r) - r).sum(axis=1)
    for column, spread in enumerate(cv):
        if spread < 1e-6:  # all alike: the gamma is a point and the count Poisson
            result[:, column] = poisson
            continue
        kappa = spread**-2.0
        rising = np.concatenate(([0.0], np.cumsum(np.log(kappa + np.arange(int(k.max()))))))
        log_ratio = k * np.log(r) - (k + kappa) * np.log1p(r / kappa) - k * math.log(kappa)
        result[:, column] = log_ratio.sum(axis=1) + rising[k].sum()
    return result


def holding_time(
    hours: Sequence[float], censored: Sequence[bool], mean: Range, cv: Range
) -> tuple[Posterior, Posterior]:
    """Return the posteriors of mean and coefficient of variation of the holding time before the level's cut.

    Parameters
    ----------
    hours : sequence of float of shape (n_meetings,)
        How long each meeting ran, or has run so far [h].
    censored : sequence of bool of shape (n_meetings,)
        Whether it ran at least that long: still running, or ended by the limit.
    mean : Range
        Prior of the mean [h].
    cv : Range
        Prior of the coefficient of variation [-].

    Notes
    -----
    Log-normal: sigma^2 = log(1 + cv^2), mu = log(mean) - sigma^2/2. A meeting seen to its end contributes its
    density, a censored one the chance to last longer.
    """
    y = np.log(np.maximum(np.asarray(hours, dtype=np.float64), 1 / 3600))  # under a second no clock here can tell
    cut = np.asarray(censored, dtype=bool)
    ended, lasting = y[~cut], np.unique(y[cut], return_counts=True)

    def log_likelihood(means: Floats, cvs: Floats) -> Floats:
        sigma = np.sqrt(np.log1p(np.maximum(cvs, 1e-3) ** 2))[None, :]
        mu = np.log(np.maximum(means, 1e-9))[:, None] - sigma**2 / 2
        squares = (ended**2).sum() - 2 * mu * ended.sum() + len(ended) * mu**2
        result = -len(ended) * np.log(sigma) - squares / (2 * sigma**2)
        for at, times in zip(*lasting, strict=True):
            result = result + times * _log_survival((at - mu) / sigma)
        return np.asarray(result)

    return _joint(mean, cv, log_likelihood, len(y))


def _log_survival(x: Floats) -> Floats:
    """Return log P(Z > x) of the standard normal; far out by the first term of its asymptotic series."""
    near = np.array([math.erfc(min(value, 30.0) / math.sqrt(2)) / 2 for value in x.ravel()]).reshape(x.shape)
    far = -0.5 * x**2 - np.log(np.maximum(x, 1.0) * math.sqrt(2 * math.pi))
    return np.where(x < 30, np.log(np.maximum(near, 1e-300)), far)


def size(users: Sequence[int], limits: Sequence[float], mean: Range, dispersion: Range) -> tuple[Posterior, Posterior]:
    """Return the posteriors of mean and dispersion of a meeting's size before the level's cut.

    Parameters
    ----------
    users : sequence of int of shape (n_meetings,)
        The largest number of users at once [user]; fewer than two count as two, the least the law knows.
    limits : sequence of float of shape (n_meetings,)
        The level's participant limit [user]; a meeting that reached it was at least that large. inf = none.
    mean : Range
        Prior of the mean size [user].
    dispersion : Range
        Prior of k, variance = mu + mu^2/k with mu = mean - 2 [-].
    """
    seen = np.maximum(np.asarray(users, dtype=np.int64), 2) - 2
    full = seen + 2 >= np.asarray(limits, dtype=np.float64)
    exact = np.bincount(seen[~full]) if (~full).any() else np.zeros(0, dtype=np.int64)
    reached = np.unique(seen[full], return_counts=True)
    top = int(max([len(exact), *(reached[0] + 1)], default=1))

    def log_likelihood(means: Floats, ks: Floats) -> Floats:
        result = np.zeros((len(means), len(ks)))
        for column, k in enumerate(ks):
            pmf = _negative_binomial_law(np.maximum(means - 2, 1e-6), float(max(k, 1e-3)), top)
            result[:, column] = np.log(np.maximum(pmf[:, : len(exact)], 1e-300)) @ exact
            for at, times in zip(*reached, strict=True):
                result[:, column] += times * np.log(np.maximum(1 - pmf[:, :at].sum(axis=1), 1e-300))
        return result

    return _joint(mean, dispersion, log_likelihood, len(seen))


def _negative_binomial_law(mu: Floats, k: float, top: int) -> Floats:
    """Return P(N = 0 … top - 1) for each mean, ndarray of shape (n_means, top): mean mu, variance mu + mu^2/k."""
    n = np.arange(top)
    log_rising = np.concatenate(([0.0], np.cumsum(np.log((k + n[:-1]) / (n[:-1] + 1)))))
    odds = mu / (k + mu)
    log_law = log_rising[None, :] + n[None, :] * np.log(odds)[:, None] + (k * np.log1p(-odds))[:, None]
    return np.asarray(np.exp(log_law))


def share(yes: int, of: int, prior: Range) -> Posterior:
    """Return the posterior of a share after `yes` of `of` independent cases, e.g. cameras among users.

    Parameters
    ----------
    yes, of : int
        Cases counted [-].
    prior : Range
        What the scenario says [-].

    Raises
    ------
    ValueError
        If `yes` is not between 0 and `of`.
    """
    if not 0 <= yes <= of:
        raise ValueError(f"{yes} of {of} is not a share")

    def log_likelihood(p: Floats, _: Floats) -> Floats:
        inside = np.clip(p, 1e-12, 1 - 1e-12)[:, None]
        return np.asarray(yes * np.log(inside) + (of - yes) * np.log1p(-inside))

    return _joint(prior, Range("", 0.0, 0.0, 0.0, "positive"), log_likelihood, of)[0]


def _joint(first: Range, second: Range, log_likelihood: LogLikelihood, seen: int) -> tuple[Posterior, Posterior]:
    """Return both posteriors from one grid; a second grid looks closer where the first found the weight."""
    coarse = scores(first), scores(second)
    spans = [_span(grid, weight) for grid, weight in zip(coarse, _weights(coarse, log_likelihood), strict=True)]
    grids = scores(first, *spans[0]), scores(second, *spans[1])
    if seen == 0:
        grids = coarse
    weights = _weights(grids, log_likelihood)
    return (
        _posterior(first, grids[0], weights[0], seen),
        _posterior(second, grids[1], weights[1], seen),
    )


def _weights(grids: tuple[Scores, Scores], log_likelihood: LogLikelihood) -> tuple[Floats, Floats]:
    """Return the two marginal weights of a grid, each summing to 1."""
    log_weight = log_likelihood(grids[0].x, grids[1].x) + grids[0].log_prior[:, None] + grids[1].log_prior[None, :]
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return weight.sum(axis=1), weight.sum(axis=0)


def _span(grid: Scores, weight: Floats) -> tuple[float, float]:
    """Return the scores between which all but a ten-millionth of the weight lies, a grid step wider on each side."""
    held = np.flatnonzero(weight > 1e-7 * weight.max())
    return float(grid.z[max(held[0] - 1, 0)]), float(grid.z[min(held[-1] + 1, len(grid.z) - 1)])


def _posterior(prior: Range, grid: Scores, weight: Floats, seen: int) -> Posterior:
    before = np.exp(grid.log_prior)
    if seen == 0 or len(grid.x) == 1:
        low, value, high = prior.low, prior.value, prior.high
    else:
        low, value, high = (float(at) for at in _quantiles(grid.x, weight, (0.1, 0.5, 0.9)))
    return Posterior(prior, value, low, high, seen, grid.x, before / before.sum(), weight)


def _quantiles(x: Floats, weight: Floats, at: Sequence[float]) -> Floats:
    """Return quantiles of a law on a grid: each point's weight is spread evenly to the middles beside it."""
    middle = np.concatenate(([x[0]], (x[1:] + x[:-1]) / 2, [x[-1]]))
    return np.asarray(np.interp(at, np.concatenate(([0.0], np.cumsum(weight))), middle))


def profile(starts: Sequence[int], prior: Floats, worth: float) -> Floats:
    """Return the expected weekly profile, shares of the 168 hours, after the starts that were seen.

    Parameters
    ----------
    starts : sequence of int of shape (n_meetings,)
        Hour of the week in which each meeting started, 0 = Monday 00:00 [-].
    prior : ndarray of shape (168,)
        The scenario's profile, sums to 1 [-].
    worth : float
        How many meetings the prior profile is worth [-].

    Notes
    -----
    Dirichlet prior with weight `worth` x prior: its posterior mean is (worth x prior + counts) / (worth + n).
    """
    counts = np.bincount(np.asarray(starts, dtype=np.int64), minlength=168).astype(np.float64)
    return np.asarray((worth * prior + counts) / (worth + counts.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class LoadFit:
    """A node's load fitted to rooms, users and streams: medians, 10 % and 90 % quantiles, each of shape (4,)."""

    value: Floats
    """base, per_room, per_user, per_stream [share of the CPU]"""
    low: Floats
    high: Floats
    seen: int
    residual: float
    """Standard deviation of what the fit leaves [share of the CPU]."""


def node_load(counts: Floats, load: Floats, prior: Floats, worth: float = 4.0) -> LoadFit:
    """Return the linear load of a node fitted to what was read on it, drawn towards the scenario's coefficients.

    Parameters
    ----------
    counts : ndarray of shape (n_readings, 3)
        Rooms, users and streams.
    load : ndarray of shape (n_readings,)
        [share of the CPU]
    prior : ndarray of shape (4,)
        base, per_room, per_user, per_stream of the scenario [share of the CPU].
    worth : float
        How many readings the prior is worth [-].

    Notes
    -----
    Normal-inverse-gamma with prior mean `prior` and prior precision `worth` x the readings' own mean square of each
    column (a unit-information prior), so that the answer does not depend on the units of the columns. Quantiles by
    the normal law; a coefficient below 0 is 0.

    References
    ----------
    Gelman et al., Bayesian Data Analysis, 3rd ed., 2013, section 14.8.
    """
    n = len(load)
    if n == 0:
        return LoadFit(prior.copy(), prior.copy(), prior.copy(), 0, math.nan)
    design = np.column_stack([np.ones(n), counts])
    precision = np.diag(np.maximum((design**2).mean(axis=0), 1e-12)) * worth
    gram = design.T @ design + precision
    value = np.linalg.solve(gram, design.T @ load + precision @ prior)
    rest = load - design @ value
    variance = float(rest @ rest) / max(n - 1, 1)
    error = np.sqrt(np.diag(np.linalg.inv(gram)) * variance) * _NORMAL.inv_cdf(0.9)
    low, high = np.maximum(value - error, 0), np.maximum(value + error, 0)
    return LoadFit(np.maximum(value, 0), low, high, n, math.sqrt(variance))
