"""A sample of the proof that the printed Monte Carlo error is what other seeds give."""

import prove_seeds
import pytest


@pytest.mark.slow
def test_seeds_differ_by_no_more_than_the_printed_error_says() -> None:
    """Two seeds, with a third of the pilot's draws: by three accounts or three standard errors at most."""
    assert prove_seeds.prove(2, 1, 1500).startswith("2 seeds")


def test_numbers_far_apart_are_found() -> None:
    far, near = ([{"together": prove_seeds.Found(n, 1.0)} for n in some] for some in ((10, 15), (10, 14)))
    assert "too far apart" in prove_seeds.too_far(far)[0]
    assert prove_seeds.too_far(near) == []
    spread = [{"together": prove_seeds.Found(10 + k % 2, 3.0)} for k in range(prove_seeds.FULL)]
    assert "not the spread" in prove_seeds.too_far(spread)[0]
