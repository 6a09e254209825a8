"""The limits of the credit side: spendability, balance, labour and cash (may we?), market (will they come?)."""

import math
from collections.abc import Callable
from dataclasses import replace

from planner.model.credit.allowed_accounts import (
    balance_allows,
    cash_allows,
    labour_allows,
    market_reach,
    spendability_allows,
    spendable,
)
from planner.model.inputs.capacity import Objective, sequence
from planner.model.inputs.credit import Case, Floats
from planner.model.inputs.uncertain import at_value, certain
from planner.model.limit import Limit, Reason, at_confidence, over_draws, quantile_of

Allows = Callable[[Case, int], Floats]
"""From a case and its number of paths to the accounts that a limit allows on each [account]."""


def credit_limits(
    case: Case, n_draws: int, objective: Objective, offered: int, seed: int, up_to: int
) -> tuple[Limit, ...]:
    """Return the limits [account] of one network's credit side, in their written order."""
    # What goes wrong with these can be put right next month, and the review watches them; a meeting that drops cannot.
    confidence = objective.confidence_reversible
    return (
        _spendability(case, n_draws, confidence, offered),
        _balance(case, n_draws, confidence, seed, up_to),
        _labour(case, n_draws, confidence, offered),
        _cash(case, n_draws, confidence, offered),
        _market(case, n_draws, objective.confidence),
    )


def _spendability(case: Case, n_draws: int, confidence: float, offered: int) -> Limit:
    fees = sum(case.prices[level] for level in sequence(offered, case.network.mix)) if offered else 0
    numbers = _numbers(spendability_allows, case, n_draws, confidence)
    about = {"accounts": offered, "fees": fees, "unit": case.network.unit}
    taken = float(spendable(at_value(case), 1)[0])
    reason = Reason("spendability", {**about, "taken": taken, "confidence": confidence})
    lever = Reason("sellers", about)
    return Limit("spendability", "permission", None, *numbers, reason, "spending.sellers", yes_if=lever)


def _balance(case: Case, n_draws: int, confidence: float, seed: int, up_to: int) -> Limit:
    network, spending = case.network, case.spending
    path = f"networks.{network.name}.largest_balance"
    if network.largest_balance is None:
        return Limit("balance", "permission", None, None, None, Reason("no largest balance", {}), path)
    number, close = balance_allows(case, confidence, n_draws, seed, up_to)
    nominal, close_nominal = balance_allows(at_value(case), confidence, n_draws, seed, up_to)
    about = {
        "largest": network.largest_balance.value,
        "block": spending.target.value * spending.hourly_rate.value,
        "unit": network.unit,
        "lost_at_most": spending.lost_at_most.value,
        "months": case.judged or case.horizon,
        "tried": up_to,
        "close": bool(close),
        "close_central": bool(close_nominal),
        "confidence": confidence,
    }
    lever = Reason("balance raised", {})
    reason = Reason("balance", about)
    return Limit("balance", "permission", None, number, nominal, reason, path, yes_if=lever, engine="paths")


def _labour(case: Case, n_draws: int, confidence: float, offered: int) -> Limit:
    work = case.labour
    numbers = _numbers(labour_allows, case, n_draws, confidence)
    about = {
        "monthly": work.invoicing.value + work.support.value + case.network.late.value * work.collecting.value,
        "setup": work.setup.value,
        "batch": work.batch.value,
        "available": work.available.value,
        "stops": work.stops,
        "confidence": confidence,
    }
    wanted = _least(labour_allows, case, ("labour", "available"), n_draws, confidence, offered)
    reason, lever = Reason("labour", about), Reason("hours", {"hours": wanted})
    return Limit("labour", "permission", None, *numbers, reason, "labour.available", yes_if=lever)


def _cash(case: Case, n_draws: int, confidence: float, offered: int) -> Limit:
    numbers = _numbers(cash_allows, case, n_draws, confidence)
    wanted = _least(cash_allows, case, ("cash", "set_aside"), n_draws, confidence, offered)
    reason = Reason("cash", {"set_aside": case.cash.set_aside.value, "confidence": confidence})
    lever = Reason("money", {"money": math.ceil(wanted)})
    return Limit("cash", "permission", None, *numbers, reason, "cash.set_aside", yes_if=lever)


def _market(case: Case, n_draws: int, confidence: float) -> Limit:
    """Return how many accounts the network is expected to bring: a reach, which no permission waits for."""
    bring = market_reach(case, n_draws).tolist()
    low, high = (_whole(quantile_of(bring, u)) for u in (0.1, 0.9))
    number, nominal = _whole(at_confidence(bring, confidence)), _whole(float(market_reach(at_value(case), 1)[0]))
    network = case.network.name
    reason = Reason("market", {"network": network, "low": low, "high": high})
    return Limit("market", "reach", None, number, nominal, reason, f"networks.{network}.take_up", low=low, high=high)


def _numbers(allows: Allows, case: Case, n_draws: int, confidence: float) -> tuple[int | None, int | None]:
    """Return the accounts [account] allowed at the confidence and with every input at its value; None = no limit."""
    nominal = _whole(float(allows(at_value(case), 1)[0]))
    return over_draws(map(_whole, allows(case, n_draws).tolist()), confidence), nominal


def _whole(number: float) -> int | None:
    """Return the whole number of accounts [account], None for no limit."""
    return None if math.isinf(number) else math.floor(number + 1e-9)


def _least(allows: Allows, case: Case, entry: tuple[str, str], n_draws: int, confidence: float, offered: int) -> float:
    """Return the least amount of an entry that allows the accounts offered [account], to two digits and rounded up."""
    section, name = entry

    def suffices(amount: float) -> bool:
        changed = replace(case, **{section: replace(getattr(case, section), **{name: certain(amount)})})
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
