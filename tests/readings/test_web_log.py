"""bbb-web's log under any prefix: each line is used, is about something else, or is left out with its reason."""

import gzip
import io
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_bbb import PERSONAL, Room
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.inputs.observations import Meeting
from planner.readings import ReadingError, web_log
from planner.readings.web_log import Lines

T = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ACCOUNTS = {"room-1": "ocn-001"}
LOGS = Path(__file__).parent / "logs"


def line(minute: float, code: str, room: int = 1, **more: Any) -> bytes:
    """Return one line of the log; the room's name and the user's are in it, as in life."""
    data = {"logCode": code, "meetingId": Room(room, start=T).internal, "name": PERSONAL[3], **more}
    if code.startswith("user"):
        data = {**data, "username": PERSONAL[0], "externalUserId": PERSONAL[4]}
    at = (T + minute * MINUTE).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{at} INFO o.b.w.api.MeetingService -  --analytics-- data={json.dumps(data)}\n".encode()


WHOLE = [
    b"2021-05-04T09:00:00.000Z DEBUG something else\n",
    line(0, "create_meeting", externalMeetingId="room-1", duration=60, isBreakout=False),
    line(1, "meeting_started", externalMeetingId="room-1", duration=60),
    line(1, "user_joined_message", userId="w_1"),
    line(2, "user_joined_message", userId="w_2"),
    line(3, "user_joined_message", userId="w_2"),
    line(4, "user_left_message", userId="w_1"),
    line(5, "user_joined_message", userId="w_3"),
    line(6, "some_other_code"),
    line(40, "meeting_ended"),
    line(41, "meeting_destroyed"),
]
MEETING = Meeting(
    Room(1, start=T).internal, "de", T, T + 40 * MINUTE, T + 40 * MINUTE, 2, None, account="ocn-001", limit=1.0
)


def read(*files: Iterable[bytes]) -> tuple[tuple[Meeting, ...], tuple[str, ...], list[Lines]]:
    """Return the meetings in the lines of some files, what is said of them, and what became of each file's lines."""
    log = web_log.Log("de", ACCOUNTS)
    lines = [log.add(file) for file in files]
    return (*log.meetings(), lines)


def test_the_log_gives_start_end_people_limit_and_account() -> None:
    meetings, remarks, (lines,) = read(WHOLE)
    assert (meetings, remarks) == ((MEETING,), ())
    assert lines == Lines(11, 9, 2, (), T, T + 41 * MINUTE)


def test_a_log_that_begins_and_ends_within_a_meeting_says_what_is_certain() -> None:
    """The start is in the id; the end is not known; who goes was there, also if the log does not say since when."""
    came, went = line(10, "user_joined_message", userId="w_1"), line(20, "user_left_message", userId="w_1")
    (meeting,), remarks, _ = read([came, went])
    assert (meeting.start, meeting.seen, meeting.end, meeting.users) == (T, T + 20 * MINUTE, None, 1)
    assert remarks == ("meetings kept of which the log has no beginning, so that more people may have been there: 1",)
    (meeting,), *_ = read([line(10, "user_joined_message", userId="w_1", externalMeetingId="room-1")])
    assert meeting.account == "ocn-001"
    others = [line(minute, "user_left_message", userId=f"w_{minute}") for minute in (12, 13, 14)]
    (meeting,), *_ = read([came, *others, line(14.5, "removed_user", userId="w_14"), went])
    assert meeting.users == 4
    for nobody in ([line(20, "meeting_ended")], [line(20, "meeting_ended"), line(21, "meeting_destroyed")]):
        meetings, (remark,), _ = read(nobody)
        assert meetings == ()
        assert remark == "meetings left out because the log begins within them and does not say who was there: 1"


