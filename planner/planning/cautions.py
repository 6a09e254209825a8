"""What a reader must not miss: servers that are over already, a block that cannot be bought, too few draws."""

import math

from planner.model.admission import admission_number
from planner.model.evidence.weights import CONTRADICTION, ENOUGH, UNEXPECTED
from planner.model.inputs.capacity import RESOURCES
from planner.planning.record import CreditPlan, Experience
from planner.scenario.calibrated import CALIBRATED, FAILED, GOOD, NOT_KNOWN, LearnedFrom
from planner.scenario.reader import Scenario
from planner.wording import phrases
from planner.wording.names import KEYS, Names

DRAWS, SIMULATED, FEW = 4_000, 1_000, 200
"""Draws of a plan, of one in which the simulation judges the servers, and how many at least say what holds at a
confidence without a word of caution [-]."""


def warnings(
    answer: admission_number.Answer, credit: CreditPlan, draws: int, confidence: float, names: Names
) -> tuple[str, ...]:
    """Return the warnings of a plan."""
    found = [
        f"{names.limit(server.resource, server.node)}: already too full with nobody new: "
        f"{phrases.measure('episodes', server.now.at_confidence.episodes)} with the members alone"
        for server in answer.servers
        if server.allows.max_accounts == 0 and server.allows.central == 0 and not server.allows.central_up_to
    ]
    if credit.rules.block_above_cap > 0.5:
        found.append(
            f"{phrases.number(credit.target_hours)} hours cost more than the network lets anybody hold: saving for "
            "them in one piece never ends"
        )
    coarse = few_draws(answer.admission, draws, confidence, names)
    return tuple(found) if coarse is None else (*found, coarse)


def few_draws(found: admission_number.Admission, draws: int, confidence: float, names: Names = KEYS) -> str | None:
    """Return how far off the servers' number may be for want of draws [-]; None if there are enough."""
    if draws >= FEW:
        return None
    sure = f"to be right in {phrases.of_hundred(confidence)} of 100 cases"
    servers = [
        (one.max_accounts, one.error, names.limit(one.limit, one.node))
        for one in found.limits
        if one.limit in RESOURCES and one.max_accounts is not None and one.error
    ]
    if not servers:
        return f"{draws} cases are few: the numbers that are {sure} are coarse; use --draws {DRAWS}"
    number, error, name = min(servers, key=lambda one: one[0])
    either = "more or fewer" if number else "more"
    return (
        f"{draws} cases are few: {sure}, {name} may allow about {phrases.accounts(math.ceil(error))} {either} than the "
        f"{number:,} said here; use --draws {DRAWS}"
    )


def learned_from(scenario: Scenario) -> LearnedFrom | None:
    """Return what a scenario says that its ranges were learned from; None = it says nothing of it."""
    said = {name: scenario.entries.get(f"calibrated.{name}") for name in CALIBRATED.fields}
    history, since, until, meetings, fit = (None if one is None else str(one.value) for one in said.values())
    if history is None or since is None or until is None or meetings is None or fit is None:
        return None
    return LearnedFrom(history, since, until, int(meetings), fit)


def misfit(learned: LearnedFrom | None) -> tuple[str, ...]:
    """Return what a reader must know where the model does not fit what was learned from, or nobody can tell."""
    if learned is None or learned.fit == GOOD:
        return ()
    span = f"{learned.history}, {learned.since} to {learned.until}"
    if learned.fit.startswith(NOT_KNOWN):
        said = (
            f"whether the plan's picture of meetings fits what it was learned from ({span}) is not known: "
            f"{learned.fit.removeprefix(NOT_KNOWN)}; the gate admits nobody on this plan: collect more and calibrate "
            "again, or plan the scenario that it was learned for, without this history"
        )
        return (said,)
    said = (
        f"the plan's picture of meetings does not fit what it was learned from ({span}): "
        f"{learned.fit.removeprefix(FAILED)}; the number of accounts may be too large, and the gate admits "
        "nobody on this plan: look at what planner calibrate shows, and collect more or change the "
        "ranges by hand, then say so under calibrated"
    )
    return (said,)


def experience_warnings(told: Experience) -> tuple[str, ...]:
    """Return what a reader must know of what was seen before the answer is believed."""
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
