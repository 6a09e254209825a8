"""What Scalelite says of its servers, by API and by `rake status`, which counts people in breakout rooms twice.

After its source, 1.5.1 to 1.8.5: app/controllers/api/servers_controller.rb, lib/tasks/status.rake and poll.rake.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from planner.model.inputs.observations import NAME, NAME_WANTED, NodeReading, contradiction
from planner.readings import ReadingError, from_json, naming
from planner.readings.bbb import Algorithm, answered, call, failed, failure
from planner.readings.transport import Secret

ALGORITHMS: tuple[Algorithm, ...] = ("sha256", "sha1", "sha512")
"""It tells them apart by their length, and knows no other."""
_LOAD = re.compile(r"\d{1,9}(\.\d{1,20})?")
HEADER = re.compile(r"HOSTNAME\s+STATE\s+STATUS\b")
"""How the table of `rake status` begins."""
_COUNTS = re.compile(r"STATUS\s+MEETINGS\s+USERS\s+LARGEST.*\sVIDEOS")
_MOST_CELLS = 10
_STATES, _STATUSES = ("enabled", "cordoned", "disabled"), ("online", "offline")
_OLD = "it is too old for this interface, which wants Scalelite 1.5.1 or later"
_WORDS = {
    "checksumError": "the secret is not the load balancer's (LOADBALANCER_SECRET), or it takes another checksum",
    "unsupportedRequest": f"{_OLD}: give it `rake status` as a file, or name the nodes themselves",
}
_PROMPT = re.compile(r"[$#%>]")
"""What a shell waits behind: what follows was typed after the table."""
_PART = re.compile(r"[A-Za-z0-9.:-]+")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")


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
    with naming(where):
        if answer.status == 404:
            raise ReadingError(f"answered 404: no servers are configured there, or {_OLD}")
        if answer.status == 304:  # HTTP sends no text with it
            raise ReadingError(f"answered 304: {_WORDS['checksumError']}")
        if answer.body.lstrip().startswith(b"<"):  # it answers in XML whatever it does not allow, with status 200
            root = answered(answer.body)
            raise ReadingError(_WORDS.get(failed(root)) or failure(root))
        if answer.status != 200:
            raise ReadingError(f"answered {answer.status}, not 200: is the address right?")
        return parse(answer.body, server.nodes)


def parse(body: bytes, nodes: Mapping[str, str]) -> dict[str, NodeReading]:
    """Return what an answer to getServers says; the servers' secrets in it go no further than here."""
    servers = from_json(body, "the answer is not JSON")
    if not isinstance(servers, list) or not all(isinstance(server, dict) for server in servers):
        raise ReadingError("the answer is not a list of servers")
    readings: dict[str, NodeReading] = {}
    for server in servers:
        if (name := nodes.get(host(server.get("url")))) is None:
            continue
        if name in readings:
            raise ReadingError(f"the answer lists {name} twice")
        serving = _is_serving(name, _word(server, "state"), _word(server, "online"))
        load = _word(server, "load")  # "unavailable" where it was not polled, or is offline
        if load != "unavailable" and not _LOAD.fullmatch(load):
            raise ReadingError(f"the load of {name} is neither a number nor unavailable")
        known = load != "unavailable" and _word(server, "online") == "online"
        readings[name] = NodeReading(load=float(load) if known else None, online=serving)
    return readings


