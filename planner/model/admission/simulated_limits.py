"""The servers' limits judged by simulation: a pool behind its balancer, and whatever the closed form cannot hold.

Every draw has a number of its own, and what counts is the number that enough draws reach. Only the draws next to that
place in their order are simulated; the order of all others is taken from the closed form, brought to where the
simulation found the central answer to lie. A limit of a pool that by the load shared at random allows more than
another one at most is not simulated at all: it is left at what its two closed forms say.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from planner.model.admission.node_limit import Number
from planner.model.admission.server_limits import (
    ClosedForm,
    Count,
    Judged,
    Pool,
    Progress,
    Servers,
    about_limit,
    as_one_large,
    pools,
)
from planner.model.inputs.allocation import members_by_review, nodes_up
from planner.model.inputs.capacity import Floats, Inputs, Resource
from planner.model.limit import MOST, Reason, needed
from planner.model.overload.node_resources import Drawn
from planner.model.simulation.sequential_test import WEEKS, Effort, Found, Place, largest

BINDS = Effort(meetings=2.5e6, near=0.02, wide=0.05)
"""For the central answer, where the limit may bind."""
A_DRAW = Effort(meetings=5e5, near=0.02, wide=0.05)
"""For a draw, where the limit may bind."""
IDLE = Effort(meetings=3e5, near=0.05, wide=0.15)
"""For a limit that is not expected to bind: where another does not allow less even at the upper end of its interval,
all is simulated again as for one that may."""
REACH, MOST_DRAWS, MOST_IDLE = 2, 8, 3
"""Draws simulated on each side of the quantile where the limit may bind, as their order becomes known; and so many at
most, there and where it cannot bind [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """What the closed form makes of one limit of a place: the same twice where it has one answer."""

    place: Place
    bracketed: bool
    """Whether there are two answers: not where some nodes of a pool have no such limit, so that one large has none."""
    certain: bool
    """Whether the number lies between them for certain: the view of the load is fresh, and no option is on."""
    low: Floats
    """About how many accounts each draw allows at least, ndarray of shape (n_draws,) [account]."""
    high: Floats
    """The same, at most [account]."""
    central: tuple[float, float]
    """Every input at its value: at least and at most [account]."""
    sure: tuple[float, float]
    """At the confidence, at least and at most [account]."""


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """What the simulation makes of it."""

    central: Count
    sure: Count
    each: Floats
    """About how many accounts each draw allows, ndarray of shape (n_draws,) [account]."""


CLOSED, REST = 0.2, 0.8
"""How the progress is shared between the closed form and the simulation [-]."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """The engine that simulates: a pool behind its balancer as it is, and whatever the closed form cannot hold."""

    seed: int
    """Of all random streams [-]."""
    workers: int = 1
    """Threads; the numbers do not depend on it [-]."""

    def servers(self, of: Drawn, swing: bool, progress: Progress | None = None) -> Servers:
        """Return every limit of every node, judged over the draws; with what each input does to it if `swing`."""
        # A draw allows a pool so many accounts if every node that is up meets the objective with them. With the load
        # shared at random that is asked here too, node by node in the same draw, so that the two can be compared: it
        # may be a few accounts fewer than the smallest number of a node by itself.
        say: Progress = progress or (lambda _done: None)
        judged = ClosedForm().judge(of, swing, lambda done: say(CLOSED * done)).judged
        large = as_one_large(of)
        closed = between(of, judged, large)
        found = self.numbers(of, closed, lambda done: say(CLOSED + REST * done))
        of_pool = {one.place.resource: one for one in closed if one.bracketed}
        pool = tuple(
            replace(
                one,
                pessimistic=max(0, math.floor(of_pool[one.resource].sure[0])),
                simulated=found[of_pool[one.resource].place].sure,
                simulated_central=found[of_pool[one.resource].place].central,
            )
            if one.resource in of_pool
            else one
            for one in pools(judged, large)
        )
        return Servers(tuple(_judged_again(one, of.central, found, pool) for one in judged), None, pool)

    def numbers(self, of: Drawn, places: Sequence[Between], progress: Progress) -> Mapping[Place, Simulated]:
        """Return what the simulation makes of each place."""
        found: dict[Place, Simulated] = {}
        for k, one in enumerate(places):
            at_value = self._central(of.central, one, found)
            progress((k + 0.3) / len(places))
            found[one.place] = self._over_draws(of, one, at_value, found)
            progress((k + 1) / len(places))
        return found

    def _central(self, central: Inputs, one: Between, before: Mapping[Place, Simulated]) -> Count:
        """Return the number with every input at its value."""
        least, start = _least(each.central for each in before.values()), sum(one.central) / 2
        if one.certain and one.central[0] >= least + 1:
            return _unasked(one.central)
        for effort in (IDLE, BINDS) if start >= least else (BINDS,):
            found = largest(central, one.place, start, self.seed, effort, self.workers)
            if found.low >= least:
                break
        return _count(found.low, found.high, [found], ())

    def _over_draws(self, of: Drawn, one: Between, at_value: Count, before: Mapping[Place, Simulated]) -> Simulated:
        """Return the number at the confidence, as far as it may be less than that of a limit judged before."""
        least, members = _least(each.sure for each in before.values()), members_by_review(of.central)
        along = where(one.central, _middle(at_value.accounts, at_value.up_to), one.bracketed, members)
        each = predicted(one, along, members)
        if one.certain and one.sure[0] >= least + 1:
            return Simulated(at_value, _unasked(one.sure), each)
        for idle in (True, False) if _reached(each, of) >= least else (False,):
            sure, each = self._near_quantile(of, one, along, idle)
            if sure.accounts >= least:
                break
        return Simulated(at_value, sure, each)

    def _near_quantile(self, of: Drawn, one: Between, central: float, idle: bool) -> tuple[Count, Floats]:
        """Return the number at the confidence, from draws next to the quantile, and about that of each draw."""
        members, k = members_by_review(of.central), needed(of.number, of.central.objective.confidence) - 1
        reach, most, effort = (0, MOST_IDLE, IDLE) if idle else (REACH, MOST_DRAWS, A_DRAW)
        found: dict[int, Found] = {}
        missed: list[float] = []
        along = [central]
        while True:
            each = predicted(one, float(np.median(along)), members)
            for draw, seen in found.items():
                each[draw] = _middle(seen.low, seen.high)
            order = np.argsort(-each, kind="stable")
            near = sorted(range(max(0, k - reach), min(of.number, k + reach + 1)), key=lambda rank: abs(rank - k))
            fresh = [int(order[rank]) for rank in near if int(order[rank]) not in found]
            if not fresh or len(found) >= most:
                break
            draw = fresh[0]
            seen = found[draw] = largest(of.draw(draw), one.place, each[draw], self.seed, effort, self.workers)
            missed.append(_middle(seen.low, seen.high) - float(each[draw]))
            ends = float(one.low[draw]), float(one.high[draw])
            along.append(where(ends, _middle(seen.low, seen.high), one.bracketed, members))
        # a draw that was not simulated lies to its closed forms as any of those that were, and is in as much doubt as
        # they are and as the mean of what they were foretold and missed; the first was foretold from the central
        # answer, the others from their like
        half = float(np.median([_middle(seen.low, seen.high) - seen.low for seen in found.values()]))
        misses = np.array(missed[1:] or missed)
        doubt = math.hypot(half, math.sqrt(float((misses**2).mean()) / len(misses)))
        likely = np.array([predicted(one, place, members) for place in along[1:]])
        low, high = likely - doubt, likely + doubt
        for draw, seen in found.items():
            low[:, draw], high[:, draw] = seen.low, math.inf if seen.high is None else seen.high
        lower, upper = _reached(low, of), _reached(high, of)
        up_to = None if math.isinf(upper) else math.floor(upper)
        return _count(math.floor(lower), up_to, found.values(), sorted(found)), each


def between(of: Drawn, judged: Sequence[Judged], large: Mapping[Resource, Number]) -> tuple[Between, ...]:
    """Return the places to be judged, with what the closed form makes of each, the tightest first."""
    central = of.central
    alike = central.placement.view_age == 0.0 and not central.options.on and not of.draw(0).options.on
    found, pooled, everywhere = [], central.placement.rule == "pool", {node.name for node in central.nodes}
    for (resource, names), same in _by_place(central, judged).items():
        reached = [one for one in same if len(one.each)]
        if not reached or all(one.result.allows.max_accounts is None for one in reached):
            continue
        best = large.get(resource)
        low = np.min([one.each for one in reached], axis=0)
        high = low if best is None else np.maximum(low, best.each)
        at_value = min(_or_most(one.result.allows.central) for one in reached)
        found.append(
            Between(
                place=Place(resource, names, pooled, frozenset(everywhere - set(nodes_up(central, resource)))),
                bracketed=best is not None,
                certain=best is not None and alike,
                low=low,
                high=high,
                central=(at_value, at_value if best is None else max(at_value, _or_most(best.central))),
                sure=(_reached(low, of), _reached(high, of)),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.sure, one.central)))


def _by_place(central: Inputs, judged: Sequence[Judged]) -> dict[tuple[Resource, tuple[str, ...]], list[Judged]]:
    """Return what is judged together: a pool's nodes by resource, else each node's limit by itself."""
    pooled = central.placement.rule == "pool"
    found: dict[tuple[Resource, tuple[str, ...]], list[Judged]] = {}
    for resource in dict.fromkeys(one.result.resource for one in judged):
        same = [one for one in judged if one.result.resource == resource]
        for part in [same] if pooled else [[one] for one in same]:
            found[resource, tuple(one.result.node for one in part)] = part
    return found


def _reached(each: Floats, of: Drawn) -> float:
    """Return what enough of the draws reach, one value or several of each [account]."""
    rank = needed(of.number, of.central.objective.confidence) * (each.size // of.number) - 1
    return float(-np.partition(-each.ravel(), rank)[rank])


def _or_most(number: int | None) -> float:
    return float(MOST if number is None else number)


def _least(ends: Iterable[Count]) -> float:
    """Return the upper end of the smallest number so far [account]."""
    return min((one.up_to for one in ends if one.up_to is not None), default=math.inf)


def _unasked(ends: tuple[float, float]) -> Count:
    """Return what the two closed forms say, with nothing simulated."""
    return _count(math.floor(ends[0]), None if ends[1] >= MOST else math.floor(ends[1]), (), ())


def where(closed: tuple[float, float], at: float, bracketed: bool, members: int) -> float:
    """Return how a simulated number lies to the closed form's [-]."""
    low, high = closed
    if bracketed:
        return (at - low) / max(1.0, high - low)
    return (at + members + 1.0) / max(1.0, low + members + 1.0)


def predicted(one: Between, along: float, members: int) -> Floats:
    """Return about how many accounts each draw allows [account], if each lies to the closed form as another does."""
    if one.bracketed:
        return np.asarray(one.low + along * (one.high - one.low))
    return np.asarray(along * (one.low + members + 1.0) - members - 1.0)


def _middle(low: int, high: int | None) -> float:
    return float(low) if high is None else (low + high) / 2


def _count(low: int, high: int | None, found: Iterable[Found], draws: Iterable[int]) -> Count:
    replications = sum(trial.replications for one in found for trial in one.trials)
    return Count(
        accounts=max(0, low),
        up_to=None if high is None else max(0, high),
        already_over=low < 0,
        draws=tuple(draws),
        replications=replications,
        weeks=replications * WEEKS,
    )


def _judged_again(one: Judged, central: Inputs, found: Mapping[Place, Simulated], both: Sequence[Pool]) -> Judged:
    """Return a judged limit with the simulation's numbers, where it was simulated."""
    node, resource = one.result.node, one.result.resource
    here = next(
        (simulated for place, simulated in found.items() if place.resource == resource and node in place.nodes), None
    )
    if here is None:
        return one
    pool = next((each for each in both if each.resource == resource), None)
    allows = one.result.allows
    about = {
        **about_limit(next(each for each in central.nodes if each.name == node), resource, central.objective),
        "balancer": central.placement.rule == "pool",
        "options": asdict(central.options),
        "already_over": here.sure.already_over,
        "unasked": here.sure.replications == 0,
        "closed_form": (allows.max_accounts, allows.central),
        "pool": None
        if pool is None
        else ((pool.pessimistic, pool.pessimistic_central), (pool.optimistic, pool.optimistic_central)),
    }
    limit = replace(
        allows,
        max_accounts=here.sure.accounts,
        central=here.central.accounts,
        up_to=here.sure.up_to,
        central_up_to=here.central.up_to,
        engine="simulation",
        reason=Reason("simulated", about),
    )
    holds = np.asarray(here.each >= central.offer.accounts)
    return replace(one, result=replace(one.result, allows=limit), holds=holds)
