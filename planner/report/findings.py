"""What each chart shows: a sentence to see and what belongs to it, from the plan's numbers."""

from collections.abc import Callable
from dataclasses import dataclass

from planner.charts.credit import MARKS
from planner.charts.limits import shown
from planner.planning import Amount, Plan
from planner.report import figures, frontier, networks
from planner.report.answer import horizon
from planner.report.what_to_measure import moves
from planner.wording import phrases
from planner.wording.phrases import listed, upper


@dataclass(frozen=True, slots=True)
class Finding:
    """What a chart shows: one sentence to see, and what belongs to it."""

    headline: str
    more: str = ""


def of(plan: Plan, chart: str) -> Finding:
    """Return what a chart shows."""
    return _FINDINGS[chart](plan)


def _limits(plan: Plan) -> Finding:
    rows = [row for row in shown(plan.admission) if row.max_accounts is not None]
    permissions = [row for row in rows if row.kind == "permission"]
    reach = next((row for row in rows if row.kind == "reach"), None)
    more = ""
    if len(permissions) > 1:
        second = permissions[1]
        more = f"Next comes {plan.names.limit(second.limit, second.node)}, at {second.max_accounts:,}."
    if reach is not None:
        ranged = reach.low is not None and reach.high is not None
        number = f"{reach.low} to {reach.high}" if ranged else f"{reach.max_accounts:,}"
        more = f"{more} The network is expected to bring {number}.".strip()
    if not permissions:
        return Finding("No limit stops further accounts.", more)
    first = permissions[0]
    count = phrases.accounts(first.max_accounts or 0)
    return Finding(f"The first to say no: {plan.names.limit(first.limit, first.node)}, at {count}.", more)


def _risk(plan: Plan) -> Finding:
    rows = {row.accounts: row for row in figures.cases(plan)}
    own, now = rows.get(plan.offered), rows.get(0)
    promise = f"We promise {_cases(plan.confidence)}."
    if own is None:
        return Finding("What the servers bear was not reckoned.")
    who = f"the {phrases.counted(plan.offered)} on offer" if plan.offered else "nobody new"
    if now is None:
        more = f"{promise} The balancer was simulated, and only with this number."
        return Finding(f"With {who}, the servers cope in {_cases(own.share)}.", more)
    far = max(rows.values(), key=lambda row: row.accounts)
    if far.accounts > plan.offered:
        promise += f" With {far.accounts} new accounts they cope in {_cases(far.share)}."
    alone = f"With nobody new, the servers cope in {_cases(now.share)}"
    if not plan.offered:
        return Finding(f"{alone}.", promise)
    return Finding(f"{alone}; with {who}, in {100 * own.share:.0f}.", promise)


def _cases(share: float) -> str:
    return f"{100 * share:.0f} of 100 cases"


def _week(plan: Plan) -> Finding:
    week = figures.tightest_weeks(plan)[0]
    hour = max(range(168), key=lambda k: week.bad_day[k])
    per_cent = phrases.is_share(week.resource, week.limit)
    low, high, bad, usable = (
        f"{100 * value:.0f}" if per_cent else phrases.number(value)
        for value in (week.usual_low[hour], week.usual_high[hour], week.bad_day[hour], week.usable)
    )
    units = {"users": " people", "rooms": " meetings", "load": " % of its processor" if per_cent else " load"}
    unit = units.get(week.resource) or f" {phrases.UNITS[week.resource]}"
    usual = f"{low} to {high}{unit}" if low != high else f"{high}{unit}"
    does, sign = ("uses", "\N{NO-BREAK SPACE}%") if per_cent else ("has", "")
    usual = f"{plan.names.server(week.node)} usually {does} {usual}; its limit is {usable}{sign}"
    headline = f"In the fullest hour, {phrases.when(12 * hour)}, {usual}."
    full = sum(value > week.usable for value in week.bad_day)
    rare = f"On such a day {full} of the week's 168 hours are too full." if full else "Even then no hour is too full."
    return Finding(headline, f"One such hour in 100 brings {bad}{sign} or more. {rare}")


