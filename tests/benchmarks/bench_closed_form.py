"""The closed form on a fleet: 1,000,000 accounts of three levels on 5,000 nodes, each with counts of its own.

    python tests/benchmarks/bench_closed_form.py [NODES]

Prints what the four measures of rooms and users take for all nodes, at central inputs, beside the bar (8 s, 500 MB),
and how the time grows with the number of nodes and of accounts on each. The nodes share the levels' demand, so that
loads, marks and contours are worked out once for all nodes of nearly the same load (`measures_of_each`). A
fleet is looked at a little less finely than one node; what that costs is measured against the setting for one node.
Then the same fleet in simulation: a part of it is measured, the whole is extrapolated.
"""

import os
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Demand, Node, Resource
from planner.model.overload.measures import PRECISION, measures_of_each
from planner.model.overload.occupancy_law import Law, law
from planner.model.simulation.meetings import Accounts
from planner.model.simulation.replications import World, simulate
from planner.scenario import resolve
from planner.scenario.reader import read

SCENARIO = Path(__file__).parents[2] / "scenarios" / "meetcoop.yaml"
LEVELS = ("level-1", "level-2", "level-3")
RESOURCES: tuple[Resource, ...] = ("rooms", "users")
ON_EACH = 200
BAR_S, BAR_MB = 8.0, 500.0
FLEET = 1e-5
"""Error of a probability, relative to that of the busiest instant [-]."""


def fleet(nodes: int, on_each: int = ON_EACH, seed: int = 501) -> npt.NDArray[np.float64]:
    """Return the accounts of each level on each node, ndarray of shape (nodes, 3): totals and mixes differ."""
    rng = np.random.default_rng(seed)
    totals = rng.multinomial(nodes * on_each, rng.dirichlet(np.full(nodes, 40.0)))
    return np.array([rng.multinomial(n, rng.dirichlet([12, 6, 2])) for n in totals], dtype=np.float64)


def laws(on_each: int = ON_EACH) -> list[Law]:
    """Return the law of each resource on a node whose limits are as tight as those of the scenario's, for its size."""
    inputs = resolve.inputs(read(SCENARIO))
    demands: Sequence[Demand] = [inputs.demands[level] for level in LEVELS]
    limits: dict[Resource, float] = {"rooms": round(30 * on_each / ON_EACH), "users": round(150 * on_each / ON_EACH)}
    return [law(Node("node", limits), name, [], demands) for name in RESOURCES]


def took(counts: npt.NDArray[np.float64], of: Sequence[Law], precision: float = FLEET) -> tuple[float, float]:
    """Return wall and processor seconds of the four measures of all nodes."""
    wall, cpu = time.perf_counter(), time.process_time()
    for one in of:
        measures_of_each(one, counts, precision)
    return time.perf_counter() - wall, time.process_time() - cpu


def simulated(counts: npt.NDArray[np.float64], weeks: int) -> float:
    """Return the processor seconds that the simulation takes for these nodes, in two replications of so many weeks."""
    inputs = resolve.inputs(read(SCENARIO))
    nodes = tuple(Node(f"node {k}", {"rooms": 30.0, "users": 150.0}) for k in range(len(counts)))
    population = tuple(
        Accounts(int(n), inputs.demands[level], k)
        for k, row in enumerate(counts)
        for level, n in zip(LEVELS, row, strict=True)
    )
    start = time.process_time()
    simulate(World(nodes, population), replications=2, seed=501, weeks=weeks)
    return time.process_time() - start


def worst(counts: npt.NDArray[np.float64], of: Sequence[Law]) -> float:
    """Return the largest relative difference that the coarser setting makes to any measure of any node."""
    names = ("busiest_instant", "minutes", "episodes", "any_in_week_bound")
    largest = 0.0
    for one in of:
        pairs = zip(measures_of_each(one, counts, FLEET), measures_of_each(one, counts, PRECISION), strict=True)
        for fast, usual in pairs:
            for name in names:
                largest = max(largest, abs(getattr(fast, name) / getattr(usual, name) - 1.0))
    return largest


def main() -> None:
    """Measure and print."""
    nodes = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    counts, both = fleet(nodes), laws()
    wall, cpu = took(counts, both)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    alike = len(np.unique(counts, axis=0))
    print(f"{counts.sum():,.0f} accounts of {len(LEVELS)} levels on {nodes:,} nodes, {alike:,} of them different")
    print(f"rooms and users, four measures: {wall:.2f} s ({cpu:.2f} s of processor time; bar {BAR_S:g} s)")
    print(f"peak memory: {peak:.0f} MB (bar {BAR_MB:g} MB)")
    sample = counts[:: max(1, nodes // 100)]
    apart = 100 * worst(sample, both)
    print(f"against the setting for one node, {len(sample)} nodes: at most {apart:.3f} % in any measure")
    print(f"\n{'nodes':>7} {'accounts on each':>17} {'processor s':>12} {'ms a node':>10}")
    for some, on_each in ((100, 200), (500, 200), (2_000, 200), (500, 50), (500, 800)):
        _, seconds = took(fleet(some, on_each), laws(on_each))
        print(f"{some:7,} {on_each:17,} {seconds:12.2f} {1000 * seconds / some:10.2f}")
    few, weeks = min(100, nodes), 26
    seconds = simulated(counts[:few], weeks)
    print(f"\nin simulation, 2 x {weeks} weeks of {few} nodes: {seconds:.1f} s of processor time, measured")
    print(
        f"the same of {nodes:,} nodes: {seconds * nodes / few / 60:.1f} min, extrapolated: nodes do not share anything"
    )
    busy = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"\npython {sys.version.split()[0]}, numpy {np.__version__}, {busy}")


if __name__ == "__main__":
    main()
