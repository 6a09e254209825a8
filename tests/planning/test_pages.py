"""Pages of cameras that shrink in larger meetings, from the scenario through the plan to the gate."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from light_scenario import LIGHT

from planner import gate, seal
from planner.cli import planner
from planner.model.inputs.pages import Pages, Step
from planner.planning import Plan, as_json, plan
from planner.scenario.reader import read

LIMIT = "nodes.a.limits={streams: 200}"
LARGE = "usage.everyone.page_size_large=2 from 5 users (moderators 3); 1 from 9 users (moderators 2)"


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Plan]:
    """Return the plan of a scenario in which all meetings have the same pages, and of one in which they shrink."""
    file = tmp_path_factory.mktemp("pages") / "light.yaml"
    file.write_text(LIGHT, encoding="utf-8")
    same = plan(read(file, (LIMIT,)), draws=8, brief=True)
    shrinking = plan(read(file, (LIMIT, LARGE)), draws=8)
    return same, shrinking


def test_streams_fall_and_the_plan_says_by_which_pages_they_were_counted(plans: tuple[Plan, Plan]) -> None:
    same, shrinking = plans
    assert shrinking.servers[0].load.now < same.servers[0].load.now
    documents = [as_json(made) for made in plans]
    assert documents[0]["page_size"] == 5
    assert documents[1]["page_size"] == "5; 2 from 5 users (moderators 3); 1 from 9 users (moderators 2)"
    said = [row for row in shrinking.assumptions if row.path.startswith("usage.everyone.page_size")]
    assert [row.path for row in said] == ["usage.everyone.page_size", "usage.everyone.page_size_large"]
    sealed = seal.sealed(documents[1], datetime(2021, 4, 6, tzinfo=UTC))
    assert gate.standing(sealed).pages == Pages(5, (Step(5, 2, 3), Step(9, 1, 2)))


def test_a_table_and_explain_show_it(tmp_path: Path) -> None:
    path = tmp_path / "light.yaml"
    path.write_text(LIGHT.replace("  everyone: {", "  everyone: {page_size_large: 4 from 50 users (moderators 16), "))
    table = CliRunner().invoke(planner, ["csv", str(path)]).output
    assert "usage.everyone.page_size_large,4 from 50 users (moderators 16)," in table
    changed, made = tmp_path / "back.csv", tmp_path / "mine.yaml"
    changed.write_text(table.replace("4 from 50 users", "3 from 40 users"), encoding="utf-8")
    done = CliRunner().invoke(planner, ["csv", str(path), "--apply", str(changed), "--out", str(made)])
    assert done.exit_code == 0, done.output
    assert read(made).usage["one"].kinds[0].steps == (Step(40, 3, 16),)
    said = CliRunner().invoke(planner, ["explain", str(made), "usage.everyone.page_size_large"]).output
    assert "3 from 40 users (moderators 16)" in said
