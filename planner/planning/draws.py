"""The draws of a scenario: what each uncertain input is in each, and the inputs that follow."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from planner.model.evidence.weights import ENOUGH, Weighed, weigh
from planner.model.inputs import distributions
from planner.model.inputs.capacity import Floats
from planner.model.overload.members import Streams
from planner.model.overload.node_resources import Drawn, only
from planner.planning.assumptions import ranges
from planner.scenario import resolve
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario
from planner.scenario.seen import statements

MOST_DRAWS, MORE = 40_000, 1.3
"""Draws at most where what was seen leaves few that count; so many more than it seems to take."""
NEGLIGIBLE = 1e-3
"""So much of the weight may be left out [-]."""
SERVERS = ("nodes.", "members.", "usage.")
"""Sections whose inputs the servers' numbers depend on."""


def drawn(estimates: Sequence[Estimate], n: int, seed: int) -> tuple[dict[str, Floats], resolve.Pick]:
    """Return uncertain inputs by their path as ndarrays of shape (n,), and the pick that gives each as that."""
    # formulas over all draws take a record whose numbers are ndarrays where draws differ: `Drawn` says which is which
    values = distributions.draws(ranges(estimates), n, seed)

    def pick(estimate: Estimate) -> float:
        return cast(float, values[estimate.path]) if estimate.path in values else resolve.central(estimate)

    return values, pick


def as_arrays(scenario: Scenario, n: int, seed: int, known: bool = True) -> Drawn:
    """Return all draws of a scenario's inputs."""
    values, pick = drawn(resolve.uncertain(scenario), n, seed)
    scores = {path: value for path, value in values.items() if path.startswith(SERVERS)}
    inputs, central = resolve.inputs(scenario, pick), resolve.inputs(scenario)
    return Drawn(central, inputs, n, Streams(seed, n, np.arange(n)) if known else None, np.ones(n), scores)


def weighed(scenario: Scenario, n: int, seed: int, exactly: bool) -> tuple[Drawn, Weighed | None]:
    """Return the draws, weighed by what was seen: as many as that takes, or `exactly` n; None = nothing was.

    Under "without" stand the weights without what was seen, under "if_peak_higher" those for higher peaks.
    """
    of, seen = as_arrays(scenario, n, seed), statements(scenario)
    if not seen:
        return of, None
    found = weigh(of, seen)
    if found.effective < ENOUGH and not exactly:
        wanted = MORE * n * ENOUGH / max(found.effective, 1.0)
        of = as_arrays(scenario, min(MOST_DRAWS, 1000 * math.ceil(wanted / 1000)), seed)
        found = weigh(of, seen)
    # those of no weight say nothing, but what is said without the statements still needs as many as it has elsewhere
    plain = np.zeros(of.number)
    plain[np.linspace(0, of.number - 1, n).round().astype(int)] = 1.0
    higher = {} if found.if_peak_higher is None else {"if_peak_higher": found.if_peak_higher}
    of = replace(of, weight=found.weight, instead={"without": plain, **higher})
    heaviest = np.argsort(-found.weight, kind="stable")
    matter = np.cumsum(found.weight[heaviest]) < (1.0 - NEGLIGIBLE) * found.weight.sum()
    kept = np.union1d(np.flatnonzero(plain), heaviest[: int(matter.sum()) + 1])
    return only(of, kept), found
