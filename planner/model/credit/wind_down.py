"""The way out: the co-op leaves the network in a month, in two variants, and spends what credit is left."""

from dataclasses import dataclass, replace

import numpy as np

from planner.model.credit.arithmetic import cost_of
from planner.model.credit.ledger import Ledger
from planner.model.credit.parameters import grown, rate_now
from planner.model.credit.simulate import run
from planner.model.credit.summary import NEVER, Quantiles, quantiles
from planner.model.inputs.credit import Case, Mask

YEARS_AFTER = 3
"""How long the paths go on after the way out, so that spending down can be seen [year]."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What becomes of the members."""

    name: str
    """"convert": each changes over to money with the given chance; "end": the memberships end."""
    members_kept: Quantiles
    members_lost: Quantiles
    """[account]"""
    income_kept: Quantiles
    """[minor money/month]"""


@dataclass(frozen=True, slots=True)
class WayOut:
    """What the way out finds and leaves behind, the same for both variants but for the members."""

    month: int
    """The last one in which the co-op invoices in credit [month]."""
    accounts: Quantiles
    """That are there at its end [account]."""
    credit_left: Quantiles
    """At its end [minor credit]."""
    service_owed: Quantiles
    """Fees received in that month: they pay for the month that follows [minor credit]."""
    late_due: Quantiles
    """Late invoices still to come in [minor credit]."""
    months_to_spend_down: Quantiles
    """Until no smallest job can be paid any more; None = not within three years [month]."""
    spent_down: float
    """Probability of that within three years [-]."""
    credit_stuck: Quantiles
    """What is never spent, the network's end included [minor credit]."""
    hours_to_come: Quantiles
    """Bought with what was left [h]."""
    variants: tuple[Variant, ...]


def way_out(case: Case, month: int, n_paths: int, seed: int) -> WayOut:
    """Return what happens if the co-op leaves the network at the end of a month [month]."""
    # No credit is turned into money: no network known does that. From the month after, whole jobs are bought with what
    # is left, whatever the policy was, because no block will be saved up any more.
    if month < 1:
        raise ValueError(f"the way out is in month 1 or later, found {month}")
    leaving = replace(case, horizon=month + 12 * YEARS_AFTER, cash=replace(case.cash, wind_down=month))
    ledger = run(leaving, n_paths, seed)
    last = month - 1
    there = np.where(ledger.closed[last], 0, ledger.paying[last] - ledger.left[last])
    down = _spent_down(ledger)[last:]
    wait = np.where(down.any(axis=0), down.argmax(axis=0), NEVER)
    income = np.floor(ledger.converts * case.network.worth.draws + 0.5)
    nobody = quantiles(0 * there)
    converted = Variant("convert", quantiles(ledger.converted), quantiles(there - ledger.converted), quantiles(income))
    return WayOut(
        month=month,
        accounts=quantiles(there),
        credit_left=quantiles(ledger.balance[last]),
        service_owed=quantiles(ledger.received[last]),
        late_due=quantiles(ledger.outstanding[last]),
        months_to_spend_down=quantiles(wait),
        spent_down=float(down.any(axis=0).mean()),
        credit_stuck=quantiles(ledger.balance[-1]),
        hours_to_come=quantiles(ledger.hours[-1] - ledger.hours[last]),
        variants=(converted, Variant("end", nobody, quantiles(there), nobody)),
    )


def _spent_down(ledger: Ledger) -> Mask:
    """Return whether no smallest job can be paid and nothing is to come, ndarray of shape (n_months, n_paths)."""
    # A supplier's bill takes what is less than a job; without one the rest stays. Balances that a closed network
    # freezes are not spent.
    parameters = ledger.parameters
    spent = np.zeros(ledger.balance.shape, dtype=np.bool_)
    for number, (balance, due) in enumerate(zip(ledger.balance, ledger.outstanding, strict=True)):
        growth = grown(parameters.growth, number + 1)
        jobs = [cost_of(seller.job, rate_now(seller.rate, growth)) for seller in parameters.sellers]
        dust = np.minimum.reduce(jobs) if jobs else 1
        spent[number] = (balance < np.where(parameters.bill > 0, 1, dust)) & (due == 0)
    return np.asarray(spent & (~ledger.closed | (ledger.balance == 0)))
