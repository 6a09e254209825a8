"""A scenario as the plain numbers that formulas take: every input at its value, or at one draw."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np

from planner.model.inputs import capacity
from planner.model.inputs.capacity import RESOURCES, Demand, Inputs, Kind, Node, Offer, Options, Rates
from planner.model.inputs.pages import Pages
from planner.scenario.cpu import CPU
from planner.scenario.credit import trade
from planner.scenario.reader import Scenario
from planner.scenario.schema import DAYS, LESS_EACH
from planner.scenario.usage import KindUse
from planner.scenario.values import Pick, Picked, central, entry, known, rounded, shares, uncertain

_REVIEW = ("hours_bought", "idle_share", "episodes", "volunteer_hours", "pause_above")
__all__ = ["Pick", "central", "inputs", "known", "trade", "uncertain"]


def inputs(scenario: Scenario, pick: Pick = central) -> Inputs:
    """Return what one answer needs, what the servers depend on as picked; the credit side has draws of its own."""
    get = Picked(scenario.estimates, pick)
    networks, spending, labour, cash = trade(scenario)
    return Inputs(
        nodes=tuple(_node(scenario, name, get) for name in scenario.names["nodes"]),
        prices={name: get.whole(f"levels.{name}.price") for name in scenario.names["levels"]},
        demands={name: _demand(scenario, name, get) for name in scenario.names["levels"]},
        placement=capacity.Placement(
            rule=cast(Literal["fixed", "pool"], entry(scenario, "placement.rule")),
            members=shares(scenario, "placement.members"),
            offer=shares(scenario, "placement.offer"),
            nodes_down=get.whole("placement.nodes_down"),
            view_age=get("placement.view_age"),
        ),
        members=capacity.Members(
            accounts=rounded(get("members.accounts")) + rounded(get("members.in_credit")),
            mix=shares(scenario, "members.mix"),
            growth=get("members.growth"),
        ),
        offer=_offer(scenario, get),
        objective=capacity.Objective(
            measure=cast(capacity.Measure, entry(scenario, "objective.measure")),
            **get.several("objective", "at_most", "confidence", "confidence_reversible"),
        ),
        networks=networks,
        spending=spending,
        labour=labour,
        cash=cash,
        horizon=get.whole("horizon"),
        start=scenario.start,
        options=Options(
            surge_day=DAYS.index(entry(scenario, "simulation.surge_day")),
            **get.several("simulation", "fixed_weekly", "surge", "late", "late_by"),
        ),
        day_spread=get("usage.everyone.day_spread"),
    )


def _node(scenario: Scenario, name: str, get: Picked[float]) -> Node:
    path = f"nodes.{name}"
    stated = {resource: get.maybe(f"{path}.limits.{resource}") for resource in RESOURCES}
    limits = {resource: limit for resource, limit in stated.items() if limit is not None}
    kept = {resource: get(f"{path}.reserve.{resource}") for resource in RESOURCES}
    reserve = {resource: free for resource, free in kept.items() if np.any(free > 0)}
    load: capacity.LinearLoad | capacity.ScaleliteLoad
    if entry(scenario, f"{path}.load_model") == "scalelite":
        load = capacity.ScaleliteLoad(**get.several(f"{path}.scalelite", "least", "until", "multiplier"))
    else:
        load = _linear_load(scenario, path, get)
    return Node(name, limits, reserve, load, _rates(scenario, get))


def _linear_load(scenario: Scenario, path: str, get: Picked[float]) -> capacity.LinearLoad:
    """Return the weights of a node: its own, times its own factor, or those of all nodes."""
    # where nobody records, what that would take is no part of the lattice either
    recorded = any(kind.numbers["recorded"].value for use in scenario.usage.values() for kind in use.kinds)
    own = get.maybe(f"{path}.cpu.factor")
    common = get("usage.cpu.factor") if own is None else own
    weights = {}
    for name in (*CPU, "per_recording"):
        stated, usual = (get.maybe(f"{section}.{name}") for section in (f"{path}.cpu", "usage.cpu"))
        factor, weight = (common, usual) if stated is None else (1.0 if own is None else own, stated)
        weights[name] = 0.0 if weight is None or (name == "per_recording" and not recorded) else factor * weight
    return capacity.LinearLoad(**weights)


def _rates(scenario: Scenario, get: Picked[float]) -> Rates:
    """Return the bit rates of media: of many cameras each sends what BigBlueButton lets it, never more than of few."""
    media = "usage.media"
    camera = get(f"{media}.camera")
    fewer = Rates().camera[1:] if entry(scenario, f"{media}.many_cameras") == LESS_EACH else ()
    steps = ((0, camera), *((least, np.minimum(camera, rate)) for least, rate in fewer))
    return Rates(steps, get(f"{media}.audio"), get(f"{media}.screenshare"))


def _demand(scenario: Scenario, level: str, get: Picked[float]) -> Demand:
    use = scenario.usage[level]
    meetings, season, spread = (get.pick(use.numbers[name]) for name in ("meetings", "season", "spread"))
    return Demand(
        level=level,
        meetings=meetings * season,
        spread=spread,
        rooms_at_once=get.limit(f"levels.{level}.rooms"),
        kinds=tuple(_kind(kind, level, get) for kind in use.kinds),
        season=season,
    )


def _kind(kind: KindUse, level: str, get: Picked[float]) -> Kind:
    number = {name: get.pick(each) for name, each in kind.numbers.items() if each.value is not None}
    return Kind(
        share=1.0 if kind.share is None else get.pick(kind.share),
        duration_limit=get.limit(f"levels.{level}.duration"),
        # a draw far out in the lower tail may pass below what a meeting is
        size=np.maximum(2.0, number["size"]),
        size_dispersion=number.get("size_dispersion", capacity.NO_LIMIT),
        participants=get.limit(f"levels.{level}.participants"),
        moderators=rounded(number["moderators"]),
        pages=Pages(round(central(kind.numbers["page_size"])), kind.steps),
        shape=kind.shape,
        **{name: number[name] for name in ("duration", "duration_cv", "cameras", "screenshare", "recorded")},
    )


def _offer(scenario: Scenario, get: Picked[float]) -> Offer:
    review = "offer.review"
    return Offer(
        network=entry(scenario, "offer.network"),
        accounts=get.whole("offer.accounts"),
        mix=shares(scenario, "offer.mix"),
        cap=get.maybe_whole("offer.cap"),
        review=capacity.Review(
            after=get.whole(f"{review}.after"),
            at_accounts=get.maybe_whole(f"{review}.at"),
            months_since_purchase=get.maybe_whole(f"{review}.months_since_purchase"),
            **{name: get.decided(f"{review}.{name}") for name in _REVIEW},
        ),
    )
