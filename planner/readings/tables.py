"""Tables kept in spreadsheets, CSV or XLSX, by line; columns not wanted, such as names, are dropped here."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, Generic, TypeVar

from planner.model.inputs.observations import REFERENCE
from planner.readings import ReadingError, TableError, contents, naming

LARGEST = 20_000_000
"""Of a table as it lies on the disk [byte]."""
_MOST_UNPACKED = 100_000_000
"""Of a workbook: everything in it [byte]."""
_MOST_TAGS = 4_000_000
"""Of a workbook: a cell is two to five, and each becomes objects a hundred times its size [-]."""
_MOST_PARTS = 1_000
_CHUNK = 1 << 20
_MOST_ROWS = 100_000
_MOST_LINES = 500_000
"""Of CSV: the meetings of many years."""
_LONGEST_LINE = 100_000
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_MOST_COLUMNS = 40
"""Of a workbook: one cell in a far corner makes every row before it as long."""


@dataclass(frozen=True, slots=True)
class Row:
    """The wanted cells of one row, as text without blanks around; "" = empty or no such column."""

    line: int
    cells: dict[str, str]

    def account(self) -> str | None:
        """Return the reference of an account; None = empty."""
        account = self.cells["account"]
        if account and not REFERENCE.fullmatch(account):
            raise ReadingError("account: wanted a reference such as ocn-003")
        return account or None

    def day(self, name: str) -> date | None:
        """Return a date; None = empty."""
        try:
            return date.fromisoformat(self.cells[name]) if self.cells[name] else None
        except ValueError:
            raise ReadingError(f"{name}: wanted a date such as 2021-05-04") from None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was skipped, and why; what stood there is not repeated, for it may be personal."""

    line: int
    problem: str


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """What a table tells row by row, the lines that were skipped, and the line of each row."""

    rows: tuple[T, ...]
    bad: tuple[BadLine, ...]
    lines: tuple[int, ...] = ()


def read(path: Path, parse: Callable[[bytes], T]) -> T:
    """Return what `parse` makes of the file at `path`, which every refusal names."""
    body, _ = contents(path, LARGEST)
    with naming(path):
        return parse(body)


def rows(body: bytes, wanted: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row | BadLine]:
    """Return each row of a table below the line with the column names; lines that begin with # are skipped."""
    source = _xlsx(body) if body[:4] == b"PK\x03\x04" else _csv(body)
    names: list[str] | None = None
    for line, cells in source:
        if isinstance(cells, str):
            yield BadLine(line, cells)
            continue
        if not any(cells) or cells[0].startswith("#"):
            continue
        if names is None:
            names = _names(line, cells, wanted, optional)
        else:
            named = dict(zip(names, cells, strict=False))
            yield Row(line, {name: named.get(name, "") for name in (*wanted, *optional)})
    if names is None:
        raise ReadingError(f"the table is empty; wanted the columns {', '.join(wanted)}")


def parsed(body: bytes, wanted: Sequence[str], optional: Sequence[str], parse: Callable[[Row], T]) -> Parsed[T]:
    """Return what `parse` makes of each row, and the lines that it refuses with a `ReadingError`."""
    good: dict[int, T] = {}
    bad: list[BadLine] = []
    for row in rows(body, wanted, optional):
        if isinstance(row, BadLine):
            bad.append(row)
            continue
        try:
            if name := next((name for name, cell in row.cells.items() if cell.startswith("=")), None):
                raise ReadingError(f"{name}: a formula without its value: open the sheet and save it once more")
            good[row.line] = parse(row)
        except ReadingError as error:
            bad.append(BadLine(row.line, str(error)))
    return Parsed(tuple(good.values()), tuple(bad), tuple(good))


def _names(line: int, cells: list[str], wanted: Sequence[str], optional: Sequence[str]) -> list[str]:
    """Return the column names in small letters."""
    names = [cell.lower() for cell in cells]
    for name in (*wanted, *optional):
        if names.count(name) > 1:
            raise TableError(line, f"the column {name} is there twice")
    if missing := [name for name in wanted if name not in names]:
        raise TableError(line, f"no column {' and no '.join(missing)}; wanted {', '.join(wanted)}")
    return names


