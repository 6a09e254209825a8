"""The ledger of one network's credit on many paths, month by month in whole minor units, and what a month hands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.model.credit.arithmetic import MINUTES
from planner.model.credit.parameters import Parameters
from planner.model.inputs.credit import Counts, Floats, Ints, Mask, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """What happened on each path in each month: ndarrays of shape (n_months, n_paths), month 1 first."""

    parameters: Parameters
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
    spent: Ints
    """On hours of each seller, ndarray of shape (n_sellers, n_months, n_paths), as are the four below."""
    minutes: Ints
    """Bought of each seller [min]."""
    netted: Ints
    """Fees of sellers that are members, set against their hours."""
    netted_minutes: Ints
    """Hours received for them [min]."""
    there: Mask
    """Whether the seller is available."""
    closed: Mask
    """Whether the network has closed by the month's end."""
    turned_away: Floats
    """Share of the paths in which a limit turned somebody away, ndarray of shape (n_months, n_limits) [-]."""
    limits: tuple[str, ...]
    converts: Ints
    """Money a month of those who change over to money at the way out, ndarray of shape (n_paths,) [minor credit]."""
    converted: Counts
    """How many those are, ndarray of shape (n_paths,) [account]."""

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
        """Unspent share of what was earned so far, 0 before anything is earned, (n_months, n_paths) [-]."""
        earned = self.earned
        return np.asarray(np.where(earned > 0, self.balance / np.maximum(earned, 1), 0.0))


COUNTS = ("paying", "joined", "left", "late")
AMOUNTS = ("invoiced", "received", "fees", "refused", "blocked", "unpaid", "outstanding", "balance", "bills")
BY_SELLER = ("spent", "minutes", "netted", "netted_minutes")


def blank(parameters: Parameters, months: int, n_paths: int, limits: Sequence[str]) -> Ledger:
    """Return a ledger of so many months [month] in which nothing has happened yet."""
    shape, n_sellers = (months, n_paths), len(parameters.sellers)
    # One block for all amounts: fresh memory is paid for page by page, and the pages of a large block are large.
    block = np.zeros((len(AMOUNTS) + len(BY_SELLER) * n_sellers, *shape), dtype=np.int64)
    columns: dict[str, Any] = {
        **dict(zip(COUNTS, np.zeros((len(COUNTS), *shape), dtype=np.int32), strict=True)),
        **dict(zip(AMOUNTS, block, strict=False)),
        **dict(zip(BY_SELLER, block[len(AMOUNTS) :].reshape(len(BY_SELLER), n_sellers, *shape), strict=True)),
    }
    return Ledger(
        parameters=parameters,
        **columns,
        there=np.zeros((n_sellers, *shape), dtype=np.bool_),
        closed=np.zeros(shape, dtype=np.bool_),
        turned_away=np.zeros((months, len(limits))),
        limits=tuple(limits),
        converts=np.zeros(n_paths, dtype=np.int64),
        converted=np.zeros(n_paths, dtype=np.int32),
    )


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What one month hands to the next; the arrays are changed in place. A place is one of the accounts offered.

    By place and path: ndarrays of shape (n_places, n_paths); the others of shape (n_paths,).
    """

    there: Mask
    since: Counts
    """Grows with the moment of sign-up of the account in a place; kept only where it matters who pays first [-]."""
    late: Mask
    """Whether last month's invoice of this place is paid now."""
    late_since: Counts
    """Whose invoice that is [-]."""
    credit_line: Ints
    """What the payer in this place may still spend; kept only where there is a limit [minor credit]."""
    open: Mask
    balance: Ints
    earned: Ints
    """Receipts so far, less fees [minor credit]."""
    paying: Ints
    signed: Ints
    """Accounts that are there, and sign-ups so far [account]."""
    wanted: Ints
    """What the block that is being bought still lacks [min]."""
    done: Ints
    """Small jobs bought [job]."""
    claim: Ints
    """Fees of each member seller that no hours stand against yet, (n_sellers, n_paths) [minor credit]."""


def opening(n_places: int, n_sellers: int, n_paths: int) -> State:
    """Return the state before month 1, without any account [account] and with nothing owed."""
    places = (n_places, n_paths)
    by_path = ("balance", "earned", "paying", "signed", "wanted", "done")
    return State(
        there=np.zeros(places, dtype=np.bool_),
        since=np.zeros(places, dtype=np.int32),
        late=np.zeros(places, dtype=np.bool_),
        late_since=np.zeros(places, dtype=np.int32),
        credit_line=np.zeros(places, dtype=np.int64),
        open=np.ones(n_paths, dtype=np.bool_),
        **{name: np.zeros(n_paths, dtype=np.int64) for name in by_path},
        claim=np.zeros((n_sellers, n_paths), dtype=np.int64),
    )


def count(mask: Mask) -> Ints:
    """Return how many places are marked on each path, ndarray of shape (n_paths,) [account]."""
    return np.asarray(np.add.reduce(mask.view(np.uint8), axis=0, dtype=narrow(len(mask)))).astype(np.int64)


def narrow(most: int) -> type[np.unsignedinteger]:
    """Return a type that counts up to `most` [-]: bytes are added several times as fast as wide integers."""
    return np.uint8 if most < 256 else np.uint32


def amount(prices: Sequence[tuple[int, Rows]], mask: Mask) -> Ints:
    """Return the fees of the marked places on each path, ndarray of shape (n_paths,) [minor credit]."""
    if len(prices) == 1:
        return count(mask) * prices[0][0]
    total = np.zeros(mask.shape[1], dtype=np.int64)
    for price, places in prices:
        total += count(mask[places]) * price
    return total
