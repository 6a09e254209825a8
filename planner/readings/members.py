"""The members' sheet, and the table that says whose room a meeting was in; nothing but references, levels and dates."""

from typing import Literal

from planner.model.inputs.observations import Member
from planner.readings import ReadingError
from planner.readings.tables import Parsed, Row, parsed

_PAYS: tuple[Literal["money", "credit"], ...] = ("money", "credit")
_NEVER = ("9999-12-31", "2999-12-31")
"""How databases say that there is no end yet."""


def sheet(body: bytes) -> Parsed[Member]:
    """Return the members in a table with the columns account, level, pays; accounts, since and until if there."""
    known: set[str] = set()

    def member(row: Row) -> Member:
        cells, account, many = row.cells, row.account(), row.cells["accounts"] or "1"
        pays = next((pays for pays in _PAYS if pays == cells["pays"].lower()), None)
        if account is None:
            raise ReadingError("account: it is empty")
        if account in known:
            raise ReadingError("account: it is there twice")
        if not cells["level"]:
            raise ReadingError("level: it is empty")
        if pays is None:
            raise ReadingError("pays: wanted money or credit")
        if not (many.isascii() and many.isdecimal() and len(many) <= 7 and 1 <= int(many) <= 100_000):
            raise ReadingError("accounts: wanted a whole number above 0")
        since, until = row.day("since"), None if row.cells["until"] in _NEVER else row.day("until")
        if since and until and until < since:
            raise ReadingError("until: before since")
        known.add(account)
        return Member(account, cells["level"], pays, int(many), since, until)

    found = parsed(body, ("account", "level", "pays"), ("accounts", "since", "until"), member)
    if not found.read:
        raise ReadingError(
            "no row stands below the names of the columns: wanted one for each member; of a co-op that has none yet, "
            "say members: {accounts: 0} in the scenario, without a sheet"
        )
    return found


def rooms(body: bytes) -> Parsed[tuple[str, str]]:
    """Return each room's (external) meeting id at BBB and its account, from a table of both."""
    accounts: dict[str, str] = {}

    def room(row: Row) -> tuple[str, str]:
        meeting, account = row.cells["meeting_id"], row.account()
        if not meeting:
            raise ReadingError("meeting_id: it is empty")
        if account is None:
            raise ReadingError("account: it is empty")
        if accounts.setdefault(meeting, account) != account:
            raise ReadingError("meeting_id: it is there with another account already")
        return meeting, account

    return parsed(body, ("meeting_id", "account"), (), room)
