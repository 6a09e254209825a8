"""Which accounts stand on which node: the members already there, and the n-th newcomer."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT, Demand, Inputs, Ints, LinearLoad, Node, Resource, allocate, sequence
from planner.model.limit import MOST

EVERY = "every node"
"""Where an account stands that a balancer sends to any node."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A node with the accounts on it, and the kinds of account that may come to it."""

    node: Node
    population: tuple[tuple[Demand, float], ...]
    """Every level in use: what one account brings, and how many there are [account]."""
    newcomers: tuple[Demand, ...]
    """What one account of each level on offer brings, in the offer's order."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """Where the first, second, … further account goes, each the one furthest behind its share: n + 1 contain n."""

    levels: tuple[str, ...]
    """On offer, in order."""
    places: tuple[str, ...]
    """Nodes that accounts may come to, or EVERY."""
    level: Ints
    """Of the first MOST accounts, ndarray of shape (MOST,), as an index of `levels`; empty if nothing is on offer."""
    place: Ints
    """The same, as an index of `places`."""

    def extra(self, node: str, accounts: int) -> tuple[int, ...]:
        """Return how many of the first accounts [account] come to a node, by level on offer; () if none ever do."""
        if not self.reach(node):
            return ()
        here = [index for index, place in enumerate(self.places) if place in (EVERY, node)]
        chosen = self.level[:accounts][np.isin(self.place[:accounts], here)]
        return tuple(np.bincount(chosen, minlength=len(self.levels)).tolist())

    def reach(self, node: str) -> bool:
        """Return whether any of the accounts come to a node."""
        return bool(len(self.level)) and (EVERY in self.places or node in self.places)


def arrivals(inputs: Inputs) -> Arrivals:
    """Return where the accounts of the offer go, one after the other."""
    mix = {level: share for level, share in inputs.offer.mix.items() if share > 0}
    offer = inputs.placement.offer if inputs.placement.rule == "fixed" else {EVERY: 1.0}
    nodes = {node: share for node, share in offer.items() if share > 0}
    levels, places = tuple(mix), tuple(nodes)
    shares = {f"{level}@{node}": mix[level] * nodes[node] for level in levels for node in places}
    if not shares:
        return Arrivals(levels, places, np.empty(0, dtype=int), np.empty(0, dtype=int))
    index = {key: number for number, key in enumerate(shares)}
    order = np.array([index[key] for key in sequence(MOST, shares)])
    return Arrivals(levels, places, order // len(places), order % len(places))


def reached(inputs: Inputs) -> tuple[str, ...]:
    """Return the nodes that accounts of the offer may land on; where nothing is on offer, all."""
    nodes, coming = tuple(node.name for node in inputs.nodes), arrivals(inputs)
    return tuple(node for node in nodes if coming.reach(node)) or nodes


def by_level(inputs: Inputs, accounts: int | None) -> tuple[tuple[str, int], ...] | None:
    """Return how many of the first so many accounts are of each level on offer."""
    if accounts is None:
        return None
    coming = arrivals(inputs)
    first = coming.level[:accounts]
    return tuple((level, int((first == index).sum())) for index, level in enumerate(coming.levels))


def members_by_review(inputs: Inputs) -> int:
    """Return the accounts that pay money at the review: those there and the growth until then [account]."""
    return math.floor(inputs.members.accounts + inputs.members.growth * inputs.offer.review.after + 0.5)


def sites(inputs: Inputs, members: int | None = None) -> dict[str, Site]:
    """Return the nodes by name with the accounts on them, so many members [account] or those at the review."""
    # behind a balancer each node gets every account at its rate divided by the nodes that are up, as if meetings went
    # to nodes at random: pessimistic, because a balancer sends them to the emptiest
    total = members_by_review(inputs) if members is None else members
    demands, shares, pooled = inputs.demands, inputs.placement.members, inputs.placement.rule == "pool"
    if pooled:
        up = len(inputs.nodes) - inputs.placement.nodes_down
        demands = {name: replace(demand, meetings=demand.meetings * (1.0 / up)) for name, demand in demands.items()}
        shares = {EVERY: 1.0}
    counts = _spread(total, inputs, shares)
    return {node.name: _site(node, demands, counts, EVERY if pooled else node.name, inputs) for node in inputs.nodes}


def one_large(inputs: Inputs, resource: Resource, names: Collection[str]) -> Site:
    """Return the pool as one node with the limits of all that are up: optimistic, no room is ever stranded."""
    node = as_one_node(inputs, resource, names)
    counts = _spread(members_by_review(inputs), inputs, {EVERY: 1.0})
    return _site(node, inputs.demands, counts, EVERY, inputs)


def as_one_node(inputs: Inputs, resource: Resource, names: Collection[str]) -> Node:
    """Return one node with the summed limits of some nodes."""
    up = [node for node in inputs.nodes if node.name in names]
    load = up[0].load
    if isinstance(load, LinearLoad):
        load = replace(load, base=sum(node.idle("load") for node in up))
    limit = sum(node.limits.get(resource, NO_LIMIT) for node in up)
    reserve = sum(node.reserve.get(resource, 0.0) for node in up)
    return Node("pool", {resource: limit}, {resource: reserve}, load, up[0].rates)


def nodes_up(inputs: Inputs, resource: Resource) -> tuple[str, ...]:
    """Return the nodes that a limit is judged on: in a pool with nodes down, those with the smallest limits remain."""
    # accounts fixed to a node that is down go down with it and burden no other, so `fixed` judges all nodes
    if inputs.placement.rule == "fixed":
        return tuple(node.name for node in inputs.nodes)
    up = len(inputs.nodes) - inputs.placement.nodes_down
    smallest = sorted(inputs.nodes, key=lambda node: node.headroom(resource))[:up]
    return tuple(node.name for node in inputs.nodes if node in smallest)


def _spread(total: int, inputs: Inputs, shares: Mapping[str, float]) -> Mapping[str, int]:
    """Return the accounts by "level@node" of so many members [account] in all."""
    mix = inputs.members.mix.items()
    return allocate(total, {f"{level}@{node}": share * part for level, share in mix for node, part in shares.items()})


def _site(node: Node, demands: Mapping[str, Demand], counts: Mapping[str, int], place: str, inputs: Inputs) -> Site:
    levels = [level for level, share in inputs.members.mix.items() if share > 0]
    population = tuple((demands[level], float(counts.get(f"{level}@{place}", 0))) for level in levels)
    on_offer = (level for level, share in inputs.offer.mix.items() if share > 0)
    return Site(node, population, tuple(demands[level] for level in on_offer))
