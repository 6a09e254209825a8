"""The way from here: what may come after so many weeks of readings, by playing them from the draws.

References
----------
Babb, Rogatko, Zacks, *Cancer phase I clinical trials: efficient dose escalation with overdose control*, Statistics in
Medicine 17(10), 1998.

Strong, Oakley, Brennan, *Estimating multiparameter partial expected value of perfect information from a probabilistic
sensitivity analysis sample*, Medical Decision Making 34(3), 2014.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.model.inputs.capacity import Floats
from planner.model.overload.node_resources import Drawn

LOOKS = (8, 13, 26, 52)
"""Weeks of readings after which it is decided again [week]."""
NUMBERS = (1, 2, 5, 10, 20, 40, 80, 160, 320)
"""Further accounts of which it is judged whether they may come, beside those on offer [account]."""
STEPS, RIDGE, FAR = 12, 1.0, 4.0
"""Newton steps, the penalty on squared coefficients, and standard deviations beyond which nothing is told apart."""


@dataclass(frozen=True, slots=True)
class Look:
    """What may come after so many weeks of readings."""

    weeks: int
    """[week]"""
    expected_accounts: float
    """On average over the truth, if nobody came before [account]."""
    chance_of_room: float
    """That the accounts on offer may come [-]."""


def admission_path(of: Drawn, allows: Floats, read: Floats, looks: Sequence[int] = LOOKS) -> tuple[Look, ...]:
    """Return what may come at each look.

    Parameters
    ----------
    of : Drawn
        The draws.
    allows : ndarray of shape (D,)
        About how many accounts the servers allow in each draw [account].
    read : ndarray of shape (looks, D, F)
        What is read up to each look if a draw is the truth.
    looks : sequence of int
        When they are [week].

    Notes
    -----
    At each look as many may come as are too many with probability at most 1 - confidence given what was read. Accounts
    that come together, at the first look that has room for them, keep the promise over all looks: whenever that is,
    the probability was no larger. Only what comes in parts would have to share the probability between the looks.
    """
    goal, offered, found = of.central.objective, of.central.offer.accounts, []
    numbers = np.array(sorted({offered, *NUMBERS} - {0}))
    for weeks, seen in zip(looks, read, strict=True):
        terms = Terms(seen, of.weight)
        likely = [terms.chances(allows >= n, of.weight, seen) for n in numbers]
        sure = np.minimum.accumulate(likely, axis=0) >= goal.confidence
        count = sure.sum(axis=0)
        may = np.concatenate([[0], numbers])[count]
        room = may >= offered
        found.append(Look(weeks, float(np.average(may, weights=of.weight)), float(np.average(room, weights=of.weight))))
    return tuple(found)


class Terms:
    """Terms up to the second degree of what was read, each in its standard deviations."""

    def __init__(self, read: Floats, weight: Floats) -> None:
        self.mean: Floats = np.average(read, axis=0, weights=weight)
        self.deviation: Floats = np.sqrt(np.average((read - self.mean) ** 2, axis=0, weights=weight)) + 1e-9
        self.own = self.of(read)

    def of(self, read: Floats) -> Floats:
        """Return the terms, ndarray of shape (D, terms) [-]."""
        x = np.clip((read - self.mean) / self.deviation, -FAR, FAR)
        left, right = np.triu_indices(x.shape[1])
        return np.column_stack([np.ones(len(x)), x, x[:, left] * x[:, right]])

    def chances(self, holds: Floats, weight: Floats, read: Floats) -> Floats:
        """Return P(holds | read) by logistic regression on these draws, ndarray of shape (D,) [-]."""
        x, y, w = self.own, holds.astype(np.float64), weight / weight.mean()
        theta, penalty = np.zeros(x.shape[1]), RIDGE * np.eye(x.shape[1])
        penalty[0, 0] = 1e-3
        for _ in range(STEPS):
            p = _logistic(x @ theta)
            slope = (x * (w * np.maximum(p * (1.0 - p), 1e-9))[:, None]).T @ x + penalty
            theta += np.linalg.solve(slope, x.T @ (w * (y - p)) - penalty @ theta)
        return _logistic(self.of(read) @ theta)


def _logistic(z: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0))))
