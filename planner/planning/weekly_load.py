"""The load of each resource on each node through the week, and the band in which a reading is to be expected."""

from collections.abc import Collection
from dataclasses import replace
from math import floor

from planner.model.inputs.allocation import Site, arrivals, sites
from planner.model.inputs.capacity import NO_LIMIT, RESOURCES, Floats, Inputs, Ints, Node, Resource
from planner.model.limit import Week
from planner.model.overload.measures import mean_by_hour
from planner.model.overload.node_resources import Drawn, some_of
from planner.model.overload.occupancy_law import Law, law
from planner.model.overload.prediction_band import band, distributions
from planner.planning.draws import weighed
from planner.scenario.reader import Scenario

BAND_DRAWS = 30
"""Draws that the band is averaged over; with twice as many the pilot's upper ends move by at most 6 %, or one room."""


def weeks(of: Drawn, wanted: Collection[tuple[str, str]] | None = None) -> tuple[Week, ...]:
    """Return the week of every limited resource on every node, or of those that are wanted."""
    # a reading may be taken today or at the review: the band reaches from today's members to all accounts offered
    central, coming = of.central, arrivals(of.central)
    some = [of.draw(index) for index in range(min(of.number, BAND_DRAWS))]
    # the nodes as they are today and at the review, with every input at its value and in each draw
    pairs = [(sites(inputs, inputs.members.accounts), sites(inputs)) for inputs in (central, *some)]
    found = []
    for node in central.nodes:
        extra = coming.extra(node.name, central.offer.accounts)
        none = (0.0,) * len(extra)
        for resource in limited(node):
            if wanted is not None and (node.name, resource) not in wanted:
                continue
            base = node.idle(resource)
            today, review = ([_law(pair[k][node.name], resource, len(extra)) for pair in pairs] for k in (0, 1))
            low, high, usual = band(today[1:], none, review[1:], extra, [one.day_spread for one in some])
            by_hour = {"mean": mean_by_hour(review[0], extra), "mean_now": mean_by_hour(today[0], none)}
            by_hour |= {"low": low, "high": high, "usual_low": usual[0], "usual_high": usual[1], "bad_day": usual[2]}
            columns = {name: tuple((base + values).tolist()) for name, values in by_hour.items()}
            limit, reserve = node.limits[resource], node.reserve.get(resource, 0.0)
            found.append(Week(node=node.name, resource=resource, limit=limit, reserve=reserve, **columns))
    return tuple(found)


def limited(node: Node) -> tuple[Resource, ...]:
    """Return the resources of which a node has a limit."""
    return tuple(name for name in RESOURCES if node.headroom(name) < NO_LIMIT)


def few_draws_of(scenario: Scenario, draws: int, seed: int) -> Drawn:
    """Return the few of a scenario's draws that a band is averaged over: a brief plan has no weeks."""
    return some_of(weighed(scenario, draws, seed, exactly=True)[0], BAND_DRAWS)


def reading_laws(
    of: Drawn, node: str, resource: Resource, months: float, accounts: int, bins: Ints
) -> list[tuple[float, Floats]]:
    """Return the law of a reading so many months [month] after the start with so many accounts, at bins of the week.

    In an average month: `season` is left out. As steps [the resource's unit] and cumulative shares, less the idle load.
    """
    extra = arrivals(of.central).extra(node, accounts)
    some = [_average_month(of.draw(index)) for index in range(min(of.number, BAND_DRAWS))]
    pairs = [(one, floor(one.members.accounts + one.members.growth * months + 0.5)) for one in (of.central, *some)]
    pairs[0] = (_average_month(of.central), pairs[0][1])
    laws = [_law(sites(one, members)[node], resource, len(extra)) for one, members in pairs]
    return distributions(laws[1:], extra, [one.day_spread for one in some], bins)


def _average_month(inputs: Inputs) -> Inputs:
    """Return inputs in which accounts meet as often as in an average month."""
    demands = {level: replace(one, meetings=one.meetings / one.season) for level, one in inputs.demands.items()}
    return replace(inputs, demands=demands)


def _law(site: Site, resource: Resource, levels: int) -> Law:
    return law(site.node, resource, site.population, site.newcomers[:levels])
