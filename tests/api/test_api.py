"""The library: its names, what it returns, and that it says what the commands say."""

import base64
import csv
import inspect
import io
import json
import pydoc
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from light_scenario import LIGHT
from matplotlib.figure import Figure
from matplotlib.image import imread
from sample_plan import HOSTILE, hostile, sample

import planner
from planner import planning, seal
from planner.api.plans import Plan
from planner.cli import planner as commands
from planner.readings import ReadingError
from planner.report import tables
from planner.store import StoreError

ROOT = Path(__file__).parents[2]
NOW = datetime(2021, 4, 6, 10, 35, tzinfo=UTC)


@pytest.fixture
def light(tmp_path: Path) -> Path:
    file = tmp_path / "light.yaml"
    file.write_text(LIGHT)
    return file


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    file = tmp_path_factory.mktemp("light") / "light.yaml"
    file.write_text(LIGHT)
    return planner.plan(planner.read(file), draws=40)


def run(*words: str) -> str:
    done = CliRunner().invoke(commands, words)
    assert done.exit_code in {0, 3, 4}, done.output
    return done.stdout


# ---- names

SIGNATURES = {
    "calibrate": "(scenario, history, members=None)",
    "compare": "(*scenarios, draws=None, seed=None, steps=None, progress=None)",
    "decide": "(plan, reading, *, level, now, accounts=1, register=None, max_age=datetime.timedelta(seconds=900))",
    "plan": "(scenario, *, draws=None, seed=None, simulate=False, progress=None, executor=None)",
    "read": "(path, sets=(), now=None)",
    "review": "(scenario, *, on, history=None, ledger=None, members=None, volunteer_hours=None, draws=None, "
    "progress=None)",
    "sweep": "(scenario, over, *, draws=100, workers=1, scheduler=None, done=None, each=None)",
}
MEMBERS = {
    "Calibration": "chart charts checks learned save",
    "Comparison": "chart charts differences frame",
    "Plan": "assumptions balance chart charts facts frame frames holds limits months options risk share_of_server "
    "sliders what_if",
    "Review": "asked chart charts predicted verdict",
    "Sweep": "chart charts frame",
}


def test_the_names_and_signatures_are_these() -> None:
    """Whoever changes one of them breaks somebody's notebook: say so in the CHANGELOG."""
    plain = {}
    for name in (one for one in planner.__all__ if one[0].islower()):
        signature = inspect.signature(getattr(planner, name))
        bare = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
        plain[name] = str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    assert plain == SIGNATURES
    classes = [name for name in planner.__all__ if name[0].isupper()]
    assert sorted(classes) == sorted([*MEMBERS, "ArgumentError", "Scenario", "ScenarioError"])
    for name, members in MEMBERS.items():
        assert [one for one in dir(getattr(planner, name)) if one[0] != "_"] == members.split(), name
    with pytest.raises(AttributeError, match="no attribute 'plans'"):
        planner.plans  # noqa: B018


@pytest.mark.parametrize("name", list(SIGNATURES))
def test_help_says_shapes_units_and_errors(name: str) -> None:
    said = pydoc.plain(pydoc.render_doc(getattr(planner, name)))
    assert "Return" in said.splitlines()[3]
    for section in ("Parameters", "Raises"):
        assert section in said
    for parameter in inspect.signature(getattr(planner, name)).parameters:
        assert re.search(rf"^ +(\*|[\w, ]*\b){parameter}\b.* : ", said, re.MULTILINE), parameter


# ---- what is imported

HEAVY = {"numpy", "pandas", "matplotlib", "jinja2", "yaml"}


CALL = "from planner.cli import planner as p; p({}, standalone_mode=False)"


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("import planner; planner.__version__", HEAVY | {"planner.cli", "planner.api", "click"}),
        (CALL.format(["check", "light.yaml"]), {"pandas", "matplotlib"}),
        pytest.param(CALL.format(["plan", "light.yaml", "--draws", "20"]), {"pandas"}, marks=pytest.mark.slow),
        (CALL.format(["gate", "light.yaml", "--level", "one", "--plan", "stored.json"]), {"pandas", "numpy", "yaml"}),
        ("import planner; planner.plan(planner.read('light.yaml'), draws=20)", {"pandas", "matplotlib"}),
    ],
    ids=["import planner", "planner check", "planner plan", "planner gate", "plan"],
)
def test_nobody_waits_for_what_was_not_asked_for(code: str, never: set[str], light: Path, planned: Plan) -> None:
    stored = seal.sealed(planning.as_json(planned.record), NOW)
    (light.parent / "stored.json").write_text(json.dumps(stored))
    words = [sys.executable, "-X", "importtime", "-c", code]
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, check=False, cwd=light.parent, env=environment, capture_output=True, text=True)
    assert done.returncode in {0, 3, 4}, done.stderr[-2000:]
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "planner" in imported
    assert not never & imported


