"""Resource usage of a meeting in progress, from its users, cameras and age."""

import numpy as np

from planner.model.inputs.capacity import LinearLoad, Node, Options, Resource
from planner.model.inputs.pages import outgoing
from planner.model.simulation.meetings import Column, Meetings, Small

Held = list[tuple[float, Column]]
"""What each meeting holds of a resource, from which age on: (age [h], ndarray of shape (n,)), ages ascending from 0."""


def held(resource: Resource, node: Node, meetings: Meetings, options: Options) -> Held:
    """Return what each meeting holds of a resource of a node, and from which age [h] on."""
    if resource == "rooms":
        return [(0.0, np.ones(len(meetings.users), dtype=np.int32))]
    ages = {0.0} if meetings.late is None else {0.0, options.late_by}
    if resource == "load" and not isinstance(node.load, LinearLoad):
        ages.add(node.load.until)
    return [(age, _at_age(age, resource, node, meetings, options)) for age in sorted(ages)]


def _at_age(age: float, resource: Resource, node: Node, meetings: Meetings, options: Options) -> Column:
    """Return what each meeting holds [the resource's unit] at an age [h]."""
    late = age >= options.late_by
    users = meetings.users
    if meetings.late is not None and not late:
        users = users - meetings.late
    if resource == "users":
        return users
    if resource == "load" and not isinstance(node.load, LinearLoad):
        counted = (users + meetings.moderators).astype(np.float64)
        return node.load.multiplier * (np.maximum(counted, node.load.least) if age < node.load.until else counted)
    if resource == "load" and isinstance(node.load, LinearLoad):
        load = node.load.per_room + node.load.per_user * users
        load = load if meetings.recorded is None else load + node.load.per_recording * meetings.recorded
        return load if meetings.cameras is None else load + node.load.per_stream * sum(_streams(meetings, users, late))
    cameras, sent = _streams(meetings, users, late)
    if resource == "streams":
        return cameras + sent
    begins = np.array([least for least, _ in node.rates.camera])
    rates = np.array([rate for _, rate in node.rates.camera])
    rate = rates[np.maximum(np.searchsorted(begins, cameras, side="right") - 1, 0)]
    assert meetings.screen is not None
    return np.asarray(sent * rate + users * (node.rates.audio + node.rates.screenshare * meetings.screen))


def _streams(meetings: Meetings, users: Small, late: bool) -> tuple[Small, Small]:
    """Return (cameras [camera], outgoing streams [stream])."""
    assert meetings.cameras is not None
    assert meetings.pages is not None
    of_moderators = meetings.cameras[:, 0]
    of_viewers = meetings.cameras[:, 1] + (meetings.cameras[:, 2] if late else 0)
    cameras = of_moderators + of_viewers
    early = 2 if meetings.late is not None and not late else 0
    page = meetings.pages[:, early], meetings.pages[:, early + 1]
    return cameras, outgoing(page, users, meetings.moderators, cameras, of_moderators, of_viewers, np.minimum)
