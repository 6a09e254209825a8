"""Small samples of the long proofs of what people saw, of the way from here and of what a fact is worth."""

import prove_admission_path
import prove_experience
import prove_value_of_facts
import pytest


@pytest.mark.slow
def test_of_those_who_admit_what_the_planner_says_as_many_cope_as_it_promises() -> None:
    assert prove_experience.prove(60, seed=3).startswith("60 co-ops with 7 kinds of statements")


@pytest.mark.slow
def test_the_rule_after_some_weeks_of_readings_keeps_the_promise() -> None:
    assert prove_admission_path.prove(400, seed=2).startswith("400 truths")


@pytest.mark.slow
def test_a_fact_is_worth_what_planning_anew_says() -> None:
    assert prove_value_of_facts.prove(150, seed=1).startswith("3 inputs")
