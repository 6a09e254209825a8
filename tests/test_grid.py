"""A grid of scenarios: its axes, its table, its chart; what is gone on with; and real processes, a real cluster."""

import csv
import io
import itertools
import json
import math
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from light_scenario import LIGHT
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.text import Text
from sample_plan import HOSTILE, sample

import planner
from planner import grid as sweep
from planner.charts import grid as grid_charts
from planner.charts import theme
from planner.charts.panels import named
from planner.cli import BadInput
from planner.cli import planner as planner_command
from planner.grid import Axis, NotAGrid, Row, axis, cells
from planner.planning import Plan
from planner.planning.headline import Headline, headline
from planner.report import grid
from planner.scenario.reader import Scenario, read

ROOT = Path(__file__).parents[1]


@pytest.fixture
def light(tmp_path: Path) -> Path:
    file = tmp_path / "light.yaml"
    file.write_text(LIGHT)
    return file


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Scenario]:
    """Make plans without the model, in no time; they fail for 13 accounts. Return what was planned."""
    found: list[Scenario] = []

    def plan(scenario: Scenario, draws: int | None = None, **_: object) -> Plan:
        found.append(scenario)
        accounts = round(scenario.estimates["offer.accounts"].value or 0)
        if accounts == 13:
            raise ArithmeticError("an unlucky\nnumber")
        made = sample(accounts)
        return replace(made, draws=draws or 500, scenario=replace(made.scenario, digest=scenario.digest))

    monkeypatch.setattr("planner.planning.plan", plan)
    return found


def a_headline(**changes: Any) -> Headline:
    return replace(headline(sample()), **changes)


def records(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8"), newline="")))


def typed(*words: str, cwd: Path, code: int = 0) -> str:
    """Run `planner sweep …` as a process; return what it prints on stdout."""
    done = subprocess.run(
        command(*words), cwd=cwd, capture_output=True, text=True, check=False, timeout=1800, env=env()
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "planner", "sweep", *words]


def env() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


# ---- axes


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a.b=0..120:40", ("0", "40", "80", "120")),
        ("a=0..0.3:0.1", ("0", "0.1", "0.2", "0.3")),
        ("a=1..2", ("1", "2")),
        ("a=-2..2 h:2", ("-2 h", "0 h", "2 h")),
        ("a=10..100:50", ("10", "60")),
        ("a=20, 30 ,45", ("20", "30", "45")),
        ("a=yes", ("yes",)),
        ("a=[b, c],[c]", ("[b, c]", "[c]")),
        ("a={l-1: 100 %},{l-1: 50 %, l-2: 50 %}", ("{l-1: 100 %}", "{l-1: 50 %, l-2: 50 %}")),
        ("a=30..45 GBP/h:7.5", ("30 GBP/h", "37.5 GBP/h", "45 GBP/h")),
        ("a=../one.csv,../two.csv", ("../one.csv", "../two.csv")),
    ],
)
def test_an_axis_is_what_a_person_would_count(text: str, values: tuple[str, ...]) -> None:
    assert axis(text).values == values


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "=1", "a=", "a= ", "a=1,,2", "a=3..1", "a=1..3:0", "a=1..3:-1", "a=1..x", "a=5,5"),
        *("a=0..999999:0.1", "a=0..9:1e-9", "a=1..2:3:4", "a=\x1b[2J", "a=\udcff", "a=1..\u00b2"),
    ],
)
def test_what_is_no_axis_says_what_is_wanted(text: str) -> None:
    with pytest.raises(NotAGrid) as error:
        axis(text)
    assert str(error.value).isprintable()


@given(st.integers(-500, 500), st.integers(0, 60), st.integers(1, 300), st.integers(0, 3))
def test_a_span_has_every_step_and_nothing_beyond(low: int, count: int, step: int, digits: int) -> None:
    """Low, step and high in thousandths, hundredths, …: no rounding, whatever the digits."""
    scale = 10**digits
    found = axis(f"a={low / scale:.3f}..{(low + count * step) / scale:.3f}:{step / scale:.3f}").values
    assert [round(float(value) * scale) for value in found] == [low + k * step for k in range(count + 1)]


