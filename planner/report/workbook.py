"""The plan as a workbook: its tables, and the proposal's arithmetic as formulas that anybody can check and change."""

import io
import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from planner.planning import Plan
from planner.planning.paper import Paper
from planner.report import tables
from planner.report.answer import answer, changed_here
from planner.report.tables import Cell

TABLES: Final = ("options", "limits", "months", "assumptions")
MARK: Final = b"planner"
"""The comment at the end of the archive, by which a workbook is known as ours."""
ORDER: Final = 300
"""So many accounts stand in the order in which they come, with what they have brought together [account]."""
MOST_ORDER: Final = 2000
MOST_TEXT: Final = 32_767
"""What a cell holds [character]."""
NARROW: Final = 14
WIDEST: Final = 60
WIDE: Final = 110
"""Columns of tables at least and at most, and that of the answer [character]."""
LINE: Final = 15
TALLEST: Final = 400
"""Height of a line, and of a row at most, since spreadsheets have a largest one [point]."""
_FIRST: Final = 8
"""The row of the first level on the sheet of the arithmetic, counted from 0."""


@dataclass(frozen=True, slots=True)
class _Book:
    """A workbook while it is written, and how its kinds of cells look."""

    book: xlsxwriter.Workbook
    looks: Mapping[str, Format]

    def sheet(self, name: str, widths: Sequence[float]) -> Worksheet:
        """Return a new sheet that prints on pages as wide as it is."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        return sheet


_LOOKS: Final[dict[str, dict[str, object]]] = {
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "align": "left", "indent": 1},
    "title": {"bold": True, "font_size": 14},
    "text": {"text_wrap": True, "align": "left", "indent": 1},
    "line": {},
    "unit": {"align": "left", "indent": 1},
    "number": {},
    "money": {"num_format": "#,##0.00"},
    "input": {"num_format": "#,##0.00", "font_color": "#0000C0", "bg_color": "#EEF3FF"},
    "count": {"num_format": "0", "align": "left", "font_color": "#0000C0", "bg_color": "#EEF3FF"},
}
"""What may be changed is blue, as people who check others' sheets expect."""


def xlsx(plan: Plan, paper: Paper, made: datetime) -> bytes:
    """Return a workbook: the answer, four of the tables, and the arithmetic; with the same `made`, the same bytes."""
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {"title": _text(plan.scenario.title)[:200], "comments": f"planner {plan.version}", "created": made}
    )
    whole = _Book(book, {name: book.add_format({"valign": "top", **look}) for name, look in _LOOKS.items()})
    _answer(whole, plan)
    _arithmetic(whole, plan, paper)
    for name in TABLES:
        made_of = tables.table(plan, name)
        _table(whole, name, made_of.columns, made_of.rows)
    book.close()
    with zipfile.ZipFile(body, "a") as archive:
        archive.comment = MARK
    return body.getvalue()


def _answer(whole: _Book, plan: Plan) -> None:
    """Write the first screen, and what the plan was made of."""
    sheet, said = whole.sheet("answer", (26, WIDE)), answer(plan)
    stamp = plan.scenario
    rows: list[tuple[str, str]] = [
        ("", one) for one in (changed_here(plan.changes, plan.names), *said.sentences) if one
    ]
    rows += [
        (f"The meeting can choose {k}", f"{one.does} {one.follows}") for k, one in enumerate(said.choices, start=1)
    ]
    rows += [("How many", said.number), *(("warning", warning) for warning in plan.warnings)]
    rows += [("scenario", stamp.file), ("digest", stamp.digest), ("result", plan.digits)]
    rows += [("made with", f"planner {plan.version}, {plan.draws} draws, seed {plan.seed}")]
    sheet.write_string(0, 0, _text(stamp.title), whole.looks["title"])
    for row, (label, text) in enumerate(rows, start=2):
        sheet.write_string(row, 0, label, whole.looks["text"])
        sheet.write_string(row, 1, _text(text), whole.looks["text"])
        sheet.set_row(row, _height([text], [WIDE]))


