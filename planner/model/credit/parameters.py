"""The parameters of a case as whole numbers: prices by place, chances, limits, sellers in order."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.credit.arithmetic import MINUTES, cost_of
from planner.model.inputs.capacity import sequence
from planner.model.inputs.credit import Case, Floats, Ints, Policy, Rows, Seller, Supplier
from planner.model.inputs.uncertain import Uncertain

EVER = 2**40
"""Stands for a number without limit: more minutes, accounts or minor units than any case has, squared below 2^63."""


@dataclass(frozen=True, slots=True, eq=False)
class SellerParameters:
    """A seller in whole numbers; each number of shape (n_paths,)."""

    name: str
    rate: Floats
    """In month 1 [minor credit/h]."""
    minutes: Ints
    job: Ints
    """On sale in a month, and the smallest job [min]."""
    available: Floats
    """[-]"""
    member_price: int | None
    """The seller's own fee, set against hours [minor credit/month]; None = no member."""


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A case in whole numbers; a number of each path is an ndarray of shape (n_paths,)."""

    price: Ints
    """By place, in the order of sign-up, ndarray of shape (n_accounts,) [minor credit/month]."""
    prices: tuple[tuple[int, Rows], ...]
    """Each price [minor credit/month] and the places that pay it."""
    unpaid: Floats
    late_or_unpaid: Floats
    churn: Floats
    closes: Floats
    fee: Floats
    largest_balance: Ints | None
    payer_limit: Ints | None
    """None also if no payer can reach it within the horizon [minor credit]."""
    payer_earns: Ints
    sign_ups: Floats
    """inf = all who may, at once [account/month]."""
    reach: Ints
    room: tuple[int, ...]
    """By month [account]."""
    setup: Floats
    """[h/account]"""
    upkeep: Floats
    """Invoicing and support [h/account/month]."""
    batch: Floats
    available: Floats
    """To send a month's invoices, however many, and what volunteers have [h/month]."""
    collecting: Floats
    """[h/invoice]"""
    room_for_work: tuple[Floats, Floats, Floats] | None
    """Of the volunteers, in accounts that are set up and looked after: their hours, what an account there takes of
    them, and what a late invoice takes [account]; None = no limit."""
    stops: int
    """The first month without a volunteer [month]."""
    winds_down: int
    """The last month in which the co-op invoices in credit [month]."""
    convert: Floats
    sellers: tuple[SellerParameters, ...]
    hourly_rate: Floats
    """The common one, in month 1 [minor credit/h]."""
    growth: Floats
    """Natural logarithm of the growth of rates [1/month]."""
    block: Ints
    """[min]"""
    policy: Policy
    first_jobs: int
    least_job: Ints
    least_block: Ints
    """What the cheapest job, and the block at the lowest rate, cost in month 1 [minor credit min/h]."""
    bill: Ints
    """[minor credit/month]"""
    pause_above: float
    """inf = sales never pause [-]."""

    @property
    def alike(self) -> bool:
        """Whether all accounts pay the same fee, and one above 0."""
        return len(self.prices) == 1 and self.prices[0][0] > 0

    @property
    def in_turn(self) -> bool:
        """Whether it matters which of the accounts pays first."""
        return len(self.prices) > 1 or self.payer_limit is not None

    @property
    def members(self) -> int:
        """Sellers that are members [account]."""
        return sum(seller.member_price is not None for seller in self.sellers)

    def invoices(self, month: int) -> bool:
        """Return whether the co-op sends invoices and takes accounts in a month [month]."""
        return month < self.stops and month <= self.winds_down

    def target_cost(self, month: int) -> Ints:
        """Return the cost of the block at the common rate of a month [month], of shape (n_paths,) [minor credit]."""
        return cost_of(self.block, rate_now(self.hourly_rate, grown(self.growth, month)))


