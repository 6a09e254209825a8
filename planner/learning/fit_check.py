"""What was seen beside what the model, as learned, expects: all that the check of fit asks about."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from planner.learning.history import WEEK, Sorted, Uses, Watched
from planner.learning.posteriors import Learned, Of, cut, ended_by_itself, prior
from planner.model.calibration import goodness_of_fit
from planner.model.calibration.goodness_of_fit import Check, Seen
from planner.model.inputs.capacity import NO_LIMIT, Kind
from planner.model.inputs.credit import Floats, Ints, Mask
from planner.model.inputs.pages import USUAL
from planner.model.workload.arrivals import normal
from planner.model.workload.marks import size_law
from planner.scenario.estimate import Estimate

DAY = timedelta(days=1)
MOST = 0.5
"""Of a day, or of the week of which most was seen: so much, by what is to be expected of its hours, must have been."""
ALIKE = 0.9
"""Of a week so much as of the week of which most was seen: an account's weeks are taken to be equally long."""


def check(uses: Uses, history: Sorted, learned: Sequence[Learned], week: Floats) -> tuple[Check, ...]:
    """Return the checks of fit."""
    values = {after.path: after.value for after in learned}
    meetings = history.by_level
    lengths = _lengths(uses, meetings, values)
    spread = uses.scenario.estimates["usage.everyone.day_spread"]
    # what an earlier history taught is no statement: it would excuse the days that it was learned from
    stated = prior(spread).high if uses.scenario.entries.get("calibrated.fit") is None else 0.0
    days = _value(spread, values), stated
    seen = Seen(
        *_weekly(uses, history, week), *daily(uses, history, week), *_sizes(uses, meetings, values), lengths, *days
    )
    return goodness_of_fit.checks(seen)


def _value(estimate: Estimate, values: Mapping[str, float]) -> float:
    return values.get(estimate.path, prior(estimate).value)


def _weekly(uses: Uses, history: Sorted, week: Floats) -> tuple[Ints, Mask]:
    """Return the meetings of each account in each week of seven days, and whether it was there for all of it.

    Weeks of which less was seen than of others are left out; what is missing of every week makes none differ.
    """
    weeks = max(0, int((history.until - history.since) / WEEK))
    counts = np.zeros((len(history.accounts), weeks), dtype=np.int64)
    watched = np.zeros((len(history.accounts), weeks), dtype=bool)
    for row, account in enumerate(history.accounts):
        at = [int((meeting.start - history.since) / WEEK) for meeting in account.meetings]
        counts[row] = np.bincount([week for week in at if week < weeks], minlength=weeks)
        first = math.ceil((account.since - history.since) / WEEK - 1e-9)
        last = math.floor((account.until - history.since) / WEEK + 1e-9)
        watched[row, first : max(first, last)] = True
    if weeks:
        begin = history.since.astimezone(ZoneInfo(uses.scenario.timezone))
        expected = np.roll(week, -(24 * begin.weekday() + begin.hour)) / week.sum()
        edges = np.asarray(history.since.timestamp() + 3600 * np.arange(168 * weeks + 1), dtype=np.float64)
        share = _watched(history, edges).reshape(weeks, 168) @ expected
        watched &= (share >= MOST) & (share >= ALIKE * share.max())
    return counts, watched


def _watched(history: Sorted, edges: Floats) -> Floats:
    """Return the share of the time between each two neighbouring instants [s] in which somebody watched [-]."""
    times = [when.timestamp() for span in history.unwatched for when in span]
    if not times:
        return np.ones(len(edges) - 1)
    lost = np.cumsum(np.diff(times, prepend=times[0]) * (np.arange(len(times)) % 2))
    return np.asarray(1 - np.diff(np.interp(edges, times, lost)) / np.diff(edges))


