"""One month's payments: each invoice is one payment; the network refuses whole what would pass the largest balance."""

import numpy as np

from planner.model.credit.ledger import Ledger, State, amount, count
from planner.model.credit.parameters import Parameters
from planner.model.inputs.credit import Counts, Ints, Mask


def accepted_in_turn(amounts: Ints, room: Ints) -> tuple[Mask, Ints]:
    """Return which payments the network accepts, one after the other, and the room left after them [minor credit]."""
    left = room.copy()
    accepted = np.empty(amounts.shape, dtype=np.bool_)
    for payment, fits in zip(amounts, accepted, strict=True):
        np.less_equal(payment, left, out=fits)
        left -= payment * fits
    return accepted, left


def by_age(amounts: Ints, since: Counts, room: Ints) -> tuple[Mask, Ints]:
    """Return which payments the network accepts, oldest account first, and the room left after them [minor credit]."""
    # Positions in the flat array: several times as fast as take_along_axis and put_along_axis.
    order = np.argsort(since, axis=0, kind="stable") * room.size + np.arange(room.size)
    fits, left = accepted_in_turn(amounts.ravel().take(order), room)
    accepted = np.empty(amounts.shape, dtype=np.bool_)
    accepted.ravel()[order] = fits
    return accepted, left


def collect(parameters: Parameters, state: State, ledger: Ledger, month: int, ever: Mask, in_time: Mask) -> None:
    """Send the invoices of a month [month], if anybody does, and let the network accept or refuse what is paid."""
    row = month - 1
    late, now = ever, in_time
    if parameters.invoices(month):
        sent = _allowed(parameters, state, ledger, row)
        now &= sent
        late &= sent
        if parameters.payer_limit is not None:
            state.credit_line[:] -= parameters.price[:, None] * late
        late ^= now
        ledger.invoiced[row] = amount(parameters.prices, state.there)
        ledger.outstanding[row] = amount(parameters.prices, late)
        ledger.late[row] = ledger.outstanding[row] // parameters.prices[0][0] if parameters.alike else count(late)
        due = amount(parameters.prices, now)
        ledger.unpaid[row] = ledger.invoiced[row] - ledger.blocked[row] - ledger.outstanding[row] - due
        if month > 1:
            due += ledger.outstanding[row - 1]
    else:
        now[:] = late[:] = False
        due = ledger.outstanding[row - 1] if month > 1 else ledger.outstanding[row]
    received = _accepted(parameters, state, now, due)
    fees = np.floor(received * parameters.fee + 0.5).astype(np.int64)
    ledger.received[row], ledger.fees[row], ledger.refused[row] = received, fees, due - received
    received = received - fees
    state.balance[:] += received
    state.earned[:] += received
    state.late[:] = late
    if parameters.in_turn:
        state.late_since[:] = state.since


def _allowed(parameters: Parameters, state: State, ledger: Ledger, row: int) -> Mask:
    """Return whose invoice the payer's own limit allows; what is allowed counts against it until it is refused."""
    if parameters.payer_limit is None:
        return state.there
    if parameters.payer_earns.any():
        np.add(state.credit_line, parameters.payer_earns, out=state.credit_line)
    allowed = state.credit_line >= parameters.price[:, None]
    allowed &= state.there
    ledger.blocked[row] = amount(parameters.prices, state.there ^ allowed)
    return allowed


def _accepted(parameters: Parameters, state: State, now: Mask, due: Ints) -> Ints:
    """Return what the network lets through of the payments that are due [minor credit]."""
    if parameters.largest_balance is None:
        return due
    room = parameters.largest_balance - state.balance
    tight = due > room
    if not tight.any():
        return due
    if parameters.alike and parameters.payer_limit is None:
        price = parameters.prices[0][0]
        rows = np.flatnonzero(tight)
        received = due.copy()
        received[rows] = room[rows] // price * price
        return received
    # Where not even the lowest fee fits everything is refused, whoever pays first: the lasting state of a full account.
    full = tight & (room < parameters.prices[0][0])
    received = np.where(full, 0, due)
    refused = [state.late & full, now & full]
    rows = np.flatnonzero(tight & ~full)
    if rows.size:
        # Last month's invoices come first, each in the order of the accounts' age.
        left = room[rows]
        for paid, since, back in zip((state.late, now), (state.late_since, state.since), refused, strict=True):
            payments = parameters.price[:, None] * paid.take(rows, axis=1)
            fits, left = by_age(payments, since.take(rows, axis=1), left)
            if parameters.payer_limit is not None:
                back[:, rows] = ~fits
        received[rows] = room[rows] - left
    if parameters.payer_limit is not None:
        # A refused payment stays with its payer; that of last month only if the account is still there.
        refused[0] &= state.late_since == state.since
        back_again = refused[0].view(np.int8) + refused[1].view(np.int8)
        state.credit_line[:] += parameters.price[:, None] * back_again
    return received
