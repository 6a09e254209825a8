"""The answer first: two sentences with one number each, the same on the terminal, in the report and in the summary."""

from dataclasses import dataclass

from planner.planning import Months, Plan
from planner.wording import phrases


@dataclass(frozen=True, slots=True)
class Answer:
    """One sentence, its number large, and what the number counts."""

    number: str
    unit: str
    sentence: str


def answer(plan: Plan) -> tuple[str, str]:
    """Return the answer in two sentences: how many accounts may come, and when the credit pays for the hours.

    Parameters
    ----------
    plan : Plan
        What was found.
    """
    first, second = answers(plan)
    return first.sentence, second.sentence


def answers(plan: Plan) -> tuple[Answer, Answer]:
    """Return the same with each sentence's number apart."""
    return _admission(plan), _months(plan)


def horizon(plan: Plan) -> int:
    """Return the last month that is looked at [month]."""
    return plan.credit.balance.months[-1]


def _admission(plan: Plan) -> Answer:
    most, binding = plan.admission.max_accounts, plan.admission.binding
    if most is None:
        return Answer("no limit", "on further accounts", "Yes: no limit on further accounts was found.")
    limit = "" if binding is None else plan.names.limit(binding.limit, binding.node)
    unit = "further account" if most == 1 else "further accounts"
    if most == 0:
        sure = f"at {phrases.share(plan.confidence)} confidence"
        sentence = f"No: {sure} not one further account can be admitted, the limit is {limit}; {as_assumed(plan)}."
        return Answer("0", unit, sentence)
    if most < plan.offered:
        sentence = f"Not all: {most:,} of the {plan.offered:,} accounts on offer can be admitted; the limit is {limit}."
    elif most == plan.offered:
        sentence = f"Yes: up to {most:,} {unit} can be admitted, just what is on offer; the first limit is {limit}."
    else:
        sentence = (
            f"Yes: up to {most:,} {unit} can be admitted, so the {plan.offered:,} on offer may come; "
            f"the first limit is {limit}."
        )
    return Answer(f"{most:,}", unit, sentence)


def as_assumed(plan: Plan) -> str:
    """Return what the answer would be with every input at its value, and the limit that would then set it."""
    central = plan.admission.central
    if central is None:
        return "with every input as assumed no limit was found"
    if central == 0:
        return "nor could one with every input as assumed"
    first = next(row for row in plan.admission.limits if row.kind == "permission" and row.central == central)
    return f"with every input as assumed {central:,} would fit, up to {plan.names.limit(first.limit, first.node)}"


def _months(plan: Plan) -> Answer:
    credit, last = plan.credit, horizon(plan)
    hours = f"{credit.target_hours:g} hours of marketing"
    who = f"the credit of {phrases.accounts(credit.accounts)}"
    paper = credit.months_to_afford.central
    really = between(credit.months_to_buy, last)
    if paper is None:
        sentence = f"On paper {who} does not pay for {hours} within {last} months; as networks are, {really}."
        return Answer("later", f"than {last} months", sentence)
    unit = "month" if paper == 1 else "months"
    sentence = f"On paper {who} pays for {hours} after {paper} {unit}; as networks are, {really}."
    return Answer(str(paper), f"{unit} on paper", sentence)


def between(found: Months, last: int) -> str:
    """Return in how many months [month] of a horizon [month] something comes on 8 of 10 paths, in words."""
    if found.p10 is None:
        return f"in {_tenths(found)} it is not done within {last} months"
    if found.p90 is None:
        return f"it takes {found.p10} months or more, and in {_tenths(found)} it is not done within {last}"
    if found.p10 == found.p90:
        return f"it takes {phrases.in_months(found.p10)} in 8 of 10 cases"
    return f"it takes {found.p10} to {found.p90} months in 8 of 10 cases"


def _tenths(found: Months) -> str:
    missed = 1 - found.probability_within_horizon
    if missed >= 0.995:
        return "practically every case"
    return f"{max(1, round(10 * missed))} of 10 cases" if missed < 0.95 else "more than 9 of 10 cases"
