"""Predicted against happened, the rule's verdict, and when to look again."""

import calendar
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from planner.model.inputs import capacity as records
from planner.model.inputs.capacity import Resource
from planner.model.inputs.observations import midnight, overlap
from planner.pilot_review import outcome, predicted
from planner.pilot_review.outcome import COVERED, Seen, Statement
from planner.pilot_review.record import Asked, Course, Review, Row, Verdict
from planner.planning import Amount, Fan, Plan
from planner.scenario import resolve
from planner.scenario.reader import Scenario
from planner.wording import phrases

AFTER_HOLD = 3
"""A pilot on hold is looked at again after so many months at the latest."""


@dataclass(slots=True)
class _Told:
    """What the history tells of overloads since the start."""

    over: int | None = None
    """None = too little is known [overload]."""
    covered: float = 0.0
    """The share of the time that the history covers."""
    unseen: list[str] = field(default_factory=list)
    """Nodes with limits none of which it tells enough of: that they were never over one is not known."""
    doubted: list[tuple[str, Resource, float]] = field(default_factory=list)
    """Unread limits, each after its node, that the plan passes more often than all that were read; the share read."""
    unread: list[tuple[str, Resource, float]] = field(default_factory=list)
    """The other unread ones."""
    leading: dict[str, Resource] = field(default_factory=dict)
    """Of each node the limit that the plan passes most often of those that were read."""


def review(scenario: Scenario, plan: Plan, seen: Seen, on: date) -> Review:
    """Return the review of a pilot as of a day.

    Go on if no threshold is missed, stop if all that are asked are missed, hold if some are. Before it is due only what
    waiting cannot put right counts, and only to hold. A threshold of which nothing is known makes the verdict unknown,
    unless another one is missed already. The bands of what was predicted are those of the plan's paths.
    """
    start, inputs = scenario.start, resolve.inputs(scenario)
    rule = inputs.offer.review
    if scenario.estimates["members.in_credit"].value:
        seen = outcome.of_the_offer(seen, start)
    month = outcome.months_between(start, on)
    statement = outcome.statement(seen.ledger, start, month)
    told = _overloads(scenario, inputs, seen, plan, on)
    last = -math.inf if statement.last_bought is None else statement.last_bought
    came = statement.received[month]
    values: dict[str, float | None] = {
        "hours_bought": statement.hours[month] if seen.ledger else None,
        "months_since_purchase": float(month - last) if seen.ledger else None,
        # where nothing came in nothing lies idle
        "idle_share": (statement.balance[month] / came if came > 0 else 0.0) if seen.ledger else None,
        "episodes": None if told.over is None else float(told.over),
        "volunteer_hours": seen.volunteer_hours,
    }
    asked = []
    for name, found in values.items():
        if (wanted := getattr(rule, name)) is not None:
            missed = None if found is None else bool(records.misses(rule, name, found))
            asked.append(Asked(name, float(wanted), found, missed, final=name == "episodes"))
    due, why_due = _due(rule, month, outcome.joined(seen.members, on))
    verdict, reasons = _verdict(asked, due, bool(seen.members), month)
    return Review(
        scenario=scenario.name,
        title=scenario.title,
        digest=scenario.digest,
        network=plan.credit.network,
        on=on,
        month=month,
        due=due,
        why_due=why_due,
        verdict=verdict,
        reasons=reasons,
        rows=_rows(scenario, plan, seen, on, statement, told),
        asked=tuple(asked),
        courses=_courses(scenario, plan, seen, statement, month),
        next_words=_next(verdict, rule, month, due, start),
        notes=_notes(inputs, seen, statement, month, told, plan),
    )


