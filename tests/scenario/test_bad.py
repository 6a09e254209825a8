"""Bad scenarios: every problem at its line, in words that say what is wanted, and never a traceback."""

import csv
import pickle
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from planner.cli import planner
from planner.scenario import tree
from planner.scenario.problem import Problem
from planner.scenario.reader import ScenarioError, read

BAD = Path(__file__).parents[1] / "bad_scenarios"
SMALL = BAD / "good" / "small.yaml"
NOW = datetime(2021, 4, 6, 9, 35, tzinfo=UTC)


def manifest() -> dict[str, list[tuple[str, str]]]:
    """Return what is wrong with each file of the collection: (file:line:col, words of the message)."""
    found = defaultdict(list)
    with (BAD / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["file"]].append((row["where"], row["says"]))
    return dict(found)


MANIFEST = manifest()


def problems(path: Path, *sets: str) -> tuple[Problem, ...]:
    """Return what is wrong with a scenario."""
    with pytest.raises(ScenarioError) as error:
        read(path, sets, NOW)
    return error.value.problems


def test_collection_is_complete() -> None:
    """A file without an expectation, or an expectation without a file, would test nothing."""
    assert {path.name for path in BAD.glob("*.yaml")} == set(MANIFEST)
    assert len(MANIFEST) >= 40


def test_what_the_bad_ones_change_is_good() -> None:
    """The scenario that most of them stand on has no problem of its own."""
    assert read(SMALL).title == "A small co-op"


def stands_on_another(name: str) -> bool:
    """Return whether a bad file is good YAML, and bad in what it changes."""
    return (BAD / name).read_bytes().splitlines()[1:2] == [b"base: good/small.yaml"]


CASES = [pytest.param(name, tree.LOADER, id=f"{name}") for name in MANIFEST]
CASES += [pytest.param(name, yaml.BaseLoader, id=f"{name}-plain") for name in MANIFEST if not stands_on_another(name)]


