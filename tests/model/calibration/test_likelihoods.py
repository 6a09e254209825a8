"""Learning: with no data the prior, with much data the data, and intervals that keep their promise."""

import math

import numpy as np
import pytest
from scipy import stats

from planner.model.calibration import likelihoods
from planner.model.calibration import posterior as grids
from planner.model.inputs.distributions import Range, draws

RATE = Range("usage.everyone.meetings", 2, 1, 4, "positive")
SPREAD = Range("usage.everyone.spread", 1, 0.5, 1.5, "positive")
HOURS = Range("usage.everyone.duration", 0.9, 0.75, 1.17, "positive")
CV = Range("usage.everyone.duration_cv", 0.7, 0.5, 1.0, "positive")
SIZE = Range("usage.everyone.size", 6, 4, 9, "positive")
DISPERSION = Range("usage.everyone.size_dispersion", 1.5, 0.8, 3, "positive")
CAMERAS = Range("usage.everyone.cameras", 0.5, 0.25, 0.7, "share")


def all_posteriors(counts, weeks, hours, cut, users, cameras):  # type: ignore[no-untyped-def]
    return (
        *likelihoods.meetings(counts, weeks, RATE, SPREAD),
        *likelihoods.holding_time(hours, cut, HOURS, CV),
        *likelihoods.size(users, [10] * len(users), SIZE, DISPERSION),
        likelihoods.share(int(sum(cameras)), len(cameras), CAMERAS),
    )


def test_with_no_data_the_posterior_is_the_prior() -> None:
    for posterior in all_posteriors([], [], [], [], [], []):
        prior = posterior.prior
        assert (posterior.low, posterior.value, posterior.high) == (prior.low, prior.value, prior.high)
        before = np.exp(grids.scores(prior).log_prior)
        assert posterior.weight == pytest.approx(before / before.sum(), abs=1e-12)


def test_the_grid_of_the_prior_has_the_three_quantiles_of_the_range() -> None:
    for prior in (RATE, SPREAD, SIZE, CAMERAS, Range("x", 0.01, 0, 0.05, "share")):
        grid = grids.scores(prior, points=121)
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
    _, spread = likelihoods.meetings([3, 90], [26, 26], RATE, known)
    assert (spread.low, spread.value, spread.high) == (1, 1, 1)


def likelihood_of(counts, weeks, accounts=None, only_if_any=None):  # type: ignore[no-untyped-def]
    """Return the log likelihood that `meetings` integrates, as a function of rates and spreads."""
    captured = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likelihoods, "joint", lambda *given: captured.append(given[2]))
        likelihoods.meetings(counts, weeks, RATE, SPREAD, accounts, only_if_any)
    return captured[0]


def test_the_chance_of_a_count_is_scipy_s_negative_binomial() -> None:
    """Differences of the log likelihood between truths: of one account, of several, and of one known only if it met.

    What depends on neither input is left out, so only differences mean anything.
    """
    k, t, m = np.array([40, 0, 3, 1234]), np.array([26.0, 4.0, 0.5, 52.0]), np.array([1, 1, 2, 7])
    rates, spreads = np.array([0.7, 5.0]), np.array([0.05, 1.3])
    for hidden in (np.zeros(4, dtype=bool), np.array([True, False, True, False])):
        ours = likelihood_of(k, t, m, hidden)(rates, spreads)
        for i, rate in enumerate(rates):
            for j, spread in enumerate(spreads):
                law = stats.nbinom(m / spread**2, 1 / (1 + rate * t * spread**2))
                theirs = law.logpmf(k).sum() - (law.logsf(0)[hidden]).sum()
                if (i, j) == (0, 0):
                    constant = ours[0, 0] - theirs
                assert ours[i, j] - theirs == pytest.approx(constant, abs=1e-6)


def test_spread_zero_is_the_poisson_limit() -> None:
    """The likelihood at a tiny spread joins the Poisson one at zero without a step."""
    ours = likelihood_of([40, 52, 61], [26.0] * 3)(np.array([1.5, 2.0, 2.5]), np.array([0.0, 2e-5, 1e-4]))
    assert ours[:, 0] == pytest.approx(ours[:, 1], abs=1e-4)
    assert ours[:, 0] == pytest.approx(ours[:, 2], abs=1e-3)


