"""Month by month as networks are: many paths of one network's credit side by side, every rule of the case on.

One month: sign-ups → invoices → paid on time, late or never → the network refuses what would pass its largest balance
→ its fee → fees of sellers that are members set against their hours → hours bought → supplier's bill → accounts leave
→ the network closes. Amounts are whole minor units of credit, so on every path and in every month received = balance
+ spent + bills + fees holds exactly.
"""

import numpy as np

from planner.model.credit.ledger import Floats, Ints, Mask, Paths, State, amount, blank, count, opening
from planner.model.credit.parameters import EVER, Terms, terms
from planner.model.credit.payments import collect
from planner.model.credit.purchases import spend
from planner.model.credit.sign_ups import admitted, poisson, poisson_table, seats
from planner.model.inputs.credit import Case
from planner.model.inputs.distributions import stream


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
        self.n_paths = n_paths
        # 24 bits are enough for a chance, and half as many bytes are compared.
        self._row = np.empty(n_paths, dtype=np.float32)

    def below(self, source: np.random.Generator, chance: Floats) -> Mask:
        """Return whether something of this chance happens on each path."""
        return np.asarray(source.random(out=self._row, dtype=np.float32) < chance.astype(np.float32))

    def at_least(self, sources: list[np.random.Generator], *chances: Floats) -> list[Mask]:
        """Return, for each chance, whether each place's number on each path is at least it, (n_places, n_paths).

        Row by row, so that a place's numbers are compared while they are in the processor's cache.
        """
        found = [np.empty((len(sources), self.n_paths), dtype=np.bool_) for _ in chances]
        rounded = [chance.astype(np.float32) for chance in chances]
        for place, source in enumerate(sources):
            uniform = source.random(out=self._row, dtype=np.float32)
            for chance, mask in zip(rounded, found, strict=True):
                np.greater_equal(uniform, chance, out=mask[place])
        return found


def run(case: Case, n_paths: int, seed: int) -> Paths:
    """Return what happens on each path, month by month."""
    asked = terms(case, n_paths)
    chances = _Chances(case, asked, seed, n_paths)
    state = opening(asked.price.size, len(asked.sellers), n_paths)
    limits = ("offer", "market", case.room_named, "labour", "pause")
    books = blank(case.horizon, n_paths, [seller.name for seller in asked.sellers], limits)
    table, at_once = poisson_table(asked.sign_ups), np.flatnonzero(np.isinf(asked.sign_ups))
    for month in range(1, case.horizon + 1):
        wanted = poisson(table, chances.sign_ups.random(n_paths))
        wanted[at_once] = EVER
        ever, in_time = chances.at_least(chances.payments, asked.unpaid, asked.late_or_unpaid)
        there = [
            chances.below(source, seller.available) & state.open
            for source, seller in zip(chances.sellers, asked.sellers, strict=True)
        ]
        _sign_up(asked, state, books, month, wanted)
        collect(asked, state, books, month, ever, in_time)
        spend(asked, state, books, month, there)
        (stays,) = chances.at_least(chances.leavers, asked.churn)
        _leave(state, books, month, stays)
        _close(state, books, month, chances.below(chances.closes, asked.closes))
        if month == asked.winds_down:
            _wind_down(asked, state, books, chances)
        books.balance[month - 1] = state.balance
    return books


def _sign_up(asked: Terms, state: State, books: Paths, month: int, wanted: Ints) -> None:
    if asked.invoices(month):
        wanted = wanted * state.open
        allowed = [
            asked.price.size - state.paying,
            asked.reach - state.signed,
            asked.room[month - 1] - state.paying,
            _labour_room(asked, state),
            _pause_room(asked, state),
        ]
        signed, books.turned_away[month - 1] = admitted(wanted, allowed)
        if signed.any():
            _seat(asked, state, month, signed)
        books.joined[month - 1] = signed
    books.paying[month - 1] = state.paying


def _seat(asked: Terms, state: State, month: int, signed: Ints) -> None:
    new = seats(state.there, signed)
    state.there[:] |= new
    state.paying[:] += signed
    state.signed[:] += signed
    if asked.in_turn:
        for place, taken in enumerate(new):
            rows = np.flatnonzero(taken)
            state.since[place][rows] = month * len(new) + place
            if asked.payer_limit is not None:
                state.credit_line[place][rows] = asked.payer_limit[rows]


def _pause_room(asked: Terms, state: State) -> Ints | int:
    """Return 0 where sales pause because too much of what was earned lies idle."""
    if np.isinf(asked.pause_above):
        return EVER
    return np.where(state.balance > asked.pause_above * state.earned, 0, EVER)


def _labour_room(asked: Terms, state: State) -> Ints | int:
    """Return how many accounts the volunteers can still set up and look after this month."""
    if asked.room_for_work is None:
        return EVER
    hours, upkeep, collecting = asked.room_for_work
    return np.floor(hours - upkeep * (state.paying + asked.members) - collecting * state.chased).astype(np.int64)


def _leave(state: State, books: Paths, month: int, stays: Mask) -> None:
    state.there[:] &= stays
    left = state.paying - count(state.there)
    books.left[month - 1] = left
    state.paying[:] -= left


def _close(state: State, books: Paths, month: int, closes: Mask) -> None:
    """End the memberships with the network: late invoices are never paid, and the balance is frozen."""
    rows = np.flatnonzero(closes & state.open)
    if rows.size:
        state.open[rows] = False
        state.there[:, rows] = state.late[:, rows] = False
        state.paying[rows] = state.chased[rows] = state.wanted[rows] = 0
        books.unpaid[month - 1, rows] += books.outstanding[month - 1, rows]
        books.outstanding[month - 1, rows] = 0
    books.closed[month - 1] = ~state.open


def _wind_down(asked: Terms, state: State, books: Paths, chances: _Chances) -> None:
    """End the memberships in credit; whoever changes over to money is counted."""
    change = state.there & (chances.converts.random(state.there.shape) < asked.convert)
    books.converted[:], books.converts[:] = count(change), amount(asked.prices, change)
    state.there[:] = False
    state.paying[:] = state.wanted[:] = 0