def parse_status(text: str) -> dict[str, NodeReading]:
    """Return what the table of `rake status` says of each server, by the first part of its host name.

    What stands before the table and after it is left out. Of a server that is offline, or was not polled yet, nothing
    is read: its counts are blank, zero or old, as the version has it.
    """
    readings: dict[str, NodeReading] = {}
    for number, cells in _rows(text):
        # the columns after VIDEOS may be blank, and the load need not be the scenario's
        numbers = [cell for cell in cells[3:7] if re.fullmatch(r"[0-9]{1,7}", cell)]
        two = len(cells) > _MOST_CELLS or any(cell.lower() in (*_STATES, *_STATUSES) for cell in cells[3:])
        if two or len(cells) < 3 or len(numbers) not in (0, 4) or (not numbers and len(cells) > 5):
            raise ReadingError(f"line {number}: wanted host, state, status and four numbers")
        name = _node(cells[0])
        if not NAME.match(name):
            raise ReadingError(f"line {number}: the host name does not begin with {NAME_WANTED}")
        if name in readings:
            raise ReadingError(f"line {number}: {name} is listed twice")
        with naming(f"line {number}"):
            serving = _is_serving(name, cells[1].lower(), cells[2].lower())
        if not numbers or cells[2].lower() != "online":
            readings[name] = NodeReading(online=serving)
            continue
        rooms, users, largest, videos = (int(cell) for cell in numbers)
        readings[name] = NodeReading(rooms=rooms, users=users, cameras=videos, online=serving)
        if wrong := contradiction(readings[name]) or (f"users {users}, largest {largest}" if largest > users else ""):
            raise ReadingError(f"line {number}: its numbers contradict each other: {wrong}")
    if not readings:
        raise ReadingError("the table lists no server")
    return readings


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Return each row of the table, its line and its cells; a host name that was wrapped is whole again."""
    lines = text.splitlines()
    first, title = next(((n, found) for n, line in enumerate(lines) if (found := HEADER.search(line))), (0, None))
    if title is None:
        raise ReadingError(
            "no line with HOSTNAME STATE STATUS: is this what `rake status` prints, in a terminal wide enough?"
        )
    if not _COUNTS.search(lines[first]):
        raise ReadingError(
            f"line {first + 1}: wanted the columns MEETINGS, USERS, LARGEST MEETING, VIDEOS, in this order"
        )
    if early := next((number for number, line in enumerate(lines[:first], 1) if _like_a_row(line)), 0):
        raise ReadingError(f"line {early}: a row above the titles, which are in line {first + 1}")
    before = lines[first][: title.start()].rstrip()  # what docker, kubectl or a log put in front of each line
    wraps = "BBB VERSION" not in lines[first]  # the versions that have this column do not
    row: tuple[int, list[str]] | None = None
    indent = None
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if HEADER.search(line):
            raise ReadingError(f"line {number}: a second table begins here: keep the newer one alone")
        within = _within(before, line)
        cells, at = within.split(), len(within) - len(within.lstrip())
        if not cells:
            if _like_a_row(line):
                raise ReadingError(f"line {number}: wanted the beginning of line {first + 1} in front of each row")
        elif row is None and all(cell in "MEETING" for cell in cells):
            continue  # the rest of a title that was wrapped
        elif wraps and row is not None and len(cells) == 1 and at == indent and _PART.fullmatch(cells[0]):
            cut_off = number == len(lines) and not text.endswith(("\n", "\r"))
            if cut_off or ("." in cells[0] and row[1][0].endswith(cells[0][cells[0].index(".") :])):
                raise ReadingError(f"line {number}: the table breaks off here")
            row[1][0] += cells[0]
        elif row is not None and at < (indent or 0) and _PROMPT.search(within):
            if late := next((n for n, more in enumerate(lines[number - 1 :], number) if _like_a_row(more)), 0):
                why = f"a row after line {number}, where the table ends" if late > number else "a row behind a prompt"
                raise ReadingError(f"line {late}: {why}")
            break
        else:
            if row is not None:
                yield row
            row, indent = (number, cells), at if indent is None else indent
    if row is not None:
        yield row


def _like_a_row(line: str) -> bool:
    """Return whether a line outside the table may be one of its rows: four numbers, a state, or a host alone."""
    cells = line.split()
    numbers = sum(cell.isascii() and cell.isdecimal() for cell in cells)
    known = any(cell.lower() in (*_STATES, *_STATUSES) for cell in cells)
    return numbers >= 4 or (known and len(cells) > 2) or _HOST.fullmatch(line.strip()) is not None


def _within(before: str, line: str) -> str:
    """Return what is the table's own of a line: what follows as much as stands in front of its titles."""
    own = line[len(before) :]
    return own if not before or (line[: len(before)].endswith(before[-1]) and own[:1] in ("", " ")) else ""


def _node(name: str) -> str:
    """Return the node that a host is: the first part of its name, or its address with - for each dot or colon."""
    try:
        return re.sub("[.:]", "-", str(ip_address(name.strip("[]"))))
    except ValueError:
        return name.lower().partition(".")[0]


def _is_serving(name: str, state: str, status: str) -> bool:
    """Return whether a server takes new meetings; a word that Scalelite does not know is not taken for a no."""
    if state not in _STATES or status not in _STATUSES:
        wanted = f"wanted {', '.join(_STATES)}, and {' or '.join(_STATUSES)}"
        raise ReadingError(f"whether {name} takes meetings is not understood: {wanted}")
    return state == "enabled" and status == "online"


def host(url: object) -> str:
    """Return the host in an address, or the host itself, as it is compared; "" = none."""
    if not isinstance(url, str):
        return ""
    try:
        return (urlsplit(url if "//" in url else f"//{url}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _word(server: Mapping[str, Any], name: str) -> str:
    """Return a field in small letters; the load comes as a number or as text."""
    return str(server.get(name, "")).strip().lower()
