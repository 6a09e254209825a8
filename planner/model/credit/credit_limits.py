"""The limits of the credit side: spendability, balance, labour and cash (may we?), market (will they come?)."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planner.model.credit.allowed_accounts import (
    balance_allows,
    cash_allows,
    labour_allows,
    market_reach,
    spendability_allows,
    spendable,
)
from planner.model.inputs.capacity import sequence
from planner.model.inputs.credit import Case, Floats, Number
from planner.model.limit import Limit, at_confidence, both_numbers, over_draws, quantile_of
from planner.wording import phrases

Allows = Callable[[Case, int], Floats]
"""From a case and its number of paths to the accounts that a limit allows on each [account]."""


def credit_limits(
    central: Case, drawn: Case, n_draws: int, confidence: float, offered: int, seed: int, up_to: int
) -> tuple[Limit, ...]:
    """Return the limits [account] of one network's credit side, in their written order."""
    return (
        _spendability(central, drawn, n_draws, confidence, offered),
        _balance(central, drawn, n_draws, confidence, seed, up_to),
        _labour(central, drawn, n_draws, confidence, offered),
        _cash(central, drawn, n_draws, confidence, offered),
        _market(central, drawn, n_draws, confidence),
    )


def _spendability(central: Case, drawn: Case, n_draws: int, confidence: float, offered: int) -> Limit:
    fees = sum(central.prices[level] for level in sequence(offered, central.network.mix)) if offered else 0
    unit = central.network.unit
    number, nominal = _numbers(spendability_allows, central, drawn, n_draws, confidence)
    reason = (
        f"the {phrases.accounts(offered)} asked for bring {amount(fees)} {unit} a month; sellers and suppliers take "
        f"{amount(float(spendable(central, 1)[0]))} {unit} a month: {both_numbers(number, nominal, confidence)}"
    )
    lever = f"sellers were known to take at least {amount(fees)} {unit} a month"
    return Limit("spendability", "permission", None, number, nominal, reason, "spending.sellers", yes_if=lever)


def _balance(central: Case, drawn: Case, n_draws: int, confidence: float, seed: int, up_to: int) -> Limit:
    network, spending = central.network, central.spending
    path = f"networks.{network.name}.largest_balance"
    if network.largest_balance is None:
        return Limit("balance", "permission", None, None, None, "the network sets no largest balance", path)
    number, close = balance_allows(drawn, confidence, n_draws, seed, up_to)
    nominal, close_nominal = balance_allows(central, confidence, n_draws, seed, up_to)
    largest, block = _median(network.largest_balance), _median(spending.target * spending.hourly_rate)
    reason = (
        f"the network refuses a payment that would lift the balance above {amount(largest)} {network.unit}, and at "
        f"most {phrases.share(_median(spending.lost_at_most))} of the fees may be lost to that: "
        f"{both_numbers(number, nominal, confidence)}"
    )
    if number is None or nominal is None:
        reason += f" ({phrases.accounts(up_to)} tried)"
    if close or close_nominal:
        which = "the one at the confidence" if close else "the one with every input at its value"
        which = "both numbers" if close and close_nominal else which
        reason += f"; {which} by a hair: other random numbers may say one account more or fewer"
    if block > largest:
        reason += f"; the block wanted costs {amount(block)} {network.unit} and can never be bought in one piece"
    lever = "the network raised the largest balance, or the credit were spent sooner, in smaller jobs"
    return Limit("balance", "permission", None, number, nominal, reason, path, yes_if=lever, engine="paths")


