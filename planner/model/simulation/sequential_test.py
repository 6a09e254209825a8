"""Whether so many accounts meet the objective: replications until the interval settles it, then the search."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from planner.model.inputs.allocation import arrivals, members_by_review, sites, to_node
from planner.model.inputs.capacity import HOURS_PER_WEEK, Inputs, Measure, Objective, Resource
from planner.model.limit import MOST
from planner.model.overload.accounts_over_draws import ALWAYS
from planner.model.overload.measures import measures
from planner.model.overload.occupancy_law import law
from planner.model.simulation.estimates import Interval, Simulated, wilson
from planner.model.simulation.replications import CHUNK, World, summed, tallied, tasks_of, world_of
from planner.model.simulation.tally import Tally

LOOKS = 5
"""Each time with twice as many replications as the time before, the interval is looked at [-]."""
Z_LOOKS = 2.413
"""Standard errors of an interval that is right in 95 of 100 cases although it is looked at five times [-]: Pocock,
*Group sequential methods in the design and analysis of clinical trials*, Biometrika 64, 1977."""
WEEKS = 4
"""Of a replication: few, because its weeks share their accounts [week]."""
MOST_WEEKS = 100_000
"""Simulated for one number of accounts at most, however few meetings they have [week]."""
STEP = 0.06
"""The search leaves its start by so much, then by twice as much [share of all accounts]."""
LEAST = 8
"""Replications of a first look at least [-]."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is simulated before a doubt stays one."""

    meetings: float
    """For one number of accounts in one draw, at most about [meeting]."""
    near: float
    """The search ends where the largest that holds and the next larger tried are so close [share of all accounts]."""
    wide: float
    """The same of the upper end of the interval, which nobody is admitted by [share of all accounts]."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is judged together: one node, or the nodes of a pool that are up."""

    resource: Resource
    nodes: tuple[str, ...]
    """By name; each of them has to meet the objective."""
    pooled: bool
    down: frozenset[str] = frozenset()
    """Names of the pool's nodes that take no meetings. A node may be up, and have no such limit."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the replications say of one number of accounts."""

    accounts: int
    """Further ones [account]."""
    holds: bool | None
    """None = not settled."""
    node: str
    """The worst for the objective."""
    measure: Interval
    """The objective's there; its interval allows for the looks taken [the measure's unit]."""
    replications: int
    """[-]"""


@dataclass(frozen=True, slots=True)
class Found:
    """The largest number of accounts, by simulation."""

    low: int
    """The largest of which it and all smaller ones tried hold; -1 = not even none do [account]."""
    high: int | None
    """One below the smallest that fails for certain; None = none was seen to [account]."""
    trials: tuple[Trial, ...]


def world_at(inputs: Inputs, place: Place, further: int) -> World:
    """Return one place with so many further accounts [account] over all nodes and no limit but the one judged."""
    whole = world_of(inputs, members_by_review(inputs), further)
    kept = [k for k, node in enumerate(whole.nodes) if place.pooled or node.name in place.nodes]
    nodes = tuple(
        replace(node, limits={name: limit for name, limit in node.limits.items() if name == place.resource})
        for node in (whole.nodes[k] for k in kept)
    )
    population = whole.population
    if not place.pooled:
        population = tuple(replace(accounts, node=0) for accounts in population if accounts.node == kept[0])
    return replace(whole, nodes=nodes, population=population, down=place.down)


def limits_of(value: float, error: float, overloads: int) -> tuple[float, float]:
    """Return the interval of a value made by overloads [-], allowing for the looks taken."""
    # The overloads are worth m = min(overloads, (value/error)^2) independent ones; the limits are those of a Poisson
    # variate, with chi-square quantiles by Wilson and Hilferty (PNAS 17, 1931).
    worth = overloads if error == 0.0 else min(float(overloads), (value / error) ** 2)

    def quantile(count: float, z: float) -> float:
        return count * max(0.0, 1 - 1 / (9 * count) + z / (3 * math.sqrt(count))) ** 3

    return value * quantile(worth, -Z_LOOKS) / worth, value * quantile(worth + 1, Z_LOOKS) / worth


def judged(estimate: Simulated, measure: Measure, bin_: int | None = None) -> Interval:
    """Return the objective's measure with an interval that allows for the looks taken."""
    interval: Interval = getattr(estimate, measure)
    if measure == "busiest_instant" and bin_ is not None:
        value, error = float(estimate.instants[bin_]), float(estimate.instants_error[bin_])
        interval = Interval(value, value, wilson(value, estimate.replications)[1], error)
    if estimate.overloads == 0 or interval.value == 0.0:
        # nothing seen: one-sided, from 97.5 % to what five looks leave of it
        return replace(interval, high=interval.high * math.log(LOOKS / 0.025) / math.log(1 / 0.025))
    low, high = limits_of(interval.value, interval.error, estimate.overloads)
    most = 1.0 if measure in {"any_in_week", "busiest_instant"} else math.inf
    return Interval(interval.value, low, min(most, high), interval.error)


