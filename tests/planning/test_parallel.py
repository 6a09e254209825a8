"""A second process makes the plan sooner, never another one; and where it dies the plan is made all the same."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from light_scenario import LIGHT

from planner.planning import as_json, plan
from planner.scenario.reader import read


def test_the_plan_is_the_same_with_a_second_process_and_with_one_that_dies(tmp_path: Path) -> None:
    """Of a scenario on a base, which is planned beside it: all that may go to a second process."""
    (tmp_path / "light.yaml").write_text(LIGHT)
    (tmp_path / "more.yaml").write_text("title: More\nbase: light.yaml\nchanges: {nodes.a.limits.rooms: 8 rooms}\n")
    scenario = read(tmp_path / "more.yaml")
    alone = as_json(plan(scenario, draws=20))
    assert alone["against"] is not None
    with ProcessPoolExecutor(1, get_context("spawn")) as second:
        assert as_json(plan(scenario, draws=20, executor=second)) == alone
    with ProcessPoolExecutor(1, get_context("spawn")) as dying:
        dying.submit(os._exit, 1)
        assert as_json(plan(scenario, draws=20, executor=dying)) == alone
