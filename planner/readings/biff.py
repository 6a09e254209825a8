"""Sheets of an XLS, the format of Excel 97 to 2003, by xlrd; a formula that nobody has worked out is marked."""

from collections.abc import Callable, Iterator
from io import StringIO
from struct import unpack_from
from typing import Any

from planner.readings import ReadingError

Cells = dict[tuple[int, int], Any]
"""What stands in the cells that are not empty, by row and column from 0; "=" = a formula without its value."""
_BIFF8 = 80
"""The format of Excel 97, as xlrd numbers them; before it texts have no known letters."""


def sheets(body: bytes, fits: Callable[[str, int, int], None]) -> Iterator[tuple[str, Cells]]:
    """Yield name and cells of each worksheet; `fits` refuses rows x columns."""
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
        yield sheet.name, cells | dict.fromkeys(_not_worked_out(stream, start), "=")


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
