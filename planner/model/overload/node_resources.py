"""One resource of one node, ready to be asked about any number of further accounts over all draws."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial
from typing import TypeVar, cast

import numpy as np

from planner.model.inputs.allocation import arrivals, as_one_node, nodes_up
from planner.model.inputs.capacity import RESOURCES, Floats, Inputs, Ints, Node, Resource
from planner.model.overload.accounts_over_draws import Known
from planner.model.overload.busy_days import BUSY, days_of
from planner.model.overload.measures import Measures, measures_of_each, over_days
from planner.model.overload.members import Streams
from planner.model.overload.node_draws import Place, WeekColumns, node_draws, places, week_columns
from planner.model.overload.occupancy_law import Law, law
from planner.model.overload.risks import RATIOS

Record = TypeVar("Record")
APART = {"shape", "networks", "spending", "labour", "cash"}
"""Fields that are left alone: a week's shape is an ndarray of its own, and the credit side has its own draws."""
Extra = Callable[[int], Sequence[int]]
"""From a number of further accounts over all nodes to those of each level on offer that come to a node; () if none."""


def taken(inputs: Record, rows: Ints | int) -> Record:
    """Return some of the draws, or one of them, from a record whose numbers are ndarrays where draws differ."""
    if isinstance(inputs, np.ndarray):
        return cast(Record, inputs[rows])
    if is_dataclass(inputs) and not isinstance(inputs, type):
        names = [one.name for one in fields(inputs) if one.name not in APART]
        return cast(Record, replace(inputs, **{name: taken(getattr(inputs, name), rows) for name in names}))
    if isinstance(inputs, Mapping):
        return cast(Record, {key: taken(part, rows) for key, part in inputs.items()})
    if isinstance(inputs, tuple):
        return cast(Record, tuple(taken(part, rows) for part in inputs))
    return inputs


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """All draws of the inputs."""

    central: Inputs
    """Every input at its value."""
    inputs: Inputs
    """The same with ndarrays of shape (number,) where draws differ."""
    number: int
    """Of draws [-]."""
    streams: Streams | None
    """Of the members' multipliers; None = they are averaged over, as the simulation does."""
    weight: Floats
    """Of the draws, ndarray of shape (number,) [-]."""
    scores: Mapping[str, Floats] = field(default_factory=dict)
    """By path the drawn values of uncertain inputs, ndarrays of shape (number,) [its base unit]."""
    instead: Mapping[str, Floats] = field(default_factory=dict)
    """Other weights under which the servers' number is wanted too, by name [-]."""

    def draw(self, index: int) -> Inputs:
        """Return one draw of what the servers depend on."""
        return taken(self.inputs, index)


@dataclass(frozen=True, slots=True, eq=False)
class NodeResource:
    """One resource of one node, ready to be asked about any number of further accounts."""

    node: Node
    """With every input at its value."""
    resource: Resource
    extra: Extra
    reached: bool
    """Whether any of the accounts on offer come to the node."""
    law: Law
    """With every input at its value."""
    at_value: Known
    """The same on columns: one draw."""
    drawn: Known
    _exact: dict[int, Measures] = field(default_factory=dict)

    def exact(self, accounts: Sequence[int]) -> list[Measures]:
        """Return the measures with every input at its value, every instant by itself."""
        fresh = [n for n in dict.fromkeys(accounts) if n not in self._exact]
        if fresh:
            coming = [self.extra(n) for n in fresh]
            if self.at_value.draws.days is None:
                found = list(measures_of_each(self.law, coming))
            else:
                # five factors by themselves would take five times as long, and what they add hardly depends on columns
                busy = measures_of_each(self.law.busier(float(self.at_value.draws.days[0, 0, BUSY])), coming)
                times = self.at_value.day_ratios(fresh)
                found = [
                    over_days(one, {name: float(np.exp(times[name][0, k])) for name in RATIOS})
                    for k, one in enumerate(busy)
                ]
            self._exact.update(zip(fresh, found, strict=True))
        return [self._exact[n] for n in accounts]


