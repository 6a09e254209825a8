"""Draws by the alias method, and the law of a meeting's size."""

import numpy as np

from planner.model.inputs.capacity import Kind
from planner.model.simulation.sampling import alias, draw, size_chances


def test_an_index_is_drawn_by_its_weight() -> None:
    """One of four, and three of four."""
    assert draw(alias(np.array([1.0, 3.0])), np.array([0.1, 0.3, 0.6, 0.9])).tolist() == [0.0, 1.0, 1.0, 1.0]


def test_a_size_is_cut_at_the_participants() -> None:
    """Two users and a geometric rest, cut at 3."""
    kind = Kind(1.0, 1.0, 0.0, 3.0, 4.0, 1.0, 3.0, 0.5, 1, 5, 0.0, np.ones(2016))
    np.testing.assert_allclose(size_chances(kind), [0, 0, 1 / 3, 2 / 3], rtol=1e-12)
