"""The law of the users and rooms on a node against scipy's distributions."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from compound_laws import NOBODY, SEVEN, compound, erlangs, steady
from scipy import stats
from situations import CLUMPED, OFFICE, ONE_BIN, demand, kind, week

from planner.model.inputs.capacity import BIN, WEEKS_PER_MONTH, Node
from planner.model.overload import measures as usual
from planner.model.overload.contour_sum import tails
from planner.model.overload.members import Streams, gamma_quantile, summed_multipliers
from planner.model.overload.occupancy_law import law
from planner.model.workload.arrivals import offered_load

measures = partial(usual.measures, precision=1e-10)


# The contour sum.


@pytest.mark.parametrize("limit", [0, 1, 3, 30, 200])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.9, 1.0, 1.2, 5.0])
def test_known_accounts_are_poisson(limit: int, share: float) -> None:
    mean = share * (limit + 1)
    over, crossing = tails(compound(limit, [mean], [0.0, 1.0]), NOBODY, 1e-10)
    expected = stats.poisson.sf(limit, mean)
    assert over[0, 0, 0] == pytest.approx(expected, rel=1e-8, abs=1e-200)
    assert crossing[0, 0, 0] == pytest.approx(stats.poisson.pmf(limit, mean), rel=1e-8, abs=1e-8 * expected)


@pytest.mark.parametrize(("accounts", "kappa"), [(1, 1.0), (5, 0.14), (40, 1.0), (40, 4.0), (300, 0.5), (40, 1e9)])
@pytest.mark.parametrize("limit", [0, 4, 25])
def test_accounts_with_multipliers_of_their_own_are_negative_binomial(limit: int, accounts: int, kappa: float) -> None:
    """And an arriving meeting finds its own account's multiplier biased by size: a shape larger by one."""
    load = 0.1
    over, crossing = tails(compound(limit, [load], [0.0, 1.0], kappa, 0.0, accounts), NOBODY, 1e-10)
    chance = kappa / (kappa + load)
    rel = 1e-8 if kappa < 1e6 else 1e-5
    assert over[0, 0, 0] == pytest.approx(stats.nbinom.sf(limit, kappa * accounts, chance), rel=rel)
    found = stats.nbinom.pmf(limit, kappa * accounts + 1, chance)
    assert crossing[0, 0, 0] == pytest.approx(accounts * found, rel=rel, abs=1e-8)


