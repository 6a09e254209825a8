"""Plain compound laws, for which textbooks and other programs know the answer."""

import math

import numpy as np
from situations import demand, kind

from planner.model.inputs.capacity import Demand
from planner.model.overload.occupancy_law import Compound, mean_of
from planner.model.workload.arrivals import mean_holding_time

NOBODY = np.zeros((1, 1))
"""No further accounts of the one group."""
EVEN = np.ones(2016)
"""A constant arrival rate."""
SEVEN = {"size": 1000.0, "size_dispersion": math.inf, "participants": 7.0}
"""Meetings of exactly seven users: nearly all want to be far larger."""


def compound(
    limit: float, loads: list[float], mark: list[float], kappa: float = math.inf, known: float = 1.0, fresh: float = 0.0
) -> Compound:
    """Return a law of one group and one band at some instants, one arrival an hour."""
    load = np.array(loads)[None, None]
    return Compound(
        limit=np.array([limit]),
        owner=np.array([0]),
        marks=np.array([[mark]]),
        mean_marks=mean_of(np.array([[mark]])),
        kappa=np.array([[kappa]]),
        summed=np.array([[known]]),
        counts=np.array([[fresh]]),
        load=load,
        rate=np.ones_like(load),
    )


def steady(meetings: float, spread: float, **changes: object) -> Demand:
    """Return accounts that meet at any time alike, for which the textbook knows the answer."""
    return demand(meetings, spread, kind(**{"shape": EVEN, **changes}))


def erlangs(of: Demand) -> float:
    """Return the mean number of meetings in progress of one account."""
    return of.meetings / 168 * mean_holding_time(of.kinds[0])
