"""Workbooks of three formats: what stands in them is read, what does not is no empty cell, and what is vast is refused.

Each kind of fault is made after public reports, which stand beside it.
"""

import io
import re
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter

from planner.model.inputs.observations import Member
from planner.readings import ReadingError, biff, ledger, members, tables
from planner.readings.tables import BadLine, Parsed

CASES = Path(__file__).with_name("tables")
HEAD = ("account", "level", "pays", "accounts", "since")
ROW = ("ocn-001", "level-1", "credit", 1, date(2021, 4, 6))
ONE = Member("ocn-001", "level-1", "credit", 1, date(2021, 4, 6))
SOFFICE = shutil.which("soffice")


def workbook(*rows: Sequence[object], **sheets: Sequence[Sequence[object]]) -> bytes:
    """Return an XLSX with these rows, or with sheets by name."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, lines in (sheets or {"Sheet": rows}).items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    book.save(out)
    book.close()
    return out.getvalue()


def opendocument(*rows: str, table: str = "Sheet") -> bytes:
    """Return an ODS with these rows of XML."""
    names = " ".join(
        f'xmlns:{short}="urn:{name}"'
        for short, name in {
            "office": "oasis:names:tc:opendocument:xmlns:office:1.0",
            "table": "oasis:names:tc:opendocument:xmlns:table:1.0",
            "text": "oasis:names:tc:opendocument:xmlns:text:1.0",
            "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        }.items()
    )
    inner = "".join(row if row.startswith("<") else cells(*row.split(",")) for row in rows)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name='{table}'>"
            f"{inner}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def replaced(body: bytes, was: bytes, instead: bytes) -> bytes:
    """Return a workbook with other bytes in its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as made, zipfile.ZipFile(out, "w") as changed:
        for part in made.namelist():
            changed.writestr(part, made.read(part).replace(was, instead))
    return out.getvalue()


def cells(*texts: str, more: str = "") -> str:
    """Return a row of an ODS with cells of text."""
    inner = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{escape(one)}</text:p></table:table-cell>'
        if one
        else "<table:table-cell/>"
        for one in texts
    )
    return f"<table:table-row{more}>{inner}</table:table-row>"


def said(body: bytes) -> list[tuple[int, str]]:
    """Return the lines that a members' sheet loses, and why."""
    return [(bad.line, bad.problem) for bad in members.sheet(body).bad]


# Errors in cells

ERROR = "a spreadsheet's error stands in place of a value"
UNKNOWN = "a formula without its value: open the sheet and save it as XLSX or ODS"


def test_an_error_in_the_first_column_is_a_bad_cell() -> None:
    """The case xlsx-error-cell-in-first-column."""
    found = tables.read(CASES / "xlsx-error-cell-in-first-column" / "members.xlsx", members.sheet)
    assert found.bad == (BadLine(3, f"account: {ERROR}"),)
    assert len(found.rows) == 4


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        # colearendt/xlsx#7: #N/A must not be 0; tidyverse/readxl#62: nor a text; proompteng/bilig#426: nor a number
        (1, "#N/A", f"account: {ERROR}"),
        (4, "#N/A", f"accounts: {ERROR}"),
        (4, "#REF!", f"accounts: {ERROR}"),
        # biolab/orange3#5172: #VALUE! where the others have values
        (3, "#VALUE!", f"pays: {ERROR}"),
        # fabiooshiro/xlsx-calc#15: an error goes on through a formula
        (5, "#DIV/0!", f"since: {ERROR}"),
        # brightwave-inc/tidebreak#2141: an empty value beside a formula is none
        (3, '=IF(TRUE,"credit","")', "pays: a formula without its value"),
    ],
)
def test_an_error_or_a_formula_without_value_is_no_empty_cell(place: int, value: str, says: str) -> None:
    row = [*ROW[: place - 1], value, *ROW[place:]]
    found = said(workbook(HEAD, row, ROW if place == 1 else ("ocn-002", *ROW[1:])))
    assert [line for line, _ in found] == [2]
    assert found[0][1].startswith(says)


