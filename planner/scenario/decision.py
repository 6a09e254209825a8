"""What people decided: how many accounts may come though the number is lower, when, who, and why."""

from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from planner.scenario.fields import Number, Section, Text

if TYPE_CHECKING:
    # the table of all entries, which reading walks through, holds this one
    from planner.scenario.validation import Walk

DECISION: Final = Section(
    "What people decided, which the gate keeps to in place of the number of accounts",
    {
        "accounts": Number("Accounts that may come, of those on offer", "account", family="count", ranged=False),
        "on": Text("The day on which it was decided", form="day"),
        "by": Text("Who decided, and where it can be read", form="line"),
        "because": Text("Why, in the words of the meeting", "", form="line"),
        "plan": Text("The digits of the plan that the meeting saw", "", form="digits"),
    },
    optional=True,
)


def check(walk: "Walk", now: datetime | None) -> None:
    """Note a decision for more than is on offer, or of a day that is still to come; now None = not known."""
    decided, offered = (walk.estimates.get(path) for path in ("decision.accounts", "offer.accounts"))
    if decided is not None and offered is not None and (decided.value or 0) > (offered.value or 0):
        wrong, wanted = "more than is on offer", f"at most {offered.text}, as offer.accounts says"
        walk.context.problems.add(decided.origin, decided.path, wrong, wanted, decided.text)
    day, zone = walk.entries.get("decision.on"), walk.entries.get("timezone")
    if now is None or day is None or zone is None:
        return
    today = now.astimezone(ZoneInfo(str(zone.value))).date().isoformat()
    if str(day.value) > today:
        walk.context.problems.add(day.origin, day.path, "this day is still to come", f"at most {today}", day.text)
