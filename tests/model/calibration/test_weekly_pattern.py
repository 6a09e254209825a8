"""The pattern of the week: the scenario's where nothing was seen, the starts where many were."""

import numpy as np
import pytest

from planner.model.calibration.weekly_pattern import pattern


def test_starts_as_the_scenario_has_them_leave_it_as_it_is() -> None:
    """Others move it."""
    prior = np.array([0.6, 0.3, 0.1])
    assert pattern(np.array([600, 300, 100]), prior).shares.round(2).tolist() == [0.6, 0.3, 0.1]
    assert pattern(np.array([100, 300, 600]), prior).shares.round(2).tolist() == [0.11, 0.3, 0.59]


def test_a_pattern_moves_from_the_scenario_s_to_what_was_seen() -> None:
    """Nothing seen leaves it; as expected leaves it too, whatever chance does to 168 hours; otherwise moves it."""
    rng = np.random.default_rng(4)
    prior = rng.gamma(2.0, 1.0, 168)
    prior /= prior.sum()
    assert pattern(np.zeros(168, dtype=np.int64), prior).shares == pytest.approx(prior, abs=1e-15)
    as_expected = pattern(rng.multinomial(2000, prior), prior)
    noise = np.abs(rng.multinomial(2000, prior) / 2000 - prior).sum()
    assert np.abs(as_expected.shares - prior).sum() < noise / 3
    assert as_expected.worth > 2000
    moved = np.roll(prior, 5)
    seen = pattern(rng.multinomial(20_000, moved), prior)
    assert np.abs(seen.shares - moved).sum() < 0.15 * np.abs(prior - moved).sum()
    assert seen.worth < 1000
    assert seen.shares.sum() == pytest.approx(1, abs=1e-12)


def test_a_pattern_with_one_worth_is_the_dirichlet_mean() -> None:
    prior = np.full(168, 1 / 168)
    counts = np.bincount([34] * 32, minlength=168)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.model.calibration.weekly_pattern.WORTHS", (168.0,))
        after = pattern(counts, prior)
    assert after.shares[34] == pytest.approx((1 + 32) / (168 + 32), rel=1e-12)


def test_an_hour_that_the_scenario_rules_out_can_still_be_learned() -> None:
    after = pattern(np.array([500, 500]), np.array([1.0, 0.0]))
    assert after.shares[1] == pytest.approx(0.5, abs=0.02)
