"""What any mix of accounts adds to the risk, from how many of each level alone every draw allows.

References
----------
Kelly, *Notes on effective bandwidths*, in Stochastic Networks: Theory and Applications, Oxford 1996.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.model.inputs.allocation import arrivals
from planner.model.inputs.capacity import Floats, Inputs, Ints, Objective
from planner.model.overload.accounts_over_draws import crossings, excess
from planner.model.overload.node_draws import NodeDraws
from planner.model.overload.node_resources import Drawn, node_resources, only
from planner.model.overload.risks import risks, sizes

KNOTS = (0.0, 4.0, 25.0, 100.0)
"""Each limit is evaluated with so much load of one level, in accounts of the lightest one [account]."""
PROBE = 1000
"""So many accounts tell how a mix is shared among levels and nodes [account]."""
ERROR = 0.01
"""So much may a share be off beside its standard error [-]; tests/planning/test_frontier.py holds it to that."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Which accounts fit in which draw: those for which no limit of any node is passed."""

    levels: tuple[str, ...]
    allows: Mapping[str, Floats]
    """By node about how many of each level alone every limit allows, shape (limits, levels, D) [account]."""
    weight: Floats
    """The share of all draws that each stands for, ndarray of shape (D,) [-]."""

    def filled(self, coming: Mapping[str, Sequence[float]]) -> Floats:
        """Return how much of the fullest limit accounts [account], by node and level, take, shape (D,) [-]."""
        # n1 / a1 + n2 / a2 + ... <= 1: Kelly's acceptance region, straight between what each level alone allows
        most = np.zeros(len(self.weight))
        for node, allows in self.allows.items():
            taken = (np.array(coming[node])[:, None] / np.maximum(allows, 1e-9)).sum(axis=1)
            most = np.maximum(most, taken.max(axis=0))
        return most

    def added(self, coming: Mapping[str, Sequence[float]]) -> float:
        """Return the share of all draws in which accounts [account], by node and level, break a limit [-]."""
        return float(self.weight @ (self.filled(coming) > 1.0 + 1e-9))


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Some of the draws in which no limit is broken without further accounts, and what all draws say."""

    draws: Drawn
    """Their weight is the share of all draws that each stands for [-]."""
    allows: Floats
    """About how many accounts of the offer's own mix each allows, ndarray of shape (D,) [account]."""
    added: Mapping[int, float]
    """By number of accounts of the own mix [account], the share of all draws in which they break a limit [-]."""
    copes: float
    """Share of all draws in which no limit is broken without further accounts [-]."""
    effective: float
    """Draws of equal weight that all draws are worth [-]."""


def sample(of: Drawn, allows: Floats, numbers: Iterable[int], draws: int) -> Sample:
    """Return so many of the draws, and in what share of all of them some numbers of accounts break a limit."""
    rows, stands_for = chosen(allows, of.weight, draws)
    weight = of.weight / of.weight.sum()
    copes = allows >= 0.0
    return Sample(
        draws=replace(only(of, rows), weight=stands_for),
        allows=allows[rows],
        added={n: float(weight @ (copes & (allows < n))) for n in numbers},
        copes=float(weight @ copes),
        effective=float(1.0 / (weight**2).sum()),
    )


def region(of: Sample, levels: Sequence[str]) -> Region:
    """Return the region of some levels."""
    central = of.draws.central
    mixed = replace(central, offer=replace(central.offer, mix=dict.fromkeys(levels, 1.0 / len(levels))))
    found: dict[str, list[Floats]] = {}
    if of.draws.number:
        for bench in node_resources(replace(of.draws, central=mixed)):
            if bench.reached:
                each = of_each_level(bench.drawn.draws, len(levels), central.objective)
                found.setdefault(bench.node.name, []).append(each)
    made = Region(tuple(levels), {node: np.array(each) for node, each in found.items()}, of.draws.weight)
    # of the offer's own mix the number that each draw allows is known more exactly: what that is off by, all levels are
    filled = made.filled(coming(central, central.offer.mix, levels, PROBE)) / PROBE
    right = np.maximum(of.allows * filled, 1e-9)
    return replace(made, allows={node: each * right for node, each in made.allows.items()})


def coming(central: Inputs, mix: Mapping[str, float], levels: Sequence[str], accounts: int) -> dict[str, list[int]]:
    """Return how many of so many accounts [account] of a mix come to each node, one number for each level."""
    there = arrivals(replace(central, offer=replace(central.offer, mix=mix)))
    found = {}
    for node in there.places:
        counts = dict(zip(there.levels, there.extra(node, accounts), strict=True))
        found[node] = [counts.get(level, 0) for level in levels]
    return found


def of_each_level(of: NodeDraws, levels: int, goal: Objective) -> Floats:
    """Return about how many accounts of each level alone a limit allows, ndarray of shape (levels, D) [account]."""
    alone = np.eye(levels)
    nobody = 0.0 * alone[0]
    loads = [float(np.median(of.compound.mean(of.extra(one)).max(axis=1))) for one in (nobody, *alone)]
    brings = np.maximum(np.array(loads[1:]) - loads[0], 1e-12)
    numbers = np.outer(brings.min() / brings, KNOTS)
    coming = [nobody, *(n * one for one, its in zip(alone, numbers, strict=True) for n in its[1:])]
    # all levels in one go: what busy days are to all days is worked out at a few loads, whosever they are
    order = np.argsort(sizes(of, coming), kind="stable")
    found = risks(of, [coming[k] for k in order])
    back = np.argsort(order)
    above = excess({name: values[:, back] for name, values in found.items()}, goal).T
    last = len(KNOTS) - 1
    parts = [[0, *range(1 + last * k, 1 + last * (k + 1))] for k in range(levels)]
    return np.array([crossings(above[part], its) for part, its in zip(parts, numbers, strict=True)])


def chosen(allows: Floats, weight: Floats, number: int) -> tuple[Ints, Floats]:
    """Return which draws stand for those that allow 0 or more accounts, and the share of all that each is."""
    # the first account breaks few of them, so those that allow few are taken closer together
    order = np.argsort(allows, kind="stable")
    order = order[(allows[order] >= 0.0) & (weight[order] > 0.0)]
    if not len(order):
        return np.empty(0, dtype=np.int64), np.empty(0)
    share = np.cumsum(weight[order]) / weight.sum()
    ends = share[-1] * (np.arange(number + 1) / number) ** 2
    middles = 0.5 * (ends[1:] + ends[:-1])
    return order[np.searchsorted(share, middles).clip(max=len(order) - 1)], np.diff(ends)


def dominated(offers: Iterable[tuple[float, float]]) -> tuple[bool, ...]:
    """Return of each (gain, risk) whether another gains no less at no more risk, and is better in one of the two."""
    rows = list(offers)
    return tuple(any(gain >= own[0] and risk <= own[1] and (gain, risk) != own for gain, risk in rows) for own in rows)
