"""Whatever a source does, its node is "not read" in time, with a reason that tells no secret, and nobody else waits."""

import asyncio
import http.client
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_bbb import PERSONAL, SECRET, Fake, Handler, Room, listed, serving, silence
from stored_plan import ROOT

from planner.model.inputs.observations import Reading
from planner.readings import ReadingError, bbb, live, prometheus, scalelite, transport
from planner.readings.servers import Servers
from planner.readings.transport import Secret, fetch

GOOD = listed([Room(1)])


def asking(**urls: str) -> Servers:
    """Return servers whose nodes answer getMeetings at these addresses."""
    nodes = tuple(bbb.Server(name, url, Secret(SECRET), "sha256", None) for name, url in urls.items())
    return Servers(nodes, None, None, "cpu")


def read(servers: Servers, **more: float) -> Reading:
    """Return what is read of the servers now."""
    return live.read(servers, datetime.now(UTC), **more)


def raw(head: bytes, *body: bytes) -> Callable[[Handler], bool]:
    """Return what answers with these bytes and nothing else."""

    def answer(handler: Handler) -> bool:
        handler.wfile.write(b"HTTP/1.1 " + head + b"\r\n\r\n")
        for part in body:
            handler.wfile.write(part)
        return True

    return answer


def chunked(*sizes: str) -> Callable[[Handler], bool]:
    """Return what announces chunks of these sizes, each followed by an answer's bytes."""
    parts = [f"{size}\r\n".encode() + GOOD + b"\r\n" for size in sizes]
    return raw(b"200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked", *parts)


def endless(start: bytes, part: bytes) -> Callable[[Handler], bool]:
    """Return what never ends."""

    def answer(handler: Handler) -> bool:
        handler.wfile.write(b"HTTP/1.1 " + start)
        while True:
            handler.wfile.write(part)

    return answer


def redirected(where: str) -> Callable[[Handler], bool]:
    """Return what redirects there."""
    return raw(b"302 Found\r\nLocation: " + where.encode("latin-1") + b"\r\nContent-Length: 0")


