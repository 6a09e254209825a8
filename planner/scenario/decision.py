"""What people decided: how many accounts may come though the number is lower, when, who, and why."""

from typing import Final

from planner.scenario.fields import Number, Section, Text

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
