"""The simulation: meetings drawn, placed on nodes as the balancer does, and counted against the limits.

For what the closed form cannot say: pools of nodes, limits on rooms at once, stale views of the load, the chance of any
overload in a week, the peak inside an hour. Errors come from independent replications of a few weeks each. A run is cut
into chunks with random streams of their own, named by (seed, chunk): the same bits for any number of workers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from typing import cast

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT, RESOURCES, Inputs, LinearLoad, Node, Options, Resource, allocate
from planner.model.simulation import balancer
from planner.model.simulation.estimates import Simulated, simulated
from planner.model.simulation.meetings import (
    TICKS,
    Accounts,
    Column,
    Meetings,
    Needs,
    Small,
    Span,
    Tables,
    drawn,
    span_of,
    tables_of,
)
from planner.model.simulation.resource_usage import Held, held
from planner.model.simulation.tally import Events, Tally, events_of, joined, steps_of, tallies, timeline

CHUNK = 32_768
"""Meetings in a chunk, about: its arrays stay in the processor's cache [meeting]."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What is simulated: nodes with limits, and accounts on them or behind a balancer."""

    nodes: tuple[Node, ...]
    population: tuple[Accounts, ...]
    view_age: float = 0.0
    """Age of the load the balancer sees [h]."""
    down: frozenset[str] = frozenset()
    options: Options = field(default_factory=Options)
    day_spread: float = 0.0
    """Of `Inputs` [-]."""


