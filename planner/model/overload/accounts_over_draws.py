"""From measures in all draws to numbers of accounts: weighted quantiles, and what each draw allows."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Floats, Ints, Measure, Objective
from planner.model.limit import MOST
from planner.model.overload.columns import cubic
from planner.model.overload.measures import Measures
from planner.model.overload.node_draws import MEASURES, NodeDraws
from planner.model.overload.risks import RATIOS, between, day_ratios, mixture, on_busy_days, risks, sizes, spread_out

ALWAYS = 0.5
"""From this busiest_instant on a node is over more often than not at its busiest, and counting episodes says nothing:
an objective on them is missed. Every such node has over two episodes a month, so stricter bounds never meet this."""
WINDOW = 3
"""Whole numbers on both sides of a number that are evaluated before it is believed [account]."""
AROUND = 0.1
"""So are all draws that allow about that many, within this share of all accounts [-]."""
WIDE = 2.0
"""The number moves in whole accounts: it is looked at so many standard deviations away, not at one [-]."""
TINY = 1e-300


def attribute(measure: Measure) -> str:
    """Return the field of `Measures` that an objective on `measure` is held to: for any_in_week its upper bound."""
    return "any_in_week_bound" if measure == "any_in_week" else measure


def weighted_quantile(values: Floats, weight: Floats, share: float) -> float:
    """Return the smallest of the values [their unit] that at least a share of the weight [-] does not pass."""
    order = np.argsort(values)
    # 1e-9: 0.9 of 500 draws are 450, not 451 by the last bit
    reached = np.cumsum(weight[order]) >= (share - 1e-9) * weight.sum()
    return float(values[order[int(reached.argmax())]])


@dataclass(slots=True, eq=False)
class Known:
    """One resource of one node in all draws: remembers what was worked out, which is why it is not a function."""

    draws: NodeDraws
    """What the measures are worked out from."""
    extra: Callable[[int], Sequence[int]]
    """From a number of further accounts over all nodes to those of each level on offer that come here [account]."""
    weight: Floats
    """Of the draws, ndarray of shape (D,) [-]."""
    _seen: dict[int, dict[str, Floats]] = field(default_factory=dict)
    _days: dict[int, dict[str, Floats]] = field(default_factory=dict)
    """By number of accounts the logs of `day_ratios`, ndarrays of shape (D,) [-]."""

    @property
    def there(self) -> float:
        """Return about how many accounts are there already [account]."""
        compound = self.draws.compound
        return float(np.median((compound.summed + compound.counts).sum(axis=1)))

    def at(self, numbers: Sequence[int], rows: Ints | None = None) -> Mapping[str, Floats]:
        """Return the measures by name with each number of accounts, in all draws or some; ndarrays of shape (D, R)."""
        some, coming = self.draws if rows is None else self.draws.only(rows), [self.extra(n) for n in numbers]
        if some.days is None:
            return risks(some, coming)
        busy = on_busy_days(some, coming)
        return mixture(busy, self.day_ratios(numbers, rows, busy if rows is None else None))

    def day_ratios(
        self, numbers: Sequence[int], rows: Ints | None = None, busy: Mapping[str, Floats] | None = None
    ) -> dict[str, Floats]:
        """Return the log of each measure over all days to that on busy days, ndarrays of shape (D, R) [-]."""
        self._learn_days(numbers, busy)
        knots = sorted(self._days)
        # numbers of accounts that bring nothing here are one knot
        size, first = np.unique(sizes(self.draws, [self.extra(n) for n in knots]), return_index=True)
        ratios = {name: np.stack([self._days[knots[k]][name] for k in first], 1) for name in RATIOS}
        if rows is not None:
            ratios = {name: logs[rows] for name, logs in ratios.items()}
        return between(ratios, cubic(sizes(self.draws, [self.extra(n) for n in numbers]), size))

    def _learn_days(self, numbers: Sequence[int], busy: Mapping[str, Floats] | None) -> None:
        """Work out what busy days are to all days, unless it follows from what is known between other numbers."""
        asked = sorted(numbers)
        if self._days and min(self._days) - WINDOW <= asked[0] and asked[-1] <= max(self._days) + WINDOW:
            return
        knots = spread_out(sizes(self.draws, [self.extra(n) for n in asked]))
        fresh = [asked[k] for k in knots if asked[k] not in self._days]
        coming = [self.extra(n) for n in fresh]
        if busy is None:
            busy = on_busy_days(self.draws, coming)
        else:
            busy = {name: busy[name][:, [list(numbers).index(n) for n in fresh]] for name in RATIOS}
        found = day_ratios(self.draws, coming, busy)
        self._days.update({n: {name: found[name][:, k] for name in RATIOS} for k, n in enumerate(fresh)})

    def ask(self, numbers: Sequence[int]) -> None:
        """Work out what is not known of these numbers of further accounts, all at once."""
        fresh = sorted({int(n) for n in numbers} - self._seen.keys())
        if fresh:
            found = self.at(fresh)
            self._seen.update({n: {name: found[name][:, k] for name in MEASURES} for k, n in enumerate(fresh)})

    def every(self, accounts: int) -> Mapping[str, Floats]:
        """Return the measures by name in each draw, ndarrays of shape (D,)."""
        self.ask([accounts])
        return self._seen[accounts]

    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of accounts that are known."""
        return tuple(sorted(self._seen))


