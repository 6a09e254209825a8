"""The draws of a scenario: what each uncertain input is in each, and the inputs that follow."""

from collections.abc import Sequence

import numpy as np

from planner.model.inputs import distributions
from planner.model.inputs.capacity import Floats
from planner.model.inputs.credit import Number
from planner.model.overload.node_resources import Drawn
from planner.planning.assumptions import ranges
from planner.scenario import resolve
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

SERVERS = ("nodes.", "members.", "usage.")
"""Sections whose inputs the servers' numbers depend on."""


def drawn(estimates: Sequence[Estimate], n: int, seed: int) -> tuple[dict[str, Floats], resolve.Pick]:
    """Return uncertain inputs by their path as ndarrays of shape (n,), and the pick that gives each as that."""
    values = distributions.draws(ranges(estimates), n, seed)

    def pick(estimate: Estimate) -> Number:
        return values[estimate.path] if estimate.path in values else resolve.central(estimate)

    return values, pick


def as_arrays(scenario: Scenario, n: int, seed: int, known: bool = True) -> Drawn:
    """Return all draws of a scenario's inputs."""
    values, pick = drawn(resolve.uncertain(scenario), n, seed)
    scores = {path: value for path, value in values.items() if path.startswith(SERVERS)}
    inputs, central = resolve.inputs(scenario, pick), resolve.inputs(scenario)
    return Drawn(central, inputs, n, seed if known else None, np.ones(n), scores)
