"""Tables as people keep and export them: every row is used, or left out with its reason, or the file is refused.

Each input is made after a public report that stands beside it; nothing in them is anybody's.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest
from damaged_tables import damaged, held, told_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planner.model.inputs.observations import Member
from planner.readings import ReadingError, members, tables
from planner.readings.tables import BadLine, Parsed

CASES = Path(__file__).with_name("tables")
HEAD = "account,level,pays\n"
FULL = "account,level,notes,pays,accounts,since\n"


def case(path: str) -> Parsed[Member]:
    """Return what the members' sheet of a case says."""
    return tables.read(CASES / path, members.sheet)


def accounts(body: str | bytes) -> list[str]:
    """Return the accounts in a table of members that is read whole."""
    found = members.sheet(body.encode() if isinstance(body, str) else body)
    assert found.bad == ()
    return [row.account for row in found.rows]


def refused(body: str | bytes) -> str:
    """Return why a table of members is not read."""
    with pytest.raises(ReadingError) as error:
        members.sheet(body.encode() if isinstance(body, str) else body)
    return str(error.value)


def test_what_was_read_is_counted_and_said() -> None:
    found = members.sheet(f"Members of spring\n\n{HEAD}ocn-001,level-1,credit\nx,,\nocn-002,,\nocn-003,,\n".encode())
    assert (found.read, len(found.rows), len(found.bad)) == (4, 1, 3)
    assert found.summary() == (
        "4 rows read, 1 used, 3 left out: level: it is empty (2), account: wanted a reference such as ocn-003 (1); "
        "above the names of the columns 1 row left out (line 1)"
    )
    assert members.sheet(f"{HEAD}ocn-001,level-1,credit\n".encode()).summary() == "1 row read, 1 used, none left out"


# A comment may stand only above the names of the columns


def test_rows_numbered_with_a_hash_are_rows() -> None:
    """The case csv-numbered-with-hash."""
    found = case("csv-numbered-with-hash/members.csv")
    assert (len(found.rows), found.bad) == (39, ())


@pytest.mark.parametrize(
    "body",
    [
        # adaltas/node-csv#135: colours in the first column
        "colour,account,level,pays\n#ffcc95,ocn-001,level-1,credit\nwhite,ocn-002,level-1,credit\n",
        # stevehansen/csv#65: a column of hashtags
        "HashTag,Account,Level,Pays\n#New,ocn-001,level-1,credit\n#Feature,ocn-002,level-1,credit\n",
        # shenwei356/csvtk#150: some rows begin with it, others do not
        "note,account,level,pays\n#hcuhsd,ocn-001,level-1,credit\n&^jjddk,ocn-002,level-1,credit\n",
        # techascent/tech.ml.dataset#232: the id of each row
        "id, account, level, pays\n#123, ocn-001, level-1, credit\n#321, ocn-002, level-1, credit\n",
        # tidyverse/readr#381: in the midst of a line it is no comment either
        "thing,account,level,pays\nA3,ocn-001,level-1,credit #B3\nA4,ocn-002,level-1,credit\n".replace(" #B3", ""),
        # JuliaData/CSV.jl#788: a quotation mark in a comment opens nothing
        "# 1'2\" of snow\naccount,level,pays\nocn-001,level-1,credit\nocn-002,level-1,credit\n",
        # w3c/csvw#252: the number of the rows, in a column that is called #
        "#,account,level,pays\n1,ocn-001,level-1,credit\n2,ocn-002,level-1,credit\n",
    ],
)
def test_a_hash_in_a_row_makes_no_comment_of_it(body: str) -> None:
    assert accounts(body) == ["ocn-001", "ocn-002"]


def test_what_was_a_comment_below_the_names_is_named() -> None:
    found = members.sheet(f"# above\n{HEAD}# below\nocn-001,level-1,credit\n".encode())
    assert found.bad == (BadLine(3, "it ends before the column level"),)


# A quotation mark that is not closed


