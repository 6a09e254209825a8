"""The commands as people and cron type them: real processes, exit codes, what is printed where, what is written."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from light_scenario import LIGHT
from stored_plan import begin, run, typed

from planner import seal
from planner.cli import new
from planner.planning import plan
from planner.scenario.reader import read

ROOT = Path(__file__).parents[2]
HEAVY = ("pandas", "matplotlib", "scipy", "numba", "jupyter", "numpy", "yaml", "pydantic", "jinja2", "rich", "requests")


QUIET = """
title: A server with plenty of room and volunteers with time, and a pilot of five
base: light.yaml
changes:
  nodes.a.limits: {users: 600 users}
  labour.available: 20 h/month
  offer.cap: 5
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, quick_plans: None) -> Path:
    """Return a folder of somebody's own with the scenarios in it, two of them planned once with few draws."""
    folder = tmp_path_factory.mktemp("coop")
    for name in ("scenarios", "data"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "scenarios/quiet.yaml").write_text(QUIET)
    (folder / "scenarios/light.yaml").write_text(LIGHT)
    for name in ("quiet", "light"):
        done = run("plan", f"scenarios/{name}.yaml", "--draws", "40", cwd=folder)
        assert done.returncode == 0, done.stderr
    (folder / "first.txt").write_text(done.stdout)
    begin(folder)
    return folder


def reading(folder: Path, late: timedelta = timedelta(), **nodes: dict[str, float]) -> str:
    """Write a reading of this minute that suits the stored plan of quiet.yaml, with some values replaced."""
    plan = json.loads((folder / "out/quiet/plan.json").read_text())
    now = datetime.now(UTC)
    seen: dict[str, dict[str, float]] = {}
    for week in plan["weeks"]:
        values = seen.setdefault(week["node"], {})
        low, high = max(week["low"]), min(week["high"])
        middle = min(max(low, min(week["mean_now"])), high)
        values[week["resource"]] = middle if week["resource"] == "load" else round(middle)
    for node, values in nodes.items():
        seen[node] = seen[node] | values
    document = {"schema": "planner.reading/1", "taken_at": (now - late).isoformat(), "source": "test", "nodes": seen}
    (folder / "now.json").write_text(json.dumps(document))
    return "now.json"


