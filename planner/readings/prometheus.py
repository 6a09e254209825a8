"""What a Prometheus server has kept: the counts of bigbluebutton-exporter and the CPU and network of node_exporter.

Interface: prometheus.io/docs, HTTP API, instant and range queries. The exporter counts breakout rooms as rooms and
their people twice, and knows cameras only as they come in: rooms and users are upper bounds, streams are not read.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from planner.model.observed import NodeReading, Sample
from planner.readings import ReadingError
from planner.readings.transport import Secret, fetch, shown

QUERIES: Mapping[str, str] = {
    "rooms": "sum(bbb_meetings{<>})",
    "users": "sum(bbb_meetings_participants{<>})",
    "cameras": "sum(bbb_meetings_video_participants{<>})",
    # a share of all cores, as the scenario's load limit is; a ratio of rates holds for a series of a minute's age too
    "load": '1 - sum(rate(node_cpu_seconds_total{mode="idle",<>}[5m])) / sum(rate(node_cpu_seconds_total{<>}[5m]))',
    "egress": 'sum(irate(node_network_transmit_bytes_total{device!~"lo|docker.*|veth.*|br-.*",<>}[5m])) * 8 / 1e6',
}
_UP = "min(bbb_api_up{<>})"
_SCRAPED = "min(timestamp(bbb_meetings{<>}))"
"""A histogram of the rooms open at the moment, not one that grows: it is taken as it is, never as a rate."""
_COUNTS = ("rooms", "users", "cameras")
_LAST = 4e9
"""Seconds since 1970: a time after this, in 2096, is none."""
_MOST_POINTS = 10_000
"""In one range query; Prometheus gives 11,000 at most."""
_LABEL = r'[a-zA-Z_]\w*(=|!=|=~|!~)"[^"\\\n]*(\\.[^"\\\n]*)*"'
_LABELS = re.compile(rf"{_LABEL}(,{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Server:
    """A Prometheus server, and which labels its series of each node carry."""

    url: str
    nodes: Mapping[str, str]
    """By node, e.g. `instance=~"de.example.org:.*"`: they select the exporter and node_exporter of that node alone."""
    token: Secret | None = None
    ca_file: Path | None = None


def read(server: Server, node: str, now: datetime) -> tuple[NodeReading, datetime]:
    """Return what Prometheus knows of a node now, and when that was scraped.

    Raises
    ------
    ReadingError
        If it does not answer, does not know the node, or its exporter cannot reach BBB.
    """
    up = _instant(server, node, _UP, now)
    if up == 0:
        raise ReadingError(f"{shown(server.url)}: the exporter of {node} cannot reach BigBlueButton")
    values = {name: _instant(server, node, query, now) for name, query in QUERIES.items()}
    if all(value is None for value in values.values()):
        raise ReadingError(f"{shown(server.url)}: no series of {node}: are its labels right?")
    # a value may be five minutes old before Prometheus drops it; load alone has no exporter of BBB behind it
    scraped = _instant(server, node, _SCRAPED, now)
    if scraped is None:
        return _reading(values), now
    if not 0 <= scraped <= _LAST:
        raise ReadingError(f"{shown(server.url)}: the time of the last scrape is not a time")
    return _reading(values), datetime.fromtimestamp(scraped, UTC)


def history(server: Server, node: str, start: datetime, end: datetime, step: timedelta) -> tuple[Sample, ...]:
    """Return a node's course from `start` to `end`, one sample each `step`; times without any value are left out.

    Raises
    ------
    ReadingError
        If it does not answer, or answers what is not understood.
    """
    columns: dict[str, dict[float, float]] = {name: {} for name in QUERIES}
    for name, query in QUERIES.items():
        for first, last in _windows(start, end, step):
            parameters = {"start": first.timestamp(), "end": last.timestamp(), "step": step.total_seconds()}
            for _, points in _ask(server, "query_range", node, query, parameters):
                columns[name].update(points)
    times = sorted({time for column in columns.values() for time in column})
    return tuple(
        Sample(datetime.fromtimestamp(time, UTC), node, _reading({name: columns[name].get(time) for name in QUERIES}))
        for time in times
    )


def _instant(server: Server, node: str, query: str, now: datetime) -> float | None:
    """Return the one value of a query, or None if there is no series behind it."""
    found = _ask(server, "query", node, query, {"time": now.timestamp()})
    if len(found) > 1:
        raise ReadingError(f"{shown(server.url)}: more than one value for {node}")
    return next((value for _, points in found for value in points.values()), None)


def _ask(
    server: Server, call: str, node: str, query: str, parameters: Mapping[str, float]
) -> list[tuple[dict[str, Any], dict[float, float]]]:
    """Return labels and points of each series that answers one query."""
    labels = server.nodes[node]
    if not _LABELS.fullmatch(labels):
        raise ReadingError(f'{node}: wanted labels such as instance="de.example.org:9688"')
    text = urlencode(
        {"query": query.replace("<>", labels), **{name: f"{value:.3f}" for name, value in parameters.items()}}
    )
    headers = {} if server.token is None else {"Authorization": f"Bearer {server.token.reveal()}"}
    base = f"{server.url.rstrip('/')}/api/v1/{call}"
    answer = fetch(f"{base}?{text}", headers=headers, ca_file=server.ca_file)
    where = shown(base)
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise ReadingError(f"{where}: answered {answer.status}, not with JSON: is the address right?") from None
    if not isinstance(data, dict) or data.get("status") != "success":
        raise ReadingError(f"{where}: the query failed, answered {answer.status}")
    found = data.get("data")
    result = found.get("result") if isinstance(found, dict) else None
    try:
        return [_series(one) for one in result] if isinstance(result, list) else [_series(result)]
    except ReadingError as error:
        raise ReadingError(f"{where}: {error}") from None


def _series(one: object) -> tuple[dict[str, Any], dict[float, float]]:
    """Return labels and points of one series of an answer."""
    if not isinstance(one, dict) or not isinstance(labels := one.get("metric"), dict):
        raise ReadingError("the answer is not Prometheus'")
    return labels, _points(one["values"] if "values" in one else [one.get("value")])


def _points(values: object) -> dict[float, float]:
    """Return time and value of each point; a value that is no number (0/0, a gap) is left out."""
    if not isinstance(values, list):
        raise ReadingError("the answer has a series without values")
    points: dict[float, float] = {}
    for point in values:
        if not isinstance(point, list) or len(point) != 2:
            raise ReadingError("the answer has a point that is not time and value")
        time, value = (_float(part) for part in point)
        if time is None or not 0 <= time <= _LAST:
            raise ReadingError("the answer has a point without its time")
        if value is not None and math.isfinite(value):
            points[time] = value
    return points


def _float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _reading(values: Mapping[str, float | None]) -> NodeReading:
    """Return the values as a reading; a negative number or one beyond belief was not read."""
    sound = {name: value if value is not None and 0 <= value <= 1e9 else None for name, value in values.items()}
    rooms, users, cameras = (None if (value := sound[name]) is None else round(value) for name in _COUNTS)
    # the mean of rates can come out a hair below nothing
    load = values["load"]
    share = None if load is None or not -0.01 <= load <= 1.01 else min(max(load, 0.0), 1.0)
    return NodeReading(rooms=rooms, users=users, cameras=cameras, load=share, egress=sound["egress"])


def _windows(start: datetime, end: datetime, step: timedelta) -> list[tuple[datetime, datetime]]:
    """Return the range cut into pieces that Prometheus answers at once, on one grid, none twice."""
    if step <= timedelta(0) or end < start:
        raise ReadingError("wanted a step above nothing, and an end that is not before the start")
    piece = step * (_MOST_POINTS - 1)
    windows = []
    while start <= end:
        windows.append((start, min(start + piece, end)))
        start += piece + step
    return windows