def node_resources(
    of: Drawn, names: Collection[str] | None = None, resources: Sequence[Resource] = RESOURCES, month: int | None = None
) -> list[NodeResource]:
    """Return every limit of every node, nodes in the scenario's order."""
    central = of.central
    both = [
        places(central, inputs, number, of.streams, month) for inputs, number in ((central, 1), (of.inputs, of.number))
    ]
    chosen = [k for k, node in enumerate(central.nodes) if names is None or node.name in names]
    up = {resource: nodes_up(central, resource) for resource in resources}
    found = _node_resources(of, [[part[k] for k in chosen] for part in both], resources, up)
    order = {node.name: k for k, node in enumerate(central.nodes)}
    return sorted(found, key=lambda one: (order[one.node.name], RESOURCES.index(one.resource)))


def of_pool(of: Drawn) -> list[NodeResource]:
    """Return the limits of a pool as one large node with the limits of all nodes that are up."""
    found = []
    for resource in RESOURCES:
        up = nodes_up(of.central, resource)
        node = as_one_node(of.central, resource, up)
        both = []
        for inputs, number in ((of.central, 1), (of.inputs, of.number)):
            first = places(of.central, inputs, number, of.streams)[0]
            large = as_one_node(inputs, resource, up)
            both.append([replace(first, central=node, node=large, share=1.0)])
        found += _node_resources(of, both, [resource], {resource: (node.name,)})
    return found


def some_of(of: Drawn, number: int) -> Drawn:
    """Return about so many of the draws, spread evenly over their weight; what weighs more comes more often."""
    step = max(1, of.number // number)
    share = np.cumsum(of.weight) / of.weight.sum() * of.number
    rows = np.searchsorted(share, np.arange(0, of.number, step) + 0.5).clip(max=of.number - 1)
    return replace(only(of, rows), weight=np.ones(len(rows)))


def only(of: Drawn, rows: Ints) -> Drawn:
    """Return some of the draws, as they are."""
    return replace(
        of,
        inputs=taken(of.inputs, rows),
        number=len(rows),
        streams=None if of.streams is None else replace(of.streams, rows=of.streams.rows[rows]),
        weight=of.weight[rows],
        scores={path: values[rows] for path, values in of.scores.items()},
        instead={name: weight[rows] for name, weight in of.instead.items()},
    )


def _node_resources(
    of: Drawn, both: Sequence[Sequence[Place]], resources: Sequence[Resource], up: Mapping[Resource, Sequence[str]]
) -> list[NodeResource]:
    """Return the limits of some places, given with every input at its value and over the draws."""
    central = of.central
    coming, offered = arrivals(central), [level for level, share in central.offer.mix.items() if share > 0]
    pooled = central.placement.rule == "pool"
    here = [one.central.name for one in both[0]]
    comes = {name: offered if offered and (pooled or coming.reach(name)) else [] for name in here}
    there = {level for one in (*both[0], *both[1]) for part in (one.summed, one.counts) for level in part}
    used = [level for level in central.demands if level in there or level in offered]
    shared = week_columns(central, of.inputs, of.number)
    weeks = WeekColumns(shared.columns, central.demands, 1, days_of(central.day_spread, 1)), shared
    found = []
    for resource in resources:
        parts = [
            node_draws(resource, [one for one in these if one.central.name in up[resource]], its, used, comes)
            for these, its in zip(both, weeks, strict=True)
        ]
        for at_value, drawn in zip(*parts, strict=True):
            place, name = at_value.place, at_value.place.central.name
            extra: Extra = partial(coming.extra, central.nodes[0].name if pooled else name)
            found.append(
                NodeResource(
                    node=place.central,
                    resource=resource,
                    extra=extra,
                    reached=bool(comes[name]),
                    law=_law(central, place, resource, comes[name]),
                    at_value=Known(at_value, extra, np.ones(1)),
                    drawn=Known(drawn, extra, of.weight),
                )
            )
    return found


def _law(central: Inputs, place: Place, resource: Resource, coming: Sequence[str]) -> Law:
    """Return the law of a place with every input at its value."""
    demands = {
        level: replace(one, meetings=one.meetings * place.share) if place.share != 1.0 else one
        for level, one in central.demands.items()
    }
    parts = place.counts, place.summed
    grown, known = ([(demands[level], float(n[0])) for level, n in part.items() if n[0]] for part in parts)
    return law(place.central, resource, grown, [demands[level] for level in coming], known)
