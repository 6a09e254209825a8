"""Ranges and their draws: the quantiles a person wrote, one stream for each input, every stratum once."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import special, stats

from planner.model.inputs.distributions import Family, Range, draws, quantile, stream

U = (np.arange(2000) + 0.5) / 2000
sizes = st.floats(1e-3, 1e6)
shares = st.just(0.0) | st.floats(1e-9, 1 - 1e-9) | st.just(1.0)


@given(st.tuples(sizes, sizes, sizes).map(sorted))
@example([0.0, 3.0, 6.0])
@example([0.0, 0.0, 5.0])
@example([2.0, 2.0, 5.0])
@example([2.0, 5.0, 5.0])
def test_a_positive_range_returns_its_three_quantiles(ends: list[float]) -> None:
    """A tenth lies below low, half below value, nine tenths below high; also where a side touches 0 or has no width."""
    low, value, high = ends
    assert quantile(value, low, high, "positive", [0.1, 0.5, 0.9]) == pytest.approx([low, value, high], rel=1e-11)


@given(st.tuples(shares, shares, shares).map(sorted))
@example([0.0, 0.01, 0.05])
@example([0.5, 0.9, 1.0])
@example([0.0, 1.0, 1.0])
@example([0.0, 0.0, 1.0])
def test_a_share_returns_its_three_quantiles_and_stays_a_share(ends: list[float]) -> None:
    """The same for shares, also where a side touches 0 or 1; nothing passes 0 or 1."""
    low, value, high = ends
    assert quantile(value, low, high, "share", [0.1, 0.5, 0.9]) == pytest.approx([low, value, high], abs=1e-11)
    everywhere = quantile(value, low, high, "share", U)
    assert everywhere.min() >= 0
    assert everywhere.max() <= 1


@given(st.tuples(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000)).map(sorted))
def test_whole_numbers_return_their_three_quantiles_exactly(ends: list[int]) -> None:
    """A limit of 200 is 200, not 199 by the last bit."""
    low, value, high = ends
    for family in ("count", "limit"):
        assert quantile(value, low, high, family, [0.1, 0.5, 0.9]).tolist() == [low, value, high]


def test_counts_are_rounded_and_limits_rounded_down() -> None:
    """Counts are the nearest whole number, limits the one below."""
    straight = quantile(150, 100, 200, "positive", U)
    assert (quantile(150, 100, 200, "limit", U) == np.floor(straight)).all()
    assert np.abs(quantile(150, 100, 200, "count", U) - straight).max() <= 0.5


def test_each_side_is_a_log_normal_with_the_written_quantiles() -> None:
    """Above the median the law is that of a log-normal through (value, high), below it through (low, value)."""
    z90 = special.ndtri(0.9)
    above = stats.lognorm(s=math.log(4 / 2) / z90, scale=2)
    below = stats.lognorm(s=math.log(2 / 1.5) / z90, scale=2)
    got = quantile(2, 1.5, 4, "positive", U)
    assert got[U > 0.5] == pytest.approx(above.ppf(U[U > 0.5]), rel=1e-10)
    assert got[U < 0.5] == pytest.approx(below.ppf(U[U < 0.5]), rel=1e-10)


def test_a_share_is_normal_on_the_logit_scale() -> None:
    """Each side of a share is normal on the logit scale, through the two ends written."""
    z90 = special.ndtri(0.9)
    got = special.logit(quantile(0.4, 0.2, 0.5, "share", U))
    z = special.ndtri(U)
    step = np.where(z > 0, special.logit(0.5) - special.logit(0.4), special.logit(0.4) - special.logit(0.2))
    assert got == pytest.approx(special.logit(0.4) + step * z / z90, abs=1e-9)


@given(st.sampled_from(["positive", "share", "count", "limit"]), st.tuples(shares, shares, shares).map(sorted), sizes)
def test_quantiles_rise_with_u(family: Family, ends: list[float], scale: float) -> None:
    """A larger probability never gives a smaller value, in any family."""
    low, value, high = ends if family == "share" else [end * scale for end in ends]
    assert (np.diff(quantile(value, low, high, family, U)) >= 0).all()


@given(sizes)
def test_a_range_of_no_width_is_its_value_to_the_last_bit(value: float) -> None:
    """So that without ranges every draw is the central answer exactly."""
    share = value / (value + 1)
    assert (quantile(value, value, value, "positive", U) == value).all()
    assert (quantile(share, share, share, "share", U) == share).all()


@pytest.mark.parametrize(
    ("value", "low", "high", "family"),
    [
        (1, 2, 3, "positive"),
        (3, 1, 2, "positive"),
        (1, -1, 2, "positive"),
        (0.5, 0.1, 1.2, "share"),
        (1, 1, math.inf, "limit"),
        (math.nan, 0, 1, "share"),
    ],
)
def test_a_range_out_of_order_or_outside_its_family_is_refused(
    value: float, low: float, high: float, family: Family
) -> None:
    """The refusal names the family and the order wanted."""
    with pytest.raises(ValueError, match=f"a {family} needs"):
        quantile(value, low, high, family, U)


MEETINGS = Range("usage.everyone.meetings", 2, 1, 4, "positive")
SIZE = Range("usage.everyone.size", 6, 4, 9, "positive")


@given(st.integers(1, 200), st.integers(0, 2**40))
def test_each_stratum_holds_exactly_one_draw(n: int, seed: int) -> None:
    """The Latin hypercube's promise, for any number of draws and any seed."""
    drawn = draws([MEETINGS], n, seed)[MEETINGS.path]
    edges = quantile(2, 1, 4, "positive", np.arange(1, n) / n) if n > 1 else np.empty(0)
    assert np.searchsorted(edges, np.sort(drawn)).tolist() == list(range(n))


