"""When nobody watched: between polls or logs, before the first and after the last, of each node."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from planner.model.inputs.observations import NodeReading, Sample, Watching
from planner.store import history
from planner.store.unwatched import all_along, unwatched

T = datetime(2021, 5, 4, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def log(first: str, last: str, node: str = "de") -> Watching:
    """Return a log from a time to a time of May 2021, on a clock two hours ahead."""
    return Watching(node, *(datetime.fromisoformat(f"2021-05-{when}:00+02:00") for when in (first, last)))


@pytest.mark.parametrize(
    ("logs", "missing"),
    [
        # a night without a line: the next file begins at midnight
        ([log("03T09:00", "03T17:00"), log("04T08:00", "04T18:00")], []),
        ([log("03T09:00", "03T17:00"), log("03T17:40", "03T18:00")], []),
        # a whole day without a file, in whole days of the log's own clock
        ([log("03T09:00", "03T17:00"), log("06T08:00", "06T18:00")], [("03T22:00", "05T22:00")]),
        # two excerpts of one day
        ([log("03T09:00", "03T10:00"), log("03T15:00", "03T16:00")], [("03T08:00", "03T13:00")]),
        ([log("06T08:00", "06T18:00"), log("03T09:00", "03T17:00"), log("04T00:00", "05T23:00")], []),
        # another node's log is missing for a day at the end, and is late on the first day
        (
            [log("03T00:00", "03T23:00"), log("04T00:00", "05T20:00"), log("03T07:00", "04T20:00", "ca")],
            [],
        ),
        ([log("03T00:00", "07T20:00"), log("03T07:00", "04T20:00", "ca")], [("04T22:00", "06T22:00")]),
        ([log("03T00:00", "07T20:00"), log("06T07:00", "07T20:00", "ca")], [("03T22:00", "05T22:00")]),
    ],
)
def test_what_lies_between_two_logs_is_not_known(
    tmp_path: Path, logs: list[Watching], missing: list[tuple[str, str]]
) -> None:
    with history.open_history(tmp_path / "history.db") as db:
        history.record(db, (), (), logs)
        found = unwatched(db)
        assert found == tuple(
            tuple(datetime.fromisoformat(f"2021-05-{when}:00+00:00") for when in span) for span in missing
        )
        history.record(db, (), (), logs)
        assert unwatched(db) == found


def test_a_poll_tells_of_the_time_that_no_log_does(tmp_path: Path) -> None:
    with history.open_history(tmp_path / "history.db") as db:
        assert unwatched(db) == ()
        history.record(db, (), (), [log("01T00:00", "01T20:00"), log("06T00:00", "06T20:00")])
        assert len(unwatched(db)) == 1
        begin = datetime(2021, 5, 2, tzinfo=UTC)
        polls = [Sample(begin + timedelta(hours=n), "de", NodeReading(streams=0)) for n in range(97)]
        history.record(db, (), [*polls[:20], *polls[60:]])
        assert unwatched(db) == ((polls[19].at, polls[60].at),)
        history.record(db, (), polls)
        assert unwatched(db) == ()


def test_a_time_without_polls_is_not_a_quiet_one(tmp_path: Path) -> None:
    """Nobody polled for two days; then one node did not answer for some hours, and later no more at all."""
    hours = [T + timedelta(hours=n) for n in range(200)]

    def listed(at: datetime, node: str) -> NodeReading | None:
        gone = node == "ca" and (hours[100] < at < hours[110] or at > hours[190])
        return None if gone else NodeReading(rooms=0, users=0, streams=0, cameras=0)

    told = [Sample(at, node, listed(at, node)) for at in (*hours[:50], *hours[98:]) for node in ("de", "ca")]
    counted = [Sample(T - timedelta(days=9), "fr", NodeReading(rooms=3, users=9))]  # Prometheus lists no meetings
    with history.open_history(tmp_path / "history.db") as db:
        history.record(db, (), (*told, *counted))
        found = unwatched(db)
    assert found == ((hours[49], hours[98]), (hours[100], hours[110]), (hours[190], hours[199]))


LISTED = NodeReading(rooms=0, users=7, streams=0, load=0.1, cameras=0)


def polls(node: str, begin: int, end: int, reading: NodeReading | None = LISTED) -> list[Sample]:
    """Return a poll each half hour, from the beginning of one day to that of another."""
    first = datetime(2021, 5, 3, tzinfo=UTC)
    return [Sample(first + timedelta(minutes=30 * n), node, reading) for n in range(48 * begin, 48 * end)]


def test_while_nobody_polls_nobody_knows_who_met(tmp_path: Path) -> None:
    """Down for a fortnight, or one server without an answer: no time without meetings."""
    start = datetime(2021, 5, 3, tzinfo=UTC)

    with history.open_history(tmp_path / "history.db") as db:
        history.record(db, (), [*polls("de", 0, 10), *polls("de", 24, 30), *polls("ca", 0, 10), *polls("ca", 24, 30)])
        last, again = start + timedelta(days=10) - timedelta(minutes=30), start + timedelta(days=24)
        assert unwatched(db) == ((last, again),)
        # who only reads the load lists nobody
        history.record(db, (), [replace(one, reading=NodeReading(load=0.1)) for one in polls("de", 10, 24)])
        assert unwatched(db) == ((last, again),)
        history.record(
            db, (), [*polls("ca", 30, 31), *polls("ca", 31, 32, None), *polls("ca", 32, 33), *polls("de", 30, 33)]
        )
        day = timedelta(days=1)
        assert unwatched(db)[1:] == ((start + 31 * day - timedelta(minutes=30), start + 32 * day),)


@pytest.mark.parametrize(
    ("of_b", "missing"),
    [
        # its first answer came on the 40th day
        ([*polls("b", 0, 40, None), *polls("b", 40, 60)], (0, 40)),
        # taken out of the servers file after three days, or put in after 30
        (polls("b", 0, 3), (3, 60)),
        (polls("b", 30, 60), (0, 30)),
        # polled all the time, and without an answer
        (polls("b", 0, 60, None), (0, 60)),
        (polls("b", 0, 60), None),
    ],
)
def test_each_node_is_held_against_the_time_in_which_any_was_polled(
    tmp_path: Path, of_b: list[Sample], missing: tuple[int, int] | None
) -> None:
    of_a = polls("a", 0, 60)
    with history.open_history(tmp_path / "history.db") as db:
        history.record(db, (), [*of_a, *of_b])
        found = unwatched(db)
    assert len(found) == (missing is not None)
    for (first, last), days in zip(found, [missing] if missing else [], strict=True):
        begin, end = (of_a[0].at + day * DAY for day in days)
        assert abs(first - begin) <= timedelta(minutes=30)
        assert abs(last - end) <= timedelta(minutes=30)


def test_a_log_too_is_held_against_the_polls_of_other_nodes(tmp_path: Path) -> None:
    with history.open_history(tmp_path / "history.db") as db:
        history.record(db, (), polls("a", 0, 9), [log("03T02:00", "06T20:00")])
        ((first, last),) = unwatched(db)
    assert (first, last) == (datetime(2021, 5, 6, 22, tzinfo=UTC), polls("a", 8, 9)[-1].at.replace(hour=0, minute=0))


def test_only_polls_and_logs_tell_of_a_node_all_along(tmp_path: Path) -> None:
    """Two readings of the load, or counts that Prometheus kept, with a hole of a month or not, say no such thing."""
    counted, loaded = NodeReading(rooms=1, users=3), NodeReading(load=0.1)
    prometheus = [*polls("fr", 0, 10, counted), *polls("fr", 40, 60, counted)]
    with history.open_history(tmp_path / "history.db") as db:
        history.record(db, (), [*prometheus, *polls("uk", 0, 60, loaded)[::1440]], [log("03T02:00", "09T20:00")])
        assert all_along(db) == {"de": (log("03T02:00", "09T20:00").first, log("03T02:00", "09T20:00").last)}
        # whose largest number is then that of who may have looked away
        history.record(db, (), polls("de", 1, 2, counted))
        assert all_along(db) == {}
    with history.open_history(tmp_path / "polled.db") as db:
        history.record(db, (), polls("a", 0, 9))
        assert all_along(db) == {"a": (polls("a", 0, 1)[0].at, polls("a", 8, 9)[-1].at)}
        history.record(db, (), polls("a", 10, 11))
        assert all_along(db) == {}
