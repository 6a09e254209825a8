"""One purchase at a time: a small job, and the price of a block at two sellers."""

import numpy as np

from planner.model.credit.purchases import Sale, block_price, jobs


def sale(minutes: int, rate: int) -> Sale:
    """Return a sale on one path, in jobs of 4 h."""
    return Sale(np.array([minutes]), np.array([rate]), np.array([240]))


def test_a_balance_buys_whole_jobs() -> None:
    """135 credits buy one job of 4 h at 30 credits an hour."""
    (bought,) = jobs(np.array([13500]), [sale(960, 3000)])
    assert (bought.minutes.tolist(), bought.cost.tolist()) == ([240], [12000])


def test_a_block_is_priced_at_the_sellers_in_order() -> None:
    """Sixteen hours, of which the first seller has ten at 30 and the second the rest at 50."""
    assert block_price(np.array([960]), [sale(600, 3000), sale(600, 5000)]).tolist() == [60000]
