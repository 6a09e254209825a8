"""The servers' limits over all draws: what an engine is asked, and what the closed form answers."""

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from planner.model.admission.node_limit import NodeLimit, Number, Risk, curve, load, number, risk_with
from planner.model.admission.sensitivity import Swing, limit_needed, swings
from planner.model.inputs.capacity import RESOURCES, Floats, Node, Objective, Resource
from planner.model.inputs.distributions import normal_scores
from planner.model.limit import MOST, Limit, Reason, smallest_of
from planner.model.meanwhile import later
from planner.model.overload.accounts_over_draws import Known, attribute, excess, settled, standard_error
from planner.model.overload.node_resources import Drawn, NodeResource, node_resources, of_pool

COUNTS = (1, 2, 5, 10, 55)
"""Numbers of accounts that are looked at beside what is offered [account]."""
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
    optimistic_central: int | None
    """The same two with every input at its value [account]."""
    simulated: Count | None = None
    """With the balancer as it is: what admission uses; None = not simulated."""
    simulated_central: Count | None = None
    """The same with every input at its value."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One resource of one node, judged, with what single draws say."""

    result: NodeLimit
    holds: npt.NDArray[np.bool_]
    """In which draws the offered accounts meet the objective, ndarray of shape (n_draws,) [-]."""
    swings: tuple[Swing, ...]
    """Empty where none of the accounts come."""
    each: Floats
    """About how many each draw allows, below 0 where the members alone are too many; ndarray of shape (n_draws,), empty
    where none of the accounts come [account]."""


@dataclass(frozen=True, slots=True)
class Together:
    """What all server limits allow together, of the nodes that the offer reaches: one promise."""

    max_accounts: int | None
    """At the objective's confidence; None = no limit [account]."""
    error: float
    """Its Monte Carlo standard error [account]."""
    first: tuple[str, Resource]
    """Node and resource of the limit that fails in most of the draws with one account more."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What so many accounts add to the risk, on the same draws."""

    accounts: int
    """[account]"""
    share: float
    """Of the draws in which every node that the offer reaches meets the objective [-]."""
    standard_error: float
    """Of how much smaller that is than with none [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Servers:
    """What an engine makes of the servers' limits."""

    judged: tuple[Judged, ...]
    """Every limit of every node, nodes in the scenario's order."""
    together: Together | None
    """None where no account comes to any of them, or the engine judges each limit by itself."""
    pool: tuple[Pool, ...] = ()
    """Empty unless a balancer places the accounts."""
    instead: Mapping[str, int | None] = field(default_factory=dict)
    """What they allow together under other weights of the draws; None = no limit [account]."""
    adds: tuple[Hold, ...] = ()
    """What some numbers of accounts add; empty where the engine does not say."""
    allows: Floats | None = None
    """About how many accounts each draw allows, ndarray of shape (D,); None as above [account]."""


class Engine(Protocol):
    """The closed form or the simulation, asked the same way: how many further accounts do the servers allow?"""

    def servers(self, of: Drawn, swing: bool, progress: Progress | None = None) -> Servers:
        """Return every limit of every node, judged over the draws; with what each input does to it if `swing`."""


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """The engine that computes the law of each resource: exact for fixed nodes, two bounds for a pool."""

    executor: Executor | None = None
    """Where a second process may judge half of the limits."""
    beside: Callable[[], object] | None = None
    """Called once that half is handed over: with what the process has to do next, while the numbers settle here."""

    def servers(self, of: Drawn, swing: bool, progress: Progress | None = None) -> Servers:
        """Return every limit of every node, judged over the draws; with what each input does to it if `swing`."""
        found = self.judge(of, swing, progress)
        return replace(found, pool=pools(found.judged, as_one_large(of)))

    def judge(self, of: Drawn, swing: bool, progress: Progress | None) -> Servers:
        """Return every limit of every node, judged, and what they allow together."""
        if self.executor is None:
            both = _each_judged(of, swing, RESOURCES, progress)
        else:
            # users and load take about as long as the three others
            half = later(self.executor, _each_judged, of, swing, RESOURCES[1::3])
            if self.beside is not None:
                self.beside()
            both = _each_judged(of, swing, [one for one in RESOURCES if one not in RESOURCES[1::3]], progress) + half()
        order = [node.name for node in of.central.nodes]
        both = sorted(both, key=lambda one: (order.index(one[0].result.node), RESOURCES.index(one[0].result.resource)))
        judged, objective, scores = [one for one, _ in both], of.central.objective, _scores(of)
        reached = [(one, drawn) for one, drawn in both if drawn is not None]
        if not reached:
            return Servers(tuple(judged), None)
        limits = [(drawn, one.each) for one, drawn in reached]
        sure = objective.confidence
        most, each = settled(limits, objective, sure)
        others = {name: settled(limits, objective, sure, weight)[0] for name, weight in of.instead.items()}
        fails = ((each < max(most, 0) + 1.0) * of.weight).sum(axis=1)
        first = reached[int(fails.argmax())][0].result
        error = standard_error(each.min(axis=0), of.weight, sure, scores)
        limited = most < MOST
        together = Together(max(most, 0) if limited else None, error if limited else 0.0, (first.node, first.resource))
        instead = {name: max(n, 0) if n < MOST else None for name, n in others.items()}
        return Servers(tuple(judged), together, (), instead, adds(each, of), each.min(axis=0))


