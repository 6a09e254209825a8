"""Prior to posterior for each input that a history says something about."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.learning.history import Sorted, Uses, Watched
from planner.model.calibration import likelihoods
from planner.model.calibration.posterior import Floats, Posterior, scores
from planner.model.inputs.distributions import Range
from planner.model.inputs.observations import Meeting
from planner.scenario.estimate import Estimate

WIDE = 2.0
"""A number stated without a range is learned as if half and double of it were as likely as 1 in 10 [-]."""
SHOWN = 3.0
"""The prior's curve is drawn so many normal scores to both sides [-]."""
Curve = tuple[tuple[float, float], ...]
Of = tuple[str | None, Meeting]
"""A meeting, and the level of its account where that is known."""


@dataclass(frozen=True, slots=True)
class Learned:
    """One input, before and after."""

    path: str
    help: str
    before: str
    """In words, with range and unit: "2/week (1/week to 4/week)"."""
    after: str
    value: float
    """Median after [base unit]."""
    low: float
    high: float
    prior: tuple[float, float, float]
    """Median, 10 % and 90 % quantile before [base unit]."""
    assumed: bool
    """The scenario states no range: half to double was assumed."""
    seen: int
    of: str
    """What was counted: accounts, meetings, users, readings."""
    plain: float | None
    """The plain average of what was seen, for comparison [base unit]."""
    unit: str
    """The author's unit: "min"."""
    per_unit: float
    """Base units in one of the author's."""
    prior_curve: Curve
    """(value in the author's unit, density), as is `curve`."""
    curve: Curve


@dataclass(slots=True)
class Beliefs:
    """What is believed of each input so far; grows as one group of levels after the other is looked at."""

    uses: Uses
    found: dict[str, tuple[Estimate, Posterior, Range, str, float | None]]
    seen: dict[str, int]

    def range_of(self, one: Estimate) -> Range:
        """Return the prior, or the posterior of what was learned so far."""
        if one.path in self.found:
            after = self.found[one.path][1]
            return replace(after.prior, value=after.value, low=after.low, high=after.high)
        return prior(one)

    def learn(self, one: Estimate | None, after: Posterior, of: str, plain: float | None) -> None:
        """Note a posterior; what is known for certain is not learned."""
        if one is None or after.seen == 0 or after.prior.low == after.prior.high:
            return
        first = self.found[one.path][2] if one.path in self.found else after.prior
        self.seen[one.path] = self.seen.get(one.path, 0) + after.seen
        self.found[one.path] = (one, after, first, of, plain)


def prior(one: Estimate) -> Range:
    """Return the range that an input is learned from; one without a range may be half or double as well.

    Whoever writes a bare number says no more than that no range is known. Zero and `none` stay what they are.
    """
    # a dispersion of none is a Poisson law: a very large k
    value = 1e6 if one.value is None else one.value
    if one.ranged and one.low is not None and one.high is not None:
        return Range(one.path, value, one.low, one.high, one.family)
    if value == 0 or one.value is None:
        return Range(one.path, value, value, value, one.family)
    if one.family == "share":
        odds = value / (1 - value) if value < 1 else math.inf
        if math.isinf(odds):
            return Range(one.path, value, value, value, one.family)
        return Range(one.path, value, odds / WIDE / (1 + odds / WIDE), odds * WIDE / (1 + odds * WIDE), one.family)
    return Range(one.path, value, value / WIDE, value * WIDE, one.family)


def learn(uses: Uses, history: Sorted) -> tuple[tuple[Learned, ...], tuple[str, ...]]:
    """Return every input that the history says something about, and what is to be said beside it."""
    beliefs = Beliefs(uses, {}, {})
    notes: list[str] = []
    _rates(beliefs, history)
    whose = [(one.level, meeting) for one in history.accounts for meeting in one.meetings]
    whose += [(None, meeting) for meeting in history.unknown]
    for _, group in _groups(uses, whose, "duration", "duration_cv"):
        _durations(beliefs, group, notes)
    for _, group in _groups(uses, whose, "size", "size_dispersion"):
        _sizes(beliefs, group, notes)
    for _, group in _groups(uses, whose, "cameras", "cameras"):
        _cameras(beliefs, group, notes)
    if any(uses.of(level, "duration") is None for level, _ in whose):
        notes.append("levels with several kinds of meeting keep theirs: a history does not tell kinds apart")
    return tuple(_learned(*beliefs.found[path], beliefs.seen[path]) for path in beliefs.found), tuple(
        dict.fromkeys(notes)
    )


