"""Likelihoods of a history: from a prior range to a posterior, inputs that are learned together on one grid."""

import math
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache, partial

import numpy as np

from planner.model.calibration.posterior import Posterior, alone, joint
from planner.model.inputs.credit import Floats, Ints, Mask
from planner.model.inputs.distributions import NORMAL, Range

ALIKE = 1e-5
"""Below this spread accounts are alike: the gamma law is a point and the count Poisson [-]."""


def meetings(
    counts: Sequence[int],
    weeks: Sequence[float],
    mean: Range,
    spread: Range,
    accounts: Sequence[int] | None = None,
    only_if_any: Sequence[bool] | None = None,
) -> tuple[Posterior, Posterior]:
    """Return the posteriors of the mean number of meetings [1/week] and of the spread between accounts [-]."""
    # An account's count is negative binomial: Poisson with rate x weeks x G, G gamma with shape kappa = 1/spread^2 and
    # mean 1; the sum over m accounts has shape m kappa. With r = mean x weeks,
    # P(k) = Gamma(m kappa + k) / (Gamma(m kappa) k!) (r/kappa)^k (1 + r/kappa)^-(k + m kappa), over 1 - P(0) for an
    # account that is known only because it met (Gelman et al., *Bayesian Data Analysis*, 3rd ed., 2013, section 2.6).
    k = np.asarray(counts, dtype=np.int64)
    t = np.asarray(weeks, dtype=np.float64)
    m = np.ones(len(k), dtype=np.int64) if accounts is None else np.asarray(accounts, dtype=np.int64)
    hidden = np.zeros(len(k), dtype=bool) if only_if_any is None else np.asarray(only_if_any, dtype=bool)
    watched = (t > 0) & (m > 0)
    k, t, m, hidden = k[watched], t[watched], m[watched], hidden[watched]

    return joint(mean, spread, partial(_negative_binomial, k, t, m, hidden), len(k))


def _negative_binomial(k: Ints, t: Floats, m: Ints, hidden: Mask, rate: Floats, cv: Floats) -> Floats:
    """Return the log likelihood of all counts, ndarray of shape (n_rates, n_spreads), less what depends on neither."""
    log_rate = np.log(np.maximum(rate, 1e-300))
    result = np.repeat((k.sum() * log_rate)[:, None], len(cv), axis=1)
    # accounts that were watched equally long differ in their count alone: they share every term but one
    times, group = np.unique(t, return_inverse=True)
    met = np.bincount(group, k, len(times))
    there = np.bincount(group, m, len(times))
    r = np.maximum(rate, 1e-300)[:, None] * times
    unseen = sorted({(int(at), int(many)) for at, many in zip(group[hidden], m[hidden], strict=True)})
    for column, spread in enumerate(cv):
        if spread < ALIKE:
            log_none = -r
            result[:, column] -= r @ there
        else:
            kappa = spread**-2.0
            log_none = -kappa * np.log1p(r / kappa)
            result[:, column] += log_none @ there + (log_none / kappa) @ met - k.sum() * math.log(kappa)
            result[:, column] += (log_gamma(m * kappa + k) - log_gamma(m * kappa)).sum()
        for at, many in unseen:
            times_seen = int((hidden & (group == at) & (m == many)).sum())
            result[:, column] -= times_seen * np.log(-np.expm1(many * log_none[:, at]))
    return result


