"""Text with delimiters, as spreadsheets and databases export it, cell by cell; no line of it goes missing."""

import io
import re
from collections.abc import Iterator

from planner.readings import ReadingError, TableError

Line = tuple[int, list[str] | str]
"""The number of a line, and its cells or what is wrong with it."""


class Number(str):
    """A cell that a workbook holds as a number: a point stands before its fractions, whatever else the table says."""

    __slots__ = ()


MERGED = "#MERGED!"
"""In place of the nothing that stands in a cell of a workbook which is merged with the one before or above it."""
_MOST_LINES = 500_000
"""The meetings of many years."""
_LONGEST = 100_000
"""Of one line, and of one cell [character]."""
_SEP = re.compile(r'"?sep=([^"\r\n])"?[;,\s]*', re.IGNORECASE)
_OPENS = re.compile(r' *"')
_CLOSES = re.compile(r'(?:[^"]++|"")*+" *')
_BREAK = re.compile(r"\r\n?|\n")


class Delimited:
    """The rows of a text, each with the number of the line where it begins; lines end where RFC 4180 says."""

    def __init__(self, text: str, delimiter: str, skipped: int) -> None:
        self.text, self.delimiter, self.skipped = text, delimiter, skipped
        self.width = 0
        """How many columns the header names; 0 = it has not come yet, so that a line may be a comment."""

    def __iter__(self) -> Iterator[Line]:
        """Yield each row; lines that are blank are none."""
        lines = enumerate(io.StringIO(self.text, newline=""), 1)
        for number, line in lines:
            if number <= self.skipped or not line.strip():
                continue
            if len(line) > _LONGEST:
                yield number, f"this line has more than {_LONGEST:,} characters: it is none of a table"
            elif '"' not in line or (not self.width and line.startswith("#")):
                yield number, [_clean(cell) for cell in line.split(self.delimiter)]
            else:
                yield number, self._quoted(number, line, lines)

    def _quoted(self, number: int, line: str, lines: Iterator[tuple[int, str]]) -> list[str] | str:
        """Return the cells of a row with quotation marks, which may take in further lines."""
        cells, at, first = list[str](), 0, number
        fullest, opened = 0, number
        while True:
            if opens := _OPENS.match(line, at):
                began, scanned = number, opens.end()
                while not (closes := _CLOSES.match(line, scanned)):
                    scanned = len(line)
                    number, more = next(lines, (0, ""))
                    if not number or scanned - at > _LONGEST:
                        raise TableError(began, "a quotation mark is opened here and not closed")
                    line += more
                end = closes.end()
                cell = line[opens.end() : end].rstrip(" ")[:-1].replace('""', '"')
                if (most := self._fullest(cell)) > fullest:
                    fullest, opened = most, began
                if line[end : end + 1] not in ("", "\r", "\n", self.delimiter):
                    if number == first:
                        return "a quotation mark is closed in the middle of a cell"
                    raise TableError(began, f"a quotation mark is opened here and not closed before line {number}")
            else:
                end = line.find(self.delimiter, at)
                end = len(line) if end < 0 else end
                cell = line[at:end]
            cells.append(_clean(cell))
            if line[end : end + 1] == self.delimiter:
                at = end + 1
                continue
            # a cell over several lines is text; one with a line as full as a row has taken in rows
            if fullest >= max((self.width or len(cells)) - 1, 1):
                raise TableError(opened, f"a quotation mark is opened here and not closed before line {number}")
            return cells

    def _fullest(self, cell: str) -> int:
        """Return the most delimiters that any further line of a cell has."""
        return max((line.count(self.delimiter) for line in _BREAK.split(cell)[1:]), default=0)


def _clean(cell: str) -> str:
    return cell.strip().strip("\ufeff")


def tables(body: bytes) -> list[Delimited]:
    """Return the text as it reads with each delimiter that it may have; with one alone if its first line says which."""
    text = _text(body).replace("\0", "\ufffd")
    if max(text.count("\n"), text.count("\r")) > _MOST_LINES:
        raise ReadingError(f"wanted a table of at most {_MOST_LINES:,} lines, this has more: split it")
    if text.lstrip()[:1] == "<":
        raise ReadingError("this is HTML or XML, whatever its name says: save the sheet as CSV or XLSX")
    line = next(iter(io.StringIO(text, newline="")), "")
    said = _SEP.fullmatch(line)
    return [Delimited(text, said[1], 1)] if said else [Delimited(text, each, 0) for each in ",;\t|"]


def _text(body: bytes) -> str:
    """Return the text of a file; what is not UTF-8 or UTF-16 becomes a sign that no column takes."""
    odd, even = body[1:200:2].count(0), body[0:200:2].count(0)
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace")
    if max(odd, even) > len(body[1:200:2]) * 0.7:
        return body.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
    return body.decode("utf-8-sig", "replace")
