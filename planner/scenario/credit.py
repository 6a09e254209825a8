"""The credit side of a scenario as plain numbers, for one answer or for many paths at once."""

from collections.abc import Mapping
from typing import cast

import numpy as np

from planner.model.inputs.credit import Cash, Labour, Network, Number, Policy, Seller, Spending, Supplier
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario
from planner.scenario.values import Pick, Picked, central, entry, shares

Exchange = Mapping[str, Number]


def trade(scenario: Scenario, pick: Pick = central) -> tuple[Mapping[str, Network], Spending, Labour, Cash]:
    """Return the credit side; a number is one float, or one value for each path."""
    get = Picked(scenario.estimates, pick)
    exchange = {code: get(f"cash.exchange.{code}") for code in scenario.names["currencies"]}
    networks = {name: _network(scenario, name, get, exchange) for name in scenario.names["networks"]}
    hours = _numbers(get, "labour", "setup", "batch", "invoicing", "support", "collecting", "available")
    labour = Labour(**hours, stops=get.maybe_whole("labour.stops"))
    return networks, _spending(scenario, get, networks, exchange), labour, _cash(get, exchange)


def _money(path: str, get: Picked, exchange: Exchange) -> Number:
    """Return money in minor units of the scenario's currency."""
    return np.rint(get(path) * exchange.get(get.estimates[path].currency or "", 1.0))


def _network(scenario: Scenario, name: str, get: Picked, exchange: Exchange) -> Network:
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
        payer_limit=None if payer is None else np.rint(payer),
        largest_balance=None if largest is None else np.rint(largest),
        **_numbers(get, path, "reachable", "take_up", "sign_ups", "churn", "late", "unpaid", "fee", "closes"),
    )


def _numbers(get: Picked, path: str, *names: str) -> dict[str, Number]:
    """Return the numbers of a section whose fields a record calls the same."""
    return {name: get(f"{path}.{name}") for name in names}


def _rate(estimate: Estimate, network: Network, get: Picked, exchange: Exchange) -> Number:
    """Return the price of an hour in minor units of a network's credit; money is converted at the unit's worth."""
    value = get.pick(estimate)
    if estimate.currency == network.unit:
        return np.rint(value)
    return np.rint(value * exchange.get(estimate.currency or "", 1.0) / network.worth)


def _spending(scenario: Scenario, get: Picked, networks: Mapping[str, Network], exchange: Exchange) -> Spending:
    estimates, offer = scenario.estimates, networks[entry(scenario, "offer.network")]
    common = estimates["spending.hourly_rate"]  # of whoever has no own; credit is that of the offer's network
    worth = offer.worth if common.currency == offer.unit else exchange.get(common.currency or "", 1.0)
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
            **_numbers(get, path, "hours", "smallest_job", "available"),
        )
    return Spending(
        hourly_rate=np.rint(get.pick(common) * worth),
        policy=cast(Policy, entry(scenario, "spending.policy")),
        prefer=cast(tuple[str, ...], scenario.entries["spending.prefer"].value),
        sellers=sellers,
        supplier=_supplier(scenario, get, exchange),
        first_jobs=get.whole("spending.first_jobs"),
        **_numbers(get, "spending", "target", "rate_growth", "lost_at_most"),
    )


def _supplier(scenario: Scenario, get: Picked, exchange: Exchange) -> Supplier | None:
    path = "spending.supplier"
    if not scenario.entries[path].value:
        return None
    return Supplier(
        bill=_money(f"{path}.bill", get, exchange),
        share=get(f"{path}.share"),
        at_most=_money(f"{path}.at_most", get, exchange),
    )


def _cash(get: Picked, exchange: Exchange) -> Cash:
    vat, money = get.maybe("cash.vat"), ("next_node", "per_account", "set_aside")
    return Cash(
        vat=0.0 if vat is None else vat,
        exchange=exchange,
        accounts_per_node=get.maybe("cash.accounts_per_node"),
        wind_down=get.maybe_whole("cash.wind_down"),
        **{name: _money(f"cash.{name}", get, exchange) for name in money},
        **_numbers(get, "cash", "displaced", "convert"),
    )