def _each_judged(
    of: Drawn, swing: bool, resources: Sequence[Resource], progress: Progress | None = None
) -> list[tuple[Judged, Known | None]]:
    """Return the limits of some resources of every node, judged, each with its draws where an account comes."""
    there, scores, found = node_resources(of, resources=resources), _scores(of), []
    for bench in there:
        # nothing else of it: what a second process finds is sent, and is many megabytes
        found.append((_judged(bench, of, scores, swing), bench.drawn if bench.reached else None))
        if progress is not None:
            progress(len(found) / len(there))
    return found


def _scores(of: Drawn) -> Floats:
    """Return the normal scores of the uncertain inputs, ndarray of shape (n_inputs, D) [-]."""
    return np.array([normal_scores(drawn) for drawn in of.scores.values()]).reshape(len(of.scores), of.number)


def adds(each: Floats, of: Drawn) -> tuple[Hold, ...]:
    """Return what some numbers of accounts add, from about how many each draw allows, ndarray of shape (limits, D)."""
    allows, weight = each.min(axis=0), of.weight / of.weight.sum()
    found, now = [], (allows >= 0.0).astype(np.float64)
    # as many again as there are members: the thread asks what doubles them
    for n in sorted({0, *COUNTS, of.central.offer.accounts, round(of.central.members.accounts)}):
        holds = (allows >= n).astype(np.float64)
        lost = now - holds
        error = math.sqrt(float(weight**2 @ (lost - weight @ lost) ** 2))
        found.append(Hold(n, float(weight @ holds), error))
    return tuple(found)


def as_one_large(of: Drawn) -> dict[Resource, Number]:
    """Return for a pool behind a balancer what one large node would allow; nothing where there is no pool."""
    if of.central.placement.rule != "pool":
        return {}
    goal, offered, none = of.central.objective, of.central.offer.accounts, np.empty((0, of.number))
    return {bench.resource: number(bench, goal, offered, none) for bench in of_pool(of)}


def pools(judged: Sequence[Judged], large: Mapping[Resource, Number]) -> tuple[Pool, ...]:
    """Return for a pool behind a balancer the two closed forms side by side."""
    found = []
    for resource, one in large.items():
        apart = [each.result.allows for each in judged if each.result.resource == resource]
        found.append(
            Pool(
                resource=resource,
                pessimistic=smallest_of(each.max_accounts for each in apart),
                optimistic=one.max_accounts,
                pessimistic_central=smallest_of(each.central for each in apart),
                optimistic_central=one.central,
            )
        )
    return tuple(found)


def with_lever(limits: Sequence[NodeLimit], of: Drawn) -> tuple[NodeLimit, ...]:
    """Return the servers' limits, the smallest of them with how high it would have to be for the accounts asked for."""
    offered = of.central.offer.accounts
    numbers = [limit.allows.max_accounts for limit in limits]
    tight = [k for k, number in enumerate(numbers) if number is not None and number < offered]
    if not tight:
        return tuple(limits)
    first = min(tight, key=lambda k: numbers[k] or 0)
    least = limit_needed(of, limits[first].node, limits[first].resource, offered)
    lever = Reason("smaller meetings", {}) if least is None else _higher(of, least)
    changed = replace(limits[first], allows=replace(limits[first].allows, yes_if=lever))
    return (*limits[:first], changed, *limits[first + 1 :])


def _higher(of: Drawn, least: float | None) -> Reason:
    return Reason("higher limit", {"pooled": of.central.placement.rule == "pool", "least": least})


def _judged(bench: NodeResource, of: Drawn, scores: npt.NDArray[np.float64], swing: bool) -> Judged:
    objective, offered = of.central.objective, of.central.offer.accounts
    node, resource = bench.node, bench.resource
    allows = number(bench, objective, offered, scores)
    now = risk_with(bench, 0, objective)
    then = risk_with(bench, offered, objective) if bench.reached else replace(now, accounts=offered)
    moved = swing and bench.reached and of.scores
    return Judged(
        result=NodeLimit(
            node=node.name,
            resource=resource,
            limit=node.limits[resource],
            reserve=node.reserve.get(resource, 0.0),
            allows=_limit(bench, allows, now, then, of),
            load=load(bench, offered),
            now=now,
            offered=then,
            curve=curve(bench, allows, offered, objective),
        ),
        holds=excess(bench.drawn.every(then.accounts if bench.reached else 0), objective) <= 0.0,
        swings=swings(bench, bench.drawn.numbers(), offered, objective, of.scores) if moved else (),
        each=allows.each,
    )


def _limit(bench: NodeResource, found: Number, now: Risk, then: Risk, of: Drawn) -> Limit:
    """Return the limit with its reason: the numbers, when it binds, and the risk now and with the offer."""
    node, resource, objective = bench.node, bench.resource, of.central.objective
    name = attribute(objective.measure)
    about = {
        **about_limit(node, resource, objective),
        "now": float(getattr(now.at_confidence, name)),
        "with_offer": float(getattr(then.at_confidence, name)),
        "accounts": then.accounts,
        "when": found.when,
    }
    kind = "none come" if not bench.reached else "already over" if found.already_over else "server"
    return Limit(
        limit=resource,
        kind="permission",
        node=node.name,
        max_accounts=found.max_accounts,
        central=found.central,
        reason=Reason(kind, about),
        path=f"nodes.{node.name}.limits.{resource}",
        when=found.when if bench.reached else None,
        error=found.error if bench.reached else None,
        engine="closed form",
        yes_if=_higher(of, None) if bench.reached else None,
    )


def about_limit(node: Node, resource: Resource, objective: Objective) -> dict[str, float | str]:
    """Return what every reason of a server's limit says: its size, and what is wanted."""
    return {
        "limit": node.limits[resource],
        "reserve": node.reserve.get(resource, 0.0),
        "measure": objective.measure,
        "at_most": objective.at_most,
        "confidence": objective.confidence,
    }
