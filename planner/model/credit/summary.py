"""The summary of the paths: months to afford and to buy, what the largest balance refuses, what stops sign-ups."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.model.credit.arithmetic import Central, central
from planner.model.credit.ledger import Ledger
from planner.model.credit.simulate import run
from planner.model.inputs.credit import AS_IT_IS, NONE, Case, Counts, Floats, Ints, Mask, Seller
from planner.model.inputs.uncertain import at_value, certain
from planner.model.limit import needed

Values = Floats | Ints | Counts

NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Of the paths: a tenth lies at or below p10, half at or below p50, nine tenths at or below p90."""

    p10: float | None
    p50: float | None
    p90: float | None
    """In the unit of what is counted [that unit]; None = never, or not within the horizon."""


@dataclass(frozen=True, slots=True)
class Fan:
    """Quantiles month by month, month 0 first, with the number on paper, all in one unit [that unit]."""

    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]
    central: tuple[float, ...]

    @property
    def months(self) -> range:
        """Return the months of the quantiles [month]."""
        return range(len(self.p50))

    @property
    def last(self) -> Quantiles:
        """Return the quantiles in the last month [that unit]."""
        return Quantiles(self.p10[-1], self.p50[-1], self.p90[-1])


@dataclass(frozen=True, slots=True)
class Months:
    """How many months something takes [month]; None = not within the horizon."""

    central: int | None
    p10: int | None
    p50: int | None
    p90: int | None
    probability_within_horizon: float
    by_month: tuple[float, ...] = ()
    """Probability that it has come by the end of month 1, 2, … [-]."""


@dataclass(frozen=True, slots=True)
class Held:
    """The limit that turned somebody away in a month on most paths."""

    month: int
    """[month]"""
    limit: str
    """"offer", "market", what admission named, "labour" or "pause"; "" = nobody was turned away."""
    share: float
    """Of the paths [-]."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The credit of one network: on paper, and with the usual delays."""

    network: str
    accounts: int
    """Offered [account]."""
    central: Central
    afford: Months
    """The target, with all that has been earned so far."""
    buy: Months
    """The target, as sellers, jobs and the largest balance are."""
    balance: Fan
    """[minor credit]"""
    earned: Fan
    """Receipts so far, less the network's fees [minor credit]."""
    paying: Fan
    """[account]"""
    hours: Fan
    """Bought so far [h]."""
    idle_share: Quantiles
    """Of what was earned within the horizon and is not spent [-]."""
    netted: Quantiles
    """Hours that sellers who are members gave for their own fees, within the horizon [h]."""
    refused: Quantiles
    """Income within the horizon that the network refuses because of the largest balance [minor credit]."""
    refused_share: Quantiles
    """The same, of the fees due [-]."""
    cap_hit: float
    """Probability that the largest balance refuses a payment within the horizon [-]."""
    block_above_cap: float
    """Share of the paths in which the target costs more than the largest balance, so that it can never be bought in
    one piece [-]."""
    closed: float
    """Probability that the network closes within the horizon [-]."""
    frozen: Quantiles
    """Balance lost with it, on the paths in which it closes [minor credit]."""
    bounds: tuple[Held, ...]


def on_paper(case: Case) -> Case:
    """Return the case at its value with every rule off: all accounts pay from month 1, one seller is always there."""
    ever = certain(math.inf)
    nothing_lost: dict[str, Any] = dict.fromkeys(("churn", "late", "unpaid", "fee", "closes"), NONE)
    nothing_lost |= {"payer_limit": None, "largest_balance": None}
    network = replace(case.network, reachable=ever, take_up=AS_IT_IS, sign_ups=ever, **nothing_lost)
    smallest_job = next((seller.smallest_job for seller in case.spending.sellers.values()), case.spending.target)
    seller = Seller("on paper", network.name, None, ever, smallest_job, AS_IT_IS, None)
    spending = replace(case.spending, rate_growth=NONE, prefer=(), sellers={seller.name: seller}, supplier=None)
    return at_value(Case(network, case.prices, spending, case.horizon))


def outcome(case: Case, n_paths: int, seed: int) -> Outcome:
    """Return what the credit of one network comes to."""
    return summary(case, run(case, n_paths, seed), seed)


