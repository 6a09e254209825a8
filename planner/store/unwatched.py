"""When nobody watched: of what time neither a log nor a poll in the history tells."""

from datetime import datetime, timedelta

from planner.model.inputs.observations import Interval
from planner.store.database import Database

BREAK = timedelta(hours=1)
"""Between two logs of one day: no longer than somebody may be alone on a server and do nothing. Between two polls that
listed a node's meetings: whom nobody saw who came and went meanwhile."""


def unwatched(db: Database) -> tuple[Interval, ...]:
    """Return when neither a log nor a poll tells of some node, between the first and the last of any node."""
    spans: dict[str, list[tuple[datetime, datetime, bool]]] = {}
    for node, *times in db.execute("SELECT node, first, last FROM log"):
        first, last = map(datetime.fromisoformat, times)
        spans.setdefault(node, []).append((first, last, False))
    told = [time for each in spans.values() for first, last, _ in each for time in (first, last)]
    # a node that lists its meetings or never answered; Prometheus alone tells of no meetings, and takes none away
    asked = "SELECT node, min(at), max(at) FROM sample GROUP BY node HAVING count(streams) OR NOT max(answered)"
    for node, *times in db.execute(asked).fetchall():
        told += map(datetime.fromisoformat, times)
        spans.setdefault(node, []).extend((*span, True) for span in _polled(db, node))
    gaps: list[Interval] = []
    for each in spans.values():
        reached, whole_days, of_polls = min(told), True, True
        for first, last, polls in [*sorted(each), (max(told), max(told), True)]:
            if not (polls and of_polls):
                gaps += _missing(reached, first, whole_days=whole_days or first == max(told))
            elif first - reached > BREAK:
                gaps.append((reached, first))
            if last >= reached:
                reached, of_polls = last, polls
            whole_days = False
    merged: list[Interval] = []
    for begin, end in sorted(gaps):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((begin, end))
    return tuple(merged)


def all_along(db: Database) -> dict[str, Interval]:
    """Return by node from when to when polls or bbb-web's log tell of all that took place; {} = some time is missing.

    A node whose users something else counted too is left out: when that did not look is not known. So is one of which
    an import once left out a line, which may have been the largest meeting's.
    """
    doubted = """SELECT node FROM skipped
        UNION SELECT node FROM sample WHERE users IS NOT NULL AND streams IS NULL"""
    left_out = {node for (node,) in db.execute(doubted)}
    if unwatched(db) or "" in left_out:
        return {}
    rows = db.execute(
        """SELECT node, min(at), max(at) FROM sample WHERE streams IS NOT NULL GROUP BY node
        UNION ALL SELECT node, first, last FROM log"""
    )
    found: dict[str, Interval] = {}
    for node, *times in rows:
        first, last = map(datetime.fromisoformat, times)
        begin, end = found.get(node, (first, last))
        found[node] = min(begin, first), max(end, last)
    return {node: span for node, span in found.items() if node not in left_out}


def _polled(db: Database, node: str) -> list[Interval]:
    """Return from when to when polls listed the meetings of a node, without more than `BREAK` between them."""
    found = db.execute(
        """SELECT before, at FROM (
            SELECT at, lag(at) OVER (ORDER BY at) AS before FROM sample WHERE node = ? AND streams IS NOT NULL)
        WHERE before IS NULL OR julianday(at) - julianday(before) > ? ORDER BY at""",
        (node, (BREAK + timedelta(seconds=1)) / timedelta(days=1)),  # the difference is rounded
    ).fetchall()
    newest = db.execute("SELECT max(at) FROM sample WHERE node = ? AND streams IS NOT NULL", (node,)).fetchone()
    if not found:
        return []
    begins, ends = [at for _, at in found], [*(before for before, _ in found[1:]), *newest]
    return list(zip(map(datetime.fromisoformat, begins), map(datetime.fromisoformat, ends), strict=True))


def _missing(last: datetime, first: datetime, *, whole_days: bool) -> list[Interval]:
    """Return what is not known between the last line of a log and the first of the next.

    bbb-web begins a new file at midnight, so a night without a line is a quiet one; a day without a file may not be.
    """
    days = (first.date() - last.date()).days
    if first - last <= BREAK or days == 1 or (whole_days and days < 1):
        return []
    if days < 1:
        return [(last, first)]
    return [(_midnight(last) + timedelta(days=1), _midnight(first))]


def _midnight(when: datetime) -> datetime:
    return when.replace(hour=0, minute=0, second=0, microsecond=0)
