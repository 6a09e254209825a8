"""Situations in which the engines have to agree: small worlds on one node, busy enough to overload often."""

from dataclasses import dataclass

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT, Demand, Floats, Kind, LinearLoad, Node, ScaleliteLoad
from planner.model.inputs.pages import Pages
from planner.model.simulation.meetings import Accounts
from planner.model.simulation.replications import World

OFFICE = {9: 1.0, 10: 2.0, 11: 1.5, 14: 1.5, 15: 1.0, 19: 0.5}
WEEKDAYS = (0, 1, 2, 3, 4)
EVENLY = (1.0,) * 12
CLUMPED = (0.55, *([0.02] * 5), 0.25, *([0.02] * 5))
ONE_BIN = (0.9, *([0.1 / 11] * 11))
"""Nine of ten starts in the first five minutes of the hour."""


def week(hours: dict[int, float], days: tuple[int, ...] = WEEKDAYS, starts: tuple[float, ...] = EVENLY) -> Floats:
    """Return a relative arrival rate with mean 1: weights of the hours of the day, days, twelfths of the hour."""
    shape = np.zeros((7, 24, 12))
    for day in days:
        for hour, weight in hours.items():
            shape[day, hour] = weight * np.array(starts)
    relative: Floats = shape.ravel() / shape.mean()
    return relative


def kind(**changes: object) -> Kind:
    """Return a plain kind of meeting with some fields changed."""
    plain: dict[str, object] = {
        "share": 1.0,
        "duration": 0.9,
        "duration_cv": 0.7,
        "duration_limit": 3.0,
        "size": 5.0,
        "size_dispersion": 1.5,
        "participants": 12.0,
        "cameras": 0.5,
        "moderators": 1,
        "pages": Pages(5),
        "screenshare": 0.0,
        "shape": week(OFFICE, starts=CLUMPED),
    }
    return Kind(**{**plain, **changes})  # type: ignore[arg-type]


def demand(meetings: float, spread: float, *kinds: Kind, rooms_at_once: float = NO_LIMIT) -> Demand:
    """Return what one account brings; without a limit on rooms at once, which the closed form does not have."""
    return Demand("level", meetings, spread, rooms_at_once, kinds or (kind(),))


def scalelite(**limits: float) -> Node:
    """Return a node with Scalelite's load."""
    return Node("node", limits, load=ScaleliteLoad())  # type: ignore[arg-type]


def linear(**limits: float) -> Node:
    """Return a node with a load of a twentieth, and so much for each room, user and stream."""
    return Node("node", limits, load=LinearLoad(0.05, 0.01, 0.005, 0.0025))  # type: ignore[arg-type]


def world(what: Demand, count: int, *nodes: Node, pooled: bool = False, **changes: object) -> World:
    """Return accounts of one demand on the first node, or behind a balancer."""
    return World(nodes, (Accounts(count, what, None if pooled else 0),), **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Situation:
    """Accounts on one node with limits they break often."""

    name: str
    node: Node
    population: tuple[tuple[Demand, int], ...]
    replications: int
    """For a standard error of a few per cent; each takes a few milliseconds with the outside simulator."""
    weeks: int = 1


UNLIKE = Situation(
    "a few very unlike accounts", scalelite(rooms=4, users=20), ((demand(12.0, 1.6), 4),), replications=1500
)
STEEP = Situation(
    "nine of ten starts in five minutes, short meetings",
    scalelite(rooms=3, users=14),
    ((demand(3.0, 0.5, kind(duration=0.2, duration_cv=0.4, shape=week(OFFICE, starts=ONE_BIN))), 25),),
    replications=300,
)
AGEING = Situation(
    "Scalelite's load, meetings that are counted as 15 while young, unlike accounts",
    scalelite(load=60),
    ((demand(12.0, 1.6, kind(duration=0.5, duration_cv=0.5, size=7.0)), 4),),
    replications=5000,
)
SITUATIONS = (
    UNLIKE,
    STEEP,
    AGEING,
    Situation("accounts all alike", scalelite(rooms=3, users=16), ((demand(2.0, 0.0), 25),), replications=400),
    Situation(
        "many meetings cut at the duration and participant limits",
        scalelite(rooms=3, users=14),
        (
            (
                demand(
                    2.5,
                    0.7,
                    kind(
                        duration=1.2,
                        duration_cv=1.2,
                        duration_limit=1.0,
                        size=6.0,
                        size_dispersion=0.8,
                        participants=7.0,
                    ),
                ),
                20,
            ),
        ),
        replications=400,
    ),
    Situation(
        "two classes, one of them with large meetings that last longer, at night and over the week's end",
        scalelite(rooms=5, users=40, load=50),
        (
            (demand(3.0, 1.0), 15),
            (
                demand(
                    5.0,
                    0.4,
                    kind(share=0.7),
                    kind(
                        share=0.3, duration=1.5, size=14.0, participants=30.0, shape=week({20: 1.0, 23: 1.0}, (1, 3, 6))
                    ),
                ),
                6,
            ),
        ),
        replications=500,
    ),
    Situation(
        "streams and a linear load, two moderators, three cameras on a page",
        linear(streams=60, load=0.30),
        ((demand(3.0, 0.8, kind(moderators=2, pages=Pages(3))), 20),),
        replications=500,
    ),
    Situation(
        "all meetings of one length, about midnight and round the week's end",
        scalelite(rooms=2, users=10),
        ((demand(2.0, 0.8, kind(duration_cv=0.0, duration=0.75, shape=week({23: 1.0, 0: 1.0}, (0, 6)))), 8),),
        replications=400,
    ),
)