def verdict(
    estimates: Sequence[Simulated], objective: Objective, bin_: int | None = None
) -> tuple[Simulated, Interval, bool | None]:
    """Return the worst node, the objective's measure there, and whether all meet the objective; None = not settled."""
    measure, at_most = objective.measure, objective.at_most
    intervals = [judged(estimate, measure, bin_) for estimate in estimates]
    worst = max(range(len(estimates)), key=lambda k: (intervals[k].value, intervals[k].high))
    holds: bool | None = None
    always_over = any(estimate.busiest_instant.value >= ALWAYS for estimate in estimates)
    if (always_over and measure in {"episodes", "any_in_week"}) or any(each.low > at_most for each in intervals):
        holds = False
    elif all(interval.high <= at_most for interval in intervals):
        holds = True
    return estimates[worst], intervals[worst], holds


def busiest_bin(inputs: Inputs, place: Place, further: int) -> int | None:
    """Return the bin [-] of the busiest start with so many accounts [account] by the closed form; None = no bin."""
    if inputs.options.on:
        return None
    site = sites(inputs)[place.nodes[0]]
    extra = to_node(arrivals(inputs), place.nodes[0])(further)
    of = law(site.node, place.resource, site.population, site.newcomers[: len(extra)])
    return measures(of, extra).busiest_bin


def trial(inputs: Inputs, place: Place, further: int, seed: int, effort: Effort, chunk: int, workers: int = 1) -> Trial:
    """Return whether so many further accounts [account] meet the objective, as far as replications can settle it."""
    world, objective = world_at(inputs, place, further), inputs.objective
    bin_ = busiest_bin(inputs, place, further) if objective.measure == "busiest_instant" else None
    most = min(MOST_WEEKS / WEEKS, effort.meetings / max(1.0, WEEKS * meetings_per_week(world)))
    # each look has twice as many replications as the one before
    looks = [math.ceil(max(LEAST, most / 2**k) / chunk) for k in reversed(range(LOOKS))]
    tasks = tasks_of(world, looks[-1] * chunk, seed, WEEKS, per_chunk=chunk)
    done: list[list[Tally]] = []
    for chunks in looks:
        done += tallied(tasks[len(done) : chunks], workers)
        worst, measured, holds = verdict(summed(tasks[0].group, done, WEEKS), objective, bin_)
        if holds is not None:
            break
    return Trial(further, holds, worst.node, measured, len(done) * chunk)


def meetings_per_week(world: World) -> float:
    """Return the meetings of all accounts in an average week [1/week]."""
    return sum(accounts.count * accounts.demand.meetings for accounts in world.population)


def largest(
    inputs: Inputs, place: Place, start: float, seed: int, effort: Effort, workers: int = 1, most: int = MOST
) -> Found:
    """Return the largest number of accounts [account] that meets the objective with all smaller ones tried."""
    members = members_by_review(inputs)
    first = min(max(0, math.floor(start)), most)
    # the hours of a quiet week have to be counted too
    every = max(WEEKS * HOURS_PER_WEEK, WEEKS * meetings_per_week(world_at(inputs, place, first)))
    chunk = max(1, int(CHUNK // every))
    tried: dict[int, Trial] = {}

    def holds(n: int) -> bool | None:
        if n not in tried:
            tried[n] = trial(inputs, place, n, seed, effort, chunk, workers)
        return tried[n].holds

    def edge(passes: Callable[[bool | None], bool], near: float) -> tuple[int, int]:
        """Return the last number tried before the first that does not pass, and that one, close together."""
        while True:
            wall = min((n for n, result in tried.items() if not passes(result.holds)), default=most + 1)
            last = max((n for n in tried if n < wall), default=-1)
            if wall > most or wall - last <= max(1.0, near * scale):
                return last, wall
            holds((last + wall) // 2)

    scale = members + first
    step = max(1, round(STEP * scale))
    below, above = first, first
    while holds(below) is not True and below > 0:
        below, step = max(0, below - step), 2 * step
    step = max(1, round(STEP * scale))
    while holds(above) is not False and above < most:
        above, step = min(most, above + step), 2 * step
    low, _ = edge(lambda held: held is True, effort.near)
    _, fails = edge(lambda held: held is not False, effort.wide)
    # between the ends more may have been tried: every one of them has to hold
    low, _ = edge(lambda held: held is True, effort.near)
    return Found(low, None if fails > most else fails - 1, tuple(tried[n] for n in sorted(tried)))
