"""Answers over all draws from few exact ones: ranked by a cheap approximation, evaluated where the verdict turns.

The approximation is trusted only as far as it has been seen to be right: the ratio of exact to approximate among the
draws evaluated so far, widened by `MARGIN` on both sides, says which verdicts are still open. The result is that of
evaluating every draw exactly as long as no ratio leaves that range, and the tests hold it to that.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Measure
from planner.model.limit import MOST, needed
from planner.model.overload.measures import Measures

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int_]
TINY = 1e-300

MEASURES = ("busiest_instant", "minutes", "episodes", "any_in_week_bound")
"""The order of the rows of an approximation."""
MARGIN = 1.12
"""How far beyond the ratios seen an unseen ratio of exact to approximate may lie [-]. Within a factor of
three of the bound they were seen between 0.92 and 1.08 over 500 draws of the pilot, for all four limits of de."""
STEADY = 0.1
"""Below this busiest_instant episodes rise with the load [-]; above it meetings often start on a node already over."""
ALWAYS = 0.5
"""From this busiest_instant on a node is over more often than not at its busiest, and counting episodes says nothing:
an objective on them is missed. Every such node has over two episodes a month, so stricter bounds never meet this."""


@dataclass(slots=True, eq=False)
class Ranked:
    """One resource of one node in all draws; remembers what was worked out, which is why it is not a function."""

    n_draws: int
    """How many [-]."""
    rough_at: Callable[[int], Floats]
    """The four measures with so many further accounts, approximately: ndarray of shape (4, n_draws)."""
    exact_at: Callable[[int, int], Measures]
    """The same exactly, of one draw and so many further accounts."""
    _rough: dict[int, Floats] = field(default_factory=dict)
    _exact: dict[tuple[int, int], Measures] = field(default_factory=dict)
    _ratio: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By measure the smallest and the largest ratio of exact to approximate seen so far."""

    def rough(self, accounts: int, measure: str) -> Floats:
        """Return the measure in each draw, approximately.

        Units: accounts [account].
        """
        if accounts not in self._rough:
            self._rough[accounts] = self.rough_at(accounts)
        return np.asarray(self._rough[accounts][MEASURES.index(measure)])

    def exact(self, draw: int, accounts: int) -> Measures:
        """Return the measures of one draw exactly, and learn how the approximation compares.

        Units: accounts [account].
        """
        if (draw, accounts) not in self._exact:
            found = self._exact[draw, accounts] = self.exact_at(draw, accounts)
            for measure in MEASURES:
                rough, value = float(self.rough(accounts, measure)[draw]), float(getattr(found, measure))
                # where either underflows the verdict is clear and the ratio says nothing
                ratio = value / rough if min(rough, value) > 1e-200 else 1.0
                low, high = self._ratio.get(measure, (ratio, ratio))
                self._ratio[measure] = min(low, ratio), max(high, ratio)
        return self._exact[draw, accounts]

    def knows(self, draw: int, accounts: int) -> bool:
        """Return whether the measures of a draw have been worked out exactly.

        Units: accounts [account].
        """
        return (draw, accounts) in self._exact

    def best(self, accounts: int, measure: str) -> Floats:
        """Return the measure in each draw: exact where it is known, else approximate, corrected by the ratio seen.

        Units: accounts [account].
        """
        smallest, largest = self._ratio.get(measure, (1.0, 1.0))
        values = self.rough(accounts, measure) * math.sqrt(smallest * largest)
        for (draw, n), found in self._exact.items():
            if n == accounts:
                values[draw] = getattr(found, measure)
        return np.minimum(values, 1.0) if measure in {"busiest_instant", "any_in_week_bound"} else values

    def span(self, accounts: int, measure: str) -> tuple[Floats, Floats]:
        """Return what the measure of each draw is at least and at most; equal where it is known exactly.

        Before the first exact evaluation nothing is known of any draw.

        Units: accounts [account].
        """
        rough = self.rough(accounts, measure)
        if measure not in self._ratio:
            return np.zeros(self.n_draws), np.full(self.n_draws, np.inf)
        low, high = rough * self._ratio[measure][0] / MARGIN, rough * self._ratio[measure][1] * MARGIN
        for (draw, n), found in self._exact.items():
            if n == accounts:
                low[draw] = high[draw] = getattr(found, measure)
        return low, high


def attribute(measure: Measure) -> str:
    """Return the field of `Measures` that an objective on `measure` is held to: for any_in_week its upper bound."""
    return "any_in_week_bound" if measure == "any_in_week" else measure


def holds(at: Callable[[int], Measures], accounts: int, measure: Measure, at_most: float) -> bool:
    """Return whether every number of further accounts up to `accounts` meets the objective.

    The busiest instant and the minutes rise with every account; episodes do so while the busiest instant is below
    STEADY, so only the numbers above that need to be tried one by one.

    Units: accounts [account].
    """
    name = attribute(measure)
    for n in range(accounts, -1, -1):
        found = at(n)
        if getattr(found, name) > at_most:
            return False
        if measure in {"minutes", "busiest_instant"} or found.busiest_instant < STEADY:
            return True
        if found.busiest_instant >= ALWAYS:
            return False
    return True


