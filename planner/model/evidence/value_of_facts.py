"""What it is worth to know something: how many accounts could come, on average, once it is known.

The regression over the draws, and its source, are those of `once_known`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planner.model.evidence.likelihood import CLUSTERING, Past
from planner.model.evidence.once_known import Terms
from planner.model.evidence.statements import Talk, Window
from planner.model.inputs.capacity import RESOURCES, Floats
from planner.model.inputs.distributions import normal_scores, stream
from planner.model.overload.accounts_over_draws import TINY
from planner.model.overload.columns import cubic
from planner.model.overload.node_resources import Drawn

LEVELS, KNOTS = 16, 5
"""Numbers of users at which the law of the largest is given, and of those at which it is worked out."""
YEAR, HALF = Window(12.0, 0.0), Window(6.0, 0.0)
NOTICED = 0.8
"""Chance that an overload is noticed [-]."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that could be found out."""

    path: str
    """Of an input; or "experience.talk", "experience.most_users", "experience.overloads"."""
    expected_accounts: float
    """That may come once it is known, on average over what it may turn out to be [account]."""
    chance_of_room: float
    """That the accounts on offer may come then [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What would be observed in each draw."""

    values: Mapping[str, Floats]
    """By path, ndarrays of shape (D,): a year's overloads [-], half a year's most users [user], talk [user h/week]."""
    levels: Floats
    """Numbers of users, ndarray of shape (L,) [user]."""
    overloads: Floats
    """Expected in a year, what comes together as one, ndarray of shape (D,) [-]."""
    below: Floats
    """Chance that half a year passes without more users than each of them, ndarray of shape (D, L) [-]."""

    def highest(self, share: float, chance: Floats) -> Floats:
        """Return the most users at once in a share [-] of half a year, given the chance of as many or fewer [-]."""
        below = self.below**share
        return np.array([np.interp(u, its, self.levels) for u, its in zip(chance, below, strict=True)])


def facts(of: Drawn, allows: Floats, observed: Mapping[str, Floats]) -> tuple[Fact, ...]:
    """Return what it is worth to know each input and each thing that could be observed, the most worth first.

    `allows` is about how many accounts the servers allow in each draw [account], `observed` what would be seen in each:
    ndarrays of shape (D,).
    """
    # How likely so many accounts are allowed is a smooth function of what is found out, learned from all draws. (Parts
    # of the draws judged each by itself would find room by chance: the number is never below 0, so chance adds up.)
    goal, offered, found = of.central.objective, of.central.offer.accounts, []
    for path, values in {**of.scores, **observed}.items():
        terms = Terms(normal_scores(values, of.weight)[:, None], of.weight)
        may = terms.numbers(allows, goal.confidence, offered)
        expected, room = (float(np.average(each, weights=of.weight)) for each in (may, may >= offered))
        # where no fact makes room by itself, the one that tells most about it comes first
        told = float(np.cov(terms.chances(allows >= offered, terms.own), aweights=of.weight))
        found.append((Fact(path, expected, room), told))
    return tuple(one for one, _ in sorted(found, key=lambda one: (-round(one[0].expected_accounts, 1), -one[1])))


def observable(past: Past, node: str, seed: int) -> Observed:
    """Return what would be seen on a server in each draw."""
    of = past.of
    rng, found = stream(seed, f"facts.{node}"), {}
    chance = (rng.permutation(of.number) + 0.5) / of.number
    limits = [one for one in RESOURCES if one in past.places[node].central.limits]
    overloads = np.max([past.crossings(node, one, None, YEAR) for one in limits], axis=0) / CLUSTERING
    found["experience.overloads"] = rng.poisson(np.minimum(NOTICED * overloads, 1e6)).astype(np.float64)
    levels = np.geomspace(8.0, 4.0 * max(8.0, past.places[node].central.limits.get("users", 100.0)), LEVELS).round()
    knots = levels[np.linspace(0, len(levels) - 1, KNOTS).round().astype(int)]
    logs = np.log(np.maximum([past.crossings(node, "users", level, HALF) for level in knots], TINY))
    below = np.exp(-np.exp(cubic(np.log(levels), np.log(knots)) @ logs) / CLUSTERING)
    below = np.maximum.accumulate(below, axis=0).T
    found["experience.most_users"] = np.array([np.interp(u, its, levels) for u, its in zip(chance, below, strict=True)])
    found["experience.talk"], _ = past.talk(Talk(1.0, np.array([1.0]), None, HALF))
    return Observed(found, levels, overloads, below)
