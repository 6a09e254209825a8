"""The plan as tables for people who live in spreadsheets: CSV in which text can never start a formula."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from planner.planning import Amount, Plan
from planner.wording import phrases
from planner.wording.reasons import why

Cell = str | int | float | Amount | None
Table = tuple[Sequence[str], list[Sequence[Cell]]]
_STARTS = "[=+\\-@＝＋－＠]"
"""What a spreadsheet takes for the beginning of a formula."""


def of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield name and CSV text of each table."""
    for name, make in _TABLES.items():
        yield name, as_csv(*make(plan))


def as_csv(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table as CSV (UTF-8, comma, CRLF as RFC 4180 has it), every cell of text guarded."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guarded(name) for name in header])
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def guarded(text: str) -> str:
    """Return text that a spreadsheet shows and never runs: an apostrophe stands before what could start a formula.

    Also after a semicolon, tab or line break inside the text, which start a new cell in some countries' settings.
    `unguarded` takes the apostrophes away again.

    Examples
    --------
    >>> guarded("=1+1"), guarded("users on de"), guarded(" @SUM(A1)"), guarded("-3")
    ("'=1+1", 'users on de', "' @SUM(A1)", '-3')
    """
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", text):
        return text
    text = re.sub(rf"([;\t\r\n]\s*)(?='*{_STARTS})", r"\1'", text)
    return f"'{text}" if re.match(rf"'*(\s*{_STARTS}|[\t\r\n])", text) else text


def unguarded(cell: str) -> str:
    """Return the text that `guarded` made a cell of.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("users on de"), unguarded(guarded("'=1")), unguarded("-3")
    ('=1+1', 'users on de', "'=1", '-3')
    """
    text = re.sub(rf"^'('*(?:\s*{_STARTS}|[\t\r\n]))", r"\1", cell)
    return re.sub(rf"([;\t\r\n]\s*)'('*{_STARTS})", r"\1\2", text)


def _cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, Amount):
        return str(cell).split(" ", 1)[0]
    if isinstance(cell, float):
        return float(f"{cell:.6g}")
    return cell if isinstance(cell, int) else guarded(cell)


def _limits(plan: Plan) -> Table:
    header = (
        "limit", "node", "kind", "accounts at confidence", "accounts if every input is as assumed", "binds", "when",
        "reason", "set by", "engine", "accounts at confidence, upper end",
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            row.limit, row.node, row.kind, row.max_accounts, row.central,
            "yes" if row == plan.admission.binding else "no", None if row.when is None else phrases.when(row.when),
            why(row), row.path, row.engine, row.up_to,
        )
        for row in plan.admission.limits
    ]  # fmt: skip
    return header, rows


def _risk(plan: Plan) -> Table:
    measures = {
        "busiest_instant": "chance of overload at the busiest instant",
        "minutes": "overloaded minutes a month",
        "episodes": "overloads a month",
        "any_in_week_bound": "share of weeks with an overload, at most",
    }
    columns = [f"{said}, {how}" for said in measures.values() for how in ("as assumed", "at confidence")]
    rows: list[Sequence[Cell]] = [
        (
            server.node,
            server.resource,
            row.accounts,
            *(getattr(side, name) for name in measures for side in (row.central, row.at_confidence)),
        )
        for server in plan.servers
        for row in (server.now, server.offered)
    ]
    return ("node", "resource", "further accounts", *columns), rows


def _curves(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        (server.node, server.resource, curve.measure, n, central, sure)
        for server in plan.servers
        for curve in (server.curve,)
        for n, central, sure in zip(curve.accounts, curve.central, curve.at_confidence, strict=True)
    ]
    return ("node", "resource", "measure", "further accounts", "as assumed", "at confidence"), rows


def _load(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        (row.node, row.resource, phrases.when(row.load.when), row.load.now, row.load.added, row.limit, row.reserve)
        for row in plan.servers
    ]
    return ("node", "resource", "busiest time", "now", "added", "limit", "kept free"), rows


def _weeks(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        (
            row.node,
            row.resource,
            phrases.when(12 * h),
            row.mean_now[h],
            row.mean[h],
            row.low[h],
            row.high[h],
            row.limit,
            row.reserve,
        )
        for row in plan.weeks
        for h in range(168)
    ]
    columns = ("now", "with the offer", "999 of 1000 readings from", "to", "limit", "kept free")
    return ("node", "resource", "hour", *columns), rows


def _months(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        (credit.network, n, central, p10, p50, p90)
        for credit in plan.credit_by_network
        for n, central, p10, p50, p90 in zip(
            credit.months.accounts,
            credit.months.central,
            credit.months.p10,
            credit.months.p50,
            credit.months.p90,
            strict=True,
        )
    ]
    return ("network", "accounts", "months on paper", "months p10", "months p50", "months p90"), rows


def _balance(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        (
            credit.network,
            month,
            *(values[k] / 100 for values in (fan.central, fan.p10, fan.p50, fan.p90)),
            credit.unit,
        )
        for credit in plan.credit_by_network
        for fan in (credit.balance,)
        for k, month in enumerate(fan.months)
    ]
    return ("network", "month", "balance on paper", "p10", "p50", "p90", "unit"), rows


def _options(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        (
            row.name,
            row.accounts,
            row.income_per_month,
            row.income_per_month.unit,
            row.hours_per_month,
            row.months_to_afford,
            "to be planned" if row.allowed is None else "yes" if row.allowed else "no",
            row.broken_by,
            row.hours_by_review,
            *(getattr(row.months_to_buy, name, None) for name in ("p10", "p50", "p90", "probability_within_horizon")),
        )
        for row in plan.options
    ]
    columns = (
        "income a month", "unit", "hours a month", "months on paper", "allowed", "refused by",
        "hours by the review on paper", "months to buy p10", "p50", "p90", "chance of buying within the horizon",
    )  # fmt: skip
    return ("option", "accounts", *columns), rows


def _swings(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        (row.path, row.answer, row.low_value, row.at_low, row.central, row.at_high, row.high_value)
        for row in plan.swings
    ]
    return ("input", "answer", "low", "answer at low", "answer as assumed", "answer at high", "high"), rows


def _assumptions(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        (row.path, row.value, row.low, row.high, row.source, row.as_of, row.origin, row.help)
        for row in plan.assumptions
    ]
    return ("input", "value", "low", "high", "source", "as of", "where", "meaning"), rows


def _changes(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [(row.path, row.old, row.new, row.where) for row in plan.changes]
    return ("input", "old", "new", "where"), rows


_TABLES = {
    "limits": _limits,
    "risk": _risk,
    "risk_by_accounts": _curves,
    "load_added": _load,
    "weeks": _weeks,
    "months": _months,
    "balance": _balance,
    "options": _options,
    "swings": _swings,
    "assumptions": _assumptions,
    "changes": _changes,
}
