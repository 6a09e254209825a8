"""Observing and importing as they are typed: what is survived, how it ends, and which line was bad."""

import json
import os
import re
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
from readings.test_prometheus import real  # noqa: F401  # a fixture: a Prometheus that scrapes three nodes
from stored_plan import ROOT, begin, document, gate, run, store

from planner.model.inputs.observations import Meeting
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


def test_a_node_of_which_the_balancer_says_nothing_is_not_handed_on(tmp_path: Path) -> None:
    """It may be offline for its balancer, whatever it says itself: live this is unknown, and so it is from the file."""
    store(tmp_path, document(nodes=("de",), resources=("rooms", "users", "streams")))
    begin(tmp_path)
    with serving(Fake(rooms=[Room(1, start=NOW)])) as de, serving(Fake(act=hang_up)) as pool:
        whom(tmp_path, de=de)
        where = pool.url.removesuffix("bigbluebutton/")
        with (tmp_path / "servers.toml").open("a") as servers:
            servers.write(f'[scalelite]\nurl = "{where}"\nnodes = {{"de.example.org" = "de"}}\n')
        words = (*WORDS, "--once", "--readings", "now.json")
        assert run(*words, cwd=tmp_path, PLANNER_SECRET_SCALELITE=SECRET, **SECRETS).returncode == 0
    done = gate(tmp_path, "--readings", "now.json", "--register", "register.sqlite")
    assert done.returncode == 4
    assert done.stdout.startswith("unknown: ")


def test_streams_are_counted_as_the_plan_counts_them(tmp_path: Path) -> None:
    """Four rooms of twelve cameras, for a viewer who sees 5 of them, one who sees 48, and pages that shrink."""
    shrinking = "5; 4 from 12 users (moderators 6)"
    words = ("--readings", "now.json")
    with serving(Fake(rooms=[Room(n, users=12, cameras=12) for n in range(4)])) as de, serving(Fake()) as ca:
        whom(tmp_path, de=de, ca=ca)
        by_plan = ("--plan", "out/pilot/plan.json")
        for more, streams, page in ((), 312, 5), (by_plan, 576, 48), (by_plan, 248, shrinking):
            store(tmp_path, document(page_size=page))
            assert once(tmp_path, *words, *more).returncode == 0
            said = json.loads((tmp_path / "now.json").read_text())
            assert (said["nodes"]["de"]["streams"], said["page_size"]) == (streams, page)
    with history.open_history(tmp_path / "history.sqlite") as db:
        kept = [one.reading.streams for one in history.samples(db) if one.node == "de" and one.reading is not None]
    assert kept == [312, 576, 248]
    done = once(tmp_path, "--plan", "none.json")
    assert (done.returncode, "none.json: there is no such file" in done.stderr) == (2, True)


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


@pytest.mark.slow
def test_a_sick_server_delays_no_poll_of_another(tmp_path: Path) -> None:
    """One says nothing at all; the other is asked every two seconds as ever, and kept under that time.

    A machine with other work may be late: what is never in time is not.
    """
    assert any(_in_time(tmp_path / f"{attempt}") for attempt in range(3))


def _in_time(tmp_path: Path) -> bool:
    """Return whether four polls came on one grid of two seconds beside a server that says nothing."""
    tmp_path.mkdir()
    with serving(Fake(rooms=[Room(1, start=NOW)])) as de, serving(Fake(act=silence)) as ca:
        whom(tmp_path, de=de, ca=ca)
        with watching(tmp_path, "--every", "2s", **SECRETS) as watcher:
            until(lambda: len(de.asked) >= 2)
            begun, before = time.monotonic(), len(de.asked)
            until(lambda: len(de.asked) >= before + 4)
            took = time.monotonic() - begun
            assert watcher.ended_by(signal.SIGTERM) == 0
            assert "ca: http" in watcher.said()
    with history.open_history(tmp_path / "history.sqlite") as db:
        times = [sample.at for sample in history.samples(db) if sample.node == "de"]
        assert {sample.reading for sample in history.samples(db) if sample.node == "ca"} == {None}
    phases = [(time - times[0]).total_seconds() % 2 for time in times]
    return took < 11 and all(min(phase, 2 - phase) < 0.7 for phase in phases)


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