@pytest.mark.parametrize(
    ("value", "well"),
    [(b' t="str"><f>1</f><v>credit</v>', True), (b"><f>1</f><v>0</v>", False), (b' t="e"><f>1</f><v>#N/A</v>', False)],
)
def test_a_writer_that_works_nothing_out_leaves_its_zero(value: bytes, *, well: bool) -> None:
    """XlsxWriter's docs, Formula Results: 0 is written for each, and Excel told to work them all out when it opens."""
    body, out = io.BytesIO(workbook(HEAD[:3], ("ocn-001", "level-1", "=1"))), io.BytesIO()
    with zipfile.ZipFile(body) as made, zipfile.ZipFile(out, "w") as changed:
        for part in made.namelist():
            data = made.read(part)
            assert part != "xl/workbook.xml" or b'fullCalcOnLoad="1"' in data  # openpyxl says so too
            changed.writestr(part, re.sub(rb"><f>1</f><v ?/?>(</v>)?", value, data))
    assert (said(out.getvalue()) == []) is well


def test_an_error_in_an_opendocument_is_no_empty_cell() -> None:
    """tafia/calamine#720, as LibreOffice writes it: a text of nothing, marked as an error; a formula without a type."""
    error = (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    )
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    more = cells("level-1", "credit").replace("<table:table-row>", "")
    body = opendocument(
        "account,level,pays",
        f"<table:table-row>{error}{more}",
        f"<table:table-row>{formula}{more}",
        "ocn-003,level-1,credit",
    )
    assert said(body) == [
        (2, f"account: {ERROR}"),
        (3, f"account: {UNKNOWN}"),
    ]


# Where the table is


def test_a_title_and_a_sheet_of_words_before_the_table_are_found() -> None:
    """dfinke/ImportExcel#47, #1092: text and an empty row above the names; Laravel-Excel#259; a README sheet."""
    titled = [("Members of our co-op",), (), ("as of spring",), HEAD, ROW]
    found = members.sheet(workbook(README=[("How to",), ("Add a row",)], Members=titled))
    assert found.rows == (ONE,)
    assert found.summary() == (
        "1 row read, 1 used, none left out; above the names of the columns 2 rows left out (line 1); "
        "read from the sheet Members, not from README"
    )


def test_which_of_two_sheets_with_the_same_columns_is_meant_nobody_guesses() -> None:
    """yakew7/Fair-Code#182: the others went unread; tidyverse/readxl#513: the first one was hidden."""
    with pytest.raises(ReadingError, match="the sheets Now and Before both have these columns: save one of them alone"):
        members.sheet(workbook(Now=[HEAD, ROW], Before=[HEAD, ROW, ROW]))
    for template in ([HEAD], [HEAD, ("", "", "", 1, "")]):  # that of accounts is a default
        for sheets in ({"Now": [HEAD, ROW], "Template": template}, {"Template": template, "Now": [HEAD, ROW]}):
            found = members.sheet(workbook(**sheets))
            assert found.rows == (ONE,)
            assert found.summary() == "1 row read, 1 used, none left out; read from the sheet Now, not from Template"


def test_a_sheet_that_cannot_be_used_is_not_passed_over_for_another_one() -> None:
    """Last year's would be read, with a note, where this year's has a column twice."""
    twice = [(*HEAD, "pays"), (*ROW, "money")]
    for sheets in ({"Now": twice, "Before": [HEAD, ROW]}, {"Before": [HEAD, ROW], "Now": twice}):
        with pytest.raises(ReadingError) as error:
            members.sheet(workbook(**sheets))
        assert str(error.value) == (
            "line 1: in the sheet Now, the column pays is there twice; mend or delete that sheet, "
            "or save the right one alone"
        )
    help_sheet = [("write", "one", "account"), HEAD]
    with pytest.raises(ReadingError) as error:
        members.sheet(workbook(Now=[HEAD, ROW], Help=help_sheet))
    assert str(error.value) == (
        "line 1: in the sheet Help, this row stands above the names of the columns, which are in line 2; mend or "
        "delete that sheet, or save the right one alone"
    )


def test_a_number_of_a_workbook_has_a_point_whatever_the_texts_have() -> None:
    """SheetJS/sheetjs#2221: a mark taken for that of thousands. As many digits as a spreadsheet: 0.1 + 0.2 is 0.3."""
    form = ledger.columns("date=date, amount=amount, decimal=comma")
    rows = [(date(2021, 5, 4), amount) for amount in (1234.5, 12, 0.1 + 0.2, "1.234,50", 12.125, "12.5")]
    found = ledger.statement(workbook(("date", "amount"), *rows), form)
    assert [row.amount for row in found.rows] == [123450, 1200, 30, 123450]
    assert [(bad.line, bad.problem[:27]) for bad in found.bad] == [(n, "amount: wanted a number suc") for n in (6, 7)]


