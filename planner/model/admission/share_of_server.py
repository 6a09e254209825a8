"""How much of a server one account of each level takes: its effective bandwidth where the server is fullest.

References
----------
Kelly, *Notes on effective bandwidths*, in Stochastic Networks: Theory and Applications, Oxford 1996.
"""

from dataclasses import dataclass, replace

import numpy as np

from planner.model.inputs.allocation import sites
from planner.model.inputs.capacity import NO_LIMIT, Floats, Inputs, Resource
from planner.model.overload.measures import loads
from planner.model.overload.node_resources import NodeResource
from planner.model.overload.occupancy_law import Law, law

HALVINGS = 80
"""Steps of the search for the saddlepoint."""
EDGE = 0.999
"""So much of the way to where a class's generating function ends is looked at [-]."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one account of a level takes of a server in the hour in which it is fullest."""

    level: str
    node: str
    resource: Resource
    amount: float
    """[the resource's unit]"""
    share: float
    """Of what may be filled [-]."""
    off_peak: float
    """The same if all its meetings were in the evening [-]."""


def shares_of_server(bench: NodeResource, central: Inputs, accounts: int, evening: Floats) -> tuple[Share, ...]:
    """Return what one account of each level takes of a resource; nothing where it has no limit that can be filled.

    Units: accounts [account]; evening [-].

    Notes
    -----
    With K_c(s) = log E[e^(sX)] of one account of class c at that instant it counts alpha_c = K_c(s)/s, where s is the
    saddlepoint at the limit with so many further accounts: n of them fit while n alpha_c is what the others leave.
    """
    here, levels = bench.law, list(central.demands.values())
    if not 0 <= here.limit < NO_LIMIT:
        return ()
    late = [replace(one, kinds=tuple(replace(kind, shape=evening) for kind in one.kinds)) for one in levels]
    there = here.summed + here.counts + here.extra(bench.extra(accounts))
    mean = there[here.owner] * [band.mean for band in here.bands]
    when = int((mean @ loads(here, 0.0)).argmax())
    s = saddlepoint(here, there, when)
    of_each = law(bench.node, bench.resource, sites(central)[bench.node.name].population, [*levels, *late])
    alpha = _log_moments(of_each, when, s)[0] / s * of_each.step
    room = bench.node.headroom(bench.resource)
    found = []
    for k, level in enumerate(levels):
        usual, off_peak = (float(alpha[of_each.newcomers[at]]) for at in (k, k + len(levels)))
        found.append(Share(level.level, bench.node.name, bench.resource, usual, usual / room, off_peak / room))
    return tuple(found)


def saddlepoint(of: Law, accounts: Floats, when: int) -> float:
    """Return s at which the mean tilted by e^(sX) of so many accounts [account] lies just above the limit, at a bin."""
    low, high = 1e-9, 1.0
    while _log_moments(of, when, high)[1] @ accounts < of.limit + 1.0 and high < 50.0:
        high *= 2.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _log_moments(of, when, middle)[1] @ accounts < of.limit + 1.0 else (low, middle)
    return low


def _log_moments(of: Law, when: int, s: float) -> tuple[Floats, Floats]:
    """Return log E[e^(sX)] of one account of each group and its derivative, inf where there is none."""
    steps, load = np.arange(of.marks.shape[1], dtype=np.float64), loads(of, 0.0)[:, when]
    tilted = of.marks * np.exp(np.minimum(s * steps, 600.0))
    inner, slope = np.zeros((2, len(of.kappa)))
    np.add.at(inner, of.owner, load * (tilted.sum(axis=1) - of.marks.sum(axis=1)))
    np.add.at(slope, of.owner, load * (tilted @ steps))
    alike = np.isinf(of.kappa)
    kappa = np.where(alike, 1.0, of.kappa)
    inside = alike | (inner < EDGE * kappa)
    bracket = np.where(alike, 1.0, 1.0 - np.minimum(inner / kappa, EDGE))
    moment = np.where(alike, inner, -kappa * np.log(bracket))
    return np.where(inside, moment, np.inf), np.where(inside, slope / bracket, np.inf)
