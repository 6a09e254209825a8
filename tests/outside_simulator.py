"""An outside simulator of the meetings: the process of docs/model.md played event by event with SimPy.

It is the oracle for the package's own engines, so it shares nothing with them but the input records: no offered
load, no generating function, no sorting of packed keys, only accounts that start meetings, meetings that end, and
a gauge on each limit. It is slow (about 10 us a meeting) and meant to be read beside sections 1 to 3 of the model.
"""

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import simpy

from planner.model.inputs.capacity import (
    BIN,
    BINS_PER_WEEK,
    HOURS_PER_WEEK,
    NO_LIMIT,
    WEEKS_PER_MONTH,
    Demand,
    Floats,
    Kind,
    LinearLoad,
    Node,
    Rates,
    Resource,
)

PREDRAWN = 128
"""Variates drawn at once: a scalar draw costs more than the meeting it is for."""


@dataclass(frozen=True)
class Accounts:
    """So many accounts alike in expectation, on one node, or (node None) behind a balancer."""

    count: int
    demand: Demand
    node: int | None = 0


@dataclass(frozen=True)
class Watched:
    """What is counted: the resource on the node, and the limit X must not pass."""

    node: int
    resource: Resource
    limit: float


@dataclass(frozen=True)
class Seen:
    """What the replications saw, ndarrays of shape (replications, watched)."""

    mean: Floats
    """Time average of X [unit of the resource]."""
    minutes: Floats
    """Minutes with X > limit [min/month]."""
    episodes: Floats
    """Overloads, one already running on Monday 00:00 counted for that week [1/month]."""
    weeks_over: Floats
    """Weeks with any overload, of the weeks seen [-]."""
    overloads: Floats
    """Overloads counted, not scaled [-]."""


@dataclass(frozen=True)
class Drawn:
    """One meeting as drawn."""

    duration: float
    users: int
    moderators: int
    cameras: int
    outgoing: int
    shared: bool


def simulate(
    nodes: Sequence[Node],
    population: Sequence[Accounts],
    watched: Sequence[Watched],
    *,
    replications: int,
    weeks: int,
    seed: int,
    run_in: float = 36.0,
    view_age: float = 0.0,
) -> Seen:
    """Return what independent replications (new accounts, new run-in, `weeks` weeks each) saw of each watched limit."""
    results = []
    for stream in np.random.SeedSequence(seed).spawn(replications):
        world = World(nodes, watched, np.random.default_rng(stream), weeks, run_in, view_age)
        for accounts in population:
            for _ in range(accounts.count):
                world.open_account(accounts)
        world.env.run(until=weeks * HOURS_PER_WEEK)
        results.append([gauge.close(world.env.now) for gauge in world.gauges])
    table = np.array(results, dtype=np.float64)
    months = weeks / WEEKS_PER_MONTH
    return Seen(
        mean=table[:, :, 0] / (weeks * HOURS_PER_WEEK),
        minutes=table[:, :, 1] * 60 / months,
        episodes=table[:, :, 2] / months,
        weeks_over=table[:, :, 3] / weeks,
        overloads=table[:, :, 2],
    )


class Gauge:
    """One resource on one node: its value, and how often and how long it has been over its limit."""

    def __init__(self, limit: float) -> None:
        self.limit = limit + 1e-9  # sums of loads like 0.003 are not exact
        self.value = 0.0
        self.since = 0.0
        self.area = self.time_over = 0.0
        self.episodes = self.weeks_over = 0
        self.this_week = False

    def settle(self, now: float) -> None:
        """Book the time since the last change."""
        span = now - self.since
        self.since = now
        self.area += self.value * span
        if self.value > self.limit:
            self.time_over += span

    def change(self, now: float, by: float) -> None:
        """Add `by`; a step from not over to over is an overload."""
        self.settle(now)
        before = self.value
        self.value = before + by
        if before <= self.limit < self.value:
            self.episodes += 1
            self.this_week = True

    def monday(self, now: float, first: bool) -> None:
        """Begin a week: an overload that is running counts for it; the first one forgets the run-in."""
        self.settle(now)
        if first:
            self.area = self.time_over = 0.0
            self.episodes = self.weeks_over = 0
            self.this_week = False
        self.weeks_over += self.this_week
        self.this_week = self.value > self.limit
        self.episodes += self.this_week

    def close(self, now: float) -> tuple[float, float, float, float]:
        """Return (area, hours over, overloads, weeks with any overload)."""
        self.settle(now)
        return self.area, self.time_over, self.episodes, self.weeks_over + self.this_week