def world_of(inputs: Inputs, members: int, further: int) -> World:
    """Return the members and so many further accounts [account] on their nodes or behind the balancer."""
    # Each level on each node is a class of its own, members apart from newcomers, also without accounts, so that worlds
    # with different numbers of further accounts share their random numbers.
    placement = inputs.placement
    pooled = placement.rule == "pool"
    population = []
    for accounts, mix, where in (
        (members, inputs.members.mix, placement.members),
        (further, inputs.offer.mix, placement.offer),
    ):
        shares: Mapping[str, float] = {"": 1.0} if pooled else where
        classes = {(level, name): mix[level] * shares[name] for level in mix for name in shares if mix[level] > 0.0}
        counts = allocate(accounts, {f"{level}@{name}": share for (level, name), share in classes.items()})
        names = [node.name for node in inputs.nodes]
        population += [
            Accounts(counts[f"{level}@{name}"], inputs.demands[level], None if pooled else names.index(name))
            for level, name in classes
        ]
    # of a pool, the nodes with the most headroom for users are down
    by_headroom = sorted(inputs.nodes, key=lambda node: node.headroom("users"))
    down = by_headroom[len(by_headroom) - placement.nodes_down :] if pooled else []
    return World(
        nodes=inputs.nodes,
        population=tuple(population),
        view_age=placement.view_age,
        down=frozenset(node.name for node in down),
        options=inputs.options,
        day_spread=inputs.day_spread,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Nodes that depend on each other, with the tables to draw their meetings: one node alone, or a pool."""

    number: int
    """Among the groups of the world: it names the random streams [-]."""
    nodes: tuple[Node, ...]
    up: tuple[bool, ...]
    pooled: bool
    watched: tuple[tuple[int, Resource], ...]
    """(node, resource) that have a limit [-]."""
    tables: Tables
    needs: Needs
    per_chunk: int
    """Replications in a chunk [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One chunk of one group: all that a worker is told."""

    group: Group
    chunk: int
    replications: int
    seed: int
    """The chunk's number in the group, how many replications it has, and the seed of all [-]."""
    span: Span
    view_age: int
    """[tick]"""
    options: Options
    day_spread: float
    """Of the world [-]."""


def simulate(
    world: World, *, replications: int, seed: int, weeks: int = 2, per_chunk: int | None = None, workers: int = 1
) -> tuple[Simulated, ...]:
    """Return the estimates of independent replications for every resource with a limit, on every node that is up."""
    if replications < 2:
        raise ValueError(f"{replications} replications: errors need at least 2")
    tasks = tasks_of(world, replications, seed, weeks, per_chunk)
    chunks = zip(tasks, tallied(tasks, workers), strict=True)
    results = []
    for _, pairs in groupby(chunks, key=lambda pair: pair[0].group.number):
        of_tasks, tallies = zip(*pairs, strict=True)
        results += summed(of_tasks[0].group, tallies, weeks)
    return tuple(results)


def summed(group: Group, chunks: Sequence[Sequence[Tally]], weeks: int) -> list[Simulated]:
    """Return the estimates of a group's chunks together, of so many weeks [week], for each (node, resource) watched."""
    estimates = []
    for i, (k, resource) in enumerate(group.watched):
        node, whole = group.nodes[k], joined([tallies[i] for tallies in chunks])
        estimates.append(simulated(node.name, resource, node.headroom(resource), whole, weeks))
    return estimates


def tallied(tasks: Sequence[Task], workers: int = 1) -> Iterable[list[Tally]]:
    """Return the tallies of all tasks in their order."""
    if workers == 1:
        return map(tallies_of, tasks)
    # numpy and compiled loops let go of the interpreter
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(tallies_of, tasks))


def tasks_of(world: World, replications: int, seed: int, weeks: int, per_chunk: int | None = None) -> tuple[Task, ...]:
    """Return the chunks of a run, of so many weeks [week], to be run anywhere and in any order."""
    span = span_of(world.population, weeks)
    return tuple(
        Task(
            group=group,
            chunk=chunk,
            replications=min(group.per_chunk, replications - chunk * group.per_chunk),
            seed=seed,
            span=span,
            view_age=round(world.view_age * TICKS),
            options=world.options,
            day_spread=world.day_spread,
        )
        for group in _groups(world, span, replications, per_chunk)
        for chunk in range(-(-replications // group.per_chunk))
    )


def _groups(world: World, span: Span, replications: int, per_chunk: int | None) -> Iterable[Group]:
    """Yield the groups of nodes that depend on each other: each node alone, or all where a balancer chooses."""
    pooled = any(accounts.node is None for accounts in world.population)
    alone = [
        ((node,), tuple(replace(accounts, node=0) for accounts in world.population if accounts.node == k))
        for k, node in enumerate(world.nodes)
    ]
    for number, (nodes, population) in enumerate([(world.nodes, world.population)] if pooled else alone):
        up = tuple(node.name not in world.down for node in nodes)
        watched = tuple(
            (k, resource)
            for k, node in enumerate(nodes)
            for resource in RESOURCES
            if up[k] and node.headroom(resource) < NO_LIMIT
        )
        if not watched:
            continue
        tables = tables_of(population, span, world.options)
        expected = sum(a.count * (t.expected + t.series * (span.weeks + 1)) for a, kinds in tables for t in kinds)
        limited = any(accounts.demand.rooms_at_once < NO_LIMIT for accounts in population)
        yield Group(
            number=number,
            nodes=nodes,
            up=up,
            pooled=pooled,
            watched=watched,
            tables=tables,
            needs=_needs(nodes, watched, pooled, limited),
            per_chunk=per_chunk or int(min(replications, max(1.0, CHUNK // max(1.0, expected)))),
        )


def _needs(nodes: tuple[Node, ...], watched: Sequence[tuple[int, Resource]], pooled: bool, limited: bool) -> Needs:
    """Return what has to be drawn for the resources that are counted, and for the load the balancer sees."""
    resources = {resource for _, resource in watched}
    loads = [node.load for k, node in enumerate(nodes) if (k, "load") in watched or pooled]
    cameras = bool(resources & {"streams", "egress"}) or any(
        isinstance(load, LinearLoad) and load.per_stream != 0.0 for load in loads
    )
    recordings = any(isinstance(load, LinearLoad) and load.per_recording != 0.0 for load in loads)
    return Needs(limited, cameras, screens="egress" in resources, recordings=recordings)


def tallies_of(task: Task) -> list[Tally]:
    """Return the tally of each (node, resource) that is watched in one chunk."""
    group, span = task.group, task.span
    seeds = np.random.SeedSequence(task.seed, spawn_key=(group.number, task.chunk))
    meetings = drawn(group.tables, span, task.replications, seeds, group.needs, task.options, task.day_spread)
    holds = _holds(group, meetings, task.options)
    events = events_of(
        meetings, sorted({age for by_age in holds.values() for age, _ in by_age[1:]}), span, task.replications
    )
    steps = {key: steps_of(by_age, events) for key, by_age in holds.items()}
    owner = _owners(task, meetings, events, steps) if group.pooled or group.needs.accounts else None
    line = timeline(events, owner, len(group.nodes), task.replications * span.next)
    resources = list(dict.fromkeys(resource for _, resource in group.watched))
    nodes = list(enumerate(group.nodes))
    counted = [
        ([steps[_key(group, k, resource)] for k, _ in nodes], [node.headroom(resource) for _, node in nodes])
        for resource in resources
    ]
    by_resource = dict(zip(resources, tallies(line, events.marks, counted, span), strict=True))
    return [by_resource[resource][k] for k, resource in group.watched]


def _key(group: Group, k: int, resource: Resource) -> tuple[int, Resource]:
    """Return the first node [-] that has the same marks of a resource as node k, and the resource."""
    if resource not in ("load", "egress"):
        return 0, resource
    marks = [node.load if resource == "load" else node.rates for node in group.nodes]
    return marks.index(marks[k]), resource


def _steering(group: Group) -> Resource:
    """Return what the balancer compares: the nodes' load, or their users where no node has a way to reckon load."""
    idle = all(
        isinstance(node.load, LinearLoad) and node.load.per_room == node.load.per_user == node.load.per_stream == 0.0
        for node in group.nodes
    )
    return "users" if idle else "load"


def _holds(group: Group, meetings: Meetings, options: Options) -> Mapping[tuple[int, Resource], Held]:
    """Return what each meeting holds of everything that is counted or steers the balancer."""
    resources = {resource for _, resource in group.watched} | ({_steering(group)} if group.pooled else set())
    keys = {_key(group, k, resource) for k in range(len(group.nodes)) for resource in resources}
    return {(k, resource): held(resource, group.nodes[k], meetings, options) for k, resource in sorted(keys)}


def _owners(
    task: Task, meetings: Meetings, events: Events, steps: Mapping[tuple[int, Resource], Column]
) -> Column | None:
    """Return the node of each event in order; None = no start is refused and there is but one node."""
    group, steering = task.group, _steering(task.group)
    keys = [_key(group, k, steering) for k in range(len(group.nodes)) if group.pooled]
    models = sorted(set(keys))
    changing = [who for _, who in events.changes]
    limits = _limits(task) if meetings.account is not None else np.zeros(1, dtype=np.int32)
    owner = np.empty(len(events.order), dtype=np.int16)
    refused = _loop()(
        order=events.order,
        time=events.time,
        changing=np.concatenate(changing) if changing else np.zeros(0, dtype=np.int32),
        marks=events.marks.stop - events.marks.start,
        load=np.array([steps[key] for key in models] or [np.zeros(events.starts.stop)], dtype=np.float64),
        model=np.array([models.index(key) for key in keys] or [0]),
        seen=np.array([node.idle(steering) for node in group.nodes]),
        up=np.array(group.up),
        age=task.view_age,
        account=np.zeros(0, dtype=np.int32) if meetings.account is None else meetings.account,
        rooms_at_once=limits,
        running=np.zeros(len(limits), dtype=np.int32),
        node=meetings.node.copy(),
        owner=owner,
    )
    return owner if refused or len(group.nodes) > 1 else None


def _limits(task: Task) -> Small:
    """Return the limit on rooms at once of each account of each replication in the chunk."""
    most = np.iinfo(np.int32).max
    each = [int(min(accounts.demand.rooms_at_once, most)) for accounts, _ in task.group.tables]
    counts = [accounts.count * task.replications for accounts, _ in task.group.tables]
    return np.repeat(np.array(each, dtype=np.int32), counts)


@cache
def _loop() -> Callable[..., int]:
    """Return the balancer's loop, compiled where numba is installed: much quicker, the same bits."""
    try:
        import numba  # noqa: PLC0415  # it takes a second to import, and only pools and room limits need it
    except ImportError:
        return balancer.interpreted
    try:
        return cast(Callable[..., int], numba.njit(nogil=True, cache=True)(balancer.place))
    except RuntimeError:  # there is no folder to keep what was compiled
        return cast(Callable[..., int], numba.njit(nogil=True)(balancer.place))