def test_a_table_that_is_not_there_is_named_with_what_comes_nearest() -> None:
    with pytest.raises(ReadingError, match="line 2: in the sheet Members, no column pays; wanted account"):
        members.sheet(workbook(README=[("How to",)], Members=[("Members",), ("account", "level", "price")]))
    with pytest.raises(ReadingError, match="the table is empty"):
        members.sheet(workbook())


def test_cells_say_the_same_in_every_format() -> None:
    """Whole numbers, dates and times, truths, runs of blanks, rows that are like the one above."""
    row = ("ocn-001", "level-1", True, 1.0, datetime(2021, 4, 6, tzinfo=UTC).replace(tzinfo=None))
    assert said(workbook(HEAD, row)) == [(2, "pays: wanted money or credit")]
    date_cell = '<table:table-cell office:value-type="date" office:date-value="2021-04-06T00:00:00"/>'
    number = '<table:table-cell office:value-type="float" office:value="1"/>'
    start = cells("ocn-001", "level-1", "credit").removesuffix("</table:table-row>")
    found = members.sheet(opendocument(",".join(HEAD), f"{start}{number}{date_cell}</table:table-row>"))
    assert found.rows == (ONE,)
    note = "<office:annotation><text:p>ask her</text:p></office:annotation>"
    noted = cells("ocn-001", "level-1", "credit").replace("<text:p>level", f"{note}<text:p>level<text:s text:c='0'/>")
    repeated = ' table:number-rows-repeated="3"'
    body = opendocument(
        "account,level,pays", cells("", more=repeated), noted, cells("ocn-002", "x", "credit", more=repeated)
    )
    found = members.sheet(body)
    assert found.lines == (5, 6)
    assert [bad.line for bad in found.bad] == [7, 8]


# Vast and damaged ones


def test_a_workbook_that_unpacks_to_much_or_reaches_far_is_refused() -> None:
    far = cells("x", more=' table:number-rows-repeated="1048576"')
    wide = cells("x").replace("<table:table-cell ", '<table:table-cell table:number-columns-repeated="3000000" ')
    for body in (opendocument("account,level,pays", far), opendocument("account,level,pays", wide)):
        with pytest.raises(ReadingError, match="the sheet Sheet goes as far as row"):
            members.sheet(body)
    empty = cells("", more=' table:number-rows-repeated="1048576"')
    assert len(members.sheet(opendocument("account,level,pays", "ocn-001,level-1,credit", empty)).rows) == 1
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", b" " * 110_000_000)
    with pytest.raises(ReadingError, match="unpacks to at most 100 MB"):
        members.sheet(bomb.getvalue())


def test_other_files_are_named_for_what_they_are() -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
    with pytest.raises(ReadingError, match="a ZIP file, but no workbook that can be read"):
        members.sheet(other.getvalue())
    with pytest.raises(ReadingError, match="the workbook cannot be read"):
        members.sheet(b"\xd0\xcf\x11\xe0" + struct.pack("<100I", *range(100)) * 10)


@pytest.mark.parametrize(
    ("was", "instead", "says"),
    [
        (b'<row r="3"', b'<row r="2"', "the sheet Sheet has row 2 twice"),
        (b'<row r="3"', b'<row spans="1:3"', None),
        (b'r="A3"', b'r="a2"', "the sheet Sheet has a cell of row 2 twice"),
    ],
)
def test_a_row_that_stands_twice_hides_no_member(was: bytes, instead: bytes, says: str | None) -> None:
    body = replaced(workbook(HEAD, ROW, ("ocn-002", *ROW[1:])), was, instead)
    if says is None:
        assert [member.account for member in members.sheet(body).rows] == ["ocn-001", "ocn-002"]
        return
    with pytest.raises(ReadingError, match=says):
        members.sheet(body)


