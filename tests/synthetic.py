"""Synthetic co-ops: histories drawn from a known truth, also from ones that break what the model assumes.

Nothing here uses the model's own simulation: starts, lengths and sizes are drawn with numpy, people are counted by
sorting. A co-op has one level of accounts and one node.
"""

import math
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from server_cases import over

from planner.learning.calibration import Calibration
from planner.model.admission import admission_number
from planner.model.inputs.capacity import Inputs
from planner.model.inputs.distributions import Range, draws
from planner.model.inputs.observations import History, Meeting, Member
from planner.scenario import resolve
from planner.scenario.reader import Scenario, read

BEGIN = datetime(2021, 4, 5, tzinfo=UTC)
"""A Monday."""
MOST = 1000
"""No number of accounts above this is looked for."""
HALF_YEARS, LONGEST = 20, 2560
"""So many are drawn to see whether an objective is kept; where that leaves it open, up to so many."""
HALF_YEAR = 26 / (365.25 / 7)
"""[year]"""
CLEAR = 3.0
"""Standard errors from the objective beyond which it is no longer open."""
NAMES = ("meetings", "spread", "duration", "duration_cv", "size", "size_dispersion", "cameras", "day_spread")
SCENARIO = """
title: A synthetic co-op
currency: GBP
timezone: UTC
start: 2021-04
nodes:
  de: {{limits: {{users: 150, rooms: 30}}}}
levels:
  only: {{price: 9 GBP/month, participants: {participants}, rooms: 5, duration: 3 h}}
members: {{accounts: {accounts}, mix: {{only: 100 %}}, growth: 0 accounts/month}}
usage:
  everyone:
    meetings:        {{value: 2/week, low: 1, high: 4}}
    spread:          {{value: 1, low: 0.5, high: 1.5}}
    duration:        {{value: 54 min, low: 45 min, high: 70 min}}
    duration_cv:     {{value: 0.7, low: 0.5, high: 1.0}}
    size:            {{value: 6 users, low: 4, high: 9}}
    size_dispersion: {{value: 1.5, low: 0.8, high: 3}}
    cameras:         {{value: 50 %, low: 25 %, high: 70 %}}
    season:          1
objective: {{measure: episodes, at_most: 1/year, confidence: 90 %}}
offer: {{network: ocn, accounts: 10, mix: {{only: 100 %}}, cap: none, review: {{after: 6 months}}}}
networks:
  ocn: {{largest_balance: none}}
spending:
  target: 16 h
  hourly_rate: 30 GBP/h
  sellers: {{social: {{hours: 16 h/month}}}}
labour: {{available: 4 h/month}}
"""


def scenario(folder: Path, accounts: int = 55, participants: int = 10) -> Scenario:
    """Return the scenario that stands for what is believed of a co-op before anything is seen."""
    path = folder / "synthetic.yaml"
    path.write_text(SCENARIO.format(accounts=accounts, participants=participants), encoding="utf-8")
    return read(path)


@dataclass(frozen=True)
class Truth:
    """What a co-op's accounts really do; names and units as in the scenario, durations in hours."""

    meetings: float
    spread: float
    duration: float
    duration_cv: float
    size: float
    size_dispersion: float
    cameras: float
    day_spread: float = 0.0


@dataclass(frozen=True)
class World:
    """What breaks the model's assumptions; nothing by default."""

    days_differ: bool = False
    """As the model has it: a gamma factor that all meetings of a day share, by the truth's day spread."""

    fixed_weekly: float = 0.0
    """Share of the meetings that belong to a weekly series: the same slot each week, a mean size of its own."""
    surge: float = 1.0
    """On a surge day everybody meets so many times as often."""
    surge_days: float = 1 / 28
    """Chance of a day to be one, all of them working days: once in four weeks."""
    surge_weekday: int | None = None
    """Instead: one in each week, on this weekday, counted from Monday = 0."""
    tail: float = math.inf
    """Sizes above 2 follow a Lomax law of this index and the same mean: 3 has a variance, 2 has none."""
    together: float = 0.0
    """Correlation of the logarithms of a meeting's length and size."""


