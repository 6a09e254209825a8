"""The plain numbers of the credit side's limits, and what each input does to the answers."""

from dataclasses import replace

import numpy as np
from credit_cases import NO_MONEY, NO_WORK, PRICES, case, changed, nobody_sells, seller, supplier
from hypothesis import given
from hypothesis import strategies as st

from planner.model.credit.allowed_accounts import (
    accounts_needed,
    cash_allows,
    labour_allows,
    loss_share,
    market_reach,
    spendability_allows,
    spendable,
)
from planner.model.credit.arithmetic import income
from planner.model.credit.sensitivity import one_at_a_time
from planner.model.credit.simulate import run


def test_what_can_be_spent_in_a_month() -> None:
    """16 h at 30, there in 60 of 100 months, 10 h at 50 always, and 5.00 of a bill: 288 + 500 + 5 credits."""
    sellers = {"a": seller(hours=16.0, available=0.6), "b": seller(name="b", rate=5000.0, hours=10.0)}
    both = case(sellers=sellers, supplier=supplier(bill=2500.0, share=0.5, at_most=500.0))
    assert spendable(both, 1).tolist() == [28_800 + 50_000 + 500]


def test_a_seller_whose_job_is_longer_than_its_hours_and_a_members_own_fee_buy_nothing() -> None:
    """3 h a month in jobs of 4 h; 1 h at 30 of which 9 go against the fee."""
    assert spendable(case(sellers={"a": seller(hours=3.0)}), 1).tolist() == [0]
    assert spendable(case(sellers={"a": seller(hours=1.0, smallest_job=1.0, member="level-1")}), 1).tolist() == [2100]


def test_as_many_accounts_as_can_be_spent() -> None:
    """288 credits: 32 accounts at 9 exactly; one penny less, 31. Nobody sells: none. No end of hours: no limit."""
    assert spendability_allows(case(sellers={"a": seller(hours=9.6)}), 1).tolist() == [32]
    assert spendability_allows(case(sellers={"a": seller(hours=9.6, rate=2999.0)}), 1).tolist() == [31]
    assert spendability_allows(case(**nobody_sells()), 1).tolist() == [0]
    assert spendability_allows(case(), 2).tolist() == [np.inf, np.inf]


HOURS = st.floats(0, 2, allow_subnormal=False)


@given(st.floats(0, 12), HOURS, HOURS, st.sampled_from([0.0, 0.5, 1.0, 3.0, np.inf]))
def test_labour_carries_the_last_number_that_fits(hours: float, upkeep: float, setup: float, sign_ups: float) -> None:
    """So many to look after, and at most a month's sign-ups to set up, fit into the hours; one more does not."""
    work = changed(NO_WORK, setup=setup, support=upkeep, available=hours)
    (allowed,) = labour_allows(case(labour=work, sign_ups=sign_ups), 1)

    def needs(n: float) -> float:
        return n * upkeep + min(n, sign_ups) * setup

    if np.isinf(allowed):
        assert needs(10_000) <= hours + 1e-6
    else:
        assert needs(allowed) <= hours + 1e-6
        assert needs(allowed + 1) > hours - 1e-6


def test_invoices_in_a_batch_take_a_quarter_of_an_hour_and_three_minutes_each() -> None:
    """4 h less 15 min less one set up (30 min) are 195 min; an account takes 3 + 10 + 0.4 x 10 = 17 of them: 11."""
    work = changed(NO_WORK, setup=0.5, batch=0.25, invoicing=0.05, support=1 / 6, collecting=1 / 6, available=4.0)
    assert labour_allows(case(labour=work, sign_ups=1.0, late=0.4), 1).tolist() == [11]
    assert labour_allows(case(labour=changed(work, available=0.2)), 1).tolist() == [0], "not even the batch"


def test_labour_of_the_pilot() -> None:
    """4 h, 30 min to set up, 25 min a month, one sign-up a month: 8 accounts (3.33 + 0.5 h). No volunteer: none."""
    work = changed(NO_WORK, setup=0.5, invoicing=0.25, support=1 / 6, available=4.0)
    assert labour_allows(case(labour=work, sign_ups=1.0), 1).tolist() == [8]
    assert labour_allows(case(labour=changed(work, available=0.0)), 1).tolist() == [0]
    assert labour_allows(case(), 1).tolist() == [np.inf]
    # a quarter of an hour for each late invoice, four in ten are late: 0.1 h more an account
    assert labour_allows(case(labour=changed(work, collecting=0.25), sign_ups=1.0, late=0.4), 1).tolist() == [6]