def test_breakout_rooms_and_rooms_nobody_entered_are_no_meetings_of_their_own() -> None:
    breakout = [
        line(5, "create_meeting", room=2, isBreakout=True, parentMeetingId=Room(1, start=T).internal),
        line(6, "user_joined_message", room=2, userId="w_9"),
        line(7, "create_meeting", room=3),
        line(8, "meeting_ended", room=3),
    ]
    # the log begins within this one, and its people bear the ids that they have in the room they came from
    inside = [line(9, "user_joined_message", room=4, userId=f"w_{n}") for n in (7, 8)]
    inside = [one.replace(PERSONAL[4].encode(), b"w_kc1bcxlss-2") for one in inside]
    meetings, remarks, _ = read([*WHOLE, *breakout, *inside])
    assert meetings == (MEETING,)
    assert remarks == (
        "breakout rooms left out, for their people are counted in the rooms that they came from: 2",
        "meetings left out because nobody entered them: 1",
    )


def test_a_bad_line_is_named_by_its_number_skipped_and_quoted_nowhere() -> None:
    ended = line(0, "meeting_ended").split(b"data=")[1]
    bad = [
        b"2021-05-04T09:00:00.000Z -- --analytics-- data={'name': 'Annelore'\n",
        b"2021-05-04T09:00:00.000 -- --analytics-- data=" + ended,
        b"2021-99-04T09:00:00.000Z -- --analytics-- data=" + ended,
        b"2021-04-04T09:00:00.000Z -- --analytics-- data=" + ended,
        b"2021-06-14T09:00:00.000Z -- --analytics-- data=" + ended,
        line(9, "meeting_ended").replace(b"meetingId", b"meetingID"),
        line(9, "user_joined_message"),
        b"2021-05-04T09:00:00.000Z -- --analytics-- data=[" + b"[" * 100_000 + b"\n",
        b"2021-05-04T09:00:00.000Z -- --analytics-- data=7\n",
        line(9, "meeting_ended").replace(b"--analytics--", b"--anlytics--"),
        WHOLE[3][:100],
    ]
    meetings, _, (lines,) = read([*WHOLE[:3], *bad, *WHOLE[3:]])
    assert meetings == (MEETING,)
    assert [number for number, _ in lines.bad] == list(range(4, 4 + len(bad)))
    assert not any(word in problem for _, problem in lines.bad for word in PERSONAL)


def test_a_day_without_meetings_is_watched_all_the_same() -> None:
    """The lines of the log say that it was written; other times that stand in them, and continuations, do not."""
    quiet = [
        b"bbb-web_1 | 2021-05-04T00:00:03.000+02:00 DEBUG o.b.w.s.PresentationService - nothing expires before 2031\n",
        b"java.lang.NullPointerException: token of 2031-01-01T00:00:00.000Z\n",
        b"May 04 23:10:00 de java[7]: 2021-05-04T23:10:00.000+02:00 WARN  o.b.w.s.UserCleanup - 2031-01-01T00:00:00Z\n",
        b"\tat java.base/java.lang.Thread.run(2031-01-01T00:00:00.000Z)\n",
    ]
    meetings, remarks, (lines,) = read(quiet)
    assert (meetings, remarks, lines.other) == ((), (), 4)
    assert (lines.first, lines.last) == (T - 10 * 60 * MINUTE - 59.95 * MINUTE, T + 12 * 60 * MINUTE + 10 * MINUTE)


def test_a_line_without_end_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "bbb-web.log"
    path.write_bytes(b"x" * 2_500_000 + b"\n" + b"".join(WHOLE))
    assert max(len(piece) for piece in web_log.lines(path)) <= 1_000_000
    assert read(web_log.lines(path))[0] == (MEETING,)
    with pytest.raises(ReadingError, match="cannot be read"):
        list(web_log.lines(tmp_path))


# Under any prefix


@pytest.mark.parametrize("name", ["bbb-web.log.1", "compose.log", "journal.log"])
def test_journal_and_docker_compose_put_something_in_front(name: str) -> None:
    """Made by hand after what journalctl and docker compose print, and as logrotate names old files."""
    meetings, remarks, (lines,) = read(web_log.lines(LOGS / name))
    assert (lines.read, lines.used, remarks) == (4, 4, ())
    start = datetime(2021, 5, 4, 9, 0, 0, 100_000, tzinfo=UTC)
    assert [(one.users, one.start, one.end) for one in meetings] == [(2, start, T + 50 * MINUTE)]


