"""How often the interval of a simulated number of accounts contains the true number, on synthetic pools.

One to four nodes behind a balancer, with limits, members, meetings, objectives and views of the load drawn at random.
The true number lies in the interval if the objective is met with its lower end and missed with one account more than
its upper end. Of a pool of one node the closed form says so exactly, also over a few draws at the confidence; of any
other a simulation of its own does, with other random numbers and up to twenty times the meetings.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import proof
from server_cases import busier, demand, node, over, world

from planner.model.admission import simulated_limits
from planner.model.admission.admission_number import admit
from planner.model.inputs.allocation import arrivals, nodes_up, sites
from planner.model.inputs.capacity import NO_LIMIT, Inputs, Members, Objective, Placement
from planner.model.limit import needed
from planner.model.overload.measures import measures
from planner.model.overload.occupancy_law import law
from planner.model.simulation.replications import simulate
from planner.model.simulation.sequential_test import (
    WEEKS,
    Effort,
    Found,
    Place,
    largest,
    meetings_per_week,
    world_at,
)

FULL = 240
NOMINAL, LEAST = 0.9, 0.88
"""What is asked of the coverage: of a nominal 90 % at least 88 % [-]."""
ENOUGH = 200
"""From so many cases on [-]."""
EFFORT = Effort(meetings=1.2e5, near=0.02, wide=0.05)
"""As many overloads are seen as where a real pool is judged: there they are rarer, and more meetings are simulated."""
LONGER = (4.0, 10.0, 20.0)
"""Times the meetings: the true side is looked for until it is certain [-]."""
CERTAIN = 4.0
"""Standard errors [-]."""
DRAWS = 6
"""Of a pool of one node [-]."""


@dataclass
class Seen:
    """What is counted of one kind of interval."""

    name: str
    cases: int = 0
    low: int = 0
    """Below its lower end lies the true number."""
    high: int = 0
    """Above its upper end."""

    def add(self, inside: tuple[bool, bool]) -> None:
        """Count an interval whose ends are on the true side of the true number, or not."""
        self.cases += 1
        self.low += not inside[0]
        self.high += not inside[1]

    @property
    def share(self) -> float:
        """Return the coverage [-]."""
        return 1.0 - (self.low + self.high) / self.cases

    def __str__(self) -> str:
        error = math.sqrt(max(self.share * (1 - self.share), 1 / self.cases**2) / self.cases)
        return (
            f"{self.name} {self.share:.1%} ± {error:.1%} of {self.cases} "
            f"({self.low} true numbers below, {self.high} above)"
        )


def pool(rng: np.random.Generator, nodes: int) -> Inputs:
    """Return a random pool that carries its members and some more, about."""
    members, per_week, spread = int(rng.integers(20, 60)), rng.uniform(1.0, 3.0), rng.uniform(0.3, 1.0)
    room_for = members * rng.uniform(1.3, 2.2)
    users = room_for * per_week * 0.9 * 6.0 / 40.0 / nodes
    limit = math.ceil(users + rng.uniform(3.0, 4.5) * math.sqrt((9.0 + 3.0 * spread) * users))
    down = int(nodes > 2 and rng.random() < 0.25)
    small = replace(demand("small", meetings=per_week, spread=spread), rooms_at_once=NO_LIMIT)
    large = replace(demand("large", meetings=per_week * 1.5, spread=spread), rooms_at_once=NO_LIMIT)
    return world(
        nodes=tuple(node(name, users=float(limit)) for name in "abcd"[:nodes]),
        placement=Placement("pool", {}, {}, nodes_down=down, view_age=float(rng.choice([0.0, 1 / 60, 1 / 12]))),
        demands={"small": small, "large": large},
        members=Members(members, {"small": 0.75, "large": 0.25}, 0.0),
        objective=Objective("episodes", float(rng.choice([0.1, 0.2, 0.4, 0.8])), 0.8),
    )


def closed_form_holds(inputs: Inputs, accounts: int) -> bool:
    """Return whether one node meets the objective with so many accounts, exactly."""
    extra = arrivals(inputs).extra("a", accounts)
    site = sites(inputs)["a"]
    found = measures(law(site.node, "users", site.population, site.newcomers[: len(extra)]), extra)
    return found.episodes <= inputs.objective.at_most


def simulation_holds(inputs: Inputs, place: Place, accounts: int, seed: int) -> bool:
    """Return whether a pool meets the objective with so many accounts, by a simulation until that is certain."""
    there, at_most = world_at(inputs, place, accounts), inputs.objective.at_most
    value = 0.0
    for times in LONGER:
        replications = math.ceil(times * EFFORT.meetings / (WEEKS * meetings_per_week(there)))
        found = simulate(there, replications=replications, seed=seed + round(times), weeks=WEEKS)
        worst = max((one.episodes for one in found), key=lambda each: each.value)
        value = worst.value
        if abs(value - at_most) > CERTAIN * max(worst.error, 1e-3 * at_most):
            break
    return value <= at_most


def inside(low: int, high: int | None, holds: Sequence[bool]) -> tuple[bool, bool]:
    """Return whether the objective is met with the lower end, and missed above the upper."""
    return low < 0 or holds[0], high is None or not holds[1]


def of_one_node(central: Inputs, seed: int, rng: np.random.Generator) -> tuple[tuple[bool, bool], tuple[bool, bool]]:
    """Return whether both ends of both intervals are on the true side: every input at its value, and over draws."""
    drawn = [busier(central, factor) for factor in np.exp(rng.normal(0.0, 0.15, DRAWS))]
    answer = admit(over(central, drawn), engine=simulated_limits.Simulation(seed))
    (found,) = answer.pool
    at_value, sure = found.simulated_central, found.simulated
    assert at_value is not None
    assert sure is not None
    k = needed(DRAWS, central.objective.confidence)

    def both(low: int, high: int | None, over_again: bool, of: Sequence[Inputs], enough: int) -> tuple[bool, bool]:
        ends = (low, (high or 0) + 1)
        holds = [sum(closed_form_holds(one, end) for one in of) >= enough for end in ends]
        return inside(-1 if over_again else low, high, holds)

    return (
        both(at_value.accounts, at_value.up_to, at_value.already_over, [central], 1),
        both(sure.accounts, sure.up_to, sure.already_over, drawn, k),
    )


def found_in(central: Inputs, place: Place, seed: int, start: float) -> Found:
    """Return the interval of a pool's number."""
    found = largest(central, place, start, seed, EFFORT)
    assert all(one.accounts < other.accounts for one, other in pairwise(found.trials))
    return found


