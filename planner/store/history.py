"""The history of meetings: what polls of the servers saw, or logs tell, each meeting once, nothing personal."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from planner.model.inputs.observations import Meeting, NodeReading, Reading, Sample, Watching
from planner.model.inputs.pages import USUAL
from planner.store import Refused
from planner.store.database import Database, opened, text_of, transaction

WHOLE = timedelta(days=14)
"""Samples are kept one by one for so long, counted back from the newest of their node; then they are thinned."""
COARSE = timedelta(minutes=5)
"""What is older keeps of each so many minutes one row, each of its numbers the largest there was, and of each hour one
sample as it was. So `review` finds every time that a limit was passed (only two with less than this between them may
count as one), and `calibrate` the same: it learns the load from one sample an hour, whose numbers belong together."""
_AT_ONCE = timedelta(days=1)
"""As much is thinned at one poll, which is not to wait for years of them."""
GAP = timedelta(minutes=10)
"""A meeting that was gone when its node was read again after more than this has no known end: polls were missed."""

STEPS = (
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
    ("CREATE TABLE thinned (node TEXT PRIMARY KEY, until TEXT NOT NULL) STRICT, WITHOUT ROWID",),
    (
        """CREATE TABLE log (
            node TEXT NOT NULL,
            first TEXT NOT NULL,
            last TEXT NOT NULL,
            PRIMARY KEY (node, first, last)
        ) STRICT, WITHOUT ROWID""",
    ),
    # before, streams were counted by 5 cameras seen at once
    ("ALTER TABLE sample ADD COLUMN pages TEXT NOT NULL DEFAULT '5'",),
    # the nodes of which a line was once left out; '' = nobody knows whose it was
    ("CREATE TABLE skipped (node TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",),
)
_NUMBERS = ("rooms", "users", "streams", "load", "egress", "cameras")
_SAMPLE = f"at, node, answered, {', '.join(_NUMBERS)}, online, pages"
_PLACES = ", ".join("?" * 11)
_BY = "iif(streams IS NULL, NULL, pages)"
_LARGEST = 2
"""In `answered`: the row holds the largest numbers of several samples."""
_THINNED = f"""
SELECT {_SAMPLE} FROM sample WHERE node = :node AND at IN (
    SELECT ltrim(min(iif(substr(at, 15, 2) < '15', '~', '') || at), '~')
    FROM sample WHERE node = :node AND at >= :start AND at < :end AND answered = 1 AND rooms IS NOT NULL
        AND users IS NOT NULL AND load IS NOT NULL AND coalesce(streams, cameras) IS NOT NULL
    GROUP BY substr(at, 1, 13))
UNION
SELECT iif(count(*) = 1, at, printf('%s%02d:59.999999+00:00', substr(at, 1, 14), substr(at, 15, 2) / 5 * 5 + 4)),
    node, iif(count(*) = 1, answered, {_LARGEST} * max(answered > 0)),
    max(rooms), max(users), max(streams), max(load), max(egress), max(cameras), max(online),
    iif(count(DISTINCT {_BY}) > 1, '', coalesce(max({_BY}), max(pages)))
