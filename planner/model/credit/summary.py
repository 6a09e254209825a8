"""What the paths come to: months to afford and to buy, what the largest balance refuses, which limit stops sign-ups.

The on-paper numbers stand beside them and never change with the rules: see `planner.model.credit.arithmetic`.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner.model.credit.arithmetic import Central, central
from planner.model.credit.ledger import Ints, Mask, Paths
from planner.model.credit.parameters import grown, rate_now, terms
from planner.model.credit.purchases import cost
from planner.model.credit.simulate import run
from planner.model.inputs.credit import Case, Number, Seller
from planner.model.limit import needed

Values = npt.NDArray[np.float64] | npt.NDArray[np.int64] | npt.NDArray[np.int32]

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
    """The credit of one network: on paper, and as networks are."""

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
    """Month by month."""


def on_paper(case: Case) -> Case:
    """Return the case with every rule off: all accounts pay from month 1, and one seller is always there."""
    spending, network = case.spending, case.network
    jobs = [seller.smallest_job for seller in spending.sellers.values()]
    smallest = jobs[0] if jobs else spending.target
    seller = Seller("on paper", network.name, None, math.inf, smallest, 1.0, None)
    return Case(
        network=replace(
            network,
            reachable=math.inf,
            take_up=1.0,
            sign_ups=math.inf,
            churn=0.0,
            late=0.0,
            unpaid=0.0,
            payer_limit=None,
            largest_balance=None,
            fee=0.0,
            closes=0.0,
        ),
        prices=case.prices,
        spending=replace(spending, rate_growth=0.0, prefer=(), sellers={seller.name: seller}, supplier=None),
        horizon=case.horizon,
    )


def outcome(drawn: Case, at_value: Case, n_paths: int, seed: int) -> Outcome:
    """Return what the credit of one network comes to."""
    return summary(drawn, at_value, run(drawn, n_paths, seed), seed)


def summary(drawn: Case, at_value: Case, books: Paths, seed: int) -> Outcome:
    """Return what paths that have been run come to: see `outcome`."""
    paper = paper_of(at_value)
    exact = run(on_paper(at_value), 1, seed)
    refused, due = books.refused.sum(axis=0), books.invoiced.sum(axis=0)
    n_paths = refused.size
    asked = terms(drawn, n_paths)
    cap = asked.largest_balance
    above = np.zeros(1) if cap is None else target_cost(drawn, n_paths, 1) > cap
    closed = books.closed[-1]
    return Outcome(
        network=drawn.network.name,
        accounts=drawn.network.accounts,
        central=paper,
        afford=wait(affords(drawn, books), paper.within(drawn.horizon)),
        buy=wait(has_bought(drawn, books), first_month(has_bought(at_value, exact)[:, 0])),
        balance=band(books.balance, exact.balance),
        earned=band(books.earned, exact.earned),
        paying=band(books.paying, exact.paying),
        hours=band(books.hours, exact.hours),
        idle_share=quantiles(books.idle_share[-1]),
        refused=quantiles(refused),
        refused_share=quantiles(refused / np.maximum(due, 1)),
        cap_hit=float((refused > 0).mean()),
        block_above_cap=float(above.mean()),
        closed=float(closed.mean()),
        frozen=quantiles(books.balance[-1][closed]),
        bounds=_bounds(books),
    )


def paper_of(at_value: Case) -> Central:
    """Return the arithmetic of the proposal for a case with every number at its value."""
    network, spending = at_value.network, at_value.spending
    hours, rate = (_one(number) for number in (spending.target, spending.hourly_rate))
    return central(network.accounts, network.mix, at_value.prices, hours, rate)


def target_cost(case: Case, n_paths: int, month: int) -> Ints:
    """Return what the target costs at the common hourly rate of a month, ndarray of shape (n_paths,) [minor credit].

    Units: month [month].
    """
    asked = terms(case, n_paths)
    return cost(asked.block, rate_now(asked.hourly_rate, grown(asked.growth, month)))


def affords(case: Case, books: Paths) -> Mask:
    """Return whether what has been earned so far pays for the target, ndarray of shape (n_months, n_paths)."""
    asked = terms(case, books.balance.shape[1])
    rates = (rate_now(asked.hourly_rate, grown(asked.growth, month)) for month in range(1, case.horizon + 1))
    return np.array([so_far >= cost(asked.block, rate) for so_far, rate in zip(books.earned, rates, strict=True)])


def has_bought(case: Case, books: Paths) -> Mask:
    """Return whether the hours bought so far reach the target, ndarray of shape (n_months, n_paths)."""
    asked = terms(case, books.balance.shape[1])
    return np.asarray((books.minutes + books.netted_minutes).sum(axis=0).cumsum(axis=0) >= asked.block)


def first_month(reached: Mask) -> int | None:
    """Return the first month in which something is so on one path, None = in none."""
    return int(reached.argmax()) + 1 if reached.any() else None


def wait(reached: Mask, on_paper: int | None) -> Months:
    """Return how many months it takes until something is so on the paths.

    Units: on_paper [month].

    Examples
    --------
    >>> wait(np.array([[False, False], [True, False]]), 2)
    Months(central=2, p10=2, p50=2, p90=None, probability_within_horizon=0.5, by_month=(0.0, 0.5))
    """
    ever = reached.any(axis=0)
    months = quantiles(np.where(ever, reached.argmax(axis=0) + 1, NEVER))
    p10, p50, p90 = (None if value is None else int(value) for value in (months.p10, months.p50, months.p90))
    so_far = np.logical_or.accumulate(reached, axis=0).mean(axis=1)
    return Months(on_paper, p10, p50, p90, float(ever.mean()), tuple(float(share) for share in so_far))


def quantiles(values: Values) -> Quantiles:
    """Return the quantiles of what the paths come to: values that occur, None where that is never.

    Examples
    --------
    >>> quantiles(np.array([1.0, 2.0, 3.0, np.inf]))
    Quantiles(p10=1.0, p50=2.0, p90=None)
    """
    if not values.size:
        return Quantiles(None, None, None)
    found = _ranked(values[None, :])[:, 0]
    p10, p50, p90 = (float(value) if math.isfinite(value) else None for value in found)
    return Quantiles(p10, p50, p90)


def band(paths: Values, on_paper: Values) -> Fan:
    """Return the quantiles month by month, with 0 at month 0."""
    p10, p50, p90 = ((0.0, *(float(value) for value in row)) for row in _ranked(paths))
    return Fan(p10, p50, p90, (0.0, *(float(value) for value in on_paper[:, 0])))


def _ranked(rows: Values) -> npt.NDArray[np.float64]:
    """Return the smallest values that a tenth, half and nine tenths of each row do not pass, (3, n_rows)."""
    n = rows.shape[1]
    ranks = [needed(n, share) - 1 for share in (0.1, 0.5, 0.9)]
    return np.asarray(np.sort(rows, axis=1)[:, ranks].T, dtype=np.float64)


def _bounds(books: Paths) -> tuple[Held, ...]:
    found = []
    for month, shares in enumerate(books.turned_away, start=1):
        most = int(shares.argmax())
        limit = books.limits[most] if shares[most] > 0 else ""
        found.append(Held(month, limit, float(shares[most])))
    return tuple(found)


def _one(number: Number) -> float:
    """Return a number that is the same on all paths."""
    if np.ndim(number):
        raise ValueError("on paper every number is at its value: one number is wanted, found one for each path")
    return float(number)
