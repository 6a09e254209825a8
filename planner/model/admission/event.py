"""One large meeting beside all others: does it fit at its hour?"""

from dataclasses import dataclass, replace

import numpy as np

from planner.model.inputs.capacity import BINS_PER_WEEK, NO_LIMIT, RESOURCES, Floats, Inputs, Node, Resource
from planner.model.overload.busy_days import days_of
from planner.model.overload.columns import Columns
from planner.model.overload.contour_sum import tails
from planner.model.overload.node_draws import LEAST, TOLERANCE, Place, WeekColumns, node_draws, places
from planner.model.overload.node_resources import Drawn
from planner.model.overload.occupancy_law import Ints
from planner.model.workload.marks import lattice, marks


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a meeting fits on a node."""

    node: str
    fits: float
    """In so much of all cases every limit of the node holds all through the meeting's busiest instant [-]."""
    tightest: Resource | None
    """The limit that is passed most often; None = the node has none."""
    needs: float
    """Of it, by the meeting [the resource's unit]."""
    beside: float
    """Of it, by all others at the busiest instant, on average [the resource's unit]."""
    usable: float
    """Of it, in all, every input at its value [the resource's unit]."""
    when: int
    """The 5-minute bin of the week of the busiest instant [-]."""


def fit(of: Drawn, node: str, users: float, bins: Ints, month: int) -> Fit:
    """Return whether a meeting fits on a node beside all others.

    Units: users [user]; month [month].
    """
    there = places(of.central, of.inputs, of.number, of.streams, month)
    place = next(one for one in there if one.central.name == node)
    over = np.zeros(of.number)
    found = Fit(node, 1.0, None, 0.0, 0.0, 0.0, int(bins[0]))
    largest = -1.0
    for resource in RESOURCES:
        if place.central.headroom(resource) == NO_LIMIT:
            continue
        needs = held(of.central, place.central, resource, users)
        passed, mean = _over(of, place, resource, needs, bins)
        worst = passed.max(axis=0)
        over = np.maximum(over, worst)
        share = float(worst @ of.weight / of.weight.sum())
        if share > largest:
            largest, at = share, int(np.average(mean, axis=1, weights=of.weight).argmax())
            beside = float(np.average(mean[at], weights=of.weight))
            found = Fit(node, 0.0, resource, needs, beside, place.central.headroom(resource), int(bins[at]))
    return replace(found, fits=1.0 - float(over @ of.weight / of.weight.sum()))


def held(inputs: Inputs, node: Node, resource: Resource, users: float) -> float:
    """Return what a meeting of so many users holds of a resource on average, its cameras as in everybody's meetings.

    Units: users [user]; returns [the resource's unit].
    """
    kind = next(iter(inputs.demands.values())).kinds[0]
    alike = replace(kind, size=max(2.0, users), size_dispersion=NO_LIMIT, participants=NO_LIMIT)
    return max(mark.mean for mark in marks(alike, resource, node)) if resource != "users" else users


def _over(of: Drawn, place: Place, resource: Resource, needs: float, bins: Ints) -> tuple[Floats, Floats]:
    """Return P(the others leave too little) and the others' mean, at each instant in each draw: shape (T, D)."""
    shape = np.zeros((BINS_PER_WEEK, len(bins)))
    shape[bins, np.arange(len(bins))] = 1.0
    columns = Columns(shape, np.zeros_like(shape), np.zeros(len(bins)))
    taken = [
        replace(one, reserve={**one.reserve, resource: one.reserve.get(resource, 0.0) + needs})
        for one in (place.central, place.node)
    ]
    levels = list(place.summed)
    (bench,) = node_draws(
        resource,
        [replace(place, central=taken[0], node=taken[1])],
        WeekColumns(columns, of.inputs.demands, of.number, days_of(of.inputs.day_spread, of.number)),
        levels,
        {place.central.name: ()},
    )
    nobody = np.zeros((1, len(levels)))
    factors, weights = (None, np.ones((of.number, 1))) if bench.days is None else bench.days
    over = np.zeros((of.number, 1, len(bins)))
    for k in range(weights.shape[1]):
        here = bench.compound if factors is None else bench.compound.busier(factors[:, k])
        over += weights[:, k, None, None] * tails(here, nobody, TOLERANCE, LEAST)[0]
    mean = bench.compound.mean(nobody[0]).T * lattice(resource, place.central)
    return over[:, 0].T, place.central.idle(resource) + mean