def daily(uses: Uses, history: Sorted, week: Floats) -> tuple[Ints, Floats]:
    """Return the meetings of each whole day, and what the accounts that were there and the week expect of it.

    Of a day that was not seen whole so much is expected as of the hours that were; with less than most of it it is
    left out.
    """
    zone = ZoneInfo(uses.scenario.timezone)
    first = (history.since.astimezone(zone) + DAY).date()
    days = (history.until.astimezone(zone).date() - first).days
    if days < 1:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    everybody = list(history.accounts)
    if history.unknown:
        nameless = Watched(None, None, 1, history.since, history.until, history.unknown, unwatched=history.unwatched)
        everybody.append(nameless)
    by_hour: dict[str | None, Floats] = {}
    for level in {account.level for account in everybody}:
        shape = week
        if level is not None and not uses.as_everyone(level, "profile"):
            kinds = uses.scenario.usage[level].kinds
            shape = np.mean([kind.shape for kind in kinds], axis=0).reshape(168, 12).sum(axis=1)
        by_hour[level] = shape.reshape(7, 24) / shape.sum()
    counted, expected = np.zeros(days, dtype=np.int64), np.zeros(days)
    weekdays = (first.weekday() + np.arange(days)) % 7
    midnight = [datetime.combine(first + number * DAY, datetime.min.time(), zone) for number in range(days + 1)]
    edges = np.interp(np.arange(24 * days + 1) / 24, np.arange(days + 1), [one.timestamp() for one in midnight])
    seen = _watched(history, edges).reshape(days, 24)
    for account in everybody:
        at = [(meeting.start.astimezone(zone).date() - first).days for meeting in account.meetings]
        counted += np.bincount([day for day in at if 0 <= day < days], minlength=days)
        there = np.array([account.since <= begin and end <= account.until for begin, end in pairwise(midnight)])
        of_day = (by_hour[account.level][weekdays] * seen).sum(axis=1)
        expected += there * of_day * len(account.meetings) / account.weeks
    everyone = week.reshape(7, 24)[weekdays]
    known = (everyone * seen).sum(axis=1) >= MOST * everyone.sum(axis=1)
    counted, expected = counted[known], expected[known]
    scale = counted.sum() / expected.sum() if expected.sum() > 0 else 1.0
    return counted, expected * scale


def _sizes(uses: Uses, meetings: Sequence[Of], values: Mapping[str, float]) -> tuple[Ints, Floats]:
    """Return the sizes of meetings, and how many of each size were to be expected."""
    groups: dict[tuple[float, float, float], int] = {}
    seen = []
    for level, meeting in meetings:
        mean, dispersion = uses.of(level, "size"), uses.of(level, "size_dispersion")
        if mean is not None and dispersion is not None:
            key = (_value(mean, values), _value(dispersion, values), uses.limit(level, "participants"))
            groups[key] = groups.get(key, 0) + 1
            seen.append(max(meeting.users, 2))
    expected = np.zeros(3)
    for (size, k, participants), many in groups.items():
        # a kind of meeting of which only the size is asked
        kind = Kind(1.0, 1.0, 0.0, NO_LIMIT, max(2.0, size), k, participants, 0.0, 0, USUAL, 0.0, np.zeros(0))
        law = size_law(kind)
        expected = np.pad(expected, (0, max(0, len(law) - len(expected))))
        expected[: len(law)] += many * law
    return np.array(seen, dtype=np.int64), expected


def _lengths(uses: Uses, meetings: Sequence[Of], values: Mapping[str, float]) -> Floats:
    """Return P(a meeting that ends by itself ends so soon) of each meeting; nan = it did not, or that is not known."""
    z, whole = [], []
    for level, meeting in meetings:
        mean, spread = uses.of(level, "duration"), uses.of(level, "duration_cv")
        if uses.of(level, "size") is None:  # in step with the sizes, meeting by meeting
            continue
        cv = 0.0 if spread is None else _value(spread, values)
        if mean is None or cv == 0 or not ended_by_itself(uses, level, meeting):
            z.append(math.nan)
            whole.append(1.0)
            continue
        sigma = math.sqrt(math.log1p(cv**2))
        mu = math.log(_value(mean, values)) - sigma**2 / 2
        limit = cut(uses, level, meeting)
        z.append((math.log(max(meeting.hours, 1 / 3600)) - mu) / sigma)
        whole.append(math.inf if math.isinf(limit) else (math.log(limit) - mu) / sigma)
    if not z:
        return np.zeros(0)
    return np.asarray(np.minimum(normal(np.array(z)) / normal(np.array(whole)), 1.0))
