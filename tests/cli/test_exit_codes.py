"""What the commands leave behind when the world around them fails: codes and words, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from light_scenario import LIGHT
from stored_plan import run

PATHED = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
PILOT = str(Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml")


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
        ("plan", "light.yaml", "--draws", "20", "--out", "{file}"),
        ("compare", "light.yaml", "light.yaml", "--draws", "20", "--out", "{file}"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "file"
    file.touch()
    (tmp_path / "light.yaml").write_text(LIGHT)
    done = run(*(word.format(file=file) for word in words), cwd=tmp_path)
    assert done.returncode == 2
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_of_few_letters_is_no_obstacle(tmp_path: Path) -> None:
    light = tmp_path / "light.yaml"
    light.write_text(LIGHT + "expect: {credit.months_to_afford.central: 3}\n")
    done = planner("check", str(light), PYTHONIOENCODING="cp1252")
    assert done.returncode == 0
    assert "wanted" in done.stdout.decode("utf-8")


NO = "\udcff"
"""A byte that is no UTF-8, as Python hands it on."""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("gate", PILOT, "--level", "x", "--accounts", "1e20"), "1e20"),
        (("gate", PILOT, "--level", "x", "--accounts", "100000000000000000000"), "100000000000000000000"),
        (("gate", PILOT, "--level", NO), "UTF-8"),
        (("gate", PILOT, "--level", "x", "--at", "9999-12-31T23:59-23:59"), "wanted a year from 1970 to 2199"),
        (("gate", PILOT, "--level", "x", "--at", "0001-01-01T00:00+14:00"), "wanted a year from 1970 to 2199"),
        (("review", PILOT, "--at", "9999-12-31"), "wanted a year from 1970 to 2199"),
        (("review", PILOT, "--volunteer-hours", "nan"), "nan"),
        (("review", PILOT, "--volunteer-hours", "inf"), "inf"),
        (("history", "import", "x.csv", "--history", "h", "--since", "0001-01-01"), "wanted a year from 1970"),
        (("history", "import", "x.csv", "--history", "h", "--node", "a\nb"), "one line of text"),
        (("history", "import", "x.csv", "--history", "h", "--node", "Ann Smith"), "wanted a name"),
        (("register", "add", "a-1", "--level", "x", "--by", "ops", "--because", "a\nb", "--register", "r"), "one line"),
        (("register", "add", "a-1", "--level", "x", "--accounts", "9000000000000000000", "--by", "o"), "100000"),
        (("plan", PILOT, "--seed", "1" * 30), "9223372036854775807"),
        (("plan", PILOT, "--set", f"horizon={NO}"), "UTF-8"),
        (("plan", "x" * 5000), "File name too long"),
        (("plan", ""), "no file name"),
        (("open", "http://["), "wanted a scenario below the folder"),
        (("plan", "\udcff.yaml"), "wanted a name in UTF-8"),
        (("check", PILOT, "--draws", "20001"), "20000"),
        (("explain", PILOT, "offer.accounts", "--draws", "9" * 30), "20000"),
    ],
)
def test_what_is_typed_is_held_to_bounds(words: tuple[str, ...], says: str) -> None:
    done = run(*words, cwd=Path.cwd())
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_closed_streams_are_taken_for_what_nobody_reads(tmp_path: Path) -> None:
    command = f"exec '{sys.executable}' -m planner"
    register = tmp_path / "r.sqlite"
    for line, code in (
        (f"{command} schema >&-", 2),
        (f"{command} schema 2>&- >/dev/null", 0),
        (f"{command} check nowhere.yaml 2>&-", 2),
        (f"{command} schema >/dev/full", 2),
        (f"{command} check nowhere.yaml 2>/dev/full", 2),
        (f"{command} register new {register} <&- >&- 2>&-", 2),
    ):
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False)
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False), line
    assert b"Error" not in register.read_bytes()


def test_a_folder_that_is_gone_and_a_person_without_a_home(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f"cd {gone} && rmdir {gone} && exec '{sys.executable}' -c 'from planner.cli import main; main()' new x.yaml"
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, env=PATHED)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    bare = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONPATH": PATHED["PYTHONPATH"]}
    done = subprocess.run([sys.executable, "-m", "planner", "check", PILOT], capture_output=True, check=False, env=bare)
    assert done.returncode == 0


def test_a_fault_of_the_planner_stays_one_to_be_seen(tmp_path: Path) -> None:
    script = (
        "import sys; from planner import cli; sys.argv = ['planner', 'schema']; "
        "import planner.scenario.json_schema as s; s.whole = lambda: 1 / 0; cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env=PATHED)
    assert done.returncode == 1
    assert b"ZeroDivisionError" in done.stderr


@pytest.mark.parametrize("pressed", [True, False])
def test_ctrl_c_of_which_a_library_makes_another_error_is_an_interrupt(pressed: bool) -> None:
    """Matplotlib's compiled code says "Invalid bounding box" if it comes while it asks Python for one."""
    code = f"""
import os, signal
import planner.cli
signal.signal(signal.SIGINT, signal.default_int_handler)
def draw(**_):
    try:
        if {pressed}:
            os.kill(os.getpid(), signal.SIGINT)
        raise TypeError
    except (KeyboardInterrupt, TypeError):
        raise ValueError("Invalid bounding box") from None
planner.cli.planner.main = draw
planner.cli.main()
"""
    done = subprocess.run([sys.executable, "-c", code], env=PATHED, capture_output=True, text=True, check=False)
    if pressed:
        assert (done.returncode, done.stderr) == (130, "interrupted\n")
    else:
        assert done.returncode == 1
        assert "Traceback" in done.stderr
