"""The proposal's arithmetic, exactly, in integers: every number at its value, all accounts paying from month 1."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from planner.model.inputs.capacity import allocate, sequence
from planner.model.inputs.credit import Ints
from planner.model.limit import MOST

MINUTES = 60
"""Hours are counted in minutes, so that a ledger adds up exactly [min/h]."""
Whole = TypeVar("Whole", int, Ints)


@dataclass(frozen=True, slots=True)
class Central:
    """The proposal's arithmetic for the accounts that are offered."""

    accounts: int
    income_per_month: int
    """[minor credit/month]"""
    hours_per_month: float
    """[h/month]"""
    target_hours: float
    """[h]"""
    target_cost: int
    """[minor credit]"""
    months_to_afford: int | None
    """The first month at whose end the income so far pays for the target [month]; None = there is no income."""
    accounts_needed: int | None
    """For the target every month [account]; None = no number of accounts brings that."""

    def within(self, horizon: int) -> int | None:
        """Return the months to afford [month], None if they are more than the horizon."""
        months = self.months_to_afford
        return months if months is not None and months <= horizon else None


def central(accounts: int, mix: Mapping[str, float], prices: Mapping[str, int], hours: float, rate: float) -> Central:
    """Return what accounts [account] at prices [minor credit/month] bring towards hours [h] at [minor credit/h]."""
    # Income I(n) is the sum of the prices of n accounts, an integer. A target of H hours costs C = H r, rounded up to a
    # minor unit. Months to afford: the smallest m with m I(n) >= C. Accounts needed: the smallest n with I(n) >= C.
    if accounts < 0:
        raise ValueError(f"a number of accounts is 0 or more, found {accounts}")
    cost = cost_of(round(hours * MINUTES), whole_rate(rate))
    earned = income(accounts, mix, prices)
    months = -(-cost // earned) if earned else None
    needed = accounts_for(cost, mix, prices)
    return Central(accounts, earned, earned / whole_rate(rate), hours, cost, months, needed)


def income(accounts: int, mix: Mapping[str, float], prices: Mapping[str, int]) -> int:
    """Return what so many accounts [account] bring in a month if all pay [minor credit/month]."""
    return sum(prices[level] * count for level, count in allocate(accounts, mix).items())


def accounts_for(amount: int, mix: Mapping[str, float], prices: Mapping[str, int]) -> int | None:
    """Return the fewest accounts [account] that bring an amount [minor credit/month]; None = more than `MOST`."""
    if amount <= 0:
        return 0
    if not any(prices[level] for level, share in mix.items() if share > 0):
        return None
    reach = 64
    while reach < 2 * MOST:
        # n + 1 accounts contain n, so one walk along the order of sign-up meets every number of accounts.
        brought = accumulate(prices[level] for level in sequence(min(reach, MOST), mix))
        fewest = next((n for n, so_far in enumerate(brought, start=1) if so_far >= amount), None)
        if fewest is not None:
            return fewest
        reach *= 2
    return None


def cost_of(minutes: Whole, rate: Whole) -> Whole:
    """Return the cost of minutes [min] at a rate [minor credit/h], rounded up to a minor unit [minor credit]."""
    return -(-minutes * rate // MINUTES)


def whole_rate(rate: float) -> int:
    """Return the rate in whole minor units, at least one: no hour is for nothing [minor credit/h]."""
    return max(1, math.floor(rate + 0.5))


def price_in_credit(price: int, worth: float) -> int:
    """Return a price [minor money/month] in the network's unit, rounded to a minor unit [minor credit/month]."""
    if not worth > 0:
        raise ValueError(f"a unit of credit is worth more than nothing, found {worth:g}")
    return math.floor(price / worth + 0.5)
