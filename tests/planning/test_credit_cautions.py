"""What a plan and `planner check` say of the credit side: a dear block, later losses, a rule that nobody can meet."""

from pathlib import Path

import pytest
from light_scenario import LIGHT

from planner.cli import DONE, HOLD
from planner.cli.check import _checked
from planner.planning import Plan, plan
from planner.planning.credit import review_outlook
from planner.planning.credit_cautions import dear_block
from planner.scenario import resolve
from planner.scenario.reader import Scenario, read

SAVING = LIGHT.replace("target: 4 h", "target: 16 h").replace("n: {", "n: {largest_balance: 500 credit, ")
ROOT = Path(__file__).parents[2]


def scenario(folder: Path, *changed: tuple[str, str], text: str = SAVING) -> Scenario:
    """Return the light scenario, saving up for 16 hours under a cap of 500, with some words replaced."""
    for old, new in changed:
        assert old in text
        text = text.replace(old, new)
    (folder / "light.yaml").write_text(text)
    return read(folder / "light.yaml")


RULE = ("{after: 6 months}", "{after: 6 months, hours_bought: 4 h, volunteer_hours: 4 h/month}")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Return the plan of a review that asks for hours while nothing can be bought before it."""
    longer = ("horizon: 12 months", "horizon: 36 months")
    return plan(scenario(tmp_path_factory.mktemp("coop"), RULE, longer), draws=40, brief=True)


def test_the_plan_is_made_and_warns_of_the_rule_with_one_that_could_be_met(planned: Plan) -> None:
    (said,) = [one for one in planned.warnings if "offer.review" in one]
    assert "offer.review.hours_bought (at least 4 hours bought) is missed in 100 of 100 cases after 6 months" in said
    assert "half of the cases meet it by month" in said
    hours, work = planned.credit.review.missed
    assert hours.never_met
    assert hours.met_by is not None
    assert hours.met_by > 6
    assert not work.never_met
    assert work.met_by is None


def test_the_plan_holds_every_policy_and_switches_none(planned: Plan) -> None:
    """The one that is chosen has the number of the balance limit; the others stand beside it."""
    policies = {one.policy: one for one in planned.credit.policies}
    assert list(policies) == ["save_up", "save_up_to_cap", "whole_jobs"]
    assert [one.chosen for one in policies.values()] == [True, False, False]
    balance = next(one for one in planned.admission.limits if one.limit == "balance")
    chosen = policies["save_up"]
    assert (chosen.max_accounts, chosen.central) == (balance.max_accounts, balance.central)
    assert chosen.refused_share >= policies["save_up_to_cap"].refused_share >= policies["whole_jobs"].refused_share


def test_check_says_3_and_names_the_rule(tmp_path: Path) -> None:
    scenario(tmp_path, RULE)
    code, said, problems = _checked(tmp_path / "light.yaml", None)
    assert (code, problems) == (HOLD, "")
    assert "CANNOT BE MET: the review's rule offer.review.hours_bought" in said
    small = ("target: 16 h", "policy: whole_jobs\n  target: 16 h")
    scenario(tmp_path, RULE, small)
    code, said, _ = _checked(tmp_path / "light.yaml", None)
    assert (code, "CANNOT" in said) == (DONE, False)


@pytest.mark.parametrize("name", ["meetcoop", "pilot-5", "small-jobs", "thin-market", "volunteer-leaves"])
def test_the_rules_of_the_scenarios_can_be_met(name: str) -> None:

    given = read(ROOT / "scenarios" / f"{name}.yaml")
    assert not any(one.never_met for one in review_outlook(given, resolve.inputs(given), given.seed).missed)


@pytest.mark.parametrize(
    ("rate", "policy", "warned"),
    [
        ("31.25 GBP/h", "save_up", False),
        ("31.26 GBP/h", "save_up", True),
        ("{value: 30 GBP/h, low: 24 GBP/h, high: 45 GBP/h}", "save_up", True),
        ("{value: 30 GBP/h, low: 24 GBP/h, high: 45 GBP/h}", "save_up_to_cap", True),
        ("45 GBP/h", "whole_jobs", False),
    ],
)
def test_a_block_above_the_cap_is_said_where_the_policy_is_chosen(
    tmp_path: Path, rate: str, policy: str, warned: bool
) -> None:
    """500 credits are 16 hours at 31.25; small jobs never wait for a block."""
    given = scenario(tmp_path, ("hourly_rate: 30 GBP/h", f"hourly_rate: {rate}\n  policy: {policy}"))
    said = dear_block(given, resolve.inputs(given))
    assert (said is not None) == warned
    assert said is None or ("more than 31.25 credit" in said and "16 hours" in said)


def test_losses_after_the_first_year_are_a_warning_only(tmp_path: Path) -> None:
    """Nobody sells: five accounts lose a twelfth of a year's fees, and most of what comes after it."""
    absent = ("smallest_job: 1 h, available: 100 %", "smallest_job: 1 h, available: 0 %")
    found = plan(scenario(tmp_path, absent, ("horizon: 12 months", "horizon: 36 months")), draws=40, brief=True)
    (said,) = [one for one in found.warnings if "cap turns away" in one]
    assert "over 36 months" in said
    assert "only the first 12 months are judged" in said
    short = plan(scenario(tmp_path, absent), draws=40, brief=True)
    assert not any("cap turns away" in one for one in short.warnings)
