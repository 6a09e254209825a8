"""The plan as tables: data frames, and CSV in which text can never start a formula, made of the same rows."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from planner.planning import Amount, Headline, Plan
from planner.wording import phrases
from planner.wording.reasons import why

if TYPE_CHECKING:
    import pandas as pd

Cell = str | int | float | bool | Decimal | None
Row = Sequence[Cell | Amount]
Rows = Iterator[Row]
"""The names of the columns, and the rows."""
_STARTS = "[=+\\-@＝＋－＠]"
"""What a spreadsheet takes for the beginning of a formula."""
_DTYPES = {bool: "boolean", int: "Int64", float: "float64", str: "string"}
"""Of a column that holds one kind of thing; what is missing stays missing and makes no number of it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below the names of their columns; an amount's unit stands in the name."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @classmethod
    def of(cls, columns: Sequence[str], rows: Iterable[Row]) -> "Table":
        """Return a table; of a column of amounts each unit gets a column: what must not be added stands apart."""
        lines, made = [*rows], dict[str, list[Any]]()
        for k, name in enumerate(columns):
            cells = [line[k] for line in lines]
            units = dict.fromkeys(cell.unit for cell in cells if isinstance(cell, Amount))
            for unit in units:
                made[f"{name} [{unit}]"] = [
                    cell.decimal if isinstance(cell, Amount) and cell.unit == unit else None for cell in cells
                ]
            if not units:
                made[name] = cells
        return cls(tuple(made), tuple(zip(*made.values(), strict=True)))

    @property
    def csv(self) -> str:
        """Return it as CSV (UTF-8, comma, CRLF as RFC 4180 has it), every cell of text guarded."""
        return as_csv(self.columns, self.rows)

    @property
    def frame(self) -> "pd.DataFrame":
        """Return it as a DataFrame."""
        import pandas as pd  # noqa: PLC0415  # half a second that only who asks for a frame should wait

        made = {}
        for k, name in enumerate(self.columns):
            cells = [row[k] for row in self.rows]
            kinds = {type(cell) for cell in cells if cell is not None}
            kind = kinds.pop() if len(kinds) == 1 else float if kinds == {int, float} else object if kinds else int
            made[name] = pd.Series(cells, dtype=_DTYPES.get(kind, "object"))
        return pd.DataFrame(made, columns=list(self.columns))