def test_cash_that_is_set_aside() -> None:
    """No cost, no limit. 1.50 VAT and 0.50 an account, 20 set aside: 10. A node at 60 from the 7th on: 6."""
    assert cash_allows(case(), 1).tolist() == [np.inf]
    assert cash_allows(case(cash=NO_MONEY), 1).tolist() == [np.inf]
    taxed = changed(NO_MONEY, vat=0.2, per_account=50.0, set_aside=2000.0)
    assert cash_allows(case(cash=taxed), 1).tolist() == [10]
    stepped = changed(taxed, next_node=6000.0, accounts_per_node=7.0)
    assert cash_allows(case(cash=stepped), 1).tolist() == [6]
    assert cash_allows(case(cash=changed(taxed, set_aside=0.0)), 1).tolist() == [0]


def test_the_market_is_not_rounded_and_may_have_no_end() -> None:
    """4.5 accounts of 150 businesses at 3 %; nobody takes up: none, however many there are."""
    assert market_reach(case(reachable=150.0, take_up=np.array([0.03, 0.0])), 2).tolist() == [4.5, 0.0]
    assert market_reach(case(take_up=np.array([0.03, 0.0])), 2).tolist() == [np.inf, 0.0]


def test_the_loss_is_judged_as_if_the_accounts_were_there() -> None:
    """A market of three and a slow start make no number of accounts harmless: five lose what five lose."""
    slow = case(reachable=3.0, sign_ups=0.1, largest_balance=50_000.0, **nobody_sells())
    np.testing.assert_allclose(loss_share(slow, 5, 3, seed=1), 25 * 4500 / (36 * 4500))


def test_the_loss_is_judged_over_the_first_months_only() -> None:
    """Five accounts meet a cap of 500 in month 12: a twelfth of a year's fees, and 25 of 36 months' later on."""
    unspent = case(largest_balance=50_000.0, **nobody_sells())
    np.testing.assert_allclose(loss_share(replace(unspent, judged=12), 5, 2, seed=1), 1 / 12)
    np.testing.assert_allclose(loss_share(unspent, 5, 2, seed=1), 25 / 36)


def test_accounts_needed_for_more_than_there_is_on_sale_are_none() -> None:
    """A seller of 4 h a month never sells 5."""
    assert accounts_needed(case(sellers={"a": seller(hours=4.0)}, policy="whole_jobs"), 5, 0.5, 3, seed=1) is None


def test_the_tornado_puts_the_input_that_matters_most_first() -> None:
    """The rate moves the months to buy from 9 to 16; the fee by one; a second, absent seller by nothing."""
    base = case()
    dear, cheap = (replace(base, spending=changed(base.spending, hourly_rate=rate)) for rate in (4500.0, 2400.0))
    fees = [replace(base, network=changed(base.network, fee=fee)) for fee in (0.0, 0.08)]
    found = one_at_a_time(base, {"nothing": (base, base), "fee": (fees[0], fees[1]), "rate": (cheap, dear)}, 5, seed=1)
    assert list(found.levers) == ["rate", "fee", "nothing"]
    assert found.nominal.buy == found.nominal.afford == 11
    assert [end.buy for end in found.levers["rate"]] == [9, 16]
    assert found.levers["fee"][1].afford == 12


def test_an_input_known_to_be_low_is_never_worse_than_random_numbers_make_it() -> None:
    """Common random numbers: with more churn no path has more accounts that were there from the start."""
    low, high = (run(case(churn=churn, reachable=5.0), 200, seed=1) for churn in (0.03, 0.07))
    assert (low.paying >= high.paying).all()
    more, fewer = (run(case(sign_ups=mean, accounts=50), 200, seed=1) for mean in (2.0, 0.5))
    assert (more.paying >= fewer.paying).all()


def test_prices_of_a_mix_are_met_in_the_order_of_sign_up() -> None:
    """The spendable amount is compared with the income of n accounts as they would sign up."""
    mix = {"level-1": 0.5, "level-3": 0.5}
    (allowed,) = spendability_allows(case(mix=mix, sellers={"a": seller(hours=10.0)}), 1)
    assert income(int(allowed), mix, PRICES) <= 30_000 < income(int(allowed) + 1, mix, PRICES)
