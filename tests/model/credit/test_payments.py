"""Which payments the network accepts below its largest balance."""

import numpy as np

from planner.model.credit.payments import accepted_in_turn, by_age


def test_a_refused_payment_leaves_its_room_to_the_next() -> None:
    """With room for 20 credits, 9 is accepted, 18 refused whole, and the next 9 accepted."""
    accepted, left = accepted_in_turn(np.array([[900], [1800], [900]]), np.array([2000]))
    assert (accepted.ravel().tolist(), left.tolist()) == ([True, False, True], [200])


def test_the_older_account_pays_first() -> None:
    """Room for one payment of two: the older account, though it stands second, is accepted."""
    accepted, left = by_age(np.array([[900], [900]]), np.array([[8], [3]]), np.array([1000]))
    assert (accepted.ravel().tolist(), left.tolist()) == ([False, True], [100])
