"""The limits beside the servers: each number against a search by hand, each refusal with its figures."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.admission import ORDER, combine
from planner.model.limits import Limit, at_confidence, largest_met, market, over_draws, policy
from planner.model.means import Money, Purse, Work, balance, cash, labour, spendability

FEES = [900.0 * n for n in range(2001)]
hours = st.just(0.0) | st.floats(0.01, 5)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.floats(0.01, 1))
def test_the_number_at_a_confidence_is_the_largest_that_enough_draws_reach(numbers: list[int], share: float) -> None:
    """By the definition: it is reached by enough draws, and one more is not."""
    found = at_confidence(numbers, share)
    assert sum(n >= found for n in numbers) >= share * len(numbers) - 1e-9
    assert sum(n >= found + 1 for n in numbers) < share * len(numbers) - 1e-9


@given(st.integers(0, 300), st.integers(1, 250))
def test_the_search_finds_the_last_number_that_meets(last: int, up_to: int) -> None:
    """Against counting up; what the search's end does not reach is no limit."""
    assert largest_met(lambda n: n <= last, up_to) == (last if last < up_to else None)


@given(hours, hours, st.floats(0, 10), st.floats(0, 40))
def test_labour_allows_what_the_hours_cover(setup: float, monthly: float, sign_ups: float, available: float) -> None:
    """The hours of the busiest month are within what there is at the number, and not at one more."""
    work = Work(setup, monthly, sign_ups, available)
    number = labour(work, [work], 0.9, 5, None, 500).max_accounts
    if number is None:
        assert work.hours(500) <= available * (1 + 1e-9)
    else:
        assert number == 0 or work.hours(number) <= available * (1 + 1e-9)
        assert work.hours(number + 1) > available


def test_setting_up_counts_in_the_month_of_the_sign_up() -> None:
    """Four at 15 minutes a month and half an hour each to set up: all in one month 3 h, one after the other 1.5 h."""
    assert Work(setup=0.5, monthly=0.25, sign_ups=10, available=8).hours(4) == 3.0
    assert Work(setup=0.5, monthly=0.25, sign_ups=1, available=8).hours(4) == 1.5


def test_zero_volunteers_admit_nobody_and_say_so() -> None:
    """The refusal carries the hours there are and the hours that would do."""
    nobody = Work(setup=0.5, monthly=0.4, sign_ups=1, available=0)
    limit = labour(nobody, [nobody], 0.9, 5, 9, 10_000)
    assert limit.max_accounts == limit.central == 0
    assert "the volunteers have 0 h a month" in limit.reason
    assert "from month 9 the volunteer stops" in limit.reason
    assert limit.yes_if == "the volunteers were known to have at least 2.5 h a month"


@given(st.lists(st.tuples(hours, hours, st.floats(0, 40)), min_size=1, max_size=30), st.integers(1, 60))
def test_the_hours_asked_for_would_suffice(works: list[tuple[float, float, float]], offered: int) -> None:
    """Whatever the draws: with the hours that the refusal names, the offered number is allowed."""
    drawn = [Work(setup, monthly, 1.0, available) for setup, monthly, available in works]
    lever = labour(drawn[0], drawn, 0.9, offered, None, 10_000).yes_if
    assert lever is not None
    known = float(lever.split("at least ")[1].split(" h")[0].replace(",", ""))
    with_them = labour(drawn[0], [replace(work, available=known) for work in drawn], 0.9, offered, None, 10_000)
    assert with_them.max_accounts is None or with_them.max_accounts >= offered


@given(st.floats(0, 1e6), st.floats(0.1, 3), st.floats(0, 0.5))
def test_spendability_allows_what_can_be_spent_again(spendable: float, worth: float, fee: float) -> None:
    """Income at the number is within what sellers take, and at one more it is not."""
    purse = Purse(spendable, worth, fee)
    number = spendability(purse, [purse], 0.9, 5, FEES, "credit").max_accounts
    if number is None:
        assert purse.received(FEES[-1]) <= spendable * (1 + 1e-8)
    else:
        assert purse.received(FEES[number]) <= spendable * (1 + 1e-8)
        assert purse.received(FEES[number + 1]) > spendable


def test_spendability_of_the_proposal() -> None:
    """16 h a month at 30 an hour take the fees of 53 accounts at 9: 477 of 480; no seller takes nobody's."""
    purse = Purse(spendable=48_000, worth=1, fee=0)
    limit = spendability(purse, [purse], 0.9, 55, FEES, "credit")
    assert limit.max_accounts == limit.central == 53
    assert "55 accounts asked for bring 495.00 credit a month" in limit.reason
    assert limit.yes_if == "sellers were known to take at least 495.00 credit a month"
    assert spendability(replace(purse, spendable=0), [replace(purse, spendable=0)], 0.9, 5, FEES, "x").max_accounts == 0


