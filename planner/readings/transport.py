"""The one place that opens a socket: a GET that is verified, bounded in time and size, and says nothing secret.

On `http.client`: each read gets only what is left of the time for the whole answer, and no proxy is taken from outside.
"""

import http.client
import io
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import SplitResult, urlsplit

from planner.readings import ReadingError, boundary, contents

PATIENCE_S = 10.0
"""For one try."""
DEADLINE_S = 15.0
"""For one answer as a whole, finding the host, both tries and the pause between them included."""
PAUSE_S = 0.5
"""Before the second try."""
LARGEST = 20_000_000
"""[byte] 300 meetings with all who attend are below 1 MB."""
_HEAD = 1_000_000
"""Beside the answer itself: headers, and the sizes between its chunks [byte]."""
CLOCKS_APART_S = 120.0
"""A server whose clock differs more from the one here tells us that one of the two is wrong, and so are all ages."""


class Secret:
    """A text that is not shown: neither by print, nor in a traceback, a log or a record that holds it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        """Return a text that tells nothing."""
        return "Secret(…)"

    def reveal(self) -> str:
        """Return the secret itself, to be used and not kept."""
        return self._text


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent back."""

    status: int
    kind: str
    """The media type, in small letters."""
    body: bytes = field(repr=False)
    """Not shown: it holds names and passwords."""
    date: datetime | None
    """The server's clock when it answered."""


class _Transient(ReadingError):
    """A failure that may be gone in a moment."""


def fetch(
    url: str, *, headers: Mapping[str, str] | None = None, ca_file: Path | None = None, until: float | None = None
) -> Answer:
    """Return what stands at `url`, tried twice if that may help; until [s]."""
    until = monotonic() + DEADLINE_S if until is None else until
    with boundary(shown(url)):
        trust = _trust(url, ca_file)
        try:
            return _ask(url, headers or {}, trust, min(until, monotonic() + PATIENCE_S))
        except _Transient:
            if monotonic() + PAUSE_S >= until:
                raise
        sleep(PAUSE_S)
        return _ask(url, headers or {}, trust, min(until, monotonic() + PATIENCE_S))


def clocks_agree(answer: Answer, now: datetime, where: str) -> None:
    """Check the server's clock against the one here."""
    if answer.date is None:
        return
    apart = (answer.date - now).total_seconds()
    if abs(apart) > CLOCKS_APART_S:
        words = f"{abs(apart) / 60:.0f} min {'ahead of' if apart > 0 else 'behind'}"
        raise ReadingError(f"{where}: its clock is {words} the one here: set the one that is wrong")


def shown(url: str) -> str:
    """Return a URL as it may be shown: without query, which carries the checksum, and without user or password."""
    parts = _split(url)
    return f"{parts.scheme}://{_host(parts)}{parts.path}"


def is_private(url: str) -> bool:
    """Return whether nobody on the way can read what is sent: https, or http to this machine itself."""
    parts = _split(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    """Return the parts of a URL that can be asked for."""
    wanted = "wanted an address such as https://de.example.org/bigbluebutton/api"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ReadingError(f"not an address: {wanted}") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0 or not url.isascii():
        raise ReadingError(f"not an address: {wanted}")
    if parts.username is not None or parts.password is not None:
        raise ReadingError(f"an address holds no user and password: {wanted}")
    if any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in url):
        raise ReadingError(f"not an address, for it holds a space or control character: {wanted}")
    return parts


def _host(parts: SplitResult) -> str:
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else f"{parts.hostname}"
    return name if parts.port is None else f"{name}:{parts.port}"


def _trust(url: str, ca_file: Path | None) -> ssl.SSLContext | None:
    if _split(url).scheme == "http":
        return None
    if ca_file is None:
        return ssl.create_default_context()
    try:
        # an empty text would mean the system's certificates
        return ssl.create_default_context(cadata=contents(ca_file, 1_000_000)[0].decode("ascii") or "-")
    except (ValueError, OSError):  # SSLError is one
        raise ReadingError(f"{ca_file}: no certificates to trust can be read from it") from None


def _ask(url: str, headers: Mapping[str, str], trust: ssl.SSLContext | None, until: float) -> Answer:
    """Return one answer."""
    parts, where = _split(url), shown(url)
    try:
        with _connected(parts, trust, until) as sock:
            answer = _exchange(parts, where, headers, sock, until)
    except ReadingError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise ReadingError(f"{where}: its certificate is not trusted: {error.verify_message}") from None
    except TimeoutError:
        raise _Transient(f"{where}: no whole answer in time") from None
    except socket.gaierror:
        raise _Transient(f"{where}: there is no such host, or the name service does not answer") from None
    except Exception as error:
        # the type alone: the text of some of these quotes what the server sent
        what = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise _Transient(f"{where}: the connection failed: {what}") from None
    if answer.status in (429, 500, 502, 503, 504):
        raise _Transient(f"{where}: answered {answer.status}, it is overloaded or being restarted")
    return answer


def _connected(parts: SplitResult, trust: ssl.SSLContext | None, until: float) -> socket.socket:
    """Return a connection to the first address of the host that takes it, each given an equal part of the time."""
    port = parts.port or (443 if trust else 80)
    addresses = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    for left, (*_, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        try:
            sock = socket.create_connection((str(address[0]), int(address[1])), timeout=_left(until) / left)
            break
        except OSError:
            if left == 1:
                raise
    if trust is None:
        return sock
    try:
        sock.settimeout(_left(until))
        return trust.wrap_socket(sock, server_hostname=parts.hostname)
    except BaseException:
        sock.close()
        raise


def _exchange(parts: SplitResult, where: str, headers: Mapping[str, str], sock: socket.socket, until: float) -> Answer:
    """Send the request and return what comes back."""
    connection = http.client.HTTPConnection(_host(parts))
    connection.sock = _Bounded(sock, until, where)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", target, headers={"Accept-Encoding": "identity", "Connection": "close", **headers})
    response = connection.getresponse()
    if 300 <= response.status < 400 and response.getheader("Location") is not None:  # no secret follows it
        raise ReadingError(f"{where}: answers with a redirect, which is not followed: name the address it leads to")
    if (response.length or 0) > LARGEST:
        raise _too_large(where)
    body = bytearray()
    while part := response.read(min(65_536, LARGEST + 1 - len(body))):
        body += part
        if len(body) > LARGEST:
            body.clear()  # a traceback that shows variables would show names
            raise _too_large(where)
    if response.length:
        body.clear()
        raise _Transient(f"{where}: the answer breaks off")
    kind = response.headers.get_content_type() if "Content-Type" in response.headers else ""
    return Answer(response.status, kind, bytes(body), _date(response.getheader("Date")))


def _too_large(where: str) -> ReadingError:
    return ReadingError(f"{where}: the answer is larger than {LARGEST / 1e6:.0f} MB")


def _date(text: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return when if when.utcoffset() is not None else None


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Bounded(io.RawIOBase):
    """A socket whose every read gets what is left of time and size: its own timeout starts anew with each byte."""

    def __init__(self, sock: socket.socket, until: float, where: str) -> None:
        self._sock, self._until, self._where, self._taken = sock, until, where, 0

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._until))
        self._sock.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(self)

    def close(self) -> None:
        """Leave the socket to whoever opened it: http.client lets go of it before the answer is read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._until))
        taken = self._sock.recv_into(buffer)
        self._taken += taken
        if self._taken > LARGEST + _HEAD:
            raise _too_large(self._where)
        return taken