def _overloads(scenario: Scenario, inputs: records.Inputs, seen: Seen, plan: Plan, on: date) -> _Told:
    """Return how often servers were over a limit since the start, and of which limits too little is known."""
    zone = ZoneInfo(scenario.timezone)
    first, last = midnight(date(*scenario.start, 1), zone), midnight(on, zone)
    span, told = seen.history.span, _Told()
    if span is None or last <= first:
        return told
    begins, ends = max(first, span[0]), min(last, span[1])
    known = max(ends - begins - overlap(seen.history.unwatched, begins, ends), timedelta(0))
    told.covered = known / (last - first)
    often = {(one.node, one.resource): one.offered.at_confidence.episodes for one in plan.servers}
    for node in inputs.nodes:
        shares = {
            limit: max(outcome.covered(seen.history, node.name, limit, first, last, inputs.pages))
            for limit in node.limits
        }
        read = [limit for limit, share in shares.items() if share >= COVERED]
        if not read:
            told.unseen += [node.name] if shares else []
            continue
        most = max(often.get((node.name, limit), 0.0) for limit in read)
        told.leading[node.name] = next(limit for limit in read if often.get((node.name, limit), 0.0) == most)
        for limit, share in shares.items():
            if share < COVERED:
                more = often.get((node.name, limit), math.inf) > most
                (told.doubted if more else told.unread).append((node.name, limit, share))
    counted = outcome.overloads(seen.history, inputs.nodes, first, last, inputs.pages)
    asked = inputs.offer.review
    # too many are too many, whatever else there was
    missed = asked.episodes is not None and records.misses(asked, "episodes", float(counted))
    if missed or (told.covered >= COVERED and not told.unseen and not told.doubted):
        told.over = counted
    return told


def _rows(scenario: Scenario, plan: Plan, seen: Seen, on: date, statement: Statement, told: _Told) -> tuple[Row, ...]:
    """Return what was predicted for the last month of the statement, and what happened."""
    credit, month = plan.credit, len(statement.hours) - 1
    paying = float(outcome.paying(seen.members, on)) if seen.members else None
    bought, balance = (statement.hours[month], statement.balance[month] / 100) if seen.ledger else (None, None)
    watched = month * (told.covered if told.over is not None else 1.0)
    rows = [
        Row("accounts paying in credit", "accounts", *predicted.at(credit.paying, month), paying),
        Row("hours bought", "h", *predicted.at(credit.hours, month), bought),
        Row("balance", credit.unit, *predicted.at(credit.balance, month, 0.01), balance),
        Row("overloads", "", *predicted.overloads(plan, watched), None if told.over is None else float(told.over)),
    ]
    met = outcome.met(seen, ZoneInfo(scenario.timezone), on)
    if met is not None and met.account_weeks > 0:
        band = predicted.meetings_per_account(scenario, met, scenario.seed)
        rows.append(Row("meetings of an account", "a week", *band, met.meetings / met.account_weeks))
    return tuple(rows)


def _due(rule: records.Review, month: int, joined: int) -> tuple[bool, str]:
    if month >= rule.after:
        return True, f"{month} months have passed, the review was due after {rule.after}"
    if rule.at_accounts is not None and joined >= rule.at_accounts:
        return True, f"{phrases.accounts(joined)} have joined, the review was due with {rule.at_accounts}"
    at = "" if rule.at_accounts is None else f" or with {phrases.accounts(rule.at_accounts)}"
    so_far = f"{month} have passed and {phrases.accounts(joined)} joined"
    return False, f"not due yet: after {rule.after} months{at}, {so_far}"


def _verdict(asked: Sequence[Asked], due: bool, members: bool, month: int) -> tuple[Verdict, tuple[str, ...]]:
    """Return the rule's verdict, and why."""
    if not members:
        return "unknown", ("nobody is on the members' sheet as paying in credit: give --members",)
    if month < 1:
        return "unknown", ("not one whole month has passed since the start",)
    counted = asked if due else tuple(threshold for threshold in asked if threshold.final)
    missed = tuple(threshold.says for threshold in counted if threshold.missed)
    unknown = tuple(threshold.says for threshold in counted if threshold.missed is None)
    if missed:
        return "stop" if due and len(missed) == len(asked) else "hold", missed
    if unknown:
        return "unknown", unknown
    if not due:
        return "go on", ("it is not due yet, and nothing has happened that waiting cannot put right",)
    return "go on", tuple(threshold.says for threshold in counted) or ("no threshold is asked",)


