"""Month by month with the usual delays: many paths of one network's credit side by side, every rule of the case on.

One month: sign-ups → invoices → paid on time, late or never → the network refuses what would pass its largest balance
→ its fee → fees of sellers that are members set against their hours → hours bought → supplier's bill → accounts leave
→ the network closes. Amounts are whole minor units of credit, so on every path and in every month received = balance
+ spent + bills + fees holds exactly.
"""

import math
from collections.abc import Sequence

import numpy as np

from planner.model.credit.ledger import Ledger, State, amount, blank, count, narrow, opening
from planner.model.credit.parameters import EVER, Parameters, derive
from planner.model.credit.payments import collect
from planner.model.credit.purchases import spend
from planner.model.inputs.credit import Case, Floats, Ints, Mask
from planner.model.inputs.distributions import stream


class _Chances:
    """One random stream for each source of chance, named after it: another source or place disturbs none of them."""

    def __init__(self, case: Case, parameters: Parameters, seed: int, n_paths: int) -> None:
        start = f"networks.{case.network.name}"
        places = range(case.network.accounts)
        self.sign_ups = stream(seed, f"{start}.sign_ups")
        self.closes = stream(seed, f"{start}.closes")
        self.converts = stream(seed, f"{start}.convert")
        self.payments = [stream(seed, f"{start}.payments.{place}") for place in places]
        self.leavers = [stream(seed, f"{start}.churn.{place}") for place in places]
        self.sellers = [stream(seed, f"spending.sellers.{seller.name}.available") for seller in parameters.sellers]
        self.n_paths = n_paths
        # 24 bits are enough for a chance, and half as many bytes are compared.
        self._row = np.empty(n_paths, dtype=np.float32)

    def below(self, source: np.random.Generator, chance: Floats) -> Mask:
        """Return whether something of this chance [-] happens on each path."""
        return np.asarray(source.random(out=self._row, dtype=np.float32) < chance.astype(np.float32))

    def at_least(self, sources: list[np.random.Generator], *chances: Floats) -> list[Mask]:
        """Return, for each chance [-], whether each place's number on each path reaches it, (n_places, n_paths)."""
        # Row by row, so that a place's numbers are compared while they are in the processor's cache.
        masks = [np.empty((len(sources), self.n_paths), dtype=np.bool_) for _ in chances]
        rounded = [chance.astype(np.float32) for chance in chances]
        for place, source in enumerate(sources):
            uniform = source.random(out=self._row, dtype=np.float32)
            for chance, mask in zip(rounded, masks, strict=True):
                np.greater_equal(uniform, chance, out=mask[place])
        return masks


def run(case: Case, n_paths: int, seed: int) -> Ledger:
    """Return the ledger of each path, month by month."""
    parameters = derive(case, n_paths)
    chances = _Chances(case, parameters, seed, n_paths)
    state = opening(parameters.price.size, len(parameters.sellers), n_paths)
    limits = ("offer", "market", case.room_named, "labour", "pause")
    ledger = blank(parameters, case.horizon, n_paths, limits)
    table, at_once = poisson_table(parameters.sign_ups), np.flatnonzero(np.isinf(parameters.sign_ups))
    for month in range(1, case.horizon + 1):
        wanted = poisson(table, chances.sign_ups.random(n_paths))
        wanted[at_once] = EVER
        ever, in_time = chances.at_least(chances.payments, parameters.unpaid, parameters.late_or_unpaid)
        there = [
            chances.below(source, seller.available) & state.open
            for source, seller in zip(chances.sellers, parameters.sellers, strict=True)
        ]
        _sign_up(parameters, state, ledger, month, wanted)
        collect(parameters, state, ledger, month, ever, in_time)
        spend(parameters, state, ledger, month, there)
        (stays,) = chances.at_least(chances.leavers, parameters.churn)
        _leave(state, ledger, month, stays)
        _close(state, ledger, month, chances.below(chances.closes, parameters.closes))
        if month == parameters.winds_down:
            _wind_down(parameters, state, ledger, chances)
        ledger.balance[month - 1] = state.balance
    return ledger


def poisson_table(mean: Floats) -> Floats:
    """Return P(N <= k) [-] of Poisson numbers of these means [account/month], k = 0, 1, …, as far as it matters."""
    finite = np.where(np.isfinite(mean), mean, 0.0)
    logarithm = np.log(np.where(finite > 0, finite, 1.0))
    log_mass, reached = -finite, np.exp(-finite)
    table = [reached]
    # What lies beyond has a chance below 1e-12.
    top = float(finite.max(initial=0.0))
    for k in range(1, math.ceil(top + 12 * math.sqrt(top)) + 20):
        if reached.min(initial=1.0) > 1 - 1e-12:
            break
        log_mass = log_mass + (logarithm - math.log(k))
        reached = reached + np.where(finite > 0, np.exp(log_mass), 0.0)
        table.append(reached)
    return np.array(table)


