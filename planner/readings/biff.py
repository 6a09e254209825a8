"""Sheets of an XLS, the format of Excel 97 to 2003; on a damaged one calamine takes the whole process down."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from struct import iter_unpack, unpack, unpack_from
from typing import Any

from planner.readings import ReadingError
from planner.readings.delimited import MERGED

Cells = dict[tuple[int, int], Any]
"""What stands in the cells that are not empty, by row and column from 0; "=" = a formula without its value."""
_END = 0xFFFFFFFA
"""From here on a sector number is a word: end of a chain, free, part of the table itself."""
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Number formats that are dates or times without being spelled out ([MS-XLS] 2.4.126, ECMA-376 18.8.30)."""
_NO_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|General')
"""What of a number format says nothing of dates though it has their letters."""


def merge(cells: Cells, ranges: Iterable[tuple[int, int, int, int]]) -> None:
    """Mark cells that are empty because they are merged with another one; ranges go from row to row, column to column.

    Which row the value of a merged cell is meant for, nobody knows: beyond what the sheet fills there is no row.
    """
    height, width = (max((place[axis] for place in cells), default=-1) + 1 for axis in (0, 1))
    for top, bottom, left, right in ranges:
        for row in range(top, min(bottom + 1, height)):
            for column in range(left, min(right + 1, width)):
                if (row, column) != (top, left):
                    cells.setdefault((row, column), MERGED)


class _Book:
    """What the workbook's own records say: sheets, shared texts, and which formats are dates."""

    def __init__(self, stream: bytes) -> None:
        if unpack_from("<H", stream, 4)[0] != 0x0600:
            raise ReadingError("an XLS of before 1997: save the sheet as XLSX or CSV")
        self.sheets: list[tuple[str, int]] = []
        self.texts: list[str] = []
        self.first = datetime(1899, 12, 30)  # noqa: DTZ001  # a sheet knows no time zone
        dated, formats = set(_DATES), list[int]()
        for kind, data in _records(stream, 0):
            if kind == 0x0085 and data[0][5] == 0:  # a worksheet, and where it begins
                self.sheets.append((_text(data[0][6:], 1), unpack_from("<I", data[0])[0]))
            elif kind == 0x00FC:
                self.texts = _shared(data)
            elif kind == 0x0022 and data[0][0]:
                self.first = datetime(1904, 1, 1)  # noqa: DTZ001
            elif kind == 0x041E and re.search("[dmyhs]", _NO_DATE.sub("", _text(data[0][2:], 2)), re.IGNORECASE):
                dated.add(unpack_from("<H", data[0])[0])
            elif kind == 0x00E0:
                formats.append(unpack_from("<H", data[0], 2)[0])
        self.dated = [number in dated for number in formats]

    def number(self, value: float, form: int) -> Any:
        """Return a number, or the time that it stands for."""
        return self.first + timedelta(seconds=round(value * 86_400)) if self.dated[form] else value


def sheets(body: bytes, fits: Callable[[str, int, int], None]) -> Iterator[tuple[str, Cells]]:
    """Yield name and cells of each worksheet ([MS-XLS] 2.1.4); `fits` refuses rows x columns."""
    stream = _stream(body)
    book = _Book(stream)
    for name, start in book.sheets:
        cells, last, merged = Cells(), (0, 0), list[tuple[int, int, int, int]]()
        for kind, data in _records(stream, start):
            if kind == 0x00E5:
                merged += iter_unpack("<4H", data[0][2 : 2 + 8 * unpack_from("<H", data[0])[0]])
            if kind == 0x0207 and cells.get(last, 0) is None:
                cells[last] = _text(data[0], 2)
            for place, value in _cells(kind, data[0], book):
                cells[place], last = value, place
        fits(name, max((row for row, _ in cells), default=0) + 1, max((column for _, column in cells), default=0) + 1)
        cells = {place: value for place, value in cells.items() if value not in (None, "")}
        merge(cells, merged)
        yield name, cells


def _cells(kind: int, data: bytes, book: _Book) -> Iterator[tuple[tuple[int, int], Any]]:
    """Yield place and value of each cell in a record; None = its text comes in the next one."""
    if kind not in (0x0006, 0x0203, 0x0204, 0x0205, 0x00FD, 0x027E, 0x00BD):
        return
    row, column, form = unpack_from("<3H", data)
    value: Any = None
    match kind:
        case 0x00FD:
            value = book.texts[unpack_from("<I", data, 6)[0]]
        case 0x0203:
            value = book.number(unpack_from("<d", data, 6)[0], form)
        case 0x0204:
            value = _text(data[6:], 2)
        case 0x0205:
            value = _ERRORS.get(data[6], "#N/A") if data[7] else bool(data[6])
        case 0x0006:
            value = _worked_out(data[6:14], form, book)
        case _:  # numbers side by side, or one
            for place, at in enumerate(range(4, len(data) - 5, 6)):
                form, packed = unpack_from("<HI", data, at)
                yield (row, column + place), book.number(_unpacked(packed), form)
            return
    yield (row, column), value


