"""What a scenario can say under `experience`: what people know without logs."""

from typing import Final

from planner.model.inputs.capacity import Resource
from planner.scenario.fields import INHERIT, NONE, Choice, Field, Listed, Number, Section, Text, decided

_NODE: Final = Choice("The server", of="nodes")
_SOURCE: Final = Text("Who knows it, and from where", "")
_PERIOD: Final[dict[str, Field]] = {
    "for": Number("How long back was looked", "month", above=True, most=240, ranged=False),
    "until": Text("The month at whose beginning that ended; left out = the scenario's start", INHERIT, "month"),
    "source": _SOURCE,
}

EXPERIENCE: Final = Listed(
    "What people know without logs; each entry weighs the cases, so that those which fit count more",
    "statement",
    {
        "overloads": Section(
            "So many overloads of a server were noticed",
            {
                "overloads": decided("How many", "overload", None, most=1000),
                "node": _NODE,
                "noticed": Number(
                    "Chance that somebody notices one", "%", ("80 %", "50 %", "95 %"), "share", most=1.0, above=True
                ),
                **_PERIOD,
            },
        ),
        "most_users": Section(
            "The most users that were seen on a server at once",
            {
                "most_users": decided("How many", "user", None, least=1),
                "node": _NODE,
                "seen": Choice(
                    "How they were seen",
                    {
                        "now_and_then": "now and then: the true most may be half as high again",
                        "continuously": "all the time, by a log",
                    },
                    "now_and_then",
                ),
                "within": Number(
                    "Seen continuously: how close the number is", "%", "10 %", "share", most=0.5, ranged=False
                ),
                **_PERIOD,
            },
        ),
        "carried": Section(
            "What a server bore without trouble, as in a load test",
            {
                "carried": Number("How much", "user or room or stream", least=1, most=1e6, ranged=False),
                "node": _NODE,
                "source": _SOURCE,
            },
        ),
        "talk": Section(
            "Hours that all members' users spent in meetings",
            {
                "talk": Number("Hours of all users together", "h", above=True, most=1e9, ranged=False),
                "in": Number("In how many weeks", "week", above=True, most=1000),
                "accounts": decided("Of how many accounts; none = of the members of then", "account", NONE, least=1),
                "until": _PERIOD["until"],
                "source": _SOURCE,
            },
        ),
        "load_at_most": Section(
            "The highest load of a server, read all the time",
            {
                "load_at_most": Number("In the unit of its limit", "% or load", above=True, most=1e6, ranged=False),
                "node": _NODE,
                **_PERIOD,
            },
        ),
    },
)
RESOURCE_OF: Final[dict[str, Resource]] = {"user": "users", "room": "rooms", "stream": "streams"}
"""What a server carries, by the unit in which it is said."""
