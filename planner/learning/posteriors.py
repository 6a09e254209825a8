"""Prior to posterior for each input that a history says something about."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from planner.learning.history import Sorted, Uses, Watched
from planner.model.calibration import likelihoods
from planner.model.calibration.posterior import Posterior, scores
from planner.model.calibration.surge_days import with_surges
from planner.model.inputs.credit import Floats, Ints
from planner.model.inputs.distributions import Range
from planner.model.inputs.observations import Meeting
from planner.scenario.estimate import Estimate

WIDE = 2.0
"""A number stated without a range is learned as if half and double of it were as likely as 1 in 10 [-]."""
DAYS = 14
"""Of fewer days it is not learned how they differ [-]."""
SHOWN = 3.0
"""The prior's curve is drawn so many normal scores to both sides [-]."""
Curve = tuple[tuple[float, float], ...]
Of = tuple[str | None, Meeting]
"""The level of a meeting's account where that is known, and the meeting."""
Item = TypeVar("Item")


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
    prior_curve: Curve
    """(value in the author's unit, density), as is `curve`."""
    curve: Curve


@dataclass(slots=True)
class Beliefs:
    """What is believed of each input so far; grows as one group of levels after the other is looked at."""

    uses: Uses
    posteriors: dict[str, tuple[Estimate, Posterior, Range, str, float | None, int]]
    """By path, what `_learned` takes."""

    def range_of(self, estimate: Estimate) -> Range:
        """Return the prior, or the posterior of what was learned so far."""
        if estimate.path in self.posteriors:
            after = self.posteriors[estimate.path][1]
            return replace(after.prior, value=after.value, low=after.low, high=after.high)
        return prior(estimate)

    def learn(self, estimate: Estimate, after: Posterior, of: str, plain: float | None) -> None:
        """Note a posterior; what is known for certain is not learned."""
        if after.seen == 0 or after.prior.low == after.prior.high:
            return
        first, seen = after.prior, after.seen
        if (before := self.posteriors.get(estimate.path)) is not None:
            first, seen = before[2], before[5] + seen
        self.posteriors[estimate.path] = (estimate, after, first, of, plain, seen)


def prior(estimate: Estimate) -> Range:
    """Return the range that an input is learned from: a bare number says no more than that no range is known."""
    # a dispersion of none is a Poisson law: a very large k
    value = 1e6 if estimate.value is None else estimate.value
    low, high = value, value
    if estimate.ranged and estimate.low is not None and estimate.high is not None:
        low, high = estimate.low, estimate.high
    elif estimate.value is not None and estimate.family == "share" and value < 1:
        odds = value / (1 - value)
        low, high = odds / WIDE / (1 + odds / WIDE), odds * WIDE / (1 + odds * WIDE)
    elif estimate.value is not None and estimate.family != "share":
        low, high = value / WIDE, value * WIDE
    return Range(estimate.path, value, low, high, estimate.family)


def learn(
    uses: Uses, history: Sorted, daily: tuple[Ints, Floats] | None = None
) -> tuple[tuple[Learned, ...], tuple[str, ...]]:
    """Return every input that the history says something about, and what is to be said beside it."""
    beliefs = Beliefs(uses, {})
    notes: list[str] = []
    accounts = [*history.accounts, *([history.together] if history.together else [])]
    for pair, watched in _groups(uses, [(account.level, account) for account in accounts], "meetings", "spread"):
        _rates(beliefs, *pair, [account for _, account in watched])
    meetings = history.by_level
    for pair, group in _groups(uses, meetings, "duration", "duration_cv"):
        _durations(beliefs, *pair, group, notes)
    for pair, group in _groups(uses, meetings, "size", "size_dispersion"):
        _sizes(beliefs, *pair, group, notes)
    for pair, group in _groups(uses, meetings, "cameras", "cameras"):
        _cameras(beliefs, pair[0], group, notes)
    if daily is not None and (daily[1] > 0).sum() >= DAYS:
        _busy_days(beliefs, uses.scenario.estimates["usage.everyone.day_spread"], *daily)
    if any(uses.of(level, "duration") is None for level, _ in meetings):
        notes.append("levels with several kinds of meeting keep theirs: a history does not tell kinds apart")
    return tuple(_learned(*each) for each in beliefs.posteriors.values()), tuple(dict.fromkeys(notes))