def docker(text: bytes) -> bytes:
    """Return a line as docker's json-file log wraps it."""
    return json.dumps({"log": text.decode(), "stream": "stdout", "time": "2030-01-01T00:00:00.1Z"}).encode() + b"\n"


def journal(text: bytes) -> bytes:
    """Return a line as `journalctl -o json` prints it."""
    return json.dumps({"MESSAGE": text.decode().rstrip(), "_HOSTNAME": "de", "PRIORITY": "6"}).encode() + b"\n"


FURTHER = {
    # bigbluebutton#12656: rsyslog with a time of its own, the host and the program, as that of bbb-apps-akka there
    "#12656": lambda one: b"2021-06-23T18:59:24.130671+00:00 mxdb015482 bbb-web[5294]: " + one,
    # alangecker/bigbluebutton-docker#35: supervisord in a container of docker-compose, so two names in front
    "docker#35": lambda one: b"core_1         | bbb-web        | " + one,
    # greenlight#5188: `docker logs -ft` puts a time with nanoseconds in front
    "greenlight#5188": lambda one: b"2021-06-23T18:59:24.130671123Z " + one,
    # docker/compose#12084: --ansi=always colours the name, and may leave a reset at the end
    "compose#12084": lambda one: b"\x1b[96mbbb-web-1  | \x1b[0m" + one.rstrip() + b"\x1b[0m\n",
    # docker/for-linux#1321 shows the lines of docker's json-file log
    "for-linux#1321": docker,
    "journalctl -o json": journal,
    # Scribery/cockpit-session-recording PR 39: what is not plain text is a list of bytes there
    "journalctl -o json -a": lambda one: json.dumps({"MESSAGE": list(one)}).encode() + b"\n",
    # grafana/loki#239: what Loki and Logstash hand out, under names of their own
    "loki#239": lambda one: json.dumps({"labels": {}, "line": one.decode(), "timestamp": "1"}).encode() + b"\n",
    "logstash": lambda one: json.dumps({"@timestamp": "1", "message": one.decode()}).encode() + b"\n",
    # a name in Latin-1, as Java writes it where no locale is set
    "Latin-1": lambda one: one.replace(b'"name": "', b'"name": "Zo\xeb'),
    # bigbluebutton#7079: bbb-web writes the server's own time, three hours ahead of UTC there
    "#7079": lambda one: one.replace(b"T09:", b"T12:").replace(b"Z INFO", b"+03:00 INFO"),
    "Windows": lambda one: one.rstrip() + b"\r\n",
}


@pytest.mark.parametrize("report", FURTHER)
def test_a_line_means_the_same_whatever_stands_around_it(report: str) -> None:
    meetings, remarks, (lines,) = read(map(FURTHER[report], WHOLE))
    assert (meetings, remarks) == ((MEETING,), ())
    assert lines.read == lines.used + lines.other == len(WHOLE)


def test_a_packed_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    """PR 23336 of bigbluebutton: 3.0 packs the days before with gzip."""
    path = tmp_path / "bbb-web.2021-05-04.log"
    path.write_bytes(gzip.compress(b"".join(WHOLE)))
    assert read(web_log.lines(path))[0] == (MEETING,)


@pytest.mark.parametrize("cut", [0.5, 0.9])
def test_a_packed_file_that_is_cut_off_is_used_as_far_as_it_goes_and_said_to_be_cut(tmp_path: Path, cut: float) -> None:
    path = tmp_path / "bbb-web.log.2.gz"
    noise = [f"2021-05-04T09:00:00.000Z DEBUG {os.urandom(60).hex()}\n".encode() for _ in range(200)]
    whole = gzip.compress(b"".join([*WHOLE, *noise]))
    path.write_bytes(whole[: int(len(whole) * cut)])
    meetings, _, (lines,) = read(web_log.lines(path))
    assert meetings == (MEETING,)
    assert lines.bad == ((lines.read + 1, "the file is cut off or damaged here: what follows is not known"),)
    path.write_bytes(whole[:12])
    with pytest.raises(ReadingError, match=r"bbb-web\.log\.2\.gz: what gzip packed is cut off"):
        read(web_log.lines(path))