FROM sample WHERE node = :node AND at >= :start AND at < :end GROUP BY substr(at, 1, 14), substr(at, 15, 2) / 5
"""
"""The rows that the samples of a node become: of each hour the first that can teach the load, of those from a quarter
past on if there is one; of each five minutes the largest numbers, at their end. What is thinned already stays so."""
_COLUMNS = 'key, node, start, seen, "end", users, cameras, account, "limit"'


@dataclass(frozen=True, slots=True)
class Observed:
    """What one poll, or one import, changed."""

    new: int
    known: int
    """Meetings seen for the first time, and those that were in the history already."""


def open_history(path: Path, *, write: bool = True) -> AbstractContextManager[Database]:
    """Return the history at `path`, opened; see `database.opened`."""
    return opened(path, STEPS, write=write)


def observe(db: Database, reading: Reading) -> Observed:
    """Take one reading into the history, in one transaction; a meeting is known by its internal id, and counts once."""
    with transaction(db):
        # one for each node, also for those that did not answer
        nodes, pages = dict.fromkeys([*reading.nodes, *reading.unread]), str(reading.pages or USUAL)
        samples = [Sample(reading.taken_at, node, reading.nodes.get(node), pages=pages) for node in nodes]
        _write_samples(db, samples, _AT_ONCE)
        before, at = _count(db), reading.taken_at
        for node, meetings in reading.meetings.items():
            for one in meetings:
                start = min(one.start, at)  # a node's clock a little ahead makes no negative age
                seen = Meeting(one.key, node, start, at, None, one.users, one.cameras, one.account, one.limit)
                _merge(db, seen, running=True)
        _close(db, reading)
        new = _count(db) - before
    return Observed(new, sum(map(len, reading.meetings.values())) - new)


def record(
    db: Database,
    meetings: Iterable[Meeting],
    samples: Iterable[Sample] = (),
    logs: Iterable[Watching] = (),
    skipped: str | None = None,
) -> Observed:
    """Take meetings and samples from logs into the history, in one transaction; an import may be repeated.

    `skipped` is the node of which something was left out, "" if that is not known: the history does not forget it.

    Raise `Refused`, and take nothing, where one of the meetings is known of another node.
    """
    meetings = tuple(meetings)
    with transaction(db):
        before = _count(db)
        _on_one_node(db, meetings)
        for meeting in meetings:
            _merge(db, meeting)
        _write_samples(db, samples)
        for log in logs:
            # as the log's own clock has it: midnight there is where one file ends and the next begins
            row = (log.node, log.first.isoformat(), log.last.isoformat())
            db.execute("INSERT INTO log VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row)
        if skipped is not None:
            db.execute("INSERT INTO skipped VALUES (?) ON CONFLICT DO NOTHING", (skipped,))
        new = _count(db) - before
    return Observed(new, len(meetings) - new)


def most_users(db: Database) -> dict[str, tuple[int, datetime, datetime]]:
    """Return by node the most users at once that was read, and from when to when the node was.

    Of a history from logs alone it is the most that its meetings add up to, each with its largest number of users.
    """
    rows = db.execute(
        "SELECT node, max(users), min(at), max(at) FROM sample WHERE users IS NOT NULL GROUP BY node ORDER BY node"
    )
    found = {
        node: (users, datetime.fromisoformat(first), datetime.fromisoformat(last)) for node, users, first, last in rows
    }
    changes: dict[str, list[tuple[datetime, int]]] = {}
    for one in meetings(db):
        if one.node not in found:  # one whose end is not known was there as long as it was seen, and at its start
            end = one.end or max(one.seen, one.start + timedelta(seconds=1))
            changes.setdefault(one.node, []).extend([(one.start, one.users), (end, -one.users)])
    for node, steps in changes.items():
        # who leaves at the second when another comes was not there with them
        steps.sort()
        there = accumulate(users for _, users in steps)
        found[node] = max(there), steps[0][0], steps[-1][0]
    return found


def meetings(db: Database) -> tuple[Meeting, ...]:
    """Return the meetings, by start; a room nobody entered is none."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM meeting WHERE users > 0 ORDER BY start, key")
    return tuple(_meeting(row) for row in rows)


def samples(db: Database) -> tuple[Sample, ...]:
    """Return samples by node and time; those older than `WHOLE` are thinned, so that years of polls fit into memory."""
    kept: list[Sample] = []
    for (node,) in db.execute("SELECT DISTINCT node FROM sample ORDER BY node").fetchall():
        horizon = _horizon(db, node)
        done = db.execute("SELECT until FROM thinned WHERE node = ?", (node,)).fetchone()
        thinned = min(done[0] if done else "", horizon)
        kept += map(_sample, db.execute(f"SELECT {_SAMPLE} FROM sample WHERE node = ? AND at < ?", (node, thinned)))
        old = {"node": node, "start": thinned, "end": horizon}
        kept += map(_sample, db.execute(_THINNED, old))
        kept += map(_sample, db.execute(f"SELECT {_SAMPLE} FROM sample WHERE node = ? AND at >= ?", (node, horizon)))
    return tuple(sorted(kept, key=lambda sample: (sample.node, sample.at)))


def _on_one_node(db: Database, meetings: Iterable[Meeting]) -> None:
    """Refuse meetings that are known of another node: one of the two names is wrong, and so are the node's loads."""
    known = ((one, db.execute("SELECT node FROM meeting WHERE key = ?", (one.key,)).fetchone()) for one in meetings)
    elsewhere = [(one.node, row[0]) for one, row in known if row is not None and row[0] != one.node]
    if elsewhere:
        (node, other), many = elsewhere[0], len(elsewhere)
        said = "1 of these meetings is" if many == 1 else f"{many:,} of these meetings are"
        raise Refused(f"{said} known of {other} already, and here said to be of {node}: is that the right name?")


