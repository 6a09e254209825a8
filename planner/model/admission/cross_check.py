"""The closed form and the simulation asked the same question: where they disagree, one of them is wrong."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from planner.model.inputs.allocation import arrivals, members_by_review, nodes_up, one_large, sites
from planner.model.inputs.capacity import NO_LIMIT, WEEKS_PER_MONTH, Inputs, Measure, Resource
from planner.model.overload.accounts_over_draws import attribute
from planner.model.overload.measures import Measures, measures_over_days
from planner.model.overload.node_draws import MEASURES
from planner.model.overload.occupancy_law import law
from planner.model.simulation.estimates import Interval, Simulated
from planner.model.simulation.replications import World, simulate, world_of

MEETINGS = 3e6
"""Simulated for each number of accounts, at most about [meeting]."""
MOST_WEEKS = 40_000
"""The same [week]."""
WEEKS = 4
"""Of a replication [week]."""
ALARM = 4.0
"""Standard errors between the engines from which on they are said to disagree [-]."""
FEW = 5.0
"""Overloads, expected or seen, below which there is too little to compare [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One limit of one node by both engines, every input at its value."""

    node: str
    resource: Resource
    accounts: int
    """Further ones [account]."""
    measure: Measure
    """The objective's."""
    closed: float
    """By the closed form; of a pool the load shared at random [the measure's unit]."""
    closed_low: float
    """The same, of a pool of k nodes a k-th of one large node's with all limits together: when that is over, at least
    one of them is [the measure's unit]."""
    found: Interval
    """By the simulation, with its 95 % interval [the measure's unit]."""
    z: float | None
    """How many standard errors the simulation lies above what the closed form allows, or below it; None = the closed
    form holds another question [-]."""
    expected: float
    """Overloads that the closed form expects in as many weeks [-]."""
    simulation: Simulated
    """All that the simulation says."""

    @property
    def agrees(self) -> bool | None:
        """Whether the engines agree; None = too little happened to tell, or the question is not the same."""
        if self.z is None or max(self.expected, self.simulation.overloads) < FEW:
            return None
        return abs(self.z) <= ALARM


def checks(inputs: Inputs, accounts: Iterable[int], seed: int, workers: int = 1) -> tuple[Check, ...]:
    """Return every limit of every node by both engines, with each of some numbers of further accounts."""
    # The level's limit on rooms at once, which the closed form leaves out, is left out here too, so that a difference
    # is an error of one of the engines. A pool is to lie between two closed forms. An old view of the load, or anything
    # that the closed form does not hold, makes it another question: the numbers are shown, and not compared.
    return tuple(check for n in dict.fromkeys(accounts) for check in _with(inputs, n, seed, workers))


def _with(inputs: Inputs, further: int, seed: int, workers: int) -> list[Check]:
    world = _alike(world_of(inputs, members_by_review(inputs), further))
    busy = sum(one.count * one.demand.meetings for one in world.population)
    replications = max(50, int(min(MEETINGS / max(1.0, busy), MOST_WEEKS)) // WEEKS)
    found = simulate(world, replications=replications, seed=seed, weeks=WEEKS, workers=workers)
    same = not inputs.options.on and (inputs.placement.rule == "fixed" or inputs.placement.view_age == 0.0)
    months = replications * WEEKS / WEEKS_PER_MONTH
    checked = []
    for one in found:
        high, low = _closed(inputs, one, further)
        interval = _of(one, inputs.objective.measure, high)
        name = attribute(inputs.objective.measure)
        ends = getattr(high, name), getattr(low, name)
        if inputs.objective.measure == "any_in_week":
            # never above its bound; how far below, no formula says
            ends = ends[0], 0.0
        expected = high.episodes * months
        z = distance(interval, (ends[1], ends[0]), expected) if same else None
        checked.append(
            Check(one.node, one.resource, further, inputs.objective.measure, *ends, interval, z, expected, one)
        )
    return checked


def _alike(world: World) -> World:
    """Return the world without limits on rooms at once."""
    population = tuple(replace(one, demand=replace(one.demand, rooms_at_once=NO_LIMIT)) for one in world.population)
    return replace(world, population=population)


def _closed(inputs: Inputs, one: Simulated, further: int) -> tuple[Measures, Measures]:
    """Return the closed form's measures: of the node, and of its part of a pool as one large node; else the same."""
    extra = arrivals(inputs).extra(one.node, further)
    here = sites(inputs)[one.node]
    of = law(here.node, one.resource, here.population, here.newcomers[: len(extra)])
    apart = measures_over_days(of, inputs.day_spread, extra)
    if inputs.placement.rule == "fixed":
        return apart, apart
    up = nodes_up(inputs, one.resource)
    large = one_large(inputs, one.resource, up)
    together = law(large.node, one.resource, large.population, large.newcomers[: len(extra)])
    whole, parts = measures_over_days(together, inputs.day_spread, extra), len(up)
    return apart, replace(whole, **{name: getattr(whole, name) / parts for name in MEASURES})


def _of(one: Simulated, measure: Measure, closed: Measures) -> Interval:
    """Return the measure as simulated; the busiest instant at the closed form's own, not at the largest of 2016."""
    if measure != "busiest_instant":
        found: Interval = getattr(one, measure)
        return found
    value, error = float(one.instants[closed.busiest_bin]), float(one.instants_error[closed.busiest_bin])
    return Interval(value, max(0.0, value - 1.96 * error), min(1.0, value + 1.96 * error), error)


def distance(found: Interval, ends: Sequence[float], expected: float) -> float:
    """Return how many standard errors [-] a simulated number lies outside what the closed form allows; 0 = inside."""
    # The error is the one seen, and at least that of as many independent overloads as are expected: a run that saw none
    # has no error of its own.
    low, high = ends
    end = min(max(found.value, low), high)
    # of which the end that is compared has its part
    least = end / math.sqrt(expected * end / high) if expected * end > 0.0 else 0.0
    error = max(found.error, least)
    return 0.0 if found.value == end else (found.value - end) / error if error > 0.0 else math.inf
