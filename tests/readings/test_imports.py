"""Logs and tables: what is certain becomes a meeting or a member, bad lines are named and skipped, names stay out."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fake_bbb import PERSONAL, Room
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.inputs.observations import Meeting, Member
from planner.readings import ReadingError, dashboard, imports, members, tables
from planner.readings.tables import BadLine

T = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ACCOUNTS = {"room-1": "ocn-001"}


def ms(minute: float) -> int:
    """Return so many minutes past nine in milliseconds since 1970."""
    return int((T + minute * MINUTE).timestamp() * 1000)


# The learning dashboard


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
    """Return the meeting of a dashboard."""
    return dashboard.parse(json.dumps(document).encode(), "de", ACCOUNTS)


def test_a_dashboard_gives_the_meeting_exactly() -> None:
    """Three people of whom two overlap, four of whom film; one leaves at the moment another comes."""
    meeting = read(
        board(
            seen((0, 30), cams=((1, 5), (2, 9))),
            seen((10, 60), cams=((4, 20),)),
            seen((30, 50), cams=((9, 10),)),
        )
    )
    assert meeting == Meeting(
        Room(1, start=T).internal, "de", T, T + 60 * MINUTE, T + 60 * MINUTE, 2, 3, "ocn-001", None
    )


@pytest.mark.parametrize("old", [False, True])
def test_somebody_in_two_tabs_is_one_person_also_in_older_files(old: bool) -> None:
    assert read(board(seen((0, 20), (10, 30), old=old), seen((40, 50), old=old))).users == 1


def test_a_dashboard_of_a_running_meeting_says_how_long_it_ran_at_least() -> None:
    meeting = read(board(seen((0, -1), (5, 9)), seen((12, -1), cams=((13, -1),)), ended=-1))
    assert (meeting.end, meeting.seen, meeting.users, meeting.cameras) == (None, T + 13 * MINUTE, 2, 1)
    assert meeting.censored


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


# bbb-web's log


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


def test_the_log_gives_start_end_people_limit_and_account() -> None:
    found = imports.web_log(WHOLE, "de", ACCOUNTS)
    assert found == tables.Parsed(
        (
            Meeting(
                Room(1, start=T).internal,
                "de",
                T,
                T + 40 * MINUTE,
                T + 40 * MINUTE,
                2,
                None,
                account="ocn-001",
                limit=1.0,
            ),
        ),
        (),
    )


def test_a_log_that_begins_and_ends_within_a_meeting_says_what_is_certain() -> None:
    """The start is in the id; the end is not known."""
    (meeting,) = imports.web_log(
        [line(10, "user_joined_message", userId="w_1"), line(20, "user_left_message", userId="w_1")], "de"
    ).rows
    assert (meeting.start, meeting.seen, meeting.end, meeting.users) == (T, T + 20 * MINUTE, None, 1)


def test_breakout_rooms_and_rooms_nobody_entered_are_no_meetings_of_their_own() -> None:
    breakout = [
        line(5, "create_meeting", room=2, isBreakout=True, parentMeetingId=Room(1, start=T).internal),
        line(6, "user_joined_message", room=2, userId="w_9"),
        line(7, "create_meeting", room=3),
        line(8, "meeting_ended", room=3),
    ]
    assert len(imports.web_log([*WHOLE, *breakout], "de").rows) == 1


def test_a_bad_line_is_named_by_its_number_skipped_and_quoted_nowhere() -> None:
    bad = [
        b"2021-05-04T09:00:00.000Z -- --analytics-- data={'name': 'Annelore'\n",
        b"2021-05-04T09:00:00.000 -- --analytics-- data=" + line(0, "meeting_ended").split(b"data=")[1],
        b"2021-99-04T09:00:00.000Z -- --analytics-- data=" + line(0, "meeting_ended").split(b"data=")[1],
        line(9, "meeting_ended").replace(b"meetingId", b"meetingID"),
        line(9, "user_joined_message"),
        b"2021-05-04T09:00:00.000Z -- --analytics-- data=[" + b"[" * 100_000 + b"\n",
        b"2021-05-04T09:00:00.000Z -- --analytics-- data=7\n",
        WHOLE[3][:100],
    ]
    found = imports.web_log([*WHOLE[:3], *bad, *WHOLE[3:]], "de", ACCOUNTS)
    assert found.rows == imports.web_log(WHOLE, "de", ACCOUNTS).rows
    assert [one.line for one in found.bad] == list(range(4, 4 + len(bad)))
    assert not any(word in one.problem for one in found.bad for word in PERSONAL)


def test_a_line_without_end_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "bbb-web.log"
    path.write_bytes(b"x" * 2_500_000 + b"\n" + b"".join(WHOLE))
    assert max(len(piece) for piece in imports.lines(path)) <= 1_000_000
    assert len(imports.web_log(imports.lines(path), "de").rows) == 1
    with pytest.raises(ReadingError, match="cannot be read"):
        list(imports.lines(tmp_path))


# Tables

TABLE = """# generated, not measured
Start,End,Users,Node,Cameras,Account,Limit,Host
2021-05-04T10:00+01:00,2021-05-04T11:00+01:00,6,de,2,ocn-001,3,Annelore
2021-05-04T10:00+01:00,,4,ca,,,,Bartholomew
"""


def test_a_table_of_meetings_is_read_and_other_columns_are_left_outside() -> None:
    found = imports.meetings_table(TABLE.encode())
    first, second = found.rows
    assert (first.start, first.end, first.users, first.cameras) == (T, T + 60 * MINUTE, 6, 2)
    assert (first.account, first.limit, first.node, first.hours) == ("ocn-001", 3.0, "de", 1.0)
    assert (second.end, second.cameras, second.account, second.censored) == (None, None, None, True)
    assert not any(word in repr(found) for word in PERSONAL)


def test_semicolons_and_a_byte_order_mark_are_a_table_too() -> None:
    there = imports.meetings_table(TABLE.encode()).rows
    assert imports.meetings_table(b"\xef\xbb\xbf" + TABLE.replace(",", ";").encode()).rows == there


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2021-05-04T10:00,,4,de,,,", "start: wanted a time with its offset"),
        ("tomorrow,,4,de,,,", "start: wanted"),
        ("2021-05-04T10:00Z,2021-05-04T09:00Z,4,de,,,", "end: wanted a time after start"),
        ("2021-05-04T10:00Z,2021-07-04T09:00Z,4,de,,,", "at most a month"),
        ("2021-05-04T10:00Z,,0,de,,,", "users: wanted a whole number from 1"),
        ("2021-05-04T10:00Z,,4.5,de,,,", "users"),
        ("2021-05-04T10:00Z,,٤,de,,,", "users"),
        ("2021-05-04T10:00Z,,4,,,,", "node: it is empty"),
        ("2021-05-04T10:00Z,,4,de,-1,,", "cameras"),
        ("2021-05-04T10:00Z,,4,de,,Annelore,", "account: wanted a reference"),
        ("2021-05-04T10:00Z,,4,Annelore B,,,", "node: wanted a name of letters"),
        ('2021-05-04T10:00Z,,4,"de\nca",,,', "node: wanted a name of letters"),
        ("2021-05-04T10:00Z,,4,annelore@example.org,,,", "node: wanted a name of letters"),
        ("2021-05-04T10:00Z,,4,=de,,,", "node: a formula without its value"),
        ("2021-05-04T10:00Z,,4,de\u202e,,,", "node: wanted a name of letters"),
        (f"2021-05-04T10:00Z,,4,{'d' * 41},,,", "node: wanted a name of letters"),
        ("2021-05-04T10:00Z,,4,../de,,,", "node: wanted a name of letters"),
        ("2021-05-04T10:00Z,,4,de,,,0", "limit"),
        ("2021-05-04T10:00+01:00,2021-05-04T11:00+01:00,6,de,2,ocn-001,3", "listed twice"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_skipped(row: str, words: str) -> None:
    found = imports.meetings_table(f"{TABLE}{row}\n".encode())
    assert len(found.rows) == 2
    assert [one.line for one in found.bad] == [5]
    assert words in found.bad[0].problem
    assert PERSONAL[0] not in found.bad[0].problem


@pytest.mark.parametrize("body", [b"", b"# nothing\n", b"start,users\n", b"start,end,users,users\n", b"\0\0\0"])
def test_what_is_no_table_is_refused(body: bytes) -> None:
    with pytest.raises(ReadingError, match=r"wanted|twice"):
        imports.meetings_table(body)


SHEET = [
    ["Account", "Name", "E-mail", "Level", "Pays", "Accounts", "Since", "Until"],
    ["ocn-001", PERSONAL[0], PERSONAL[4], "level-1", "credit", 1, date(2021, 4, 6), None],
    ["coop-17", PERSONAL[1], PERSONAL[4], "multi-user", "Money", 3.0, date(2020, 7, 1), date(2021, 1, 1)],
    ["Zoë", PERSONAL[1], PERSONAL[4], "level-1", "credit", 1, None, None],
    ["ocn-001", PERSONAL[1], PERSONAL[4], "level-1", "credit", 1, None, None],
    ["ocn-004", PERSONAL[1], PERSONAL[4], "level-1", "biscuits", 1, None, None],
    ["ocn-005", PERSONAL[1], PERSONAL[4], "level-1", "", 0, None, None],
    ["ocn-006", PERSONAL[1], PERSONAL[4], "level-1", "", 1, "6/4/2021", None],
    ["ocn-007", PERSONAL[1], PERSONAL[4], "", "", 1, None, None],
]


def workbook(rows: list[list[Any]]) -> bytes:
    """Return an XLSX with these rows."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    book.close()
    return out.getvalue()


