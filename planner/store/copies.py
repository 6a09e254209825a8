"""Backups of the register, and what comes back from them: verified under the name they were given."""

import os
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from planner.store import Damaged, Refused, StoreError, atomic, ledger
from planner.store.database import store_errors
from planner.store.ledger import Head, Register


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restoration did."""

    head: Head
    last_at: datetime
    """When the last row that came back was written, or the register was begun, if there is none."""
    aside: Path | None
    """Where the damaged register lies now; None = there was none."""


def backup(db: Register, file: Path) -> Head:
    """Copy a register to `file`, or bring the backup of it that is there up to date."""
    with store_errors(file):
        if not os.path.lexists(file):
            _copy(db, ledger.free(file), file, replace=False)
        elif os.path.samefile(file, db.file.real):
            raise StoreError(f"{file}: that is the register itself")
        else:
            _update(db, file)
    return _as_expected(file, db)


def restore(file: Path, path: Path, now: datetime) -> Restored:
    """Put the backup `file` in the place of the register at `path`; a damaged one is kept under another name."""
    aside = None
    with ledger.open_register(file, write=False) as db, store_errors(path):
        if not os.path.lexists(path):
            _copy(db, ledger.free(path), path, replace=False)
        elif os.path.samefile(file, path):
            raise StoreError(f"{path}: that is the backup itself")
        else:
            aside = _replace(db, path, now)
        head = _as_expected(path, db)
    return Restored(head, datetime.fromisoformat(db.state.last_at), aside)


def _copy(db: Register, real: Path, path: Path, *, replace: bool) -> None:
    with atomic.part(real) as (fd, part):
        atomic.copy(db.file.fd, fd)
        with closing(atomic.connect(part)) as copied:
            ledger.put(copied, fd, part, real, path, db.state.head, replace=replace)
    os.close(fd)


def _update(db: Register, file: Path) -> None:
    try:
        with ledger.open_register(file, write=True) as old:
            if old.state.register != db.state.register:
                raise Refused("it is of another register")
            if missing := _lacking(db, old):
                raise Refused(f"it has {missing} rows that this register lacks")
            _copy(db, old.file.real, file, replace=True)
    except (Refused, Damaged) as error:
        reason = str(error).removeprefix(f"{file}: ")
        raise StoreError(f"{file}: wanted a backup of this register or a free name, but {reason}") from None


def _replace(db: Register, path: Path, now: datetime) -> Path | None:
    """Put a copy in the place of what is there; return where that is now if it was damaged, None if nothing is lost."""
    aside = None
    with atomic.held(path, write=True) as held:
        try:
            with ledger.verified(held, write=False) as there:
                _keep(there, db)
        except Damaged:
            if not ledger.begins_like_one(held.fd):
                raise Refused(f"{path}: what is there is no register, nor a damaged one; it stays as it is") from None
            # a second name, until the copy takes the first one: at no moment is there no register
            aside = held.real.with_name(f"{held.real.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%S%f}")
            os.link(held.real, aside)
        try:
            _copy(db, held.real, path, replace=True)
        except BaseException:
            if aside is not None and atomic.names(held.real, held.fd):  # it still has the first one
                aside.unlink()
            raise
    return aside


def _keep(there: Register, db: Register) -> None:
    """Refuse to lose what a whole register holds."""
    if there.state.register != db.state.register:
        raise Refused(f"{there.file.path}: wanted the register that {db.file.path} is a backup of, found another one")
    if missing := _lacking(db, there):
        has = f"{missing} row{'' if missing == 1 else 's'}"
        raise Refused(f"{there.file.path}: it is whole and has {has} that the backup lacks; it stays as it is")


def _lacking(db: Register, other: Register) -> int:
    """Return how many rows of another register this one lacks; both begin with the rows they have in common."""
    both = zip(ledger.hashes(db), ledger.hashes(other), strict=False)
    common = takewhile(lambda pair: pair[0] == pair[1], both)
    return 0 if other.state.head == db.state.head else other.state.head.rows - sum(1 for _ in common)


def _as_expected(path: Path, register: Register) -> Head:
    """Open what was written under the name it has now, as everybody does, so that what lies beside it counts."""
    try:
        with ledger.open_register(path, write=False) as again:
            there, head = again.state.head, register.state.head
            grown = again.state.register == register.state.register and there.rows > head.rows
            if grown or there == head:  # somebody may have added a row since
                return there
            reason = "what is there now is something else"
    except StoreError as error:
        reason = str(error).removeprefix(f"{path}: ")
    raise StoreError(f"{path}: it was written, but could not be verified there: {reason}")
