"""What was learned from a history, whole: inputs, the week, the check of fit, and the scenario that results."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from planner import PlannerError
from planner.learning import node_load
from planner.learning.fit_check import check, daily
from planner.learning.history import WEEK, Sorted, Uses, by_account
from planner.learning.posteriors import Learned, learn
from planner.model.calibration.goodness_of_fit import Check
from planner.model.calibration.weekly_pattern import pattern
from planner.model.evidence.statements import Carried, Talk
from planner.model.inputs.observations import History, Member, overlap
from planner.planning import Plan, weekly_load
from planner.planning.band_coverage import Coverage, coverage, hourly
from planner.planning.cautions import few_draws
from planner.scenario import overlay, resolve, week
from planner.scenario.calibrated import FAILED, GOOD, NOT_KNOWN
from planner.scenario.reader import Scenario
from planner.scenario.seen import statements

LEAST_WEEKS = 4.0
"""Of a shorter history it is said that it is too little."""
LEAST_MEETINGS = 30
"""So many in no shorter time; fewer are too little."""
MONTH = timedelta(days=365.25 / 12)
LEAST_STARTS = 168
"""From so many starts on, one for each hour of the week, the week and the hour are written down anew."""


@dataclass(frozen=True, slots=True)
class Week:
    """When meetings start, before and after: shares of 168 hours and of the twelve 5-minute parts of an hour."""

    before: tuple[float, ...]
    after: tuple[float, ...]
    counted: tuple[int, ...]
    minutes_before: tuple[float, ...]
    minutes_after: tuple[float, ...]
    minutes_counted: tuple[int, ...]
    seen: int
    worth: float
    """How many starts the scenario's own week turned out to be worth."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a history says of a scenario's inputs."""

    scenario: str
    history: str
    since: datetime | None
    until: datetime | None
    weeks: float
    meetings: int
    accounts: int
    learned: tuple[Learned, ...]
    loads: tuple[Learned, ...]
    week: Week | None
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    entries: Mapping[str, overlay.Entry | overlay.Shares]
    """What an overlay scenario changes, but for the week's file."""
    source: str
    """Names the history, its span and what was counted: it stands beside every number that was learned."""

    @property
    def too_little(self) -> str:
        """Return in words why too little was seen to tell whether the model fits; "" = enough was."""
        if self.weeks < LEAST_WEEKS or self.meetings < LEAST_MEETINGS:
            weeks = math.floor(10 * self.weeks) / 10  # rounded down: 3.97 are not 4
            short = [f"{self.meetings:,} of at least {LEAST_MEETINGS} meetings"] * (self.meetings < LEAST_MEETINGS)
            short += [f"{weeks:g} of at least {LEAST_WEEKS:g} weeks"] * (self.weeks < LEAST_WEEKS)
            return f"{' and '.join(short)} were seen"
        if not any(check.asked for check in self.checks):
            return f"none of {len(self.checks)} questions could be asked: too few meetings yet"
        # where nobody knows whose meetings they are, nobody will ever be asked about an account's weeks
        needed = ("busy days", "regularity") if self.accounts else ("busy days",)
        return next((check.says for check in self.checks if check.name in needed and not check.asked), "")

    @property
    def enough(self) -> bool:
        """Return whether enough was seen to say anything."""
        return not self.too_little

    @property
    def holds(self) -> bool | None:
        """Return whether the check of fit found nothing odd; None = too little was seen to tell."""
        if any(check.flagged for check in self.checks):
            return False
        return True if self.enough else None

    @property
    def profile(self) -> str | None:
        """Return the week as the CSV file that a scenario names; None if too few starts were seen."""
        if self.week is None or self.week.seen < LEAST_STARTS:
            return None
        return week.table([share * 168 for share in self.week.after], self.source)


