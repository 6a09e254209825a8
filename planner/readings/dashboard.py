"""One meeting, to the millisecond, from learning_dashboard_data.json of BigBlueButton 2.4 to 3.0; names stay in it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from planner.model.inputs.observations import Meeting
from planner.readings import ReadingError, from_json
from planner.readings.bbb import meeting_key, moment
from planner.readings.imports import LONGEST


def parse(body: bytes, node: str, accounts: Mapping[str, str] | None = None) -> Meeting:
    """Return the meeting that a learning_dashboard_data.json tells of."""
    data = from_json(body, "not JSON")
    if not isinstance(data, dict) or not isinstance(data.get("intId"), str) or not data["intId"]:
        raise ReadingError("not a learning dashboard: intId is missing")
    start, over = _milliseconds(data, "createdOn"), _milliseconds(data, "endedOn")
    if not start:
        raise ReadingError("not a learning dashboard: createdOn is missing")
    present, filming = [], []
    for user in _tables(data.get("users")):
        stays = _tables(user.get("intIds"))
        # newer versions list the sessions of a stay, older ones have one
        sessions = [s for stay in stays for s in (_tables(stay["sessions"]) if "sessions" in stay else [stay])]
        present.append(_joined([_span(session, "registeredOn", "leftOn") for session in sessions]))
        filming += [_span(cam, "startedOn", "stoppedOn") for cam in _tables(user.get("webcams"))]
    spans = [span for stays in present for span in stays]
    seen = max([start, over, *(time for span in (*spans, *filming) for time in span)])
    if timedelta(milliseconds=seen - start) > LONGEST or (over and over < start):
        raise ReadingError("not a learning dashboard: it lasts longer than a month, or ends before it starts")
    return Meeting(
        key=meeting_key(data["intId"]),
        node=node,
        start=moment(start),
        seen=moment(over or seen),
        end=moment(over) if over else None,
        users=_peak(spans, over or seen),
        cameras=_peak(filming, over or seen),
        account=(accounts or {}).get(str(data.get("extId"))),
    )


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


def _span(data: Mapping[str, Any], first: str, last: str) -> tuple[int, int]:
    start, stop = _milliseconds(data, first), _milliseconds(data, last)
    if not start or (stop and stop < start):
        raise ReadingError(f"{first}, {last}: wanted two times in their order")
    return start, stop


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans of one person with overlaps joined: somebody in two tabs is there once. An end of 0 is open."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if joined and (joined[-1][1] == 0 or start <= joined[-1][1]):
            joined[-1] = (joined[-1][0], 0 if 0 in (joined[-1][1], stop) else max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined


def _peak(spans: list[tuple[int, int]], over: int) -> int:
    """Return the largest number of spans at once; who goes at the moment another comes is not counted with him."""
    steps = sorted(step for start, stop in spans for step in ((start, 1), (stop or max(over, start) + 1, -1)))
    most = now = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most
