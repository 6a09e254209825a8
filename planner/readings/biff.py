"""What calamine does not tell of an XLS: where its cells are, and which hold an error or a formula without value."""

from collections.abc import Iterator
from struct import unpack_from

from planner.readings import ReadingError

Place = tuple[int, int]
_END = 0xFFFFFFFA
"""From here on a sector number is a word: end of a chain, free, part of the table itself."""
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_ONE = {0x0006, 0x0203, 0x0204, 0x0205, 0x00FD, 0x027E}
"""Records of one cell that is not empty: formula, number, label, error or truth, shared string, packed number."""
_MANY = 0x00BD
"""A record of packed numbers side by side."""


def sheets(body: bytes) -> Iterator[tuple[str, set[Place], dict[Place, str]]]:
    """Yield name, filled cells and marks of each worksheet ([MS-XLS] 2.1.4)."""
    stream = _stream(body)
    version = unpack_from("<H", stream, 4)[0]
    if version != 0x0600:
        raise ReadingError("an XLS of before 1997: save the sheet as XLSX or CSV")
    for kind, at, size in _records(stream, 0):
        if kind == 0x0085 and stream[at + 5] == 0:  # a worksheet, and where it begins
            length, wide = stream[at + 6], stream[at + 7] & 1
            name = stream[at + 8 : min(at + 8 + length * (1 + wide), at + size)].decode(
                "utf-16-le" if wide else "latin-1"
            )
            yield name, *_cells(stream, unpack_from("<I", stream, at)[0])


def _cells(stream: bytes, start: int) -> tuple[set[Place], dict[Place, str]]:
    """Return the filled cells of a worksheet, and the marks among them."""
    filled: set[Place] = set()
    marks: dict[Place, str] = {}
    for kind, at, size in _records(stream, start):
        if kind in _ONE or kind == _MANY:
            row, column = unpack_from("<HH", stream, at)
            filled.add((row, column if kind in _ONE else unpack_from("<H", stream, at + size - 2)[0]))
            if kind == 0x0205 and stream[at + 7]:
                marks[row, column] = _ERRORS.get(stream[at + 6], "#N/A")
            elif kind == 0x0006 and stream[at + 12 : at + 14] == b"\xff\xff":
                # 2 = an error; 3 = an empty text, and what is written where no program has worked it out
                marks |= {2: {(row, column): _ERRORS.get(stream[at + 8], "#N/A")}, 3: {(row, column): "="}}.get(
                    stream[at + 6], {}
                )
    return filled, marks


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, place and size of each record of a substream, those of a chart within it left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = unpack_from("<HH", stream, at)
        depth += (kind == 0x0809) - (kind == 0x000A)
        if depth == 0:
            return
        if depth == 1:
            yield kind, at + 4, size
        at += 4 + size


def _stream(body: bytes) -> bytes:
    """Return the workbook's stream in a compound file ([MS-CFB])."""
    shift, small_shift = unpack_from("<HH", body, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise ReadingError("the workbook cannot be read (no compound file): save the sheet as CSV")
    size = 1 << shift
    first, _, cutoff, small_first = unpack_from("<4I", body, 48)
    listed, at = list(unpack_from("<109I", body, 76)), unpack_from("<I", body, 68)[0]
    seen = 0
    while at < _END and (seen := seen + 1) < 200:
        more = unpack_from(f"<{size // 4}I", body, (at + 1) * size)
        listed, at = listed + list(more[:-1]), more[-1]
    table = [
        each for sector in listed if sector < _END for each in unpack_from(f"<{size // 4}I", body, (sector + 1) * size)
    ]
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
    parts = []
    while sector < _END:
        if len(parts) > len(table):
            raise ReadingError("the workbook cannot be read (a chain without end): save the sheet as CSV")
        parts.append(body[offset + sector * size : offset + (sector + 1) * size])
        sector = table[sector]
    return b"".join(parts)
