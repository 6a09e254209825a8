"""Cases whose course is known without a program: the cap, the limits of each rule, a ledger written out by hand."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from credit_cases import NO_MONEY, NO_WORK, case, changed, nobody_sells, seller, supplier
from scipy import stats

from planner.model.credit.allowed_accounts import accounts_needed, balance_allows, loss_share
from planner.model.credit.ledger import Ledger
from planner.model.credit.money import hours_worked, money, work
from planner.model.credit.pilot_outlook import checkpoint, review_month
from planner.model.credit.simulate import poisson, poisson_table, run
from planner.model.credit.summary import outcome, quantiles
from planner.model.credit.wind_down import way_out
from planner.model.inputs.capacity import Review


def one(**changes: Any) -> Ledger:
    """Return the books of a case without chance, on one path."""
    return run(case(**changes), 1, seed=1)


def of(amounts: np.ndarray) -> list[int]:
    """Return the months of the one path."""
    return amounts[:, 0].tolist()


def test_five_accounts_meet_the_cap_in_month_12() -> None:
    """Five at £9, largest balance 500, never spent: 495 in month 11, then all refused, £45 lost every month."""
    books = one(accounts=5, largest_balance=50_000.0, **nobody_sells())
    assert of(books.balance) == [4500 * month for month in range(1, 12)] + [49_500] * 25
    assert of(books.refused) == [0] * 11 + [4500] * 25


def test_twenty_accounts_meet_the_cap_in_month_3() -> None:
    """Twenty at £9: 360 after two months, fifteen more fit, five are refused; from month 4 on all, £180 a month."""
    books = one(accounts=20, largest_balance=50_000.0, **nobody_sells())
    assert of(books.refused) == [0, 0, 4500] + [18_000] * 33
    assert of(books.balance)[:4] == [18_000, 36_000, 49_500, 49_500]


def test_exactly_the_cap_is_allowed() -> None:
    """A payment that reaches the largest balance is accepted; one minor unit less and it is refused whole."""
    assert of(one(accounts=5, largest_balance=49_500.0, horizon=12, **nobody_sells()).refused) == [0] * 11 + [4500]
    assert of(one(accounts=5, largest_balance=49_499.0, horizon=11, **nobody_sells()).refused) == [0] * 10 + [900]


def test_a_refused_payment_leaves_room_for_a_smaller_one() -> None:
    """In the order of age: 9 accepted, 40 refused, the next 9 accepted, and no part of the 40."""
    mix = {"level-1": 2 / 3, "level-3": 1 / 3}
    books = one(accounts=3, mix=mix, largest_balance=2000.0, horizon=1, **nobody_sells())
    assert (of(books.received), of(books.refused)) == ([1800], [4000])


RULES_ON = """
            month 1   month 2   month 3
