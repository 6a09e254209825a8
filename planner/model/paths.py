"""Month by month as networks are: many paths of one network's credit side by side, every rule of the case on.

One month: sign-ups → invoices → paid on time, late or never → the network refuses what would pass its largest balance
→ its fee → fees of sellers that are members set against their hours → hours bought → supplier's bill → accounts leave
→ the network closes. Amounts are whole minor units of credit, so on every path and in every month received = balance
+ spent + bills + fees holds exactly.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.chance import stream
from planner.model.credit import MINUTES
from planner.model.ledger import Floats, Ints, Mask, Paths, blank
from planner.model.payment import accepted_alike, by_age
from planner.model.purchase import Bought, Sale, block, block_price, cost, jobs
from planner.model.signup import admitted, poisson, poisson_table
from planner.model.terms import EVER, Terms, rate_in, terms
from planner.model.trade import Case

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """What one month hands to the next; the arrays are changed in place. A place is one of the accounts offered."""

    there: Mask
    """Whether a place is taken, (n_places, n_paths)."""
    since: Ints
    """Grows with the moment of sign-up of the account in a place, (n_places, n_paths)."""
    late: Mask
    """Whether last month's invoice of this place is paid now."""
    late_since: Ints
    """Whose it was."""
    debit: Ints
    """Of the payer in this place [minor credit]."""
    open: Mask
    """Whether the network is there, (n_paths,)."""
    balance: Ints
    earned: Ints
    """Receipts so far, less fees."""
    paying: Ints
    """Accounts that are there."""
    chased: Ints
    """Invoices that are late this month."""
    signed: Ints
    """Sign-ups so far."""
    wanted: Ints
    """What the block that is being bought still lacks [min]."""
    done: Ints
    """Small jobs bought."""
    claim: Ints
    """Fees of each member seller that no hours stand against yet, (n_sellers, n_paths)."""


class _Chances:
    """One random stream for each source of chance, named after it: another source or place disturbs none of them."""

    def __init__(self, case: Case, asked: Terms, seed: int, n_paths: int) -> None:
        start = f"networks.{case.network.name}"
        places = range(case.network.accounts)
        self.sign_ups = stream(seed, f"{start}.sign_ups")
        self.closes = stream(seed, f"{start}.closes")
        self.converts = stream(seed, f"{start}.convert")
        self.payments = [stream(seed, f"{start}.payments.{place}") for place in places]
        self.leavers = [stream(seed, f"{start}.churn.{place}") for place in places]
        self.sellers = [stream(seed, f"spending.sellers.{seller.name}.available") for seller in asked.sellers]
        self.table = poisson_table(asked.sign_ups)
        self.n_paths = n_paths
        self._by_place = np.empty((case.network.accounts, n_paths))

    def by_place(self, streams: list[np.random.Generator]) -> Floats:
        """Return uniform numbers, (n_places, n_paths), in an array that the next call fills anew."""
        for place, row in zip(streams, self._by_place, strict=True):
            place.random(out=row)
        return self._by_place


def run(case: Case, n_paths: int, seed: int) -> Paths:
    """Return what happens on each path, month by month.

    Parameters
    ----------
    case : Case
        One network's case; a number may be one for each path.
    n_paths : int
        Number of paths, at least 1 [-].
    seed : int
        The scenario's seed, 0 or more [-].

    Raises
    ------
    ValueError
        If a number of the case makes no sense, or an array does not have one value for each path.
    """
    asked = terms(case, n_paths)
    chances = _Chances(case, asked, seed, n_paths)
    state = _opening(asked, n_paths)
    limits = ("offer", "market", case.room_named, "labour", "pause")
    books = blank(case.horizon, n_paths, [seller.name for seller in asked.sellers], limits)
    for month in range(1, case.horizon + 1):
        _sign_up(asked, state, books, chances, month)
        _pay(asked, state, books, chances, month)
        _spend(asked, state, books, chances, month)
        _leave(asked, state, books, chances, month)
        books.balance[month - 1] = state.balance
    return books


