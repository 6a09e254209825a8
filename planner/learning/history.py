"""What was seen, sorted by account: who was watched for how long, and whose each meeting was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from planner.model.inputs.observations import History, Interval, Meeting, Member, overlap
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Watched:
    """An account, or several with one reference, and when it was there while somebody watched."""

    account: str | None
    """None = all those whose meetings nobody can tell apart."""
    level: str | None
    """None = not known: what is learned from it is everyone's."""
    accounts: int
    since: datetime
    until: datetime
    meetings: tuple[Meeting, ...]
    only_if_any: bool = False
    """It stands on no sheet: had it not met, nobody would know of it."""
    unwatched: tuple[Interval, ...] = ()

    @property
    def weeks(self) -> float:
        """Return how long it was watched [week]."""
        return (self.until - self.since - overlap(self.unwatched, self.since, self.until)) / WEEK


@dataclass(frozen=True, slots=True)
class Sorted:
    """All meetings, by whose they are."""

    since: datetime
    until: datetime
    accounts: tuple[Watched, ...]
    together: Watched | None
    """The others, if their number is known and their level is everyone's."""
    unknown: tuple[Meeting, ...]
    notes: tuple[str, ...]
    unwatched: tuple[Interval, ...] = ()

    @property
    def by_level(self) -> list[tuple[str | None, Meeting]]:
        """Return each meeting with the level of its account, None where that is not known."""
        known = [(account.level, meeting) for account in self.accounts for meeting in account.meetings]
        return [*known, *((None, meeting) for meeting in self.unknown)]

    @property
    def known(self) -> int:
        """Return how many accounts are known [account]."""
        return sum(account.accounts for account in self.accounts)


@dataclass(frozen=True, slots=True)
class Uses:
    """Which entries of the scenario say what an account does: those of its level, else everyone's."""

    scenario: Scenario

    def of(self, level: str | None, name: str) -> Estimate | None:
        """Return the entry of one of the numbers in `usage`; None where several kinds of meeting have one each."""
        if level is None or level not in self.scenario.usage:
            kinds = any(path.startswith("usage.everyone.kinds.") for path in self.scenario.estimates)
            of_a_meeting = name not in ("meetings", "spread")
            return None if kinds and of_a_meeting else self.scenario.estimates.get(f"usage.everyone.{name}")
        use = self.scenario.usage[level]
        if name in use.numbers:
            return use.numbers[name]
        return use.kinds[0].numbers.get(name) if use.kinds[0].share is None else None

    def as_everyone(self, level: str | None, name: str) -> bool:
        """Return whether a level's profile or starts are those of everyone, on the scenario's own clock."""
        if any(".kinds." in path and path.endswith(f".{name}") for path in self.scenario.entries):
            return False
        if level is None or level not in self.scenario.usage:
            return True
        shift = self.scenario.usage[level].numbers["shift"].value or 0.0
        return shift == 0 and f"usage.{level}.{name}" not in self.scenario.entries

    def limit(self, level: str | None, name: str) -> float:
        """Return a level's limit on participants [user] or duration [h], infinite where there is none, or no level."""
        value = None if level is None else self.scenario.estimates[f"levels.{level}.{name}"].value
        return float("inf") if value is None else value


def by_account(scenario: Scenario, history: History, members: Sequence[Member]) -> Sorted | None:
    """Return the meetings of a history by account; None if there are none."""
    # who only counts rooms, or only the load, tells of nobody that he did not meet
    span = history.watched or history.span
    if span is None or span[0] == span[1]:
        return None
    since, until = span
    zone = ZoneInfo(scenario.timezone)
    notes: list[str] = []
    by_name: dict[str | None, list[Meeting]] = {}
    missing = history.unwatched
    seen = [one for one in history.meetings if not any(first <= one.start < last for first, last in missing)]
    if missing:
        days = sum((last - first for first, last in missing), timedelta(0)) / timedelta(days=1)
        notes.append(
            f"of {days:.3g} days neither a log nor a poll tells: they count as not known; "
            f"meetings that began then and are left out: {len(history.meetings) - len(seen):,}"
        )
    for meeting in seen:
        by_name.setdefault(meeting.account, []).append(meeting)
    nameless = by_name.pop(None, [])
    known = []
    # where no meeting has an account, a member without meetings is not one that did not meet
    for member in members if by_name else ():
        theirs = by_name.pop(member.account, [])
        if watched := member.within(since, until, zone):
            first, last = watched
            level = member.level if member.level in scenario.names["levels"] else None
            meetings = tuple(meeting for meeting in theirs if first <= meeting.start < last)
            account = Watched(member.account, level, member.accounts, first, last, meetings, unwatched=missing)
            known += [account] if account.weeks > 0 else []
    for name, theirs in sorted(by_name.items(), key=lambda item: str(item[0])):
        known.append(Watched(name, None, 1, since, until, tuple(theirs), only_if_any=True, unwatched=missing))
    if by_name and members:
        notes.append(f"{len(by_name)} accounts that met are not on the members' sheet: their level is not known")
    if levels := sorted({member.level for member in members if member.level not in scenario.names["levels"]}):
        notes.append(f"the scenario has no level {', '.join(levels)}: counted with everyone")
    split = Sorted(since, until, tuple(known), None, tuple(nameless), (), missing)
    together = _together(scenario, split, notes)
    return replace(split, together=together, notes=tuple(notes))


def _together(scenario: Scenario, split: Sorted, notes: list[str]) -> Watched | None:
    """Return the accounts whose meetings nobody can tell apart, if their number and their level are known."""
    if not split.unknown:
        return None
    unknown, many = len(split.unknown), len(split.by_level)
    notes.append(f"{unknown:,} of {many:,} meetings belong to no known account: they count with everyone")
    stated = (scenario.estimates[f"members.{name}"].value or 0 for name in ("accounts", "in_credit"))
    there = sum(map(round, stated)) - split.known
    uses, mix = Uses(scenario), scenario.entries["members.mix"].value
    assert isinstance(mix, Mapping)
    alike = {uses.of(level, name) for level in mix if mix[level] for name in ("meetings", "spread")}
    if there > 0 and alike == {uses.of(None, name) for name in ("meetings", "spread")}:
        return Watched(None, None, there, split.since, split.until, split.unknown, unwatched=split.unwatched)
    why = "levels differ in how often they meet" if there > 0 else "the sheet has as many accounts as there are members"
    notes.append(f"how often accounts meet is learned without them, because {why}: map rooms to accounts to use them")
    return None
