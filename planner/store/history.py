"""The history of meetings: what polls of the servers saw, or logs tell, each meeting once, nothing personal."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from planner.model.observed import InProgress, Meeting, NodeReading, Reading, Sample
from planner.store.database import Database, Schema, opened, transaction

GAP = timedelta(minutes=10)
"""A meeting that was gone when its node was read again after more than this has no known end: polls were missed."""

SCHEMA = Schema(
    name="history",
    application_id=0x504C4849,  # "PLHI"
    steps=(
        (
            """CREATE TABLE meeting (
                key TEXT PRIMARY KEY,
                node TEXT NOT NULL,
                start TEXT NOT NULL,
                seen TEXT NOT NULL,
                "end" TEXT,
                users INTEGER NOT NULL,
                cameras INTEGER,
                account TEXT,
                "limit" REAL,
                running INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX meeting_start ON meeting (start)",
            "CREATE INDEX meeting_running ON meeting (node) WHERE running",
            """CREATE TABLE sample (
                node TEXT NOT NULL,
                at TEXT NOT NULL,
                answered INTEGER NOT NULL,
                rooms INTEGER, users INTEGER, streams INTEGER, load REAL, egress REAL, cameras INTEGER,
                online INTEGER NOT NULL,
                PRIMARY KEY (node, at)
            ) STRICT, WITHOUT ROWID""",
        ),
    ),
)
_COLUMNS = 'key, node, start, seen, "end", users, cameras, account, "limit"'


@dataclass(frozen=True, slots=True)
class Observed:
    """What one poll, or one import, changed."""

    new: int
    """Meetings seen for the first time."""
    known: int
    """Meetings that were in the history already."""


def open_history(path: Path, *, write: bool = True) -> AbstractContextManager[Database]:
    """Return the history at `path`, opened; see `database.opened`."""
    return opened(path, SCHEMA, write=write)


def observe(db: Database, reading: Reading) -> Observed:
    """Take one reading into the history, in one transaction.

    A meeting is known by its internal id, so one that is seen again (after a restart, a missed poll, a node that was
    down, or twice at the same time) is the same meeting: its largest numbers grow, its end moves. One that is gone from
    a node that was read ended half-way between the two polls, if they are at most `GAP` apart; else its end is not
    known. A node whose meetings were not listed leaves them as they are. A clock that jumps back shortens nothing.

    Raises
    ------
    StoreError
        If it could not be written: then nothing of the reading was.
    """
    with transaction(db):
        _write_samples(db, samples_of(reading))
        fresh = [
            _see(db, node, meeting, reading.taken_at) for node, found in reading.meetings.items() for meeting in found
        ]
        _close(db, reading)
    return Observed(sum(fresh), len(fresh) - sum(fresh))


def samples_of(reading: Reading) -> tuple[Sample, ...]:
    """Return the reading as one sample for each node, also for those that did not answer."""
    answered = [Sample(reading.taken_at, node, what) for node, what in reading.nodes.items()]
    silent = [Sample(reading.taken_at, node, None) for node in reading.unread if node not in reading.nodes]
    return (*answered, *silent)


def record(db: Database, meetings: Iterable[Meeting], samples: Iterable[Sample] = ()) -> Observed:
    """Take meetings and samples from logs into the history, in one transaction; what is known already is merged.

    Of two accounts of one meeting the earlier start and the larger numbers hold, and the end that an import knows
    replaces the one that polls only bracketed. So an import may be repeated, or overlap with polls.

    Raises
    ------
    StoreError
        If it could not be written: then nothing was.
    """
    before = after = given = 0
    with transaction(db):
        before = _count(db)
        for meeting in meetings:
            given += 1
            _merge(db, meeting)
        _write_samples(db, samples)
        after = _count(db)
    return Observed(after - before, given - (after - before))