def gate(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = ("--level", "one", "--register", "register.sqlite")
    return run("gate", "scenarios/quiet.yaml", *words, *more, cwd=folder)


def test_plan_answers_in_two_sentences_and_says_where_the_report_lies(place: Path) -> None:
    text = (place / "first.txt").read_text()
    assert "after 3 months" in " ".join(text.split())
    assert "out/light/report.html" in text
    assert re.search(
        r"warning: 40 cases are few: to be right in 90 of 100 cases, \w+ on a may allow about",
        " ".join(text.split()),
    )
    warnings = json.loads((place / "out/light/plan.json").read_text())["warnings"]
    assert any(one.startswith("40 cases are few") for one in warnings)
    assert all(len(line) <= 80 for line in text.splitlines())
    written = {
        str(file.relative_to(place / "out/light")) for file in (place / "out/light").rglob("*") if file.is_file()
    }
    assert {"report.html", "summary.md", "plan.json"} <= written
    assert {Path(name).suffix for name in written if name.startswith("charts/")} == {".svg", ".png"}
    assert any(name.startswith("tables/") and name.endswith(".csv") for name in written)


def test_json_prints_plan_json_alone_and_writes_nothing(place: Path, tmp_path: Path) -> None:
    done = run("plan", str(place / "scenarios/light.yaml"), "--draws", "40", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["schema"] == "planner.plan/4"
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_gives_the_same_bytes(place: Path, tmp_path: Path) -> None:
    for out in ("once", "again"):
        done = typed("plan", str(place / "scenarios/light.yaml"), "--draws", "40", "--out", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    once, again = tmp_path / "once/light", tmp_path / "again/light"
    files = [path.relative_to(once) for path in sorted(once.rglob("*")) if path.is_file()]
    assert {"report.html", "summary.md", "plan.json"} <= {path.name for path in files}
    differ = [str(name) for name in files if (once / name).read_bytes() != (again / name).read_bytes()]
    assert set(differ) <= {"plan.json"}  # which says when it was made
    results = [json.loads((folder / "plan.json").read_text())["result"] for folder in (once, again)]
    assert results[0] == results[1]


def test_a_changed_entry_is_shown_old_and_new(place: Path) -> None:
    done = run("plan", "scenarios/light.yaml", "--set", "offer.accounts=10", "--draws", "40", "--json", cwd=place)
    changes = json.loads(done.stdout)["changes"]
    assert {"path": "offer.accounts", "old": "5", "new": "10", "where": "--set"} in changes
    assert json.loads(done.stdout)["credit"]["months_to_afford"]["central"] == 2  # 4 h at 30, of 10 times 9 a month


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("plan", "nowhere.yaml"), "nowhere.yaml"),
        (("plan", "scenarios/pilot-5"), "did you mean scenarios/pilot-5.yaml?"),
        (("plan", "scenarios/pilot-5.yaml", "--set", "offer.acounts=3"), "accounts"),
        (("plan", "scenarios/pilot-5.yaml", "--set", "spending.hourly_rate=30 GBP"), "GBP/h"),
        (("gate", "scenarios/pilot-5.yaml"), "--level"),
        (("nonsense",), "nonsense"),
        (("paln", "scenarios/pilot-5.yaml"), "did you mean plan?"),
        (("explain", "scenarios/pilot-5.yaml", "nodes.de.limits.user"), "nodes.de.limits.users"),
    ],
)
def test_bad_input_is_exit_2_with_what_is_wanted_and_no_traceback(
    place: Path, tmp_path: Path, words: Sequence[str], says: str
) -> None:
    before = sorted(place.rglob("*"))
    done = run(*words, cwd=place)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(place.rglob("*")) == before


def test_check_says_3_where_an_expectation_is_not_met(place: Path) -> None:
    """4 hours at 30 are 120, and five accounts bring 45 a month: earned in month 3."""
    for name, month in (("met", 3), ("missed", 12)):
        expected = f"expect: {{credit.months_to_afford.central: {month}}}"
        (place / f"scenarios/{name}.yaml").write_text(f"title: Expected\nbase: light.yaml\n{expected}\n")
    met = run("check", "scenarios/met.yaml", "--draws", "40", cwd=place)
    assert met.returncode == 0, met.stdout + met.stderr
    missed = run("check", "scenarios/missed.yaml", "scenarios/met.yaml", "--draws", "40", cwd=place)
    assert missed.returncode == 3
    assert "NOT MET: credit.months_to_afford.central = 3, wanted 12" in missed.stdout


def test_the_gate_admits_holds_and_does_not_know(place: Path) -> None:
    admitted = gate(place, "--accounts", "1", "--readings", reading(place))
    assert (admitted.returncode, admitted.stdout.split(":")[0]) == (0, "admit"), admitted.stdout + admitted.stderr
    held = gate(place, "--accounts", "50", "--readings", reading(place))
    assert (held.returncode, held.stdout.split(":")[0]) == (3, "hold")
    assert "hold: the pilot's own cap" in held.stdout
    assert gate(place, "--accounts", "1").returncode == 4
    assert gate(place, "--readings", reading(place, late=timedelta(hours=1))).returncode == 4
    over = gate(place, "--readings", reading(place, a={"users": 601}))
    assert over.returncode == 3
    assert "over the limit of 600" in over.stdout


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b'{"schema": "planner.reading/1"}', b"NaN"])
def test_a_malformed_reading_is_unknown_without_a_traceback(place: Path, body: bytes) -> None:
    (place / "bad.json").write_bytes(body)
    done = gate(place, "--readings", "bad.json")
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert gate(place, "--readings", "not-there.json").returncode == 4