def with_shared_texts(*rows: Sequence[object]) -> bytes:
    """Return an XLSX that keeps its texts in a part of their own, as Excel does; openpyxl's stand in the cells."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "where"), [(workbook, "xl/worksheets/sheet1.xml"), (with_shared_texts, "xl/sharedStrings.xml")]
)
def test_a_text_that_calamine_takes_for_nothing_is_no_empty_cell(make: Callable[..., bytes], where: str) -> None:
    """tafia/calamine has no text of CDATA in a cell: a day of leaving came out as none."""
    body, out = make(HEAD, ROW), io.BytesIO()
    assert members.sheet(body).rows == (ONE,)
    with zipfile.ZipFile(io.BytesIO(body)) as made, zipfile.ZipFile(out, "w") as changed:
        assert b"<t>credit</t>" in made.read(where)
        for part in made.namelist():
            changed.writestr(part, made.read(part).replace(b"<t>credit</t>", b"<t><![CDATA[credit]]></t>"))
    with pytest.raises(ReadingError) as error:
        members.sheet(out.getvalue())
    says = "a text in it is written in a way that is read as nothing: save it once more, or as CSV"
    assert str(error.value) == says


@pytest.mark.parametrize("times", [0, -1])
def test_a_row_that_stands_less_than_once_hides_no_member(times: int) -> None:
    row = cells("ocn-001", "level-1", "yes", more=f' table:number-rows-repeated="{times}"')
    cell = f'<table:table-row><table:table-cell table:number-columns-repeated="{times}"/></table:table-row>'
    for damaged in (row, cell):
        with pytest.raises(ReadingError, match=f"that stand there {times} times"):
            members.sheet(opendocument("account,level,pays", damaged, "ocn-002,level-1,credit"))


# XLS

_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    """Return one entry of a compound file's folder."""
    text = f"{name}\0".encode("utf-16-le")
    links = struct.pack("<3I", _FREE, _FREE, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def old_excel(*cells: tuple[int, bytes], form: str = "General", version: int = 0x0600, name: str = "Workbook") -> bytes:
    """Return an XLS with a sheet of these records; `form` is the format of its cells ([MS-XLS], [MS-CFB])."""

    def stream(start: int) -> tuple[bytes, int]:
        book = [
            (0x0809, struct.pack("<HH", version, 5) + bytes(12)),
            (0x041E, struct.pack("<HHB", 164, len(form), 0) + form.encode()),
            (0x00E0, struct.pack("<HH", 0, 164) + bytes(16)),
            (0x0085, struct.pack("<IHBB", start, 0, 5, 0) + b"Sheet"),
            (0x000A, b""),
        ]
        sheet = [(0x0809, struct.pack("<HH", version, 16) + bytes(12)), *cells, (0x000A, b"")]
        parts = [b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in part) for part in (book, sheet)]
        return b"".join(parts), len(parts[0])

    body, _ = stream(stream(0)[1])
    sectors = max(8, -(-len(body) // 512))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)
    table = [_TABLE, _END, *range(3, 2 + sectors), _END]
    folder = _entry("Root Entry", 5, 1, _END, 0) + _entry(name, 2, _FREE, 2, 512 * sectors)
    padded = struct.pack("<128I", *table, *[_FREE] * (128 - len(table))) + folder.ljust(512, b"\0")
    return head + padded + body.ljust(512 * sectors, b"\0")


def in_old_excel(*cells: tuple[int, bytes], form: str = "General") -> dict[tuple[int, int], Any]:
    """Return what is read of the only sheet of such a file, by row and column."""
    ((name, read),) = biff.sheets(old_excel(*cells, form=form))
    assert name == "Sheet"
    return read


@pytest.mark.parametrize(
    ("form", "dated"), [(r"0\h", False), (r"0.0\ \m", False), ('0" d"', False), ("dd/mm", True), (r"h\h", True)]
)
def test_a_letter_that_a_format_shows_makes_no_date(form: str, *, dated: bool) -> None:
    """[MS-XLS] 2.4.126: a backslash in front of a letter shows it."""
    read = in_old_excel((0x0203, struct.pack("<3Hd", 0, 0, 0, 61.0)), form=form)
    assert read == {(0, 0): datetime(1900, 3, 1) if dated else 61.0}  # noqa: DTZ001  # a sheet knows no time zone


def test_a_cell_of_old_excel_is_what_it_shows() -> None:
    """Texts, numbers, truths and errors; a formula's value; and one that nobody has worked out."""

    def formula(row: int, result: bytes) -> tuple[int, bytes]:
        return 0x0006, struct.pack("<3H", row, 1, 0) + result + bytes(8)

    cells = (
        (0x0204, struct.pack("<3HHB", 0, 0, 0, 4, 0) + b"\xc4nne"),
        (0x0203, struct.pack("<3Hd", 1, 0, 0, 2.5)),
        (0x0205, struct.pack("<3HBB", 2, 0, 0, 1, 0)),
        (0x0205, struct.pack("<3HBB", 3, 0, 0, 0x2A, 1)),
        (0x00BD, struct.pack("<2HHIHIH", 4, 0, 0, 7 << 2 | 2, 0, 1250 << 2 | 3, 1)),
        formula(0, struct.pack("<d", 3.0)),
        formula(1, bytes([1, 0, 1, 0, 0, 0, 0xFF, 0xFF])),
        formula(2, bytes([2, 0, 7, 0, 0, 0, 0xFF, 0xFF])),
        formula(3, bytes([0, 0, 0, 0, 0, 0, 0xFF, 0xFF])),
        (0x0207, struct.pack("<HB", 6, 0) + b"credit"),
        formula(5, bytes(8)),
        formula(6, bytes([3, 0, 0, 0, 0, 0, 0xFF, 0xFF])),
    )
    read = in_old_excel(*cells)
    assert {row: value for (row, column), value in read.items() if column == 0} == {
        0: "Änne",
        1: 2.5,
        2: True,
        3: "#N/A",
        4: 7,
    }
    assert {row: value for (row, column), value in read.items() if column == 1} == {
        0: 3.0,
        1: True,
        2: "#DIV/0!",
        3: "credit",
        4: 12.5,
        5: "=",
        6: "=",
    }


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (old_excel(version=0x0500), "of before 1997"),
        (old_excel(name="Book"), "holds no workbook of Excel 97 or later"),
        (old_excel(name="EncryptedPackage"), "asks for a password"),
    ],
)
def test_an_old_excel_that_cannot_be_read_says_why(body: bytes, says: str) -> None:
    with pytest.raises(ReadingError, match=says):
        members.sheet(body)


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_who_pays_in_credit_by_a_merged_cell_does_not_pay_in_money(ending: str) -> None:
    """csvkit#293, readxl PR 220, XLSX.jl#241: only the first cell has the value, and an empty one would mean money.

    Written by openpyxl and, the other two, by LibreOffice from that; a merged title above the table is in nobody's way.
    """
    found = members.sheet((Path(__file__).parent / "tables" / "merged" / f"members.{ending}").read_bytes())
    assert [(one.account, one.pays) for one in found.rows] == [("ocn-001", "credit"), ("ocn-004", "money")]
    assert found.bad == tuple(
        BadLine(line, "pays: the cell is merged with another one: give each row its own") for line in (4, 5)
    )


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_merged_cells_that_overlap_are_refused_at_once(ending: str) -> None:
    """A few kilobytes of them would take hours, each a pass over the sheet."""
    far = 100_000
    if ending == "xlsx":
        merged = b'<mergeCell ref="A1:T100000"/>' * 10_000
        rows = b'</sheetData><mergeCells count="1">' + merged + b"</mergeCells>"
        last = f'<row r="{far}"><c r="T{far}"><v>1</v></c></row>'.encode()
        body = replaced(workbook(HEAD, ROW), b"</sheetData>", last + rows)
    else:
        span = f'<table:table-row><table:table-cell table:number-rows-spanned="{far}"/></table:table-row>'
        body = opendocument(*[span] * 1_000, cells("x", more=f' table:number-rows-repeated="{far - 1_000}"'))
    with pytest.raises(ReadingError, match="merged cells overlap"):
        members.sheet(body)