def test_a_members_sheet_says_the_same_as_csv_and_as_xlsx() -> None:
    text = "\n".join(",".join("" if cell is None else str(cell).split(" 00:")[0] for cell in row) for row in SHEET)
    from_csv, from_xlsx = members.sheet(text.replace("3.0", "3").encode()), members.sheet(workbook(SHEET))
    assert from_csv == from_xlsx
    assert from_xlsx.rows == (
        Member("ocn-001", "level-1", "credit", 1, date(2021, 4, 6)),
        Member("coop-17", "multi-user", "money", 3, date(2020, 7, 1), date(2021, 1, 1)),
    )
    assert [bad.line for bad in from_xlsx.bad] == [4, 5, 6, 7, 8, 9]
    assert not any(word in repr(from_xlsx) for word in PERSONAL)


def test_rooms_are_mapped_to_accounts_and_contradictions_are_named() -> None:
    found = members.rooms(b"meeting_id,name,account\nroom-1,Annelore,ocn-001\nroom-1,,ocn-002\nroom-2,,Zo\n,,ocn-003\n")
    assert dict(found.rows) == {"room-1": "ocn-001"}
    assert [bad.line for bad in found.bad] == [3, 4, 5]


def test_a_workbook_that_would_unfold_to_gigabytes_is_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 110_000_000)
    with pytest.raises(ReadingError, match="unpacks to at most 100 MB"):
        members.sheet(bomb.getvalue())


