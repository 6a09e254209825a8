"""All the servers of a co-op read at once into one reading."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial

from planner.model.observed import InProgress, NodeReading, Reading
from planner.readings import ReadingError, balancer, bbb, prometheus
from planner.readings.servers import Bbb, Scalelite, Servers


@dataclass(frozen=True, slots=True)
class _Part:
    """What one source said of one node."""

    node: str
    reading: NodeReading
    taken_at: datetime
    meetings: tuple[InProgress, ...] | None = None


def read(servers: Servers, now: datetime, accounts: Mapping[str, str] | None = None) -> Reading:
    """Return one reading of all servers, each asked at the same time as the others.

    A field that several sources give is the node's own, then the balancer's, then Prometheus'. Where a source failed,
    what it was to say is missing, and why stands in `unread`. The reading is as old as its oldest part.

    Parameters
    ----------
    accounts : mapping
        From BBB's (external) meeting id to the account's reference.
    """
    tasks = _tasks(servers, now, accounts or {})
    parts: list[_Part] = []
    unread: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=min(len(tasks), 16) or 1) as crowd:
        for asked, answer in [(asked, crowd.submit(task)) for asked, task in tasks]:
            try:
                parts += answer.result()
            except ReadingError as error:
                for node in asked:
                    unread.setdefault(node, str(error))
    doubled = _doubled(parts)
    unread |= doubled
    sound = [part for part in parts if part.node not in doubled]
    return Reading(
        taken_at=min((part.taken_at for part in sound), default=now),
        source=_source(servers),
        nodes={node: _merged([part.reading for part in sound if part.node == node]) for node in _names(sound)},
        unread=unread,
        meetings={part.node: part.meetings for part in sound if part.meetings is not None},
    )


def _tasks(
    servers: Servers, now: datetime, accounts: Mapping[str, str]
) -> list[tuple[tuple[str, ...], Callable[[], list[_Part]]]]:
    """Return whom to ask about which nodes, those that are to be believed first before the others."""
    tasks: list[tuple[tuple[str, ...], Callable[[], list[_Part]]]] = [
        ((one.node,), partial(_ask_bbb, one, now, accounts)) for one in servers.bbb
    ]
    if servers.scalelite:
        pool = servers.scalelite
        tasks.append((tuple(pool.nodes.values()), partial(_ask_scalelite, pool, now, servers.load == "scalelite")))
    if servers.prometheus:
        metrics = servers.prometheus
        tasks += [
            ((node,), partial(_ask_prometheus, metrics, node, now, servers.load == "cpu")) for node in metrics.nodes
        ]
    return tasks


def _ask_bbb(one: Bbb, now: datetime, accounts: Mapping[str, str]) -> list[_Part]:
    reading, meetings = bbb.read(
        one.url, one.secret, now, algorithm=one.checksum, accounts=accounts, ca_file=one.ca_file
    )
    return [_Part(one.node, reading, now, meetings)]


def _ask_scalelite(pool: Scalelite, now: datetime, load: bool) -> list[_Part]:
    found = balancer.read(pool.url, pool.secret, pool.nodes, algorithm=pool.checksum, ca_file=pool.ca_file)
    missing = [node for node in pool.nodes.values() if node not in found]
    if missing:
        raise ReadingError(f"scalelite does not know {', '.join(missing)}: is the host name right?")
    return [_Part(node, _without(reading, load), now) for node, reading in found.items()]


def _ask_prometheus(metrics: prometheus.Server, node: str, now: datetime, load: bool) -> list[_Part]:
    reading, taken_at = prometheus.read(metrics, node, now)
    return [_Part(node, _without(reading, load), taken_at)]


def _without(reading: NodeReading, load: bool) -> NodeReading:
    """Return the reading, its load only if that is the one the scenario means: the two have different units."""
    return reading if load else replace(reading, load=None)


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
    first = readings[0]
    for other in readings[1:]:
        gaps = {f.name: getattr(other, f.name) for f in fields(NodeReading) if getattr(first, f.name) is None}
        first = replace(first, **gaps, online=first.online and other.online)
    return first


def _names(parts: list[_Part]) -> list[str]:
    return list(dict.fromkeys(part.node for part in parts))


def _source(servers: Servers) -> str:
    named = [f"BigBlueButton on {', '.join(one.node for one in servers.bbb)}"] if servers.bbb else []
    named += ["Scalelite"] if servers.scalelite else []
    named += ["Prometheus"] if servers.prometheus else []
    return "; ".join(named)
