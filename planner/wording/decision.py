"""A decision of people in words: what they decided, and what it stands in place of."""

from planner.model.limit import MeetingDecision
from planner.wording import phrases


def whose(decision: MeetingDecision) -> str:
    """Return how many may come, on which day that was decided, and who did."""
    return f"{phrases.accounts(decision.accounts)} may come, as decided on {decision.on} by {decision.by}"


def in_place_of(number: int | None, confidence: float) -> str:
    """Return the number that a decision stands in place of [account]."""
    said = "any number" if number is None else phrases.accounts(number) if number else "no account"
    return f"the plan alone, to be right in {phrases.of_hundred(confidence)} of 100 cases, allows {said}"


def decided(decision: MeetingDecision) -> str:
    """Return what people decided, with their reason and the plan that they saw."""
    because = f": {decision.because}" if decision.because else ""
    saw = f" (they saw the plan {decision.plan}; this one was made after it)" if decision.plan else ""
    return f"{phrases.accounts(decision.accounts)}, on {decision.on}, by {decision.by}{because}{saw}"