@dataclass(frozen=True)
class Drawn:
    """Meetings as ndarrays of shape (n,), by start within each replication."""

    account: np.ndarray
    start: np.ndarray
    """Hours since the first Monday 00:00."""
    hours: np.ndarray
    """Until its end, at most the level's limit."""
    users: np.ndarray
    cameras: np.ndarray


def truths(known: Scenario, n: int, seed: int) -> list[Truth]:
    """Return n truths drawn from the scenario's ranges."""
    estimates = [known.estimates[f"usage.everyone.{name}"] for name in NAMES]
    ranges = [Range(one.path, one.value, one.low, one.high, one.family, one.least, one.most) for one in estimates]
    drawn = draws(ranges, n, seed)
    columns = [drawn[one.path] for one in ranges]
    return [Truth(*(float(column[row]) for column in columns)) for row in range(n)]


def shape(known: Scenario) -> np.ndarray:
    """Return the relative rate in each 5-minute bin of the week."""
    return known.usage["only"].kinds[0].shape


def drawn(
    truth: Truth, world: World, accounts: int, weeks: int, week: np.ndarray, participants: int, rng: np.random.Generator
) -> Drawn:
    """Return the meetings of some weeks of accounts drawn anew."""
    multiplier = rng.gamma(truth.spread**-2, truth.spread**2, accounts) if truth.spread > 0 else np.ones(accounts)
    rate = truth.meetings * multiplier
    busy = _days(truth, world, weeks, rng)
    expected = busy * np.tile(week.reshape(7, 288).sum(axis=1) / week.sum(), weeks)
    free = rng.poisson(rate * (1 - world.fixed_weekly) * expected.sum())
    account = np.repeat(np.arange(accounts), free)
    day = np.searchsorted(np.cumsum(expected), rng.random(len(account)) * expected.sum())
    start = _on_day(week, np.minimum(day, 7 * weeks - 1), rng)
    extra = rng.gamma(truth.size_dispersion, (truth.size - 2) / truth.size_dispersion, len(account))
    if world.fixed_weekly:
        series = rng.poisson(rate * world.fixed_weekly)
        owner = np.repeat(np.arange(accounts), series)
        slot = _slots(week, len(owner), rng)
        own = rng.gamma(truth.size_dispersion, (truth.size - 2) / truth.size_dispersion, len(owner))
        account = np.concatenate([account, np.repeat(owner, weeks)])
        start = np.concatenate([start, (slot[:, None] + 168.0 * np.arange(weeks)).ravel()])
        extra = np.concatenate([extra, np.repeat(own, weeks)])
    return _completed(truth, world, account, start, extra, participants, rng)


def _days(truth: Truth, world: World, weeks: int, rng: np.random.Generator) -> np.ndarray:
    """Return how many times as often as usual everybody meets on each day."""
    busy = np.ones(7 * weeks)
    if world.days_differ and truth.day_spread > 0:
        busy = rng.gamma(truth.day_spread**-2, truth.day_spread**2, 7 * weeks)
    weekday = np.arange(7 * weeks) % 7
    if world.surge_weekday is not None:
        return np.where(weekday == world.surge_weekday, world.surge * busy, busy)
    return np.where((weekday < 5) & (rng.random(7 * weeks) < world.surge_days * 7 / 5), world.surge * busy, busy)


