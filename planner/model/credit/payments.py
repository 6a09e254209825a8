"""One month's payments: each invoice is one payment; the network refuses whole what would pass the largest balance."""

import numpy as np

from planner.model.credit.ledger import Counts, Ints, Mask, Paths, State, amount, count
from planner.model.credit.parameters import Terms


def accepted_in_turn(amounts: Ints, room: Ints) -> tuple[Mask, Ints]:
    """Return which payments the network accepts, one after the other, and the room that is left after them.

    Units: amounts [minor credit]; room [minor credit]; returns [minor credit].

    Examples
    --------
    With room for 20 credits, 9 is accepted, 18 refused whole, and the next 9 accepted: a refusal leaves its room.

    >>> accepted, left = accepted_in_turn(np.array([[900], [1800], [900]]), np.array([2000]))
    >>> accepted.ravel().tolist(), left.tolist()
    ([True, False, True], [200])
    """
    left = room.copy()
    accepted = np.empty(amounts.shape, dtype=np.bool_)
    for payment, fits in zip(amounts, accepted, strict=True):
        np.less_equal(payment, left, out=fits)
        left -= payment * fits
    return accepted, left


def by_age(amounts: Ints, since: Counts, room: Ints) -> tuple[Mask, Ints]:
    """Return which payments the network accepts in the order of accounts' age, and the room that is left after them.

    Units: amounts [minor credit]; room [minor credit]; returns [minor credit].

    Examples
    --------
    Room for one payment of two: the older account, though it stands second, is accepted.

    >>> accepted, left = by_age(np.array([[900], [900]]), np.array([[8], [3]]), np.array([1000]))
    >>> accepted.ravel().tolist(), left.tolist()
    ([False, True], [100])
    """
    # Positions in the flat array: several times as fast as take_along_axis and put_along_axis.
    order = np.argsort(since, axis=0, kind="stable") * room.size + np.arange(room.size)
    fits, left = accepted_in_turn(amounts.ravel().take(order), room)
    accepted = np.empty(amounts.shape, dtype=np.bool_)
    accepted.ravel()[order] = fits
    return accepted, left


def collect(asked: Terms, state: State, books: Paths, month: int, ever: Mask, in_time: Mask) -> None:
    """Send this month's invoices, if anybody does, and let the network accept or refuse what is paid.

    Units: month [month].
    """
    row = month - 1
    late, now = ever, in_time
    if asked.invoices(month):
        sent = _allowed(asked, state, books, row)
        now &= sent
        late &= sent
        if asked.payer_limit is not None:
            state.credit_line[:] -= asked.price[:, None] * late
        late ^= now
        books.invoiced[row] = amount(asked.prices, state.there)
        books.outstanding[row] = amount(asked.prices, late)
        books.late[row] = books.outstanding[row] // asked.prices[0][0] if asked.alike else count(late)
        due = amount(asked.prices, now)
        books.unpaid[row] = books.invoiced[row] - books.blocked[row] - books.outstanding[row] - due
        if month > 1:
            due += books.outstanding[row - 1]
    else:
        now[:] = late[:] = False
        due = books.outstanding[row - 1] if month > 1 else books.outstanding[row]
    received = _accepted(asked, state, now, due)
    fees = np.floor(received * asked.fee + 0.5).astype(np.int64)
    books.received[row], books.fees[row], books.refused[row] = received, fees, due - received
    received = received - fees
    state.balance[:] += received
    state.earned[:] += received
    state.late[:] = late
    if asked.in_turn:
        state.late_since[:] = state.since
    state.chased[:] = books.late[row]


def _allowed(asked: Terms, state: State, books: Paths, row: int) -> Mask:
    """Return whose invoice the payer's own limit allows; what is allowed counts against it until it is refused."""
    if asked.payer_limit is None:
        return state.there
    if asked.payer_earns.any():
        np.add(state.credit_line, asked.payer_earns, out=state.credit_line)
    allowed = state.credit_line >= asked.price[:, None]
    allowed &= state.there
    books.blocked[row] = amount(asked.prices, state.there ^ allowed)
    return allowed


def _accepted(asked: Terms, state: State, now: Mask, due: Ints) -> Ints:
    """Return what the network lets through of the payments that are due [minor credit]."""
    if asked.largest_balance is None:
        return due
    room = asked.largest_balance - state.balance
    tight = due > room
    if not tight.any():
        return due
    if asked.alike and asked.payer_limit is None:
        price = asked.prices[0][0]
        rows = np.flatnonzero(tight)
        received = due.copy()
        received[rows] = room[rows] // price * price
        return received
    # Where not even the lowest fee fits everything is refused, whoever pays first: the lasting state of a full account.
    full = tight & (room < asked.prices[0][0])
    received = np.where(full, 0, due)
    refused = [state.late & full, now & full]
    rows = np.flatnonzero(tight & ~full)
    if rows.size:
        # Last month's invoices come first, each in the order of the accounts' age.
        left = room[rows]
        for paid, since, back in zip((state.late, now), (state.late_since, state.since), refused, strict=True):
            payments = asked.price[:, None] * paid.take(rows, axis=1)
            fits, left = by_age(payments, since.take(rows, axis=1), left)
            if asked.payer_limit is not None:
                back[:, rows] = ~fits
        received[rows] = room[rows] - left
    if asked.payer_limit is not None:
        # A refused payment stays with its payer; that of last month only if the account is still there.
        refused[0] &= state.late_since == state.since
        back_again = refused[0].view(np.int8) + refused[1].view(np.int8)
        state.credit_line[:] += asked.price[:, None] * back_again
    return received
