"""The members' sheet, and the table that says whose room a meeting was in; nothing but references, levels and dates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from planner.model.inputs.observations import REFERENCE, Member
from planner.readings.tables import BadLine, Row, rows

_PAYS: dict[str, Literal["money", "credit"]] = {
    "credit": "credit",
    "yes": "credit",
    "money": "money",
    "no": "money",
    "": "money",
}
"""The column may be read as "pays" or as "pays in credit"."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The members, and the lines that were skipped."""

    members: tuple[Member, ...]
    bad: tuple[BadLine, ...]
    lines: tuple[int, ...] = ()
    """The line that each member stands on."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """Account of each room by BBB's (external) meeting id, and the lines that were skipped."""

    accounts: dict[str, str]
    bad: tuple[BadLine, ...]


def sheet(body: bytes) -> Sheet:
    """Return the members in a CSV or XLSX with the columns account, level, pays; accounts, since and until if there."""
    members: list[Member] = []
    lines: list[int] = []
    taken: set[str] = set()

    def take(row: Row) -> str | None:
        cells = row.cells
        account, accounts = cells["account"], cells["accounts"] or "1"
        if not REFERENCE.fullmatch(account):
            return "account: wanted a reference such as ocn-003"
        if account in taken:
            return "account: it is there twice"
        if not cells["level"]:
            return "level: it is empty"
        if cells["pays"].lower() not in _PAYS:
            return "pays: wanted money or credit"
        if not (accounts.isascii() and accounts.isdecimal() and 1 <= int(accounts[:7]) <= 100_000):
            return "accounts: wanted a whole number above 0"
        try:
            since, until = (date.fromisoformat(cells[name]) if cells[name] else None for name in ("since", "until"))
        except ValueError:
            return "since, until: wanted a date such as 2021-05-04"
        if since and until and until < since:
            return "until: before since"
        taken.add(account)
        lines.append(row.line)
        members.append(Member(account, cells["level"], _PAYS[cells["pays"].lower()], int(accounts), since, until))
        return None

    bad = _each(body, ("account", "level", "pays"), ("accounts", "since", "until"), take)
    return Sheet(tuple(members), bad, tuple(lines))


def rooms(body: bytes) -> Rooms:
    """Return whose room each meeting id is, from a CSV or XLSX with the columns meeting_id and account."""
    accounts: dict[str, str] = {}

    def take(row: Row) -> str | None:
        meeting, account = row.cells["meeting_id"], row.cells["account"]
        if not meeting:
            return "meeting_id: it is empty"
        if not REFERENCE.fullmatch(account):
            return "account: wanted a reference such as ocn-003"
        if accounts.setdefault(meeting, account) != account:
            return "meeting_id: it is there with another account already"
        return None

    bad = _each(body, ("meeting_id", "account"), (), take)
    return Rooms(accounts, bad)


def _each(
    body: bytes, wanted: tuple[str, ...], optional: tuple[str, ...], take: Callable[[Row], str | None]
) -> tuple[BadLine, ...]:
    """Hand each row to `take`, which returns what is wrong with it; return the lines that were skipped."""
    bad = []
    for row in rows(body, wanted, optional):
        if isinstance(row, BadLine):
            bad.append(row)
        elif name := next((name for name, cell in row.cells.items() if cell.startswith("=")), None):
            formula = f"{name}: a formula without its value: open the sheet and save it once more"
            bad.append(BadLine(row.line, formula))
        elif problem := take(row):
            bad.append(BadLine(row.line, problem))
    return tuple(bad)