# What LibreOffice writes

SHEET = f"""account,name,level,pays,accounts,since,until,notes
ocn-001,Änne,level-1,credit,1,2021-04-06,,{"long: ä 日本 " * 900}
coop-17,"Bert ""B"", C",multi-user,money,3,2020-07-01,2021-01-01,"two
lines, so"
#3,,level-1,credit,1,,,
ocn-004,,level-1,credit,,,,=1/0
ocn-005,,level-1,=1/0,,,,
ocn-006,,level-1,"=IF(1,""credit"")",=1+1,,,
"""
DTD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE {0} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "{1}.dtd">\n'
)
LIBRARY = 'xmlns:library="http://openoffice.org/2000/library" library:name="Standard"'
PROFILE = {
    "registrymodifications.xcu": '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    '<item oor:path="/org.openoffice.Setup/Office">'
    '<prop oor:name="ooSetupInstCompleted" oor:op="fuse"><value>true</value></prop></item></oor:items>',
    "basic/script.xlc": DTD.format("library:libraries", "libraries")
    + '<library:libraries xmlns:library="http://openoffice.org/2000/library">'
    '<library:library library:name="Standard" library:link="false"/></library:libraries>',
    "basic/Standard/script.xlb": DTD.format("library:library", "library")
    + f'<library:library {LIBRARY}><library:element library:name="Module1"/></library:library>',
    "basic/Standard/Module1.xba": DTD.format("script:module", "module")
    + """<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1"
  script:language="StarBasic">
Sub Save(folder)
  Dim opened(1) As New com.sun.star.beans.PropertyValue
  opened(0).Name = "FilterName" : opened(0).Value = "Text - txt - csv (StarCalc)"
  opened(1).Name = "FilterOptions" : opened(1).Value = "44,34,76,1,,0,false,true,false,false,false,-1,true,true"
  sheet = StarDesktop.loadComponentFromURL(folder &amp; "/sheet.csv", "_blank", 0, opened())
  Dim saved(1) As New com.sun.star.beans.PropertyValue
  saved(0).Name = "FilterName" : saved(1).Name = "FilterOptions"
  saved(0).Value = "Calc MS Excel 2007 XML" : sheet.storeToURL(folder &amp; "/sheet.xlsx", saved())
  saved(0).Value = "MS Excel 97" : sheet.storeToURL(folder &amp; "/sheet.xls", saved())
  saved(0).Value = "calc8" : sheet.storeToURL(folder &amp; "/sheet.ods", saved())
  saved(0).Value = "Text - txt - csv (StarCalc)" : saved(1).Value = "59,34,76,1,,1031,false,true"
  sheet.storeToURL(folder &amp; "/german.csv", saved())
  sheet.close(True)
  StarDesktop.terminate()
End Sub
</script:module>""",
}
"""A user's folder of LibreOffice with a macro, so that one start writes every format."""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one members' sheet as LibreOffice saves it in each format."""
    if SOFFICE is None:
        pytest.skip("needs LibreOffice's soffice")
    folder = tmp_path_factory.mktemp("office")
    for name, text in PROFILE.items():
        file = folder / "profile" / "user" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (folder / "sheet.csv").write_text(SHEET, encoding="utf-8")
    command = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    subprocess.run(
        [*command, f'macro:///Standard.Module1.Save("{folder.as_uri()}")'], check=True, capture_output=True, timeout=120
    )
    return folder


