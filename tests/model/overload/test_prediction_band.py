"""The band of a reading: scipy's quantiles where one draw is Poisson, and what a mixture of draws has to hold."""

import numpy as np
import pytest
from scipy import stats
from situations import OFFICE, demand, kind, week

from planner.model.inputs.capacity import Node
from planner.model.overload.measures import mean_by_hour
from planner.model.overload.occupancy_law import law
from planner.model.overload.prediction_band import band
from planner.model.workload.arrivals import offered_load

NODE = Node("n", {"rooms": 30, "users": 150})


def means(meetings: float, accounts: int) -> np.ndarray:
    """Return the mean number of rooms at the start of each bin, hour by hour: shape (168, 12)."""
    load: np.ndarray = accounts * meetings * offered_load(kind(shape=week(OFFICE)))[:, 0].reshape(168, 12)
    return load


def test_the_band_of_one_draw_without_spread_is_poissons() -> None:
    """At the quietest and at the busiest start of a bin in each hour; hours within 2 % of each other may share."""
    who = demand(2.0, 0.0, kind(shape=week(OFFICE)))
    of = [law(NODE, "rooms", [(who, 60)], [who])]
    low, high, _ = band(of, [0], of, [20])
    expected_low = stats.poisson.ppf(0.0005, means(2.0, 60).min(axis=1))
    expected_high = stats.poisson.ppf(0.9995, means(2.0, 80).max(axis=1))
    assert np.abs(low - np.maximum(expected_low, 0.0)).max() <= 1.0
    assert (high >= np.maximum(expected_high, 0.0)).all()
    assert np.abs(high - np.maximum(expected_high, 0.0)).max() <= 1.0


def test_the_usual_readings_and_those_of_a_bad_day_are_poissons_too() -> None:
    who = demand(2.0, 0.0, kind(shape=week(OFFICE)))
    of = [law(NODE, "rooms", [(who, 60)], [who])]
    usual = band(of, [0], of, [20])[2]
    for found, level in zip(usual, (0.1, 0.9, 0.99), strict=True):
        expected = np.maximum(stats.poisson.ppf(level, means(2.0, 80).max(axis=1)), 0.0)
        assert np.abs(found - expected).max() <= 1.0


def test_two_draws_are_one_law_not_two_bands() -> None:
    """Chance of the inputs and of the traffic together: the quantile is that of the mixture."""
    draws = [demand(meetings, 0.0, kind(shape=week(OFFICE))) for meetings in (1.0, 3.0)]
    of = [law(NODE, "rooms", [(who, 60)], [who]) for who in draws]
    _, high, _ = band(of, [0], of, [0])
    hour = int(means(1.0, 60).max(axis=1).argmax())
    quiet, busy = (means(meetings, 60)[hour].max() for meetings in (1.0, 3.0))
    counts = np.arange(200)
    mixture = (stats.poisson.cdf(counts, quiet) + stats.poisson.cdf(counts, busy)) / 2
    assert abs(high[hour] - counts[mixture >= 0.9995][0]) <= 1


@pytest.mark.parametrize("resource", ["rooms", "users"])
def test_the_mean_lies_in_the_band_and_more_accounts_widen_it(resource: str) -> None:
    who = demand(2.0, 1.0, kind(shape=week(OFFICE)))
    of = [law(NODE, resource, [(who, 40)], [who])]  # type: ignore[arg-type]
    low, high, _ = band(of, [0], of, [0])
    busy = mean_by_hour(of[0]) > 0.0
    assert (low <= mean_by_hour(of[0]) + 1e-12).all()
    assert (high[busy] >= mean_by_hour(of[0])[busy]).all()
    wider = band(of, [0], of, [40])
    assert (wider[0] == low).all()
    assert (wider[1] >= high).all()


def test_nobody_there_nothing_to_read() -> None:
    who = demand(2.0, 1.0)
    of = [law(NODE, "users", [(who, 0)], [who])]
    low, high, usual = band(of, [0], of, [0])
    assert not low.any()
    assert not high.any()
    assert not usual.any()
