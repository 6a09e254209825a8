"""The proposal's arithmetic, and the paths with every rule off, which must come to the same."""

import numpy as np
import pytest
from credit_cases import PRICES, case
from hypothesis import given
from hypothesis import strategies as st

from planner.model.credit.arithmetic import accounts_for, central, cost_of, income, price_in_credit, whole_rate
from planner.model.credit.simulate import run
from planner.model.credit.summary import outcome

LEVEL_1 = {"level-1": 1.0}


@pytest.mark.parametrize(
    ("accounts", "income_per_month", "hours", "months"),
    [(1, 900, 0.3, 54), (2, 1800, 0.6, 27), (5, 4500, 1.5, 11), (10, 9000, 3.0, 6), (55, 49500, 16.5, 1)],
)
def test_the_figures_of_the_discussion(accounts: int, income_per_month: int, hours: float, months: int) -> None:
    """Income, hours, months for 16 h at £30, and the 54 accounts that 16 h every month take."""
    found = central(accounts, LEVEL_1, PRICES, 16, 3000)
    assert found.income_per_month == income_per_month
    assert found.hours_per_month == pytest.approx(hours, abs=1e-12)
    assert found.months_to_afford == months
    assert found.accounts_needed == 54


def test_two_or_three_hours_for_ten_accounts_are_the_range_of_the_rate() -> None:
    """£30 or £45 an hour."""
    at_rate = {rate: central(10, LEVEL_1, PRICES, 16, rate).hours_per_month for rate in (3000, 4500)}
    assert at_rate == {3000: 3.0, 4500: 2.0}


def test_the_block_is_afforded_in_the_month_that_reaches_it_exactly() -> None:
    """Months are rounded up, and an exact sum is enough."""
    # 12 x 40.00 = 480.00 = 16 h at 30.00: one penny more to pay, and it takes a month longer
    assert central(1, {"level-3": 1.0}, PRICES, 16, 3000).months_to_afford == 12
    assert central(1, {"level-3": 1.0}, {"level-3": 3999}, 16, 3000).months_to_afford == 13


def test_higher_levels_need_fewer_accounts_by_the_order_of_sign_up() -> None:
    """A mix is filled in the order in which accounts sign up, so the last one may be cheap or dear."""
    # Two of 9 and one of 40 are 58: eight times that is 464, and one or two accounts more make 480.
    mix = {"level-1": 2 / 3, "level-3": 1 / 3}
    number = accounts_for(48000, mix, PRICES)
    assert number is not None
    assert income(number, mix, PRICES) >= 48000 > income(number - 1, mix, PRICES)
    assert number in {25, 26}


@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=4),
    st.integers(0, 60_000),
    st.lists(st.floats(0.01, 1), min_size=4, max_size=4),
)
def test_accounts_needed_is_the_first_number_that_suffices(prices: list[int], amount: int, shares: list[float]) -> None:
    """It suffices, and one less does not, for any prices and shares."""
    by_level = {f"level-{number}": price for number, price in enumerate(prices)}
    mix = dict(zip(by_level, shares, strict=False))
    number = accounts_for(amount, mix, by_level)
    if number is None:
        assert income(10_000, mix, by_level) < amount
    else:
        assert income(number, mix, by_level) >= amount
        assert number == 0 or income(number - 1, mix, by_level) < amount


def test_no_income_affords_nothing() -> None:
    """Free accounts, and none at all: never, not a division by zero."""
    free = central(5, {"free": 1.0}, {"free": 0}, 16, 3000)
    assert (free.months_to_afford, free.accounts_needed, free.hours_per_month) == (None, None, 0.0)
    assert central(0, LEVEL_1, PRICES, 16, 3000).months_to_afford is None


def test_a_month_beyond_the_horizon_is_not_within_it() -> None:
    """The horizon itself counts."""
    found = central(1, LEVEL_1, PRICES, 16, 3000)
    assert (found.within(53), found.within(54)) == (None, 54)


@pytest.mark.parametrize("bad", [{"accounts": -1}])
def test_numbers_that_make_no_sense_are_refused(bad: dict[str, float]) -> None:
    """Fewer than no accounts."""
    with pytest.raises(ValueError, match="found"):
        central(**({"accounts": 5, "mix": LEVEL_1, "prices": PRICES, "hours": 16, "rate": 3000} | bad))


def test_a_price_in_a_unit_that_is_worth_something_else() -> None:
    """£9 are 18 units worth 50 pence; a unit worth nothing has no price."""
    assert [price_in_credit(900, worth) for worth in (1.0, 0.86, 0.5)] == [900, 1047, 1800]
    with pytest.raises(ValueError, match="worth"):
        price_in_credit(900, 0.0)


def test_income_is_the_sum_of_the_prices_of_the_mix() -> None:
    """Three accounts at 9 and one at 18; 54 accounts at 9 pay for 16 hours at 30; a rate is rounded."""
    assert income(4, {"level-1": 0.75, "level-2": 0.25}, {"level-1": 900, "level-2": 1800}) == 4500
    assert accounts_for(48_000, LEVEL_1, {"level-1": 900}) == 54
    assert whole_rate(3000.4) == 3000


def test_a_job_costs_its_hours_rounded_up() -> None:
    """A part of a minor unit is paid as a whole one."""
    assert cost_of(16 * 60, 3000) == 48_000
    assert [cost_of(minutes, 100) for minutes in (0, 1, 59, 60, 61)] == [0, 2, 99, 100, 102]


@pytest.mark.parametrize("accounts", [1, 2, 5, 10, 55])
@pytest.mark.parametrize("mix", [LEVEL_1, {"level-1": 0.5, "level-2": 0.3, "level-3": 0.2}])
def test_with_every_rule_off_the_paths_are_the_central_sum(accounts: int, mix: dict[str, float]) -> None:
    """Every path, every month, every number: the same arithmetic."""
    off = case(accounts=accounts, mix=mix)
    found = outcome(off, 20, seed=1)
    month = found.central.within(36)
    for wait in (found.afford, found.buy):
        assert {wait.central, wait.p10, wait.p50, wait.p90} == {month}
        assert wait.probability_within_horizon == (0.0 if month is None else 1.0)
    for band in (found.balance, found.earned, found.paying, found.hours):
        assert band.p10 == band.p50 == band.p90 == band.central
    assert found.earned.p50 == tuple(found.central.income_per_month * t for t in range(37))


def test_every_number_as_one_for_each_path_is_the_same_as_one_for_all() -> None:
    """The central answer and the draws go through one formula."""
    one, each = case(), case(worth=np.full(7, 1.0), churn=np.zeros(7), hourly_rate=np.full(7, 3000.0))
    np.testing.assert_array_equal(run(one, 7, 1).balance, run(each, 7, 1).balance)


def test_an_array_that_does_not_fit_the_paths_is_refused() -> None:
    """And so is a number below 0."""
    with pytest.raises(ValueError, match="7 paths"):
        run(case(churn=np.zeros(6)), 7, 1)
    with pytest.raises(ValueError, match="0 or more"):
        run(case(churn=-0.1), 7, 1)
