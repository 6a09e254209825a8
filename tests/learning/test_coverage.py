"""The promise of learning, in small samples of its proofs: histories of synthetic co-ops, and the truth they hide.

The figures that docs/model-learning.md quotes are those of the whole proofs, tests/prove/prove_learning.py and
tests/prove/prove_broken_assumptions.py.
"""

from pathlib import Path

import prove_broken_assumptions
import prove_learning
import pytest
import synthetic

ROWS = (
    "the model holds, days differ",
    "fixed weekly meetings, 60 %",
    "surge day, twice as many",
    "surge day, five times",
    "heavy-tailed sizes, index 3",
)


@pytest.mark.slow
def test_a_history_brings_the_number_closer_and_few_are_flagged() -> None:
    print(f"\n{prove_learning.prove(8, seed=5)}")


@pytest.mark.slow
def test_where_a_broken_assumption_breaks_the_objective_nobody_is_admitted(tmp_path: Path) -> None:
    known = synthetic.scenario(tmp_path, participants=prove_broken_assumptions.PARTICIPANTS)
    rows = prove_broken_assumptions.table(known, 3, 11, ROWS)
    assert all(map(prove_broken_assumptions.held, rows))
    assert sum(row.unknown > 0.5 for row in rows) >= 2  # or nothing was shown
