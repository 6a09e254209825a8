"""Every draw by itself, every instant by itself: what the columns and the numbers over all draws are held against."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.model.bench import Bench, Drawn, benches
from planner.model.overload.law import Law, law
from planner.model.overload.measures import measures_of_each
from planner.planning.draws import Draw, as_arrays, drawn
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
        """Return the draws as arrays."""
        return as_arrays(self.scenario, self.n, self.seed)

    @cached_property
    def draw(self) -> Draw:
        """Return the draws one by one."""
        return drawn(self.scenario, self.n, self.seed)[1]

    @cached_property
    def benches(self) -> list[Bench]:
        """Return every limit of every node."""
        return benches(self.of)

    def law(self, bench: Bench, index: int) -> Law:
        """Return the law of one limit in one draw: its own inputs, and the members' multipliers of that draw."""
        inputs, place = self.draw(index), bench.drawn.draws.place
        node = next(one for one in inputs.nodes if one.name == bench.node.name)
        coming = [level for level, share in inputs.offer.mix.items() if share > 0] if bench.reached else []
        grown, known = (
            [(inputs.demands[level], float(np.broadcast_to(n, self.n)[index])) for level, n in part.items()]
            for part in (place.counts, place.summed)
        )
        return law(node, bench.resource, grown, [inputs.demands[level] for level in coming], known)


def ratios(of: EveryDraw, bench: Bench, accounts: tuple[int, ...]) -> dict[str, list[float]]:
    """Return each rate on columns over that with every instant by itself, less 1, for all draws in the range."""
    found: dict[str, list[float]] = {name: [] for name in RATES}
    rows = accounts if bench.reached else (0,)
    for index in range(of.n):
        exact = measures_of_each(of.law(bench, index), [bench.extra(n) for n in rows])
        for n, one in zip(rows, exact, strict=True):
            if FEWEST <= 12.0 * one.episodes <= MOST:
                for name in RATES:
                    found[name].append(float(bench.drawn.best(n, name)[index]) / getattr(one, name) - 1.0)
    return found
