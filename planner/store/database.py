"""The history's SQLite file: opened safely, brought up to date, written in whole transactions; errors with advice."""

import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

from planner.store import Damaged, StoreError

Database = sqlite3.Connection
PATIENCE_S = 30.0
"""How long a writer waits for another one. One admission takes milliseconds, so this is a queue of thousands."""
ADVICE = {
    "SQLITE_FULL": "the disk is full: nothing was written; make room and try again",
    "SQLITE_READONLY": "it cannot be written: check who may write the file and its folder",
    "SQLITE_CANTOPEN": "it cannot be opened: check that the folder is there and who may write it",
    "SQLITE_PERM": "it cannot be opened: check who may read and write it",
    "SQLITE_BUSY": "somebody else has been writing for too long: try again, and look for a program that hangs",
    "SQLITE_LOCKED": "somebody else has been writing for too long: try again, and look for a program that hangs",
    "SQLITE_CORRUPT": "it is damaged: keep it aside and put the last backup in its place",
    "SQLITE_NOTADB": "it is not a database, or damaged: keep it aside and put the last backup in its place",
    "SQLITE_IOERR": "reading or writing failed: the disk is full, over quota or failing",
    "SQLITE_PROTOCOL": "locking failed: it must lie on a disk of this machine, not on a network or synced folder",
}

_ERRNO = {
    errno.ENOSPC: "SQLITE_FULL",
    errno.EFBIG: "SQLITE_FULL",
    getattr(errno, "EDQUOT", -1): "SQLITE_FULL",
    errno.EROFS: "SQLITE_READONLY",
    errno.EACCES: "SQLITE_PERM",
    errno.EPERM: "SQLITE_PERM",
    errno.ENOENT: "SQLITE_CANTOPEN",
    errno.ENOTDIR: "SQLITE_CANTOPEN",
    errno.EIO: "SQLITE_IOERR",
}


_APPLICATION = 0x504C4849  # "PLHI"
Steps = Sequence[Sequence[str]]
"""Statements of version 1, 2, … of a file; a step that was released is never changed, a new one is added."""


@contextmanager
def opened(path: Path, steps: Steps, *, write: bool = True) -> Iterator[Database]:
    """Open the history at `path`, up to date; every failure of SQLite inside becomes a `StoreError`."""
    with store_errors(path):
        if not write and not path.is_file():
            raise StoreError(f"{path}: there is no history here")
        if write:  # as private as its owner wants it; what the folder does not allow is said by SQLite below
            with suppress(OSError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(_connect(path, write)) as db:
            # of another kind: refused before anything in it is changed
            with transaction(db, write=False):  # another process may be making the file just now
                version = _version(db, path, len(steps))
            if write or _writable(path):
                _use_wal(db, path)
                if version < len(steps):
                    _migrate(db, path, steps)
            elif version < len(steps):
                raise StoreError(f"{path}: from an older version of the planner: open it once where it can be written")
            yield db


@contextmanager
def transaction(db: Database, *, write: bool = True) -> Iterator[None]:
    """Do all of it or nothing; with `write` nobody else writes from the first statement to the commit."""
    # IMMEDIATE takes the lock before anything is read, so what was counted still holds when it is written
    db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            # a failed write may have rolled back by itself, and a disk that is full may refuse even this
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
        raise


def text_of(time: datetime) -> str:
    """Return a time so that texts sort as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _writable(path: Path) -> bool:
    """Return whether SQLite can work here as it likes to: it also writes beside the file."""
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)


def _connect(path: Path, write: bool) -> Database:
    address = f"{path.absolute().as_uri()}?mode="
    if write:
        address += "rwc"
    elif _writable(path):
        address += "rw"
    elif path.with_name(f"{path.name}-wal").exists():
        address += "ro"  # somebody who may write it has it open
    else:
        address += "ro&immutable=1"  # nobody has, and SQLite must not try to write beside it
    db = sqlite3.connect(address, uri=True, timeout=PATIENCE_S, isolation_level=None)
    # FULL: a commit is on the disk when it returns, so what was reported survives a power cut
    db.execute("PRAGMA synchronous = FULL")
    return db


def _use_wal(db: Database, path: Path) -> None:
    """Set write-ahead logging, with which readers and one writer do not wait for each other."""
    for attempt in range(100):  # the change does not wait for others as every other statement does
        try:
            if db.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            if db.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or attempt == 99:
                raise
        sleep(0.05)
    raise StoreError(f"{path}: {ADVICE['SQLITE_PROTOCOL']}")


def _version(db: Database, path: Path, newest: int) -> int:
    """Return the version the file has, if this is a history and not newer than this program."""
    kind, version = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    empty = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if kind != _APPLICATION and not (empty and kind == version == 0):
        raise StoreError(f"{path}: this is a database, but not a history")
    if version > newest:
        raise StoreError(f"{path}: written by a newer version of the planner (schema {version}): update the planner")
    return int(version)


def _migrate(db: Database, path: Path, steps: Steps) -> None:
    """Bring the file to the present version, in one transaction; a crash in between leaves the old version whole."""
    with transaction(db):
        version = _version(db, path, len(steps))  # again, now that nobody else can be at it
        for step in steps[version:]:
            for statement in step:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(steps)}")


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system into a `StoreError` that says what to do about it."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        advice = next((text for code, text in ADVICE.items() if name.startswith(code)), str(error))
        kind = Damaged if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) else StoreError
        raise kind(f"{path}: {advice}") from error
    except OSError as error:
        advice = ADVICE.get(_ERRNO.get(error.errno or 0, ""), error.strerror or str(error))
        raise StoreError(f"{path}: {advice}") from error
