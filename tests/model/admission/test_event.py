"""One large meeting beside all others, against meetings thrown by chance at that very instant."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.model.admission.event import fit, held
from planner.model.inputs.capacity import Inputs, Resource
from planner.model.overload.node_draws import places
from planner.model.overload.node_resources import Drawn
from planner.model.workload.arrivals import offered_load
from planner.model.workload.marks import size_law
from planner.planning.draws import as_arrays
from planner.scenario.reader import read

PILOT = Path(__file__).parents[3] / "scenarios" / "pilot-5.yaml"
WEDNESDAY = 2 * 288
THROWS = 200_000


def certain(of: Drawn) -> Drawn:
    """Return draws that are all alike: every input at its value, each member an average one."""
    return replace(of, inputs=of.central, number=1, weight=np.ones(1))


def thrown(central: Inputs, members: dict[str, float], bin_of_week: int, rng: np.random.Generator) -> np.ndarray:
    """Return the users of meetings in progress at the start of a bin, as often as it is thrown."""
    users = np.zeros(THROWS)
    for level, accounts in members.items():
        demand = central.demands[level]
        for kind in demand.kinds:
            load = accounts * demand.meetings * kind.share * offered_load(kind)[bin_of_week, 0]
            meetings = rng.poisson(load, THROWS)
            law = size_law(kind)
            sizes = rng.choice(len(law), meetings.sum(), p=law / law.sum())
            users += np.bincount(np.repeat(np.arange(THROWS), meetings), sizes, THROWS)
    return users


@pytest.mark.parametrize(("users", "hour"), [(60, 11), (80, 10), (100, 19)])
def test_as_often_as_meetings_thrown_by_chance_leave_room(users: int, hour: int) -> None:
    of = certain(as_arrays(read(PILOT), 20, 1))

    place = next(one for one in places(of.central, of.central, 1, of.streams, 0) if one.central.name == "de")
    bins = np.array([WEDNESDAY + 12 * hour])
    central = replace(of.central, nodes=tuple(replace(one, limits={"users": 150.0}) for one in of.central.nodes))
    found = fit(replace(of, central=central, inputs=central), "de", users, bins, 0)
    there = thrown(
        central, {level: float(n[0]) for level, n in place.summed.items()}, int(bins[0]), np.random.default_rng(7)
    )
    share = float((there + users <= found.usable).mean())
    error = max(1e-5, (share * (1 - share) / THROWS) ** 0.5)
    assert abs(found.fits - share) < 4 * error
    assert found.beside == pytest.approx(there.mean(), rel=0.02)


def test_a_larger_meeting_fits_less_often_and_the_evening_has_more_room() -> None:
    of = as_arrays(read(PILOT), 40, 1)
    morning, evening = (np.arange(WEDNESDAY + 12 * hour, WEDNESDAY + 12 * (hour + 2)) for hour in (10, 19))
    shares = [fit(of, "de", users, morning, 1).fits for users in (10, 40, 80, 120)]
    assert shares == sorted(shares, reverse=True)
    assert fit(of, "de", 80, evening, 1).fits > fit(of, "de", 80, morning, 1).fits


def test_a_meeting_takes_one_room_and_its_users() -> None:
    central = as_arrays(read(PILOT), 20, 1).central
    node = central.nodes[0]
    assert held(central, node, "rooms", 80) == 1.0
    assert held(central, node, "users", 80) == 80
    streams = held(central, node, "streams", 80)
    assert streams > 80
    assert held(central, node, "load", 80) == pytest.approx(0.003 + 0.003 * 80 + 0.0003 * streams)


@pytest.mark.parametrize(
    ("resource", "limit", "users"), [("load", 0.7, 80), ("load", 0.7, 150), ("streams", 400.0, 60)]
)
def test_all_draws_together_say_what_each_says_alone(resource: Resource, limit: float, users: int) -> None:
    """What the large meeting takes follows each draw's own processor and cameras, as what the others take."""
    of = replace(as_arrays(read(PILOT), 24, 1), streams=None)
    central, drawn = (
        replace(one, nodes=tuple(replace(node, limits={resource: limit}) for node in one.nodes))
        for one in (of.central, of.inputs)
    )
    of, bins, alone = replace(of, central=central, inputs=drawn), np.array([WEDNESDAY + 12 * 10]), []
    for row in range(of.number):
        one = of.draw(row)
        alone.append(fit(replace(of, central=one, inputs=one, number=1, weight=np.ones(1)), "de", users, bins, 0))
    found = fit(of, "de", users, bins, 0)
    assert min(one.fits for one in alone) < 0.5 < max(one.fits for one in alone)
    assert found.fits == pytest.approx(np.mean([one.fits for one in alone]), abs=0.002)
    assert found.beside == pytest.approx(np.mean([one.beside for one in alone]), rel=1e-3)
    assert found.needs == held(central, central.nodes[0], resource, users)


def test_what_fills_the_server_by_itself_never_fits() -> None:
    of = as_arrays(read(PILOT), 20, 1)
    assert fit(of, "de", 1000, np.array([0]), 0).fits == 0.0
