"""The money side of selling for credit, beside the credit and never added to it, and the volunteers' hours."""

import math
from dataclasses import dataclass

import numpy as np

from planner.model.credit.ledger import Ledger
from planner.model.credit.summary import Quantiles, quantiles
from planner.model.inputs.credit import Case, Floats


@dataclass(frozen=True, slots=True)
class Money:
    """What the accounts of one network cost and save in money within the horizon [minor money]."""

    vat: Quantiles
    """Owed on what was received in credit, fees that were netted among it."""
    per_account: Quantiles
    next_node: Quantiles
    displaced: Quantiles
    """Fees of those who would have paid money."""
    bills_saved: Quantiles
    result: Quantiles
    """Saved less all the others; below 0 = it costs money."""
    worst_month: Quantiles
    """The dearest month's vat, accounts and nodes, less bills saved [minor money/month]."""
    break_even_displaced: Quantiles
    """Share of the accounts that may be former money payers before more money is gone than hours and bills were
    worth: a comparison at the network's worth, not a sum [-]."""


@dataclass(frozen=True, slots=True)
class Work:
    """The volunteers' hours."""

    per_month: tuple[Quantiles, ...]
    """Month 1 first [h/month]."""
    total: Quantiles
    """Within the horizon [h]."""
    hand_over: "HandOver | None"


@dataclass(frozen=True, slots=True)
class HandOver:
    """What somebody takes over if the volunteer stops: as it stands at the end of the month before."""

    month: int
    """The first one without the volunteer [month]."""
    hours: Quantiles
    """[h/month]"""
    accounts: Quantiles
    """[account]"""
    late_invoices: Quantiles
    """Still to be collected [invoice]."""
    late_amount: Quantiles
    """[minor credit]"""
    income: Quantiles
    """In credit that ends if nobody sends invoices [minor credit/month]."""
    balance: Quantiles
    """[minor credit]"""


def money(case: Case, ledger: Ledger) -> Money:
    """Return what the accounts cost and save in money, each kind by itself."""
    # VAT: credit received is worth money and includes the tax, so worth x received x rate/(1 + rate) (HMRC
    # VATVAL05200). Break-even share: (worth x spent on hours + bills saved - vat - accounts - nodes) / (worth x fees
    # invoiced), in 0…1.
    cash, worth, vat = case.cash, case.network.worth.draws, case.cash.vat.draws
    received = ledger.received + ledger.netted.sum(axis=0)
    taxed = np.floor(received * worth * vat / (1 + vat) + 0.5)
    kept = np.floor(ledger.paying * cash.per_account.draws + 0.5)
    steps = ledger.paying // (math.inf if cash.accounts_per_node is None else cash.accounts_per_node.draws)
    nodes = np.floor(steps * cash.next_node.draws + 0.5)
    fees = ledger.invoiced * worth
    displaced = np.floor(fees * cash.displaced.draws + 0.5)
    saved = np.floor(ledger.bills * worth + 0.5)
    cost = taxed + kept + nodes - saved
    value = (ledger.spent + ledger.netted).sum(axis=(0, 1)) * worth - cost.sum(axis=0)
    invoiced = fees.sum(axis=0)
    share = np.clip(value[invoiced > 0] / invoiced[invoiced > 0], 0.0, 1.0)
    return Money(
        vat=_total(taxed),
        per_account=_total(kept),
        next_node=_total(nodes),
        displaced=_total(displaced),
        bills_saved=_total(saved),
        result=_total(-cost - displaced),
        worst_month=quantiles(cost.max(axis=0)),
        break_even_displaced=quantiles(share),
    )


def work(case: Case, ledger: Ledger) -> Work:
    """Return the volunteers' hours, and what is handed over if they stop."""
    hours, stops = hours_worked(ledger), ledger.parameters.stops
    return Work(
        per_month=tuple(quantiles(month) for month in hours),
        total=quantiles(hours.sum(axis=0)),
        hand_over=_hand_over(stops, hours, ledger) if 1 < stops <= case.horizon else None,
    )


def hours_worked(ledger: Ledger) -> Floats:
    """Return the volunteers' hours, ndarray of shape (n_months, n_paths) [h]; 0 from the month in which they stop."""
    # Set-up x new accounts + upkeep x accounts, members that sell among them, + the batch of a month in which there are
    # any, + collecting x last month's late invoices
    rules = ledger.parameters
    chased, members = np.zeros(ledger.late.shape), np.full(ledger.late.shape, float(rules.members))
    chased[1:] = ledger.late[:-1]
    members[1:][ledger.closed[:-1]] = 0.0
    members[rules.winds_down :] = 0.0
    billed = ledger.paying + members
    hours = rules.setup * ledger.joined + rules.upkeep * billed + rules.batch * (billed > 0)
    hours += rules.collecting * chased
    hours[rules.stops - 1 :] = 0.0
    return np.asarray(hours)


def _hand_over(stops: int, hours: Floats, ledger: Ledger) -> HandOver:
    last = stops - 2
    return HandOver(
        month=stops,
        hours=quantiles(hours[last]),
        accounts=quantiles(ledger.paying[last] - ledger.left[last]),
        late_invoices=quantiles(ledger.late[last]),
        late_amount=quantiles(ledger.outstanding[last]),
        income=quantiles(ledger.invoiced[last]),
        balance=quantiles(ledger.balance[last]),
    )


def _total(amounts: Floats) -> Quantiles:
    """Return the quantiles of the sum over the months [minor money]."""
    return quantiles(amounts.sum(axis=0))
