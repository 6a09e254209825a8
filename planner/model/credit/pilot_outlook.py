"""The review of the pilot as the paths foresee it: when it comes, what it finds, how it goes on."""

from dataclasses import dataclass

import numpy as np

from planner.model.credit.ledger import Ints, Mask, Paths
from planner.model.credit.money import hours_worked
from planner.model.credit.summary import NEVER, Quantiles, quantiles
from planner.model.inputs.capacity import Review
from planner.model.inputs.credit import Case


@dataclass(frozen=True, slots=True)
class Missed:
    """One threshold of the review and the share of the paths that miss it."""

    threshold: str
    """The field of `Review`."""
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
    """Share of the paths in which no threshold is missed [-]."""
    hold: float
    """In which some are, not all [-]."""
    stop: float
    """In which all that are asked are missed [-]."""


def review_month(books: Paths, after: int, at_accounts: int | None) -> Ints:
    """Return the month of the review: after so many months, earlier when so many accounts have signed up.

    Units: after [month]; at_accounts [account]; returns [month].
    """
    months, n_paths = books.paying.shape
    latest = np.full(n_paths, min(after, months))
    if at_accounts is None:
        return latest
    enough = books.joined.cumsum(axis=0) >= at_accounts
    return np.where(enough.any(axis=0), np.minimum(enough.argmax(axis=0) + 1, latest), latest)


def checkpoint(case: Case, books: Paths, review: Review, episodes: float | None = None) -> Checkpoint:
    """Return what the review finds on the paths.

    Units: episodes [overload].
    """
    month = review_month(books, review.after, review.at_accounts)
    at = (month - 1, np.arange(month.size))
    since = _months_since(books.buys, month)
    found = {
        "hours_bought": books.hours[at],
        "months_since_purchase": since,
        "idle_share": books.idle_share[at],
        "episodes": None if episodes is None else np.full(month.size, episodes),
        "volunteer_hours": hours_worked(case, books)[at],
    }
    missed, all_missed, any_missed = [], np.ones(month.size, dtype=np.bool_), np.zeros(month.size, dtype=np.bool_)
    for threshold, values in found.items():
        asked = getattr(review, threshold)
        if asked is None or values is None:
            continue
        # 1e-9: three times 20 minutes are an hour
        misses: Mask = values < asked - 1e-9 if threshold == "hours_bought" else values > asked + 1e-9
        missed.append(Missed(threshold, float(asked), float(misses.mean())))
        all_missed &= misses
        any_missed |= misses
    return Checkpoint(
        month=quantiles(month),
        accounts=quantiles(books.paying[at]),
        hours_bought=quantiles(books.hours[at]),
        months_since_purchase=quantiles(since),
        idle_share=quantiles(books.idle_share[at]),
        volunteer_hours=quantiles(hours_worked(case, books)[at]),
        balance=quantiles(books.balance[at]),
        missed=tuple(missed),
        go_on=float((~any_missed).mean()),
        hold=float((any_missed & ~all_missed).mean()),
        stop=float((any_missed & all_missed).mean()),
    )


def _months_since(buys: Mask, month: Ints) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return how many months before the review hours were last bought; inf = never."""
    numbers = np.arange(1, len(buys) + 1)[:, None]
    last = np.where(buys & (numbers <= month), numbers, 0).max(axis=0)
    return np.where(last > 0, month - last, NEVER)
