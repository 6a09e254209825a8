"""The register as people use it: add, list, release, export, backup."""

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from stored_plan import begin, gate, run, store, write_reading

HERE = ("--register", "register.sqlite")
ADD = ("--level", "level-1", "--by", "treasurer", "--because", "All Hands of 3 May")


def register(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `planner register …` on the register of a folder."""
    return run("register", *words, *HERE, cwd=folder)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a register that holds one account from the gate, one from people, and one that has gone."""
    folder = tmp_path_factory.mktemp("filled")
    store(folder)
    write_reading(folder)
    begin(folder)
    admit = ("--readings", "now.json", *HERE, "--by", "ops", "--admit", "ocn-001")
    assert gate(folder, *admit).returncode == 0
    for ref in ("ocn-002", "ocn-003"):
        assert register(folder, "add", ref, *ADD).returncode == 0
    assert register(folder, "release", "ocn-003", "--by", "ops", "--because", "left").returncode == 0
    return folder / "register.sqlite"


@pytest.fixture
def kept(filled: Path, tmp_path: Path) -> Path:
    """Return a folder with a copy of that register."""
    shutil.copy(filled, tmp_path)
    return tmp_path


def test_the_list_says_who_is_there_who_was_and_who_decided(kept: Path) -> None:
    done = register(kept, "list")
    assert done.returncode == 0
    head, *lines, last, chain = [line.split() for line in done.stdout.splitlines()]
    assert head == ["account", "level", "accounts", "since", "until", "by", "decided"]
    assert [line[0] for line in lines] == ["ocn-001", "ocn-002", "ocn-003"]
    assert "by the gate" in done.stdout.splitlines()[1]
    assert "All Hands of 3 May" in done.stdout.splitlines()[2]
    assert len(lines[2]) == len(lines[1]) + 1  # the day it ended
    assert last == ["2", "accounts", "there", "now"]
    assert chain[:3] == ["4", "rows,", "head"]
    assert json.loads(register(kept, "list", "--json").stdout)[-1]["hash"].startswith(chain[3])


def test_the_list_as_json_has_every_row_with_the_decision(kept: Path) -> None:
    listed = json.loads(register(kept, "list", "--json").stdout)
    assert [row["change"] for row in listed] == ["admit", "add", "add", "release"]
    assert listed[0]["decision"]["verdict"] == "admit"
    assert listed[0]["digest"] == "d" * 64


def test_the_export_is_a_table_to_print_or_to_keep(kept: Path) -> None:
    printed = register(kept, "export")
    assert register(kept, "export", "--out", "register.csv").returncode == 0
    assert (kept / "register.csv").read_bytes() == printed.stdout.replace("\n", "\r\n").encode()
    rows = list(csv.DictReader(io.StringIO(printed.stdout)))
    assert [(row["account"], row["decided"], bool(row["until"])) for row in rows] == [
        ("ocn-001", "gate", False),
        ("ocn-002", "people", False),
        ("ocn-003", "people", True),
    ]
    assert (kept / "register.csv").stat().st_mode & 0o077 == 0  # as private as the register itself
    assert register(kept, "export", "--out", "nowhere/register.csv").returncode == 2


def test_a_backup_is_a_register_of_its_own_and_never_the_register_itself(kept: Path) -> None:
    done = register(kept, "backup", "copy.sqlite")
    assert (done.returncode, done.stdout) == (0, "copy.sqlite: 4 rows, checked\n")
    listed = run("register", "list", "--register", "copy.sqlite", cwd=kept)
    assert listed.stdout == register(kept, "list").stdout
    assert register(kept, "backup", "register.sqlite").returncode == 2
    assert register(kept, "backup", "nowhere/copy.sqlite").returncode == 2


def test_the_register_may_be_named_by_the_environment_but_has_no_default(kept: Path) -> None:
    named = run("register", "list", cwd=kept, PLANNER_REGISTER="register.sqlite")
    assert named.stdout == register(kept, "list").stdout
    nowhere = run("register", "list", cwd=kept)
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "--register" in nowhere.stderr


def test_a_damaged_register_is_restored_and_kept_aside(kept: Path) -> None:
    assert register(kept, "backup", "copy.sqlite").returncode == 0
    assert register(kept, "add", "ocn-4", *ADD).returncode == 0
    refused = register(kept, "restore", "copy.sqlite")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "has 1 row that the backup lacks" in refused.stderr
    (kept / "register.sqlite").write_bytes(b"")
    for words in (("list",), ("add", "ocn-5", *ADD), ("backup", "copy.sqlite")):
        done = register(kept, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "planner register restore" in done.stderr
    done = register(kept, "restore", "copy.sqlite")
    assert done.returncode == 0
    said = done.stdout.splitlines()
    assert said[0] == "register.sqlite: restored from copy.sqlite, checked"
    assert said[1].startswith("4 rows, head ")
    assert "register.sqlite.damaged-" in said[2]
    assert "add it with `planner register add`" in said[3]
    assert register(kept, "list").stdout.endswith(f"2 accounts there now\n{said[1]}\n")
    assert len(list(kept.glob("register.sqlite.damaged-*"))) == 1


def test_a_backup_beside_an_old_log_is_not_called_checked(kept: Path) -> None:
    (kept / "copy.sqlite-wal").write_bytes(b"of another database")
    done = register(kept, "backup", "copy.sqlite")
    assert (done.returncode, done.stdout) == (2, "")
    assert "copy.sqlite-wal" in done.stderr


@pytest.mark.parametrize("accounts", ["0", "-1", "1000001", "9000000000000000000", "1e20", "nan", "1e-300"])
def test_a_number_of_accounts_out_of_reach_is_refused(kept: Path, accounts: str) -> None:
    done = register(kept, "add", "ocn-9", *ADD, "--accounts", accounts)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--accounts" in done.stderr


@pytest.mark.parametrize("level", ["two\nlines", "level 1", "", "\x1b[2J", "\udcff"])
def test_a_level_that_is_no_name_is_refused(kept: Path, level: str) -> None:
    done = register(kept, "add", "ocn-9", "--level", level, *ADD[2:])
    assert (done.returncode, done.stdout) == (2, "")
    wanted = ("the name of a level", "one line of text, without control characters", "text in UTF-8")
    assert any(f"wanted {what}" in done.stderr for what in wanted)


@pytest.mark.parametrize(
    "words", [("list",), ("export",), ("backup", "b"), ("release", "ocn-1", "--by", "ops"), ("add", "ocn-1", *ADD)]
)
def test_a_slip_in_the_name_does_not_look_like_a_register_without_anybody(tmp_path: Path, words: list[str]) -> None:
    done = register(tmp_path, *words)
    assert done.returncode == 2
    assert "there is no register here" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_register_is_begun_by_name_once(tmp_path: Path) -> None:
    done = run("register", "new", "register.sqlite", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "register.sqlite: a register that holds nobody yet\n")
    assert register(tmp_path, "add", "ocn-1", *ADD).returncode == 0
    again = run("register", "new", "register.sqlite", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "there is something here already" in again.stderr
    assert "1 account there now" in register(tmp_path, "list").stdout
    assert run("register", "new", "nowhere/register.sqlite", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "ocn-001", *ADD), "in the register already"),
        (("add", "Anna Smith", *ADD), "not a name"),
        (("add", "ocn-9", *ADD[:-1], "write to anna@example.org"), "without an e-mail address"),
        (("add", "ocn-9", *ADD[:2], *ADD[4:], "--by", "Anna"), "wanted a role"),
        (("add", "ocn-9", *ADD[:4]), "--because"),
        (("add", "ocn-9", *ADD, "--accounts", "0"), "--accounts"),
        (("release", "ocn-003", "--by", "ops"), "not in the register since"),
        (("release", "ocn-9", "--by", "ops"), "not in the register"),
    ],
)
def test_what_is_refused_is_exit_2_with_the_reason_and_leaves_no_row(
    kept: Path, words: tuple[str, ...], says: str
) -> None:
    before = (kept / "register.sqlite").read_bytes()
    done = register(kept, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert (kept / "register.sqlite").read_bytes() == before


def test_another_database_is_not_taken_for_a_register(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "register.sqlite") as other:
        other.execute("CREATE TABLE member (name TEXT)")
    other.close()
    (tmp_path / "register.sqlite").chmod(0o600)
    for words in (("list",), ("add", "ocn-1", *ADD)):
        done = register(tmp_path, *words)
        assert done.returncode == 2
        assert "not a register" in done.stderr


@pytest.mark.parametrize(
    "words", [("list",), ("export",), ("backup", "b.sqlite"), ("release", "ocn-002", "--by", "ops")]
)
def test_who_names_no_register_is_told_of_both_ways(kept: Path, words: tuple[str, ...]) -> None:
    done = run("register", *words, cwd=kept)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing option '--register': name the file, or set PLANNER_REGISTER once" in done.stderr
    assert run("register", *words, cwd=kept, PLANNER_REGISTER="register.sqlite").returncode == 0


@pytest.mark.parametrize("body", [b"0123456789abcdef0123456789abcdef", b"SQLite format 3\0" + b"x" * 200])
def test_a_restore_replaces_no_file_that_never_was_a_register(kept: Path, body: bytes) -> None:
    assert register(kept, "backup", "copy.sqlite").returncode == 0
    (kept / "secret").write_bytes(body)
    (kept / "secret").chmod(0o600)
    done = run("register", "restore", "copy.sqlite", "--register", "secret", cwd=kept)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no register, nor a damaged one" in done.stderr
    assert (kept / "secret").read_bytes() == body
