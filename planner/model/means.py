"""What the co-op has the means for: volunteer hours, credit that can be spent, the network's cap, money set aside.

Each is a function from plain numbers to a `Limit`: one set of numbers for the central answer, one for each draw of
the uncertain inputs.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.model import words
from planner.model.limits import Limit, both_numbers, largest_met, needed, over_draws, quantile_of


@dataclass(frozen=True, slots=True)
class Work:
    """What new accounts ask of the volunteers, and what these have."""

    setup: float
    """[h/account], once"""
    monthly: float
    """Invoicing, support and chasing late invoices [h/account/month]."""
    sign_ups: float
    """Accounts that come in one month [account/month]."""
    available: float
    """[h/month]"""

    def hours(self, accounts: int) -> float:
        """Return the hours of the busiest month: all invoiced and supported, the last of them just set up.

        Parameters
        ----------
        accounts : int
            New accounts [account].
        """
        return accounts * self.monthly + min(accounts, max(1.0, self.sign_ups)) * self.setup


@dataclass(frozen=True, slots=True)
class Money:
    """What new accounts cost in hard money, and what the co-op set aside for it; all in minor units a month."""

    per_account: float
    """[minor money/account/month]"""
    vat: float
    """Owed in money on credit income, as the rate on the net price [-]."""
    next_node: float
    """[minor money/month]"""
    accounts_per_node: float | None
    """So many new accounts fill a server; None = the servers' own limits say when."""
    set_aside: float
    """[minor money/month]"""

    def cost(self, accounts: int, income: float) -> float:
        """Return what so many new accounts cost in hard money [minor money/month].

        The price contains the tax, so vat/(1 + vat) of it is owed. The first `accounts_per_node` accounts live on
        spare capacity; each further such number, begun, needs one more server.

        Parameters
        ----------
        accounts : int
            New accounts [account].
        income : float
            Their fees at the price list [minor money/month].
        """
        servers = 0.0
        if self.accounts_per_node is not None and accounts:
            servers = max(0, math.ceil(accounts / max(1.0, self.accounts_per_node) - 1e-9) - 1)
        return accounts * self.per_account + income * self.vat / (1 + self.vat) + servers * self.next_node


@dataclass(frozen=True, slots=True)
class Purse:
    """What comes in as credit and what can be spent of it."""

    spendable: float
    """What sellers and suppliers take in an average month [minor credit/month]."""
    worth: float
    """Minor units of the price list's money for one minor unit of credit [-]."""
    fee: float
    """Share of each receipt that the network keeps [-]."""

    def received(self, income: float) -> float:
        """Return what fees of `income` at the price list bring in [minor credit/month].

        Parameters
        ----------
        income : float
            [minor money/month]
        """
        return income / self.worth * (1 - self.fee)


def labour(
    central: Work, drawn: Sequence[Work], confidence: float, offered: int, stops: int | None, up_to: int
) -> Limit:
    """Return how many accounts the volunteers can set up, invoice, chase and support.

    Parameters
    ----------
    central : Work
        With every input at its value.
    drawn : sequence of Work
        One for each draw.
    confidence : float
        Share of the draws that must allow the number [-].
    offered : int
        The number asked for [account].
    stops : int or None
        The month in which the volunteer stops [month].
    up_to : int
        The search's end [account].

    Examples
    --------
    >>> work = Work(setup=0.5, monthly=0.4, sign_ups=1, available=4)
    >>> labour(work, [work], 0.9, offered=5, stops=None, up_to=10_000).max_accounts
    8
    """

    def allows(work: Work) -> int | None:
        return largest_met(lambda n: work.hours(n) <= work.available * (1 + 1e-12), up_to)

    number, middle = over_draws(map(allows, drawn), confidence), allows(central)
    reason = (
        f"each account takes {words.number(central.monthly)} h a month and {words.number(central.setup)} h to set up; "
        f"the volunteers have {words.number(central.available)} h a month: {both_numbers(number, middle, confidence)}"
    )
    if stops is not None:
        reason += f"; from month {stops} the volunteer stops and somebody else must take these hours over"
    wanted = quantile_of([work.hours(offered) for work in drawn], confidence)
    lever = f"the volunteers were known to have at least {words.number(_up(wanted))} h a month"
    return Limit("labour", "permission", None, number, middle, reason, "labour.available", yes_if=lever)


def spendability(
    central: Purse, drawn: Sequence[Purse], confidence: float, offered: int, income: Sequence[float], unit: str
) -> Limit:
    """Return how many accounts' fees can be spent again as they come in.

    Parameters
    ----------
    central : Purse
        With every input at its value.
    drawn : sequence of Purse
        One for each draw.
    confidence : float
        Share of the draws that must allow the number [-].
    offered : int
        The number asked for [account].
    income : sequence of float
        Fees of the first 0, 1, 2, … accounts at the price list, never falling [minor money/month].
    unit : str
        The network's unit.

    Examples
    --------
    >>> purse = Purse(spendable=12_000, worth=1, fee=0)
    >>> spendability(purse, [purse], 0.9, 5, [900 * n for n in range(100)], "credit").max_accounts
    13
    """

    def allows(purse: Purse) -> int | None:
        rate = purse.received(1.0)
        # 1e-9 relative: 13 accounts that bring exactly what can be spent are allowed
        n = bisect_right(income, purse.spendable * (1 + 1e-9), key=lambda fees: fees * rate) - 1
        return n if n < len(income) - 1 else None

    number, middle = over_draws(map(allows, drawn), confidence), allows(central)
    due = central.received(income[min(offered, len(income) - 1)])
    reason = (
        f"the {words.accounts(offered)} asked for bring {_amount(due)} {unit} a month and sellers and suppliers take "
        f"{_amount(central.spendable)} {unit} a month: {both_numbers(number, middle, confidence)}"
    )
    wanted = quantile_of([purse.received(income[min(offered, len(income) - 1)]) for purse in drawn], confidence)
    lever = f"sellers were known to take at least {_amount(wanted)} {unit} a month"
    return Limit("spendability", "permission", None, number, middle, reason, "spending.sellers", yes_if=lever)


