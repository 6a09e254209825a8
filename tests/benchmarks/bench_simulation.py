"""The simulation beside plain numpy draws of the same variates, SimPy and Ciw, in nanoseconds a meeting.

    python tests/benchmarks/bench_simulation.py [MEETINGS]

The floor is what numpy takes to draw the variates of the same meetings with its general samplers and do nothing with
them: each account's multiplier and number of meetings, starts from the week's profile, log-normal durations, negative
binomial sizes. The bars: at most 1.2 times the floor to count rooms and users on one node, at most 1.6 times with
placement on four nodes and limits on rooms at once. Processor time on one core; floor and simulation take turns, and
the ratio is the median over the turns. SimPy (the outside simulator of the tests) and Ciw play fewer meetings of the
same law. Then: how the time grows with accounts, nodes and weeks, what two threads bring, and the memory taken.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import ciw
import outside_simulator
from situations import demand, kind, scalelite

from planner.model.inputs.capacity import BIN, BINS_PER_WEEK, NO_LIMIT, LinearLoad, Node, ScaleliteLoad
from planner.model.simulation import balancer
from planner.model.simulation import replications as simulation
from planner.model.simulation.meetings import Accounts
from planner.model.simulation.replications import World, simulate

TURNS = 7
PER_WEEK = 2.0
KIND = kind()


def world(
    accounts: int, nodes: int = 1, rooms_at_once: float = NO_LIMIT, load: object = None, pooled: bool = True
) -> World:
    """Return accounts of two meetings a week and spread 1 on nodes that are overloaded now and then."""
    what = demand(PER_WEEK, 1.0, KIND, rooms_at_once=rooms_at_once)
    limits = {"rooms": accounts / 9 / nodes + 6, "users": accounts / 1.6 / nodes + 35}
    reckoned = load or LinearLoad(0.03, 0.003, 0.003, 0.0)
    some = tuple(Node(f"node {k}", limits, load=reckoned) for k in range(nodes))  # type: ignore[arg-type]
    if pooled and nodes > 1:
        return World(some, (Accounts(accounts, what),))
    return World(some, tuple(Accounts(accounts // nodes, what, k) for k in range(nodes)))


def draws(accounts: int, replications: int, weeks: float) -> Callable[[], int]:
    """Return a function that draws the same variates with numpy's general samplers and returns how many meetings."""
    before = np.concatenate([[0.0], np.cumsum(KIND.shape)]) / BINS_PER_WEEK
    edges = np.arange(BINS_PER_WEEK + 1) * BIN
    sigma2 = np.log1p(KIND.duration_cv**2)
    mean = KIND.size - 2

    def run() -> int:
        rng = np.random.default_rng(1)
        multipliers = rng.gamma(1.0, 1.0, accounts * replications)
        n = int(rng.poisson(PER_WEEK * weeks * multipliers).sum())
        np.interp(rng.random(n), before, edges)
        np.minimum(rng.lognormal(np.log(KIND.duration) - sigma2 / 2, np.sqrt(sigma2), n), KIND.duration_limit)
        k = KIND.size_dispersion
        np.minimum(2 + rng.negative_binomial(k, k / (k + mean), n), KIND.participants)
        return n

    return run


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def against_the_floor(name: str, what: World, accounts: int, meetings: int, bar: str = "") -> None:
    """Print nanoseconds a meeting, and the median ratio to the floor."""
    weeks = 2
    replications = max(2, round(meetings / (accounts * PER_WEEK * weeks)))
    floor = draws(accounts, replications, weeks)
    n = floor()
    simulate(what, replications=2, seed=0, weeks=weeks)  # compile and warm up
    pairs = [
        (seconds(floor), seconds(lambda: simulate(what, replications=replications, seed=1, weeks=weeks)))
        for _ in range(TURNS)
    ]
    ratio = statistics.median(ours / plain for plain, ours in pairs)
    ours, plain = (min(pair[i] for pair in pairs) / n * 1e9 for i in (1, 0))
    print(f"{name:58} {ours:7.0f} ns  floor {plain:4.0f} ns  ratio {ratio:5.2f}  {bar}")


