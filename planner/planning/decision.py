"""What people decided on a scenario, as its plan and the gate keep it."""

from collections.abc import Callable

from planner.model.limit import MeetingDecision
from planner.scenario.reader import Scenario

Shared = Callable[[int], tuple[tuple[str, int], ...] | None]
"""Told a number of accounts, returns how many of them are of each level on offer."""


def decision(scenario: Scenario, shared: Shared = lambda _: None) -> MeetingDecision | None:
    """Return what people decided, shared out among the levels as on offer; None = they decided nothing."""
    accounts = scenario.estimates.get("decision.accounts")
    if accounts is None or accounts.value is None:
        return None
    on, by, because, plan = (
        str(scenario.entries[f"decision.{name}"].value) for name in ("on", "by", "because", "plan")
    )
    number = round(accounts.value)
    return MeetingDecision(number, on, by, because, plan, dict(shared(number) or ()), scenario.undecided)