joined            2         1         1
paying            2         3         4
invoiced       2700      3600      5400
blocked           0      1800       900
outstanding    2700      1800      4500
received          0       900      1800
refused           0      1800         0
fees              0        45        90
minutes           0        15        15
spent             0       825       908
netted          900       880       908
netted min       18        16        15
bills             0        30       200
balance           0         0       602
"""


def test_three_months_with_every_rule_on_are_those_of_a_ledger_written_by_hand() -> None:
    """Two levels, all pay late, a payer's limit, a cap, a fee, rising rates, a member who sells, a supplier, the end.

    Accounts 9, 18, 9, 18. Month 1: two may come; both invoices are late; the seller's own 9 buy 18 minutes at 30.
    Month 2: a third comes; the 18 would take its payer to 36 of 20: blocked. Last month's 9 are accepted, last month's
    18 would pass the largest balance of 20: refused. Fee 5 %. An hour costs 33: the seller's 9 buy 16 minutes for 8.80,
    20 pence stay open; a quarter of an hour costs 8.25, of 8.55 there are 30 pence left, for the supplier.
    Month 3: the fourth comes. The first payer stands at 18 of 20: blocked; the second, refused before, may pay again.
    Two late 9 arrive. An hour costs 36.30: 9.20 buy 15 minutes for 9.08, one quarter costs 9.08, the supplier takes 2.
    """
    ruled = case(
        accounts=4,
        mix={"level-1": 0.5, "level-2": 0.5},
        room=[2, 3, 4],
        late=1.0,
        payer_limit=2000.0,
        largest_balance=2000.0,
        fee=0.05,
        rate_growth=1.1**12 - 1,
        policy="whole_jobs",
        sellers={
            "away": seller(name="away", available=0.0, member="level-1"),
            "social": seller(hours=1.0, smallest_job=0.25, member="level-1"),
        },
        prefer=("away", "social"),
        supplier=supplier(bill=1000.0, share=0.2, at_most=500.0),
        horizon=3,
        labour=changed(NO_WORK, setup=1.0, invoicing=0.3, support=0.2, collecting=0.25),
        cash=changed(
            NO_MONEY, vat=0.2, per_account=10.0, next_node=5000.0, accounts_per_node=3.0, wind_down=3, convert=1.0
        ),
    )
    books = run(ruled, 1, seed=1)
    by_seller = ("minutes", "spent", "netted", "netted min")
    for line in RULES_ON.strip().splitlines()[1:]:
        name, wanted = line[:12].strip(), [int(number) for number in line[12:].split()]
        amounts = getattr(books, name.replace(" min", "_minutes"))
        assert of(amounts[1] if name in by_seller else amounts) == wanted, name
    assert not books.there[0].any()
    assert not books.netted[0].any()
    assert (books.converted.tolist(), books.converts.tolist()) == ([4], [5400])
    # set up 2, 1, 1; look after 3, 4, 5 with the two member sellers … and collect 0, 2, 2
    np.testing.assert_allclose(hours_worked(books)[:, 0], [2 + 0.5 * 4, 1 + 0.5 * 5 + 0.5, 1 + 0.5 * 6 + 0.5])
    spent = money(ruled, books)
    assert spent.vat.p50 == 150 + 297 + 451
    assert spent.per_account.p50 == 10 * (2 + 3 + 4)
    assert spent.next_node.p50 == 5000 * 2
    assert spent.bills_saved.p50 == 30 + 200


def test_a_block_is_bought_in_one_go_and_spread_over_sellers() -> None:
    """16 h of which the preferred seller has 10 at 30: 300 there and 6 h at 50 elsewhere, as soon as 600 are saved."""
    two = {"a": seller(name="a", hours=10.0), "b": seller(name="b", rate=5000.0, hours=10.0)}
    books = one(accounts=10, sellers=two, prefer=("a", "b"), horizon=8)
    assert of(books.balance) == [9000, 18_000, 27_000, 36_000, 45_000, 54_000, 3000, 12_000]
    assert books.minutes[:, 6, 0].tolist() == [600, 360]
    assert books.spent[:, 6, 0].tolist() == [30_000, 30_000]


def test_a_block_goes_on_over_months_where_sellers_have_fewer_hours() -> None:
    """16 h from a seller with 6 h a month: begun when all 16 can be paid, then 6, 6 and 4 hours, as ordered."""
    books = one(accounts=10, sellers={"a": seller(hours=6.0)}, horizon=9)
    assert (books.minutes[0, :, 0] / 60).tolist() == [0, 0, 0, 0, 0, 6, 6, 4, 0]


def test_small_jobs_come_first_then_the_block() -> None:
    """5 x £9 = 45 a month, 120 a job of 4 h: months 3 and 6; 30 are left, and ten months later the block's 480 are."""
    books = one(accounts=5, first_jobs=2, horizon=17)
    bought = np.flatnonzero(books.minutes[0, :, 0]) + 1
    assert bought.tolist() == [3, 6, 16]
    assert (books.minutes[0, :, 0] / 60)[bought - 1].tolist() == [4, 4, 16]


