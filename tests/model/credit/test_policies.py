"""The three spending policies side by side, on the pilot as it is and on books known by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from credit_cases import NO_WORK, case, changed, nobody_sells, seller

from planner.model.credit.allowed_accounts import labour_allows
from planner.model.credit.pilot_outlook import checkpoint, first_kept
from planner.model.credit.policies import PolicyOutcome, policy_outcome, with_policy
from planner.model.credit.simulate import run
from planner.model.inputs.capacity import Review
from planner.model.inputs.credit import POLICIES
from planner.model.limit import at_confidence
from planner.planning.credit import LIMIT_PATHS, case_of, with_draws
from planner.scenario import resolve
from planner.scenario.reader import read

PILOT = Path(__file__).parents[3] / "scenarios" / "pilot-5.yaml"


@pytest.fixture(scope="module")
def table() -> dict[str, PolicyOutcome]:
    """Return every policy over 36 months at 90 %, as the table of the decision was worked out."""
    scenario = read(PILOT)
    drawn = with_draws(scenario, resolve.inputs(scenario), LIMIT_PATHS, 501)
    pilot = replace(case_of(drawn, "ocn"), judged=None)
    return {one: policy_outcome(pilot, one, LIMIT_PATHS, 0.9, 20, 501) for one in POLICIES}


def test_what_each_policy_comes_to_on_the_pilot(table: dict[str, PolicyOutcome]) -> None:
    """Accounts that lose at most 5 %: 1 and 1, 5 and 6, 14 and more than 20; ± 1 for the paths that are near 5 %."""
    saving, to_cap, jobs = (table[one] for one in POLICIES)
    assert (saving.max_accounts, saving.central) == (1, 1)
    assert to_cap.max_accounts == pytest.approx(5, abs=1)
    assert to_cap.central == pytest.approx(6, abs=1)
    assert jobs.max_accounts == pytest.approx(14, abs=1)
    assert jobs.central is None
    refused = [one.refused_share for one in (saving, to_cap, jobs)]
    assert refused == pytest.approx([0.32, 0.018, 0.0], abs=0.01)
    for one, hours in ((saving, (0, 0, 48)), (to_cap, (8, 32, 48)), (jobs, (16, 40, 60))):
        assert (one.hours.p10, one.hours.p50, one.hours.p90) == pytest.approx(hours, abs=4)
    assert [one.chosen for one in table.values()] == [True, False, False]


def test_hours_that_are_pledged_carry_accounts() -> None:
    """4, 5, 6, 8 h and a quarter of an hour for each invoice carry 3, 4, 5, 7 accounts at 90 %; in a batch, more."""
    scenario = read(PILOT)
    drawn = case_of(with_draws(scenario, resolve.inputs(scenario), LIMIT_PATHS, 501), "ocn")
    assert drawn.labour is not None
    one_by_one = changed(drawn.labour, invoicing=5 * drawn.labour.invoicing.draws, batch=0.0)
    for hours, accounts in ((4, 3), (5, 4), (6, 5), (8, 7)):
        numbers = [
            at_confidence(labour_allows(replace(drawn, labour=changed(work, available=float(hours))), LIMIT_PATHS), 0.9)
            for work in (one_by_one, drawn.labour)
        ]
        assert numbers[0] == accounts
        assert numbers[1] > accounts


def test_a_policy_changes_nothing_else() -> None:
    """Same accounts, same fees due, on the same random numbers."""
    drawn = case(churn=0.1, late=0.3, sellers={"a": seller(available=0.5)}, largest_balance=50_000.0)
    books = [run(with_policy(drawn, one), 50, seed=2) for one in POLICIES]
    for other in books[1:]:
        np.testing.assert_array_equal(books[0].invoiced, other.invoiced)
        np.testing.assert_array_equal(books[0].there, other.there)


def test_a_rule_that_saving_up_cannot_keep_is_kept_later() -> None:
    """Five at £9 have 480 in month 11: 4 h by month 6 is missed, and first kept then; small jobs keep it."""
    review = Review(after=6, hours_bought=4.0)
    saving = case(accounts=5, horizon=12)
    books = run(saving, 3, seed=1)
    (missed,) = checkpoint(books, review).missed
    assert missed.never_met
    assert first_kept(books, review, "hours_bought") == 11
    jobs = run(with_policy(saving, "whole_jobs"), 3, seed=1)
    assert not checkpoint(jobs, review).missed[0].never_met
    assert first_kept(jobs, review, "hours_bought") == 6, "never before the review itself"
    assert first_kept(run(case(**nobody_sells()), 3, seed=1), review, "hours_bought") is None


def test_the_age_of_the_last_purchase_is_known_in_every_month() -> None:
    """Jobs of 4 h in months 3, 6, 8 …: nothing before, and at most two months old from then on."""
    jobs = run(case(accounts=5, policy="whole_jobs", labour=NO_WORK), 1, seed=1)
    assert first_kept(jobs, Review(after=1, months_since_purchase=2), "months_since_purchase") == 3
