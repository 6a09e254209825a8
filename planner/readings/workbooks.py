"""Workbooks (XLSX, XLS, ODS), sheet by sheet; what calamine reads as empty and is not, is marked."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from planner.readings import ReadingError, biff, opendocument
from planner.readings.biff import Cells, fits
from planner.readings.delimited import Line, Number

_MOST_UNPACKED = 100_000_000
"""Of a workbook: everything in it [byte]."""
_MOST_TAGS = 4_000_000
"""Of a workbook: a cell is two to five, and each becomes objects a hundred times its size [-]."""
_MOST_PARTS = 1_000
_CHUNK = 1 << 20
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)([0-9]+)["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b(?:[^>]*?\br\s*=\s*["']([0-9]+)["'])?""")
_SUSPECT = re.compile(rb"""<(?:\w+:)?f[ >/]|\bt\s*=\s*["']e["']""")
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\b[^>]*?\bref\s*=\s*["']([A-Za-z]+)([0-9]{1,9}):([A-Za-z]+)([0-9]{1,9})["']"""
)
_LATER = re.compile(rb"""<(?:\w+:)?calcPr\b[^>]*\bfullCalcOnLoad\s*=\s*["'](?:1|true)["']""")


def sheets(body: bytes) -> Iterator[tuple[str, list[Line]]]:
    """Yield name and rows of each sheet, all rows of one as long as its longest."""
    with _damage():
        if body[:4] != b"PK\x03\x04":
            yield from ((name, _rows(cells)) for name, cells in biff.sheets(body))
            return
        parts = _unpacked(body)
        if "content.xml" in parts:
            yield from ((name, _rows(cells)) for name, cells in opendocument.sheets(parts["content.xml"]))
            return
        if "xl/workbook.xml" not in parts:
            raise ReadingError("this is a ZIP file, but no workbook that can be read: save the sheet as XLSX or CSV")
        later = bool(_LATER.search(parts["xl/workbook.xml"]))
        for name, data in _parts(parts):
            fits(name, *_extent(name, data))
            cells = _values(body, name)
            if _SUSPECT.search(data):
                cells |= _marks(name, data, later)
            biff.merge(cells, (_range(match) for match in _MERGED.finditer(data)))
            yield name, _rows(cells)


