"""Offered load: against the integral that defines it, the cases that can be done by hand, and what must not change."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from situations import CLUMPED, OFFICE, ONE_BIN, demand, kind, week

from planner.model.inputs.capacity import BIN, NO_LIMIT, Kind
from planner.model.workload import arrivals
from planner.model.workload.arrivals import mean_holding_time, normal, offered_load

durations = st.floats(0.05, 6.0)
variations = st.sampled_from([0.0, 0.3, 0.7, 1.5, 3.0])
limits = st.sampled_from([0.25, 1.0, 3.0, 24.0, NO_LIMIT])


def survival(of: Kind, age: float) -> float:
    """Return P(S > age) from scipy's log-normal."""
    sigma = math.sqrt(math.log1p(of.duration_cv**2))
    scale = of.duration * math.exp(-(sigma**2) / 2)
    return float(stats.lognorm.sf(age, sigma, scale=scale)) if age < of.duration_limit else 0.0


@given(durations, variations, limits, st.sampled_from([CLUMPED, ONE_BIN]))
def test_the_weeks_mean_is_rate_times_mean_holding_time(
    duration: float, cv: float, limit: float, starts: tuple[float, ...]
) -> None:
    """Little's law to 1e-9, with meetings of any length, cut or not, at whatever instant of the bins one looks."""
    of = kind(duration=duration, duration_cv=cv, duration_limit=limit, shape=week(OFFICE, starts=starts))
    account = demand(2.5, 1.0, of)
    erlangs = mean_holding_time(of) * account.meetings * of.share / 168
    # the mean over the offsets' Gauss points is the bin's mean for what is a polynomial there; the week's is exact
    load = account.meetings * offered_load(of, at=(0.1, 0.7))
    assert load.mean(axis=0) == pytest.approx([erlangs, erlangs], rel=1e-9)


@pytest.mark.parametrize("age", [0.01, 0.3, 1.0, 2.9, 5.0, math.inf])
@pytest.mark.parametrize("limit", [1.0, 3.0, NO_LIMIT])
def test_the_holding_time_before_an_age_is_the_integral_of_its_survival(age: float, limit: float) -> None:
    of = kind(duration=0.9, duration_cv=0.7, duration_limit=limit)
    by_quadrature, _ = integrate.quad(lambda s: survival(of, s), 0, min(age, limit, 60.0), epsabs=1e-12, limit=200)
    assert mean_holding_time(of, age) == pytest.approx(by_quadrature, abs=1e-9)


@pytest.mark.parametrize(("bin_", "offset"), [(108, 0.0), (108, 0.37), (111, 0.999), (300, 0.5), (700, 0.2)])
def test_the_load_is_the_integral_of_arrivals_still_there(bin_: int, offset: float) -> None:
    """The definition itself, done numerically bin by bin: m(t) = sum over past bins of rate x their survival."""
    of = kind(duration_limit=3.0, shape=week(OFFICE, starts=CLUMPED))
    now = (bin_ + offset) * BIN
    expected = 0.0
    for past in range(bin_ - 40, bin_ + 1):
        begin, end = now - past * BIN, now - min((past + 1) * BIN, now)
        area, _ = integrate.quad(
            lambda s: survival(of, s), max(end, 0.0), begin, points=[3.0] if end < 3 < begin else None
        )
        expected += of.shape[past % 2016] / 168 * area
    assert offered_load(of, at=(offset,))[bin_, 0] == pytest.approx(expected, rel=1e-9)


@settings(max_examples=25)
@given(st.floats(0.1, 5.0), variations)
def test_at_a_steady_rate_the_load_is_the_same_at_every_instant(duration: float, cv: float) -> None:
    """M/G/infinity: the Erlangs depend on the mean holding time only, not on its law."""
    of = kind(duration=duration, duration_cv=cv, duration_limit=NO_LIMIT, shape=np.ones(2016))
    load = offered_load(of, at=(0.0, 0.5))
    assert load == pytest.approx(np.full((2016, 2), duration / 168), rel=1e-9)


