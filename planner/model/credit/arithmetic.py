"""The proposal's arithmetic, exactly, in integers: what so many accounts bring, and how long until it pays for hours.

Everything here is on paper: every number at its value, all accounts paying from month 1, nobody leaves, pays late or
fails, no cap, a seller always there. `planner.model.credit.simulate` has the rules of real networks.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from planner.model.inputs.capacity import allocate, sequence

MINUTES = 60
"""Hours are counted in minutes, so that a ledger adds up exactly [min/h]."""
MOST = 10_000
"""The search for a number of accounts ends here [account]."""


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
        """Return the months to afford, None if they are more than the horizon.

        Units: horizon [month].
        """
        months = self.months_to_afford
        return months if months is not None and months <= horizon else None


def central(accounts: int, mix: Mapping[str, float], prices: Mapping[str, int], hours: float, rate: float) -> Central:
    """Return the arithmetic of the proposal: income, hours, months to afford, accounts needed.

    Units: accounts [account]; prices [minor credit/month]; hours [h]; rate [minor credit/h].

    Notes
    -----
    Income I(n) is the sum of the prices of n accounts, an integer. A target of H hours costs C = H r, rounded up
    to a minor unit. Months to afford: the smallest m with m I(n) >= C. Accounts needed: the smallest n with
    I(n) >= C.

    Examples
    --------
    The proposal: five accounts at £9 pay for 16 hours at £30 in month 11; 16 hours every month need 54 accounts.

    >>> five = central(5, {"level-1": 1.0}, {"level-1": 900}, 16, 3000)
    >>> five.income_per_month, five.hours_per_month, five.months_to_afford, five.accounts_needed
    (4500, 1.5, 11, 54)
    """
    if accounts < 0:
        raise ValueError(f"a number of accounts is 0 or more, found {accounts}")
    cost = cost_of(round(hours * MINUTES), whole_rate(rate))
    brought = income(accounts, mix, prices)
    months = -(-cost // brought) if brought else None
    needed = accounts_for(cost, mix, prices)
    return Central(accounts, brought, brought / whole_rate(rate), hours, cost, months, needed)


def income(accounts: int, mix: Mapping[str, float], prices: Mapping[str, int]) -> int:
    """Return what so many accounts bring in a month if all pay [minor credit/month].

    Units: accounts [account]; prices [minor credit/month].

    Examples
    --------
    >>> income(4, {"level-1": 0.75, "level-2": 0.25}, {"level-1": 900, "level-2": 1800})
    4500
    """
    return sum(prices[level] * count for level, count in allocate(accounts, mix).items())


def accounts_for(amount: int, mix: Mapping[str, float], prices: Mapping[str, int]) -> int | None:
    """Return the smallest number of accounts that bring `amount` a month; None = no number up to `MOST` does.

    Units: amount [minor credit/month]; prices [minor credit/month].

    Examples
    --------
    >>> accounts_for(48000, {"level-1": 1.0}, {"level-1": 900})
    54
    """
    if amount <= 0:
        return 0
    if not any(prices[level] for level, share in mix.items() if share > 0):
        return None
    reach = 64
    while reach < 2 * MOST:
        # n + 1 accounts contain n, so one walk along the order of sign-up meets every number of accounts.
        brought = accumulate(prices[level] for level in sequence(min(reach, MOST), mix))
        found = next((n for n, so_far in enumerate(brought, start=1) if so_far >= amount), None)
        if found is not None:
            return found
        reach *= 2
    return None


def cost_of(minutes: int, rate: int) -> int:
    """Return what so many minutes cost, rounded up to a minor unit [minor credit].

    Units: minutes [min]; rate [minor credit/h].

    Examples
    --------
    >>> cost_of(16 * 60, 3000), cost_of(1, 100)
    (48000, 2)
    """
    return -(-minutes * rate // MINUTES)


def whole_rate(rate: float) -> int:
    """Return the rate in whole minor units, at least one: no hour is for nothing [minor credit/h].

    Units: rate [minor credit/h].

    Examples
    --------
    >>> whole_rate(3000.4)
    3000
    """
    return max(1, math.floor(rate + 0.5))


def price_in_credit(price: int, worth: float) -> int:
    """Return a price in the network's unit, rounded to a minor unit [minor credit/month].

    Units: price [minor money/month].

    Examples
    --------
    >>> price_in_credit(900, 1.0), price_in_credit(900, 0.86)
    (900, 1047)
    """
    if not worth > 0:
        raise ValueError(f"a unit of credit is worth more than nothing, found {worth:g}")
    return math.floor(price / worth + 0.5)
