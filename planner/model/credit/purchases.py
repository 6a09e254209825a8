"""One month's purchases: small jobs as soon as they can be paid, or one block of hours that has been saved up for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.model.credit.arithmetic import MINUTES, cost_of
from planner.model.credit.ledger import Ledger, State
from planner.model.credit.parameters import EVER, Parameters, grown, rate_now
from planner.model.inputs.credit import Floats, Ints, Mask, Rows

NEAR = 2
"""`save_up_to_cap` buys whole jobs where so many months' fees, this month's being the first, would pass the largest
balance [month]."""


@dataclass(frozen=True, slots=True, eq=False)
class Sale:
    """What one seller has on sale this month; each field an ndarray of shape (n,)."""

    minutes: Ints
    """Still on sale, 0 = the seller is not there [min]."""
    rate: Ints
    """[minor credit/h]"""
    job: Ints
    """The smallest job [min]."""


@dataclass(frozen=True, slots=True, eq=False)
class Bought:
    """What was bought of one seller [min], and its cost [minor credit]; each field an ndarray of shape (n,)."""

    minutes: Ints
    cost: Ints


def jobs(balance: Ints, sales: Sequence[Sale], at_most: Ints | None = None) -> list[Bought]:
    """Return the smallest jobs [job] that a balance [minor credit] buys at once, in the order of `sales`."""
    bought = []
    for sale in sales:
        price = cost_of(sale.job, sale.rate)
        number = np.minimum(balance // price, sale.minutes // sale.job)
        if at_most is not None:
            number = np.minimum(number, at_most)
            at_most = at_most - number
        bought.append(Bought(number * sale.job, number * price))
        balance = balance - bought[-1].cost
    return bought


def block_price(block: Ints, sales: Sequence[Sale]) -> Ints:
    """Return the price of a block [min] at this month's sellers in order [minor credit]; 0 = nobody is there."""
    # Hours that this month's sellers do not have are priced at the rate of the first of them.
    total = np.zeros_like(block)
    missing = block
    first = np.zeros_like(block)
    for sale in sales:
        piece = _piece(missing, missing, sale)
        total += cost_of(piece, sale.rate)
        missing = missing - piece
        first = np.where((first == 0) & (sale.minutes > 0), sale.rate, first)
    return np.where(first > 0, total + cost_of(missing, first), 0)


