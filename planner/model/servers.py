"""The servers' limits: each resource of each node judged over all draws, and said in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner.model import words
from planner.model.headroom import (
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
from planner.model.inputs import RESOURCES, Floats, Inputs, Objective, Resource
from planner.model.levers import Swing, limit_needed, swings
from planner.model.limits import Limit, both_numbers
from planner.model.ranking import attribute
from planner.model.siting import arrivals as arrivals_of
from planner.model.siting import nodes_up, one_large, sites, to_node

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Pool:
    """One resource of a pool of servers, seen twice; None = more than the search reaches."""

    resource: Resource
    pessimistic: int | None
    """As separate nodes that share the load at random: what admission uses [account]."""
    optimistic: int | None
    """As one node with the limits of all that are up [account]."""
    pessimistic_central: int | None
    """The same with every input at its value [account]."""
    optimistic_central: int | None
    """The same with every input at its value [account]."""


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


def judge(
    central: Inputs, drawn: Sequence[Inputs], values: Mapping[str, Floats], progress: Progress | None = None
) -> tuple[Judged, ...]:
    """Return every limit of every node, judged.

    Parameters
    ----------
    central : Inputs
        Every input at its value.
    drawn : sequence of Inputs
        One for each draw, with the same nodes, levels and kinds of meeting.
    values : mapping of str to ndarray of shape (n_draws,)
        By its path what each uncertain input of nodes, members and usage is in the draws
        [its base unit].
    progress : callable, optional
        Told the share of the nodes' resources that is done [-].
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
            judged.append(_judged(bench, central, values))
            if progress is not None:
                progress((index + len(judged) % len(RESOURCES) / len(RESOURCES)) / len(here))
    return tuple(judged)


def pools(central: Inputs, drawn: Sequence[Inputs], judged: Sequence[Judged]) -> tuple[Pool, ...]:
    """Return for a pool behind a balancer what admission makes of it, and what one large node would allow.

    Parameters
    ----------
    central : Inputs
        Every input at its value.
    drawn : sequence of Inputs
        One for each draw.
    judged : sequence of Judged
        From `judge`: the pessimistic side.
    """
    if central.placement.rule != "pool":
        return ()
    extra, offered = to_node(arrivals_of(central), central.nodes[0].name), central.offer.accounts
    found = []
    for resource in RESOURCES:
        apart = [one.found for one in judged if one.limit.limit == resource]
        up = nodes_up(central, resource)
        site, everywhere = one_large(central, resource, up), [one_large(each, resource, up) for each in drawn]
        clusters, in_draws = together([site], offered), [together([one], offered) for one in everywhere]
        for bench in benches(site, everywhere, [resource], extra, clusters, in_draws):
            large = number(bench, central.objective, offered)
            found.append(
                Pool(
                    resource=resource,
                    pessimistic=_smallest([one.max_accounts for one in apart]),
                    optimistic=large.max_accounts,
                    pessimistic_central=_smallest([one.central for one in apart]),
                    optimistic_central=large.central,
                )
            )
    return tuple(found)


def _smallest(numbers: Sequence[int | None]) -> int | None:
    return min((each for each in numbers if each is not None), default=None)


def with_lever(judged: Sequence[Judged], central: Inputs, drawn: Sequence[Inputs]) -> tuple[Limit, ...]:
    """Return the limits, the smallest of them with how high it would have to be for the accounts asked for.

    Parameters
    ----------
    judged : sequence of Judged
        From `judge`.
    central : Inputs
        Every input at its value.
    drawn : sequence of Inputs
        One for each draw.
    """
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
            lever = f"the {resource} limit of node {limit.node} were known to be at least {known}"
        limits[limits.index(limit)] = replace(limit, yes_if=lever)
    return tuple(limits)


def _judged(bench: Bench, central: Inputs, values: Mapping[str, Floats]) -> Judged:
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
    )


def _in_words(bench: Bench, found: Number, now: NodeRisk, then: NodeRisk, objective: Objective) -> Limit:
    """Return the limit with its reason: the numbers, when it binds, and the risk now and with the offer."""
    node, resource = bench.node, bench.resource
    name = attribute(objective.measure)
    wanted = words.objective(objective.measure, objective.at_most, objective.confidence)
    size = limit_in_words(resource, node.limits[resource], node.reserve.get(resource, 0.0))

    def said(one: NodeRisk) -> str:
        return words.measure(objective.measure, float(getattr(one.at_confidence, name)))

    if not bench.reached:
        reason = f"{size} on node {node.name}: none of the new accounts come here; {said(now)} now"
    elif found.already_over:
        reason = f"{size} on node {node.name}: already over before any new account, {said(now)} against {wanted}"
    else:
        reason = (
            f"{size} on node {node.name}: {both_numbers(found.max_accounts, found.central, objective.confidence)}; "
            f"{said(now)} now and {said(then)} with {words.accounts(then.accounts)}, against {wanted}; most of it on "
            f"{words.when(found.when)}"
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
        yes_if=f"the {resource} limit of node {node.name} were known to be higher" if bench.reached else None,
    )


def limit_in_words(resource: Resource, limit: float, reserve: float) -> str:
    """Return a limit as a person would say it.

    Parameters
    ----------
    resource : Resource
        Which limit.
    limit, reserve : float
        The limit, and what is kept free of it [the resource's unit].

    Examples
    --------
    >>> limit_in_words("users", 150, 20), limit_in_words("load", 0.7, 0.0)
    ('150 users of which 20 are kept free', '70 % load')
    """

    def amount(value: float) -> str:
        return words.share(value) if resource == "load" and limit <= 1 else words.number(value)

    text = f"{amount(limit)} {words.UNITS[resource]}"
    return f"{text} of which {amount(reserve)} are kept free" if reserve else text
