"""Meetings of the real process, drawn in bulk: when each starts and ends, who comes, what it holds of a node."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BIN, BINS_PER_WEEK, HOURS_PER_WEEK, NO_LIMIT, Demand, Floats, Kind, Options
from planner.model.simulation.sampling import Alias, alias, day_factors, draw, on_days, shares_of_days, size_chances

Whole = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Column = npt.NDArray[Any]
"""Of whole numbers or of fractions."""

TICKS = 360_000
"""Time is counted in whole hundredths of a second, because sums of whole numbers do not depend on their order [1/h]."""
WEEK = int(HOURS_PER_WEEK) * TICKS
"""[tick]"""
DAYS = 2**31
"""Names the random stream of the days' factors, beyond all classes of accounts [-]."""
LONG = 6.0
"""Standard deviations of the log holding time that a run-in without duration limit covers: a chance of 1e-9 [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """So many accounts of one demand, on one node or behind the balancer."""

    count: int
    """[account]"""
    demand: Demand
    node: int | None = None
    """Index of the node that all their meetings run on [-]; None = the balancer chooses for each meeting."""


@dataclass(frozen=True, slots=True)
class Span:
    """What one replication covers: a run-in from empty, then whole weeks from a Monday 00:00."""

    run_in: int
    """[h]"""
    weeks: int
    """[week]"""

    @property
    def counts_from(self) -> int:
        """Return when the counted weeks begin [tick]."""
        return self.run_in * TICKS

    @property
    def counts_to(self) -> int:
        """Return when they end [tick]."""
        return self.counts_from + self.weeks * WEEK

    @property
    def next(self) -> int:
        """Return when the next replication begins [tick]: an hour later, in which a balancer's old view forgets."""
        return self.counts_to + TICKS


@dataclass(frozen=True, slots=True, eq=False)
class KindTable:
    """One kind of meeting of a class of accounts, with the tables to draw it from."""

    kind: Kind
    expected: float
    """Of an average account in a replication, series left out [meeting]."""
    series: float
    """Weekly series of an average account [-]."""
    starts: Alias
    """Ticks since the replication's beginning."""
    slots: Alias
    """Ticks since Monday 00:00, for series."""
    sizes: Alias
    passed: Floats
    """Share of the starts before each bin of the replication, 1 after the last [-]."""


