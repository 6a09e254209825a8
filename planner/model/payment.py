"""One month's payments: each invoice is one payment; the network refuses whole what would pass the largest balance."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def accepted_alike(count: Ints, price: int, room: Ints) -> Ints:
    """Return how many of `count` payments of one price the network accepts [payment].

    Parameters
    ----------
    count : ndarray of shape (n,)
        Payments that arrive [payment].
    price : int
        Of each [minor credit].
    room : ndarray of shape (n,)
        Largest balance less balance, at least 0 [minor credit].

    Examples
    --------
    Twenty accounts at 9 credits, largest balance 500, 360 there: fifteen more payments fit, the last five do not.

    >>> accepted_alike(np.array([20]), 900, np.array([14000])).tolist()
    [15]
    """
    return np.minimum(count, room // price) if price else count


def accepted_in_turn(amounts: Ints, room: Ints) -> Mask:
    """Return which payments the network accepts, taken one after the other; a refused one leaves room for a smaller.

    Parameters
    ----------
    amounts : ndarray of shape (n_payments, n)
        In the order in which they arrive; 0 = no payment [minor credit].
    room : ndarray of shape (n,)
        Largest balance less balance, at least 0 [minor credit].

    Returns
    -------
    ndarray of shape (n_payments, n)

    Examples
    --------
    With room for 20 credits, 9 is accepted, 18 refused whole, and the next 9 accepted.

    >>> accepted_in_turn(np.array([[900], [1800], [900]]), np.array([2000])).ravel().tolist()
    [True, False, True]
    """
    left = room.copy()
    accepted = np.empty(amounts.shape, dtype=np.bool_)
    for amount, fits in zip(amounts, accepted, strict=True):
        np.less_equal(amount, left, out=fits)
        left -= amount * fits
    return accepted


def by_age(late: Ints, now: Ints, late_since: Ints, since: Ints, room: Ints) -> tuple[Mask, Mask]:
    """Return which late and which present invoices are paid: last month's first, each in the order of accounts' age.

    Parameters
    ----------
    late, now : ndarray of shape (n_accounts, n)
        What each account pays of last month's and of this month's invoice; 0 = nothing [minor credit].
    late_since, since : ndarray of shape (n_accounts, n)
        A number that is smaller the longer ago the account signed up, for the account that owes it [-].
    room : ndarray of shape (n,)
        Largest balance less balance [minor credit].

    Returns
    -------
    tuple of two ndarrays of shape (n_accounts, n)

    Examples
    --------
    Room for one payment of two: the older account, though it stands second, is accepted.

    >>> none, both = np.zeros((2, 1), dtype=np.int64), np.full((2, 1), 900)
    >>> by_age(none, both, none, np.array([[8], [3]]), np.array([1000]))[1].ravel().tolist()
    [False, True]
    """
    accepted = []
    left = room
    for amounts, ages in ((late, late_since), (now, since)):
        order = np.argsort(ages, axis=0, kind="stable")
        in_turn = np.take_along_axis(amounts, order, axis=0)
        fits = accepted_in_turn(in_turn, left)
        left = left - np.where(fits, in_turn, 0).sum(axis=0)
        placed = np.empty_like(fits)
        np.put_along_axis(placed, order, fits, axis=0)
        accepted.append(placed)
    return accepted[0], accepted[1]
