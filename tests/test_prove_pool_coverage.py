"""A small sample of the proof of the simulated numbers' coverage."""

import prove_pool_coverage
import pytest


@pytest.mark.slow
def test_the_interval_of_a_pools_number_contains_the_true_number() -> None:
    """Of a few pools, two of them of one node."""
    assert prove_pool_coverage.prove(6, seed=2).startswith("6 pools; coverage of 90%: all at their value")
