"""docs/extending.md is true: each diff applies to the project as it is, and the test that it brings passes then."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
DIFFS = dict(re.findall(r"^## (A [^:\n]+):[^#]*?^```diff\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
NEW_TEST = re.compile(r"^\+\+\+ b/(tests/test_\w+\.py)$", re.MULTILINE)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the files that are changed and tested."""
    ignored = shutil.ignore_patterns("__pycache__", "look", "bad_scenarios", "benchmarks")
    for name in ("planner", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def applied(diff: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Apply a diff as a reader would, if need be where the lines around it have changed.

    Git must not take the folder for a part of a project around it.
    """
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    command = ["git", "apply", "-C0", "-"]
    return subprocess.run(command, cwd=folder, env=env, input=diff, capture_output=True, text=True, check=False)


def outcome(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """Run tests in the copy, whose planner is the one that is imported."""
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)


def test_the_page_shows_one_change_of_each_kind() -> None:
    """A limit, a network rule, a balancer and a chart, each with one test of its own."""
    assert list(DIFFS) == ["A limit", "A network rule", "A balancer", "A chart"]
    assert [len(NEW_TEST.findall(diff)) for diff in DIFFS.values()] == [1, 1, 1, 1]
    assert PAGE.count("```diff") == len(DIFFS)


@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the diffs")
@pytest.mark.parametrize("kind", DIFFS)
def test_the_change_applies(kind: str, copied: Path) -> None:
    """The diff fits the project as it stands."""
    done = applied(DIFFS[kind], copied)
    assert done.returncode == 0, f"{kind}: the diff of docs/extending.md no longer applies\n{done.stderr}"
    # then nothing but the number of a line says where it goes, and that may be another section by now
    assert "(0/0)" not in done.stderr, f"{kind}: no line around a change is as docs/extending.md has it\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the diffs")
@pytest.mark.parametrize("kind", DIFFS)
def test_the_change_works(kind: str, copied: Path) -> None:
    """The test that it brings passes."""
    assert applied(DIFFS[kind], copied).returncode == 0
    passed = outcome(copied, *NEW_TEST.findall(DIFFS[kind]))
    assert passed.returncode == 0, passed.stdout + passed.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the diffs")
@pytest.mark.parametrize("kind", DIFFS)
def test_the_test_needs_the_change(kind: str, copied: Path) -> None:
    """Without the rest of the diff, the test that it brings fails."""
    files = re.split(r"^(?=--- )", DIFFS[kind], flags=re.MULTILINE)
    alone = next(part for part in files if NEW_TEST.search(part))
    assert applied(alone, copied).returncode == 0
    assert outcome(copied, *NEW_TEST.findall(alone)).returncode == 1
