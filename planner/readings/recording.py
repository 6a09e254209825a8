"""One meeting from the events.xml of a recording, or of a meeting whose events were kept (BigBlueButton 2.4 to 3.0).

As akka-bbb-apps records them (core/record/events, at 361cb84) and record-and-playback archives them; bbb-events
(spec/fixtures/files/new-events-2_6.xml, at cb9251a) has whole files. They tell of no cameras: since 2.6.9 those are
noted only while the recording button is pressed (PR 18044, recordFullDurationMedia).
"""

from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from planner.model.inputs.observations import Meeting
from planner.readings import ReadingError, naming, opened
from planner.readings.bbb import meeting_key, moment
from planner.readings.clock import LONGEST
from planner.readings.stays import Span, peak

_DIALLED_IN = "v_"
"""How the id of somebody who calls by telephone begins: of those only the voice conference knows."""
Event = tuple[int, str, str]
"""When, its name, whose: by the id that BigBlueButton gave; that of the front-end may be one for many guests."""


def read(path: Path, node: str, accounts: Mapping[str, str] | None = None) -> tuple[Meeting, str]:
    """Return the meeting that an events.xml tells of, and what was left out of it; "" = nothing."""
    whole = Element("meeting")
    events: list[Event] = []
    left_out = 0
    with opened(path) as stream, naming(path):
        try:
            for _, element in iterparse(stream, forbid_dtd=True):
                if element.tag == "meeting":
                    whole = element
                elif element.tag == "event":
                    event = _event(element)
                    if event is None:
                        left_out += 1
                    else:
                        events.append(event)
                    element.clear()
        except DefusedXmlException:
            raise ReadingError("it declares a document type or entities, which BigBlueButton never does") from None
        except (ParseError, LookupError, ValueError) as error:
            at = f" at line {error.position[0]}" if isinstance(error, ParseError) else ""
            raise ReadingError(f"not whole XML{at}: a recording that is cut off is not used") from None
        meeting, strangers = _meeting(whole, events, node, accounts or {})
    remarks = [f"{left_out} events without a time or whose they are left out"] if left_out else []
    remarks += [f"{strangers} people who leave and never came left out"] if strangers else []
    return meeting, "; ".join(remarks)


def _event(element: Element) -> Event | None:
    """Return what one event says; None = it lacks its time, or whose it is."""
    name, module = element.get("eventname") or "", element.get("module")
    time = (element.findtext("timestampUTC") or "").strip()
    if not (time.isascii() and time.isdecimal() and len(time) <= 15):
        return None
    user = (element.findtext("participant" if module == "VOICE" else "userId") or "").strip()
    if module == "VOICE" and not user.startswith(_DIALLED_IN):
        name = ""  # whoever speaks is in the meeting already
    name = name.replace("ParticipantJoinedEvent", "ParticipantJoinEvent")  # as the voice conference calls it
    if name in ("ParticipantJoinEvent", "ParticipantLeftEvent") and not user:
        return None
    return int(time), name, user


def _meeting(whole: Element, events: list[Event], node: str, accounts: Mapping[str, str]) -> tuple[Meeting, int]:
    """Return the meeting, and how many people leave it of whose coming nothing is said."""
    key = whole.get("id")
    if not key:
        raise ReadingError("not the events of a meeting: <meeting id> is missing")
    if whole.get("breakout") == "true":
        raise ReadingError("a breakout room: its people are counted in the room that they came from")
    if not events:
        raise ReadingError("no event in it has a time")
    events.sort()
    start, seen = events[0][0], events[-1][0]
    came = max((when for when, name, _ in events if name == "ParticipantJoinEvent"), default=start)
    # what somebody comes after was not the end
    end = next((when for when, name, _ in events if name == "EndAndKickAllEvent" and when >= came), None)
    last = end or seen
    there: dict[str, int] = {}
    known: set[str] = set()
    stays: list[Span] = []
    for when, name, user in events:
        if when > last:
            break
        if name == "ParticipantJoinEvent":
            there.setdefault(user, when)
            known.add(user)
        elif name == "ParticipantLeftEvent" and user in there:
            stays.append((there.pop(user), when))
    stays += [(came, 0) for came in there.values()]
    if not stays:
        raise ReadingError("nobody enters this meeting: events are missing, or nobody came")
    if last - start > LONGEST.total_seconds() * 1000:
        raise ReadingError("its events are more than a month apart")
    left = {user for _, name, user in events if name == "ParticipantLeftEvent"}
    meeting = Meeting(
        key=meeting_key(key),
        node=node,
        start=moment(start),
        seen=moment(last),
        end=None if end is None else moment(end),
        users=peak(stays, last),
        cameras=None,
        account=accounts.get(whole.get("externalId") or ""),
    )
    return meeting, len(left - known)
