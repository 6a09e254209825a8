"""A scenario and its stored plan, as the gate finds them: the numbers are made by hand, nothing is planned.

The gate takes a stored plan as it is while no file that it was made from has changed, so the scenario may say anything.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NoReturn
from warnings import catch_warnings, simplefilter

import click

from planner import __plan_schema__, __version__, output, seal
from planner.cli import main, planner
from planner.store import register

ROOT = Path(__file__).parents[1]
CAP = 5
LIMITS = {"rooms": 30.0, "users": 150.0, "streams": 1000.0, "load": 0.7}
EXPECTED = {"rooms": 20.0, "users": 100.0, "streams": 700.0, "load": 0.6}
"""The top of the band of a reading, the same in every hour; its bottom is nothing."""
NOT_HELD_UP = {"rooms": 4, "users": 24, "streams": 60, "load": 0.12}
CONSENTED = "thread 501, 2021-04-06"
PATIENCE = 240
"""A command that takes longer hangs [s]."""


def document(
    cap: int = CAP, nodes: tuple[str, ...] = ("de", "ca"), resources: tuple[str, ...] = tuple(LIMITS), **changed: Any
) -> dict[str, Any]:
    """Return a plan.json: servers with room for 40 accounts, a pilot of `cap`."""
    limits = [_limit(name, node, 40, f"nodes.{node}") for node in nodes for name in resources]
    return {
        "schema": __plan_schema__,
        "version": __version__,
        "scenario": {"name": "pilot", "file": "pilot.yaml", "digest": "d" * 64, "sources": {}, "seed": 501},
        "seed": 501,
        "draws": 500,
        "paths": 2000,
        "warnings": [],
        "currency": "GBP",
        "nodes": list(nodes),
        "reached": list(nodes),
        "page_size": 5,
        "against": None,
        "names": {group: {} for group in ("nodes", "networks", "levels", "sellers")},
        "checkpoint": {"after": 6, "month": "October 2021"},
        "consented": CONSENTED,
        "timezone": "Europe/London",
        "members_as_of": "2021-03",
        "objective": {"measure": "episodes", "at_most": 1 / 12, "confidence": 0.9},
        "offer": {"accounts": cap, "mix": {"level-1": 1.0}},
        "changes": [],
        "admission": {
            "max_accounts": min(cap, 40),
            "by_level": {"level-1": min(cap, 40)},
            "central": 40,
            "binding": None,
            "standard_error": 0.0,
            "all_hold": 1.0,
            "holds": [],
            "limits": [*limits, _limit("policy", None, cap, "offer.cap")],
        },
        "weeks": [
            {
                **{"node": node, "resource": name, "limit": LIMITS[name], "reserve": 0.0},
                **{name: [0.0] * 168 for name in ("mean", "mean_now", "low", "usual_low", "usual_high", "bad_day")},
                "high": [EXPECTED[name]] * 168,
            }
            for node in nodes
            for name in resources
        ],
        "curves": [],
        "assumptions": [{"path": "levels.level-1.price"}, *({"path": f"nodes.{node}.share"} for node in nodes)],
        **{name: [] for name in ("risk", "load_added", "swings", "options", "pool", "beyond_closed_form", "checks")},
        **{name: [] for name in ("facts", "path", "share_of_server", "frontier")},
        **dict.fromkeys(("credit", "credit_by_network", "growth", "what_if", "experience", "calibrated", "decision")),
    } | changed


def _limit(name: str, node: str | None, most: int, path: str) -> dict[str, Any]:
    return {
        "limit": name,
        "kind": "permission",
        "node": node,
        "max_accounts": most,
        "reason": f"the pilot is capped at {most} accounts; levels that may be bought: level-1",
        "because": {"kind": "cap", "about": {"cap": most, "levels": ["level-1"]}},
        "origin": f"pilot.yaml:{len(path)}",
        "central": most,
        "path": path,
        "engine": "closed form",
        **dict.fromkeys(("when", "error", "low", "high", "up_to", "central_up_to", "when_words")),
        "yes_if": "the meeting raised the cap",
        "lever": {"kind": "cap raised", "about": {}},
    }


def store(folder: Path, plan: dict[str, Any] | None = None, made: datetime | None = None) -> Path:
    """Write a scenario and its sealed plan below `folder`, and return the scenario's name as it is typed there."""
    scenario = folder / "pilot.yaml"
    scenario.write_text("title: not parsed while nothing changes\n")
    plan = document() if plan is None else plan
    plan["scenario"]["sources"] = {"pilot.yaml": hashlib.sha256(scenario.read_bytes()).hexdigest()}
    (folder / "out/pilot").mkdir(parents=True, exist_ok=True)
    (folder / "out/pilot/plan.json").write_text(json.dumps(seal.sealed(plan, made or datetime.now(UTC))))
    return Path("pilot.yaml")


