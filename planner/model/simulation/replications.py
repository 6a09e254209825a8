"""The simulation: meetings drawn, placed on nodes as the balancer does, and counted against the limits.

For what the closed form cannot say: pools of nodes, limits on rooms at once, stale views of the load, the chance of any
overload in a week, the peak inside an hour. Errors come from independent replications of a few weeks each. A run is cut
into chunks with random streams of their own, named by (seed, chunk): the same bits for any number of workers.
"""

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT, RESOURCES, Inputs, LinearLoad, Node, Options, Resource, allocate
from planner.model.simulation import balancer
from planner.model.simulation.balancer import Loops, interpreted
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
KEPT = 64 << 20
"""Free memory that stays with the process [byte]."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""From malloc.h of the GNU C library, 2.36."""


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

    @property
    def pooled(self) -> bool:
        """Return whether a balancer chooses the node of some meetings."""
        return any(accounts.node is None for accounts in self.population)

    def alone(self, k: int) -> "World":
        """Return the k-th node [-] alone, with the accounts on it."""
        here = tuple(replace(accounts, node=0) for accounts in self.population if accounts.node == k)
        return replace(self, nodes=self.nodes[k : k + 1], population=here)


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
    """Among the groups of the whole world: it names the random streams [-]."""
    world: World
    """These nodes alone, and the accounts on them."""
    span: Span
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
        results += summed(of_tasks[0].group, tallies)
    return tuple(results)


def summed(group: Group, chunks: Sequence[Sequence[Tally]]) -> list[Simulated]:
    """Return the estimates of a group's chunks together, for each (node, resource) watched."""
    estimates = []
    for i, (k, resource) in enumerate(group.watched):
        node, whole = group.world.nodes[k], joined([tallies[i] for tallies in chunks])
        estimates.append(simulated(node.name, resource, node.headroom(resource), whole, group.span.weeks))
    return estimates


def tallied(tasks: Sequence[Task], workers: int = 1) -> Iterable[list[Tally]]:
    """Return the tallies of all tasks in their order."""
    _keep_what_is_freed()
    if workers == 1:
        return map(tallies_of, tasks)
    # numpy and compiled loops let go of the interpreter
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(tallies_of, tasks))


@cache
def _keep_what_is_freed() -> None:
    """Have the GNU C library keep what a chunk frees for the next: taking it anew is two fifths of a run's time."""
    with suppress(AttributeError, OSError, TypeError):  # other systems have no such thing
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, KEPT // 2)
        mallopt(M_TRIM_THRESHOLD, KEPT)