def _groups(
    uses: Uses, whose: Iterable[Of], first: str, second: str
) -> Iterable[tuple[tuple[Estimate, Estimate], list[Of]]]:
    """Return the meetings by the pair of entries that says what they are like, everyone's first."""
    groups: dict[tuple[Estimate, Estimate], list[Of]] = {}
    for level, meeting in whose:
        pair = uses.of(level, first), uses.of(level, second)
        if pair[0] is not None and pair[1] is not None:
            groups.setdefault((pair[0], pair[1]), []).append((level, meeting))
    return sorted(groups.items(), key=lambda item: sum(not one.path.startswith("usage.everyone.") for one in item[0]))


def _rates(beliefs: Beliefs, history: Sorted) -> None:
    """Learn how often accounts meet, and how much they differ."""
    uses = beliefs.uses
    groups: dict[tuple[Estimate, Estimate], list[Watched]] = {}
    for one in (*history.accounts, *([history.together] if history.together else [])):
        mean, spread = uses.of(one.level, "meetings"), uses.of(one.level, "spread")
        assert mean is not None
        assert spread is not None
        groups.setdefault((mean, spread), []).append(one)
    ordered = sorted(
        groups.items(), key=lambda item: sum(not one.path.startswith("usage.everyone.") for one in item[0])
    )
    for (mean, spread), accounts in ordered:
        counts = [len(one.meetings) for one in accounts]
        weeks = [one.weeks for one in accounts]
        many = [one.accounts for one in accounts]
        hidden = [one.only_if_any for one in accounts]
        after = likelihoods.meetings(counts, weeks, beliefs.range_of(mean), beliefs.range_of(spread), many, hidden)
        seen = replace(after[0], seen=sum(many)), replace(after[1], seen=sum(many))
        rates = np.array([k / (t * m) for k, t, m in zip(counts, weeks, many, strict=True)])
        watched = sum(t * m for t, m in zip(weeks, many, strict=True))
        beliefs.learn(mean, seen[0], "accounts", sum(counts) / watched)
        differ = float(rates.std() / rates.mean()) if len(rates) > 2 and rates.mean() > 0 else None
        beliefs.learn(spread, seen[1], "accounts", differ)


def cut(uses: Uses, level: str | None, meeting: Meeting) -> float:
    """Return the time at which a meeting would have been ended [h]."""
    return meeting.limit if meeting.limit is not None else uses.limit(level, "duration")


def ended_by_itself(uses: Uses, level: str | None, meeting: Meeting) -> bool:
    """Return whether its whole length was seen: it ended, and was not ended by the limit (a minute's grace)."""
    return meeting.end is not None and meeting.hours < cut(uses, level, meeting) - 1 / 60


def _durations(beliefs: Beliefs, group: Sequence[Of], notes: list[str]) -> None:
    uses = beliefs.uses
    mean, cv = uses.of(group[0][0], "duration"), uses.of(group[0][0], "duration_cv")
    assert mean is not None
    assert cv is not None
    ended = [ended_by_itself(uses, level, meeting) for level, meeting in group]
    hours = [meeting.hours for _, meeting in group]
    whole = [(level, meeting) for (level, meeting), one in zip(group, ended, strict=True) if one]
    worth = likelihoods.resemblance(
        [math.log(max(meeting.hours, 1 / 3600)) for _, meeting in whole],
        [meeting.account for _, meeting in whole],
        [cut(uses, level, meeting) for level, meeting in whole],
    )
    _say(notes, worth, len(hours), "how long their meetings last")
    after = likelihoods.holding_time(
        hours, [not one for one in ended], beliefs.range_of(mean), beliefs.range_of(cv), worth
    )
    beliefs.learn(mean, after[0], "meetings", float(np.mean(hours)))
    beliefs.learn(cv, after[1], "meetings", float(np.std(hours) / np.mean(hours)) if np.mean(hours) > 0 else None)