def meetings(db: Database, since: datetime | None = None, until: datetime | None = None) -> tuple[Meeting, ...]:
    """Return the meetings that started from `since` to before `until`, by start; a room nobody entered is none."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM meeting WHERE users > 0 AND start >= ? AND start < ? ORDER BY start, key",
        _range(since, until),
    )
    return tuple(_meeting(row) for row in rows)


def samples(
    db: Database, node: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> tuple[Sample, ...]:
    """Return the samples of one node, or of all, from `since` to before `until`, by node and time."""
    rows = db.execute(
        """SELECT at, node, answered, rooms, users, streams, load, egress, cameras, online FROM sample
        WHERE (? IS NULL OR node = ?) AND at >= ? AND at < ? ORDER BY node, at""",
        (node, node, *_range(since, until)),
    )
    return tuple(_sample(row) for row in rows)


def _see(db: Database, node: str, meeting: InProgress, at: datetime) -> bool:
    """Take in one meeting in progress; return whether it is new."""
    now, start = _text(at), _text(min(meeting.start, at))  # a node's clock a little ahead makes no negative age
    known = db.execute("SELECT 1 FROM meeting WHERE key = ?", (meeting.key,)).fetchone()
    db.execute(
        f"""INSERT INTO meeting ({_COLUMNS}, running) VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?, 1)
        ON CONFLICT (key) DO UPDATE SET seen = max(seen, excluded.seen), "end" = NULL, running = 1,
            users = max(users, excluded.users), cameras = max(coalesce(cameras, 0), excluded.cameras),
            account = coalesce(account, excluded.account), "limit" = coalesce("limit", excluded."limit")""",
        (meeting.key, node, start, now, meeting.users, meeting.cameras, meeting.account, meeting.limit),
    )
    return known is None


def _close(db: Database, reading: Reading) -> None:
    """End the meetings gone from nodes whose meetings were listed."""
    there = {meeting.key for found in reading.meetings.values() for meeting in found}
    for node in reading.meetings:
        running = db.execute("SELECT key, seen FROM meeting WHERE node = ? AND running", (node,)).fetchall()
        for key, text in running:
            if key in there:
                continue
            seen = datetime.fromisoformat(text)
            gap = max(reading.taken_at - seen, timedelta(0))
            end = None if gap > GAP else _text(seen + gap / 2)
            db.execute('UPDATE meeting SET "end" = ?, running = 0 WHERE key = ?', (end, key))


def _merge(db: Database, meeting: Meeting) -> None:
    end = None if meeting.end is None else _text(meeting.end)
    db.execute(
        f"""INSERT INTO meeting ({_COLUMNS}, running) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
        ON CONFLICT (key) DO UPDATE SET start = min(start, excluded.start), seen = max(seen, excluded.seen),
            "end" = coalesce(excluded."end", "end"), running = iif(excluded."end" IS NULL, running, 0),
            users = max(users, excluded.users),
            cameras = max(coalesce(cameras, excluded.cameras), coalesce(excluded.cameras, cameras)),
            account = coalesce(account, excluded.account), "limit" = coalesce("limit", excluded."limit")""",
        (
            meeting.key,
            meeting.node,
            _text(meeting.start),
            _text(meeting.seen),
            end,
            meeting.users,
            meeting.cameras,
            meeting.account,
            meeting.limit,
        ),
    )


def _write_samples(db: Database, samples: Iterable[Sample]) -> None:
    """Write samples; of two of one node at one time the first stays, so an import may be repeated."""
    for sample in samples:
        seen = sample.reading or NodeReading(online=False)
        values = (seen.rooms, seen.users, seen.streams, seen.load, seen.egress, seen.cameras, int(seen.online))
        row = (sample.node, _text(sample.at), int(sample.reading is not None), *values)
        db.execute("INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row)


def _count(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM meeting").fetchone()[0])


def _meeting(row: tuple[Any, ...]) -> Meeting:
    key, node, start, seen, end, users, cameras, account, limit = row
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(seen)
    ended = None if end is None else datetime.fromisoformat(end)
    return Meeting(key, node, first, min(last, ended or last), ended, users, cameras, account, limit)


def _sample(row: tuple[Any, ...]) -> Sample:
    at, node, answered, rooms, users, streams, load, egress, cameras, online = row
    reading = NodeReading(rooms, users, streams, load, egress, cameras, bool(online)) if answered else None
    return Sample(datetime.fromisoformat(at), node, reading)


def _range(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    return ("" if since is None else _text(since), "~" if until is None else _text(until))


def _text(time: datetime) -> str:
    """Return a time so that texts sort as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
