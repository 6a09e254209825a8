"""The integer division of the ledger."""

import numpy as np

from planner.model.credit.ledger import floor_divide


def test_a_quotient_is_rounded_down() -> None:
    """One less than 16 times 3000 holds it 15 times."""
    assert floor_divide(np.array([48000, 47999]), np.array([3000, 3000])).tolist() == [16, 15]
