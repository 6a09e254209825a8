"""One month's purchases: small jobs as soon as they can be paid, or one block of hours that has been saved up for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.model.credit.arithmetic import MINUTES
from planner.model.credit.ledger import Floats, Ints, Mask, Paths, Rows, State, times
from planner.model.credit.parameters import Terms, grown, rate_now


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
    """What was bought of one seller; each field an ndarray of shape (n,)."""

    minutes: Ints
    """[min]"""
    cost: Ints
    """[minor credit]"""


def cost(minutes: Ints, rate: Ints) -> Ints:
    """Return what so many minutes cost, rounded up to a minor unit [minor credit]."""
    return -(-minutes * rate // MINUTES)


def jobs(balance: Ints, sales: Sequence[Sale], at_most: Ints | None = None) -> list[Bought]:
    """Return what is bought when each smallest job is bought as soon as it can be paid, in the order of `sales`.

    Units: balance [minor credit]; at_most [job].

    Examples
    --------
    135 credits buy one job of 4 h at 30 credits an hour.

    >>> one = lambda number: np.array([number])
    >>> [bought] = jobs(one(13500), [Sale(one(960), one(3000), one(240))])
    >>> bought.minutes.tolist(), bought.cost.tolist()
    ([240], [12000])
    """
    bought = []
    for sale in sales:
        price = cost(sale.job, sale.rate)
        number = np.minimum(times(balance, price), times(sale.minutes, sale.job))
        if at_most is not None:
            number = np.minimum(number, at_most)
            at_most = at_most - number
        bought.append(Bought(number * sale.job, number * price))
        balance = balance - bought[-1].cost
    return bought


def block_price(block: Ints, sales: Sequence[Sale]) -> Ints:
    """Return what the whole block costs at this month's sellers, in the order of `sales`; 0 = nobody is there.

    Hours that this month's sellers do not have are reckoned at the rate of the first of them.

    Units: block [min]; returns [minor credit].

    Examples
    --------
    Sixteen hours, of which the first seller has ten at 30 and the second the rest at 50.

    >>> one = lambda number: np.array([number])
    >>> sales = [Sale(one(600), one(3000), one(240)), Sale(one(600), one(5000), one(240))]
    >>> block_price(one(960), sales).tolist()
    [60000]
    """
    total = np.zeros_like(block)
    missing = block
    first = np.zeros_like(block)
    for sale in sales:
        piece = _piece(missing, missing, sale)
        total += cost(piece, sale.rate)
        missing = missing - piece
        first = np.where((first == 0) & (sale.minutes > 0), sale.rate, first)
    return np.where(first > 0, total + cost(missing, first), 0)


def block(balance: Ints, wanted: Ints, sales: Sequence[Sale]) -> list[Bought]:
    """Return what is bought of a block that is still wanted: as much as the sellers have and the balance pays.

    Units: balance [minor credit]; wanted [min].
    """
    bought = []
    for sale in sales:
        piece = _piece(np.minimum(wanted, times(balance * MINUTES, sale.rate)), wanted, sale)
        bought.append(Bought(piece, cost(piece, sale.rate)))
        wanted = wanted - piece
        balance = balance - bought[-1].cost
    return bought


def _piece(at_most: Ints, wanted: Ints, sale: Sale) -> Ints:
    """Return the minutes that one seller takes of a block: whole hours from its smallest job up, or all that lacks.

    Whole hours (or smallest jobs, where those are shorter), so that hours x rate is a whole number of minor units.
    """
    piece = np.minimum(at_most, sale.minutes)
    grain = np.minimum(sale.job, MINUTES)
    return np.where(piece == wanted, piece, np.where(piece >= sale.job, piece - piece % grain, 0))


def spend(asked: Terms, state: State, books: Paths, month: int, there: Sequence[Mask]) -> None:
    """Set members' fees against their hours, buy hours by the policy, pay the supplier's bill.

    Units: month [month].
    """
    factor = grown(asked.growth, month)
    for number, (seller, here) in enumerate(zip(asked.sellers, there, strict=True)):
        books.there[number, month - 1] = here
        if seller.member_price is not None:
            _net(asked, state, books, month, number, rate_now(seller.rate, factor), here)
    if asked.sellers:
        jobs_only = asked.policy == "whole_jobs" or month > asked.winds_down
        any_there = there[0]
        for here in there[1:]:
            any_there = any_there | here
        rows = _buyers(asked, state, any_there, jobs_only)
        if rows.size:
            _buy(asked, state, books, month, rows, _sales(asked, books, month, rows, factor), jobs_only)
    if asked.bill.any():
        bills = np.minimum(state.balance, asked.bill) * state.open
        books.bills[month - 1] = bills
        state.balance[:] -= bills


def _net(asked: Terms, state: State, books: Paths, month: int, number: int, rate: Ints, here: Mask) -> None:
    """Set the fee of a seller that is a member against its hours: nothing is paid, and no balance is needed."""
    seller, claim = asked.sellers[number], state.claim[number]
    if asked.invoices(month):
        claim += (seller.member_price or 0) * state.open
    minutes = np.minimum(times(claim * MINUTES, rate), seller.minutes * here)
    worth = cost(minutes, rate)
    books.netted[number, month - 1], books.netted_minutes[number, month - 1] = worth, minutes
    claim -= worth


def _buyers(asked: Terms, state: State, any_there: Mask, jobs_only: bool) -> Rows:
    """Return the paths on which something may be bought: rates never fall, so what month 1 costs is not too much."""
    worth = state.balance * MINUTES
    if jobs_only:
        return np.flatnonzero(any_there & (worth >= asked.least_job))
    may = (worth >= asked.least_block) | (state.wanted > 0)
    if asked.first_jobs:
        may |= (worth >= asked.least_job) & (state.done < asked.first_jobs)
    return np.flatnonzero(may & any_there)


def _sales(asked: Terms, books: Paths, month: int, rows: Rows, factor: Floats | float) -> list[Sale]:
    """Return what the sellers have on sale on some of the paths, after their own fees have been netted."""
    growth = factor[rows] if isinstance(factor, np.ndarray) else factor
    sales = []
    for number, seller in enumerate(asked.sellers):
        minutes = seller.minutes[rows] * books.there[number, month - 1][rows]
        if seller.member_price is not None:
            minutes -= books.netted_minutes[number, month - 1][rows]
        sales.append(Sale(minutes, rate_now(seller.rate[rows], growth), seller.job[rows]))
    return sales


def _buy(asked: Terms, state: State, books: Paths, month: int, rows: Rows, sales: list[Sale], jobs_only: bool) -> None:
    """Buy by the policy on some of the paths, and write it into the books."""
    balance = state.balance[rows]
    minutes = [np.zeros_like(balance) for _ in sales]
    costs = [np.zeros_like(balance) for _ in sales]

    def take(bought: list[Bought]) -> None:
        nonlocal balance
        for number, piece in enumerate(bought):
            minutes[number] += piece.minutes
            costs[number] += piece.cost
            balance = balance - piece.cost

    at_most = None if jobs_only else asked.first_jobs - state.done[rows]
    if at_most is None or at_most.any():
        bought = jobs(balance, sales, at_most)
        take(bought)
        state.done[rows] += sum(times(piece.minutes, sale.job) for piece, sale in zip(bought, sales, strict=True))
        sales = [Sale(s.minutes - p.minutes, s.rate, s.job) for s, p in zip(sales, bought, strict=True)]
    if not jobs_only:
        begun, size = state.wanted[rows], asked.block[rows]
        price = block_price(size, sales)
        # A block that is begun is bought on; a new one begins as soon as the balance pays for all of it.
        wanted = np.where((begun == 0) & (price > 0) & (balance >= price), size, begun)
        bought = block(balance, wanted, sales)
        take(bought)
        state.wanted[rows] = wanted - sum(piece.minutes for piece in bought)
    for number in range(len(sales)):
        books.minutes[number, month - 1][rows] = minutes[number]
        books.spent[number, month - 1][rows] = costs[number]
    state.balance[rows] = balance
