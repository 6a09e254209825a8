"""The limits beside the servers, said in words: spendability, balance, labour and cash (may we?), market (will they?).

The numbers are those of `allowance`; here they become a `Limit`: at the objective's confidence over the draws, with
every input at its value, with a reason that carries the figures, and with what would allow the accounts asked for.
"""

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
from planner.model.inputs.capacity import Floats, sequence
from planner.model.inputs.credit import Case, Number
from planner.model.limit import Limit, at_confidence, both_numbers, over_draws, quantile_of
from planner.wording import phrases


def limits_beside(
    central: Case, drawn: Case, n_draws: int, confidence: float, offered: int, seed: int, up_to: int
) -> tuple[Limit, ...]:
    """Return the limits of one network's credit side, in their written order.

    Units: offered [account]; up_to [account].
    """
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
    number, at_value = _numbers(spendability_allows, central, drawn, n_draws, confidence)
    reason = (
        f"the {phrases.accounts(offered)} asked for bring {amount(fees)} {unit} a month; sellers and suppliers take "
        f"{amount(float(spendable(central, 1)[0]))} {unit} a month: {both_numbers(number, at_value, confidence)}"
    )
    lever = f"sellers were known to take at least {amount(fees)} {unit} a month"
    return Limit("spendability", "permission", None, number, at_value, reason, "spending.sellers", yes_if=lever)


def _balance(central: Case, drawn: Case, n_draws: int, confidence: float, seed: int, up_to: int) -> Limit:
    network, spending = central.network, central.spending
    path = f"networks.{network.name}.largest_balance"
    if network.largest_balance is None:
        return Limit("balance", "permission", None, None, None, "the network sets no largest balance", path)
    number, close = balance_allows(drawn, confidence, n_draws, seed, up_to)
    at_value, close_at_value = balance_allows(central, confidence, n_draws, seed, up_to)
    largest, block = float(np.median(network.largest_balance)), float(np.median(spending.target * spending.hourly_rate))
    reason = (
        f"the network refuses a payment that would lift the balance above {amount(largest)} {network.unit}, and at "
        f"most {phrases.share(float(np.median(spending.lost_at_most)))} of the fees may be lost to that: "
        f"{both_numbers(number, at_value, confidence)}"
    )
    if number is None or at_value is None:
        reason += f" ({phrases.accounts(up_to)} tried)"
    if close or close_at_value:
        which = "the one at the confidence" if close else "the one with every input at its value"
        which = "both numbers" if close and close_at_value else which
        reason += f"; {which} by a hair: other random numbers may say one account more or fewer"
    if block > largest:
        reason += f"; the block wanted costs {amount(block)} {network.unit} and can never be bought in one piece"
    lever = "the network raised the largest balance, or the credit were spent sooner, in smaller jobs"
    return Limit("balance", "permission", None, number, at_value, reason, path, yes_if=lever, engine="paths")


def _labour(central: Case, drawn: Case, n_draws: int, confidence: float, offered: int) -> Limit:
    work = central.labour
    if work is None:
        return Limit("labour", "permission", None, None, None, "no hours are counted", "labour.available")
    number, at_value = _numbers(labour_allows, central, drawn, n_draws, confidence)
    monthly = float(np.median(work.invoicing + work.support + central.network.late * work.collecting))
    reason = (
        f"each account takes {phrases.number(monthly)} h a month and "
        f"{phrases.number(float(np.median(work.setup)))} h to "
        f"set up; volunteers have {phrases.number(float(np.median(work.available)))} h a month: "
        f"{both_numbers(number, at_value, confidence)}"
    )
    if work.stops is not None:
        reason += f"; from month {work.stops} the volunteer stops and somebody else must take these hours over"

    def with_hours(hours: float) -> Case:
        return drawn if drawn.labour is None else replace(drawn, labour=replace(drawn.labour, available=hours))

    wanted = _least(lambda hours: labour_allows(with_hours(hours), n_draws), confidence, offered)
    lever = f"the volunteers were known to have at least {phrases.number(wanted)} h a month"
    return Limit("labour", "permission", None, number, at_value, reason, "labour.available", yes_if=lever)


def _cash(central: Case, drawn: Case, n_draws: int, confidence: float, offered: int) -> Limit:
    cash = central.cash
    if cash is None:
        return Limit("cash", "permission", None, None, None, "no money is counted", "cash.set_aside")
    number, at_value = _numbers(cash_allows, central, drawn, n_draws, confidence)
    reason = (
        f"{amount(float(np.median(cash.set_aside)))} a month are set aside in money for what new accounts cost in "
        f"money: {both_numbers(number, at_value, confidence)}"
    )

    def with_money(minor: float) -> Case:
        return drawn if drawn.cash is None else replace(drawn, cash=replace(drawn.cash, set_aside=minor))

    wanted = _least(lambda minor: cash_allows(with_money(minor), n_draws), confidence, offered)
    lever = f"at least {amount(math.ceil(wanted))} a month were set aside in money"
    return Limit("cash", "permission", None, number, at_value, reason, "cash.set_aside", yes_if=lever)


def _market(central: Case, drawn: Case, n_draws: int, confidence: float) -> Limit:
    """Return how many accounts the network is expected to bring: a reach, which no permission waits for."""
    bring = market_reach(drawn, n_draws).tolist()
    low, high = (_whole(quantile_of(bring, u)) for u in (0.1, 0.9))
    number, at_value = _whole(at_confidence(bring, confidence)), _whole(float(market_reach(central, 1)[0]))
    network = central.network.name
    reason = f"the network {network} is expected to bring {_or_more(low)} to {_or_more(high)}"
    path = f"networks.{network}.take_up"
    return Limit("market", "reach", None, number, at_value, reason, path, low=low, high=high)


def _numbers(
    allows: Callable[[Case, int], Floats], central: Case, drawn: Case, n_draws: int, confidence: float
) -> tuple[int | None, int | None]:
    """Return what a limit allows at the confidence and with every input at its value; None = no limit."""
    return over_draws(map(_whole, allows(drawn, n_draws).tolist()), confidence), _whole(float(allows(central, 1)[0]))


def _whole(number: float) -> int | None:
    """Return the whole number of accounts, None for no limit."""
    return None if math.isinf(number) else math.floor(number + 1e-9)


def _or_more(number: int | None) -> str:
    return "any number" if number is None else f"{number:,}"


def _least(allowed: Callable[[float], Floats], confidence: float, offered: int) -> float:
    """Return, to two digits and rounded up, the least amount of a means that allows the accounts asked for.

    More of the means never allows fewer accounts, so doubling and halving find it.
    """

    def suffices(amount: float) -> bool:
        return at_confidence(allowed(amount).tolist(), confidence) >= offered

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
    """Return minor units as a person writes them.

    Units: minor [minor].

    Examples
    --------
    >>> amount(4500)
    '45.00'
    """
    return f"{float(np.median(minor)) / 100:,.2f}"
