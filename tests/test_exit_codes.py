"""What the commands leave behind when the world around them fails: codes and words, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PILOT = str(Path(__file__).parents[1] / "scenarios" / "pilot-5.yaml")


def planner(*words: str, **changed: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a process of its own."""
    command = [sys.executable, "-m", "planner", *words]
    return subprocess.run(command, env=os.environ | changed, capture_output=True, check=False)


@pytest.mark.parametrize("words", [("schema",), ("--help",), ("plan", "--help")])
def test_a_reader_that_has_gone_is_neither_a_crash_nor_a_verdict(words: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "planner", *words], stdout=nobody, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 141
    assert done.stderr == b""


@pytest.mark.parametrize(
    "words",
    [
        ("new", "{file}/new.yaml"),
        ("plan", PILOT, "--draws", "20", "--out", "{file}"),
        ("compare", PILOT, PILOT, "--draws", "20", "--out", "{file}"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "file"
    file.touch()
    done = planner(*(word.format(file=file) for word in words))
    assert done.returncode == 2
    assert str(file).encode() in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_terminal_of_few_letters_is_no_obstacle() -> None:
    done = planner("check", PILOT, PYTHONIOENCODING="cp1252")
    assert done.returncode == 0
    assert "wanted" in done.stdout.decode("utf-8")
