"""The draws of a scenario: what each uncertain input is in each, and the inputs that follow."""

from collections.abc import Callable

import numpy as np

from planner.model.inputs import distributions
from planner.model.inputs.capacity import Floats, Inputs
from planner.model.inputs.credit import Number
from planner.model.overload.node_resources import Drawn
from planner.planning.assumptions import ranges
from planner.scenario import resolve
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

Draw = Callable[[int], Inputs]


def drawn(scenario: Scenario, n: int, seed: int) -> tuple[dict[str, Floats], Draw]:
    """Return the uncertain inputs by their path, and the function from 0, 1, … n - 1 to the inputs of that draw."""
    values = distributions.draws(ranges(resolve.uncertain(scenario)), n, seed)

    def draw(index: int) -> Inputs:
        def pick(estimate: Estimate) -> float:
            found = values.get(estimate.path)
            return resolve.central(estimate) if found is None else float(found[index])

        return resolve.inputs(scenario, pick)

    return values, draw


SERVERS = ("nodes.", "members.", "usage.")
"""Sections whose inputs the servers' numbers depend on."""


def as_arrays(scenario: Scenario, n: int, seed: int, known: bool = True) -> Drawn:
    """Return the same draws with ndarrays of shape (n,) for all that is uncertain."""
    values = distributions.draws(ranges(resolve.uncertain(scenario)), n, seed)

    def pick(estimate: Estimate) -> Number:
        found = values.get(estimate.path)
        return resolve.central(estimate) if found is None else found

    scores = {path: drawn for path, drawn in values.items() if path.startswith(SERVERS)}
    inputs, central = resolve.inputs(scenario, pick), resolve.inputs(scenario)
    return Drawn(central, inputs, n, seed if known else None, np.ones(n), scores)