class World:
    """One replication: the clock, the nodes' gauges and what the balancer sees."""

    def __init__(
        self,
        nodes: Sequence[Node],
        watched: Sequence[Watched],
        rng: np.random.Generator,
        weeks: int,
        run_in: float,
        view_age: float,
    ) -> None:
        self.env = simpy.Environment(initial_time=-run_in)
        self.nodes = nodes
        self.rng = rng
        self.view_age = view_age
        self.gauges = [Gauge(watch.limit) for watch in watched]
        for gauge in self.gauges:
            gauge.since = -run_in
        self.on_node: list[list[tuple[Gauge, Resource]]] = [
            [(g, w.resource) for g, w in zip(self.gauges, watched, strict=True) if w.node == k]
            for k in range(len(nodes))
        ]
        self.seen_load = [node.load.base if isinstance(node.load, LinearLoad) else 0.0 for node in nodes]
        self.has_balancer = False
        self.kinds: dict[int, tuple[Timetable, Iterator[Drawn]]] = {}
        self.env.process(self.calendar(weeks))

    def calendar(self, weeks: int) -> Generator[simpy.Event, None, None]:
        """Ring in each Monday 00:00 of the weeks that count."""
        for week in range(weeks):
            yield self.env.timeout(week * HOURS_PER_WEEK - self.env.now)
            for gauge in self.gauges:
                gauge.monday(self.env.now, first=week == 0)

    def open_account(self, accounts: Accounts) -> None:
        """Draw one account's multiplier and let it start meetings of each of its kinds."""
        demand = accounts.demand
        self.has_balancer |= accounts.node is None
        shape = 1 / demand.spread**2 if demand.spread > 0 else NO_LIMIT
        multiplier = self.rng.gamma(shape, 1 / shape) if shape < NO_LIMIT else 1.0
        running = [0]
        for kind in demand.kinds:
            if id(kind) not in self.kinds:
                self.kinds[id(kind)] = Timetable(kind), drawn_meetings(kind, self.rng)
            rate = multiplier * demand.meetings * kind.share
            if rate > 0:
                self.env.process(self.account(rate, kind, accounts.node, demand.rooms_at_once, running))

    def account(
        self, rate: float, kind: Kind, node: int | None, rooms_at_once: float, running: list[int]
    ) -> Generator[simpy.Event, None, None]:
        """Start one account's meetings of one kind: a unit Poisson process read through the week's timetable."""
        env = self.env
        timetable, meetings = self.kinds[id(kind)]
        mass = timetable.mass_at(env.now)
        for gap in exponentials(self.rng):
            mass += gap / rate
            yield env.timeout(timetable.time_at(mass) - env.now)
            meeting = next(meetings)
            if running[0] < rooms_at_once:
                running[0] += 1
                self.start(meeting, self.place() if node is None else node, running)

    def place(self) -> int:
        """Return the node with the least load in the balancer's view; of equals the first."""
        return min(range(len(self.nodes)), key=lambda k: round(self.seen_load[k], 9))

    def start(self, meeting: Drawn, where: int, running: list[int]) -> None:
        """Put the meeting on its node until it ends; a Scalelite load falls when the meeting has come of age."""
        node, env = self.nodes[where], self.env
        marks = {resource: mark(meeting, resource, node) for _, resource in self.on_node[where]}
        for gauge, resource in self.on_node[where]:
            gauge.change(env.now, marks[resource])
        young = mark(meeting, "load", node)
        old = young
        if not isinstance(node.load, LinearLoad):
            old = node.load.multiplier * (meeting.users + meeting.moderators)
            if old < young and node.load.until < meeting.duration:
                self.after(node.load.until, partial(self.comes_of_age, where, old - young))
                marks["load"] = old
            else:
                old = young
        self.show_balancer(where, young)
        self.after(meeting.duration, partial(self.end, where, marks, old, running))

    def comes_of_age(self, where: int, by: float, _: simpy.Event) -> None:
        """Let a meeting's load fall to its real size."""
        for gauge, resource in self.on_node[where]:
            if resource == "load":
                gauge.change(self.env.now, by)
        self.show_balancer(where, by)

    def end(self, where: int, marks: dict[Resource, float], load: float, running: list[int], _: simpy.Event) -> None:
        """Take the meeting off its node."""
        running[0] -= 1
        for gauge, resource in self.on_node[where]:
            gauge.change(self.env.now, -marks[resource])
        self.show_balancer(where, -load)

    def show_balancer(self, where: int, by: float) -> None:
        """Change the load the balancer sees, now or when the news reaches it."""
        if not self.has_balancer:
            return
        if self.view_age == 0:
            self.seen_load[where] += by
        else:
            self.after(self.view_age, lambda _: self.seen_load.__setitem__(where, self.seen_load[where] + by))

    def after(self, delay: float, action: Callable[[simpy.Event], None]) -> None:
        """Do something after a delay [h]."""
        event = self.env.timeout(delay)
        assert event.callbacks is not None
        event.callbacks.append(action)


