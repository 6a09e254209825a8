"""The busiest instant of the week against looking everywhere."""

import math

import numpy as np
import pytest
from situations import CLUMPED, SITUATIONS, Situation, demand, kind, week

from planner.model.inputs.capacity import Node
from planner.model.overload.contour_sum import tails
from planner.model.overload.measures import measures
from planner.model.overload.occupancy_law import Law, law
from planner.model.workload.arrivals import offered_load


def by_transform(of: Law, extra: np.ndarray, load: np.ndarray) -> float:
    """Return P(X > L) from the whole probability mass function, on 16 (L + 1) points."""
    limit = int(of.limit)
    n = 1 << math.ceil(math.log2(16 * (limit + 2)))
    radius = 1e-12 ** (1 / n)
    phi = np.polynomial.polynomial.polyval(radius * np.exp(2j * math.pi * np.arange(n) / n), of.marks.T) - 1.0
    log_moment = np.zeros(n, complex)
    for group, kappa in enumerate(of.kappa):
        inside = load[of.owner == group] @ phi[of.owner == group]
        accounts = of.counts[group] + extra[group]
        log_moment += of.summed[group] * inside
        log_moment += accounts * (inside if kappa == math.inf else -kappa * np.log(1 - inside / kappa))
    mass = np.fft.fft(np.exp(log_moment)).real / n * radius ** -np.arange(n)
    return float(1.0 - mass[: limit + 1].sum())


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_the_busiest_instant_is_that_of_looking_everywhere(situation: Situation) -> None:
    """Against the largest of all five-minute edges and eight instants inside each bin near the top."""
    node, population = situation.node, situation.population
    for resource in node.limits:
        of = law(node, resource, population)
        found = measures(of)
        nothing = np.zeros(len(of.counts))
        at = np.linspace(0.0, 0.875, 8)
        load = np.stack([band.meetings * offered_load(band.kind, band.ages, tuple(at)) for band in of.bands])
        load = load.reshape(len(of.bands), -1)
        over = tails(of.at(load, np.zeros_like(load)), nothing[None], 1e-9)[0][0, 0]
        assert found.busiest_instant >= over.max() * (1 - 1e-6)
        assert found.busiest_instant == pytest.approx(over.max(), rel=5e-3)
        best = load[:, int(over.argmax())]
        assert over.max() == pytest.approx(by_transform(of, nothing, best), rel=1e-7, abs=1e-11)


def test_classes_of_different_profiles_have_their_true_busiest_instant() -> None:
    """Many small meetings in the morning, few large ones at night: one bound for all points to the wrong instant."""
    morning, noon, night = (week({hour: 1.0}, (0, 1, 2, 3, 4), CLUMPED) for hour in (9, 13, 20))
    few = {"participants": 100.0, "size_dispersion": 0.5}
    population = [
        (demand(3.0, 0.5, kind(shape=morning, size=5.0)), 90.0),
        (demand(2.0, 1.5, kind(shape=noon, size=9.0, participants=30.0)), 25.0),
        (demand(4.0, 2.0, kind(shape=night, size=25.0, **few)), 3.0),
    ]
    for limit in (60, 120, 175):
        of = law(Node("n", {"users": limit}), "users", population)
        load = np.stack([band.meetings * offered_load(band.kind, band.ages)[:, 0] for band in of.bands])
        over = tails(of.at(load, np.zeros_like(load)), np.zeros((1, 3)), 1e-9)[0][0, 0]
        found = measures(of)
        assert found.busiest_instant >= over.max() * (1 - 1e-6)
        assert abs(found.busiest_bin - int(over.argmax())) <= 1 or over[found.busiest_bin] > 0.999 * over.max()
