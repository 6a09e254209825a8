"""A BigBlueButton server for tests, over real sockets: it checks the checksum, lists meetings, misbehaves on demand.

Its lists have the elements of bigbluebutton-web/src/main/webapp/WEB-INF/freemarker/get-meetings.ftlx (at 21f0493, and
2.6.0-beta.1), and its refusals those of api-error.ftlx (github.com/bigbluebutton/bigbluebutton).
Every name, password and title in its answers contains one of `PERSONAL`, so a test can look for them anywhere.
"""

import hashlib
import http.server
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

SECRET = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"
PERSONAL = ("Annelore", "Bartholomew", "pässwörd-7", "Tea with Zoë", "annelore@example.org")
"""A moderator's name, a viewer's, the meeting's passwords, its title, an e-mail address in its metadata."""
PATH = "/bigbluebutton/api/getMeetings"


@dataclass(frozen=True)
class Room:
    """One meeting that the server lists."""

    number: int
    users: int = 3
    cameras: int = 1
    moderators: int = 1
    start: datetime = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
    minutes: int = 0
    parent: int | None = None
    over: bool = False
    nested: bool = False
    """A breakout's own fields stand in <breakout>, as the documentation has it, not beside the others."""

    @property
    def external(self) -> str:
        """Return the id that a front-end gave the room."""
        return f"room-{self.number}"

    @property
    def internal(self) -> str:
        """Return BBB's own id."""
        return f"{hashlib.sha1(self.external.encode()).hexdigest()}-{self.created}"

    @property
    def created(self) -> int:
        """Return when it was made, in milliseconds since 1970."""
        return int(self.start.timestamp() * 1000)


def listed(rooms: list[Room], thousands: str = "") -> bytes:
    """Return the answer that lists these meetings; counts have `thousands` between their groups of three."""

    def number(value: int) -> str:
        return f"{value:,}".replace(",", thousands)

    meetings = "".join(_meeting(room, number) for room in rooms)
    if not rooms:
        body = "<meetings/><messageKey>noMeetings</messageKey><message>no meetings were found</message>"
    else:
        body = f"<meetings>{meetings}</meetings>"
    return f"<response><returncode>SUCCESS</returncode>{body}</response>".encode()


def _meeting(room: Room, number: Callable[[int], str]) -> str:
    people = "".join(
        f"<attendee><userID>w_{n}</userID><fullName>{PERSONAL[n >= room.moderators]} {n}</fullName>"
        f"<role>{'MODERATOR' if n < room.moderators else 'VIEWER'}</role><hasVideo>{str(n < room.cameras).lower()}"
        "</hasVideo><clientType>HTML5</clientType></attendee>"
        for n in range(room.users if room.users <= 50 else 0)
    )
    breakout = ""
    if room.parent is not None:
        parent = (
            f"<parentMeetingID>{Room(room.parent, start=room.start).internal}</parentMeetingID><sequence>1</sequence>"
        )
        breakout = f"<breakout>{parent}</breakout>" if room.nested else parent
    return f"""<meeting>
        <meetingName>{escape(PERSONAL[3])}</meetingName><meetingID>{room.external}</meetingID>
        <internalMeetingID>{room.internal}</internalMeetingID><createTime>{room.created}</createTime>
        <attendeePW>{PERSONAL[2]}</attendeePW><moderatorPW>{PERSONAL[2]}-m</moderatorPW>
        <running>true</running><duration>{room.minutes}</duration>
        <hasBeenForciblyEnded>{str(room.over).lower()}</hasBeenForciblyEnded>
        <startTime>{room.created}</startTime><endTime>{room.created + 1 if room.over else 0}</endTime>
        <participantCount>{number(room.users)}</participantCount><listenerCount>0</listenerCount>
        <voiceParticipantCount>{number(room.users)}</voiceParticipantCount><videoCount>{number(room.cameras)}</videoCount>
        <moderatorCount>{number(room.moderators)}</moderatorCount><attendees>{people}</attendees>
        <metadata><bbb-context-name>{escape(PERSONAL[3])}</bbb-context-name><owner>{PERSONAL[4]}</owner></metadata>
        <isBreakout>{str(room.parent is not None).lower()}</isBreakout>{breakout}</meeting>"""


