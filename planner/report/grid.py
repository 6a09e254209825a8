"""A sweep as a tidy table, which is also what it goes on from, and as one chart."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from planner import charts
from planner.charts import theme
from planner.charts.grid import SHOWN, drawn
from planner.grid import Axis, Row
from planner.planning.headline import Headline
from planner.report.tables import guarded, unguarded
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


def draw(axes: Sequence[Axis], rows: Sequence[Row], answer: str, names: Names = KEYS) -> Figure | None:
    """Return the chart of one answer over one or two axes, made inside the look; None for more axes or no answer."""
    if len(axes) > 2 or not any(row.answers for row in rows):
        return None
    lines = len(axes[0].values) if len(axes) == 2 else 0
    height = max(1.0, _ROW_HEIGHT * min(lines, _MOST_LINES)) if lines else _LINES_HEIGHT
    figure, (ax,) = theme.figure(height, left=0.9 if lines else 0.62)
    charts.swept(axes, rows, ax, answer, names)
    return figure


def chart(axes: Sequence[Axis], rows: Sequence[Row], answer: str, names: Names = KEYS) -> tuple[str, bytes] | None:
    """Return the chart as SVG and PNG; None where there is none."""
    with theme.style("sweep"):
        figure = draw(axes, rows, answer, names)
        return None if figure is None else (theme.svg(figure), theme.png(figure))
