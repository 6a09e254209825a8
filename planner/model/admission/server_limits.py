"""The servers' limits: each resource of each node judged over all draws, and said in words."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner.model.admission.node_limit import (
    Added,
    Bench,
    NodeCurve,
    NodeRisk,
    Number,
    added,
    benches,
    curve,
    hold,
    number,
    risk,
    spaced,
    together,
)
from planner.model.admission.sensitivity import Swing, limit_needed, swings
from planner.model.inputs.allocation import arrivals as arrivals_of
from planner.model.inputs.allocation import nodes_up, one_large, sites, to_node
from planner.model.inputs.capacity import RESOURCES, Floats, Inputs, Objective, Resource
from planner.model.limit import MOST, Limit, both_numbers
from planner.model.overload.draw_quantile import ALWAYS, attribute
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
    where none of the accounts come, and where nobody asked [account]."""


@dataclass(frozen=True, slots=True, eq=False)
class Large:
    """One resource of a pool as if it were one node."""

    resource: Resource
    found: Number
    each: Floats
    """As in `Judged`, ndarray of shape (n_draws,) [account]."""


def judge(
    central: Inputs,
    drawn: Sequence[Inputs],
    values: Mapping[str, Floats],
    progress: Progress | None = None,
    each: bool = False,
) -> tuple[Judged, ...]:
    """Return every limit of every node, judged.

    Units: values [its base unit].
    """
    arrivals, here, everywhere = arrivals_of(central), sites(central), [sites(inputs) for inputs in drawn]
    offered = central.offer.accounts
    clusters = together(here.values(), offered)
    in_draws = [together(each.values(), offered) for each in everywhere]
    judged: list[Judged] = []
    for index, (name, site) in enumerate(here.items()):
        extra = to_node(arrivals, name)
        up = [resource for resource in RESOURCES if name in nodes_up(central, resource)]
        for bench in benches(site, [each[name] for each in everywhere], up, extra, clusters, in_draws):
            judged.append(_judged(bench, central, values, each))
            if progress is not None:
                progress((index + len(judged) % len(RESOURCES) / len(RESOURCES)) / len(here))
    return tuple(judged)


def as_one_large(central: Inputs, drawn: Sequence[Inputs]) -> tuple[Large, ...]:
    """Return for a pool behind a balancer what one large node would allow; nothing where there is no pool."""
    if central.placement.rule != "pool":
        return ()
    extra, offered = to_node(arrivals_of(central), central.nodes[0].name), central.offer.accounts
    found = []
    for resource in RESOURCES:
        up = nodes_up(central, resource)
        site, everywhere = one_large(central, resource, up), [one_large(each, resource, up) for each in drawn]
        clusters, in_draws = together([site], offered), [together([one], offered) for one in everywhere]
        for bench in benches(site, everywhere, [resource], extra, clusters, in_draws):
            large = number(bench, central.objective, offered)
            found.append(Large(resource, large, _each(bench, large, central.objective, offered)))
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


def _each(bench: Bench, found: Number, objective: Objective, offered: int) -> Floats:
    """Return about how many accounts each draw allows, ndarray of shape (n_draws,) [account].

    Read off straight lines through the log of the measure at the numbers of accounts that a curve is made of.
    """
    # closely where the verdict turns: a few per cent of all accounts are a few tenths in the log of the measure
    everybody = float(bench.central.counts.sum()) + offered
    turn = found.max_accounts or 0
    knots = sorted({*spaced(found, offered), *(round(turn + step * everybody) for step in (0.1, 0.2, 0.4, 0.8))})
    name, bound = attribute(objective.measure), math.log(objective.at_most + 1e-300)
    above = np.array([np.log(bench.drawn.best(n, name) + 1e-300) - bound for n in knots])
    if objective.measure not in {"minutes", "busiest_instant"}:
        always = np.array([bench.drawn.best(n, "busiest_instant") >= ALWAYS for n in knots])
        above = np.where(always, np.maximum(above, 0.01), above)
    # the first knot that is over and the one before; the outermost two where all or none are
    after = np.clip(np.where((above > 0).any(axis=0), (above > 0).argmax(axis=0), len(knots) - 1), 1, None)
    draws = np.arange(above.shape[1])
    low, high = above[after - 1, draws], above[after, draws]
    left, right = np.array(knots)[after - 1], np.array(knots)[after]
    rise = np.maximum(high - low, 1e-3)
    return np.asarray(np.clip(left - low * (right - left) / rise, -float(MOST), float(MOST)))


def _smallest(numbers: Sequence[int | None]) -> int | None:
    return min((each for each in numbers if each is not None), default=None)


def with_lever(judged: Sequence[Judged], central: Inputs, drawn: Sequence[Inputs]) -> tuple[Limit, ...]:
    """Return the limits, the smallest of them with how high it would have to be for the accounts asked for."""
    limits = [one.limit for one in judged]
    offered = central.offer.accounts
    tight = [limit for limit in limits if limit.max_accounts is not None and limit.max_accounts < offered]
    for limit in sorted(tight, key=lambda limit: limit.max_accounts or 0)[:1]:
        resource = next(name for name in RESOURCES if name == limit.limit)
        size = limit_needed(central, drawn, str(limit.node), resource, offered)
        if size is None:
            lever = "the accounts there were known to hold fewer or smaller meetings: no higher limit would do alone"
        else:
            known = limit_in_words(resource, size, 0.0)
            whose = f"node {limit.node}" if central.placement.rule == "fixed" else "every node of the pool"
            lever = f"the {resource} limit of {whose} were known to be at least {known}"
        limits[limits.index(limit)] = replace(limit, yes_if=lever)
    return tuple(limits)


def _judged(bench: Bench, central: Inputs, values: Mapping[str, Floats], each: bool) -> Judged:
    objective, offered = central.objective, central.offer.accounts
    found = number(bench, objective, offered)
    now = risk(bench, 0, objective)
    then = risk(bench, offered, objective) if bench.reached else replace(now, accounts=offered)
    return Judged(
        limit=_in_words(bench, found, now, then, objective),
        found=found,
        risks=(now, then),
        curve=curve(bench, found, offered, objective),
        added=added(bench, offered),
        holds=hold(bench, offered, objective),
        swings=swings(bench, spaced(found, offered), offered, objective, values) if bench.reached and values else (),
        each=_each(bench, found, objective, offered) if each and bench.reached else np.empty(0),
    )


def _in_words(bench: Bench, found: Number, now: NodeRisk, then: NodeRisk, objective: Objective) -> Limit:
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