def test_at_the_review_of_five_accounts_saving_up_has_bought_nothing() -> None:
    """Nine hours earned in six months, none bought; with 4-hour jobs from month 3 it is eight."""
    saving, jobs = one(accounts=5, horizon=6), one(accounts=5, policy="whole_jobs", horizon=6)
    assert saving.earned[-1, 0] / 3000 == 9.0
    assert (saving.hours[-1, 0], jobs.hours[-1, 0]) == (0.0, 8.0)
    assert np.flatnonzero(np.diff(jobs.hours[:, 0], prepend=0)).tolist() == [2, 5]


def test_a_block_dearer_than_the_cap_is_never_bought_in_one_piece() -> None:
    """45 an hour: 720 for 16 h, above 500. Said so, and small jobs are the way."""
    dear = case(hourly_rate=4500.0, largest_balance=50_000.0)
    found = outcome(dear, 1, seed=1)
    assert found.block_above_cap == 1.0
    assert found.buy.probability_within_horizon == 0.0
    jobs = replace(dear, spending=changed(dear.spending, policy="whole_jobs"))
    assert outcome(jobs, 1, seed=1).buy.p50 == 16


def test_a_seller_who_is_never_there_sells_nothing() -> None:
    """Chance 0: the credit is earned and stays."""
    books = one(sellers={"a": seller(available=0.0)})
    assert not books.minutes.any()
    assert of(books.balance) == [4500 * month for month in range(1, 37)]


def test_no_volunteers_no_accounts() -> None:
    """Zero hours and accounts that take some: nobody is set up, and labour is named as what turned them away."""
    lazy = case(labour=changed(NO_WORK, invoicing=0.25, available=0.0))
    books = run(lazy, 3, seed=1)
    assert not books.joined.any()
    assert {bound.limit for bound in outcome(lazy, 3, seed=1).bounds} == {"labour"}


def test_volunteers_set_up_as_many_as_their_hours_carry() -> None:
    """4 h a month, half an hour to set up and half an hour a month each: 4, then 2, then 1; an eighth needs 4.5."""
    busy = case(accounts=20, labour=changed(NO_WORK, setup=0.5, support=0.5, available=4.0), horizon=5)
    books = run(busy, 1, seed=1)
    assert of(books.joined) == [4, 2, 1, 0, 0]
    assert hours_worked(books)[:, 0].tolist() == [4.0, 4.0, 4.0, 3.5, 3.5]


def test_without_the_volunteer_no_invoices_and_a_page_to_hand_over() -> None:
    """Stops in month 4: three months of invoices, late ones still come in; the hand-over says what is to do."""
    left = case(late=1.0, labour=changed(NO_WORK, invoicing=0.2, stops=4), horizon=6, **nobody_sells())
    books = run(left, 1, seed=1)
    assert of(books.invoiced) == [4500, 4500, 4500, 0, 0, 0]
    assert of(books.received) == [0, 4500, 4500, 4500, 0, 0]
    page = work(left, books).hand_over
    assert page is not None
    assert (page.month, page.hours.p50, page.accounts.p50, page.late_invoices.p50) == (4, 1.0, 5, 5)
    assert (page.late_amount.p50, page.income.p50, page.balance.p50) == (4500, 4500, 9000)


def test_a_member_who_sells_nets_three_and_a_half_hours_a_year_and_needs_no_balance() -> None:
    """£9 a month at £30 an hour: 0.3 h a month, 3.6 h a year, with nobody else paying and a cap of nothing."""
    books = one(accounts=0, largest_balance=0.0, sellers={"a": seller(member="level-1")}, horizon=12)
    assert books.hours[-1, 0] == pytest.approx(3.6, abs=1e-12)
    assert not books.balance.any()
    assert books.netted.sum() == 12 * 900