def _months(plan: Plan) -> Finding:
    found = dict(zip(plan.credit.months.accounts, plan.credit.months.central, strict=True))
    last, hours = horizon(plan), f"{plan.credit.target_hours:g} hours"
    known = [(n, months) for n in MARKS if n > 2 and (months := found.get(n)) is not None]
    done = [f"{phrases.accounts(n)} in {phrases.in_months(months)}" for n, months in known]
    late = [phrases.accounts(n) for n in MARKS if n in found and found[n] is None]
    more = f"{f'Not within {last} months: {listed(late)}.' if late else ''} {_no_help(plan)}".strip()
    if not done:
        return Finding(f"On paper nobody earns {hours} within {last} months.", more)
    return Finding(f"On paper {listed(done)} earn {hours}.", more)


def _no_help(plan: Plan) -> str:
    """Return from which number on, with the usual delays, offering more accounts brings the hours no sooner."""
    curve = plan.credit.months
    waits = list(zip(curve.p10, curve.p50, curve.p90, strict=True))
    same = next((n for n, each in zip(curve.accounts, waits, strict=True) if each == waits[-1]), None)
    if same is None or same > 0.5 * curve.accounts[-1]:
        return ""
    return (
        f"With the usual delays, offering more than {same} changes nothing: hardly more would join or could be served."
    )


def _balance(plan: Plan) -> Finding:
    credit = plan.credit
    price, cap, hours = credit.price_of_target, credit.largest_balance, f"{credit.target_hours:g} hours"
    months = (m for m, value in zip(credit.balance.months, credit.balance.p50, strict=True) if value >= price.minor)
    target = _plain(price)
    reached = next(months, None)
    if cap is None:
        more = "The network sets no cap."
    elif cap.minor < price.minor:
        more = f"The network's cap of {_plain(cap)} is below the price: the block can never be bought in one piece."
    else:
        more = f"A payment that would pass {_plain(cap)}, the network's cap, is refused whole."
    if reached is None:
        return Finding(f"Most cases never hold the price of {hours} at once, {target}.", more)
    return Finding(f"By month {reached} half of the cases hold the price of {hours}, {target}.", more)


def _plain(amount: Amount) -> str:
    """Return an amount without decimals that say nothing."""
    return str(amount).replace(".00 ", " ")


def _hours(plan: Plan) -> Finding:
    credit = plan.credit
    fan, rules, last, block = credit.hours, credit.rules, horizon(plan), f"{credit.target_hours:g} hours"
    low, high = (phrases.number(value) for value in (fan.p10[-1], fan.p90[-1]))
    bought, earned = (phrases.cases(wait.probability_within_horizon) for wait in (rules.buy, rules.afford))
    many = f"{low} to {high} hours are" if low != high else f"{low} hours are"
    return Finding(
        f"Within {last} months {many} bought in 8 of 10 cases.",
        f"{upper(block)} are earned in {earned}, and bought in {bought}.",
    )


def _money(plan: Plan) -> Finding:
    found = plan.credit.money
    more = "In 8 of 10 cases, over the whole time. Credit and money stand side by side; they are never added."
    return Finding(f"In money {networks.cost(found.result, plan.currency)}.", more)


def _tornado(plan: Plan) -> Finding:
    groups = figures.by_answer(plan)
    first = groups[0][0]
    headline = f"This would tell most if we knew it: {plan.names.topic(first.path)}."
    if first.answer == "risk":
        headline = f"No one thing makes room; this would tell most if we knew it: {plan.names.topic(first.path)}."
    return Finding(headline, " ".join(moves(plan, path) for path in dict.fromkeys(group[0].path for group in groups)))


_FINDINGS: dict[str, Callable[[Plan], Finding]] = {
    "limits": _limits,
    "risk": _risk,
    "week": _week,
    "months": _months,
    "balance": _balance,
    "hours": _hours,
    "money": _money,
    "tornado": _tornado,
    "frontier": lambda plan: Finding(*frontier.headline(plan)),
}
