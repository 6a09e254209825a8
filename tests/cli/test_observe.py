"""Observing and importing as they are typed: what is survived, how it ends, and which line was bad."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from fake_bbb import PERSONAL, SECRET, Fake, Room, hang_up, serving, silence
from readings.test_imports import ACCOUNTS, MINUTE, T, board, seen
from readings.test_prometheus import real  # noqa: F401  # a fixture: a Prometheus that scrapes three nodes
from stored_plan import ROOT, begin, document, gate, run, store

from planner.model.inputs.observations import Meeting
from planner.readings import prometheus
from planner.store import history

SECRETS = {"PLANNER_SECRET_DE": SECRET, "PLANNER_SECRET_CA": SECRET}
WORDS = ("observe", "--servers", "servers.toml", "--history", "history.sqlite")
NOW = datetime.now(UTC).replace(microsecond=0)


def whom(folder: Path, **fakes: Fake) -> None:
    """Write the servers file of a folder."""
    (folder / "servers.toml").write_text(
        "".join(f'[nodes.{name}]\nurl = "{fake.url}"\n' for name, fake in fakes.items())
    )


def remembered(folder: Path) -> tuple[Meeting, ...]:
    """Return the meetings in the history, which must be whole."""
    path = folder / "history.sqlite"
    with history.open_history(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return history.meetings(db)


def searched(folder: Path, *said: str) -> None:
    """Check that neither secret nor names are in what was printed or written."""
    left = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()) + "".join(said).encode()
    assert [word for word in (*PERSONAL, SECRET, "room-") if word.encode() in left] == []


def once(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Ask once."""
    return run(*WORDS, "--once", *more, cwd=folder, **SECRETS)


# Once


def test_a_meeting_is_remembered_once_with_its_largest_number_and_whose_it_is(tmp_path: Path) -> None:
    """Three polls: a new meeting, the same one grown, and gone; a line of the table that is bad is named."""
    kept = tmp_path.parent / f"{tmp_path.name}-rooms"
    kept.mkdir()
    (kept / "rooms.csv").write_text(f"meeting_id,account,name\nroom-1,ocn-001,{PERSONAL[0]}\nroom-2,{PERSONAL[1]},x\n")
    start = NOW - timedelta(minutes=20)
    with serving(Fake()) as de:
        whom(tmp_path, de=de)
        for rooms in ([Room(1, users=4, start=start)], [Room(1, users=9, start=start)], []):
            de.rooms = rooms
            done = once(tmp_path, "--accounts", str(kept / "rooms.csv"))
            assert done.returncode == 0, done.stderr
            assert "rooms.csv:3: account: wanted a reference" in done.stderr
            searched(tmp_path, done.stdout, done.stderr)
    (meeting,) = remembered(tmp_path)
    assert (meeting.account, meeting.users, meeting.start, meeting.node) == ("ocn-001", 9, start, "de")
    assert meeting.end is not None


def test_a_reading_can_be_handed_on_to_a_gate_that_has_no_secret(tmp_path: Path) -> None:
    store(tmp_path, document(nodes=("de",), resources=("rooms", "users", "streams")))  # what it can say
    begin(tmp_path)
    with serving(Fake(rooms=[Room(1, users=40, start=NOW)])) as de:
        whom(tmp_path, de=de)
        assert once(tmp_path, "--readings", "now.json").returncode == 0
        done = gate(tmp_path, "--readings", "now.json", "--register", "register.sqlite", "--json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["reading"]["nodes"]["de"]["users"] == 40
        de.act = hang_up
        assert once(tmp_path, "--readings", "now.json").returncode == 4
    assert gate(tmp_path, "--readings", "now.json").returncode == 4  # what was read before does not stay as if it held


def test_a_poll_that_nobody_answers_is_4_and_that_is_remembered(tmp_path: Path) -> None:
    with serving(Fake(act=hang_up)) as de:
        whom(tmp_path, de=de)
        done = once(tmp_path)
    assert done.returncode == 4
    assert "de: http://" in done.stderr
    with history.open_history(tmp_path / "history.sqlite") as db:
        (sample,) = history.samples(db)
    assert (sample.node, sample.reading) == ("de", None)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--servers", "elsewhere.toml"), "elsewhere.toml"),
        (("--every", "0s"), "wanted 1s to 10min"),
        (("--every", "11min"), "wanted 1s to 10min"),
        (("--every", "often"), "wanted 1s to 10min"),
        (("--accounts", "servers.toml"), "no column meeting_id"),
        (("--history", "servers.toml"), "not a database"),
        (("--history", "nowhere/history.sqlite"), "cannot be opened"),
    ],
)
def test_what_is_wrong_from_the_start_is_said_at_once(tmp_path: Path, more: tuple[str, ...], says: str) -> None:
    with serving(Fake()) as de:
        whom(tmp_path, de=de)
        done = run(*WORDS, *more, cwd=tmp_path, **SECRETS)
        assert de.asked == []
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