def test_an_added_input_disturbs_no_other_and_order_does_not_matter() -> None:
    """An input's draws are the same alone and beside another."""
    alone = draws([MEETINGS], 100, 7)
    both = draws([SIZE, MEETINGS], 100, 7)
    assert (alone[MEETINGS.path] == both[MEETINGS.path]).all()


def test_a_changed_range_keeps_its_random_numbers() -> None:
    """Two scenarios share common random numbers: doubling the range doubles each draw."""
    doubled = Range(MEETINGS.path, 4, 2, 8, "positive")
    assert draws([doubled], 100, 7)[MEETINGS.path] == pytest.approx(2 * draws([MEETINGS], 100, 7)[MEETINGS.path])


def test_streams_of_different_inputs_and_seeds_are_independent() -> None:
    """Rank correlation of two inputs, and of one input under two seeds, within four standard errors of none."""
    n = 4000
    seven, eight = draws([MEETINGS, SIZE], n, 7), draws([MEETINGS], n, 8)
    for other in (seven[SIZE.path], eight[MEETINGS.path]):
        assert abs(stats.spearmanr(seven[MEETINGS.path], other).statistic) < 4 / math.sqrt(n)


def test_a_stream_is_its_seed_and_name() -> None:
    """Same seed and name, same numbers; another name or seed, others."""
    assert stream(3, "nodes.de").random(5).tolist() == stream(3, "nodes.de").random(5).tolist()
    assert stream(3, "nodes.de").random() != stream(3, "nodes.ca").random() != stream(4, "nodes.de").random()
    with pytest.raises(ValueError, match="seed"):
        stream(-1, "nodes.de")


def test_draws_refuse_a_path_twice_and_none_at_all() -> None:
    """Two ranges for one input would make one of them vanish unseen."""
    with pytest.raises(ValueError, match=r"usage\.everyone\.meetings: drawn twice"):
        draws([MEETINGS, MEETINGS], 10, 1)
    with pytest.raises(ValueError, match="at least one draw"):
        draws([MEETINGS], 0, 1)