@dataclass(frozen=True, slots=True)
class Effect:
    """What learning does to the number of accounts that can be admitted; None = no limit."""

    before: int | None
    after: int | None
    binding_after: str
    """The limit that sets it then, in words; "" = none does."""
    coarse: str | None = None
    """How far off the number afterwards may be for want of draws, in words; None = there were enough."""


def calibrate(scenario: Scenario, history: History, members: Sequence[Member] = ()) -> Calibration:
    """Return what a history says of a scenario's inputs, whose ranges are the priors.

    The months of the history count as average ones: `season`, the busiest month over an average one, stays as stated.
    Meetings of accounts that are not known belong to everyone.
    """
    watched = by_account(scenario, history, members)
    if watched is None:
        nothing = ("nothing was seen: every input stays as it is",)
        name = history.name
        return Calibration(scenario.name, name, None, None, 0.0, 0, 0, (), (), None, (), nothing, {}, name)
    uses = Uses(scenario)
    seen = _week(uses, watched)
    learned, notes = learn(uses, watched, daily(uses, watched, np.array(seen.after)))
    loads = node_load.loads(scenario, history.samples)
    span = f"{watched.since.date().isoformat()} to {watched.until.date().isoformat()}"
    counted = f"{len(history.meetings):,} meetings of {watched.known} known accounts"
    source = f"history {history.name}, {span}: {counted}"
    first, last = (when.astimezone(ZoneInfo(scenario.timezone)) for when in (watched.since, watched.until))
    months = " to ".join(dict.fromkeys(when.strftime("%B %Y") for when in (first, last)))
    as_of = last.date().isoformat()
    entries = {after.path: _entry(scenario, after, source, as_of) for after in (*learned, *loads)}
    # weights that are known of a machine need no factor for how far it differs from others
    known = {"value": "1", "source": source, "as_of": as_of}
    entries |= {f"{after.path.rpartition('.')[0]}.factor": known for after in loads}
    found = Calibration(
        scenario=scenario.name,
        history=history.name,
        since=watched.since,
        until=watched.until,
        weeks=(watched.until - watched.since - overlap(watched.unwatched, watched.since, watched.until)) / WEEK,
        meetings=len(history.meetings),
        accounts=watched.known,
        learned=learned,
        loads=loads,
        week=seen,
        checks=check(uses, watched, learned, np.array(seen.after)),
        notes=(*watched.notes, *notes, f"{months} count as average months: nothing is learned of the season"),
        entries={**entries, **_starts(seen)},
        source=source,
    )
    return replace(found, entries={**found.entries, **_calibrated(scenario, found, first.date(), last.date())})


def _calibrated(scenario: Scenario, found: Calibration, since: date, until: date) -> dict[str, overlay.Shares]:
    """Return the entry that says what was learned from and whether the model fits it."""
    if found.holds is None:
        before = scenario.entries.get("calibrated.fit")
        if not found.learned or (before is not None and str(before.value).startswith(FAILED)):
            return {}  # no range rests on it; or it is too little to take back that an earlier history did not fit
        fit = f"{NOT_KNOWN}{found.too_little}"
    else:
        fit = GOOD if found.holds else FAILED + "; ".join(check.says for check in found.checks if check.flagged)
    days = ("since", since.isoformat()), ("until", until.isoformat())
    return {"calibrated": (("history", found.history), *days, ("meetings", str(found.meetings)), ("fit", fit))}


class CountedTwice(PlannerError, ValueError):
    """The same evidence stands in the scenario and in the history; the message says which."""


def counted_twice(scenario: Scenario, history: History) -> list[str]:
    """Return what a scenario says was seen in a time that the history covers too, each as a sentence."""
    if history.span is None:
        return []
    start = datetime(*scenario.start, 1, tzinfo=ZoneInfo(scenario.timezone))
    found = []
    for one in statements(scenario):
        if isinstance(one.seen, Carried):
            continue
        ended = start - one.seen.window.ended * MONTH
        weeks = float(one.seen.weeks.max()) * timedelta(weeks=1) if isinstance(one.seen, Talk) else timedelta(0)
        began = min(start - one.seen.window.began * MONTH, ended - weeks)
        if began < history.span[1] and history.span[0] < ended:
            found.append(
                f"{one.path} says what was seen from {began.date()} to {ended.date()}, which {history.name} covers "
                "too: the same evidence would count twice; leave the entry out, or say in until: when it ended"
            )
    return found