def _table(whole: _Book, name: str, header: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table as a sheet of its own; this is all that the workbook knows of tables."""
    filled = [header, *rows]
    longest = (max((len(_shown(cell)) for cell in column[1:]), default=0) for column in zip(*filled, strict=True))
    widths = [min(WIDEST, max(NARROW, 1.1 * length)) for length in longest]
    sheet = whole.sheet(name, widths)
    for row, cells in enumerate(filled):
        sheet.set_row(row, _height(map(_shown, cells), widths))
        for column, cell in enumerate(cells):
            if isinstance(cell, Decimal):
                sheet.write_number(row, column, float(cell), whole.looks["money"])
            elif isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell):
                sheet.write_number(row, column, float(_shown(cell)), whole.looks["number"])
            elif cell is not None:
                sheet.write_string(row, column, _shown(cell), whole.looks["text" if row else "head"])
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # an input's value is what its author wrote
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)


def _height(texts: Iterable[str], widths: Iterable[float]) -> float:
    """Return the height of a row in which nothing is cut off [point]: not every program works it out itself."""
    lines = max(math.ceil(1.1 * len(text) / width) for text, width in zip(texts, widths, strict=False))
    return min(TALLEST, LINE * max(1, lines))


def _shown(cell: Cell) -> str:
    """Return a cell as text, a number to as many digits as it is worth."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else _text(str(cell))


def _text(text: str) -> str:
    """Return text that a cell can hold: a file's name may hold what has no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()[:MOST_TEXT]


def _arithmetic(whole: _Book, plan: Plan, paper: Paper) -> None:
    """Write the inputs, and every step from them to the months as a formula; its value stands beside it for viewers."""
    numbers = sorted({row.accounts for row in plan.options} | {plan.offered} - {0})
    base = paper.central(plan.offered)
    lengths = (ORDER, *numbers, min(MOST_ORDER, base.accounts_needed or 0))
    order = paper.order(max(lengths))
    sheet = whole.sheet("arithmetic", (34, 16, 16, 16, 22, 4, 10, 22, 12, 20))
    head, line, money, given = (whole.looks[name] for name in ("head", "line", "money", "input"))
    unit, last = f"[{_text(paper.unit)}]", _FIRST + len(order)
    sheet.write_string(0, 0, "The proposal's arithmetic", whole.looks["title"])
    sheet.write_string(1, 0, "Change what is blue, and see what follows. On paper: everybody pays from month 1.", line)
    inputs = (
        ("Price of an hour", paper.rate / 100, paper.unit),
        ("Hours that make a difference", paper.hours, "h"),
        (f"Worth of one {paper.unit}", paper.worth, paper.currency),
    )
    for row, (label, number, of) in enumerate(inputs, start=3):
        sheet.write_string(row, 0, _text(label), line)
        sheet.write_number(row, 1, number, given)
        sheet.write_string(row, 2, _text(of), whole.looks["unit"])
    rate, hours, worth = "$B$4", "$B$5", "$B$6"
    sheet.write_row(_FIRST - 1, 0, ("Level on offer", f"Fee a month {unit}"), head)
    fee = {}
    for row, level in enumerate(paper.mix, start=_FIRST):
        sheet.write_string(row, 0, _text(plan.names.level(level)), line)
        sheet.write_number(row, 1, paper.fees[level] / 100, given)
        fee[level] = f"$B${row + 1}"
    row = _FIRST + len(fee) + 1
    earned, cost = f"$J${_FIRST + 1}:$J${last}", f"$B${row + 1}"
    sheet.write_string(row, 0, f"Cost of these hours {unit}", line)
    block = f"=ROUNDUP(ROUND({hours}*60,0)*ROUND({rate}*100,0)/60,0)/100"
    sheet.write_formula(row, 1, block, money, base.target_cost / 100)
    sheet.write_string(row + 1, 0, "Accounts that bring it every month", line)
    more = f'"more than {len(order)}"'
    needed = base.accounts_needed if (base.accounts_needed or math.inf) <= len(order) else more.strip('"')
    find = f"=IF(MAX({earned})<{cost},{more},SUMPRODUCT(--({earned}<{cost}))+1)"
    sheet.write_formula(row + 1, 1, find, whole.looks["number"], needed)
    row += 3
    money_head = _text(f"the same [{paper.currency}]")
    heads = ("Accounts", f"Income a month {unit}", money_head, "Hours a month", "Months until these hours are earned")
    sheet.set_row(row, 2 * LINE)
    sheet.set_row(_FIRST - 1, 2 * LINE)
    sheet.write_row(row, 0, heads, head)
    for at, accounts in enumerate(numbers, start=row + 1):
        found, here = paper.central(accounts), at + 1
        months = "never" if found.months_to_afford is None else found.months_to_afford
        brings = f"=IF(A{here}<1,0,IFERROR(INDEX({earned},A{here}),{more}))"
        sheet.write_number(at, 0, accounts, whole.looks["count"])
        sheet.write_formula(at, 1, brings, money, found.income_per_month / 100)
        sheet.write_formula(
            at, 2, f"=ROUND(B{here}*{worth},2)", money, round(found.income_per_month * paper.worth) / 100
        )
        sheet.write_formula(at, 3, f"=B{here}/{rate}", money, found.hours_per_month)
        when = f'=IF(B{here}>0,ROUNDUP(ROUND({cost}*100,0)/ROUND(B{here}*100,0),0),"never")'
        sheet.write_formula(at, 4, when, whole.looks["number"], months)
    _order(sheet, whole, plan, paper, order, fee)


def _order(sheet: Worksheet, whole: _Book, plan: Plan, paper: Paper, order: Sequence[str], fee: dict[str, str]) -> None:
    """Write the accounts one after the other as they come, each with its fee and what all so far bring."""
    titles = ("Account", "its level", "its fee", "All so far, a month")
    sheet.write_row(_FIRST - 1, 6, titles, whole.looks["head"])
    so_far = 0
    for row, level in enumerate(order, start=_FIRST):
        so_far += paper.fees[level]
        before = f"J{row}+" if row > _FIRST else ""
        sheet.write_number(row, 6, row - _FIRST + 1, whole.looks["number"])
        sheet.write_string(row, 7, _text(plan.names.level(level)), whole.looks["unit"])
        sheet.write_formula(row, 8, f"={fee[level]}", whole.looks["money"], paper.fees[level] / 100)
        sheet.write_formula(row, 9, f"=ROUND({before}I{row + 1},2)", whole.looks["money"], so_far / 100)
