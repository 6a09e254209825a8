"""A second process makes the plan sooner, never another one; and where it dies the plan is made all the same."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from planner.planning import as_json, plan
from planner.scenario.reader import read

PILOT = read(Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml")


def test_the_plan_is_the_same_with_a_second_process_and_with_one_that_dies() -> None:
    alone = as_json(plan(PILOT, draws=20))
    with ProcessPoolExecutor(1, get_context("spawn")) as second:
        assert as_json(plan(PILOT, draws=20, executor=second)) == alone
    with ProcessPoolExecutor(1, get_context("spawn")) as dying:
        dying.submit(os._exit, 1)
        assert as_json(plan(PILOT, draws=20, executor=dying)) == alone