def _opening(asked: Terms, n_paths: int) -> _State:
    places = (asked.price.size, n_paths)

    def none() -> Ints:
        return np.zeros(n_paths, dtype=np.int64)

    return _State(
        there=np.zeros(places, dtype=np.bool_),
        since=np.zeros(places, dtype=np.int64),
        late=np.zeros(places, dtype=np.bool_),
        late_since=np.zeros(places, dtype=np.int64),
        debit=np.zeros(places, dtype=np.int64),
        open=np.ones(n_paths, dtype=np.bool_),
        balance=none(),
        earned=none(),
        paying=none(),
        chased=none(),
        signed=none(),
        wanted=none(),
        done=none(),
        claim=np.zeros((len(asked.sellers), n_paths), dtype=np.int64),
    )


def _in_turn(asked: Terms) -> bool:
    """Return whether it matters which of the accounts pays first."""
    return len(asked.prices) > 1 or asked.payer_limit is not None


def _invoicing(asked: Terms, month: int) -> bool:
    return month < asked.stops and month <= asked.winds_down


def _count(mask: Mask) -> Ints:
    """Return how many places are marked on each path."""
    narrow = np.uint8 if len(mask) < 256 else np.uint32
    return np.asarray(np.add.reduce(mask.view(np.uint8), axis=0, dtype=narrow)).astype(np.int64)


def _amount(asked: Terms, mask: Mask) -> Ints:
    """Return the fees of the marked places on each path."""
    if len(asked.prices) == 1:
        return _count(mask) * asked.prices[0][0]
    total = np.zeros(mask.shape[1], dtype=np.int64)
    for price, places in asked.prices:
        total += _count(mask[places]) * price
    return total


def _sign_up(asked: Terms, state: _State, books: Paths, chances: _Chances, month: int) -> None:
    uniform = chances.sign_ups.random(chances.n_paths)
    if _invoicing(asked, month):
        wanted = np.where(np.isinf(asked.sign_ups), EVER, poisson(chances.table, uniform)) * state.open
        free = asked.price.size - state.paying
        signed, books.turned_away[month - 1] = admitted(
            wanted,
            [
                free,
                asked.reach - state.signed,
                asked.room[month - 1] - state.paying,
                _labour_room(asked, state),
                _pause_room(asked, state),
            ],
        )
        _seat(asked, state, signed, month)
        books.joined[month - 1] = signed
    books.paying[month - 1] = state.paying


def _pause_room(asked: Terms, state: _State) -> Ints | int:
    """Return 0 where sales pause because too much of what was earned lies idle."""
    if np.isinf(asked.pause_above):
        return EVER
    return np.where(state.balance > asked.pause_above * state.earned, 0, EVER)


def _labour_room(asked: Terms, state: _State) -> Ints | int:
    """Return how many accounts the volunteers can still set up and look after this month."""
    if np.isinf(asked.volunteers).all():
        return EVER
    members = sum(seller.member_price is not None for seller in asked.sellers)
    busy = asked.upkeep * (state.paying + members) + asked.collecting * state.chased
    each = asked.set_up + asked.upkeep
    hours = np.minimum(asked.volunteers, EVER) - busy
    # 1e-9: four hours are enough for four accounts of an hour each
    room = np.floor(np.minimum(hours / np.where(each > 0, each, 1.0) + 1e-9, EVER)).astype(np.int64)
    return np.where(each > 0, room, EVER)


def _seat(asked: Terms, state: _State, signed: Ints, month: int) -> None:
    """Give the first free places to those who signed up, so that the mix of levels is that of the offer."""
    if not signed.any():
        return
    free = ~state.there
    n_places = len(free)
    narrow = np.uint8 if n_places < 256 else np.uint32
    new = free & (np.cumsum(free, axis=0, dtype=narrow) <= signed.astype(narrow))
    np.logical_or(state.there, new, out=state.there)
    if _in_turn(asked):
        np.copyto(state.since, month * n_places + np.arange(n_places)[:, None], where=new)
        np.copyto(state.debit, 0, where=new)
    state.paying[:] += signed
    state.signed[:] += signed


