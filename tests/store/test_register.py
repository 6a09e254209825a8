"""The register: nobody takes the last place twice, nothing that was reported is lost, nothing personal gets in."""

import csv
import io
import os
import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from planner.model.inputs.observations import NOBODY, Admitted
from planner.report.tables import as_csv
from planner.store import Refused, StoreError, register

NOW = datetime(2021, 5, 4, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """The smallest thing that can be recorded as a decision."""

    verdict: str
    digest: str = "d1e5"

    def as_json(self) -> dict[str, Any]:
        """Return the whole decision."""
        return {"verdict": self.verdict, "reasons": ["because"]}


def cap(places: int) -> Callable[[Admitted], Answer]:
    """Return a gate that knows one limit: so many accounts."""
    return lambda admitted: Answer("admit" if admitted.accounts < places else "hold")


def begin(path: Path, now: datetime = NOW) -> Path:
    """Begin a register and return its path."""
    register.new(path, now)
    return path


def ask(path: Path, ref: str, places: int, now: datetime = NOW, since: datetime | None = None) -> str:
    """Return the verdict on one account, from opening the register to closing it, as the command does it."""
    with register.open_register(path) as db:
        return register.admit(
            db, cap(places), ref=ref, level="level-1", accounts=1, by="ops", now=now, since=since
        ).verdict


def test_an_admission_is_recorded_with_its_decision_and_a_hold_is_not(tmp_path: Path) -> None:
    """An admission is recorded with its whole decision; a hold leaves no row."""
    path = begin(tmp_path / "register.db")
    assert [ask(path, f"ocn-00{n}", 2) for n in range(3)] == ["admit", "admit", "hold"]
    with register.open_register(path, write=False) as db:
        first, second = register.entries(db)
    assert (first.ref, first.change, first.by, first.at, first.digest) == ("ocn-000", "admit", "ops", NOW, "d1e5")
    assert second.decision == {"verdict": "admit", "reasons": ["because"]}


def test_a_release_is_a_new_row_and_frees_the_place(tmp_path: Path) -> None:
    """A release is a new row: the first one stays, its place is free, and the reference may come again."""
    path = begin(tmp_path / "register.db")
    assert ask(path, "ocn-001", 1) == "admit"
    assert ask(path, "ocn-002", 1) == "hold"
    with register.open_register(path) as db:
        register.release(db, ref="ocn-001", by="treasurer", because="moved away", now=NOW + timedelta(days=9))
        assert register.admitted(db).accounts == 0
        assert [entry.change for entry in register.entries(db)] == ["admit", "release"]
    assert ask(path, "ocn-001", 1, NOW + timedelta(days=9)) == "admit"  # the same reference may come again
    with register.open_register(path) as db:
        before, again = register.standings(db)
    assert before.until is not None
    assert again.until is None


def test_only_what_came_after_the_members_were_counted_is_added(tmp_path: Path) -> None:
    """Rows from before the members' count stand in that count already."""
    path = begin(tmp_path / "register.db")
    counted = NOW + timedelta(days=1)
    ask(path, "ocn-001", 9, NOW)
    ask(path, "ocn-002", 9, counted + timedelta(days=1), counted)
    with register.open_register(path) as db:
        assert register.admitted(db).accounts == 2
        assert register.admitted(db, counted).accounts == 1
        # the account of ocn-001 stands in members.accounts; its release is no room for one more than that
        register.release(db, ref="ocn-001", by="ops", now=counted + timedelta(days=2))
        assert register.admitted(db, counted).accounts == 1


def test_accounts_are_counted_by_level_and_the_first_day_stays(tmp_path: Path) -> None:
    """What is released is counted no more; that it came first is not forgotten."""
    path = begin(tmp_path / "register.db")
    with register.open_register(path) as db:
        assert register.admitted(db) == NOBODY
        for n, (level, accounts) in enumerate([("level-3", 1), ("level-1", 2), ("level-3", 4)]):
            day = NOW + timedelta(days=n)
            register.add(db, ref=f"ocn-{n}", level=level, accounts=accounts, by="ops", because="so", now=day)
        register.release(db, ref="ocn-0", by="ops", now=NOW + timedelta(days=9))
        assert register.admitted(db) == Admitted({"level-1": 2, "level-3": 4}, NOW)
        assert register.admitted(db, NOW + timedelta(days=1)) == Admitted(
            {"level-3": 4}, NOW + timedelta(days=2), before=2
        )
        assert register.admitted(db, NOW + timedelta(days=5)) == Admitted(before=6)


def test_a_clock_before_the_count_of_the_members_admits_nobody(tmp_path: Path) -> None:
    """Such a row would never be counted, so the same place could be given away again and again."""
    path = begin(tmp_path / "register.db")
    with pytest.raises(Refused, match="clock"):
        ask(path, "ocn-001", 9, NOW, NOW + timedelta(days=1))
    with register.open_register(path) as db:
        assert register.entries(db) == ()


def test_a_reference_stands_there_once(tmp_path: Path) -> None:
    """The same account is neither admitted nor released twice."""
    path = begin(tmp_path / "register.db")
    ask(path, "ocn-001", 9)
    with pytest.raises(Refused, match=r"ocn-001: in the register already, since 2021-05-04"):
        ask(path, "ocn-001", 9)
    with register.open_register(path) as db:
        with pytest.raises(Refused, match="already"):
            register.add(db, ref="ocn-001", level="level-1", accounts=1, by="ops", because="again", now=NOW)
        with pytest.raises(Refused, match="ocn-007: not in the register"):
            register.release(db, ref="ocn-007", by="ops", now=NOW)
        register.release(db, ref="ocn-001", by="ops", now=NOW)
        with pytest.raises(Refused, match="not in the register since 2021-05-04"):
            register.release(db, ref="ocn-001", by="ops", now=NOW)


@pytest.mark.parametrize("ref", ["Anna Smith", "anna", "anna@example.org", "ocn-3; drop", "OCN-003", "ocn-", "-1", ""])
def test_a_name_is_no_reference(tmp_path: Path, ref: str) -> None:
    """What looks like a name or an address is refused as a reference."""
    with pytest.raises(Refused, match="not a name"):
        ask(begin(tmp_path / "register.db"), ref, 9)


@pytest.mark.parametrize("by", ["Anna", "anna@example.org", "", "o", "ops " * 9])
def test_a_name_is_no_role(tmp_path: Path, by: str) -> None:
    """What looks like a name or an address is refused as a role."""
    with register.open_register(begin(tmp_path / "register.db")) as db, pytest.raises(Refused, match="role"):
        register.add(db, ref="ocn-001", level="level-1", accounts=1, by=by, because="asked", now=NOW)


@pytest.mark.parametrize("because", ["", "  ", "x" * 501, "write to anna@example.org", "bell \a"])
def test_a_reason_is_a_reason(tmp_path: Path, because: str) -> None:
    """A reason is a short line of text without an e-mail address."""
    with register.open_register(begin(tmp_path / "register.db")) as db, pytest.raises(Refused, match="because"):
        register.add(db, ref="ocn-001", level="level-1", accounts=1, by="ops", because=because or " ", now=NOW)


def test_no_row_can_be_changed_or_removed(tmp_path: Path) -> None:
    """The database itself refuses to change or remove a row, also for who opens it with another program."""
    path = begin(tmp_path / "register.db")
    ask(path, "ocn-001", 9)
    with closing(sqlite3.connect(path)) as db:
        for statement in ("UPDATE entry SET accounts = 0", "DELETE FROM entry"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)


def test_the_export_is_one_line_for_each_admission_and_starts_no_formula(tmp_path: Path) -> None:
    """The export has one line for each admission, and no cell that a spreadsheet would run."""
    with register.open_register(begin(tmp_path / "register.db")) as db:
        for n, reason in enumerate(["=cmd|' /C calc'!A0", "+1-2", " -A1", "plain", "＝1+1"]):
            register.add(db, ref=f"ocn-{n}", level="level-1", accounts=1, by="all hands", because=reason, now=NOW)
        register.release(db, ref="ocn-3", by="ops", because='said "bye"', now=NOW + timedelta(days=30))
        rows = list(csv.DictReader(io.StringIO(as_csv(*register.table(db)))))
    assert [row["because"][:1] for row in rows] == ["'", "'", "'", "p", "'"]
    assert rows[3]["because"] == 'plain; released: said "bye"'
    assert (rows[3]["since"], rows[3]["until"], rows[3]["decided"]) == ("2021-05-04", "2021-06-03", "people")
    assert not any(cell.lstrip()[:1] in "=+-@" for row in rows for cell in row.values() if cell)


# The worst moments; tests/prove has kills, races, I/O errors and flipped bits


def _in_a_child(work: Callable[[], str]) -> str:
    """Return what `work` says in a process of its own, which may lose rights that cannot be had back."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = work()
        except BaseException as error:  # the child must say whatever happened, and end here
            said = f"{type(error).__name__}: {error}"
        os.write(theirs, said.encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    with os.fdopen(ours) as pipe:
        return pipe.read()


def test_a_full_disk_never_admits(tmp_path: Path) -> None:
    """No file may grow beyond what it has: the write fails as on a full disk, at every size there is to fail at."""
    path = begin(tmp_path / "register.db")
    ask(path, "ocn-0", 10**6)
    said = []
    for size in range(0, 40_000, 2_000):

        def work(size: int = size) -> str:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            return ask(path, f"ocn-{size + 1}", 10**6)

        said.append(_in_a_child(work))
    assert "admit" in said  # the largest size leaves room, so this test can tell
    refused = [text for text in said if text != "admit"]
    assert refused
    assert all(text.startswith("StoreError") and "full" in text for text in refused), refused
    with register.open_register(path) as db:
        assert register.admitted(db).accounts == 1 + said.count("admit")


def _as_nobody(work: Callable[[], str]) -> str:
    def lowered() -> str:
        if os.getuid() == 0:  # for whom no file is read-only
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        return work()

    return _in_a_child(lowered)


def test_a_read_only_register_never_admits_and_can_be_listed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Somebody who may not write can list the register, and is never told "admit"."""
    folder = tmp_path_factory.mktemp("kept")
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.getuid() and parent.is_relative_to(tmp_path_factory.getbasetemp().parents[-2]):
            parent.chmod(parent.stat().st_mode | 0o055)  # down to here a stranger may look
    path = begin(folder / "register.db")
    ask(path, "ocn-001", 9)
    owner = 65534 if os.getuid() == 0 else os.getuid()
    os.chown(path, owner, -1)
    path.chmod(0o400)
    folder.chmod(0o555)

    def listed() -> str:
        with register.open_register(path, write=False) as db:
            return ",".join(entry.ref for entry in register.entries(db))

    try:
        assert _as_nobody(listed) == "ocn-001"
        said = _as_nobody(lambda: ask(path, "ocn-002", 9))
        assert said.startswith("StoreError")
        assert "cannot be" in said
        assert "cannot be" in _as_nobody(lambda: f"{begin(folder / 'new.db')}")
    finally:
        folder.chmod(0o755)
    with register.open_register(path, write=False) as db:
        assert register.admitted(db).accounts == 1


# Damage, other files, versions, copies


@pytest.mark.parametrize(
    "body", [b"not a database at all, but long enough to look at" * 40, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, body: bytes) -> None:
    """A file that is no database is left as it is, and the message says what to do."""
    path = tmp_path / "register.db"
    path.write_bytes(body)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="backup"):
        ask(path, "ocn-001", 9)
    assert path.read_bytes() == body


def test_a_damaged_register_never_admits(tmp_path: Path) -> None:
    """Every page is overwritten in turn: what cannot be read is refused, and never taken for an empty register."""
    path = begin(tmp_path / "register.db")
    for n in range(60):
        ask(path, f"ocn-{n}", 60)
    whole = path.read_bytes()
    verdicts = []
    for page in range(len(whole) // 4096):
        broken = bytearray(whole)
        broken[page * 4096 : (page + 1) * 4096] = b"\xa5" * 4096
        path.write_bytes(broken)
        try:
            verdicts.append(ask(path, "ocn-999", 60))
        except StoreError:
            verdicts.append("refused")
    assert "refused" in verdicts
    assert "admit" not in verdicts


def test_another_database_is_not_taken_for_a_register(tmp_path: Path) -> None:
    """Another program's database, or none, is not a register."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE entry (id)")
    db.close()
    path.chmod(0o600)
    with pytest.raises(StoreError, match="not a register"):
        ask(path, "ocn-001", 9)
    with pytest.raises(StoreError, match="there is no register"), register.open_register(tmp_path / "no", write=False):
        pass
    with pytest.raises(StoreError), register.open_register(tmp_path / "no" / "folder" / "register.db"):
        pass