def test_numbers_of_one_unit_are_numbers_and_all_else_is_words() -> None:
    assert (axis("a=1..2 GBP/h:0.5").numbers, axis("a=1..2 GBP/h:0.5").unit) == ((1.0, 1.5, 2.0), "GBP/h")
    assert (axis("a=5,10,55").numbers, axis("a=5,10,55").unit) == ((5, 10, 55), "")
    assert axis("a=5 min,1 h").numbers is None
    assert axis("a=fixed,pool").numbers is None
    assert axis("a=none,5").numbers is None


def test_cells_are_every_combination_with_the_last_axis_fastest() -> None:
    axes = (axis("a=1,2"), axis("b=x,y,z"))
    assert cells(axes) == tuple(itertools.product("12", "xyz"))
    with pytest.raises(NotAGrid, match="one axis"):
        cells((axis("a=1,2"), axis("a=3")))
    with pytest.raises(NotAGrid, match="more than"):
        cells((axis("a=1..1000"), axis("b=1..1000")))


def test_time_left_is_that_of_the_pace_so_far() -> None:
    assert sweep.time_left(10.0, 0, 5) is None
    assert sweep.time_left(10.0, 4, 5) == 2.5
    assert sweep.time_left(10.0, 5, 5) == 0


# ---- rows


def test_a_cell_that_fails_is_a_row_and_the_others_go_on(light: Path, asked: list[Scenario]) -> None:
    axes = (axis("offer.accounts=-1,5,13,20"),)
    rows = sweep.in_order(sweep.sweep(read(light), axes, draws=40), axes)
    assert [row.values for row in rows] == [("-1",), ("5",), ("13",), ("20",)]
    assert [row.answers and row.answers.offered for row in rows] == [None, 5, None, 20]
    assert "negative" in rows[0].error
    assert rows[2].error == "ArithmeticError: an unlucky number"
    assert all((row.answers is None) == bool(row.error) for row in rows)


def test_all_cells_share_the_seed(light: Path, asked: list[Scenario]) -> None:
    list(sweep.sweep(read(light), (axis("offer.accounts=1..4"),)))
    assert {scenario.seed for scenario in asked} == {7}
    assert len({scenario.digest for scenario in asked}) == 4


