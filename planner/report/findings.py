"""What each chart shows, what would make the answer wrong, what to measure first: sentences from the plan's numbers."""

from collections.abc import Callable
from dataclasses import dataclass

from planner.model import words
from planner.plan import Plan, Swing
from planner.report import figures
from planner.report.answer import horizon


@dataclass(frozen=True, slots=True)
class Finding:
    """The heading of a chart, and one sentence that says what to see."""

    heading: str
    sentence: str


def of(plan: Plan, chart: str) -> Finding:
    """Return what a chart shows.

    Parameters
    ----------
    plan : Plan
        What was found.
    chart : str
        The chart's name.
    """
    heading, say = _FINDINGS[chart]
    return Finding(heading, say(plan))


def _limits(plan: Plan) -> str:
    rows = sorted(
        (row for row in plan.admission.limits if row.kind == "permission" and row.max_accounts is not None),
        key=lambda row: (row.max_accounts, row != plan.admission.binding),
    )
    if not rows:
        return "None of the limits stops further accounts."
    first = rows[0]
    said = f"{_upper(words.limit(first.limit, first.node))} binds, at {first.max_accounts:,}"
    if len(rows) > 1:
        said += f"; next comes {words.limit(rows[1].limit, rows[1].node)}, at {rows[1].max_accounts:,}"
    reach = next((row for row in plan.admission.limits if row.kind == "reach" and row.max_accounts is not None), None)
    if reach is None:
        return f"{said}."
    number = f"{reach.low} to {reach.high}" if reach.low is not None and reach.high is not None else reach.max_accounts
    return f"{said}. The network is expected to bring {number}."


def _risk(plan: Plan) -> str:
    curve = figures.tightest_curve(plan)
    if curve is None:
        return ""
    name = words.limit(curve.resource, curve.node)
    limit = figures.limit_of(plan, curve)
    here = next(
        (
            row
            for row in plan.risk
            if (row.node, row.resource, row.accounts) == (curve.node, curve.resource, plan.offered)
        ),
        None,
    )
    said = []
    if here is not None:
        measure = "any_in_week_bound" if plan.measure == "any_in_week" else plan.measure
        value = words.measure(plan.measure, getattr(here.at_confidence, measure))
        said.append(
            f"With the {plan.offered} on offer, {name} come to {value} at {words.share(plan.confidence)} confidence."
        )
    if limit is not None and limit.max_accounts is not None:
        central = "without limit" if limit.central is None else f"up to {limit.central:,}"
        said.append(f"The objective holds up to {limit.max_accounts:,}; if every input were as assumed, {central}.")
    return " ".join(said) or f"The objective is not in question for {name}."


def _week(plan: Plan) -> str:
    week = figures.tightest_weeks(plan)[0]
    hour = max(range(168), key=lambda k: week.high[k])
    usable = week.limit - week.reserve
    unit = words.UNITS.get(week.resource, week.resource)
    return (
        f"On {week.node}, the node nearest its limit, the fullest hour is {words.when(12 * hour)}: "
        f"{words.number(week.mean[hour])} of {words.number(usable)} {unit} expected, "
        f"and 999 of 1,000 readings at most {words.number(week.high[hour])}."
    )


def _spare(plan: Plan) -> str:
    week = figures.tightest_weeks(plan)[0]
    usable = week.limit - week.reserve
    free = sum(high < 0.5 * usable for high in week.high)
    over = sum(high > usable for high in week.high)
    last = f" In {over} hours the band passes the limit." if over else " The band stays within the limit in every hour."
    return f"On {week.node}, {free} of the week's 168 hours stay under half of the limit even in a bad week.{last}"


def _months(plan: Plan) -> str:
    found = dict(zip(plan.credit.months.accounts, plan.credit.months.central, strict=True))
    last = horizon(plan)
    done = [f"{words.accounts(n)} in {_month(found[n])}" for n in (5, 10, 55) if found.get(n) is not None]
    late = [words.accounts(n) for n in (1, 2, 5, 10, 55) if n in found and found[n] is None]
    said = f"On paper {plan.credit.target_hours:g} hours are earned by {_listed(done)}." if done else ""
    return f"{said} Not within {last} months: {_listed(late)}.".strip() if late else said


