"""A folder of scenarios, and the page that is served from it over a real socket, without the processes that plan."""

import http.client
import json
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn

from planner.page.app import Site, app

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@dataclass
class Idle:
    """Stands in for the processes: what is asked of it is remembered, and nothing is worked out."""

    asked: list[Any] = field(default_factory=list)

    def run(self, jobs: Iterator[Any], _: object = None) -> Iterator[Any]:
        """Remember what was asked."""
        self.asked += jobs
        return iter(())

    def fill(self) -> None:
        """Begin nothing."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]

    def first(self) -> Any:
        """Return the first line, which is JSON."""
        return json.loads(self.text.splitlines()[0])


@dataclass(frozen=True)
class Client:
    """A browser's page, as far as the server can tell; headers given as None are left out."""

    port: int
    site: Site

    @property
    def origin(self) -> str:
        """Return where the page comes from."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, where: str = "", token: str = TOKEN, headers: Mapping[str, str | None] = {}, **query: str) -> Answer:
        """Ask for something below the token."""
        return self._ask("GET", f"/{token}/{where}?{urlencode(query)}", None, {"Origin": None, **headers})

    def post(self, where: str, said: Any, headers: Mapping[str, str | None] = {}) -> Answer:
        """Send JSON, or text as it is."""
        body = said if isinstance(said, str) else json.dumps(said)
        return self._ask("POST", f"/{TOKEN}/{where}", body, headers)

    def raw(self, line: str, body: bytes) -> bytes:
        """Send a request as it is, with the headers of the page, and return what comes back until it is ended."""
        head = f"{line}\r\nHost: 127.0.0.1:{self.port}\r\nOrigin: {self.origin}\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as there:
            there.sendall(head.encode() + body)
            return b"".join(iter(lambda: there.recv(65_536), b""))

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str | None]) -> Answer:
        sent = {"Host": f"127.0.0.1:{self.port}", "Origin": self.origin, **headers}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request(method, path, body, {name: said for name, said in sent.items() if said is not None})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return Answer(answer.status, text, {name.lower(): said for name, said in answer.getheaders()})


@pytest.fixture(scope="session")
def served() -> Iterator[dict[str, Any]]:
    """One server for all tests; each puts its own page into it."""
    now: dict[str, Any] = {}

    async def current(scope: Any, receive: Any, send: Any) -> None:
        await now["app"](scope, receive, send)

    config = uvicorn.Config(current, host="127.0.0.1", port=0, lifespan="off", log_config=None)
    with config.bind_socket() as bound:
        now["port"] = bound.getsockname()[1]
        bound.listen()
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        yield now
        server.should_exit = True
        thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("scenarios", "data"):
        shutil.copytree(ROOT / name, tmp_path / "coop" / name)
    return tmp_path / "coop"


@pytest.fixture
def client(folder: Path, served: dict[str, Any]) -> Client:
    site = Site(folder, TOKEN, Idle(), lambda: NOW, lambda _: "", lambda _: "", lambda: None)  # type: ignore[arg-type]
    served["app"] = app(site, served["port"])
    return Client(served["port"], site)
