"""The credit side of a scenario as plain numbers, each with its value and its draws."""

import operator
from collections.abc import Callable, Mapping
from typing import cast

import numpy as np

from planner.model.inputs.credit import AS_IT_IS, NONE, Cash, Labour, Network, Policy, Seller, Spending, Supplier
from planner.model.inputs.uncertain import Uncertain
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario
from planner.scenario.values import Picked, entry, known, shares

Exchange = Mapping[str, Uncertain]
Get = Picked[Uncertain]


def trade(
    scenario: Scenario, pick: Callable[[Estimate], Uncertain] = known
) -> tuple[Mapping[str, Network], Spending, Labour, Cash]:
    """Return the credit side, every estimate as picked."""
    get = Picked(scenario.estimates, pick)
    exchange = {code: get(f"cash.exchange.{code}") for code in scenario.names["currencies"]}
    networks = {name: _network(scenario, name, get, exchange) for name in scenario.names["networks"]}
    hours = get.several("labour", "setup", "batch", "invoicing", "support", "collecting", "available")
    labour = Labour(**hours, stops=get.maybe_whole("labour.stops"))
    return networks, _spending(scenario, get, networks, exchange), labour, _cash(get, exchange)


def _money(path: str, get: Get, exchange: Exchange) -> Uncertain:
    """Return money in minor units of the scenario's currency."""
    return _converted(get(path), exchange.get(get.estimates[path].currency or "", AS_IT_IS))


def _converted(amount: Uncertain, rate: Uncertain) -> Uncertain:
    """Return an amount at a rate, in whole minor units."""
    return Uncertain.of(lambda amount, rate: np.rint(amount * rate), amount, rate)


def _network(scenario: Scenario, name: str, get: Get, exchange: Exchange) -> Network:
    path = f"networks.{name}"
    worth = scenario.estimates[f"{path}.worth"]
    currency = worth.currency or scenario.currency
    offered = entry(scenario, "offer.network") == name
    payer, largest = get.maybe(f"{path}.payer_limit"), get.maybe(f"{path}.largest_balance")
    return Network(
        name=name,
        unit=entry(scenario, f"{path}.unit"),
        currency=currency,
        worth=Uncertain.of(operator.mul, get.pick(worth), exchange.get(currency, AS_IT_IS)),
        accounts=get.whole("offer.accounts") if offered else get.whole(f"{path}.accounts"),
        mix=shares(scenario, "offer.mix" if offered else f"{path}.mix"),
        payer_limit=None if payer is None else _converted(payer, AS_IT_IS),
        largest_balance=None if largest is None else _converted(largest, AS_IT_IS),
        **get.several(path, "reachable", "take_up", "sign_ups", "churn", "late", "unpaid", "fee", "closes"),
    )


def _rate(estimate: Estimate, network: Network, get: Get, exchange: Exchange) -> Uncertain:
    """Return the price of an hour in minor units of a network's credit; money is converted at the unit's worth."""
    price, rate, worth = get.pick(estimate), exchange.get(estimate.currency or "", AS_IT_IS), network.worth
    if estimate.currency == network.unit:
        rate = worth = AS_IT_IS
    return Uncertain.of(lambda price, rate, worth: np.rint(price * rate / worth), price, rate, worth)


def _spending(scenario: Scenario, get: Get, networks: Mapping[str, Network], exchange: Exchange) -> Spending:
    estimates, offer = scenario.estimates, networks[entry(scenario, "offer.network")]
    common = estimates["spending.hourly_rate"]  # of whoever has no own; credit is that of the offer's network
    worth = offer.worth if common.currency == offer.unit else exchange.get(common.currency or "", AS_IT_IS)
    sellers: dict[str, Seller] = {}
    for name in scenario.names["sellers"]:
        path = f"spending.sellers.{name}"
        network, member = (entry(scenario, f"{path}.{part}") for part in ("network", "member"))
        own = estimates.get(f"{path}.rate")
        sellers[name] = Seller(
            name=name,
            network=network,
            rate=None if own is None else _rate(own, networks[network], get, exchange),
            member=None if member == "no" else member,
            **get.several(path, "hours", "smallest_job", "available"),
        )
    return Spending(
        hourly_rate=_converted(get.pick(common), worth),
        policy=cast(Policy, entry(scenario, "spending.policy")),
        prefer=cast(tuple[str, ...], scenario.entries["spending.prefer"].value),
        sellers=sellers,
        supplier=_supplier(scenario, get, exchange),
        first_jobs=get.whole("spending.first_jobs"),
        **get.several("spending", "target", "rate_growth", "lost_at_most"),
    )


def _supplier(scenario: Scenario, get: Get, exchange: Exchange) -> Supplier | None:
    path = "spending.supplier"
    if not scenario.entries[path].value:
        return None
    return Supplier(
        bill=_money(f"{path}.bill", get, exchange),
        share=get(f"{path}.share"),
        at_most=_money(f"{path}.at_most", get, exchange),
    )


def _cash(get: Get, exchange: Exchange) -> Cash:
    vat, money = get.maybe("cash.vat"), ("next_node", "per_account", "set_aside")
    return Cash(
        vat=NONE if vat is None else vat,
        exchange=exchange,
        accounts_per_node=get.maybe("cash.accounts_per_node"),
        wind_down=get.maybe_whole("cash.wind_down"),
        **{name: _money(f"cash.{name}", get, exchange) for name in money},
        **get.several("cash", "displaced", "convert"),
    )