def _pay(asked: Terms, state: _State, books: Paths, chances: _Chances, month: int) -> None:
    uniform = chances.by_place(chances.payments)
    paid_late = state.late
    if _invoicing(asked, month):
        sent = _allowed(asked, state, books, month)
        paid = sent & (uniform >= asked.unpaid)
        now = paid & (uniform >= asked.late_or_unpaid)
        late = paid ^ now
        if asked.payer_limit is not None:
            np.add(state.debit, asked.price[:, None], out=state.debit, where=paid)
        invoiced = _amount(asked, state.there)
        due, outstanding = _amount(asked, now), _amount(asked, late)
        books.invoiced[month - 1] = invoiced
        books.unpaid[month - 1] = invoiced - books.blocked[month - 1] - due - outstanding
        books.late[month - 1] = _count(late)
    else:
        now = late = np.zeros_like(state.there)
        due = outstanding = np.zeros_like(state.balance)
    due = due + (books.outstanding[month - 2] if month > 1 else 0)
    received = _accept(asked, state, paid_late, now, due)
    fees = np.floor(received * asked.fee + 0.5).astype(np.int64)
    books.received[month - 1], books.fees[month - 1] = received, fees
    books.refused[month - 1] = due - received
    books.outstanding[month - 1] = outstanding
    state.balance[:] += received - fees
    state.earned[:] += received - fees
    state.late[:] = late
    state.late_since[:] = state.since
    state.chased[:] = books.late[month - 1]


def _allowed(asked: Terms, state: _State, books: Paths, month: int) -> Mask:
    """Return whose invoice the payer's own limit allows; what is allowed counts against it until it is refused."""
    if asked.payer_limit is None:
        return state.there
    np.subtract(state.debit, asked.payer_earns, out=state.debit)
    allowed = state.there & (state.debit + asked.price[:, None] <= asked.payer_limit)
    books.blocked[month - 1] = _amount(asked, state.there ^ allowed)
    return allowed


