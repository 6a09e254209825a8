"""What happened month by month on many paths of one network's credit: the books, in whole minor units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.credit import MINUTES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """What happened on each path in each month: ndarrays of shape (n_months, n_paths), month 1 first."""

    paying: Counts
    """Accounts that are there in the month, the new ones among them [account]."""
    joined: Counts
    left: Counts
    """At the month's end [account]."""
    late: Counts
    """This month's invoices that are paid next month [invoice]."""
    invoiced: Ints
    """[minor credit], like all amounts below."""
    received: Ints
    fees: Ints
    """What the network keeps of the receipts."""
    refused: Ints
    """By the network, because of the largest balance; lost."""
    blocked: Ints
    """Invoices that the payer's own limit does not allow; lost."""
    unpaid: Ints
    """Invoices never paid, and late ones that the network's end swallows."""
    outstanding: Ints
    """Late invoices, due next month."""
    balance: Ints
    """At the month's end; frozen from the month in which the network closes."""
    bills: Ints
    """Paid to the supplier."""
    spent: Ints
    """On hours of each seller, ndarray of shape (n_sellers, n_months, n_paths)."""
    minutes: Ints
    """Bought of each seller, ndarray of shape (n_sellers, n_months, n_paths) [min]."""
    netted: Ints
    """Fees of sellers that are members, set against their hours, ndarray of shape (n_sellers, n_months, n_paths)."""
    netted_minutes: Ints
    """Hours got for them, ndarray of shape (n_sellers, n_months, n_paths) [min]."""
    there: Mask
    """Whether the seller is available, ndarray of shape (n_sellers, n_months, n_paths)."""
    closed: Mask
    """Whether the network has closed by the month's end."""
    turned_away: Floats
    """Share of the paths in which a limit turned somebody away, ndarray of shape (n_months, n_limits) [-]."""
    limits: tuple[str, ...]
    """The limits' names."""
    converts: Ints
    """Money a month of those who change over to money at the way out, ndarray of shape (n_paths,) [minor credit]."""
    converted: Counts
    """How many those are, ndarray of shape (n_paths,) [account]."""
    sellers: tuple[str, ...]

    @property
    def hours(self) -> Floats:
        """Hours bought and netted so far, ndarray of shape (n_months, n_paths) [h]."""
        return np.asarray((self.minutes + self.netted_minutes).sum(axis=0).cumsum(axis=0) / MINUTES)

    @property
    def earned(self) -> Ints:
        """Receipts so far, less the network's fees, ndarray of shape (n_months, n_paths) [minor credit]."""
        return (self.received - self.fees).cumsum(axis=0)

    @property
    def idle_share(self) -> Floats:
        """What is not spent of what was earned so far, 0 before anything is earned, (n_months, n_paths) [-]."""
        earned = self.earned
        return np.asarray(np.where(earned > 0, self.balance / np.maximum(earned, 1), 0.0))

    @property
    def buys(self) -> Mask:
        """Whether hours are bought or netted in the month, ndarray of shape (n_months, n_paths)."""
        return np.asarray((self.minutes + self.netted_minutes).sum(axis=0) > 0)


def blank(months: int, n_paths: int, sellers: Sequence[str], limits: Sequence[str]) -> Paths:
    """Return books in which nothing has happened yet.

    Parameters
    ----------
    months, n_paths : int
        How many [month], [-].
    sellers, limits : sequence of str
        Their names.
    """
    shape, by_seller = (months, n_paths), (len(sellers), months, n_paths)

    def count() -> Counts:
        return np.zeros(shape, dtype=np.int32)

    def amount(shape: tuple[int, ...] = shape) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    return Paths(
        paying=count(),
        joined=count(),
        left=count(),
        late=count(),
        invoiced=amount(),
        received=amount(),
        fees=amount(),
        refused=amount(),
        blocked=amount(),
        unpaid=amount(),
        outstanding=amount(),
        balance=amount(),
        bills=amount(),
        spent=amount(by_seller),
        minutes=amount(by_seller),
        netted=amount(by_seller),
        netted_minutes=amount(by_seller),
        there=np.zeros(by_seller, dtype=np.bool_),
        closed=np.zeros(shape, dtype=np.bool_),
        turned_away=np.zeros((months, len(limits))),
        limits=tuple(limits),
        converts=amount((n_paths,)),
        converted=np.zeros(n_paths, dtype=np.int32),
        sellers=tuple(sellers),
    )
