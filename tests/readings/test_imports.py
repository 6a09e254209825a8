"""Tables: what is certain becomes a meeting or a member, bad lines are named and skipped, names stay out."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from fake_bbb import PERSONAL
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.inputs.observations import Member
from planner.readings import ReadingError, imports, members, tables
from planner.readings.tables import BadLine

T = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LONDON = ZoneInfo("Europe/London")

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
    assert (second.end, second.cameras, second.account) == (None, None, None)
    assert not any(word in repr(found) for word in PERSONAL)


def test_semicolons_and_a_byte_order_mark_are_a_table_too() -> None:
    there = imports.meetings_table(TABLE.encode()).rows
    assert imports.meetings_table(b"\xef\xbb\xbf" + TABLE.replace(",", ";").encode()).rows == there


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2021-05-04T10:00,,4,de,,,", "start: wanted a time with its offset"),
        ("tomorrow,,4,de,,,", "start: wanted"),
        ("2021-05-04,,4,de,,,", "start: a date without its hour: wanted a time such as 2021-05-04T10:00"),
        ("20210504,,4,de,,,", "start: a date without its hour"),
        ("2021-05-04T10:00Z,2021-05-05,4,de,,,", "end: a date without its hour"),
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
        ("2021-05-04T10:00Z,,4,de,41,,", "its numbers contradict each other: users 4, cameras 41"),
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


@pytest.mark.parametrize(
    ("report", "body", "used", "bad"),
    [
        # a first row that ends early decided the columns of all others, which lost them without a word
        (
            "Ghost#29486",
            "account,level,pays\nocn-001,level-1\nocn-002,level-1,credit\n",
            1,
            {2: "ends before the column pays"},
        ),
        # Excel in Russia and Uzbekistan: the header itself became a member
        ("talim-ai#48", "account;level;pays\nocn-001;level-1;credit\n", 1, {}),
        # a date that Windows has turned into its own form is not guessed
        (
            "aidstream#77",
            "account,level,pays,since\nocn-001,level-1,credit,04/05/2021\n",
            0,
            {2: "since: wanted a date"},
        ),
        # two exports one below the other, each with the names of its columns
        ("beangulp#94", "account,level,pays\nocn-001,level-1,credit\naccount,level,pays\n", 1, {3: "account: wanted"}),
    ],
)
def test_what_people_report_of_sheets_loses_no_row_in_silence(
    report: str, body: str, used: int, bad: dict[int, str]
) -> None:
    found = members.sheet(body.encode())
    assert len(found.rows) == used, report
    assert {one.line for one in found.bad} == set(bad), report
    assert all(bad[one.line] in one.problem for one in found.bad), report


@pytest.mark.parametrize("until", ["9999-12-31", "2999-12-31"])
def test_a_date_that_databases_write_for_no_end_is_none(until: str) -> None:
    """It came out as a traceback: no day follows the last one that Python has."""
    table = "account,level,pays,since,until\nocn-001,level-1,credit,2021-05-04,{}\n"
    (row,) = members.sheet(table.format(until).encode()).rows
    assert row.until is None
    (bad,) = members.sheet(table.format("0021-06-01").encode()).bad
    assert bad.problem == "until: wanted a date such as 2021-05-04, in a year from 1900 to 2199"
    berlin, first = ZoneInfo("Europe/Berlin"), datetime(2021, 5, 1, tzinfo=UTC)
    assert row.within(first, first + timedelta(days=9), berlin) is not None


PILOS = """meeting,start,end,users,cameras
9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d,2021-05-04 09:00:00,2021-05-04 10:00:00,6,2
1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed,2021-11-28 23:30:00,,3,0
"""
"""What the query in docs/ops.md gets out of PILOS (database/migrations/2022_07_21_000016_create_meetings_table.php and
..._000018_create_meeting_stats_table.php of THM-Health/PILOS): Laravel keeps times in UTC, and writes no offset."""


def test_times_without_offset_are_those_of_the_zone_that_is_named() -> None:
    """Without one the table is not read as if its times were anybody's; with one summer time is heeded."""
    assert [bad.problem for bad in imports.meetings_table(PILOS.encode(), "de").bad] == [
        "start: wanted a time with its offset such as 2021-05-04T10:00+01:00, or --zone for a table without offsets"
    ] * 2
    first, second = imports.meetings_table(PILOS.encode(), "de", ZoneInfo("UTC")).rows
    assert (first.start, first.end, second.end) == (T, T + 60 * MINUTE, None)
    summer, winter = imports.meetings_table(PILOS.encode(), "de", LONDON).rows
    assert (first.start - summer.start, second.start - winter.start) == (60 * MINUTE, 0 * MINUTE)
    assert first.key == summer.key  # it has an id
    assert imports.meetings_table(TABLE.encode(), "", LONDON) == imports.meetings_table(TABLE.encode())


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("2021-10-31 01:30", "start: this time comes twice on that day in Europe/London: wanted it with its offset"),
        ("2021-03-28 01:30", "start: this time is skipped on that day in Europe/London: wanted it with its offset"),
        ("04/05/2021 10:00", "start: wanted a time with its offset such as 2021-05-04T10:00+01:00"),
    ],
)
def test_an_hour_that_a_clock_repeats_or_skips_is_not_guessed(time: str, says: str) -> None:
    found = imports.meetings_table(f"start,end,users\n{time},,4\n".encode(), "de", LONDON)
    assert (found.rows, [bad.problem for bad in found.bad]) == ((), [says])


def test_the_same_words_in_another_zone_are_another_meeting() -> None:
    rows = b"start,end,users\n2021-05-04 10:00,,4\n"
    here, there = (imports.meetings_table(rows, "de", ZoneInfo(zone)).rows[0] for zone in ("UTC", "Europe/Berlin"))
    assert here.key != there.key


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
