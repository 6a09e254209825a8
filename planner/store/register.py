"""The register of admitted accounts: append-only, locked from the count until the admission is written; no names."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from planner.model.inputs.observations import MOST_ACCOUNTS, NAME, REFERENCE, Admitted
from planner.store import Refused
from planner.store.database import text_of
from planner.store.ledger import COLUMNS, Head, Register, append, new, open_register

__all__ = ["Head", "Register", "new", "open_register"]

_FIELDS = f"id, {', '.join(COLUMNS)}, hash"
_ROLE = re.compile(r"[a-z][a-z-]{1,19}( [a-z-]{2,20})?")


class Decided(Protocol):
    """What a decision must have to be recorded: "admit" or another verdict, and the digest of its plan."""

    @property
    def verdict(self) -> str: ...
    @property
    def digest(self) -> str: ...
    def as_json(self) -> dict[str, Any]: ...


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
    decision: Mapping[str, Any]
    """The plan that the gate judged by, and its whole answer; empty where people decided without it."""
    hash: str
    """Of this row and all before it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One reference as it stands: admitted or added, and perhaps released."""

    since: Entry
    until: Entry | None


def admitted(db: Register, since: datetime | None = None) -> Admitted:
    """Return the accounts that came after `since` and are still there, by level, and when the first one came."""
    by_level, after, earlier = dict[str, int](), text_of(since) if since else "", 0
    there, times = dict[bytes, tuple[str, str, int]](), list[str]()
    for time, change, ref, of, count in db.state.counted:
        if change == b"release":
            there.pop(ref, None)
        else:
            times.append(time.decode())
            there[ref] = (times[-1], of.decode(), count)
    for at, level, accounts in there.values():
        if at > after:
            by_level[level] = by_level.get(level, 0) + accounts
        else:
            earlier += accounts  # if such a one is released, `members.accounts` is corrected, in the scenario
    first = next((at for at in times if at > after), None)
    came = None if first is None else datetime.fromisoformat(first)
    return Admitted(dict(sorted(by_level.items())), came, earlier)


def already(db: Register, ref: str, level: str, accounts: int) -> Entry | None:
    """Return the row in which the gate admitted just this, if it still holds: the question was asked before."""
    last = _last(db, ref)
    return last if last and (last.change, last.level, last.accounts) == ("admit", level, accounts) else None


def admit(
    db: Register,
    decide: Callable[[Admitted], D],
    *,
    ref: str,
    level: str,
    accounts: int,
    by: str,
    now: datetime,
    since: datetime | None = None,
) -> D:
    """Count, decide and record under one lock, so that two people cannot both take the last place."""
    _check(db, ref, by, now, level, accounts)
    if since is not None and now <= since:  # it would never be counted
        raise Refused(f"members.accounts holds at {since.date()}, which is not in the past: is the clock right?")
    _not_there(db, ref)
    decision = decide(admitted(db, since))
    if decision.verdict == "admit":
        text = json.dumps(decision.as_json(), ensure_ascii=False)
        append(db, text_of(now), "admit", ref, level, accounts, by, "", decision.digest, text)
    return decision


def add(db: Register, *, ref: str, level: str, accounts: int, by: str, because: str, now: datetime) -> None:
    """Record what people decided without the gate, with the reason."""
    _check(db, ref, by, now, level, accounts)
    reason = _reason(because)
    _not_there(db, ref)
    append(db, text_of(now), "add", ref, level, accounts, by, reason, "", "{}")


def release(db: Register, *, ref: str, by: str, because: str = "", now: datetime) -> None:
    """Record that the accounts of a reference ended. The row of their admission stays."""
    _check(db, ref, by, now)
    reason = _reason(because) if because else ""
    last = _last(db, ref)
    if last is None or last.change == "release":
        raise Refused(f"{ref}: not in the register" + ("" if last is None else f" since {_day(last)}"))
    append(db, text_of(now), "release", ref, last.level, last.accounts, by, reason, "", "{}")


def entries(db: Register) -> tuple[Entry, ...]:
    """Return every row, the first one first."""
    return tuple(_entry(row) for row in db.db.execute(f"SELECT {_FIELDS} FROM entry ORDER BY id"))


def standings(db: Register) -> tuple[Standing, ...]:
    """Return each admission with its release, if there is one, in the order of admission."""
    open_, order = dict[str, Standing](), list[Standing]()
    for entry in entries(db):
        if entry.change != "release":
            open_[entry.ref] = Standing(entry, None)
        else:
            order.append(Standing(open_.pop(entry.ref).since, entry))
    return tuple(sorted([*order, *open_.values()], key=lambda standing: standing.since.id))


def table(db: Register) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
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


def _check(db: Register, ref: str, by: str, now: datetime, level: str | None = None, accounts: int = 1) -> None:
    if not REFERENCE.fullmatch(ref):
        raise Refused(f"{ref[:40]!r}: wanted the reference in the members' sheet, such as ocn-003, not a name")
    if not _ROLE.fullmatch(by):
        raise Refused(f"{by[:40]!r}: wanted a role in small letters, such as ops or treasurer, not a name")
    if level is not None and not NAME.match(level):
        raise Refused(f"{level[:40]!r}: wanted the name of a level as in the scenario, such as level-1")
    if not 1 <= accounts <= MOST_ACCOUNTS:
        raise Refused(f"wanted 1 to {MOST_ACCOUNTS} accounts, found {accounts}")
    if text_of(now) < db.state.last_at:
        last = datetime.fromisoformat(db.state.last_at)
        raise Refused(
            f"the clock says {now.isoformat(timespec='seconds')}, but the register was last written at "
            f"{last.astimezone(now.tzinfo).isoformat(timespec='seconds')}: set the clock right"
        )


def _reason(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > 500 or "@" in text or not text.isprintable():
        raise Refused("because: wanted a reason in 1 to 500 characters, without an e-mail address")
    return text


def _not_there(db: Register, ref: str) -> None:
    last = _last(db, ref)
    if last is not None and last.change != "release":
        raise Refused(f"{ref}: in the register already, since {_day(last)}")


def _last(db: Register, ref: str) -> Entry | None:
    row = db.db.execute(f"SELECT {_FIELDS} FROM entry WHERE ref = ? ORDER BY id DESC LIMIT 1", (ref,)).fetchone()
    return None if row is None else _entry(row)


def _entry(row: tuple[Any, ...]) -> Entry:
    fields = (row[0], datetime.fromisoformat(row[1]), *row[2:-2], json.loads(row[-2]), row[-1])
    return Entry(*fields)


def _day(entry: Entry) -> str:
    return entry.at.date().isoformat()
