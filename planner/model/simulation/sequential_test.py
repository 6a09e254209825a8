"""Whether so many accounts meet the objective: replications until the interval settles it, then the search."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from planner.model.inputs.allocation import arrivals, members_by_review, sites
from planner.model.inputs.capacity import HOURS_PER_WEEK, WEEKS_PER_MONTH, Inputs, Measure, Objective, Resource
from planner.model.limit import MOST
from planner.model.overload.accounts_over_draws import ALWAYS
from planner.model.overload.measures import measures
from planner.model.overload.occupancy_law import law
from planner.model.simulation.estimates import NONE_SEEN, Interval, Simulated, wilson
from planner.model.simulation.replications import CHUNK, World, summed, tallied, tasks_of, world_of
from planner.model.simulation.tally import Tally

LOOKS = 5
"""Each time with twice as many replications as the time before, the interval is looked at [-]."""
MISSES = 0.1
"""How often the interval may miss over all looks; half of it on each side [-]."""
Z_LOOKS = 2.203
"""Standard errors of an interval that misses so often over five looks, each at twice as much as the one before [-]. For
looks equally far apart it would be 2.122: Pocock, *Group sequential methods in the design and analysis of clinical
trials*, Biometrika 64, 1977."""
WEEKS = 4
"""Of a replication: few, because its weeks share their accounts [week]."""
MOST_WEEKS = 100_000
"""Simulated for one number of accounts at most, however few meetings they have [week]."""
STEP = 0.06
"""The search leaves its start by so much, then by twice as much [share of all accounts]."""
LEAST = 8
"""Replications of a first look at least [-]."""
SLOPE = 12.0
"""Logarithm by which a measure grows as all accounts double, about: where the search has seen nothing better [-]."""
CLOSE = 0.15
"""The search ends, too, where an end is known to so much of the interval that is expected [-]."""
FUTILE = 1.0
"""Standard errors by which a trial would have to leave its own trend to be settled; from here on it is given up [-]."""
TREND = 0.25
"""Share of its replications from which on a trial has a trend [-]."""
SPARE = 0.5
"""Standard errors beyond those of the interval at which the search expects a trial to be settled [-]."""


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
    measure: Interval
    """The objective's on the worst node; its interval allows for the looks taken [the measure's unit]."""
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
    world = world_of(inputs, members_by_review(inputs), further)
    if not place.pooled:
        world = world.alone(next(k for k, node in enumerate(world.nodes) if node.name in place.nodes))
    nodes = tuple(
        replace(node, limits={name: limit for name, limit in node.limits.items() if name == place.resource})
        for node in world.nodes
    )
    return replace(world, nodes=nodes, down=place.down)


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
        # nothing seen: one-sided, what five looks leave of it
        return replace(interval, high=interval.high * math.log(MISSES / 2 / LOOKS) / -NONE_SEEN)
    low, high = limits_of(interval.value, interval.error, estimate.overloads)
    most = 1.0 if measure in {"any_in_week", "busiest_instant"} else math.inf
    return Interval(interval.value, low, min(most, high), interval.error)


def verdict(
    estimates: Sequence[Simulated], objective: Objective, bin_: int | None = None
) -> tuple[Interval, bool | None]:
    """Return the objective's measure on the worst node, and whether all meet the objective; None = not settled."""
    measure, at_most = objective.measure, objective.at_most
    intervals = [judged(estimate, measure, bin_) for estimate in estimates]
    holds: bool | None = None
    always_over = any(estimate.busiest_instant.value >= ALWAYS for estimate in estimates)
    if (always_over and measure in {"episodes", "any_in_week"}) or any(each.low > at_most for each in intervals):
        holds = False
    elif all(interval.high <= at_most for interval in intervals):
        holds = True
    return max(intervals, key=lambda interval: (interval.value, interval.high)), holds


def busiest_bin(inputs: Inputs, place: Place, further: int) -> int | None:
    """Return the bin [-] of the busiest start with so many accounts [account] by the closed form; None = no bin."""
    if inputs.options.on:
        return None
    site = sites(inputs)[place.nodes[0]]
    extra = arrivals(inputs).extra(place.nodes[0], further)
    of = law(site.node, place.resource, site.population, site.newcomers[: len(extra)])
    return measures(of, extra).busiest_bin


def futile(measured: Interval, at_most: float, share: float) -> bool:
    """Return whether a trial is unlikely to be settled by its last look, after this share [-] of its replications."""
    # Stochastic curtailment: Lan, Simon, Halperin, *Stochastically curtailed tests in long-term clinical trials*,
    # Sequential Analysis 1, 1982, with the trend seen so far. It turns no verdict round: it only leaves more unsettled.
    if measured.value <= 0.0 or at_most <= 0.0 or not TREND <= share < 1.0:
        return False
    end = measured.high if measured.value <= at_most else measured.low
    if end <= 0.0 or end == measured.value:
        return False
    z = Z_LOOKS * math.log(at_most / measured.value) / math.log(end / measured.value)
    return Z_LOOKS - z / math.sqrt(share) > FUTILE * math.sqrt(1.0 - share)


def most_replications(objective: Objective, meetings: float, effort: Effort) -> float:
    """Return how many replications [-] one number of accounts with so many meetings [1/week] is worth."""
    most = effort.meetings / max(1.0, WEEKS * meetings)
    if objective.measure == "episodes" and objective.at_most > 0.0:
        # enough to be sure of few overloads where none is seen
        none_seen = -math.log(MISSES / 2 / LOOKS) / objective.at_most * WEEKS_PER_MONTH / WEEKS
        most = max(most, min(none_seen, 3.0 * most))
    return min(MOST_WEEKS / WEEKS, most)


