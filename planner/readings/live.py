"""All the servers of a co-op read at once into one reading."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from planner.model.inputs.observations import InProgress, Load, NodeReading, Reading
from planner.model.inputs.pages import USUAL, Pages
from planner.readings import ReadingError, bbb, boundary, prometheus, scalelite
from planner.readings.servers import Servers
from planner.readings.transport import DEADLINE_S, shown

_LONGEST_LIST = 100
"""So many letters of names the source of a reading holds; what it read of each node stands beside it anyway."""
_MOST_THREADS = 64
"""So many sources are asked at the same time."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one source said of one node."""

    node: str
    reading: NodeReading
    taken_at: datetime
    meetings: tuple[InProgress, ...] | None = None
    doubt: str | None = None
    """Why it does not say how many meet; None = it does, or was not asked."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One source to be asked about some nodes."""

    nodes: tuple[str, ...]
    url: str
    ask: Callable[[], list[_Part]]


def read(
    servers: Servers,
    now: datetime,
    accounts: Mapping[str, str] | None = None,
    *,
    within: float = DEADLINE_S,
    pages: Pages = USUAL,
) -> Reading:
    """Return one reading of all servers, asked at once, `within` [s]; what fails is in `unread`, and nothing raises.

    Streams are counted as if each were sent so many cameras at once: what the plan says, for both to mean the same.
    """
    until = monotonic() + within
    tasks = _tasks(servers, now, accounts or {}, pages, until)
    parts: list[_Part] = []
    unread: dict[str, str] = {}
    for task, answer in zip(tasks, _answers(tasks, until), strict=True):
        if isinstance(answer, str):
            unread = dict.fromkeys(task.nodes, answer) | unread
        else:
            parts += answer
    doubled = _doubled(parts)
    sound = [part for part in parts if part.node not in doubled]
    names = dict.fromkeys(part.node for part in sound)
    nodes = {node: _merged([part.reading for part in sound if part.node == node]) for node in names}
    doubts = {part.node: part.doubt for part in sound if part.doubt and nodes[part.node].rooms is None}
    hosts = ", ".join(server.node for server in servers.bbb)
    named = f"BigBlueButton on {hosts if len(hosts) <= _LONGEST_LIST else f'{len(servers.bbb)} nodes'}"
    asked = {named: servers.bbb, "Scalelite": servers.scalelite, "Prometheus": servers.prometheus}
    return Reading(
        taken_at=min((part.taken_at for part in sound), default=now),
        source="; ".join(source for source, there in asked.items() if there),
        nodes=nodes,
        unread=doubts | unread | doubled,
        meetings={part.node: part.meetings for part in sound if part.meetings is not None},
        pages=pages,
        load_of=servers.load,
    )


def _answers(tasks: Sequence[_Task], until: float) -> list[list[_Part] | str]:
    """Return what each task found, or why it found nothing, at `until` [s] at the latest."""
    waiting: SimpleQueue[int] = SimpleQueue()
    answers: SimpleQueue[tuple[int, list[_Part] | str]] = SimpleQueue()

    def work() -> None:
        while monotonic() < until:
            try:
                number = waiting.get_nowait()
            except Empty:
                return
            try:
                with boundary(shown(tasks[number].url)):
                    answers.put((number, tasks[number].ask()))
            except ReadingError as error:
                answers.put((number, str(error)))

    for number in range(len(tasks)):
        waiting.put(number)
    for _ in range(min(len(tasks), _MOST_THREADS)):
        with suppress(RuntimeError):  # the system has no more threads: those there are do the work
            # daemons: one that never comes back, such as a look-up of a host's name, holds up no end of the program
            Thread(target=work, daemon=True).start()
    told: dict[int, list[_Part] | str] = {}
    while len(told) < len(tasks):
        try:
            number, answer = answers.get(timeout=max(until - monotonic(), 0.0))
        except Empty:
            break
        told[number] = answer
    return [told.get(k, f"{shown(task.url)}: no whole answer in time") for k, task in enumerate(tasks)]


def _tasks(servers: Servers, now: datetime, accounts: Mapping[str, str], pages: Pages, until: float) -> list[_Task]:
    """Return whom to ask about which nodes, those that are to be believed first before the others."""

    def of(node: str, reading: NodeReading, source: Load, taken_at: datetime, doubt: str | None = None) -> _Part:
        # its load only if that is the one the scenario means: the two have different units
        return _Part(node, reading if servers.load == source else replace(reading, load=None), taken_at, doubt=doubt)

    def ask_bbb(host: bbb.Server) -> list[_Part]:
        reading, meetings = bbb.read(host, now, accounts, pages=pages, until=until)
        return [_Part(host.node, reading, now, meetings)]

    def ask_scalelite(pool: scalelite.Server) -> list[_Part]:
        nodes = scalelite.read(pool, until=until)
        if missing := [node for node in pool.nodes.values() if node not in nodes]:
            raise ReadingError(f"scalelite does not know {', '.join(missing)}: is the host name right?")
        return [of(node, reading, "scalelite", now) for node, reading in nodes.items()]

    def ask_prometheus(metrics: prometheus.Server, node: str) -> list[_Part]:
        reading, taken_at, doubt = prometheus.read(metrics, node, now, until=until)
        return [of(node, reading, "cpu", taken_at, doubt)]

    tasks = [_Task((host.node,), host.url, partial(ask_bbb, host)) for host in servers.bbb]
    if pool := servers.scalelite:
        tasks.append(_Task(tuple(pool.nodes.values()), pool.url, partial(ask_scalelite, pool)))
    if metrics := servers.prometheus:
        tasks += [_Task((node,), metrics.url, partial(ask_prometheus, metrics, node)) for node in metrics.nodes]
    return tasks


def _doubled(parts: list[_Part]) -> dict[str, str]:
    """Return the nodes that list the same meeting, with the words for it: one server under two names counts twice."""
    owner: dict[str, str] = {}
    doubled: dict[str, str] = {}
    for part in parts:
        for meeting in part.meetings or ():
            other = owner.setdefault(meeting.key, part.node)
            if other != part.node:
                words = f"{other} and {part.node} list the same meeting: one server under two names?"
                doubled |= {other: words, part.node: words}
    return doubled


def _merged(readings: list[NodeReading]) -> NodeReading:
    """Return the first value that was read of each field; a node serves only if nobody says it does not."""
    told = {name: value for reading in reversed(readings) for name, value in reading.known.items()}
    return NodeReading(**{**told, "online": all(reading.online for reading in readings)})