@pytest.mark.parametrize(
    ("begin", "says"),
    [
        (b"\xfd7zXZ\0", "packed with xz"),
        (b"(\xb5/\xfd", "packed with zstd"),
        (b"BZh9", "packed with bzip2"),
        (b"PK\x03\x04", "a ZIP archive"),
        ("2021".encode("utf-16"), "UTF-16"),  # Pengor/chia-log-analysis#17: what PowerShell makes of > and tee
    ],
)
def test_what_is_packed_or_written_otherwise_is_refused_and_not_taken_for_a_quiet_log(
    tmp_path: Path, begin: bytes, says: str
) -> None:
    path = tmp_path / "bbb-web.log"
    path.write_bytes(begin + b"".join(WHOLE))
    with pytest.raises(ReadingError, match=f"bbb-web.log: wanted text, or text packed with gzip, found one .* {says}"):
        list(web_log.lines(path))


# What people report of what stands in it


def test_the_order_of_the_files_does_not_matter_and_a_line_in_two_of_them_counts_once() -> None:
    """A shell lists bbb-web.log before bbb-web.log.1; logrotate may have copied what it then cuts."""
    assert read(WHOLE[5:], WHOLE[:7])[:2] == ((MEETING,), ())


def test_a_crash_of_bbb_web_leaves_the_end_unknown() -> None:
    """bigbluebutton#13155: meetings go on, but bbb-web knows them no longer and logs nothing of them."""
    (meeting,), *_ = read(WHOLE[:8])
    assert (meeting.end, meeting.seen, meeting.users) == (None, T + 5 * MINUTE, 2)


def test_what_somebody_comes_after_was_not_the_end() -> None:
    """Whoever came later was left out, and the meeting ended too early."""
    early = line(4.5, "meeting_removed_from_running")
    assert read([*WHOLE[:7], early, *WHOLE[7:]])[:2] == ((MEETING,), ())
    (meeting,), *_ = read([*WHOLE[:7], early, *WHOLE[7:9]])
    assert (meeting.end, meeting.users) == (None, MEETING.users)


def test_who_is_there_at_the_end_needs_no_line_of_leaving() -> None:
    """bigbluebutton#19910: nobody is noted to leave when a meeting is ended, and some come for a second."""
    quick = [line(7, "user_joined_message", userId="w_4"), line(7 + 1 / 60, "user_left_message", userId="w_4")]
    (meeting,), *_ = read([*WHOLE[:8], *quick, *WHOLE[8:]])
    assert (meeting.users, meeting.end) == (3, T + 40 * MINUTE)


def test_what_the_journal_suppressed_is_said_to_be_unknown() -> None:
    """bigbluebutton#21559: bbb-web fills the journal, which has a limit; systemd-journald says what it dropped."""
    lost = b"May 04 09:10:00 de systemd-journald[312]: Suppressed 4133 messages from bbb-web.service\n"
    meetings, _, (lines,) = read([*WHOLE[:4], lost, *WHOLE[4:]])
    assert meetings == (MEETING,)
    assert lines.bad == ((5, "the journal left lines out here: what they said is not known"),)


@pytest.mark.parametrize(
    "hidden",
    [
        b"May 04 09:05:00 de java[5294]: [1.1K blob data]\n",  # systemd PR 10527
        b'{"MESSAGE":null,"_HOSTNAME":"de","PRIORITY":"6"}\n',  # systemd#24186: above 4 kB
    ],
)
def test_what_the_journal_does_not_show_is_named_with_how_to_see_it(hidden: bytes) -> None:
    _, _, (lines,) = read([*WHOLE[:4], hidden, *WHOLE[4:]])
    ((number, says),) = lines.bad
    assert number == 5
    assert says.endswith("add -a to journalctl")


