"""Learning: with no data the prior, with much data the data, and intervals that keep their promise."""

import math

import numpy as np
import pytest

from planner.model import learning
from planner.model.chance import Range, draws

RATE = Range("usage.everyone.meetings", 2, 1, 4, "positive")
SPREAD = Range("usage.everyone.spread", 1, 0.5, 1.5, "positive")
HOURS = Range("usage.everyone.duration", 0.9, 0.75, 1.17, "positive")
CV = Range("usage.everyone.duration_cv", 0.7, 0.5, 1.0, "positive")
SIZE = Range("usage.everyone.size", 6, 4, 9, "positive")
DISPERSION = Range("usage.everyone.size_dispersion", 1.5, 0.8, 3, "positive")
CAMERAS = Range("usage.everyone.cameras", 0.5, 0.25, 0.7, "share")


def all_posteriors(counts, weeks, hours, cut, users, cameras):  # type: ignore[no-untyped-def]
    return (
        *learning.meetings(counts, weeks, RATE, SPREAD),
        *learning.holding_time(hours, cut, HOURS, CV),
        *learning.size(users, [10] * len(users), SIZE, DISPERSION),
        learning.share(int(sum(cameras)), len(cameras), CAMERAS),
    )


def test_with_no_data_the_posterior_is_the_prior() -> None:
    for posterior in all_posteriors([], [], [], [], [], []):
        prior = posterior.prior
        assert (posterior.low, posterior.value, posterior.high) == (prior.low, prior.value, prior.high)
        assert posterior.weight == pytest.approx(posterior.prior_weight, abs=1e-12)


def test_the_grid_of_the_prior_has_the_three_quantiles_of_the_range() -> None:
    for prior in (RATE, SPREAD, SIZE, CAMERAS, Range("x", 0.01, 0, 0.05, "share")):
        grid = learning.scores(prior)
        weight = np.exp(grid.log_prior)
        cumulated = np.cumsum(weight) / weight.sum()
        for at, wanted in ((0.1, prior.low), (0.5, prior.value), (0.9, prior.high)):
            assert np.interp(at, cumulated - weight / weight.sum() / 2, grid.x) == pytest.approx(
                wanted, rel=0.02, abs=1e-3
            )


def test_with_much_data_the_posterior_is_the_data() -> None:
    rng = np.random.default_rng(11)
    rate, spread, mean, cv, size, k, camera = 3.3, 0.6, 1.05, 0.85, 7.5, 1.1, 0.62
    counts = rng.poisson(rate * 52 * rng.gamma(spread**-2, spread**2, 2000))
    sigma = math.sqrt(math.log1p(cv**2))
    hours = np.exp(rng.normal(math.log(mean) - sigma**2 / 2, sigma, 4000))
    users = np.minimum(2 + rng.negative_binomial(k, k / (k + size - 2), 4000), 10)
    seen = all_posteriors(
        counts, [52.0] * 2000, np.minimum(hours, 1.5), hours >= 1.5, users, rng.random(20_000) < camera
    )
    for posterior, truth in zip(seen, (rate, spread, mean, cv, size, k, camera), strict=True):
        half_width = (posterior.high - posterior.low) / 2
        assert half_width < 0.15 * truth
        assert abs(posterior.value - truth) < 3 * half_width  # 3 x 1.28 standard deviations
        assert half_width < 0.2 * (posterior.prior.high - posterior.prior.low)


def test_an_input_without_a_range_is_known_and_not_learned() -> None:
    known = Range("usage.everyone.spread", 1, 1, 1, "positive")
    _, spread = learning.meetings([3, 90], [26, 26], RATE, known)
    assert (spread.low, spread.value, spread.high) == (1, 1, 1)


def test_spread_zero_is_the_poisson_limit() -> None:
    """The likelihood at a tiny spread joins the Poisson one at zero without a step."""
    k, t = np.array([40, 52, 61]), np.array([26.0, 26.0, 26.0])
    rate = np.array([1.5, 2.0, 2.5])
    both = learning._negative_binomial(k, t, rate, np.array([0.0, 1e-4]))
    assert both[:, 0] == pytest.approx(both[:, 1], abs=1e-3)


def test_uncensored_log_times_agree_with_the_normal_inverse_gamma_posterior() -> None:
    """Against the textbook: a grid with that conjugate prior gives its Student t mean and spread of mu.

    The grid works in mean and cv; here it is asked for its likelihood alone and the conjugate prior is laid over it.
    """
    rng = np.random.default_rng(3)
    y = rng.normal(-0.2, 0.6, 25)
    captured: dict[str, learning.LogLikelihood] = {}

    def capture(first: Range, second: Range, log_likelihood: learning.LogLikelihood, seen: int):  # type: ignore[no-untyped-def]
        captured["f"] = log_likelihood

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "_joint", capture)
        learning.holding_time(np.exp(y), [False] * 25, HOURS, CV)
    m0, r0, a0, b0 = -0.1, 2.0, 3.0, 1.0
    sigma = np.linspace(0.25, 1.6, 400)
    mu = np.linspace(-1.2, 0.9, 401)
    log_post = np.empty((len(mu), len(sigma)))
    for column, s in enumerate(sigma):
        cv = math.sqrt(math.expm1(s * s))
        likelihood = captured["f"](np.exp(mu + s * s / 2), np.array([cv]))[:, 0]
        prior = -r0 * (mu - m0) ** 2 / (2 * s * s) - math.log(s) - (2 * a0 + 1) * math.log(s) - b0 / (s * s)
        log_post[:, column] = likelihood + prior
    weight = np.exp(log_post - log_post.max())
    weight /= weight.sum()
    mean = (weight.sum(axis=1) * mu).sum()
    deviation = math.sqrt((weight.sum(axis=1) * (mu - mean) ** 2).sum())
    n, bar = len(y), y.mean()
    rn, an = r0 + n, a0 + n / 2
    mn = (r0 * m0 + n * bar) / rn
    bn = b0 + ((y - bar) ** 2).sum() / 2 + r0 * n * (bar - m0) ** 2 / (2 * rn)
    assert mean == pytest.approx(mn, abs=1e-4)
    assert deviation == pytest.approx(math.sqrt(bn / (rn * (an - 1))), rel=1e-3)


