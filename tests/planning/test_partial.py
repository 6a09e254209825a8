"""What `planner check` works out is what the whole plan says."""

from pathlib import Path
from typing import Any

import pytest
from light_scenario import LIGHT

from planner import planning
from planner.planning import partial
from planner.scenario import expect
from planner.scenario.reader import read

WHOLE: dict[str, Any] = {}
"""The plan with all draws, made once: what a scenario expects is no part of it."""
PATHS = (
    ("credit.income_per_month", "credit.months_to_afford.central"),
    ("credit.months_to_buy.probability_within_horizon",),
    ("admission.central", "admission.limits.0.limit"),
    ("admission.max_accounts", "admission.binding.limit", "credit.accounts_needed"),
)


@pytest.mark.parametrize("paths", PATHS, ids=lambda paths: paths[0])
def test_each_path_is_as_the_whole_plan_has_it(paths: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "light.yaml").write_text(LIGHT + "expect:\n" + "".join(f"  {path}: 1\n" for path in paths))
    scenario = read(tmp_path / "light.yaml")
    some = partial.document(scenario, paths, None, lambda _doing, _done: None)
    whole = WHOLE or planning.as_json(planning.plan(scenario))
    WHOLE.update(whole)
    assert [one.found for one in expect.compare(some, scenario.expect.values())] == [
        one.found for one in expect.compare(whole, scenario.expect.values())
    ]
    assert "no such path" not in str(expect.compare(whole, scenario.expect.values()))
