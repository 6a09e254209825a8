"""What a BigBlueButton server says of its meetings, without names (its source: freemarker/get-meetings.ftlx)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from planner.model.inputs.observations import MOST_CAMERAS, InProgress, NodeReading
from planner.model.inputs.pages import ALL, USUAL, Pages, outgoing
from planner.readings import ReadingError, naming
from planner.readings.transport import Answer, Secret, clocks_agree, fetch, shown

Algorithm = Literal["sha1", "sha256", "sha384", "sha512"]
ALGORITHMS: tuple[Algorithm, ...] = ("sha256", "sha1", "sha384", "sha512")
NO_PAGES = Pages(ALL)
_MOST = 1_000_000
"""No server holds more people; a larger number is an answer not understood."""
_KEY = re.compile(r"[0-9a-f]{40}-[0-9]{10,16}")
_PLAIN = re.compile(r"\d{1,20}")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'’ \u00a0\u202f])\d{3})(?:\1\d{3})*")
_REFERENCE = re.compile(r"&#(?:(\d{1,9})|x([0-9a-fA-F]{1,8}));")
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 allows nowhere, not even as a reference; BBB writes names as people typed them."""
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);|#)")
"""An ampersand as it was typed, which versions before 2 wrote so."""
_NOT_READ = re.compile(r"<(metadata|customdata)>.*?</\1>", re.DOTALL)
"""What front-ends send along: the names of its elements are theirs, and need not be XML's."""
_B3LB = b"<returncode>SUCCESS</returncode>\r\n<meetings/>\r\n"
"""How B3LB writes that there are no meetings; BBB writes no carriage return (b3lb 3.3.2, rest/task/core.py)."""
_WORDS = {
    "checksumError": "it refuses the checksum: the secret or the checksum algorithm is not the one it expects",
    "unsupportedRequest": "it does not know getMeetings: is the address right?",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A node that answers getMeetings itself."""

    node: str
    url: str
    secret: Secret
    checksum: Algorithm = "sha256"
    ca_file: Path | None = None
    has_pages: bool = True
    """Whether a viewer sees a page of the cameras only; up to BBB 2.2 everybody sees all, if nobody changed it."""


def checksum(call: str, query: str, secret: Secret, algorithm: Algorithm = "sha256") -> str:
    """Return the checksum that signs one call: the hash of call, query as it is sent, and secret."""
    return hashlib.new(algorithm, f"{call}{query}{secret.reveal()}".encode()).hexdigest()


def call(
    base: str, name: str, secret: Secret, algorithm: Algorithm, ca_file: Path | None, until: float | None
) -> tuple[Answer, str]:
    """Return the answer to a signed call, and the address that was asked, as it may be shown; until [s]."""
    url = f"{base}/{name}"
    signed = f"{url}?checksum={checksum(name, '', secret, algorithm)}"
    return fetch(signed, ca_file=ca_file, until=until), shown(url)


def read(
    server: Server,
    now: datetime,
    accounts: Mapping[str, str] | None = None,
    *,
    pages: Pages = USUAL,
    until: float | None = None,
) -> tuple[NodeReading, tuple[InProgress, ...]]:
    """Return what a server holds now, and its meetings one by one; until [s]."""
    base = f"{server.url.rstrip('/').removesuffix('/api')}/api"
    answer, where = call(base, "getMeetings", server.secret, server.checksum, server.ca_file, until)
    if "xml" not in answer.kind:
        kind = answer.kind if re.fullmatch(r"[a-z0-9.+/-]{1,60}", answer.kind) else "no media type"
        raise ReadingError(f"{where}: answered {answer.status} with {kind}, not XML: is the address right?")
    clocks_agree(answer, now, where)
    with naming(where):
        return parse(answer.body, accounts=accounts, pages=pages if server.has_pages else NO_PAGES)


def parse(
    body: bytes, *, accounts: Mapping[str, str] | None = None, pages: Pages = USUAL
) -> tuple[NodeReading, tuple[InProgress, ...]]:
    """Return what an answer to getMeetings says; streams as people are sent so many cameras at once."""
    if _B3LB in body:
        raise ReadingError("this is B3LB, which says that nobody meets where a server fails: ask the server itself")
    root = answered(body)
    if root.tag != "response" or root.findtext("returncode") != "SUCCESS":
        raise ReadingError(failure(root))
    listed = [meeting for meeting in _listed(root) if not _over(meeting)]
    ids = {meeting.findtext(name) for meeting in listed for name in ("internalMeetingID", "meetingID")} - {None, ""}
    # people in a breakout room are counted in the room they came from, if that is listed; their cameras are extra
    own = [meeting for meeting in listed if _came_from(meeting) not in ids]
    meetings = tuple(_in_progress(meeting, accounts or {}) for meeting in own)
    if len({meeting.key for meeting in meetings}) < len(meetings):
        raise ReadingError("the answer lists a meeting twice")
    cameras = [_cameras(meeting) for meeting in listed]
    # a camera may be listed a little longer than its user, who was the last one
    if any(sent > MOST_CAMERAS * max(_people(one), 1) for one, sent in zip(listed, cameras, strict=True)):
        raise ReadingError(f"the answer lists a meeting with more than {MOST_CAMERAS} cameras for each of its people")
    streams = sum(sent + _outgoing(meeting, sent, pages) for meeting, sent in zip(listed, cameras, strict=True))
    users = sum(meeting.users for meeting in meetings)
    return NodeReading(rooms=len(meetings), users=users, streams=streams, cameras=sum(cameras)), meetings


def _listed(root: Element) -> list[Element]:
    """Return the meetings in an answer; a list that is not understood is not an empty one."""
    lists = root.findall("meetings")
    if len(lists) != 1:
        raise ReadingError(f"the answer says success and lists {'meetings twice' if lists else 'no meetings'}")
    meetings = list(lists[0])
    texts = (lists[0].text, *(meeting.tail for meeting in meetings))
    if any(meeting.tag != "meeting" for meeting in meetings) or any((text or "").strip() for text in texts):
        raise ReadingError("the answer has something else than meetings in its list of meetings")
    # every version says so, 2.2 as 3.0, and Scalelite (get-meetings.ftlx; no_meetings_response)
    if (failed(root) == "noMeetings") == bool(meetings):
        lacking = "the answer has an empty list of meetings, without the key noMeetings that goes with it"
        raise ReadingError("the answer lists meetings and says noMeetings" if meetings else lacking)
    return meetings


def answered(body: bytes) -> Element:
    """Return the XML of an answer, without the characters in names that XML does not allow."""
    try:
        try:
            return fromstring(body, forbid_dtd=True)
        except (ParseError, ValueError, LookupError):  # the last two: encodings that are unknown or do not fit
            text = _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", body.decode("utf-8", "ignore").lstrip("\ufeff \t\r\n")))
            return fromstring(_NOT_READ.sub("", _BARE.sub("&amp;", text)).encode(), forbid_dtd=True)
    except DefusedXmlException:
        raise ReadingError("the answer declares a document type or entities, which BBB never does") from None
    except ParseError as error:
        raise ReadingError(
            f"the answer is not whole XML: it breaks off or is not XML at line {error.position[0]}"
        ) from None
    except (ValueError, LookupError):
        raise ReadingError("the answer is not whole XML") from None


def _allowed(reference: re.Match[str]) -> str:
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    return "" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else reference[0]


def failure(root: Element) -> str:
    """Return why a call failed; BBB has two shapes for that. Only known keys are shown: the text may quote anything."""
    if root.tag != "response" or root.findtext("returncode") is None:
        return "the answer is XML, but not BBB's: is the address right?"
    key = failed(root)
    known = re.fullmatch(r"[A-Za-z]{1,40}", key)
    return _WORDS.get(key, f"the call failed: {key}" if known else "the call failed, without a known reason")


def failed(root: Element) -> str:
    """Return the key of the reason that an answer gives for its failure; "" = none."""
    error = root.find("errors/error")
    return (root.findtext("messageKey") or (error.get("key") if error is not None else "") or "").strip()


def meeting_key(internal_id: str) -> str:
    """Return the key of a meeting: BBB's internal id, hashed if it is not BBB's own hash and might hold a title."""
    if _KEY.fullmatch(internal_id):
        return internal_id
    return f"hashed-{hashlib.sha256(internal_id.encode('utf-8', 'replace')).hexdigest()[:32]}"


def moment(milliseconds: int) -> datetime:
    """Return the time that BBB means by so many milliseconds since 1970."""
    if not 946_684_800_000 <= milliseconds <= 4_102_444_800_000:
        raise ReadingError("wanted a time in milliseconds since 1970")
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _over(meeting: Element) -> bool:
    """Return whether the meeting has ended; BBB lists it a little longer, and old ones name an end to who came back."""
    ended = _number(meeting, "endTime", default=0) > 0 and _text(meeting, "running") != "true"
    return ended or _text(meeting, "hasBeenForciblyEnded") == "true"


def _came_from(meeting: Element) -> str | None:
    """Return the id of the room a breakout came from; BBB's template and its documentation differ in the place."""
    is_breakout = "true" in (_text(meeting, "isBreakout"), _text(meeting, "breakout/isBreakout"))
    parent = meeting.findtext("parentMeetingID") or meeting.findtext("breakout/parentMeetingID")
    return parent if is_breakout else None


def _in_progress(meeting: Element, accounts: Mapping[str, str]) -> InProgress:
    key = (meeting.findtext("internalMeetingID") or "").strip()
    if not key:
        raise ReadingError("the answer lists a meeting without its internal id")
    created = _number(meeting, "createTime", default=0)
    started = _number(meeting, "startTime", default=0) or created
    minutes = _number(meeting, "duration", default=0)
    return InProgress(
        key=meeting_key(key),
        start=moment(started),
        users=_people(meeting),
        cameras=_cameras(meeting),
        account=accounts.get((meeting.findtext("meetingID") or "").strip()),
        limit=minutes / 60 if minutes else None,
    )


def _outgoing(meeting: Element, cameras: int, pages: Pages) -> int:
    """Return the camera streams sent out: to each user those of the others, a page at most."""
    if not cameras:
        return 0
    users = _people(meeting)
    moderators = min(_number(meeting, "moderatorCount", default=0), users)
    senders = min(cameras, users)
    present = meeting.findall("attendees/attendee")
    if len(present) == users:
        both = [sum(_text(user, "role") == "moderator" and _text(user, "hasVideo") == "true" for user in present)]
        moderators = sum(_text(user, "role") == "moderator" for user in present)
        senders = sum(_text(user, "hasVideo") == "true" for user in present)
    else:  # a list cut short: as few of the senders moderate as can be, or as many, whichever gives the larger number
        both = [max(moderators + senders - users, 0), min(moderators, senders)]
    page = pages.of(users)
    return max(int(outgoing(page, users, moderators, cameras, who, senders - who)) for who in both)


def _people(meeting: Element) -> int:
    """Return how many are there, by count or by list: somebody may come between the two, or the count be wrong."""
    return max(_number(meeting, "participantCount"), len(meeting.findall("attendees/attendee")))


def _cameras(meeting: Element) -> int:
    """Return how many cameras are on, by count or by list."""
    on = sum(_text(user, "hasVideo") == "true" for user in meeting.findall("attendees/attendee"))
    return max(_number(meeting, "videoCount"), on)


def _text(meeting: Element, name: str) -> str:
    return (meeting.findtext(name) or "").strip().lower()


def _number(meeting: Element, name: str, default: int | None = None) -> int:
    """Return a whole number; BBB writes thousands as the server's language does: 1,234 or 1.234."""
    text = (meeting.findtext(name) or "").strip()
    if not text and default is not None:
        return default
    if not _PLAIN.fullmatch(text) and not (len(text) <= 26 and _GROUPED.fullmatch(text)):
        raise ReadingError(f"the answer has a meeting whose {name} is not a number")
    number = int("".join(letter for letter in text if letter.isdecimal()))
    if number > _MOST and not name.endswith("Time"):
        raise ReadingError(f"the answer has a meeting whose {name} is above a million")
    return number
