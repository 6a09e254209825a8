"""The check of fit: the chance to see something at least as odd as the history if the model holds."""

import math
from dataclasses import dataclass, replace

import numpy as np

from planner.model.calibration.likelihoods import log_day_law, with_busy_days
from planner.model.inputs.credit import Floats, Ints, Mask
from planner.model.inputs.distributions import NORMAL

FLAG_BELOW = 0.02
"""A co-op for which the model holds is flagged in about two cases in a hundred [-]."""
STEEPEST = 2.0
"""The saddlepoint is looked for up to here [-]."""
LEAST_EXPECTED = 5.0
"""Classes of a chi-square test hold at least so many expected cases (Cochran 1954) [-]."""
TAILS = (2.0, 0.5, 0.05)
"""The largest meetings are counted beyond the sizes above which so many were to be expected [meeting]."""
BUSY = ((1 / 30, 2.0), (1 / 30, 1.5), (1 / 8, 1.4))
"""Shares of the days, and how much busier they are, that are asked about: once a month to once a week [-]."""
WIDEST = 0.35
"""The single busiest day is held against days that differ by no more than this, or than the scenario takes them to: a
larger spread is learned from days on which everybody meets, and stands for up to about three times as many meetings."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen, beside what the model as learned expects of it."""

    weekly: Ints
    """Meetings of each account in each week, ndarray of shape (n_accounts, n_weeks) [-]."""
    watched: Mask
    """Whether the account was there for that whole week, of the same shape."""
    daily: Ints
    """Meetings of all accounts on each day, ndarray of shape (n_days,) [-]."""
    expected_daily: Floats
    """What weekly profile and accounts expect of the same total, ndarray of shape (n_days,) [-]."""
    sizes: Ints
    """Largest number of users of each meeting, ndarray of shape (n_meetings,) [user]."""
    expected_sizes: Floats
    """Meetings expected of size 0, 1, 2, … with the limits of their levels, ndarray of shape (n_sizes,) [meeting]."""
    lengths: Floats
    """P(a meeting that ends by itself ends so soon) of each meeting, by the law as learned: evenly spread between 0
    and 1 if it holds; nan = it did not end by itself, or that is not known; ndarray of shape (n_meetings,) [-]."""
    day_spread: float = 0.0
    """Coefficient of variation of the factor that all meetings of a day share, as learned [-]."""
    stated_spread: float = 0.0
    """The largest that people take it to be, before anything is learned [-]."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the history."""

    name: str
    chance: float
    """To see something at least as odd if the model held, after the correction for as many as were asked [-]."""
    says: str
    asked: bool = True
    """Whether enough was seen to ask; if not, the chance is 1 and says nothing."""

    @property
    def flagged(self) -> bool:
        """Return whether the model does not hold, as far as this check can tell."""
        return self.chance < FLAG_BELOW


def checks(seen: Seen) -> tuple[Check, ...]:
    """Return every check, those that could be asked corrected for their number."""
    found = (
        regularity(seen.weekly, seen.watched, _week_spread(seen)),
        busy_days(seen.daily, seen.expected_daily, seen.day_spread, seen.stated_spread),
        sizes(seen.sizes, seen.expected_sizes),
        largest(seen.sizes, seen.expected_sizes),
        lengths(seen.lengths),
        together(seen.sizes, seen.lengths),
    )
    # Bonferroni. Of those that could not be asked the chance is 1, and a question nobody put finds nothing by chance.
    asked = sum(check.asked for check in found)
    return tuple(replace(check, chance=min(1.0, check.chance * max(1, asked))) for check in found)