def trial(inputs: Inputs, place: Place, further: int, seed: int, effort: Effort, chunk: int, workers: int = 1) -> Trial:
    """Return whether so many further accounts [account] meet the objective, as far as replications can settle it."""
    world, objective = world_at(inputs, place, further), inputs.objective
    bin_ = busiest_bin(inputs, place, further) if objective.measure == "busiest_instant" else None
    most = most_replications(objective, meetings_per_week(world), effort)
    # each look has twice as many replications as the one before
    looks = [math.ceil(max(LEAST, most / 2**k) / chunk) for k in reversed(range(LOOKS))]
    tasks = tasks_of(world, looks[-1] * chunk, seed, WEEKS, per_chunk=chunk)
    done: list[list[Tally]] = []
    for chunks in looks:
        done += tallied(tasks[len(done) : chunks], workers)
        measured, holds = verdict(summed(tasks[0].group, done), objective, bin_)
        if holds is not None or futile(measured, objective.at_most, chunks / looks[-1]):
            break
    return Trial(further, holds, measured, len(done) * chunk)


def meetings_per_week(world: World) -> float:
    """Return the meetings of all accounts in an average week [1/week]."""
    return sum(accounts.count * accounts.demand.meetings for accounts in world.population)


def expected_edges(trials: Sequence[Trial], at_most: float, most: float, scale: float) -> tuple[float, float] | None:
    """Return about the largest number [account] settled to hold, and the smallest to fail; None = no overload."""
    # The measure's logarithm as a line in the accounts, its slope drawn to what is usual where little was seen.
    seen = [one for one in trials if one.measure.value > 0.0 and one.measure.error > 0.0]
    if not seen or at_most <= 0.0:
        return None
    worth = [(one.measure.value / one.measure.error) ** 2 for one in seen]
    logs = [math.log(one.measure.value) for one in seen]
    centre = sum(w * one.accounts for w, one in zip(worth, seen, strict=True)) / sum(worth)
    level = sum(w * log for w, log in zip(worth, logs, strict=True)) / sum(worth)
    usual = SLOPE / scale
    away = [one.accounts - centre for one in seen]
    rise = usual**-1 + sum(w * x * (log - level) for w, x, log in zip(worth, away, logs, strict=True))
    slope = max(usual / 10, rise / (usual**-2 + sum(w * x * x for w, x in zip(worth, away, strict=True))))
    middle = centre + (math.log(at_most) - level) / slope
    # what an overload is worth is about the same everywhere
    full = most * at_most * sum(worth) / sum(one.replications * one.measure.value for one in seen)
    half = (Z_LOOKS + SPARE) / math.sqrt(full) / slope
    return middle - half, middle + half


def largest(
    inputs: Inputs, place: Place, start: float, seed: int, effort: Effort, workers: int = 1, most: int = MOST
) -> Found:
    """Return the largest number of accounts [account] that meets the objective with all smaller ones tried."""
    members = members_by_review(inputs)
    first = min(max(0, math.floor(start)), most)
    # the hours of a quiet week have to be counted too
    meetings = meetings_per_week(world_at(inputs, place, first))
    chunk = max(1, int(CHUNK // (WEEKS * max(HOURS_PER_WEEK, meetings))))
    replications = most_replications(inputs.objective, meetings, effort)
    scale = max(1, members + first)
    tried: dict[int, Trial] = {}

    def holds(n: int) -> None:
        tried[n] = trial(inputs, place, n, seed, effort, chunk, workers)

    def edge(passes: Callable[[bool | None], bool], near: float, which: int) -> tuple[int, int]:
        """Return the last number tried before the first that does not pass, and that one, close together."""
        step = max(1, round(STEP * scale))
        widths = [math.inf, math.inf]
        while True:
            wall = min((n for n, result in tried.items() if not passes(result.holds)), default=most + 1)
            last = max((n for n in tried if n < wall), default=-1)
            open_above, open_below = wall > most, last < 0
            expected = expected_edges(tuple(tried.values()), inputs.objective.at_most, replications, scale)
            # an end need not be known much better than the other one allows
            close = max(1.0, near * scale, 0.0 if expected is None else CLOSE * (expected[1] - expected[0]))
            if last == most or wall - last <= (1.0 if open_below else close):
                return last, wall
            aim = None if expected is None else round(expected[which])
            if open_above or open_below:
                # as far as expected, yet not too far: what was seen may be little
                far = step if aim is None else (aim - last if open_above else wall - aim)
                step, by = 2 * step, min(max(far, step), 4 * step)
                holds(min(most, last + by) if open_above else max(0, wall - by))
                continue
            gap = wall - last
            margin = max(1, math.floor(close))
            # halved where aiming did not do better
            middle = (last + wall) // 2
            halve = aim is None or gap > widths[-2] / 2 or 2 * margin >= gap
            widths.append(gap)
            holds(middle if halve or aim is None else min(max(aim, last + margin), wall - margin))

    holds(first)
    low, _ = edge(lambda held: held is True, effort.near, 0)
    _, fails = edge(lambda held: held is not False, effort.wide, 1)
    # between the ends more may have been tried: every one of them has to hold
    low, _ = edge(lambda held: held is True, effort.near, 0)
    return Found(low, None if fails > most else fails - 1, tuple(tried[n] for n in sorted(tried)))
