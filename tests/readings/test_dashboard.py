"""The learning dashboard: a meeting to the millisecond, cameras no longer than their users; names stay in it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_bbb import PERSONAL, Room
from hypothesis import given, settings
from hypothesis import strategies as st
from readings.test_imports import damaged

from planner.model.inputs.observations import Meeting
from planner.readings import ReadingError, dashboard

T = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ACCOUNTS = {"room-1": "ocn-001"}


def ms(minute: float) -> int:
    """Return so many minutes past nine in milliseconds since 1970."""
    return int((T + minute * MINUTE).timestamp() * 1000)


def seen(*stays: tuple[float, float], cams: tuple[tuple[float, float], ...] = (), old: bool = False) -> dict[str, Any]:
    """Return one user of a dashboard, there from and to these minutes; -1 = still there."""
    spans = [{"registeredOn": ms(a), "leftOn": 0 if b < 0 else ms(b)} for a, b in stays]
    ids = {f"w_{n}": span for n, span in enumerate(spans)} if old else {"w_1": {"sessions": spans}}
    webcams = [{"startedOn": ms(a), "stoppedOn": 0 if b < 0 else ms(b)} for a, b in cams]
    return {"name": PERSONAL[0], "extId": PERSONAL[4], "isModerator": True, "intIds": ids, "webcams": webcams}


def board(*users: dict[str, Any], ended: float = 60) -> dict[str, Any]:
    """Return a dashboard's document."""
    return {
        "intId": Room(1, start=T).internal,
        "extId": "room-1",
        "name": PERSONAL[3],
        "createdOn": ms(0),
        "endedOn": 0 if ended < 0 else ms(ended),
        "users": {f"{PERSONAL[1]}-{n}": user for n, user in enumerate(users)},
    }


def read(document: object) -> Meeting:
    """Return the meeting of a dashboard in which everybody was seen."""
    meeting, left_out = dashboard.parse(json.dumps(document).encode(), "de", ACCOUNTS)
    assert left_out == ""
    return meeting


def test_a_dashboard_gives_the_meeting_exactly() -> None:
    """Three people of whom two overlap, four of whom film; one leaves at the moment another comes."""
    meeting = read(
        board(
            seen((0, 30), cams=((1, 5), (2, 9))),
            seen((4, 60), cams=((4, 20),)),
            seen((30, 50), cams=((9, 10),)),
        )
    )
    assert meeting == Meeting(
        Room(1, start=T).internal, "de", T, T + 60 * MINUTE, T + 60 * MINUTE, 2, 3, "ocn-001", None
    )


@pytest.mark.parametrize("old", [False, True])
def test_who_comes_back_before_the_last_stay_was_ended_is_one_person(old: bool) -> None:
    """Under the one entry in which the dashboard puts them; two entries of one external id are two at once."""
    assert read(board(seen((0, 20), (10, 30), old=old), seen((40, 50), old=old))).users == 1
    assert read(board(seen((0, 20), old=old), seen((10, 30), old=old))).users == 2


def test_a_dashboard_of_a_running_meeting_says_how_long_it_ran_at_least() -> None:
    meeting = read(board(seen((0, -1), (5, 9)), seen((12, -1), cams=((13, -1),)), ended=-1))
    assert (meeting.end, meeting.seen, meeting.users, meeting.cameras) == (None, T + 13 * MINUTE, 2, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("intId"), "intId is missing"),
        (lambda d: d.pop("createdOn"), "createdOn is missing"),
        (lambda d: d.update(createdOn=1620115200), "milliseconds"),
        (lambda d: d.update(createdOn=True), "createdOn"),
        (lambda d: d.update(endedOn=ms(-5)), "ends before it starts"),
        (lambda d: d.update(endedOn=ms(60 * 24 * 40)), "longer than a month"),
        (lambda d: d.update(users=[PERSONAL[0]]), "wanted objects"),
        (lambda d: d["users"][f"{PERSONAL[1]}-0"]["webcams"].append({"startedOn": ms(9), "stoppedOn": ms(1)}), "order"),
    ],
)
def test_a_file_that_is_no_dashboard_is_refused(change: Callable[[dict[str, Any]], object], words: str) -> None:
    document = board(seen((0, 30)))
    change(document)
    with pytest.raises(ReadingError, match=words):
        read(document)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_the_largest_number_at_once_is_that_of_counting_minute_by_minute(pairs: list[tuple[int, int]]) -> None:
    """Against counting who is there half-way through each minute."""
    stays = [(min(a, b), max(a, b)) for a, b in pairs]
    counted = max(sum(a <= minute < b for a, b in stays) for minute in range(51))
    assert read(board(*(seen(stay, cams=(stay,)) for stay in stays))).users == max(counted, 0)
    assert read(board(*(seen(stay, cams=(stay,)) for stay in stays))).cameras == counted


