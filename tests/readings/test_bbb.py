"""Reading BigBlueButton: what its answer means, and that every answer that is not understood is refused in time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from fake_bbb import (
    PERSONAL,
    SECRET,
    Fake,
    Handler,
    Room,
    broken_off,
    drip,
    drip_headers,
    endless,
    hang_up,
    laughs,
    listed,
    serving,
    silence,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.inputs.observations import InProgress, NodeReading
from planner.model.inputs.pages import Pages, Step
from planner.readings import ReadingError, bbb, live, servers, transport
from planner.readings.transport import Secret

QUERY = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444"
THE_SECRET = Secret(SECRET)


def ask(fake: Fake, algorithm: bbb.Algorithm = "sha256") -> tuple[NodeReading, tuple[InProgress, ...]]:
    """Return what is read from the fake server now."""
    return bbb.read(bbb.Server("de", fake.url, THE_SECRET, algorithm), datetime.now(UTC), {"room-1": "ocn-001"})


def refusal(fake: Fake) -> str:
    """Return why the fake server is not believed; nothing personal and nothing secret is in it."""
    with serving(fake), pytest.raises(ReadingError) as caught:
        ask(fake)
    said = str(caught.value)
    assert not any(word in said for word in (*PERSONAL, SECRET, "checksum=")), said
    return said


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait half a second, not ten, and try again at once."""
    monkeypatch.setattr(transport, "PATIENCE_S", 0.5)
    monkeypatch.setattr(transport, "PAUSE_S", 0.01)


# The checksum


@pytest.mark.parametrize(
    ("call", "query", "algorithm", "wanted"),
    [
        ("create", QUERY, "sha1", "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17"),
        ("create", QUERY, "sha256", "da9185f7f333cfdfcd6eeac32dca3777510c4c436020d8b887ba5515bd1d189e"),
        ("getMeetings", "", "sha256", "a5370c5f3d97d56d53b435684cdbc429c2898a3bf9f435518b4279e1e0dbfc8c"),
    ],
)
def test_checksum_is_that_of_the_documentation(call: str, query: str, algorithm: bbb.Algorithm, wanted: str) -> None:
    assert bbb.checksum(call, query, THE_SECRET, algorithm) == wanted


@pytest.mark.parametrize("algorithm", bbb.ALGORITHMS)
def test_each_algorithm_is_accepted_by_a_server_that_knows_only_that_one(algorithm: bbb.Algorithm) -> None:
    with serving(Fake(rooms=[Room(1)], algorithms=(algorithm,))) as fake:
        assert ask(fake, algorithm)[0].rooms == 1
        for other in set(bbb.ALGORITHMS) - {algorithm}:
            with pytest.raises(ReadingError, match="the secret or the checksum algorithm"):
                ask(fake, other)


# What an answer means


def test_an_empty_server_is_read_as_zero() -> None:
    with serving(Fake()) as fake:
        assert ask(fake) == (NodeReading(rooms=0, users=0, streams=0, cameras=0), ())
    scalelite = b"<messageKey>noMeetings</messageKey><message>none</message><meetings/>"  # no_meetings_response, 1.8.5
    assert bbb.parse(b"<response><returncode>SUCCESS</returncode>%s</response>" % scalelite)[0].rooms == 0


def test_a_meeting_is_read_as_numbers_times_and_its_account() -> None:
    start = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
    with serving(
        Fake(rooms=[Room(1, users=4, cameras=2, start=start, minutes=90), Room(2, users=2, cameras=0)])
    ) as fake:
        reading, (first, second) = ask(fake)
    assert first == InProgress(Room(1, start=start).internal, start, 4, 2, "ocn-001", 1.5)
    assert (second.account, second.limit) == (None, None)
    # in: 2. Out: the moderator films and sees the other camera, so does the viewer who films; two viewers see both
    assert reading == NodeReading(rooms=2, users=6, streams=2 + 1 + 1 + 2 + 2, cameras=2)


def test_three_hundred_meetings_are_read() -> None:
    with serving(Fake(rooms=[Room(n, users=n % 9, cameras=0) for n in range(300)])) as fake:
        reading, meetings = ask(fake)
    assert (reading.rooms, reading.users, len(meetings)) == (300, sum(n % 9 for n in range(300)), 300)


