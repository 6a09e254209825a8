"""The register's file: refused unless it is whole, alone and nobody else's; backups and what comes back from them."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from planner.model.inputs.observations import MOST_ACCOUNTS
from planner.store import Damaged, Refused, StoreError, copies, history, ledger, register

NOW = datetime(2021, 5, 4, 9, 30, tzinfo=UTC)


def add(path: Path, ref: str, accounts: int = 1, level: str = "level-1", now: datetime = NOW) -> None:
    """Record accounts that people decided on."""
    with register.open_register(path) as db:
        register.add(db, ref=ref, level=level, accounts=accounts, by="ops", because="so", now=now)


def refs(path: Path) -> list[str]:
    """Return the references in a register."""
    with register.open_register(path, write=False) as db:
        return [entry.ref for entry in register.entries(db)]


def changed(path: Path, *statements: str, keep_triggers: bool = True) -> None:
    """Change a register as somebody does who knows SQLite, and puts the triggers back."""
    with closing(sqlite3.connect(path)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        for _, sql in triggers if keep_triggers else []:
            db.execute(sql)
        db.commit()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a register of three rows."""
    path = tmp_path / "register"
    register.new(path, NOW)
    for n in range(3):
        add(path, f"ocn-{n}")
    return path


# What is missing is not read as zero


def test_the_changes_below_do_nothing_by_themselves(path: Path) -> None:
    changed(path)
    assert refs(path) == ["ocn-0", "ocn-1", "ocn-2"]


@pytest.mark.parametrize(
    "left",
    [0, 1, 15, 16, 99, 100, 512, 4095, 4096, 8192, 12287],
)
def test_a_register_that_was_cut_short_is_damaged(path: Path, left: int) -> None:
    path.write_bytes(path.read_bytes()[:left])
    for write in (True, False):
        with pytest.raises(Damaged), register.open_register(path, write=write):
            pass
    assert path.stat().st_size == left  # nothing was put into it


@pytest.mark.parametrize(
    "body",
    [
        lambda whole: bytes(len(whole)),
        lambda whole: whole[:4096] + bytes(len(whole) - 4096),
        lambda whole: whole + bytes(4096),
        lambda whole: whole + whole,
        lambda whole: whole[:8192] + whole[4096:8192],
        lambda whole: whole[:18] + b"\2\2" + whole[20:],
        lambda whole: whole[:18] + b"\1\2" + whole[20:],
        lambda whole: whole.replace(b"ocn-1", b"ocn-0"),
        lambda whole: whole.replace(b"so", b"no", 1),
        lambda whole: whole.replace(b"level-1", b"level-\xff"),
        lambda whole: whole.replace(b"CHECK (accounts BETWEEN 1", b"CHECK (accounts BETWEEN 0"),
    ],
)
def test_a_register_with_other_bytes_is_damaged(path: Path, body: Callable[[bytes], bytes]) -> None:
    path.write_bytes(body(path.read_bytes()))
    with pytest.raises(StoreError, match=r"planner register restore|write-ahead log"), register.open_register(path):
        pass


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry WHERE id = 3",
        "DELETE FROM entry",
        "DELETE FROM entry WHERE id = 1",
        "DELETE FROM genesis",
        "UPDATE genesis SET rows = 2",
        "UPDATE genesis SET register = 'another'",
        "UPDATE genesis SET made = '2000-01-01T00:00:00.000000+00:00'",
        "UPDATE entry SET accounts = 2 WHERE id = 2",
        "UPDATE entry SET change = 'release' WHERE id = 2",
        'UPDATE entry SET decision = \'{"verdict":"admit"}\' WHERE id = 2',
        "UPDATE entry SET at = '2000-01-01T00:00:00.000000+00:00' WHERE id = 2",
        "UPDATE entry SET because = 'so' || char(10) WHERE id = 2",
        "UPDATE entry SET ref = 'ocn-0', level = 'ocn-0' || char(10) || 'level-1' WHERE id = 2",
        "UPDATE entry SET id = 4 WHERE id = 3",
        "INSERT INTO entry SELECT 4, hash, at, change, 'ocn-9', level, 1, by, because, '', '' FROM entry LIMIT 1",
        "CREATE TABLE more (id)",
        "CREATE VIEW more AS SELECT 1",
        "CREATE INDEX more ON entry (ref)",
    ],
)
def test_a_register_that_somebody_edited_is_damaged(path: Path, statement: str) -> None:
    changed(path, statement)
    with pytest.raises(Damaged), register.open_register(path):
        pass


def test_a_register_without_its_triggers_is_damaged(path: Path) -> None:
    changed(path, keep_triggers=False)
    with pytest.raises(Damaged, match="its tables"), register.open_register(path):
        pass


