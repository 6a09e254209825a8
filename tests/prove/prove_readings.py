"""Each reader is fed damaged bytes: it answers with a reading or a ReadingError, within time and size.

PYTHONPATH=.:tests python tests/prove/prove_readings.py --count 100000 --seed 1
"""

import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import proof
from fake_bbb import PERSONAL, SECRET, Room, listed

from planner.readings import (
    ReadingError,
    bbb,
    dashboard,
    file,
    imports,
    ledger,
    live,
    members,
    prometheus,
    scalelite,
    web_log,
)
from planner.readings import servers as places
from planner.readings.transport import Secret

FULL = 100_000
LONGEST_S = 10.0
"""For one damaged answer, on a machine that has other work."""
MOST_KB = 400_000
"""That the process may grow by."""
MEETING = Room(1).internal
ODD = (
    *(b"9" * 30, b"-1", b"NaN", b"Infinity", b"1e999", b"null", b"{}", b"10000-01-01", b"%s%n", b"//[x", b"[" * 5000),
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"<a>" * 5000, b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;"),
    *(b"\r\n\r\n", b"-5\r\n", b"-1\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: -5\r\n"),
    b"HTTP/1.1 302 Found\r\nLocation: //[x\r\n",
)
Reader = Callable[[bytes], object]

STATUS = (
    b" HOSTNAME  STATE  STATUS  MEETINGS  USERS  LARGEST MEETING  VIDEOS\n de.x.org  enabled  online  1  2  2  0  3.0\n"
)
SERIES = {"metric": {"node": "de"}, "values": [[1620115200.0, "7"], [1620115260.0, "NaN"]]}
READING = {"schema": file.SCHEMA, "taken_at": "2021-05-04T10:00:00+01:00", "source": "a", "nodes": {"de": {"rooms": 1}}}
BOARD = {"intId": MEETING, "createdOn": 1620115200000, "endedOn": 1620118800000, "users": {"a": {"intIds": {}}}}
LOG = f'2021-05-04T09:00:00.000Z INFO - --analytics-- data={{"logCode": "meeting_started", "meetingId": "{MEETING}"}}\n'
TOML = b"[nodes.de]\nurl = 'https://x/'\n[prometheus]\nurl = 'http://x/'\nnodes = {de = 'a=\"b\"'}\n"
SHEET = b"account,level,pays\nocn-001,level-1,credit\n"
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
ANSWER = listed([Room(1), Room(2, parent=1), Room(3, users=60)])

PARSERS: dict[str, tuple[bytes, Reader]] = {
    "getMeetings": (ANSWER, bbb.parse),
    "getServers": (b'[{"url": "https://n/", "load": "1.0"}]', lambda body: scalelite.parse(body, {"n": "n"})),
    "rake status": (STATUS, lambda body: scalelite.parse_status(body.decode("utf-8", "replace"))),
    "Prometheus": (json.dumps({"status": "success", "data": {"result": [SERIES]}}).encode(), prometheus.parse),
    "reading": (json.dumps(READING).encode(), file.parse),
    "dashboard": (json.dumps(BOARD).encode(), lambda body: dashboard.parse(body, "de")),
    "bbb-web.log": (LOG.encode() * 3, lambda body: web_log.Log("de").add(body.splitlines(keepends=True))),
    "meetings": (b"start,end,users,node\n2021-05-04T10:00Z,,6,de\n", imports.meetings_table),
    "members": (SHEET, members.sheet),
    "statement": (b"date,kind,amount\n2021-05-04,fee,9.00\n", ledger.statement),
}


def damaged(body: bytes, chance: Random) -> bytes:
    """Return the bytes with some pieces cut out, doubled, moved or replaced."""
    for _ in range(chance.randint(1, 3)):
        first = chance.randint(0, len(body))
        last = min(len(body), first + chance.choice((0, 1, 1, 5, 40)))
        put = chance.choice((chance.choice(ODD), chance.randbytes(chance.randint(0, 8)), body[first:last] * 2, b""))
        body = body[:first] + put + body[last:]
    return body