# ---- a scenario


def test_a_changed_scenario_is_that_of_the_command_line(light: Path) -> None:
    first = planner.read(light)
    changed = first.set("offer.accounts", 8).set("spending.hourly_rate", "45 GBP/h").set("offer.accounts", 10)
    assert changed.digest == planner.read(light, ("offer.accounts=10", "spending.hourly_rate=45 GBP/h")).digest
    assert first.digest == planner.read(light).digest, "what it was set on stays as it is"
    assert repr(changed) == f"<Scenario 'A light one': {light}, spending.hourly_rate=45 GBP/h, offer.accounts=10>"


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("offer.accounts", np.int64(7), "7"),
        ("offer.cap", None, "none"),
        ("usage.everyone.season", 1.5, "1.5"),
        ("usage.everyone.day_spread", 0.00001, "0.00001"),
        ("spending.hourly_rate", Decimal("31.50"), "31.50 GBP/h"),
        (
            "spending.hourly_rate",
            {"value": "30 GBP/h", "low": "20 GBP/h", "high": "45 GBP/h", "source": "said: so"},
            '{value: 30 GBP/h, low: 20 GBP/h, high: 45 GBP/h, source: "said: so"}',
        ),
        ("offer.mix", {"one": "100 %"}, "{one: 100 %}"),
    ],
)
def test_values_are_what_one_would_write(light: Path, path: str, value: object, text: str) -> None:
    assert planner.read(light).set(path, value).digest == planner.read(light, (f"{path}={text}",)).digest


def test_what_is_wrong_is_said_in_the_reader_s_words(light: Path) -> None:
    with pytest.raises(planner.ScenarioError) as wrong:
        planner.read(light).set("spending.hourly_rate", "45 users")
    said = CliRunner().invoke(commands, ["plan", str(light), "--set", "spending.hourly_rate=45 users"])
    assert str(wrong.value) == said.stderr.strip()
    assert "GBP/h" in str(wrong.value)


def test_a_file_that_changed_meanwhile_is_not_mixed_with_what_was_read(light: Path) -> None:
    first = planner.read(light)
    light.write_text(LIGHT.replace("accounts: 20", "accounts: 30"))
    with pytest.raises(planner.ScenarioError, match=r"light\.yaml:1:1: the file changed after it was read"):
        first.set("offer.accounts", 10)


# ---- a plan


@pytest.mark.parametrize("name", list(tables.ROWS))
def test_a_table_of_the_report_is_the_frame(planned: Plan, name: str) -> None:
    frame = planned.frame(name)
    text = dict(tables.of(planned.record))[name]
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert list(frame.columns) == header
    assert len(frame) == len(rows)
    for column, cells in zip(header, zip(*rows, strict=True), strict=False):
        for value, cell in zip(frame[column], cells, strict=True):
            if pd.isna(value):
                assert cell == ""
            elif isinstance(value, float):
                assert float(cell) == pytest.approx(value, rel=1e-5)
            else:
                shown = {True: "yes", False: "no"}.get(value) if isinstance(value, bool | np.bool_) else str(value)
                assert tables.unguarded(cell) == shown


def test_each_attribute_is_the_table_of_its_name(planned: Plan) -> None:
    for name in set(tables.ROWS) & set(MEMBERS["Plan"].split()):
        pd.testing.assert_frame_equal(getattr(planned, name), planned.frame(name))
    with pytest.raises(ValueError, match="no table 'weaks'; wanted one of: limits, risk"):
        planned.frame("weaks")


def test_amounts_are_exact_and_their_unit_stands_above_them(planned: Plan) -> None:
    options = planned.options.set_index("option")
    assert options.loc["5 accounts", "income a month [GBP]"] == Decimal("45.00")
    credit = planned.balance.filter(like="[credit]")
    assert credit.shape == (len(planned.balance), 4)
    assert {type(value) for value in credit.to_numpy().ravel()} == {Decimal}
    # on paper five accounts at 9 a month
    assert planned.balance["balance on paper [credit]"].tolist()[:3] == [Decimal(n) for n in ("0.00", "45.00", "90.00")]


