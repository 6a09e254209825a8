"""A scenario as the plain numbers that formulas take: every input at its value, or at one draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, cast

import numpy as np

from planner.model.inputs import (
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
    Placement,
    Resource,
    Review,
    ScaleliteLoad,
)
from planner.model.trade import Cash, Labour, Network, Number, Seller, Spending, Supplier
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario
from planner.scenario.usage import KindUse

Pick = Callable[[Estimate], Number]
"""What an estimate is in this answer: its value, one draw, or an ndarray of shape (n_paths,)."""


def central(estimate: Estimate) -> float:
    """Return the value of an estimate that has one.

    Raises
    ------
    ValueError
        If the scenario says `none`.
    """
    if estimate.value is None:
        raise ValueError(f"{estimate.path} is none")
    return estimate.value


def uncertain(scenario: Scenario) -> tuple[Estimate, ...]:
    """Return the estimates with a stated range, in the order of the schema."""
    return tuple(one for one in scenario.estimates.values() if one.value is not None and one.ranged)


class _Picked:
    """The scenario's numbers by path, each as picked; `none` is None."""

    __slots__ = ("estimates", "pick")

    def __init__(self, estimates: Mapping[str, Estimate], pick: Pick) -> None:
        self.estimates = estimates
        self.pick = pick

    def __call__(self, path: str) -> Number:
        """Return a number that is always there."""
        return self.pick(self.estimates[path])

    def maybe(self, path: str) -> Number | None:
        """Return a number, or None for `none` and for what is not stated."""
        one = self.estimates.get(path)
        return None if one is None or one.value is None else self.pick(one)

    def one(self, path: str) -> float:
        """Return a number of which there is one for all paths."""
        return float(self.pick(self.estimates[path]))

    def limit(self, path: str) -> float:
        """Return a number, infinite for `none`."""
        found = self.maybe(path)
        return NO_LIMIT if found is None else float(found)

    def whole(self, path: str) -> int:
        """Return a whole number."""
        return round(self.one(path))

    def maybe_whole(self, path: str) -> int | None:
        """Return a whole number, or None for `none`."""
        found = self.maybe(path)
        return None if found is None else round(float(found))

    def maybe_one(self, path: str) -> float | None:
        """Return one number for all paths, or None for `none`."""
        found = self.maybe(path)
        return None if found is None else float(found)


def inputs(scenario: Scenario, pick: Pick = central) -> Inputs:
    """Return what one answer needs, every estimate as picked.

    Parameters
    ----------
    scenario : Scenario
        What a person wrote [-].
    pick : callable
        From an estimate to one float in its base unit [-].
    """
    get = _Picked(scenario.estimates, pick)
    networks, spending, labour, cash = trade(scenario, pick)
    offer = _offer(scenario, get)
    return Inputs(
        nodes=tuple(_node(scenario, name, get) for name in scenario.names["nodes"]),
        levels={name: _level(name, get) for name in scenario.names["levels"]},
        demands={name: _demand(scenario, name, get) for name in scenario.names["levels"]},
        placement=Placement(
            rule=cast(Literal["fixed", "pool"], _entry(scenario, "placement.rule")),
            members=_shares(scenario, "placement.members"),
            offer=_shares(scenario, "placement.offer"),
            nodes_down=get.whole("placement.nodes_down"),
            view_age=get.one("placement.view_age"),
        ),
        members=Members(
            accounts=get.whole("members.accounts"),
            mix=_shares(scenario, "members.mix"),
            growth=get.one("members.growth"),
        ),
        offer=offer,
        objective=Objective(
            measure=cast(Measure, _entry(scenario, "objective.measure")),
            at_most=get.one("objective.at_most"),
            confidence=get.one("objective.confidence"),
        ),
        networks=networks,
        spending=spending,
        labour=labour,
        cash=cash,
        horizon=get.whole("horizon"),
        start=scenario.start,
    )


def _entry(scenario: Scenario, path: str) -> str:
    return cast(str, scenario.entries[path].value)


def _shares(scenario: Scenario, path: str) -> Mapping[str, float]:
    return cast(Mapping[str, float], scenario.entries[path].value)


