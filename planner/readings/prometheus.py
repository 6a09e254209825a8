"""What Prometheus has kept of bigbluebutton-exporter 0.7 and node_exporter (prometheus.io/docs, HTTP API).

The exporter counts people in breakout rooms twice, and zero meetings after every failed call: zeros are not read.
"""

import base64
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from planner.model.inputs.observations import NodeReading, Sample, contradiction
from planner.readings import ReadingError, boundary, from_json, naming
from planner.readings.transport import Secret, clocks_agree, fetch, shown

# the sums below count everybody twice where two exporters answer, or one that is scraped twice; and two of which one
# says 1 and the other 0 have a sum of 1 as well
_EXPORTERS = "count(bbb_api_up{<>})"
_UP = "min(bbb_api_up{<>})"
_FEWEST = "min(bbb_meetings{<>})"
_LISTED = f"and {_FEWEST} > 0 and {_UP} == 1 and {_EXPORTERS} == 1"
_IDLE = 'node_cpu_seconds_total{mode="idle",<>}'
_ALL_MODES = "sum(rate(node_cpu_seconds_total{<>}[5m]))"
_FIRST_CORE = 'node_cpu_seconds_total{mode="idle",cpu="0",<>}'
# over several, an idle one would hide a full one; also one that has stopped, whose rates last as long as the window
_ONE_MACHINE = f"and count({_FIRST_CORE}) == 1 and count(count_over_time({_FIRST_CORE}[5m])) == 1"
# a core gains a second in a second. Of a counter that went back, `rate` takes all it has for new, and one that jumped
# (both happen to that of an idle core) hides the others: a full machine would look idle. Each core is asked by itself,
# for a tenth of all of them would hide a quarter of what is left of a machine near its limit
_STEADY = "unless count(sum by (cpu) (rate(node_cpu_seconds_total{<>}[5m])) > 1.1)"
QUERIES: Mapping[str, str] = {
    "rooms": f"sum(bbb_meetings{{<>}}) {_LISTED}",
    "users": f"sum(bbb_meetings_participants{{<>}}) {_LISTED}",
    "cameras": f"sum(bbb_meetings_video_participants{{<>}}) {_LISTED}",
    # a share of all cores, as the scenario's load limit is; a ratio of rates holds for a series of a minute's age too
    "load": f"1 - sum(rate({_IDLE}[5m])) / {_ALL_MODES} {_ONE_MACHINE} {_STEADY}",
    "egress": 'sum(irate(node_network_transmit_bytes_total{device!~"lo|docker.*|veth.*|br-.*",<>}[5m])) * 8 / 1e6',
}
_SCRAPED = "min(timestamp(bbb_meetings{<>}))"
_COUNTS = ("rooms", "users", "cameras")
_LAST = 4e9
"""Seconds since 1970: a time after this, in 2096, is none."""
_MOST_POINTS, _MOST_WINDOWS = 10_000, 200
"""Points in one range query, of which Prometheus gives 11,000 at most; queries for nearly four years of minutes."""
_APART_S = 5.0
"""What an answer may lie beside the time that was asked for, beyond a step of a range: some stores align those."""
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
    user: str = ""
    """With a user the token is the password of HTTP's basic authentication."""

    @property
    def headers(self) -> dict[str, str]:
        """Return what proves who asks; not to be shown."""
        if self.token is None:
            return {}
        if not self.user:
            return {"Authorization": f"Bearer {self.token.reveal()}"}
        both = f"{self.user}:{self.token.reveal()}".encode()
        return {"Authorization": f"Basic {base64.b64encode(both).decode()}"}


def read(
    server: Server, node: str, now: datetime, *, until: float | None = None
) -> tuple[NodeReading, datetime, str | None]:
    """Return what Prometheus knows of a node now, since when, and why its meetings are unknown; until [s]."""
    exporters, up, fewest = (_instant(server, node, query, now, until) for query in (_EXPORTERS, _UP, _FEWEST))
    values = {name: _instant(server, node, query, now, until) for name, query in QUERIES.items()}
    doubt = _doubt(node, exporters, up, fewest)
    if doubt is not None:
        doubt = f"{shown(server.url)}: {doubt}"
        values |= dict.fromkeys(_COUNTS)
    if all(value is None for value in values.values()):
        raise ReadingError(doubt or f"{shown(server.url)}: no series of {node}: are its labels right?")
    # a value may be five minutes old before Prometheus drops it; load alone has no exporter of BBB behind it
    scraped = _instant(server, node, _SCRAPED, now, until)
    if scraped is None:
        return _reading(values), now, doubt
    if not 0 <= scraped <= _LAST:
        raise ReadingError(f"{shown(server.url)}: the time of the last scrape is not a time")
    return _reading(values), datetime.fromtimestamp(scraped, UTC), doubt


def _doubt(node: str, exporters: float | None, up: float | None, fewest: float | None) -> str | None:
    """Return why what the exporter counts is not known; None = it is, or there is no exporter."""
    if fewest is None and exporters is None:
        return None
    if exporters is None:
        return f"the exporter of {node} does not say whether it reaches BigBlueButton: bbb_api_up is missing"
    if exporters != 1:
        return f"{exporters:g} exporters answer to the labels of {node}: wanted those of one"
    if up != 1:
        return f"the exporter of {node} cannot reach BigBlueButton"
    if fewest is None or fewest > 0:
        return None
    return (
        f"the exporter of {node} lists no meetings, as it also does when BigBlueButton refuses to list them: "
        f"give [nodes.{node}] a url, or ask again while somebody meets"
    )


