"""The review of the pilot as the paths foresee it: when it comes, what it finds, how it goes on."""

from dataclasses import dataclass

import numpy as np

from planner.model.credit.ledger import Ledger
from planner.model.credit.money import hours_worked
from planner.model.credit.summary import NEVER, Quantiles, quantiles
from planner.model.inputs.capacity import Review, misses
from planner.model.inputs.credit import Floats, Ints, Mask


@dataclass(frozen=True, slots=True)
class Missed:
    """One threshold of the review and the share of the paths that miss it."""

    threshold: str
    asked: float
    """In the field's unit [h, month, account or -]."""
    share: float
    """[-]"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the review will find, over the paths."""

    month: Quantiles
    """When it comes [month]."""
    accounts: Quantiles
    """[account]"""
    hours_bought: Quantiles
    """[h]"""
    months_since_purchase: Quantiles
    """[month]; None = nothing has been bought."""
    idle_share: Quantiles
    """[-]"""
    volunteer_hours: Quantiles
    """[h/month]"""
    balance: Quantiles
    """[minor credit]"""
    missed: tuple[Missed, ...]
    """In the order of `Review`; only what is asked."""
    go_on: float
    hold: float
    stop: float
    """Shares of the paths in which no threshold is missed, some are but not all, and all that are asked are [-]."""


def review_month(ledger: Ledger, after: int, at_accounts: int | None) -> Ints:
    """Return the month of the review [month]: after so many, earlier when so many accounts [account] have signed up."""
    months, n_paths = ledger.paying.shape
    latest = np.full(n_paths, min(after, months))
    if at_accounts is None:
        return latest
    enough = ledger.joined.cumsum(axis=0) >= at_accounts
    return np.where(enough.any(axis=0), np.minimum(enough.argmax(axis=0) + 1, latest), latest)


def checkpoint(ledger: Ledger, review: Review) -> Checkpoint:
    """Return what the review finds on the paths, which know nothing of the servers' overloads."""
    month = review_month(ledger, review.after, review.at_accounts)
    at = (month - 1, np.arange(month.size))
    since = _months_since(ledger.buys, month)
    hours, idle, volunteers = ledger.hours[at], ledger.idle_share[at], hours_worked(ledger)[at]
    values_of = {
        "hours_bought": hours,
        "months_since_purchase": since,
        "idle_share": idle,
        "volunteer_hours": volunteers,
    }
    missed, path_misses = [], []
    for threshold, values in values_of.items():
        wanted = getattr(review, threshold)
        if wanted is None:
            continue
        path_misses.append(np.asarray(misses(review, threshold, values)))
        missed.append(Missed(threshold, float(wanted), float(path_misses[-1].mean())))
    all_missed, any_missed = np.all(path_misses, axis=0), np.any(path_misses, axis=0)
    return Checkpoint(
        month=quantiles(month),
        accounts=quantiles(ledger.paying[at]),
        hours_bought=quantiles(hours),
        months_since_purchase=quantiles(since),
        idle_share=quantiles(idle),
        volunteer_hours=quantiles(volunteers),
        balance=quantiles(ledger.balance[at]),
        missed=tuple(missed),
        go_on=float((~any_missed).mean()),
        hold=float((any_missed & ~all_missed).mean()),
        stop=float((any_missed & all_missed).mean()),
    )


def _months_since(buys: Mask, month: Ints) -> Floats:
    """Return how many months before the review hours were last bought; inf = never."""
    numbers = np.arange(1, len(buys) + 1)[:, None]
    last = np.where(buys & (numbers <= month), numbers, 0).max(axis=0)
    return np.where(last > 0, month - last, NEVER)
