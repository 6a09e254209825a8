"""The risk if everybody met more often or less: each server limit's measure on a grid, from few draws of the inputs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.model.admission.node_limit import NodeLimit
from planner.model.inputs.allocation import arrivals
from planner.model.inputs.capacity import Floats, Objective, Resource
from planner.model.overload.accounts_over_draws import ALWAYS, attribute
from planner.model.overload.node_draws import NodeDraws
from planner.model.overload.node_resources import Drawn, node_resources
from planner.model.overload.risks import risks

REACH = math.log(5)
"""A limit whose measure is nowhere within this of the worst one's, in its logarithm, is left out [-]."""
ABOUT = np.linspace(-0.04, 0.04, 5)
"""Quantiles about that of the confidence that are averaged: one alone jumps from draw to draw [-]."""
NARROW = 1.0
"""Draws are weighed by how many standard deviations their tail is from that of the confidence [-]."""
TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The objective's measure of one limit against how busy everybody is and the number of further accounts."""

    node: str
    resource: Resource
    central: Floats
    """With every input at its value, ndarray of shape (n_busy, n_accounts) [the measure's unit]."""
    at_confidence: Floats
    """At the objective's confidence over the draws, the same shape [the measure's unit]."""


def surfaces(
    of: Drawn, limits: Sequence[NodeLimit], busy: Sequence[float], accounts: Sequence[int]
) -> tuple[Surface, ...]:
    """Return the surfaces of the limits that matter, each agreeing with its curve where nobody is busier."""
    # If everybody meets b times as often, load and rate of arrivals are b times as high and all else is as it was. So
    # few draws say only how the risk changes, not how large it is: see docs/model-admission.md.
    coming = arrivals(of.central)
    kept = [limit for limit in _near_the_worst(limits) if coming.reach(limit.node)]
    there = {(one.node.name, one.resource): one for one in (node_resources(of) if kept else ())}
    found = []
    for limit in kept:
        bench, goal = there[limit.node, limit.resource], of.central.objective
        extras = [bench.extra(n) for n in accounts]
        both = [_measure(each, busy, extras, goal) for each in (bench.at_value.draws, bench.drawn.draws)]
        found.append(_fitted(limit, np.concatenate(both, axis=2), list(busy).index(1.0), accounts, goal.confidence))
    return tuple(found)


def _near_the_worst(limits: Sequence[NodeLimit]) -> list[NodeLimit]:
    """Return the limits whose curves come near the worst of them with some number of accounts."""
    points = sorted({n for limit in limits for n in limit.curve.accounts})
    logs = np.array([log_between(limit.curve.accounts, limit.curve.at_confidence, points) for limit in limits])
    return [limit for limit, own in zip(limits, logs, strict=True) if (own > logs.max(axis=0) - REACH).any()]


def log_between(knots: Sequence[int], values: Sequence[float], accounts: Sequence[int]) -> Floats:
    """Return the logarithm of a measure [-] between the knots of its curve, beyond the last along its last stretch."""
    logs = np.log(np.array(values) + TINY)
    inside = np.interp(accounts, knots, logs)
    if len(knots) < 2:
        return inside
    slope = max(0.0, (logs[-1] - logs[-2]) / (knots[-1] - knots[-2]))
    return np.asarray(inside + slope * np.maximum(np.array(accounts) - knots[-1], 0))


def _measure(of: NodeDraws, busy: Sequence[float], extras: Sequence[Sequence[float]], goal: Objective) -> Floats:
    """Return the objective's measure of each draw, ndarray of shape (n_busy, n_accounts, n_draws)."""
    rows = []
    for b in busy:
        compound = replace(of.compound, load=b * of.compound.load, rate=b * of.compound.rate)
        found = risks(replace(of, compound=compound), extras)
        value = found[attribute(goal.measure)]
        if goal.measure not in {"minutes", "busiest_instant"}:
            # over more often than not: the objective is missed, however few the episodes
            value = np.where(found["busiest_instant"] >= ALWAYS, np.maximum(value, 2 * goal.at_most), value)
        rows.append(value.T)
    return np.array(rows)


def _fitted(limit: NodeLimit, rough: Floats, usual: int, accounts: Sequence[int], confidence: float) -> Surface:
    """Return one limit's surface from the measures, at the value and by draw, (n_busy, n_accounts, 1 + n_draws)."""
    logs, curve = np.log(rough + TINY), limit.curve
    at_value, sure = (log_between(curve.accounts, its, accounts) for its in (curve.central, curve.at_confidence))
    central = np.exp(logs[:, :, 0] - logs[usual, :, 0] + at_value)
    ceiling = max(float(logs.max()), float(sure.max())) + 0.5
    distance, known = np.sqrt(2 * (ceiling - logs[:, :, 1:])), np.sqrt(2 * (ceiling - sure))
    there = np.array(
        [
            [_carried(distance[usual, j], distance[i, j], float(known[j]), confidence) for j in range(len(accounts))]
            for i in range(len(rough))
        ]
    )
    there[usual] = known
    return Surface(limit.node, limit.resource, central, np.exp(ceiling - 0.5 * np.maximum(there, 0.0) ** 2))


def _carried(usual: Floats, busier: Floats, known: float, confidence: float) -> float:
    """Return what a distance becomes: by as much as its quantile over the draws moves."""
    # What few draws miss of the quantile where nobody is busier, they miss of the other too: it is carried along by the
    # straight line through the draws that is best near it.
    nearby = np.clip(1 - confidence + ABOUT, 0.5 / len(usual), 1 - 0.5 / len(usual))
    before, after = (float(np.quantile(distances, nearby).mean()) for distances in (usual, busier))
    weight = np.exp(-0.5 * ((usual - before) / NARROW) ** 2) + 1e-3
    weight /= weight.sum()
    x, y = float(weight @ usual), float(weight @ busier)
    spread = float(weight @ (usual - x) ** 2)
    slope = float(weight @ ((usual - x) * (busier - y))) / spread if spread > 1e-12 else 1.0
    return after + slope * (known - before)
