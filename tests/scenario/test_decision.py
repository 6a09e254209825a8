"""What people decided, as a scenario says it: in the digest, on the scenario as it stands, never of a day to come."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from light_scenario import LIGHT

from planner.scenario import sheet
from planner.scenario.reader import Scenario, ScenarioError, read

DECISION = '{accounts: 3, on: 2021-04-06, by: "All Hands, thread 501"}'
NOW = datetime(2021, 4, 6, 23, 30, tzinfo=UTC)  # half past midnight of the 7th in London


@pytest.fixture
def decided(tmp_path: Path) -> Path:
    path = tmp_path / "decided.yaml"
    path.write_text(f"{LIGHT}decision: {DECISION}\n", encoding="utf-8")
    (tmp_path / "light.yaml").write_text(LIGHT, encoding="utf-8")
    return path


def over(base: Path, changes: str) -> Scenario:
    """Return a scenario with these changes on a base."""
    path = base.parent / "over.yaml"
    path.write_text(f"title: Over it\nbase: {base.name}\nchanges: {changes}\n", encoding="utf-8")
    return read(path, (), NOW)


def test_a_decision_is_in_the_digest_and_without_it_nothing_has_changed(decided: Path) -> None:
    plain, made = read(decided.parent / "light.yaml"), read(decided)
    assert plain.digest == plain.undecided == made.undecided
    digests = {plain.digest, made.digest}
    for change in ("accounts: 4", "on: 2021-04-05", 'by: "Somebody else"'):
        name = change.partition(":")[0]
        rest = [part for part in ("accounts: 3", "on: 2021-04-06", "by: All Hands") if not part.startswith(name)]
        digests.add(over(decided, f"{{decision: {{{', '.join([change, *rest])}}}}}").digest)
    assert len(digests) == 5


def test_a_change_may_say_a_decision_or_take_it_away(decided: Path) -> None:
    light = decided.parent / "light.yaml"
    assert over(light, f"{{decision: {DECISION}}}").digest == read(decided).digest
    assert over(decided, "{decision: none}").digest == read(light).digest


def test_a_change_of_anything_else_takes_the_decision_away_and_says_so(decided: Path) -> None:
    """People did not decide on that; who builds on a base or asks what if says the decision anew, if there is one."""
    changed = over(decided, "{offer.accounts: 9}")
    assert changed.digest == changed.undecided
    assert "decision.accounts" not in changed.estimates
    told = {one.path: one for one in changed.changes}["decision"]
    assert told.new == "not there: it was made without these changes"
    assert "decision.accounts" not in read(decided, ["members.accounts=21"]).estimates
    both = over(decided, f"{{offer.accounts: 9, decision: {DECISION}}}")
    assert both.estimates["decision.accounts"].value == 3


def test_a_part_of_a_decision_cannot_be_changed_alone(decided: Path) -> None:
    with pytest.raises(ScenarioError, match=r"decision\.by: this is missing"):
        over(decided, "{decision.accounts: 5}")


def test_a_day_is_to_come_by_the_clock_of_the_scenario(decided: Path) -> None:
    """In London it is the 7th already."""
    said = DECISION.replace("04-06", "04-07")
    light = decided.parent / "light.yaml"
    assert over(light, f"{{decision: {said}}}").entries["decision.on"].value == "2021-04-07"
    for wrong in (f"{{decision: {said}, timezone: UTC}}", f"{{decision: {DECISION.replace('04-06', '04-08')}}}"):
        with pytest.raises(ScenarioError, match="this day is still to come"):
            over(light, wrong)


def test_a_decision_is_among_the_rows_of_the_table(decided: Path) -> None:
    rows = {path: value for path, value, _ in sheet.rows(decided)}
    assert rows["decision.accounts"] == "3"
    assert rows["decision.by"] == "All Hands, thread 501"
