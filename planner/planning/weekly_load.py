"""The load of each resource on each node through the week, and the band in which a reading is to be expected."""

from planner.model.inputs.allocation import Site, arrivals, sites
from planner.model.inputs.capacity import NO_LIMIT, RESOURCES, Resource
from planner.model.limit import Week
from planner.model.overload.measures import mean_by_hour
from planner.model.overload.node_resources import Drawn
from planner.model.overload.occupancy_law import Law, law
from planner.model.overload.prediction_band import band

BAND_DRAWS = 30
"""Draws that the band is averaged over; with twice as many the pilot's upper ends move by at most 6 %, or one room."""


def weeks(of: Drawn) -> tuple[Week, ...]:
    """Return the week of every limited resource on every node."""
    # a reading may be taken today or at the review: the band reaches from today's members to all accounts offered
    central, coming = of.central, arrivals(of.central)
    some = [of.draw(index) for index in range(min(of.number, BAND_DRAWS))]
    # the nodes as they are today and at the review, with every input at its value and in each draw
    pairs = [(sites(inputs, inputs.members.accounts), sites(inputs)) for inputs in (central, *some)]
    found = []
    for node in central.nodes:
        extra = coming.extra(node.name, central.offer.accounts) if coming.reach(node.name) else ()
        none = (0.0,) * len(extra)
        for resource in (name for name in RESOURCES if node.headroom(name) < NO_LIMIT):
            base = node.idle(resource)
            today, review = ([_law(pair[k][node.name], resource, len(extra)) for pair in pairs] for k in (0, 1))
            low, high, usual = band(today[1:], none, review[1:], extra, [one.day_spread for one in some])
            found.append(
                Week(
                    node=node.name,
                    resource=resource,
                    limit=node.limits[resource],
                    reserve=node.reserve.get(resource, 0.0),
                    mean=tuple((base + mean_by_hour(review[0], extra)).tolist()),
                    mean_now=tuple((base + mean_by_hour(today[0], none)).tolist()),
                    low=tuple((base + low).tolist()),
                    high=tuple((base + high).tolist()),
                    usual_low=tuple((base + usual[0]).tolist()),
                    usual_high=tuple((base + usual[1]).tolist()),
                    bad_day=tuple((base + usual[2]).tolist()),
                )
            )
    return tuple(found)


def _law(site: Site, resource: Resource, levels: int) -> Law:
    return law(site.node, resource, site.population, site.newcomers[:levels])
