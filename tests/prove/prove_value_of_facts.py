"""The value of knowing an input, told from one set of draws, against planning anew with the input known.

On two scenarios each input is fixed at the middle of each of so many equally likely parts of its range, all other
inputs are drawn anew, the number of the servers is judged, and the numbers are averaged. Held: the values agree within
three standard errors of both, and where two values differ by more than that, `facts` has them in the same order.
"""

import math
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import proof

from planner.model.admission.node_limit import spaced_to
from planner.model.evidence.value_of_facts import facts
from planner.model.inputs.capacity import Floats
from planner.model.overload.accounts_over_draws import allowed_accounts, weighted_quantile
from planner.model.overload.node_resources import Drawn, node_resources
from planner.planning.draws import as_arrays, drawn
from planner.scenario import resolve
from planner.scenario.reader import Scenario, read

FULL = 600
"""Draws for each number; `facts` has six times as many, in each of `SEEDS`; fewer are a sample [-]."""
SEEDS, GROUPS = 3, 12
"""Seeds of `facts`, and values of an input that is known [-]."""
PILOT = Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml"
ALIKE = ("usage.everyone.day_spread=0", "experience=[]", "nodes.de.limits.load=none")
SCENARIOS = {
    "at 75 %": (*ALIKE, "objective.confidence=75 %"),
    "fewer rooms, at 70 %": (
        *ALIKE,
        "nodes.de.limits.rooms={value: 20 rooms, low: 12, high: 30}",
        "objective.confidence=70 %",
    ),
}
PATHS = (
    "usage.everyone.meetings",
    "nodes.de.limits.users",
    "nodes.de.limits.rooms",
    "usage.everyone.size",
    "usage.everyone.spread",
    "members.growth",
    "nodes.ca.limits.users",
)
"""The last does not matter to the server that the offer reaches."""
SAMPLE = ("nodes.de.limits.users", "usage.everyone.spread", "nodes.ca.limits.users")
ERRORS = 3.0
LEAST = 0.7
"""Error of a value that is rounded to whole accounts in every part [account]."""


@dataclass(frozen=True)
class Value:
    """A value with its standard error [account]."""

    accounts: float
    error: float


def allows(of: Drawn) -> Floats:
    """Return about how many accounts the server allows in each draw."""
    limits = node_resources(of, ("de",), ("rooms", "users"))
    return np.min([allowed_accounts(one.drawn, of.central.objective, spaced_to(200, 5)) for one in limits], axis=0)


def known(scenario: Scenario, n: int, seed: int, path: str, value: float) -> Drawn:
    """Return draws in which one input has this value."""
    values, pick = drawn(resolve.uncertain(scenario), n, seed)
    values[path] = np.full(n, value)
    return replace(as_arrays(scenario, n, seed), inputs=resolve.inputs(scenario, pick))


def by_brute_force(scenario: Scenario, path: str, n: int, seed: int) -> Value:
    """Return the average over the parts of the input of the number once it is known."""
    at = np.sort(drawn(resolve.uncertain(scenario), 200 * GROUPS, seed)[0][path]).reshape(GROUPS, 200).mean(axis=1)
    numbers = []
    for k, value in enumerate(at):
        of = known(scenario, n, seed + 31 * k, path, float(value))
        number = -weighted_quantile(-allows(of), of.weight, of.central.objective.confidence)
        numbers.append(max(0.0, math.floor(number)))
    # neighbours differ by what the input does and by chance: the second difference is nearly chance alone
    second = np.diff(numbers, 2)
    return Value(float(np.mean(numbers)), float(np.sqrt(np.median(second**2) / 0.4549 / 6.0 / GROUPS)))


def told(scenario: Scenario, n: int, seed: int) -> dict[str, Value]:
    """Return what `facts` says of every input, by several seeds."""
    found: dict[str, list[float]] = {path: [] for path in PATHS}
    for k in range(SEEDS):
        of = as_arrays(scenario, n, seed + 1000 + k)
        for one in facts(of, allows(of), {}):
            if one.path in found:
                found[one.path].append(one.expected_accounts)
    return {path: Value(float(np.mean(each)), float(np.std(each, ddof=1))) for path, each in found.items()}


def prove(count: int, seed: int) -> str:
    """Hold the values of all inputs on both scenarios."""
    said, paths = [], PATHS if count >= FULL else SAMPLE
    for name, changes in list(SCENARIOS.items())[: 2 if count >= FULL else 1]:
        scenario = read(PILOT, list(changes))
        mine = told(scenario, 6 * count, seed)
        brute = {path: by_brute_force(scenario, path, count, seed) for path in paths}
        for path in sorted(paths, key=lambda one: -brute[one].accounts):
            one, other = mine[path], brute[path]
            print(
                f"{name}: {path:24} {one.accounts:5.1f} ± {one.error:.1f}, "
                f"planned anew {other.accounts:5.1f} ± {other.error:.1f}",
                flush=True,
            )
        apart = {path: math.hypot(mine[path].error, brute[path].error, LEAST) for path in paths}
        for path in paths:
            far = abs(mine[path].accounts - brute[path].accounts)
            assert far <= ERRORS * apart[path], f"{name}: {path} {mine[path]}, planned anew {brute[path]}, seed {seed}"
        for one_path, other_path in combinations(paths, 2):
            anew = brute[one_path].accounts - brute[other_path].accounts
            if abs(anew) > ERRORS * math.hypot(apart[one_path], apart[other_path]):
                there = mine[one_path].accounts - mine[other_path].accounts
                assert anew * there > 0.0, f"{name}: another order of {one_path} and {other_path}, seed {seed}"
        said.append(f"{name} up to {max(one.accounts for one in brute.values()):.0f} accounts")
    return f"{len(paths)} inputs, {count} draws: {'; '.join(said)}"


if __name__ == "__main__":
    proof.main("value of facts", prove, FULL)