def day_spread(counts: Sequence[int], expected: Sequence[float], prior: Range) -> Posterior:
    """Return the posterior of how much busy days differ [-] from the meetings of each day and those to be expected."""
    # Poisson around m B, B gamma with mean 1 and shape kappa = 1/cv^2: negative binomial. The accounts' own multipliers
    # stay the same from day to day and are part of what is expected.
    n, m = np.asarray(counts, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    n, m = n[m > 0], m[m > 0]

    def log_likelihood(spreads: Floats) -> Floats:
        return np.array([log_day_law(n, m, float(spread)).sum() for spread in spreads])

    return alone(prior, log_likelihood, len(n))


def log_day_law(n: Floats, mean: Floats, spread: float, log_factorial: Floats | float = 0.0) -> Floats:
    """Return log P(n meetings) on days whose factors have this spread [-], without `log_factorial` less log(n!)."""
    if spread < ALIKE:
        return np.asarray(n * np.log(mean) - mean - log_factorial)
    kappa = spread**-2.0
    rising = log_gamma(kappa + n) - log_gamma(np.array([kappa])) - n * math.log(kappa)
    return np.asarray(rising - log_factorial + n * np.log(mean) - (kappa + n) * np.log1p(mean / kappa))


def with_busy_days(law: Callable[[Floats], Floats], mean: Floats, share: float, factor: float) -> Floats:
    """Return the log of a law of the mean where a share [-] of the days is `factor` [-] times as busy as the others."""
    quiet = 1 / (1 + share * (factor - 1))  # other days are so much quieter that the total stays
    return np.logaddexp(math.log1p(-share) + law(mean * quiet), math.log(share) + law(mean * quiet * factor))


def log_gamma(x: Floats) -> Floats:
    """Return the logarithm of the gamma function [-]: Stirling's series from x + 8 on, to 3e-10."""
    # Abramowitz, Stegun, *Handbook of Mathematical Functions*, 6.1.41.
    y = x + 8.0
    below = np.log(x * (x + 1) * (x + 2) * (x + 3)) + np.log((x + 4) * (x + 5) * (x + 6) * (x + 7))
    series = (1 / 12 - (1 / 360 - 1 / 1260 / y**2) / y**2) / y
    return np.asarray((y - 0.5) * np.log(y) - y + 0.5 * math.log(2 * math.pi) + series - below)


def holding_time(
    hours: Sequence[float], censored: Sequence[bool], mean: Range, cv: Range, worth: float = 1.0
) -> tuple[Posterior, Posterior]:
    """Return the posteriors of mean [h] and coefficient of variation [-] of holding time before the level's cut."""
    # Log-normal: sigma^2 = log(1 + cv^2), mu = log(mean) - sigma^2/2. A meeting seen to its end contributes its
    # density, a censored one the chance to last longer.
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
        return np.asarray(worth * result)

    return joint(mean, cv, log_likelihood, len(y))


def _log_survival(x: Floats) -> Floats:
    """Return log P(Z > x) of the standard normal: read off a table, far out by its asymptotic series."""
    at, logs = _survival_table()
    far = -0.5 * x**2 - np.log(np.maximum(x, 1.0) * math.sqrt(2 * math.pi))
    return np.where(x < at[-1], np.interp(x, at, logs), far)


@lru_cache(maxsize=1)
def _survival_table() -> tuple[Floats, Floats]:
    """Return a table of log P(Z > x) so fine that a straight line between its points is right to 5e-7."""
    at = np.linspace(-9.0, 30.0, 19_501)
    return at, np.array([math.log(math.erfc(x / math.sqrt(2)) / 2) for x in at.tolist()])


def size(
    users: Sequence[int], limits: Sequence[float], mean: Range, dispersion: Range, worth: float = 1.0
) -> tuple[Posterior, Posterior]:
    """Return the posteriors of mean [user] and dispersion [-] of a meeting's size before the level's cut."""
    seen = np.maximum(np.asarray(users, dtype=np.int64), 2) - 2
    full = seen + 2 >= np.asarray(limits, dtype=np.float64)
    exact = np.bincount(seen[~full]) if (~full).any() else np.zeros(0, dtype=np.int64)
    reached = np.unique(seen[full], return_counts=True)
    top = int(max([len(exact), *(reached[0] + 1)], default=1))

    def log_likelihood(means: Floats, ks: Floats) -> Floats:
        result = np.zeros((len(means), len(ks)))
        for column, k in enumerate(ks):
            log_law = _negative_binomial_law(np.maximum(means - 2, 1e-6), float(max(k, 1e-3)), top)
            result[:, column] = np.maximum(log_law[:, : len(exact)], -690.0) @ exact
            for at, times in zip(*reached, strict=True):
                beyond = 1 - np.exp(log_law[:, :at]).sum(axis=1)
                result[:, column] += times * np.log(np.maximum(beyond, 1e-300))
        return worth * result

    return joint(mean, dispersion, log_likelihood, len(seen))


def _negative_binomial_law(mu: Floats, k: float, top: int) -> Floats:
    """Return log P(N = 0 … top - 1) for each mean, ndarray of shape (n_means, top): mean mu, variance mu + mu^2/k."""
    n = np.arange(top)
    log_rising = np.concatenate(([0.0], np.cumsum(np.log((k + n[:-1]) / (n[:-1] + 1)))))
    odds = mu / (k + mu)
    return np.asarray(log_rising[None, :] + n[None, :] * np.log(odds)[:, None] + (k * np.log1p(-odds))[:, None])


def share(yes: float, of: float, prior: Range) -> Posterior:
    """Return the posterior of a share [-] after `yes` of `of` independent cases, e.g. cameras among users."""
    if not 0 <= yes <= of:
        raise ValueError(f"{yes:g} of {of:g} is not a share")

    def log_likelihood(p: Floats) -> Floats:
        inside = np.clip(p, 1e-12, 1 - 1e-12)
        return np.asarray(yes * np.log(inside) + (of - yes) * np.log1p(-inside))

    return alone(prior, log_likelihood, math.ceil(of))


def resemblance(
    values: Sequence[float], accounts: Sequence[Hashable], strata: Sequence[Hashable] | None = None
) -> float:
    """Return how many independent meetings [-] one is worth, where those of one account resemble one another."""
    # F = between/within of an analysis of variance, its tail from the logarithm's normal approximation: good enough to
    # tell 1 from 2 (Kish, *Survey Sampling*, 1965, section 5.4).
    groups = [None] * len(values) if strata is None else strata
    known = [row for row in zip(accounts, values, groups, strict=True) if row[0] is not None]
    x = np.array([value for _, value, _ in known], dtype=np.float64)
    group, sizes = _numbered([account for account, _, _ in known])
    stratum, of_stratum = _numbered([name for _, _, name in known])
    between, within = len(sizes) - len(of_stratum), len(x) - len(sizes)
    if between < 1 or within < 10:
        return 1.0
    x -= (np.bincount(stratum, x) / of_stratum)[stratum]
    means = np.bincount(group, x) / sizes
    inside = float(((x - means[group]) ** 2).sum()) / within
    outside = float((sizes * means**2).sum()) / between
    if inside <= 0 or outside <= inside:
        return 1.0
    # Wilson and Hilferty's cube root for F (Paulson 1942)
    a, b, cube = 2 / (9 * between), 2 / (9 * within), (outside / inside) ** (1 / 3)
    z = (cube * (1 - b) - (1 - a)) / math.sqrt(cube**2 * b + a)
    return inside / outside if z > NORMAL.inv_cdf(0.999) else 1.0


def _numbered(names: Sequence[Hashable]) -> tuple[Ints, Ints]:
    """Return the number of each name, counted from 0 in order of appearance, and how often each comes."""
    index = {name: number for number, name in enumerate(dict.fromkeys(names))}
    numbers = np.array([index[name] for name in names], dtype=np.int64)
    return numbers, np.bincount(numbers, minlength=len(index))


def evenness(yes: Floats, of: Floats) -> float:
    """Return how many independent cases [-] one case is worth, where accounts differ in their share of them."""
    # McCullagh, Nelder, *Generalized Linear Models*, 2nd ed. 1989, section 4.5 (over-dispersion).
    there = of > 0
    yes, of = yes[there], of[there]
    p = float(yes.sum() / of.sum()) if len(of) else 0.0
    if len(of) < 3 or p in (0.0, 1.0):
        return 1.0
    factor = float(((yes - of * p) ** 2 / (of * p * (1 - p))).sum()) / (len(of) - 1)
    spread = 2 / (9 * (len(of) - 1))
    z = (factor ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return 1 / factor if z > NORMAL.inv_cdf(0.999) else 1.0