def test_meetings_of_one_fixed_length_are_the_arrivals_of_that_long() -> None:
    """With a constant holding time the load is the number started in the last 50 minutes: ten bins."""
    of = kind(duration=10 * BIN, duration_cv=0.0, shape=week(OFFICE, starts=CLUMPED))
    started = np.array([of.shape[np.arange(t - 10, t) % 2016].sum() for t in range(2016)]) * BIN / 168
    assert offered_load(of)[:, 0] == pytest.approx(started, abs=1e-15)


def test_meetings_longer_than_a_week_are_folded_round_it() -> None:
    """A meeting of three weeks and an hour is there three times at once, and a fourth time in its last hour."""
    of = kind(duration=3 * 168 + 1.0, duration_cv=0.0, duration_limit=NO_LIMIT, shape=week({9: 1.0}, (0,)))
    load = offered_load(of)[:, 0]
    assert load[0] == pytest.approx(3.0)
    assert load[10 * 12] == pytest.approx(4.0)


@pytest.mark.parametrize("cv", [1.0, 2.5])
def test_a_heavy_tail_is_followed_until_nothing_is_left(cv: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """… for thousands of weeks; and the far ones, taken as a smooth curve, are what they are bin by bin."""
    of = kind(duration=20.0, duration_cv=cv, duration_limit=NO_LIMIT, shape=week({9: 1.0}, (0,)))
    load = offered_load(of, at=(0.4,))
    assert load.mean() * 168 == pytest.approx(20.0, abs=1e-10)
    monkeypatch.setattr(arrivals, "NEAR_WEEKS", 12)
    arrivals._offered_load.cache_clear()
    assert offered_load(of, at=(0.4,)) == pytest.approx(load, rel=1e-11)


@settings(max_examples=25)
@given(st.floats(0.01, 4.0), limits)
def test_age_bands_add_up_to_all_ages(edge: float, limit: float) -> None:
    of = kind(duration_limit=limit)
    at = (0.0, 0.2, 0.9)
    young, old = offered_load(of, (0.0, edge), at), offered_load(of, (edge, math.inf), at)
    assert young + old == pytest.approx(offered_load(of, at=at), abs=1e-15)
    assert young.mean() * 168 == pytest.approx(mean_holding_time(of, edge), rel=1e-9)


def test_a_shift_of_the_arrivals_shifts_the_load() -> None:
    of = kind()
    later = kind(shape=np.roll(of.shape, 37))
    assert offered_load(later, at=(0.3,)) == pytest.approx(np.roll(offered_load(of, at=(0.3,)), 37, axis=0), abs=1e-15)


@given(durations, variations, st.floats(1.01, 3.0))
def test_longer_meetings_never_make_less_load(duration: float, cv: float, times: float) -> None:
    short, long = kind(duration=duration, duration_cv=cv), kind(duration=duration * times, duration_cv=cv)
    assert (offered_load(long) >= offered_load(short) - 1e-15).all()


def test_nobody_meets_at_night_after_a_short_cut() -> None:
    """Where nothing can be in progress the load is zero, not the rounding of a transform."""
    of = kind(duration_limit=1.0, shape=week({9: 1.0}))
    load = offered_load(of)[:, 0]
    assert (load >= 0.0).all()
    assert (load[12 * 12 : 24 * 12] == 0.0).all()
    assert load[9 * 12 + 1 : 11 * 12].min() > 0.0


def test_the_normal_distribution_function_is_scipys() -> None:
    z = np.linspace(-30, 30, 2001)
    assert normal(z) == pytest.approx(stats.norm.cdf(z), rel=1e-13, abs=1e-300)


def test_meetings_of_54_minutes_that_are_ended_after_30_last_half_an_hour() -> None:
    assert mean_holding_time(kind(duration=0.9, duration_cv=0.0, duration_limit=0.5)) == 0.5


def test_an_hour_a_week_is_in_progress_one_hour_in_168() -> None:
    always = kind(duration=1.0, duration_cv=0.0, duration_limit=3.0, shape=np.ones(2016))
    assert 168 * offered_load(always)[0, 0] == pytest.approx(1.0, abs=1e-12)


def test_the_normal_law_at_its_best_known_quantile() -> None:
    assert normal(np.array([0.0, 1.959963985])) == pytest.approx([0.5, 0.975], abs=1e-6)
