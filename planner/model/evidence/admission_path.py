"""The way from here: what may come after so many weeks of readings, by playing the truth from the draws.

References
----------
Babb, Rogatko, Zacks, *Cancer phase I clinical trials: efficient dose escalation with overdose control*, Statistics in
Medicine 17(10), 1998.
"""

from dataclasses import dataclass

import numpy as np

from planner.model.evidence.value_of_facts import HALF, Observed
from planner.model.inputs.capacity import WEEKS_PER_MONTH, Floats
from planner.model.inputs.distributions import stream
from planner.model.overload.accounts_over_draws import weighted_quantile
from planner.model.overload.node_resources import Drawn

LOOKS = (8, 13, 26, 52)
"""Weeks of readings after which it is decided again [week]."""
TRUTHS = 400
"""Draws that are played as the truth."""
SPREAD = 0.05
"""How much the hours of talk in so many weeks of readings differ beside the chance of meetings [-]."""


@dataclass(frozen=True, slots=True)
class Look:
    """What may come after so many weeks of readings."""

    weeks: int
    """[week]"""
    expected_accounts: float
    """On average over the truth [account]."""
    chance_of_room: float
    """That the accounts on offer may come [-]."""


def admission_path(of: Drawn, allows: Floats, observed: Observed, seed: int) -> tuple[Look, ...]:
    """Return what may come at each look.

    Parameters
    ----------
    of : Drawn
        The draws.
    allows : ndarray of shape (D,)
        About how many accounts the servers allow in each draw [account].
    observed : Observed
        What the readings would show on the server that is full first: the hours of talk, and the most users at once.

    Notes
    -----
    At look k as many may come as are too many with probability at most alpha_k given what was read, the sum of all
    alpha_k being 1 - confidence: by the union bound no look breaks the promise of all.
    """
    goal, rng = of.central.objective, stream(seed, "path")
    share = np.cumsum(of.weight) / of.weight.sum()
    truths = np.searchsorted(share, (np.arange(TRUTHS) + rng.random()) / TRUTHS).clip(max=of.number - 1)
    hours, found = np.log(np.maximum(observed.values["experience.talk"], 1e-9)), []
    sure = 1.0 - (1.0 - goal.confidence) / len(LOOKS)
    for weeks in LOOKS:
        deviation = np.sqrt(SPREAD**2 + observed.noise / weeks)
        read = hours[truths] + deviation[truths] * rng.standard_normal(TRUTHS)
        below = observed.below ** (weeks / ((HALF.began - HALF.ended) * WEEKS_PER_MONTH))
        # the most users lie between two of the levels, in so many cases in each draw
        between = np.diff(below, axis=1, prepend=0.0, append=1.0)
        most = (rng.random((TRUTHS, 1)) > below[truths]).sum(axis=1)
        numbers = []
        for one, cell in zip(read, most, strict=True):
            weight = of.weight * between[:, cell] * np.exp(-0.5 * ((hours - one) / deviation) ** 2) / deviation
            numbers.append(max(0.0, np.floor(-weighted_quantile(-allows, weight, sure))))
        room = np.array(numbers) >= of.central.offer.accounts
        found.append(Look(weeks, float(np.mean(numbers)), float(room.mean())))
    return tuple(found)
