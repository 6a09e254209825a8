"""The review of the pilot as the paths foresee it: when it comes, what it finds, how it goes on."""

from dataclasses import dataclass

import numpy as np

from planner.model.credit.ledger import Ledger
from planner.model.credit.money import hours_worked
from planner.model.credit.summary import NEVER, Quantiles, quantiles
from planner.model.inputs.capacity import Review, misses
from planner.model.inputs.credit import Floats, Ints, Policy

SURELY = 0.99
"""A threshold that so many of the paths miss cannot be met [-]."""


@dataclass(frozen=True, slots=True)
class Missed:
    """One threshold of the review and the share of the paths that miss it."""

    threshold: str
    asked: float
    """In the field's unit [h, month, account or -]."""
    share: float
    """[-]"""
    met_by: int | None = None
    """Where (nearly) every path misses it, the first month by whose end half of them keep it [month]; None = none."""
    met_with: Policy | None = None
    """The policy with which they do, where that is another than the scenario's."""

    @property
    def never_met(self) -> bool:
        """Return whether a review that goes by it is lost before it begins."""
        return self.share >= SURELY


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
    found = {threshold: values[at] for threshold, values in _by_month(ledger).items()}
    asked = {name: wanted for name in found if (wanted := getattr(review, name)) is not None}
    missed = [misses(review, name, found[name]) for name in asked]
    all_missed, any_missed = np.all(missed, axis=0), np.any(missed, axis=0)
    return Checkpoint(
        month=quantiles(month),
        accounts=quantiles(ledger.paying[at]),
        **{threshold: quantiles(values) for threshold, values in found.items()},
        balance=quantiles(ledger.balance[at]),
        missed=tuple(
            Missed(name, float(wanted), float(of_paths.mean()))
            for (name, wanted), of_paths in zip(asked.items(), missed, strict=True)
        ),
        go_on=float((~any_missed).mean()),
        hold=float((any_missed & ~all_missed).mean()),
        stop=float((any_missed & all_missed).mean()),
    )


def first_kept(ledger: Ledger, review: Review, threshold: str) -> int | None:
    """Return the first month [month] from the review on by whose end half of the cases keep a threshold."""
    kept = 1.0 - misses(review, threshold, _by_month(ledger)[threshold]).mean(axis=1)
    months = np.flatnonzero(kept[review.after - 1 :] >= 0.5)
    return review.after + int(months[0]) if months.size else None


def _by_month(ledger: Ledger) -> dict[str, Floats]:
    """Return what each threshold is held against, ndarrays of shape (n_months, n_paths)."""
    bought = (ledger.minutes + ledger.netted_minutes).sum(axis=0) > 0
    months = np.arange(1, len(bought) + 1)[:, None]
    last = np.maximum.accumulate(np.where(bought, months, 0), axis=0)
    return {
        "hours_bought": ledger.hours,
        "months_since_purchase": np.where(last > 0, months - last, NEVER),
        "idle_share": ledger.idle_share,
        "volunteer_hours": hours_worked(ledger),
    }