def test_a_row_of_several_accounts_says_less_than_the_accounts_one_by_one() -> None:
    counts = [30, 80, 10, 55, 25, 60]
    one_by_one = likelihoods.meetings(counts, [26.0] * 6, RATE, SPREAD)
    together = likelihoods.meetings([sum(counts)], [26.0], RATE, SPREAD, [6])
    assert together[0].value == pytest.approx(one_by_one[0].value, rel=0.1)  # the mean is as well known
    assert abs(together[1].value - SPREAD.value) < 0.1  # of the spread a sum says next to nothing


def test_accounts_known_only_because_they_met_do_not_hide_the_silent_ones() -> None:
    """Half of the accounts of a quiet co-op never met: who counts only the others must not think it busier."""
    rng = np.random.default_rng(12)
    counts = rng.poisson(0.3 * 4 * rng.gamma(1.0, 1.0, 3000))
    met = counts[counts > 0]
    quiet = Range("usage.everyone.meetings", 0.5, 0.1, 2, "positive")
    right, _ = likelihoods.meetings(met, [4.0] * len(met), quiet, SPREAD, only_if_any=[True] * len(met))
    wrong, _ = likelihoods.meetings(met, [4.0] * len(met), quiet, SPREAD)
    assert abs(right.value - 0.3) < 3 * (right.high - right.low) / 2  # 3 x 1.28 standard deviations
    assert wrong.low > 0.3


def test_uncensored_log_times_agree_with_the_normal_inverse_gamma_posterior() -> None:
    """Against the textbook: a grid with that conjugate prior gives its Student t mean and spread of mu.

    The grid works in mean and cv; here it is asked for its likelihood alone and the conjugate prior is laid over it.
    """
    rng = np.random.default_rng(3)
    y = rng.normal(-0.2, 0.6, 25)
    captured: dict[str, grids.LogLikelihood] = {}

    def capture(first: Range, second: Range, log_likelihood: grids.LogLikelihood, seen: int):  # type: ignore[no-untyped-def]
        captured["f"] = log_likelihood

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likelihoods, "joint", capture)
        likelihoods.holding_time(np.exp(y), [False] * 25, HOURS, CV)
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
    right, _ = likelihoods.holding_time(np.minimum(hours, 1.0), cut, HOURS, CV)
    wrong, _ = likelihoods.holding_time(np.minimum(hours, 1.0), [False] * 3000, HOURS, CV)
    assert abs(right.value - 1.1) < 3 * (right.high - right.low) / 2  # 3 x 1.28 standard deviations
    assert wrong.high < 1.0


def test_size_at_the_limit_counts_as_at_least_that_large() -> None:
    rng = np.random.default_rng(6)
    users = 2 + rng.negative_binomial(1.5, 1.5 / 7.5, 3000)  # mean 8
    posterior, _ = likelihoods.size(np.minimum(users, 10), [10] * 3000, SIZE, DISPERSION)
    assert abs(posterior.value - 8) < 3 * (posterior.high - posterior.low) / 2


