"""A decision of people in words: what they decided, and what it stands in place of."""

from planner.model.limit import MeetingDecision
from planner.wording import phrases


def whose(decision: MeetingDecision) -> str:
    """Return whose decision it is, of which day and for how many."""
    return f"the decision of {decision.by} on {decision.on} for {phrases.accounts(decision.accounts)}"


def in_place_of(number: int | None, confidence: float) -> str:
    """Return the number that a decision stands in place of [account]."""
    said = "no limit" if number is None else phrases.accounts(number)
    return f"the number at {phrases.of_hundred(confidence)} % confidence is {said}"


def decided(decision: MeetingDecision) -> str:
    """Return what people decided, with their reason and the plan that they saw."""
    because = f": {decision.because}" if decision.because else ""
    saw = f" (they saw the plan {decision.plan}; this one was made after it)" if decision.plan else ""
    return f"{phrases.accounts(decision.accounts)}, on {decision.on}, by {decision.by}{because}{saw}"
