"""The load of a node: from the scenario's coefficients to what was read on it."""

import numpy as np
import pytest

from planner.model.calibration.load_regression import node_load


def readings(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return rooms, users and streams that go together, as on a node."""
    rooms = rng.poisson(6, n)
    users = rng.poisson(6 * rooms + 0.1)
    return np.column_stack([rooms, users, rng.poisson(3 * users + 0.1)]).astype(float)


def test_node_load_moves_from_the_prior_to_the_data() -> None:
    rng = np.random.default_rng(8)
    truth = np.array([0.04, 0.004, 0.002, 0.0004])
    prior = np.array([0.03, 0.003, 0.003, 0.0003])
    counts = readings(rng, 5000)
    load = truth[0] + counts @ truth[1:] + rng.normal(0, 0.005, 5000)
    many = node_load(counts, load, prior)
    assert np.all(np.abs(many.value - truth) < 3 * (many.high - many.low) / 2)
    assert np.all(many.high - many.low < 0.3 * truth)
    assert node_load(counts[:0], load[:0], prior).value == pytest.approx(prior)
    few = node_load(counts[:2], load[:2], prior)
    assert np.all(np.abs(few.value - prior) < prior)


def test_the_ranges_of_the_node_s_load_hold_the_truth_in_8_of_10_cases() -> None:
    """48 readings, where the counts go together and the prior has to help; 400 nodes, standard error 2 points."""
    rng = np.random.default_rng(18)
    prior = np.array([0.03, 0.003, 0.003, 0.0003])
    held = np.zeros(4)
    for _ in range(400):
        truth = np.maximum(prior * (1 + rng.normal(0, 1, 4)), 0)
        counts = readings(rng, 48)
        found = node_load(counts, truth[0] + counts @ truth[1:] + rng.normal(0, 0.01, 48), prior)
        held += (found.low <= truth) & (truth <= found.high)
    assert np.all((held / 400 > 0.73) & (held / 400 < 0.9)), held / 400


def test_counts_that_never_change_leave_the_coefficients_to_the_scenario() -> None:
    prior = np.array([0.03, 0.003, 0.003, 0.0003])
    found = node_load(np.zeros((100, 3)), np.full(100, 0.08), prior)
    assert found.value[0] == pytest.approx(0.08, rel=1e-3)
    assert found.value[1:] == pytest.approx(prior[1:])