def test_rows_that_run_backwards_are_damage_even_where_the_chain_holds(path: Path) -> None:
    row = ("2020-01-01T00:00:00.000000+00:00", "add", "ocn-7", "level-1", 1, "ops", "so", "", "{}")
    with register.open_register(path) as db, pytest.raises(StoreError, match="dated before"):
        ledger.append(db, *row)
    assert len(refs(path)) == 3


@pytest.mark.parametrize(("pragma", "says"), [("application_id = 7", "not a register"), ("user_version = 9", "newer")])
def test_what_is_of_another_kind_or_version_is_no_damage(path: Path, pragma: str, says: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA {pragma}")
    with pytest.raises(StoreError, match=says) as caught, register.open_register(path):
        pass
    assert not isinstance(caught.value, Damaged)  # so `restore` leaves it where it is


# One file, one name, one owner


def _second_name(path: Path) -> None:
    os.link(path, path.with_name("second"))


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_second_name, "the file has 2 names"),
        (_pipe, "no file"),
        (_folder, "no file"),
        (_nowhere, "there is no register here"),
        (_circle, "symbolic links"),
        (lambda path: path.chmod(0o640), "chmod 600"),
        (lambda path: path.chmod(0o602), "chmod 600"),
        (lambda path: path.with_name("register-wal").touch(), "register-wal beside it"),
        (lambda path: path.with_name("register-shm").touch(), "register-shm beside it"),
        (lambda path: path.with_name("register-journal").symlink_to("nowhere"), "register-journal beside it"),
    ],
)
def test_a_file_that_is_not_alone_is_refused(path: Path, spoil: Callable[[Path], None], says: str) -> None:
    spoil(path)
    for write in (True, False):
        with pytest.raises(StoreError, match=says) as caught, register.open_register(path, write=write):
            pass
        assert not isinstance(caught.value, Damaged)


def test_the_second_name_alone_is_no_way_in(path: Path) -> None:
    _second_name(path)
    with pytest.raises(StoreError, match="2 names"):
        add(path.with_name("second"), "ocn-9")
    path.unlink()
    add(path.with_name("second"), "ocn-9")  # renamed, in two steps


def test_every_other_way_to_the_file_leads_to_the_same_register(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path.parent / "link").symlink_to("register")
    monkeypatch.chdir(path.parent)
    for n, name in enumerate(("link", "./register", "../" + path.parent.name + "/link")):
        add(Path(name), f"ocn-1{n}")
    assert refs(path)[3:] == ["ocn-10", "ocn-11", "ocn-12"]
    assert (path.parent / "link").is_symlink()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_the_register_of_another_user_can_be_read_by_root_and_not_written(path: Path) -> None:
    os.chown(path, 65534, 65534)
    assert len(refs(path)) == 3
    with pytest.raises(StoreError, match="it belongs to user 65534"):
        add(path, "ocn-9")