def test_a_cell_in_a_far_corner_does_not_make_the_sheet_endless() -> None:
    """It could be a row, so it is not passed over either."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in SHEET[:2]:
        book.active.append(row)
    book.active.cell(1_048_576, 16_384, "far")
    book.save(out)
    book.close()
    with pytest.raises(ReadingError, match="goes as far as row 1,048,576, column 16,384"):
        members.sheet(out.getvalue())


def test_a_file_that_is_too_large_or_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LARGEST", 100)
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"x" * 100)
    assert tables.read(path, bytes) == b"x" * 100
    path.write_bytes(b"x" * 101)
    with pytest.raises(ReadingError, match="larger than"):
        tables.read(path, bytes)
    with pytest.raises(ReadingError, match="cannot be read"):
        tables.read(tmp_path / "none.csv", bytes)


# Anything at all

GOOD_BOARD = json.dumps(board(seen((0, 30), cams=((1, 5),)))).encode()
GOOD_BOOK = workbook(SHEET)


@st.composite
def damaged(draw: st.DrawFn, body: bytes) -> bytes:
    """Return good bytes with a piece cut out, doubled or replaced."""
    first = draw(st.integers(0, len(body)))
    last = draw(st.integers(first, min(first + 40, len(body))))
    put = draw(
        st.binary(max_size=12) | st.just(body[first:last] * 2) | st.sampled_from([b"-1", b"1e999", b"\0", b'"', b"\n"])
    )
    return body[:first] + put + body[last:]


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(st.binary(max_size=200) | damaged(GOOD_BOARD))
def test_no_dashboard_makes_the_parser_fail_otherwise(body: bytes) -> None:
    try:
        assert dashboard.parse(body, "de").users >= 0
    except ReadingError as error:
        assert not any(word in str(error) for word in PERSONAL)  # noqa: PT017  # every error is looked at, none is demanded


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(damaged(b"".join(WHOLE)))
def test_no_log_makes_the_parser_fail(body: bytes) -> None:
    for meeting in imports.web_log(io.BytesIO(body), "de").rows:
        assert meeting.users >= 1
        assert meeting.start <= meeting.seen


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(st.binary(max_size=200) | damaged(TABLE.encode()))
def test_no_table_makes_the_parser_fail_otherwise(body: bytes) -> None:
    for parse in (imports.meetings_table, members.sheet, members.rooms):
        try:
            assert repr(parse(body))
        except ReadingError as error:
            str(error).encode()


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(damaged(GOOD_BOOK))
def test_no_workbook_makes_the_parser_fail_otherwise(body: bytes) -> None:
    try:
        found = members.sheet(body)
    except ReadingError as error:
        assert not any(word in str(error) for word in PERSONAL)  # noqa: PT017  # every error is looked at, none is demanded
        return
    assert all(isinstance(bad, BadLine) for bad in found.bad)
