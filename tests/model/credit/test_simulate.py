"""Paths against a ledger kept account by account in plain Python, and what must hold on every path and month."""

from typing import Any

import numpy as np
import pytest
from credit_by_hand import by_hand
from credit_cases import NO_WORK, case, changed, seller, supplier
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.credit.ledger import Ledger
from planner.model.credit.parameters import grown, rate_now
from planner.model.credit.simulate import admitted, poisson, poisson_table, run, seats
from planner.model.inputs.credit import NO_LABOUR, POLICIES, Case

N_PATHS = 4
chances = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)
some = st.sampled_from([0.0, 0.05, 0.3])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case: any rule may be on, prices mixed, numbers one for all or one for each path."""

    def number(strategy: st.SearchStrategy[float]) -> Any:
        if draw(st.booleans()):
            return draw(strategy)
        return np.array(draw(st.lists(strategy, min_size=N_PATHS, max_size=N_PATHS)))

    sellers = {
        name: seller(
            name=name,
            rate=number(st.floats(100, 6000)) if draw(st.booleans()) else None,
            hours=number(st.sampled_from([0.0, 2.5, 4.0, 10.0, 16.0])),
            smallest_job=draw(st.sampled_from([0.25, 1.0, 4.0])),
            available=number(chances),
            member=draw(st.sampled_from([None, "level-1", "level-2"])),
        )
        for name in draw(st.sampled_from([(), ("social",), ("social", "design")]))
    }
    return case(
        accounts=draw(st.integers(0, 6)),
        mix=draw(
            st.sampled_from([{"level-1": 1.0}, {"level-1": 0.5, "level-2": 0.5}, {"level-3": 0.3, "level-1": 0.7}])
        ),
        worth=draw(st.sampled_from([1.0, 0.86])),
        reachable=number(st.sampled_from([3.0, 20.0, 1000.0])),
        take_up=number(st.floats(0, 1)),
        sign_ups=draw(st.sampled_from([np.inf, 0.7, 3.0])),
        churn=number(some | st.just(1.0)),
        late=number(some | chances),
        unpaid=number(some),
        payer_limit=number(st.sampled_from([500.0, 2000.0, 6000.0])) if draw(st.booleans()) else None,
        payer_earns=number(st.sampled_from([0.0, 500.0])),
        largest_balance=number(st.sampled_from([0.0, 3000.0, 5000.0, 12_345.0])) if draw(st.booleans()) else None,
        fee=number(st.sampled_from([0.0, 0.033, 1.0])),
        closes=number(some),
        hourly_rate=number(st.floats(100, 6000)),
        rate_growth=number(st.sampled_from([0.0, 0.03, 1.0])),
        target=number(st.sampled_from([1.0, 5.0, 16.0])),
        policy=draw(st.sampled_from(POLICIES)),
        first_jobs=draw(st.integers(0, 2)),
        prefer=tuple(reversed(sellers)) if draw(st.booleans()) else (),
        sellers=sellers,
        supplier=supplier(bill=2500.0, share=number(st.floats(0, 1)), at_most=1000.0) if draw(st.booleans()) else None,
        horizon=draw(st.integers(1, 9)),
        labour=changed(NO_WORK, stops=draw(st.integers(1, 9))) if draw(st.booleans()) else NO_LABOUR,
        room=draw(st.none() | st.lists(st.integers(0, 6), min_size=1, max_size=4)),
        pause_above=draw(st.sampled_from([None, 0.5, 0.9])),
    )


def in_month(books: Ledger, month: int, path: int) -> dict[str, object]:
    """Return a row of the planner's books as the plain ledger writes it."""
    by_seller = ("minutes", "spent", "netted_minutes", "netted", "there")
    plain = ("joined", "paying", "invoiced", "blocked", "unpaid", "received", "refused", "fees", "bills", "balance")
    row: dict[str, object] = {name: int(getattr(books, name)[month, path]) for name in plain}
    row |= {name: int(getattr(books, name)[month, path]) for name in ("left", "late", "outstanding")}
    return row | {name: getattr(books, name)[:, month, path].tolist() for name in by_seller}


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 1000))
def test_every_path_is_that_of_a_ledger_kept_account_by_account(drawn: Case, seed: int) -> None:
    """Same random numbers, two programs: one works on arrays of all paths, the other on one account after another."""
    books = run(drawn, N_PATHS, seed)
    for path in range(N_PATHS):
        for month, row in enumerate(by_hand(drawn, N_PATHS, seed, path)):
            assert in_month(books, month, path) == row


