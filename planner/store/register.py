"""The register of admitted accounts: append-only, one write transaction for each admission.

A row says what was admitted, added by people without the gate, or released; what holds now is derived. Nothing
personal: an account is known by its reference in the members' sheet, whoever admits it by a role.
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from planner.model.observed import REFERENCE, Admitted
from planner.store import Refused
from planner.store.database import Database, Schema, opened, transaction

SCHEMA = Schema(
    name="register",
    application_id=0x504C5247,  # "PLRG"
    steps=(
        (
            """CREATE TABLE entry (
                id INTEGER PRIMARY KEY,
                at TEXT NOT NULL,
                change TEXT NOT NULL CHECK (change IN ('admit', 'add', 'release')),
                ref TEXT NOT NULL,
                level TEXT NOT NULL,
                accounts INTEGER NOT NULL CHECK (accounts > 0),
                by TEXT NOT NULL,
                because TEXT NOT NULL,
                digest TEXT NOT NULL,
                decision TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX entry_ref ON entry (ref, id)",
            """CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
                BEGIN SELECT raise(ABORT, 'the register is append-only'); END""",
            """CREATE TRIGGER entry_remains BEFORE DELETE ON entry
                BEGIN SELECT raise(ABORT, 'the register is append-only'); END""",
        ),
    ),
)

_ROLE = re.compile(r"[a-z][a-z-]{1,19}( [a-z-]{2,20})?")
_COLUMNS = ("at", "change", "ref", "level", "accounts", "by", "because", "digest", "decision")


class Decided(Protocol):
    """What a decision must have to be recorded."""

    @property
    def verdict(self) -> str:
        """Return "admit", or anything else."""

    @property
    def digest(self) -> str:
        """Return the digest of the plan it rests on."""

    def as_json(self) -> dict[str, Any]:
        """Return the whole decision."""


D = TypeVar("D", bound=Decided)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the register."""

    id: int
    at: datetime
    change: Literal["admit", "add", "release"]
    ref: str
    level: str
    accounts: int
    by: str
    because: str
    digest: str
    """Of the plan the gate judged by; empty where people decided without it."""
    decision: Mapping[str, Any]
    """The gate's whole answer, with the reading it saw; empty where people decided without it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One reference as it stands: admitted or added, and perhaps released."""

    since: Entry
    until: Entry | None


def open_register(path: Path, *, write: bool = True) -> AbstractContextManager[Database]:
    """Return the register at `path`, opened; see `database.opened`."""
    return opened(path, SCHEMA, write=write)


def admitted(db: Database, since: datetime | None = None) -> Admitted:
    """Return the accounts that came after `since` and are still there, by level, and when the first one came.

    `members.accounts` holds at its date, so the register counts what came later. The release of an account that came
    before is not subtracted: that number is corrected where it stands, in the scenario.
    """
    after = (_text(since) if since else "",)
    statement = """SELECT level, sum(accounts) FROM entry AS e WHERE change <> 'release' AND at > ? AND NOT EXISTS
        (SELECT 1 FROM entry AS r WHERE r.ref = e.ref AND r.id > e.id AND r.change = 'release')
        GROUP BY level ORDER BY level"""
    by_level = dict(db.execute(statement, after))
    first = db.execute("SELECT min(at) FROM entry WHERE change <> 'release' AND at > ?", after).fetchone()[0]
    return Admitted(by_level, None if first is None else datetime.fromisoformat(first))


def admit(
    db: Database,
    decide: Callable[[Admitted], D],
    *,
    ref: str,
    level: str,
    accounts: int,
    by: str,
    now: datetime,
    since: datetime | None = None,
) -> D:
    """Count, decide and record in one write transaction, so that two people cannot both take the last place.

    Parameters
    ----------
    decide : callable
        The gate: given the accounts admitted since `since`, the decision. Recorded only if its verdict is
        "admit"; it must be quick, for others wait.

    Returns
    -------
    Decided
        What `decide` said. An "admit" that is returned is on the disk.

    Raises
    ------
    Refused
        If the reference or role is not one, the reference is there already, or the clock is before `since`.
    StoreError
        If it could not be written: then nothing is admitted.
    """
    _check(ref, by)
    if since is not None and now <= since:  # it would never be counted
        raise Refused(f"members.accounts holds at {since.date()}, which is not in the past: is the clock right?")
    with transaction(db):
        _not_there(db, ref)
        decision = decide(admitted(db, since))
        if decision.verdict == "admit":
            text = json.dumps(decision.as_json(), ensure_ascii=False)
            _append(db, now, "admit", ref, level, accounts, by, "", decision.digest, text)
    return decision


