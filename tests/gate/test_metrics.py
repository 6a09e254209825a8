"""The metrics file: what a Prometheus reads of it, and that it is never half there."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stored_plan import CAP, begin, document, gate, store, write_reading

from planner import seal
from planner.gate import Decision, Request, decide, no_plan, standing
from planner.gate.metrics import textfile
from planner.model.inputs.observations import NOBODY, Admitted, NodeReading, Reading

NOW = datetime(2021, 5, 4, 9, 30, tzinfo=UTC)
ONE = Request("level-1", 1)
TWO = Admitted({"level-1": 2})
PLAN = standing(seal.sealed(document(nodes=("de",)), NOW - timedelta(days=9)))
SEEN = Reading(NOW - timedelta(seconds=90), "test", {"de": NodeReading(rooms=7, users=41, streams=63, load=0.31)})
SERIES = re.compile(r'([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (\S+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\\n]|\\["\\n])*)"')


def series(decision: Decision, name: str = "pilot") -> dict[tuple[str, ...], float]:
    """Return the value of each series by its name and labels other than the plan's."""
    found = {}
    for line in textfile(decision, name).splitlines():
        if not line.startswith("#"):
            match = SERIES.fullmatch(line)
            assert match, line
            name, labels, value = match.groups()
            found[(name, *(text for label, text in LABEL.findall(labels) if label != "plan"))] = float(value)
    return found


def test_the_verdict_is_one_of_three_and_each_limit_has_its_headroom() -> None:
    found = series(decide(PLAN, SEEN, TWO, NOW, ONE))
    assert [found["planner_gate_verdict", verdict] for verdict in ("admit", "hold", "unknown")] == [1, 0, 0]
    assert found["planner_gate_headroom_accounts", "policy", ""] == CAP - 2
    assert found["planner_gate_headroom_accounts", "users", "de"] == 38
    assert found["planner_gate_headroom_now", "users", "de"] == 150 - 41
    assert found["planner_gate_headroom_now", "load", "de"] == pytest.approx(0.39)
    assert found["planner_gate_reading_age_seconds",] == 90
    assert found["planner_gate_decided_timestamp_seconds",] == NOW.timestamp()
    assert found["planner_gate_admitted_accounts",] == 2


def test_what_is_not_known_has_no_series() -> None:
    """A zero would draw a line that means something."""
    blind = series(decide(PLAN, None, TWO, NOW, ONE))
    assert blind["planner_gate_verdict", "unknown"] == 1
    assert ("planner_gate_reading_age_seconds",) not in blind
    assert not any(name == "planner_gate_headroom_now" for name, *_ in blind)
    uncounted = series(decide(PLAN, SEEN, None, NOW, ONE))
    assert not any("accounts" in name for name, *_ in uncounted)
    assert uncounted["planner_gate_headroom_now", "users", "de"] == 150 - 41
    broken = series(no_plan(NOW, ONE, "the plan was changed"))
    assert {name for name, *_ in broken} == {"planner_gate_verdict", "planner_gate_decided_timestamp_seconds"}
    assert broken["planner_gate_verdict", "unknown"] == 1
    part = series(decide(PLAN, replace(SEEN, nodes={"de": NodeReading(users=41)}), NOBODY, NOW, ONE))
    assert [labels for name, *labels in part if name == "planner_gate_headroom_now"] == [["users", "de"]]


def test_a_name_with_quotes_stays_one_label() -> None:
    name = 'a "pilot"\\\nplan'
    text = textfile(decide(PLAN, SEEN, NOBODY, NOW, ONE), name)
    assert 'planner_gate_admitted_accounts{plan="a \\"pilot\\"\\\\\\nplan"} 0\n' in text
    assert series(decide(PLAN, SEEN, NOBODY, NOW, ONE), name)


def test_prometheus_own_checker_finds_no_fault(tmp_path: Path) -> None:
    checker = shutil.which("promtool")
    if checker is None:
        pytest.skip("the program promtool is not installed (Debian: apt-get install prometheus)")
    text = textfile(decide(PLAN, SEEN, TWO, NOW, ONE), "pilot")
    done = subprocess.run([checker, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_gate_replaces_the_file_whole_and_others_may_read_it(tmp_path: Path) -> None:
    """Who has the old file open goes on reading the old one: it was not written into."""
    store(tmp_path)
    begin(tmp_path)
    write_reading(tmp_path)
    words = ("--readings", "now.json", "--register", "register.sqlite", "--metrics", "gate.prom")
    assert gate(tmp_path, *words).returncode == 0
    with (tmp_path / "gate.prom").open() as old:
        assert gate(tmp_path, *words, "--accounts", "9").returncode == 3
        assert 'verdict="admit"} 1' in old.read()
    assert 'verdict="hold"} 1' in (tmp_path / "gate.prom").read_text()
    assert (tmp_path / "gate.prom").stat().st_mode & 0o777 == 0o644
    assert gate(tmp_path, "--metrics", "gate.prom").returncode == 4
    assert 'verdict="unknown"} 1' in (tmp_path / "gate.prom").read_text()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