def test_rows_of_an_earlier_run_count_only_if_this_one_would_find_them_again(
    light: Path, asked: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = (axis("offer.accounts=5,13,20"),)

    def kept(draws: int | None = 40, over: Sequence[Axis] = axes) -> set[str]:
        return {values[0] for values in sweep.still_valid(read(light), over, draws, rows)}

    rows = list(sweep.sweep(read(light), axes, draws=40))
    assert kept() == {"5", "20"}, "what failed is tried again"
    assert kept(draws=41) == set()
    assert kept(over=(axis("offer.accounts=5,6"),)) == {"5"}
    light.write_text(LIGHT + "# a remark\n")
    assert kept() == {"5", "20"}, "a comment changes no answer"
    light.write_text(LIGHT.replace("size: 5 users", "size: 6 users"))
    assert kept() == set()
    light.write_text(LIGHT)
    monkeypatch.setattr(planner, "__version__", "0.0.9")
    assert kept() == set()


def test_what_is_done_is_not_planned_again(light: Path, asked: list[Scenario]) -> None:
    axes = (axis("offer.accounts=1..6"),)
    first = list(itertools.islice(sweep.sweep(read(light), axes, draws=40), 2))
    asked.clear()
    done = sweep.still_valid(read(light), axes, 40, first)
    rest = list(sweep.sweep(read(light), axes, draws=40, done=done))
    assert len(done) == 2
    assert len(asked) == len(rest) == 4
    assert {row.values for row in (*first, *rest)} == set(cells(axes))


# ---- the table


def test_the_table_gives_back_the_same_rows_to_the_bit(tmp_path: Path) -> None:
    axes = (Axis("a.b", tuple(HOSTILE[:4])), axis("c=-1 h,=2,'=3,0.1"))
    answers = itertools.cycle([a_headline(hours_per_month=1 / 3, max_accounts=None), a_headline(binding="=1")])
    rows = [Row(values, next(answers)) for values in cells(axes)]
    file = tmp_path / "table.csv"
    file.write_text(grid.text(axes, rows), encoding="utf-8", newline="")
    assert list(grid.read(file, axes)) == rows


def test_a_line_that_was_cut_off_and_a_cell_that_failed_are_no_answers(tmp_path: Path) -> None:
    axes = (axis("a=1,2,3"),)
    rows = [Row(("1",), a_headline()), Row(("2",), None, "it broke"), Row(("3",), a_headline())]
    whole = grid.text(axes, rows)
    file = tmp_path / "table.csv"
    for length in range(len(whole) - 90, len(whole)):
        file.write_text(whole[:length], encoding="utf-8", newline="")
        found = list(grid.read(file, axes))
        assert found[:1] == rows[:1]
        # the last column of the last row is the empty error: without its line's end it may be whole
        assert found[1:] in ([], rows[2:])
    for damaged in (
        b"",
        b"\xff\x00\n,,,\n\x00",
        b'a,error\n"',
        b'a,error\n1,"' + 200_000 * b"x",
        whole.encode("utf-16"),
    ):
        file.write_bytes(damaged)
        assert grid.read(file, axes) == ()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_cell_of_the_table_can_start_a_formula(text: str) -> None:
    row = Row((text,), None, text)
    for record in csv.reader(io.StringIO(grid.text((Axis(text, (text,)),), [row]), newline="")):
        assert not [cell for cell in record if cell.lstrip().startswith(("=", "+", "-", "@"))]


# ---- the chart


@pytest.fixture
def ax() -> Iterator[Any]:
    with theme.style():
        _, (axes,) = theme.figure(2.2, left=0.9)
        yield axes


def lines(ax: Any) -> dict[str, Any]:
    return {one.get_gid(): one for one in ax.lines}


def test_over_one_axis_both_numbers_are_drawn_where_they_belong(ax: Any) -> None:
    axes = (axis("usage.everyone.meetings=1,2,4,8"),)
    numbers = [(80, 60), (40, 30), None, (10, None)]
    rows = [
        Row(values, a_headline(central=pair[0], max_accounts=pair[1]) if pair else None)
        for values, pair in zip(cells(axes), numbers, strict=True)
    ]
    grid_charts.swept(axes, rows, ax)
    drawn = lines(ax)
    assert list(drawn["solid"].get_xdata()) == [1, 2, 8]
    assert list(drawn["solid"].get_ydata()) == [80, 40, 10]
    assert list(drawn["dashed"].get_ydata()[:2]) == [60, 30]
    assert drawn["dashed"].get_ydata()[2] > 80, "no limit lies above every number"
    assert list(drawn["failed"].get_xdata()) == [4]
    assert {"no limit", "failed"} <= {one.get_text() for one in ax.findobj(Text)}


def test_a_few_values_are_marked_where_they_were_planned(ax: Any) -> None:
    """Over two values a line alone looks as if all between had been worked out."""
    for text, marker in (("offer.accounts=5,10", "o"), ("offer.accounts=1..9", "")):
        axes = (axis(text),)
        rows = [Row(values, a_headline(central=9, max_accounts=6)) for values in cells(axes)]
        ax.clear()
        grid_charts.swept(axes, rows, ax)
        assert {lines(ax)[name].get_marker() for name in ("solid", "dashed")} == {marker}


def test_over_two_axes_each_cell_has_its_number_and_a_failed_one_its_cross(ax: Any) -> None:
    axes = (axis("usage.everyone.meetings=1..3"), axis("offer.accounts=0..40:10"))
    rows = [Row(values, a_headline(max_accounts=7 * k)) for k, values in enumerate(cells(axes))]
    rows[8] = Row(rows[8].values, None, "it broke")
    grid_charts.swept(axes, rows, ax)
    mesh = next(one for one in ax.collections if isinstance(one, QuadMesh))
    found = np.asarray(mesh.get_array()).ravel()
    assert [value for k, value in enumerate(found) if k != 8] == [7 * k for k in range(15) if k != 8]
    written = {one.get_text() for one in ax.texts if one.get_gid() == "number"}
    assert written == {str(7 * k) for k in range(15) if k != 8}
    (cross,) = [one for one in ax.lines if one.get_gid() == "failed"]
    assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (3.5, 1.5)


@pytest.mark.parametrize(
    ("number", "answer"), [(None, "months_to_buy"), (0, "cope"), (0, "accounts"), (10_000, "accounts")]
)
@pytest.mark.parametrize("overs", [("a=1",), ("a=x,y,z",), ("a=1..40",), ("a=1", "b=1"), ("a=1..25", "b=1..12")])
def test_every_grid_can_be_drawn(overs: Sequence[str], number: int | None, answer: str) -> None:
    """One cell, words, many cells, nothing but no limit, nothing but 0: no warning, nothing outside the figure."""
    axes = tuple(map(axis, overs))
    names = ("central", "max_accounts", *(f"months_to_{what}" for what in ("afford", "buy")))
    rows = [Row(values, a_headline(**dict.fromkeys(names, number))) for values in cells(axes)]
    with theme.style():
        figure = named(grid.charts_of(axes, rows), answer).make()
        assert figure is not None
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        width = figure.bbox.width
        for one in figure.findobj(Text):
            if one.get_text().strip():
                box = one.get_window_extent(renderer)
                assert box.x0 >= -1
                assert box.x1 <= width + 1, one.get_text()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_drawn_as_text(text: str) -> None:
    axes = (Axis(text, (text, "b")), Axis(f"b.{text}", ("a", text)))
    rows = [Row(values, a_headline()) for values in cells(axes)]
    with theme.style():
        figure = named(grid.charts_of(axes, rows), "accounts").make()
        assert figure is not None
        assert "<script>alert" not in theme.svg(figure)


def test_the_chart_shows_what_differs_unless_somebody_asks() -> None:
    def rows(*changes: dict[str, int]) -> list[Row]:
        return [Row((str(k),), a_headline(**one)) for k, one in enumerate(changes)]

    def telling(*found: Row, over: str = "a=1,2") -> str:
        return grid.most_telling([axis(each) for each in over.split()], found)

    assert telling(*rows({"max_accounts": 1}, {"max_accounts": 2})) == "accounts"
    assert telling(*rows({"months_to_afford": 1}, {"months_to_afford": 2})) == "months_to_afford"
    assert telling(*rows({"months_to_buy": 1}, {"months_to_buy": 2})) == "months_to_buy"
    assert telling(*rows({"cope": 0.804}, {"cope": 0.796})) == "accounts", "both are 80 of 100 cases"
    assert telling(*rows({"cope": 0.81}, {"cope": 0.796})) == "cope"
    assert telling(*rows({"buy_probability": 0.0}, {"buy_probability": 0.3})) == "bought"
    few_accounts = rows({"cope": 0.9}, {"cope": 0.6}, {"cope": 0.3, "max_accounts": 1, "central": 9})
    assert telling(*few_accounts) == "cope", "it tells three cells apart, the accounts two"
    only_central = rows({"central": 1, "cope": 0.9}, {"central": 2, "cope": 0.8})
    assert telling(*only_central) == "accounts"
    assert telling(*only_central, over="a=1,2 b=1") == "cope", "a map shows the number at the confidence alone"
    assert telling(*rows({}, {})) == "accounts"
    assert telling(Row(("0",), None, "it broke")) == "accounts"


def test_the_cases_of_100_are_drawn_as_such(ax: Any) -> None:
    axes = (axis("usage.everyone.meetings=1,2"),)
    rows = [Row(values, a_headline(cope=share)) for values, share in zip(cells(axes), (0.82, 0.5), strict=True)]
    grid_charts.swept(axes, rows, ax, "cope")
    assert list(lines(ax)["solid"].get_ydata()) == [82, 50]
    assert "dashed" not in lines(ax)
    assert ax.get_ylim() == (0, 105)


# ---- the command, with a plan made without the model


def call(*words: str | Path) -> int:
    code: int = planner_command.main(["sweep", *map(str, words)], standalone_mode=False)
    return code


def test_the_command_writes_table_and_chart_and_tells_a_failed_cell(
    light: Path, asked: list[Scenario], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    over = ("--over", "offer.accounts=5,13,20", "--over", "spending.hourly_rate=30,45", "--workers", "1")
    assert call(light, *over, "--out", tmp_path) == 3
    said = capsys.readouterr()
    assert "6 cells, 2 failed" in said.out
    assert "offer.accounts=13" in said.err
    folder = tmp_path / "light"
    names = {file.name for file in folder.iterdir()}
    stem = "sweep-offer.accounts-spending.hourly_rate"
    assert names == {f"{stem}.csv", f"{stem}.svg", f"{stem}.png"}
    table = records(folder / f"{stem}.csv")
    assert [row["spending.hourly_rate"] for row in table] == ["30", "45"] * 3
    assert [bool(row["error"]) for row in table] == [False, False, True, True, False, False]
    assert [row["income_per_month"] for row in table[:2]] == ["45.00", "45.00"]
    asked.clear()
    assert call(light, *over, "--out", tmp_path) == 3
    assert len(asked) == 2, "only what failed is tried again"
    assert "4 of 6 cells are kept" in capsys.readouterr().err


@pytest.mark.parametrize("show", [[], ["--show", "bought"]])
def test_a_chart_without_a_difference_says_so(
    light: Path, asked: list[Scenario], tmp_path: Path, capsys: pytest.CaptureFixture[str], show: list[str]
) -> None:
    assert call(light, "--over", "seed=1,2", "--workers", "1", "--out", tmp_path, *show) == 0
    assert "Nothing that a chart can show differs" in capsys.readouterr().out
    assert call(light, "--over", "offer.accounts=5,20", "--workers", "1", "--out", tmp_path, *show) == 0
    differs = "In the chart all cells are alike; --show cope would tell them apart."
    assert (differs in capsys.readouterr().out) == bool(show)


@pytest.mark.parametrize(
    ("over", "says"),
    [("offer.acounts=1..3", "accounts"), ("offer.accounts=3..1", "there is nothing"), ("offer.accounts", "PATH=")],
)
def test_a_grid_that_cannot_be_is_bad_input_and_writes_nothing(
    light: Path, asked: list[Scenario], tmp_path: Path, over: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        call(light, "--over", over, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_cluster_that_does_not_answer_is_said_in_words(
    light: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr(sweep, "PATIENCE_S", 0.3)
    with pytest.raises(BadInput, match="cannot be used"):
        call(light, "--over", "offer.accounts=1,2", "--scheduler", "tcp://127.0.0.1:9", "--out", tmp_path)


# ---- real processes


def table(folder: Path) -> Path:
    return next(folder.rglob("sweep-*.csv"))


def finished(file: Path) -> int:
    """Return how many rows a table holds so far."""
    return max(0, file.read_text().count("\n") - 1) if file.exists() else 0


@pytest.mark.slow
def test_one_worker_or_two_give_the_same_bytes(light: Path, tmp_path: Path) -> None:
    over = ("light.yaml", "--over", "offer.accounts=2..5", "--over", "usage.everyone.meetings=1,3", "--draws", "20")
    for workers in ("1", "2"):
        typed(*over, "--workers", workers, "--out", workers, cwd=tmp_path)
    one, two = (table(tmp_path / workers) for workers in ("1", "2"))
    assert one.read_bytes() == two.read_bytes()
    assert one.with_suffix(".svg").read_bytes() == two.with_suffix(".svg").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("to_all", [True, False], ids=["as a terminal sends it", "to the command alone"])
def test_an_interrupt_leaves_the_finished_rows_and_the_same_command_goes_on(
    light: Path, tmp_path: Path, to_all: bool
) -> None:
    words = ("light.yaml", "--over", "offer.accounts=1..12", "--draws", "20", "--workers", "2")
    file = tmp_path / "out/light/sweep-offer.accounts.csv"
    process = subprocess.Popen(
        command(*words), cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=env(), start_new_session=True
    )
    end = time.monotonic() + 120
    while finished(file) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    if to_all:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    kept = finished(file)
    assert 3 <= kept < 12
    assert f"{kept} of 12 cells are kept" in said
    before = {row.values: row for row in grid.read(file, (axis("offer.accounts=1..12"),))}
    assert len(before) == kept
    assert "12 cells, 0 failed" in typed(*words, cwd=tmp_path)
    after = {row.values: row for row in grid.read(file, (axis("offer.accounts=1..12"),))}
    assert len(after) == 12
    assert before.items() <= after.items()
    typed(*words, "--out", "at-once", cwd=tmp_path)
    assert table(tmp_path / "at-once").read_bytes() == file.read_bytes()


def children(pid: int) -> list[int]:
    """Return the worker processes of a sweep."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and b"popen_loky" in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find the workers in")
def test_a_worker_that_is_killed_costs_its_rows_and_no_more(light: Path, tmp_path: Path) -> None:
    words = ("light.yaml", "--over", "offer.accounts=1..12", "--draws", "20", "--workers", "2")
    file = tmp_path / "out/light/sweep-offer.accounts.csv"
    process = subprocess.Popen(
        command(*words), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env()
    )
    end = time.monotonic() + 120
    while finished(file) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    for worker in children(process.pid):
        os.kill(worker, signal.SIGKILL)
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 3, errors
    assert "Traceback" not in errors
    rows = records(file)
    assert [row["offer.accounts"] for row in rows] == [str(n) for n in range(1, 13)]
    lost = [row for row in rows if row["error"]]
    assert 0 < len(lost) <= 10
    assert all(row["error"].startswith("not finished: ") for row in lost)
    assert f"12 cells, {len(lost)} failed" in said
    assert "12 cells, 0 failed" in typed(*words, cwd=tmp_path)


@pytest.mark.slow
def test_a_terminal_sees_the_cells_and_the_time_left(light: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    words = command("light.yaml", "--over", "offer.accounts=1..4", "--draws", "20", "--workers", "1")
    process = subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=theirs, env=env() | {"TERM": "xterm", "COLUMNS": "100"}
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # what Linux says when the other end is closed
            break
        if not part:
            break
        seen += part
    os.close(ours)
    assert process.wait() == 0
    assert b"1/4" in seen
    assert b"0 min " in seen
    assert b"s left" in seen


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """Start a Dask scheduler and two worker processes on loopback, and yield its address."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    file = tmp_path / "scheduler.json"
    log = (tmp_path / "dask.log").open("w")

    def start(*words: str) -> subprocess.Popen[bytes]:
        module, *rest = words
        line = [sys.executable, "-m", f"distributed.cli.{module}", *rest, "--host", "127.0.0.1", "--no-dashboard"]
        return subprocess.Popen(line, cwd=tmp_path, stdout=log, stderr=log, env=env())

    running = [start("dask_scheduler", "--port", "0", "--scheduler-file", str(file))]
    try:
        end = time.monotonic() + 60
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        assert address.startswith("tcp://127.0.0.1:")
        running += [start("dask_worker", address, "--nthreads", "1", "--no-nanny") for _ in range(2)]
        yield address
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:  # a worker may wait for a scheduler that has gone before it
                process.kill()
                process.wait()
        log.close()


@pytest.mark.slow
def test_a_cluster_gives_the_same_table_as_this_machine(cluster: str, light: Path, tmp_path: Path) -> None:
    """24 cells: 20 that are planned, 4 that fail because nobody can offer less than no accounts."""
    over = ("--over", "offer.accounts=-1..4", "--over", "usage.everyone.meetings=1..2.5:0.5", "--draws", "20")
    assert math.prod(len(axis(text).values) for text in over[1::2][:2]) == 24
    assert "24 cells, 4 failed" in typed(
        "light.yaml", *over, "--scheduler", cluster, "--out", "far", cwd=tmp_path, code=3
    )
    assert "24 cells, 4 failed" in typed("light.yaml", *over, "--workers", "2", "--out", "here", cwd=tmp_path, code=3)
    far, here = (table(tmp_path / name) for name in ("far", "here"))
    assert far.read_bytes() == here.read_bytes()
    planned = [row for row in records(far) if not row["error"]]
    assert len({row["digest"] for row in planned}) == 20


def test_the_scenario_of_a_cell_is_that_of_the_command_line(light: Path) -> None:
    scenario, wrong = sweep.scenario_of(
        read(light), (axis("offer.accounts=3"), axis("horizon=24 months")), ("3", "24 months")
    )
    assert wrong == ""
    assert scenario is not None
    assert scenario.digest == read(light, ("offer.accounts=3", "horizon=24 months")).digest