def _close(db: Database, reading: Reading) -> None:
    """End the meetings gone from nodes whose meetings were listed."""
    there = {meeting.key for meetings in reading.meetings.values() for meeting in meetings}
    for node in reading.meetings:
        running = db.execute("SELECT key, seen FROM meeting WHERE node = ? AND running", (node,)).fetchall()
        for key, seen in ((key, datetime.fromisoformat(text)) for key, text in running if key not in there):
            gap = max(reading.taken_at - seen, timedelta(0))
            end = None if gap > GAP else text_of(seen + gap / 2)
            db.execute('UPDATE meeting SET "end" = ?, running = 0 WHERE key = ?', (end, key))


def _merge(db: Database, meeting: Meeting, *, running: bool = False) -> None:
    """Take in one meeting that a poll saw in progress, or that a log tells of."""
    times = [None if time is None else text_of(time) for time in (meeting.start, meeting.seen, meeting.end)]
    db.execute(
        f"""INSERT INTO meeting ({_COLUMNS}, running) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (key) DO UPDATE SET start = min(start, excluded.start), seen = max(seen, excluded.seen),
            "end" = iif(excluded.running, NULL, coalesce(excluded."end", "end")),
            running = iif(excluded.running OR excluded."end" IS NOT NULL, excluded.running, running),
            users = max(users, excluded.users),
            cameras = max(coalesce(cameras, excluded.cameras), coalesce(excluded.cameras, cameras)),
            account = coalesce(account, excluded.account), "limit" = coalesce("limit", excluded."limit")""",
        (meeting.key, meeting.node, *times, meeting.users, meeting.cameras, meeting.account, meeting.limit, running),
    )


def _write_samples(db: Database, samples: Iterable[Sample], at_most: timedelta | None = None) -> None:
    """Write samples, and thin what has become old; of two at one time the first stays: an import may be repeated."""
    first: dict[str, datetime] = {}
    for sample in samples:
        first[sample.node] = min(sample.at, first.get(sample.node, sample.at))
        seen = sample.reading or NodeReading(online=False)
        numbers = (getattr(seen, name) for name in _NUMBERS)
        row = (sample.node, text_of(sample.at), sample.reading is not None, *numbers, seen.online, sample.pages)
        db.execute(f"INSERT INTO sample VALUES ({_PLACES}) ON CONFLICT DO NOTHING", row)
    for node, when in first.items():
        _thin(db, node, _hour(text_of(when)), at_most)


def _thin(db: Database, node: str, first: str, at_most: timedelta | None) -> None:
    """Thin the samples of a node that have become old since the last time, or were written now and are old already."""
    horizon = _horizon(db, node)
    known = db.execute("SELECT until FROM thinned WHERE node = ?", (node,)).fetchone()
    oldest = known or db.execute("SELECT min(at) FROM sample WHERE node = ?", (node,)).fetchone()
    start = min(_hour(oldest[0]), first)
    if at_most is not None:
        horizon = min(horizon, text_of(datetime.fromisoformat(start) + at_most))
    if horizon <= start:
        return
    span = {"node": node, "start": start, "end": horizon}
    rows = db.execute(_THINNED, span).fetchall()
    db.execute("DELETE FROM sample WHERE node = :node AND at >= :start AND at < :end", span)
    db.executemany(f"INSERT INTO sample ({_SAMPLE}) VALUES ({_PLACES}) ON CONFLICT DO NOTHING", rows)
    db.execute("INSERT INTO thinned VALUES (?, ?) ON CONFLICT DO UPDATE SET until = excluded.until", (node, horizon))


def _horizon(db: Database, node: str) -> str:
    """Return the time before which the samples of a node are old."""
    newest = db.execute("SELECT max(at) FROM sample WHERE node = ?", (node,)).fetchone()[0]
    return "" if newest is None else _hour(text_of(datetime.fromisoformat(newest) - WHOLE))


def _hour(time: str) -> str:
    return text_of(datetime.fromisoformat(time).replace(minute=0, second=0, microsecond=0))


def _count(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM meeting").fetchone()[0])


def _meeting(row: tuple[Any, ...]) -> Meeting:
    key, node, start, seen, end, users, cameras, account, limit = row
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(seen)
    ended = None if end is None else datetime.fromisoformat(end)
    return Meeting(key, node, first, min(last, ended or last), ended, users, cameras, account, limit)


def _sample(row: tuple[Any, ...]) -> Sample:
    at, node, answered, rooms, users, streams, load, egress, cameras, online, pages = row
    reading = NodeReading(rooms, users, streams, load, egress, cameras, bool(online)) if answered else None
    return Sample(datetime.fromisoformat(at), node, reading, COARSE if answered == _LARGEST else timedelta(0), pages)
