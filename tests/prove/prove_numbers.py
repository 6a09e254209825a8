"""The numbers of accounts against evaluating every draw exactly: jointly, and for each limit by itself.

The pilot, busy members and four scenarios drawn at random; each draw at every instant by itself, its number found by
halving. Numbers up to 127 are told apart.
"""

import tempfile
from pathlib import Path

import proof
from every_draw import CAP, EveryDraw, compared
from random_scenarios import random_scenario

from planner.model.overload import kernel
from planner.scenario.reader import Scenario, read

FULL = 200
"""Draws of each scenario."""
SCENARIOS = ("pilot-5", "busy-members", "random 1", "random 2", "random 3", "random 4")
CONFIDENCES = (0.3, 0.5, 0.7)
"""Beside the objective's own [-]."""
FOLDER = Path(__file__).parents[2] / "scenarios"


def scenario(name: str, folder: Path) -> Scenario:
    """Return a scenario without a policy of its own."""
    if name.startswith("random"):
        return random_scenario(folder, int(name.split()[1]), ("rooms", "users"))
    return read(FOLDER / f"{name}.yaml", ["offer.cap=none"])


def prove(count: int, seed: int) -> str:
    """Hold the numbers of `count` draws of each scenario to the exact ones; return what was compared."""
    kernel.compiled()
    numbers, same, between, wrong = 0, 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        for name in SCENARIOS:
            for one in compared(EveryDraw(scenario(name, Path(folder)), count, seed), CONFIDENCES):
                numbers += 1
                same += one.found == one.exact
                between += 0.0 < one.exact < CAP
                wrong += [] if one.agrees else [(name, one)]
    assert not wrong, "; ".join(
        f"{name}, {one.name} at {one.confidence:.0%}: {one.found:.0f} where {one.exact:.0f} is exact"
        for name, one in wrong
    )
    return f"{numbers} numbers of {count} draws, {same} the same, {between} neither 0 nor {CAP} or more"


if __name__ == "__main__":
    proof.main("numbers", prove, FULL)