def _week_spread(seen: Seen) -> float:
    """Return the coefficient of variation of the factor that all meetings of a week share [-]."""
    # the days' own factors, weighted with what is to be expected of each day of the week
    days = seen.expected_daily[: 7 * (len(seen.expected_daily) // 7)].reshape(-1, 7).sum(axis=0)
    return seen.day_spread * float(np.sqrt((days**2).sum()) / days.sum()) if days.sum() > 0 else 0.0


def regularity(weekly: Ints, watched: Mask, week_spread: float = 0.0) -> Check:
    """Return whether accounts meet as irregularly from week to week as a Poisson process on common days does."""
    # Given its total n, an account's W weeks are multinomial with equal chances. X^2 = sum_w (k_w - n/W)^2 W/n then has
    # mean W - 1 and variance 2 (W - 1)(1 - 1/n), whatever the account's rate (Haldane, Biometrika 29, 1937). Fixed
    # weekly meetings make it too small, surges and seasons too large. A factor of variance v that all share in a week
    # adds v (n - 1)/W times one and the same chi-square of W - 1 degrees of freedom to every account.
    counts = np.where(watched, weekly, 0)
    total, weeks = counts.sum(axis=1), watched.sum(axis=1)
    asked = (total > 1) & (weeks > 1)
    if not asked.any():
        return Check("regularity", 1.0, "too few weeks or meetings to ask whether accounts meet by chance", False)
    counts, inside, n, w = counts[asked], watched[asked], total[asked], weeks[asked]
    statistic = float((np.where(inside, counts - (n / w)[:, None], 0.0) ** 2 * (w / n)[:, None]).sum())
    shared = week_spread**2 * (n - 1) / w
    mean = float(((w - 1) * (1 + shared)).sum())
    common = float(2 * (int(w.max()) - 1) * shared.sum() ** 2)
    variance = float((2 * (w - 1) * (1 - 1 / n) * (1 + 2 * shared)).sum()) + common
    upper = _gamma_tail(statistic, mean, variance)
    chance = min(1.0, 2 * min(upper, 1 - upper))
    kind = "fixed weekly meetings?" if upper > 0.5 else "a season, a surge, a holiday?"
    says = f"an account's weeks differ {statistic / mean:.2f} times as much as by chance"
    return _check("regularity", chance, says, kind)


def busy_days(daily: Ints, expected: Floats, spread: float = 0.0, stated: float = 0.0) -> Check:
    """Return whether days on which everybody meets more are more than weekly profile, day spread and chance explain."""
    # Likelihood ratio of days of which a share q is f times as busy, the total kept, against the days as learned, for
    # each (q, f) of BUSY; the chance of its logarithm, a sum over independent days, by the saddlepoint. Beside these
    # the chance of the single busiest day. The four ask nearly the same, so twice the smallest chance is enough
    # (tested). That most days differ less than learned is no matter: the busy ones decide.
    asked = expected > 1e-9
    n, mean = daily[asked], expected[asked]
    if n.sum() == 0 or len(n) < 7:
        return Check("busy days", 1.0, "too few days to ask whether everybody meets on some of them", False)
    far = float(mean.max()) * STEEPEST**2 * (1 + 4 * spread)  # what the steepest tilt makes of the busiest day
    counts = np.arange(int(max(n.max(), far + 10 * math.sqrt(far) + 20)) + 1)
    log_law = _log_day_law(counts, mean, spread)
    widest = max(WIDEST, stated)
    usual = log_law if spread <= widest else _log_day_law(counts, mean, widest)
    single = np.exp(usual[:, ::-1]).cumsum(axis=1)[:, ::-1][np.arange(len(n)), n]
    oddest = int(np.argmin(single))
    chances = [float(single[oddest]) * len(n)]
    for share, factor in BUSY:
        ratio = with_busy_days(lambda days: _log_day_law(counts, days, spread), mean, share, factor) - log_law
        chances.append(_sum_tail(log_law, ratio, float(ratio[np.arange(len(n)), n].sum())))
    chance = min(1.0, 2 * min(chances))
    says = f"the busiest day for its kind had {n[oddest]} meetings where {mean[oddest]:.1f} were"
    return _check("busy days", chance, f"{says} to be expected", "days on which everybody meets?")


def _log_day_law(counts: Ints, mean: Floats, spread: float) -> Floats:
    """Return log P(n meetings on a day) for each count and each day's mean, shape (n_days, n_counts)."""
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    return log_day_law(counts.astype(np.float64), mean[:, None], spread, log_factorial)


def _check(name: str, chance: float, says: str, perhaps: str) -> Check:
    """Return a check that says what the reason may be where its chance [-] flags it."""
    return Check(name, chance, f"{says}: {perhaps}" if chance < FLAG_BELOW else says)


def _sum_tail(log_law: Floats, value: Floats, x: float) -> float:
    """Return P(sum of independent values >= x) [-], one value for each row with its law."""
    # Lugannani, Rice, Saddle point approximation for the distribution of the sum of independent random variables,
    # Advances in Applied Probability 12, 1980.

    def cumulants(s: float) -> tuple[float, float, float]:
        tilted = log_law + s * value
        top = tilted.max(axis=1, keepdims=True)
        weight = np.exp(tilted - top)
        total = weight.sum(axis=1)
        first = (weight * value).sum(axis=1) / total
        second = (weight * value**2).sum(axis=1) / total - first**2
        return float((np.log(total) + top[:, 0]).sum()), float(first.sum()), float(second.sum())

    if cumulants(0.0)[1] >= x:
        return 1.0  # no more than to be expected
    low, high = 0.0, STEEPEST
    log_moment, mean, variance = cumulants(high)
    if mean < x:  # far out: Chernoff's bound is small enough
        return math.exp(min(0.0, log_moment - high * x))
    while high - low > 1e-7:
        s = (low + high) / 2
        log_moment, mean, variance = cumulants(s)
        low, high = (s, high) if mean < x else (low, s)
    w = math.sqrt(max(2 * (s * x - log_moment), 0.0))
    u = s * math.sqrt(variance)
    if min(w, u) < 1e-4:
        return 0.5
    return min(1.0, max(0.0, NORMAL.cdf(-w) + math.exp(-w * w / 2) / math.sqrt(2 * math.pi) * (1 / u - 1 / w)))


def sizes(seen: Ints, expected: Floats) -> Check:
    """Return whether the sizes of meetings [user] follow the law that was learned [meeting]."""
    counts = np.bincount(np.clip(seen, 0, len(expected) - 1), minlength=len(expected)).astype(np.float64)
    return _chi_square("sizes", counts, expected, "size", fitted=2)


def largest(seen: Ints, expected: Floats) -> Check:
    """Return whether there are more very large meetings [user] than the law that was learned [meeting] can have."""
    beyond = np.append(expected[::-1].cumsum()[::-1], 0.0)
    chances, says = [], []
    for most in TAILS:
        size = int(np.argmax(beyond <= most))
        many = int((seen >= size).sum())
        if len(seen) and size > 2:
            chances.append(_poisson_tail(many, float(beyond[size])))
            says.append(f"{many} meetings of {size} users or more where {beyond[size]:.2g} were to be expected")
    if not chances:
        return Check("largest", 1.0, "too few meetings to ask about the largest", False)
    worst = int(np.argmin(chances))
    return Check("largest", min(1.0, chances[worst] * len(TAILS)), says[worst])


def lengths(ended: Floats) -> Check:
    """Return whether holding times follow the log-normal that was learned."""
    u = ended[~np.isnan(ended)]
    classes = max(1, min(20, int(len(u) / (2 * LEAST_EXPECTED))))
    counts = np.bincount(np.clip((u * classes).astype(np.int64), 0, classes - 1), minlength=classes)
    even = np.full(classes, len(u) / classes)
    return _chi_square("lengths", counts.astype(np.float64), even, "length", fitted=2)


def together(seen: Ints, ended: Floats) -> Check:
    """Return whether a meeting's size [user] says nothing about its length."""
    # Spearman's rank correlation r, of variance 1/(n - 1) if the two are independent.
    pairs = ~np.isnan(ended)
    n = int(pairs.sum())
    if n < 20 or len(np.unique(seen[pairs])) < 2 or len(np.unique(ended[pairs])) < 2:
        return Check("together", 1.0, "too few meetings to ask whether large ones last longer", False)
    r = float(np.corrcoef(_ranks(seen[pairs].astype(np.float64)), _ranks(ended[pairs]))[0, 1])
    chance = 2 * NORMAL.cdf(-abs(r) * math.sqrt(n - 1))
    kind = "large meetings last longer, tell kinds of meeting apart" if r > 0 else "large meetings are shorter"
    says = f"size and length of a meeting go together by {r:.2f} (0 is not at all, 1 is fully: the rank correlation)"
    return _check("together", chance, says, kind)


def _ranks(values: Floats) -> Floats:
    """Return ranks; equal values share the mean of theirs."""
    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((many.cumsum() - (many - 1) / 2)[place])


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


def _chi_square(name: str, counts: Floats, expected: Floats, what: str, fitted: int) -> Check:
    """Return Pearson's test after neighbouring classes are joined until each is expected often enough."""
    joined_counts, joined_expected = _join(counts, expected)
    freedom = len(joined_counts) - 1 - fitted
    if freedom < 1:
        return Check(name, 1.0, f"too few meetings to ask about their {what}", False)
    statistic = float(((joined_counts - joined_expected) ** 2 / joined_expected).sum())
    chance = _gamma_tail(statistic, freedom, 2 * freedom)
    off = float(np.abs(joined_counts - joined_expected).sum()) / 2
    by_chance = "no more" if chance >= FLAG_BELOW else "more"
    says = f"{off:,.0f} of {counts.sum():,.0f} meetings would need another {what} for an exact fit"
    return Check(name, chance, f"{says}: {by_chance} than chance makes")


def _join(counts: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Join neighbouring classes, from the tail inwards, until each expects LEAST_EXPECTED cases."""
    rows: list[tuple[float, float]] = []
    seen, hoped = 0.0, 0.0
    for count, mean in zip(counts[::-1], expected[::-1], strict=True):
        seen, hoped = seen + float(count), hoped + float(mean)
        if hoped >= LEAST_EXPECTED:
            rows.append((seen, hoped))
            seen, hoped = 0.0, 0.0
    if rows:
        rows[-1] = (rows[-1][0] + seen, rows[-1][1] + hoped)
    table = np.asarray(rows, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _gamma_tail(x: float, mean: float, variance: float) -> float:
    """Return P(X > x) [-] of a gamma law, by Wilson and Hilferty's cube root (PNAS 17, 1931)."""
    # A sum of squares of given mean and variance is taken as a multiple of a chi-square (Satterthwaite 1946). Right to
    # 0.001 for a chi-square of more than 2 degrees of freedom.
    if variance <= 0:
        return 1.0
    spread = variance / (9 * mean**2)
    return NORMAL.cdf(-((max(x, 0.0) / mean) ** (1 / 3) - (1 - spread)) / math.sqrt(spread))