def summary(case: Case, ledger: Ledger, seed: int) -> Outcome:
    """Return what paths that have been run come to: see `outcome`."""
    paper = paper_of(case)
    exact = run(on_paper(case), 1, seed)
    bought = has_bought(exact)[:, 0]
    refused, due = ledger.refused.sum(axis=0), ledger.invoiced.sum(axis=0)
    cap = ledger.parameters.largest_balance
    above = np.zeros(1) if cap is None else ledger.parameters.target_cost(1) > cap
    closed = ledger.closed[-1]
    return Outcome(
        network=case.network.name,
        accounts=case.network.accounts,
        central=paper,
        afford=wait(affords(ledger), paper.within(case.horizon)),
        buy=wait(has_bought(ledger), int(bought.argmax()) + 1 if bought.any() else None),
        balance=band(ledger.balance, exact.balance),
        earned=band(ledger.earned, exact.earned),
        paying=band(ledger.paying, exact.paying),
        hours=band(ledger.hours, exact.hours),
        idle_share=quantiles(ledger.idle_share[-1]),
        netted=quantiles(ledger.netted_minutes.sum(axis=(0, 1)) / 60),
        refused=quantiles(refused),
        refused_share=quantiles(refused / np.maximum(due, 1)),
        cap_hit=float((refused > 0).mean()),
        block_above_cap=float(above.mean()),
        closed=float(closed.mean()),
        frozen=quantiles(ledger.balance[-1][closed]),
        bounds=tuple(
            Held(month, ledger.limits[int(shares.argmax())] if shares.any() else "", float(shares.max()))
            for month, shares in enumerate(ledger.turned_away, start=1)
        ),
    )


def paper_of(case: Case) -> Central:
    """Return the arithmetic of the proposal for a case with every number at its value."""
    network, spending = case.network, case.spending
    hours, rate = spending.target.value, spending.hourly_rate.value
    return central(network.accounts, network.mix, case.prices, hours, rate)


def affords(ledger: Ledger) -> Mask:
    """Return whether what has been earned so far pays for the target, ndarray of shape (n_months, n_paths)."""
    months = enumerate(ledger.earned, start=1)
    return np.array([so_far >= ledger.parameters.target_cost(month) for month, so_far in months])


def has_bought(ledger: Ledger) -> Mask:
    """Return whether the hours bought so far reach the target, ndarray of shape (n_months, n_paths)."""
    minutes = (ledger.minutes + ledger.netted_minutes).sum(axis=0)
    return np.asarray(minutes.cumsum(axis=0) >= ledger.parameters.block)


def wait(reached: Mask, on_paper: int | None) -> Months:
    """Return how many months it takes until something is so on the paths, beside the months on paper [month]."""
    ever = reached.any(axis=0)
    months = quantiles(np.where(ever, reached.argmax(axis=0) + 1, NEVER))
    p10, p50, p90 = (None if value is None else int(value) for value in (months.p10, months.p50, months.p90))
    so_far = np.logical_or.accumulate(reached, axis=0).mean(axis=1)
    return Months(on_paper, p10, p50, p90, float(ever.mean()), tuple(float(share) for share in so_far))


def quantiles(values: Values) -> Quantiles:
    """Return the quantiles over the paths [that unit]: values that occur, None where that is never."""
    if not values.size:
        return Quantiles(None, None, None)
    p10, p50, p90 = (float(value) if math.isfinite(value) else None for value in _ranked(values[None, :])[:, 0])
    return Quantiles(p10, p50, p90)


def band(paths: Values, on_paper: Values) -> Fan:
    """Return the quantiles month by month, with 0 at month 0."""
    p10, p50, p90 = ((0.0, *(float(value) for value in row)) for row in _ranked(paths))
    return Fan(p10, p50, p90, (0.0, *(float(value) for value in on_paper[:, 0])))


def _ranked(rows: Values) -> Floats:
    """Return the smallest values that a tenth, half and nine tenths of each row do not pass, (3, n_rows)."""
    n = rows.shape[1]
    ranks = [needed(n, share) - 1 for share in (0.1, 0.5, 0.9)]
    return np.asarray(np.sort(rows, axis=1)[:, ranks].T, dtype=np.float64)
