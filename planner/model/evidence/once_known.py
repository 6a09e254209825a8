"""How many accounts may come once something is known: regression over the draws, in place of drawing anew.

The way from here is what may come after so many weeks of readings, by playing them from the draws.

References
----------
Strong, Oakley, Brennan, *Estimating multiparameter partial expected value of perfect information from a probabilistic
sensitivity analysis sample*, Medical Decision Making 34(3), 2014.

Babb, Rogatko, Zacks, *Cancer phase I clinical trials: efficient dose escalation with overdose control*, Statistics in
Medicine 17(10), 1998.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Floats
from planner.model.limit import MOST
from planner.model.overload.node_resources import Drawn

NUMBERS = (0, 1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 57, 80, 113, 160, 226, 320, 640, 1280, MOST)
"""Further accounts of which it is asked how likely the servers allow them; between them go the log odds, straight."""
STEPS, FAR = 15, 4.0
"""Newton steps, and standard deviations beyond which nothing is told apart."""
RIDGE = {True: 0.02, False: 1.0}
"""Penalty on squared coefficients, for a single number and for many, which fit to chance more easily."""
CLOSE = 1e-4
"""Coefficients that move less are found."""
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


class Terms:
    """What is known of each draw, as terms of a regression: to the second degree, of a single number to the third."""

    def __init__(self, known: Floats, weight: Floats) -> None:
        self.weight = weight / weight.mean()
        self.mean: Floats = np.average(known, axis=0, weights=weight)
        self.deviation: Floats = np.sqrt(np.average((known - self.mean) ** 2, axis=0, weights=weight)) + 1e-9
        self.own = self.of(known)
        self.ridge = RIDGE[known.shape[1] == 1]

    def of(self, known: Floats) -> Floats:
        """Return the terms of what is known, ndarray of shape (D, F), in any draws."""
        x = np.clip((known - self.mean) / self.deviation, -FAR, FAR)
        left, right = np.triu_indices(x.shape[1])
        more = [x**3] if x.shape[1] == 1 else []
        return np.column_stack([np.ones(len(x)), x, x[:, left] * x[:, right], *more])

    def chances(self, holds: npt.NDArray[np.bool_], terms: Floats) -> Floats:
        """Return P(holds | what is known) by logistic regression on the own draws, at these terms [-]."""
        return _logistic(terms @ self._learned(holds, np.zeros(terms.shape[1])))

    def _learned(self, holds: npt.NDArray[np.bool_], near: Floats) -> Floats:
        """Return the coefficients of the regression, looked for from those of a like question."""
        y, penalty = holds.astype(np.float64), self.ridge * np.eye(len(near))
        penalty[0, 0] = 1e-3
        # from far off the steps may lead away: from nothing they are known not to
        for theta in (near, np.zeros(len(near))):
            for _ in range(STEPS):
                p = _logistic(self.own @ theta)
                slope = (self.own * (self.weight * np.maximum(p * (1.0 - p), 1e-9))[:, None]).T @ self.own + penalty
                step = np.linalg.solve(slope, self.own.T @ (self.weight * (y - p)) - penalty @ theta)
                theta = theta + step  # noqa: PLW2901  # one step on
                if np.abs(step).max() < CLOSE:
                    return theta
        return theta

    def numbers(self, allows: Floats, confidence: float, offered: int) -> Floats:
        """Return how many accounts [account] may come at the confidence [-] in each draw, given what is known there."""
        asked = [n for n in sorted({offered, *NUMBERS}) if n == 0 or (allows >= n).any()]
        theta, each = np.zeros(self.own.shape[1]), []
        for n in asked:
            # what so many accounts depend on is close to what a few more do
            theta = self._learned(allows >= n, theta)
            each.append(_logistic(self.own @ theta))
        likely = np.minimum.accumulate(each, axis=0)
        # 1e-9: what is known for certain is known at any confidence
        sure, draws = likely >= confidence - 1e-9, np.arange(likely.shape[1])
        last = np.maximum(sure.sum(axis=0) - 1, 0)
        after = np.minimum(last + 1, len(asked) - 1)
        here, beyond, wanted = (_log_odds(one) for one in (likely[last, draws], likely[after, draws], confidence))
        part = np.clip((here - wanted) / np.maximum(here - beyond, 1e-9), 0.0, 1.0)
        knots = np.array(asked, dtype=np.float64)
        found = np.floor(knots[last] + part * (knots[after] - knots[last]) + 1e-9)
        return np.asarray(np.where(sure[0], found, 0.0))


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


def _logistic(z: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0))))


def _log_odds(p: Floats | float) -> Floats:
    inside = np.clip(p, 1e-9, 1.0 - 1e-9)
    return np.asarray(np.log(inside / (1.0 - inside)))
