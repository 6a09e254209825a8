"""A sweep as a tidy table, which is also what it goes on from, and as one chart."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from planner.charts.grid import SHOWN, drawn, swept
from planner.charts.panels import Chart
from planner.grid import Axis, Row
from planner.planning.amount import Amount
from planner.planning.headline import Headline
from planner.report.tables import Cell, Table, cells_of, guarded, unguarded
from planner.wording.names import KEYS, Names

_KINDS = {field.name: str(field.type) for field in fields(Headline)}
_ROW_HEIGHT, _LINES_HEIGHT = 0.26, 2.2
"""[inch]"""
_MOST_LINES = 24
"""Of the map; more are drawn lower."""


def text(axes: Sequence[Axis], rows: Iterable[Row]) -> str:
    """Return the table: a column for each axis, the answers, and what went wrong."""
    return _csv([*(axis.path for axis in axes), *_KINDS, "error"]) + "".join(map(line, rows))


def line(row: Row) -> str:
    """Return one row of the table."""
    found = {} if row.answers is None else asdict(row.answers)
    return _csv([*row.values, *(found.get(name) for name in _KINDS), row.error])


def _csv(cells: Sequence[object]) -> str:
    """Return one line; numbers in full, so that reading it again gives the same bits."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([guarded(one) if isinstance(one, str) else one for one in cells])
    return out.getvalue()


def read(file: Path, axes: Sequence[Axis]) -> tuple[Row, ...]:
    """Return the rows of a table; a line that was cut off while it was written is left out, and so is what failed."""
    found = []
    with file.open(encoding="utf-8", errors="replace", newline="") as stream:
        records = csv.DictReader(stream)
        with suppress(csv.Error):  # from here on it is no table
            for record in records:
                if record.get("error") == "":  # the last column: the line is whole
                    with suppress(KeyError, ValueError, TypeError):
                        found.append(_row(record, axes))
    return tuple(found)


def _row(record: Mapping[str, str], axes: Sequence[Axis]) -> Row:
    answers: dict[str, Any] = {name: _value(kind, record[name]) for name, kind in _KINDS.items()}
    return Row(tuple(unguarded(record[axis.path]) for axis in axes), Headline(**answers))


def _value(kind: str, cell: str) -> object:
    if "str" in kind:
        return unguarded(cell)
    if cell == "" and "None" in kind:
        return None
    return int(cell) if "int" in kind else float(cell)


def most_telling(axes: Sequence[Axis], rows: Sequence[Row]) -> str:
    """Return which answer the chart shows if nobody says: the one that tells most cells apart, the first of equals."""
    return max(SHOWN, key=lambda name: told_apart(axes, rows, name))


def told_apart(axes: Sequence[Axis], rows: Sequence[Row], answer: str) -> int:
    """Return how many of the cells' answers differ in the chart of one answer."""
    return len({drawn(row, SHOWN[answer], mapped=len(axes) == 2) for row in rows if row.answers})


def charts_of(axes: Sequence[Axis], rows: Sequence[Row], names: Names = KEYS) -> Iterator[Chart]:
    """Yield the chart of each answer over one or two axes; none for more axes or no answer."""
    if len(axes) > 2 or not any(row.answers for row in rows):
        return
    lines = len(axes[0].values) if len(axes) == 2 else 0
    height = max(1.0, _ROW_HEIGHT * min(lines, _MOST_LINES)) if lines else _LINES_HEIGHT
    for answer in SHOWN:
        panel = height, partial(swept, axes, rows, answer=answer, names=names)
        yield Chart(answer, [panel], places={"left": 0.9 if lines else 0.62})


def table(axes: Sequence[Axis], rows: Sequence[Row]) -> Table:
    """Return the grid as a tidy table: numbers of one unit as numbers, the unit in the column's name."""
    names = [f"{axis.path} [{axis.unit}]" if axis.unit else axis.path for axis in axes]
    places = [dict(zip(axis.values, _numbers(axis), strict=True)) for axis in axes]
    nothing: dict[str, Cell | Amount] = dict.fromkeys(name for name in _KINDS if name != "unit")
    cells = [
        (
            *(place[value] for place, value in zip(places, row.values, strict=True)),
            *(nothing if row.answers is None else cells_of(row.answers)).values(),
            row.error,
        )
        for row in rows
    ]
    return Table.of((*names, *nothing, "error"), cells)


def _numbers(axis: Axis) -> Sequence[Cell]:
    """Return the values of an axis as numbers where they are, amounts exact."""
    if axis.numbers is None:
        return axis.values
    if re.match(r"[A-Z]{3}\b|credit\b", axis.unit):
        return [Decimal(value.removesuffix(axis.unit).strip()) for value in axis.values]
    whole = all(number.is_integer() for number in axis.numbers)
    return [int(number) for number in axis.numbers] if whole else axis.numbers