def test_hours_owed_by_an_absent_member_come_when_it_is_back() -> None:
    """Netting waits for the seller, and takes no more hours than it has in a month."""
    books = run(case(accounts=0, sellers={"a": seller(member="level-1", available=0.3, hours=1.0)}), 200, seed=1)
    owed = np.zeros(200, dtype=np.int64)
    for there, minutes in zip(books.there[0], books.netted_minutes[0], strict=True):
        owed += 18
        np.testing.assert_array_equal(minutes, np.minimum(owed, 60) * there)
        owed -= minutes
    assert books.netted_minutes[0].max() == 60


def test_the_network_that_closes_freezes_the_balance() -> None:
    """Chance 1: what was received in month 1 stays and is never spent; late invoices are never paid."""
    books = one(accounts=2, late=np.array([1.0]), closes=1.0, horizon=3)
    assert of(books.balance) == [0, 0, 0]
    assert (of(books.unpaid), of(books.outstanding)) == ([1800, 0, 0], [0, 0, 0])
    found = outcome(case(closes=1.0, accounts=2), 1, seed=1)
    assert (found.closed, found.frozen.p50, found.paying.p50[1:3]) == (1.0, 1800.0, (2.0, 0.0))


def test_sales_pause_while_too_much_lies_idle() -> None:
    """With everything unspent in month 2 nobody else may come; those who are there stay."""
    paused = case(accounts=10, room=[3, 10], pause_above=0.8, **nobody_sells())
    assert of(run(paused, 1, seed=1).paying) == [3] * 36
    assert outcome(paused, 1, seed=1).bounds[5].limit == "pause"


def test_the_limit_that_turns_people_away_is_named() -> None:
    """First the room that admission leaves, under admission's own name, then the market, then the offer."""
    two, six = case(room=[2], room_named="users on de"), case(reachable=60.0, take_up=0.05, accounts=5)
    assert outcome(two, 1, seed=1).bounds[0].limit == "users on de"
    assert outcome(six, 1, seed=1).bounds[0].limit == "market"
    assert run(six, 1, seed=1).paying.max() == 3
    assert outcome(case(), 1, seed=1).bounds[7].limit == "offer"


def test_sign_ups_are_poisson() -> None:
    """By inversion, so held against another library's inverse at many probabilities."""
    uniform = (np.arange(4000) + 0.5) / 4000
    for mean in (0.0, 0.3, 2.0, 40.0, 900.0):
        drawn = poisson(poisson_table(np.full(4000, mean)), uniform)
        wanted = stats.poisson.ppf(uniform, mean) if mean else np.zeros(4000)
        np.testing.assert_array_equal(drawn, wanted)


def test_the_balance_limit_is_the_first_number_that_fails_less_one() -> None:
    """Not monotone: ten accounts lose 11 % to a cap just above the block's price, eleven 3 %. The limit is nine."""
    odd = case(largest_balance=49_000.0, lost_at_most=0.05, hourly_rate=3000.0, horizon=36)
    losses = {}
    for accounts in range(1, 21):
        books = run(replace(odd, network=changed(odd.network, accounts=accounts)), 1, seed=1)
        losses[accounts] = books.refused.sum() / books.invoiced.sum()
    failing = [accounts for accounts, loss in losses.items() if loss > 0.05]
    assert failing[0] == 10
    assert losses[11] < 0.05
    assert balance_allows(odd, 0.9, 1, seed=1) == (9, False)


def test_a_balance_limit_that_hangs_on_a_few_paths_is_called_close() -> None:
    """The share of the paths that keep to it, asked for exactly or far from it."""
    odd = case(largest_balance=49_000.0, lost_at_most=0.05, hourly_rate=3000.0, horizon=36, unpaid=0.1)
    kept = next(
        share for n in range(1, 21) if 0.2 < (share := float((loss_share(odd, n, 400, seed=1) <= 0.05).mean())) < 0.8
    )
    assert balance_allows(odd, kept, 400, seed=1)[1]
    any_loss = replace(odd, spending=changed(odd.spending, lost_at_most=1.0))
    assert not balance_allows(any_loss, kept, 400, seed=1, at_most=20)[1]


