"""The servers' limits: each resource of each node judged over all draws, and said in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner.model.admission.node_limit import Added, NodeCurve, NodeRisk, Number, added, curve, hold, number, risk
from planner.model.admission.sensitivity import Swing, limit_needed, normal_scores, swings
from planner.model.inputs.capacity import RESOURCES, Floats, Objective, Resource
from planner.model.limit import MOST, Limit, both_numbers
from planner.model.overload.node_resources import Drawn, NodeResource, node_resources, of_pool
from planner.model.overload.numbers import attribute, settled, standard_error
from planner.wording import phrases

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of accounts by simulation, with its interval."""

    accounts: int
    """The lower end of the interval: what the replications have not settled is not admitted [account]."""
    up_to: int | None
    """The upper end; None = no number was seen to fail [account]."""
    already_over: bool
    """Whether even the members alone are not seen to meet the objective."""
    draws: tuple[int, ...]
    """Of the inputs, those that were simulated; empty = every input at its value [-]."""
    replications: int
    """In all [-]."""
    weeks: int
    """In all [week]."""


@dataclass(frozen=True, slots=True)
class Pool:
    """One resource of a pool of servers, seen twice; None = more than the search reaches."""

    resource: Resource
    pessimistic: int | None
    """As separate nodes that share the load at random [account]."""
    optimistic: int | None
    """As one node with the limits of all that are up [account]."""
    pessimistic_central: int | None
    """The same with every input at its value [account]."""
    optimistic_central: int | None
    """The same with every input at its value [account]."""
    simulated: Count | None = None
    """With the balancer as it is: what admission uses; None = not simulated."""
    simulated_central: Count | None = None
    """The same with every input at its value."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One resource of one node, judged."""

    limit: Limit
    found: Number
    """How many accounts it allows [account]."""
    risks: tuple[NodeRisk, ...]
    """Now, and with the offered accounts."""
    curve: NodeCurve
    added: Added
    holds: npt.NDArray[np.bool_]
    """In which draws the offered accounts meet the objective, ndarray of shape (n_draws,) [-]."""
    swings: tuple[Swing, ...]
    """Empty where none of the accounts come."""
    each: Floats
    """About how many each draw allows, below 0 where the members alone are too many; ndarray of shape (n_draws,), empty
    where none of the accounts come [account]."""


@dataclass(frozen=True, slots=True, eq=False)
class Large:
    """One resource of a pool as if it were one node."""

    resource: Resource
    found: Number
    each: Floats
    """As in `Judged`, ndarray of shape (n_draws,) [account]."""


@dataclass(frozen=True, slots=True)
class Together:
    """What all server limits allow together, of the nodes that the offer reaches: one promise."""

    max_accounts: int | None
    """At the objective's confidence; None = no limit [account]."""
    error: float
    """Its Monte Carlo standard error [account]."""
    first: tuple[str, Resource]
    """Node and resource of the limit that fails in most of the draws with one account more."""


def judge(
    of: Drawn, progress: Progress | None = None, swing: bool = True
) -> tuple[tuple[Judged, ...], Together | None]:
    """Return every limit of every node, judged, and what they allow together; None where no account comes to any."""
    there = node_resources(of)
    objective = of.central.objective
    scores = np.array([normal_scores(drawn) for drawn in of.scores.values()]).reshape(len(of.scores), of.number)
    judged, reached = [], []
    for k, bench in enumerate(there):
        judged.append(_judged(bench, of, scores, swing))
        if bench.reached:
            reached.append((bench, judged[-1].each))
        if progress is not None:
            progress((k + 1) / len(there))
    if not reached:
        return tuple(judged), None
    most, each = settled([(bench.drawn, allows) for bench, allows in reached], objective, objective.confidence)
    fails = ((each < max(most, 0) + 1.0) * of.weight).sum(axis=1)
    first = reached[int(fails.argmax())][0]
    error = standard_error(each.min(axis=0), of.weight, objective.confidence, scores)
    limited = most < MOST
    return tuple(judged), Together(
        max(most, 0) if limited else None, error if limited else 0.0, (first.node.name, first.resource)
    )


def as_one_large(of: Drawn) -> tuple[Large, ...]:
    """Return for a pool behind a balancer what one large node would allow; nothing where there is no pool."""
    if of.central.placement.rule != "pool":
        return ()
    none = np.empty((0, of.number))
    found = []
    for bench in of_pool(of):
        allows = number(bench, of.central.objective, of.central.offer.accounts, none)
        found.append(Large(bench.resource, allows.number, allows.each))
    return tuple(found)


