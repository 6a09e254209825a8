"""The register's file: rows chained by hash from a genesis value, all of them verified whenever it is opened."""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from planner.model.inputs.observations import MOST_ACCOUNTS
from planner.store import Damaged, StoreError, atomic
from planner.store.database import ADVICE, Database, store_errors, text_of

COLUMNS = ("at", "change", "ref", "level", "accounts", "by", "because", "digest", "decision")
_APPLICATION = 0x504C5247  # "PLRG"
_VERSION = 2
_STATEMENTS = (
    """CREATE TABLE genesis (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        register TEXT NOT NULL,
        made TEXT NOT NULL,
        rows INTEGER NOT NULL,
        hash TEXT NOT NULL
    ) STRICT""",
    f"""CREATE TABLE entry (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL,
        at TEXT NOT NULL,
        change TEXT NOT NULL CHECK (change IN ('admit', 'add', 'release')),
        ref TEXT NOT NULL,
        level TEXT NOT NULL,
        accounts INTEGER NOT NULL CHECK (accounts BETWEEN 1 AND {MOST_ACCOUNTS}),
        by TEXT NOT NULL,
        because TEXT NOT NULL,
        digest TEXT NOT NULL,
        decision TEXT NOT NULL
    ) STRICT""",
    """CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
        BEGIN SELECT raise(ABORT, 'the register is append-only'); END""",
    """CREATE TRIGGER entry_remains BEFORE DELETE ON entry
        BEGIN SELECT raise(ABORT, 'the register is append-only'); END""",
)
_ROWS = f"SELECT hash, id, {', '.join(COLUMNS)} FROM entry ORDER BY id"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends. Two registers with the same head hold the same rows."""

    rows: int
    hash: str
    """SHA-256 over every row and the genesis of the register, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """What the file says of itself, after everything in it was found to agree with it."""

    register: str
    head: Head
    last_at: str
    """When its last row was written, or it was begun, if it has none."""
    counted: tuple[tuple[bytes, bytes, bytes, bytes, int], ...]
    """Time, change, reference, level and accounts of each row, as they were when the chain was verified."""


@dataclass(slots=True)
class Register:
    """An open register; with `write`, nobody else writes it until it is closed."""

    file: atomic.Held
    db: Database
    state: _Verified
    write: bool


def new(path: Path, now: datetime) -> None:
    """Begin a register at `path`, where nothing may be."""
    with store_errors(path):
        real = free(path)
        with atomic.part(real) as (fd, file):
            with closing(atomic.connect(file, write=True)) as db:
                register, made = os.urandom(16).hex(), text_of(now)
                head = Head(0, _genesis(register, made))
                db.execute("BEGIN")
                for statement in _STATEMENTS:
                    db.execute(statement)
                db.execute("INSERT INTO genesis VALUES (1, ?, ?, 0, ?)", (register, made, head.hash))
                db.execute(f"PRAGMA application_id = {_APPLICATION}")
                db.execute(f"PRAGMA user_version = {_VERSION}")
                db.execute("COMMIT")
            with closing(atomic.connect(file)) as db:
                put(db, fd, file, real, path, head, replace=False)
        os.close(fd)


def free(path: Path) -> Path:
    """Return where a new file at `path` would lie; raise `StoreError` if something is in its way."""
    atomic.need_locks(path)
    if os.path.lexists(path):
        raise StoreError(f"{path}: there is something here already; it stays as it is")
    real = Path(os.path.realpath(path.parent, strict=True)) / path.name
    if journals := atomic.beside(real):
        raise StoreError(f"{path}: {' and '.join(journals)} is in its way: find out who wrote it, then move it away")
    return real


@contextmanager
def open_register(path: Path, *, write: bool = True) -> Iterator[Register]:
    """Open the register at `path`, verified; with `write`, nobody else writes until it is closed."""
    with store_errors(path):
        while True:
            with atomic.held(path, write=write) as file, verified(file, write=write) as register:
                # whoever reads takes no lock: SQLite may have opened the file that has replaced the one we checked
                if atomic.names(file.real, file.fd):
                    yield register
                    return


@contextmanager
def verified(file: atomic.Held, *, write: bool) -> Iterator[Register]:
    """Connect to a file that is open, verified."""
    atomic.check_header(file.fd, file.path)
    with closing(atomic.connect(file.real)) as db:
        register = Register(file, db, _verify(db, file.path), write)
        try:
            yield register
        finally:
            register.db.close()  # which `append` may have replaced


def append(register: Register, *row: Any) -> None:
    """Add a row, given as `COLUMNS`, on the disk when this returns; the register stays open and locked."""
    held, state = register.file, register.state
    if not register.write:
        raise StoreError(f"{held.path}: it was opened to be read only")
    with store_errors(held.path), atomic.part(held.real) as (fd, file):
        atomic.copy(held.fd, fd)
        with closing(atomic.connect(file, write=True)) as db:
            head = _extend(db, state.head, row)
        # opened before it has its name: after that nothing may fail
        new_db = atomic.connect(file)
        try:
            after = put(new_db, fd, file, held.real, held.path, head, replace=True)
        except BaseException:
            new_db.close()
            raise
    register.db.close()
    os.close(held.fd)  # the lock on the new file was taken before it had its name
    register.db, register.state, held.fd = new_db, after, fd