def excess(found: Mapping[str, Floats], goal: Objective) -> Floats:
    """Return the log of the objective's measure over its bound; above 0 where the objective is missed."""
    above = np.log(np.maximum(found[attribute(goal.measure)], TINY)) - math.log(goal.at_most + TINY)
    if goal.measure in {"minutes", "busiest_instant"}:
        return np.asarray(above)
    return np.asarray(np.where(found["busiest_instant"] >= ALWAYS, np.maximum(above, 0.01), above))


def missed(found: Measures, goal: Objective) -> bool:
    """Return whether the objective is missed with these measures, every input at its value."""
    return bool(excess({name: np.array([getattr(found, name)]) for name in MEASURES}, goal)[0] > 0.0)


def allowed_accounts(of: Known, goal: Objective, numbers: Sequence[int]) -> Floats:
    """Return about how many further accounts each draw allows [account], below 0 for too many members."""
    of.ask(numbers)
    return crossings(np.array([excess(of.every(n), goal) for n in numbers]), numbers)


def crossings(above: Floats, numbers: Sequence[float] | Floats) -> Floats:
    """Return the number of accounts [account] at which what is `above` 0 begins, ndarray of shape (numbers, D) [-]."""
    # Straight lines through the log of the measure; beyond the last number along its last stretch.
    after = np.where((above > 0).any(axis=0), (above > 0).argmax(axis=0), len(numbers) - 1).clip(1)
    draws, knots = np.arange(above.shape[1]), np.array(numbers, dtype=np.float64)
    low, high = above[after - 1, draws], above[after, draws]
    left, right = knots[after - 1], knots[after]
    each = left - low * (right - left) / np.maximum(high - low, 1e-3)
    # where the measure falls again with more accounts, what is over stays over
    each = np.where((above > 0)[after, draws] & (above <= 0)[after - 1, draws], np.clip(each, left, right - 1e-9), each)
    return np.asarray(np.clip(each, -float(MOST), float(MOST)))


def settled(
    limits: Sequence[tuple[Known, Floats]], goal: Objective, share: float, weight: Floats | None = None
) -> tuple[int, Floats]:
    """Return the number [account] at a confidence for several limits together, and about how many each draw allows."""
    each = np.array([allows for _, allows in limits])
    weight = limits[0][0].weight if weight is None else weight
    number = -2
    for _ in range(8):
        at = -weighted_quantile(-each.min(axis=0), weight, share)
        now = max(-1, math.floor(at))
        if now == number or now >= MOST:
            return min(now, MOST), each
        number = now
        low = max(0, number - WINDOW)
        rows = list(range(low, number + WINDOW + 1))
        reach = max(2.0 * WINDOW, AROUND * (limits[0][0].there + number))
        for k, (known, _) in enumerate(limits):
            near = np.flatnonzero((np.abs(each[k] - max(number, 0)) <= reach) & (each.min(axis=0) >= number - reach))
            if len(near):
                found = known.at(rows, near)
                met = np.cumprod(excess(found, goal) <= 0.0, axis=1).sum(axis=1)
                inside = low + met - 0.5
                every, none = met == len(rows), met == 0
                ends = [np.maximum(each[k, near], rows[-1] + 0.5), np.minimum(each[k, near], low - 0.5)]
                each[k, near] = np.select([every, none], ends, inside)
    return number, each


def standard_error(each: Floats, weight: Floats, share: float, inputs: npt.NDArray[np.float64]) -> float:
    """Return the Monte Carlo standard error of the number at a confidence [account]."""
    # What depends on each stratified input by itself is hardly left to chance, and is taken out first: Stein, Large
    # sample properties of simulations using Latin hypercube sampling, Technometrics 29(2), 1987.
    at = -weighted_quantile(-each, weight, share)
    holds = (each >= at).astype(np.float64)
    missed = holds - holds.mean()
    if len(each) > 10 * (1 + 3 * len(inputs)):
        terms = np.concatenate([np.ones((1, len(each))), inputs, inputs**2, inputs**3]).T
        missed = holds - terms @ np.linalg.lstsq(terms.T @ terms, terms.T @ holds)[0]
    effective = weight.sum() ** 2 / (weight**2).sum()
    shift = WIDE * math.sqrt(float((weight * missed**2).sum() / weight.sum()) / effective)
    ends = [-weighted_quantile(-each, weight, min(1.0, max(1e-9, share + side * shift))) for side in (-1.0, 1.0)]
    return 0.5 / WIDE * (max(ends[0], 0.0) - max(ends[1], 0.0))
