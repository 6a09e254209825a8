"""The load of each resource on each node through the week, and the band in which a reading is to be expected."""

from collections.abc import Callable

from planner.model.inputs.allocation import arrivals, sites
from planner.model.inputs.capacity import NO_LIMIT, RESOURCES, Inputs
from planner.model.limit import Week
from planner.model.overload.measures import mean_by_hour
from planner.model.overload.occupancy_law import law
from planner.model.overload.prediction_band import band

BAND_DRAWS = 30
"""Draws that the band is averaged over; with twice as many the pilot's upper ends move by at most 6 %, or one room."""


def weeks(central: Inputs, draw: Callable[[int], Inputs], n_draws: int) -> tuple[Week, ...]:
    """Return the week of every limited resource on every node.

    Notes
    -----
    A reading may be taken today, with the members as they were counted, or at the review, with their growth and all
    accounts offered: the band reaches from the one to the other.
    """
    coming = arrivals(central)
    offered = central.offer.accounts
    some = [draw(index) for index in range(min(n_draws, BAND_DRAWS))]
    today, review = sites(central, central.members.accounts), sites(central)
    drawn = [(sites(one, one.members.accounts), sites(one)) for one in some]
    found = []
    for node in central.nodes:
        extra = coming.extra(node.name, offered) if coming.reach(node.name) else ()
        for resource in (name for name in RESOURCES if node.headroom(name) < NO_LIMIT):
            base = node.idle(resource)
            laws = [
                [
                    law(at.node, resource, at.population, at.newcomers[: len(extra)])
                    for at in (pair[k][node.name] for pair in drawn)
                ]
                for k in (0, 1)
            ]
            none = (0.0,) * len(extra)
            low, _ = band(laws[0], none, none)
            _, high = band(laws[1], none, extra)
            now, then = (
                law(at.node, resource, at.population, at.newcomers[: len(extra)])
                for at in (today[node.name], review[node.name])
            )
            found.append(
                Week(
                    node=node.name,
                    resource=resource,
                    limit=node.limits[resource],
                    reserve=node.reserve.get(resource, 0.0),
                    mean=tuple((base + mean_by_hour(then, extra)).tolist()),
                    mean_now=tuple((base + mean_by_hour(now, none)).tolist()),
                    low=tuple((base + low).tolist()),
                    high=tuple((base + high).tolist()),
                )
            )
    return tuple(found)
