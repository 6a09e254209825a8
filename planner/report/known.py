"""What the accounts add, what was seen, what to find out and when to look again: sentences from the plan's numbers."""

from planner.planning import Plan
from planner.report.answer import LEAST
from planner.wording import phrases

FACTS = {
    "experience.talk": "the hours that members' users spend in meetings",
    "experience.most_users": "the most users at once in half a year",
    "experience.overloads": "how often a server was overloaded in a year",
}
LISTED = 3
"""So many facts stand in a list."""


def seen(plan: Plan) -> list[str]:
    """Return what was seen, and what the answer is without it."""
    told = plan.experience
    if told is None:
        return []
    said = [f"{phrases.upper(one.text)}." for one in told.statements]
    same = told.without == plan.admission.max_accounts
    said.append("What was seen does not change the number." if same else f"Without it: {_room(told.without)}.")
    if told.if_peak_higher is not None:
        said.append(f"If the most users at once were really 20 % more: {_room(told.if_peak_higher)}.")
    return said


def find_out(plan: Plan) -> list[str]:
    """Return what is worth finding out, the most first."""
    said = []
    for row in [row for row in plan.facts if row.expected_accounts >= LEAST][:LISTED]:
        name = FACTS.get(row.path, plan.names.topic(row.path))
        said.append(
            f"{phrases.upper(name)}: once that is known, {phrases.number(row.expected_accounts)} accounts could "
            f"come on average, and the {plan.offered} on offer in {100 * row.chance_of_room:.0f} of 100 cases."
        )
    return said


def later(plan: Plan) -> str:
    """Return what may come after some weeks of readings."""
    looks = [f"after {row.weeks} weeks in {100 * row.chance_of_room:.0f} of 100 cases" for row in plan.path]
    who = phrases.accounts(plan.offered)
    return f"If the servers are read from now on, there is room for {who} {', '.join(looks)}." if looks else ""


def _room(accounts: int | None) -> str:
    return "no limit" if accounts is None else f"room for {phrases.accounts(accounts)}"