@pytest.mark.parametrize("limit", [None, 9000.0])
def test_a_crowd_at_the_cap_pays_in_the_order_of_age(limit: float | None) -> None:
    """Three levels, much coming and going, always near the cap: here it matters who pays first, and who is refused."""
    crowd = case(
        accounts=9,
        mix={"level-1": 0.4, "level-2": 0.4, "level-3": 0.2},
        sign_ups=3.0,
        churn=0.25,
        late=0.4,
        unpaid=0.05,
        payer_limit=limit,
        payer_earns=300.0,
        largest_balance=12_345.0,
        policy="whole_jobs",
        sellers={"social": seller(available=0.5, smallest_job=1.0, hours=2.0)},
        horizon=30,
    )
    books = run(crowd, 25, seed=3)
    assert (books.refused > 0).mean() > 0.5
    for path in range(25):
        for month, row in enumerate(by_hand(crowd, 25, 3, path)):
            assert in_month(books, month, path) == row


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 1000))
def test_nothing_is_created_or_lost(drawn: Case, seed: int) -> None:
    """Receipts = balance + spent + bills + fees; invoices = receipts + lost + still due: on every path and month."""
    books = run(drawn, N_PATHS, seed)
    received = books.received.cumsum(axis=0)
    gone = (books.fees + books.bills + books.spent.sum(axis=0)).cumsum(axis=0)
    np.testing.assert_array_equal(received, books.balance + gone)
    lost = (books.refused + books.blocked + books.unpaid).cumsum(axis=0)
    np.testing.assert_array_equal(books.invoiced.cumsum(axis=0), received + lost + books.outstanding)
    for amounts in (books.received, books.refused, books.blocked, books.unpaid, books.spent, books.bills, books.netted):
        assert (amounts >= 0).all()


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 1000))
def test_limits_are_kept(drawn: Case, seed: int) -> None:
    """No balance above the cap or below 0, nothing from an absent seller or beyond its hours, no place taken twice."""
    books = run(drawn, N_PATHS, seed)
    assert (books.balance >= 0).all()
    if drawn.network.largest_balance is not None:
        assert (books.balance <= drawn.network.largest_balance.draws).all()
    taken = books.minutes + books.netted_minutes
    assert not taken[~books.there].any()
    for sold, minutes in zip(books.parameters.sellers, taken, strict=True):
        assert (minutes <= drawn.spending.sellers[sold.name].hours.draws * 60).all()
    assert (books.paying <= drawn.network.accounts).all()
    ever = drawn.network.reachable.draws * drawn.network.take_up.draws
    assert (books.joined.sum(axis=0) <= ever + 1e-9).all()


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 1000))
def test_hours_times_the_rate_paid_are_what_was_spent(drawn: Case, seed: int) -> None:
    """Exactly where hours are whole; a job of part of an hour is rounded up to a minor unit, never down."""
    books = run(drawn, N_PATHS, seed)
    growth = np.log1p(drawn.spending.rate_growth.over(N_PATHS)) / 12
    for number, name in enumerate(one.name for one in books.parameters.sellers):
        sold = drawn.spending.sellers[name]
        start = (drawn.spending.hourly_rate if sold.rate is None else sold.rate).draws
        rates = np.array([rate_now(start, grown(growth, month)) for month in range(1, drawn.horizon + 1)])
        over = books.spent[number] * 60 - books.minutes[number] * rates
        if sold.smallest_job.value >= 1:
            np.testing.assert_array_equal(over, 0)
        jobs = books.minutes[number] // 15 + 1
        assert ((over >= 0) & (over < 60 * jobs)).all()
        netted = books.netted[number] * 60 - books.netted_minutes[number] * rates
        assert ((netted >= 0) & (netted < 60)).all()


@pytest.mark.parametrize("rule", ["churn", "late", "unpaid", "closes", "fee", "payer_limit", "largest_balance"])
def test_each_rule_alone_changes_the_books(rule: str) -> None:
    """So that the tests above do not agree on rules that are never reached."""
    switched = {"payer_limit": 2000.0, "largest_balance": 20_000.0}.get(rule, 0.3)
    off, on = (run(case(reachable=5.0, **changes), 50, 1) for changes in ({}, {rule: switched}))
    assert (off.balance != on.balance).any()


def test_poisson_numbers_by_inversion() -> None:
    """P(N <= 0) is 0.37 for a mean of 1, and P(N <= 3) 0.98."""
    assert poisson(poisson_table(np.full(4, 1.0)), np.array([0.2, 0.5, 0.9, 0.99])).tolist() == [0, 1, 2, 4]


def test_the_tightest_limit_turns_away() -> None:
    """Each limit turns somebody away on one of three paths."""
    signed, turned = admitted(np.array([3, 0, 2]), [2, np.array([5, 0, 1])])
    assert (signed.tolist(), turned.round(3).tolist()) == ([2, 0, 1], [0.333, 0.333])


def test_a_new_account_takes_the_first_free_place() -> None:
    """So that the mix stays that of the offer."""
    assert seats(np.array([[True], [False], [False]]), np.array([1])).ravel().tolist() == [False, True, False]
