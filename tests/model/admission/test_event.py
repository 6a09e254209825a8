"""One large meeting beside all others, against meetings thrown by chance at that very instant."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.model.admission import event
from planner.model.admission.event import fit, held
from planner.model.inputs.capacity import BINS_PER_WEEK, Inputs, Resource
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
    of = as_arrays(read(PILOT), 12, 1)
    morning, evening = (np.arange(WEDNESDAY + 12 * hour, WEDNESDAY + 12 * (hour + 1)) for hour in (10, 19))
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


def test_the_worst_instant_is_not_where_most_is_taken_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small meetings in one hour, in the next a few large ones: each 5 minutes are judged alone too."""
    of = as_arrays(read(PILOT), 6, 1)
    day, demands = np.arange(BINS_PER_WEEK) - WEDNESDAY, {}
    for name, one in of.central.demands.items():
        large = name == "multi-user"
        shape = np.where(day // 12 == (11 if large else 9), 1.0, 1e-3)
        kind = replace(one.kinds[0], shape=shape * 2016 / shape.sum(), duration=0.4, duration_cv=0.5)
        kind = replace(kind, size=60.0 if large else 3.0, participants=100.0 if large else 8.0)
        demands[name] = replace(one, meetings=0.8 if large else 1.2, spread=0.0, kinds=(kind,))
    nodes = tuple(replace(one, limits={"users": 100.0}) for one in of.central.nodes)
    central = replace(of.central, nodes=nodes, demands=demands)
    of, bins = replace(of, central=central, inputs=central), np.arange(WEDNESDAY + 108, WEDNESDAY + 144)
    alone = [fit(of, "de", 20, bins[[k]], 0).fits for k in range(len(bins))]
    found = fit(of, "de", 20, bins, 0)
    assert found.fits == pytest.approx(min(alone), abs=1e-4)
    assert alone[found.when - bins[0]] > found.fits + 0.02
    monkeypatch.setattr(event, "MOST_BINS", 6)
    assert fit(of, "de", 20, bins, 0).fits == pytest.approx(min(alone), abs=1e-4)


def test_two_limits_fit_no_more_often_than_both_can_and_no_limit_is_no_yes() -> None:
    of, bins, fits = certain(as_arrays(read(PILOT), 20, 1)), np.array([WEDNESDAY + 120]), {}
    for limits in ({"users": 100.0}, {"rooms": 6.0}, {"users": 100.0, "rooms": 6.0}, {}):
        nodes = tuple(replace(one, limits=limits) for one in of.central.nodes)
        central = replace(of.central, nodes=nodes)
        fits[tuple(limits)] = fit(replace(of, central=central, inputs=central), "de", 60, bins, 0)
    each = [1.0 - fits[(name,)].fits for name in ("users", "rooms")]
    assert min(each) > 0.001
    assert fits["users", "rooms"].fits == pytest.approx(1.0 - sum(each), abs=1e-6)
    assert fits[()].tightest is None
    assert np.isnan(fits[()].fits)


def test_what_fills_the_server_by_itself_never_fits() -> None:
    of = as_arrays(read(PILOT), 20, 1)
    assert fit(of, "de", 1000, np.array([0]), 0).fits == 0.0
