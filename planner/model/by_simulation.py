"""The servers' limits judged by simulation: a pool behind its balancer, and whatever the closed form cannot hold.

Every draw has a number of its own, and what counts is the number that enough draws reach. Only the draws next to that
place in their order are simulated; the order of all others is taken from the closed form, brought to where the
simulation found the central answer to lie.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.model import words
from planner.model.inputs import Floats, Inputs, Resource
from planner.model.limits import MOST, Limit, both_numbers, needed
from planner.model.servers import Count, Judged, Large, Pool, limit_in_words, pools
from planner.model.siting import members_by_review
from planner.model.trial import WEEKS, Effort, Found, Place, largest

BINDS = Effort(meetings=2.5e6, near=0.02, wide=0.05)
"""For the central answer, where the limit may bind."""
A_DRAW = Effort(meetings=8e5, near=0.02, wide=0.05)
"""For a draw, where the limit may bind."""
IDLE = Effort(meetings=3e5, near=0.05, wide=0.15)
"""For a limit that cannot bind, because another allows less even at the upper end of its interval."""
WINDOW = 5
"""Draws simulated around the quantile, where the limit may bind [-]."""

Progress = Callable[[float], None]
Again = Callable[
    [Inputs, Sequence[Inputs], Sequence[Judged], Sequence[Large]], tuple[tuple[Judged, ...], tuple[Pool, ...]]
]


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """What the closed form makes of one limit of a place: the same twice where it has one answer."""

    place: Place
    low: Floats
    """About how many accounts each draw allows at least, ndarray of shape (n_draws,) [account]."""
    high: Floats
    """The same, at most [account]."""
    central: tuple[float, float]
    """Every input at its value: at least and at most [account]."""
    sure: float
    """At the confidence, at least [account]."""


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """What the simulation makes of it."""

    central: Count
    sure: Count
    each: Floats
    """About how many accounts each draw allows, ndarray of shape (n_draws,) [account]."""


def second(seed: int, progress: Progress | None = None, workers: int = 1) -> Again:
    """Return the second engine for `admission.admit`.

    Parameters
    ----------
    seed : int
        The scenario's [-].
    progress : callable, optional
        Told the share of the work that is done [-].
    workers : int
        Threads; the result does not depend on them [-].
    """

    def again(
        central: Inputs, drawn: Sequence[Inputs], judged: Sequence[Judged], large: Sequence[Large]
    ) -> tuple[tuple[Judged, ...], tuple[Pool, ...]]:
        found = numbers(central, drawn, between(central, judged, large), seed, progress, workers)
        said = tuple(_judged_again(one, central, found, pools(judged, large)) for one in judged)
        of_pool = {place.resource: one for place, one in found.items() if place.pooled}
        return said, tuple(
            replace(one, simulated=of_pool[one.resource].sure, simulated_central=of_pool[one.resource].central)
            if one.resource in of_pool
            else one
            for one in pools(judged, large)
        )

    return again


def between(central: Inputs, judged: Sequence[Judged], large: Sequence[Large]) -> tuple[Between, ...]:
    """Return the places to be judged, with what the closed form makes of each, the tightest first.

    Parameters
    ----------
    central : Inputs
        Nodes and placement.
    judged : sequence of Judged
        Every limit of every node.
    large : sequence of Large
        The limits of the pool as one node; empty where there is no pool.
    """
    optimistic = {one.resource: one for one in large}
    found = []
    for (resource, names), same in _by_place(central, judged).items():
        reached = [one for one in same if len(one.each)]
        if not reached or all(one.found.max_accounts is None for one in reached):
            continue
        low = np.min([one.each for one in reached], axis=0)
        best = optimistic.get(resource)
        at_value = min(_or_most(one.found.central) for one in reached)
        found.append(
            Between(
                place=Place(resource, names, pooled=best is not None),
                low=low,
                high=low if best is None else np.maximum(low, best.each),
                central=(at_value, at_value if best is None else max(at_value, _or_most(best.found.central))),
                sure=min(_or_most(one.found.max_accounts) for one in reached),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.sure, one.central)))


def _by_place(central: Inputs, judged: Sequence[Judged]) -> dict[tuple[Resource, tuple[str, ...]], list[Judged]]:
    """Return what is judged together: a pool's nodes by resource, else each node's limit by itself."""
    pooled = central.placement.rule == "pool"
    found: dict[tuple[Resource, tuple[str, ...]], list[Judged]] = {}
    for resource in dict.fromkeys(one.risks[0].resource for one in judged):
        same = [one for one in judged if one.risks[0].resource == resource]
        for part in [same] if pooled else [[one] for one in same]:
            found[resource, tuple(str(one.limit.node) for one in part)] = part
    return found


def _or_most(number: int | None) -> float:
    return float(MOST if number is None else number)


def numbers(
    central: Inputs,
    drawn: Sequence[Inputs],
    places: Sequence[Between],
    seed: int,
    progress: Progress | None = None,
    workers: int = 1,
) -> Mapping[Place, Simulated]:
    """Return what the simulation makes of each place.

    Parameters
    ----------
    central : Inputs
        Every input at its value.
    drawn : sequence of Inputs
        One for each draw.
    places : sequence of Between
        The tightest first: the others are looked at closely only if they may allow less.
    seed : int
        The scenario's [-].
    progress : callable, optional
        Told the share of the work that is done [-].
    workers : int
        Threads [-].
    """
    found: dict[Place, Simulated] = {}
    for k, one in enumerate(places):
        middle = _least(found, "central", one.central[0])
        at_value = _central(central, one, seed, BINDS if middle is None else IDLE, workers)
        if middle is not None and at_value.accounts <= middle:
            at_value = _central(central, one, seed, BINDS, workers)
        if progress is not None:
            progress((k + 0.3) / len(places))
        least = _least(found, "sure", one.sure)
        here = _over_draws(central, drawn, one, at_value, seed, least is not None, workers)
        if least is not None and here.sure.accounts <= least:
            here = _over_draws(central, drawn, one, at_value, seed, False, workers)
        found[one.place] = here
        if progress is not None:
            progress((k + 1) / len(places))
    return found


def _least(found: Mapping[Place, Simulated], side: str, at_least: float) -> int | None:
    """Return the upper end of the smallest number so far if the closed form puts this one above it, else None."""
    ends = [getattr(one, side).up_to for one in found.values()]
    smallest = min((end for end in ends if end is not None), default=None)
    return smallest if smallest is not None and at_least > smallest else None


def _central(central: Inputs, one: Between, seed: int, effort: Effort, workers: int) -> Count:
    found = largest(central, one.place, sum(one.central) / 2, seed, effort, workers)
    return _count([found], [found], ())


def _over_draws(
    central: Inputs, drawn: Sequence[Inputs], one: Between, at_value: Count, seed: int, idle: bool, workers: int
) -> Simulated:
    """Return the number at the confidence: the draws next to the quantile simulated, the others in their order."""
    each = predicted(one, at_value, members_by_review(central))
    order = np.argsort(-each, kind="stable")
    k = needed(len(drawn), central.objective.confidence) - 1
    reach = 0 if idle else WINDOW // 2
    window = order[max(0, k - reach) : k + reach + 1]
    shift, found = 0.0, {}
    for draw in sorted(window.tolist(), key=lambda draw: abs(window.tolist().index(draw) - min(k, reach))):
        effort = IDLE if idle else A_DRAW
        found[draw] = largest(drawn[draw], one.place, each[draw] + shift, seed, effort, workers)
        shift = shift or _middle(found[draw].low, found[draw].high) - float(each[draw])
    position = min(k, reach)
    lows = sorted(found.values(), key=lambda each: -each.low)
    highs = sorted(found.values(), key=lambda each: -(math.inf if each.high is None else each.high))
    sure = _count([lows[position], highs[position]], list(found.values()), tuple(sorted(found)))
    return Simulated(at_value, sure, each + shift)


def predicted(one: Between, at_value: Count, members: int) -> Floats:
    """Return about how many accounts each draw allows, if it is to the closed form as the central answer is.

    Parameters
    ----------
    one : Between
        The closed form's numbers, of which there may be two.
    at_value : Count
        The simulation's central number.
    members : int
        Accounts there at the review [account].

    Returns
    -------
    ndarray of shape (n_draws,)
        Between two closed forms as far along as the central number is; beside one, in proportion to all accounts.
    """
    at = _middle(at_value.accounts, at_value.up_to)
    low, high = one.central
    if high - low >= 1.0:
        return one.low + (at - low) / (high - low) * (one.high - one.low)
    return np.asarray((one.low + members) * (at + members + 1.0) / (low + members + 1.0) - members)


def _middle(low: int, high: int | None) -> float:
    return float(low) if high is None else (low + high) / 2


def _count(ends: Sequence[Found], every: Sequence[Found], draws: tuple[int, ...]) -> Count:
    """Return the count whose interval begins and ends where the first and the last of `ends` do."""
    replications = sum(trial.replications for one in every for trial in one.trials)
    return Count(
        accounts=max(0, ends[0].low),
        up_to=None if ends[-1].high is None else max(0, ends[-1].high),
        already_over=ends[0].low < 0,
        draws=draws,
        replications=replications,
        weeks=replications * WEEKS,
    )


def _judged_again(one: Judged, central: Inputs, found: Mapping[Place, Simulated], both: Sequence[Pool]) -> Judged:
    """Return a judged limit with the simulation's numbers, where it was simulated."""
    here = next(
        (
            simulated
            for place, simulated in found.items()
            if place.resource == one.limit.limit and one.limit.node in place.nodes
        ),
        None,
    )
    if here is None:
        return one
    pool = next((each for each in both if each.resource == one.limit.limit), None)
    limit = replace(
        one.limit,
        max_accounts=here.sure.accounts,
        central=here.central.accounts,
        up_to=here.sure.up_to,
        central_up_to=here.central.up_to,
        engine="simulation",
        reason=_reason(one.limit, central, here, pool),
    )
    return replace(one, limit=limit, holds=np.asarray(here.each >= central.offer.accounts))


