"""The verdict itself, pure: a stored plan, a reading, what was admitted and the time go in."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from planner.gate import gaps, meeting_decision
from planner.gate.decision import Decision, Request, Verdict
from planner.gate.standing import Standing
from planner.model.inputs.observations import NOBODY, Admitted, Reading
from planner.model.limit import MOST, Curve, Limit, Week
from planner.wording import phrases
from planner.wording.reasons import why, would_allow, would_change

OLDEST = timedelta(hours=2)
"""A reading older than this says nothing about now, whoever accepts it."""
MAX_AGE = timedelta(minutes=15)
"""A reading older than this says nothing about now: meetings last about an hour, joins come within minutes."""
CLOCKS_APART = timedelta(minutes=2)
"""A reading may be this much ahead of the clock here before it is disbelieved."""
ENOUGH_DRAWS = 400
"""Draws of equal weight that a plan's must be worth [-]."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """The plan's own reasons to hold, what would allow it, and what would have to change where that is several."""

    reasons: tuple[str, ...] = ()
    yes_if: tuple[str, ...] = ()
    must_change: tuple[str, ...] = ()


NOTHING = _Refused()


def decide(
    plan: Standing,
    reading: Reading | None,
    admitted: Admitted | None,
    now: datetime,
    request: Request,
    *,
    admit: bool = False,
    max_age: timedelta = MAX_AGE,
    why_no_reading: str = "no reading was given: add --readings FILE or --live",
    why_no_count: str = "no register was given: who came since the members were counted is not known",
) -> Decision:
    """Return the verdict on a request; whatever is not known can only tighten what the plan allows.

    In this order: the plan is past its review, rests on too little or on what the model may not fit, or there is no
    usable reading (unknown); something forbids the request for certain, whoever else came and whoever signed (hold);
    the accounts that came are not known, or nobody signed the plan and the account is to be recorded (`admit`) or may
    come by a decision only (unknown); the reading contradicts the model (unknown); admit.

    A reading older than `MAX_AGE` and not older than `max_age` is a doubt that was accepted, and is written down.
    """
    if now.tzinfo is None:
        raise ValueError("the time of a verdict needs its offset from UTC")
    if type(request.accounts) is not int or request.accounts < 1:
        raise ValueError("a request is for a whole number of accounts, from 1 on")
    if max_age > OLDEST:
        raise ValueError(f"a reading older than {_minutes(OLDEST)} says nothing about now, whoever accepts it")
    known = NOBODY if admitted is None else admitted
    ends, at = plan.ends(known.first), now
    # Python compares times of the same zone by the hands of the clock, which jump twice a year
    now = now.astimezone(UTC)
    cautions = (*_cautions(plan, admitted), *gaps.of_no_use(plan, reading))
    accepted = _accepted(reading, now, max_age)

    def verdict(kind: Verdict, reasons: list[str], refused: _Refused = NOTHING) -> Decision:
        count = None if admitted is None else admitted.accounts
        more = 0 if count is None else None if plan.may_come is None else max(0, plan.may_come - count)
        said = (kind, tuple(reasons), refused.yes_if, more, count, request, at, plan, reading)
        return Decision(*said, cautions, accepted, ends, refused.must_change)

    blind = _past_its_review(plan, ends, known, now) + _ill_founded(plan)
    blind += [why_no_reading] if reading is None else _not_known(plan, reading, now, max_age)
    if blind or reading is None:
        return verdict("unknown", blind)
    refused = _refusals(plan, known, request)
    over, strange = _over(plan, reading), _strange(plan, reading)
    if refused.reasons or over:
        return verdict("hold", [*refused.reasons, *over, *strange], refused)
    doubts = [why_no_count] if admitted is None else []
    # a decision that nobody signed is a line in a file: it lets nobody in, not even who only asks
    decided = plan.decision is not None and bool(_refusals(replace(plan, decision=None), known, request).reasons)
    if (admit or decided) and plan.consented is None:
        beyond = f" ({meeting_decision.follows(plan)})" if decided else ""
        sign = 'have it signed (planner plan … --consented "THREAD, DATE")'
        doubts.append(f"nobody has consented to this plan{beyond}: {sign}")
    if doubts or strange:
        return verdict("unknown", doubts + strange)
    return verdict("admit", [_fits(plan, known, request)])


def no_plan(now: datetime, request: Request, why: str) -> Decision:
    """Return the verdict where there is no plan that can be relied on, and why not: nobody may come."""
    return Decision("unknown", (why,), (), 0, None, request, now, None, None)


def _cautions(plan: Standing, admitted: Admitted | None) -> tuple[str, ...]:
    """Return what makes the plan's number less sure, or the count."""
    if admitted is None or not admitted.before or plan.members_since is None:
        return plan.cautions
    counted = f"{phrases.accounts(admitted.before)} in the register came by {plan.members_since:%Y-%m-%d}"
    return (*plan.cautions, f"{counted}, when the members were counted, and are taken to be among them")


