"""Meetings from the log of bbb-web (BigBlueButton 2.4 to 3.0), whatever a journal, a container or syslog puts in front.

Each line of a file is used, is about something else, or is left out with its reason. The lines are those that
MeetingService.java of bbb-common-web writes ("--analytics-- data=" and JSON, at 00f293a), after the time that
logback.xml of bigbluebutton-web puts first (3afc714). They tell of no cameras.
"""

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BufferedReader
from pathlib import Path
from typing import Any

from planner.model.inputs.observations import Meeting
from planner.readings import ReadingError, from_json, opened
from planner.readings.bbb import meeting_key, moment
from planner.readings.clock import LONGEST, believable
from planner.readings.stays import Span, from_breakout, peak

_LONGEST_LINE = 1_000_000
_GZIP = b"\x1f\x8b"
_NOT_READ = {
    **{b"\xfd7": "packed with xz", b"(\xb5": "packed with zstd", b"BZ": "packed with bzip2", b"PK": "a ZIP archive"},
    **{b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"},
}
_MARK = b"--analytics-- data="
_TIME = re.compile(rb"(?<!\d)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)")
_STAMP = re.compile(_TIME.pattern + rb"(?= +(?:TRACE|DEBUG|INFO|WARN|ERROR) )")
_COLOUR = re.compile(rb"(?:\x1b|#033)\[[\d;]*m")
_CREATED = re.compile(r"[0-9a-f]{40}-(\d{10,16})")
_STARTS = ("create_meeting", "meeting_started")
_ENDS = ("meeting_ended", "meeting_destroyed", "meeting_removed_from_running")
_LEAVES = ("user_left_message", "removed_user")
_JOINS = "user_joined_message"
_LIKE_OURS = re.compile("|".join(("--analytics", "analytics-- ", *_STARTS, *_ENDS, *_LEAVES, _JOINS)).encode())
_LOST, _BLOB = re.compile(rb"Suppressed \d+ messages from"), re.compile(rb"\[\d[\d.]*[BKM]? blob data\]")
_HIDDEN = "the journal does not show this line, which is long or has unusual characters in it: add -a to journalctl"


@dataclass(frozen=True, slots=True)
class Lines:
    """What became of the lines of one file: as many were read as were used, are about something else, or are bad."""

    read: int = 0
    used: int = 0
    other: int = 0
    bad: tuple[tuple[int, str], ...] = ()
    """The number of each line that was left out, and why; the last may be the end of a file that is cut off."""
    first: datetime | None = None
    last: datetime | None = None
    """The times of the first and of the last line of bbb-web, about meetings or not."""


Event = tuple[datetime, str, str]
"""When, its code, whose."""


@dataclass(slots=True)
class Log:
    """All that was read so far of the logs of one node, in any order; a line that stands in two files counts once."""

    node: str
    accounts: Mapping[str, str] = field(default_factory=dict)
    events: dict[str, dict[Event, Mapping[str, Any]]] = field(default_factory=dict)

    def add(self, source: Iterable[bytes]) -> Lines:
        """Take in the lines of one file, and return what became of them."""
        read = used = other = 0
        bad: list[tuple[int, str]] = []
        times: list[datetime] = []
        edges: list[bytes] = []
        try:
            for read, line in enumerate(source, 1):
                try:
                    found = _event(line)
                except ReadingError as error:
                    bad.append((read, str(error)))
                    continue
                if found is None:
                    other += 1
                    if stamp := _STAMP.search(line):
                        edges = [edges[0] if edges else stamp[0], stamp[0]]
                    continue
                used += 1
                key, event, data = found
                times += [event[0]]
                self.events.setdefault(key, {}).setdefault(event, data)
        except ReadingError:
            if not read:
                raise
            bad.append((read + 1, "the file is cut off or damaged here: what follows is not known"))
        times += [when for edge in edges if (when := _parsed(edge)) is not None]
        return Lines(read, used, other, tuple(bad), min(times, default=None), max(times, default=None))

    def meetings(self) -> tuple[tuple[Meeting, ...], tuple[str, ...]]:
        """Return the meetings, the oldest first, and what there is to say of those that are none or not all there."""
        told = [_meeting(key, events, self.node, self.accounts) for key, events in self.events.items()]
        found = [meeting for meeting, _ in told if meeting is not None]
        counted = Counter(remark for _, remark in told if remark)
        remarks = tuple(f"{remark}: {number}" for remark, number in sorted(counted.items()))
        return tuple(sorted(found, key=lambda meeting: (meeting.start, meeting.key))), remarks


def lines(path: Path) -> Iterator[bytes]:
    """Return the lines of a file, unpacked if need be; one that is longer than 1 MB comes in pieces."""
    with opened(path) as stream:
        assert isinstance(stream, BufferedReader)
        begin = stream.peek(2)[:2]
        if begin in _NOT_READ:
            raise ReadingError(f"{path}: wanted text, or text packed with gzip, found one that is {_NOT_READ[begin]}")
        source = gzip.GzipFile(fileobj=stream) if begin == _GZIP else stream
        try:
            while line := source.readline(_LONGEST_LINE):
                yield line
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise ReadingError(f"{path}: what gzip packed is cut off or damaged") from None


def _event(line: bytes) -> tuple[str, Event, Mapping[str, Any]] | None:
    """Return of which meeting a line tells, and what; None = it is about something else."""
    if line.lstrip()[:1] == b"{":
        line = _message(line)
    head, mark, tail = line.partition(_MARK)
    if not mark:
        if b"Suppressed" in line and _LOST.search(line):
            raise ReadingError("the journal left lines out here: what they said is not known")
        if b"blob data" in line and _BLOB.search(line):
            raise ReadingError(_HIDDEN)
        # most lines are about something else, and lack what all of these words have in common: that is quick to tell
        if (b"_" in line or b"analytics" in line) and _LIKE_OURS.search(line):
            raise ReadingError("damaged: it looks like a line about a meeting")
        return None
    # a name in another encoding is no reason not to count its bearer
    text = _COLOUR.sub(b"", tail).decode("utf-8", "replace")
    data = from_json(text.encode(), "what follows data= is not JSON")
    code = data.get("logCode") if isinstance(data, dict) else None
    if not isinstance(code, str):
        raise ReadingError("no logCode")
    if code not in (*_STARTS, *_ENDS, *_LEAVES, _JOINS):
        return None
    key, user = data.get("meetingId"), data.get("userId")
    if not isinstance(key, str) or not key:
        raise ReadingError(f"{code} without meetingId")
    if code in (*_LEAVES, _JOINS) and not isinstance(user, str):
        raise ReadingError(f"{code} without userId")
    return key, (_logged(head, key), code, user if isinstance(user, str) else ""), data


def _message(line: bytes) -> bytes:
    """Return the line that docker's json-file log, `journalctl -o json` or a store of logs has wrapped into JSON."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(data, dict):
        return line
    ours = (text for text in data.values() if isinstance(text, str) and _MARK.decode() in text)
    text = next(ours, data.get("log", data.get("MESSAGE", "")))
    if text is None:
        raise ReadingError(_HIDDEN)
    if isinstance(text, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in text):
        return bytes(text)  # as journalctl has it where it is not plain text
    return text.encode("utf-8", "replace") if isinstance(text, str) and text else line


def _logged(head: bytes, key: str) -> datetime:
    """Return the time of a line: the last before the mark is bbb-web's own; syslog and docker put theirs first."""
    times = _TIME.findall(head)
    when = _parsed(times[-1]) if times else None
    if when is None:
        raise ReadingError("no time with its offset from UTC before --analytics--")
    begun = _created(key)
    if begun is not None and not begun - timedelta(minutes=5) <= when <= begun + LONGEST:
        raise ReadingError("its time is before its meeting was created, or more than a month after")
    return when


def _parsed(time: bytes) -> datetime | None:
    try:
        when = datetime.fromisoformat(time.decode())
    except ValueError:
        return None
    return when if believable(when) else None


def _created(key: str) -> datetime | None:
    """Return when a meeting was created, which BigBlueButton's own ids say."""
    created = _CREATED.fullmatch(key)
    try:
        return moment(int(created[1])) if created else None
    except ReadingError:
        return None


def _meeting(
    key: str, told: Mapping[Event, Mapping[str, Any]], node: str, accounts: Mapping[str, str]
) -> tuple[Meeting | None, str]:
    """Return the meeting that these events make, and what there is to say of it."""
    events = sorted(told, key=lambda event: (event[0], event[1] in _ENDS))
    starts = [told[event] for event in events if event[1] in _STARTS]
    came = [str(told[event].get("externalUserId")) for event in events if event[1] == _JOINS]
    if from_breakout(came) or any(
        data.get("isBreakout") in (True, "true") or "parentMeetingId" in data for data in starts
    ):
        return None, "breakout rooms left out, for their people are counted in the rooms that they came from"
    last = max((when for when, code, _ in events if code == _JOINS), default=events[0][0])
    # what somebody comes after was not the end
    end = next((when for when, code, _ in events if code in _ENDS and when >= last), None)
    events = [event for event in events if end is None or event[0] <= end]
    start = next((when for when, code, _ in events if code in _STARTS), _created(key))
    if start is None:
        return None, "meetings left out because the log begins within them and their ids do not say when they began"
    seen = max(start, events[-1][0])
    if seen - start > LONGEST:
        return None, "meetings left out because their lines are more than a month apart"
    users = peak(_stays(events), _milliseconds(seen))
    if not users and starts:
        return None, "meetings left out because nobody entered them"
    if not users:
        return None, "meetings left out because the log begins within them and does not say who was there"
    account = next(
        (found for data in told.values() if (found := accounts.get(str(data.get("externalMeetingId"))))), None
    )
    limit = next((hours for data in starts if (hours := _hours(data.get("duration")))), None)
    meeting = Meeting(meeting_key(key), node, start, seen, end and max(end, start), users, None, account, limit)
    if not starts:
        return meeting, "meetings kept of which the log has no beginning, so that more people may have been there"
    return meeting, ""


def _stays(events: Iterable[Event]) -> list[Span]:
    """Return when each person was there. Who goes and was never seen to come was there from the first line on."""
    there: dict[str, int] = {}
    known: set[str] = set()
    stays: list[Span] = []
    begun: int | None = None
    for when, code, user in events:
        now = _milliseconds(when)
        begun = now if begun is None else begun
        if code == _JOINS:
            there.setdefault(user, now)
        elif code in _LEAVES and (user in there or user not in known):
            stays.append((there.pop(user, begun), now))
        if user:
            known.add(user)
    return [*stays, *((came, 0) for came in there.values())]


def _milliseconds(when: datetime) -> int:
    return round(when.timestamp() * 1000)


def _hours(minutes: object) -> float | None:
    """Return a limit on duration, which bbb-web logs in minutes, 0 for none [h]."""
    if isinstance(minutes, (int, float)) and not isinstance(minutes, bool) and 0 < minutes < 1e6:
        return minutes / 60
    return None