@pytest.mark.parametrize("name", ["sheet.xlsx", "sheet.xls", "sheet.ods", "german.csv"])
def test_what_libreoffice_saves_is_read_alike(saved: Path, name: str) -> None:
    """Real files: dates are dates, an error is a bad cell where it counts, a formula has its value."""
    found: Parsed[Member] = tables.read(saved / name, members.sheet)
    rows = [
        ONE,
        Member("coop-17", "multi-user", "money", 3, date(2020, 7, 1), date(2021, 1, 1)),
        Member("ocn-004", "level-1", "credit"),
        Member("ocn-006", "level-1", "credit", 2),
    ]
    why = ["account: wanted a reference such as ocn-003", f"pays: {ERROR}"]
    if name == "sheet.xls":  # where LibreOffice writes 0 for a text that a formula gives
        rows.pop()
        why.append(f"pays: {UNKNOWN}")
    assert list(found.rows) == rows
    assert [bad.problem for bad in found.bad] == why


@pytest.mark.parametrize("name", ["sheet.xlsx", "sheet.xls", "sheet.ods"])
def test_a_damaged_workbook_is_read_or_refused_in_words(saved: Path, name: str) -> None:
    """Calamine 0.37 asks for 429 GB at some damaged XLS, and the process ends there."""
    whole, chance = (saved / name).read_bytes(), Random(1)
    for _ in range(150):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body))
            body[at : at + chance.choice((0, 1, 1, 30, 512))] = chance.randbytes(chance.choice((0, 1, 1, 4, 512)))
        try:
            assert members.sheet(bytes(body)).read >= 0
        except ReadingError as error:
            assert "Änne" not in str(error)  # noqa: PT017  # every error is looked at, none is demanded
