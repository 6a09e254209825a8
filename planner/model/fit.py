"""The check of fit: does what was seen look like something the model could have brought forth?

Each check gives the chance to see something at least as odd if the model held. Few checks, one question each, and the
chances are multiplied by their number (Bonferroni) before anything is flagged: a check that cries wolf is not heeded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FLAG_BELOW = 0.01
"""A co-op for which the model holds is flagged in about one case in a hundred [-]."""
LEAST_EXPECTED = 5.0
"""Classes of a chi-square test hold at least so many expected cases (Cochran 1954) [-]."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the history."""

    name: str
    chance: float
    """To see something at least as odd if the model held, after the correction for several checks [-]; 1 = too
    little seen to ask."""
    says: str

    @property
    def flagged(self) -> bool:
        """Return whether the model does not hold, as far as this check can tell."""
        return self.chance < FLAG_BELOW


def checks(
    weekly: Ints,
    daily: Ints,
    expected_daily: Floats,
    sizes: Sequence[int],
    size_law: Floats,
    hours: Sequence[float],
    duration_mean: float,
    duration_cv: float,
    duration_limit: float = math.inf,
) -> tuple[Check, ...]:
    """Return every check, corrected for their number.

    Parameters
    ----------
    weekly : ndarray of shape (n_accounts, n_weeks)
        Meetings of each account in each week [-].
    daily : ndarray of shape (n_days,)
        Meetings of all accounts on each day [-].
    expected_daily : ndarray of shape (n_days,)
        What the weekly profile expects of the same total [-].
    sizes : sequence of int of shape (n_meetings,)
        Largest number of users at once [user].
    size_law : ndarray of shape (n_sizes,)
        P(U = 0, 1, 2, …) after the level's cut, as learned [-].
    hours : sequence of float of shape (n_meetings,)
        How long the meetings that were seen to their end ran [h].
    duration_mean, duration_cv : float
        The holding time before the cut, as learned [h], [-].
    duration_limit : float
        The level's limit: meetings that reached it are left out [h].
    """
    found = (
        regularity(weekly),
        surge(daily, expected_daily),
        size_fit(sizes, size_law),
        duration_fit(hours, duration_mean, duration_cv, duration_limit),
    )
    return tuple(Check(one.name, min(1.0, one.chance * len(found)), one.says) for one in found)


def regularity(weekly: Ints) -> Check:
    """Return whether accounts meet as irregularly from week to week as a Poisson process does.

    Parameters
    ----------
    weekly : ndarray of shape (n_accounts, n_weeks)
        Meetings of each account in each week [-].

    Notes
    -----
    Given its total n_i, an account's weeks are multinomial with equal chances. X^2_i = sum_w (k_iw - n_i/W)^2 W/n_i
    then has mean W - 1 and variance 2 (W - 1)(1 - 1/n_i), whatever the account's rate: spread between accounts does not
    enter. Fixed weekly meetings make it too small, surges and seasons too large.

    References
    ----------
    Haldane, The exact value of the moments of the distribution of chi-square, Biometrika 29, 1937.
    """
    active = weekly[weekly.sum(axis=1) > 1]
    weeks = weekly.shape[1] if weekly.ndim == 2 else 0
    if weeks < 2 or len(active) == 0:
        return Check("regularity", 1.0, "too few weeks or meetings to ask")
    total = active.sum(axis=1)
    statistic = (((active - total[:, None] / weeks) ** 2).sum(axis=1) * weeks / total).sum()
    mean = len(active) * (weeks - 1)
    deviation = math.sqrt(float((2 * (weeks - 1) * (1 - 1 / total)).sum()))
    z = (float(statistic) - mean) / deviation
    ratio = float(statistic) / mean
    kind = (
        "more regular than chance: fixed weekly meetings?" if z < 0 else "less regular than chance: a season, a surge?"
    )
    return Check("regularity", 2 * _NORMAL.cdf(-abs(z)), f"weeks vary {ratio:.2f} times as much as by chance, {kind}")


def surge(daily: Ints, expected: Floats) -> Check:
    """Return whether the busiest day is busier than the weekly profile and chance explain.

    Parameters
    ----------
    daily : ndarray of shape (n_days,)
        Meetings on each day [-].
    expected : ndarray of shape (n_days,)
        What the profile expects of the same total [-].
    """
    if daily.sum() == 0:
        return Check("surge", 1.0, "no meetings to ask about")
    chances = [_poisson_tail(int(seen), float(mean)) for seen, mean in zip(daily, expected, strict=True)]
    worst = int(np.argmin(chances))
    says = f"on the oddest day {daily[worst]} meetings where {expected[worst]:.1f} were to be expected"
    return Check("surge", min(1.0, chances[worst] * len(chances)), says)