def simpy(meetings: int) -> float:
    """Return nanoseconds a meeting of the outside simulator: rooms and users on one node."""
    accounts, weeks = 1000, 2
    replications = max(1, round(meetings / (accounts * PER_WEEK * weeks)))
    what = demand(PER_WEEK, 1.0, KIND)
    watched = [outside_simulator.Watched(0, "rooms", 80.0), outside_simulator.Watched(0, "users", 400.0)]
    taken = seconds(
        lambda: outside_simulator.simulate(
            [scalelite()],
            [outside_simulator.Accounts(accounts, what)],
            watched,
            replications=replications,
            weeks=weeks,
            seed=1,
            run_in=3.0,
        )
    )
    return taken / (replications * accounts * PER_WEEK * weeks) * 1e9


def ciw_rooms(meetings: int) -> float:
    """Return nanoseconds a meeting of Ciw: rooms alone, one infinite-server node, rates constant within the hour."""
    hourly = KIND.shape.reshape(168, 12).mean(axis=1) * 1000 * PER_WEEK / 168
    hours = float(round(meetings / (1000 * PER_WEEK) * 168))
    sigma2 = np.log1p(KIND.duration_cv**2)
    network = ciw.create_network(
        arrival_distributions=[
            ciw.dists.PoissonIntervals(rates=hourly.tolist(), endpoints=list(range(1, 169)), max_sample_date=hours)
        ],
        service_distributions=[ciw.dists.Lognormal(np.log(KIND.duration) - sigma2 / 2, np.sqrt(sigma2))],
        number_of_servers=[float("inf")],
    )

    def run() -> None:
        ciw.seed(1)
        ciw.Simulation(network).simulate_until_max_time(hours)

    return seconds(run) / meetings * 1e9


def growth(meetings: int) -> None:
    """Print how the time grows, with everything else held."""
    print("\nhow it grows (rooms and users counted, nanoseconds a meeting)")
    for accounts in (50, 200, 1000, 5000, 20_000):
        against_the_floor(f"  {accounts:,} accounts on one node", world(accounts), accounts, meetings)
    for nodes in (2, 8, 32):
        against_the_floor(f"  8,000 accounts behind a balancer of {nodes} nodes", world(8000, nodes), 8000, meetings)
    fixed = world(8000, 32, pooled=False)
    against_the_floor("  8,000 accounts fixed to 32 nodes", fixed, 8000, meetings)


def threads(meetings: int) -> None:
    """Print what a second thread brings, in wall time, and that the bits stay."""
    what = world(1000)
    replications = round(meetings / (1000 * PER_WEEK * 2))
    walls = []
    for workers in (1, 2):
        start = time.perf_counter()
        simulate(what, replications=replications, seed=1, workers=workers)
        walls.append(time.perf_counter() - start)
    print(f"\ntwo threads against one: {walls[0] / walls[1]:.2f} times as quick")


def memory(meetings: int) -> None:
    """Print the largest resident size, which four times the meetings must not move."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    simulate(world(1000), replications=max(2, round(4 * meetings / (1000 * PER_WEEK * 2))), seed=2)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory: {before / 1024:.0f} MB, after four times as many meetings {after / 1024:.0f} MB")


def main() -> None:
    """Measure and print."""
    meetings = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    compiled = find_spec("numba") is not None
    print(
        f"{meetings:,} meetings on one core, numpy {np.__version__}, numba {'there' if compiled else 'not installed'}\n"
    )
    against_the_floor("rooms and users, one node", world(1000), 1000, meetings, "bar 1.2")
    against_the_floor("the same with a limit of 5 rooms at once", world(1000, rooms_at_once=5), 1000, meetings)
    pool = world(1000, 4, rooms_at_once=5)
    against_the_floor("least loaded of 4 nodes, 5 rooms at once", pool, 1000, meetings, "bar 1.6" if compiled else "")
    ageing = world(1000, 4, rooms_at_once=5, load=ScaleliteLoad())
    against_the_floor("the same by Scalelite's load, which changes with age", ageing, 1000, meetings)
    if compiled:
        loops = simulation._loops
        simulation._loops = balancer.interpreted  # type: ignore[assignment]
        against_the_floor("least loaded of 4 nodes, without a compiler", pool, 1000, meetings // 20)
        simulation._loops = loops
    print(f"{'SimPy, rooms and users, one node':58} {simpy(meetings // 25):7.0f} ns")
    print(f"{'Ciw, rooms alone':58} {ciw_rooms(meetings // 50):7.0f} ns")
    growth(meetings)
    threads(meetings)
    memory(meetings)


if __name__ == "__main__":
    main()
