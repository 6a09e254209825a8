"""Which charts a report shows, of which records, in which order: the choice is here, the drawing in `charts`."""

import math
from collections.abc import Iterator
from functools import partial

from planner.charts import credit, frontier, limits, tornado
from planner.charts.panels import Chart
from planner.model.admission.server_limits import Hold
from planner.model.limit import Week
from planner.planning import CreditPlan, Plan, Swing
from planner.wording import phrases

NODES = 3
"""So many nodes are drawn, those nearest their limit; the tables have them all."""


def of(plan: Plan) -> Iterator[Chart]:
    """Yield the charts that the plan has the records for."""
    names, own = plan.names, plan.credit
    bars_high = 0.36 * (len(limits.bars(plan.admission)) + 1.2)
    allowed = partial(limits.allowed, plan.admission, offered=plan.offered, names=names)
    yield Chart("limits", [(bars_high, allowed)], places={"below": 0.06, "left": 0.08})
    if rows := cases(plan):
        cope = f"cope: {phrases.measure(plan.measure, plan.at_most)} at most"
        draw = partial(limits.copes, rows, confidence=plan.confidence, coping=cope, offered=plan.offered)
        yield Chart("risk", [(1.75, draw)], places={"below": 0.56})
    if weeks := tightest_weeks(plan):
        panels = [(1.4, partial(limits.week, week, names=names)) for week in weeks]
        yield Chart("week", panels, places={"below": 0.28, "between": 0.78})
    yield Chart("months", [(2.2, partial(credit.months, own))])
    panels = [(2.2, partial(credit.balance, one, names=names)) for one in networks(plan)]
    yield Chart("balance", panels, places={"left": 0.48, "between": 0.9})
    both = [(1.5, partial(credit.hours, own)), (1.3, partial(credit.chance, own))]
    yield Chart("hours", both, places={"left": 0.56, "between": 0.9})
    in_credit = partial(credit.in_credit, own.rules, unit=own.unit, names=names)
    in_money = partial(credit.in_money, own.money, unit=plan.currency)
    both = [(0.42 * 3.25, in_credit), (0.42 * (credit.rows_in_money(own.money) + 0.25), in_money)]
    yield Chart("money", both, places={"left": 0.08, "below": 0.06, "between": 0.6})
    if groups := by_answer(plan):
        panels = [
            (0.43 * (len(group) + 0.6), partial(tornado.tornado, group, measure=plan.measure, names=names))
            for group in groups
        ]
        yield Chart("tornado", panels, places={"left": 0.08, "below": 0.06, "between": 0.58})
    if plan.frontier:
        panels = [
            (height, partial(frontier.frontier, plan.frontier, usually=usually, names=names))
            for height, usually in ((2.6, False), (1.5, True))
        ]
        yield Chart("frontier", panels, places={"left": 0.4, "between": 0.95})


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
    return list(plan.admission.holds) or [Hold(plan.offered, plan.admission.all_hold, 0.0)]


def by_answer(plan: Plan) -> list[list[Swing]]:
    """Return the swings of each answer, the answers in a written order, those that move it most first."""
    answers = ("admission", "risk", "months_to_buy", "months_to_afford")
    groups = [[swing for swing in plan.swings if swing.answer == answer] for answer in answers]
    return [group[:6] for group in groups if group][:2]


def networks(plan: Plan) -> list[CreditPlan]:
    """Return the networks whose balance is drawn: the one of the offer first."""
    others = [credit for credit in plan.credit_by_network if credit.network != plan.credit.network]
    return [plan.credit, *others][:NODES]
