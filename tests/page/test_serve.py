"""The page's server stops when it is told to, in whichever way and at whatever moment, and says nothing about it."""

import gc
import http.client
import json
import logging
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from planner.page import serve
from planner.page.asked import Asked

PILOT = "scenarios/pilot-5.yaml"
TOKEN = "0123456789abcdef"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Endless:
    """Stands in for the processes: an answer takes until the page has stopped."""

    def __init__(self) -> None:
        self.closed = False

    def ahead(self, *_: Any) -> None:
        """Begin nothing."""

    def run(self, *_: Any) -> Iterator[tuple[str, Any]]:
        """Go on."""
        while not self.closed:
            yield "doing", ("drawing", 0.5)
            time.sleep(0.05)

    def close(self) -> None:
        """End."""
        self.closed = True


def post(address: str, where: str, said: Any) -> Any:
    there = urlsplit(address)
    headers = {"Origin": f"http://{there.netloc}"}
    url = f"http://{there.netloc}{there.path}{where}"
    return urllib.request.urlopen(urllib.request.Request(url, json.dumps(said).encode(), headers), timeout=20)


def stopped_by(folder: Path, monkeypatch: pytest.MonkeyPatch, ready: Callable[[str], None]) -> bool:
    """Serve until it is stopped, and return whether Ctrl-C is what stopped it."""
    monkeypatch.setattr(serve, "Crew", Endless)
    try:
        serve.serve(folder, Asked(PILOT), TOKEN, ready, lambda: NOW, lambda _: "", lambda _: "")
    except KeyboardInterrupt:
        return True
    return False


@pytest.mark.parametrize("pressed", [True, False])
def test_it_stops_while_an_answer_is_worked_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, pressed: bool
) -> None:
    def ask(address: str) -> None:
        with post(address, "answer", {"file": PILOT}) as answer:
            while b"drawing" not in answer.readline():
                pass
            if pressed:
                os.kill(os.getpid(), signal.SIGINT)
            else:
                post(address, "stop", {})
            with suppress(OSError):
                while answer.readline():
                    pass

    with caplog.at_level(logging.ERROR, logger="uvicorn.error"):
        assert (
            stopped_by(folder, monkeypatch, lambda address: threading.Thread(target=ask, args=(address,)).start())
            == pressed
        )
    assert caplog.text == ""


def test_it_stops_as_the_address_appears(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert stopped_by(folder, monkeypatch, lambda _: os.kill(os.getpid(), signal.SIGINT))
    assert signal.getsignal(signal.SIGINT) == before


class Counted(Endless):
    """Says how many answers are being worked out."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = self.begun = 0

    def run(self, *_: Any) -> Iterator[tuple[str, Any]]:
        """Go on until nobody listens."""
        self.busy += 1
        self.begun += 1
        try:
            yield from super().run()
        finally:
            self.busy -= 1


def serve_to(ask: Callable[[str], None], folder: Path) -> None:
    """Serve until somebody, who is told the address in a thread, has stopped it and is done."""
    askers: list[threading.Thread] = []

    def ready(address: str) -> None:
        askers.append(threading.Thread(target=ask, args=(address,)))
        askers[0].start()

    serve.serve(folder, Asked(PILOT), TOKEN, ready, lambda: NOW, lambda _: "", lambda _: "")
    askers[0].join()


def test_whoever_goes_away_makes_room_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The garbage collector may not come for minutes: nothing may wait for it."""
    made, found = Counted(), []
    monkeypatch.setattr(serve, "Crew", lambda: made)

    def ask(address: str) -> None:
        try:
            for lines in (1, 2, 3, 5, 8):
                with post(address, "answer", {"file": PILOT}) as answer:
                    for _ in range(lines):
                        answer.readline()
            end = time.monotonic() + 10
            while made.busy and time.monotonic() < end:
                time.sleep(0.05)
            found.append(made.busy)
        finally:
            post(address, "stop", {})

    gc.disable()
    try:
        serve_to(ask, folder)
    finally:
        gc.enable()
    assert found == [0]


def test_a_download_that_is_given_up_makes_room_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole plan may take minutes, and three that nobody reads would keep every other page waiting."""
    made, found = Counted(), []
    monkeypatch.setattr(serve, "Crew", lambda: made)

    def ask(address: str) -> None:
        there = urlsplit(address)
        try:
            for _ in range(3):
                line = http.client.HTTPConnection(there.netloc, timeout=20)
                begun = made.begun + 1
                line.request("GET", f"{there.path}keep/plan.xlsx?{there.query}")
                while made.begun < begun and time.monotonic() < end:
                    time.sleep(0.01)
                line.close()
            while made.busy and time.monotonic() < end:
                time.sleep(0.05)
            found.append((made.begun, made.busy))
        finally:
            post(address, "stop", {})

    end = time.monotonic() + 30
    serve_to(ask, folder)
    assert found == [(3, 0)]