@pytest.mark.parametrize("nested", [False, True])
def test_people_in_breakout_rooms_count_once_and_their_cameras_where_they_are(nested: bool) -> None:
    """Ten people, four of them in two breakout rooms with a camera each."""
    rooms = [Room(1, users=10, cameras=0)]
    rooms += [Room(n, users=2, cameras=2, moderators=0, parent=1, nested=nested) for n in (2, 3)]
    with serving(Fake(rooms=rooms)) as fake:
        reading, meetings = ask(fake)
    assert (reading.rooms, reading.users, reading.cameras) == (1, 10, 4)
    assert reading.streams == 2 * (2 + 2)  # each sends one and is sent one
    assert [meeting.users for meeting in meetings] == [10]


def test_a_breakout_room_counts_where_its_parent_is_not_listed() -> None:
    """A balancer may show one tenant's meetings only; the people are on the server all the same."""
    with serving(Fake(rooms=[Room(2, users=2, parent=1)])) as fake:
        assert ask(fake)[0].users == 2


@pytest.mark.parametrize("separator", ["", ",", ".", " ", "\u00a0", "\u202f", "'", "’"])
def test_thousands_may_be_separated_as_the_servers_language_does(separator: str) -> None:
    with serving(Fake(rooms=[Room(1, users=1234567 // 10, cameras=1001)], thousands=separator)) as fake:
        reading, _ = ask(fake)
    assert (reading.users, reading.cameras) == (123456, 1001)


def test_an_ended_meeting_and_one_ended_by_force_are_over() -> None:
    with serving(Fake(rooms=[Room(1, over=True), Room(2)])) as fake:
        assert ask(fake)[0].rooms == 1


def test_more_moderators_than_people_see_no_more_than_the_people_do() -> None:
    """bigbluebutton#21749 (2.7): who has gone is still counted as a moderator, and is sent nothing."""
    body = listed([Room(1, users=60, cameras=60, moderators=60)])
    more = body.replace(b"<moderatorCount>60", b"<moderatorCount>99")
    assert bbb.parse(more)[0].streams == bbb.parse(body)[0].streams


def test_a_meeting_that_runs_again_after_its_end_is_not_over() -> None:
    """bigbluebutton#1837: when all had left and one came back, it kept its end, running and with one participant."""
    body = listed([Room(1)]).replace(b"<endTime>0", b"<endTime>1319672607789")
    assert bbb.parse(body)[0].rooms == 1
    over = body.replace(b"<running>true", b"<running>false")
    assert bbb.parse(over)[0].rooms == 0


def test_a_meeting_nobody_has_joined_starts_when_it_was_made() -> None:
    body = listed([Room(1)]).replace(f"<startTime>{Room(1).created}".encode(), b"<startTime>0")
    assert bbb.parse(body)[1][0].start == Room(1).start


def test_an_id_that_is_not_a_hash_is_hashed_for_it_may_be_a_title() -> None:
    body = listed([Room(1)]).replace(Room(1).internal.encode(), escape(PERSONAL[3]).encode())
    key = bbb.parse(body)[1][0].key
    assert key.startswith("hashed-")
    assert PERSONAL[3] not in key


STEPS = st.lists(st.builds(Step, *[st.integers(1, 12)] * 3), max_size=3, unique_by=lambda step: step.users)
PAGES = st.builds(Pages, st.integers(1, 6), STEPS.map(lambda steps: tuple(sorted(steps))))


@given(seats=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=12), pages=PAGES)
def test_outgoing_streams_are_those_each_user_is_sent(seats: list[tuple[bool, bool]], pages: Pages) -> None:
    """Against the sum over users, one by one: min(cameras of the others, page), moderators all without a step."""
    cameras = sum(films for _, films in seats)
    reached = [step for step in pages.steps if step.users <= len(seats)]
    viewer, moderator = reached[-1][1:] if reached else (pages.viewer, 12)
    sent = sum(min(cameras - films, (viewer, moderator)[moderates]) for moderates, films in seats)
    people = "".join(
        f"<attendee><role>{role}</role><hasVideo>{str(films).lower()}</hasVideo></attendee>"
        for role, films in ((("VIEWER", "MODERATOR")[moderates], films) for moderates, films in seats)
    )
    body = listed([Room(1, users=len(seats), cameras=cameras, moderators=sum(m for m, _ in seats))])
    head, tail = body.split(b"<attendees>")[0], body.split(b"</attendees>")[1]
    whole = bbb.parse(head + f"<attendees>{people}</attendees>".encode() + tail, pages=pages)[0]
    assert whole.streams == cameras + sent
    # without the list the larger of what may be is taken
    cut = bbb.parse(head + b"<attendees></attendees>" + tail, pages=pages)[0]
    assert cut.streams is not None
    assert whole.streams <= cut.streams


def test_a_room_that_has_reached_a_threshold_is_counted_by_its_smaller_pages() -> None:
    """29 and 30 users with 20 cameras under BigBlueButton's documented example: 6 from 30 users (moderators 25)."""
    pages = Pages(5, (Step(30, 6, 25), Step(40, 5, 3)))
    rooms = {users: listed([Room(1, users=users, cameras=20)]) for users in (29, 30, 40)}
    found = {users: bbb.parse(body, pages=pages)[0].streams for users, body in rooms.items()}
    # a moderator who sends a camera is sent the other 19, or a page of them
    assert found == {29: 20 + 19 + 28 * 5, 30: 20 + 19 + 29 * 6, 40: 20 + 3 + 39 * 5}


ROOMS_OF_12 = listed([Room(n, users=12, cameras=12) for n in range(4)])


@pytest.mark.parametrize(
    ("report", "page", "streams"),
    [
        ("the default", 5, 312),
        ("case live-streams-ignore-page-size: the grid of 2.7", 48, 576),
        ("bigbluebutton#10517: 20 while no slides are shown", 20, 576),
        ("bigbluebutton#25650: 25, the most of 4.0", 25, 576),
        ("bigbluebutton pull 10320: 2 on a telephone", 2, 180),
        ("bigbluebutton#9655: 8 at a time", 8, 444),
        ("bigbluebutton pull 11339: 4 on a telephone", 4, 268),
        ("bigbluebutton#24383: 16 is not recommended", 16, 576),
    ],
)
def test_streams_are_counted_by_the_page_that_is_given(report: str, page: int, streams: int) -> None:
    """Four rooms of twelve cameras: each sends 12, its moderator is sent 11, each of 11 viewers a page at most."""
    assert bbb.parse(ROOMS_OF_12, pages=Pages(page))[0].streams == streams, report
    assert streams == 4 * (12 + 11 + 11 * min(11, page))


def test_of_a_count_and_a_list_that_differ_the_larger_counts() -> None:
    """get-meetings.ftlx (21f0493) takes them one after the other of a map that changes; nobody's camera is no zero."""
    body = listed([Room(1, users=3, cameras=2)])
    for name, number in (("participantCount", b"3"), ("videoCount", b"2")):
        none = b"<%s>%s<" % (name.encode(), number)
        assert none in body
        reading, (meeting,) = bbb.parse(body.replace(none, none.replace(number, b"0")))
        assert (reading.users, meeting.users, meeting.cameras) == (3, 3, 2)
        assert reading.cameras == 2


@pytest.mark.parametrize(("version", "streams"), [("2.2.36", 576), ("2.0-rc-1", 576), ("2.3.0", 312), ("3.0.19", 312)])
def test_up_to_2_2_everybody_sees_all(tmp_path: Path, version: str, streams: int) -> None:
    """bigbluebutton#10961, pull 10293: pages came with 2.2.23, switched off; since 2.3 they are on."""
    with serving(Fake(body=ROOMS_OF_12)) as fake:
        (tmp_path / "servers.toml").write_text(f'[nodes.de]\nurl = "{fake.url}"\nversion = "{version}"\n')
        known = servers.load(tmp_path / "servers.toml", {"PLANNER_SECRET_DE": SECRET})
        assert live.read(known, datetime.now(UTC)).nodes["de"].streams == streams
        # thresholds came with 2.3 (pull 11664): 12 cameras, 6 of them to the moderator and 4 to each of 11 viewers
        shrinking = live.read(known, datetime.now(UTC), pages=Pages(5, (Step(12, 4, 6),)))
        assert shrinking.nodes["de"].streams == (576 if streams == 576 else 4 * (12 + 6 + 11 * 4))
    (tmp_path / "servers.toml").write_text('[nodes.de]\nurl = "https://x/"\nversion = "two"\n')
    with pytest.raises(ReadingError, match=r"nodes\.de\.version: wanted what `bbb-conf --version` says"):
        servers.load(tmp_path / "servers.toml", {"PLANNER_SECRET_DE": SECRET})


# What people type and XML does not allow

CASES = Path(__file__).parent / "cases"


def test_case_bbb_control_character_in_a_name() -> None:
    body = (CASES / "bbb-control-character-in-a-name" / "getMeetings.xml").read_bytes()
    assert b"\x0b" in body
    with pytest.raises(ReadingError, match="without its internal id"):  # it is short of all else
        bbb.parse(body)
    whole = listed([Room(1)]).replace(escape(PERSONAL[3]).encode(), b"tea\x0bparty")
    assert bbb.parse(whole) == bbb.parse(listed([Room(1)]))


@pytest.mark.parametrize(
    ("report", "typed"),
    [
        ("bigbluebutton#10818 as a reference", b"tea&#x0b;&#11;&#0;party"),
        ("U+FFFF, a character that is none", "tea\uffffparty".encode()),
        ("bigbluebutton#8567: half an emoji", b"tea \xed\xa0\xbd party"),
        ("bigbluebutton#6137: letters of another encoding", b"caf\xe9"),
        ("greenlight#157: an ampersand as it was typed", b"a&b & c&amp;d"),
        ("bigbluebutton#10452: a whole emoji", "\U0001f600".encode()),
        ("a byte of nothing", b"tea\0party"),
    ],
)
def test_what_people_type_into_names_hides_no_meeting(report: str, typed: bytes) -> None:
    for name in (escape(PERSONAL[3]).encode(), PERSONAL[0].encode()):  # the room's, a user's
        rooms = [Room(1), Room(2, users=60)]
        assert bbb.parse(listed(rooms).replace(name, typed)) == bbb.parse(listed(rooms)), report


@pytest.mark.parametrize(
    ("report", "sent"),
    [
        ("mconf-web#763: a key with $", "<meta$1>x</meta$1>"),
        ("bigbluebutton#4671: a prefix that nobody declared", "<r:x>x</r:x>"),
        ("bigbluebutton pull 4375: values that are not escaped", "<title>a < b</title>"),
        ("a key that begins with a digit", "<2nd-room>x</2nd-room>"),
        ("a key with a space", "<my key>x</my key>"),
    ],
)
def test_what_a_front_end_sends_along_hides_no_meeting(report: str, sent: str) -> None:
    for room in (1, 2):
        body = listed([Room(room), Room(3)]).replace(b"<metadata>", f"<metadata>{sent}".encode(), 1)
        assert bbb.parse(body) == bbb.parse(listed([Room(room), Room(3)])), report
    data = f"<customdata>{sent}</customdata></attendee>".encode()
    assert bbb.parse(listed([Room(1)]).replace(b"</attendee>", data)) == bbb.parse(listed([Room(1)]))


def test_what_is_cut_off_is_not_mended_and_says_where() -> None:
    body = listed([Room(1), Room(2)]).replace(escape(PERSONAL[3]).encode(), b"tea\x0bparty")
    for length in range(60, len(body) - 1, 97):
        with pytest.raises(ReadingError, match=r"not whole XML: it breaks off or is not XML at line \d+"):
            bbb.parse(body[:length])


@pytest.mark.parametrize("mark", [",", ".", "\u202f"])
def test_the_template_before_2_2_groups_more_numbers(mark: str) -> None:
    """Duration and endTime too, as the server's language does (web-app/…/get-meetings.ftlx at fe8ec69)."""
    running, over = Room(1, minutes=1440), Room(2, over=True)
    body = listed([running, over]).decode()
    for number in (1440, over.created + 1):
        body = body.replace(f">{number}<", f">{number:,}<".replace(",", mark))
    reading, (meeting,) = bbb.parse(body.encode())
    assert (reading.rooms, meeting.key, meeting.limit) == (1, running.internal, 24.0)


def test_b3lb_in_front_of_the_servers_is_not_taken_for_one() -> None:
    """Where a server fails it answers as if nobody met (b3lb 3.3.2, rest/task/core.py)."""
    body = (
        b"<response>\r\n<returncode>SUCCESS</returncode>\r\n<meetings/>\r\n<messageKey>noMeetings</messageKey>\r\n"
        b"<message>no meetings were found on this server</message>\r\n</response>"
    )
    with pytest.raises(ReadingError, match=r"B3LB.* ask the server itself"):
        bbb.parse(body)
    assert bbb.parse(listed([]))[0].rooms == 0


def test_bbblb_of_which_no_tenant_meets_is_not_an_empty_server() -> None:
    """As handle_get_meetings builds it and to_xml prints it (defnull/bbblb, bbblb/web/bbbapi.py at 11a0160)."""
    body = b"<response>\n  <returncode>SUCCESS</returncode>\n  <meetings/>\n</response>\n"
    with pytest.raises(ReadingError, match="an empty list of meetings, without the key noMeetings"):
        bbb.parse(body)


# What is refused


def test_both_shapes_of_an_error_are_told_by_their_key() -> None:
    one = b"<response><returncode>FAILED</returncode><messageKey>%s</messageKey><message>Annelore</message></response>"
    two = b'<response><returncode>FAILED</returncode><errors><error key="%s" message="Annelore"/></errors></response>'
    for shape in (one, two):
        assert "the secret or the checksum algorithm" in refusal(Fake(body=shape % b"checksumError"))
        assert "maxParticipantsReached" in refusal(Fake(body=shape % b"maxParticipantsReached", status=403))
        assert "without a known reason" in refusal(Fake(body=shape % "Bartholomew (pässwörd-7)".encode()))


@pytest.mark.parametrize(
    ("fake", "words"),
    [
        (Fake(kind="text/html"), "not XML: is the address right?"),
        (Fake(kind="application/json", body=b"{}"), "not XML"),
        (Fake(body=b"<html><body>Annelore</body></html>"), "not BBB's"),
        (Fake(body=b""), "not whole XML"),
        (Fake(body=b"<response><returncode>SUCCESS</returncode>"), "not whole XML"),
        (Fake(body=b"<response><returncode>SUCCESS</returncode></response>"), "lists no meetings"),
        *(
            (Fake(body=b"<response><returncode>SUCCESS</returncode>%s</response>" % inner), words)
            for inner, words in (
                (
                    b"<meetings><conference><participantCount>140</participantCount></conference></meetings>",
                    "else than",
                ),
                (b"<meetings>140</meetings><messageKey>noMeetings</messageKey>", "something else than meetings"),
                (b"<meetings/><meetings/><messageKey>noMeetings</messageKey>", "lists meetings twice"),
                (b"<meetings/>", "an empty list of meetings, without the key noMeetings"),
                (b"<meetings><meeting/></meetings><messageKey>noMeetings</messageKey>", "and says noMeetings"),
            )
        ),
        (Fake(body=laughs()), "entities"),
        (Fake(body=b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>'), "document type"),
        (Fake(body=b'<?xml version="1.0" encoding="klingon"?><response/>'), "not whole XML"),
        (Fake(body=listed([Room(1), Room(1)])), "lists a meeting twice"),
        (Fake(body=listed([Room(1)]).replace(b"<participantCount>3", b"<participantCount>many")), "participantCount"),
        (Fake(body=listed([Room(1)]).replace(b"<participantCount>3", b"<participantCount>-3")), "participantCount"),
        (Fake(body=listed([Room(1)]).replace(b"<participantCount>3", b"<participantCount>1,23")), "participantCount"),
        (Fake(body=listed([Room(1)]).replace(b"<videoCount>1", b"<videoCount>31")), "more than 10 cameras for each of"),
        (Fake(body=listed([Room(1)]).replace(b"<videoCount>1", b"<videoCount>" + b"9" * 19)), "above a million"),
        (Fake(body=listed([Room(1)]).replace(b"<videoCount>1", b"<videoCount>" + b"9" * 9999)), "videoCount"),
        (Fake(body=listed([Room(1)]).replace(b"<startTime>1620118800000", b"<startTime>1620118800")), "milliseconds"),
        (Fake(body=listed([Room(1)]).replace(Room(1).internal.encode(), b"")), "without its internal id"),
        (Fake(rooms=[Room(1)], secret="another"), "the secret or the checksum algorithm"),
        (Fake(rooms=[Room(1)], date=datetime(2021, 5, 4, tzinfo=UTC)), "behind the one here"),
        (Fake(status=302, location="http://elsewhere.example.org/"), "a redirect, which is not followed"),
        (Fake(status=307, location="?again"), "a redirect, which is not followed"),
        (Fake(act=endless), "larger than 20 MB"),
    ],
)
def test_an_answer_that_is_not_understood_is_refused(fake: Fake, words: str) -> None:
    assert words in refusal(fake)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("act", "words"),
    [
        (silence, "no whole answer in time"),
        (drip, "no whole answer in time"),
        (drip_headers, "no whole answer in time"),
        (broken_off, "the answer breaks off"),
        (hang_up, "the connection failed"),
    ],
)
def test_a_server_that_does_not_finish_is_given_up_in_time(act: Callable[[Handler], bool], words: str) -> None:
    began = time.monotonic()
    fake = Fake(rooms=[Room(n) for n in range(9)], act=act)
    assert words in refusal(fake)
    assert time.monotonic() - began < 2 * 0.5 + 2  # two tries of half a second, and room for a busy machine
    assert len(fake.asked) == 2


@pytest.mark.usefixtures("impatient")
def test_a_failure_that_passes_is_tried_again_once() -> None:
    turns = iter([True, False])

    def once(handler: Handler) -> bool:
        return next(turns)

    with serving(Fake(rooms=[Room(1)], act=once)) as fake:
        assert ask(fake)[0].rooms == 1
    overloaded = Fake(status=503)
    assert "answered 503" in refusal(overloaded)
    assert len(overloaded.asked) == 2


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_not_there_is_named_without_the_query() -> None:
    with serving(Fake()) as fake:
        url = fake.url
    with pytest.raises(ReadingError, match="Connection refused") as caught:
        bbb.read(bbb.Server("de", url, THE_SECRET), datetime.now(UTC))
    assert f"{url}api/getMeetings" in str(caught.value)
    with pytest.raises(ReadingError, match="no such host"):
        bbb.read(bbb.Server("de", "https://bbb.invalid/", THE_SECRET), datetime.now(UTC))


def test_a_secret_is_not_shown() -> None:
    assert SECRET not in f"{THE_SECRET} {THE_SECRET!r} {[THE_SECRET]}"


@pytest.mark.parametrize(
    "url",
    ["", "de.example.org", "ftp://de.example.org/", "https://", "https://user:pass@de.example.org/", "https://[::1/",
     "https://de.example.org:99999/", "https://de.example.org/\r\nX: y", "https://de example.org/", "https://dé.example.org/"],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ReadingError, match="address") as caught:
        bbb.read(bbb.Server("de", url, THE_SECRET), datetime.now(UTC))
    assert "pass" not in str(caught.value).replace("password", "")


# Anything at all


@settings(max_examples=200, deadline=timedelta(seconds=2))
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"<response>{text}</response>".encode()))
def test_no_bytes_make_the_parser_fail_otherwise(body: bytes) -> None:
    try:
        reading, _ = bbb.parse(body)
    except ReadingError:
        return
    assert reading.rooms is not None


@settings(max_examples=300, deadline=timedelta(seconds=2))
@given(st.data())
def test_no_damage_to_a_good_answer_makes_the_parser_fail_otherwise(data: st.DataObject) -> None:
    """A piece of it is cut out, doubled or replaced: it is read, or refused in words."""
    body = listed([Room(1), Room(2, parent=1), Room(3, users=60)])
    first = data.draw(st.integers(0, len(body)))
    last = data.draw(st.integers(first, min(first + 60, len(body))))
    put = data.draw(
        st.binary(max_size=20) | st.just(body[first:last] * 2) | st.sampled_from([b"9" * 30, b"-1", b"NaN", b"\0"])
    )
    try:
        reading, meetings = bbb.parse(body[:first] + put + body[last:])
    except ReadingError as error:
        assert not any(word in str(error) for word in PERSONAL)  # noqa: PT017  # every error is looked at, none is demanded
        return
    assert reading.rooms == len(meetings)
    assert all(value is not None and value >= 0 for value in (reading.users, reading.streams, reading.cameras))


@settings(max_examples=20, deadline=timedelta(seconds=5))
@given(st.binary(max_size=300))
def test_no_answer_on_the_wire_makes_the_transport_fail_otherwise(raw: bytes) -> None:
    def blurt(handler: Handler) -> bool:
        handler.wfile.write(raw)
        return True

    with serving(Fake(act=blurt)) as fake, pytest.MonkeyPatch.context() as patch:
        for name, value in (("PATIENCE_S", 2.0), ("PAUSE_S", 0.0), ("LARGEST", 100)):
            patch.setattr(transport, name, value)
        try:
            answer = transport.fetch(fake.url)
        except ReadingError:
            return
    assert answer.body in raw  # by chance it was an answer