@contextmanager
def _damage() -> Iterator[None]:
    """Turn what the libraries raise into a `ReadingError`."""
    try:
        yield
    except (ReadingError, GeneratorExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        # a damaged workbook makes them raise nearly anything, even a panic; the text of it may quote cells
        what = "it asks for a password" if "Password" in type(error).__name__ else type(error).__name__
        raise ReadingError(f"the workbook cannot be read ({what}): save the sheet as CSV") from None


def _values(body: bytes, name: str) -> Cells:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # few tables are workbooks

    with CalamineWorkbook.from_filelike(io.BytesIO(body)) as book:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return {(row, column): cell for row, cells in enumerate(rows) for column, cell in enumerate(cells) if cell != ""}


def _rows(cells: Cells) -> list[Line]:
    """Return the rows of a sheet that are not empty, all as long as the longest."""
    width = max((column for _, column in cells), default=-1) + 1
    rows: dict[int, list[str]] = {}
    for (row, column), cell in sorted(cells.items(), key=lambda item: item[0]):
        rows.setdefault(row, [""] * width)[column] = _text(cell)
    return [(row + 1, texts) for row, texts in rows.items()]


def _text(value: Any) -> str:
    """Return a cell as it would stand in CSV."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # as many digits as spreadsheets count with: 0.1 + 0.2 is 0.3 there
        return Number(f"{value:.15g}" if value % 1 else int(value))
    return str(value).strip()


def _unpacked(body: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook that tell of cells; raise if it unpacks to too much, counted as it is unpacked."""
    size = tags = 0
    kept = {}
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise _too_large()
        for part in parts:
            chunks = []
            with archive.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    size, tags = size + len(chunk), tags + chunk.count(b"<")
                    if size > _MOST_UNPACKED or tags > _MOST_TAGS:
                        raise _too_large()
                    chunks.append(chunk)
            if part.filename == "content.xml" or part.filename.startswith("xl/"):
                kept[part.filename] = b"".join(chunks)
    return kept


def _too_large() -> ReadingError:
    return ReadingError(
        f"wanted a workbook that unpacks to at most {_MOST_UNPACKED // 10**6} MB and about {_MOST_TAGS // 4:,} cells, "
        "this is larger: save the sheet as CSV"
    )


def _parts(parts: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield name and XML of each sheet of an XLSX that holds cells, in the order of the workbook."""
    links = {
        link.get("Id"): (link.get("Target") or "").removeprefix("/xl/").removeprefix("xl/")
        for link in ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    }
    for element in ElementTree.fromstring(parts["xl/workbook.xml"]).iter():
        if _tag(element) == "sheet":
            key = next((value for name, value in element.items() if name.endswith("}id")), None)
            data = parts.get(f"xl/{links.get(key)}", b"")
            if b"sheetData" in data:
                yield element.get("name") or "", data
            elif b"\0" in data:
                raise ReadingError("a sheet in another encoding than UTF-8: save it once more, or as CSV")
    texts = ("xl/worksheets/", "xl/sharedstrings")
    if any(b"<![CDATA[" in data for part, data in parts.items() if part.lower().startswith(texts)):
        raise ReadingError("a text in it is written in a way that is read as nothing: save it once more, or as CSV")


def _extent(name: str, data: bytes) -> tuple[int, int]:
    """Return how many rows and columns the cells of a sheet fill that are not empty; rather too many.

    A row or a cell that a sheet has twice is refused: only one of the two would be read.
    """
    begun: list[int] = []
    for number in _ROW.findall(data):
        begun.append(int(number[:12]) if number else begun[-1] + 1 if begun else 1)
    if twice := [row for row, times in Counter(begun).items() if times > 1]:
        raise ReadingError(f"the sheet {name} has row {twice[0]:,} twice: save it once more, or as CSV")
    places, unplaced = list[tuple[int, int]](), False
    for match in _CELL.finditer(data):
        if not match[1].endswith(b"/"):
            place = _PLACE.search(match[1])
            unplaced = unplaced or place is None
            places += [(int(place[2][:12]), _column(place[1]))] if place else []
    if again := [row for (row, _), times in Counter(places).items() if times > 1]:
        raise ReadingError(f"the sheet {name} has a cell of row {again[0]:,} twice: save it as CSV")
    rows, columns = (max((place[side] for place in places), default=0) for side in (0, 1))
    if unplaced:
        rows = max(rows + len(begun), *begun, 0)
        columns += max(map(len, map(_CELL.findall, _ROW.split(data)[::2])))
    return rows, columns


def _range(match: re.Match[bytes]) -> biff.Range:
    """Return what is merged."""
    return int(match[2]) - 1, int(match[4]) - 1, _column(match[1]) - 1, _column(match[3]) - 1


def _column(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper()[:8]:
        number = 26 * number + letter - 64
    return number


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _marks(name: str, data: bytes, later: bool) -> Cells:
    """Return the errors and the formulas without a value in a sheet; `later` = formulas are still to be worked out."""
    marks: Cells = {}
    row = column = -1
    for event, element in ElementTree.iterparse(io.BytesIO(data), ("start", "end")):
        tag = _tag(element)
        if event == "start" and tag == "row":
            row, column = int(element.get("r") or row + 2) - 1, -1
        elif event == "start" and tag == "c":
            place = re.fullmatch("([A-Za-z]+)([0-9]+)", element.get("r") or "")
            row, column = (int(place[2]) - 1, _column(place[1].encode()) - 1) if place else (row, column + 1)
        elif event == "end" and tag == "c":
            inner = {_tag(child): (child.text or "").strip() for child in element}
            value, kind = inner.get("v"), element.get("t")
            if kind == "e":
                marks[row, column] = value or "#N/A"
            elif "f" in inner and (value is None or (not value and kind != "str") or (later and value in ("", "0"))):
                marks[row, column] = "="
        elif event == "end" and tag == "row":
            element.clear()
    fits(name, max((row for row, _ in marks), default=0), max((column for _, column in marks), default=0))
    return marks