def _slots(week: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return n starts in the week [h]."""
    cumulated = np.concatenate([[0.0], np.cumsum(week)]) / week.sum()
    return np.interp(rng.random(n), cumulated, np.arange(2017) / 12)


def _on_day(week: np.ndarray, day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a start on each of the days, by the week's shape [h]."""
    cumulated = np.concatenate([[0.0], np.cumsum(week)]) / week.sum()
    low, high = cumulated[288 * (day % 7)], cumulated[288 * (day % 7) + 288]
    return np.interp(low + rng.random(len(day)) * (high - low), cumulated, np.arange(2017) / 12) + 168.0 * (day // 7)


def _completed(
    truth: Truth,
    world: World,
    account: np.ndarray,
    start: np.ndarray,
    extra: np.ndarray,
    participants: int,
    rng: np.random.Generator,
) -> Drawn:
    n = len(start)
    sigma = math.sqrt(math.log1p(truth.duration_cv**2))
    normal = rng.standard_normal(n)
    if math.isfinite(world.tail):
        extra = (truth.size - 2) * (world.tail - 1) * ((1 - rng.random(n)) ** (-1 / world.tail) - 1)
    users = 2 + rng.poisson(np.minimum(extra, 1e6))
    if world.together:
        z = np.log(users / np.exp(np.log(users).mean())) / max(np.log(users).std(), 1e-9)
        normal = world.together * z + math.sqrt(1 - world.together**2) * normal
    hours = np.minimum(np.exp(math.log(truth.duration) - sigma**2 / 2 + sigma * normal), 3.0)
    users = np.minimum(users, participants)
    return Drawn(account, start, hours, users, rng.binomial(users, truth.cameras))


def history(meetings: Drawn, weeks: int, accounts: int) -> tuple[History, list[Member]]:
    """Return the meetings as a history holds them, and the members' sheet."""
    members = [
        Member(f"m-{number:03d}", "only", "money", 1, BEGIN.date(), date(2030, 1, 1)) for number in range(accounts)
    ]
    found = []
    for number, (account, start, hours, users, cameras) in enumerate(
        zip(
            meetings.account.tolist(),
            meetings.start.tolist(),
            meetings.hours.tolist(),
            meetings.users.tolist(),
            meetings.cameras.tolist(),
            strict=True,
        )
    ):
        begin = BEGIN + timedelta(hours=start)
        end = begin + timedelta(hours=hours)
        found.append(Meeting(f"{number}", "de", begin, end, end, users, cameras, f"m-{account:03d}", 3.0))
    return History("synthetic.db", tuple(found)), members


def variants() -> dict[str, World]:
    """Return the ways in which the model's assumptions are broken, each at several strengths."""
    return {
        "the model holds, days alike": World(),
        "the model holds, days differ": World(days_differ=True),
        "fixed weekly meetings, 30 %": World(fixed_weekly=0.3),
        "fixed weekly meetings, 60 %": World(fixed_weekly=0.6),
        "fixed weekly meetings, 90 %": World(fixed_weekly=0.9),
        "surge day, twice as many": World(surge=2.0),
        "surge day, three times": World(surge=3.0),
        "surge day, five times": World(surge=5.0),
        "five times, every Wednesday": World(surge=5.0, surge_weekday=2),
        "heavy-tailed sizes, index 3": World(tail=3.0),
        "heavy-tailed sizes, index 2": World(tail=2.0),
        "heavy-tailed sizes, index 1.5": World(tail=1.5),
    }


def known_as(prior: Scenario, values: dict[str, float]) -> Inputs:
    """Return the inputs of the scenario with some entries at other values."""
    return resolve.inputs(prior, lambda one: values.get(one.path, resolve.central(one)))


def as_true(prior: Scenario, truth: Truth) -> Inputs:
    """Return the inputs as they really are."""
    return known_as(prior, {f"usage.everyone.{name}": value for name, value in asdict(truth).items()})


def central_number(inputs: Inputs) -> int:
    """Return how many further accounts the node's limits allow with every input at its value, by the closed form."""
    return min(admission_number.admit(over(inputs, [inputs]), swing=False).admission.central or 0, MOST)


def _in_week(found: Calibration, inputs: Inputs) -> Inputs:
    """Return the inputs with the week that was learned."""
    if found.profile is None or found.week is None:
        return inputs
    week = 2016 * np.outer(found.week.after, found.week.minutes_after).ravel()
    demands = {
        name: replace(one, kinds=tuple(replace(kind, shape=week) for kind in one.kinds))
        for name, one in inputs.demands.items()
    }
    return replace(inputs, demands=demands)


def sure_number(prior: Scenario, found: Calibration, draws_of_inputs: int, seed: int) -> int:
    """Return how many further accounts the node allows at the objective's confidence, after what was learned."""
    ranges = [Range(one.path, one.value, one.low, one.high, prior.estimates[one.path].family) for one in found.learned]
    values = draws(ranges, draws_of_inputs, seed)
    drawn = [
        _in_week(found, known_as(prior, {path: float(column[index]) for path, column in values.items()}))
        for index in range(draws_of_inputs)
    ]
    central = _in_week(found, known_as(prior, {one.path: one.value for one in found.learned}))
    answer = admission_number.admit(over(central, drawn), swing=False)
    return answer.admission.max_accounts or 0


class Oracle:
    """Knows how a world goes on: half-years of accounts drawn anew, of which the first n are looked at."""

    def __init__(
        self, truth: Truth, world: World, week: np.ndarray, participants: int, rng: np.random.Generator, most: int
    ) -> None:
        self.most = most
        self._half_year = lambda accounts: self._sorted(drawn(truth, world, accounts, 26, week, participants, rng))
        self._events = [self._half_year(most) for _ in range(HALF_YEARS)]

    @staticmethod
    def _sorted(meetings: Drawn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return account, change in users and change in rooms at each start and end; those who leave come first."""
        times = np.concatenate([meetings.start + meetings.hours, meetings.start])
        order = np.argsort(times, kind="stable")
        users, ones = meetings.users, np.ones(len(meetings.start), dtype=np.int64)
        changes = (np.concatenate([-mark, mark])[order] for mark in (users, ones))
        account = np.concatenate([meetings.account, meetings.account])[order]
        return account, *changes

    @staticmethod
    def _overloads(events: tuple[np.ndarray, np.ndarray, np.ndarray], accounts: int) -> list[int]:
        """Return how often so many accounts pass the limit on users and that on rooms in a half-year."""
        account, users, rooms = events
        there, counts = account < accounts, []
        for change, limit in ((users, 150), (rooms, 30)):
            beyond = np.cumsum(change[there]) > limit
            counts.append(int(beyond[:1].sum()) + int((beyond[1:] & ~beyond[:-1]).sum()))
        return counts

    def episodes_a_year(self, accounts: int) -> float:
        """Return how often a year the tighter of the node's limits is passed with so many accounts."""
        counts = [self._overloads(one, accounts) for one in self._events]
        return float(np.mean(counts, axis=0).max()) / HALF_YEAR

    def settled_episodes_a_year(self, accounts: int) -> float:
        """Return the same from as many half-years as it takes to tell it from one a year, `LONGEST` at most."""
        counts = [self._overloads(one, accounts) for one in self._events]
        while True:
            n, tighter = len(counts), int(np.sum(counts, axis=0).argmax())
            rate = np.array(counts)[:, tighter] / HALF_YEAR
            # a short time without any overload has no spread of its own
            error = max(float(rate.std(ddof=1)), HALF_YEAR**-0.5) / math.sqrt(n)
            if n >= LONGEST or abs(float(rate.mean()) - 1.0) > CLEAR * error:
                return float(rate.mean())
            counts += [self._overloads(self._half_year(accounts), accounts) for _ in range(n)]

    def number(self, members: int) -> int:
        """Return how many further accounts may come with no more than one overload a year."""
        good, bad = members - 1, self.most + 1
        while bad - good > 1:
            n = (good + bad) // 2
            good, bad = (n, bad) if self.episodes_a_year(n) <= 1.0 else (good, n)
        return max(good - members, 0)