def test_a_line_that_docker_split_is_left_out_and_the_rest_of_it_counted() -> None:
    """moby#36777: above 16 kB the json-file log has two entries for a line."""
    long = line(5.5, "user_joined_message", userId="w_9", x="y" * 20_000)
    halves = [docker(long[:16_384]), docker(long[16_384:])]
    meetings, _, (lines,) = read([*map(docker, WHOLE), *halves])
    assert meetings == (MEETING,)
    assert (lines.bad, lines.other) == (((len(WHOLE) + 1, "what follows data= is not JSON"),), 3)


def test_lines_of_2_2_name_ids_otherwise_and_are_about_something_else() -> None:
    """bbb-install#93: join_api with meetingid and userid, an external id that is a title, a duration of 0."""
    data = {"extMeetingid": "Demo Meeting", "logCode": "join_api", "meetingid": "x", "userid": "w_1", "name": "k"}
    api = f"2021-05-04T09:00:30.832Z INFO o.b.w.c.ApiController -  --analytics-- data={json.dumps(data)}\n".encode()
    created = line(0, "create_meeting", externalMeetingId="Demo Meeting", duration=0, record=True)
    (meeting,), _, (lines,) = read([created, api, *WHOLE[3:]])
    assert (meeting.limit, meeting.account, lines.bad) == (None, None, ())


def test_another_program_in_the_same_journal_is_about_something_else() -> None:
    """bigbluebutton#12656: the lines of bbb-apps-akka have "-- analytics --", and are not bbb-web's."""
    akka = (
        b"2021-06-23T18:59:24.130671+00:00 mxdb015482 bbb-apps-akka[5294]: 2021-06-23T18:59:24.130Z INFO  "
        b'o.b.core2.AnalyticsActor - -- analytics -- {"envelope":{"name":"UserJoinedMeetingEvtMsg"}}\n'
    )
    meetings, _, (lines,) = read([*WHOLE, akka])
    assert (meetings, lines.other, lines.bad) == ((MEETING,), 3, ())


# Anything at all


@st.composite
def harmed(draw: st.DrawFn) -> bytes:
    """Return a log with up to three pieces cut out, doubled or put in."""
    around = draw(st.sampled_from([bytes, *FURTHER.values()]))
    body = b"".join(around(one) for one in WHOLE)
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(0, len(body)))
        last = draw(st.integers(first, min(first + 60, len(body))))
        put = draw(st.just(b"") | st.just(body[first:last] * 2) | st.binary(max_size=12) | st.just(b"\n"))
        body = body[:first] + put + body[last:]
    return body


def accounted(body: bytes) -> None:
    """Hold that of a damaged log each line is used, about something else, or left out with its reason."""
    meetings, remarks, (lines,) = read(io.BytesIO(body))
    assert lines.read == body.count(b"\n") + (not body.endswith(b"\n") and body != b"")
    assert lines.read == lines.used + lines.other + len(lines.bad)
    numbers = [number for number, _ in lines.bad]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= lines.read and problem for number, problem in lines.bad)
    # whatever was used is in a meeting, or in a remark on one
    assert not lines.used or meetings or remarks
    for meeting in meetings:
        assert meeting.users >= 1
        assert meeting.start <= meeting.seen
    assert not any(word in f"{remarks} {lines.bad}" for word in PERSONAL)


@settings(max_examples=200, deadline=timedelta(seconds=2))
@given(harmed())
def test_bytes_cut_put_in_or_doubled_never_make_a_line_disappear(body: bytes) -> None:
    """5,000 and more of them: tests/prove/prove_history.py."""
    accounted(body)


@pytest.mark.parametrize("start", range(len(b"--analytics-- data=")))
def test_a_mark_that_is_damaged_anywhere_is_found_damaged(start: int) -> None:
    joined = WHOLE[3]
    at = joined.index(b"--analytics--") + start
    _, _, (lines,) = read([joined[:at] + joined[at + 1 :]])
    assert (lines.used, lines.other, len(lines.bad)) == (0, 0, 1)