def test_the_gate_as_json_is_the_fixed_record(place: Path) -> None:
    done = gate(place, "--readings", reading(place), "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "planner.decision/1"
    assert document["verdict"] == "admit"
    assert document["plan"]["digest"] == json.loads((place / "out/quiet/plan.json").read_text())["scenario"]["digest"]


def test_the_gate_plans_again_when_a_value_changed_but_not_for_a_comment(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place, tmp_path / "copy")
    copy = tmp_path / "copy"
    base = copy / "scenarios/light.yaml"
    stored = (copy / "out/quiet/plan.json").read_bytes()
    base.write_text(base.read_text() + "\n# a remark\n")
    assert gate(copy, "--readings", reading(copy)).returncode == 0
    assert (copy / "out/quiet/plan.json").read_bytes() == stored
    quiet = copy / "scenarios/quiet.yaml"
    quiet.write_text(quiet.read_text().replace("offer.cap: 5", "offer.cap: 1"))
    again = gate(copy, "--accounts", "2", "--readings", reading(copy))
    assert again.returncode == 3
    assert "planning first" in again.stderr
    assert json.loads((copy / "out/quiet/plan.json").read_text())["admission"]["max_accounts"] == 1


def test_a_plan_of_another_state_of_the_scenario_is_refused(place: Path) -> None:
    other = json.loads((place / "out/quiet/plan.json").read_text())
    other["scenario"]["digest"] = "0" * 64
    other["scenario"]["sources"] = dict.fromkeys(other["scenario"]["sources"], "0" * 64)
    (place / "other.json").write_text(json.dumps(seal.sealed(other, datetime.now(UTC))))
    done = gate(place, "--plan", "other.json", "--readings", reading(place))
    assert done.returncode == 2
    assert "not a plan of" in done.stderr


def test_the_gate_imports_nothing_heavy(place: Path) -> None:
    words = ["gate", "scenarios/quiet.yaml", "--level", "one", "--readings", reading(place)]
    words += ["--register", "register.sqlite"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "planner", *words],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported
    assert not imported & set(HEAVY)


def test_no_colour_where_nobody_sees_it_or_wants_it(place: Path) -> None:
    assert "\x1b" not in gate(place, "--readings", reading(place)).stdout
    assert "\x1b" not in (place / "first.txt").read_text()


def test_an_interrupt_is_exit_130_and_leaves_nothing_half_written(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "scenarios", tmp_path / "scenarios")
    shutil.copytree(place / "data", tmp_path / "data")
    process = subprocess.Popen(
        [sys.executable, "-m", "planner", "plan", "scenarios/pilot-5.yaml", "--draws", "2000"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    mapped, end = Path(f"/proc/{process.pid}/maps"), time.monotonic() + 60
    while mapped.exists() and "numpy" not in mapped.read_text() and time.monotonic() < end:
        time.sleep(0.05)  # on a busy machine Python itself may take seconds to start
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert not (tmp_path / "out/pilot-5/plan.json").exists()


def test_an_interrupt_while_a_dataclass_is_made_is_exit_130_too(tmp_path: Path) -> None:
    """CPython ends itself by the signal where it came within a text that is run, whatever the code is."""
    code = "from planner import cli\n\ncli.planner.main = lambda **_: exec('raise KeyboardInterrupt')\ncli.main()\n"
    (tmp_path / "interrupted.py").write_text(code)
    words = [sys.executable, "-m", "interrupted"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_whoever_kills_the_command_leaves_no_second_process_behind(place: Path) -> None:
    words = [sys.executable, "-m", "planner", "plan", "scenarios/pilot-5.yaml", "--draws", "2000", "--json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        children, end = Path(f"/proc/{process.pid}/task/{process.pid}/children"), time.monotonic() + 60
        while not (second := children.read_text().split()) and time.monotonic() < end:
            time.sleep(0.05)
        process.kill()
        # whoever reads from it waits for all who may write to it
        process.communicate(timeout=60)
    assert second, "it had begun"
    assert not any(Path(f"/proc/{one}/exe").exists() for one in second)


def test_explain_says_value_range_source_line_and_what_it_moves(place: Path) -> None:
    changes = "title: As said\nbase: light.yaml\nchanges:\n  nodes.a.limits.rooms: about 9 rooms (6 to 12)\n"
    (place / "scenarios/said.yaml").write_text(changes)
    done = run("explain", "scenarios/said.yaml", "nodes.a.limits.rooms", "--draws", "40", cwd=place)
    assert done.returncode == 0, done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    said = " ".join(done.stdout.split())
    assert "nodes.a.limits.rooms = 9 rooms" in said
    assert "range 6 rooms to 12 rooms in 8 of 10 cases written as 'about 9 rooms (6 to 12)' source none given" in said
    assert "stands in said.yaml:4" in said
    assert "used for the load of a node against its limits: the number of accounts" in said
    assert re.search(r"moves room for \d+ accounts? if it is 6 rooms; .+ if it is 12 rooms", said), said


def test_explain_knows_what_has_no_range_without_planning(place: Path) -> None:
    done = run("explain", "scenarios/pilot-5.yaml", "offer.cap", cwd=place)
    assert done.stdout.startswith("offer.cap = 5")
    assert "range        none given" in done.stdout
    assert "moves" not in done.stdout


def test_a_small_sweep_is_printed_too(place: Path) -> None:
    """4 hours at 30 are 120: five accounts at 9 a month have earned them in month 3, ten in month 2."""
    few = run(
        "sweep",
        "scenarios/light.yaml",
        "--over",
        "offer.accounts=5,10",
        *("--draws", "20", "--workers", "1"),
        cwd=place,
    )
    assert few.returncode == 0, few.stderr
    assert all(len(line) <= 80 for line in few.stdout.splitlines()[:-1])
    said = " ".join(few.stdout.split())
    earned = "on paper the hours are earned in month"
    assert re.search(rf"offer.accounts=5: .* {earned} 3 offer.accounts=10: .* {earned} 2 2 cells", said), said


def test_new_writes_a_scenario_that_plans_at_once(tmp_path: Path) -> None:
    assert run("new", "mine", cwd=tmp_path).returncode == 0
    assert plan(read(tmp_path / "mine.yaml"), draws=20, brief=True).credit.months_to_afford.central == 11
    assert run("new", "mine", cwd=tmp_path).returncode == 2  # never overwritten


def test_new_asks_how_many_people_a_server_of_so_many_cores_takes(tmp_path: Path) -> None:
    made = run("new", "--cores", "8", "--people-in-a-room", "10", cwd=tmp_path)
    assert made.stdout.startswith("about 140 people at once fill its CPU to 70 %")
    assert len((tmp_path / "8-cores.yaml").read_text(encoding="utf-8").splitlines()) <= 12
    start = str(read(tmp_path / "8-cores.yaml").entries["start"].value)
    now = datetime.now(UTC)
    assert start in {new._coming_month(now), new._coming_month(now - timedelta(hours=1))}
    assert new._coming_month(datetime(2026, 11, 27, tzinfo=UTC)) == "2026-12"
    assert new._coming_month(datetime(2026, 12, 31, tzinfo=UTC)) == "2027-01"
    binding = plan(read(tmp_path / "8-cores.yaml"), draws=20, brief=True).admission.binding
    assert binding is not None
    assert binding.limit == "load"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--cores", "0"), "0 is not in the range 1<=x<=512"),
        (("--cores", "10000"), "10000 is not in the range 1<=x<=512"),
        (("--cores", "8", "--people-in-a-room", "0"), "0 is not in the range 2<=x<=250"),
        (("mine", "--people-in-a-room", "9"), "--cores is missing"),
        ((), "a NAME is missing"),
    ],
)
def test_new_takes_no_nonsense(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = run("new", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert says in done.stderr


def test_schema_is_the_one_kept_beside_the_scenarios(tmp_path: Path) -> None:
    printed = json.loads(run("schema", cwd=tmp_path).stdout)
    assert printed == json.loads((ROOT / "scenarios/scenario.schema.json").read_text())


def test_version_and_help_come_at_once(tmp_path: Path) -> None:
    assert "0.1.0" in run("--version", cwd=tmp_path).stdout
    text = run("--help", cwd=tmp_path).stdout
    for name in ("plan", "gate", "new", "check", "explain", "schema"):
        assert name in text
