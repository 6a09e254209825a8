"""What `planner calibrate` leaves in a scenario: what was learned from, and whether the model fits it."""

from dataclasses import dataclass
from typing import Final

from planner.scenario.fields import Section, Text

GOOD: Final = "good"
FAILED: Final = "failed: "
NOT_KNOWN: Final = "not known: "

CALIBRATED: Final = Section(
    "What planner calibrate learned from, and its check of fit; unless that is good, the gate admits nobody",
    {
        "history": Text("The history that was learned from"),
        "since": Text("The day on which that begins", form="day"),
        "until": Text("The day on which that ends", form="day"),
        "meetings": Text("Meetings in it", form="whole"),
        "fit": Text(
            "good: nothing odd was found; failed: and what does not fit the model; not known: and why too little was "
            "seen to tell",
            form="fit",
        ),
    },
    optional=True,
)


@dataclass(frozen=True, slots=True)
class LearnedFrom:
    """What the ranges were learned from, and whether the model fits it."""

    history: str
    since: str
    """The first day, as 2021-04-05."""
    until: str
    meetings: int
    fit: str
    """"good", "failed: " and what does not fit, or "not known: " and why."""
