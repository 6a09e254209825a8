"""One large meeting beside all others: does it fit at its hour?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from planner.model.inputs.capacity import BINS_PER_WEEK, NO_LIMIT, RESOURCES, Floats, Inputs, Ints, Node, Resource
from planner.model.overload.busy_days import days_of
from planner.model.overload.columns import Columns
from planner.model.overload.contour_sum import tails
from planner.model.overload.mark_laws import mean_held
from planner.model.overload.node_draws import LEAST, NodeDraws, Place, WeekColumns, node_draws, places
from planner.model.overload.node_resources import Drawn

TOLERANCE = 1e-5
"""Error of a probability: a coarser one is for tails far out, and a large meeting may leave next to nothing [-]."""

SURE = 3
"""So many of the bins with the largest risks are looked at again, each by itself [-]."""
MOST_BINS, LOOKED_AT = 72, 40
"""Of a meeting with more 5-minute bins, in all draws these alone: with the largest risk in so many draws [-]."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a meeting fits on a node."""

    node: str
    fits: float
    """In about so much of all cases every limit of the node holds at that instant of the meeting at which it is
    passed most often [-]; nan = no limit of the node is known."""
    tightest: Resource | None
    """The limit that is passed most often; None = the node has none."""
    needs: float
    """Of it, by the meeting [the resource's unit]."""
    beside: float
    """Of it, by all others' meetings at the busiest instant, on average [the resource's unit]."""
    usable: float
    """Of it, in all, every input at its value [the resource's unit]."""
    when: int
    """The 5-minute bin of the week of the busiest instant [-]."""


def fit(of: Drawn, node: str, users: int, bins: Ints, month: int) -> Fit:
    """Return whether a meeting of so many users [user] fits on a node beside all others in a month [month]."""
    there = places(of.central, of.inputs, of.number, of.streams, month)
    place = next(one for one in there if one.central.name == node)
    over = np.zeros(of.number)
    found = Fit(node, math.nan, None, 0.0, 0.0, 0.0, int(bins[0]))
    largest = -1.0
    for resource in RESOURCES:
        if place.central.headroom(resource) == NO_LIMIT:
            continue
        passed, mean = _over(of, place, resource, users, bins)
        # limits are passed together or one without the other: the sum is never too small
        over = np.minimum(1.0, over + passed)
        share = float(passed @ of.weight / of.weight.sum())
        if share > largest:
            largest, at = share, int(np.average(mean, axis=1, weights=of.weight).argmax())
            beside = float(np.average(mean[at], weights=of.weight))
            needs = float(held(of.central, place.central, resource, users)[0])
            found = Fit(node, 0.0, resource, needs, beside, place.central.headroom(resource), int(bins[at]))
    if found.tightest is None:
        return found
    return replace(found, fits=1.0 - float(over @ of.weight / of.weight.sum()))


def held(inputs: Inputs, node: Node, resource: Resource, users: int, draws: int = 1) -> Floats:
    """Return what a meeting of so many users [user], cameras as in all others, holds [its unit] on average, (D,)."""
    return mean_held(next(iter(inputs.demands.values())).kinds[0], resource, node, users, draws)


def _over(of: Drawn, place: Place, resource: Resource, users: int, bins: Ints) -> tuple[Floats, Floats]:
    """Return P(the others leave too little) at its largest, shape (D,), and their mean, shape (T, D)."""
    free = _bench(of, place, resource, bins)
    mean = free.compound.mean(np.zeros(len(place.summed)))
    # marks end just above the limit: beside the meeting they end too soon for a mean
    needs = held(of.inputs, place.node, resource, users, of.number)
    # the lattice is made for what the central case leaves, which may be nothing where other draws leave much
    usual = min(float(held(of.central, place.central, resource, users)[0]), 0.5 * place.central.headroom(resource))
    nodes = _less(place.central, resource, usual), _less(place.node, resource, needs)
    bench = _bench(of, replace(place, central=nodes[0], node=nodes[1]), resource, bins)
    busiest, chosen = mean.argmax(axis=1), np.arange(len(bins))
    if len(bins) > MOST_BINS:
        some = np.arange(0, of.number, -(-of.number // LOOKED_AT))
        seen = of.weight[some] @ _passed(bench.only(some))
        chosen = np.lexsort((of.weight @ mean, seen))[-MOST_BINS:]
    # the largest mean is not always the largest risk: at another hour others meet, in larger meetings
    together = _passed(replace(bench, compound=bench.compound.at_columns(chosen)))
    worst = chosen[np.argsort(-together, axis=1)[:, :SURE]].T
    # one circle for all instants suits the busiest: where others meet, the sum is precise for an instant alone
    return np.max([_alone(bench, at) for at in (busiest, *worst)], axis=0), mean.T * free.step


def _alone(bench: NodeDraws, at: Ints) -> Floats:
    """Return P(a limit is passed) in each draw at an instant of its own, shape (D,)."""
    rows = np.arange(len(at))
    load, rate = (part[rows, :, at][:, :, None] for part in (bench.compound.load, bench.compound.rate))
    return _passed(replace(bench, compound=replace(bench.compound, load=load, rate=rate)))[:, 0]


def _passed(bench: NodeDraws) -> Floats:
    """Return P(a limit is passed) in each draw at each instant, shape (D, T)."""
    compound = bench.compound
    factors, weights = np.ones((2, len(compound.limit), 1)) if bench.days is None else bench.days
    over, nobody = np.zeros((len(compound.limit), compound.load.shape[2])), np.zeros((1, compound.kappa.shape[1]))
    for factor, weight in zip(factors.T, weights.T, strict=True):
        over += weight[:, None] * tails(compound.busier(factor), nobody, TOLERANCE, LEAST)[0][:, 0]
    return over


def _bench(of: Drawn, place: Place, resource: Resource, bins: Ints) -> NodeDraws:
    """Return the law of a resource that is limited, in each draw at each instant."""
    shape = np.zeros((BINS_PER_WEEK, len(bins)))
    shape[bins, np.arange(len(bins))] = 1.0
    columns = Columns(shape, np.zeros_like(shape), np.zeros(len(bins)))
    days = days_of(of.inputs.day_spread, of.number)
    of_week = WeekColumns(columns, of.inputs.demands, of.number, days)
    return node_draws(resource, [place], of_week, list(place.summed), {place.central.name: ()})[0]


def _less(node: Node, resource: Resource, by: float | Floats) -> Node:
    """Return a node that keeps so much more free of a resource."""
    kept = {**node.reserve, resource: by + node.reserve.get(resource, 0.0)}
    return replace(node, reserve=cast(Mapping[Resource, float], kept))
