"""What if: the grid from which the report's sliders read the two answers, worked out beforehand from few draws."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from planner.model import busier, words
from planner.model.admission import Answer
from planner.model.credit import income, price_in_credit, whole_rate
from planner.model.inputs import RESOURCES, Inputs
from planner.model.paths import run
from planner.model.trade import Number
from planner.plan.credit import LIMIT_PATHS, case_of
from planner.plan.record import WhatIf

BUSY = (0.5, 2**-0.5, 1.0, 2**0.5, 2.0)
"""Meetings of every account, as multiples of what is assumed."""
FEW_DRAWS = 80
"""Draws that say how the risk changes with how busy everybody is."""
LEAST = 60
"""The sliders reach at least so many accounts: past the largest number of the discussion [account]."""
PAYING = (1, 2, 4, 8, 16, 32)
"""Accounts for which paths are run, beside the number offered and the largest."""
SHARES = (0.0, 0.02, 0.05, *(0.1 * k for k in range(1, 10)), 0.95, 0.98, 1.0)
RATES = 16
"""Equally likely hourly rates."""
ERROR_ACCOUNTS = 6
ERROR_MONTHS = 2
ERROR_RISK = 1.5
"""The largest errors that were measured against the full computation: see tests/test_whatif.py."""


def what_if(
    central: Inputs, few: Inputs, draw: Callable[[int], Inputs], n_draws: int, answer: Answer, seed: int
) -> WhatIf | None:
    """Return the grid, or None where nobody would pay anything.

    Parameters
    ----------
    central : Inputs
        Every input at its value.
    few : Inputs
        The same with the credit side's numbers as ndarrays of shape (LIMIT_PATHS,).
    draw : callable
        From 0, 1, … n_draws - 1 to the inputs of that draw.
    n_draws : int
        How many there are [-].
    answer : Answer
        What admission found.
    seed : int
        The scenario's seed.
    """
    network = central.networks[central.offer.network]
    worth = _middle(network.worth)
    prices = {level: price_in_credit(central.levels[level].price, worth) for level in network.mix}
    offered = central.offer.accounts
    last = max(LEAST, 2 * offered)
    brought = tuple(income(n, network.mix, prices) for n in range(last + 1))
    basis = max(offered, 1)
    price = round(brought[basis] / basis)
    if price < 1:
        return None
    accounts, worst = _servers(central, [draw(index) for index in range(min(n_draws, FEW_DRAWS))], answer, last)
    others = [
        one
        for one in answer.admission.limits
        if one.kind == "permission" and one.limit not in RESOURCES and one.max_accounts is not None
    ]
    first = min(others, key=lambda one: one.max_accounts or 0, default=None)
    paying = tuple(sorted({*PAYING, basis, last}))
    spending = few.spending
    cap = network.largest_balance
    return WhatIf(
        busy=BUSY,
        accounts=accounts,
        central=worst[0],
        at_confidence=worst[1],
        tightest=worst[2],
        others=None if first is None else first.max_accounts,
        others_limit="" if first is None else words.limit(first.limit),
        price=price,
        rate=whole_rate(_middle(central.spending.hourly_rate)),
        hours=_middle(central.spending.target),
        income=brought,
        paying=paying,
        shares=SHARES,
        earned=tuple(_earned(few, n, price, seed) for n in paying),
        rates=_equally_likely(spending.hourly_rate, _middle(central.spending.hourly_rate)),
        caps=() if cap is None else _shuffled(_equally_likely(few.networks[network.name].largest_balance or cap, 1.0)),
        whole_block=spending.policy == "save_up" and spending.first_jobs == 0,
        rate_growth=_middle(spending.rate_growth),
        error_accounts=ERROR_ACCOUNTS,
        error_months=ERROR_MONTHS,
        error_risk=ERROR_RISK,
    )


Rows = tuple[tuple[float, ...], ...]


def _servers(
    central: Inputs, drawn: Sequence[Inputs], answer: Answer, last: int
) -> tuple[tuple[int, ...], tuple[Rows, Rows, tuple[str, ...]]]:
    """Return the numbers of accounts of the grid, and the worst server limit there: central, at confidence, which."""
    allowed = _allowed(answer)
    near = () if allowed is None or allowed >= last else (allowed, allowed + 1)
    accounts = tuple(sorted({0, min(central.offer.accounts, last), round(last / 6), round(last / 2.5), last, *near}))
    found = busier.surfaces(central, drawn, answer.curves, BUSY, accounts)
    if not found:
        return accounts, ((), (), ())
    sides = [np.array([getattr(one, side) for one in found]) for side in ("central", "at_confidence")]
    worst = sides[1][:, :, 0].argmax(axis=0)
    named = tuple(words.limit(found[k].resource, found[k].node) for k in worst)
    at_value, sure = (side.max(axis=0) for side in sides)
    _meet(sure[BUSY.index(1.0)], accounts, answer, central.objective.at_most)
    return accounts, (_rows(at_value), _rows(sure), named)


def _allowed(answer: Answer) -> int | None:
    """Return what the servers allow at the confidence."""
    servers = (one.max_accounts for one in answer.admission.limits if one.limit in RESOURCES)
    return min((n for n in servers if n is not None), default=None)


def _meet(measure: npt.NDArray[np.float64], accounts: Sequence[int], answer: Answer, at_most: float) -> None:
    """Move what the curves say between their points to the verdict's side: the last that is allowed, and the next."""
    allowed = _allowed(answer)
    if allowed is None or measure[0] > at_most:
        return
    for k, n in enumerate(accounts):
        if n == allowed:
            measure[k] = min(measure[k], at_most)
        if n == allowed + 1:
            measure[k] = max(measure[k], 1.0001 * at_most)


def _rows(values: npt.NDArray[np.float64]) -> Rows:
    return tuple(tuple(float(f"{value:.4g}") for value in row) for row in values)


def _earned(few: Inputs, accounts: int, price: int, seed: int) -> Rows:
    """Return the fees earned by month, at shares of the paths, if no cap were in the way of a block."""
    name = few.offer.network
    case = case_of(few, name)
    cap = None if few.spending.policy == "save_up" else case.network.largest_balance
    case = replace(case, network=replace(case.network, accounts=accounts, largest_balance=cap))
    earned = np.sort(run(case, LIMIT_PATHS, seed).earned, axis=1) / price
    places = np.round(np.array(SHARES) * (earned.shape[1] - 1)).astype(int)
    return tuple(tuple(round(float(value), 1) for value in row) for row in earned[:, places])


def _equally_likely(drawn: Number, unit: float) -> tuple[float, ...]:
    """Return the middles of as many equally likely parts of what is drawn."""
    values = np.quantile(np.atleast_1d(drawn), (np.arange(RATES) + 0.5) / RATES) / unit
    return tuple(float(f"{value:.4g}") for value in values)


def _shuffled(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return the values in an order that has nothing to do with their size."""
    return tuple(values[(7 * k + 3) % RATES] for k in range(RATES))


def _middle(number: Number) -> float:
    return float(np.median(number))