def enough_hold(ranked: Ranked, accounts: int, measure: Measure, at_most: float, confidence: float) -> bool:
    """Return whether in at least `confidence` of the draws every number up to `accounts` meets the objective.

    Units: accounts [account].
    """
    wanted = needed(ranked.n_draws, confidence)
    verdicts = _verdicts(ranked, accounts, measure, at_most, wanted)
    return bool((verdicts == 1).sum() >= wanted)


def _verdicts(ranked: Ranked, accounts: int, measure: Measure, at_most: float, wanted: int) -> Ints:
    """Return 1 for the draws that hold, 0 for those that do not, -1 where it no longer matters for `wanted`."""
    name = attribute(measure)
    always_steady = measure in {"minutes", "busiest_instant"}
    judged = np.full(ranked.n_draws, -1)
    while True:
        low, high = ranked.span(accounts, name)
        steady = always_steady | (ranked.span(accounts, "busiest_instant")[1] < STEADY)
        verdicts = np.where(low > at_most, 0, np.where((high <= at_most) & steady, 1, -1))
        verdicts = np.where(judged >= 0, judged, verdicts)
        unsure = np.flatnonzero(verdicts < 0)
        sure = int((verdicts == 1).sum())
        if not len(unsure) or sure >= wanted or sure + len(unsure) < wanted:
            return verdicts
        # the draw nearest to the bound teaches most about the ratio there
        draw = int(unsure[np.argmin(np.abs(np.log(ranked.rough(accounts, name)[unsure] + TINY) - _log(at_most)))])
        judged[draw] = holds(partial(ranked.exact, draw), accounts, measure, at_most)


def quantiles(ranked: Ranked, accounts: int, confidence: float, measure: Measure) -> tuple[Measures, int]:
    """Return each measure's own quantile over the draws, and the draw at the quantile of the objective's measure.

    The objective's measure is that of a draw evaluated exactly, which takes its rank among values that are exact or
    approximate; the other measures may be approximate, corrected by the ratio seen.

    Units: accounts [account].
    """
    k = needed(ranked.n_draws, confidence) - 1
    name = attribute(measure)
    while True:
        draw = int(np.argpartition(ranked.best(accounts, name), k)[k])
        if ranked.knows(draw, accounts):
            break
        ranked.exact(draw, accounts)
    instant, minutes, episodes, week = (float(np.partition(ranked.best(accounts, other), k)[k]) for other in MEASURES)
    bins = ranked.exact(draw, accounts)
    return Measures(instant, minutes, episodes, week, bins.busiest_bin, bins.when), draw


def rough_number(ranked: Ranked, measure: Measure, at_most: float, confidence: float, guess: int) -> int:
    """Return about how many accounts enough draws allow, by the approximation alone; at most MOST.

    Units: guess [account].
    """
    name, k = attribute(measure), needed(ranked.n_draws, confidence) - 1

    def excess(n: int) -> float:
        """Return the logarithm of the quantile over the bound: it rises, nearly straight, with n."""
        value = ranked.rough(n, name)
        if measure not in {"minutes", "busiest_instant"}:
            value = np.where(ranked.rough(n, "busiest_instant") >= ALWAYS, np.inf, value)
        return float(min(_log(float(np.partition(value, k)[k])) - _log(at_most), 700.0))

    good, below = 0, excess(0)
    bad = min(max(1, guess), MOST)
    above = excess(bad)
    while above <= 0 and bad < MOST:
        good, below, bad = bad, above, min(2 * bad, MOST)
        above = excess(bad)
    if below > 0 or above <= 0:
        return 0 if below > 0 else MOST
    while bad - good > 1:
        # regula falsi, kept off the ends so that both close in
        share = min(max(below / (below - above), 0.05), 0.95)
        middle = min(max(good + round(share * (bad - good)), good + 1), bad - 1)
        value = excess(middle)
        good, below, bad, above = (middle, value, bad, above) if value <= 0 else (good, below, middle, value)
    return good


def _log(value: float) -> float:
    """Return the natural logarithm, of 0 that of the smallest number worth telling from it."""
    return math.log(value + TINY)


def largest_number(ranked: Ranked, measure: Measure, at_most: float, confidence: float, guess: int = 8) -> int | None:
    """Return the largest n of which `enough_hold`; -1 if not even n = 0 does, None beyond MOST.

    Units: guess [account].
    """

    def met(n: int) -> bool:
        return enough_hold(ranked, n, measure, at_most, confidence)

    good, bad, step = -1, MOST + 1, 1
    # outwards from the approximate answer, which is rarely off by more than one account
    probe = min(rough_number(ranked, measure, at_most, confidence, guess), MOST)
    while good < probe < bad:
        if met(probe):
            good, probe = probe, probe + step
        else:
            bad, probe = probe, max(probe - step, 0)
        step *= 2
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if met(middle) else (good, middle)
    return good if good < MOST else None
