"""A Scalelite for tests: what its interface answers, and what its `rake status` prints.

After the source of Scalelite (github.com/blindsidenetworks/scalelite at v1.8.5, 7498a81, and the tags 1.1 to 1.8.4):
app/controllers/api/servers_controller.rb (`get_servers`, `server_to_json`; the same words since 1.5.1, which has it
first), spec/requests/servers_controller_spec.rb, app/controllers/application_controller.rb (whatever is refused is XML
with status 200), app/controllers/concerns/api_helper.rb (`verify_checksum`), lib/tasks/status.rake and poll.rake. The
table is drawn as tabulo 2.8.2 does (github.com/matt-harvey/tabulo, lib/tabulo/table.rb, `pack`, `shrink_to`): up to
1.5 it is shrunk to the terminal, a character at a time off the widest column, and what does not fit is wrapped.
"""

import hashlib
import json
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fake_bbb import Handler

SECRET = "b3d4a1c2-5f60-4c0e-9d8e-lb"
TITLES = ("HOSTNAME", "STATE", "STATUS", "MEETINGS", "USERS", "LARGEST MEETING", "VIDEOS", "LOAD", "BBB VERSION", "TAG")
XML = (
    '<?xml version="1.0"?>\n<response>\n  <returncode>FAILED</returncode>\n'
    "  <messageKey>{}</messageKey>\n  <message>{}</message>\n</response>\n"
)
REFUSED = ("checksumError", "You did not pass the checksum security check")
UNSUPPORTED = ("unsupportedRequest", "This request is not supported.")


@dataclass
class Pooled:
    """One server of the pool, as the poller has left it; a new one is disabled, offline and has no counts."""

    url: str
    state: str = ""
    """enabled, cordoned or disabled; "" = added before there were states, and `enabled` counts."""
    enabled: bool = False
    online: bool = False
    load: float | None = None
    counts: tuple[int, int, int, int] | None = None
    """Meetings, users, users of the largest meeting, cameras."""
    bbb_version: str = ""
    tag: str = ""

    def polled(self, meetings: list[int], cameras: int = 0) -> "Pooled":
        """Return the server after a poll that found meetings with so many people."""
        self.online, self.load = True, float(sum(meetings) + len(meetings))  # each has one moderator
        self.counts = (len(meetings), sum(meetings), max(meetings, default=0), cameras)
        return self

    def failed(self, version: tuple[int, int, int] = (1, 8, 5)) -> "Pooled":
        """Return the server after polls that failed: up to 1.5.1 its counts stay as they were, later they are zero."""
        self.online, self.load = False, None
        self.counts = self.counts if version <= (1, 5, 1) else (0, 0, 0, 0)
        return self

    @property
    def shown_state(self) -> str:
        """Return the state as it is shown."""
        return self.state or ("enabled" if self.enabled else "disabled")

    def as_json(self) -> dict[str, object]:
        """Return `server_to_json`; the load is a number of Redis, or a word."""
        return {
            "id": hashlib.sha1(self.url.encode()).hexdigest(),
            "url": self.url,
            "secret": f"secret-of-{self.url}",
            "tag": self.tag,
            "bbb_version": self.bbb_version,
            "state": self.shown_state,
            "load": "unavailable" if self.load is None else self.load,
            "load_multiplier": "1.0",
            "online": "online" if self.online else "offline",
        }


@dataclass
class FakeScalelite:
    """The balancer: `act` answers a request that the fake server of BigBlueButton has taken."""

    pool: list[Pooled] = field(default_factory=list)
    secret: str = SECRET
    has_interface: bool = True
    """Whether it is 1.5.1 or later."""

    def act(self, handler: Handler) -> bool:
        """Answer getServers as the controller does."""
        status, kind, text = self.answer(handler.path)
        handler.fake.status, handler.fake.kind = status, kind
        handler.begin(None if status == 304 else len(text.encode()))
        handler.wfile.write(b"" if status == 304 else text.encode())
        return True

    def answer(self, path: str) -> tuple[int, str, str]:
        """Return status, media type and text."""
        parts = urlsplit(path)
        if not self.has_interface or parts.path != "/scalelite/api/getServers":
            return 200, "application/xml; charset=utf-8", XML.format(*UNSUPPORTED)
        given = parts.query.removeprefix("checksum=")
        algorithm = {40: "sha1", 64: "sha256", 128: "sha512"}.get(len(given))
        if algorithm is None or hashlib.new(algorithm, f"getServers{self.secret}".encode()).hexdigest() != given:
            return 200, "application/xml; charset=utf-8", XML.format(*REFUSED)
        if not self.pool:
            return 404, "application/json; charset=utf-8", json.dumps({"error": "No servers are configured"})
        return 200, "application/json; charset=utf-8", json.dumps([server.as_json() for server in self.pool])


def status(pool: list[Pooled], columns: int = 10, width: int | None = None) -> str:
    """Return what `rake status` prints: 7 columns up to 1.1, 8 up to 1.5, 10 since; `width` of a terminal."""
    rows = []
    for server in sorted(pool, key=lambda one: urlsplit(one.url).hostname or ""):
        host = urlsplit(server.url).netloc.rpartition("@")[2]
        host = host if host.startswith("[") else host.partition(":")[0]
        counts = server.counts or ("", "", "", "")
        more = ("" if server.load is None else server.load, server.bbb_version, server.tag)
        rows.append((host, server.shown_state, "online" if server.online else "offline", *counts, *more)[:columns])
    table = [TITLES[:columns], *rows]
    widths = [max(len(str(row[n])) for row in table) for n in range(columns)]
    while width is not None and sum(widths) + 2 * columns > width:
        widths[max(range(columns), key=lambda n: (widths[n], n))] -= 1
    lines = []
    for number, row in enumerate(table):
        cut = [
            [str(cell)[at : at + w] for at in range(0, len(str(cell)), w)] or [""]
            for cell, w in zip(row, widths, strict=True)
        ]
        for line in range(max(map(len, cut))):
            parts = []
            for cell, halves, w in zip(row, cut, widths, strict=True):
                text = halves[line] if line < len(halves) else ""
                side = text.center if number == 0 else text.ljust if isinstance(cell, str) else text.rjust
                parts.append(f" {side(w)} ")
            lines.append("".join(parts))
    return "\n".join(lines) + "\n"