def test_amounts_of_two_units_never_share_a_column() -> None:
    plan = sample()
    other = replace(plan.credit, network="sardex", unit="SRD")
    frame = Plan(replace(plan, credit_by_network=(plan.credit, other))).balance
    assert {name for name in frame.columns if name.startswith("p50")} == {"p50 [credit]", "p50 [SRD]"}
    assert frame.loc[frame["network"] == "sardex", "p50 [credit]"].isna().all()


def test_what_is_not_there_is_no_number() -> None:
    frame = Plan(sample()).limits
    assert frame["accounts at confidence"].isna().any()
    assert frame.dtypes["accounts at confidence"] == "Int64"
    assert frame.dtypes["binds"] == "boolean"


def test_a_chart_is_a_figure_that_shows_itself(planned: Plan) -> None:
    for name in ("limits", "months", "frontier"):
        figure = planned.chart(name)
        assert isinstance(figure, Figure)
        picture, _ = figure._repr_png_()
        pixels = imread(io.BytesIO(picture), format="png")[::4, ::4, :3]
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 10, name


def test_a_chart_goes_on_one_s_own_axes(planned: Plan) -> None:
    mine = Figure(figsize=(12, 6))
    axes = mine.subplots(1, 3)
    assert planned.chart("months", ax=axes[0]) is mine
    planned.chart("hours", ax=axes[1:])
    assert [bool(ax.lines) for ax in axes] == [True] * 3
    left = axes[0].texts[0].get_window_extent().x0 if axes[0].texts else 0.0
    assert left < axes[0].get_window_extent().x1, "its heading stands above it"
    with pytest.raises(ValueError, match="'hours' wants ax= with 2 axes, found 1"):
        planned.chart("hours", ax=axes[0])
    with pytest.raises(ValueError, match="no chart 'month' here; wanted one of: limits, risk"):
        planned.chart("month")


def test_a_plan_says_what_it_is_and_shows_the_first_screen(planned: Plan) -> None:
    assert re.fullmatch(r"<Plan: 'A light one', 5 offered, \d+ may come at 90% confidence>", repr(planned))
    html = planned._repr_html_()
    assert "What the meeting can choose" in html
    (picture,) = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    assert imread(io.BytesIO(base64.b64decode(picture)), format="png").size > 1000


@pytest.mark.parametrize("text", HOSTILE[:2])
def test_hostile_text_is_text_on_the_screen(text: str) -> None:
    html = Plan(hostile(text))._repr_html_()
    assert text not in html
    assert html.count("<img ") == 1


def test_the_sliders_begin_at_the_plan(planned: Plan) -> None:
    values = {name: value for name, (value, *_) in planned.sliders.items()}
    assert planned.what_if(**values).equals(planned.what_if())
    assert planned.what_if(accounts=10).loc["months on paper", "answer"] == "2"  # 4 h at 30: 120, at 90 a month
    for value, low, high, step in planned.sliders.values():
        assert low <= value <= high
        assert (value - low) / step == pytest.approx(round((value - low) / step)), "a slider stands on whole steps"


# ---- what is made of several, and of what happened


def test_a_sweep_is_that_of_the_command(light: Path, tmp_path: Path) -> None:
    over = {"offer.accounts": range(5, 11, 5), "spending.hourly_rate": ["24 GBP/h", "45 GBP/h"]}
    grid = planner.sweep(planner.read(light), over, draws=20)
    run("sweep", str(light), "--over", "offer.accounts=5,10", "--over", "spending.hourly_rate=24 GBP/h,45 GBP/h",
        "--draws", "20", "--workers", "1", "--out", str(tmp_path / "out"))  # fmt: skip
    (file,) = (tmp_path / "out").rglob("*.csv")
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
    assert [row["digest"] for row in rows] == grid.frame["digest"].tolist()
    assert [float(row["cope"]) for row in rows] == grid.frame["cope"].tolist()
    assert grid.frame["offer.accounts"].tolist() == [5, 5, 10, 10]
    assert grid.frame["spending.hourly_rate [GBP/h]"].tolist() == [Decimal(24), Decimal(45)] * 2
    assert grid.frame["income_per_month [GBP]"].tolist() == [Decimal("45.00")] * 2 + [Decimal("90.00")] * 2
    assert isinstance(grid.chart(), Figure)
    assert repr(grid) == "<Sweep: 4 cells over offer.accounts, spending.hourly_rate, 0 failed>"


def test_a_sweep_keeps_what_was_set_and_says_what_failed(light: Path) -> None:
    scenario = planner.read(light).set("spending.target", "8 h")
    grid = planner.sweep(scenario, {"offer.accounts": [-1, 5]}, draws=20)
    assert grid.frame["months_to_afford"].tolist()[1] == 6  # 240 at 45 a month
    assert "negative" in grid.frame["error"][0]
    for over, said in (
        ({"offer.acounts": [1]}, "did you mean 'accounts'"),
        ({"offer.accounts": []}, "found none"),
        ({"offer.accounts": [1, 1]}, "found 1, 1"),
    ):
        with pytest.raises(planner_errors(), match=said):
            planner.sweep(scenario, over, draws=20)


