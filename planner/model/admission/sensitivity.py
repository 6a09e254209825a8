"""What would change the number: each input known at its low or its high, a limit known to be higher, and growth."""

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from planner.model.inputs.allocation import sites
from planner.model.inputs.capacity import RESOURCES, Floats, Inputs, Objective, Resource
from planner.model.inputs.distributions import Z90, normal_scores
from planner.model.limit import MOST, smallest_of
from planner.model.overload.accounts_over_draws import attribute, excess, missed, weighted_quantile
from planner.model.overload.busy_days import rule
from planner.model.overload.measures import PRECISION, measures, measures_over_days
from planner.model.overload.node_resources import Drawn, NodeResource, node_resources, some_of
from planner.model.overload.occupancy_law import law

NARROW = 1.0
"""A surface is fitted where the tail is within about so many standard deviations of its bound [-]."""
IDLE, PRODUCTS = 0.03, 6
"""An input whose effect is less than this share of the largest has none; so many of the others have products [-]."""
SURE = 3.0
"""An effect that is not so many of its own standard errors is none: of 15 that are none hardly one passes [-]."""
PER_TERM = 5
"""So many draws, counted by their weight, are fitted for each term of a surface, or it has fewer terms [-]."""
FEW_DRAWS = 100
"""Draws that a lever is worked out with."""
Surface = Callable[[Floats], Floats]
"""From normal scores of the inputs, ndarray of shape (n_inputs, n_draws), to a height for each draw."""


@dataclass(frozen=True, slots=True)
class Swing:
    """What is known of one input does to the servers' number; None = more than was looked at."""

    path: str
    at_low: int | None
    """The number at the objective's confidence if the input were known to be its low [account]."""
    at_high: int | None
    """The same, its high [account]."""
    now: int | None
    """The number as it is, with the input as uncertain as stated [account]."""
    risk_at_low: float
    """The objective's measure at its confidence with the accounts asked for, if the input were known to be its low
    [the measure's unit]."""
    risk_at_high: float
    """The same, its high [the measure's unit]."""
    risk_now: float
    """The same as it is [the measure's unit]."""


def swings(
    bench: NodeResource, knots: tuple[int, ...], offered: int, objective: Objective, values: Mapping[str, Floats]
) -> tuple[Swing, ...]:
    """Return for each uncertain input the number of one limit if it were known, the others as uncertain as now."""
    # By a quadratic surface in the inputs' normal scores, see docs/model-admission.md: Box, Wilson, On the experimental
    # attainment of optimum conditions, Journal of the Royal Statistical Society B 13(1), 1951 (response surfaces).
    name, draws = attribute(objective.measure), len(bench.drawn.weight)
    measure = np.array([bench.drawn.every(n)[name] for n in knots])
    ceiling = math.log(max(float(measure.max()), objective.at_most)) + 0.5
    # a tail probability falls like exp(-t^2/2), so t, unlike the log, is nearly straight in the inputs
    distances = np.sqrt(2 * (ceiling - np.log(measure + 1e-300)))
    bound = math.sqrt(2 * (ceiling - math.log(objective.at_most + 1e-300)))
    mine = {path: normal_scores(drawn) for path, drawn in values.items() if _concerns(path, bench)}
    scores = np.array(list(mine.values())).reshape(len(mine), draws)
    surfaces = _surfaces(scores, distances, bound)
    residuals = [one - surface(scores) for one, surface in zip(distances, surfaces, strict=True)]

    def read_off(moved: Floats) -> tuple[int | None, float]:
        at = np.array([-weighted_quantile(-row, bench.drawn.weight, objective.confidence) for row in moved])
        return _crossing(knots, -at, -bound), math.exp(ceiling - 0.5 * max(0.0, at[knots.index(offered)]) ** 2)

    now = read_off(distances)
    found = []
    for path in values:
        ends = []
        for z in (-Z90, Z90) if path in mine else ():
            there = scores.copy()
            there[list(mine).index(path)] = z
            moved = [one + surface(there) for one, surface in zip(residuals, surfaces, strict=True)]
            ends.append(read_off(np.array(moved)))
        (low, risk_low), (high, risk_high) = ends or (now, now)
        found.append(Swing(path, low, high, now[0], risk_low, risk_high, now[1]))
    return tuple(found)


