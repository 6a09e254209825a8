"""A scenario as the plain numbers that formulas take: every input at its value, or at one draw."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np

from planner.model.inputs.capacity import (
    NO_LIMIT,
    RESOURCES,
    Demand,
    Inputs,
    Kind,
    Level,
    LinearLoad,
    Measure,
    Members,
    Node,
    Objective,
    Offer,
    Options,
    Placement,
    Rates,
    Resource,
    Review,
    ScaleliteLoad,
)
from planner.scenario.credit import trade
from planner.scenario.options import DAYS, LESS_EACH
from planner.scenario.reader import Scenario
from planner.scenario.usage import KindUse
from planner.scenario.values import Pick, Picked, central, entry, plain, rounded, shares, uncertain

__all__ = ["Pick", "central", "inputs", "trade", "uncertain"]


def inputs(scenario: Scenario, pick: Pick = central) -> Inputs:
    """Return what one answer needs, every estimate as picked."""
    get = Picked(scenario.estimates, pick)
    networks, spending, labour, cash = trade(scenario, pick)
    offer = _offer(scenario, get)
    return Inputs(
        nodes=tuple(_node(scenario, name, get) for name in scenario.names["nodes"]),
        levels={name: _level(name, get) for name in scenario.names["levels"]},
        demands={name: _demand(scenario, name, get) for name in scenario.names["levels"]},
        placement=Placement(
            rule=cast(Literal["fixed", "pool"], entry(scenario, "placement.rule")),
            members=shares(scenario, "placement.members"),
            offer=shares(scenario, "placement.offer"),
            nodes_down=get.whole("placement.nodes_down"),
            view_age=get.one("placement.view_age"),
        ),
        members=Members(
            accounts=rounded(get.one("members.accounts")) + rounded(get.one("members.in_credit")),
            mix=shares(scenario, "members.mix"),
            growth=get.one("members.growth"),
        ),
        offer=offer,
        objective=Objective(
            measure=cast(Measure, entry(scenario, "objective.measure")),
            at_most=get.one("objective.at_most"),
            confidence=get.one("objective.confidence"),
        ),
        networks=networks,
        spending=spending,
        labour=labour,
        cash=cash,
        horizon=get.whole("horizon"),
        start=scenario.start,
        options=Options(
            fixed_weekly=get.one("simulation.fixed_weekly"),
            surge=get.one("simulation.surge"),
            surge_day=DAYS.index(entry(scenario, "simulation.surge_day")),
            late=get.one("simulation.late"),
            late_by=get.one("simulation.late_by"),
        ),
    )


def _node(scenario: Scenario, name: str, get: Picked) -> Node:
    path = f"nodes.{name}"
    limits: dict[Resource, float] = {}
    reserve: dict[Resource, float] = {}
    for resource in RESOURCES:
        limit = get.maybe(f"{path}.limits.{resource}")
        if limit is not None:
            limits[resource] = plain(limit)
        kept = get.one(f"{path}.reserve.{resource}")
        if np.any(kept > 0):
            reserve[resource] = kept
    load: LinearLoad | ScaleliteLoad
    if entry(scenario, f"{path}.load_model") == "scalelite":
        young = f"{path}.scalelite"
        load = ScaleliteLoad(get.one(f"{young}.least"), get.one(f"{young}.until"), get.one(f"{young}.multiplier"))
    else:
        load = LinearLoad(*(_weight(path, name, get) for name in ("base", "per_room", "per_user", "per_stream")))
    return Node(name, limits, reserve, load, _rates(scenario, get))


def _rates(scenario: Scenario, get: Picked) -> Rates:
    """Return the bit rates of media: of many cameras each sends what BigBlueButton lets it, never more than of few."""
    media = "usage.media"
    camera = get.one(f"{media}.camera")
    fewer = Rates().camera[1:] if entry(scenario, f"{media}.many_cameras") == LESS_EACH else ()
    steps = ((0, camera), *((least, plain(np.minimum(camera, rate))) for least, rate in fewer))
    return Rates(steps, get.one(f"{media}.audio"), get.one(f"{media}.screenshare"))


def _weight(path: str, name: str, get: Picked) -> float:
    """Return a weight of the linear load: the node's own, else the one for all."""
    own = get.maybe(f"{path}.cpu.{name}")
    return get.one(f"usage.cpu.{name}") if own is None else plain(own)


def _level(name: str, get: Picked) -> Level:
    path = f"levels.{name}"
    return Level(
        name=name,
        price=get.whole(f"{path}.price"),
        participants=get.limit(f"{path}.participants"),
        rooms=get.limit(f"{path}.rooms"),
        duration=get.limit(f"{path}.duration"),
    )


def _demand(scenario: Scenario, level: str, get: Picked) -> Demand:
    use = scenario.usage[level]
    pick = get.pick
    return Demand(
        level=level,
        meetings=plain(pick(use.numbers["meetings"])) * plain(pick(use.numbers["season"])),
        spread=plain(pick(use.numbers["spread"])),
        rooms_at_once=get.limit(f"levels.{level}.rooms"),
        kinds=tuple(_kind(kind, level, get) for kind in use.kinds),
    )


def _kind(kind: KindUse, level: str, get: Picked) -> Kind:
    number = {name: plain(get.pick(one)) for name, one in kind.numbers.items() if one.value is not None}
    return Kind(
        share=1.0 if kind.share is None else plain(get.pick(kind.share)),
        duration=number["duration"],
        duration_cv=number["duration_cv"],
        duration_limit=get.limit(f"levels.{level}.duration"),
        # a draw far out in the lower tail may pass below what a meeting is
        size=plain(np.maximum(2.0, number["size"])),
        size_dispersion=number.get("size_dispersion", NO_LIMIT),
        participants=get.limit(f"levels.{level}.participants"),
        cameras=number["cameras"],
        moderators=rounded(number["moderators"]),
        page_size=rounded(number["page_size"]),
        screenshare=number["screenshare"],
        shape=kind.shape,
    )


def _offer(scenario: Scenario, get: Picked) -> Offer:
    review = "offer.review"
    return Offer(
        network=entry(scenario, "offer.network"),
        accounts=get.whole("offer.accounts"),
        mix=shares(scenario, "offer.mix"),
        cap=get.maybe_whole("offer.cap"),
        review=Review(
            after=get.whole(f"{review}.after"),
            at_accounts=get.maybe_whole(f"{review}.at"),
            hours_bought=get.decided(f"{review}.hours_bought"),
            months_since_purchase=get.maybe_whole(f"{review}.months_since_purchase"),
            idle_share=get.decided(f"{review}.idle_share"),
            episodes=get.decided(f"{review}.episodes"),
            volunteer_hours=get.decided(f"{review}.volunteer_hours"),
            pause_above=get.decided(f"{review}.pause_above"),
        ),
    )
