"""Measures of overload as estimates with intervals, from the tallies of independent replications."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from planner.model.inputs.capacity import WEEKS_PER_MONTH, Floats, Resource
from planner.model.simulation.meetings import TICKS, Column
from planner.model.simulation.tally import Tally

Z95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval [-]."""
NONE_SEEN = -math.log(0.025)
"""Upper 97.5 % limit of a Poisson mean of which nothing was seen [-]."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A simulated number with its 95 % interval; all in the unit of the number, as where it stands [-]."""

    value: float
    low: float
    high: float
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """What the simulation says of one resource on one node, per average month in the season that is judged."""

    node: str
    resource: Resource
    limit: float
    """Less reserve and base [the resource's unit]."""
    replications: int
    """Independent ones [-]."""
    weeks: int
    """Of each replication [week]."""
    overloads: int
    """Counted in all of them [-]."""
    busiest_instant: Interval
    """In the busiest bin: the largest of 2016 noisy ones is a little high [-]."""
    minutes: Interval
    """[min/month]"""
    episodes: Interval
    """[1/month]"""
    any_in_week: Interval
    """Wilson's interval [-]."""
    mean: Interval
    """Time average [the resource's unit]."""
    busiest_hour: int
    """The hour of the week whose peak is most often over the limit; Monday 00:00 first [-]."""
    hour_peak: Interval
    """Chance that the peak inside the busiest hour is over the limit; Wilson's interval [-]."""
    load: Floats
    """ndarray of shape (168,): time average in each hour of the week [the resource's unit]."""
    peak: Floats
    """ndarray of shape (168,): mean of the largest value in each hour [the resource's unit]."""
    peak_error: Floats
    """ndarray of shape (168,): its standard error [the resource's unit]."""
    peak_over: Floats
    """ndarray of shape (168,): chance that it is over the limit [-]."""
    instants: Floats
    """ndarray of shape (2016,): chance of being over the limit at one instant of each bin [-]."""
    instants_error: Floats
    """ndarray of shape (2016,): its standard error [-]."""


def as_json(estimate: Simulated) -> dict[str, Any]:
    """Return the estimates as plain numbers: the measures with their intervals, and each hour of the week."""
    plain = ("node", "resource", "limit", "replications", "weeks", "overloads")
    intervals = ("busiest_instant", "minutes", "episodes", "any_in_week", "mean", "hour_peak")
    hours = ("load", "peak", "peak_error", "peak_over")
    return {
        **{name: getattr(estimate, name) for name in plain},
        **{name: {end: _short(value) for end, value in asdict(getattr(estimate, name)).items()} for name in intervals},
        "busiest_hour": estimate.busiest_hour,
        **{f"{name}_by_hour": [_short(value) for value in getattr(estimate, name).tolist()] for name in hours},
    }


def _short(value: float) -> float:
    """Return six significant digits [-]: far more than replications tell."""
    return float(f"{value:.6g}")


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a probability [-] (JASA 22, 1927) seen in n cases [-]."""
    z2 = Z95 * Z95 / n
    centre = (share + z2 / 2) / (1 + z2)
    half = math.sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2)
    return max(0.0, centre - half), min(1.0, centre + half)


def simulated(node: str, resource: Resource, limit: float, seen: Tally, weeks: int) -> Simulated:
    """Return the measures of one resource on one node, over so many weeks [week] a replication, with intervals."""
    n = len(seen.over)
    overloads = int(seen.episodes.sum())
    months = weeks / WEEKS_PER_MONTH
    episodes = _mean(seen.episodes / months)
    minutes = _mean(seen.over / TICKS * 60 / months)
    if overloads == 0:
        # nothing seen is not nothing: as many as an unlucky run of this length would hide, each at most a day
        most = NONE_SEEN / (n * months)
        episodes = Interval(0.0, 0.0, most, 0.0)
        minutes = Interval(0.0, 0.0, most * 24 * 60, 0.0)
    instants, instants_error = _shares(seen.instants, n, weeks)
    peak_over, peak_over_error = _shares(seen.hours_over, n, weeks)
    busiest_bin = int(np.argmax(instants))
    busiest_hour = int(np.argmax(peak_over))
    week_error = _error(seen.weeks_over / weeks)
    peak = seen.peak[0] / n
    return Simulated(
        node=node,
        resource=resource,
        limit=limit,
        replications=n,
        weeks=weeks,
        overloads=overloads,
        busiest_instant=_share(float(instants[busiest_bin]), float(instants_error[busiest_bin]), n, weeks),
        minutes=minutes,
        episodes=episodes,
        any_in_week=_share(float(seen.weeks_over.mean() / weeks), week_error, n, weeks),
        mean=_mean(seen.mean),
        busiest_hour=busiest_hour,
        hour_peak=_share(float(peak_over[busiest_hour]), float(peak_over_error[busiest_hour]), n, weeks),
        load=seen.load / n,
        peak=peak,
        peak_error=np.sqrt(np.maximum(seen.peak[1] / n - peak**2, 0.0) / (n - 1)),
        peak_over=peak_over,
        instants=instants,
        instants_error=instants_error,
    )


def _error(values: Floats) -> float:
    """Return the standard error of the mean of independent replications [their unit]."""
    return float(np.std(values, ddof=1) / math.sqrt(len(values)))


def _mean(values: Floats) -> Interval:
    """Return the mean of independent replications of something that is never negative [their unit]."""
    value, error = float(np.mean(values)), _error(values)
    return Interval(value, max(0.0, value - Z95 * error), value + Z95 * error, error)


def _shares(sums: Column, n: int, weeks: int) -> tuple[Floats, Floats]:
    """Return (share of weeks, standard error) [-] from the sums over replications of weeks and of their squares."""
    mean, square = sums[0] / n / weeks, sums[1] / n / weeks**2
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0) / (n - 1))


def _share(share: float, error: float, n: int, weeks: int) -> Interval:
    """Return a probability [-] with Wilson's interval for as many independent weeks as its error is worth."""
    # Weeks of a replication share its accounts: they are worth at most n * weeks, and n where all or none succeeded.
    worth = min(share * (1 - share) / error**2, n * weeks) if error > 0.0 else n
    low, high = wilson(share, worth)
    return Interval(share, low, high, error)