def test_cash_counts_hard_money_only() -> None:
    """Nothing to pay is no limit; VAT alone is a limit once nothing is set aside; servers come in steps."""
    free = Money(per_account=0, vat=0, next_node=5_000, accounts_per_node=None, set_aside=0)
    assert cash(free, [free], 0.9, 5, FEES).max_accounts is None
    taxed = replace(free, vat=0.2)
    assert cash(taxed, [taxed], 0.9, 5, FEES).max_accounts == 0
    # of 9.00 with 20 % tax inside, 1.50 is owed: five accounts need 7.50
    assert cash(taxed, [taxed], 0.9, 5, FEES).yes_if == "at least 7.50 a month were set aside in money"
    steps = replace(free, accounts_per_node=40)
    assert cash(steps, [steps], 0.9, 5, FEES).max_accounts == 40
    assert cash(replace(steps, set_aside=5_000), [replace(steps, set_aside=5_000)], 0.9, 5, FEES).max_accounts == 80


def test_the_balance_limit_is_one_below_the_first_that_fails_though_more_would_pass() -> None:
    """The loss falls again at 5 accounts, which buy a block before the cap is reached: the number stays 3."""
    loss = {1: 0.0, 2: 0.0, 3: 0.04, 4: 0.2, 5: 0.0, 6: 0.0}
    limit = balance(lambda n: [loss[n]] * 10, loss.__getitem__, 0.05, 0.9, 50_000, 48_000, "credit", up_to=6)
    assert limit.max_accounts == limit.central == 3


def test_the_balance_must_hold_on_enough_of_the_paths() -> None:
    """One path of ten may lose more at 90 %, two may not."""

    def lost(n: int) -> list[float]:
        return [1.0] * n + [0.0] * (10 - n)

    limit = balance(lost, lambda _: 0.0, 0.05, 0.9, 50_000, 60_000, "credit", up_to=5)
    assert limit.max_accounts == 1
    assert limit.central is None
    assert "the block wanted costs 600.00 credit and can never be bought in one piece" in limit.reason
    assert balance(lost, lambda _: 0.0, 0.05, 0.9, None, 60_000, "credit", up_to=5).max_accounts is None


def test_the_market_is_a_reach_with_its_range() -> None:
    """Of draws 1 … 20, two are at most 2 and eighteen at most 18; eighteen of them reach 3."""
    limit = market(10.0, [float(n) for n in range(1, 21)], 0.9, "ocn")
    assert (limit.kind, limit.low, limit.high, limit.max_accounts, limit.central) == ("reach", 2, 18, 3, 10)


def permission(name: str, number: int | None, node: str | None = None) -> Limit:
    """Return a permission with equal numbers."""
    return Limit(name, "permission", node, number, number, f"{name} {number}", name)


def test_ties_go_by_the_written_order() -> None:
    """Whatever the order in which the limits come, of equals the one named first in ORDER binds."""
    for first, second in itertools.pairwise(ORDER):
        admission = combine((permission(second, 7), permission(first, 7), permission("cash", 9)), 1.0)
        assert admission.binding is not None
        assert admission.binding.limit == first
    tied = combine((permission("users", 7, "de"), permission("users", 7, "ca")), 1.0)
    assert tied.binding is not None
    assert tied.binding.node == "de"


@given(st.lists(st.none() | st.integers(0, 100), min_size=1, max_size=9))
def test_the_smallest_permission_binds_and_a_reach_never_does(numbers: list[int | None]) -> None:
    """No limit is more than any number; a reach of none does not refuse."""
    reach = Limit("market", "reach", None, 0, 0, "nobody", "networks.ocn.take_up")
    limits = tuple(permission(name, number) for name, number in zip(ORDER, numbers, strict=False))
    admission = combine((reach, *limits), 1.0)
    bounded = [number for number in numbers if number is not None]
    assert admission.max_accounts == admission.central == min(bounded, default=None)
    assert (admission.binding is None) == (not bounded)


def test_no_cap_is_no_limit_and_names_the_levels() -> None:
    """The levels that may be bought stand in the reason either way."""
    assert policy(None, ["level-1"]).max_accounts is None
    capped = policy(5, ["level-1", "level-2"])
    assert capped.max_accounts == 5
    assert capped.reason == "the pilot is capped at 5 accounts; levels that may be bought: level-1, level-2"


def test_draws_without_limit_count_as_more_than_any_number() -> None:
    """Nine of ten without a limit and one with 3: no limit at 90 %, 3 at 95 %."""
    assert over_draws([None] * 9 + [3], 0.9) is None
    assert over_draws([None] * 9 + [3], 0.95) == 3
    assert at_confidence([math.inf, 3], 0.5) == math.inf
    with pytest.raises(ValueError, match="confidence"):
        at_confidence([1], 0)