def test_a_finer_grid_moves_no_interval() -> None:
    """Twice the points, on easy data and on data that leave a narrow slanting ridge: less than 1 % of the width."""
    rng = np.random.default_rng(21)
    cases = []
    for n, limit in ((6, 10), (4000, 6)):
        users = np.minimum(2 + rng.negative_binomial(0.9, 0.9 / 9.9, n), limit)
        hours = np.minimum(np.exp(rng.normal(0.1, 0.9, n)), 1.0)
        cases.append((users, limit, hours, rng.poisson(52 * rng.gamma(1.0, 1.0, n // 2))))
    for users, limit, hours, counts in cases:
        found = []
        for points in (61, 122):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(grids, "POINTS", points)
                found.append(
                    (
                        *likelihoods.size(users, [limit] * len(users), SIZE, DISPERSION),
                        *likelihoods.holding_time(hours, hours >= 1.0, HOURS, CV),
                        *likelihoods.meetings(counts, [26.0] * len(counts), RATE, SPREAD),
                    )
                )
        for rough, fine in zip(*found, strict=True):
            width = fine.high - fine.low
            assert (rough.low, rough.value, rough.high) == pytest.approx(
                (fine.low, fine.value, fine.high), abs=0.01 * width
            )


def test_the_log_gamma_is_the_library_s() -> None:
    x = np.concatenate([np.geomspace(1e-3, 1e9, 200), np.arange(1.0, 30.0)])
    assert likelihoods.log_gamma(x) == pytest.approx(np.array([math.lgamma(value) for value in x]), rel=1e-12, abs=1e-9)


def test_the_tail_of_the_normal_is_scipy_s() -> None:
    x = np.linspace(-12, 60, 5001)
    assert likelihoods._log_survival(x) == pytest.approx(stats.norm.logsf(x), rel=2e-3, abs=1e-6)


def test_meetings_that_resemble_one_another_count_for_less() -> None:
    """10 accounts of 100 meetings: alike they count in full; each with its own length they count for about ten."""
    rng = np.random.default_rng(9)
    owner = np.repeat(np.arange(10), 100)
    noise = rng.normal(0, 1, 1000)
    assert likelihoods.resemblance(noise, owner.tolist()) == 1.0
    own = rng.normal(0, 1, 10)[owner] + 0.1 * noise
    assert 1000 * likelihoods.resemblance(own, owner.tolist()) < 10
    assert likelihoods.resemblance(own, [None] * 1000) == 1.0
    assert likelihoods.resemblance([], []) == 1.0


def test_resemblance_is_seen_by_chance_in_one_case_of_a_thousand() -> None:
    rng = np.random.default_rng(10)
    owner = np.repeat(np.arange(6), [3, 50, 20, 7, 90, 30]).tolist()
    wrong = sum(likelihoods.resemblance(rng.normal(0, 1, 200), owner) < 1 for _ in range(3000))
    assert wrong <= 10  # 3 expected, standard deviation 1.7


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


DAY_SPREAD = Range("usage.everyone.day_spread", 0.15, 0.05, 0.3, "share")


def days_of(spread: float, days: int, seed: int) -> tuple[list[int], list[float]]:
    """Return the meetings of days whose factor differs so much, and what the week lets expect of each."""
    rng = np.random.default_rng(seed)
    expected = np.tile([50.0, 60.0, 55.0, 60.0, 40.0, 4.0, 3.0], days // 7)
    factor = rng.gamma(spread**-2, spread**2, len(expected)) if spread else np.ones(len(expected))
    return rng.poisson(expected * factor).tolist(), expected.tolist()


def test_how_days_differ_is_found_and_not_invented() -> None:
    found = likelihoods.day_spread(*days_of(0.3, 728, 1), DAY_SPREAD)
    assert found.value == pytest.approx(0.3, abs=0.02)
    half_a_year, two_years = (likelihoods.day_spread(*days_of(0.0, days, 2), DAY_SPREAD) for days in (182, 728))
    assert two_years.value < half_a_year.value < 0.07
    assert two_years.value < 0.05
    nothing = likelihoods.day_spread([], [], DAY_SPREAD)
    assert (nothing.low, nothing.value, nothing.high) == (DAY_SPREAD.low, DAY_SPREAD.value, DAY_SPREAD.high)


def test_intervals_of_how_days_differ_keep_their_promise() -> None:
    """Truth from the prior, days from the truth: eight of ten intervals hold it."""
    truths = draws([DAY_SPREAD], 200, 5)[DAY_SPREAD.path]
    inside = 0
    for k, truth in enumerate(truths):
        found = likelihoods.day_spread(*days_of(float(truth), 91, 100 + k), DAY_SPREAD)
        inside += found.low <= truth <= found.high
    assert abs(inside / 200 - 0.8) < 3.5 * math.sqrt(0.16 / 200)


def test_the_chance_of_a_day_is_negative_binomial() -> None:
    """Differences of its logarithm against scipy's law, at two points of a posterior's grid without its prior."""
    counts, expected = [3, 60, 41], [5.0, 50.0, 48.0]
    found = likelihoods.day_spread(counts, expected, DAY_SPREAD)
    prior = np.exp(-0.5 * (grids.scores(DAY_SPREAD).z) ** 2)
    assert len(found.weight) == len(prior)
    logs = np.log(found.weight / prior)
    whole = [
        sum(stats.nbinom(x**-2, 1 / (1 + m * x**2)).logpmf(n) for n, m in zip(counts, expected, strict=True))
        for x in found.grid
    ]
    assert (logs - logs[30])[15:50] == pytest.approx((np.array(whole) - whole[30])[15:50], abs=1e-6)
