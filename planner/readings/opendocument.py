"""Sheets of an OpenDocument file as LibreOffice writes it; calamine reads its errors as empty cells."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from planner.readings import ReadingError
from planner.readings.biff import Cells, Range, fits, merge

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"


def sheets(content: bytes) -> Iterator[tuple[str, Cells]]:
    """Yield name and cells of each sheet of content.xml."""
    sheet, cells, number, width, depth = "", Cells(), 0, 0, 0
    merged: list[Range] = []
    for event, element in ElementTree.iterparse(io.BytesIO(content), ("start", "end")):
        if element.tag == f"{_TABLE}table":
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                sheet, cells, number, width, merged = element.get(f"{_TABLE}name", ""), {}, 0, 0, []
            elif depth == 0:
                merge(cells, merged)
                yield sheet, cells
                element.clear()
        elif element.tag == f"{_TABLE}table-row" and event == "end" and depth == 1:
            row, spans = _row(element, number, sheet)
            times = _times(element, "rows")
            merged += spans
            element.clear()
            if row:
                width = max(width, *row)
                fits(sheet, number + times, width + 1)
                cells |= {(number + each, column): cell for each in range(times) for column, cell in row.items()}
            number += times


def _row(row: Element, number: int, sheet: str) -> tuple[dict[int, Any], list[Range]]:
    """Return the cells of a row that are not empty, by column, and the ranges over which they span."""
    cells: dict[int, Any] = {}
    merged: list[Range] = []
    column = 0
    for element in row:
        if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            value, times = _value(element), _times(element, "columns")
            down, right = (int(element.get(f"{_TABLE}number-{what}-spanned", 1)) for what in ("rows", "columns"))
            if down > 1 or right > 1:
                merged.append((number, number + down - 1, column, column + right - 1))
            if value is not None:
                fits(sheet, 1, column + times)
                cells |= dict.fromkeys(range(column, column + times), value)
            column += times
    return cells, merged


def _times(element: Element, what: str) -> int:
    """Return how often a row or a cell stands there; less than once would hide it, and what stands before it."""
    times = int(element.get(f"{_TABLE}number-{what}-repeated", 1))
    if times < 1:
        raise ReadingError(
            f"the workbook cannot be read ({what} that stand there {times} times): save the sheet as CSV"
        )
    return times


def _value(cell: Element) -> Any:
    """Return what a cell holds; None = nothing, "=" = a formula without its value."""
    kind = cell.get(f"{_OFFICE}value-type")
    shown = "\n".join(_paragraph(part) for part in cell.findall(f"{_TEXT}p"))
    if cell.get(f"{_CALC}value-type") == "error":
        return shown or "#N/A"
    match kind:
        case None:
            return "=" if cell.get(f"{_TABLE}formula") else shown or None
        case "string":
            return cell.get(f"{_OFFICE}string-value", shown) or None
        case "boolean":
            return cell.get(f"{_OFFICE}boolean-value") == "true"
        case "date":
            return datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", ""))
        case "time":
            return cell.get(f"{_OFFICE}time-value")
        case _:
            return float(cell.get(f"{_OFFICE}value", ""))


def _paragraph(part: Element) -> str:
    """Return the text of a paragraph, its runs of blanks and breaks as they are shown."""
    text = part.text or ""
    for inner in part:
        blank = {
            f"{_TEXT}s": " " * min(int(inner.get(f"{_TEXT}c", 1)), 100),
            f"{_TEXT}tab": "\t",
            f"{_TEXT}line-break": "\n",
        }
        text += blank.get(inner.tag, "") or _paragraph(inner)
        text += inner.tail or ""
    return text