def _csv(body: bytes) -> Iterator[tuple[int, list[str] | str]]:
    """Return line number and cells of each row, or what is wrong with it."""
    if max(body.count(b"\n"), body.count(b"\r")) > _MOST_LINES:
        raise ReadingError(f"wanted a table of at most {_MOST_LINES:,} lines, this has more: split it")
    text = body.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
    head = next((line for line in io.StringIO(text, newline="") if line.strip() and not line.startswith("#")), "")
    if len(head) > _LONGEST_LINE:
        raise ReadingError("wanted a line with the names of the columns, this is no table")
    # a comment is left in place as an empty line, so that the numbers stay those of the file
    reader = csv.reader(
        ("\n" if line.startswith("#") else line[:_LONGEST_LINE] for line in io.StringIO(text, newline="")),
        delimiter=";" if head.count(";") > head.count(",") else ",",
    )
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, "not a line of a table"
            continue
        yield reader.line_num, [cell.strip() for cell in cells]


def _xlsx(body: bytes) -> Iterator[tuple[int, list[str] | str]]:
    """Return number and cells of each row of the first sheet."""
    from openpyxl import load_workbook  # noqa: PLC0415  # slow to import, and few tables are workbooks

    try:
        formulas = _bounded(body)
        filled = _filled(load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False))
        if formulas:
            written = _filled(load_workbook(io.BytesIO(body), read_only=True, keep_links=False))
            filled = {line: _valued(filled.get(line, ()), row) for line, row in written.items()}
    except ReadingError:
        raise
    except Exception as error:
        # a damaged workbook makes the library raise nearly anything; the text of it may quote cells
        raise ReadingError(f"the workbook cannot be read ({type(error).__name__}): save the sheet as CSV") from None
    if max(filled, default=0) > _MOST_ROWS:
        raise ReadingError(f"the sheet has more than {_MOST_ROWS} rows: save it as CSV")
    for line, row in filled.items():
        yield line, [_cell(value) for value in row]


def _bounded(body: bytes) -> bool:
    """Return whether a workbook has formulas; raise if it unpacks to too much, counted as it is unpacked."""
    size = tags = 0
    formulas = False
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise _too_large()
        for part in parts:
            is_sheet, before = part.filename.startswith("xl/worksheets/"), b""
            with archive.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    size, tags = size + len(chunk), tags + chunk.count(b"<")
                    if size > _MOST_UNPACKED or tags > _MOST_TAGS:
                        raise _too_large()
                    formulas = formulas or (is_sheet and bool(_FORMULA.search(before + chunk)))
                    before = chunk[-40:]  # a tag may stand on the edge of two chunks
    return formulas


def _too_large() -> ReadingError:
    return ReadingError(
        f"wanted a workbook that unpacks to at most {_MOST_UNPACKED // 10**6} MB and about {_MOST_TAGS // 4:,} cells, "
        "this is larger: save the sheet as CSV"
    )


def _filled(book: Any) -> dict[int, tuple[Any, ...]]:
    """Return the rows of the first sheet that are not empty, by number."""
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what the file says of its size need not be true
    cells = sheet.iter_rows(max_row=_MOST_ROWS + 1, max_col=_MOST_COLUMNS, values_only=True)
    filled = {line: row for line, row in enumerate(cells, 1) if any(value is not None for value in row)}
    book.close()
    return filled


def _valued(values: Sequence[Any], written: Sequence[Any]) -> tuple[Any, ...]:
    """Return the values of a row; "=" for a formula that no program has reckoned, which is not an empty cell."""
    return tuple("=" if value is None and said is not None else value for value, said in zip_longest(values, written))


def _cell(value: Any) -> str:
    """Return a cell as it would stand in CSV."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