class Timetable:
    """Where in the week a kind's meetings start: the share of a week's starts before each instant."""

    def __init__(self, kind: Kind) -> None:
        self.before = [0.0, *(np.cumsum(kind.shape) / kind.shape.sum()).tolist()]

    def mass_at(self, time: float) -> float:
        """Return the weeks' worth of starts between Monday 00:00 of week 0 and `time` [h]."""
        week, rest = divmod(time, HOURS_PER_WEEK)
        k = min(int(rest / BIN), BINS_PER_WEEK - 1)
        return week + self.before[k] + (self.before[k + 1] - self.before[k]) * (rest / BIN - k)

    def time_at(self, mass: float) -> float:
        """Return the time [h] at which `mass` weeks' worth of starts have passed."""
        week, rest = divmod(mass, 1.0)
        k = min(bisect_right(self.before, rest) - 1, BINS_PER_WEEK - 1)
        inside = (rest - self.before[k]) / (self.before[k + 1] - self.before[k])
        return week * HOURS_PER_WEEK + (k + inside) * BIN


def exponentials(rng: np.random.Generator) -> Iterator[float]:
    """Yield unit exponentials for ever."""
    while True:
        yield from rng.exponential(size=16).tolist()


def _pages(kind: Kind, largest: int) -> np.ndarray:
    """Return the page of a viewer and of a moderator by the meeting's users: the last threshold that it has reached."""
    reached = [[step for step in kind.pages.steps if step.users <= users] for users in range(largest + 1)]
    return np.array([steps[-1][1:] if steps else (kind.pages.viewer, 10**6) for steps in reached])


def drawn_meetings(kind: Kind, rng: np.random.Generator) -> Iterator[Drawn]:
    """Yield meetings of a kind for ever: duration and size cut at the limits, cameras user by user."""
    while True:
        spread = np.log1p(kind.duration_cv**2)
        durations = np.exp(rng.normal(np.log(kind.duration) - spread / 2, np.sqrt(spread), PREDRAWN))
        mean = np.full(PREDRAWN, kind.size - 2)
        if np.isfinite(kind.size_dispersion):
            mean = mean * rng.gamma(kind.size_dispersion, 1 / kind.size_dispersion, PREDRAWN)
        users = np.minimum(2 + rng.poisson(mean), kind.participants).astype(int)
        moderators = np.minimum(kind.moderators, users)
        viewers = users - moderators
        showing_moderators = rng.binomial(moderators, kind.cameras)
        showing_viewers = rng.binomial(viewers, kind.cameras)
        cameras = showing_moderators + showing_viewers
        viewer, moderator = _pages(kind, users.max())[users].T
        outgoing = (
            showing_moderators * np.minimum(cameras - 1, moderator)
            + (moderators - showing_moderators) * np.minimum(cameras, moderator)
            + showing_viewers * np.minimum(cameras - 1, viewer)
            + (viewers - showing_viewers) * np.minimum(cameras, viewer)
        )
        yield from map(
            Drawn,
            np.minimum(durations, kind.duration_limit).tolist(),
            users.tolist(),
            moderators.tolist(),
            cameras.tolist(),
            outgoing.tolist(),
            (rng.random(PREDRAWN) < kind.screenshare).tolist(),
        )


def mark(meeting: Drawn, resource: Resource, node: Node) -> float:
    """Return what a meeting that has just begun holds of a resource."""
    if resource == "rooms":
        return 1.0
    if resource == "users":
        return float(meeting.users)
    if resource == "streams":
        return float(meeting.cameras + meeting.outgoing)
    if resource == "egress":
        screen = node.rates.screenshare * meeting.users if meeting.shared else 0.0
        return meeting.outgoing * camera_rate(node.rates, meeting.cameras) + node.rates.audio * meeting.users + screen
    if isinstance(node.load, LinearLoad):
        streams = meeting.cameras + meeting.outgoing
        return node.load.per_room + node.load.per_user * meeting.users + node.load.per_stream * streams
    # a meeting is never lighter young than old: only until < duration lets the load fall
    return node.load.multiplier * max(meeting.users + meeting.moderators, node.load.least)


def camera_rate(rates: Rates, cameras: int) -> float:
    """Return the bit rate of one camera [Mbit/s] in a meeting with so many."""
    rate = rates.camera[0][1]
    for least, value in rates.camera:
        if cameras >= least:
            rate = value
    return rate
