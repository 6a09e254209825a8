"""Meetings from tables; a time without its offset needs the time zone that it was written in."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from planner.model.inputs.observations import NAME, NAME_WANTED, Meeting, NodeReading, contradiction
from planner.readings import ReadingError, naming
from planner.readings.bbb import meeting_key
from planner.readings.clock import LONGEST, instant
from planner.readings.tables import Parsed, Row, parsed

_HOURS = re.compile(r"\d{1,4}(\.\d{1,6})?")


def meetings_table(body: bytes, node: str = "", zone: ZoneInfo | None = None) -> Parsed[Meeting]:
    """Return the meetings in a table with start, end, users; node, cameras, account, limit [h], meeting too."""
    keys: set[str] = set()

    def meeting(row: Row) -> Meeting:
        meeting = _row(row, node, zone)
        if meeting.key in keys:  # without an id: two rows that say the same are one meeting
            raise ReadingError("this meeting is listed twice")
        keys.add(meeting.key)
        return meeting

    wanted, optional = ("start", "end", "users"), ("node", "cameras", "account", "limit", "meeting")
    return parsed(body, wanted, optional, meeting)


def _row(row: Row, node: str, zone: ZoneInfo | None) -> Meeting:
    """Return the meeting of one row of a table."""
    cells = row.cells
    start = _time(cells, "start", zone)
    end = _time(cells, "end", zone) if cells["end"] else None
    if end is not None and not start <= end <= start + LONGEST:
        raise ReadingError("end: wanted a time after start, at most a month later")
    account, where = row.account(), cells["node"] or node
    if cells["node"] and not NAME.match(where):
        raise ReadingError(f"node: wanted {NAME_WANTED}")
    if not where:
        raise ReadingError("node: it is empty")
    if cells["limit"] and (not _HOURS.fullmatch(cells["limit"]) or float(cells["limit"]) == 0):
        raise ReadingError("limit: wanted hours above 0")
    users, cameras = _whole(cells, "users", 1), _whole(cells, "cameras", 0) if cells["cameras"] else None
    if wrong := contradiction(NodeReading(users=users, cameras=cameras)):
        raise ReadingError(f"its numbers contradict each other: {wrong}")
    told = "|".join(cells[name] for name in ("start", "end", "users", "cameras", "account")) + f"|{where}"
    if datetime.fromisoformat(cells["start"]).tzinfo is None:
        told += f"|{start.isoformat()}"  # the same words in another zone are another meeting
    key = meeting_key(cells["meeting"]) if cells["meeting"] else f"row-{hashlib.sha256(told.encode()).hexdigest()[:32]}"
    return Meeting(
        key=key,
        node=where,
        start=start,
        seen=end or start,
        end=end,
        users=users,
        cameras=cameras,
        account=account,
        limit=float(cells["limit"]) if cells["limit"] else None,
    )


def _time(cells: Mapping[str, str], name: str, zone: ZoneInfo | None) -> datetime:
    with naming(name):
        return instant(cells[name], zone)


def _whole(cells: Mapping[str, str], name: str, least: int) -> int:
    text = cells[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) >= least):
        raise ReadingError(f"{name}: wanted a whole number from {least} on")
    return int(text)