def planner_errors() -> type[ValueError]:
    from planner.grid import NotAGrid

    return NotAGrid


def test_a_comparison_is_that_of_the_command(light: Path, tmp_path: Path) -> None:
    first = planner.read(light)
    both = planner.compare(first, first.set("offer.accounts", 10), draws=20, steps=False)
    assert both.frame["offered"].tolist() == [5, 10]
    assert both.differences.to_numpy().tolist() == [["offer.accounts", "5", "10"]]
    assert both.charts == ["cope", "bought"]
    run("compare", str(light), "--draws", "20", "--out", str(tmp_path / "out"))
    alone = pd.read_csv(tmp_path / "out/compare-light/comparison.csv")
    assert both.frame["cope"][0] == pytest.approx(alone["cope"][0])


def test_a_review_is_that_of_the_command(light: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("date,kind,amount,hours\n2021-05-01,fee,45.00,\n2021-06-01,spent,40.00,1.5\n")
    found = planner.review(planner.read(light), on=date(2021, 10, 4), ledger=ledger, draws=20)
    words = ("--at", "2021-10-04", "--ledger", str(ledger), "--draws", "20", "--out", str(tmp_path / "review"))
    assert found.verdict in run("review", str(light), *words).splitlines()
    happened = found.predicted.set_index("what")["happened"]
    assert happened["hours bought"] == 1.5
    assert happened["balance"] == 5.0
    assert pd.isna(happened["overloads"]), "nobody looked at the servers"
    assert isinstance(found.chart("review"), Figure)


def test_what_is_learned_is_what_the_command_learns(tmp_path: Path) -> None:
    scenario = planner.read(ROOT / "scenarios/pilot-5.yaml")
    found = planner.calibrate(scenario, ROOT / "data/example_history.csv", ROOT / "data/example_members.csv")
    learned = found.save(tmp_path / "learned.yaml")
    assert learned.base == (ROOT / "scenarios/pilot-5.yaml").resolve()
    assert {change.path for change in learned.own_changes} >= set(found.learned["input"])
    assert found.checks["fits"].all()
    assert "week" in found.charts
    with pytest.raises(ValueError, match="calibrate the file's own scenario"):
        planner.calibrate(scenario.set("offer.accounts", 8), ROOT / "data/example_history.csv").save(
            tmp_path / "x.yaml"
        )


LONG = datetime(2021, 4, 6)  # noqa: DTZ001  # without its offset: that is the slip


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda _, s: s.set("offer.accounts", True), "this is not a number; wanted one (unit: account); found 'True'"),
        (lambda _, s: s.set("offer.accounts", 1j), "offer.accounts: unknown unit 'j'"),
        (lambda *_: planner.read(None), "None:1:1: this cannot be read; wanted the path of a scenario"),
        (lambda _, s: planner.read(s.file, "offer.accounts=3"), "its changes as a list of texts such as"),
        (lambda *_: planner.plan(None), "scenario: wanted a scenario, as planner.read returns it, found None"),
        (lambda _, s: planner.plan(s, draws=1), "draws: wanted a whole number from 2 on, found 1"),
        (lambda _, s: planner.plan(s, draws=-20), "draws: wanted a whole number from 2 on, found -20"),
        (lambda _, s: planner.plan(s, draws=10**9), "this makes the plan too large"),
        (lambda _, s: planner.plan(s, seed=2**63), "seed: wanted a whole number from 0 to 9223372036854775807"),
        (lambda _, s: planner.plan(s, seed="1"), "to 9223372036854775807, found '1'"),
        (lambda _, s: planner.sweep(s, "offer.accounts=1..3"), 'over: wanted values by entry, such as {'),
        (lambda _, s: planner.sweep(s, {"offer.accounts": 5}), "wanted several values, such as [5, 10], found 5"),
        (lambda _, s: planner.sweep(s, {"offer.accounts": "a,,b"}), "a value is missing between two commas"),
        (lambda _, s: planner.sweep(s, {"offer.accounts": [1]}, workers=0), "workers: wanted a whole number from 1 on"),
        (lambda *_: planner.compare(), "nothing to compare: name at least one scenario"),
        (lambda _, s: planner.compare(s, s.file), "scenario: wanted a scenario, as planner.read returns it, found '"),
        (lambda _, s: planner.calibrate(s, None), "history: wanted a file, or a History, found None"),
        (lambda _, s: planner.calibrate(s, "no.csv"), "no.csv: cannot be read: No such file or directory"),
        (lambda _, s: planner.review(s, on="2021-10-04"), "such as date(2021, 10, 4), found '2021-10-04'"),
        (lambda _, s: planner.review(s, on=NOW, volunteer_hours=float("nan")), "from 0 to 10,000, found nan"),
        (lambda _, s: planner.review(s, on=NOW, ledger=5), "ledger: wanted a file, or a list of Posting, found 5"),
        (lambda *_: decided("no.json"), "no.json: cannot be read: No such file or directory"),
        (lambda _, s: decided(s.file), "light.yaml: empty, cut off or not JSON"),
        (lambda *_: decided({}), "plan: wanted a file, or a plan, as planner.plan returns it, found a dict"),
        (lambda p, _: decided(p, "no.json"), "no.json: cannot be read: No such file or directory"),
        (lambda p, _: decided(p, {}), "reading: wanted a file, or a Reading, or None, found a dict"),
        (lambda p, _: decided(p, register="no.sqlite"), "no.sqlite: there is no register here"),
        (lambda p, _: decided(p, now=LONG), "now: wanted a time with its offset from UTC"),
        (lambda p, _: decided(p, accounts=1.5), "accounts: wanted a whole number from 1 to 100000, found 1.5"),
        (lambda p, _: decided(p, max_age=15), "max_age: wanted a timedelta, found 15"),
        (lambda p, _: p.frame(["limits"]), "there is no table ['limits']; wanted one of: limits"),
        (lambda p, _: p.chart("months", ax=5), "chart 'months' wants ax= with 1 axes, found 0"),
        (lambda p, _: p.what_if(accounts=10**9), "accounts: wanted a number from 1 to 60, found 1000000000"),
        (lambda p, _: p.what_if(fee=-5), "fee: wanted a number from "),
        (lambda p, _: p.what_if(hours=float("inf")), "hours: wanted a number from 0.25 to 8, found inf"),
    ],
)  # fmt: skip
def test_a_slip_is_one_sentence_of_the_project(call: Any, says: str, light: Path, planned: Plan) -> None:
    """Never an error out of the middle of a library: what was found, and what is wanted in its place."""
    with pytest.raises((planner.ArgumentError, planner.ScenarioError, ValueError, ReadingError, StoreError)) as slip:
        call(planned, planner.read(light))
    assert says in str(slip.value)
    assert type(slip.value).__module__.startswith("planner.") or "ax=" in says


