"""Tables with bytes cut, put in or doubled: every line is in a row used, in one left out, or the file is refused.

PYTHONPATH=.:tests python tests/prove/prove_tables.py --count 5000 --seed 1
"""

import hypothesis
import proof
from damaged_tables import READERS, damaged, held

FULL = 50_000


def prove(count: int, seed: int) -> str:
    """Read so many damaged tables; return what was counted."""
    tried = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(max_examples=count, derandomize=False, database=None, deadline=None)
    @hypothesis.given(damaged())
    def each(made: tuple[str, bytes]) -> None:
        nonlocal tried
        tried += 1
        held(*made)

    each()
    assert tried >= count, f"only {tried} of {count} were tried"
    return f"{tried} damaged tables of {len(READERS)} kinds, no line lost"


if __name__ == "__main__":
    proof.main("tables", prove, FULL)