def test_an_open_quotation_mark_is_named_where_it_was_opened() -> None:
    """The case csv-quote-not-closed."""
    with pytest.raises(ReadingError, match=r"members\.csv: line 2: a quotation mark is opened here and not closed"):
        case("csv-quote-not-closed/members.csv")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        # osiegmar/FastCSV#173: closed by the end of the file
        ('ocn-001,level-1,"val1,credit,1,\nocn-002,level-1,x,credit,1,\n', "line 2: a quotation mark is opened here"),
        # halogenandtoast/excelsior#8: in the last cell of the last line
        ('ocn-001,level-1,x,credit,1,\nocn-002,level-1,x,credit,1,"Baz', "line 3: a quotation mark is opened here"),
        # adaltas/node-csv-parse#273: the second row's, closed by a later one's
        (
            'ocn-001,level-1,x,credit,1,\nocn-002,level-1,"def,credit,1,\nocn-003,level-1,"ghi",credit,1,\n',
            "line 3: a quotation mark is opened here and not closed before line 4",
        ),
        # pandas-dev/pandas#3853: a later cell ends where one of its own began
        (
            'ocn-001,level-1,"a,credit,1,\nocn-002,level-1,x,credit,1,\nocn-003,level-1,a",credit,1,\n',
            "line 2: a quotation mark is opened here and not closed before line 4",
        ),
        # tarql/tarql#50: a name that begins with one
        ('ocn-001,level-1,"R Us Inc.,credit,1,\nocn-002,level-1,"R Us" Ltd,credit,1,\n', "line 2: a quotation mark"),
        # jschicht/Mft2Csv#9: a doubled one does not close
        ('ocn-001,level-1,"x"",credit,1,\nocn-002,level-1,x,credit,1,\n', "line 2: a quotation mark is opened here"),
    ],
)
def test_no_row_is_swallowed_by_a_quotation_mark(rows: str, says: str) -> None:
    assert refused(FULL + rows).startswith(says)


def test_a_quotation_mark_inside_a_cell_is_a_sign_like_any_other() -> None:
    """Inches in max-mapper/binary-csv#7, a stray one in Keyang/node-csvtojson#75; text over two lines is text."""
    assert accounts(f'{FULL}ocn-001,level-1,disk 16",credit,1,\nocn-002,level-1,a"bc,credit,1,\n') == [
        "ocn-001",
        "ocn-002",
    ]
    found = members.sheet(f'{FULL}ocn-001,level-1,"two\r\nlines, ""so""",credit,1,\nocn-002,,,,,\n'.encode())
    assert (len(found.rows), [bad.line for bad in found.bad]) == (1, [4])
    found = members.sheet(f'{FULL}ocn-001,level-1,"so" far,credit,1,\nocn-002,level-1,x,credit,1,\n'.encode())
    assert (len(found.rows), found.bad) == (1, (BadLine(2, "a quotation mark is closed in the middle of a cell"),))


# Delimiters and encodings


@pytest.mark.parametrize("name", ["sep.csv", "unicode.csv"])
def test_what_excel_writes_is_read(name: str) -> None:
    """The case csv-sep-line-and-utf16."""
    assert len(case(f"csv-sep-line-and-utf16/{name}").rows) == 1


@pytest.mark.parametrize(
    "body",
    [
        # mechatroner/vscode_rainbow_csv#108
        b"sep=|\naccount|level|pays\nocn-001|level-1|credit\n",
        # PowerShell/PowerShell#7776: the usual delimiter, said all the same
        b"sep=,\r\naccount,level,pays\r\nocn-001,level-1,credit\r\n",
        # close2/csv#68: in quotation marks, every row with a delimiter at its end
        b'"sep=;"\naccount;level;pays;\nocn-001;level-1;credit;\n',
        # alexcaza/export-to-csv#43: a delimiter that nobody guesses
        b'sep=~\n"account"~"level"~"pays"\n"ocn-001"~"level-1"~"credit"\n',
        # shenwei356/csvtk#13: with delimiters behind it, as a spreadsheet saves that line
        b"\xef\xbb\xbfSEP=,,,\naccount,level,pays\nocn-001,level-1,credit\n",
        # dotCMS/core#36508: the first column behind a byte order mark
        b"\xef\xbb\xbfaccount,level,pays\nocn-001,level-1,credit\n",
        # hail-is/hail#8395: two of them, after files were put together
        b"\xef\xbb\xbf\xef\xbb\xbfaccount,level,pays\nocn-001,level-1,credit\n",
        # harelba/q#98: UTF-16 with its mark, tabs, lines that end as on Unix
        "\ufeffaccount\tlevel\tpays\nocn-001\tlevel-1\tcredit\n".encode("utf-16-le"),
        # dbeaver/dbeaver#14089: the other way round
        "\ufeffaccount;level;pays\r\nocn-001;level-1;credit\r\n".encode("utf-16-be"),
        # jamovi/jamovi#257, turicas/rows#273: UTF-16 without its mark is a text full of NUL
        "account,level,pays\nocn-001,level-1,credit\n".encode("utf-16-le"),
    ],
)
def test_delimiters_and_encodings_are_found_out(body: bytes) -> None:
    assert accounts(body) == ["ocn-001"]


