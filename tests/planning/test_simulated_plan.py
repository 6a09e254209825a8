"""From a scenario file to plan.json, report and terminal where the simulation has a word: pools, options, egress."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from light_scenario import LIGHT

from planner import planning
from planner.cli import planner
from planner.model.admission import cross_check, simulated_limits
from planner.model.admission.server_limits import Count
from planner.planning import Plan, engines
from planner.planning.cautions import DRAWS, SIMULATED
from planner.planning.make import draws_of
from planner.report.folder import write as write_report
from planner.scenario.reader import read

BUSY = "usage.everyone.meetings=20/week"
POOL = (
    "nodes={a: {limits: {rooms: {value: 7, low: 5, high: 9}}}, b: {limits: {rooms: 7}}}",
    "placement.rule=pool",
    BUSY,
)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run for a short time: how the numbers come out is shown elsewhere, here where they go."""
    monkeypatch.setattr(cross_check, "MEETINGS", 2e5)
    for name in ("BINDS", "A_DRAW", "IDLE"):
        monkeypatch.setattr(simulated_limits, name, simulated_limits.Effort(meetings=1e5, near=0.1, wide=0.2))


def planned(tmp_path: Path, *sets: str, simulate: bool = False, brief: bool = False) -> tuple[Plan, dict[str, Any]]:
    """Return the plan of a light scenario, and its plan.json."""
    file = tmp_path / "light.yaml"
    file.write_text(LIGHT, encoding="utf-8")
    plan = planning.plan(read(file, sets), draws=20, simulate=simulate, brief=brief)
    return plan, json.loads(json.dumps(planning.as_json(plan)))


def test_a_pool_is_judged_by_simulation(tmp_path: Path) -> None:
    """Its limits say so, carry both ends of the interval, and stand between the two closed forms in the report."""
    plan, document = planned(tmp_path, *POOL)
    limits = [row for row in document["admission"]["limits"] if row["node"]]
    assert {(row["node"], row["engine"]) for row in limits} == {("a", "simulation"), ("b", "simulation")}
    (pool,) = document["pool"]
    assert [row["max_accounts"] for row in limits] == [pool["simulated"]["accounts"]] * 2
    assert [row["up_to"] for row in limits] == [pool["simulated"]["up_to"]] * 2
    assert pool["simulated"]["weeks"] > 0
    assert 1 <= len(pool["simulated"]["draws"]) <= simulated_limits.MOST_DRAWS
    assert {row["agrees"] for row in document["checks"]} <= {True, None}
    assert document["what_if"] is None
    write_report(plan, tmp_path / "out")
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Servers that share the load, seen three times" in html
    assert "Formula and simulation side by side" in html
    assert "There are no sliders here." in html
    assert "judged by simulation" in html
    assert 'type="range"' not in html
    assert [draws_of(read(tmp_path / "light.yaml", sets), None) for sets in (POOL, ())] == [SIMULATED, DRAWS]
    assert "simulation" in (tmp_path / "out" / "tables" / "limits.csv").read_text(encoding="utf-8")


def test_what_the_closed_form_does_not_hold_makes_the_simulation_judge(tmp_path: Path) -> None:
    """Meetings in weekly series, without a pool: the limit is the simulation's, and the plan says so and why."""
    _, plain = planned(tmp_path, BUSY)
    plan, document = planned(tmp_path, BUSY, "simulation.fixed_weekly=50 %")
    (rooms,) = (row for row in document["admission"]["limits"] if row["limit"] == "rooms")
    assert rooms["engine"] == "simulation"
    assert document["beyond_closed_form"] == ["50 % of the meetings in the same slot each week"]
    assert plan.warnings[0].startswith("the formulas do not know 50 % of the meetings in the same slot each week")
    assert {row["agrees"] for row in document["checks"]} == {None}
    assert (plain["beyond_closed_form"], plain["checks"]) == ([], [])
    assert "formulas" not in " ".join(plain["warnings"])
    assert plain["admission"]["limits"][0]["engine"] == "closed form"
    assert plain["scenario"]["digest"] != document["scenario"]["digest"]