def _groups(
    uses: Uses, items: Iterable[tuple[str | None, Item]], first: str, second: str
) -> Iterable[tuple[tuple[Estimate, Estimate], list[tuple[str | None, Item]]]]:
    """Return accounts or meetings by the pair of entries that says what they are like, everyone's first."""
    groups: dict[tuple[Estimate, Estimate], list[tuple[str | None, Item]]] = {}
    for level, item in items:
        pair = uses.of(level, first), uses.of(level, second)
        if pair[0] is not None and pair[1] is not None:
            groups.setdefault((pair[0], pair[1]), []).append((level, item))
    return sorted(groups.items(), key=lambda group: sum(not of.path.startswith("usage.everyone.") for of in group[0]))


def _rates(beliefs: Beliefs, mean: Estimate, spread: Estimate, accounts: Sequence[Watched]) -> None:
    """Learn how often accounts meet, and how much they differ."""
    counts, weeks = [len(account.meetings) for account in accounts], [account.weeks for account in accounts]
    many, hidden = [account.accounts for account in accounts], [account.only_if_any for account in accounts]
    after = likelihoods.meetings(counts, weeks, beliefs.range_of(mean), beliefs.range_of(spread), many, hidden)
    rates = np.array([k / (t * m) for k, t, m in zip(counts, weeks, many, strict=True)])
    watched = sum(t * m for t, m in zip(weeks, many, strict=True))
    beliefs.learn(mean, replace(after[0], seen=sum(many)), "accounts", sum(counts) / watched)
    differ = float(rates.std() / rates.mean()) if len(rates) > 2 and rates.mean() > 0 else None
    beliefs.learn(spread, replace(after[1], seen=sum(many)), "accounts", differ)


def _busy_days(beliefs: Beliefs, spread: Estimate, counted: Ints, expected: Floats) -> None:
    """Learn how busy days differ, from how many meetings each day had beside what the week lets expect."""
    after = likelihoods.day_spread(counted.tolist(), expected.tolist(), beliefs.range_of(spread))
    after = with_surges(after, counted.tolist(), expected.tolist())
    beyond = float(((counted - expected) ** 2 - expected).sum() / (expected**2).sum())
    beliefs.learn(spread, after, "days", math.sqrt(max(0.0, beyond)))


def cut(uses: Uses, level: str | None, meeting: Meeting) -> float:
    """Return the time at which a meeting would have been ended [h]."""
    return meeting.limit if meeting.limit is not None else uses.limit(level, "duration")


def ended_by_itself(uses: Uses, level: str | None, meeting: Meeting) -> bool:
    """Return whether its whole length was seen: it ended, and was not ended by the limit (a minute's grace)."""
    return meeting.end is not None and meeting.hours < cut(uses, level, meeting) - 1 / 60


def _durations(beliefs: Beliefs, mean: Estimate, cv: Estimate, group: Sequence[Of], notes: list[str]) -> None:
    uses = beliefs.uses
    ended = [ended_by_itself(uses, level, meeting) for level, meeting in group]
    hours = [meeting.hours for _, meeting in group]
    whole = [of for of, whole in zip(group, ended, strict=True) if whole]
    worth = likelihoods.resemblance(
        [math.log(max(meeting.hours, 1 / 3600)) for _, meeting in whole],
        [meeting.account for _, meeting in whole],
        [cut(uses, level, meeting) for level, meeting in whole],
    )
    _say(notes, worth, len(hours), "how long their meetings last")
    censored = [not whole for whole in ended]
    after = likelihoods.holding_time(hours, censored, beliefs.range_of(mean), beliefs.range_of(cv), worth)
    beliefs.learn(mean, after[0], "meetings", float(np.mean(hours)))
    beliefs.learn(cv, after[1], "meetings", float(np.std(hours) / np.mean(hours)) if np.mean(hours) > 0 else None)