def tasks_of(world: World, replications: int, seed: int, weeks: int, per_chunk: int | None = None) -> tuple[Task, ...]:
    """Return the chunks of a run, of so many weeks [week], to be run anywhere and in any order."""
    return tuple(
        Task(group, chunk, min(group.per_chunk, replications - chunk * group.per_chunk), seed)
        for group in _groups(world, weeks, replications, per_chunk)
        for chunk in range(-(-replications // group.per_chunk))
    )


def _groups(world: World, weeks: int, replications: int, per_chunk: int | None) -> Iterable[Group]:
    """Yield the groups of nodes that depend on each other: each node alone, or all where a balancer chooses."""
    span = span_of(world.population, weeks)
    for number, part in enumerate([world] if world.pooled else map(world.alone, range(len(world.nodes)))):
        watched = tuple(
            (k, resource)
            for k, node in enumerate(part.nodes)
            for resource in RESOURCES
            if node.name not in world.down and node.headroom(resource) < NO_LIMIT
        )
        if watched:
            tables = tables_of(part.population, span, world.options)
            expected = sum(a.count * (t.expected + t.series * (weeks + 1)) for a, kinds in tables for t in kinds)
            chunk = per_chunk or int(min(replications, max(1.0, CHUNK // max(1.0, expected))))
            yield Group(number, part, span, watched, tables, _needs(part, watched), chunk)


def _needs(world: World, watched: Sequence[tuple[int, Resource]]) -> Needs:
    """Return what has to be drawn for the resources that are counted, and for the load the balancer sees."""
    resources = {resource for _, resource in watched}
    loads = [node.load for k, node in enumerate(world.nodes) if (k, "load") in watched or world.pooled]
    linear = [load for load in loads if isinstance(load, LinearLoad)]
    return Needs(
        accounts=any(accounts.demand.rooms_at_once < NO_LIMIT for accounts in world.population),
        cameras=bool(resources & {"streams", "egress"}) or any(load.per_stream != 0.0 for load in linear),
        screens="egress" in resources,
        recordings=any(load.per_recording != 0.0 for load in linear),
    )


def tallies_of(task: Task) -> list[Tally]:
    """Return the tally of each (node, resource) that is watched in one chunk."""
    group, world, span = task.group, task.group.world, task.group.span
    seeds = np.random.SeedSequence(task.seed, spawn_key=(group.number, task.chunk))
    meetings = drawn(group.tables, span, task.replications, seeds, group.needs, world.options, world.day_spread)
    holds = _holds(group, meetings)
    ages = sorted({age for by_age in holds.values() for age, _ in by_age[1:]})
    events = events_of(meetings, ages, span, task.replications)
    steps = {key: steps_of(by_age, events) for key, by_age in holds.items()}
    owner = _owners(task, meetings, events, steps) if world.pooled or group.needs.accounts else None
    line = timeline(events, owner, len(world.nodes), task.replications * span.next, _loops().deal)
    resources = list(dict.fromkeys(resource for _, resource in group.watched))
    nodes = range(len(world.nodes))
    counted = [
        ([steps[_key(world, k, one)] for k in nodes], [node.headroom(one) for node in world.nodes]) for one in resources
    ]
    by_resource = dict(zip(resources, tallies(line, events.marks, counted, span), strict=True))
    return [by_resource[resource][k] for k, resource in group.watched]


def _key(world: World, k: int, resource: Resource) -> tuple[int, Resource]:
    """Return the first node [-] that has the same marks of a resource as node k, and the resource."""
    if resource not in ("load", "egress"):
        return 0, resource
    marks = [node.load if resource == "load" else node.rates for node in world.nodes]
    return marks.index(marks[k]), resource


def _steering(world: World) -> Resource:
    """Return what the balancer compares: the nodes' load, or their users where no node has a way to reckon load."""
    idle = all(
        isinstance(node.load, LinearLoad) and node.load.per_room == node.load.per_user == node.load.per_stream == 0.0
        for node in world.nodes
    )
    return "users" if idle else "load"


def _holds(group: Group, meetings: Meetings) -> Mapping[tuple[int, Resource], Held]:
    """Return what each meeting holds of everything that is counted or steers the balancer."""
    world = group.world
    resources = {resource for _, resource in group.watched} | ({_steering(world)} if world.pooled else set())
    keys = {_key(world, k, resource) for k in range(len(world.nodes)) for resource in resources}
    return {(k, resource): held(resource, world.nodes[k], meetings, world.options) for k, resource in sorted(keys)}


def _owners(
    task: Task, meetings: Meetings, events: Events, steps: Mapping[tuple[int, Resource], Column]
) -> Column | None:
    """Return the node of each event in order; None = no start is refused and there is but one node."""
    world, steering = task.group.world, _steering(task.group.world)
    keys = [_key(world, k, steering) for k in range(len(world.nodes)) if world.pooled]
    models = sorted(set(keys))
    changing = [who for _, who in events.changes]
    limits = _limits(task) if meetings.account is not None else np.zeros(1, dtype=np.int32)
    owner = np.empty(len(events.order), dtype=np.int16)
    refused = _loops().place(
        order=events.order,
        time=events.time,
        changing=np.concatenate(changing) if changing else np.zeros(0, dtype=np.int32),
        marks=events.marks.stop - events.marks.start,
        load=np.array([steps[key] for key in models] or [np.zeros(len(events.order))], dtype=np.float64),
        model=np.array([models.index(key) for key in keys] or [0]),
        seen=np.array([node.idle(steering) for node in world.nodes]),
        up=np.array([node.name not in world.down for node in world.nodes]),
        age=round(world.view_age * TICKS),
        account=np.zeros(0, dtype=np.int32) if meetings.account is None else meetings.account,
        rooms_at_once=limits,
        running=np.zeros(len(limits), dtype=np.int32),
        node=meetings.node.copy(),
        owner=owner,
    )
    return owner if refused or len(world.nodes) > 1 else None


def _limits(task: Task) -> Small:
    """Return the limit on rooms at once of each account of each replication in the chunk."""
    most = np.iinfo(np.int32).max
    each = [int(min(accounts.demand.rooms_at_once, most)) for accounts, _ in task.group.tables]
    counts = [accounts.count * task.replications for accounts, _ in task.group.tables]
    return np.repeat(np.array(each, dtype=np.int32), counts)


@cache
def _loops() -> Loops:
    """Return the loops over events, compiled where numba is installed: much quicker, the same bits."""
    try:
        import numba  # noqa: PLC0415  # it takes a second to import, and only pools and room limits need it
    except ImportError:
        return interpreted()
    try:
        keep = numba.njit(nogil=True, cache=True)
        return Loops(keep(balancer.place), keep(balancer.deal))
    except RuntimeError:  # there is no folder to keep what was compiled
        unkept = numba.njit(nogil=True)
        return Loops(unkept(balancer.place), unkept(balancer.deal))
