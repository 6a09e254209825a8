"""The way from here: what may come after so many weeks of readings, by playing them from the draws.

References
----------
Babb, Rogatko, Zacks, *Cancer phase I clinical trials: efficient dose escalation with overdose control*, Statistics in
Medicine 17(10), 1998.
"""

from dataclasses import dataclass

import numpy as np

from planner.model.evidence.once_known import Terms
from planner.model.inputs.capacity import Floats
from planner.model.overload.node_resources import Drawn

LOOKS = (8, 13, 26, 52)
"""Weeks of readings after which it is decided again [week]."""


@dataclass(frozen=True, slots=True)
class Look:
    """What may come after so many weeks of readings."""

    weeks: int
    """[week]"""
    expected_accounts: float
    """On average over the truth, if nobody came before [account]."""
    chance_of_room: float
    """That the accounts on offer may come [-]."""


def admission_path(of: Drawn, allows: Floats, read: Floats) -> tuple[Look, ...]:
    """Return what may come at each look.

    `allows`, ndarray of shape (D,), is about how many accounts the servers allow in each draw [account]; `read`, of
    shape (looks, D, F), what is read up to each of LOOKS if a draw is the truth.
    """
    # At each look as many may come as are too many with probability at most 1 - confidence given what was read.
    # Accounts that come together, at the first look that has room for them, keep the promise over all looks: whenever
    # that is, the probability was no larger. Only what comes in parts would have to share it between the looks.
    goal, offered, found = of.central.objective, of.central.offer.accounts, []
    for weeks, seen in zip(LOOKS, read, strict=True):
        may = Terms(seen, of.weight).numbers(allows, goal.confidence, offered)
        room = may >= offered
        found.append(Look(weeks, float(np.average(may, weights=of.weight)), float(np.average(room, weights=of.weight))))
    return tuple(found)
