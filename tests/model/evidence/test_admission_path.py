"""What readings would show, and what may come after them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.model.evidence.likelihood import Past
from planner.model.evidence.once_known import LOOKS, admission_path
from planner.model.evidence.readings_to_come import readings
from planner.model.evidence.value_of_facts import observable
from planner.model.inputs.capacity import Floats
from planner.model.overload.node_resources import Drawn
from planner.model.workload.arrivals import normal
from planner.planning.draws import as_arrays
from planner.scenario.reader import read

PILOT = Path(__file__).parents[3] / "scenarios" / "pilot-5.yaml"
ROOMS, SIZE, CAMERAS, MOST, GROWTH, OVERLOADS, CPU = range(7)


@pytest.fixture(scope="module")
def of() -> Drawn:
    return as_arrays(read(PILOT, ["usage.everyone.day_spread=0"]), 400, 1)


@pytest.fixture(scope="module")
def seen(of: Drawn) -> Floats:
    past = Past(of)
    return readings(past, "de", observable(past, "de", 1), LOOKS, 1)


def test_what_is_read_later_contains_what_was_read_before(seen: Floats) -> None:
    assert seen.shape == (len(LOOKS), 400, 7)
    assert (np.diff(seen[..., MOST], axis=0) >= 0.0).all()
    assert (np.diff(seen[..., OVERLOADS], axis=0) >= 0.0).all()


def test_readings_come_nearer_to_the_truth(of: Drawn, seen: Floats) -> None:
    """The share of cameras and the growth are inputs themselves."""
    for column, truth in ((CAMERAS, np.log(of.inputs.demands["level-1"].kinds[0].cameras)), (GROWTH, None)):
        exact = np.asarray(of.inputs.members.growth) * 84 / 365.25 if truth is None else np.asarray(truth)
        off = [float(np.std(one[:, column] - exact)) for one in seen]
        assert off == sorted(off, reverse=True)
        assert off[0] / off[-1] == pytest.approx((LOOKS[-1] / LOOKS[0]) ** 0.5, rel=0.2)


def test_hours_of_rooms_scatter_as_the_model_says(of: Drawn, seen: Floats) -> None:
    """Those of all weeks share what lasts: not to be told apart by reading longer."""
    past = Past(of)
    again = [readings(past, "de", observable(past, "de", 1), (8,), seed)[0][:, ROOMS] for seed in (2, 3)]
    assert 0.05 * 2**0.5 < np.std(again[0] - again[1]) < 0.2


def test_the_load_tells_what_the_machine_bears(of: Drawn, seen: Floats) -> None:
    """To a tenth, however the range of its weights reaches over a factor of ten."""
    load = of.inputs.nodes[0].load
    room = np.log(load.per_room + load.per_user * np.exp(seen[-1][:, SIZE]))
    assert np.std(room) > 0.5
    assert np.std(seen[-1][:, CPU] - room) == pytest.approx(0.1, rel=0.3)


def test_the_longer_it_is_read_the_more_often_there_is_room(of: Drawn) -> None:
    """Allows = a + b, a read with an error that falls with the weeks: what may come is as normal laws say."""
    rng = np.random.default_rng(5)
    a, b = 30.0 * rng.standard_normal(4000) + 40.0, 10.0 * rng.standard_normal(4000)
    many = replace(of, number=4000, weight=np.ones(4000))
    read = np.array([(a + 150.0 / np.sqrt(weeks) * rng.standard_normal(4000))[:, None] for weeks in LOOKS])
    found = admission_path(many, a + b, read)
    assert [one.weeks for one in found] == list(LOOKS)
    for one in found:
        known = 30.0**2 / (30.0**2 + 150.0**2 / one.weeks)
        left = np.sqrt(30.0**2 * (1.0 - known) + 10.0**2)
        # of what is read the mean of a has this deviation, and must be so far above the offer
        room = 1.0 - normal((5.0 + 1.2816 * left - 40.0) / (30.0 * np.sqrt(known)))
        assert one.chance_of_room == pytest.approx(float(room), abs=0.04)
    chances = [one.chance_of_room for one in found]
    assert chances == sorted(chances)


def test_where_nothing_is_uncertain_nothing_is_learned(of: Drawn, seen: Floats) -> None:
    for allowed, room in ((-5.0, 0.0), (50.0, 1.0)):
        assert all(one.chance_of_room == room for one in admission_path(of, np.full(of.number, allowed), seen))
