"""Tables kept in spreadsheets, CSV or a workbook: every row is used, or left out with its reason and counted."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from planner.model.inputs.observations import REFERENCE
from planner.readings import ReadingError, TableError, clock, contents, delimited, naming
from planner.readings.delimited import MERGED, Delimited, Line

LARGEST = 20_000_000
"""Of a table as it lies on the disk [byte]."""
SUFFIXES = (".csv", ".tsv", ".xlsx", ".xls", ".ods")
_HEAD = 50
"""The names of the columns stand in one of so many first rows."""
_ERROR = re.compile(r"#(N/A|N/D|NV|N/V|#+)|#[¡¿]?[^\W\d_][\w/ ]{1,12}[!?]|Err:\d{3}")
"""What a spreadsheet shows where a formula failed, in any language; ### = a column too narrow for its number."""


@dataclass(frozen=True, slots=True)
class Row:
    """The wanted cells of one row, as text without blanks around; "" = empty or no such column."""

    line: int
    cells: Mapping[str, str]

    def account(self) -> str | None:
        """Return the reference of an account; None = empty."""
        account = self.cells["account"]
        if account and not REFERENCE.fullmatch(account):
            raise ReadingError("account: wanted a reference such as ocn-003")
        return account or None

    def day(self, name: str) -> date | None:
        """Return a date; None = empty."""
        try:
            return clock.day(self.cells[name]) if self.cells[name] else None
        except ValueError:
            raise ReadingError(f"{name}: wanted a date such as 2021-05-04, in a year from 1900 to 2199") from None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was skipped, and why; what stood there is not repeated, for it may be personal."""

    line: int
    problem: str


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """What a table tells row by row, the lines that were left out, and the line of each row."""

    rows: tuple[T, ...]
    bad: tuple[BadLine, ...]
    lines: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    """What else of the file is no row: a title, other sheets."""
    header: int = 0
    """The line with the names of the columns."""

    @property
    def read(self) -> int:
        """Return how many rows stand below the names of the columns."""
        return len(self.rows) + len(self.bad)

    def summary(self) -> str:
        """Return how many rows were read, used and left out, in words."""
        left = f"{len(self.bad):,} left out: {self._why()}" if self.bad else "none left out"
        return "; ".join((f"{_rows(self.read)} read, {len(self.rows):,} used, {left}", *self.notes))

    def _why(self) -> str:
        """Return the reasons in words, the commonest first."""
        reasons = Counter(bad.problem for bad in self.bad)
        each = sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))
        said = [f"{reason} ({times})" for reason, times in each[:3]]
        return ", ".join(said) + (f" and {len(each) - 3} other reasons" if len(each) > 3 else "")


def read(path: Path, parse: Callable[[bytes], T]) -> T:
    """Return what `parse` makes of the file at `path`, which every refusal names."""
    body, _ = contents(path, LARGEST)
    with naming(path):
        return parse(body)


def parsed(
    body: bytes,
    wanted: Sequence[str],
    optional: Sequence[str],
    parse: Callable[[Row], T],
    called: Mapping[str, str] | None = None,
) -> Parsed[T]:
    """Return what `parse` makes of each row, and the lines that it refuses with a `ReadingError`.

    `called` says what the table calls a column, where that is not the name it has here.
    """
    titles = {name: (called or {}).get(name, name).lower() for name in (*wanted, *optional)}
    source, header, notes, at = _found(body, [titles[name] for name in wanted], list(titles.values()))
    places = {name: header.index(title) for name, title in titles.items() if title in header}
    needed = {titles[name]: places[name] for name in wanted}
    good: dict[int, T] = {}
    bad: list[BadLine] = []
    for line, cells in source:
        if not any(cells):
            continue
        try:
            good[line] = parse(Row(line, _wanted(cells, titles, places, needed, len(header))))
        except ReadingError as error:
            bad.append(BadLine(line, str(error)))
    return Parsed(tuple(good.values()), tuple(bad), tuple(good), tuple(notes), at)


def _wanted(
    cells: list[str] | str, titles: Mapping[str, str], places: Mapping[str, int], needed: Mapping[str, int], width: int
) -> dict[str, str]:
    """Return the wanted cells of a row by name; raise if the row is not whole."""
    if isinstance(cells, str):
        raise ReadingError(cells)
    if any(cells[width:]):
        raise ReadingError(
            f"it has more cells than the {width} columns: put a text with a delimiter in quotation marks"
        )
    if missing := [title for title, place in needed.items() if place >= len(cells)]:
        raise ReadingError(f"it ends before the column {missing[0]}")
    row = {name: cells[places[name]] if places.get(name, len(cells)) < len(cells) else "" for name in titles}
    for name, cell in row.items():
        if cell == MERGED:
            raise ReadingError(f"{titles[name]}: the cell is merged with another one: give each row its own")
        if cell.startswith("="):
            raise ReadingError(
                f"{titles[name]}: a formula without its value: open the sheet and save it as XLSX or ODS"
            )
        if _ERROR.fullmatch(cell):
            raise ReadingError(f"{titles[name]}: a spreadsheet's error stands in place of a value")
    return row


_Found = tuple[Iterator[Line], list[str], list[str], int]
"""The rows below the names of the columns, these names in small letters, what is to be noted, and their line."""


def _found(body: bytes, wanted: Sequence[str], known: Sequence[str]) -> _Found:
    """Return the table in a file, which may stand below a title, on a further sheet or between other delimiters."""
    if body[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        from planner.readings import workbooks  # noqa: PLC0415  # few tables are workbooks

        sheets: list[tuple[str, Iterable[Line]]] = list(workbooks.sheets(body))
    else:
        sheets = [("", table) for table in delimited.tables(body)]
    found: _Found | None = None
    chosen = full = ""
    passed: list[str] = []
    refused: list[tuple[str, TableError]] = []
    for name, sheet in sheets:
        try:
            below, header, above, at = _header(iter(sheet), wanted, known)
        except TableError as error:
            refused.append((name, error))
            passed += [name] if error.line else []
            continue
        notes = [f"above the names of the columns {_rows(len(above))} left out (line {above[0]})"] if above else []
        if isinstance(sheet, Delimited):
            sheet.width = len(header)
            return below, header, notes, at
        rows = list(below)
        places = [header.index(title) for title in wanted]
        # a template may have its defaults in other columns
        filled = any(isinstance(cells, str) or any(cells[place] for place in places) for _, cells in rows)
        if full and filled:
            raise ReadingError(
                f"the sheets {full} and {name} both have these columns: save one of them alone, or as CSV"
            )
        if filled or found is None:
            passed += [chosen] if chosen else []
            found, chosen, full = (iter(rows), header, notes, at), name, name if filled else ""
        else:
            passed.append(name)
    there = [error.there for _, error in refused]
    # a sheet that is the table, and cannot be used, is not passed over for another one
    if found is not None and max(there, default=0) <= len(wanted):
        found[2].extend([f"read from the sheet {chosen}, not from {', '.join(passed)}"] if passed else [])
        return found
    sheet_name, best = refused[there.index(max(there))] if refused else ("", None)
    if best is None or not best.line:
        raise ReadingError(f"the table is empty; wanted the columns {', '.join(wanted)}")
    way_out = "" if found is None else "; mend or delete that sheet, or save the right one alone"
    # the ways to part the lines of a CSV have no names
    where = f"in the sheet {sheet_name}, " if sheet_name and len(sheets) > 1 else ""
    raise TableError(best.line, f"{where}{best.problem}{way_out}")


def _header(
    rows: Iterator[Line], wanted: Sequence[str], known: Sequence[str]
) -> tuple[Iterator[Line], list[str], list[int], int]:
    """Return the rows below the header, its names, the lines above it that are no comments, and its own."""
    above: list[tuple[int, list[str]]] = []
    problem = ""
    for line, cells in islice(rows, _HEAD):
        problem = problem or (cells if isinstance(cells, str) else "")
        names = [] if isinstance(cells, str) else [" ".join(cell.lower().split()) for cell in cells]
        if set(wanted) <= set(names):
            if twice := [name for name in known if names.count(name) > 1]:
                raise TableError(line, f"the column {twice[0]} is there twice", len(wanted) + 1)
            # a row that could be one of the table must not pass for a title
            own = ((number, [cell for cell in row if cell and cell != MERGED.lower()]) for number, row in above)
            if full := [number for number, row in own if len(row) >= max(len(wanted), 2)]:
                wrong = f"this row stands above the names of the columns, which are in line {line}"
                raise TableError(full[0], wrong, len(wanted) + 1)
            return rows, names, [number for number, _ in above], line
        if any(cells) and not cells[0].startswith("#"):
            above.append((line, names))
    best = max(above, key=lambda row: len(set(wanted) & set(row[1])), default=(0, list[str]()))
    missing = [name for name in wanted if name not in best[1]]
    says = f"no column {' and no '.join(missing)}; wanted {', '.join(wanted)}"
    raise TableError(best[0], problem if problem and not best[1] else says, len(wanted) - len(missing))


def _rows(many: int) -> str:
    return "1 row" if many == 1 else f"{many:,} rows"