def put(db: Database, fd: int, file: Path, real: Path, path: Path, head: Head, *, replace: bool) -> _Verified:
    """Verify that a file that was just written ends in `head`, and give it its name."""
    atomic.check_header(fd, path)
    state = _verify(db, path)
    if state.head != head:
        raise Damaged(f"{path}: what was written is not what was to be written: is the disk failing?")
    atomic.publish(fd, file, real, path, replace=replace)
    return state


def begins_like_one(fd: int) -> bool:
    """Return whether a file that is damaged was a register once: it is empty, cut off early, or begins like one."""
    head = os.pread(fd, 72, 0)
    whole = b"SQLite format 3\0"
    return head[:16] == whole[: len(head)] and head[68:72] in (b"", _APPLICATION.to_bytes(4, "big"))


def hashes(register: Register) -> Iterator[str]:
    """Return the hash of each row, the first one first."""
    return (row[0] for row in register.db.execute("SELECT hash FROM entry ORDER BY id"))


def _extend(db: Database, head: Head, row: Sequence[Any]) -> Head:
    marks, number = ", ".join("?" * (len(COLUMNS) + 2)), head.rows + 1
    link = _link(head.hash, (number, *row))
    db.execute("BEGIN")
    db.execute(f"INSERT INTO entry (hash, id, {', '.join(COLUMNS)}) VALUES ({marks})", (link, number, *row))
    db.execute("UPDATE genesis SET rows = ?, hash = ?", (number, link))
    db.execute("COMMIT")
    return Head(number, link)


def _genesis(register: str, made: str) -> str:
    return _link("", ("planner register", register, made))


def _link(previous: str, row: Sequence[Any]) -> str:
    """Return the hash of a row: of the hash before it and the fields, each on a line of its own."""
    lines = "\n".join((previous, *map(str, row)))
    if lines.count("\n") != len(row):
        raise StoreError("a row of the register cannot hold a text of two lines")
    return sha256(lines.encode()).hexdigest()


def _verify(db: Database, path: Path) -> _Verified:
    """Read all of it: structure, schema, chain, order of times, end."""
    kind, version = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if kind != _APPLICATION:
        raise StoreError(f"{path}: this is a database, but not a register")
    if version != _VERSION:
        what = "a newer version of the planner: update the planner" if version > _VERSION else "an older version"
        raise StoreError(f"{path}: written by {what} (schema {version}, wanted {_VERSION})")
    db.text_factory = bytes  # a third faster, and what is no UTF-8 is found by its hash
    try:
        if (fault := _fault(db, path)) is None:
            ((register, made, rows, last),) = db.execute("SELECT register, made, rows, hash FROM genesis")
            state = _chain(db, path, register.decode(), made.decode())
            if state.head == Head(rows, last.decode()):
                return state
            fault = f"it has {state.head.rows} rows, but says that it has {rows}"
    except (TypeError, ValueError) as error:  # nothing, or a number, where there must be a text
        fault = str(error)
    finally:
        db.text_factory = str
    raise Damaged(f"{path}: {atomic.DAMAGED} (found: {fault})")


def _chain(db: Database, path: Path, register: str, made: str) -> _Verified:
    """Compute the chain anew; written out for speed, it is `_link` in bytes."""
    link, last, number = _genesis(register, made).encode(), made.encode(), 0
    counted = []
    for number, (stored, n, at, change, ref, level, accounts, *others, decision) in enumerate(db.execute(_ROWS), 1):
        lines = b"\n".join((link, b"%d" % n, at, change, ref, level, b"%d" % accounts, *others, decision))
        link = sha256(lines).hexdigest().encode()
        if link != stored or n != number or lines.count(b"\n") != len(COLUMNS) + 1:
            raise Damaged(f"{path}: row {number} is not as it was written: {atomic.DAMAGED}")
        if at < last:
            raise Damaged(f"{path}: row {number} is dated before the one above it: {atomic.DAMAGED}")
        last = at
        counted.append((at, change, ref, level, accounts))
    return _Verified(register, Head(number, link.decode()), last.decode(), tuple(counted))


def _fault(db: Database, path: Path) -> str | None:
    """Return what is wrong with the structure of the file; None = nothing."""
    if [sql.decode() for (sql,) in db.execute("SELECT sql FROM sqlite_schema ORDER BY rowid")] != list(_STATEMENTS):
        return "its tables are not those of a register"
    answer = " ".join(db.execute("PRAGMA quick_check(1)").fetchone()[0].decode(errors="replace").split())
    unread = re.search(r"error code=(\d+)", answer)
    if unread and int(unread[1]) % 256 != sqlite3.SQLITE_CORRUPT:  # the disk's fault, perhaps only now
        raise StoreError(f"{path}: {ADVICE['SQLITE_IOERR']}")
    return None if answer == "ok" else answer