def test_what_is_no_table_is_named_for_what_it_is() -> None:
    """An .xls that is HTML within, as exports often are (tafia/calamine reads no such either)."""
    assert "this is HTML or XML" in refused("<html><table><tr><td>account</td></tr></table></html>")
    assert "no column account and no level and no pays" in refused("what;ever\n1;2\n")
    assert "in line 2" in refused(f"ocn-000,level-1,credit\n{HEAD}ocn-001,level-1,credit\n")
    assert "more than 100,000 characters" in members.sheet(f"{HEAD}{'x' * 100_001}\n".encode()).bad[0].problem


# Lines that are not whole


def test_lines_end_only_where_a_table_ends_them() -> None:
    """A form feed, U+2028 and their like are signs in a cell: https://docs.python.org/3/library/stdtypes.html#str.splitlines."""
    body = "account,notes,level,pays\rocn-001,a\x0bb\x0cc\u2028d\x85e,level-1,credit\rocn-002,,level-1,credit"
    assert accounts(body) == ["ocn-001", "ocn-002"]
    assert accounts(body.replace("\r", "\r\n")) == ["ocn-001", "ocn-002"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("ocn-001,level-1", "it ends before the column pays"),
        ("ocn-001,level-1,credit,1", "it has more cells than the 3 columns"),
        ("#N/A,level-1,credit", "account: a spreadsheet's error"),
        ("ocn-001,#BEZUG!,credit", "level: a spreadsheet's error"),
        ("ocn-001,level-1,Err:502", "pays: a spreadsheet's error"),
        ("ocn-001,level-1,####", "pays: a spreadsheet's error"),
        ("ocn-001,level-1,=B2", "pays: a formula without its value"),
    ],
)
def test_a_row_that_is_not_whole_is_left_out_with_its_reason(row: str, says: str) -> None:
    found = members.sheet(f"{HEAD}{row}\nocn-009,level-1,credit\n".encode())
    assert [bad.line for bad in found.bad] == [2]
    assert found.bad[0].problem.startswith(says)
    assert [member.account for member in found.rows] == ["ocn-009"]


def test_a_number_of_accounts_is_taken_whole() -> None:
    """Not by its first seven digits."""
    rows = "".join(f"ocn-{n},level-1,credit,{many}\n" for n, many in enumerate(("007", "0000001" + "0" * 5000, "1e3")))
    found = members.sheet(f"account,level,pays,accounts\n{rows}".encode())
    assert [member.accounts for member in found.rows] == [7]
    assert [bad.problem for bad in found.bad] == ["accounts: wanted a whole number above 0"] * 2


# Any table, any damage


@settings(max_examples=200, deadline=None)
@example(("members", b'account,level,pays,"notes\nocn-001,level-1,credit,"\nocn-002,level-1,credit,\n'))
@example(("members", b'account,level,pays\nocn-001,"level-1,credit\nocn-002,level-1,credit\n'))
@example(("members", b"#account,level,pays\nocn-001,level-1,credit\n"))
@given(damaged())
def test_no_line_disappears(made: tuple[str, bytes]) -> None:
    """Whatever is cut, put in or doubled: each line is in a row used, in one left out, or the file is refused."""
    held(*made)


def rows_of(columns: int) -> st.SearchStrategy[Sequence[Sequence[str]]]:
    """Return rows of cells without what would end them."""
    cell = st.text(st.characters(exclude_characters='"\r\n,', exclude_categories=["Cs"]), max_size=6)
    return st.lists(st.lists(cell, min_size=columns, max_size=columns), max_size=8)


@settings(max_examples=200, deadline=None)
@given(rows_of(3))
def test_rows_read_are_rows_used_and_rows_left_out(rows: Sequence[Sequence[str]]) -> None:
    """Counted without the reader: below the names of the columns each line that is not blank is a row."""
    rows = [("ocn-001", "level-1", "credit"), *rows]
    found = members.sheet((HEAD + "".join(",".join(row) + "\n" for row in rows)).encode())
    there = [number for number, row in enumerate(rows, 2) if any(cell.strip().strip("\ufeff") for cell in row)]
    assert sorted(told_of(found)) == there
    assert found.read == len(there)