def prove(count: int, seed: int) -> str:
    """Look at so many pools, one in four of a single node; return the coverage of their intervals."""
    pools, ones, draws = (Seen(name) for name in ("pools of 2 to 4 nodes", "one node", "one node over draws"))
    efforts = {name: getattr(simulated_limits, name) for name in ("BINDS", "A_DRAW", "IDLE")}
    try:
        for name in efforts:
            setattr(simulated_limits, name, EFFORT)
        for case in range(count):
            rng = np.random.default_rng([seed, case])
            nodes = 1 + case % 4
            central, own = pool(rng, nodes), int(rng.integers(2**31))
            if nodes == 1:
                at_value, sure = of_one_node(central, own, rng)
                ones.add(at_value)
                draws.add(sure)
                continue
            up = nodes_up(central, "users")
            down = frozenset(one.name for one in central.nodes) - frozenset(up)
            place = Place("users", tuple(up), pooled=True, down=down)
            found = found_in(central, place, own, central.members.accounts * rng.uniform(0.2, 1.5))
            ends = (max(found.low, 0), (found.high or 0) + 1)
            holds = [simulation_holds(central, place, end, own + 1 + k) for k, end in enumerate(ends)]
            pools.add(inside(found.low, found.high, holds))
    finally:
        for name, effort in efforts.items():
            setattr(simulated_limits, name, effort)
    whole = Seen("all at their value", ones.cases + pools.cases, ones.low + pools.low, ones.high + pools.high)
    for one in (whole, draws):
        # of a few cases no more is asked than what a coverage of 90 % leaves but once in a thousand times
        spare = 0.0 if one.cases >= ENOUGH else 3.1 * math.sqrt(NOMINAL * (1 - NOMINAL) / one.cases)
        least = LEAST if spare == 0.0 else NOMINAL - spare
        assert one.share >= least, f"{one}, seed {seed}"
    return f"{count} pools; coverage of {NOMINAL:.0%}: {whole}: {pools}, {ones}; {draws}"


if __name__ == "__main__":
    proof.main("pool coverage", prove, FULL)