def test_no_cap_is_no_limit_and_a_cap_below_a_fee_allows_nobody() -> None:
    """The two ends."""
    assert balance_allows(case(), 0.9, 1, seed=1) == (None, False)
    assert balance_allows(case(largest_balance=899.0), 0.9, 1, seed=1) == (0, False)


def test_accounts_needed_with_everything_on_equals_the_arithmetic_when_all_is_off() -> None:
    """54 accounts for 16 h every month; with four in ten invoices never paid it takes more."""
    assert accounts_needed(case(), 16, 0.9, 20, seed=1) == 54
    failing = accounts_needed(case(unpaid=0.4), 16, 0.9, 50, seed=1)
    assert failing is not None
    assert failing > 54 / 0.6
    assert accounts_needed(case(sellers={"a": seller(hours=4.0)}), 16, 0.9, 5, seed=1) is None


def test_the_review_comes_with_the_fifth_account_or_after_six_months() -> None:
    """Whichever is first; what it finds is what stands in the books of that month."""
    growing = case(accounts=6, room=[1, 2, 3, 5, 6], **nobody_sells())
    books = run(growing, 1, seed=1)
    assert [review_month(books, 6, at)[0] for at in (1, 5, 7, None)] == [1, 4, 6, 6]
    asked = Review(
        after=6, at_accounts=5, hours_bought=4.0, idle_share=0.8, months_since_purchase=3, volunteer_hours=1.0
    )
    found = checkpoint(books, asked)
    assert (found.month.p50, found.accounts.p50, found.balance.p50) == (4, 5, 900 * (1 + 2 + 3 + 5))
    assert [(missed.threshold, missed.share) for missed in found.missed] == [
        ("hours_bought", 1.0),
        ("months_since_purchase", 1.0),
        ("idle_share", 1.0),
        ("volunteer_hours", 0.0),
    ]
    assert (found.go_on, found.hold, found.stop) == (0.0, 1.0, 0.0)
    assert checkpoint(books, replace(asked, volunteer_hours=None)).stop == 1.0
    assert checkpoint(books, Review(after=6)).go_on == 1.0


def test_the_way_out_in_both_variants() -> None:
    """After month 8: 8 x 45 left, the last fees owe a month of service, 3 jobs of 4 h are bought, nothing is stuck."""
    leaving = way_out(case(cash=changed(NO_MONEY, convert=1.0)), 8, 1, seed=1)
    assert (leaving.credit_left.p50, leaving.service_owed.p50, leaving.accounts.p50) == (36_000, 4500, 5)
    assert (leaving.months_to_spend_down.p50, leaving.hours_to_come.p50, leaving.credit_stuck.p50) == (1, 12.0, 0)
    convert, end = leaving.variants
    assert (convert.members_kept.p50, convert.members_lost.p50, convert.income_kept.p50) == (5, 0, 4500)
    assert (end.members_kept.p50, end.members_lost.p50, end.income_kept.p50) == (0, 5, 0)


def test_without_sellers_the_credit_is_stuck() -> None:
    """Never spent down, all of it left."""
    leaving = way_out(case(**nobody_sells()), 8, 1, seed=1)
    assert (leaving.months_to_spend_down.p50, leaving.spent_down, leaving.credit_stuck.p50) == (None, 0.0, 36_000)


def test_half_of_many_convert() -> None:
    """A chance is a chance: of 200 x 50 accounts, half within five standard errors."""
    leaving = case(accounts=50, cash=changed(NO_MONEY, wind_down=3, convert=0.5), horizon=3)
    share = run(leaving, 200, seed=1).converted.sum() / 10_000
    assert abs(share - 0.5) < 5 * 0.5 / math.sqrt(10_000)


