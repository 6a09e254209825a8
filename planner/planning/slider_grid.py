"""What if: the grid from which the report's sliders read the two answers, worked out beforehand from few draws."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.model.admission import demand_scaling
from planner.model.admission.admission_number import ORDER, Answer, Limit
from planner.model.admission.demand_scaling import TINY, Surface, log_between
from planner.model.credit.arithmetic import income, whole_rate
from planner.model.credit.parameters import derive
from planner.model.credit.simulate import run
from planner.model.inputs.capacity import RESOURCES, Floats, Inputs
from planner.model.inputs.credit import Case, Ints
from planner.model.limit import Curve, bounded
from planner.model.overload.node_resources import Drawn, some_of
from planner.planning.credit import LIMIT_PATHS, case_of, offering
from planner.planning.slider_record import WhatIf
from planner.wording.names import KEYS, Names

BUSY = tuple(2 ** (k / 4) for k in range(-4, 5))
"""Meetings of every account, as multiples of what is assumed."""
MEASURED = (0.5, 1.0, 2.0)
"""Those of them at which the draws are worked out: a parabola through them gives the others."""
FEW_DRAWS = 400
"""Draws that say how the risk changes with how busy everybody is."""
LEAST = 60
"""The sliders reach at least so many accounts: past the largest number of the discussion [account]."""
STEPS = 12
"""The risk is given at about so many numbers of accounts."""
PAYING = (1, 2, 3, 5, 8, 12, 20, 35)
"""Accounts for which paths are run, beside the number offered and the most that the network has."""
SHARES = (0.0, 0.02, 0.05, *(0.1 * k for k in range(1, 10)), 0.95, 0.98, 1.0)
RATES = 64
"""Equally likely hourly rates."""
ERROR_ACCOUNTS = 6
ERROR_CHANCE, ERROR_CHANCE_PAYERS = 0.07, 0.14
"""The second where a payer's own limit ends what an account pays within the horizon: the paths know one price only."""
ERROR_RISK, ERROR_CENTRAL = 1.5, 1.3
"""The largest errors against the full computation; tests/planning/test_slider_grid.py holds them to it."""


def what_if(few: Inputs, of: Drawn, answer: Answer, seed: int, names: Names = KEYS) -> WhatIf | None:
    """Return the grid, or None where nobody would pay anything."""
    case = case_of(few, few.offer.network)
    network, spending, offered = case.network, case.spending, few.offer.accounts
    prices = {level: case.prices[level] for level in network.mix}
    last = max(LEAST, 2 * offered)
    fees = {fee for level, fee in prices.items() if network.mix[level] > 0 and fee > 0}
    brought = tuple(income(n, network.mix, prices) for n in range(last + 1))
    basis = max(offered, 1)
    price = round(brought[basis] / basis)
    if price < 1:
        return None
    accounts, worst = _servers(some_of(of, FEW_DRAWS), answer, last, names)
    first = next((one for _, one in bounded(answer.admission.limits) if one.limit not in RESOURCES), None)
    rate, cap = spending.hourly_rate.value, network.largest_balance
    paying, earned = _earned(few, basis, last, price, seed)
    return WhatIf(
        busy=BUSY,
        accounts=accounts,
        central=worst[0],
        at_confidence=worst[1],
        tightest=worst[2],
        others=None if first is None else first.max_accounts,
        others_limit="" if first is None else names.limit(first.limit),
        price=price,
        rate=whole_rate(rate),
        hours=spending.target.value,
        income=brought,
        paying=paying,
        shares=SHARES,
        earned=earned,
        rates=_equally_likely(spending.hourly_rate.draws, rate),
        caps=() if cap is None else _shuffled(_equally_likely(cap.draws, 1.0)),
        whole_block=_whole_block(few),
        own_rate=_own_rate(few),
        one_fee=len(fees) == 1,
        least_fee=min(fees) / price,
        rate_growth=spending.rate_growth.value,
        error_accounts=ERROR_ACCOUNTS,
        error_chance=ERROR_CHANCE if _pays_on(few, max(fees)) else ERROR_CHANCE_PAYERS,
        error_risk=ERROR_RISK,
        error_central=ERROR_CENTRAL,
    )


Rows = tuple[tuple[float, ...], ...]


def _servers(
    of: Drawn, answer: Answer, last: int, names: Names
) -> tuple[tuple[int, ...], tuple[Rows, Rows, tuple[str, ...]]]:
    """Return the numbers of accounts of the grid, and the worst server limit there: central, at confidence, which."""
    central, first = of.central, _first(answer)
    allowed = None if first is None else first.max_accounts
    if (binding := answer.admission.binding) is not None and binding.limit in RESOURCES:
        # all servers together may allow fewer than any limit by itself
        allowed = answer.admission.max_accounts
    near = () if allowed is None or allowed >= last else (allowed, allowed + 1)
    even = np.linspace(0, last, STEPS).round().astype(int).tolist()
    accounts = tuple(sorted({*even, min(central.offer.accounts, last), *near}))
    worked = tuple(sorted({0, round(last / 6), round(last / 2.5), last}))
    found = demand_scaling.surfaces(of, answer.servers, MEASURED, worked)
    if not found:
        return accounts, ((), (), ())
    curves = {(limit.node, limit.resource): limit.curve for limit in answer.servers}
    sides = [
        np.array([_spread(one, curves[one.node, one.resource], side, worked, accounts) for one in found])
        for side in ("central", "at_confidence")
    ]
    at_value, sure = (side.max(axis=0) for side in sides)
    _meet(sure[BUSY.index(1.0)], np.array(accounts), allowed, central.objective.at_most)
    tightest = _tightest(found, sides[1], first, central.objective.at_most)
    return accounts, (_rows(at_value), _rows(sure), tuple(names.limit(*one) for one in tightest))