def _entry(scenario: Scenario, after: Learned, source: str, as_of: str) -> overlay.Entry:
    # a node's own coefficient that the scenario leaves out is that of all nodes
    estimate = scenario.estimates.get(after.path) or scenario.estimates[f"usage.cpu.{after.path.rpartition('.')[2]}"]
    return overlay.entry(estimate, after.value, after.low, after.high, f"{source}; {after.seen:,} {after.of}", as_of)


def _week(uses: Uses, watched: Sorted) -> Week:
    """Return the week and the hour of those levels that keep everyone's."""
    zone = ZoneInfo(uses.scenario.timezone)
    hours, minutes = np.zeros(168, dtype=np.int64), np.zeros(12, dtype=np.int64)
    for level, meeting in watched.by_level:
        local = meeting.start.astimezone(zone)
        if uses.as_everyone(level, "profile"):
            hours[local.weekday() * 24 + local.hour] += 1
        if uses.as_everyone(level, "starts"):
            minutes[local.minute // 5] += 1
    before = [np.array(uses.scenario.entries[f"usage.everyone.{name}"].value) for name in ("profile", "starts")]
    of_week, of_hour = (weights / weights.sum() for weights in before)
    week_after, hour_after = pattern(hours, of_week), pattern(minutes, of_hour)
    return Week(
        before=tuple(of_week.tolist()),
        after=tuple(week_after.shares.tolist()),
        counted=tuple(hours.tolist()),
        minutes_before=tuple(of_hour.tolist()),
        minutes_after=tuple(hour_after.shares.tolist()),
        minutes_counted=tuple(minutes.tolist()),
        seen=week_after.seen,
        worth=week_after.worth,
    )


def _starts(seen: Week) -> dict[str, overlay.Shares]:
    """Return the entry for where in the hour meetings start: what the quietest part has, all have, and the rest."""
    if seen.seen < LEAST_STARTS:
        return {}
    even = min(seen.minutes_after)
    # rounded down to 0.1 %, so that the shares never add up to more than 100 %
    tenths = [int((share - even) * 1000 + 1e-9) for share in seen.minutes_after]
    shares = tuple((str(5 * part), f"{share / 10:g} %") for part, share in enumerate(tenths) if share)
    return {"usage.everyone.starts": shares} if shares else {}


def effect(before: Plan, after: Plan) -> Effect:
    """Return what learning does to the number of accounts that can be admitted."""
    new = after.admission
    return Effect(
        before=before.admission.max_accounts,
        after=new.max_accounts,
        binding_after="" if new.binding is None else after.names.limit(new.binding.limit, new.binding.node),
        coarse=few_draws(new, after.draws, after.confidence, after.names),
    )


def bands(before: Scenario, after: Scenario, history: History, draws: int) -> tuple[tuple[Coverage, Coverage], ...]:
    """Return the coverage of the band of each node and resource that was seen, before learning and after.

    The band afterwards has seen the history: it shows only whether it became too narrow.
    """
    if history.span is None:
        return ()
    first, last = history.span
    inputs = resolve.inputs(before)
    hours = hourly(history, inputs.nodes, inputs.pages, before.timezone, first, last + timedelta(seconds=1))
    if not hours:
        return ()
    both = (weekly_load.weeks(weekly_load.few_draws_of(one, draws, before.seed), hours) for one in (before, after))
    return tuple(zip(*(coverage(hours, weeks) for weeks in both), strict=True))
