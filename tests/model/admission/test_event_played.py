"""A dated meeting against a year of meetings played one by one, many times over: how often it would have fitted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from played_history import DAYS, WEEKS, played

from planner.model.admission.event import fit, held
from planner.model.inputs.capacity import HOURS_PER_WEEK, Resource
from planner.model.overload.node_draws import places
from planner.planning.draws import as_arrays
from planner.scenario.reader import read

PILOT = Path(__file__).parents[3] / "scenarios" / "pilot-5.yaml"
WEDNESDAY = 48.0
"""[h]"""
ERRORS = 3.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("resource", "limit", "users", "hour", "years"),
    [("users", 100.0, 60, 11, 400), ("rooms", 7.0, 40, 10, 400), ("streams", 420.0, 50, 15, 400)],
)
def test_as_often_as_in_years_played(resource: Resource, limit: float, users: int, hour: int, years: int) -> None:
    """Within three standard errors, weeks of one year counted apart as each day has a factor of its own."""
    of = as_arrays(read(PILOT), 20, 1)
    nodes = tuple(replace(one, limits={resource: limit}) for one in of.central.nodes)
    # always the busiest season, and nobody joins
    demands = {name: replace(one, season=1.0) for name, one in of.central.demands.items()}
    central = replace(of.central, nodes=nodes, demands=demands, members=replace(of.central.members, growth=0.0))
    certain = replace(of, central=central, inputs=central, number=1, weight=np.ones(1))
    place = next(one for one in places(central, central, 1, of.streams, 0) if one.central.name == "de")
    found = fit(certain, "de", users, np.array([12 * round(WEDNESDAY + hour)]), 0)

    summed = {level: float(accounts[0]) for level, accounts in place.summed.items()}
    rng, spread, fits = np.random.default_rng(11), central.day_spread, []
    at = np.arange(1, WEEKS) + (WEDNESDAY + hour) / HOURS_PER_WEEK
    room = nodes[0].headroom(resource) - held(central, nodes[0], resource, users)
    for _ in range(years):
        days = rng.gamma(spread**-2, spread**2, DAYS)
        year = played(central, summed, 0.0, days, rng)
        before = np.searchsorted(WEEKS - year.ago, at, side="right") - 1
        fits.append(np.mean(year.held[resource][before] <= room + 1e-9))
    share, error = float(np.mean(fits)), float(np.std(fits, ddof=1) / np.sqrt(years))
    print(f"{users} users at {hour}: {found.fits:.4f}, played {share:.4f} ± {error:.4f}")
    assert found.tightest == resource
    assert abs(found.fits - share) < ERRORS * error + 1e-4
