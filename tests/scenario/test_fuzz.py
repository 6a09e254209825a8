"""Damaged scenarios and hostile values: either they are read, and then resolve, or every problem has its place."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.inputs.uncertain import certain
from planner.scenario import resolve
from planner.scenario.estimate import Estimate
from planner.scenario.reader import ScenarioError, read

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parents[1] / "bad_scenarios" / "good" / "small.yaml"
BASE = ROOT / "scenarios" / "meetcoop.yaml"
TEXT = BASE.read_text(encoding="utf-8").replace("../data/", f"{ROOT.as_posix()}/data/")
TABLE = (ROOT / "data" / "weekly_profile.csv").read_bytes()

NASTY = [
    *("", " ", "none", "no", "NO", "~", "null", "010", "9:30", "1_000", ".nan", ".inf", "1e99", "-1", "0", "0 %", "2"),
    *("100 %", "1e9 GBP/month", "9 EUR/month", "9 USD/month", "/", "%", "£", "-", "- -", "[", "]", "{", "}", "{}"),
    *("[]", ": ", ",", "#", "\t", "\n", "\n  ", "\r", "*a", "&a ", "!!int ", "!x ", "<<: ", "? ", "|", ">", "'", '"'),
    *("@", "`", "---", "...", "%YAML 1.1", "\ufeff", "\u202e", "\u2028", "\x85", "é", "😀", "9" * 30, "x" * 300),
    *("{a: b}", "[a, b]", "value: ", "low: 1", "high: 2", "unit: h", "level-1: 50 %", "everyone", "base: x.yaml"),
    *("/dev/null", ".", "..", '"\\0"', '"\\ud800"', '"\\e[2J"', "{value: 1, low: 1, high: 1}", "{value: none}"),
    *("de: {}", "1/0", "1/year", "36 months", "4 to 9", "6 (4 to 9)", "4-9", "9 to 4 users", "about ", " to "),
    *("(", ")", "0 to 0", "0 % to 100 %", "none (1 to 2)", "6 (4 to 9", "1 to 2 to 3", "1e9 to 9e9", "-4 to -1"),
]  # fmt: skip


def low(estimate: Estimate) -> float:
    """Return the low end of a range, else the value."""
    return resolve.central(estimate) if estimate.low is None else estimate.low


def judge(path: Path, *sets: str) -> None:
    """Read a scenario: it resolves, or its problems can be shown."""
    try:
        scenario = read(path, sets)
    except ScenarioError as error:
        problems = error.problems
    else:
        resolve.inputs(scenario)
        resolve.inputs(scenario, low)
        resolve.trade(scenario, lambda one: certain(low(one)))
        return
    assert problems
    assert all(problem.line >= 1 and problem.col >= 1 for problem in problems)
    assert all(str(problem).isprintable() for problem in problems)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file to write damaged scenarios to."""
    return tmp_path_factory.mktemp("fuzz") / "damaged.yaml"


CUTS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(NASTY)), min_size=1, max_size=4)


@settings(max_examples=100)
@given(CUTS)
def test_damaged_text(damaged: Path, cuts: list[tuple[float, int, str]]) -> None:
    """Pieces cut out of a scenario and others put in."""
    text = TEXT
    for place, length, nasty in cuts:
        at = int(place * len(text))
        text = text[:at] + nasty + text[at + length :]
    damaged.write_text(text, encoding="utf-8")
    judge(damaged)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200), st.sampled_from("cdi")), min_size=1, max_size=4))
def test_damaged_lines(damaged: Path, moves: list[tuple[int, int, str]]) -> None:
    """Lines copied elsewhere, dropped, indented."""
    lines = TEXT.splitlines()
    for here, there, move in moves:
        at = here % len(lines)
        match move:
            case "c":
                lines.insert(there % len(lines), lines[at])
            case "d":
                lines.pop(at)
            case _:
                lines[at] = "  " + lines[at]
    damaged.write_text("\n".join(lines), encoding="utf-8")
    judge(damaged)


@settings(max_examples=100)
@given(st.integers(0, len(TEXT.encode()) - 1), st.binary(min_size=1, max_size=8))
def test_damaged_bytes(damaged: Path, place: int, put: bytes) -> None:
    """Bytes that are no text."""
    data = TEXT.encode()
    damaged.write_bytes(data[:place] + put + data[place + len(put) :])
    judge(damaged)


NUMBERS = read(BASE).estimates
PATHS = sorted({*NUMBERS, *read(BASE).entries} | {"nodes", "nodes.de", "usage", "offer", "levels.new", "cash"})
VALUES = st.one_of(st.sampled_from(NASTY), st.text(max_size=20), st.floats().map(str), st.integers().map(str))


@settings(max_examples=150)
@given(st.sampled_from(PATHS), VALUES, st.text(max_size=20))
def test_hostile_options(path: str, value: str, text: str) -> None:
    """Any value at any path of the command line, and any text instead of an option."""
    judge(SMALL, f"{path}={value}")
    judge(SMALL, f"{path}={value}", text)


@settings(max_examples=75)
@given(st.data())
def test_hostile_numbers(data: st.DataObject) -> None:
    """Numbers of the right form and unit, large, small and in the wrong order: read or refused, but never a crash."""
    path = data.draw(st.sampled_from(sorted(NUMBERS)))
    suffix = NUMBERS[path].scale.suffix
    size = st.one_of(st.just(0.0), st.floats(-6, 12).map(lambda power: 10**power))
    drawn = [data.draw(size) for _ in range(3)]
    low, value, high = (f"{number:.6f}" for number in (sorted(drawn) if data.draw(st.booleans()) else drawn))
    judge(SMALL, f"{path}={{value: {value}{suffix}, low: {low}, high: {high}}}")
    judge(SMALL, f"{path}={low} to {high}{suffix}")


@settings(max_examples=100)
@given(st.integers(0, len(TABLE) - 1), st.binary(max_size=12), st.integers(0, 30))
def test_damaged_profile(damaged: Path, place: int, put: bytes, length: int) -> None:
    """A table of the week with a piece cut out and another put in."""
    (damaged.parent / "week.csv").write_bytes(TABLE[:place] + put + TABLE[place + length :])
    judge(SMALL, f"usage.everyone.profile={(damaged.parent / 'week.csv').as_posix()}")