def _labour(central: Case, drawn: Case, n_draws: int, confidence: float, offered: int) -> Limit:
    work = central.labour
    if work is None:
        return Limit("labour", "permission", None, None, None, "no hours are counted", "labour.available")
    number, nominal = _numbers(labour_allows, central, drawn, n_draws, confidence)
    monthly = work.invoicing + work.support + central.network.late * work.collecting
    upkeep, set_up, hours = (phrases.number(_median(number)) for number in (monthly, work.setup, work.available))
    reason = (
        f"each account takes {upkeep} h a month and {set_up} h to set up; volunteers have {hours} h a month: "
        f"{both_numbers(number, nominal, confidence)}"
    )
    if work.stops is not None:
        reason += f"; from month {work.stops} the volunteer stops and somebody else must take these hours over"
    wanted = _least(labour_allows, drawn, ("labour", "available"), n_draws, confidence, offered)
    lever = f"the volunteers were known to have at least {phrases.number(wanted)} h a month"
    return Limit("labour", "permission", None, number, nominal, reason, "labour.available", yes_if=lever)


def _cash(central: Case, drawn: Case, n_draws: int, confidence: float, offered: int) -> Limit:
    cash = central.cash
    if cash is None:
        return Limit("cash", "permission", None, None, None, "no money is counted", "cash.set_aside")
    number, nominal = _numbers(cash_allows, central, drawn, n_draws, confidence)
    reason = (
        f"{amount(cash.set_aside)} a month are set aside in money for what new accounts cost in "
        f"money: {both_numbers(number, nominal, confidence)}"
    )
    wanted = _least(cash_allows, drawn, ("cash", "set_aside"), n_draws, confidence, offered)
    lever = f"at least {amount(math.ceil(wanted))} a month were set aside in money"
    return Limit("cash", "permission", None, number, nominal, reason, "cash.set_aside", yes_if=lever)


def _market(central: Case, drawn: Case, n_draws: int, confidence: float) -> Limit:
    """Return how many accounts the network is expected to bring: a reach, which no permission waits for."""
    bring = market_reach(drawn, n_draws).tolist()
    low, high = (_whole(quantile_of(bring, u)) for u in (0.1, 0.9))
    number, nominal = _whole(at_confidence(bring, confidence)), _whole(float(market_reach(central, 1)[0]))
    network = central.network.name
    reason = f"the network {network} is expected to bring {_or_more(low)} to {_or_more(high)}"
    path = f"networks.{network}.take_up"
    return Limit("market", "reach", None, number, nominal, reason, path, low=low, high=high)


def _numbers(
    allows: Allows, central: Case, drawn: Case, n_draws: int, confidence: float
) -> tuple[int | None, int | None]:
    """Return the accounts [account] allowed at the confidence and with every input at its value; None = no limit."""
    return over_draws(map(_whole, allows(drawn, n_draws).tolist()), confidence), _whole(float(allows(central, 1)[0]))


def _whole(number: float) -> int | None:
    """Return the whole number of accounts [account], None for no limit."""
    return None if math.isinf(number) else math.floor(number + 1e-9)


def _or_more(number: int | None) -> str:
    return "any number" if number is None else f"{number:,}"


def _least(allows: Allows, drawn: Case, entry: tuple[str, str], n_draws: int, confidence: float, offered: int) -> float:
    """Return the least amount of an entry that allows the accounts offered [account], to two digits and rounded up."""
    section, name = entry

    def suffices(amount: float) -> bool:
        part = getattr(drawn, section)
        changed = drawn if part is None else replace(drawn, **{section: replace(part, **{name: amount})})
        return at_confidence(allows(changed, n_draws).tolist(), confidence) >= offered

    # More of it never allows fewer accounts, so doubling and halving find the least.
    if suffices(0.0):
        return 0.0
    high = 1.0
    while not suffices(high):
        high *= 2.0
    low = 0.0 if high == 1.0 else high / 2.0
    while high - low > 1e-3 * high:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if suffices(middle) else (middle, high)
    unit = 10.0 ** (math.floor(math.log10(high)) - 1)
    return math.ceil(high / unit - 1e-9) * unit


def amount(minor: Number) -> str:
    """Return minor units [minor] as a person writes them."""
    return f"{_median(minor) / 100:,.2f}"


def _median(number: Number) -> float:
    return float(np.median(number))