def block(balance: Ints, wanted: Ints, sales: Sequence[Sale]) -> list[Bought]:
    """Return what is bought of a block still wanted [min]: what sellers have and the balance [minor credit] pays."""
    bought = []
    for sale in sales:
        piece = _piece(np.minimum(wanted, balance * MINUTES // sale.rate), wanted, sale)
        bought.append(Bought(piece, cost_of(piece, sale.rate)))
        wanted = wanted - piece
        balance = balance - bought[-1].cost
    return bought


def _piece(at_most: Ints, wanted: Ints, sale: Sale) -> Ints:
    """Return one seller's part of a block [min]: whole hours from its smallest job up, or all that is missing."""
    # Whole hours (or smallest jobs, where those are shorter), so that hours x rate is a whole number of minor units.
    piece = np.minimum(at_most, sale.minutes)
    grain = np.minimum(sale.job, MINUTES)
    return np.where(piece == wanted, piece, np.where(piece >= sale.job, piece - piece % grain, 0))


def spend(parameters: Parameters, state: State, ledger: Ledger, month: int, there: Sequence[Mask]) -> None:
    """Set members' fees of a month [month] against their hours, buy hours by the policy, pay the supplier's bill."""
    factor = grown(parameters.growth, month)
    for number, (seller, here) in enumerate(zip(parameters.sellers, there, strict=True)):
        ledger.there[number, month - 1] = here
        if seller.member_price is not None:
            _net(parameters, state, ledger, month, number, rate_now(seller.rate, factor), here)
    if parameters.sellers:
        jobs_only = parameters.policy == "whole_jobs" or month > parameters.winds_down
        rows = _buyers(parameters, state, np.logical_or.reduce(there), _fees_ahead(ledger, month), jobs_only)
        if rows.size:
            _buy(parameters, state, ledger, month, rows, _sales(parameters, ledger, month, rows, factor), jobs_only)
    if parameters.bill.any():
        bills = np.minimum(state.balance, parameters.bill) * state.open
        ledger.bills[month - 1] = bills
        state.balance[:] -= bills


def _net(parameters: Parameters, state: State, ledger: Ledger, month: int, number: int, rate: Ints, here: Mask) -> None:
    """Set the fee of a seller that is a member against its hours: nothing is paid, and no balance is needed."""
    seller, claim = parameters.sellers[number], state.claim[number]
    if parameters.invoices(month):
        claim += (seller.member_price or 0) * state.open
    minutes = np.minimum(claim * MINUTES // rate, seller.minutes * here)
    worth = cost_of(minutes, rate)
    ledger.netted[number, month - 1], ledger.netted_minutes[number, month - 1] = worth, minutes
    claim -= worth


def _fees_ahead(ledger: Ledger, month: int) -> Ints:
    """Return two months' fees less what has come of them this month, ndarray of shape (n_paths,) [minor credit]."""
    row = month - 1
    return np.asarray(NEAR * ledger.invoiced[row] - (ledger.received[row] - ledger.fees[row]))


def near_cap(parameters: Parameters, balance: Ints, fees: Ints, rows: Rows | slice) -> Mask:
    """Return whether the fees to come [minor credit] would pass the largest balance, if the policy asks for it."""
    cap = parameters.largest_balance
    if cap is None or parameters.policy != "save_up_to_cap":
        return np.zeros(balance.shape, dtype=np.bool_)
    return np.asarray(balance + fees > cap[rows])


def _buyers(parameters: Parameters, state: State, any_there: Mask, fees: Ints, jobs_only: bool) -> Rows:
    """Return the paths on which something may be bought: rates never fall, so what month 1 costs is not too much."""
    worth = state.balance * MINUTES
    if jobs_only:
        return np.flatnonzero(any_there & (worth >= parameters.least_job))
    may = (worth >= parameters.least_block) | (state.wanted > 0)
    may |= near_cap(parameters, state.balance, fees, slice(None)) & (worth >= parameters.least_job)
    if parameters.first_jobs:
        may |= (worth >= parameters.least_job) & (state.done < parameters.first_jobs)
    return np.flatnonzero(may & any_there)


def _sales(parameters: Parameters, ledger: Ledger, month: int, rows: Rows, factor: Floats) -> list[Sale]:
    """Return what the sellers have on sale on some of the paths, after their own fees have been netted."""
    sales = []
    for number, seller in enumerate(parameters.sellers):
        minutes = seller.minutes[rows] * ledger.there[number, month - 1][rows]
        if seller.member_price is not None:
            minutes -= ledger.netted_minutes[number, month - 1][rows]
        sales.append(Sale(minutes, rate_now(seller.rate[rows], factor[rows]), seller.job[rows]))
    return sales


def _buy(
    parameters: Parameters, state: State, ledger: Ledger, month: int, rows: Rows, sales: list[Sale], jobs_only: bool
) -> None:
    """Buy by the policy on some of the paths, and write it into the ledger."""
    balance = state.balance[rows]

    def take(bought: list[Bought]) -> None:
        nonlocal balance, sales
        for number, piece in enumerate(bought):
            ledger.minutes[number, month - 1][rows] += piece.minutes
            ledger.spent[number, month - 1][rows] += piece.cost
            balance = balance - piece.cost
        pairs = zip(sales, bought, strict=True)
        sales = [Sale(sale.minutes - piece.minutes, sale.rate, sale.job) for sale, piece in pairs]

    at_most = None if jobs_only else parameters.first_jobs - state.done[rows]
    if at_most is None or at_most.any():
        bought = jobs(balance, sales, at_most)
        take(bought)
        pairs = zip(sales, bought, strict=True)
        state.done[rows] += sum(piece.minutes // sale.job for sale, piece in pairs)
    if not jobs_only:
        begun, size = state.wanted[rows], parameters.block[rows]
        price = block_price(size, sales)
        # A block that is begun is bought on; a new one begins as soon as the balance pays for all of it.
        wanted = np.where((begun == 0) & (price > 0) & (balance >= price), size, begun)
        bought = block(balance, wanted, sales)
        take(bought)
        state.wanted[rows] = wanted = wanted - sum(piece.minutes for piece in bought)
        near = near_cap(parameters, balance, _fees_ahead(ledger, month)[rows], rows) & (wanted == 0)
        if near.any():
            # What a block still needs stays for it.
            take(jobs(balance, sales, np.where(near, EVER, 0)))
    state.balance[rows] = balance