def _balance(plan: Plan) -> str:
    credit = plan.credit
    target, cap = credit.target_cost, credit.largest_balance
    reached = next(
        (m for m, v in zip(credit.balance.months, credit.balance.p50, strict=True) if v >= target.minor), None
    )
    half = "Less than half of the paths ever hold" if reached is None else f"By month {reached} half of the paths hold"
    said = f"{half} the price of {credit.target_hours:g} hours at once, {target}."
    if cap is None:
        return f"{said} The network sets no cap."
    if cap.minor < target.minor:
        return f"{said} The network's cap of {cap} is below it: the block can never be bought in one piece."
    return f"{said} The network refuses what would pass {cap}."


def _tornado(plan: Plan) -> str:
    return " ".join(_moves(plan, group[0]) for group in figures.by_answer(plan))


_FINDINGS: dict[str, tuple[str, Callable[[Plan], str]]] = {
    "limits": ("How many accounts each limit allows", _limits),
    "risk": ("How the risk grows with each account", _risk),
    "week": ("The week against the limit", _week),
    "spare": ("When there is room to spare", _spare),
    "months": ("How long until it pays, for how many", _months),
    "balance": ("How the balance grows", _balance),
    "tornado": ("What moves the answer", _tornado),
}


def wrong(plan: Plan) -> list[str]:
    """Return what would make the answer wrong, the inputs that alone would turn it first."""
    said = [_turns(plan, swing) for swing in plan.swings]
    broken = 1 - plan.admission.all_hold
    if broken > 0.0005:
        said.append(f"In {words.share(broken)} of the draws some limit is broken with the accounts on offer.")
    ranged = [row for row in plan.assumptions if row.low is not None]
    guessed = sum(row.source.strip().lower() in {"", "assumption", "default"} for row in ranged)
    if guessed:
        said.append(f"{guessed} of the {len(ranged)} inputs with a range rest on no source but our own judgement.")
    return [*plan.warnings, *(sentence for sentence in said if sentence)]


def measure_first(plan: Plan) -> list[str]:
    """Return the inputs worth measuring first: those that move each answer most."""
    groups = figures.by_answer(plan)
    return [_moves(plan, swing) for swing in [*groups[0][:2], *(group[0] for group in groups[1:])]] if groups else []


def _turns(plan: Plan, swing: Swing) -> str:
    ends = ((swing.low_value, swing.at_low), (swing.high_value, swing.at_high))
    if swing.answer == "admission":
        for value, at in ends:
            if at is not None and at < plan.offered <= (swing.central if swing.central is not None else plan.offered):
                room = words.accounts(round(at)) if at >= 1 else "no account"
                if_so = f"If {words.topic(swing.path)} is {value}"
                return f"{if_so}, there is room for {room}, not for the {plan.offered} on offer."
    elif swing.central is not None:
        done = "bought" if swing.answer == "months_to_buy" else "earned"
        for value, at in ends:
            if at is None:
                return (
                    f"If {words.topic(swing.path)} is {value}, the hours are not {done} within {horizon(plan)} months."
                )
    return ""


def _moves(plan: Plan, swing: Swing) -> str:
    low, high = (_value(plan, swing, at) for at in (swing.at_low, swing.at_high))
    return f"{_upper(words.topic(swing.path))}: {low} if it is {swing.low_value}, {high} if it is {swing.high_value}."


def _value(plan: Plan, swing: Swing, at: float | None) -> str:
    if swing.answer == "admission":
        return "no limit" if at is None else f"room for {words.accounts(round(at))}"
    done = "bought" if swing.answer == "months_to_buy" else "earned"
    return f"not {done} within {horizon(plan)} months" if at is None else f"{done} after {_month(round(at))}"


def _month(number: int | None) -> str:
    return "1 month" if number == 1 else f"{number} months"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _upper(words_: str) -> str:
    return words_[:1].upper() + words_[1:]
