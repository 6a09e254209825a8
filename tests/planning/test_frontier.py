"""Which offer: domination, the rows that are there, and the risk of an offer against a plan made for it."""

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.admission.acceptance_region import ERROR, Sample, chosen, dominated, region
from planner.model.admission.admission_number import admit
from planner.planning import Offer
from planner.planning.draws import as_arrays
from planner.planning.frontier import DISCUSSED, compared_offers, some_draws
from planner.scenario.reader import read

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FEW = 200


@lru_cache(maxsize=8)
def asked(*sets: str) -> tuple[Sample, float, dict[int, float]]:
    """Return the draws of the pilot, how many cope without further accounts, and how many with some numbers."""
    of = as_arrays(read(SCENARIOS / "pilot-5.yaml", sets), FEW, 501)
    answer = admit(of, swing=False)
    assert answer.allows is not None
    holds = {one.accounts: one.share for one in answer.admission.holds}
    return some_draws(of, answer.allows), holds.pop(0), holds


@lru_cache(maxsize=1)
def pilot() -> tuple[Offer, ...]:
    return compared_offers(read(SCENARIOS / "pilot-5.yaml"), asked()[0], 501)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_dominated_is_what_comparing_each_with_each_says(rows):
    worse = [any((g >= a and r < b) or (g > a and r <= b) for g, r in rows) for a, b in rows]
    assert list(dominated(rows)) == worse


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
def test_whoever_is_dominated_is_so_by_one_who_is_not(rows):
    best = [row for row, worse in zip(rows, dominated(rows), strict=True) if not worse]
    assert best
    assert all(any(g >= a and r <= b for g, r in best) for a, b in rows)


@given(
    st.lists(st.floats(-50, 300), min_size=1, max_size=80),
    st.integers(5, 60),
)
def test_the_draws_chosen_stand_for_all_that_cope(values, number):
    allows = np.array(values)
    rows, weight = chosen(allows, np.ones(len(values)), number)
    assert weight.sum() == pytest.approx((allows >= 0).mean())
    assert (allows[rows] >= 0).all()


@pytest.mark.slow
def test_what_the_thread_speaks_of_is_there():
    marks = {(offer.mix, offer.accounts): offer.mark for offer in pilot()}
    alone = (("level-1", 1.0),)
    assert marks[alone, 5] == "this offer"
    assert all(marks[alone, n] for n in DISCUSSED)
    fewer = next(offer for offer in pilot() if offer.mark == "fewer at higher levels")
    assert (fewer.accounts, str(fewer.income_per_month)) == (28, "510.00 GBP")
    assert len(fewer.mix) == 3


@pytest.mark.slow
def test_hours_and_risk_rise_with_the_accounts():
    for mix in {offer.mix for offer in pilot()}:
        its = [offer for offer in pilot() if offer.mix == mix]
        assert [offer.accounts for offer in its] == sorted({offer.accounts for offer in its})
        for less, more in pairwise(its):
            assert less.added <= more.added + 1e-9
            assert less.hours_on_paper <= more.hours_on_paper
            assert more.hours_usual <= more.hours_on_paper


@pytest.mark.slow
def test_the_offers_own_mix_adds_what_the_plan_says():
    _, now, holds = asked()
    for offer in pilot():
        if offer.mix == (("level-1", 1.0),) and offer.accounts in holds:
            assert offer.added == pytest.approx(now - holds[offer.accounts], abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("mix", ["{level-3: 100 %}", "{level-1: 50 %, level-2: 30 %, level-3: 20 %}"])
def test_an_offer_of_another_mix_adds_what_a_plan_made_for_it_says(mix):
    _, now, holds = asked(f"offer.mix={mix}")
    shares = {"level-3": 1.0} if "50" not in mix else {"level-1": 0.5, "level-2": 0.3, "level-3": 0.2}
    compared = 0
    for offer in pilot():
        if dict(offer.mix) == shares and offer.accounts in holds:
            assert offer.added == pytest.approx(now - holds[offer.accounts], abs=ERROR + 2 * offer.standard_error)
            compared += 1
    assert compared >= 3


@pytest.mark.slow
def test_a_scenario_with_one_level_shows_numbers_of_it():
    of = asked()[0]
    central = replace(of.draws.central, prices={"level-1": of.draws.central.prices["level-1"]})
    alone = compared_offers(
        read(SCENARIOS / "pilot-5.yaml"), replace(of, draws=replace(of.draws, central=central)), 501
    )
    assert {offer.mix for offer in alone} == {(("level-1", 1.0),)}
    made = region(of, ["level-1"])
    assert made.added({"de": [0]}) == 0.0
    assert made.added({"de": [5]}) == pytest.approx(of.added[5], abs=ERROR)
