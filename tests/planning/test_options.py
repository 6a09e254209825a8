"""Options speak of the money that the network's unit is measured in, and say what else is other in each."""

from dataclasses import replace
from pathlib import Path

from light_scenario import LIGHT

from planner.planning import plan
from planner.report.answer import answer
from planner.scenario.reader import read


def test_a_unit_worth_other_money_is_turned_once(tmp_path: Path) -> None:
    """Nine pounds are 11.25 euro at 0.80: five accounts bring 56.25 EUR, in every place that says it."""
    euro = LIGHT.replace("n: {reach", "n: {worth: 1 EUR/credit, reach").replace(
        "cash: {", "cash: {exchange: {EUR: 0.8 GBP}, "
    )
    (tmp_path / "light.yaml").write_text(euro)
    found = plan(read(tmp_path / "light.yaml"), draws=40)
    said = [found.credit.income_per_month]
    said += [one.income_per_month for one in (*found.options, *found.frontier) if one.accounts == 5]
    assert len(found.frontier) > 0
    assert {str(income) for income in said} == {"56.25 EUR"}


def test_the_options_say_what_else_is_other_and_the_meeting_can_choose_small_jobs(tmp_path: Path) -> None:
    """The answer finds small jobs by what the option says, not by how its name is worded."""
    (tmp_path / "light.yaml").write_text(LIGHT)
    found = plan(read(tmp_path / "light.yaml"), draws=40)
    said = {one.name: one.varies for one in found.options}
    assert said["5 accounts"] == ""
    assert {name.partition(", ")[2]: varies for name, varies in said.items() if varies} == {
        "half the sellers' time": "sellers",
        "small jobs": "jobs",
    }
    jobs = next(one.months_to_buy for one in found.options if one.varies == "jobs")
    better = replace(found.credit.months_to_buy, probability_within_horizon=jobs.probability_within_horizon - 0.1)
    for saved, offered in ((better, True), (jobs, False)):
        choices = answer(replace(found, credit=replace(found.credit, months_to_buy=saved))).choices
        assert ("Buy small jobs instead of saving up." in [one.does for one in choices]) == offered
