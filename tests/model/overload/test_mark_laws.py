"""Sizes and marks in all draws at once against those of each draw."""

import math
from dataclasses import replace

import numpy as np
import pytest
from situations import kind

from planner.model.inputs.capacity import LinearLoad, Node, Resource, ScaleliteLoad
from planner.model.inputs.pages import Pages, Step
from planner.model.overload import node_draws as draws
from planner.model.overload.mark_laws import mean_held, size_laws
from planner.model.workload.marks import marks, size_law


@pytest.mark.parametrize("participants", [2.0, 10.0, 100.0, math.inf])
def test_sizes_in_all_draws_are_those_of_each(participants: float) -> None:
    sizes, k = np.array([2.0, 4.0, 9.0]), np.array([1.5, 0.7, math.inf])
    found = size_laws(kind(size=sizes, size_dispersion=k, participants=participants), 3)
    for row, size, dispersion in zip(found, sizes, k, strict=True):
        expected = size_law(kind(size=float(size), size_dispersion=float(dispersion), participants=participants))
        length = max(len(row), len(expected))
        padded = [np.pad(one, (0, length - len(one))) for one in (row, expected)]
        assert padded[0] == pytest.approx(padded[1], abs=1e-8)


@pytest.mark.parametrize("resource", ["rooms", "users", "streams", "egress", "load"])
@pytest.mark.parametrize("load", ["linear", "scalelite"])
def test_marks_in_all_draws_are_those_of_each(resource: str, load: str) -> None:
    node = Node("n", {resource: 60.0}, load=LinearLoad(0.1, 1.0, 0.5, 0.25) if load == "linear" else ScaleliteLoad())  # type: ignore[dict-item,arg-type]
    step = draws.lattice(resource, node)  # type: ignore[arg-type]
    cameras, sizes = np.array([0.0, 0.4, 1.0]), np.array([4.0, 6.0, 9.0])
    pages = Pages(5, (Step(6, 3, 4), Step(9, 2, 2)))
    many = kind(size=sizes, cameras=cameras, screenshare=0.3, participants=12.0, pages=pages)
    found = list(draws.mark_laws(many, resource, node, np.full(3, step), 400, 3))  # type: ignore[arg-type]
    for index in range(3):
        one = replace(many, size=float(sizes[index]), cameras=float(cameras[index]))
        for (ages, laws), mark in zip(found, marks(one, resource, node), strict=True):  # type: ignore[arg-type]
            assert ages == (mark.age_from, mark.age_to)
            assert laws[index][: len(mark.law)] == pytest.approx(mark.law, abs=1e-12)


def test_a_load_of_which_some_is_recorded_in_all_draws_is_that_of_each() -> None:
    node = Node("n", {"load": 60.0}, load=LinearLoad(0.1, 1.0, 0.5, 0.25, 8.0))
    step, cameras, recorded = draws.lattice("load", node), np.array([0.2, 0.4, 0.9]), np.array([0.0, 0.3, 1.0])
    many = kind(cameras=cameras, recorded=recorded, participants=12.0)
    ((_, laws),) = draws.mark_laws(many, "load", node, np.full(3, step), 400, 3)
    for row, camera, share in zip(laws, cameras, recorded, strict=True):
        (mark,) = marks(replace(many, cameras=float(camera), recorded=float(share)), "load", node)
        assert row[: len(mark.law)] == pytest.approx(mark.law, abs=1e-12)


@pytest.mark.parametrize("resource", ["rooms", "users", "streams", "egress", "load"])
@pytest.mark.parametrize("load", [LinearLoad(0.1, 1.0, np.array([0.5, 0.1, 2.0]), 0.25, 8.0), ScaleliteLoad()])  # type: ignore[arg-type]
def test_what_a_meeting_of_so_many_holds_is_the_mean_of_its_law(
    resource: Resource, load: LinearLoad | ScaleliteLoad
) -> None:
    node, cameras = Node("n", {resource: 60.0}, load=load), np.array([0.2, 0.4, 1.0])
    pages = Pages(5, (Step(6, 3, 4), Step(9, 2, 2)))
    many = kind(cameras=cameras, screenshare=0.3, recorded=0.2, participants=12.0, pages=pages)
    for row, found in enumerate(mean_held(many, resource, node, 12, 3)):
        # so large that each meeting reaches its limit
        one = replace(many, size=1e6, size_dispersion=math.inf, cameras=float(cameras[row]))
        its = (
            node
            if isinstance(load, ScaleliteLoad)
            else replace(node, load=replace(load, per_user=np.array([0.5, 0.1, 2.0])[row]))
        )
        assert found == pytest.approx(max(mark.mean for mark in marks(one, resource, its)))


def test_weights_with_one_factor_are_the_usual_ones_under_another_limit() -> None:
    """Laws are then made once for all draws; a range of one weight alone, or a factor on another scale, has its own."""
    usual, factor = LinearLoad(0.03, 0.003, 0.003, 0.0003), np.array([0.5, 1.0, 3.0])
    central = Node("n", {"load": 0.7}, {"load": 0.1}, usual)
    same = LinearLoad(*(each * factor for each in (0.03, 0.003, 0.003, 0.0003)), 0.0)
    place = draws.Place(central, replace(central, load=same), 1.0, {}, {})
    of_usual, by = draws._as_usual(place)
    found = of_usual.node
    assert found.load == usual
    assert by == pytest.approx(factor)
    assert found.headroom("load") == pytest.approx((0.6 - 0.03 * factor) / factor)
    apart = replace(place, node=replace(central, load=replace(usual, per_user=0.003 * factor)))
    assert draws._as_usual(apart)[0] is apart