def begin(folder: Path, made: datetime | None = None) -> Path:
    """Begin a register that holds nobody in a folder, as `planner register new` does, and return it."""
    register.new(folder / "register.sqlite", made or datetime(2020, 1, 1, tzinfo=UTC))  # some tests record the past
    return folder / "register.sqlite"


def write_reading(folder: Path, late: timedelta = timedelta(), **nodes: dict[str, Any]) -> str:
    """Write a reading that a plan with these nodes does not object to, and return its name."""
    seen = {node: NOT_HELD_UP | values for node, values in (nodes or {"de": {}, "ca": {}}).items()}
    taken_at = (datetime.now(UTC) - late).isoformat()
    reading = {"schema": "planner.reading/1", "taken_at": taken_at, "source": "by hand", "nodes": seen}
    (folder / "now.json").write_text(json.dumps(reading))
    return "now.json"


def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `planner …` in a folder: a process of its own that has loaded its libraries already.

    It ends as one that was typed does and writes to streams that are files; what it changes in memory goes with it.
    """
    with TemporaryFile() as out, TemporaryFile() as err:
        with catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # Python 3.12: of threads, which the child does without
            child = os.fork()
        if child == 0:
            _become(words, cwd, environment, out.fileno(), err.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = [(stream.seek(0), stream.read())[1].decode() for stream in (out, err)]
    return subprocess.CompletedProcess(["planner", *words], code, *said)


def _become(words: Sequence[str], cwd: Path, environment: dict[str, str], out: int, err: int) -> NoReturn:
    """Be the command, and end with its exit code."""
    code = 1
    try:
        signal.alarm(PATIENCE)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), open(1, "w"), open(2, "w")  # noqa: SIM115
        os.chdir(cwd)
        os.environ.update(environment)
        sys.argv = ["planner", *words]
        main()
    except SystemExit as left:
        code = int(left.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def typed(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `planner …` in a folder, as it is typed: for what could hang on a Python that has just begun."""
    return subprocess.run(
        [sys.executable, "-m", "planner", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )


def here(folder: Path, *words: str) -> tuple[int, str]:
    """Return exit code and output of `planner …`, called in this process: for what needs many calls."""
    before, said = Path.cwd(), StringIO()
    os.chdir(folder)
    try:
        with redirect_stdout(said), redirect_stderr(said):
            code = int(planner.main([*words], standalone_mode=False))
    except click.ClickException as error:
        return 2, said.getvalue() + error.format_message()
    except output.NotReplaced as error:  # which `main` says in a sentence
        return 2, said.getvalue() + str(error)
    finally:
        os.chdir(before)
    return code, " ".join(said.getvalue().split())


def within(folder: Path, *words: str) -> int:
    """Return the exit code of the gate asked for one account of level 1, called in this process."""
    return here(folder, "gate", "pilot.yaml", "--level", "level-1", *words)[0]


def gate(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Ask the gate for one account of level 1."""
    return run("gate", "pilot.yaml", "--level", "level-1", *words, cwd=folder, **environment)
