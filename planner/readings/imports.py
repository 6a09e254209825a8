"""Meetings from the log of bbb-web (BigBlueButton 2.4 to 3.0) and from tables; what is not understood is counted."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from planner.model.inputs.observations import NAME, NAME_WANTED, Meeting
from planner.readings import ReadingError, from_json, opened
from planner.readings.bbb import meeting_key, moment
from planner.readings.tables import BadLine, Parsed, Row, parsed

LONGEST = timedelta(days=31)
"""A meeting longer than this is a mistake in the data."""
_LONGEST_LINE = 1_000_000
_MARK = b"--analytics-- data="
_TIME = re.compile(r"\s*(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d))")
_CREATED = re.compile(r"[0-9a-f]{40}-(\d{10,16})")
_HOURS = re.compile(r"\d{1,4}(\.\d{1,6})?")
_STARTS = ("create_meeting", "meeting_started")
_ENDS = ("meeting_ended", "meeting_destroyed")
_LEAVES = ("user_left_message", "removed_user")


def lines(path: Path) -> Iterator[bytes]:
    """Return the lines of a file one after the other; one that is longer than 1 MB comes in pieces."""
    with opened(path) as stream:
        while line := stream.readline(_LONGEST_LINE):
            yield line


def web_log(source: Iterable[bytes], node: str, accounts: Mapping[str, str] | None = None) -> Parsed[Meeting]:
    """Return the meetings in the "--analytics--" lines of bbb-web.log, the oldest first; they tell of no cameras."""
    told: dict[str, _LoggedMeeting] = {}
    bad: list[BadLine] = []
    for number, line in enumerate(source, 1):
        if _MARK not in line:
            continue
        try:
            _tell(told, line)
        except ReadingError as error:
            bad.append(BadLine(number, str(error)))
    meetings = [meeting.meeting(key, node, accounts or {}) for key, meeting in told.items() if not meeting.breakout]
    return Parsed(tuple(meeting for meeting in meetings if meeting is not None), tuple(bad))


def meetings_table(body: bytes, node: str = "") -> Parsed[Meeting]:
    """Return the meetings in a table with start, end, users; node, cameras, account, limit [h], meeting too."""
    keys: set[str] = set()

    def meeting(row: Row) -> Meeting:
        meeting = _row(row, node)
        if meeting.key in keys:  # without an id: two rows that say the same are one meeting
            raise ReadingError("this meeting is listed twice")
        keys.add(meeting.key)
        return meeting

    wanted, optional = ("start", "end", "users"), ("node", "cameras", "account", "limit", "meeting")
    return parsed(body, wanted, optional, meeting)


@dataclass(slots=True)
class _LoggedMeeting:
    """What the log has told of one meeting so far."""

    start: datetime | None = None
    seen: datetime | None = None
    end: datetime | None = None
    limit: float | None = None
    breakout: bool = False
    external: str = ""
    present: set[str] = field(default_factory=set)
    peak: int = 0

    def meeting(self, key: str, node: str, accounts: Mapping[str, str]) -> Meeting | None:
        """Return the meeting, or None if nobody came."""
        created = _CREATED.fullmatch(key)
        start = self.start or (moment(int(created[1])) if created else None)
        if start is None or self.seen is None or self.peak == 0:
            return None
        seen, end = max(self.seen, start), self.end if self.end is None else max(self.end, start)
        if seen - start > LONGEST:
            return None
        account = accounts.get(self.external)
        return Meeting(meeting_key(key), node, start, seen, end, self.peak, None, account, self.limit)


def _tell(told: dict[str, _LoggedMeeting], line: bytes) -> None:
    """Take in one line of the log."""
    head, _, tail = line.partition(_MARK)
    data = from_json(tail, "what follows data= is not JSON")
    code = data.get("logCode") if isinstance(data, dict) else None
    if not isinstance(code, str):
        raise ReadingError("no logCode")
    if code not in (*_STARTS, *_ENDS, *_LEAVES, "user_joined_message"):
        return
    key, user = data.get("meetingId"), data.get("userId")
    if not isinstance(key, str) or not key:
        raise ReadingError(f"{code} without meetingId")
    when = _logged(head)
    meeting = told.setdefault(key, _LoggedMeeting())
    if meeting.end is not None:
        return
    meeting.seen = when if meeting.seen is None else max(meeting.seen, when)
    if code in _STARTS:
        meeting.start = meeting.start or when
        meeting.breakout = meeting.breakout or data.get("isBreakout") in (True, "true") or "parentMeetingId" in data
        external, minutes = data.get("externalMeetingId"), data.get("duration")
        meeting.external = external if isinstance(external, str) else meeting.external
        if isinstance(minutes, (int, float)) and not isinstance(minutes, bool) and 0 < minutes < 1e6:
            meeting.limit = minutes / 60
    elif code in _ENDS:
        meeting.end = when
    elif not isinstance(user, str):
        raise ReadingError(f"{code} without userId")
    elif code in _LEAVES:
        meeting.present.discard(user)
    else:
        meeting.present.add(user)
        meeting.peak = max(meeting.peak, len(meeting.present))


def _logged(head: bytes) -> datetime:
    """Return the time at the beginning of a line."""
    match = _TIME.match(head.decode("ascii", "replace"))
    try:
        when = datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        when = None
    if when is None or not 2000 <= when.year < 2100:
        raise ReadingError("no time with its offset from UTC at the beginning")
    return when


def _row(row: Row, node: str) -> Meeting:
    """Return the meeting of one row of a table."""
    cells = row.cells
    start = _time(cells, "start")
    end = _time(cells, "end") if cells["end"] else None
    if end is not None and not start <= end <= start + LONGEST:
        raise ReadingError("end: wanted a time after start, at most a month later")
    account, where = row.account(), cells["node"] or node
    if cells["node"] and not NAME.match(where):
        raise ReadingError(f"node: wanted {NAME_WANTED}")
    if not where:
        raise ReadingError("node: it is empty")
    if cells["limit"] and (not _HOURS.fullmatch(cells["limit"]) or float(cells["limit"]) == 0):
        raise ReadingError("limit: wanted hours above 0")
    told = "|".join(cells[name] for name in ("start", "end", "users", "cameras", "account")) + f"|{where}"
    key = meeting_key(cells["meeting"]) if cells["meeting"] else f"row-{hashlib.sha256(told.encode()).hexdigest()[:32]}"
    return Meeting(
        key=key,
        node=where,
        start=start,
        seen=end or start,
        end=end,
        users=_whole(cells, "users", 1),
        cameras=_whole(cells, "cameras", 0) if cells["cameras"] else None,
        account=account,
        limit=float(cells["limit"]) if cells["limit"] else None,
    )


def _time(cells: Mapping[str, str], name: str) -> datetime:
    try:
        when = datetime.fromisoformat(cells[name])
    except ValueError:
        when = None
    if when is None or when.utcoffset() is None or not 2000 <= when.year < 2100:
        raise ReadingError(f"{name}: wanted a time with its offset such as 2021-05-04T10:00+01:00")
    return when


def _whole(cells: Mapping[str, str], name: str, least: int) -> int:
    text = cells[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) >= least):
        raise ReadingError(f"{name}: wanted a whole number from {least} on")
    return int(text)