def _worked_out(result: bytes, form: int, book: _Book) -> Any:
    """Return the value of a formula."""
    if result[6:] != b"\xff\xff":
        # 0 is written where nobody has worked it out, and by LibreOffice for every text
        return "=" if result == bytes(8) else book.number(unpack("<d", result)[0], form)
    return {1: bool(result[2]), 2: _ERRORS.get(result[2], "#N/A"), 3: "="}.get(result[0])


def _unpacked(packed: int) -> float:
    """Return a number of 30 bits: a whole one or the upper half of another, perhaps of a hundredth."""
    number = float(packed >> 2) if packed & 2 else unpack("<d", bytes(4) + (packed & ~3).to_bytes(4, "little"))[0]
    if packed & 2 and packed >> 31:
        number -= 1 << 30
    return number / 100 if packed & 1 else number


def _text(data: bytes, wide: int) -> str:
    """Return a text after its length, which takes one byte or two."""
    length = int.from_bytes(data[:wide], "little")
    if data[wide] & 1:
        return data[wide + 1 : wide + 1 + 2 * length].decode("utf-16-le", "replace")
    return data[wide + 1 : wide + 1 + length].decode("latin-1")


def _shared(parts: list[bytes]) -> list[str]:
    """Return the texts that cells share; one may go on in the next record, each piece with its own width."""
    texts, part, at = [], 0, 8
    for _ in range(unpack_from("<I", parts[0], 4)[0]):
        if at >= len(parts[part]):
            part, at = part + 1, 0
        length, flags = unpack_from("<HB", parts[part], at)
        at += 3
        runs = unpack_from("<H", parts[part], at)[0] if flags & 8 else 0
        at += 2 * bool(flags & 8)
        more = unpack_from("<I", parts[part], at)[0] if flags & 4 else 0
        at += 4 * bool(flags & 4)
        text = ""
        while True:
            size = 1 + (flags & 1)
            piece = parts[part][at : at + size * (length - len(text))]
            text += piece.decode("utf-16-le" if size == 2 else "latin-1", "replace")
            at += len(piece)
            if len(text) >= length:
                break
            part, at = part + 1, 1
            flags = parts[part][0]
        texts.append(text)
        at += 4 * runs + more
        while at > len(parts[part]):
            part, at = part + 1, at - len(parts[part])
    return texts


def _records(stream: bytes, at: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield kind and data of each record of a substream with those that continue it, without what lies deeper."""
    found: list[tuple[int, list[bytes]]] = []
    depth = 0
    while at + 4 <= len(stream):
        kind, size = unpack_from("<HH", stream, at)
        data = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == 0x003C and found:
            found[-1][1].append(data)
            continue
        depth += (kind == 0x0809) - (kind == 0x000A)
        yield from found
        found = [(kind, [data])] if depth == 1 else []
        if depth == 0:
            return
    yield from found


def _stream(body: bytes) -> bytes:
    """Return the workbook's stream in a compound file ([MS-CFB])."""
    shift, small_shift = unpack_from("<HH", body, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise ReadingError("the workbook cannot be read (no compound file): save the sheet as CSV")
    size = 1 << shift
    first, _, cutoff, small_first = unpack_from("<4I", body, 48)
    listed, at = list(unpack_from("<109I", body, 76)), unpack_from("<I", body, 68)[0]
    for _ in range(200):
        if at >= _END:
            break
        *more, at = unpack_from(f"<{size // 4}I", body, (at + 1) * size)
        listed += more
    sectors = [sector for sector in listed if sector < _END]
    table = [each for sector in sectors for each in unpack_from(f"<{size // 4}I", body, (sector + 1) * size)]
    folder = _chain(body, first, table, size, size)
    for entry in range(0, len(folder) - 127, 128):
        name = folder[entry : entry + max(unpack_from("<H", folder, entry + 64)[0] - 2, 0)].decode(
            "utf-16-le", "replace"
        )
        begin, length = unpack_from("<II", folder, entry + 116)
        if name == "EncryptedPackage":
            raise ReadingError("the workbook asks for a password: save it without one, or as CSV")
        if name in ("Workbook", "Book"):
            if length >= cutoff:
                return _chain(body, begin, table, size, size)[:length]
            small = _chain(body, unpack_from("<I", folder, 116)[0], table, size, size)
            packed = _chain(body, small_first, table, size, size)
            return _chain(small, begin, list(unpack_from(f"<{len(packed) // 4}I", packed)), 64, 0)[:length]
    raise ReadingError("the file holds no workbook: save the sheet as XLSX or CSV")


def _chain(body: bytes, sector: int, table: list[int], size: int, offset: int) -> bytes:
    """Return the sectors of a chain one after the other."""
    parts: list[bytes] = []
    while sector < _END:
        if len(parts) > len(table):
            raise ReadingError("the workbook cannot be read (a chain without end): save the sheet as CSV")
        parts.append(body[offset + sector * size : offset + (sector + 1) * size])
        sector = table[sector]
    return b"".join(parts)
