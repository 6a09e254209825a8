"""The plain records of the credit side: networks, sellers, labour, cash; numbers in base units.

Money and credit are in minor units (pence, hundredths of a credit). A number that may have a range is `Uncertain`: its
value for the central answer, and its draws for the paths.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from planner.model.inputs.uncertain import Uncertain, certain

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
NONE, AS_IT_IS = certain(0.0), certain(1.0)
Policy = Literal["save_up", "save_up_to_cap", "whole_jobs"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
"""When hours are bought: for the whole block, for the block unless the largest balance comes near, or job by job."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A mutual-credit network and how its members behave."""

    name: str
    unit: str
    """The name of the network's unit, e.g. "credit"."""
    currency: str
    """The money the unit is worth, e.g. "GBP"."""
    worth: Uncertain
    """Minor units of the scenario's currency for one minor unit of credit [-]."""
    accounts: int
    """Accounts offered in this network [account]."""
    mix: Mapping[str, float]
    reachable: Uncertain
    """Businesses that can be reached [business]."""
    take_up: Uncertain
    """Share of them that would join [-]."""
    sign_ups: Uncertain
    """Mean sign-ups [account/month]."""
    churn: Uncertain
    """Chance that an account leaves in a month [1/month]."""
    late: Uncertain
    unpaid: Uncertain
    """Shares of invoices paid a month late, and never [-]."""
    payer_limit: Uncertain | None
    """How far a payer may go into debit [minor credit]; None = none."""
    largest_balance: Uncertain | None
    """The co-op's largest balance [minor credit]; a payment that would pass it is refused whole; None = none."""
    fee: Uncertain
    """Share of each receipt that the network keeps [-]."""
    closes: Uncertain
    """Chance that the network closes in a month [1/month]."""
    payer_earns: Uncertain = NONE
    """What a payer earns in the network beside its other purchases [minor credit/month]; 0 = it never sells."""


@dataclass(frozen=True, slots=True, eq=False)
class Seller:
    """A business of the network that sells hours of marketing."""

    name: str
    network: str
    rate: Uncertain | None
    """[minor credit/h]; None = the common hourly rate of the case."""
    hours: Uncertain
    """Hours on sale [h/month]."""
    smallest_job: Uncertain
    """[h]"""
    available: Uncertain
    """Chance that the seller is there in a month [-]."""
    member: str | None
    """The level of the seller's own membership, if it is itself a member that pays in credit (reciprocal)."""


@dataclass(frozen=True, slots=True, eq=False)
class Supplier:
    """A supplier that takes part of its bill in credit; share 0 = off."""

    bill: Uncertain
    """[minor money of the scenario's currency/month]"""
    share: Uncertain
    """Of the bill that may be paid in credit [-]."""
    at_most: Uncertain
    """What the supplier itself can spend [minor money/month]."""


@dataclass(frozen=True, slots=True, eq=False)
class Spending:
    """What the credit is for."""

    target: Uncertain
    """The block of hours that makes a difference [h]."""
    hourly_rate: Uncertain
    """Where a seller has none of its own; a `Case` has it in its network's credit, `Inputs` in money [minor/h]."""
    rate_growth: Uncertain
    """The rate rises with prices [1/year]; 0 = not."""
    policy: Policy
    prefer: tuple[str, ...]
    sellers: Mapping[str, Seller]
    supplier: Supplier | None
    lost_at_most: Uncertain
    """Income refused by the cap, of the fees due [-]."""
    first_jobs: int = 0
    """So many smallest jobs are bought before saving up for the block [job]."""


@dataclass(frozen=True, slots=True, eq=False)
class Labour:
    """Volunteer work that each account costs."""

    setup: Uncertain
    """[h/account]"""
    invoicing: Uncertain
    support: Uncertain
    """[h/account/month]"""
    collecting: Uncertain
    """Chasing one late invoice [h]."""
    available: Uncertain
    """[h/month]"""
    stops: int | None
    """The one in which the volunteer stops: no invoice and no sign-up from then on [month]; None = never."""
    batch: Uncertain = NONE
    """To send a month's invoices in one go, however many accounts there are [h/month]."""


NO_LABOUR = Labour(NONE, NONE, NONE, NONE, certain(math.inf), None)
"""No hours are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Cash:
    """The money side, beside the credit and never summed with it."""

    vat: Uncertain
    """Owed in money on credit income, as the rate on the net price [-]; 0 = not registered."""
    exchange: Mapping[str, Uncertain]
    """Of the scenario's currency for one unit of the other [currency/currency]."""
    next_node: Uncertain
    """[minor money/month]"""
    accounts_per_node: Uncertain | None
    """So many make one more node necessary [account]; None = no number does."""
    per_account: Uncertain
    """[minor money/account/month]"""
    set_aside: Uncertain
    """[minor money/month]"""
    displaced: Uncertain
    """Share of the new accounts that would have paid money [-]."""
    convert: Uncertain
    """Chance that a credit payer converts to money at the way out [-]."""
    wind_down: int | None
    """The last one in which the co-op invoices in credit [month]; None = it stays."""


NO_CASH = Cash(NONE, {}, NONE, None, NONE, NONE, NONE, NONE, None)
"""No money is counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """All that the credit of one network depends on; a rule left None is off."""

    network: Network
    prices: Mapping[str, int]
    """Of each level that may be bought, in the network's unit [minor credit/month]."""
    spending: Spending
    horizon: int
    """[month]"""
    labour: Labour = NO_LABOUR
    cash: Cash = NO_CASH
    room: Sequence[float] | None = None
    """How many accounts may be there in month 1, 2, …, as admission allows [account]; the last one holds on."""
    pause_above: float | None = None
    """Sales pause while the share of what was received that is not spent is above this [-]."""
    judged: int | None = None
    """Losses to the largest balance are judged over so many months [month]; None = the horizon."""
    room_named: str = "room"
    """What sets `room`, in the words of admission, e.g. "users on de"."""