def _sizes(beliefs: Beliefs, mean: Estimate, dispersion: Estimate, group: Sequence[Of], notes: list[str]) -> None:
    users = [meeting.users for _, meeting in group]
    limits = [beliefs.uses.limit(level, "participants") for level, _ in group]
    logs, accounts = [math.log(max(number, 2)) for number in users], [meeting.account for _, meeting in group]
    worth = likelihoods.resemblance(logs, accounts, limits)
    _say(notes, worth, len(users), "how large their meetings are")
    after = likelihoods.size(users, limits, beliefs.range_of(mean), beliefs.range_of(dispersion), worth)
    beliefs.learn(mean, after[0], "meetings", float(np.mean(users)))
    above = np.maximum(np.array(users), 2) - 2.0
    extra = float(above.var() - above.mean())
    beliefs.learn(dispersion, after[1], "meetings", float(above.mean() ** 2 / extra) if extra > 0 else None)


def _cameras(beliefs: Beliefs, share: Estimate, group: Sequence[Of], notes: list[str]) -> None:
    told: dict[object, list[int]] = {}
    for number, (_, meeting) in enumerate(group):
        if meeting.cameras is not None:
            # a meeting of an unknown account stands for itself
            sums = told.setdefault(meeting.account or number, [0, 0])
            sums[0] += min(meeting.cameras, meeting.users)
            sums[1] += meeting.users
    if not any(users for _, users in told.values()):
        return
    yes, of = (np.array(column, dtype=np.float64) for column in zip(*told.values(), strict=True))
    worth = likelihoods.evenness(yes, of)
    _say(notes, worth, int(of.sum()), "how many send their camera", "users")
    after = likelihoods.share(worth * float(yes.sum()), worth * float(of.sum()), beliefs.range_of(share))
    beliefs.learn(share, replace(after, seen=int(of.sum())), "users", float(yes.sum() / of.sum()))


def _say(notes: list[str], worth: float, seen: int, what: str, of: str = "meetings") -> None:
    if worth < 1:
        independent = max(1, round(worth * seen))
        notes.append(f"accounts differ in {what}: {seen:,} {of} say as much of it as {independent:,} independent ones")


def learned_from(estimate: Estimate, before: Sequence[float], after: Sequence[float], seen: int, of: str) -> Learned:
    """Return an input before and after [base unit], each as median, 10 % and 90 % quantile, without curves."""
    value, low, high = map(float, after)
    return Learned(
        path=estimate.path,
        help=estimate.help,
        before=estimate.words,
        after=f"{estimate.written(value)} ({estimate.written(low)} to {estimate.written(high)})",
        value=value,
        low=low,
        high=high,
        prior=(before[0], before[1], before[2]),
        assumed=not estimate.ranged,
        seen=seen,
        of=of,
        plain=None,
        unit=estimate.scale.suffix.strip(),
        per_unit=float(estimate.scale.factor),
        prior_curve=(),
        curve=(),
    )


def _learned(estimate: Estimate, after: Posterior, first: Range, of: str, plain: float | None, seen: int) -> Learned:
    # a meeting has two users at least, whatever the curve's end says
    least = 2.0 if estimate.path.endswith(".size") else 0.0
    numbers = [max(least, number) for number in (after.value, after.low, after.high)]
    learned = learned_from(estimate, (first.value, first.low, first.high), numbers, seen, of)
    before, whole = learned.before, scores(first, -SHOWN, SHOWN)
    if learned.assumed:
        low, high = estimate.written(first.low), estimate.written(first.high)
        before = f"{estimate.text} (no range: we took {low} to {high})"
    return replace(
        learned,
        before=before,
        plain=plain,
        prior_curve=_curve(whole.x / learned.per_unit, np.exp(whole.log_prior)),
        curve=_curve(after.grid / learned.per_unit, after.weight),
    )


def _curve(x: Floats, weight: Floats) -> Curve:
    """Return (value, density): each point's weight over the width it stands for, the total 1."""
    x, keep = np.unique(x, return_index=True)
    weight = weight[keep]
    if len(x) < 3:
        return ()
    density = weight / np.gradient(x) / weight.sum()
    return tuple(zip(x.tolist(), density.tolist(), strict=True))
