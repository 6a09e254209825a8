"""events.xml: who came and went, and when the meeting ended; no name, no chat and no camera leaves it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_bbb import PERSONAL, Room
from hypothesis import given, settings
from readings.test_imports import damaged

from planner.model.inputs.observations import Meeting
from planner.readings import ReadingError, recording

T = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def ms(minute: float) -> int:
    """Return so many minutes past nine in milliseconds since 1970."""
    return int((T + minute * MINUTE).timestamp() * 1000)


def event(minute: float, called: str, module: str = "PARTICIPANT", **inside: str) -> str:
    """Return one event as spec/fixtures/files/new-events-2_6.xml of bbb-events (cb9251a) has it."""
    when = T + minute * MINUTE
    texts = "".join(f"<{key}>{text}</{key}>" for key, text in inside.items())
    return (
        f'<event timestamp="{30_499_650 + minute * 60_000:.0f}" module="{module}" eventname="{called}">'
        f"<date>{when.isoformat()}</date><timestampUTC>{ms(minute)}</timestampUTC>{texts}</event>"
    )


def came(minute: float, user: str, external: str = "") -> str:
    """Return the event of somebody who comes."""
    more = {"name": PERSONAL[0], "role": "VIEWER", "externalUserId": external or user, "userId": user}
    return event(minute, "ParticipantJoinEvent", **more)


def went(minute: float, user: str) -> str:
    """Return the event of somebody who goes."""
    return event(minute, "ParticipantLeftEvent", userId=user)


BEGIN = event(0, "MeetingConfigurationEvent", "CONFIG", webcamsOnlyForModerator="true")
CHAT = event(3, "PublicChatEvent", "CHAT", senderId="w_1", message=PERSONAL[3])
END = event(60, "EndAndKickAllEvent", reason="ENDED_AFTER_USER_LOGGED_OUT")


def xml(*events: str, breakout: str = "false") -> str:
    """Return an events.xml."""
    key = Room(1, start=T).internal
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><recording meeting_id="{key}" bbb_version="2.6.1">'
        f'<meeting id="{key}" externalId="room-1" name="{PERSONAL[3]}" breakout="{breakout}"/>'
        f'<metadata isBreakout="{breakout}" meetingName="{PERSONAL[3]}"/>{"".join(events)}</recording>'
    )


def read(folder: Path, text: str) -> tuple[Meeting, str]:
    """Return the meeting of an events.xml, and what was left out of it."""
    (folder / "events.xml").write_text(text)
    return recording.read(folder / "events.xml", "de", {"room-1": "ocn-001"})


def test_people_come_and_go_and_the_meeting_ends(tmp_path: Path) -> None:
    """Cameras are not known."""
    people = [came(1, "w_1"), came(2, "w_2", "ann"), went(10, "w_1"), came(10, "w_4")]
    meeting, left_out = read(tmp_path, xml(BEGIN, *people, CHAT, END))
    assert meeting == Meeting(
        Room(1, start=T).internal, "de", T, T + 60 * MINUTE, T + 60 * MINUTE, 2, None, "ocn-001", None
    )
    assert left_out == ""


def test_who_comes_after_an_end_that_was_none_is_there_too(tmp_path: Path) -> None:
    early = event(5, "EndAndKickAllEvent", reason="NONE")
    meeting, _ = read(tmp_path, xml(BEGIN, came(1, "w_1"), early, came(8, "w_2"), came(9, "w_3"), END))
    assert (meeting.users, meeting.end) == (3, T + 60 * MINUTE)


def test_guests_to_whom_the_front_end_gives_one_id_are_not_one_person(tmp_path: Path) -> None:
    """Two tabs are two as well (mod_bigbluebuttonbn#191, PR 15857), as getMeetings and logs count them."""
    guests = [came(n, f"w_{n}", "guest") for n in range(1, 8)]
    assert read(tmp_path, xml(BEGIN, *guests, END))[0].users == 7


def test_who_leaves_and_never_came_is_counted_and_said(tmp_path: Path) -> None:
    """The beginning of such a file is missing, or an event was lost: how many were there may be too low."""
    meeting, left_out = read(tmp_path, xml(BEGIN, went(2, "w_9"), came(3, "w_1"), went(4, "w_8"), went(5, "w_8"), END))
    assert (meeting.users, left_out) == (1, "2 people who leave and never came left out")


def test_who_calls_by_telephone_is_there_too(tmp_path: Path) -> None:
    """Only the voice conference knows of him; whoever else speaks is counted already."""
    call = event(5, "ParticipantJoinedEvent", "VOICE", participant="v_7", callername=PERSONAL[0], bridge="7")
    speaks = event(6, "ParticipantJoinedEvent", "VOICE", participant="w_1", callername=PERSONAL[0], bridge="7")
    over = event(7, "ParticipantLeftEvent", "VOICE", participant="w_1", bridge="7")
    meeting, _ = read(tmp_path, xml(BEGIN, came(1, "w_1"), call, speaks, over, came(8, "w_2"), END))
    assert meeting.users == 3


def test_without_its_end_it_lasted_at_least_until_the_last_event(tmp_path: Path) -> None:
    meeting, _ = read(tmp_path, xml(BEGIN, came(1, "w_1"), CHAT))
    assert (meeting.end, meeting.seen) == (None, T + 3 * MINUTE)


def test_empty_events_are_left_out_and_counted(tmp_path: Path) -> None:
    """bigbluebutton#22450 (2.0 to 2.7) and #13298 (2.3)."""
    hollow = [
        '<event timestamp="" module="" eventname=""/>',
        event(2, "ParticipantTalkingEvent", "VOICE").replace(f">{ms(2)}<", "><"),
        event(3, "ParticipantJoinEvent", userId=""),
    ]
    meeting, left_out = read(tmp_path, xml(BEGIN, *hollow, came(1, "w_1"), END))
    assert meeting.users == 1
    assert left_out == "3 events without a time or whose they are left out"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # bigbluebutton#14160, #19113: only bbb-webrtc-sfu's events were kept
        (xml(event(1, "StartWebRTCShareEvent", "bbb-webrtc-sfu", filename="w_1.webm")), "events are missing"),
        (xml(), "no event in it has a time"),
        (xml(came(1, "w_1"), breakout="true"), "a breakout room"),
        (xml(came(1, "w_1"))[:-20], "not whole XML at line 1: a recording that is cut off is not used"),
        (xml(came(1, "w_1")).replace("<meeting id=", "<meeting key="), "<meeting id> is missing"),
        (xml(came(1, "w_1"), event(60 * 24 * 40, "PublicChatEvent", "CHAT")), "more than a month apart"),
        (xml(came(1, "w_1")).replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>', 1), "document type or entities"),
        ("", "not whole XML"),
    ],
)
def test_what_is_no_whole_recording_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ReadingError, match=f"events.xml: .*{says}"):
        read(tmp_path, text)


@settings(max_examples=100, deadline=timedelta(seconds=2))
@given(damaged(xml(BEGIN, came(1, "w_1"), came(2, "w_2"), went(10, "w_1"), CHAT, END).encode()))
def test_no_events_make_the_parser_fail_otherwise(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "events.xml"
    path.write_bytes(body)
    try:
        assert recording.read(path, "de")[0].users >= 0
    except ReadingError as error:
        assert not any(word in str(error) for word in PERSONAL)  # noqa: PT017  # every error is looked at, none is demanded