Tables = tuple[tuple[Accounts, tuple[KindTable, ...]], ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be drawn beside starts, durations and users."""

    accounts: bool
    """Whose meeting it is: some have a limit on rooms at once."""
    cameras: bool
    screens: bool
    recordings: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Meetings of a chunk of replications, one replication after the other on one time axis; ndarrays of shape (n,)."""

    start: Whole
    """[tick]"""
    end: Whole
    """Cut where the replication's weeks end [tick]."""
    node: Small
    """Index of the node; -1 where the balancer chooses [-]."""
    account: Small | None
    """Index among the accounts of all replications in the chunk [-]; None = not asked, as below."""
    users: Small
    """[user]"""
    moderators: Small
    """[user]"""
    late: Small | None
    """Viewers who come late [user]."""
    cameras: Small | None
    """ndarray of shape (n, 3): of the moderators, of the punctual viewers, of the late ones [camera]."""
    pages: Small | None
    """ndarray of shape (n, 2): of a viewer, of a moderator; (n, 4) if some come late: and before that [camera]."""
    screen: npt.NDArray[np.bool_] | None
    """Whether a screen is shared [-]."""
    recorded: npt.NDArray[np.bool_] | None = None
    """Whether the meeting is recorded [-]."""


def span_of(population: Sequence[Accounts], weeks: int) -> Span:
    """Return what a replication covers: the weeks [week], after a run-in that no meeting outlives."""
    longest = 1.0
    for accounts in population:
        for kind in accounts.demand.kinds:
            sigma2 = math.log1p(kind.duration_cv**2)
            reach = kind.duration * math.exp(LONG * math.sqrt(sigma2) - sigma2 / 2)
            longest = max(longest, min(reach, kind.duration_limit))
    return Span(math.ceil(min(longest, HOURS_PER_WEEK)), weeks)


def tables_of(population: Sequence[Accounts], span: Span, options: Options) -> Tables:
    """Return the tables to draw every class and kind of meeting from."""
    day = slice(options.surge_day * 288, (options.surge_day + 1) * 288)
    tables = []
    for accounts in population:
        kinds = []
        for kind in accounts.demand.kinds:
            week = kind.shape.copy()
            week[day] *= options.surge
            starts, sum_of_starts, passed = _starts(week.tobytes(), 12 * span.run_in, span.weeks)
            slots, sum_of_week, _ = _starts(week.tobytes(), 0, 1)
            rate = accounts.demand.meetings * kind.share / BINS_PER_WEEK
            kinds.append(
                KindTable(
                    kind=kind,
                    expected=rate * (1.0 - options.fixed_weekly) * sum_of_starts,
                    series=rate * options.fixed_weekly * sum_of_week,
                    starts=starts,
                    slots=slots,
                    sizes=_sizes(kind.size, kind.size_dispersion, kind.participants),
                    passed=passed,
                )
            )
        tables.append((accounts, tuple(kinds)))
    return tuple(tables)


# tables are kept by what they are made of: numbers of accounts are tried one after the other, and the week is the same
@lru_cache(maxsize=128)
def _starts(week: bytes, run_in: int, weeks: int) -> tuple[Alias, float, Floats]:
    """Return the table of starts in a run-in [bin] and weeks [week] of a profile, its sum, and its part before each."""
    shape = np.frombuffer(week)
    bins = np.concatenate([shape[len(shape) - run_in :], np.tile(shape, weeks)])
    passed = np.concatenate([[0.0], np.cumsum(bins)])
    return alias(bins, step=BIN * TICKS), float(bins.sum()), passed / passed[-1]


@lru_cache(maxsize=512)
def _sizes(size: float, dispersion: float, participants: float) -> Alias:
    """Return the table of a meeting's users, of this mean [user], dispersion [-] and limit [user]."""
    return alias(size_chances(size, dispersion, participants))


def stream(seeds: np.random.SeedSequence, *key: int) -> np.random.Generator:
    """Return the random stream of one variate, independent of every other one."""
    seed = np.random.SeedSequence(seeds.entropy, spawn_key=(*seeds.spawn_key, *key))
    return np.random.Generator(np.random.SFC64(seed))


def drawn(
    tables: Tables,
    span: Span,
    replications: int,
    seeds: np.random.SeedSequence,
    needs: Needs,
    options: Options,
    day_spread: float = 0.0,
) -> Meetings:
    """Return the meetings of a chunk of independent replications."""
    # An account's number of meetings is Poisson given its multiplier G ~ Gamma(1/spread^2, mean 1), which is drawn anew
    # in each replication and shared by its kinds of meeting; the starts are then independent, with the week's density.
    # Each variate has a stream of its own, accounts in order: n accounts draw the beginning of what n + 1 draw.
    # Each day has a factor that all accounts share; weekly series take place on every day.
    parts = []
    before = 0
    days = day_factors(stream(seeds, DAYS), day_spread, replications, span.run_in, span.weeks)
    for i, (accounts, kinds) in enumerate(tables):
        many = (accounts.count, replications)
        spread = accounts.demand.spread
        multipliers = stream(seeds, i, 0).gamma(spread**-2, spread**2, many) if spread > 0.0 else np.ones(many)
        for j, table in enumerate(kinds):
            part = _Part(table, accounts.node, multipliers, before, span, (seeds, i, 1 + j), days)
            parts += [_singles(part, needs, options)] if options.fixed_weekly < 1.0 else []
            parts += [_series(part, needs, options)] if options.fixed_weekly > 0.0 else []
        before += accounts.count * replications
    if len(parts) == 1:
        return parts[0]
    return Meetings(**{name: _joined([getattr(part, name) for part in parts]) for name in Meetings.__slots__})


def _joined(columns: list[Column | None]) -> Any:
    """Return one column of all parts; None where it was not asked."""
    given = [column for column in columns if column is not None]
    return np.concatenate(given) if given else None


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One kind of meeting of one class of accounts, about to be drawn."""

    table: KindTable
    node: int | None
    multipliers: Floats
    """ndarray of shape (accounts, replications)"""
    before: int
    """Accounts of the classes before, all replications together."""
    span: Span
    key: tuple[np.random.SeedSequence, int, int]
    days: Floats | None
    """The factor of each day of each replication, ndarray of shape (replications, days); None = all are 1 [-]."""

    def stream(self, variate: int) -> np.random.Generator:
        return stream(*self.key, variate)

    def owners(self, counts: Whole) -> Small:
        """Return whose each meeting is, given how many each account has."""
        numbers = np.arange(self.before, self.before + len(counts), dtype=np.int32)
        return np.repeat(numbers, counts)

    def offsets(self, counts: Whole) -> Floats:
        """Return when the replication of each meeting begins [tick]."""
        begins = np.arange(self.multipliers.shape[1], dtype=np.float64) * self.span.next
        return np.repeat(np.broadcast_to(begins, self.multipliers.shape).ravel(), counts)


def _singles(part: _Part, needs: Needs, options: Options) -> Meetings:
    """Return the meetings that belong to no series."""
    if part.days is None:
        counts = part.stream(0).poisson(part.table.expected * part.multipliers).ravel()
        n = int(counts.sum())
        local = draw(part.table.starts, part.stream(1).random(n))
    else:
        share, until = shares_of_days(part.table.passed, part.days, part.span.run_in)
        counts = part.stream(0).poisson(part.table.expected * until[:, -1] * part.multipliers).ravel()
        n = int(counts.sum())
        place = np.repeat(np.broadcast_to(np.arange(len(until)), part.multipliers.shape).ravel(), counts)
        local = BIN * TICKS * on_days(part.table.passed, share, until, place, part.stream(1).random(n))
    users = draw(part.table.sizes, part.stream(2).random(n)).astype(np.int32)
    owners = part.owners(counts) if needs.accounts else None
    return _completed(part, local, part.offsets(counts), users, owners, 3, needs, options)


def _series(part: _Part, needs: Needs, options: Options) -> Meetings:
    """Return the meetings of the weekly series, each week's attendance Poisson around the series' own mean."""
    span, kind = part.span, part.table.kind
    counts = part.stream(10).poisson(part.table.series * part.multipliers).ravel()
    n = int(counts.sum())
    slots = draw(part.table.slots, part.stream(11).random(n))
    mean = np.full(n, kind.size - 2.0)
    if kind.size_dispersion < NO_LIMIT:
        mean *= part.stream(12).gamma(kind.size_dispersion, 1 / kind.size_dispersion, n)
    # the week before the counted ones as well: its end lies in the run-in
    local = (slots[:, None] + (span.counts_from + WEEK * np.arange(-1, span.weeks))).ravel()
    guests = part.stream(13).poisson(np.repeat(mean, span.weeks + 1))
    users = np.minimum(2 + guests, kind.participants).astype(np.int32)
    inside = np.flatnonzero(local >= 0.0)
    owners = np.repeat(part.owners(counts), span.weeks + 1)[inside] if needs.accounts else None
    offsets = np.repeat(part.offsets(counts), span.weeks + 1)[inside]
    return _completed(part, local[inside], offsets, users[inside], owners, 14, needs, options)


def _completed(
    part: _Part,
    local: Floats,
    offsets: Floats,
    users: Small,
    account: Small | None,
    variate: int,
    needs: Needs,
    options: Options,
) -> Meetings:
    """Return the meetings with ends, moderators and cameras; `local` counts from the replication's start [tick]."""
    kind, n = part.table.kind, len(users)
    end = _durations(kind, n, part.stream(variate))
    end += local
    np.minimum(end, part.span.counts_to, out=end)
    end += offsets
    local += offsets
    moderators = np.minimum(kind.moderators, users).astype(np.int32)
    late = cameras = pages = screen = recorded = None
    if options.late > 0.0:
        late = part.stream(variate + 1).binomial(users - moderators, options.late).astype(np.int32)
    if needs.cameras:
        tardy = np.zeros_like(users) if late is None else late
        # one column after the other: numpy sets a binomial up anew whenever its size is not the one before
        cameras = np.zeros((n, 3), dtype=np.int32)
        for k, (of, column) in enumerate(((moderators, 2), (users - moderators - tardy, 4), (tardy, 5))):
            if of is not tardy or late is not None:
                cameras[:, k] = part.stream(variate + column).binomial(of, kind.cameras)
        there = [users] if late is None else [users, users - late]
        every = [np.broadcast_to(page, n) for present in there for page in kind.pages.of(present)]
        pages = np.stack(every, axis=1, dtype=np.int32)
    if needs.screens:
        screen = part.stream(variate + 3).random(n) < kind.screenshare
    if needs.recordings:
        recorded = part.stream(variate + 6).random(n) < kind.recorded
    return Meetings(
        start=local.astype(np.int64),
        end=end.astype(np.int64),
        node=np.full(n, -1 if part.node is None else part.node, dtype=np.int32),
        account=account,
        users=users,
        moderators=moderators,
        late=late,
        cameras=cameras,
        pages=pages,
        screen=screen,
        recorded=recorded,
    )


def _durations(kind: Kind, n: int, rng: np.random.Generator) -> Floats:
    """Return holding times cut at the level's limit [tick]."""
    if kind.duration_cv == 0.0:
        return np.full(n, min(kind.duration, kind.duration_limit) * TICKS)
    sigma2 = math.log1p(kind.duration_cv**2)
    durations = rng.standard_normal(n)
    durations *= math.sqrt(sigma2)
    durations += math.log(kind.duration * TICKS) - sigma2 / 2
    np.exp(durations, out=durations)
    if kind.duration_limit < NO_LIMIT:
        np.minimum(durations, kind.duration_limit * TICKS, out=durations)
    return durations
