"""How likely each draw of the inputs makes what was seen.

With c the number of overloads that come together, Lambda(y) the expected up-crossings of a level y in the time looked
back over, the largest value seen is at most y with probability exp(-Lambda(y) / c). The accounts of then are today's
members, each with the same multiplier, fewer by what they have grown since, in the season of each month.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.model.evidence.statements import Carried, LoadAtMost, MostUsers, Overloads, Seen, Talk, Window
from planner.model.inputs.capacity import NO_LIMIT, RESOURCES, Floats, Kind, Resource
from planner.model.overload.accounts_over_draws import TINY
from planner.model.overload.busy_days import days_of
from planner.model.overload.contour_radius import bound
from planner.model.overload.mark_laws import each, size_laws
from planner.model.overload.node_draws import Place, WeekColumns, by_holding_time, node_draws, places, week_columns
from planner.model.overload.node_resources import Drawn
from planner.model.overload.risks import risks
from planner.model.workload.arrivals import mean_holding_time, normal

CLUSTERING = 1.2
"""Overloads that come together, as one that is noticed: simulated 1.0 to 1.33 [-]."""
HIDDEN = (1.0, 1.25, 1.5)
"""The true most over the most that was seen now and then, evenly spread over these [-]."""
SIMPSON = (1 / 6, 4 / 6, 1 / 6)
TIMES, WEIGHTS = np.polynomial.legendre.leggauss(4)
"""Times of a window that are worked out, from its end at -1 to its beginning at 1, and how much of it each is [-]."""
PHASES = 6
"""Seasons at each of them [-]."""
OF_TIME = np.repeat(0.5 * WEIGHTS, PHASES) / PHASES
LOADS = 4
"""Loads at which crossings are worked out, from the calmest to the busiest."""
NEVER = 1e-6
"""Crossings a month that nobody tells from none [1/month]."""
MOMENTS = 1e4
"""Arrivals a month at most that may be the one that crosses a level [1/month]."""
YEAR = 12.0
"""Windows that end within the same year share their crossings [month]."""
WEEKLY = 0.4
"""How much the hours of talk differ from one stretch of weeks to another beside the chance of meetings [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """What one statement says of each draw; ndarrays of shape (D,)."""

    each: Floats
    """The chance of what was seen [-]."""
    at_most: Floats
    """The chance of seeing as much or less [-]."""
    at_least: Floats
    """The chance of seeing as much or more [-]."""


class Past:
    """The members over all draws, looked back at."""

    def __init__(self, of: Drawn) -> None:
        self.of = of
        there = places(of.central, of.inputs, of.number, of.streams, month=0)
        self.places: dict[str, Place] = {one.central.name: one for one in there}
        self.week: WeekColumns = week_columns(of.central, of.inputs, of.number)
        self._known: dict[object, tuple[Floats, Floats]] = {}
        days = days_of(of.inputs.day_spread, of.number)
        self.days: Floats = np.ones((2, of.number, 1)) if days is None else days

    def seasons(self) -> Floats:
        """Return a month's load over that of the season judged, all year; ndarray of shape (D, PHASES) [-]."""
        of, mix = self.of, self.of.central.members.mix
        busiest = sum(share * each(of.inputs.demands[level].season, of.number) for level, share in mix.items())
        phase = np.cos(2.0 * math.pi * (np.arange(PHASES) + 0.5) / PHASES)
        return np.asarray(1.0 - (1.0 - phase) * (1.0 - 1.0 / np.asarray(busiest)[:, None]))

    def factors(self, ago: Floats) -> Floats:
        """Return the load some time [month] ago over today's in the season judged, shape (D, times x PHASES) [-]."""
        inputs, number = self.of.inputs, self.of.number
        growth, members = (each(x, number)[:, None] for x in (inputs.members.growth, inputs.members.accounts))
        grown = np.exp(-growth * ago / np.maximum(members, 1.0))
        return np.asarray((grown[:, :, None] * self.seasons()[:, None, :]).reshape(number, -1))

    def crossings(self, node: str, resource: Resource, level: float | None, window: Window) -> Floats:
        """Return the expected up-crossings of a level [the resource's unit], None = the whole limit, shape (D,)."""
        years = max(1, math.ceil(window.began / YEAR))
        key = node, resource, level, years
        if key not in self._known:
            self._known[key] = self._at_factors(self.places[node], resource, level, years * YEAR)
        known, logs = self._known[key]
        of_day, weights = self.days
        factors = np.log(self.factors(_times(window))[:, :, None] * of_day[:, None, :])
        inside = np.zeros_like(factors)
        for k, value in enumerate(logs):
            part = value[:, None, None] * np.ones_like(factors)
            for j in range(len(known)):
                if j != k:
                    part *= (factors - known[j][:, None, None]) / (known[k] - known[j])[:, None, None]
            inside += part
        # what is next to 0 leads cubics astray: never beyond the two loads beside it
        after = 1 + np.sum([factors > one[:, None, None] for one in known[1:-1]], axis=0)
        ends = [logs[k, np.arange(len(after))[:, None, None]] for k in (after - 1, after)]
        inside = np.clip(inside, np.minimum(*ends), np.maximum(*ends))
        monthly = (np.exp(inside) @ weights[:, :, None])[:, :, 0] @ OF_TIME
        return np.asarray((window.began - window.ended) * monthly)

    def _at_factors(self, place: Place, resource: Resource, level: float | None, began: float) -> tuple[Floats, Floats]:
        """Return the log of some loads over today's, and of the crossings a month there, ndarrays of shape (K, D)."""
        whole = [
            replace(one, reserve={}, limits=one.limits if level is None else {resource: level})
            for one in (place.central, place.node)
        ]
        levels = list(place.summed)
        there = replace(place, central=whole[0], node=whole[1])
        (bench,) = node_draws(resource, [there], self.week, levels, {place.central.name: ()})
        # each draw between its own ends, as a busy day of one is far beyond that of another; the calmest hardly count
        factors, of_day = self.factors(np.array([0.0, began])), self.days[0]
        low = factors.min(axis=1) * of_day[:, min(1, of_day.shape[1] - 1)]
        step = np.maximum(factors.max(axis=1) * of_day[:, -1] - low, 1e-6 * low) / (LOADS - 1)
        # the known members, all as one account; further ones like it are the larger loads
        one = np.ones((self.of.number, 1))
        of_all = (step[:, None] * bench.compound.summed)[:, bench.compound.owner, None]
        summed = replace(
            bench.compound,
            owner=np.zeros_like(bench.compound.owner),
            kappa=NO_LIMIT * one,
            summed=(low / step)[:, None],
            counts=0.0 * one,
            load=of_all * bench.compound.load,
            rate=of_all * bench.compound.rate,
        )
        # what is no longer needed is let go: these are the largest arrays of a plan
        bench = replace(bench, days=None, compound=summed, newcomers=(0,))
        del summed
        at = np.log(low + step * np.arange(LOADS)[:, None])
        logs = np.full_like(at, math.log(NEVER))
        # what Chernoff's bound on the busiest day keeps this low is not worked out
        highest = bound(bench.compound, np.array([LOADS - 1.0])).max(axis=1)
        matter = np.flatnonzero(highest + math.log(MOMENTS) > math.log(NEVER))
        if len(matter):
            bench = bench.only(matter)
            found = risks(bench, [[k] for k in range(LOADS)])
            logs[:, matter] = np.log(np.maximum(found["episodes"].T, NEVER))
        return at, logs

    def never_above(self, node: str, resource: Resource, level: float, window: Window) -> Floats:
        """Return P(never above the level [the resource's unit]), ndarray of shape (D,)."""
        if level < 0.0:
            return np.zeros(self.of.number)
        return np.asarray(np.exp(-self.crossings(node, resource, level, window) / CLUSTERING))

    def meetings(self, place: Place) -> Iterator[tuple[Kind, Floats, Floats, Floats, Floats, Floats]]:
        """Yield each kind of meeting on a node, how many a week, users and hours of one, each with its mean square."""
        of = self.of
        for level, summed in place.summed.items():
            demand = of.inputs.demands[level]
            for kind in demand.kinds:
                number = summed * each(demand.meetings, of.number) * each(kind.share, of.number)
                sizes = size_laws(kind, of.number)
                users = np.arange(sizes.shape[1], dtype=np.float64)
                hours, squares = holding_times(kind, of.number)
                yield kind, number, sizes @ users, sizes @ users**2, hours, squares

    def talk(self, seen: Talk) -> tuple[Floats, Floats]:
        """Return a week's user-hours of all members [user h/week], and the sum of each meeting's squared, (D,)."""
        found = np.zeros((2, self.of.number))
        for place in self.places.values():
            for _, number, users, squared_users, hours, squared_hours in self.meetings(place):
                found += number * np.array([users * hours, squared_users * squared_hours])
        if seen.accounts is None:
            scale = self.factors(_times(seen.window)) @ OF_TIME
        else:
            members = each(self.of.inputs.members.accounts, self.of.number)
            scale = self.seasons().mean(axis=1) * seen.accounts / np.maximum(members, 1)
        hours, squares = scale * found
        return hours, squares


def _times(window: Window) -> Floats:
    """Return when the window is looked at, before the scenario's start [month]."""
    return window.ended + 0.5 * (TIMES + 1.0) * (window.began - window.ended)


def holding_times(kind: Kind, draws: int) -> tuple[Floats, Floats]:
    """Return the mean holding time in each draw [h], and at most its mean square."""
    kinds, near, between = by_holding_time(kind, draws)
    table = np.array([[mean_holding_time(one) for one in row] for row in kinds])
    hours = np.einsum("da,ab,db->d", near, table, between)
    return hours, hours**2 * (1.0 + each(kind.duration_cv, draws) ** 2)


def likelihood(seen: Seen, past: Past) -> Likelihood:
    """Return how likely each draw makes what was seen."""
    match seen:
        case Overloads():
            return _overloads(seen, past)
        case MostUsers():
            return _most_users(seen, past)
        case Carried():
            limit = each(past.places[seen.node].node.limits[seen.resource], past.of.number)
            held = (limit >= seen.amount).astype(np.float64)
            return Likelihood(held, np.ones_like(held), held)
        case Talk():
            return _talk(seen, past)
        case LoadAtMost():
            never = past.never_above(seen.node, "load", seen.load, seen.window)
            return Likelihood(never, never, np.ones_like(never))


def _overloads(seen: Overloads, past: Past) -> Likelihood:
    """Poisson with mean p max Lambda / c, over the chance p that an overload is noticed."""
    limited = [one for one in RESOURCES if one in past.places[seen.node].central.limits]
    expected = np.max([past.crossings(seen.node, one, None, seen.window) for one in limited], axis=0) / CLUSTERING
    mean = np.outer(seen.noticed, expected) + TINY
    # P(K = j) for j up to the count
    chances = [np.exp(j * np.log(mean) - mean - math.lgamma(j + 1.0)).mean(axis=0) for j in range(seen.count + 1)]
    at_most = np.minimum(np.sum(chances, axis=0), 1.0)
    return Likelihood(chances[-1], at_most, np.maximum(1.0 - at_most + chances[-1], 0.0))


def _most_users(seen: MostUsers, past: Past) -> Likelihood:
    def below(users: float) -> Floats:
        """Return P(never above so many users)."""
        return past.never_above(seen.node, "users", users, seen.window)

    if seen.within is not None:
        under = below(math.ceil(seen.users * (1.0 - seen.within)) - 1)
        up_to = below(math.floor(seen.users * (1.0 + seen.within)))
        return Likelihood(_beyond(up_to, under), up_to, 1.0 - under)
    least, most = (
        np.sum(
            [share * below(math.floor(hidden * users)) for share, hidden in zip(SIMPSON, HIDDEN, strict=True)], axis=0
        )
        for users in (seen.users - 1.0, seen.users)
    )
    highest = below(math.floor(HIDDEN[-1] * seen.users))
    return Likelihood(_beyond(highest, below(seen.users - 1.0)), most, 1.0 - least)


def _beyond(up_to: Floats, under: Floats) -> Floats:
    """Return the chance between two levels, never below 0: each level's crossings are interpolated by themselves."""
    return np.maximum(up_to - under, 0.0)


def _talk(seen: Talk, past: Past) -> Likelihood:
    """Log-normal around the draw's own user-hours, over the number of weeks."""
    hours, squares = past.talk(seen)
    weeks = seen.weeks[:, None]
    expected = np.maximum(weeks * hours, TINY)
    deviation = np.sqrt(WEEKLY**2 + weeks * squares / expected**2)
    z = (math.log(seen.hours) - np.log(expected)) / deviation
    below = normal(z).mean(axis=0)
    return Likelihood((np.exp(-0.5 * z**2) / deviation).mean(axis=0), below, 1.0 - below)