def history(server: Server, node: str, start: datetime, end: datetime, step: timedelta) -> tuple[Sample, ...]:
    """Return a node's samples from `start` to `end`, one each `step`; times without any value are left out."""
    columns: dict[str, dict[float, float]] = {name: {} for name in QUERIES}
    for name, query in QUERIES.items():
        for first, last in _windows(start, end, step):
            parameters = {"start": first.timestamp(), "end": last.timestamp(), "step": step.total_seconds()}
            for points in _ask(server, "query_range", node, query, parameters):
                columns[name].update(points)
    times = sorted({time for column in columns.values() for time in column})
    return tuple(
        Sample(datetime.fromtimestamp(time, UTC), node, _reading({name: columns[name].get(time) for name in QUERIES}))
        for time in times
    )


def _instant(server: Server, node: str, query: str, now: datetime, until: float | None) -> float | None:
    """Return the one value of a query, or None if there is no series behind it."""
    series = _ask(server, "query", node, query, {"time": now.timestamp()}, until)
    if len(series) > 1:
        raise ReadingError(f"{shown(server.url)}: more than one value for {node}")
    return next((value for points in series for value in points.values()), None)


def _ask(
    server: Server, call: str, node: str, query: str, parameters: Mapping[str, float], until: float | None = None
) -> list[dict[float, float]]:
    """Return the points of each series that answers one query."""
    labels = server.nodes[node]
    if not _LABELS.fullmatch(labels):
        raise ReadingError(f'{node}: wanted labels such as instance="de.example.org:9688"')
    numbers = {name: f"{value:.3f}" for name, value in parameters.items()}
    text = urlencode({"query": query.replace("<>", labels), **numbers})
    base = f"{server.url.rstrip('/')}/api/v1/{call}"
    answer = fetch(f"{base}?{text}", headers=server.headers, ca_file=server.ca_file, until=until)
    with boundary(shown(base)), naming(f"{shown(base)}: answered {answer.status}"):
        if answer.status in (401, 403):
            raise ReadingError("it wants a token, or a user and a password, that it knows: see [prometheus]")
        series = parse(answer.body)
        first, last = (parameters.get(name, parameters.get("time", math.nan)) for name in ("start", "end"))
        apart = _APART_S + parameters.get("step", 0.0)
        if not all(first - apart <= time <= last + apart for points in series for time in points):
            raise ReadingError("the answer has a value of another time than the one asked for")
    if "time" in parameters:
        clocks_agree(answer, datetime.fromtimestamp(parameters["time"], UTC), shown(base))
    return series


def parse(body: bytes) -> list[dict[float, float]]:
    """Return time and value of each point of each series in an answer."""
    data = from_json(body, "not with JSON: is the address right?")
    if not isinstance(data, dict) or data.get("status") != "success":
        raise ReadingError("the query failed")
    # Thanos, Mimir and Prometheus itself say in `warnings` that a part is missing, VictoriaMetrics in `isPartial`
    for sign in ("warnings", "infos", "isPartial", "partial"):
        if data.get(sign):
            raise ReadingError(f"with {sign}: a part of what was asked for may be missing")
    answer = data.get("data")
    result = answer.get("result") if isinstance(answer, dict) else None
    points = []
    for series in result if isinstance(result, list) else [result]:
        if not isinstance(series, dict) or not isinstance(series.get("metric"), dict):
            raise ReadingError("the answer is not Prometheus'")
        points.append(_points(series["values"] if "values" in series else [series.get("value")]))
    return points


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
    """Return the values as a reading; counts that contradict each other, or are beyond belief, were not read."""
    sound = {name: value if value is not None and 0 <= value <= 1e9 else None for name, value in values.items()}
    rooms, users, cameras = (None if (value := sound[name]) is None else round(value) for name in _COUNTS)
    # the mean of rates can come out a hair below nothing
    load = values["load"]
    share = None if load is None or not -0.01 <= load <= 1.01 else min(max(load, 0.0), 1.0)
    if contradiction(NodeReading(rooms=rooms, users=users, cameras=cameras)):
        rooms = users = cameras = None
    return NodeReading(rooms=rooms, users=users, cameras=cameras, load=share, egress=sound["egress"])


def _windows(start: datetime, end: datetime, step: timedelta) -> list[tuple[datetime, datetime]]:
    """Return the range cut into pieces that Prometheus answers at once, on one grid, none twice."""
    if step <= timedelta(0) or end < start:
        raise ReadingError("wanted a step above nothing, and an end that is not before the start")
    if (end - start) / step > _MOST_POINTS * _MOST_WINDOWS:
        raise ReadingError(f"wanted at most {_MOST_POINTS * _MOST_WINDOWS:,} points: a later start, or a larger step")
    piece = step * _MOST_POINTS
    starts = [start + number * piece for number in range((end - start) // piece + 1)]
    return [(first, min(first + piece - step, end)) for first in starts]
