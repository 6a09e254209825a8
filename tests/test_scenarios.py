"""The scenarios and data that come with the project: readable, at one with each other, and held to what they expect."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from shared_plans import SharedPlans, enough

from planner import gate, planning, seal
from planner.planning import partial
from planner.scenario import expect, json_schema
from planner.scenario.reader import read

ROOT = Path(__file__).parents[1]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
# The example history and its like are generated, and say so in data/README.md.
TABLES = sorted(path for path in (ROOT / "data").glob("*.csv") if not path.stem.startswith("example_"))
PROFILES = [path for path in TABLES if path.stem.endswith("profile")]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_golden_figures_of_the_discussion_come_out() -> None:
    """The pilot's, in every quick run, as `planner check` has them: tests/planning holds that to the whole plan."""
    scenario = read(ROOT / "scenarios" / "pilot-5.yaml")
    found = partial.document(scenario, scenario.expect, None, lambda _doing, _done: None)
    assert [line for line in expect.compare(found, scenario.expect.values()) if not line.met] == []


@pytest.mark.slow
def test_the_pilot_with_all_draws_is_what_it_expects(plans: SharedPlans) -> None:
    pilot = ROOT / "scenarios" / "pilot-5.yaml"
    scenario, document = read(pilot), planning.as_json(plans(pilot, None))
    assert [line for line in expect.compare(document, scenario.expect.values()) if not line.met] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_plan_is_what_the_scenario_expects(path: Path, plans: SharedPlans) -> None:
    """What each variant claims comes out, and the gate reads the plan."""
    scenario = read(path)
    document = planning.as_json(plans(path, enough(path)))
    text = json.dumps(seal.sealed(document, datetime.now(UTC)), ensure_ascii=False, indent=1)
    assert gate.standing(seal.read(text.encode())).digest == scenario.digest
    assert [line for line in expect.compare(document, scenario.expect.values()) if not line.met] == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_is_ready_for_an_editor(path: Path) -> None:
    """Each names the JSON Schema that lies beside it, so that an editor completes and explains."""
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=scenario.schema.json\n")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_no_guess_that_decides_a_limit_of_a_server_counts_as_certain(path: Path) -> None:
    """The case cpu-without-a-range: public reports of what a user costs a CPU differ tenfold, so must the estimate.

    The load's own limit is a decision; what a node holds and what a meeting brings are not.
    """
    scenario = read(path)
    estimates = scenario.estimates
    guesses = [
        each
        for name, each in estimates.items()
        if name.startswith("nodes.") and ".limits." in name and each.value is not None and not name.endswith(".load")
    ]
    guesses += [
        estimates[f"usage.everyone.{name}"] for name in ("meetings", "duration", "size", "cameras", "day_spread")
    ]
    for node in scenario.names["nodes"]:
        if (load := estimates.get(f"nodes.{node}.limits.load")) is None or load.value is None:
            continue
        of = "usage.cpu" if f"nodes.{node}.cpu.per_user" not in estimates else f"nodes.{node}.cpu"
        per_user, factor = estimates[f"{of}.per_user"], estimates[f"{of}.factor"]
        assert per_user.value is not None
        assert factor.low is not None
        assert factor.high is not None
        # about 0.06 % (16 cores) to 0.6 % (8 virtual ones) of the CPU a user: docs/model.md
        assert per_user.value * factor.low <= 0.001, per_user.path
        assert per_user.value * factor.high >= 0.006, per_user.path
        guesses.append(factor)
    for each in guesses:
        assert each.low is not None, each.path
        assert each.high is not None, each.path
        assert each.low < (each.value or 0.0) < each.high, each.path
        assert each.source or each.is_default, each.path


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_variant_says_what_it_changes_and_expects(path: Path) -> None:
    """All but the base change something of it, and claim something that can turn out wrong."""
    scenario = read(path)
    assert scenario.title
    assert (path.stem == "meetcoop") == (not scenario.changes) == (not scenario.expect)


def test_json_schema_beside_the_scenarios_is_the_schema() -> None:
    """`planner schema > scenarios/scenario.schema.json` was not forgotten."""
    stored = (ROOT / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8")
    assert json.loads(stored) == json_schema.whole()


def test_base_has_the_levels_of_the_table() -> None:
    """Limits are those adopted in July 2020, prices the sterling ones of 2021, as data/levels.csv has them."""
    base = yaml.safe_load((ROOT / "scenarios" / "meetcoop.yaml").read_text(encoding="utf-8"))["levels"]
    hours = {"60 min": "1", "3 h": "3", "24 h": "24"}
    limits = {row["level"]: row for row in rows(ROOT / "data" / "levels.csv") if row["as_of"] == "2020-07"}
    prices = {row["level"]: row for row in rows(ROOT / "data" / "levels.csv") if row["as_of"] == "2021-04"}
    for name, level in base.items():
        found = [str(level["participants"]), str(level["rooms"]), hours[level["duration"]]]
        assert found == [limits[name][key] for key in ("participants", "rooms", "duration_h")]
        assert level["price"] == f"{prices[name]['price_per_month'] if name in prices else 0} GBP/month"


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_each_row_of_data_names_its_source(path: Path) -> None:
    """A figure has a source or says that it is an assumption or an inference."""
    assert rows(path)
    assert [row for row in rows(path) if not row["source"].strip()] == []


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_profile_is_a_whole_week(path: Path) -> None:
    """168 hours, Monday first, none twice, none negative."""
    assert [(row["day"], int(row["hour"])) for row in rows(path)] == [(day, hour) for day in DAYS for hour in range(24)]
    assert min(float(row["weight"]) for row in rows(path)) >= 0


def test_weekly_profile_has_the_order_of_days_that_is_known() -> None:
    """Zoom 2021: Wednesday before Tuesday before Thursday; 2022: Friday the quietest working day."""
    days = dict.fromkeys(DAYS, 0.0)
    for row in rows(ROOT / "data" / "weekly_profile.csv"):
        days[row["day"]] += float(row["weight"])
    assert sorted(DAYS[:5], key=lambda day: -days[day]) == ["Wed", "Tue", "Thu", "Mon", "Fri"]
    assert max(days["Sat"], days["Sun"]) < days["Fri"] / 5
