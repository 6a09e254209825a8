"""Small worlds for the tests of admission: two servers, two levels, and what a test changes."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from credit_cases import ALL_PAY, NO_MONEY, NO_WORK, SAVE_UP

from planner.model.inputs.capacity import (
    Demand,
    Floats,
    Inputs,
    Kind,
    LinearLoad,
    Members,
    Node,
    Objective,
    Offer,
    Placement,
    Review,
)
from planner.model.inputs.pages import Pages
from planner.model.overload.node_resources import APART, Drawn

SHAPE = np.zeros(2016)
"""Working days from 9 to 17, half of the starts in the first five minutes of an hour."""
for day in range(5):
    for hour in range(9, 17):
        start = 288 * day + 12 * hour
        SHAPE[start : start + 12] = 0.5 / 11
        SHAPE[start] = 0.5
SHAPE *= 2016 / SHAPE.sum()

SMALL = Kind(
    share=1.0,
    duration=0.9,
    duration_cv=0.7,
    duration_limit=3.0,
    size=6.0,
    size_dispersion=1.5,
    participants=10.0,
    cameras=0.5,
    moderators=1,
    pages=Pages(5),
    screenshare=0.0,
    shape=SHAPE,
)
LARGE = replace(SMALL, size=9.0, participants=30.0)


def demand(level: str = "small", kind: Kind = SMALL, meetings: float = 2.0, spread: float = 1.0) -> Demand:
    """Return what one account of a level brings."""
    return Demand(level, meetings, spread, 5.0, (kind,))


def node(name: str = "de", **limits: float) -> Node:
    """Return a server with some limits."""
    return Node(name, limits, {}, LinearLoad(0.03, 0.003, 0.003, 0.0003))  # type: ignore[arg-type]


def world(**changes: Any) -> Inputs:
    """Return one server of 90 users with 30 small and 10 large accounts on it; `changes` are fields of `Inputs`."""
    inputs = Inputs(
        nodes=(node(users=90.0),),
        prices={"small": 900, "large": 1800},
        demands={"small": demand(), "large": demand("large", LARGE)},
        placement=Placement("fixed", {"de": 1.0}, {"de": 1.0}),
        members=Members(40, {"small": 0.75, "large": 0.25}, 0.0),
        offer=Offer("ocn", 5, {"small": 1.0}, None, Review(after=6)),
        objective=Objective("episodes", 1 / 12, 0.9),
        networks={"ocn": ALL_PAY},
        spending=SAVE_UP,
        labour=NO_WORK,
        cash=NO_MONEY,
        horizon=36,
        start=(2021, 4),
    )
    return replace(inputs, **changes)


def busier(inputs: Inputs, meetings: float = 1.0, duration: float = 1.0, size: float = 1.0) -> Inputs:
    """Return the inputs with more, longer or larger meetings of every level, by these factors."""

    def of(one: Demand) -> Demand:
        kinds = tuple(replace(kind, duration=kind.duration * duration, size=kind.size * size) for kind in one.kinds)
        return replace(one, meetings=one.meetings * meetings, kinds=kinds)

    return replace(inputs, demands={name: of(one) for name, one in inputs.demands.items()})


def with_limit(inputs: Inputs, **limits: float) -> Inputs:
    """Return the inputs with the first server's limits replaced."""
    first, *others = inputs.nodes
    return replace(inputs, nodes=(replace(first, limits=limits), *others))


def draws_of(inputs: Inputs, n: int, seed: int) -> list[Inputs]:
    """Return draws in which meetings, their length and size, how uneven accounts are, and limits are uncertain."""
    rng = np.random.default_rng(seed)
    drawn = []
    for meetings, duration, size, limit, uneven in np.exp(rng.standard_normal((n, 5)) * [0.3, 0.1, 0.15, 0.15, 0.4]):
        one = busier(inputs, meetings, duration, size)
        nodes = tuple(replace(each, limits=_times(each.limits, limit)) for each in one.nodes)
        demands = {name: replace(each, spread=each.spread * uneven) for name, each in one.demands.items()}
        drawn.append(replace(one, nodes=nodes, demands=demands))
    return drawn


def _times(limits: Mapping[Any, float], factor: float) -> dict[Any, float]:
    """Return whole limits times a factor; a share stays."""
    return {name: float(np.floor(value * factor)) if value > 1 else value for name, value in limits.items()}


def stacked(drawn: Sequence[Any]) -> Any:
    """Return single draws as one record: an ndarray where they differ, the number itself where they are alike."""
    first = drawn[0]
    if isinstance(first, int | float) and not isinstance(first, bool):
        numbers = np.array(drawn, dtype=np.float64)
        return first if (numbers == numbers[0]).all() else numbers
    if is_dataclass(first):
        names = [one.name for one in fields(first) if one.name not in APART]
        return replace(first, **{name: stacked([getattr(one, name) for one in drawn]) for name in names})  # type: ignore[type-var]
    if isinstance(first, Mapping):
        return {key: stacked([one[key] for one in drawn]) for key in first}
    return tuple(map(stacked, zip(*drawn, strict=True))) if isinstance(first, tuple) else first


def over(central: Inputs, drawn: Sequence[Inputs], scores: Mapping[str, Floats] | None = None) -> Drawn:
    """Return draws as arrays, members averaged over."""
    return Drawn(central, stacked(drawn), len(drawn), None, np.ones(len(drawn)), scores or {})