XML = b"200 OK\r\nContent-Type: text/xml\r\n"
CHUNKS = XML + b"Transfer-Encoding: chunked\r\n\r\n"
MEGABYTE = b" " * 1_000_000
FAULTS: dict[str, Callable[[Handler], bool]] = {
    "redirect to half an address": redirected("//[x"),
    "redirect to 60 kB": redirected("/" + "a" * 60_000),
    "chunk of size -5": chunked("-5"),
    "chunk of size -1, and its end": chunked("-1"),
    "chunk of no size": chunked(""),
    "chunk of a word": chunked("many"),
    "chunk of 2^80 bytes": chunked("1" + "0" * 20),
    "chunk of 70 kB of digits": chunked("1" * 70_000),
    "chunk of size -1, without end": endless(CHUNKS + b"-1\r\n", MEGABYTE),
    "chunk of 2^60 bytes, without end": endless(CHUNKS + b"1000000000000000\r\n", MEGABYTE),
    "chunks of one byte, without end": endless(CHUNKS, b"1\r\n \r\n" * 100_000),
    "trailers without end": endless(CHUNKS + b"0\r\n", b"X: y\r\n" * 100_000),
    "headers without end": endless(XML, b"X: y\r\n" * 100_000),
    "one header without end": endless(b"200 OK\r\nX: ", MEGABYTE),
    "100 Continue without end": endless(b"", b"100 Continue\r\n\r\nHTTP/1.1 " * 10_000),
    "a length below nothing": raw(XML + b"Content-Length: -1", GOOD[:40]),
    "a length of 5,000 digits": raw(XML + b"Content-Length: " + b"9" * 5000, GOOD[:40]),
    "a status that is no number": raw(b"OK\r\nContent-Type: text/xml", GOOD),
    "a status of 5,000 digits": raw(b"2" * 5000 + b" OK", GOOD),
    "headers that are no text": raw(b"200 OK\r\n\xff\xfe: \x00\r\nContent-Type: \xff/xml", GOOD[:40]),
    "nested 100,000 deep": raw(XML[:-2], b"<a>" * 100_000 + b"</a>" * 100_000),
    "an encoding that does not fit": raw(XML[:-2], b'<?xml version="1.0" encoding="utf-16"?><a/>'),
    "an encoding that is no text": raw(XML[:-2], b'<?xml version="1.0" encoding="hex"?><a/>'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_breaks_the_protocol_is_not_read(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In time, within the 20 MB, named with host and path, without the query; the other node is read."""
    monkeypatch.setattr(transport, "PAUSE_S", 0.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    with serving(Fake(act=FAULTS[fault])) as bad, serving(Fake(rooms=[Room(1)])) as good:
        reading = read(asking(bad=bad.url, good=good.url), within=6.0)
    assert time.monotonic() - began < 10
    assert list(reading.nodes) == ["good"]
    assert reading.unread["bad"].startswith(bad.url)
    assert "checksum=" not in reading.unread["bad"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # kB


@pytest.mark.parametrize(
    "error",
    [
        RecursionError, MemoryError, OverflowError, ZeroDivisionError, KeyError, AssertionError, OSError,
        http.client.IncompleteRead(b"Annelore"), asyncio.LimitOverrunError("Annelore", 7), ValueError(f"{SECRET}"),
        UnicodeDecodeError("utf-8", b"Annelore", 0, 1, "Annelore"), UnicodeError("Annelore"), StopIteration,
    ],
)  # fmt: skip
@pytest.mark.parametrize("at", ["bbb.parse", "scalelite.parse", "prometheus.parse", "transport._exchange"])
def test_whatever_a_source_raises_is_that_sources_own(
    monkeypatch: pytest.MonkeyPatch, error: Exception | type[Exception], at: str
) -> None:
    """Only the type is shown: the text of an error may quote what was sent."""

    def fail(*_: object, **__: object) -> None:
        raise error

    module, name = at.split(".")
    monkeypatch.setattr(sys.modules[f"planner.readings.{module}"], name, fail)
    monkeypatch.setattr(transport, "PAUSE_S", 0.0)
    body = json.dumps({"status": "success", "data": {"result": []}}).encode()
    with serving(Fake(rooms=[Room(1)])) as one, serving(Fake(body=body, kind="application/json")) as two:
        balancer = scalelite.Server(two.url, Secret(SECRET), "sha256", {"ca.example.org": "ca"}, None)
        metrics = prometheus.Server(two.url, {"nl": 'node="nl"'}, Secret(SECRET))
        reading = read(Servers(asking(de=one.url).bbb, balancer, metrics, "cpu"), within=6.0)
    failed = {"bbb.parse": "de", "scalelite.parse": "ca", "prometheus.parse": "nl"}.get(at, "de")
    assert "http://127.0.0.1:" in reading.unread[failed]
    assert (error if isinstance(error, type) else type(error)).__name__ in reading.unread[failed]
    assert not any(word in str(reading.unread) for word in (*PERSONAL, SECRET, "checksum=", "query="))


def test_a_range_that_breaks_is_one_reading_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same boundary for what Prometheus has kept."""
    monkeypatch.setattr(transport, "PAUSE_S", 0.0)
    now = datetime.now(UTC)
    for fault in ("redirect to half an address", "chunk of size -5", "chunk of 2^80 bytes", "a status of 5,000 digits"):
        with serving(Fake(act=FAULTS[fault])) as bad:
            server = prometheus.Server(bad.url, {"de": 'node="de"'})
            with pytest.raises(ReadingError, match=r"api/v1/query_range: ") as caught:
                prometheus.history(server, "de", now, now, timedelta(seconds=60))
            assert "query=" not in str(caught.value)


# One patience


@contextmanager
def dead(count: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield addresses of this machine that take no connection and refuse none: their queues are full."""
    there: list[socket.socket] = []
    try:
        for _ in range(count):
            full = socket.create_server(("127.0.0.1", 0), backlog=0)
            there.append(full)
            for _ in range(4):
                waiting = socket.socket()
                waiting.setblocking(False)
                waiting.connect_ex(full.getsockname())
                there.append(waiting)
        addresses = [one.getsockname() for one in there[::5]]
        yield [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    finally:
        for one in there:
            one.close()


def test_six_dead_addresses_are_given_up_within_one_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was one patience for each address and each try."""
    with dead(6) as addresses:
        monkeypatch.setattr(socket, "getaddrinfo", _found(addresses))
        monkeypatch.setattr(transport, "PATIENCE_S", 2.0)
        began = time.monotonic()
        with pytest.raises(ReadingError, match="no whole answer in time"):
            fetch("http://de.example.org/", until=began + 2.0)
        assert 1.5 < time.monotonic() - began < 3.0


def test_an_address_that_lives_is_found_behind_dead_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    with dead(2) as addresses, serving(Fake(rooms=[Room(1)])) as good:
        port = int(good.url.split(":")[2].split("/")[0])
        lives = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", _found([*addresses, lives]))
        assert read(asking(de=f"http://de.example.org:{port}/bigbluebutton/"), within=6.0).nodes["de"].rooms == 1


def _found(addresses: list[tuple[Any, ...]]) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a name service that gives these for de.example.org; an address stays what it is."""

    def find(host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        return addresses if host == "de.example.org" else [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]

    return find


def test_all_servers_together_have_one_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silent ones, one whose name is never found, and one that answers: all of it in the time for one."""
    monkeypatch.setattr(socket, "getaddrinfo", _never(socket.getaddrinfo))
    with serving(Fake(act=silence)) as silent, serving(Fake(rooms=[Room(1)])) as good:
        urls = {f"n{number}": silent.url for number in range(8)}
        began = time.monotonic()
        reading = read(asking(**urls, lost="http://never.example.org/", good=good.url), within=1.5)
        assert time.monotonic() - began < 3
    assert list(reading.nodes) == ["good"]
    assert len(reading.unread) == 9
    assert all("no whole answer in time" in why for why in reading.unread.values())


def _never(real: Callable[..., Any]) -> Callable[..., Any]:
    def find(host: str, *more: object, **options: object) -> Any:
        if host == "never.example.org":
            time.sleep(60)
        return real(host, *more, **options)

    return find


def test_a_name_that_is_never_found_does_not_keep_the_program_from_ending() -> None:
    """A thread that does not come back holds up neither the answer nor the exit."""
    code = """
import socket, time
from datetime import UTC, datetime, timedelta
from planner.readings import bbb, live, servers, transport
socket.getaddrinfo = lambda *_, **__: time.sleep(600)
one = bbb.Server("de", "https://never.example.org/", transport.Secret("x"), "sha256", None)
print(live.read(servers.Servers((one,), None, None, "cpu"), datetime.now(UTC), within=0.5).unread["de"])
"""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == "https://never.example.org/: no whole answer in time\n"
    assert done.stderr == ""
    assert time.monotonic() - began < 15


def test_no_thread_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", none)
    assert "in time" in read(asking(de="http://127.0.0.1:1/"), within=0.2).unread["de"]


def test_certificates_in_a_pipe_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ca.pem")
    with pytest.raises(ReadingError, match="found a pipe"):
        bbb.read(
            bbb.Server("de", "https://127.0.0.1:1/", Secret(SECRET), ca_file=tmp_path / "ca.pem"), datetime.now(UTC)
        )
