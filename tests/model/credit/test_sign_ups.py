"""Poisson numbers of sign-ups, who of them is admitted, and the places they take."""

import numpy as np

from planner.model.credit.sign_ups import admitted, poisson, poisson_table, seats


def test_poisson_numbers_by_inversion() -> None:
    """P(N <= 0) is 0.37 for a mean of 1, and P(N <= 3) 0.98."""
    assert poisson(poisson_table(np.full(4, 1.0)), np.array([0.2, 0.5, 0.9, 0.99])).tolist() == [0, 1, 2, 4]


def test_the_tightest_limit_turns_away() -> None:
    """Each limit turns somebody away on one of three paths."""
    signed, turned = admitted(np.array([3, 0, 2]), [2, np.array([5, 0, 1])])
    assert (signed.tolist(), turned.round(3).tolist()) == ([2, 0, 1], [0.333, 0.333])


def test_a_new_account_takes_the_first_free_place() -> None:
    """So that the mix stays that of the offer."""
    assert seats(np.array([[True], [False], [False]]), np.array([1])).ravel().tolist() == [False, True, False]
