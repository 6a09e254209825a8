"""The history: each meeting once, whatever happens to the polls, the nodes, the clock and this program."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.learning import node_load
from planner.model.inputs.observations import History, InProgress, Meeting, NodeReading, Reading, Sample
from planner.model.inputs.pages import USUAL, Pages, Step
from planner.store import StoreError, database, history, register
from planner.store.database import Database, text_of

T = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def poll(minute: float, *, down: tuple[str, ...] = (), **nodes: dict[str, int]) -> Reading:
    """Return a poll at so many minutes past nine: for each node the meetings in progress and their users."""
    at = T + minute * MINUTE
    return Reading(
        taken_at=at,
        source="a test",
        nodes={node: NodeReading(rooms=len(held), users=sum(held.values())) for node, held in nodes.items()},
        unread=dict.fromkeys(down, "no answer"),
        meetings={
            node: tuple(InProgress(key, T, users, cameras=users // 2) for key, users in held.items())
            for node, held in nodes.items()
        },
    )


def only(db: Database) -> Meeting:
    """Return the one meeting there is."""
    (meeting,) = history.meetings(db)
    return meeting


def test_a_meeting_is_its_start_its_end_and_its_largest_numbers(tmp_path: Path) -> None:
    """The end lies half-way between the last poll that saw it and the first that did not."""
    with history.open_history(tmp_path / "history.db") as db:
        for minute, users in enumerate([2, 7, 4]):
            history.observe(db, poll(minute, de={"m": users}))
        assert only(db).end is None
        assert history.observe(db, poll(3, de={})) == history.Observed(0, 0)
        meeting = only(db)
    assert (meeting.key, meeting.node, meeting.start, meeting.users, meeting.cameras) == ("m", "de", T, 7, 3)
    assert meeting.seen == T + 2 * MINUTE
    assert meeting.end == T + 2.5 * MINUTE
    assert meeting.hours == pytest.approx(2.5 / 60)


def test_missed_polls_leave_the_end_unknown(tmp_path: Path) -> None:
    """After a long silence nobody knows when it ended: it ran until it was last seen, at least."""
    with history.open_history(tmp_path / "history.db") as db:
        history.observe(db, poll(0, de={"m": 2}))
        history.observe(db, poll(5, de={"m": 2}))
        history.observe(db, poll(60, de={}))
        assert only(db).end is None
        assert only(db).hours == pytest.approx(5 / 60)
        history.observe(db, poll(61, de={}))  # gone already: the short time since is no reason to guess an end
        assert only(db).end is None


def test_a_node_that_is_down_ends_nothing(tmp_path: Path) -> None:
    """Its meetings are as they were; those of the other node end as ever; the failed poll is an empty sample."""
    with history.open_history(tmp_path / "history.db") as db:
        history.observe(db, poll(0, de={"m": 2}, ca={"n": 3}))
        history.observe(db, poll(1, down=("de",), ca={}))
        m, n = history.meetings(db)
        assert (m.end, n.end) == (None, T + 0.5 * MINUTE)
        history.observe(db, poll(2, de={"m": 5}, ca={}))
        history.observe(db, poll(3, de={}, ca={}))
        assert [meeting.end for meeting in history.meetings(db)] == [T + 2.5 * MINUTE, T + 0.5 * MINUTE]
        silent = [one for one in history.samples(db) if one.node == "de" and one.reading is None]
    assert silent == [Sample(T + MINUTE, "de", None)]


def test_a_node_that_is_only_counted_ends_nothing(tmp_path: Path) -> None:
    """Totals say nothing about a single meeting."""
    with history.open_history(tmp_path / "history.db") as db:
        history.observe(db, poll(0, de={"m": 2}))
        history.observe(db, Reading(T + MINUTE, "totals", {"de": NodeReading(rooms=0, users=0)}))
        assert only(db).end is None
        assert len(history.samples(db)) == 2


def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    """The file closed and opened between any two polls gives the same history."""
    polls = [poll(0, de={"m": 2}), poll(1, de={"m": 3, "n": 1}), poll(2, de={"n": 4}), poll(3, de={})]
    with history.open_history(tmp_path / "one.db") as db:
        for reading in polls:
            history.observe(db, reading)
        at_once = history.meetings(db)
    for reading in polls:
        with history.open_history(tmp_path / "two.db") as db:
            history.observe(db, reading)
    with history.open_history(tmp_path / "two.db", write=False) as db:
        assert history.meetings(db) == at_once
    assert [meeting.key for meeting in at_once] == ["m", "n"]


def test_the_same_poll_twice_is_one_poll(tmp_path: Path) -> None:
    """Two programs that poll at once, or one that is run twice, count nothing twice."""
    with history.open_history(tmp_path / "history.db") as db:
        assert history.observe(db, poll(0, de={"m": 2})).new == 1
        assert history.observe(db, poll(0, de={"m": 2})) == history.Observed(0, 1)
        assert len(history.meetings(db)) == len(history.samples(db)) == 1


def test_a_meeting_that_was_missing_from_one_answer_is_still_the_same(tmp_path: Path) -> None:
    """Its end is taken back when it is seen again."""
    with history.open_history(tmp_path / "history.db") as db:
        for minute, held in enumerate([{"m": 2}, {}, {"m": 2}]):
            history.observe(db, poll(minute, de=held))
        assert only(db).end is None
        history.observe(db, poll(3, de={}))
        assert only(db).end == T + 2.5 * MINUTE


@pytest.mark.parametrize("jump", [-3600.0, -5.0, 5.0, 3600.0])
def test_a_clock_that_jumps_shortens_no_meeting_and_counts_none_twice(tmp_path: Path, jump: float) -> None:
    """No age is negative, and what was certain before the jump stays."""
    with history.open_history(tmp_path / "history.db") as db:
        for minute in (0, 1, 2, 3 + jump, 4 + jump):
            history.observe(db, poll(minute, de={"m": 2}))
        history.observe(db, poll(5 + jump, de={}))
        meeting = only(db)
    assert meeting.start <= T
    assert meeting.seen >= T + 2 * MINUTE
    assert meeting.end is not None
    assert meeting.end >= meeting.seen


def test_a_node_whose_clock_is_ahead_gives_no_negative_age(tmp_path: Path) -> None:
    """A meeting cannot start after it was seen."""
    with history.open_history(tmp_path / "history.db") as db:
        history.observe(db, poll(-2, de={"m": 2}))
        assert only(db).start == only(db).seen == T - 2 * MINUTE


def test_a_room_that_nobody_entered_is_no_meeting(tmp_path: Path) -> None:
    """BBB lists a created room for five minutes; somebody may still come."""
    with history.open_history(tmp_path / "history.db") as db:
        history.observe(db, poll(0, de={"m": 0}))
        assert history.meetings(db) == ()
        history.observe(db, poll(1, de={"m": 2}))
        assert only(db).users == 2


def test_an_import_may_be_repeated_and_overlap_with_polls(tmp_path: Path) -> None:
    """The log knows the end to the second; nothing is counted twice, nothing known is lost."""
    exact = Meeting("m", "de", T - MINUTE, T + 30 * MINUTE, T + 30 * MINUTE, 9, None, "ocn-001", 1.0)
    with history.open_history(tmp_path / "history.db") as db:
        history.observe(db, poll(0, de={"m": 4}))
        history.observe(db, poll(60, de={}))
        assert only(db).end is None
        totals = [Sample(T, "de", NodeReading(rooms=3)), Sample(T + MINUTE, "de", NodeReading(rooms=4))]
        assert history.record(db, [exact], totals) == history.Observed(0, 1)
        assert only(db) == replace(exact, cameras=2)
        history.record(db, [exact, replace(exact, account=None, limit=None, users=1)], totals)
        assert only(db) == replace(exact, cameras=2)
        rooms = [sample.reading.rooms for sample in history.samples(db) if sample.reading]
        assert rooms == [1, 4, 0]  # the polls' own samples stay
        assert history.record(db, [replace(exact, key="n")]).new == 1


def test_a_register_is_no_history(tmp_path: Path) -> None:
    """Two kinds of file, never taken for each other."""
    file = tmp_path / "register.db"
    register.new(file, datetime.now(UTC))
    before = file.read_bytes()
    for write in (True, False):
        with pytest.raises(StoreError, match="not a history"), history.open_history(file, write=write):
            pass
        assert file.read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == ["register.db"]


@settings(max_examples=25, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30), st.integers(1, 9)), min_size=1, max_size=8),
    missed=st.sets(st.integers(0, 69)),
    restarts=st.sets(st.integers(0, 69), max_size=4),
)
def test_polls_find_each_meeting_once_with_its_length(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int, int]], missed: set[int], restarts: set[int]
) -> None:
    """A world with known meetings, polled each minute, some polls missed: the truth lies within what history says."""
    path = tmp_path_factory.mktemp("world") / "history.db"
    world = {
        f"m{n}": (T + first * MINUTE, T + (first + length) * MINUTE, users)
        for n, (first, length, users) in enumerate(spans)
    }
    polled = [minute for minute in range(70) if minute not in missed]
    chunks: list[list[int]] = [[]]
    for minute in polled:
        chunks[-1].append(minute)
        if minute in restarts:
            chunks.append([])
    for chunk in chunks:
        with history.open_history(path) as db:
            for minute in chunk:
                now = T + minute * MINUTE
                held = tuple(
                    InProgress(key, start, users, 0) for key, (start, end, users) in world.items() if start <= now < end
                )
                history.observe(db, Reading(now, "world", {"de": NodeReading(rooms=len(held))}, meetings={"de": held}))
    with history.open_history(path) as db:
        found = {meeting.key: meeting for meeting in history.meetings(db)}
    seen = {key for key, (start, end, _) in world.items() if any(start <= T + m * MINUTE < end for m in polled)}
    assert set(found) == seen
    for key, meeting in found.items():
        start, end, users = world[key]
        assert (meeting.start, meeting.users) == (start, users)
        assert meeting.seen < end
        if meeting.end is not None:
            assert abs(meeting.end - end) <= history.GAP / 2


def _observe_until_killed(path: Path, pipe: int) -> None:
    for minute in range(10_000):
        with history.open_history(path) as db:
            history.observe(db, poll(minute, de={f"m{minute // 3}": 2}))
        os.write(pipe, f"{minute}\n".encode())


def test_a_kill_during_a_poll_leaves_whole_polls_only(tmp_path: Path) -> None:
    """After kill -9 the file is whole, and every poll that was reported is there with its meeting and its sample."""
    chance = random.Random(7)
    for turn in range(8):
        path = tmp_path / f"history-{turn}.db"
        ours, theirs = os.pipe()
        process = multiprocessing.get_context("fork").Process(target=_observe_until_killed, args=(path, theirs))
        process.start()
        os.close(theirs)
        time.sleep(chance.uniform(0.02, 0.1))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        with os.fdopen(ours) as pipe:
            reported = [int(line) for line in pipe if line.endswith("\n")]
        with history.open_history(path) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            times = {sample.at for sample in history.samples(db)}
            last = max(times, default=T - MINUTE)
            assert {T + minute * MINUTE for minute in reported} <= times
            assert max((meeting.seen for meeting in history.meetings(db)), default=T - MINUTE) == last


# Thinned by age


def course(days: float, every: timedelta, seed: int = 1) -> list[Sample]:
    """Return the samples of one node: some without the load, some without an answer, some missing."""
    chance, found, at = random.Random(seed), [], T
    while at < T + timedelta(days=days):
        rooms = chance.randrange(20) if chance.random() < 0.5 else 1
        load = None if chance.random() < 0.2 else chance.random()
        seen = NodeReading(rooms, 4 * rooms, 9 * rooms, load, chance.random(), rooms)
        if (dice := chance.random()) < 0.9:
            found.append(Sample(at, "de", None if dice < 0.05 else seen))
        at += every + chance.random() * timedelta(seconds=1)
    return found


def runs(samples: Iterable[Sample], room: float) -> int:
    """Return how often the rooms passed a number; what is not known changes nothing."""
    above = [one.reading.rooms > room for one in samples if one.reading is not None and one.reading.rooms is not None]
    return sum(now and not before for before, now in zip([False, *above], above, strict=False))


@pytest.mark.parametrize("every", [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=7)])
def test_old_samples_are_thinned_and_teach_the_same(tmp_path: Path, every: timedelta) -> None:
    """Every five minutes keep their largest numbers, every hour one sample; the last two weeks stay as they are."""
    raw = course(16, every)
    with history.open_history(tmp_path / "history.db") as db:
        history.record(db, [], raw)
        kept = history.samples(db)
        stored = db.execute("SELECT count(*) FROM sample").fetchone()[0]
    horizon = (raw[-1].at - history.WHOLE).replace(minute=0, second=0, microsecond=0)
    old = [one for one in raw if one.at < horizon]
    assert stored == len(kept)
    assert [one for one in kept if one.at >= horizon] == [one for one in raw if one.at >= horizon]
    most = 13 * 24 * (horizon - T) / timedelta(days=1) + 13
    assert sum(one.at < horizon for one in kept) <= min(most, len(old))
    guess = np.array([1.0, 1.0, 1.0])
    assert node_load._hourly(kept, "de", guess, USUAL) == node_load._hourly(raw, "de", guess, USUAL)
    for name in ("rooms", "users", "streams", "load", "egress", "cameras"):
        assert _largest(kept, name) == _largest(raw, name)
    for room in (1, 5, 12, 18):
        assert 0 < runs(kept, room) <= runs(raw, room)


def test_streams_are_kept_with_the_pages_they_were_counted_by(tmp_path: Path) -> None:
    """Older histories counted by 5; five minutes in which it changed are known of no pages."""
    shrinking = Pages(5, (Step(30, 4, 16),))
    path = tmp_path / "history.db"
    with database.opened(path, history.STEPS[:3]) as db:
        db.execute("INSERT INTO sample VALUES ('de', ?, 1, 4, 48, 312, NULL, NULL, 48, 1)", (text_of(T),))
    seen = NodeReading(4, 48, 248, cameras=48)
    with history.open_history(path) as db:
        for minute, pages in ((10, shrinking), (20, Pages(48)), (21, None), (31, shrinking), (32, shrinking)):
            history.observe(db, Reading(T + minute * MINUTE, "live", {"de": seen}, pages=pages))
        history.record(db, [], [Sample(T + 33 * MINUTE, "de", NodeReading(4, 48, cameras=48))])
        as_it_is = history.samples(db)
        history.record(db, [], [Sample(T + timedelta(days=20), "de", None)])
        thinned = history.samples(db)
    counted = {USUAL: [312, 248], shrinking: [248] * 3, Pages(48): [248]}
    for pages, streams in counted.items():
        assert [held for one in as_it_is if (held := one.held("streams", pages)) is not None] == streams
    assert all(one.held("cameras", USUAL) == 48 for one in as_it_is[1:])
    assert {one.pages for one in thinned if one.over} == {"", str(shrinking)}


def _largest(samples: Iterable[Sample], name: str) -> dict[tuple[datetime, int], float]:
    """Return the largest of one number in each five minutes."""
    found: dict[tuple[datetime, int], float] = {}
    for one in samples:
        if one.reading is not None and (value := getattr(one.reading, name)) is not None:
            window = one.at.replace(minute=0, second=0, microsecond=0), one.at.minute // 5
            found[window] = max(value, found.get(window, value))
    return found


def test_thinning_goes_with_the_polls_and_comes_to_the_same(tmp_path: Path) -> None:
    """A day at a poll at most, so that none waits; read, the history is thinned already; an import is thinned anew."""
    raw = course(17, timedelta(minutes=2))
    late = [replace(one, at=one.at + timedelta(seconds=20)) for one in raw[:400]]
    with history.open_history(tmp_path / "at once.db") as db:
        history.record(db, [], raw)
        at_once = history.samples(db)
        history.record(db, [], raw)  # the same import again
        assert history.samples(db) == at_once
        history.record(db, [], late)
        with_late = history.samples(db)
    with history.open_history(tmp_path / "polls.db") as db:
        db.execute("BEGIN")
        for one in raw[:-20]:
            seen = one.reading or NodeReading(online=False)
            values = (seen.rooms, seen.users, seen.streams, seen.load, seen.egress, seen.cameras, int(seen.online))
            row = ("de", text_of(one.at), int(one.reading is not None), *values)
            db.execute("INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '5')", row)
        db.execute("COMMIT")
        left = [db.total_changes]
        for one in raw[-20:]:
            nodes = {} if one.reading is None else {"de": one.reading}
            history.observe(db, Reading(one.at, "a test", nodes, {} if nodes else {"de": "no answer"}))
            left.append(db.total_changes)
        assert history.samples(db) == at_once
        changes = [after - before for before, after in pairwise(left)]
        assert max(changes[:4]) <= 2 * 24 * 60  # a day of rows goes, and fewer come
        assert max(changes[5:]) <= 2 * 60
        history.record(db, [], late)
        assert history.samples(db) == with_late


def test_a_clock_that_was_years_ahead_once_leaves_the_polls_working(tmp_path: Path) -> None:
    with history.open_history(tmp_path / "history.db") as db:
        history.observe(db, replace(poll(0, de={"m": 1}), taken_at=T + timedelta(days=3000)))
        for minute in range(30):
            history.observe(db, poll(minute, de={"m": minute}))
        kept = [one for one in history.samples(db) if one.at < T + MINUTE * 60]
    assert max(one.reading.users or 0 for one in kept if one.reading) == 29
    assert len(kept) <= 13


def test_who_did_not_list_meetings_saw_nobody_stay_away() -> None:
    """Loads from Prometheus and unanswered polls do not lengthen the time in which an account could have met."""
    meeting = Meeting("m", "de", T, T + MINUTE, T + MINUTE, 3, 0, "ocn-001")
    long_ago, later = T - timedelta(days=90), T + timedelta(days=1)
    seen = (Sample(long_ago, "de", NodeReading(load=0.1)), Sample(long_ago, "de", None))
    assert History("x", (meeting,), seen).watched == (T, T + MINUTE)
    assert History("x", (), seen).watched is None
    listed = Sample(later, "de", NodeReading(0, 0, 0))
    assert History("x", (meeting,), (*seen, listed)).watched == (T, later)


def test_the_most_users_at_once_are_those_of_the_polls(tmp_path: Path) -> None:
    """Two meetings of 3 and 4 at once are 7, though no poll after that saw as many."""
    with history.open_history(tmp_path / "h.sqlite") as db:
        for reading in (poll(0, de={"a": 3, "b": 4}), poll(1, de={"a": 5}, ca={}), poll(2, down=("de",), ca={})):
            history.observe(db, reading)
        found = history.most_users(db)
    assert found["de"] == (7, T, T + MINUTE)
    assert found["ca"][0] == 0


def test_the_most_users_of_logs_are_what_meetings_add_up_to(tmp_path: Path) -> None:
    """One that ends as the next begins is not there with it."""
    ends = [(0, 60, 4), (30, 90, 5), (60, 120, 2), (300, 360, 8)]
    meetings = [
        Meeting(f"m{k}", "de", T + a * MINUTE, T + b * MINUTE, T + b * MINUTE, users, None)
        for k, (a, b, users) in enumerate(ends)
    ]
    with history.open_history(tmp_path / "h.sqlite") as db:
        history.record(db, meetings)
        assert history.most_users(db) == {"de": (9, T, T + 360 * MINUTE)}


def test_the_most_users_of_logs_have_meetings_whose_end_is_lost(tmp_path: Path) -> None:
    """The largest meeting of the year may be the one in which the log breaks off."""
    whole = Meeting("whole", "de", T, T + 60 * MINUTE, T + 60 * MINUTE, 4, None)
    lost = replace(whole, key="lost", seen=T + 30 * MINUTE, end=None, users=90)
    begun = replace(whole, key="begun", start=T + 50 * MINUTE, seen=T + 50 * MINUTE, end=None, users=200)
    with history.open_history(tmp_path / "h.sqlite") as db:
        history.record(db, [whole, lost])
        assert history.most_users(db)["de"][0] == 94
        history.record(db, [begun])
        assert history.most_users(db)["de"][0] == 204