def _accepted(reading: Reading | None, now: datetime, max_age: timedelta) -> tuple[str, ...]:
    if reading is None or not MAX_AGE < now - reading.taken_at <= max_age:
        return ()
    return (f"the reading is {_minutes(now - reading.taken_at)} old, which --max-age accepts",)


def _past_its_review(plan: Standing, ends: datetime | None, admitted: Admitted, now: datetime) -> list[str]:
    """Return why the plan says nothing of today: the growth of the members is counted up to its review only."""
    if plan.made - now > CLOCKS_APART:
        return [f"the plan was made on {plan.made:%Y-%m-%d %H:%M}, which is still to come: is the clock here right?"]
    if plan.decision is not None and meeting_decision.still_to_come(plan, now):
        return [f"people decided on {plan.decision.on}, which is still to come: is the clock here right?"]
    if plan.members_since is not None and now <= plan.members_since:
        return [f"the members were counted on {plan.members_since.date()}, which is still to come"]
    if ends is None or now < ends:
        return []
    since = "the first account came" if admitted.first else "the plan was made"
    when = f"the plan ended on {ends:%Y-%m-%d} with its review, {plan.after} months after {since}"
    return [f"{when}: hold the review, count the members anew (members.accounts and its as_of), then plan again"]


def _ill_founded(plan: Standing) -> list[str]:
    """Return why the plan's number is not known well enough: few draws fit what was seen, or the model may not."""
    reasons = []
    if plan.worth is not None and plan.worth < ENOUGH_DRAWS:
        few = f"they count as {plan.worth:.0f}, and it takes {ENOUGH_DRAWS}; look at the entries of experience"
        again = "and at the ranges, then plan again without --draws"
        reasons.append(f"what was seen fits too few of the plan's cases: {few} {again}")
    if plan.not_judged:
        untold = f"whether the plan's picture of meetings fits what it was learned from is not known: {plan.not_judged}"
        without = "plan the scenario that it was learned for, without this history"
        reasons.append(f"{untold}; collect more and calibrate again, or {without}")
    if plan.misfit:
        wrong = f"the plan's picture of meetings does not fit what it was learned from: {plan.misfit}"
        reasons.append(f"{wrong}; collect more or change the ranges by hand, say so under calibrated, then plan again")
    return reasons


def _not_known(plan: Standing, reading: Reading, now: datetime, max_age: timedelta) -> list[str]:
    """Return why the reading cannot be used at all."""
    age = now - reading.taken_at
    if age > max_age:
        return [f"the reading is {_minutes(age)} old, and {_minutes(max_age)} is the most: read the servers again"]
    if age < -CLOCKS_APART:
        return [f"the reading is dated {_minutes(-age)} from now: a clock is wrong, here or where it was taken"]
    return gaps.in_the_way(plan, reading)


def _refusals(plan: Standing, admitted: Admitted, request: Request) -> _Refused:
    """Return the plan's own reasons to hold, and what would allow it."""
    if request.level not in plan.mix:
        offered = " and ".join(map(plan.names.level, plan.mix))
        return _Refused((f"{plan.names.level(request.level)} is not on offer: the plan is for {offered}",))
    total = admitted.accounts + request.accounts
    if total > MOST:
        looked = f"the plan looked at {MOST:,} accounts at most, where a limit that allows more counts as none"
        return _Refused((f"{looked}; with these it would be {total:,}",))
    refusing = [(most, limit) for most, limit in plan.in_force if total > most]
    decision = plan.decision
    reasons = [] if decision is None else meeting_decision.refusal(plan, decision, admitted, total)
    levers, changes = (["people decided on more"], ["the decision"]) if reasons else ([], [])
    for most, limit in refusing:
        when = "" if limit.when is None else f", {phrases.when(limit.when)}"
        because = _risk(plan, limit, total) or why(limit, plan.names)
        name, fits = plan.names.limit(limit.limit, limit.node), meeting_decision.would_fit(most - admitted.accounts)
        reasons.append(f"{name}{when}: {because}; {fits} [{plan.origins[limit.path]}]")
    if decision is None and not refusing and plan.max_accounts is not None and total > plan.max_accounts:
        together = f"all limits together allow {phrases.accounts(plan.max_accounts)}"
        reasons = [f"{together}, and with these it would be {total:,}"]
    levers += filter(None, (would_allow(limit, plan.names) for _, limit in refusing))
    changes += [would_change(limit, plan.names) for _, limit in refusing]
    must_change = tuple(changes) if len(changes) > 1 else ()
    return _Refused(tuple(reasons or _ahead(plan, admitted, request)), tuple(levers), must_change)