def smallest(of_limits: Sequence[Sequence[Swing]]) -> tuple[Swing, ...]:
    """Return the swings of the smallest of several limits, and of the largest risk; the largest swing first."""
    found = [
        Swing(
            path=same[0].path,
            at_low=smallest_of(one.at_low for one in same),
            at_high=smallest_of(one.at_high for one in same),
            now=smallest_of(one.now for one in same),
            risk_at_low=max(one.risk_at_low for one in same),
            risk_at_high=max(one.risk_at_high for one in same),
            risk_now=max(one.risk_now for one in same),
        )
        for same in zip(*of_limits, strict=True)
    ]

    def size(swing: Swing) -> tuple[int, float]:
        low, high = (MOST if end is None else end for end in (swing.at_low, swing.at_high))
        return abs(high - low), abs(math.log((swing.risk_at_high + 1e-300) / (swing.risk_at_low + 1e-300)))

    return tuple(sorted(found, key=size, reverse=True))


def _concerns(path: str, bench: NodeResource) -> bool:
    """Return whether a limit can depend on an input: it does on nothing of another node, and on no other limit."""
    if not path.startswith("nodes."):
        return True
    kind, _, resource = path.removeprefix(f"nodes.{bench.node.name}.").partition(".")
    return kind != "nodes" and (kind not in {"limits", "reserve"} or resource == bench.resource)


def _surfaces(scores: Floats, distances: Floats, bound: float) -> list[Surface]:
    """Return for each number of accounts the surface that fits the distances best where they are near the bound."""
    # It has every input that matters straight and squared, and the products of those that matter most, as far as there
    # are draws enough. Which matter more than chance is asked over all numbers of accounts together.
    inputs, draws = scores.shape
    if draws < 2 * (1 + inputs):  # so few that nothing can be told from chance
        return [lambda at: np.zeros(at.shape[1])] * len(distances)
    squared = draws >= PER_TERM * (1 + 2 * inputs)
    alone = np.vstack([np.ones(draws), scores, *([scores**2] if squared else [])]).T
    weights = [_weights(heights, bound, PER_TERM * (1 + inputs)) for heights in distances]
    effects, errors = np.array(
        [_straight(alone, heights, weight, inputs) for heights, weight in zip(distances, weights, strict=True)]
    ).transpose(1, 0, 2)
    chance = np.median(effects / errors, axis=0) < SURE
    effects[:, chance] = 0.0
    return [
        _surface(scores, heights, weight, effect)
        for heights, weight, effect in zip(distances, weights, effects, strict=True)
    ]


def _weights(heights: Floats, bound: float, enough: int) -> Floats:
    """Return the square roots of the draws' weights: most near the bound, over so wide a range that enough count."""
    width = NARROW
    while True:
        weight = np.exp(-0.5 * ((heights - bound) / width) ** 2) + 1e-3
        if weight.sum() ** 2 / (weight**2).sum() >= min(enough, 0.9 * len(heights)):
            return np.asarray(np.sqrt(weight))
        width *= 1.5


def _straight(terms: Floats, heights: Floats, weight: Floats, inputs: int) -> tuple[Floats, Floats]:
    """Return how much each input does straight, and the standard error of it, which needs no law of what is missed."""
    # MacKinnon, White, Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample
    # properties, Journal of Econometrics 29(3), 1985 (the estimator HC3).
    weighted = terms * weight[:, None]
    inverse = np.linalg.pinv(weighted)
    found = inverse @ (heights * weight)
    left = (heights - terms @ found) * weight
    leverage = np.einsum("ij,ji->i", weighted, inverse)
    error = np.sqrt((inverse**2) @ (left / np.maximum(1 - leverage, 1e-9)) ** 2)
    return np.abs(found[1 : inputs + 1]), error[1 : inputs + 1] + 1e-300