def test_break_even_share_of_displaced_payers() -> None:
    """Twelve months of 5 x £9 bring 540; 480 are spent on hours; no cost: up to 480/540 may be former money payers."""
    sold = case(horizon=12, cash=changed(NO_MONEY, displaced=0.1))
    found = money(sold, run(sold, 1, seed=1))
    assert found.break_even_displaced.p50 == pytest.approx(480 / 540)
    assert found.displaced.p50 == 5400
    assert found.result.p50 == -5400


def test_same_seed_same_bits_and_a_rule_disturbs_no_other_chance() -> None:
    """Streams by name: with another seller, churn or one more account, the first seller and payers draw as before."""
    base = case(late=0.4, reachable=5.0, sellers={"social": seller(available=0.5)})
    again, other = run(base, 30, 7), run(base, 30, 7)
    np.testing.assert_array_equal(again.balance, other.balance)
    np.testing.assert_array_equal(again.there, other.there)
    assert (again.late != run(base, 30, 8).late).any()
    sellers = {"social": seller(available=0.5), "design": seller(name="design", available=0.5)}
    more = run(replace(base, spending=changed(base.spending, sellers=sellers)), 30, 7)
    np.testing.assert_array_equal(more.there[0], again.there[0])
    np.testing.assert_array_equal(more.late, again.late)
    churned = run(replace(base, network=changed(base.network, churn=0.2, closes=0.0)), 30, 7)
    np.testing.assert_array_equal(churned.late[0], again.late[0])
    np.testing.assert_array_equal(churned.there, again.there)
    six = run(replace(base, network=changed(base.network, accounts=6, reachable=6.0)), 30, 7)
    assert set(np.unique(six.late - again.late)) == {0, 1}


def test_the_lowest_fee_fits_exactly_though_a_dearer_one_does_not() -> None:
    """Room for 9: the account at 18 is refused, the one at 9 accepted to the last penny."""
    books = one(accounts=2, mix={"level-2": 0.5, "level-1": 0.5}, largest_balance=900.0, horizon=1, **nobody_sells())
    assert (of(books.received), of(books.refused)) == ([900], [1800])


def test_hours_that_went_against_a_members_fee_are_not_sold_again() -> None:
    """One hour on sale, 18 minutes of it netted: two quarters of an hour are left, whatever the balance."""
    quarter = seller(hours=1.0, smallest_job=0.25, member="level-1")
    books = one(accounts=10, policy="whole_jobs", sellers={"a": quarter}, horizon=3)
    assert books.netted_minutes[0, :, 0].tolist() == [18, 18, 18]
    assert books.minutes[0, :, 0].tolist() == [30, 30, 30]


def test_money_is_reckoned_at_the_worth_of_the_unit() -> None:
    """A credit worth two pounds: 45 credits a month are 90 in money, 15 of them VAT at 20 %."""
    taxed = case(worth=2.0, horizon=1, cash=changed(NO_MONEY, vat=0.2, displaced=0.5), **nobody_sells())
    found = money(taxed, run(taxed, 1, seed=1))
    assert (found.vat.p50, found.displaced.p50, found.worst_month.p50) == (1500, 4500, 1500)
    assert found.break_even_displaced.p50 == 0.0


def test_after_the_way_out_the_last_late_invoices_are_the_only_work() -> None:
    """Five accounts and a member at an hour each up to month 2; then half an hour for each of five late invoices."""
    leaving = case(
        late=1.0,
        labour=changed(NO_WORK, support=1.0, collecting=0.5),
        cash=changed(NO_MONEY, wind_down=2),
        sellers={"a": seller(member="level-1")},
        horizon=4,
    )
    assert hours_worked(run(leaving, 1, seed=1))[:, 0].tolist() == [6, 8.5, 2.5, 0]


