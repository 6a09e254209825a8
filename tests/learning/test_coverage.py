"""The promise of learning, in small samples of its proofs: histories of synthetic co-ops, and the truth they hide.

The figures that docs/model-learning.md quotes are those of the whole proofs, tests/prove/prove_learning.py and
tests/prove/prove_broken_assumptions.py.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import prove_broken_assumptions
import prove_learning
import pytest
import synthetic

from planner.model.calibration import goodness_of_fit
from planner.scenario import overlay
from planner.scenario.reader import read

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


@pytest.mark.slow
def test_what_one_history_taught_excuses_no_surge_days_of_the_next(tmp_path: Path) -> None:
    """Calibrated twice: the range that the first one learned is wide enough for the days of the second."""
    known = synthetic.scenario(tmp_path, participants=prove_broken_assumptions.PARTICIPANTS)
    truth = replace(synthetic.truths(known, 1, 2)[0], day_spread=0.0)
    world = synthetic.variants()["surge day, five times"]
    for half_year in (1, 2):
        found = prove_broken_assumptions.learned(known, truth, world, np.random.default_rng(half_year))
        assert "busy days" in [one.name for one in found.checks if one.flagged]
        file = tmp_path / f"learned-{half_year}.yaml"
        file.write_text(overlay.text(Path(known.file).name, "As learned", found.entries), encoding="utf-8")
        known = read(file)
        assert known.estimates["usage.everyone.day_spread"].high > goodness_of_fit.WIDEST