def test_an_option_that_is_uncertain_is_judged_by_simulation_too(tmp_path: Path) -> None:
    """A share that is nothing at its value but something at the high end of its range is no closed form's question."""
    _, document = planned(tmp_path, BUSY, "simulation.surge={value: 1, low: 1, high: 1.5}")
    assert document["admission"]["limits"][0]["engine"] == "simulation"


def test_egress_goes_through_both_engines(tmp_path: Path) -> None:
    """Bit rates from the scenario set the load; both engines count it alike, and the report says Mbit/s."""
    sets = ("nodes={a: {limits: {egress: 12 Mbit/s}}}", BUSY, "usage.media.camera=0.3 Mbit/s")
    plan, document = planned(tmp_path, *sets, simulate=True)
    rows = [row for row in document["checks"] if row["resource"] == "egress"]
    assert rows
    assert {row["agrees"] for row in rows} == {True}
    write_report(plan, tmp_path / "out")
    assert "12 Mbit/s on server a" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    (slower,) = (planned(tmp_path, *sets[:2], "usage.media.camera=0.1 Mbit/s", brief=True)[1]["load_added"],)
    assert slower[0]["now"] < document["load_added"][0]["now"]


def test_simulate_on_the_command_line(tmp_path: Path, quick_plans: None) -> None:
    """The terminal says in one sentence whether both engines agree; without the flag nothing is simulated."""
    file = tmp_path / "light.yaml"
    file.write_text(LIGHT, encoding="utf-8")
    given = ["plan", str(file), "--draws", "20", "--set", BUSY, "--set", "offer.accounts=0", "--out", str(tmp_path)]
    with_it, without = (CliRunner().invoke(planner, [*given, *flag]) for flag in (["--simulate"], []))
    assert with_it.exit_code == without.exit_code == 0
    said = " ".join(with_it.output.split())
    assert re.search(
        r"Checked twice: simulation and formulas agree on (all \w+|both|the one) risks? that can be compared\.",
        said,
    )
    assert said.count("simulation") == 1
    assert "simulation" not in without.output


@pytest.mark.parametrize(
    ("agrees", "said"),
    [
        ([True], "agree on the one risk that can be compared."),
        ([False, None], "disagree on the one risk that can be compared; the report has it."),
        ([True, True, None], "agree on both risks that can be compared."),
        ([True, False, True], "disagree on one of three risks that can be compared; the report has them all."),
    ],
)
def test_whether_the_engines_agree_is_said_of_the_risks_that_can_be_compared(
    agrees: list[bool | None], said: str
) -> None:
    checks: Any = [SimpleNamespace(agrees=each) for each in agrees]
    assert engines.compared(checks) == f"Checked twice: simulation and formulas {said}"


def test_a_plan_without_simulation_does_not_import_it(tmp_path: Path) -> None:
    """Neither to plan nor to write the report: nobody waits for an engine that is not asked."""
    file = tmp_path / "light.yaml"
    file.write_text(LIGHT, encoding="utf-8")
    script = f"""
import sys
from pathlib import Path
from planner import planning as plan
from planner.report import folder
from planner.scenario.reader import read
made = plan.plan(read(Path({str(file)!r})), draws=20)
plan.as_json(made)
folder.write(made, Path({str(tmp_path / "out")!r}))
print([name for name in sys.modules if name.startswith("planner.model.simulation.")])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("low", "high", "outside"), [(35, 60, False), (41, 60, True), (10, 29, True)])
def test_a_count_lies_outside_where_its_whole_interval_does(low: int, high: int, outside: bool) -> None:
    count = Count(30, 40, already_over=False, draws=(), replications=1, weeks=1)
    assert engines.outside(count, low, high) is outside