@dataclass
class Fake:
    """What the server does next, and what it was asked."""

    rooms: list[Room] = field(default_factory=list)
    body: bytes | None = None
    """Sent instead of the list of meetings."""
    status: int = 200
    kind: str = "text/xml;charset=utf-8"
    location: str | None = None
    date: datetime | None = None
    """The server's clock; None = the right time."""
    thousands: str = ""
    secret: str = SECRET
    algorithms: tuple[str, ...] = ("sha1", "sha256", "sha384", "sha512")
    act: Callable[["Handler"], bool] | None = None
    """Takes the whole answer over; False = answer as ever."""
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, query: str) -> bytes:
        """Return the body that answers a call with this query."""
        if self.body is not None:
            return self.body
        given = query.removeprefix("checksum=")
        wanted = {hashlib.new(name, f"getMeetings{self.secret}".encode()).hexdigest() for name in self.algorithms}
        if given not in wanted:
            return (
                b"<response><returncode>FAILED</returncode><messageKey>checksumError</messageKey>"
                b"<message>Checksums do not match for Annelore</message></response>"
            )
        return listed(self.rooms, self.thousands)


class Handler(http.server.BaseHTTPRequestHandler):
    """One request to the fake server."""

    protocol_version = "HTTP/1.1"
    fake: Fake

    def do_GET(self) -> None:  # the library's name
        """Answer."""
        self.fake.asked.append(self.path)
        self.close_connection = True
        if self.fake.act is not None and self.fake.act(self):
            return
        body = self.fake.answer(urlsplit(self.path).query)
        self.begin(len(body))
        self.wfile.write(body)

    def begin(self, length: int | None) -> None:
        """Send status and headers; None = the length is not announced."""
        self.send_response_only(self.fake.status)
        self.send_header("Date", format_datetime(self.fake.date or datetime.now(UTC)))
        self.send_header("Content-Type", self.fake.kind)
        if self.fake.location is not None:
            self.send_header("Location", self.fake.location)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that hangs up is what some tests are about."""


@contextmanager
def serving(fake: Fake, tls: ssl.SSLContext | None = None) -> Iterator[Fake]:
    """Serve `fake` on a free port of this machine; its address is in `fake.url`."""
    server = _Server(("127.0.0.1", 0), type("Bound", (Handler,), {"fake": fake}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    fake.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/bigbluebutton/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def drip(handler: Handler) -> bool:
    """Send a good answer, a byte every 50 ms: no single read ever waits long."""
    body = handler.fake.answer(urlsplit(handler.path).query)
    handler.begin(len(body))
    for n in range(len(body)):
        handler.wfile.write(body[n : n + 1])
        time.sleep(0.05)
    return True


def drip_headers(handler: Handler) -> bool:
    """Never come to the end of the headers."""
    for n in range(10_000):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" if n == 0 else b"X: y\r\n"[n % 6 : n % 6 + 1])
        time.sleep(0.05)
    return True


def silence(handler: Handler) -> bool:
    """Take the request and say nothing."""
    time.sleep(5)
    return True


def broken_off(handler: Handler) -> bool:
    """Announce the whole answer and send half of it."""
    body = handler.fake.answer(urlsplit(handler.path).query)
    handler.begin(len(body))
    handler.wfile.write(body[: len(body) // 2])
    return True


def endless(handler: Handler) -> bool:
    """Send half a gigabyte that begins like an answer, without saying how much it will be."""
    handler.begin(None)
    handler.wfile.write(b"<response><returncode>SUCCESS</returncode><meetings>")
    for _ in range(500):
        handler.wfile.write(b" " * 1_000_000)
    return True


def hang_up(handler: Handler) -> bool:
    """Close the connection without a word."""
    return True


def laughs() -> bytes:
    """Return XML of 1 kB that would unfold to gigabytes."""
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE response [<!ENTITY l0 "lol">{lines}]>'
        "<response><returncode>SUCCESS</returncode><meetings>&l9;</meetings></response>"
    ).encode()