def poisson(table: Floats, uniform: Floats) -> Ints:
    """Return Poisson numbers by inversion, the smallest k with uniform <= P(N <= k) [account]."""
    # One uniform variate each, so that a higher mean never brings fewer sign-ups with the same random numbers.
    number = np.zeros(uniform.shape, dtype=narrow(len(table)))
    for reached in table:
        more = uniform > reached
        if not more.any():
            break
        number += more
    return number.astype(np.int64)


def admitted(wanted: Ints, limits: Sequence[Ints | int]) -> tuple[Ints, Floats]:
    """Return how many of those who want to sign up do [account], and how often each limit turned somebody away [-]."""
    least = np.zeros_like(wanted) + limits[0]
    for limit in limits[1:]:
        np.minimum(least, limit, out=least)
    signed = np.minimum(wanted, np.maximum(least, 0))
    refused = np.flatnonzero(signed < wanted)
    tight = np.array([np.broadcast_to(limit, wanted.shape)[refused] for limit in limits])
    turned = np.bincount(tight.argmin(axis=0), minlength=len(limits)) / wanted.size
    return signed, turned


def seats(taken: Mask, signed: Ints) -> Mask:
    """Return which places those who sign up [account] take: the first free ones, so that the offer's mix stays."""
    new = ~taken
    left = signed.astype(narrow(len(taken)))
    for place in new:
        np.logical_and(place, left > 0, out=place)
        left -= place
    return new


def _sign_up(parameters: Parameters, state: State, ledger: Ledger, month: int, wanted: Ints) -> None:
    if parameters.invoices(month):
        wanted = wanted * state.open
        allowed = [
            parameters.price.size - state.paying,
            parameters.reach - state.signed,
            parameters.room[month - 1] - state.paying,
            _labour_room(parameters, state, ledger, month),
            _pause_room(parameters, state),
        ]
        signed, ledger.turned_away[month - 1] = admitted(wanted, allowed)
        if signed.any():
            _seat(parameters, state, month, signed)
        ledger.joined[month - 1] = signed
    ledger.paying[month - 1] = state.paying


def _seat(parameters: Parameters, state: State, month: int, signed: Ints) -> None:
    new = seats(state.there, signed)
    state.there[:] |= new
    state.paying[:] += signed
    state.signed[:] += signed
    if parameters.in_turn:
        for place, taken in enumerate(new):
            rows = np.flatnonzero(taken)
            state.since[place][rows] = month * len(new) + place
            if parameters.payer_limit is not None:
                state.credit_line[place][rows] = parameters.payer_limit[rows]


def _pause_room(parameters: Parameters, state: State) -> Ints | int:
    """Return 0 where sales pause because too much of what was earned lies idle."""
    if np.isinf(parameters.pause_above):
        return EVER
    return np.where(state.balance > parameters.pause_above * state.earned, 0, EVER)


def _labour_room(parameters: Parameters, state: State, ledger: Ledger, month: int) -> Ints | int:
    """Return how many accounts the volunteers can still set up and look after this month."""
    if parameters.room_for_work is None:
        return EVER
    hours, upkeep, collecting = parameters.room_for_work
    late = ledger.late[month - 2] if month > 1 else 0
    return np.floor(hours - upkeep * (state.paying + parameters.members) - collecting * late).astype(np.int64)


def _leave(state: State, ledger: Ledger, month: int, stays: Mask) -> None:
    state.there[:] &= stays
    left = state.paying - count(state.there)
    ledger.left[month - 1] = left
    state.paying[:] -= left


def _close(state: State, ledger: Ledger, month: int, closes: Mask) -> None:
    """End the memberships with the network: late invoices are never paid, and the balance is frozen."""
    rows = np.flatnonzero(closes & state.open)
    if rows.size:
        state.open[rows] = False
        state.there[:, rows] = state.late[:, rows] = False
        state.paying[rows] = state.wanted[rows] = 0
        ledger.unpaid[month - 1, rows] += ledger.outstanding[month - 1, rows]
        ledger.outstanding[month - 1, rows] = 0
    ledger.closed[month - 1] = ~state.open


def _wind_down(parameters: Parameters, state: State, ledger: Ledger, chances: _Chances) -> None:
    """End the memberships in credit; whoever changes over to money is counted."""
    change = state.there & (chances.converts.random(state.there.shape) < parameters.convert)
    ledger.converted[:], ledger.converts[:] = count(change), amount(parameters.prices, change)
    state.there[:] = False
    state.paying[:] = state.wanted[:] = 0