def _tightest(
    found: Sequence[Surface], sure: Floats, first: Limit | None, at_most: float
) -> list[tuple[str, str | None]]:
    """Return which limit of which node allows the fewest accounts at each of BUSY."""
    # `sure` has the shape (n_limits, n_busy, n_accounts). Of those that allow equally many it is the first.
    order = np.array([ORDER.index(one.resource) for one in found])
    named: list[tuple[str, str | None]] = []
    for risks in np.moveaxis(sure, 1, 0):
        over = risks > at_most
        first_over = np.where(over.any(axis=1), over.argmax(axis=1), over.shape[1])
        # where none is over within the grid, the one with the highest risk
        then = np.where(over.any(axis=1), order, -risks[:, -1])
        k = int(np.lexsort((then, first_over))[0])
        named.append((found[k].resource, found[k].node))
    if first is not None:
        named[BUSY.index(1.0)] = (first.limit, first.node)
    return named


def _spread(surface: Surface, curve: Curve, side: str, worked: Sequence[int], accounts: Sequence[int]) -> Floats:
    """Return one side of a surface on the whole grid, ndarray of shape (len(BUSY), len(accounts))."""
    # The tail's distance t = sqrt(2 (c - log measure)) is that of the curve, which all draws made, where nobody is
    # busier. What it moves by from there is a parabola in the logarithm of `busy`, and straight in the accounts.
    logs, usual = np.log(getattr(surface, side) + TINY), log_between(curve.accounts, getattr(curve, side), accounts)
    # far above all: near the ceiling a distance is anything but a parabola
    ceiling = max(float(logs.max()), float(usual.max())) + 4.0
    distance = np.sqrt(2 * (ceiling - logs))
    quiet, busy = (np.interp(accounts, worked, distance[k] - distance[1]) for k in (0, 2))
    x = np.log2(BUSY)[:, None]
    moved = np.sqrt(2 * (ceiling - usual)) + x * (x - 1) / 2 * quiet + x * (x + 1) / 2 * busy
    return np.asarray(np.exp(ceiling - 0.5 * np.maximum(moved, 0.0) ** 2))


def _first(answer: Answer) -> Limit | None:
    """Return the server limit that allows the fewest accounts at the confidence, ties broken as admission does."""
    servers = [one for one in answer.admission.limits if one.limit in RESOURCES and one.max_accounts is not None]
    return min(servers, key=lambda one: (one.max_accounts, ORDER.index(one.limit)), default=None)


def _meet(measure: Floats, accounts: Ints, allowed: int | None, at_most: float) -> None:
    """Move what the curves say between their points to the verdict's side: the last that is allowed, and all beyond."""
    if allowed is not None and measure[0] <= at_most:
        last, beyond = accounts == allowed, accounts > allowed
        measure[last] = np.minimum(measure[last], at_most)
        measure[beyond] = np.maximum(measure[beyond], 1.0001 * at_most)


def _rows(values: Floats) -> Rows:
    return tuple(tuple(float(f"{value:.4g}") for value in row) for row in values)


def _earned(few: Inputs, basis: int, last: int, price: int, seed: int) -> tuple[tuple[int, ...], tuple[Rows, ...]]:
    """Return numbers of accounts, and for each the fees earned by month, at shares of the paths."""
    # A block is bought whole or not at all, so no cap is in the way of the fees that come before it. More accounts than
    # there are businesses that would join earn no more, whatever the price: they need no paths of their own.
    name = few.offer.network
    case = case_of(few, name)
    cap = None if _whole_block(few) else case.network.largest_balance
    case = replace(case, network=replace(case.network, largest_balance=cap))
    most = min(last, max(1, int(np.max(derive(case, LIMIT_PATHS).reach))))
    worked = sorted({n for n in (*PAYING, basis) if n < most} | {most})
    found = [_fees(case, n, price, seed) for n in worked]
    return (*worked, last)[: len(worked) + (most < last)], (*found, found[-1])[: len(worked) + (most < last)]


def _whole_block(few: Inputs) -> bool:
    """Return whether nothing is bought before there is credit for the whole block."""
    return few.spending.policy == "save_up" and few.spending.first_jobs == 0


def _pays_on(few: Inputs, fee: int) -> bool:
    """Return whether an account of the dearest level can pay up to the horizon before its own limit stops it."""
    limit = few.networks[few.offer.network].payer_limit
    return limit is None or float(limit.draws.min()) >= fee * few.horizon


def _own_rate(few: Inputs) -> int | None:
    """Return the lowest hourly rate of a seller that does not take the common one."""
    sellers = [one for one in few.spending.sellers.values() if one.network == few.offer.network]
    return min((whole_rate(one.rate.value) for one in sellers if one.rate is not None), default=None)


def _fees(case: Case, accounts: int, price: int, seed: int) -> Rows:
    earned = np.sort(run(offering(case, accounts), LIMIT_PATHS, seed).earned, axis=1) / price
    places = np.round(np.array(SHARES) * (earned.shape[1] - 1)).astype(int)
    return tuple(tuple(round(float(value), 1) for value in row) for row in earned[:, places])


def _equally_likely(drawn: Floats, unit: float) -> tuple[float, ...]:
    """Return the middles of as many equally likely parts of what is drawn."""
    values = np.quantile(np.atleast_1d(drawn), (np.arange(RATES) + 0.5) / RATES) / unit
    return tuple(float(f"{value:.4g}") for value in values)


def _shuffled(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return the values in an order that has nothing to do with their size."""
    return tuple(values[(23 * k + 7) % RATES] for k in range(RATES))
