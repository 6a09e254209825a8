"""What people decided, which the gate keeps to: read strictly, and never for more than they decided on."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from planner import seal
from planner.gate import strict
from planner.gate.standing import Standing
from planner.model.inputs.observations import Admitted
from planner.model.limit import MeetingDecision
from planner.wording import phrases
from planner.wording.decision import in_place_of, whose

_DECISION = strict.names("accounts on by because plan by_level scenario")


def read(row: Mapping[str, Any] | None, offer: Mapping[str, Any], levels: tuple[str, ...]) -> MeetingDecision | None:
    """Return what people decided, if it has the form that it must have; None = they decided nothing."""
    if row is None:
        return None
    strict.only(row, _DECISION, "decision")
    accounts = strict.count(row["accounts"], strict.count(offer["accounts"]))
    by_level = {strict.text(level): strict.count(count) for level, count in row["by_level"].items()}
    if sum(by_level.values()) != accounts or not set(by_level) <= set(levels):
        raise ValueError("decision.by_level does not share out its accounts among the levels")
    if any(count and not offer["mix"].get(level) for level, count in by_level.items()):
        raise ValueError("decision.by_level has a level that is not on offer")
    on = strict.text(row["on"])
    if date.fromisoformat(on).isoformat() != on:
        raise ValueError("decision.on is not a day")
    because, plan = (each if each == "" else strict.line(each) for each in (row["because"], row["plan"]))
    if plan and (len(plan) != seal.DIGITS or set(plan) - set("0123456789abcdef")):
        raise ValueError("decision.plan is not twelve digits of a plan")
    return MeetingDecision(accounts, on, strict.line(row["by"]), because, plan, by_level, strict.text(row["scenario"]))


def still_to_come(plan: Standing, at: datetime) -> bool:
    """Return whether people will have decided only after the day of this time, on the plan's clock."""
    return plan.decision is not None and plan.decision.on > at.astimezone(ZoneInfo(plan.timezone)).date().isoformat()


def refusal(plan: Standing, decision: MeetingDecision, admitted: Admitted, total: int) -> list[str]:
    """Return that so many accounts [account] are more than people decided on, if they are."""
    if total <= decision.accounts:
        return []
    number = in_place_of(plan.max_accounts, plan.confidence)
    fits = would_fit(decision.accounts - admitted.accounts)
    return [f"{whose(decision)}; with these it would be {total:,}; {fits}; {number}"]


def would_fit(left: int) -> str:
    """Return how many more accounts [account] would fit."""
    return f"{phrases.accounts(left)} would fit" if left > 0 else "no more would fit"


def follows(plan: Standing, of_whom: str = "") -> str:
    """Return whose decision a verdict follows, and the number that it stands in place of; "" = there is none."""
    if plan.decision is None:
        return ""
    return f"{whose(plan.decision)}{of_whom}; {in_place_of(plan.max_accounts, plan.confidence)}"
