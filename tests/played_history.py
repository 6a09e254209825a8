"""A year of meetings of one truth, played one by one with numpy alone: what a co-op could have seen before it asked.

It shares nothing with the formulas but the input records: meetings start by a Poisson process whose rate follows the
week, the day's own factor, the season and the members' growth; they last and are as large as their laws say.
"""

from dataclasses import dataclass

import numpy as np

from planner.model.inputs.capacity import BIN, BINS_PER_WEEK, HOURS_PER_WEEK, Floats, Inputs, Kind, LinearLoad, Resource

WEEKS, DAYS = 52, 364
SCATTER = 1.0
"""Overloads that begin within this of the end of the one before are noticed as one [h]."""


@dataclass(frozen=True)
class History:
    """What one server held, event by event, over a year that ends now."""

    ago: Floats
    """Before now, falling, ndarray of shape (E,) [week]."""
    held: dict[Resource, Floats]
    """From each event on, ndarrays of shape (E,) [the resource's unit]."""
    talked: Floats
    """User-hours of meetings that began in each week, the latest last, ndarray of shape (52,) [user h]."""

    def most(self, resource: Resource, weeks: float) -> float:
        """Return the most that was held in the last weeks."""
        return float(self.held[resource][self.ago <= weeks].max(initial=0.0))

    def overloads(self, limits: dict[Resource, float], weeks: float) -> int:
        """Return how often any limit was passed in the last weeks; what comes together is one."""
        seen = self.ago <= weeks
        over = np.any([self.held[one][seen] > limit + 1e-9 for one, limit in limits.items()], axis=0)
        if not over.any():
            return 0
        hours, turn = -self.ago[seen] * HOURS_PER_WEEK, np.flatnonzero(np.diff(over.astype(int), prepend=0))
        begins = hours[turn[over[turn]]]
        ends = hours[turn[~over[turn]]]
        apart = begins[1:] - ends[: len(begins) - 1]
        return 1 + int((apart > SCATTER).sum())


def played(one: Inputs, summed: dict[str, float], phase: float, days: Floats, rng: np.random.Generator) -> History:
    """Return the year of a server with today's members of each level, by their summed multipliers.

    Units: phase [year]; days, of shape (364,), each day's own factor [-].
    """
    begins, ends, users, cameras, outgoing = (np.concatenate(part) for part in _meetings(one, summed, phase, days, rng))
    streams, (node, *_) = cameras + outgoing, one.nodes
    load = node.load
    assert isinstance(load, LinearLoad)
    marks: dict[Resource, Floats] = {
        "rooms": np.ones(len(users)),
        "users": users,
        "streams": streams,
        "load": load.per_room + load.per_user * users + load.per_stream * streams,
    }
    time = np.concatenate([ends, begins])
    order = np.argsort(time, kind="stable")
    held = {name: np.cumsum(np.concatenate([-mark, mark])[order]) for name, mark in marks.items()}
    held["load"] = held["load"] + load.base
    week = np.minimum((begins / HOURS_PER_WEEK).astype(int), WEEKS - 1)
    talked = np.bincount(week, users * (ends - begins), WEEKS)
    return History(WEEKS - time[order] / HOURS_PER_WEEK, held, talked)


def _meetings(
    one: Inputs, summed: dict[str, float], phase: float, days: Floats, rng: np.random.Generator
) -> list[list[Floats]]:
    """Return begins and ends [h], users, cameras and copies going out of all meetings, kind by kind."""
    month = (DAYS - np.arange(DAYS) - 0.5) * 12.0 / DAYS
    grown = np.exp(-one.members.growth * month / max(one.members.accounts, 1))
    parts: list[list[Floats]] = [[], [], [], [], []]
    for level, accounts in summed.items():
        demand = one.demands[level]
        season = 1.0 - (1.0 - np.cos(2.0 * np.pi * (month / 12.0 + phase))) * (1.0 - 1.0 / demand.season)
        for kind in demand.kinds:
            of_bins = kind.shape.reshape(7, -1) / BINS_PER_WEEK
            rate = accounts * demand.meetings * kind.share * grown * season * days
            number = rng.poisson(rate * np.tile(of_bins.sum(axis=1), WEEKS))
            day, passed = np.repeat(np.arange(DAYS), number), np.cumsum(kind.shape) / BINS_PER_WEEK
            before = np.concatenate([[0.0], passed])[288 * (day % 7)]
            until = passed[288 * (day % 7) + 287]
            place = np.searchsorted(passed, before + rng.random(len(day)) * (until - before), side="right")
            begins = (day - day % 7) * 24.0 + (place + rng.random(len(day))) * BIN
            for held, part in zip(parts, (begins, *_sizes(kind, begins, rng)), strict=True):
                held.append(part)
    return parts


def _sizes(kind: Kind, begins: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats, Floats]:
    """Return ends [h], users, cameras and copies going out."""
    n, sigma = len(begins), np.sqrt(np.log1p(kind.duration_cv**2))
    lasts = np.minimum(kind.duration * np.exp(sigma * rng.standard_normal(n) - sigma**2 / 2), kind.duration_limit)
    mean = np.full(n, kind.size - 2.0)
    if np.isfinite(kind.size_dispersion):
        mean *= rng.gamma(kind.size_dispersion, 1 / kind.size_dispersion, n)
    users = np.minimum(2 + rng.poisson(mean), kind.participants).astype(int)
    moderators = np.minimum(kind.moderators, users)
    showing, viewing = rng.binomial(moderators, kind.cameras), rng.binomial(users - moderators, kind.cameras)
    cameras = showing + viewing
    viewer, moderator = kind.pages.of(users)
    outgoing = (moderators - showing) * np.minimum(cameras, moderator) + showing * np.minimum(cameras - 1, moderator)
    outgoing += viewing * np.minimum(cameras - 1, viewer)
    outgoing += (users - moderators - viewing) * np.minimum(cameras, viewer)
    return begins + lasts, users.astype(float), cameras.astype(float), outgoing.astype(float)