def decided(plan: Any, reading: Any = None, **more: Any) -> object:
    return planner.decide(plan, reading, **{"level": "one", "now": NOW} | more)


def test_numbers_of_numpy_are_numbers(light: Path) -> None:
    ours = planner.plan(planner.read(light), draws=np.int64(20), seed=np.int64(3))
    assert ours.record == planner.plan(planner.read(light), draws=20, seed=3).record


def test_lines_that_are_skipped_are_named(light: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "members.csv"
    sheet.write_text("account,level,pays,since,until\na-1,one,money,2020-01-01,\na-2,one,money,yesterday,\n")
    with pytest.warns(UserWarning, match=r"lines were skipped: .*members\.csv:3: "):
        planner.review(planner.read(light), on=date(2021, 10, 4), members=sheet, draws=20)


def test_the_verdict_is_that_of_the_gate(light: Path, tmp_path: Path, planned: Plan) -> None:
    reading = tmp_path / "now.json"
    node = {"rooms": 1, "users": 5, "online": True}
    reading.write_text(
        json.dumps({"schema": "planner.reading/1", "taken_at": NOW.isoformat(), "source": "x", "nodes": {"a": node}})
    )
    stored = tmp_path / "plan.json"
    stored.write_text(json.dumps(seal.sealed(planning.as_json(planned.record), NOW)))
    asked = (
        "--level",
        "one",
        "--readings",
        str(reading),
        "--at",
        "2030-01-01T00:00+00:00",
        "--plan",
        str(stored),
        "--json",
    )
    said = json.loads(run("gate", str(light), *asked))
    late = datetime(2030, 1, 1, tzinfo=UTC)
    ours = planner.decide(stored, reading, level="one", now=late)
    assert ours.verdict == said["verdict"]
    assert set(ours.reasons) & set(said["reasons"])
    fresh = planner.decide(planned, None, level="one", now=NOW)
    assert fresh.verdict in {"hold", "unknown"}
    assert "no reading" in " ".join(fresh.reasons)
