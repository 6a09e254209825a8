"""Counts of what a chunk of meetings does to a node: events in order of time, one running sum a resource."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BIN, BINS_PER_WEEK, HOURS_PER_WEEK, Floats
from planner.model.simulation.balancer import Loop
from planner.model.simulation.meetings import TICKS, WEEK, Column, Meetings, Small, Span, Whole
from planner.model.simulation.resource_usage import Held

HOURS = int(HOURS_PER_WEEK)
BIN_TICKS = round(BIN * TICKS)
ROUNDING = 1e-9
"""A sum of fractions must pass the limit by more than this to be over it [the resource's unit]."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """The events of a chunk as rows of a table, and the order in which they happen.

    Rows: the ends of all meetings, the changes at each age, the marks of the hours, the starts of all meetings. Of
    several events at one instant the one further up happens first: ends before marks before starts.
    """

    changes: tuple[tuple[float, Small], ...]
    """(age [h], the meetings that reach it [-]): there what a meeting holds may change."""
    marks: slice
    """Each full hour of the weeks that count, and their end, replication by replication."""
    order: Whole
    """ndarray of shape (events,): the rows in order of time [-]."""
    time: Whole
    """ndarray of shape (events,): in order [tick]."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What was counted of one resource on one node; tallies of several chunks add up."""

    over: Whole
    """ndarray of shape (replications,): time over the limit [tick]."""
    episodes: Whole
    """ndarray of shape (replications,): overloads, one running on Monday 00:00 included [-]."""
    weeks_over: Whole
    """ndarray of shape (replications,): weeks with any overload [week]."""
    mean: Floats
    """ndarray of shape (replications,): time average [the resource's unit]."""
    instants: Whole
    """ndarray of shape (2, 2016): weeks over the limit at one instant of the bin; sum of squares by replication [-]."""
    hours_over: Whole
    """ndarray of shape (2, 168): weeks with the hour's peak over the limit; sum of squares by replication [-]."""
    peak: Floats
    """ndarray of shape (2, 168): the hour's mean peak, summed over replications; its square [the resource's unit]."""
    load: Floats
    """ndarray of shape (168,): the hour's time average, summed over replications [the resource's unit]."""


PER_REPLICATION = {"over", "episodes", "weeks_over", "mean"}


def events_of(meetings: Meetings, ages: Sequence[float], span: Span, replications: int) -> Events:
    """Return the events of a chunk of replications in order, with the changes at these ages [h]."""
    n = len(meetings.start)
    lasts = meetings.end - meetings.start if ages else meetings.end
    changes = tuple((age, np.flatnonzero(lasts > round(age * TICKS)).astype(np.int32)) for age in ages)
    hours = np.arange(span.weeks * HOURS + 1, dtype=np.int64) * TICKS + span.counts_from
    marks = (np.arange(replications, dtype=np.int64)[:, None] * span.next + hours).ravel()
    later = [meetings.start[who] + round(age * TICKS) for age, who in changes]
    time = np.concatenate([meetings.end, *later, marks, meetings.start])
    order = in_order(time)
    first_mark = len(time) - n - len(marks)
    return Events(changes, slice(first_mark, first_mark + len(marks)), order, time[order])


def in_order(time: Whole) -> Whole:
    """Return the order of the times [tick], equal ones as they stand: a radix sort, 16 bits at a time."""
    # numpy's stable sort of 16-bit numbers takes linear time; two or three are quicker than one comparison sort.
    order = time.astype(np.uint16).argsort(kind="stable")
    shift = 16
    largest = int(time.max(initial=0))
    while largest >> shift:
        digits = (time >> shift).astype(np.uint16)
        order = order[digits[order].argsort(kind="stable")]
        shift += 16
    return order


def steps_of(held: Held, events: Events) -> Column:
    """Return what each row of the events' table adds to a resource."""
    first = held[0][1]
    later, last, changes = dict(held[1:]), first.copy(), []
    for age, who in events.changes:
        step = later[age][who] - last[who] if age in later else np.zeros(len(who), dtype=first.dtype)
        last[who] += step
        changes.append(step)
    marks = np.zeros(events.marks.stop - events.marks.start, dtype=first.dtype)
    return np.concatenate([-last, *changes, marks, first])


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The events of each node, one node after the other: node k's replications follow those of node k - 1."""

    rows: Whole
    """ndarray of shape (events of all nodes,): rows of the events' table in order of time [-]."""
    time: Whole
    """ndarray of shape (events of all nodes,): in order [tick]."""
    parts: tuple[slice, ...]


def timeline(events: Events, owner: Column | None, nodes: int, length: int, deal: Loop) -> Timeline:
    """Return the events of each node, each shifted by the length [tick]; the marks are everybody's."""
    if owner is None:
        return Timeline(events.order, events.time, (slice(0, len(events.order)),))
    marks = events.marks.stop - events.marks.start
    counts = np.bincount(np.maximum(owner, -1) + 1, minlength=nodes + 1)[1:] + marks
    ends = np.cumsum(counts)
    begins = ends - counts
    rows, time = np.empty(counts.sum(), dtype=np.int64), np.empty(counts.sum(), dtype=np.int64)
    deal(order=events.order, time=events.time, owner=owner, length=length, ends=begins.copy(), rows=rows, times=time)
    return Timeline(rows, time, tuple(slice(begin, end) for begin, end in zip(begins, ends, strict=True)))


Steps = Sequence[Column]
"""For each node, what each row of the events' table adds; the same object where nodes reckon alike."""


def tallies(
    line: Timeline, marks: slice, resources: Sequence[tuple[Steps, Sequence[float]]], span: Span
) -> list[list[Tally]]:
    """Return what the events do to each resource, node by node."""
    marked = np.flatnonzero((line.rows >= marks.start) & (line.rows < marks.stop))
    lasts = np.empty_like(line.time)
    np.subtract(line.time[1:], line.time[:-1], out=lasts[:-1])
    lasts[-1:] = 0
    return [_resource(line, marked, lasts, steps, limits, span) for steps, limits in resources]


Overloads = dict[str, Whole]
"""The columns `over`, `episodes` and `instants` of a tally."""


def _resource(
    line: Timeline, marked: Whole, lasts: Whole, steps: Steps, limits: Sequence[float], span: Span
) -> list[Tally]:
    """Return the tally of one resource on each node; `marked` is where the marks stand, `lasts` the time after each."""
    nodes, weeks = len(line.parts), span.weeks
    if all(step is steps[0] for step in steps):
        added = steps[0][line.rows]
    else:
        added = np.concatenate([step[line.rows[part]] for step, part in zip(steps, line.parts, strict=True)])
    level = np.cumsum(added, dtype=added.dtype)
    # what follows the last mark of a replication is the next one's run-in
    to_marks, to_hours = (nodes, -1, weeks * HOURS + 1), (nodes, -1, weeks, HOURS)
    peak = np.maximum.reduceat(level, marked).reshape(to_marks)[:, :, :-1].reshape(to_hours)
    load = np.add.reduceat(level * lasts, marked).reshape(to_marks)[:, :, :-1].reshape(to_hours) / TICKS
    rounding = 0.0 if np.issubdtype(level.dtype, np.integer) else ROUNDING
    by_node = []
    for k, limit in enumerate(limits):
        over_peak = peak[k] > limit + rounding
        replications = len(over_peak)
        if limit < 0.0:
            # the reserve alone is over the limit, for all of the weeks that count
            begin = np.arange(replications, dtype=np.int64) * span.next + span.counts_from
            end = begin + weeks * WEEK
        elif over_peak.any():
            over = level[line.parts[k]] > limit + rounding
            begin, end = _turns(over, line.time[line.parts[k]] - k * replications * span.next)
        else:
            begin = end = np.zeros(0, dtype=np.int64)
        overloads = _overloads(begin, end, replications, span)
        # hours are of shape (replications, weeks, 168)
        weeks_of_hours, mean_peak = over_peak.sum(axis=1), peak[k].mean(axis=1)
        tally = Tally(
            **overloads,
            weeks_over=over_peak.any(axis=2).sum(axis=1),
            mean=load[k].mean(axis=(1, 2)),
            hours_over=np.stack([weeks_of_hours.sum(axis=0), (weeks_of_hours**2).sum(axis=0)]),
            peak=np.stack([mean_peak.sum(axis=0), (mean_peak**2).sum(axis=0)]),
            load=load[k].mean(axis=1).sum(axis=0),
        )
        by_node.append(tally)
    return by_node


def _turns(over: npt.NDArray[np.bool_], time: Whole) -> tuple[Whole, Whole]:
    """Return when the steps over the limit are, and those back."""
    # Each replication begins and ends with nothing in progress, so the two come in pairs within it.
    turns = np.flatnonzero(over[1:] != over[:-1]) + 1
    if over[0]:
        turns = np.concatenate([[0], turns])
    return time[turns[0::2]], time[turns[1::2]]


def _overloads(begin: Whole, end: Whole, replications: int, span: Span) -> Overloads:
    """Return what the overloads from `begin` to `end` [tick] come to."""
    if not len(begin):
        none = np.zeros(replications, dtype=np.int64)
        return {"over": none, "episodes": none, "instants": np.zeros((2, BINS_PER_WEEK), dtype=np.int64)}
    number = begin // span.next
    zero = number * span.next + span.counts_from
    begin, end = begin - zero, end - zero
    # it counts where it begins, and again on each Monday 00:00 on which it is running
    mondays = -(-end // WEEK) - 1 - begin // WEEK
    # the beginnings of bins that lie in [begin, end)
    first, last = (np.maximum(-(-edge // BIN_TICKS), 0) for edge in (begin, end))
    covers = last - first
    covered = np.arange(covers.sum()) + np.repeat(last - np.cumsum(covers), covers)
    cells = np.repeat(number * BINS_PER_WEEK, covers) + covered % BINS_PER_WEEK
    seen = np.bincount(cells, minlength=replications * BINS_PER_WEEK).reshape(replications, BINS_PER_WEEK)
    lasted = np.maximum(end, 0) - np.maximum(begin, 0)
    return {
        "over": np.bincount(number, lasted, minlength=replications).astype(np.int64),
        "episodes": np.bincount(number, (begin >= 0) + mondays, minlength=replications).astype(np.int64),
        "instants": np.stack([seen.sum(axis=0), (seen * seen).sum(axis=0)]),
    }


def joined(chunks: Sequence[Tally]) -> Tally:
    """Return the tally of several chunks, in their order."""

    def whole(name: str) -> Column:
        parts = [getattr(chunk, name) for chunk in chunks]
        return np.concatenate(parts) if name in PER_REPLICATION else np.asarray(np.sum(parts, axis=0))

    return Tally(**{field.name: whole(field.name) for field in fields(Tally)})
