"""What a plan takes from its scenario as it stands: names, decision, next review, every input as a row of a table."""

import calendar
import math
from collections.abc import Callable, Iterable

from planner.model.inputs.capacity import Inputs
from planner.model.inputs.distributions import Range
from planner.model.limit import MeetingDecision
from planner.planning.record import Assumption, Checkpoint
from planner.scenario import fields
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.reader import Scenario
from planner.scenario.schema import ROOT
from planner.wording import phrases
from planner.wording.names import Names

USED_BY = {
    "nodes": "the load of a node against its limits: the number of accounts each server limit allows, and the gate",
    "placement": "which node an account's meetings land on",
    "levels": "the price of an account, and where its meetings are cut",
    "members": "the load that is there already, and its growth up to the review",
    "usage": "the load that an account brings",
    "simulation": "the servers' limits: where any of it is on, they are judged by simulation",
    "objective": "the risk that is accepted",
    "offer": "how many accounts the question is about, and when it is asked again",
    "decision": "how many accounts the gate lets in, in place of the number",
    "networks": "who can pay in credit, how they pay, and how much credit the network lets the co-op hold",
    "spending": "how long until the credit pays for the hours",
    "labour": "the volunteer hours that accounts cost",
    "cash": "the money side, beside the credit",
    "experience": "how much each case of the inputs counts",
    "calibrated": "whether the gate may admit anybody on the plan",
}
"""What the inputs of each section go into."""
Shared = Callable[[int], tuple[tuple[str, int], ...] | None]
"""Told a number of accounts, returns how many of them are of each level on offer."""


def names_of(scenario: Scenario) -> Names:
    """Return the names that a scenario gives."""
    return Names(**scenario.called)


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


def checkpoint(inputs: Inputs) -> Checkpoint:
    """Return when the plan is looked at next, what is asked then, and what will be known."""
    review, (year, first) = inputs.offer.review, inputs.start
    month = first - 1 + review.after
    return Checkpoint(
        after=review.after,
        month=f"{calendar.month_name[month % 12 + 1]} {year + month // 12}",
        members=math.floor(inputs.members.accounts + inputs.members.growth * review.after + 0.5),
        at_accounts=review.at_accounts,
        asks=tuple(
            phrases.review_rule(name, asked) for name in phrases.RULES if (asked := getattr(review, name)) is not None
        ),
        known=(
            "how often the new accounts meet, for how long and with how many users",
            "how many fees came late or never",
            "whether sellers could be found, for how many hours and at what rate",
        ),
    )


def used_by(path: str) -> str:
    """Return in words what an input goes into."""
    if path.endswith(".called"):
        return "every sentence and chart that speaks of it, and no number"
    return USED_BY.get(path.partition(".")[0], "the whole plan")


def assumptions(scenario: Scenario) -> tuple[Assumption, ...]:
    """Return every input of a scenario, defaults included, in the order of the schema."""
    order = {name: k for k, name in enumerate(USED_BY)}
    stated: list[Estimate | Entry] = [*scenario.estimates.values(), *scenario.entries.values()]
    return tuple(sorted(map(_assumption, stated), key=lambda row: order.get(row.path.partition(".")[0], -1)))


def _assumption(stated: Estimate | Entry) -> Assumption:
    at, source = stated.origin, ""
    origin = at.file if at.file == "--set" else f"{at.file}:{at.line}"  # in whatever order options are given
    if stated.is_default:
        origin = source = "default"
    low = high = as_of = None
    if isinstance(stated, Estimate):
        low, high, source, as_of = stated.low_text, stated.high_text, source or stated.source, stated.as_of
    field = fields.field_at(ROOT, stated.path)
    said = stated.help if field is None else fields.meaning(field)
    return Assumption(stated.path, stated.text, low, high, source, as_of, origin, said)


def ranges(estimates: Iterable[Estimate]) -> list[Range]:
    """Return the uncertain inputs as what `planner.model.inputs.distributions` draws from."""
    return [
        Range(one.path, one.value, one.low, one.high, one.family, one.least, one.most)
        for one in estimates
        if one.value is not None and one.low is not None and one.high is not None
    ]