def test_people_of_whom_no_stay_is_noted_are_counted_and_said() -> None:
    """Registered and never there, or there under an id that is gone: the largest number may be too low."""
    gone, idle = {**seen((0, 60)), "intIds": {}}, {**seen((0, 60)), "intIds": {"w_1": {"sessions": []}}}
    nothing = {key: value for key, value in seen((0, 60)).items() if key != "intIds"}
    document = board(seen((0, 60)), gone, idle, nothing)
    meeting, left_out = dashboard.parse(json.dumps(document).encode(), "de")
    assert (meeting.users, left_out) == (1, "people without any time at which they were there: 3 of 4 left out")


def test_a_session_without_its_times_is_no_time_of_a_meeting() -> None:
    """bigbluebutton#25061: registeredOn is missing, and the dashboard itself shows a white page."""
    document = board(seen((0, 60)))
    document["users"]["x"] = {**seen((0, 60)), "intIds": {"w_1": {"sessions": [{}]}}}
    with pytest.raises(ReadingError, match="registeredOn, leftOn: wanted two times in their order"):
        read(document)


def test_a_camera_whose_end_was_lost_goes_with_its_user() -> None:
    """Bigbluebutton PR 25809, #14358: at the meeting's end, in 2.4 to 3.0, it is given the meeting's end as its own."""
    body = (Path(__file__).parent / "boards" / "camera-left-open.json").read_bytes()
    meeting, _ = dashboard.parse(body, "de")
    assert (meeting.users, meeting.cameras) == (1, 1)
    ended = json.loads(body)
    ended["users"]["a"]["webcams"][0]["stoppedOn"] = ended["endedOn"]
    assert read(ended).cameras == 1


FURTHER = [
    # bigbluebutton#14358 (2.4.2): gone with the camera on; nobody else came. Running still when the file was copied
    ("#14358", board(seen((0, 5), cams=((1, -1),)), seen((6, -1), cams=((7, -1),)), ended=-1), 1, 1),
    # bigbluebutton PR 21433: who closes the tab and comes back by the same address has two sessions under one id
    ("PR 21433", board(seen((0, 10), (20, 30), cams=((5, 25),)), seen((12, 18), cams=((12, 18),))), 1, 1),
    # bigbluebutton PR 25360: the end of a camera that comes after its user's leaving is not noted
    ("PR 25360", board(seen((0, 10), cams=((1, 60),)), seen((11, 20), cams=((11, 20),))), 1, 1),
    # bigbluebutton#12936: after 2.4-beta3 who calls by telephone is a user too, without a camera
    ("#12936", board({**seen((0, 60)), "isDialIn": True}, seen((0, 60), cams=((0, 60),))), 2, 1),
    # bigbluebutton#21030, PR 21025: from 3.0 on away, reactions and raised hands are lists of their own
    ("#21030", board({**seen((0, 60)), "away": [{"startedOn": ms(5), "stoppedOn": 0}], "reactions": []}), 1, 0),
    # bigbluebutton#15199 (2.5.1): of an ended meeting, somebody whose leaving is not noted was there until its end
    ("#15199", board(seen((0, -1)), seen((30, 40))), 2, 0),
    # LearningDashboardActor of 3.1 (017e81a): whoever is registered twice after an interruption has two cameras noted
    ("017e81a", board({**seen((0, 60), cams=((1, 50), (2, 50))), "registeredInLadOn": ms(0)}), 1, 2),
]


@pytest.mark.parametrize(("report", "document", "users", "cameras"), FURTHER, ids=[one[0] for one in FURTHER])
@pytest.mark.parametrize("old", [False, True])
def test_what_people_report_of_dashboards_is_counted_right(
    report: str, document: dict[str, Any], users: int, cameras: int, old: bool
) -> None:
    """With the sessions of 3.0 and, where each id has one stay only, with the times of 2.4 to 2.7 beside the id."""
    if old:
        for user in document["users"].values():
            sessions = [session for stay in user["intIds"].values() for session in stay.get("sessions", [stay])]
            user["intIds"] = {f"w_{n}": session for n, session in enumerate(sessions)}
    meeting = read(document)
    assert (meeting.users, meeting.cameras) == (users, cameras)


def test_a_breakout_room_has_a_dashboard_of_its_own_in_2_6_and_is_no_meeting() -> None:
    """bigbluebutton#17840; who is in it has the id of the user before, and the room's number (getUserCustomData)."""
    inside = [{**seen((5, 15)), "extId": f"w_kc{n}bcxlss-2"} for n in range(3)]
    with pytest.raises(ReadingError, match="a breakout room"):
        read(board(*inside))
    assert read(board(*inside, seen((5, 15)))).users == 4


def test_a_meeting_that_nobody_entered_is_said_to_be_none() -> None:
    with pytest.raises(ReadingError, match="nobody entered"):
        read(board())


GOOD_BOARD = json.dumps(board(seen((0, 30), cams=((1, 5),)))).encode()


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(st.binary(max_size=200) | damaged(GOOD_BOARD))
def test_no_dashboard_makes_the_parser_fail_otherwise(body: bytes) -> None:
    try:
        assert dashboard.parse(body, "de")[0].users >= 0
    except ReadingError as error:
        assert not any(word in str(error) for word in PERSONAL)  # noqa: PT017  # every error is looked at, none is demanded