def pools(judged: Sequence[Judged], large: Sequence[Large]) -> tuple[Pool, ...]:
    """Return for a pool behind a balancer the two closed forms side by side."""
    found = []
    for one in large:
        apart = [each.found for each in judged if each.limit.limit == one.resource]
        found.append(
            Pool(
                resource=one.resource,
                pessimistic=_smallest([each.max_accounts for each in apart]),
                optimistic=one.found.max_accounts,
                pessimistic_central=_smallest([each.central for each in apart]),
                optimistic_central=one.found.central,
            )
        )
    return tuple(found)


def _smallest(numbers: Sequence[int | None]) -> int | None:
    return min((each for each in numbers if each is not None), default=None)


def with_lever(judged: Sequence[Judged], of: Drawn) -> tuple[Limit, ...]:
    """Return the limits, the smallest of them with how high it would have to be for the accounts asked for."""
    central = of.central
    limits = [one.limit for one in judged]
    offered = central.offer.accounts
    tight = [limit for limit in limits if limit.max_accounts is not None and limit.max_accounts < offered]
    for limit in sorted(tight, key=lambda limit: limit.max_accounts or 0)[:1]:
        resource = next(name for name in RESOURCES if name == limit.limit)
        size = limit_needed(of, str(limit.node), resource, offered)
        if size is None:
            lever = "the accounts there were known to hold fewer or smaller meetings: no higher limit would do alone"
        else:
            known = limit_in_words(resource, size, 0.0)
            whose = f"node {limit.node}" if central.placement.rule == "fixed" else "every node of the pool"
            lever = f"the {resource} limit of {whose} were known to be at least {known}"
        limits[limits.index(limit)] = replace(limit, yes_if=lever)
    return tuple(limits)


def _judged(bench: NodeResource, of: Drawn, scores: npt.NDArray[np.float64], swing: bool) -> Judged:
    objective, offered = of.central.objective, of.central.offer.accounts
    allows = number(bench, objective, offered, scores)
    found = allows.number
    now = risk(bench, 0, objective)
    then = risk(bench, offered, objective) if bench.reached else replace(now, accounts=offered)
    moved = swing and bench.reached and of.scores
    return Judged(
        limit=_in_words(bench, found, now, then, objective),
        found=found,
        risks=(now, then),
        curve=curve(bench, found, offered, objective),
        added=added(bench, offered),
        holds=hold(bench, offered if bench.reached else 0, objective),
        swings=swings(bench, bench.drawn.numbers(), offered, objective, of.scores) if moved else (),
        each=allows.each,
    )


def _in_words(bench: NodeResource, found: Number, now: NodeRisk, then: NodeRisk, objective: Objective) -> Limit:
    """Return the limit with its reason: the numbers, when it binds, and the risk now and with the offer."""
    node, resource = bench.node, bench.resource
    name = attribute(objective.measure)
    wanted = phrases.objective(objective.measure, objective.at_most, objective.confidence)
    size = limit_in_words(resource, node.limits[resource], node.reserve.get(resource, 0.0))

    def said(one: NodeRisk) -> str:
        return phrases.measure(objective.measure, float(getattr(one.at_confidence, name)))

    if not bench.reached:
        reason = f"{size} on node {node.name}: none of the new accounts come here; {said(now)} now"
    elif found.already_over:
        reason = f"{size} on node {node.name}: already over before any new account, {said(now)} against {wanted}"
    else:
        reason = (
            f"{size} on node {node.name}: {both_numbers(found.max_accounts, found.central, objective.confidence)}; "
            f"{said(now)} now and {said(then)} with {phrases.accounts(then.accounts)}, against {wanted}; most of it on "
            f"{phrases.when(found.when)}"
        )
    return Limit(
        limit=resource,
        kind="permission",
        node=node.name,
        max_accounts=found.max_accounts,
        central=found.central,
        reason=reason,
        path=f"nodes.{node.name}.limits.{resource}",
        when=found.when if bench.reached else None,
        error=found.error if bench.reached else None,
        engine="closed form",
        yes_if=f"the {resource} limit of node {node.name} were known to be higher" if bench.reached else None,
    )


def limit_in_words(resource: Resource, limit: float, reserve: float) -> str:
    """Return a limit as a person would say it.

    Examples
    --------
    >>> limit_in_words("users", 150, 20), limit_in_words("load", 0.7, 0.0)
    ('150 users of which 20 are kept free', '70 % load')
    """
    text = f"{phrases.amount_of(resource, limit, limit)} {phrases.UNITS[resource]}"
    return f"{text} of which {phrases.amount_of(resource, reserve, limit)} are kept free" if reserve else text
