"""The credit side of a scenario as plain numbers, for one answer or for many paths at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

import numpy as np

from planner.model.inputs.credit import Cash, Labour, Network, Number, Seller, Spending, Supplier
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario
from planner.scenario.values import Pick, Picked, central, entry, shares


def trade(scenario: Scenario, pick: Pick = central) -> tuple[Mapping[str, Network], Spending, Labour, Cash]:
    """Return the credit side; a number is one float, or one value for each path."""
    get = Picked(scenario.estimates, pick)
    exchange = {code: get(f"cash.exchange.{code}") for code in scenario.names["currencies"]}
    networks = {name: _network(scenario, name, get, exchange) for name in scenario.names["networks"]}
    return networks, _spending(scenario, get, networks, exchange), _labour(get), _cash(get, exchange)


def _money(estimate: Estimate, get: Picked, exchange: Mapping[str, Number]) -> Number:
    """Return money in minor units of the scenario's currency."""
    value = get.pick(estimate)
    rate = exchange.get(estimate.currency or "")
    return np.rint(value if rate is None else value * rate)


def _network(scenario: Scenario, name: str, get: Picked, exchange: Mapping[str, Number]) -> Network:
    path = f"networks.{name}"
    worth = scenario.estimates[f"{path}.worth"]
    currency = worth.currency or scenario.currency
    offered = entry(scenario, "offer.network") == name
    payer, largest = get.maybe(f"{path}.payer_limit"), get.maybe(f"{path}.largest_balance")
    return Network(
        name=name,
        unit=entry(scenario, f"{path}.unit"),
        currency=currency,
        worth=get.pick(worth) * exchange.get(currency, 1.0),
        accounts=get.whole("offer.accounts") if offered else get.whole(f"{path}.accounts"),
        mix=shares(scenario, "offer.mix" if offered else f"{path}.mix"),
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


def _rate(estimate: Estimate, network: Network, get: Picked, exchange: Mapping[str, Number]) -> Number:
    """Return the price of an hour in minor units of a network's credit; money is converted at the unit's worth."""
    value = get.pick(estimate)
    if estimate.currency == network.unit:
        return np.rint(value)
    return np.rint(value * exchange.get(estimate.currency or "", 1.0) / network.worth)


def _spending(
    scenario: Scenario, get: Picked, networks: Mapping[str, Network], exchange: Mapping[str, Number]
) -> Spending:
    estimates, offer = scenario.estimates, entry(scenario, "offer.network")
    common = estimates["spending.hourly_rate"]
    sellers: dict[str, Seller] = {}
    for name in scenario.names["sellers"]:
        path = f"spending.sellers.{name}"
        network = entry(scenario, f"{path}.network")
        own = estimates.get(f"{path}.rate")
        member = entry(scenario, f"{path}.member")
        sellers[name] = Seller(
            name=name,
            network=network,
            rate=None if own is None else _rate(own, networks[network], get, exchange),
            hours=get(f"{path}.hours"),
            smallest_job=get(f"{path}.smallest_job"),
            available=get(f"{path}.available"),
            member=None if member == "no" else member,
        )
    return Spending(
        target=get("spending.target"),
        hourly_rate=_rate(common, networks[offer], get, exchange),
        rate_growth=get("spending.rate_growth"),
        policy=cast(Literal["save_up", "whole_jobs"], entry(scenario, "spending.policy")),
        prefer=cast(tuple[str, ...], scenario.entries["spending.prefer"].value),
        sellers=sellers,
        supplier=_supplier(scenario, get, exchange),
        lost_at_most=get("spending.lost_at_most"),
        first_jobs=get.whole("spending.first_jobs"),
    )


def _supplier(scenario: Scenario, get: Picked, exchange: Mapping[str, Number]) -> Supplier | None:
    path = "spending.supplier"
    if not scenario.entries[path].value:
        return None
    return Supplier(
        name=entry(scenario, f"{path}.name"),
        bill=_money(scenario.estimates[f"{path}.bill"], get, exchange),
        share=get(f"{path}.share"),
        at_most=_money(scenario.estimates[f"{path}.at_most"], get, exchange),
    )


def _labour(get: Picked) -> Labour:
    return Labour(
        setup=get("labour.setup"),
        invoicing=get("labour.invoicing"),
        support=get("labour.support"),
        collecting=get("labour.collecting"),
        available=get("labour.available"),
        stops=get.maybe_whole("labour.stops"),
    )


def _cash(get: Picked, exchange: Mapping[str, Number]) -> Cash:
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
