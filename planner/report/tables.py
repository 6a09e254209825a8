"""The plan as tables for people who live in spreadsheets: CSV in which text can never start a formula."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from planner.planning import Amount, Plan
from planner.wording import phrases
from planner.wording.reasons import why

Cell = str | int | float | Amount | None
Table = Iterator[Sequence[Cell]]
"""The header, and the rows."""
_STARTS = "[=+\\-@＝＋－＠]"
"""What a spreadsheet takes for the beginning of a formula."""


def of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield name and CSV text of each table."""
    for name in _TABLES:
        yield name, as_csv(*table(plan, name))


def table(plan: Plan, name: str) -> tuple[Sequence[Cell], list[Sequence[Cell]]]:
    """Return header and rows of one table."""
    header, *rows = _TABLES[name](plan)
    return header, rows


def as_csv(header: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV (UTF-8, comma, CRLF as RFC 4180 has it), every cell of text guarded."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(cell) for cell in row] for row in (header, *rows))
    return out.getvalue()


def guarded(text: str) -> str:
    """Return text that a spreadsheet shows and never runs: an apostrophe stands before what could start a formula."""
    # also after a semicolon, tab or line break inside, which start a new cell in some countries' settings
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", text):
        return text
    text = re.sub(rf"([;\t\r\n]\s*)(?='*{_STARTS})", r"\1'", text)
    return f"'{text}" if re.match(rf"'*(\s*{_STARTS}|[\t\r\n])", text) else text


def unguarded(cell: str) -> str:
    """Return the text that `guarded` made a cell of."""
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
    yield (
        "limit", "node", "kind", "accounts at confidence", "accounts if every input is as assumed", "binds", "when",
        "reason", "set by", "engine", "accounts at confidence, upper end",
    )  # fmt: skip
    for row in plan.admission.limits:
        binds, when = row == plan.admission.binding, None if row.when is None else phrases.when(row.when)
        yield (
            row.limit, row.node, row.kind, row.max_accounts, row.central, "yes" if binds else "no", when,
            why(row, plan.names), row.path, row.engine, row.up_to,
        )  # fmt: skip


def _risk(plan: Plan) -> Table:
    measures = {
        "busiest_instant": "chance of overload at the busiest instant",
        "minutes": "overloaded minutes a month",
        "episodes": "overloads a month",
        "any_in_week_bound": "share of weeks with an overload, at most",
    }
    columns = [f"{said}, {how}" for said in measures.values() for how in ("as assumed", "at confidence")]
    yield ("node", "resource", "further accounts", *columns)
    for server in plan.servers:
        for row in (server.now, server.offered):
            risks = (getattr(side, name) for name in measures for side in (row.central, row.at_confidence))
            yield (server.node, server.resource, row.accounts, *risks)


def _curves(plan: Plan) -> Table:
    yield "node", "resource", "measure", "further accounts", "as assumed", "at confidence"
    for server in plan.servers:
        curve = server.curve
        for each in zip(curve.accounts, curve.central, curve.at_confidence, strict=True):
            yield (server.node, server.resource, curve.measure, *each)


def _load(plan: Plan) -> Table:
    yield "node", "resource", "busiest time", "now", "added", "limit", "kept free"
    for row in plan.servers:
        load = row.load
        yield row.node, row.resource, phrases.when(load.when), load.now, load.added, row.limit, row.reserve


def _weeks(plan: Plan) -> Table:
    band = ("999 of 1000 readings from", "to")
    yield ("node", "resource", "hour", "now", "with the offer", *band, "limit", "kept free")
    for row in plan.weeks:
        for hour, each in enumerate(zip(row.mean_now, row.mean, row.low, row.high, strict=True)):
            yield (row.node, row.resource, phrases.when(12 * hour), *each, row.limit, row.reserve)


def _months(plan: Plan) -> Table:
    yield "network", "accounts", "months on paper", "months p10", "months p50", "months p90"
    for credit in plan.credit_by_network:
        curve = credit.months
        for each in zip(curve.accounts, curve.central, curve.p10, curve.p50, curve.p90, strict=True):
            yield (credit.network, *each)


def _balance(plan: Plan) -> Table:
    yield "network", "month", "balance on paper", "p10", "p50", "p90", "unit"
    for credit in plan.credit_by_network:
        fan = credit.balance
        for month, *each in zip(fan.months, fan.central, fan.p10, fan.p50, fan.p90, strict=True):
            yield (credit.network, month, *(minor / 100 for minor in each), credit.unit)


def _options(plan: Plan) -> Table:
    yield (
        "option", "accounts", "income a month", "unit", "hours a month", "months on paper", "allowed", "refused by",
        "hours by the review on paper", "months to buy p10", "p50", "p90", "chance of buying within the horizon",
    )  # fmt: skip
    buying = ("p10", "p50", "p90", "probability_within_horizon")
    for row in plan.options:
        income = row.income_per_month
        yield (
            row.name, row.accounts, income, income.unit, row.hours_per_month, row.months_to_afford,
            "to be planned" if row.allowed is None else "yes" if row.allowed else "no", row.broken_by,
            row.hours_by_review, *(getattr(row.months_to_buy, name, None) for name in buying),
        )  # fmt: skip


def _frontier(plan: Plan) -> Table:
    yield (
        "offer", "accounts", "mark", "income a month", "unit", "hours a month on paper", "hours a month, middle case",
        "more cases in 100 with a server too full", "standard error", "best on paper", "best usually",
    )  # fmt: skip
    for row in plan.frontier:
        best = ("yes" if one else "no" for one in (row.best_on_paper, row.best_usually))
        yield (
            plan.names.offer(row.accounts, row.mix), row.accounts, row.mark, row.income_per_month,
            row.income_per_month.unit, row.hours_on_paper, row.hours_usual, 100 * row.added, 100 * row.standard_error,
            *best,
        )  # fmt: skip


def _swings(plan: Plan) -> Table:
    yield "input", "answer", "low", "answer at low", "answer as assumed", "answer at high", "high"
    for row in plan.swings:
        yield row.path, row.answer, row.low_value, row.at_low, row.central, row.at_high, row.high_value


def _assumptions(plan: Plan) -> Table:
    yield "input", "value", "low", "high", "source", "as of", "where", "meaning"
    for row in plan.assumptions:
        yield row.path, row.value, row.low, row.high, row.source, row.as_of, row.origin, row.help


def _changes(plan: Plan) -> Table:
    yield "input", "old", "new", "where"
    for row in plan.changes:
        yield row.path, row.old, row.new, row.where


_TABLES: dict[str, Callable[[Plan], Table]] = {
    "limits": _limits,
    "risk": _risk,
    "risk_by_accounts": _curves,
    "load_added": _load,
    "weeks": _weeks,
    "months": _months,
    "balance": _balance,
    "options": _options,
    "frontier": _frontier,
    "swings": _swings,
    "assumptions": _assumptions,
    "changes": _changes,
}
