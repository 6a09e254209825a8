"""What people know without logs, as the plan says it."""

from planner.model.admission.admission_number import Answer
from planner.model.evidence.weights import CONTRADICTION, ENOUGH, UNEXPECTED, Weighed
from planner.planning.record import Experience
from planner.wording import phrases


def experience(seen: Weighed, answer: Answer) -> Experience:
    """Return what was seen and what it does to the answer."""
    return Experience(
        statements=seen.statements,
        effective_draws=seen.effective,
        contradiction=seen.contradiction,
        without=answer.instead.get("without"),
        if_peak_higher=answer.instead.get("if_peak_higher"),
    )


def fewer(one: int | None, other: int | None) -> bool:
    """Return whether one number of accounts is smaller than another; None = no limit."""
    return one is not None and (other is None or one < other)


def warnings(told: Experience) -> tuple[str, ...]:
    """Return what a reader must know before the answer is believed."""
    found = []
    for one in told.statements:
        if one.tail < CONTRADICTION:
            found.append(
                f"{one.text}: the ranges and what was seen contradict each other (chance {phrases.share(one.tail)}); "
                "until it is known which is wrong, nobody more may come than without it"
            )
        elif one.tail < UNEXPECTED:
            found.append(
                f"{one.text}: odd beside all else that the scenario assumes (a chance of {phrases.share(one.tail)})"
            )
    if told.effective_draws < ENOUGH:
        found.append(
            f"what was seen fits so few cases that they count as {told.effective_draws:.0f}, where it takes "
            f"{ENOUGH}: the gate admits nobody on this plan"
        )
    return tuple(found)
