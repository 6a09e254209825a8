"""Sheets of an XLS, the format of Excel 97 to 2003, by xlrd; a formula that nobody has worked out is marked."""

from collections.abc import Iterable, Iterator
from io import StringIO
from struct import iter_unpack, unpack_from
from typing import Any

from planner.readings import ReadingError
from planner.readings.delimited import MERGED

Cells = dict[tuple[int, int], Any]
"""What stands in the cells that are not empty, by row and column from 0; "=" = a formula without its value."""
Range = tuple[int, int, int, int]
"""From row to row and column to column, from 0."""
_MOST_ROWS = 100_000
_MOST_CELLS = 2_000_000
"""Of the rectangle that a sheet fills: one cell in a far corner makes every row before it as long [-]."""
_BIFF8 = 80
"""The format of Excel 97, as xlrd numbers them; before it texts have no known letters."""


def fits(name: str, rows: int, columns: int) -> None:
    """Refuse a sheet that reaches too far."""
    if rows > _MOST_ROWS or rows * columns > _MOST_CELLS:
        raise ReadingError(
            f"the sheet {name} goes as far as row {rows:,}, column {columns:,}: wanted at most {_MOST_ROWS:,} rows and "
            f"{_MOST_CELLS:,} cells; delete what stands far out, or save it as CSV"
        )


def merge(cells: Cells, ranges: Iterable[Range]) -> None:
    """Mark cells that are empty because they are merged with another one.

    Which row the value of a merged cell is meant for, nobody knows: beyond what the sheet fills there is no row.
    """
    height, width = (max((place[axis] for place in cells), default=-1) + 1 for axis in (0, 1))
    left_over = height * width
    for top, bottom, left, right in ranges:
        rows, columns = range(top, min(bottom + 1, height)), range(left, min(right + 1, width))
        left_over -= len(rows) * len(columns)
        if left_over < 0:
            raise ReadingError("merged cells overlap: no spreadsheet writes that; save the sheet anew, or as CSV")
        for row in rows:
            for column in columns:
                if (row, column) != (top, left):
                    cells.setdefault((row, column), MERGED)


def sheets(body: bytes) -> Iterator[tuple[str, Cells]]:
    """Yield name and cells of each worksheet."""
    import xlrd  # noqa: PLC0415  # few tables are of this format
    from xlrd.compdoc import CompDoc  # noqa: PLC0415

    if "EncryptedPackage".encode("utf-16-le") in body:
        raise ReadingError("the workbook asks for a password: save it without one, or as CSV")
    nobody = StringIO()
    stream = CompDoc(body, nobody).get_named_stream("Workbook")
    if stream is None:
        raise ReadingError("the file holds no workbook of Excel 97 or later: save the sheet as XLSX or CSV")
    book = xlrd.open_workbook(file_contents=body, logfile=nobody, ragged_rows=True)
    if book.biff_version < _BIFF8:
        raise ReadingError("an XLS of before 1997: save the sheet as XLSX or CSV")
    for sheet, start in zip(book.sheets(), _starts(stream), strict=True):
        fits(sheet.name, sheet.nrows, sheet.ncols)
        cells: Cells = {}
        for row in range(sheet.nrows):
            for column, cell in enumerate(sheet.row(row)):
                match cell.ctype:
                    case xlrd.XL_CELL_DATE:
                        cells[row, column] = xlrd.xldate_as_datetime(float(cell.value), book.datemode)
                    case xlrd.XL_CELL_BOOLEAN:
                        cells[row, column] = bool(cell.value)
                    case xlrd.XL_CELL_ERROR:
                        cells[row, column] = xlrd.error_text_from_code.get(int(cell.value), "#N/A")
                    case _ if cell.value != "":
                        cells[row, column] = cell.value
        cells |= dict.fromkeys(_not_worked_out(stream, start), "=")
        merge(cells, _merged(stream, start))
        yield sheet.name, cells


def _starts(stream: bytes) -> list[int]:
    """Return where each worksheet begins in the workbook's stream ([MS-XLS] 2.4.28)."""
    return [unpack_from("<I", data)[0] for kind, data in _records(stream, 0) if kind == 0x0085 and data[5] == 0]


def _not_worked_out(stream: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Yield the places of formulas without a value ([MS-XLS] 2.5.133), which xlrd gives as 0 or as an empty text."""
    for kind, data in _records(stream, start):
        # 0 is written where nobody has worked it out, and by LibreOffice for every text
        if kind == 0x0006 and (data[6:14] == bytes(8) or (data[6] == 3 and data[12:14] == b"\xff\xff")):
            row, column = unpack_from("<2H", data)
            yield row, column


def _merged(stream: bytes, start: int) -> Iterator[Range]:
    """Yield what is merged ([MS-XLS] 2.4.168), which xlrd passes over."""
    for kind, data in _records(stream, start):
        if kind == 0x00E5:
            yield from iter_unpack("<4H", data[2 : 2 + 8 * unpack_from("<H", data)[0]])


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield kind and data of each record of a substream, what lies deeper in it included."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = unpack_from("<2H", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size
        depth += (kind == 0x0809) - (kind == 0x000A)
        if depth == 0:
            return
