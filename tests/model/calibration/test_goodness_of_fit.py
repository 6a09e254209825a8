"""The check of fit: quiet where the model holds, loud where it does not, and each question by itself against theory."""

import math

import numpy as np
import pytest
from scipy import stats

from planner.model.calibration import goodness_of_fit
from planner.model.calibration.goodness_of_fit import FLAG_BELOW, LEAST_EXPECTED, Check
from planner.model.calibration.surge_days import as_gamma


def everywhere(weekly: np.ndarray) -> np.ndarray:
    return np.ones_like(weekly, dtype=bool)


def chances(ask, trials: int, seed: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Return the chance that a check gives in each of many trials."""
    rng = np.random.default_rng(seed)
    return np.array([ask(rng).chance for _ in range(trials)])


def small(share: np.ndarray, at: float, most: float) -> bool:
    """Return whether at most `most` times as many are below `at` as should be, to three standard errors."""
    error = math.sqrt(at * (1 - at) / len(share))
    return bool((share < at).mean() <= most * at + 3 * error)


# ---- where the model holds, a chance of p is seen in a share p of the cases


def test_regularity_of_poisson_accounts_is_uniform_whatever_their_rates_and_absences() -> None:
    rates = np.geomspace(0.02, 20, 40)[:, None]
    watched = np.ones((40, 26), dtype=bool)
    watched[::3, :10] = False

    def ask(rng: np.random.Generator) -> Check:
        return goodness_of_fit.regularity(rng.poisson(rates, (40, 26)), watched)

    found = chances(ask, 2000, 1)
    assert stats.kstest(found, "uniform").pvalue > 0.001
    assert small(found, 0.01, 1.2)


@pytest.mark.parametrize("scale", [0.4, 1.0])
def test_busy_days_of_a_poisson_week(scale: float) -> None:
    """The expectation has the total of what was seen, as in use; a tenth and a hundredth are not passed."""
    week = scale * np.tile([20.0, 22, 24, 21, 15, 0.9, 0.4], 26)

    def ask(rng: np.random.Generator) -> Check:
        seen = rng.poisson(week)
        return goodness_of_fit.busy_days(seen, week * seen.sum() / week.sum())

    found = chances(ask, 300, 2)
    assert small(found, 0.01, 1.0)
    assert small(found, 0.1, 1.0)


@pytest.mark.parametrize("spread", [0.15, 0.3])
def test_days_that_differ_as_learned_pass(spread: float) -> None:
    """Half a year of days whose gamma factor has a known spread: neither their counts nor the weeks are odd."""
    week = np.tile([20.0, 22, 24, 21, 15, 0.9, 0.4], 26)
    rates = np.random.default_rng(1).gamma(1.0, 1.0, 50)[:, None]
    rates *= 1 / rates.sum()

    def ask(rng: np.random.Generator) -> tuple[float, float]:
        busy = week * rng.gamma(spread**-2, spread**2, len(week))
        seen = rng.poisson(busy)
        weekly = rng.poisson(rates * busy.reshape(26, 7).sum(axis=1))
        week_spread = spread * float(np.sqrt((week[:7] ** 2).sum()) / week[:7].sum())
        days = goodness_of_fit.busy_days(seen, week * seen.sum() / week.sum(), spread)
        return days.chance, goodness_of_fit.regularity(weekly, everywhere(weekly), week_spread).chance

    found = np.array([ask(np.random.default_rng([3, k])) for k in range(100)])
    for column in found.T:
        assert small(column, 0.01, 1.0)
        assert small(column, 0.1, 1.0)


def test_the_law_of_a_day_is_negative_binomial() -> None:
    counts, mean = np.arange(80), np.array([3.0, 25.0])
    for row, m in zip(goodness_of_fit._log_day_law(counts, mean, 0.3), mean, strict=True):
        law = stats.nbinom(0.3**-2, 1 / (1 + m * 0.09))
        assert row == pytest.approx(law.logpmf(counts), abs=1e-6)


def test_surge_days_are_odd_unless_days_were_learned_to_differ_so_much() -> None:
    """Of 182 days seven are three times as busy: a spread that reaches as far explains them, a small one does not."""
    expected = np.tile([40.0, 44, 48, 42, 30, 2, 2], 26)
    seen = np.random.default_rng(16).poisson(expected * np.where(np.arange(182) % 28 == 1, 3.0, 1.0))
    expected *= seen.sum() / expected.sum()
    assert goodness_of_fit.busy_days(seen, expected, 0.15).flagged
    assert not goodness_of_fit.busy_days(seen, expected, as_gamma(1 / 28, 3.0, 0.0)).flagged


def test_a_day_five_times_as_busy_is_odd_however_large_a_spread_was_learned_from_it() -> None:
    """The gamma law that stands for such days makes them as rare as their like, and too many accounts came of it."""
    week = np.tile([20.0, 22, 24, 21, 15, 1, 1], 26)
    seen = np.round(week * np.where(np.arange(182) % 28 == 2, 5.0, 1.0)).astype(np.int64)
    expected = week * seen.sum() / week.sum()
    assert goodness_of_fit.busy_days(seen, expected, as_gamma(1 / 28, 5.0, 0.0)).flagged
    assert goodness_of_fit.busy_days(seen, expected, 1.0).flagged
    # who states that days differ so much has a law that holds them
    assert not goodness_of_fit.busy_days(seen, expected, 1.0, stated=1.0).flagged


def test_the_tail_of_a_sum_is_that_of_the_poisson_law() -> None:
    """Saddlepoint against scipy, for a sum whose law is known: 30 Poisson numbers are a Poisson number."""
    counts = np.arange(60)
    log_law = np.tile(stats.poisson.logpmf(counts, 3.0), (30, 1))
    value = np.tile(counts.astype(float), (30, 1))
    for x in (95, 110, 130, 150):
        middle = (stats.poisson.sf(x - 1, 90) + stats.poisson.sf(x, 90)) / 2  # the formula is for continuous sums
        assert goodness_of_fit._sum_tail(log_law, value, float(x)) == pytest.approx(middle, rel=0.03)
    assert goodness_of_fit._sum_tail(log_law, value, 80.0) == 1.0


def test_sizes_lengths_and_togetherness_of_what_was_expected() -> None:
    law = stats.nbinom(1.5, 1.5 / 5.5).pmf(np.arange(60))
    law = np.concatenate([[0.0, 0.0], law / law.sum()])

    def sizes(rng: np.random.Generator) -> Check:
        return goodness_of_fit.sizes(rng.choice(len(law), 1500, p=law), 1500 * law)

    def largest(rng: np.random.Generator) -> Check:
        return goodness_of_fit.largest(rng.choice(len(law), 1500, p=law), 1500 * law)

    def lengths(rng: np.random.Generator) -> Check:
        return goodness_of_fit.lengths(rng.random(1500))

    def together(rng: np.random.Generator) -> Check:
        return goodness_of_fit.together(rng.choice(len(law), 1500, p=law), rng.random(1500))

    # nothing was fitted here, so the two degrees of freedom that are given away for it make a flag likelier
    assert small(chances(sizes, 1000, 4), 0.01, 2.0)
    assert small(chances(lengths, 1000, 5), 0.01, 2.0)
    assert small(chances(largest, 1000, 6), 0.01, 1.0)
    assert stats.kstest(chances(together, 1000, 7), "uniform").pvalue > 0.001


# ---- where it does not, it is seen


def test_meetings_of_a_fixed_week_are_too_regular() -> None:
    rng = np.random.default_rng(11)
    series = np.repeat(rng.poisson(1.2, (50, 1)), 26, axis=1)
    found = goodness_of_fit.regularity(series + rng.poisson(0.8, (50, 26)), everywhere(series))
    assert found.flagged
    assert "fixed weekly" in found.says


def test_a_season_is_too_irregular() -> None:
    rng = np.random.default_rng(12)
    season = 2 * (1 + 0.8 * np.sin(np.arange(26) / 4))
    weekly = rng.poisson(season, (50, 26))
    found = goodness_of_fit.regularity(weekly, everywhere(weekly))
    assert found.flagged
    assert "season" in found.says


def test_one_day_in_half_a_year_on_which_everybody_meets() -> None:
    expected = np.tile([20.0, 22, 24, 21, 15, 1, 1], 26)
    seen = np.random.default_rng(13).poisson(expected)
    seen[87] = 70
    found = goodness_of_fit.busy_days(seen, expected)
    assert found.flagged
    assert found.says.startswith("the busiest day for its kind had 70 meetings where")


def test_several_mildly_busy_days_that_no_single_one_gives_away() -> None:
    rng = np.random.default_rng(14)
    expected = np.tile([20.0, 22, 24, 21, 15, 1, 1], 26)
    seen = rng.poisson(expected * np.where(rng.random(182) < 0.15, 1.5, 1.0))
    expected *= seen.sum() / expected.sum()
    assert 182 * min(stats.poisson.sf(seen - 1, expected)) > FLAG_BELOW
    assert goodness_of_fit.busy_days(seen, expected).flagged


def test_a_few_meetings_much_larger_than_the_law_has() -> None:
    """Three of 60 users among 2,000: too few for the chi-square, enough for the question about the largest."""
    rng = np.random.default_rng(15)
    law = np.concatenate([[0.0, 0.0], stats.nbinom(1.5, 1.5 / 5.5).pmf(np.arange(120))])
    seen = np.concatenate([rng.choice(len(law), 2000, p=law / law.sum()), [60] * 3])
    # as the two stand among the six questions
    assert 6 * goodness_of_fit.sizes(seen, len(seen) * law).chance > FLAG_BELOW
    assert 6 * goodness_of_fit.largest(seen, len(seen) * law).chance < FLAG_BELOW


def test_lengths_of_another_law_and_lengths_that_go_with_size() -> None:
    rng = np.random.default_rng(16)
    assert goodness_of_fit.lengths(np.concatenate([rng.random(900), rng.uniform(0.4, 0.5, 200)])).flagged
    size = 2 + rng.poisson(4, 1500)
    rank = stats.rankdata(0.4 * size + rng.normal(0, 2, 1500)) / 1501
    found = goodness_of_fit.together(size, rank)
    assert found.flagged
    assert "large meetings last longer" in found.says


# ---- the pieces, against textbooks


def test_the_variance_of_the_regularity_statistic_is_haldane_s() -> None:
    """Of multinomials with few cases, by simulation: mean W - 1, variance 2 (W - 1)(1 - 1/n)."""
    rng = np.random.default_rng(17)
    n, weeks = 5, 8
    draws = rng.multinomial(n, [1 / weeks] * weeks, 40_000)
    statistic = ((draws - n / weeks) ** 2).sum(axis=1) * weeks / n
    assert statistic.mean() == pytest.approx(weeks - 1, abs=4 * statistic.std() / 200)
    assert statistic.var() == pytest.approx(2 * (weeks - 1) * (1 - 1 / n), rel=0.05)


@pytest.mark.parametrize("freedom", [3, 7, 20, 100])
def test_the_tail_of_the_chi_square_is_scipy_s(freedom: int) -> None:
    for chance in (0.5, 0.1, 0.01, 0.001):
        x = stats.chi2.isf(chance, freedom)
        assert goodness_of_fit._gamma_tail(x, freedom, 2 * freedom) == pytest.approx(chance, abs=0.002, rel=0.25)


def test_the_tail_of_the_poisson_law_is_scipy_s() -> None:
    for n, mean in ((0, 3.0), (3, 3.0), (9, 3.0), (60, 20.0), (1, 0.0), (150, 20.0)):
        assert goodness_of_fit._poisson_tail(n, mean) == pytest.approx(
            stats.poisson.sf(n - 1, mean), rel=1e-9, abs=1e-300
        )


def test_joined_classes_keep_every_case_and_expect_enough() -> None:
    rng = np.random.default_rng(18)
    counts, expected = rng.poisson(2, 40).astype(float), rng.random(40) * 4
    joined, hoped = goodness_of_fit._join(counts, expected)
    assert joined.sum() == counts.sum()
    assert hoped.sum() == pytest.approx(expected.sum())
    assert hoped.min() >= LEAST_EXPECTED


def test_with_nothing_to_ask_nothing_is_said() -> None:
    none, empty = np.zeros((0, 0), dtype=np.int64), np.zeros(0, dtype=np.int64)
    seen = goodness_of_fit.Seen(none, none.astype(bool), empty, np.zeros(0), empty, np.zeros(3), np.zeros(0))
    found = goodness_of_fit.checks(seen)
    assert all(one.chance == 1.0 and not one.flagged and not one.asked for one in found)
    assert len({one.name for one in found}) == len(found)


def test_chances_are_multiplied_by_the_number_of_questions() -> None:
    rng = np.random.default_rng(19)
    weekly = rng.poisson(2.0, (20, 26))
    daily = rng.poisson(15.0, 182)
    sizes = 2 + rng.poisson(3, 1000)
    law = stats.poisson.pmf(np.arange(-2, 40), 3)
    seen = goodness_of_fit.Seen(
        weekly, everywhere(weekly), daily, np.full(182, 15.0), sizes, 1000 * law, rng.random(1000)
    )
    asked = goodness_of_fit.checks(seen)
    assert asked[0].chance == min(1.0, len(asked) * goodness_of_fit.regularity(weekly, everywhere(weekly)).chance)
    assert asked[0].flagged == (asked[0].chance < FLAG_BELOW)
    assert all(one.asked for one in asked)


@pytest.mark.parametrize("names", [["regularity"], ["regularity", "together"]])
def test_as_many_are_flagged_for_nothing_as_is_said_however_few_questions_could_be_asked(names: list[str]) -> None:
    """What nobody could ask takes nothing from those that were: multiplied by six it would be a third, or a sixth."""
    rng = np.random.default_rng(20)
    many, trials = 30 * (len(names) - 1), 1500
    none, flagged = np.zeros(0), 0
    for _ in range(trials):
        weekly, sizes = rng.poisson(1.5, (20, 6)), 2 + rng.poisson(3, many)
        found = goodness_of_fit.checks(
            goodness_of_fit.Seen(
                weekly, everywhere(weekly), none.astype(int), none, sizes, np.zeros(3), rng.random(many)
            )
        )
        assert [one.name for one in found if one.asked] == names
        flagged += any(one.flagged for one in found)
    assert flagged / trials == pytest.approx(FLAG_BELOW, abs=3 * math.sqrt(FLAG_BELOW / trials))


def test_no_very_large_meeting_is_an_answer() -> None:
    """And not too few meetings to ask about them."""
    found = goodness_of_fit.largest(np.full(1000, 3), 1000 * stats.poisson.pmf(np.arange(40), 3))
    assert (found.asked, found.chance) == (True, 1.0)
    assert found.says.startswith("0 meetings of ")