def add(db: Database, *, ref: str, level: str, accounts: int, by: str, because: str, now: datetime) -> None:
    """Record what people decided without the gate, with the reason.

    Raises
    ------
    Refused
        If the reference, role or reason is not one, or the reference is there already.
    StoreError
        If it could not be written.
    """
    _check(ref, by)
    reason = _reason(because)
    with transaction(db):
        _not_there(db, ref)
        _append(db, now, "add", ref, level, accounts, by, reason, "", "{}")


def release(db: Database, *, ref: str, by: str, because: str = "", now: datetime) -> None:
    """Record that the accounts of a reference ended. The row of their admission stays.

    Raises
    ------
    Refused
        If the reference, role or reason is not one, or the reference is not there.
    StoreError
        If it could not be written.
    """
    _check(ref, by)
    reason = _reason(because) if because else ""
    with transaction(db):
        last = _last(db, ref)
        if last is None or last.change == "release":
            raise Refused(f"{ref}: not in the register" + ("" if last is None else f" since {_day(last)}"))
        _append(db, now, "release", ref, last.level, last.accounts, by, reason, "", "{}")


def entries(db: Database) -> tuple[Entry, ...]:
    """Return every row, the first one first."""
    rows = db.execute(f"SELECT id, {', '.join(_COLUMNS)} FROM entry ORDER BY id")
    return tuple(_entry(row) for row in rows)


def standings(db: Database, since: datetime | None = None) -> tuple[Standing, ...]:
    """Return each admission after `since` with its release, if there is one, in the order of admission."""
    open_, order = dict[str, Standing](), list[Standing]()
    for entry in entries(db):
        if entry.change != "release":
            open_[entry.ref] = Standing(entry, None)
        else:
            order.append(Standing(open_.pop(entry.ref).since, entry))
    found = sorted([*order, *open_.values()], key=lambda standing: standing.since.id)
    return tuple(s for s in found if since is None or s.since.at > since)


def table(db: Database) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
    """Return the register as a table for the members' spreadsheet: its header, and a row for each admission."""
    header = ("account", "level", "accounts", "since", "until", "by", "decided", "because", "plan")
    rows: list[tuple[str | int, ...]] = []
    for standing in standings(db):
        first, last = standing.since, standing.until
        decided = "gate" if first.change == "admit" else "people"
        because = first.because if last is None or not last.because else f"{first.because}; released: {last.because}"
        until = "" if last is None else _day(last)
        admission = (first.ref, first.level, first.accounts, _day(first), until, first.by)
        rows.append((*admission, decided, because.removeprefix("; "), first.digest))
    return header, rows


def _check(ref: str, by: str) -> None:
    if not REFERENCE.fullmatch(ref):
        raise Refused(f"{ref[:40]!r}: wanted the reference in the members' sheet, such as ocn-003, not a name")
    if not _ROLE.fullmatch(by):
        raise Refused(f"{by[:40]!r}: wanted a role in small letters, such as ops or treasurer, not a name")


def _reason(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > 500 or "@" in text or not text.isprintable():
        raise Refused("because: wanted a reason in 1 to 500 characters, without an e-mail address")
    return text


def _not_there(db: Database, ref: str) -> None:
    last = _last(db, ref)
    if last is not None and last.change != "release":
        raise Refused(f"{ref}: in the register already, since {_day(last)}")


def _last(db: Database, ref: str) -> Entry | None:
    statement = f"SELECT id, {', '.join(_COLUMNS)} FROM entry WHERE ref = ? ORDER BY id DESC LIMIT 1"
    row = db.execute(statement, (ref,)).fetchone()
    return None if row is None else _entry(row)


def _append(db: Database, now: datetime, *rest: object) -> None:
    marks = ", ".join("?" * len(_COLUMNS))
    db.execute(f"INSERT INTO entry ({', '.join(_COLUMNS)}) VALUES ({marks})", (_text(now), *rest))


def _entry(row: tuple[Any, ...]) -> Entry:
    fields = (row[0], datetime.fromisoformat(row[1]), *row[2:-1], json.loads(row[-1]))
    return Entry(*fields)


def _text(time: datetime) -> str:
    """Return a time so that texts sort as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _day(entry: Entry) -> str:
    return entry.at.date().isoformat()
