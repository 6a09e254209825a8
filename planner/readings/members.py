"""The members' sheet, and the table that says whose room a meeting was in; nothing but references, levels and dates."""

from dataclasses import dataclass
from typing import Literal

from planner.model.inputs.observations import Member
from planner.readings import ReadingError
from planner.readings.tables import BadLine, Row, parsed

_Pays = Literal["money", "credit"]
_PAYS: dict[str, _Pays] = {"credit": "credit", "yes": "credit", "money": "money", "no": "money", "": "money"}
"""The column may be read as "pays" or as "pays in credit"."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The members, the lines that were skipped, and the line of each member."""

    members: tuple[Member, ...]
    bad: tuple[BadLine, ...]
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rooms:
    """Account of each room by BBB's (external) meeting id, and the lines that were skipped."""

    accounts: dict[str, str]
    bad: tuple[BadLine, ...]


def sheet(body: bytes) -> Sheet:
    """Return the members in a CSV or XLSX with the columns account, level, pays; accounts, since and until if there."""
    lines: dict[str, int] = {}

    def member(row: Row) -> Member:
        cells, account, many = row.cells, row.account(), row.cells["accounts"] or "1"
        pays = _PAYS.get(cells["pays"].lower())
        if account is None:
            raise ReadingError("account: it is empty")
        if account in lines:
            raise ReadingError("account: it is there twice")
        if not cells["level"]:
            raise ReadingError("level: it is empty")
        if pays is None:
            raise ReadingError("pays: wanted money or credit")
        if not (many.isascii() and many.isdecimal() and 1 <= int(many[:7]) <= 100_000):
            raise ReadingError("accounts: wanted a whole number above 0")
        since, until = row.day("since"), row.day("until")
        if since and until and until < since:
            raise ReadingError("until: before since")
        lines[account] = row.line
        return Member(account, cells["level"], pays, int(many), since, until)

    members, bad = parsed(body, ("account", "level", "pays"), ("accounts", "since", "until"), member)
    return Sheet(members, bad, tuple(lines.values()))


def rooms(body: bytes) -> Rooms:
    """Return the account of each room by BBB's meeting id, from a CSV or XLSX with meeting_id and account."""
    accounts: dict[str, str] = {}

    def room(row: Row) -> None:
        meeting, account = row.cells["meeting_id"], row.account()
        if not meeting:
            raise ReadingError("meeting_id: it is empty")
        if account is None:
            raise ReadingError("account: it is empty")
        if accounts.setdefault(meeting, account) != account:
            raise ReadingError("meeting_id: it is there with another account already")

    _, bad = parsed(body, ("meeting_id", "account"), (), room)
    return Rooms(accounts, bad)
