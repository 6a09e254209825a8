"""One month's purchases: small jobs as soon as they can be paid, or one block of hours that has been saved up for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.credit import MINUTES

Ints = npt.NDArray[np.int64]


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

    Parameters
    ----------
    balance : ndarray of shape (n,)
        [minor credit]
    sales : sequence of Sale
        In order of preference.
    at_most : ndarray of shape (n,), optional
        No more jobs than these [job].

    Returns
    -------
    list of Bought
        One for each seller.

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
        number = np.minimum(balance // price, sale.minutes // sale.job)
        if at_most is not None:
            number = np.minimum(number, at_most)
            at_most = at_most - number
        bought.append(Bought(number * sale.job, number * price))
        balance = balance - bought[-1].cost
    return bought


def block_price(block: Ints, sales: Sequence[Sale]) -> Ints:
    """Return what the whole block costs at this month's sellers, in the order of `sales`; 0 = nobody is there.

    Hours that this month's sellers do not have are reckoned at the rate of the first of them.

    Parameters
    ----------
    block : ndarray of shape (n,)
        [min]
    sales : sequence of Sale
        In order of preference.

    Returns
    -------
    ndarray of shape (n,)
        [minor credit]

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

    Parameters
    ----------
    balance : ndarray of shape (n,)
        [minor credit]
    wanted : ndarray of shape (n,)
        What the block still lacks [min].
    sales : sequence of Sale
        In order of preference.

    Returns
    -------
    list of Bought
        One for each seller.
    """
    bought = []
    for sale in sales:
        piece = _piece(np.minimum(wanted, balance * MINUTES // sale.rate), wanted, sale)
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
