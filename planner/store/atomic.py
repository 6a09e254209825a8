"""A SQLite file that is never modified: a writer locks it, changes a copy beside it and renames the copy over it.

A write-ahead log or rollback journal is a second file, found by name, which a copy, a mount or a backup lacks. The lock
is on the file, not on its name; a rename ends it, and who waited begins again. So a file may have one name only.
"""

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from planner import output
from planner.store import Damaged, StoreError
from planner.store.database import ADVICE, PATIENCE_S, Database

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_RESTORE = "put the last backup in its place with `planner register restore`"
DAMAGED = f"it is damaged: {_RESTORE}"
_STEP_S = 0.005
_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe in place of the file must not hang


@dataclass(slots=True)
class Held:
    """A file that is open, has passed the checks and, for writing, is locked."""

    path: Path
    real: Path
    """As it was named, for messages, and where it lies, symbolic links followed."""
    fd: int


@contextmanager
def held(path: Path, *, write: bool) -> Iterator[Held]:
    """Open the file at `path`; with `write`, nobody else writes until the end of the block."""
    need_locks(path)
    file = _opened(path, write)
    try:
        yield file
    finally:
        os.close(file.fd)


def need_locks(path: Path) -> None:
    """Raise `StoreError` on a system that has no locks that a kill releases."""
    if fcntl is None:
        raise StoreError(f"{path}: a register can only be kept where files can be locked: Linux, macOS or other Unix")


def connect(file: Path, *, write: bool = False) -> Database:
    """Return a connection to a file that nobody else changes, which looks for no journal and writes none."""
    mode = "rw" if write else "ro&immutable=1"
    db = sqlite3.connect(f"{file.as_uri()}?mode={mode}", uri=True, isolation_level=None)
    if write:  # a copy that a kill may ruin, and that is synchronized before it takes the name
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
    return db


def names(real: Path, fd: int) -> bool:
    """Return whether the name leads to the open file."""
    try:
        return os.path.samestat(os.stat(real), os.fstat(fd))
    except FileNotFoundError:
        return False


def check_header(fd: int, path: Path) -> None:
    """Raise `Damaged` unless the file begins like a SQLite file without a log, and is as long as it says."""
    size, head = os.fstat(fd).st_size, os.pread(fd, 100, 0)
    if size < len(head) or len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        what = "is empty" if size == 0 else "is not a database, or damaged"
        raise Damaged(f"{path}: wanted a register, but the file {what}: {_RESTORE}")
    if head[18:20] == b"\2\2":
        other = "some other program set the file to use a write-ahead log; its rows may be whole"
        raise StoreError(f"{path}: {other}: keep it, and find out which program opened it")
    if head[18:20] != b"\1\1":
        raise Damaged(f"{path}: {DAMAGED}")
    page, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
    if (65536 if page == 1 else page) * pages != size:
        raise Damaged(f"{path}: the file has {size} bytes, but says that it has {page * pages}: {_RESTORE}")


@contextmanager
def part(real: Path) -> Iterator[tuple[int, Path]]:
    """Make an empty file beside `real`, locked and open, that is gone at the end unless it was renamed."""
    file = real.with_name(f".{real.name}.part-{os.urandom(8).hex()}")
    fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield fd, file
    except BaseException:
        os.close(fd)
        raise
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def copy(source: int, target: int) -> None:
    """Copy an open file to an empty one."""
    os.lseek(source, 0, os.SEEK_SET)
    with open(source, "rb", buffering=0, closefd=False) as old, open(target, "wb", closefd=False) as new:
        while block := old.read(1 << 20):
            new.write(block)


def publish(fd: int, file: Path, real: Path, path: Path, *, replace: bool) -> None:
    """Give a whole file its name, so that it survives a power cut; without `replace` only if the name is free."""
    os.fsync(fd)
    try:
        (os.rename if replace else os.link)(file, real)
    except OSError as error:
        if os.path.lexists(real) and not replace:  # also if a writer of that file has swept ours away
            raise StoreError(f"{path}: there is something here already; it stays as it is") from None
        if error.errno != errno.EBUSY:
            raise
        mounted = "the file itself is mounted here, so it cannot be replaced: mount the folder that it lies in"
        raise StoreError(f"{path}: {mounted}") from error
    try:
        if not replace:
            file.unlink(missing_ok=True)
        output.sync(real.parent)
    except OSError as error:
        unsure = f"the disk did not confirm it ({error.strerror}): look at what it holds"
        raise StoreError(f"{path}: it was written, but {unsure}") from error


def beside(real: Path) -> list[str]:
    """Return the names of journals that some other program left beside the file."""
    return [f"{real.name}-{end}" for end in ("journal", "wal", "shm") if os.path.lexists(f"{real}-{end}")]


def _opened(path: Path, write: bool) -> Held:
    patience = iter(range(round(PATIENCE_S / _STEP_S)))
    while True:
        try:
            real = Path(os.path.realpath(path, strict=True))
            fd = os.open(real, (os.O_RDWR if write else os.O_RDONLY) | _FLAGS)
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError(f"{path}: there is no register here") from None
        except IsADirectoryError:
            raise StoreError(f"{path}: wanted a register, found something that is no file") from None
        try:
            if write:
                _lock(fd, patience, path)
                _sweep(real, fd)
            about = os.fstat(fd)
            if names(real, fd):
                _check(about, path, real, write)
                return Held(path, real, fd)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _lock(fd: int, patience: Iterator[int], path: Path) -> None:
    for _ in patience:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(_STEP_S)
    raise StoreError(f"{path}: {ADVICE['SQLITE_BUSY']}")


def _own(real: Path) -> list[Path]:
    """Return the other names that a killed writer may have left of the file, or of what was to replace it."""
    ours = (f".{real.name}.part-", f"{real.name}.damaged-")
    return [real.parent / name for name in os.listdir(real.parent) if name.startswith(ours)]


def _sweep(real: Path, fd: int) -> None:
    """Remove what killed writers left; only under the lock, which whoever makes such files holds as well."""
    if names(real, fd):
        for file in _own(real):
            if file.name.startswith("."):
                file.unlink(missing_ok=True)


def _check(about: os.stat_result, path: Path, real: Path, write: bool) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise StoreError(f"{path}: wanted a register, found something that is no file")
    if write and about.st_uid != os.geteuid():
        raise StoreError(f"{path}: it belongs to user {about.st_uid}: only that user may write it")
    if about.st_mode & 0o077:
        raise StoreError(f"{path}: others may read or write it: run `chmod 600 {path}`")
    links = about.st_nlink
    if links > 1:  # a kill may have left one of our own
        links -= sum(os.path.lexists(file) and os.path.samestat(os.lstat(file), about) for file in _own(real))
    if links != 1:
        has = "no name any more: it was replaced where it is mounted from" if links == 0 else f"{links} names"
        raise StoreError(
            f"{path}: the file has {has}; a register must have one name, or it counts for itself under each"
        )
    if journals := beside(real):
        foreign = f"{' and '.join(journals)} beside it is not from the planner"
        raise StoreError(f"{path}: {foreign}: find out who wrote it, then move it away")
