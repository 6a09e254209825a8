"""Limits as values: the number at a confidence, refusals with their figures, and which of them binds."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from credit_cases import NO_MONEY, NO_WORK, case, changed, nobody_sells, seller
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.admission.admission_number import ORDER, combine
from planner.model.credit.allowed_accounts import labour_allows
from planner.model.credit.credit_limits import credit_limits
from planner.model.inputs.capacity import Objective
from planner.model.inputs.credit import Case
from planner.model.inputs.uncertain import Uncertain
from planner.model.limit import Limit, at_confidence, over_draws, policy, quantile_of
from planner.model.overload.accounts_over_draws import weighted_quantile
from planner.wording.reasons import why, would_allow


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.floats(0.01, 1))
def test_the_number_at_a_confidence_is_the_largest_that_enough_draws_reach(numbers: list[int], share: float) -> None:
    """By the definition: it is reached by enough draws, and one more is not."""
    found = at_confidence(numbers, share)
    assert sum(n >= found for n in numbers) >= share * len(numbers) - 1e-9
    assert sum(n >= found + 1 for n in numbers) < share * len(numbers) - 1e-9


@given(st.lists(st.floats(0, 50), min_size=1, max_size=60), st.floats(0.01, 1))
def test_a_quantile_is_passed_by_no_more_than_the_rest(values: list[float], share: float) -> None:
    """So many values are no larger, and so many are not if it were any smaller."""
    found = quantile_of(values, share)
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) - 1e-9
    assert weighted_quantile(np.array(values), np.ones(len(values)), share) == found
    assert weighted_quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]), 0.75) == 2.0


def test_draws_without_limit_count_as_more_than_any_number() -> None:
    """Nine of ten without a limit and one with 3: no limit at 90 %, 3 at 95 %."""
    assert over_draws([None] * 9 + [3], 0.9) is None
    assert over_draws([None] * 9 + [3], 0.95) == 3
    assert at_confidence([math.inf, 3], 0.5) == math.inf
    with pytest.raises(ValueError, match="confidence"):
        at_confidence([1], 0)


def test_no_cap_is_no_limit_and_names_the_levels() -> None:
    """The levels that may be bought stand in the reason either way."""
    assert policy(None, ["level-1"]).max_accounts is None
    capped = policy(5, ["level-1", "level-2"])
    assert capped.max_accounts == 5
    assert why(capped) == "the pilot is capped at 5 accounts; levels that may be bought: level-1, level-2"


# ---- beside the servers --------------------------------------------------------------------------------------------


def beside(case: Case, offered: int = 5, n_draws: int = 1) -> dict[str, Limit]:
    """Return the limits of a case by name, all at one confidence."""
    alike = Objective("episodes", 1 / 12, 0.9, confidence_reversible=0.9)
    found = credit_limits(case, n_draws, alike, offered, seed=1, up_to=12)
    return {limit.limit: limit for limit in found}


def test_what_can_be_put_right_next_month_has_its_own_confidence() -> None:
    """Of four draws three must carry the accounts, not four; whom the network brings is still asked at 90 %."""
    hours = Uncertain(4.0, np.array([1.0, 2.0, 4.0, 5.0]))
    businesses = Uncertain(9.0, np.array([3.0, 6.0, 9.0, 12.0]))
    drawn = case(labour=changed(NO_WORK, support=0.5, available=hours), reachable=businesses)
    found = credit_limits(drawn, 4, Objective("episodes", 1 / 12, 0.9), 5, seed=1, up_to=12)
    numbers = {limit.limit: (limit.max_accounts, limit.central) for limit in found}
    assert (numbers["labour"], numbers["market"]) == ((4, 8), (3, 9))
    assert "8 accounts if everything is as we think, 4 accounts to be right in 75 of 100 cases" in why(found[2])


def test_every_limit_beside_the_servers_is_there_in_the_written_order() -> None:
    """With every rule off none of them limits anything, and each still says why."""
    found = beside(case(labour=NO_WORK, cash=NO_MONEY))
    assert [name for name in ORDER if name in found] == [name for name in found if name != "market"]
    assert all(limit.max_accounts is None and limit.central is None and why(limit) for limit in found.values())


def test_zero_volunteers_admit_nobody_and_say_so() -> None:
    """The refusal carries the hours there are and those that would do: 5 x 24 min, and one set up in half an hour."""
    nobody = changed(NO_WORK, setup=0.5, invoicing=0.4, available=0.0, stops=9)
    limit = beside(case(labour=nobody, sign_ups=1.0))["labour"]
    assert limit.max_accounts == limit.central == 0
    assert "volunteers have 0 h a month" in why(limit)
    assert "from month 9 the volunteer stops" in why(limit)
    assert would_allow(limit) == "the volunteers were known to have at least 2.5 h a month"


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_the_hours_that_a_refusal_names_would_suffice(seed: int, offered: int) -> None:
    """Whatever the draws: with these hours for certain the number asked for is allowed, with a tenth less it is not."""
    rng = np.random.default_rng(seed)
    work = changed(
        NO_WORK, setup=rng.uniform(0, 2, 20), support=rng.uniform(0.1, 1, 20), available=rng.uniform(0, 30, 20)
    )
    drawn = case(labour=work, sign_ups=1.0)
    lever = beside(drawn, offered, 20)["labour"]
    known = float(str(would_allow(lever)).split("at least ")[1].split(" h")[0])
    for hours, allowed in ((known, True), (0.88 * known, False)):
        numbers = labour_allows(replace(drawn, labour=changed(work, available=hours)), 20)
        assert (at_confidence(numbers.tolist(), 0.9) >= offered) == allowed


def test_spendability_of_the_proposal() -> None:
    """16 h a month at 30 an hour take the fees of 53 accounts at 9: 477 of 480; no seller takes nobody's."""
    limit = beside(case(sellers={"social": seller(hours=16.0)}), offered=55)["spendability"]
    assert limit.max_accounts == limit.central == 53
    assert "55 accounts asked for bring 495.00 credit a month" in why(limit)
    assert would_allow(limit) == "sellers were known to take at least 495.00 credit a month"
    assert beside(case(**nobody_sells()))["spendability"].max_accounts == 0


def test_cash_says_what_should_be_set_aside() -> None:
    """Of 9.00 with 20 % tax inside, 1.50 is owed in money: five accounts need 7.50 a month, and nothing is there."""
    limit = beside(case(cash=changed(NO_MONEY, vat=0.2)))["cash"]
    assert limit.max_accounts == 0
    assert would_allow(limit) == "at least 7.50 a month were set aside in money"


def test_the_balance_limit_says_that_the_block_can_never_be_bought_in_one_piece() -> None:
    """A cap of 300 and a block of 480: five accounts that never spend lose more than 5 % within three years."""
    limit = beside(case(largest_balance=30_000.0, **nobody_sells()))["balance"]
    assert limit.max_accounts == limit.central == 0
    assert "the block wanted costs 480.00 credit and can never be bought in one piece" in why(limit)


def test_the_market_is_a_reach_with_its_range() -> None:
    """Of draws 1 … 20, two are at most 2 and eighteen at most 18; eighteen of them reach 3."""
    limit = beside(case(reachable=Uncertain(10.0, np.arange(1.0, 21.0))), n_draws=20)["market"]
    assert (limit.kind, limit.low, limit.high, limit.max_accounts, limit.central) == ("reach", 2, 18, 3, 10)
    assert why(limit) == "the network ocn is expected to bring 2 to 18"


# ---- which binds ---------------------------------------------------------------------------------------------------


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
