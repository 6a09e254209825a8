"""The first screen: what the offer changes, when the hours come, and what the meeting can choose."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planner.planning import Change, Months, Names, Option, Plan, change_in_words, headline
from planner.wording import phrases
from planner.wording.decision import decided
from planner.wording.phrases import cases, listed, upper

LEAST = 0.5
"""A fact that makes room for less is not worth asking for first [account]."""
SELDOM = 0.05
"""A question whose answer shows room for all less often is not what the meeting should wait for [-]."""
MOST = 4
"""So many changes are named below the title; the report has a table of all."""
SMALL = 0.05
"""Who adds so much to the share of cases in which a server gets too full, or less, is not what decides [-]."""
UNLESS = ", unless the meeting decides otherwise"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the meeting can do, and what follows."""

    does: str
    """"Start with the five and watch."."""
    follows: str
    spare: bool = False
    """Left out where there is no room for it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tired person on a phone decides on: sentences, each with one number where it can be."""

    changes: str
    """What this scenario changes in the answer of the one that it is based on; "" = it offers something of its own."""
    servers: str
    """What the accounts add to what the servers bear."""
    hours: str
    """When the credit pays for the hours, if they are admitted."""
    beside: str
    """The same on paper, and in small jobs."""
    decision: str
    """What people decided; "" = nothing."""
    choices: tuple[Choice, ...]
    number: str
    """How many may come at the confidence, its error, what is the first to say no, and for when it is judged."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return the answer as paragraphs, the choices apart."""
        return tuple(
            said for said in (self.changes, self.decision, self.servers, f"{self.hours} {self.beside}") if said
        )


def answer(plan: Plan) -> Answer:
    """Return the first screen of a plan."""
    return Answer(
        changes=_changes(plan),
        servers=_servers(plan),
        hours=_hours(plan),
        beside=_beside(plan),
        decision="" if plan.decision is None else f"Decided: {decided(plan.decision)}.",
        choices=tuple(_choices(plan)),
        number=_number(plan),
    )


def changed_here(changes: Sequence[Change], names: Names, begin: str = "Changed for this plan") -> str:
    """Return what was changed of a file for this plan alone, which its title knows nothing of; "" = nothing."""
    each = [change_in_words(one, names) for one in changes if one.where == "--set"]
    here = [f"{said}: {short(old, 40)}{' → ' if old else ''}{short(new, 40)}" for said, old, new in each]
    more = f"; and {len(here) - MOST} more" if len(here) > MOST else ""
    return f"{begin}: {'; '.join(here[:MOST])}{more}" if here else ""