def _next(verdict: Verdict, rule: records.Review, month: int, due: bool, start: tuple[int, int]) -> str:
    """Return the month of the next look, and what is to be done until then."""
    looks: dict[Verdict, tuple[int, str]] = {
        "go on": (month + rule.after, "the same questions again"),
        "hold": (month + min(AFTER_HOLD, rule.after), "no new accounts until what was missed is met"),
        "stop": (month + 1, "sales end and the way out of the plan begins"),
        "unknown": (month + 1, "find out what is not known, and ask again"),
    }
    at, what = looks[verdict] if due else (rule.after, "the review itself")
    year, number = _after(start, at)
    return f"{calendar.month_name[number]} {year}, month {at}: {what}"


def _after(start: tuple[int, int], months: int) -> tuple[int, int]:
    """Return year and month of the calendar month that follows so many whole months."""
    year, index = divmod(start[0] * 12 + start[1] - 1 + months, 12)
    return year, index + 1


def _courses(scenario: Scenario, plan: Plan, seen: Seen, statement: Statement, month: int) -> tuple[Course, ...]:
    credit = plan.credit
    # of month 0 nobody pays; of month k those who do on its last day
    ends = [date(*_after(scenario.start, passed), 1) for passed in range(1, month + 1)]
    paid = (0.0, *(float(outcome.paying(seen.members, day)) for day in ends)) if seen.members else ()
    balance = tuple(value / 100 for value in statement.balance) if seen.ledger else ()
    return (
        _course("accounts paying in credit", "accounts", credit.paying, 1.0, paid),
        _course("balance", credit.unit, credit.balance, 0.01, balance),
        _course("hours bought", "h", credit.hours, 1.0, statement.hours if seen.ledger else ()),
    )


def _course(name: str, unit: str, fan: Fan, scale: float, happened: tuple[float, ...]) -> Course:
    low, middle, high = (tuple(scale * value for value in values) for values in (fan.p10, fan.p50, fan.p90))
    return Course(name, unit, low, middle, high, happened)


def _notes(
    inputs: records.Inputs, seen: Seen, statement: Statement, month: int, told: _Told, plan: Plan
) -> tuple[str, ...]:
    notes, unit = [], plan.credit.unit
    if seen.history.span is not None:
        share = phrases.share(min(1.0, told.covered))
        notes += [
            f"the history in {seen.history.name} covers {share} of the time since the start",
            *_untold(told, plan),
        ]
    if statement.refused[month]:
        notes.append(f"the network refused fees of {Amount(statement.refused[month], unit)}")
    unknown = sum(meeting.account is None for meeting in seen.history.meetings)
    if unknown:
        notes.append(f"{unknown:,} of {len(seen.history.meetings):,} meetings belong to no known account")
    counted = [one for one in seen.history.samples if one.reading is not None and one.reading.streams is not None]
    others = sum(one.held("streams", inputs.pages) is None for one in counted)
    if others and any("streams" in node.limits for node in inputs.nodes):
        by = f"by other pages of cameras than the scenario's ({inputs.pages}), and are not known"
        notes.append(f"the streams of {others:,} of {len(counted):,} readings were counted {by}")
    return tuple(notes)


def _untold(told: _Told, plan: Plan) -> list[str]:
    """Return what the history leaves open about overloads, in sentences."""

    def unread(limits: Sequence[tuple[str, Resource, float]]) -> str:
        of = phrases.listed([plan.names.limit(resource, node) for node, resource, _ in limits], "and")
        return f"nobody read {of}{' often enough' if any(share for *_, share in limits) else ''}"

    notes = []
    if told.unseen:
        of = phrases.listed([plan.names.server(node) for node in told.unseen], "or")
        notes.append(f"the history says too little of {of}: how often it was over a limit is not known")
    if told.doubted:
        more = "by the plan that is passed more often than what was read"
        notes.append(f"{unread(told.doubted)}: {more}, so how many overloads there were is not known")
    for node, leading in told.leading.items():
        if less := [one for one in told.unread if one[0] == node]:
            often = f"by the plan {plan.names.limit(leading, node)}, which was read, is passed at least as often"
            notes.append(f"{unread(less)}: no overload of that is counted; {often}")
    return notes
