"""The page for ops: what its runnable examples leave out is held to the commands, the servers file and the units."""

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
from fake_bbb import SECRET, Fake, Room, serving
from stored_plan import begin, document, store

from planner.cli import planner
from planner.gate import gaps
from planner.readings import imports, servers

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "ops.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TEXTS = [body.replace("\\\n", " ") for language, body in BLOCKS if language == "text"]
TYPED = [
    match[1].split(" >")[0].split(" #")[0].strip()
    for body in TEXTS
    for match in re.finditer(r"(?:^|ExecStart=\S*/|\.venv/bin/)planner ([a-z].*)$", body, re.MULTILINE)
]


def test_every_command_that_is_shown_and_not_run_was_found() -> None:
    assert [shlex.split(typed)[0] for typed in TYPED] == [
        *("new", "plan", "register", "gate", "gate"),
        *("gate", "register"),
        *["observe"] * 3,
        *["history"] * 5,
        *["gate"] * 3,
    ]


@pytest.mark.parametrize("typed", TYPED)
def test_a_command_that_is_shown_would_be_understood(typed: str) -> None:
    """Each option is one that the command has, and nothing that it needs is missing."""
    command: click.Command = planner
    words = shlex.split(typed)
    with click.Context(planner) as above:
        while isinstance(command, click.Group):
            found = command.get_command(above, words.pop(0))
            assert found is not None
            command = found
        command.make_context(typed, words).close()


START = next(body for body in TEXTS if body.startswith("planner new --cores 8"))


@pytest.mark.slow
@pytest.mark.parametrize("limited", [False, True], ids=["as the page has it", "with the CPU limited"])
def test_from_nothing_to_a_live_gate_on_one_server(tmp_path: Path, *, limited: bool) -> None:
    """The commands in their order, as they are typed; only the address is the fake server's, and the draws are few."""
    environ = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    codes, said = [], []
    with serving(Fake(rooms=[Room(1, users=4, cameras=2)])) as fake:
        for line in START.replace("https://bbb.example.org/bigbluebutton/", fake.url).splitlines():
            typed = line.replace("planner plan", "planner plan --draws 20")
            typed = typed.replace("s/cores: 8, limits: {load: 70 %, /limits: {/; ", "") if limited else typed
            words, secret = ["bash", "-c", typed], f"{SECRET}\n"
            done = subprocess.run(
                words, check=False, cwd=tmp_path, input=secret, capture_output=True, text=True, env=environ
            )
            codes.append(done.returncode)
            said.append(done.stdout + done.stderr)
    assert (tmp_path / "secrets" / "server").stat().st_mode & 0o77 == 0
    if limited:
        assert codes == [0] * 6 + [4, 4], said
        assert "has no load, which the plan limits" in said[6]
    else:
        assert codes == [0] * 8, said
        assert said[6].startswith("admit: ")
        assert "group-001" in said[7]


def test_what_is_unknown_without_prometheus_stands_before_the_first_command() -> None:
    before = PAGE.partition("planner new --cores 8")[0]
    assert "Without Prometheus" in before
    assert "has no load, which the plan limits" in before
    for resource in ("load", "egress"):
        assert f"`{resource}`" in before
        assert "Prometheus" in gaps.WHO_READS[resource]


def test_each_file_that_the_table_of_peers_names_stands_beside_a_fake() -> None:
    """Versions that the page and the fakes name are the same."""
    fakes = "".join((ROOT / "tests" / f"fake_{name}.py").read_text() for name in ("bbb", "exporter", "scalelite"))
    for version in ("21f0493", "bbb24ab", "v1.8.5"):
        assert version in fakes
        assert version in PAGE


def test_an_option_that_does_not_exist_is_found() -> None:
    with pytest.raises(click.NoSuchOption):
        test_a_command_that_is_shown_would_be_understood("gate pilot.yaml --level level-1 --life")


def test_the_servers_file_names_the_nodes_it_seems_to(tmp_path: Path) -> None:
    (text,) = [body for body in TEXTS if body.startswith("# servers.toml")]
    (tmp_path / "servers.toml").write_text(text)
    (tmp_path / "secrets").mkdir()
    for name in ("de", "ca"):
        (tmp_path / "secrets" / name).write_text("abc")
        (tmp_path / "secrets" / name).chmod(0o600)
    known = servers.load(tmp_path / "servers.toml", {})
    assert known.nodes == ("de", "ca")
    assert known.load == "cpu"


def test_prometheus_own_checker_accepts_the_alerts(tmp_path: Path) -> None:
    checker = shutil.which("promtool")
    if checker is None:
        pytest.skip("the program promtool is not installed (Debian: apt-get install prometheus)")
    (rules,) = [body for language, body in BLOCKS if language == "yaml" and body.startswith("groups:")]
    (tmp_path / "rules.yml").write_text(rules)
    subprocess.run([checker, "check", "rules", str(tmp_path / "rules.yml")], check=True, capture_output=True)