def cash(central: Money, drawn: Sequence[Money], confidence: float, offered: int, income: Sequence[float]) -> Limit:
    """Return how many accounts the money set aside for them pays for.

    Money payers who switch to credit are income not earned rather than a bill to pay: they stand in the cash result,
    not here.

    Parameters
    ----------
    central : Money
        With every input at its value.
    drawn : sequence of Money
        One for each draw.
    confidence : float
        Share of the draws that must allow the number [-].
    offered : int
        The number asked for [account].
    income : sequence of float
        Fees of the first 0, 1, 2, … accounts at the price list, never falling [minor money/month].

    Examples
    --------
    >>> money = Money(per_account=50, vat=0.2, next_node=0, accounts_per_node=None, set_aside=2_000)
    >>> cash(money, [money], 0.9, 5, [900 * n for n in range(100)]).max_accounts
    10
    """
    end = len(income) - 1

    def allows(money: Money) -> int | None:
        return largest_met(lambda n: money.cost(n, income[min(n, end)]) <= money.set_aside * (1 + 1e-9), end)

    number, middle = over_draws(map(allows, drawn), confidence), allows(central)
    asked = min(offered, end)
    reason = (
        f"the {words.accounts(offered)} asked for cost {_amount(central.cost(asked, income[asked]))} a month in money "
        f"and {_amount(central.set_aside)} are set aside: {both_numbers(number, middle, confidence)}"
    )
    wanted = quantile_of([money.cost(asked, income[asked]) for money in drawn], confidence)
    lever = f"at least {_amount(wanted)} a month were set aside in money"
    return Limit("cash", "permission", None, number, middle, reason, "cash.set_aside", yes_if=lever)


def balance(
    lost: Callable[[int], Sequence[float]],
    lost_central: Callable[[int], float],
    lost_at_most: float,
    confidence: float,
    largest: float | None,
    target_cost: float,
    unit: str,
    up_to: int,
) -> Limit:
    """Return how many accounts can pay before the network's cap on the balance refuses too much of the fees due.

    The loss is not monotone in the number of accounts (a block that is bought sooner empties the balance sooner), so
    the number is one below the first that fails, found by trying them in turn.

    Parameters
    ----------
    lost : callable
        For so many accounts the share of the fees due that the cap refuses within the horizon, on each path [-].
    lost_central : callable
        The same with every input at its value [-].
    lost_at_most : float
        Largest share that may be lost [-].
    confidence : float
        Share of the paths on which no more may be lost [-].
    largest : float or None
        The co-op's largest balance [minor credit]; None = no cap.
    target_cost : float
        What the target block costs [minor credit].
    unit : str
        The network's unit.
    up_to : int
        The last number to try: beyond it nothing is said [account].

    Examples
    --------
    >>> lost = lambda n: [0.0, 0.01 * n, 0.02 * n]
    >>> balance(lost, lambda n: 0.01 * n, 0.05, 0.9, 50_000, 48_000, "credit", up_to=10).max_accounts
    2
    """
    path = "networks.largest_balance"
    if largest is None:
        return Limit("balance", "permission", None, None, None, "the network sets no largest balance", path)

    def share_met(n: int) -> bool:
        shares = list(lost(n))
        return sum(share <= lost_at_most for share in shares) >= needed(len(shares), confidence)

    number = next((n - 1 for n in range(1, up_to + 1) if not share_met(n)), None)
    middle = next((n - 1 for n in range(1, up_to + 1) if lost_central(n) > lost_at_most), None)
    reason = (
        f"the network refuses what would pass a balance of {_amount(largest)} {unit}; at most "
        f"{words.share(lost_at_most)} of the fees may be lost to that: {both_numbers(number, middle, confidence)}"
    )
    if number is None or middle is None:
        reason += f" ({up_to:,} tried)"
    if target_cost > largest:
        reason += f"; the block wanted costs {_amount(target_cost)} {unit} and can never be bought in one piece"
    lever = "the network raised the largest balance, or the credit were spent in smaller jobs"
    return Limit("balance", "permission", None, number, middle, reason, path, yes_if=lever)


def _up(value: float) -> float:
    """Return the value rounded up to two significant digits, so that what is asked for suffices."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / unit - 1e-9) * unit


def _amount(minor: float) -> str:
    """Return minor units as a person writes them: 4500 → "45.00"."""
    return f"{minor / 100:,.2f}"