def _reason(limit: Limit, central: Inputs, here: Simulated, pool: Pool | None) -> str:
    """Return the limit's reason: the simulation's numbers, how sure they are, and the closed form's beside them."""
    node = next(node for node in central.nodes if node.name == limit.node)
    resource, goal = next(name for name in node.limits if name == limit.limit), central.objective
    size = limit_in_words(resource, node.limits[resource], node.reserve.get(resource, 0.0))
    wanted = words.objective(goal.measure, goal.at_most, goal.confidence)
    where = f"{size} on node {node.name}" + ("" if pool is None else ", with the balancer as it is")
    numbers = both_numbers(here.sure.accounts, here.central.accounts, goal.confidence)
    over = " (not even the members alone are seen to meet it)" if here.sure.already_over else ""
    closed = both_numbers(limit.max_accounts, limit.central, goal.confidence)
    beside = f"the closed form, which has none of that, says {closed}"
    if pool is not None:
        ends = (
            both_numbers(*pair, goal.confidence)
            for pair in (
                (pool.pessimistic, pool.pessimistic_central),
                (pool.optimistic, pool.optimistic_central),
            )
        )
        beside = "the closed form says, for load shared at random, {}; for one large node, {}".format(*ends)
    has = "".join(f", {one}" for one in central.options.in_words())
    return f"{where}{has}: {numbers}{over} by simulation{_doubt(here)}, against {wanted}; {beside}"


def _doubt(here: Simulated) -> str:
    """Return which larger numbers the replications did not rule out."""
    open_ = [one for one in (here.central, here.sure) if one.up_to is None or one.up_to > one.accounts]
    if not open_:
        return ""
    ends = " and ".join(f"{one.accounts:,} to {_or_any(one.up_to)}" for one in open_)
    return f", which did not settle {ends}, so that the smaller counts"


def _or_any(number: int | None) -> str:
    return "any number" if number is None else f"{number:,}"