def _node(scenario: Scenario, name: str, get: _Picked) -> Node:
    path = f"nodes.{name}"
    limits: dict[Resource, float] = {}
    reserve: dict[Resource, float] = {}
    for resource in RESOURCES:
        limit = get.maybe(f"{path}.limits.{resource}")
        if limit is not None:
            limits[resource] = float(limit)
        kept = get.one(f"{path}.reserve.{resource}")
        if kept > 0:
            reserve[resource] = kept
    load: LinearLoad | ScaleliteLoad
    if _entry(scenario, f"{path}.load_model") == "scalelite":
        young = f"{path}.scalelite"
        load = ScaleliteLoad(get.one(f"{young}.least"), get.one(f"{young}.until"), get.one(f"{young}.multiplier"))
    else:
        load = LinearLoad(*(_weight(path, name, get) for name in ("base", "per_room", "per_user", "per_stream")))
    return Node(name, limits, reserve, load)


def _weight(path: str, name: str, get: _Picked) -> float:
    """Return a weight of the linear load: the node's own, else the one for all."""
    own = get.maybe(f"{path}.cpu.{name}")
    return get.one(f"usage.cpu.{name}") if own is None else float(own)


def _level(name: str, get: _Picked) -> Level:
    path = f"levels.{name}"
    return Level(
        name=name,
        price=get.whole(f"{path}.price"),
        participants=get.limit(f"{path}.participants"),
        rooms=get.limit(f"{path}.rooms"),
        duration=get.limit(f"{path}.duration"),
    )


def _demand(scenario: Scenario, level: str, get: _Picked) -> Demand:
    use = scenario.usage[level]
    pick = get.pick
    return Demand(
        level=level,
        meetings=float(pick(use.numbers["meetings"])) * float(pick(use.numbers["season"])),
        spread=float(pick(use.numbers["spread"])),
        rooms_at_once=get.limit(f"levels.{level}.rooms"),
        kinds=tuple(_kind(kind, level, get) for kind in use.kinds),
    )


def _kind(kind: KindUse, level: str, get: _Picked) -> Kind:
    number = {name: float(get.pick(one)) for name, one in kind.numbers.items() if one.value is not None}
    return Kind(
        share=1.0 if kind.share is None else float(get.pick(kind.share)),
        duration=number["duration"],
        duration_cv=number["duration_cv"],
        duration_limit=get.limit(f"levels.{level}.duration"),
        # a draw far out in the lower tail may pass below what a meeting is
        size=max(2.0, number["size"]),
        size_dispersion=number.get("size_dispersion", NO_LIMIT),
        participants=get.limit(f"levels.{level}.participants"),
        cameras=number["cameras"],
        moderators=round(number["moderators"]),
        page_size=round(number["page_size"]),
        screenshare=number["screenshare"],
        shape=kind.shape,
    )


def _offer(scenario: Scenario, get: _Picked) -> Offer:
    review = "offer.review"
    return Offer(
        network=_entry(scenario, "offer.network"),
        accounts=get.whole("offer.accounts"),
        mix=_shares(scenario, "offer.mix"),
        cap=get.maybe_whole("offer.cap"),
        review=Review(
            after=get.whole(f"{review}.after"),
            at_accounts=get.maybe_whole(f"{review}.at"),
            hours_bought=get.maybe_one(f"{review}.hours_bought"),
            months_since_purchase=get.maybe_whole(f"{review}.months_since_purchase"),
            idle_share=get.maybe_one(f"{review}.idle_share"),
            episodes=get.maybe_one(f"{review}.episodes"),
            volunteer_hours=get.maybe_one(f"{review}.volunteer_hours"),
            pause_above=get.maybe_one(f"{review}.pause_above"),
        ),
    )


# ---- credit and money ----------------------------------------------------------------------------------------------


def trade(scenario: Scenario, pick: Pick = central) -> tuple[Mapping[str, Network], Spending, Labour, Cash]:
    """Return the credit side; a number is one float, or one value for each path.

    Parameters
    ----------
    scenario : Scenario
        What a person wrote [-].
    pick : callable
        From an estimate to a float or an ndarray of shape (n_paths,), in its base unit [-].
    """
    get = _Picked(scenario.estimates, pick)
    exchange = {code: get(f"cash.exchange.{code}") for code in scenario.names["currencies"]}
    networks = {name: _network(scenario, name, get, exchange) for name in scenario.names["networks"]}
    return networks, _spending(scenario, get, networks, exchange), _labour(get), _cash(get, exchange)


def _money(estimate: Estimate, get: _Picked, exchange: Mapping[str, Number]) -> Number:
    """Return money in minor units of the scenario's currency."""
    value = get.pick(estimate)
    rate = exchange.get(estimate.currency or "")
    return np.rint(value if rate is None else value * rate)


