"""What Scalelite says of its servers, by API and by `rake status`, which counts people in breakout rooms twice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from planner.model.inputs.observations import NAME, NAME_WANTED, NodeReading
from planner.readings import ReadingError, from_json, naming
from planner.readings.bbb import Algorithm, call
from planner.readings.transport import Secret

_LOAD = re.compile(r"\d{1,9}(\.\d{1,9})?")
TITLES = ("HOSTNAME", "STATE", "STATUS")
"""How the table of `rake status` begins."""
_COUNTS = ("MEETINGS", "USERS", "LARGEST MEETING", "VIDEOS")


@dataclass(frozen=True, slots=True)
class Server:
    """A balancer that says load and state of the nodes behind it."""

    url: str
    secret: Secret
    checksum: Algorithm
    nodes: Mapping[str, str]
    ca_file: Path | None = None


def read(server: Server, *, until: float | None = None) -> dict[str, NodeReading]:
    """Return load and state of each node that Scalelite knows, from getServers; until [s]."""
    base = f"{server.url.rstrip('/').removesuffix('/scalelite/api')}/scalelite/api"
    answer, where = call(base, "getServers", server.secret, server.checksum, server.ca_file, until)
    if answer.status != 200:
        raise ReadingError(f"{where}: answered {answer.status}: is the secret that of the load balancer?")
    with naming(where):
        return parse(answer.body, server.nodes)


def parse(body: bytes, nodes: Mapping[str, str]) -> dict[str, NodeReading]:
    """Return what an answer to getServers says; the servers' secrets in it go no further than here."""
    data = from_json(body, "the answer is not JSON")
    servers = data.get("servers") if isinstance(data, dict) else data
    if not isinstance(servers, list) or not all(isinstance(server, dict) for server in servers):
        raise ReadingError("the answer is not a list of servers")
    readings: dict[str, NodeReading] = {}
    for server in servers:
        if (name := nodes.get(_host(server.get("url")))) is None:
            continue
        if name in readings:
            raise ReadingError(f"the answer lists {name} twice")
        serving = _word(server, "state") == "enabled" and _word(server, "online") == "true"
        load = _word(server, "load")  # of one that is offline "unavailable", or nothing
        readings[name] = NodeReading(load=float(load) if _LOAD.fullmatch(load) else None, online=serving)
    return readings


def parse_status(text: str) -> dict[str, NodeReading]:
    """Return what the table of `rake status` says of each server, by the first part of its host name."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if line.split()[: len(TITLES)] == list(TITLES)), None)
    if first is None:
        raise ReadingError(f"no line with {' '.join(TITLES)}: is this what `rake status` prints?")
    if not all(name in lines[first] for name in _COUNTS):
        raise ReadingError(f"line {first + 1}: wanted the columns {', '.join(_COUNTS)}")
    readings: dict[str, NodeReading] = {}
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if not line.strip():
            continue
        cells = line.split()[:7]  # the columns after VIDEOS may be blank, and the load need not be the scenario's
        if len(cells) < 7 or not all(re.fullmatch(r"[0-9]{1,7}", cell) for cell in cells[3:]):
            raise ReadingError(f"line {number}: wanted host, state, status and four numbers")
        name = cells[0].lower().partition(".")[0]
        if not NAME.match(name):
            raise ReadingError(f"line {number}: the host name does not begin with {NAME_WANTED}")
        if name in readings:
            raise ReadingError(f"line {number}: {name} is listed twice")
        rooms, users, _, videos = (int(cell) for cell in cells[3:])
        serving = cells[1].lower() == "enabled" and cells[2].lower() == "online"
        readings[name] = NodeReading(rooms=rooms, users=users, cameras=videos, online=serving)
    if not readings:
        raise ReadingError("the table lists no server")
    return readings


def _host(url: object) -> str:
    try:
        return (urlsplit(url).hostname or "") if isinstance(url, str) else ""
    except ValueError:
        return ""


def _word(server: Mapping[str, Any], name: str) -> str:
    """Return a field as Scalelite writes it, all as text; older versions write booleans and numbers as they are."""
    return str(server.get(name, "")).strip().lower()