def test_a_member_seller_is_work_too_until_the_network_closes() -> None:
    """One account more to invoice, in month 1, after which nobody is left."""
    one_member = case(
        closes=1.0, labour=changed(NO_WORK, invoicing=1.0), sellers={"a": seller(member="level-1")}, horizon=2
    )
    assert hours_worked(run(one_member, 1, seed=1))[:, 0].tolist() == [6, 0]


def test_accounts_that_come_late_do_not_put_the_review_off() -> None:
    """The fifth account in month 8: the review is after six months all the same, and never beyond the horizon."""
    books = run(case(accounts=5, room=[1, 1, 1, 1, 1, 1, 1, 5], **nobody_sells()), 1, seed=1)
    assert review_month(books, 6, 5).tolist() == [6]
    assert review_month(books, 99, None).tolist() == [36]


def test_a_supplier_takes_what_no_job_takes() -> None:
    """Ten credits a month: 70 left in month 2 with nobody selling are spent in seven months, to the last penny."""
    bill = {"supplier": supplier(bill=1000.0, share=1.0, at_most=1000.0), **nobody_sells()}
    leaving = way_out(case(**bill), 2, 1, seed=1)
    assert leaving.credit_left.p50 == 2 * 4500 - 2 * 1000
    assert (leaving.months_to_spend_down.p50, leaving.credit_stuck.p50) == (7, 0)
    with_jobs = way_out(case(sellers={"a": seller(available=0.0)}, supplier=bill["supplier"]), 2, 1, seed=1)
    assert with_jobs.months_to_spend_down.p50 == 7


@pytest.mark.parametrize(("n", "ranks"), [(1, (1, 1, 1)), (10, (1, 5, 9)), (11, (2, 6, 10)), (100, (10, 50, 90))])
def test_quantiles_are_values_that_a_tenth_half_and_nine_tenths_do_not_pass(n: int, ranks: tuple[int, ...]) -> None:
    """Of 1, 2, …, n in any order."""
    found = quantiles(np.random.default_rng(1).permutation(np.arange(1, n + 1)))
    assert (found.p10, found.p50, found.p90) == ranks


def test_before_the_cap_refuses_anything_saving_up_buys_small_jobs() -> None:
    """45 an hour, so the block costs 720: 450 and 90 to come pass 500, two jobs of 180 are bought, nothing is lost."""
    dear = {"hourly_rate": 4500.0, "largest_balance": 50_000.0, "accounts": 5}
    to_cap, saving = (one(policy=policy, **dear) for policy in ("save_up_to_cap", "save_up"))
    assert not to_cap.refused.any()
    assert of(saving.refused)[11:] == [4500] * 25
    assert np.flatnonzero(np.diff(to_cap.hours[:, 0], prepend=0)).tolist()[:2] == [10, 18], "months 11 and 19"
    assert to_cap.hours[10, 0] == 8.0
    assert of(to_cap.balance)[9:12] == [45_000, 13_500, 18_000]


@pytest.mark.parametrize("cap", [None, 60_000.0])
def test_far_from_the_cap_saving_up_to_it_is_saving_up(cap: float | None) -> None:
    """480 are there in month 11, before 600 come near; without a cap there is nothing to come near to."""
    books = [one(policy=policy, accounts=5, largest_balance=cap) for policy in ("save_up", "save_up_to_cap")]
    np.testing.assert_array_equal(books[0].minutes, books[1].minutes)


def test_a_block_that_is_begun_is_not_robbed_for_small_jobs() -> None:
    """Ten hours a month of sixteen: the six that lack are bought in month 12, though the balance is near the cap."""
    ten_hours = {"a": seller(hours=10.0, smallest_job=1.0)}
    books = one(policy="save_up_to_cap", accounts=5, largest_balance=50_000.0, sellers=ten_hours, horizon=12)
    assert (books.minutes[0, 10:, 0] / 60).tolist() == [10.0, 6.0]