# Again and again


class Watcher:
    """A running `planner observe`, and what it has said."""

    def __init__(self, folder: Path, *more: str, **environment: str) -> None:
        """Start it, one poll a second."""
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "planner", *WORDS, "--every", "1s", *more],
                cwd=folder,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            )

    def said(self) -> str:
        """Return all it has said so far."""
        return self.log.read_text()

    def ended_by(self, number: int) -> int:
        """Return the exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@contextmanager
def watching(folder: Path, *more: str, **environment: str) -> Iterator[Watcher]:
    """Run `planner observe` until the end of the block at the latest."""
    watcher = Watcher(folder, *more, **environment)
    try:
        yield watcher
    finally:
        watcher.process.kill()
        watcher.process.wait()


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_after_the_poll_in_hand(tmp_path: Path, number: int, code: int) -> None:
    with serving(Fake(rooms=[Room(1, start=NOW)])) as de:
        whom(tmp_path, de=de)
        with watching(tmp_path, **SECRETS) as watcher:
            until(lambda: len(de.asked) >= 2)
            assert watcher.ended_by(number) == code
            assert re.search(r"asking de every 1 s.*\n\d+ polls, 1 meetings seen for the first time", watcher.said())
            searched(tmp_path, watcher.said())
    assert len(remembered(tmp_path)) == 1


def test_a_node_that_goes_and_comes_is_said_once_each(tmp_path: Path) -> None:
    with serving(Fake(rooms=[Room(1, start=NOW)])) as de, serving(Fake(rooms=[Room(2, start=NOW)])) as ca:
        whom(tmp_path, de=de, ca=ca)
        with watching(tmp_path, **SECRETS) as watcher:
            until(lambda: len(ca.asked) >= 1)
            ca.act = hang_up
            until(lambda: "ca: http" in watcher.said())
            before = len(de.asked)
            until(lambda: len(de.asked) >= before + 2)
            ca.act = None
            until(lambda: "ca: well again" in watcher.said())
            assert watcher.ended_by(signal.SIGTERM) == 0
            assert watcher.said().count("ca: http") == watcher.said().count("well again") == 1
            searched(tmp_path, watcher.said())
    assert sorted(meeting.node for meeting in remembered(tmp_path)) == ["ca", "de"]


def test_a_new_secret_needs_no_restart_and_a_broken_file_none_either(tmp_path: Path) -> None:
    keys = tmp_path.parent / f"{tmp_path.name}-keys"
    keys.mkdir()
    key = keys / "de.secret"
    with serving(Fake(rooms=[Room(1, start=NOW)], secret="before")) as de:
        key.write_text("before")
        key.chmod(0o600)
        whom(tmp_path, de=de)
        text = (tmp_path / "servers.toml").read_text() + f'secret_file = "{key}"\n'
        (tmp_path / "servers.toml").write_text(text)
        with watching(tmp_path) as watcher:
            until(lambda: len(de.asked) >= 1)
            de.secret = SECRET
            until(lambda: "refuses the checksum" in watcher.said())
            key.write_text(SECRET)
            until(lambda: "de: well again" in watcher.said())
            (tmp_path / "servers.toml").write_text("[nodes")
            until(lambda: "going on with what was read before" in watcher.said())
            before = len(de.asked)
            until(lambda: len(de.asked) > before)
            (tmp_path / "servers.toml").write_text(text)
            until(lambda: "files: well again" in watcher.said())
            assert watcher.ended_by(signal.SIGTERM) == 0
            searched(tmp_path, watcher.said())


def test_a_sick_server_delays_no_poll_of_another(tmp_path: Path) -> None:
    """One says nothing at all; the other is asked every two seconds as ever, and kept under that time."""
    with serving(Fake(rooms=[Room(1, start=NOW)])) as de, serving(Fake(act=silence)) as ca:
        whom(tmp_path, de=de, ca=ca)
        with watching(tmp_path, "--every", "2s", **SECRETS) as watcher:
            until(lambda: len(de.asked) >= 2)
            begun, before = time.monotonic(), len(de.asked)
            until(lambda: len(de.asked) >= before + 4)
            took = time.monotonic() - begun
            assert watcher.ended_by(signal.SIGTERM) == 0
            assert "ca: http" in watcher.said()
    assert took < 11  # four polls, and a machine that has other work
    with history.open_history(tmp_path / "history.sqlite") as db:
        times = [sample.at for sample in history.samples(db, "de")]
        assert {sample.reading for sample in history.samples(db, "ca")} == {None}
    phases = [(time - times[0]).total_seconds() % 2 for time in times]
    assert all(min(phase, 2 - phase) < 0.7 for phase in phases)  # on one grid


def test_a_history_that_cannot_be_written_for_a_while_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with serving(Fake(rooms=[Room(1, start=NOW)])) as de:
        whom(tmp_path, de=de)
        with watching(tmp_path, **SECRETS) as watcher:
            until(lambda: len(de.asked) >= 2)
            for part in tmp_path.glob("history.sqlite*"):
                part.rename(tmp_path / part.name.replace("history", "aside"))
            path.mkdir()
            until(lambda: "history: " in watcher.said())
            de.rooms = [*de.rooms, Room(2, start=NOW)]
            path.rmdir()
            until(lambda: "history: well again" in watcher.said())
            assert watcher.ended_by(signal.SIGTERM) == 0
    assert len(remembered(tmp_path)) == 2


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_history_without_doubles(tmp_path: Path) -> None:
    """The command is killed again and again; what it remembers is whole each time, and no meeting is there twice."""
    chance, kills = Random(5), 0
    rooms = [Room(n, users=n + 2, start=NOW) for n in range(40)]
    with serving(Fake(rooms=rooms)) as de:
        whom(tmp_path, de=de)
        assert once(tmp_path).returncode == 0
        for _ in range(12):
            with watching(tmp_path, **SECRETS) as watcher:
                asked = len(de.asked)
                until(lambda asked=asked: len(de.asked) > asked)  # it is about to write
                time.sleep(chance.uniform(0.0, 0.1))
                watcher.process.kill()
                kills += watcher.process.wait() == -signal.SIGKILL
            assert len(remembered(tmp_path)) == 40
    assert kills == 12


# What logs left

HISTORY = ("history", "import", "--history", "history.sqlite")


def line(minute: float, code: str, **more: object) -> str:
    """Return one "--analytics--" line of bbb-web.log."""
    data = {"logCode": code, "meetingId": Room(1, start=T).internal, "username": PERSONAL[0], **more}
    when = (T + minute * MINUTE).isoformat(timespec="milliseconds")
    return f"{when} INFO o.b.w.api - --analytics-- data={json.dumps(data)}\n"


def test_a_meeting_that_runs_from_one_log_into_the_next_is_one(tmp_path: Path) -> None:
    """Bad lines carry the file and the number in it; the same import again finds nothing new."""
    logs = tmp_path.parent / f"{tmp_path.name}-logs"
    logs.mkdir()
    start = line(0, "meeting_started", externalMeetingId="room-1")
    (logs / "a.log").write_text(
        start + "noise\n" + line(1, "user_joined_message", userId=PERSONAL[0]) + line(2, "", x=1)
    )
    (logs / "b.log").write_text("noise\n--analytics-- data={\n" + line(60, "meeting_ended"))
    (logs / "rooms.csv").write_text("meeting_id,account\n" + "".join(f"{k},{v}\n" for k, v in ACCOUNTS.items()))
    words = (*HISTORY, "--node", "de", "--accounts", str(logs / "rooms.csv"), str(logs / "a.log"), str(logs / "b.log"))
    first, again = run(*words, cwd=tmp_path), run(*words, cwd=tmp_path)
    assert first.returncode == again.returncode == 0
    assert first.stdout.startswith("meetings: 1 new, 0 known already")
    assert again.stdout.startswith("meetings: 0 new, 1 known already")
    assert "b.log:2: what follows data= is not JSON: skipped" in first.stderr
    (meeting,) = remembered(tmp_path)
    assert (meeting.start, meeting.end, meeting.account) == (T, T + 60 * MINUTE, "ocn-001")
    searched(tmp_path, first.stdout, first.stderr)


def test_a_folder_of_dashboards_is_read_and_bad_ones_are_named(tmp_path: Path) -> None:
    folder = tmp_path.parent / f"{tmp_path.name}-boards"
    for name, body in {"good": json.dumps(board(seen((0, 60)))), "bad": "{", "odd": '{"intId": "x"}'}.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "learning_dashboard_data.json").write_text(body)
    done = run(*HISTORY, "--node", "de", str(folder), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "meetings: 1 new, 0 known already; points in time: 0; skipped: 2\n")
    assert done.stderr.count("learning_dashboard_data.json: ") == 2
    assert remembered(tmp_path)[0].users == 1
    searched(tmp_path, done.stdout, done.stderr)


def test_a_table_of_meetings_needs_no_node_and_may_be_followed_by_other_kinds(tmp_path: Path) -> None:
    rows = "".join(f"2021-05-0{day}T10:00+01:00,2021-05-0{day}T11:00+01:00,6,de\n" for day in range(1, 10))
    (tmp_path / "meetings.csv").write_text(f"start,end,users,node\n{rows}yesterday,,3,de\n")
    (tmp_path / "one.json").write_text(json.dumps(board(seen((0, 5)))))
    done = run(*HISTORY, "--node", "ca", "meetings.csv", "one.json", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == (
        "meetings: 10 new, 0 known already; points in time: 0; skipped: 1\n"
        "most users seen on de in 1 week: 6; a scenario says it under experience:\n"
        "  - {node: de, most_users: 6 users, for: 1 week, until: 2021-05, seen: continuously, source: history.sqlite}\n"
    )
    assert "meetings.csv:11: start: wanted a time" in done.stderr
    assert sorted({meeting.node for meeting in remembered(tmp_path)}) == ["ca", "de"]


def test_of_many_bad_lines_the_first_are_named_and_all_counted(tmp_path: Path) -> None:
    (tmp_path / "meetings.csv").write_text("start,end,users\n" + "x,y,z\n" * 500)
    done = run(*HISTORY, "meetings.csv", cwd=tmp_path)
    assert done.returncode == 4
    assert "skipped: 500" in done.stdout
    assert done.stderr.splitlines()[-1] == "and 480 more: skipped"
    assert done.stderr.startswith(
        "meetings.csv: 500 rows read, 0 used, 500 left out: start: wanted a time with its offset"
    )
    assert len(done.stderr.splitlines()) == 22


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("meetings.txt",), 2, "add --kind"),
        (("bbb-web.log",), 2, "add --node"),
        (("nowhere.csv",), 2, "nowhere.csv: cannot be read"),
        (("nowhere.log", "--node", "de"), 2, "nowhere.log: cannot be read"),
        (("empty.csv",), 2, "empty.csv: the table is empty"),
        (("empty.log", "--node", "de"), 4, ""),
        (("servers.toml",), 2, "names no Prometheus"),
        (("empty.csv", "--kind", "web-log", "--node", "de"), 4, ""),
        (("empty.csv", "--history", "servers.toml"), 2, ""),
        *(
            (("empty.log", "--node", name), 2, "--node: wanted a name of letters, digits")
            for name in ("Anna Smith", "-", "de ", "../de", "x" * 41, "anna@example.org", "=de")
        ),
        (("empty.log", "--node", "de\n"), 2, "wanted one line of text"),
        (("servers.toml", "--since", "0001-01-01", "--step", "7"), 2, "wanted a year from 1970 to 2199"),
    ],
)
def test_what_cannot_be_read_is_2_and_what_holds_nothing_4(
    tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    for name in ("empty.csv", "empty.log"):
        (tmp_path / name).touch()
    with serving(Fake()) as de:
        whom(tmp_path, de=de)
        done = run(*HISTORY, *words, cwd=tmp_path, **SECRETS)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_range_is_read_from_a_real_prometheus_and_a_repeat_adds_nothing_between(
    tmp_path: Path,
    real: prometheus.Server,  # noqa: F811
) -> None:
    (tmp_path / "servers.toml").write_text(
        f'[prometheus]\nurl = "{real.url}"\nnodes = {{de = \'node="de"\', ca = \'node="ca"\'}}\n'
    )
    time.sleep(6 - time.time() % 5)  # past the next instant of the grid that is asked for, which may be 5 s away
    words = (*HISTORY, "--since", f"{datetime.now(UTC):%Y-%m-%d}", "--step", "5", "servers.toml")
    assert run(*words, cwd=tmp_path).returncode == 0
    assert run(*words, cwd=tmp_path).returncode == 0
    with history.open_history(tmp_path / "history.sqlite") as db:
        samples = history.samples(db, "de")
    assert samples
    assert all(sample.at.timestamp() % 5 == 0 for sample in samples)
    assert len({sample.at for sample in samples}) == len(samples)
    assert all(sample.reading is not None and sample.reading.rooms == 5 for sample in samples)
    shutil.rmtree(tmp_path)