def of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield name and CSV text of each table."""
    for name in ROWS:
        yield name, table(plan, name).csv


def table(plan: Plan, name: str) -> Table:
    """Return the table of a name."""
    columns, *rows = ROWS[name](plan)
    return Table.of([str(one) for one in columns], rows)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV; see `Table.csv`."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(cell) for cell in row] for row in (header, *rows))
    return out.getvalue()


def cells_of(found: Headline) -> dict[str, Cell | Amount]:
    """Return the answers of a plan in one row, by name; the income with its unit."""
    cells = asdict(found)
    income = Amount(int(Decimal(cells["income_per_month"]) * 100), cells.pop("unit"))
    return cells | {"income_per_month": income}


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
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return float(f"{cell:.6g}")
    return cell if isinstance(cell, int) else guarded(str(cell))


def _limits(plan: Plan) -> Rows:
    yield (
        "limit", "node", "kind", "accounts at confidence", "accounts if every input is as assumed", "binds", "when",
        "reason", "set by", "engine", "accounts at confidence, upper end",
    )  # fmt: skip
    for row in plan.admission.limits:
        binds, when = row == plan.admission.binding, None if row.when is None else phrases.when(row.when)
        yield (
            row.limit, row.node, row.kind, row.max_accounts, row.central, binds, when,
            why(row, plan.names), row.path, row.engine, row.up_to,
        )  # fmt: skip


def _risk(plan: Plan) -> Rows:
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


def _holds(plan: Plan) -> Rows:
    yield "further accounts", "share of cases in which the servers cope"
    for row in plan.admission.holds:
        yield row.accounts, row.share


def _weeks(plan: Plan) -> Rows:
    band = ("999 of 1000 readings from", "to")
    yield ("node", "resource", "hour", "now", "with the offer", *band, "limit", "kept free")
    for row in plan.weeks:
        for hour, each in enumerate(zip(row.mean_now, row.mean, row.low, row.high, strict=True)):
            yield (row.node, row.resource, phrases.when(12 * hour), *each, row.limit, row.reserve)


def _months(plan: Plan) -> Rows:
    yield "network", "accounts", "months on paper", "months p10", "months p50", "months p90"
    for credit in plan.credit_by_network:
        curve = credit.months
        for each in zip(curve.accounts, curve.central, curve.p10, curve.p50, curve.p90, strict=True):
            yield (credit.network, *each)


def _balance(plan: Plan) -> Rows:
    yield "network", "month", "balance on paper", "p10", "p50", "p90"
    for credit in plan.credit_by_network:
        fan = credit.balance
        for month, *each in zip(fan.months, fan.central, fan.p10, fan.p50, fan.p90, strict=True):
            yield (credit.network, month, *(Amount(round(minor), credit.unit) for minor in each))


def _options(plan: Plan) -> Rows:
    yield (
        "option", "accounts", "income a month", "hours a month", "months on paper", "allowed", "refused by",
        "hours by the review on paper", "months to buy p10", "months to buy p50", "months to buy p90",
        "chance of buying within the horizon",
    )  # fmt: skip
    buying = ("p10", "p50", "p90", "probability_within_horizon")
    for row in plan.options:
        yield (
            row.name, row.accounts, row.income_per_month, row.hours_per_month, row.months_to_afford, row.allowed,
            row.broken_by, row.hours_by_review, *(getattr(row.months_to_buy, name, None) for name in buying),
        )  # fmt: skip


def _frontier(plan: Plan) -> Rows:
    yield (
        "offer", "accounts", "mark", "income a month", "hours a month on paper", "hours a month, middle case",
        "more cases in 100 with a server too full", "standard error", "best on paper", "best usually",
    )  # fmt: skip
    for row in plan.frontier:
        yield (
            plan.names.offer(row.accounts, row.mix), row.accounts, row.mark, row.income_per_month,
            row.hours_on_paper, row.hours_usual, 100 * row.added, 100 * row.standard_error, row.best_on_paper,
            row.best_usually,
        )  # fmt: skip


def _swings(plan: Plan) -> Rows:
    yield "input", "answer", "low", "answer at low", "answer as assumed", "answer at high", "high"
    for row in plan.swings:
        yield row.path, row.answer, row.low_value, row.at_low, row.central, row.at_high, row.high_value


def _facts(plan: Plan) -> Rows:
    yield "to find out", "input", "accounts that may come once it is known", "chance of room for all on offer"
    for row in plan.facts:
        yield plan.names.question(row.path), row.path, row.expected_accounts, row.chance_of_room


def _shares(plan: Plan) -> Rows:
    taken = ("an account takes", "share of the server", "share if it meets in the evening")
    yield ("level", "node", "resource", *taken, "fee a month for each per cent")
    for row in plan.share_of_server:
        yield row.level, row.node, row.resource, row.amount, row.share, row.off_peak, row.credit_per_percent


def _assumptions(plan: Plan) -> Rows:
    yield "input", "value", "low", "high", "source", "as of", "where", "meaning"
    for row in plan.assumptions:
        yield row.path, row.value, row.low, row.high, row.source, row.as_of, row.origin, row.help


ROWS: dict[str, Callable[[Plan], Rows]] = {
    "limits": _limits,
    "risk": _risk,
    "holds": _holds,
    "weeks": _weeks,
    "months": _months,
    "balance": _balance,
    "options": _options,
    "frontier": _frontier,
    "swings": _swings,
    "facts": _facts,
    "share_of_server": _shares,
    "assumptions": _assumptions,
}