@pytest.mark.parametrize(("name", "loader"), CASES)
def test_bad_file(name: str, loader: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each problem is there once, with its position and what is wanted, and no other; with either of YAML's parsers."""
    monkeypatch.setattr(tree, "LOADER", loader)
    monkeypatch.chdir(BAD)
    found = [str(problem) for problem in problems(Path(name))]
    assert len(found) == len(MANIFEST[name]), found
    for line, (where, says) in zip(found, MANIFEST[name], strict=True):
        assert line.startswith((f"{where} ", f"{where}: "))
        assert says in line


@pytest.mark.parametrize("name", MANIFEST)
def test_a_bad_file_makes_no_plan_and_leaves_nothing_behind(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As typed: exit code 2, the places on lines of their own, no traceback, not a file or folder written."""
    monkeypatch.chdir(BAD)
    done = CliRunner().invoke(planner, ["plan", name, "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)  # nothing else was raised
    assert [line for line, (where, _) in zip(done.stderr.splitlines(), MANIFEST[name], strict=True) if where in line]
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_file_above_one_megabyte(tmp_path: Path) -> None:
    """Its size is judged before it is read as YAML; one just below is read."""
    text = SMALL.read_text(encoding="utf-8")
    large = tmp_path / "large.yaml"
    large.write_text(text + "#" * (1_000_001 - len(text)), encoding="utf-8")
    (problem,) = problems(large)
    assert (problem.line, problem.what) == (1, "the file is too large; wanted at most 1000000 bytes; found 'more'")
    large.write_text(text + "#" * (1_000_000 - len(text)), encoding="utf-8")
    assert read(large).digest == read(SMALL).digest


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The message names it."""
    (problem,) = problems(tmp_path / "nowhere.yaml")
    assert "nowhere.yaml" in problem.file
    assert "an existing file" in problem.what


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"Minutes\n\nAgenda: the pilot\n- who pays\n", "cannot be read as YAML"),
        (b"path,value\noffer.accounts,5\n", "not a scenario"),
        (b"- one\n- two\n", "not a scenario"),
        (b"PK\x03\x04\xff", "not UTF-8"),
        (b"SQLite format 3\0", "not text"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_that_was_never_a_scenario(tmp_path: Path, content: bytes, wrong: str) -> None:
    """Somebody who gives the wrong file learns what the right one would be; the problem is still told once."""
    path = tmp_path / "minutes"
    path.write_bytes(content)
    (problem,) = problems(path)
    assert wrong in problem.what
    assert problem.what.endswith("what is wanted is a scenario: `planner new NAME` writes one to start from")


@pytest.mark.parametrize("content", ["title: A pilot\nnodes: {a: [\n", "base: a.yaml\nchanges: {\n", "changes :\n\tx"])
def test_a_scenario_with_a_slip_is_told_of_the_slip_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pilot.yaml"
    path.write_text(content, encoding="utf-8")
    (problem,) = problems(path)
    assert "planner new" not in problem.what


def test_very_many_problems(tmp_path: Path) -> None:
    """A file in which everything is wrong ends after as many as a person can use."""
    path = tmp_path / "all_wrong.yaml"
    changes = "".join(f"  entry{number}: 1\n" for number in range(20_000))
    path.write_text(f"title: A\nbase: {SMALL}\nchanges:\n{changes}", encoding="utf-8")
    assert len(problems(path)) == 100


def test_very_many_bases(tmp_path: Path) -> None:
    """Bases that never end are not followed for ever."""
    for number in range(30):
        (tmp_path / f"{number}.yaml").write_text(f"title: A\nbase: {number + 1}.yaml\n", encoding="utf-8")
    (problem,) = problems(tmp_path / "0.yaml")
    assert "too many bases" in problem.what


def test_very_many_nodes(tmp_path: Path) -> None:
    """A small file cannot fill the memory with the defaults of a hundred thousand nodes."""
    path = tmp_path / "nodes.yaml"
    nodes = ", ".join(f"n{number}: {{}}" for number in range(20_000))
    path.write_text(f"title: A\nbase: {SMALL}\nchanges: {{nodes: {{{nodes}}}}}\n", encoding="utf-8")
    assert any("at most 10000" in problem.what for problem in problems(path))


def test_all_problems_at_once() -> None:
    """Problems of several entries, of the file and of the command line come in one go, by file and line."""
    found = problems(BAD / "misspelt_part.yaml", "offer.acounts=5", "offer.cap=many", "seed=7")
    assert [(Path(one.file).name, one.line, one.path) for one in found] == [
        ("--set", 1, "offer.acounts"),
        ("--set", 2, "offer.cap"),
        ("misspelt_part.yaml", 4, "members.accounts"),
        ("misspelt_part.yaml", 4, "members.accounts"),
    ]


@pytest.mark.parametrize(
    ("option", "col", "says"),
    [
        ("offer.accounts", 1, "wanted path=value, such as offer.accounts=5"),
        ("offer.accounts=", 1, "this sets nothing"),
        ("=5", 1, "this sets nothing"),
        ("offer.acounts=5", 1, "did you mean 'accounts'?"),
        ("nodes.fr.limits.users=5", 1, "or a new one in one piece: nodes.fr={limits.users: …}"),
        ("offer.mix={level-1: 100 %", 26, "cannot be read as YAML"),
        ("offer.mix={level-1: 90 %}", 11, "a sum of 100 %"),
        ("usage.everyone.meetings=9 GBP", 25, "wanted meeting/week"),
        ("expect={a: 1}", 1, "unknown entry"),
        ("base=other.yaml", 1, "unknown entry"),
    ],
)
def test_bad_option(option: str, col: int, says: str) -> None:
    """An option is line 1, 2, … of a file called --set; columns count in it as it was typed."""
    (problem,) = problems(SMALL, "seed=1", option)
    assert (problem.file, problem.line, problem.col) == ("--set", 2, col)
    assert says in problem.what


def test_options_that_contradict_each_other() -> None:
    """As in a file, one option cannot lie inside another."""
    (problem,) = problems(SMALL, "offer.accounts=5", "offer={accounts: 6, mix: {level-1: 100 %}}")
    assert "one change for both" in problem.what


def test_message_cannot_move_the_cursor(tmp_path: Path) -> None:
    """What a file says comes back as text: no control characters, no change of direction, no endless line."""
    path = tmp_path / "hostile.yaml"
    path.write_text(f'title: A\nstart: 2021-04\n"\\u202ee\\u2066{"x" * 500}": 1\n', encoding="utf-8")
    message = "\n".join(map(str, problems(path)))
    assert message.replace("\n", "").isprintable()
    assert "\\u202ee" in message


def test_error_survives_the_way_back_from_a_worker() -> None:
    """A sweep reads scenarios in other processes."""
    error = ScenarioError(problems(BAD / "empty.yaml"))
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