def _accept(asked: Terms, state: _State, late: Mask, now: Mask, due: Ints) -> Ints:
    """Return what the network lets through of the payments that are due [minor credit]."""
    if asked.largest_balance is None:
        return due
    room = asked.largest_balance - state.balance
    tight = np.flatnonzero(due > room)
    if not tight.size:
        return due
    received = due.copy()
    if not _in_turn(asked):
        price = asked.prices[0][0]
        received[tight] = accepted_alike(due[tight] // price, price, room[tight]) * price
        return received
    amounts = [asked.price[:, None] * mask[:, tight] for mask in (late, now)]
    owners = state.late_since[:, tight], state.since[:, tight]
    fits = by_age(amounts[0], amounts[1], *owners, room[tight])
    received[tight] = sum(np.where(fit, amount, 0).sum(axis=0) for fit, amount in zip(fits, amounts, strict=True))
    if asked.payer_limit is not None:
        same = owners[0] == owners[1]
        back = np.where(~fits[0] & same, amounts[0], 0) + np.where(~fits[1], amounts[1], 0)
        state.debit[:, tight] -= back
    return received


def _spend(asked: Terms, state: _State, books: Paths, chances: _Chances, month: int) -> None:
    rates, on_sale = [], []
    for number, (seller, chance) in enumerate(zip(asked.sellers, chances.sellers, strict=True)):
        there = (chance.random(chances.n_paths) < seller.available) & state.open
        books.there[number, month - 1] = there
        rates.append(rate_in(seller.rate, asked.growth, month))
        on_sale.append(seller.minutes * there)
        if seller.member_price is not None:
            _net(asked, state, books, month, number, rates[-1], on_sale[-1])
    if asked.sellers:
        leaving = month > asked.winds_down
        if asked.policy == "whole_jobs" or leaving:
            _buy_jobs(asked, state, books, month, rates, on_sale, None)
        else:
            if asked.first_jobs:
                _buy_jobs(asked, state, books, month, rates, on_sale, asked.first_jobs)
            _buy_block(asked, state, books, month, rates, on_sale)
    bills = np.minimum(state.balance, asked.bill) * state.open
    books.bills[month - 1] = bills
    state.balance[:] -= bills


def _net(asked: Terms, state: _State, books: Paths, month: int, number: int, rate: Ints, on_sale: Ints) -> None:
    """Set the fee of a seller that is a member against its hours: nothing is paid, and no balance is needed."""
    claim = state.claim[number]
    if _invoicing(asked, month):
        claim += (asked.sellers[number].member_price or 0) * state.open
    minutes = np.minimum(claim * MINUTES // rate, on_sale)
    worth = cost(minutes, rate)
    books.netted[number, month - 1], books.netted_minutes[number, month - 1] = worth, minutes
    claim -= worth
    on_sale -= minutes


def _buy_jobs(
    asked: Terms, state: _State, books: Paths, month: int, rates: list[Ints], on_sale: list[Ints], first: int | None
) -> None:
    cheapest = np.minimum.reduce([cost(seller.job, rate) for seller, rate in zip(asked.sellers, rates, strict=True)])
    can = state.balance >= cheapest
    rows = np.flatnonzero(can if first is None else can & (state.done < first))
    bought = jobs(
        state.balance[rows], _sales(asked, rates, on_sale, rows), None if first is None else first - state.done[rows]
    )
    for seller, piece in zip(asked.sellers, bought, strict=True):
        state.done[rows] += piece.minutes // seller.job[rows]
    _enter(state, books, month, rows, bought, on_sale)


def _buy_block(asked: Terms, state: _State, books: Paths, month: int, rates: list[Ints], on_sale: list[Ints]) -> None:
    """Buy on a block that is begun; begin one as soon as the balance pays for all of it."""
    cheapest = cost(asked.block, np.minimum.reduce(rates))
    rows = np.flatnonzero((state.wanted > 0) | (state.balance >= cheapest))
    sales = _sales(asked, rates, on_sale, rows)
    price = block_price(asked.block[rows], sales)
    begins = (state.wanted[rows] == 0) & (price > 0) & (state.balance[rows] >= price)
    wanted = np.where(begins, asked.block[rows], state.wanted[rows])
    bought = block(state.balance[rows], wanted, sales)
    for piece in bought:
        wanted = wanted - piece.minutes
    state.wanted[rows] = wanted
    _enter(state, books, month, rows, bought, on_sale)


def _sales(asked: Terms, rates: list[Ints], on_sale: list[Ints], rows: Rows) -> list[Sale]:
    return [
        Sale(minutes[rows], rate[rows], seller.job[rows])
        for seller, rate, minutes in zip(asked.sellers, rates, on_sale, strict=True)
    ]


def _enter(state: _State, books: Paths, month: int, rows: Rows, bought: list[Bought], on_sale: list[Ints]) -> None:
    """Write purchases into the books."""
    for number, piece in enumerate(bought):
        books.minutes[number, month - 1, rows] += piece.minutes
        books.spent[number, month - 1, rows] += piece.cost
        on_sale[number][rows] -= piece.minutes
        state.balance[rows] -= piece.cost


def _leave(asked: Terms, state: _State, books: Paths, chances: _Chances, month: int) -> None:
    leave = state.there & (chances.by_place(chances.leavers) < asked.churn)
    np.logical_xor(state.there, leave, out=state.there)
    left = _count(leave)
    books.left[month - 1] = left
    state.paying[:] -= left
    closes = np.flatnonzero((chances.closes.random(chances.n_paths) < asked.closes) & state.open)
    if closes.size:
        # Memberships end with the network, late invoices are never paid, and the balance is frozen.
        state.open[closes] = False
        state.there[:, closes] = state.late[:, closes] = False
        state.paying[closes] = state.chased[closes] = 0
        books.unpaid[month - 1, closes] += books.outstanding[month - 1, closes]
        books.outstanding[month - 1, closes] = 0
        state.wanted[closes] = 0
    books.closed[month - 1] = ~state.open
    if month == asked.winds_down:
        stay = state.there & (chances.converts.random(state.there.shape) < asked.convert)
        books.converted[:], books.converts[:] = _count(stay), _amount(asked, stay)
        state.there[:] = False
        state.paying[:] = state.wanted[:] = 0