@pytest.mark.parametrize("limit", [6, 7, 40, 69, 70, 71])
def test_marks_that_are_all_multiples_are_not_smoothed(limit: int) -> None:
    """The generating function has a period round the circle: no point of it may be forgotten."""
    mark = np.zeros(8)
    mark[7] = 1.0
    over, _ = tails(compound(limit, [4.0], mark.tolist()), NOBODY, 1e-10)
    assert over[0, 0, 0] == pytest.approx(stats.poisson.sf(limit // 7, 4.0), rel=1e-9)


# The four measures at a constant arrival rate, to 1e-8 of the probability or better.


@pytest.mark.parametrize("limit", [0, 1, 3, 10, 30])
@pytest.mark.parametrize("accounts", [1, 40, 400])
def test_rooms_without_spread_are_poisson(limit: int, accounts: int) -> None:
    """M/G/infinity; an arriving meeting sees the same law (Poisson arrivals see time averages)."""
    who = steady(2.0, 0.0)
    load = accounts * erlangs(who)
    found = measures(law(Node("n", {"rooms": limit}), "rooms", [(who, accounts)]))
    over, at_limit = stats.poisson.sf(limit, load), stats.poisson.pmf(limit, load)
    assert found.busiest_instant == pytest.approx(over, rel=1e-7)
    assert found.minutes == pytest.approx(over * 60 * 168 * WEEKS_PER_MONTH, rel=1e-7)
    per_week = over + accounts * who.meetings * at_limit
    assert found.episodes == pytest.approx(per_week * WEEKS_PER_MONTH, rel=1e-7)
    assert found.any_in_week_bound == pytest.approx(min(1.0, per_week), rel=1e-7)


@pytest.mark.parametrize("limit", [0, 2, 10, 25])
@pytest.mark.parametrize(("accounts", "spread"), [(1, 1.0), (40, 1.0), (40, 0.3), (7, 2.0), (300, 0.5), (40, 1e-4)])
def test_rooms_with_spread_are_negative_binomial(limit: int, accounts: int, spread: float) -> None:
    """… and an arriving meeting sees a shape larger by one: its account's rate is biased by size."""
    who = steady(2.0, spread)
    kappa, m = spread**-2, erlangs(who)
    found = measures(law(Node("n", {"rooms": limit}), "rooms", [(who, accounts)]))
    over = stats.nbinom.sf(limit, kappa * accounts, kappa / (kappa + m))
    seen = stats.nbinom.pmf(limit, kappa * accounts + 1, kappa / (kappa + m))
    # scipy's own negative binomial is good to 1e-11 for a shape of 4e9
    assert found.busiest_instant == pytest.approx(over, rel=1e-6 if spread > 1e-3 else 1e-5)
    expected = (over + accounts * who.meetings * seen) * WEEKS_PER_MONTH
    assert found.episodes == pytest.approx(expected, rel=1e-6 if spread > 1e-3 else 1e-5)


@pytest.mark.parametrize("limit", [6, 7, 40, 69, 70, 71])
def test_users_of_meetings_of_seven_are_seven_times_poisson(limit: int) -> None:
    """The generating function has the period 1/7 round the circle: no point of it may be forgotten."""
    who = steady(2.0, 0.0, **SEVEN)
    found = measures(law(Node("n", {"users": limit}), "users", [(who, 300)]))
    assert found.busiest_instant == pytest.approx(stats.poisson.sf(limit // 7, 300 * erlangs(who)), rel=1e-7)


def test_a_limit_below_the_smallest_mark_is_over_with_any_meeting() -> None:
    who = steady(2.0, 0.0)
    found = measures(law(Node("n", {"users": 1}), "users", [(who, 10)]))
    assert found.busiest_instant == pytest.approx(-math.expm1(-10 * erlangs(who)), rel=1e-7)


# Integrals over the bins.


def test_minutes_are_the_integral_over_the_bins() -> None:
    """Against 200 slices of each bin and scipy's Poisson law, where nine of ten meetings start in one bin an hour."""
    who = demand(2.0, 0.0, kind(shape=week(OFFICE, starts=ONE_BIN)))
    found = measures(law(Node("n", {"rooms": 6}), "rooms", [(who, 30)]))
    slices = tuple(((np.arange(200) + 0.5) / 200).tolist())
    load = 30 * 2.0 * offered_load(who.kinds[0], at=slices)
    assert found.minutes == pytest.approx(stats.poisson.sf(6, load).mean() * 60 * 168 * WEEKS_PER_MONTH, rel=1e-4)
    started = 30 * 2.0 / 168 * who.kinds[0].shape
    crossed = BIN * (started * stats.poisson.pmf(6, load).mean(axis=1)).sum()
    assert found.episodes == pytest.approx(crossed * WEEKS_PER_MONTH, rel=1e-4)
    ends = 30 * 2.0 * offered_load(who.kinds[0])[:, 0]
    assert found.busiest_instant == pytest.approx(stats.poisson.sf(6, ends).max(), rel=1e-7)


def test_meetings_of_one_length_peak_inside_a_bin() -> None:
    """All last 52 minutes: for two minutes after the hour those of the hour before are still there."""
    who = demand(2.0, 0.0, kind(shape=week({9: 1.0, 10: 1.0}, (0,), CLUMPED), duration=52 / 60, duration_cv=0.0))
    of = law(Node("n", {"rooms": 3}), "rooms", [(who, 40.0)])
    at = tuple(np.linspace(0.0, 0.99, 100))
    load = offered_load(who.kinds[0], (0.0, math.inf), at).max() * 2.0
    assert measures(of).busiest_instant == pytest.approx(stats.poisson.sf(3, 40 * load), rel=1e-3)


# Members by their summed multipliers.


def test_gamma_quantiles_are_scipys() -> None:
    rng = np.random.default_rng(1)
    shape, u = np.exp(rng.uniform(-3.0, 7.0, 2000)), rng.random(2000)
    found, expected = gamma_quantile(shape, u), stats.gamma.ppf(u, shape)
    exact = shape < 200.0
    assert found[exact] == pytest.approx(expected[exact], rel=1e-9, abs=1e-300)
    assert found[~exact] == pytest.approx(expected[~exact], rel=1e-4)


def test_averaging_over_the_members_multipliers_gives_back_the_mixture() -> None:
    """The law of twenty accounts, each with a multiplier of its own, is that over all draws of their sum."""
    n, kappa, accounts, load, limit = 4000, 0.5, 20.0, 0.1, 6
    summed = summed_multipliers(
        "members.de.small", np.full(n, accounts), np.full(n, kappa), Streams(501, n, np.arange(n))
    )
    assert summed.mean() == pytest.approx(accounts, rel=1e-3)
    one = compound(limit, [load], [0.0, 1.0], kappa)
    many = replace(
        one,
        **{
            name: np.repeat(getattr(one, name), n, axis=0)
            for name in ("limit", "marks", "mean_marks", "kappa", "counts")
        },
        summed=summed[:, None],
        load=np.repeat(one.load, n, axis=0),
        rate=np.repeat(one.rate, n, axis=0),
    )
    over, _ = tails(many, NOBODY, 1e-6, 1e-12)
    expected = stats.nbinom.sf(limit, kappa * accounts, kappa / (kappa + load))
    assert over.mean() == pytest.approx(expected, rel=0.01)