def _network(scenario: Scenario, name: str, get: _Picked, exchange: Mapping[str, Number]) -> Network:
    path = f"networks.{name}"
    worth = scenario.estimates[f"{path}.worth"]
    currency = worth.currency or scenario.currency
    offered = _entry(scenario, "offer.network") == name
    payer, largest = get.maybe(f"{path}.payer_limit"), get.maybe(f"{path}.largest_balance")
    return Network(
        name=name,
        unit=_entry(scenario, f"{path}.unit"),
        currency=currency,
        worth=get.pick(worth) * exchange.get(currency, 1.0),
        accounts=get.whole("offer.accounts") if offered else get.whole(f"{path}.accounts"),
        mix=_shares(scenario, "offer.mix" if offered else f"{path}.mix"),
        who=_entry(scenario, f"{path}.who"),
        reachable=get(f"{path}.reachable"),
        take_up=get(f"{path}.take_up"),
        sign_ups=get(f"{path}.sign_ups"),
        churn=get(f"{path}.churn"),
        late=get(f"{path}.late"),
        unpaid=get(f"{path}.unpaid"),
        payer_limit=None if payer is None else np.rint(payer),
        largest_balance=None if largest is None else np.rint(largest),
        fee=get(f"{path}.fee"),
        closes=get(f"{path}.closes"),
    )


def _rate(estimate: Estimate, network: Network, get: _Picked, exchange: Mapping[str, Number]) -> Number:
    """Return the price of an hour in a network's minor units of credit; money is turned at the unit's worth."""
    value = get.pick(estimate)
    if estimate.currency == network.unit:
        return np.rint(value)
    return np.rint(value * exchange.get(estimate.currency or "", 1.0) / network.worth)


def _spending(
    scenario: Scenario, get: _Picked, networks: Mapping[str, Network], exchange: Mapping[str, Number]
) -> Spending:
    estimates, offer = scenario.estimates, _entry(scenario, "offer.network")
    common = estimates["spending.hourly_rate"]
    sellers: dict[str, Seller] = {}
    for name in scenario.names["sellers"]:
        path = f"spending.sellers.{name}"
        network = _entry(scenario, f"{path}.network")
        own = estimates.get(f"{path}.rate")
        # the common rate is in the offer's credit; another network's unit may be worth something else
        stated = own if own is not None else common if network != offer else None
        member = _entry(scenario, f"{path}.member")
        sellers[name] = Seller(
            name=name,
            network=network,
            rate=None if stated is None else _rate(stated, networks[network], get, exchange),
            hours=get(f"{path}.hours"),
            smallest_job=get(f"{path}.smallest_job"),
            available=get(f"{path}.available"),
            member=None if member == "no" else member,
        )
    return Spending(
        target=get("spending.target"),
        hourly_rate=_rate(common, networks[offer], get, exchange),
        rate_growth=get("spending.rate_growth"),
        policy=cast(Literal["save_up", "whole_jobs"], _entry(scenario, "spending.policy")),
        prefer=cast(tuple[str, ...], scenario.entries["spending.prefer"].value),
        sellers=sellers,
        supplier=_supplier(scenario, get, exchange),
        lost_at_most=get("spending.lost_at_most"),
        first_jobs=get.whole("spending.first_jobs"),
    )


def _supplier(scenario: Scenario, get: _Picked, exchange: Mapping[str, Number]) -> Supplier | None:
    path = "spending.supplier"
    if not scenario.entries[path].value:
        return None
    return Supplier(
        name=_entry(scenario, f"{path}.name"),
        bill=_money(scenario.estimates[f"{path}.bill"], get, exchange),
        share=get(f"{path}.share"),
        at_most=_money(scenario.estimates[f"{path}.at_most"], get, exchange),
    )


def _labour(get: _Picked) -> Labour:
    return Labour(
        setup=get("labour.setup"),
        invoicing=get("labour.invoicing"),
        support=get("labour.support"),
        collecting=get("labour.collecting"),
        available=get("labour.available"),
        stops=get.maybe_whole("labour.stops"),
    )


def _cash(get: _Picked, exchange: Mapping[str, Number]) -> Cash:
    vat = get.maybe("cash.vat")
    return Cash(
        vat=0.0 if vat is None else vat,
        exchange=exchange,
        next_node=_money(get.estimates["cash.next_node"], get, exchange),
        accounts_per_node=get.maybe("cash.accounts_per_node"),
        per_account=_money(get.estimates["cash.per_account"], get, exchange),
        set_aside=_money(get.estimates["cash.set_aside"], get, exchange),
        displaced=get("cash.displaced"),
        convert=get("cash.convert"),
        wind_down=get.maybe_whole("cash.wind_down"),
    )