def test_a_meeting_cut_by_the_limit_counts_as_at_least_that_long() -> None:
    """Half the meetings cut at an hour: taken as ended, the mean would be under-estimated; as censored, not."""
    rng = np.random.default_rng(5)
    sigma = math.sqrt(math.log1p(0.7**2))
    hours = np.exp(rng.normal(math.log(1.1) - sigma**2 / 2, sigma, 3000))
    cut = hours >= 1.0
    right, _ = learning.holding_time(np.minimum(hours, 1.0), cut, HOURS, CV)
    wrong, _ = learning.holding_time(np.minimum(hours, 1.0), [False] * 3000, HOURS, CV)
    assert abs(right.value - 1.1) < 3 * (right.high - right.low) / 2  # 3 x 1.28 standard deviations
    assert wrong.high < 1.0


def test_size_at_the_limit_counts_as_at_least_that_large() -> None:
    rng = np.random.default_rng(6)
    users = 2 + rng.negative_binomial(1.5, 1.5 / 7.5, 3000)  # mean 8
    posterior, _ = learning.size(np.minimum(users, 10), [10] * 3000, SIZE, DISPERSION)
    assert abs(posterior.value - 8) < 3 * (posterior.high - posterior.low) / 2


def test_the_profile_is_the_dirichlet_mean() -> None:
    prior = np.full(168, 1 / 168)
    after = learning.profile([34] * 32, prior, worth=168.0)
    assert after.sum() == pytest.approx(1, abs=1e-12)
    assert after[34] == pytest.approx((1 + 32) / (168 + 32), rel=1e-12)
    assert learning.profile([], prior, 168.0) == pytest.approx(prior, abs=1e-15)


def test_node_load_moves_from_the_prior_to_the_data() -> None:
    rng = np.random.default_rng(8)
    truth = np.array([0.04, 0.004, 0.002, 0.0004])
    prior = np.array([0.03, 0.003, 0.003, 0.0003])
    counts = rng.poisson([6, 40, 120], (5000, 3)).astype(float)
    load = truth[0] + counts @ truth[1:] + rng.normal(0, 0.005, 5000)
    many = learning.node_load(counts, load, prior)
    assert np.all(np.abs(many.value - truth) < 4 * np.maximum(many.high - many.value, 1e-6))
    assert many.residual == pytest.approx(0.005, rel=0.1)
    assert learning.node_load(counts[:0], load[:0], prior).value == pytest.approx(prior)
    few = learning.node_load(counts[:3], load[:3], prior)
    assert np.abs(few.value - prior)[1:].max() < np.abs(truth - prior)[1:].max() * 2


def covered(co_ops: int, accounts: int, seed: int) -> np.ndarray:
    """Return how often each 80 % interval held the truth, over co-ops whose truth comes from the prior."""
    rng = np.random.default_rng(seed)
    priors = (RATE, SPREAD, HOURS, CV, SIZE, DISPERSION, CAMERAS)
    truths = draws(priors, co_ops, seed)
    held = np.zeros(len(priors))
    for co_op in range(co_ops):
        rate, spread, mean, cv, size, k, camera = (float(truths[prior.path][co_op]) for prior in priors)
        counts = rng.poisson(rate * 26 * rng.gamma(spread**-2, spread**2, accounts))
        n = int(min(counts.sum(), 400))
        sigma = math.sqrt(math.log1p(cv**2))
        hours = np.exp(rng.normal(math.log(mean) - sigma**2 / 2, sigma, n))
        mu = max(size - 2, 1e-6)
        users = np.minimum(2 + rng.negative_binomial(k, k / (k + mu), n), 10)
        seen = all_posteriors(
            counts, [26.0] * accounts, np.minimum(hours, 3), hours >= 3, users, rng.random(3 * n) < camera
        )
        for row, (posterior, prior) in enumerate(zip(seen, priors, strict=True)):
            held[row] += posterior.low <= truths[prior.path][co_op] <= posterior.high
    return held / co_ops


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [5, 50])
def test_eighty_per_cent_intervals_cover_the_truth_in_75_to_85_per_cent(accounts: int) -> None:
    """1,000 co-ops with truth from the prior: the standard error is 1.3 points, so the band is four wide."""
    share = covered(1000, accounts, seed=2)
    assert np.all((share > 0.75) & (share < 0.85)), share


def test_intervals_cover_the_truth_in_a_quick_sample() -> None:
    share = covered(60, 5, seed=4)  # standard error 5 points
    assert np.all((share > 0.6) & (share < 0.97)), share
