"""A dated meeting against years of meetings played one by one: how often it would have fitted, and what was there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from played_history import DAYS, WEEKS, played

from planner.model.admission.event import fit, held
from planner.model.inputs.capacity import BINS_PER_WEEK, HOURS_PER_WEEK, Inputs, Resource
from planner.model.overload.node_draws import places
from planner.planning.draws import as_arrays
from planner.scenario.reader import read

PILOT = Path(__file__).parents[3] / "scenarios" / "pilot-5.yaml"
WEDNESDAY = 48.0
"""[h]"""
DAY = 288
"""Bins; the longest meeting allowed lasts as long."""
YEARS = 4000
ERRORS = 3.0


def begun_by(central: Inputs, until: int) -> Inputs:
    """Return the inputs with the meetings alone that begin within a day before a bin: what is on then, and quicker."""
    kept = np.zeros(BINS_PER_WEEK)
    kept[until - DAY : until] = 1.0
    demands = {}
    for name, one in central.demands.items():
        assert all(kind.duration_limit <= 24.0 for kind in one.kinds)
        demands[name] = replace(one, kinds=tuple(replace(kind, shape=kept * kind.shape) for kind in one.kinds))
    return replace(central, demands=demands)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("resource", "limit", "users", "hour"),
    [("users", 100.0, 60, 11), ("rooms", 7.0, 40, 10), ("streams", 420.0, 50, 15)],
)
def test_as_often_as_in_years_played(resource: Resource, limit: float, users: int, hour: int) -> None:
    """Within three standard errors, weeks of one year counted apart as each day has a factor of its own."""
    of = as_arrays(read(PILOT), 20, 1)
    nodes = tuple(replace(one, limits={resource: limit}) for one in of.central.nodes)
    # always the busiest season, and nobody joins
    demands = {name: replace(one, season=1.0) for name, one in of.central.demands.items()}
    central = replace(of.central, nodes=nodes, demands=demands, members=replace(of.central.members, growth=0.0))
    certain = replace(of, central=central, inputs=central, number=1, weight=np.ones(1))
    place = next(one for one in places(central, central, 1, of.streams, 0) if one.central.name == "de")
    until = 12 * round(WEDNESDAY + hour)
    found = fit(certain, "de", users, np.array([until]), 0)

    summed = {level: float(accounts[0]) for level, accounts in place.summed.items()}
    rng, spread, fits, beside = np.random.default_rng(11), central.day_spread, [], []
    at = np.arange(1, WEEKS) + (WEDNESDAY + hour) / HOURS_PER_WEEK
    room, begun = nodes[0].headroom(resource) - held(central, nodes[0], resource, users)[0], begun_by(central, until)
    for _ in range(YEARS):
        days = rng.gamma(spread**-2, spread**2, DAYS)
        year = played(begun, summed, 0.0, days, rng)
        there = year.held[resource][np.searchsorted(WEEKS - year.ago, at, side="right") - 1]
        fits.append(np.mean(there <= room + 1e-9))
        beside.append(np.mean(there))
    for name, formula, counted in (("fits", found.fits, fits), ("beside", found.beside, beside)):
        mean, error = float(np.mean(counted)), float(np.std(counted, ddof=1) / np.sqrt(YEARS))
        print(f"{users} users at {hour}, {name}: {formula:.4f}, played {mean:.4f} ± {error:.4f}")
        assert abs(formula - mean) < ERRORS * error + 1e-4
    assert found.tightest == resource