def _ahead(plan: Standing, admitted: Admitted, request: Request) -> list[str]:
    """Return where the accounts are not among those that the plan counted, level by level."""
    # fewer of each level than were counted bring less of everything; more of one for fewer of another may not
    by_level = plan.by_level if plan.decision is None else plan.decision.by_level
    if by_level is None:
        return []
    *others, last = [f"{count} of {plan.names.level(level)}" for level, count in by_level.items()] or ["none"]
    counted = f"{', '.join(others)} and {last}" if others else last
    said = f"the plan counted {counted} among the {phrases.accounts(plan.max_accounts or 0)} that may come"
    if plan.decision is not None:
        said = meeting_decision.follows(plan, f": at the mix on offer {counted}")
    reasons = []
    there = {**admitted.by_level, request.level: admitted.by_level.get(request.level, 0) + request.accounts}
    for level, count in there.items():
        most, called = by_level.get(level, 0), plan.names.level(level)
        if level not in by_level:
            came = f"{phrases.accounts(count)} of {called} came, which the plan did not count"
            reasons.append(f"{came}: count them among the members, and plan again")
        elif count > most:
            has = admitted.by_level.get(level, 0)
            already = f"its {has}" if has == most else f"{has} already" if has else "none yet"
            reasons.append(f"{said}; {called} has {already}")
    return reasons


def _risk(plan: Standing, limit: Limit, total: int) -> str:
    """Return the risk with so many further accounts beside the objective, where the plan has a curve for it."""
    curve = plan.curves.get((limit.node or "", limit.limit))
    if curve is None:
        return ""
    value, exactly = _at(curve, total)
    about = "" if exactly else "about "
    worst = f"in the worst {phrases.of_hundred(1.0 - plan.confidence)} of 100 cases"
    promised = phrases.measure(plan.measure, plan.at_most)
    found = phrases.measure(plan.measure, value)
    return f"with {phrases.accounts(total)}, {worst} {about}{found} or more, promised {promised} at most"


def _at(curve: Curve, accounts: int) -> tuple[float, bool]:
    """Return the curve's value at so many accounts, and whether the plan worked out just that point."""
    # between two points it is read off a straight line, beyond the last one it is the last: "about"
    points = list(zip(curve.accounts, curve.at_confidence, strict=True))
    for (left, low), (right, high) in pairwise(points):
        if left <= accounts <= right:
            return low + (high - low) * (accounts - left) / (right - left), accounts in (left, right)
    return points[-1][1], points[-1][0] == accounts


def _over(plan: Standing, reading: Reading) -> list[str]:
    """Return each node that is offline, or over one of its limits, now."""
    # also of one that nobody is offered: its members come to the others
    offline = [node for node in plan.nodes if node in reading.nodes and not reading.nodes[node].online]
    reasons = [f"{plan.names.server(node)} is offline" for node in offline]
    for week in plan.weeks:
        value = gaps.value(reading.nodes.get(week.node), week.resource)
        if value is not None and value > week.limit:
            reasons.append(
                f"{plan.names.limit(week.resource, week.node)}: {_amount(week, value)} now, over the limit of "
                f"{_amount(week, week.limit)}"
            )
    return reasons


def _strange(plan: Standing, reading: Reading) -> list[str]:
    """Return what the reading has that the plan's 99.9 % band for its hour of the week has not, as one reason."""
    local = reading.taken_at.astimezone(ZoneInfo(plan.timezone))
    hour = local.weekday() * 24 + local.hour
    odd = []
    for week in plan.weeks:
        value = gaps.value(reading.nodes.get(week.node), week.resource)
        if value is not None and not week.low[hour] <= value <= week.high[hour]:
            low, high = (_amount(week, end[hour]) for end in (week.low, week.high))
            name = plan.names.limit(week.resource, week.node)
            odd.append(f"{name} {_amount(week, value)} ({low} to {high} expected)")
    at = f"{phrases.DAYS[local.weekday()]} at {local.hour:02d}:00"
    return [f"this is not what the plan expects on {at}: {'; '.join(odd)}"] if odd else []


def _fits(plan: Standing, admitted: Admitted, request: Request) -> str:
    """Return that they may come, and the limit that comes first, in the words of `planner plan`."""
    already = f" after the {admitted.accounts} admitted" if admitted.accounts else ""
    may = f"{phrases.accounts(request.accounts)} of {plan.names.level(request.level)} may come{already}"
    if plan.decision is not None:
        return f"{may}: {meeting_decision.follows(plan)}"
    if not plan.permissions:
        return f"{may}: nothing limits them"
    most, binding = plan.permissions[0]
    # the limit's own reason says why no more may come, which would read like a refusal
    first = f"{plan.names.limit(binding.limit, binding.node)} (room for {phrases.accounts(most)})"
    return f"{may}: the first limit is {first} [{plan.origins[binding.path]}]"


def _amount(week: Week, value: float) -> str:
    return phrases.amount_of(week.resource, value, week.limit)


def _minutes(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    if minutes >= 48 * 60:
        return f"{minutes / 60 / 24:.0f} days"
    return f"{minutes / 60:.1f} hours" if minutes >= 120 else f"{minutes:.0f} minutes"