def _poisson_tail(n: int, mean: float) -> float:
    """Return P(N >= n) of a Poisson law [-]."""
    if n == 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if n <= mean:  # the tail is large: one minus the head keeps every digit that matters
        head = math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(n))
        return max(0.0, 1 - head)
    term = math.exp(n * math.log(mean) - mean - math.lgamma(n + 1))
    total, k = term, n
    while term > 1e-17 * total:
        k += 1
        term *= mean / k
        total += term
    return total


def size_fit(sizes: Sequence[int], law: Floats) -> Check:
    """Return whether the sizes of meetings follow the law that was learned, its tail above all.

    Parameters
    ----------
    sizes : sequence of int of shape (n_meetings,)
        [user]
    law : ndarray of shape (n_sizes,)
        P(U = 0, 1, 2, …); what lies beyond its end belongs to its last entry [-].
    """
    seen = np.clip(np.asarray(sizes, dtype=np.int64), 0, len(law) - 1)
    counts = np.bincount(seen, minlength=len(law)).astype(np.float64)
    return _chi_square("size", counts, law / law.sum() * counts.sum(), "the sizes of meetings", fitted=2)


def duration_fit(hours: Sequence[float], mean: float, cv: float, limit: float = math.inf) -> Check:
    """Return whether holding times follow the log-normal that was learned.

    Parameters
    ----------
    hours : sequence of float of shape (n_meetings,)
        Of the meetings that ended by themselves [h].
    mean, cv : float
        Before the cut [h], [-].
    limit : float
        Meetings that reach it are left out, and the law is that of the others [h].
    """
    y = np.log(np.asarray([hour for hour in hours if 0 < hour < limit], dtype=np.float64))
    sigma = math.sqrt(math.log1p(max(cv, 1e-3) ** 2))
    mu = math.log(mean) - sigma**2 / 2
    whole = 1.0 if math.isinf(limit) else _NORMAL.cdf((math.log(limit) - mu) / sigma)
    classes = max(1, min(20, int(len(y) / (2 * LEAST_EXPECTED))))
    edges = [mu + sigma * _NORMAL.inv_cdf(whole * k / classes) for k in range(1, classes)]
    counts = np.bincount(np.searchsorted(edges, y), minlength=classes).astype(np.float64)
    return _chi_square("duration", counts, np.full(classes, len(y) / classes), "how long meetings last", fitted=2)


def _chi_square(name: str, counts: Floats, expected: Floats, what: str, fitted: int) -> Check:
    """Return Pearson's test after neighbouring classes are joined until each is expected often enough."""
    joined_counts, joined_expected = _join(counts, expected)
    freedom = len(joined_counts) - 1 - fitted
    if freedom < 1:
        return Check(name, 1.0, f"too few meetings to ask about {what}")
    statistic = float(((joined_counts - joined_expected) ** 2 / joined_expected).sum())
    chance = _chi_square_tail(statistic, freedom)
    off = "as learned" if chance >= FLAG_BELOW else "not as the model can have them"
    return Check(name, chance, f"{what} are {off} (chi-square {statistic:.0f}, {freedom} degrees of freedom)")


def _join(counts: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Join neighbouring classes, from the tail inwards, until each expects LEAST_EXPECTED cases."""
    rows: list[list[float]] = []
    seen, hoped = 0.0, 0.0
    for count, mean in zip(counts[::-1], expected[::-1], strict=True):
        seen, hoped = seen + float(count), hoped + float(mean)
        if hoped >= LEAST_EXPECTED:
            rows.append([seen, hoped])
            seen, hoped = 0.0, 0.0
    if rows:
        rows[-1] = [rows[-1][0] + seen, rows[-1][1] + hoped]
    table = np.asarray(rows, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _chi_square_tail(x: float, freedom: int) -> float:
    """Return P(chi^2 > x) by Wilson and Hilferty's cube root (PNAS 17, 1931): to 0.001 for every freedom above 2."""
    spread = 2 / (9 * freedom)
    return _NORMAL.cdf(-((x / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread))