def derive(case: Case, n_paths: int) -> Parameters:
    """Return the case in whole numbers, checked."""
    network, spending, labour, cash = case.network, case.spending, case.labour, case.cash

    def as_they_are(record: object, *names: str) -> dict[str, Floats]:
        """Return numbers of a record under their own names, one value for each path."""
        return {name: getattr(record, name).over(n_paths) for name in names}

    price = np.array([case.prices[level] for level in sequence(network.accounts, network.mix)], dtype=np.int64)
    # the preferred sellers first, then the others as they are written
    names = dict.fromkeys([*spending.prefer, *spending.sellers])
    written = [spending.sellers[name] for name in names if name in spending.sellers]
    sellers = tuple(_seller(seller, case, n_paths) for seller in written if seller.network == network.name)
    block = whole(spending.target.over(n_paths) * MINUTES)
    rates = [rate_now(seller.rate) for seller in sellers]
    jobs = [seller.job * rate for seller, rate in zip(sellers, rates, strict=True)]
    # by month, the last number holds on
    room = [math.floor(min(max(number, 0.0), EVER) + 1e-9) for number in case.room] if case.room else [EVER]
    ever, after = np.full(n_paths, EVER), case.horizon + 1
    work = as_they_are(labour, "setup", "batch", "collecting", "available")
    upkeep = labour.invoicing.over(n_paths) + labour.support.over(n_paths)
    return Parameters(
        price=price,
        prices=tuple((int(amount), np.flatnonzero(price == amount)) for amount in np.unique(price)),
        late_or_unpaid=network.unpaid.over(n_paths) + network.late.over(n_paths),
        **as_they_are(network, "unpaid", "churn", "closes", "fee", "sign_ups"),
        largest_balance=None if network.largest_balance is None else whole(network.largest_balance.over(n_paths)),
        payer_limit=_payer_limit(case, price, n_paths),
        payer_earns=whole(network.payer_earns.over(n_paths)),
        reach=reach(network.reachable, network.take_up, n_paths),
        room=tuple(room[min(month, len(room) - 1)] for month in range(case.horizon)),
        **work,
        upkeep=upkeep,
        room_for_work=_room_for_work(work, upkeep),
        stops=after if labour.stops is None else labour.stops,
        winds_down=after if cash.wind_down is None else cash.wind_down,
        **as_they_are(cash, "convert"),
        sellers=sellers,
        **as_they_are(spending, "hourly_rate"),
        growth=np.log1p(spending.rate_growth.over(n_paths)) / 12,
        block=block,
        policy=spending.policy,
        first_jobs=spending.first_jobs,
        least_job=np.minimum.reduce([ever, *jobs]),
        least_block=block * np.minimum.reduce([ever, *rates]),
        bill=_bill(spending.supplier, case, n_paths),
        pause_above=math.inf if case.pause_above is None else case.pause_above,
    )


def reach(reachable: Uncertain, take_up: Uncertain, n_paths: int) -> Ints:
    """Return how many accounts would ever come: reachable businesses times take-up [-], rounded down [account]."""
    businesses, share = reachable.over(n_paths), take_up.over(n_paths)
    # 1e-9: 5 % of 60 is 3, not 2 by the last bit; EVER stands for inf, which times 0 would be no number
    return np.floor(np.minimum(businesses, EVER) * share + 1e-9).astype(np.int64)


def whole(number: Floats) -> Ints:
    """Return the number [its unit] rounded to whole ones, `EVER` at most."""
    return np.floor(np.minimum(number, EVER) + 0.5).astype(np.int64)


def grown(growth: Floats, month: int) -> Floats:
    """Return the factor [-] by which rates have grown [1/month] from month 1 to a month [month]."""
    return np.exp(growth * (month - 1)) if growth.any() else np.ones_like(growth)


def rate_now(rate: Floats, grown: npt.ArrayLike = 1.0) -> Ints:
    """Return an hourly rate times its growth [-], rounded to minor units, at least 1 [minor credit/h]."""
    # Above 0, turning into an integer rounds down.
    return np.asarray(np.clip(np.multiply(rate, grown) + 0.5, 1.0, float(EVER)).astype(np.int64))


def _room_for_work(work: Mapping[str, Floats], upkeep: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Return hours, upkeep and collecting as shares of what a new account takes in its first month [account]."""
    each_account, hours = work["setup"] + upkeep, np.maximum(work["available"] - work["batch"], 0.0)
    if not each_account.any() or np.isinf(hours).all():
        return None
    scale = np.where(each_account > 0, 1 / np.where(each_account > 0, each_account, 1.0), 0.0)
    # 1e-9: four hours are enough for four accounts of an hour each
    hours = np.where(scale > 0, np.minimum(hours, EVER) * scale + 1e-9, EVER)
    return hours, upkeep * scale, work["collecting"] * scale


def _seller(seller: Seller, case: Case, n_paths: int) -> SellerParameters:
    rate = (case.spending.hourly_rate if seller.rate is None else seller.rate).over(n_paths)
    rate = np.maximum(rate, 1.0)  # no hour is for nothing, whatever a unit of the network is worth
    # 1e-9: a fifth of an hour is 12 minutes, not 11 by the last bit
    minutes = np.floor(np.minimum(seller.hours.over(n_paths) * MINUTES, EVER) + 1e-9).astype(np.int64)
    job = np.maximum(whole(seller.smallest_job.over(n_paths) * MINUTES), 1)
    price = None if seller.member is None else case.prices[seller.member]
    return SellerParameters(seller.name, rate, minutes, job, seller.available.over(n_paths), price)


def _bill(supplier: Supplier | None, case: Case, n_paths: int) -> Ints:
    """Return what the supplier takes [minor credit/month]: its share of the bill, up to what it can spend itself."""
    if supplier is None:
        return np.zeros(n_paths, dtype=np.int64)
    share = supplier.bill.over(n_paths) * supplier.share.over(n_paths)
    money = np.minimum(share, supplier.at_most.over(n_paths))
    return np.floor(money / case.network.worth.over(n_paths) + 1e-9).astype(np.int64)


def _payer_limit(case: Case, price: Ints, n_paths: int) -> Ints | None:
    """Return a payer's debit limit [minor credit], None if no payer can get there within the horizon."""
    if case.network.payer_limit is None or not price.size:
        return None
    limit = np.floor(case.network.payer_limit.over(n_paths) + 1e-9).astype(np.int64)
    return limit if limit.min() < price.max() * case.horizon else None