def parsers(count: int, seed: int) -> str | None:
    """Return what went wrong when the parsers were fed so many damaged texts; None = nothing."""
    chance, names = Random(seed), list(PARSERS)
    for number in range(count):
        good, parse = PARSERS[names[number % len(names)]]
        body = damaged(good, chance)
        if problem := _fed(parse, body):
            return f"{names[number % len(names)]}: {problem}: {body[:300]!r}"
    return None


def files(count: int, seed: int) -> str | None:
    """Return what went wrong when files of readings and of servers were damaged; None = nothing."""
    chance = Random(seed)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        for number in range(count):
            good, load = ((STATUS, file.load), (json.dumps(READING).encode(), file.load), (TOML, _servers))[number % 3]
            body = damaged(good, chance)
            path.write_bytes(body)
            if problem := _fed(lambda _, load=load: load(path), body):  # type: ignore[misc]
                return f"a file: {problem}: {body[:300]!r}"
    return None


def wire(count: int, seed: int) -> str | None:
    """Return what went wrong when servers answered with damaged HTTP; None = nothing."""
    chance, body = Random(seed), ANSWER
    series = json.dumps({"status": "success", "data": {"result": [SERIES]}}).encode()
    for _ in range(count):
        answers = [damaged(HTTP % (len(one), one), chance) for one in (body, series, b"[]")]
        with answering(answers) as urls:
            whom = places.Servers(
                (bbb.Server("de", urls[0], Secret(SECRET), "sha256", None),),
                scalelite.Server(urls[2], Secret(SECRET), "sha256", {"ca.x.org": "ca"}, None),
                prometheus.Server(urls[1], {"nl": 'node="nl"'}),
                "cpu",
            )
            began = time.monotonic()
            try:
                reading = live.read(whom, datetime.now(UTC), within=2.0)
            except Exception as error:
                return f"{type(error).__name__} at {answers!r}"
            if time.monotonic() - began > LONGEST_S or {"de", "ca", "nl"} - {*reading.nodes, *reading.unread}:
                return f"late, or a node of which nothing is said, at {answers!r}"
            if any(word in str(reading.unread) for word in (*PERSONAL, SECRET, "checksum=")):
                return f"a secret in {reading.unread!r}"
    return None


def _servers(path: Path) -> places.Servers:
    return places.load(path, {"PLANNER_SECRET_DE": SECRET})


def _fed(parse: Reader, body: bytes) -> str | None:
    """Return what is wrong with how a reader took some bytes; None = it gave a reading, or a reason without secrets."""
    began = time.monotonic()
    try:
        parse(body)
    except ReadingError as error:
        if any(word in str(error) for word in (*PERSONAL, SECRET)):
            return "it repeats what was sent"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "it takes too long" if time.monotonic() - began > LONGEST_S else None


@contextmanager
def answering(answers: list[bytes]) -> Iterator[list[str]]:
    """Serve each of these bytes, and nothing else, at an address of its own."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in answers]

    def serve(door: socket.socket, answer: bytes) -> None:
        while True:
            try:
                there, _ = door.accept()
            except OSError:
                return
            with there:
                try:
                    there.settimeout(1)
                    there.recv(65_536)
                    there.sendall(answer)
                except OSError:
                    continue

    for door, answer in zip(doors, answers, strict=True):
        threading.Thread(target=serve, args=(door, answer), daemon=True).start()
    try:
        yield [f"http://127.0.0.1:{door.getsockname()[1]}/" for door in doors]
    finally:
        for door in doors:
            door.shutdown(socket.SHUT_RDWR)
            door.close()


def prove(count: int, seed: int) -> str:
    """Read so many damaged inputs, one in a hundred of them over the wire; return what was counted."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problem = parsers(count, seed) or files(count // 10, seed) or wire(max(count // 100, 1), seed)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert not problem, problem
    assert grown <= MOST_KB, f"the process grew by {grown // 1000} MB"
    return f"{count} damaged inputs"


if __name__ == "__main__":
    proof.main("readings", prove, FULL)
