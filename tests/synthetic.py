"""Synthetic co-ops: histories drawn from a known truth, also from ones that break what the model assumes.

Nothing here uses the model's own simulation: starts, lengths and sizes are drawn with numpy, people are counted by
sorting. A co-op has one level of accounts and one node.
"""

import math
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from server_cases import over

from planner.learning import Calibration
from planner.model.admission import admission_number
from planner.model.inputs import allocation
from planner.model.inputs.capacity import Inputs
from planner.model.inputs.distributions import Range, draws
from planner.model.inputs.observations import History, Meeting, Member
from planner.model.overload import measures as overload
from planner.model.overload import occupancy_law as laws
from planner.scenario import resolve
from planner.scenario.reader import Scenario, read

BEGIN = datetime(2021, 4, 5, tzinfo=UTC)
"""A Monday."""
MOST = 1000
"""No number of accounts above this is looked for."""
HALF_YEARS = 20
"""So many are drawn to see whether an objective is kept."""
NAMES = ("meetings", "spread", "duration", "duration_cv", "size", "size_dispersion", "cameras")
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


@dataclass(frozen=True)
class World:
    """What breaks the model's assumptions; nothing by default."""

    fixed_weekly: float = 0.0
    """Share of the meetings that belong to a weekly series: the same slot each week, a mean size of its own."""
    surge: float = 1.0
    """On a surge day everybody meets so many times as often."""
    surge_days: float = 1 / 28
    """Chance of a working day to be one: once or twice in two months."""
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
    ranges = [Range(one.path, one.value, one.low, one.high, one.family) for one in estimates]
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
    free = rng.poisson(rate * (1 - world.fixed_weekly) * weeks)
    account = np.repeat(np.arange(accounts), free)
    start = _slots(week, len(account), rng) + 168.0 * rng.integers(0, weeks, len(account))
    extra = rng.gamma(truth.size_dispersion, (truth.size - 2) / truth.size_dispersion, len(account))
    if world.fixed_weekly:
        series = rng.poisson(rate * world.fixed_weekly)
        owner = np.repeat(np.arange(accounts), series)
        slot = _slots(week, len(owner), rng)
        own = rng.gamma(truth.size_dispersion, (truth.size - 2) / truth.size_dispersion, len(owner))
        account = np.concatenate([account, np.repeat(owner, weeks)])
        start = np.concatenate([start, (slot[:, None] + 168.0 * np.arange(weeks)).ravel()])
        extra = np.concatenate([extra, np.repeat(own, weeks)])
    if world.surge > 1:
        days = np.flatnonzero((np.arange(7 * weeks) % 7 < 5) & (rng.random(7 * weeks) < world.surge_days * 7 / 5))
        share = week.reshape(7, 288).sum(axis=1)[days % 7] / week.sum()
        more = rng.poisson(np.outer(rate, (world.surge - 1) * share))
        who, which = np.nonzero(more)
        times = more[who, which]
        account = np.concatenate([account, np.repeat(who, times)])
        start = np.concatenate([start, _on_day(week, np.repeat(days[which], times), rng)])
        large = rng.gamma(truth.size_dispersion, (truth.size - 2) / truth.size_dispersion, int(times.sum()))
        extra = np.concatenate([extra, large])
    return _completed(truth, world, account, start, extra, participants, rng)


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


def overloads(meetings: Drawn, limit: float, of_users: bool) -> int:
    """Return how often the users, or the rooms, of a node pass its limit, counted at every start and end."""
    mark = meetings.users if of_users else np.ones(len(meetings.start), dtype=np.int64)
    times = np.concatenate([meetings.start + meetings.hours, meetings.start])
    change = np.concatenate([-mark, mark])
    # at one instant those who leave make room for those who come
    order = np.argsort(times, kind="stable")
    total = np.cumsum(change[order])
    over = total > limit
    return int(over[0]) + int((over[1:] & ~over[:-1]).sum())


def variants() -> dict[str, World]:
    """Return the ways in which the model's assumptions are broken, each at several strengths."""
    return {
        "the model holds": World(),
        "fixed weekly meetings, 30 %": World(fixed_weekly=0.3),
        "fixed weekly meetings, 60 %": World(fixed_weekly=0.6),
        "fixed weekly meetings, 90 %": World(fixed_weekly=0.9),
        "surge day, twice as many": World(surge=2.0),
        "surge day, three times": World(surge=3.0),
        "surge day, five times": World(surge=5.0),
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
    site = allocation.sites(inputs)["de"]
    found = MOST
    for resource in site.node.limits:
        law = laws.law(site.node, resource, site.population, site.newcomers)
        found = min(found, _largest(law, inputs.objective.at_most, found))
    return found


def _largest(law: laws.Law, at_most: float, up_to: int) -> int:
    """Return the largest n below `up_to` with no more overloads than allowed: false position on their logarithm."""

    def excess(n: int) -> float:
        found = overload.measures(law, (n,))
        # where a node is over most of the time overloads are counted no more: it is over
        return 99.0 if found.busiest_instant > 0.1 else math.log((found.episodes + 1e-300) / at_most)

    good, bad = 0, up_to
    low, high = excess(0), excess(up_to)
    if low > 0 or high <= 0:
        return 0 if low > 0 else up_to
    while bad - good > 1:
        share = min(max(low / (low - high), 0.1), 0.9)
        n = min(max(good + round(share * (bad - good)), good + 1), bad - 1)
        value = excess(n)
        good, low, bad, high = (n, value, bad, high) if value <= 0 else (good, low, n, value)
    return good


def sure_number(prior: Scenario, found: Calibration, draws_of_inputs: int, seed: int) -> int:
    """Return how many further accounts the node allows at the objective's confidence, after what was learned."""
    ranges = [Range(one.path, one.value, one.low, one.high, prior.estimates[one.path].family) for one in found.learned]
    values = draws(ranges, draws_of_inputs, seed)
    drawn = [
        known_as(prior, {path: float(column[index]) for path, column in values.items()})
        for index in range(draws_of_inputs)
    ]
    answer = admission_number.admit(over(known_as(prior, {one.path: one.value for one in found.learned}), drawn))
    return answer.admission.max_accounts or 0


def episodes_a_year(
    truth: Truth, world: World, accounts: int, week: np.ndarray, participants: int, rng: np.random.Generator
) -> float:
    """Return how often a year the tighter of the node's limits is passed: over half-years of accounts drawn anew."""
    over = np.zeros(2)
    for _ in range(HALF_YEARS):
        meetings = drawn(truth, world, accounts, 26, week, participants, rng)
        over += overloads(meetings, 150, of_users=True), overloads(meetings, 30, of_users=False)
    return float(over.max()) / (HALF_YEARS * 26 / (365.25 / 7))