def _sizes(beliefs: Beliefs, group: Sequence[Of], notes: list[str]) -> None:
    uses = beliefs.uses
    mean, dispersion = uses.of(group[0][0], "size"), uses.of(group[0][0], "size_dispersion")
    assert mean is not None
    assert dispersion is not None
    users = [meeting.users for _, meeting in group]
    limits = [uses.limit(level, "participants") for level, _ in group]
    worth = likelihoods.resemblance(
        [math.log(max(one, 2)) for one in users], [meeting.account for _, meeting in group], limits
    )
    _say(notes, worth, len(users), "how large their meetings are")
    after = likelihoods.size(users, limits, beliefs.range_of(mean), beliefs.range_of(dispersion), worth)
    beliefs.learn(mean, after[0], "meetings", float(np.mean(users)))
    above = np.maximum(np.array(users), 2) - 2.0
    extra = float(above.var() - above.mean())
    beliefs.learn(dispersion, after[1], "meetings", float(above.mean() ** 2 / extra) if extra > 0 else None)


def _cameras(beliefs: Beliefs, group: Sequence[Of], notes: list[str]) -> None:
    share = beliefs.uses.of(group[0][0], "cameras")
    assert share is not None
    told: dict[object, list[int]] = {}
    for number, (_, meeting) in enumerate(group):
        if meeting.cameras is not None:
            # a meeting of an unknown account stands for itself
            sums = told.setdefault(meeting.account or number, [0, 0])
            sums[0] += min(meeting.cameras, meeting.users)
            sums[1] += meeting.users
    if not told:
        return
    yes, of = (np.array(column, dtype=np.float64) for column in zip(*told.values(), strict=True))
    worth = likelihoods.evenness(yes, of)
    _say(notes, worth, int(of.sum()), "how many send their camera", "users")
    after = likelihoods.share(worth * float(yes.sum()), worth * float(of.sum()), beliefs.range_of(share))
    beliefs.learn(share, replace(after, seen=int(of.sum())), "users", float(yes.sum() / of.sum()))


def _say(notes: list[str], worth: float, seen: int, what: str, of: str = "meetings") -> None:
    if worth < 1:
        few = max(1, round(worth * seen))
        notes.append(f"accounts differ in {what}: {seen:,} {of} say as much of it as {few:,} independent ones")


def _learned(one: Estimate, after: Posterior, first: Range, of: str, plain: float | None, seen: int) -> Learned:
    # a meeting has two users at least, whatever the curve's end says
    least = 2.0 if one.path.endswith(".size") else 0.0
    value, low, high = (max(least, number) for number in (after.value, after.low, after.high))
    before = one.words
    if not one.ranged:
        before = f"{one.text} (no range: {one.written(first.low)} to {one.written(first.high)} assumed)"
    per_unit = float(one.scale.factor)
    whole = scores(first, -SHOWN, SHOWN)
    return Learned(
        path=one.path,
        help=one.help,
        before=before,
        after=f"{one.written(value)} ({one.written(low)} to {one.written(high)})",
        value=value,
        low=low,
        high=high,
        prior=(first.value, first.low, first.high),
        assumed=not one.ranged,
        seen=seen,
        of=of,
        plain=plain,
        unit=one.scale.suffix.strip(),
        per_unit=per_unit,
        prior_curve=_curve(whole.x / per_unit, np.exp(whole.log_prior)),
        curve=_curve(after.grid / per_unit, after.weight),
    )


def _curve(x: Floats, weight: Floats) -> Curve:
    """Return (value, density): each point's weight over the width it stands for, the total 1."""
    x, keep = np.unique(x, return_index=True)
    weight = weight[keep]
    if len(x) < 3:
        return ()
    density = weight / np.gradient(x) / weight.sum()
    return tuple(zip(x.tolist(), density.tolist(), strict=True))
