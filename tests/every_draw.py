"""Every draw by itself, every instant by itself: what the columns and the numbers over all draws are held against."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from planner.model import limit
from planner.model.admission.admission_number import admit
from planner.model.admission.node_limit import number
from planner.model.inputs import distributions
from planner.model.inputs.capacity import Floats, Inputs, Objective
from planner.model.overload.accounts_over_draws import allowed_accounts, excess, settled, weighted_quantile
from planner.model.overload.measures import measures_of_each
from planner.model.overload.node_draws import MEASURES
from planner.model.overload.node_resources import Drawn, NodeResource, node_resources
from planner.model.overload.occupancy_law import Law, law
from planner.planning.assumptions import ranges
from planner.planning.draws import as_arrays
from planner.scenario import resolve
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

RATES = ("episodes", "minutes", "busiest_instant")
FEWEST, MOST = 1e-3, 1e3
"""Rates are compared for so many episodes [1/year]."""


@dataclass(frozen=True)
class EveryDraw:
    """The limits of a scenario's nodes over n draws."""

    scenario: Scenario
    n: int
    seed: int

    @cached_property
    def of(self) -> Drawn:
        """Return the draws as arrays; tests/model/overload/test_busy_days.py is for days that differ."""
        found = as_arrays(self.scenario, self.n, self.seed)
        alike = [replace(one, day_spread=0.0) for one in (found.central, found.inputs)]
        return replace(found, central=alike[0], inputs=alike[1])

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Return the uncertain inputs by their path."""
        return distributions.draws(ranges(resolve.uncertain(self.scenario)), self.n, self.seed)

    def draw(self, index: int) -> Inputs:
        """Return the inputs of one draw, resolved by itself."""

        def pick(estimate: Estimate) -> float:
            found = self.values.get(estimate.path)
            return resolve.central(estimate) if found is None else float(found[index])

        return resolve.inputs(self.scenario, pick)

    @cached_property
    def node_resources(self) -> list[NodeResource]:
        """Return every limit of every node."""
        return node_resources(self.of)

    def law(self, bench: NodeResource, index: int) -> Law:
        """Return the law of one limit in one draw: its own inputs, and the members' multipliers of that draw."""
        inputs, place = self.draw(index), bench.drawn.draws.place
        node = next(one for one in inputs.nodes if one.name == bench.node.name)
        coming = [level for level, share in inputs.offer.mix.items() if share > 0] if bench.reached else []
        grown, known = (
            [(inputs.demands[level], float(np.broadcast_to(n, self.n)[index])) for level, n in part.items()]
            for part in (place.counts, place.summed)
        )
        return law(node, bench.resource, grown, [inputs.demands[level] for level in coming], known)


def ratios(of: EveryDraw, bench: NodeResource, accounts: tuple[int, ...]) -> dict[str, list[float]]:
    """Return each rate on columns over that with every instant by itself, less 1, for all draws in the range."""
    found: dict[str, list[float]] = {name: [] for name in RATES}
    rows = accounts if bench.reached else (0,)
    for index in range(of.n):
        exact = measures_of_each(of.law(bench, index), [bench.extra(n) for n in rows])
        for n, one in zip(rows, exact, strict=True):
            if FEWEST <= 12.0 * one.episodes <= MOST:
                for name in RATES:
                    found[name].append(float(bench.drawn.every(n)[name][index]) / getattr(one, name) - 1.0)
    return found


CAP = 127
"""So many accounts or more are not told apart [account]."""


def exact_numbers(of: EveryDraw, bench: NodeResource, goal: Objective) -> Floats:
    """Return how many further accounts one limit allows in each draw, -1 for none even now; ndarray of shape (n,).

    Found by looking around the approximate number: the verdicts that it rests on are exact.
    """
    guesses = allowed_accounts(bench.drawn, goal, (0, 2, 5, 10, 20, 40, 80, CAP))
    return np.array([_exact_number(of.law(bench, k), bench, goal, guess) for k, guess in enumerate(guesses)])


def _exact_number(of: Law, bench: NodeResource, goal: Objective, guess: float) -> float:
    known: dict[int, bool] = {-1: True, CAP + 1: False}

    def look(numbers: Iterable[int]) -> None:
        fresh = sorted({n for n in numbers if 0 <= n <= CAP} - known.keys())
        if fresh:
            found = measures_of_each(of, [bench.extra(n) for n in fresh])
            values = {name: np.array([getattr(one, name) for one in found]) for name in MEASURES}
            known.update(zip(fresh, (excess(values, goal) <= 0.0).tolist(), strict=True))

    near = math.floor(np.clip(guess, -1, CAP))
    look((near, near + 1))
    while True:
        good = max(n for n, met in known.items() if met)
        bad = min(n for n, met in known.items() if not met)
        assert good < bad, "more accounts are never fewer overloads"
        if bad == good + 1:
            return float(good)
        # a few at once cost little more than one
        look({good + 1, bad - 1, *np.linspace(good, bad, 5).astype(int).tolist()})


@dataclass(frozen=True)
class Compared:
    """The numbers of one scenario at one confidence, by the planner and by evaluating every draw."""

    confidence: float
    name: str
    """Node and resource, or "together"."""
    found: int
    exact: int
    """CAP = as many or more [account]."""
    here: tuple[int, int]
    """Of both, those that come to the node: the others change nothing there [account]."""

    @property
    def agrees(self) -> bool:
        """Return whether they differ by at most one account or 3 %."""
        found, exact = self.here
        return abs(found - exact) <= max(1.0, 0.03 * exact)


def compared(of: EveryDraw, confidences: Sequence[float]) -> list[Compared]:
    """Return the joint number and that of each limit of the nodes that the offer reaches, at some confidences.

    At the objective's own they are those of the plan.
    """
    central, goal = of.of.central, of.of.central.objective
    reached = [bench for bench in of.node_resources if bench.reached]
    limits = [None, *reached]
    each = np.array([exact_numbers(of, bench, goal) for bench in reached])
    each = np.concatenate([each.min(axis=0)[None], each])
    planned = admit(of.of).admission
    rows = {(one.node, one.limit): one.max_accounts for one in planned.limits}
    ours = [planned.max_accounts, *(rows[bench.node.name, bench.resource] for bench in reached)]
    found = [_compared(goal.confidence, *one) for one in zip(limits, ours, each, strict=True)]
    for confidence in confidences:
        known = replace(goal, confidence=confidence)
        allow = [number(bench, known, central.offer.accounts, np.empty((0, of.n))) for bench in reached]
        joint, _ = settled(
            [(bench.drawn, one.each) for bench, one in zip(reached, allow, strict=True)], known, confidence
        )
        ours = [None if joint >= limit.MOST else max(joint, 0), *(one.max_accounts for one in allow)]
        found += [_compared(confidence, *one) for one in zip(limits, ours, each, strict=True)]
    return found


def _compared(confidence: float, of: NodeResource | None, ours: int | None, numbers: Floats) -> Compared:
    """Return one number by both; of no limit by itself = of all together."""
    exact = int(max(0.0, -weighted_quantile(-numbers, np.ones(len(numbers)), confidence)))
    found = CAP if ours is None else min(ours, CAP)
    if of is None:
        return Compared(confidence, "together", found, exact, (found, exact))
    here = sum(of.extra(found)), sum(of.extra(exact))
    return Compared(confidence, f"{of.resource} on {of.node.name}", found, exact, here)
