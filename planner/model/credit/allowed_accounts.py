"""How many accounts the credit side's limits allow, spendability, balance, labour and cash, and how many are needed."""

import math
from bisect import bisect_left
from dataclasses import replace

import numpy as np

from planner.model.credit.parameters import EVER, derive, rate_now, whole
from planner.model.credit.simulate import run
from planner.model.inputs.capacity import sequence
from planner.model.inputs.credit import AS_IT_IS, NO_LABOUR, Case, Floats, Ints
from planner.model.inputs.uncertain import certain
from planner.model.limit import MOST, needed


def as_if_there(case: Case, accounts: int) -> Case:
    """Return the case with so many accounts [account] from month 1, whoever leaves replaced; all other rules stay."""
    # A slow start must not make a number of accounts look harmless.
    ever = certain(math.inf)
    network = replace(case.network, accounts=accounts, sign_ups=ever, reachable=ever, take_up=AS_IT_IS)
    return replace(case, network=network, labour=NO_LABOUR, room=None, pause_above=None)


def spendable(case: Case, n_paths: int) -> Ints:
    """Return the credit that can be spent in a month on average [minor credit/month]."""
    # The sum over the sellers of hours x rate x chance of being there, plus what the supplier takes. A seller whose
    # smallest job is longer than its hours sells nothing. Hours that go against a member's own fee are not for sale.
    parameters = derive(case, n_paths)
    total = parameters.bill.astype(np.float64)
    for seller in parameters.sellers:
        rate = rate_now(seller.rate)
        worth = seller.minutes * rate / 60 * (seller.minutes >= seller.job) * seller.available
        total = total + np.maximum(worth - (seller.member_price or 0), 0.0)
    return whole(np.minimum(total, EVER))


def spendability_allows(case: Case, n_paths: int) -> Floats:
    """Return the largest n [account] whose income, the sum of n prices, can be spent every month; inf = no limit."""
    order = sequence(MOST, case.network.mix)
    income = np.cumsum([case.prices[level] for level in order])
    allowed = np.searchsorted(income, spendable(case, n_paths), side="right").astype(np.float64)
    return np.where(allowed >= MOST, math.inf, allowed)


def labour_allows(case: Case, n_paths: int) -> Floats:
    """Return the largest number of accounts that the volunteers' hours carry, inf = no limit [account]."""
    # Largest n: batch + n (invoicing + support + late x collecting) + min(n, sign-ups a month) x set-up <= hours
    parameters = derive(case, n_paths)
    upkeep = parameters.upkeep + (parameters.late_or_unpaid - parameters.unpaid) * parameters.collecting
    hours = np.minimum(np.maximum(parameters.available - parameters.batch, 0.0), EVER)
    sign_ups = np.minimum(parameters.sign_ups, EVER)
    all_new = hours < sign_ups * (parameters.setup + upkeep)
    partly_new = _quotient(np.maximum(hours - sign_ups * parameters.setup, 0.0), upkeep)
    allowed = np.where(all_new, _quotient(hours, upkeep + parameters.setup), partly_new)
    # 1e-9: four hours carry four accounts of an hour each
    allowed = np.floor(np.minimum(allowed, MOST) + 1e-9)
    return np.where((allowed >= MOST) | np.isinf(parameters.available), math.inf, allowed)


def cash_allows(case: Case, n_paths: int) -> Floats:
    """Return the largest number of accounts whose cost in money is set aside, inf = no limit [account]."""
    cash = case.cash
    fees = np.cumsum([case.prices[level] for level in sequence(MOST, case.network.mix)])
    step = math.inf if cash.accounts_per_node is None else cash.accounts_per_node.draws
    each, node, most = cash.per_account.draws, cash.next_node.draws, cash.set_aside.draws + 1e-9
    worth, vat = case.network.worth.draws, cash.vat.draws
    low, high = np.zeros(n_paths, dtype=np.int64), np.full(n_paths, MOST)
    while (low < high).any():
        # Each part rises with n, so halving the interval finds the last n that is paid for.
        middle = (low + high + 1) // 2
        paid = middle * each + fees[middle - 1] * worth * vat / (1 + vat) + middle // step * node <= most
        low, high = np.where(paid, middle, low), np.where(paid, high, middle - 1)
    return np.where(low >= MOST, math.inf, low.astype(np.float64))


def market_reach(case: Case, n_paths: int) -> Floats:
    """Return how many accounts the network would bring: reachable businesses times take-up [account]."""
    businesses, share = case.network.reachable.over(n_paths), case.network.take_up.over(n_paths)
    return np.where(share > 0, businesses, 0.0) * np.where(share > 0, share, 1.0)


def loss_share(case: Case, accounts: int, n_paths: int, seed: int) -> Floats:
    """Return the share of the fees due [-] that the network refuses, if so many accounts [account] are there."""
    there = as_if_there(case, accounts)
    ledger = run(replace(there, horizon=case.judged or case.horizon), n_paths, seed)
    return np.asarray(ledger.refused.sum(axis=0) / np.maximum(ledger.invoiced.sum(axis=0), 1))


def balance_allows(
    case: Case, confidence: float, n_paths: int, seed: int, at_most: int = 200
) -> tuple[int | None, bool]:
    """Return one account [account] less than the first number that loses too much to the cap, and if it was close."""
    # None = no limit. Close: for a number tried, the share of the paths that keep to it lies within two standard errors
    # of the confidence. Every number is tried in turn, because more accounts may lose less: the block may be
    # bought just before the largest balance is reached.
    if case.network.largest_balance is None:
        return None, False
    allowed, close = case.spending.lost_at_most.over(n_paths), False
    doubt = 2 * math.sqrt(confidence * (1 - confidence) / n_paths)
    for accounts in range(1, at_most + 1):
        kept = loss_share(case, accounts, n_paths, seed) <= allowed + 1e-12
        # on one path, or on paths that are all alike, nothing is left to chance
        close = close or (0.0 < float(kept.mean()) < 1.0 and abs(float(kept.mean()) - confidence) < doubt)
        if kept.sum() < needed(n_paths, confidence):
            return accounts - 1, close
    return None, close


def accounts_needed(
    case: Case, hours: float, probability: float, n_paths: int, seed: int, at_most: int = 500
) -> int | None:
    """Return the accounts [account] that buy so many hours [h/month] with every rule on; None = more than `at_most`."""
    # By doubling and halving: the first number that suffices if the hours rise with the accounts.

    def suffices(accounts: int) -> bool:
        bought = run(as_if_there(case, accounts), n_paths, seed).hours[-1]
        return bool((bought >= hours * case.horizon - 1e-9).sum() >= needed(n_paths, probability))

    low, high = 0, 1
    while not suffices(high):
        if high >= at_most:
            return None
        low, high = high, min(2 * high, at_most)
    return low + 1 + bisect_left(range(low + 1, high), True, key=suffices)


def _quotient(hours: Floats, each_account: Floats) -> Floats:
    """Return how many times the hours hold what each account takes; inf if that is nothing."""
    return np.asarray(np.where(each_account > 0, hours / np.where(each_account > 0, each_account, 1.0), math.inf))
