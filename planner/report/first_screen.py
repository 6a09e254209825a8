"""The first screen: what the offer changes, when the hours come, and what the meeting can choose."""

from dataclasses import dataclass

from planner.model.admission.server_limits import Hold
from planner.model.evidence.value_of_facts import Fact
from planner.planning import Plan
from planner.report.answer import horizon
from planner.wording import phrases

LEAST = 0.5
"""A fact that makes room for less is not worth asking for first [account]."""
SMALL = 5
"""An addition of so many cases of 100 or fewer hardly changes anything."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the meeting can do, and what follows."""

    does: str
    """"Start with five and watch."."""
    follows: str


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """What a tired person on a phone decides on."""

    servers: str
    """What the accounts add to what the servers bear."""
    hours: str
    """When the credit pays for the hours, if they are admitted."""
    choices: tuple[Choice, ...]
    number: str
    """How many may come at the confidence, its error, what is the first to say no, and for when it is judged."""


def first_screen(plan: Plan) -> FirstScreen:
    """Return the first screen of a plan."""
    return FirstScreen(_servers(plan), _hours(plan), tuple(_choices(plan)), _number(plan))


def _servers(plan: Plan) -> str:
    rows = {row.accounts: row for row in plan.admission.holds}
    now, then = rows.get(0), rows.get(plan.offered)
    who = f"the {phrases.counted(plan.offered)}"
    if now is None or then is None:
        return _without_holds(plan)
    cope = (
        f"With {who}, the servers they would use cope in {_cases(then)} of 100 cases; without them, in {_cases(now)}."
    )
    if now.share >= plan.confidence > then.share:
        return f"{cope} So many are too many to be sure: we promise {_per_hundred(plan.confidence)}."
    if then.share >= plan.confidence:
        return f"{cope} We promise {_per_hundred(plan.confidence)}, so there is room for all of them."
    return f"{cope} {_decides(plan, who)}"


def _decides(plan: Plan, who: str) -> str:
    """Return what the answer hangs on where the members alone are too many."""
    first = plan.admission.binding
    member = "today's members"
    if plan.checkpoint is not None:
        member += f" and those who join by {plan.checkpoint.month} ({plan.checkpoint.members})"
    if first is None or first.node is None:
        return f"What decides is not {who}: it is whether the servers bear {member}."
    return (
        f"What decides is not {who}: it is {phrases.can_take(first.limit, plan.names.server(first.node))} for {member}."
    )


def _without_holds(plan: Plan) -> str:
    """Return what is known of the servers where they are simulated, or none of the accounts come to a limited one."""
    most = plan.admission.max_accounts
    share = f"In {_per_hundred(plan.admission.all_hold)} of 100 cases no server gets too full with all on offer"
    return (
        f"{share}." if most is None or most >= plan.offered else f"{share}; we promise {_per_hundred(plan.confidence)}."
    )


def _hours(plan: Plan) -> str:
    credit, last = plan.credit, horizon(plan)
    hours, found = f"{credit.target_hours:g} hours of marketing", credit.months_to_buy
    paper = credit.months_to_afford.central
    sum_of_it = f"month {paper}" if paper is not None else f"not within {last} months"
    said = "If all are admitted and things go as they usually do (some join late, some leave, some pay late), "
    if found.p10 is None:
        chance = phrases.cases(found.probability_within_horizon)
        return f"{said}{hours} are bought within {last} months in {chance}. On paper: {sum_of_it}."
    chance = phrases.cases(found.probability_within_horizon)
    return (
        f"{said}{hours} take until month {found.p10} at the earliest, and {chance} get there within {last} months. On "
        f"paper: {sum_of_it}."
    )


def _choices(plan: Plan) -> list[Choice]:
    rows = {row.accounts: row for row in plan.admission.holds}
    many = phrases.counted(plan.offered)
    found = []
    if plan.offered and 0 in rows and plan.offered in rows:
        added = 100 * (rows[0].share - rows[plan.offered].share)
        watch = (
            f"Adds {phrases.number(added)} cases in 100 in which a server gets too full."
            if added > 0
            else "Adds nothing that we can see."
        )
        watch += " The gate stops new accounts as soon as a reading shows a full server."
        if plan.path:
            look = plan.path[0]
            room = phrases.cases(look.chance_of_room)
            watch += f" After {look.weeks} weeks of readings there is room for all of them in {room}."
        found.append(Choice(f"Start with {many} and watch.", watch))
    if asked := [row for row in plan.facts if row.expected_accounts >= LEAST][:1] or list(plan.facts[:1]):
        found.append(Choice(f"Find out one thing first: {plan.names.question(asked[0].path)}", _told(plan, asked[0])))
    found.append(
        Choice(
            "Wait.",
            f"Costs {plan.credit.income_per_month} a month, {plan.credit.hours_per_month:.2g} hours of marketing.",
        )
    )
    return found


def _told(plan: Plan, fact: Fact) -> str:
    if fact.expected_accounts < LEAST:
        return "By itself it does not make room at once, but no other single thing tells more."
    room = phrases.cases(fact.chance_of_room)
    accounts = phrases.number(fact.expected_accounts)
    return f"Once it is known, all {plan.offered} fit in {room}, and {accounts} accounts on average."


def _number(plan: Plan) -> str:
    admission, sure = plan.admission, _per_hundred(plan.confidence)
    if admission.max_accounts is None or admission.binding is None:
        return f"Counting only what holds in {sure} of 100 cases, no limit was found."
    first, error = admission.binding, admission.standard_error
    doubt = "" if not error else f" (give or take {max(1, round(error))})"
    when = "" if plan.checkpoint is None else f", judged at the review in {plan.checkpoint.month}"
    return (
        f"Counting only what holds in {sure} of 100 cases, {phrases.accounts(admission.max_accounts)}{doubt} may come: "
        f"the first to say no is {plan.names.limit(first.limit, first.node)}{when}."
    )


def _cases(row: Hold) -> str:
    return _per_hundred(row.share)


def _per_hundred(share: float) -> str:
    return f"{100 * share:.0f}"