def _surface(scores: Floats, heights: Floats, weight: Floats, effect: Floats) -> Surface:
    """Return one surface, from how much each input does straight."""
    draws = len(heights)
    matter = np.flatnonzero(effect > IDLE * effect.max(initial=0.0))
    most = matter[np.argsort(-effect[matter])][:PRODUCTS]
    squared = matter if draws >= PER_TERM * (1 + 2 * len(matter)) else matter[:0]
    first, second = (most[side] for side in np.triu_indices(len(most), 1))
    if draws < PER_TERM * (1 + 2 * len(matter) + len(first)):
        first, second = first[:0], second[:0]

    def terms(at: Floats) -> Floats:
        return np.vstack([np.ones(at.shape[1]), at[matter], at[squared] ** 2, at[first] * at[second]]).T

    coefficients, *_ = np.linalg.lstsq(terms(scores) * weight[:, None], heights * weight)
    return lambda at: np.asarray(terms(at) @ coefficients)


def _crossing(knots: Sequence[int], logs: Floats, bound: float) -> int | None:
    """Return the last whole number before the log of the measure passes the bound; None beyond the last knot."""
    above = np.flatnonzero(logs > bound)
    if not len(above):
        return None
    last = int(above[0])
    if last == 0:
        return 0
    share = float((bound - logs[last - 1]) / (logs[last] - logs[last - 1]))
    return math.floor(knots[last - 1] + share * (knots[last] - knots[last - 1]) + 1e-9)


def limit_needed(of: Drawn, node: str, resource: Resource, accounts: int) -> float | None:
    """Return how high a limit [its unit] has to be, known for certain, for so many accounts to meet the objective."""
    goal, few = of.central.objective, some_of(of, FEW_DRAWS)

    def meets(limit: float) -> bool:
        changed = replace(few, central=known(few.central, limit), inputs=known(few.inputs, limit))
        (bench,) = node_resources(changed, (node,), (resource,))
        return weighted_quantile(excess(bench.drawn.every(accounts), goal), few.weight, goal.confidence) <= 0.0

    def known(inputs: Inputs, limit: float) -> Inputs:
        nodes = (
            replace(one, limits={**one.limits, resource: limit}) if one.name == node or pooled else one
            for one in inputs.nodes
        )
        return replace(inputs, nodes=tuple(nodes))

    pooled = of.central.placement.rule == "pool"
    stated = next(one for one in of.central.nodes if one.name == node).limits[resource]
    unit = 10.0 ** (math.floor(math.log10(stated)) - 1)
    low, high = stated, math.ceil(1.5 * stated / unit) * unit
    while not meets(high):
        if high > 8 * stated:
            return None
        low, high = high, math.ceil(1.5 * high / unit) * unit
    while high - low > 1.5 * unit:
        middle = round(0.5 * (low + high) / unit) * unit
        low, high = (low, middle) if meets(middle) else (middle, high)
    return high


def growth_fills(central: Inputs, members_known: bool = False) -> tuple[int, str, Resource] | None:
    """Return the first month in which the members' growth alone breaks the objective, and where it does."""
    objective = central.objective

    def broken(month: int, name: str, resource: Resource) -> bool:
        today, then = (
            sites(central, math.floor(central.members.accounts + central.members.growth * m + 0.5))[name]
            for m in (0, month)
        )
        known = [(demand, min(n, then.population[k][1])) for k, (demand, n) in enumerate(today.population)]
        grown = [(demand, n - known[k][1]) for k, (demand, n) in enumerate(then.population)]
        there = law(
            then.node, resource, grown if members_known else then.population, (), known if members_known else ()
        )
        precision = PRECISION if central.day_spread == 0.0 else 1e-4
        # what is met on the busiest days is met over all: where episodes get fewer with more load, `excess` says missed
        if central.day_spread > 0.0 and not missed(measures(there.busier(busiest), precision=precision), objective):
            return False
        return missed(measures_over_days(there, central.day_spread, precision=precision), objective)

    busiest = float(rule(central.day_spread)[0].max())
    first: tuple[int, str, Resource] | None = None
    for node in central.nodes:
        for resource in RESOURCES:
            if resource not in node.limits:
                continue
            last = central.horizon if first is None else first[0] - 1
            if last < 0 or not broken(last, node.name, resource):
                continue
            month = bisect_left(range(last), True, key=partial(broken, name=node.name, resource=resource))
            first = (month, node.name, resource)
    return first