def short(text: str, most: int = 160) -> str:
    """Return text of at most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def horizon(plan: Plan) -> int:
    """Return the last month that is looked at [month]."""
    return plan.credit.balance.months[-1]


def _changes(plan: Plan) -> str:
    base = plan.against
    if base is None:
        return ""
    if not base.paths:
        what = "Nothing but the decision" if plan.decision is not None else "Nothing that counts"
        return f"{what} differs from “{base.title}”."
    what = listed(list(dict.fromkeys(filter(None, map(plan.names.changed, base.paths)))))
    said = []
    if base.cope is not None:
        said.append(f"the servers cope {_instead(headline(plan).cope, base.cope)}")
    if base.bought is not None:
        chance = plan.credit.months_to_buy.probability_within_horizon
        bought = f"{plan.credit.target_hours:g} hours are bought within {horizon(plan)} months"
        said.append(f"{bought} {_instead(chance, base.bought)}")
    more = "".join(
        f" In {plan.names.network(one.network)} {phrases.accounts(one.accounts)} bring {one.income_per_month} a month, "
        "in a credit of its own."
        for one in plan.credit_by_network
        if one.network != plan.credit.network
    )
    return f"Compared with “{base.title}” this changes {what}: {', and '.join(said)}.{more}"


def _instead(now: float, before: float) -> str:
    here, there = cases(now), cases(before)
    if here == there:
        return f"as often (in {here})"
    # the number alone says enough only beside another of its kind
    each = " of 100 cases"
    return f"in {here} instead of {there.removesuffix(each) if here.endswith(each) else f'in {there}'}"


def coping(plan: Plan, row: Option) -> str:
    """Return in how many of 100 cases the servers cope with an option; "" = it was not judged."""
    # a level that is not on offer was not judged, and its name says more than a number of accounts
    alike = [one.share for one in plan.admission.holds if one.accounts == row.accounts and not row.varies]
    return f"{100 * alike[0]:.0f}" if alike else ""


def _who(plan: Plan) -> str:
    return f"the {phrases.counted(plan.offered)} {'account' if plan.offered == 1 else 'accounts'}"


def _servers(plan: Plan) -> str:
    rows = {row.accounts: row for row in plan.admission.holds}
    now, then = rows.get(0), rows.get(plan.offered)
    promised = f"we promise {phrases.of_hundred(plan.confidence)}"
    if now is None or then is None or not plan.offered:
        who = _who(plan) if plan.offered else "nobody new"
        share = f"With {who} no server gets too full in {cases(plan.admission.all_hold)}"
        return f"{share}; {promised}." if plan.admission.max_accounts is not None else f"{share}."
    copes = f"the servers cope ({phrases.measure(plan.measure, plan.at_most)} at most) in {cases(then.share)}"
    cope = f"With {_who(plan)} {copes}; without them, in {100 * now.share:.0f}."
    if cases(now.share) == cases(then.share):
        cope = f"With {_who(plan)} or without them {copes}."
    if then.share >= plan.confidence:
        return f"{cope} {upper(promised)}, so there is room for all of them."
    if now.share >= plan.confidence:
        return f"{cope} That is too few to be sure: {promised}."
    return f"{cope} {_decides(plan, now.share - then.share)}"


def _decides(plan: Plan, added: float) -> str:
    """Return what the answer hangs on where the members alone are too many to be sure."""
    first, review = plan.admission.binding, plan.checkpoint
    members = f"today's members and those who join by {review.month} ({review.members} in all)"
    if added > SMALL:
        return f"It is not sure that they can take {members}, and so many more weigh heavily."
    if first is None or first.node is None:
        return f"What decides is not {_who(plan)}: it is whether the servers can take {members}."
    bears = phrases.bears(first.limit, plan.names.server(first.node))
    return f"What decides is not {_who(plan)}: it is whether {bears} {members}."


def _hours(plan: Plan) -> str:
    hours, found = f"{plan.credit.target_hours:g} hours of marketing", plan.credit.months_to_buy
    admitted = "If it is admitted" if plan.offered == 1 else "If all are admitted"
    usual = f"{admitted} and things go as they usually do (not all join, some leave or pay late)"
    said = f"{usual}, {hours} are bought in {cases(found.probability_within_horizon)} within {horizon(plan)} months"
    # that 10 of 100 get there was said already where no more do
    if found.p10 is not None and cases(found.probability_within_horizon) != cases(0.1):
        said += f", in 10 of 100 by month {found.p10}" if found.p10 != found.p90 else f", in month {found.p10}"
    return f"{said}."


def _beside(plan: Plan) -> str:
    paper = plan.credit.months_to_afford.central
    after = f"after {phrases.in_months(paper)}" if paper is not None else f"only after more than {horizon(plan)} months"
    return f"On paper, where everybody joins at once and pays on time, the credit is there {after}."


def between(found: Months, last: int) -> str:
    """Return in how many months [month] of a horizon [month] something comes in 8 of 10 cases, in words."""
    if found.p10 is None:
        return f"in {cases(1 - found.probability_within_horizon)} it is not done within {last} months"
    if found.p90 is None:
        late = cases(1 - found.probability_within_horizon)
        return f"it takes {phrases.in_months(found.p10)} or longer, and in {late} it is not done within {last}"
    if found.p10 == found.p90:
        return f"it takes {phrases.in_months(found.p10)} in 8 of 10 cases"
    return f"it takes {found.p10} to {found.p90} months in 8 of 10 cases"


def _choices(plan: Plan) -> list[Choice]:
    if not plan.offered:
        return []
    hours = f"{plan.credit.hours_per_month:.2g} {'hour' if plan.credit.hours_per_month == 1 else 'hours'}"
    waits = f"Gives up {plan.credit.income_per_month} in credit a month: on paper {hours} of marketing."
    watch, wait = Choice(f"Start with {_who(plan)} and watch.", _watch(plan)), Choice("Wait.", waits)
    return [choice for choice in (watch, _spend(plan), _ask(plan), wait) if choice is not None]


def _watch(plan: Plan) -> str:
    rows = {row.accounts: row for row in plan.admission.holds}
    said = _capped(plan)
    if 0 in rows and plan.offered in rows:
        # of the two numbers as the sentence before has said them
        added = round(100 * rows[0].share) - round(100 * rows[plan.offered].share)
        case = "case" if added == 1 else "cases"
        said += f"Adds {added} {case} of 100 in which a server gets too full. " if added else "Adds hardly any risk. "
    said += "The gate, the check when somebody applies, stops new accounts as soon as a reading shows a full server."
    if plan.path:
        look = plan.path[0]
        weeks = upper(phrases.counted(look.weeks))
        said += f" {weeks} weeks of readings would {_show(plan)} room for all in {cases(look.chance_of_room)}."
    return said


def _spend(plan: Plan) -> Choice | None:
    """Return what comes of spending in small jobs, and of a cheaper seller; None = it is not known, or done already."""
    hours, last = f"{plan.credit.target_hours:g} hours", horizon(plan)
    jobs = next((row.months_to_buy for row in plan.options if row.varies == "jobs"), None)
    rate = next(
        (one for one in plan.swings if (one.path, one.answer) == ("spending.hourly_rate", "months_to_buy")), None
    )
    said = []
    saved = plan.credit.months_to_buy.probability_within_horizon
    if jobs is not None and round(100 * jobs.probability_within_horizon) <= round(100 * saved):
        jobs = None  # a way that brings nothing is no choice
    if jobs is not None:
        bought = _instead(jobs.probability_within_horizon, saved)
        said.append(f"{hours} are then bought within {last} months {bought}.")
    if rate is not None and rate.at_low is not None and rate.at_low != rate.central:
        now = f"not within {last}" if rate.central is None else f"{rate.central:.0f}"
        cheap = f"A seller at {phrases.spoken(rate.low_value)} brings {'them' if said else hours} in month"
        said.append(f"{cheap} {rate.at_low:.0f} instead of {now}, if all else is as we think.")
    does = "Buy small jobs instead of saving up" if jobs is not None else "Find a cheaper seller"
    return Choice(f"{does}.", " ".join(said), spare=True) if said else None


def _capped(plan: Plan) -> str:
    """Return that the pilot's cap lets fewer in than are offered, which no server's number says."""
    cap = next((one.max_accounts for one in plan.admission.limits if one.limit == "policy"), None)
    if cap is None or cap >= plan.offered or plan.decision is not None:
        return ""
    name = plan.names.limit("policy")
    return f"{upper(name)} lets only {phrases.counted(cap)} in: raise it too. "


def _show(plan: Plan) -> str:
    """Return what knowing more does: there may be room for all as far as is known today."""
    most = plan.admission.max_accounts
    return "still show" if most is None or most >= plan.offered else "show"


def _ask(plan: Plan) -> Choice | None:
    """Return what to find out first, and what it would tell; None = nothing that is known to make room."""
    if asked := [row for row in plan.facts if row.expected_accounts >= LEAST and row.chance_of_room >= SELDOM][:1]:
        told = f"The answer would {_show(plan)} room for all in {cases(asked[0].chance_of_room)}."
        return Choice(f"Ask first: {plan.names.question(asked[0].path)}", told)
    ends = [
        (math.inf if at is None else at, row.path, value)
        for row in plan.swings
        for value, at in ((row.low_value, row.at_low), (row.high_value, row.at_high))
        if row.answer == "admission"
    ]
    room, path, value = max(ends, default=(0.0, "", ""))
    if room < 1:
        return None
    many = "any number of accounts" if math.isinf(room) else phrases.accounts(round(room))
    told = f"If the answer is {phrases.spoken(value)}, the servers have room for {many}."
    return Choice(f"Ask first: {plan.names.question(path)}", told)


def _number(plan: Plan) -> str:
    admission = plan.admission
    sure = f"We promise to be right in {phrases.of_hundred(plan.confidence)} of 100 cases"
    if admission.max_accounts is None or admission.binding is None:
        return f"{sure}: by that rule nothing limits the accounts."
    first, most, error = admission.binding, admission.max_accounts, round(admission.standard_error or 0)
    close = f" (give or take {error})" if most else f" (a close call: it may be up to {max(error, first.up_to or 0)})"
    rule = f"{sure}: by that rule{'' if plan.decision is None else ' alone'}"
    many = f"{phrases.accounts(most) if most else 'no account'} may come{close if error else ''}"
    if first.node and most < plan.offered and plan.decision is None:
        many += UNLESS
    when = ""
    if first.node is not None:
        when = f", at the review in {plan.checkpoint.month} with {plan.checkpoint.members} members"
    name = plan.names.limit(first.limit, first.node)
    if first.max_accounts != most:
        return f"{rule} {many}. No limit says no alone: all together do, most often {name}{when}."
    return f"{rule} {many}. The first to say no: {name}{when}."