def test_what_is_made_is_private_whatever_the_umask(path: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        register.new(tmp_path / "new", NOW)
        add(path, "ocn-9")
        with register.open_register(path) as db:
            copies.backup(db, tmp_path / "copy")
        with history.open_history(tmp_path / "history") as kept:
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
            assert kept.execute("SELECT count(*) FROM meeting").fetchone() == (0,)
    finally:
        os.umask(before)
    assert {"new", "register", "copy", "history", "history-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("there", ["file", "folder", "dangling", "register-wal", "register-journal"])
def test_a_register_is_begun_only_where_nothing_is(tmp_path: Path, there: str) -> None:
    path = tmp_path / "register"
    {
        "file": path.touch,
        "folder": path.mkdir,
        "dangling": lambda: path.symlink_to("nowhere"),
    }.get(there, (tmp_path / there).touch)()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StoreError):
        register.new(path, NOW)
    assert sorted(tmp_path.iterdir()) == before


def test_what_a_kill_left_is_swept_away_and_no_second_name(path: Path) -> None:
    os.link(path, path.with_name(".register.part-0"))  # `new`, killed between the two names
    path.with_name(".register.part-1").touch()
    assert len(refs(path)) == 3
    add(path, "ocn-9")
    assert [file.name for file in path.parent.iterdir()] == ["register"]


def test_two_cannot_have_it_open_to_write(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.store.atomic.PATIENCE_S", 0.05)
    with register.open_register(path):
        with pytest.raises(StoreError, match="somebody else"):
            add(path, "ocn-9")
        assert len(refs(path)) == 3  # whoever reads does not wait
    with register.open_register(path, write=False) as db, pytest.raises(StoreError, match="read only"):
        register.add(db, ref="ocn-9", level="level-1", accounts=1, by="ops", because="so", now=NOW)


def test_without_locks_there_is_no_register(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.store.atomic.fcntl", None)  # as on Windows
    with pytest.raises(StoreError, match="where files can be locked"), register.open_register(path, write=False):
        pass
    with pytest.raises(StoreError, match="where files can be locked"):
        register.new(path.with_name("fresh"), NOW)


@pytest.mark.parametrize("error", [errno.EBUSY, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EPERM])
def test_a_rename_that_fails_leaves_the_old_register(path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    def fails(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    before = path.read_bytes()
    monkeypatch.setattr(os, "rename", fails)
    with pytest.raises(StoreError, match="mounted" if error == errno.EBUSY else r"full|cannot be|failing"):
        add(path, "ocn-9")
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == {"register": before}


# Rows


@pytest.mark.parametrize("accounts", [0, -1, 100_001, 9 * 10**18, 10**20])
def test_a_number_out_of_reach_is_refused(path: Path, accounts: int) -> None:
    with pytest.raises(Refused, match="1 to 100000 accounts"):
        add(path, "ocn-9", accounts)


def test_the_largest_numbers_can_be_summed(path: Path) -> None:
    for n in range(3):
        add(path, f"ocn-9{n}", MOST_ACCOUNTS)
    with register.open_register(path, write=False) as db:
        assert register.admitted(db).accounts == 3 * MOST_ACCOUNTS + 3


@pytest.mark.parametrize(
    "level", ["", "a\nb", "level-1\n", "level 1", "-x", "x" * 41, "=1+1", "a\0b", "\x1b[2J", "\udcff"]
)
def test_a_level_is_named_as_in_a_scenario(path: Path, level: str) -> None:
    with pytest.raises(Refused, match="name of a level"):
        add(path, "ocn-9", level=level)


def test_a_clock_that_went_back_records_nothing(path: Path) -> None:
    add(path, "ocn-8", now=NOW + timedelta(days=3))
    back = NOW + timedelta(days=2)
    with register.open_register(path) as db:
        for work in (
            lambda: register.add(db, ref="ocn-9", level="l", accounts=1, by="ops", because="so", now=back),
            lambda: register.release(db, ref="ocn-8", by="ops", now=back),
        ):
            with pytest.raises(Refused, match=r"2021-05-06T.*2021-05-07T"):
                work()
    fresh = path.with_name("fresh")
    register.new(fresh, NOW)
    with pytest.raises(Refused, match="clock"):
        add(fresh, "ocn-9", now=NOW - timedelta(seconds=1))


def test_those_who_came_before_a_day_can_be_counted(path: Path) -> None:
    add(path, "ocn-8", 5, now=NOW + timedelta(days=3))
    with register.open_register(path) as db:
        assert register.admitted(db, NOW - timedelta(days=1)).before == 0
        assert register.admitted(db, NOW).before == 3
        assert register.admitted(db, NOW + timedelta(days=3)).before == 8
        register.release(db, ref="ocn-0", by="ops", now=NOW + timedelta(days=4))
        assert register.admitted(db, NOW).before == 2


def test_the_same_question_after_a_crash_finds_its_row(path: Path) -> None:
    class Answer:
        verdict, digest = "admit", "d1e5"

        def as_json(self) -> dict[str, str]:
            return {"verdict": self.verdict}

    with register.open_register(path) as db:
        args = {"ref": "ocn-9", "level": "level-1", "accounts": 2, "by": "ops", "now": NOW}
        assert register.already(db, "ocn-9", "level-1", 2) is None
        register.admit(db, lambda _: Answer(), **args)
        found = register.already(db, "ocn-9", "level-1", 2)
        assert found is not None
        assert found.hash == db.state.head.hash
        for other in (("ocn-9", "level-2", 2), ("ocn-9", "level-1", 1), ("ocn-0", "level-1", 1)):
            assert register.already(db, *other) is None  # the last one was added by people
        with pytest.raises(Refused, match="already"):
            register.admit(db, lambda _: Answer(), **args)
        register.release(db, ref="ocn-9", by="ops", now=NOW)
        assert register.already(db, "ocn-9", "level-1", 2) is None


def test_the_head_names_all_rows(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    heads = []
    for file in (path, copy):
        add(file, "ocn-9")
        with register.open_register(file, write=False) as db:
            heads.append(db.state.head)
    assert heads[0] == heads[1]
    assert heads[0].rows == 4
    add(path, "ocn-10")
    with register.open_register(path, write=False) as db:
        assert db.state.head.hash != heads[0].hash


# Backups


def backup(path: Path, file: Path) -> register.Head:
    """Back a register up as the command does."""
    with register.open_register(path, write=False) as db:
        return copies.backup(db, file)


def another(file: Path) -> None:
    """Begin another register."""
    register.new(file, NOW)


@pytest.mark.parametrize(
    ("put", "says"),
    [
        (lambda file, _: file.write_text("secret"), "others may"),
        (lambda file, _: (file.write_text("secret"), file.chmod(0o600)), "wanted a backup of this register"),
        (lambda file, _: another(file), "another register"),
        (lambda file, path: (shutil.copy(path, file), add(file, "ocn-9")), "1 rows that this register lacks"),
        (lambda file, path: os.link(path, file), "names"),
        (lambda file, path: file.symlink_to(path), "the register itself"),
        (lambda file, _: file.symlink_to("nowhere"), "cannot be opened"),
        (lambda file, _: file.mkdir(), "no file"),
        (lambda file, _: file.with_name("copy-wal").touch(), "copy-wal"),
        (lambda file, path: (shutil.copy(path, file), file.with_name("copy-wal").touch()), "copy-wal"),
    ],
)
def test_a_backup_replaces_nothing_else(path: Path, put: Callable[[Path, Path], object], says: str) -> None:
    file = path.with_name("copy")
    put(file, path)
    before = {name.name: name.read_bytes() for name in path.parent.iterdir() if name.is_file()}
    with pytest.raises(StoreError, match=says):
        backup(path, file)
    assert {name.name: name.read_bytes() for name in path.parent.iterdir() if name.is_file()} == before


def test_a_backup_is_brought_up_to_date(path: Path) -> None:
    file = path.with_name("copy")
    assert backup(path, file).rows == 3
    add(path, "ocn-9")
    with register.open_register(path) as db:  # also while it is in use
        register.add(db, ref="ocn-10", level="level-1", accounts=1, by="ops", because="so", now=NOW)
        assert copies.backup(db, file) == db.state.head
    assert file.read_bytes() == path.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match="nowhere"):
        backup(path, path.parent / "nowhere" / "copy")


def test_a_backup_comes_back_and_the_damaged_register_is_kept(path: Path) -> None:
    file = path.with_name("copy")
    backup(path, file)
    broken = path.read_bytes()[:5000]
    path.write_bytes(broken)
    done = copies.restore(file, path, NOW)
    assert (done.head.rows, done.last_at) == (3, NOW)
    assert done.aside is not None
    assert done.aside.read_bytes() == broken
    assert len(refs(path)) == 3
    path.unlink()
    assert copies.restore(file, path, NOW).aside is None
    add(path, "ocn-9")
    assert len(refs(file)) == 3  # a copy, and not the same file


@pytest.mark.parametrize(
    ("put", "says"),
    [
        (lambda _, path: add(path, "ocn-9"), "1 row that the backup lacks"),
        (lambda file, path: (add(path, "ocn-8"), add(path, "ocn-9"), add(file, "ocn-9")), "2 rows that the backup"),
        (lambda _, path: (path.unlink(), another(path)), "another one"),
        (lambda _, path: path.chmod(0o644), "chmod 600"),
        (lambda _, path: path.with_name("register-wal").touch(), "register-wal"),
        (lambda _, path: (path.unlink(), path.with_name("register-wal").touch()), "register-wal"),
        (lambda file, _: file.with_name("copy-wal").touch(), "copy-wal"),
        (lambda file, _: file.write_bytes(b""), "empty"),
        (lambda file, _: file.write_bytes(file.read_bytes().replace(b"ocn-1", b"ocn-7")), "damaged"),
        (lambda _, path: (path.unlink(), path.symlink_to("copy")), "the backup itself"),
        (lambda _, path: (path.unlink(), path.symlink_to("nowhere")), "cannot be opened"),
        (lambda _, path: (path.unlink(), path.mkdir()), "no file"),
        (lambda _, path: os.link(path, path.with_name("second")), "2 names"),
    ],
)
def test_a_restore_loses_nothing(path: Path, put: Callable[[Path, Path], object], says: str) -> None:
    file = path.with_name("copy")
    backup(path, file)
    put(file, path)
    before = {name.name: name.read_bytes() for name in path.parent.iterdir() if name.is_file()}
    with pytest.raises(StoreError, match=says):
        copies.restore(file, path, NOW)
    assert {name.name: name.read_bytes() for name in path.parent.iterdir() if name.is_file()} == before


def test_a_restore_brings_a_register_forward(path: Path) -> None:
    file, old = path.with_name("copy"), path.read_bytes()
    add(path, "ocn-9")
    backup(path, file)
    path.write_bytes(old)  # somebody has put yesterday's there
    assert copies.restore(file, path, NOW).aside is None
    assert len(refs(path)) == 4
