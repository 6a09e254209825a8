"""Which charts a report shows, of which records, in which order: the choice is here, the drawing in `charts`."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from planner import charts
from planner.charts import theme
from planner.charts.limits import bars
from planner.charts.money import rows_in_money
from planner.model.admission.server_limits import Hold
from planner.model.limit import Week
from planner.planning import CreditPlan, Plan, Swing
from planner.wording import phrases

NODES = 3
"""So many nodes are drawn, those nearest their limit; the tables have them all."""
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure: its file name, and the function that makes it inside the look."""

    name: str
    make: Callable[[], Figure]


def of(plan: Plan) -> Iterator[Chart]:
    """Yield the charts that the plan has the records for."""
    yield Chart("limits", lambda: _limits(plan))
    if rows := cases(plan):
        yield Chart("risk", lambda: _risk(plan, rows))
    if weeks := tightest_weeks(plan):
        narrow = {"below": 0.28, "between": 0.78}
        yield Chart("week", lambda: _column(lambda week, ax: charts.week(week, ax, plan.names), weeks, 1.4, **narrow))
    yield Chart("months", lambda: _column(charts.months, [plan.credit], 2.2))
    yield Chart(
        "balance",
        lambda: _column(
            lambda credit, ax: charts.balance(credit, ax, plan.names), networks(plan), 2.2, left=0.48, between=0.9
        ),
    )
    if plan.credit.hours is not None and plan.credit.rules is not None:
        yield Chart("hours", lambda: _hours(plan.credit))
    if plan.credit.money is not None and plan.credit.rules is not None:
        yield Chart("money", lambda: _money(plan))
    if swings := by_answer(plan):
        yield Chart("tornado", lambda: _tornado(plan, swings))
    if plan.frontier:
        yield Chart("frontier", lambda: _frontier(plan))


def tightest_weeks(plan: Plan) -> list[Week]:
    """Return for each node the resource that is nearest its limit, the nodes nearest their limits first."""
    best: dict[str, tuple[float, Week]] = {}
    for week in (one for one in plan.weeks if math.isfinite(one.limit)):
        full = max(week.bad_day) / week.usable if week.usable > 0 else math.inf
        if week.node not in best or full > best[week.node][0]:
            best[week.node] = (full, week)
    return [week for _, week in sorted(best.values(), key=lambda pair: -pair[0])[:NODES]]


def cases(plan: Plan) -> list[Hold]:
    """Return in how many cases the servers cope with some numbers of accounts, or with all on offer if simulated."""
    if not plan.servers:
        return []
    return list(plan.admission.holds) or [Hold(plan.offered, plan.admission.all_hold, 0.0, 0.0, 0.0)]


def by_answer(plan: Plan) -> list[list[Swing]]:
    """Return the swings of each answer, the answers in a written order, those that move it most first."""
    answers = ("admission", "risk", "months_to_buy", "months_to_afford")
    groups = [[swing for swing in plan.swings if swing.answer == answer] for answer in answers]
    return [group[:6] for group in groups if group][:2]


def networks(plan: Plan) -> list[CreditPlan]:
    """Return the networks whose balance is drawn: the one of the offer first."""
    others = [credit for credit in plan.credit_by_network if credit.network != plan.credit.network]
    return [plan.credit, *others][:NODES]


def _column(draw: Callable[[Record, Axes], None], records: Sequence[Record], height: float, **places: float) -> Figure:
    """Return a chart of each record, one below the other, of a height [inch]."""
    figure, axes = theme.figure(*(height for _ in records), **places)
    for record, ax in zip(records, axes, strict=True):
        draw(record, ax)
    return figure


def _limits(plan: Plan) -> Figure:
    rows = len(bars(plan.admission))
    figure, (ax,) = theme.figure(0.36 * (rows + 1.2), below=0.06, left=0.08)
    charts.allowed(plan.admission, ax, plan.offered, plan.names)
    return figure


def _risk(plan: Plan, rows: Sequence[Hold]) -> Figure:
    figure, (ax,) = theme.figure(1.75, below=0.56)
    charts.copes(
        rows, ax, plan.confidence, f"cope: {phrases.measure(plan.measure, plan.at_most)} at most", plan.offered
    )
    return figure


def _hours(credit: CreditPlan) -> Figure:
    figure, axes = theme.figure(1.5, 1.3, left=0.56, between=0.9)
    charts.hours(credit, axes[0])
    charts.chance(credit, axes[1])
    return figure


def _money(plan: Plan) -> Figure:
    credit = plan.credit
    assert credit.rules is not None  # `of` has asked
    assert credit.money is not None
    rows = rows_in_money(credit.money)
    figure, axes = theme.figure(0.42 * 3.25, 0.42 * (rows + 0.25), left=0.08, below=0.06, between=0.6)
    charts.in_credit(credit.rules, axes[0], credit.unit, plan.names)
    charts.in_money(credit.money, axes[1], plan.currency)
    return figure


def _frontier(plan: Plan) -> Figure:
    figure, axes = theme.figure(2.6, 1.5, left=0.4, between=0.95)
    for ax, usually in zip(axes, (False, True), strict=True):
        charts.frontier(plan.frontier, ax, usually, plan.names)
    return figure


def _tornado(plan: Plan, groups: list[list[Swing]]) -> Figure:
    figure, axes = theme.figure(*(0.43 * (len(group) + 0.6) for group in groups), left=0.08, below=0.06, between=0.58)
    for group, ax in zip(groups, axes, strict=True):
        charts.tornado(group, ax, plan.measure, plan.names)
    return figure
