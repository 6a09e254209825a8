"""One meeting, to the millisecond, from learning_dashboard_data.json of BigBlueButton 2.4 to 3.0; names stay in it.

As LearningDashboardActor.scala of akka-bbb-apps writes it: up to 2.7 a stay under `intIds` has its times itself (at
8f497b4), from 3.0 on it lists `sessions` (at 76cc238). Whose camera's end was lost is there until the meeting ends (or,
since 2026, the user does: 017e81a), so a camera is cut to its user's stays. Two entries of one external id at once are
two tabs, or two guests of one id: both count, as in getMeetings (Meeting.java, getNumUsers, by internal ids).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from planner.model.inputs.observations import Meeting
from planner.readings import ReadingError, from_json
from planner.readings.bbb import meeting_key, moment
from planner.readings.clock import LONGEST
from planner.readings.stays import Span, cut, from_breakout, joined, peak


def parse(body: bytes, node: str, accounts: Mapping[str, str] | None = None) -> tuple[Meeting, str]:
    """Return the meeting that a learning_dashboard_data.json tells of, and who was left out of it; "" = nobody."""
    data = from_json(body, "not JSON")
    if not isinstance(data, dict) or not isinstance(data.get("intId"), str) or not data["intId"]:
        raise ReadingError("not a learning dashboard: intId is missing")
    start, over = _milliseconds(data, "createdOn"), _milliseconds(data, "endedOn")
    if not start:
        raise ReadingError("not a learning dashboard: createdOn is missing")
    users = _tables(data.get("users"))
    if from_breakout(str(user.get("extId")) for user in users):
        raise ReadingError("a breakout room: its people are counted in the room that they came from")
    present: list[Span] = []
    filming: list[Span] = []
    unseen = 0
    for user in users:
        stays = _tables(user.get("intIds"))
        sessions = [s for stay in stays for s in (_tables(stay["sessions"]) if "sessions" in stay else [stay])]
        there = joined(_span(session, "registeredOn", "leftOn") for session in sessions)
        unseen += not there
        present += there
        filming += cut([_span(cam, "startedOn", "stoppedOn") for cam in _tables(user.get("webcams"))], there)
    if not present:
        raise ReadingError("nobody entered this meeting")
    seen = max([start, over, *(time for span in (*present, *filming) for time in span)])
    if timedelta(milliseconds=seen - start) > LONGEST or (over and over < start):
        raise ReadingError("not a learning dashboard: it lasts longer than a month, or ends before it starts")
    meeting = Meeting(
        key=meeting_key(data["intId"]),
        node=node,
        start=moment(start),
        seen=moment(over or seen),
        end=moment(over) if over else None,
        users=peak(present, over or seen),
        cameras=peak(filming, over or seen),
        account=(accounts or {}).get(str(data.get("extId"))),
    )
    missed = f"people without any time at which they were there: {unseen} of {len(users)} left out"
    return meeting, missed if unseen else ""


def _milliseconds(data: Mapping[str, Any], name: str) -> int:
    """Return a time of a dashboard, 0 = still open."""
    value = data.get(name, 0)
    if value in (None, 0):
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise ReadingError(f"{name}: wanted a time in milliseconds")
    moment(value)  # is it one?
    return value


def _tables(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list, or in an object by any names; the names are ids of people and not looked at."""
    tables = list(value.values()) if isinstance(value, dict) else value
    if tables is None:
        return []
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ReadingError("not a learning dashboard: wanted objects")
    return tables


def _span(data: Mapping[str, Any], first: str, last: str) -> Span:
    start, stop = _milliseconds(data, first), _milliseconds(data, last)
    if not start or (stop and stop < start):
        raise ReadingError(f"{first}, {last}: wanted two times in their order")
    return start, stop