def test_systemd_own_checker_accepts_the_units(tmp_path: Path) -> None:
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("the program systemd-analyze is not installed")
    for body in TEXTS:
        if match := re.match(r"# /etc/systemd/system/(\S+)\n", body):
            text = re.sub(r"(?<=ExecStart=)\S+", shutil.which("true") or "/bin/true", body).replace(
                "User=planner\n", ""
            )
            (tmp_path / match[1]).write_text(text.replace("WorkingDirectory=/srv/planner\n", ""))
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    assert len(units) == 5
    done = subprocess.run([checker, "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_the_query_for_pilos_makes_a_table_that_is_read() -> None:
    """Against tables as its migrations make them: one that runs, one on another server, one that nobody entered."""
    (body,) = [body for body in TEXTS if body.startswith("psql ")]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE meetings (id TEXT, room_id TEXT, server_id INTEGER, start TEXT, 'end' TEXT)")
        columns = (
            "participant_count INTEGER, listener_count INTEGER, voice_participant_count INTEGER, video_count INTEGER"
        )
        db.execute(f"CREATE TABLE meeting_stats (id INTEGER, meeting_id TEXT, {columns}, created_at TEXT)")
        begun = "2021-05-04 09:00:00"
        for key, server, end in (("a", 1, "2021-05-04 10:00:00"), ("b", 1, None), ("c", 2, None), ("d", 1, None)):
            db.execute("INSERT INTO meetings VALUES (?, 'x', ?, ?, ?)", (key, server, begun, end))
            for minute, (people, cameras) in enumerate(((0, 0), (6, 1), (4, 2)) if key != "d" else ((0, 0),)):
                db.execute(
                    "INSERT INTO meeting_stats VALUES (?, ?, ?, 0, 0, ?, ?)", (minute, key, people, cameras, begun)
                )
        answer = db.execute(shlex.split(body)[3])
        rows = [[name for name, *_ in answer.description], *answer]
    text = "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
    found = imports.meetings_table(text.encode(), "de", ZoneInfo("UTC"))
    assert [(one.users, one.cameras, one.hours) for one in found.rows] == [(6, 2, 1.0), (6, 2, 0.0)]


def crontab(body: str) -> tuple[dict[str, str], str]:
    """Return what the lines of a file for /etc/cron.d set, and the command of the one that is a job."""
    *settings, job = [line for line in body.splitlines() if line and not line.startswith("#")]
    match = re.fullmatch(r"(?:[\d*/,-]+ ){5}planner (.+)", job)
    assert match, job
    assert "%" not in match[1], "cron ends a command at a percent sign"
    return dict(line.split("=", 1) for line in settings), match[1]


def test_the_cron_lines_do_what_the_page_says_of_them(tmp_path: Path) -> None:
    """The servers are asked, and the gate writes its file from what they said: what /bin/sh makes of both lines."""
    jobs = [crontab(body) for body in TEXTS if body.startswith("# /etc/cron.d/")]
    observe, gate = sorted(jobs, key=lambda job: "observe" not in job[1])
    program = tmp_path / ".venv" / "bin" / "planner"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m planner "$@"\n')
    program.chmod(0o755)
    store(tmp_path, document(nodes=("de",), resources=("rooms", "users", "streams")))
    begin(tmp_path)
    places = {
        "/srv/planner": str(tmp_path),
        "scenarios/pilot-5.yaml": "pilot.yaml",
        "out/pilot-5/plan.json": "out/pilot/plan.json",
        "/var/lib/prometheus/node-exporter": str(tmp_path),
    }
    with serving(Fake(rooms=[Room(1, users=40, start=datetime.now(UTC) - timedelta(minutes=5))])) as de:
        (tmp_path / "servers.toml").write_text(f'[nodes.de]\nurl = "{de.url}"\n')
        for settings, command in (observe, gate):
            for shown, here in places.items():
                command = command.replace(shown, here)  # noqa: PLW2901  # the same command, elsewhere
            settings = {name: value.replace("/srv/planner", str(tmp_path)) for name, value in settings.items()}  # noqa: PLW2901
            around = os.environ | {"PYTHONPATH": str(ROOT), "PLANNER_SECRET_DE": SECRET} | settings
            done = subprocess.run(["/bin/sh", "-c", command], env=around, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert 'planner_gate_verdict{plan="pilot",verdict="admit"} 1' in (tmp_path / "planner.prom").read_text()


def test_a_timer_starts_a_service_that_is_on_the_page_and_ends_by_itself() -> None:
    units = {match[1]: body for body in TEXTS if (match := re.match(r"# /etc/systemd/system/(\S+)\n", body))}
    timers = [name for name in units if name.endswith(".timer")]
    assert len(timers) == 2
    for timer in timers:
        assert "Type=oneshot" in units[timer.replace(".timer", ".service")]
