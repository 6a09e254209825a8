"""The hours that are held against the weekly band: those of which something is known."""

from datetime import UTC, datetime, timedelta

from planner.model.inputs.capacity import Node
from planner.model.inputs.observations import History, Meeting
from planner.model.inputs.pages import USUAL
from planner.planning.band_coverage import hourly

MONDAY = datetime(2021, 5, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
NODE = Node("de", {"users": 100.0})


def meeting(begins: float, ends: float | None, key: str = "a", users: int = 5) -> Meeting:
    """Return a meeting from so many hours after Monday to so many; without an end it was seen for half an hour."""
    start = MONDAY + begins * HOUR
    end = None if ends is None else MONDAY + ends * HOUR
    return Meeting(key, "de", start, end or start + HOUR / 2, end, users, 1)


def held(*meetings: Meeting, lost: tuple[tuple[float, float], ...] = ()) -> dict[int, float]:
    """Return the users in each hour after Monday of which something is known, from the first meeting to the last."""
    spans = tuple((MONDAY + first * HOUR, MONDAY + last * HOUR) for first, last in lost)
    history = History("h", meetings, (), spans)
    seen = hourly(history, [NODE], USUAL, "UTC", MONDAY, MONDAY + 200 * HOUR)
    return {int((hour.at - MONDAY) / HOUR): hour.value for hour in seen["de", "users"][1]}


def test_an_hour_without_a_meeting_is_quiet_where_a_log_says_so_and_unknown_where_it_is_missing() -> None:
    whole, cut = meeting(9, 11), meeting(80, 82, "b")
    quiet = held(whole, cut)
    assert (quiet[9], quiet[10], quiet[11], quiet[40]) == (5, 5, 0, 0)
    known = held(whole, cut, lost=((24, 72),))
    assert set(quiet) - set(known) == set(range(24, 72))
    assert known[23] == known[72] == 0


def test_a_meeting_whose_end_is_not_known_leaves_the_hours_after_it_unknown_until_midnight() -> None:
    known = held(meeting(9, None), meeting(30, 31, "b"))
    assert known[9] == 5
    assert set(known) == {9, *range(24, 31)}
    assert known[24] == 0


def test_another_node_is_known_meanwhile() -> None:
    elsewhere = Meeting("x", "ca", MONDAY + 9 * HOUR, MONDAY + 9 * HOUR, None, 5, 1)
    assert set(held(meeting(9, 11), meeting(14, 15, "b"), elsewhere)) == set(range(9, 15))
