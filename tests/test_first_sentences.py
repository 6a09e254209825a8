"""The first sentences of the stored scenarios, and the numbers in the answers to the thread's questions."""

import re
from pathlib import Path

import pytest
from shared_plans import SharedPlans, enough

from planner import report

pytestmark = pytest.mark.slow

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml"))


def test_no_two_scenarios_begin_with_the_same_sentence(plans: SharedPlans) -> None:
    first = {name: report.answer(one).sentences[0] for name, one in plans.each(SCENARIOS).items()}
    assert len(first) == 16
    assert len(set(first.values())) == len(first), first


@pytest.mark.parametrize("name", ["pilot-5", "members-105", "higher-levels"])
def test_the_answers_to_the_thread_have_the_numbers_of_the_plan(name: str, plans: SharedPlans) -> None:
    scenario = SCENARIOS[0].with_name(f"{name}.yaml")
    found = plans(scenario, enough(scenario))
    said = {each.asks: each.says for each in report.questions(found)}
    rows = {row.accounts: row.share for row in found.admission.holds}
    there = 105 if name == "members-105" else 55
    one, *more = (f"with {n} in {round(100 * rows[n])}" for n in (1, 2, 5, 10, 55))
    cope = f"{', '.join([f'{one} of 100 cases', *more[:-1]])} and {more[-1]}."
    assert f"The servers cope {cope}" in said["1, 2, 5, 10 or 55 accounts?"]
    assert f"With {there} more" in said["What if the members double?"]
    assert f"{round(100 * rows[there])} of 100 cases" in said["What if the members double?"]
    assert f"{there} members have an account today" in said["How many people?"]
    added = max(found.servers, key=lambda one: one.load.added / one.usable if one.usable > 0 else 0.0).load.added
    numbers = re.findall(r"\d+\.?\d*", said["How much load, and of what?"])
    assert any(abs(float(n) - scale * added) < 0.06 * scale * added for n in numbers for scale in (1.0, 100.0))
    assert found.checkpoint.month in said["When is the review, and can its rule be met?"]
    saved = next(one for one in found.credit.policies if one.policy == "save_up")
    assert f"{round(saved.hours.p50 or 0)}" in said["Cheaper sellers, or smaller jobs?"]
    assert all(
        one.months_to_afford is None or str(one.months_to_afford) in said["Higher levels?"]
        for one in found.options
        if ", all " in one.name
    )
