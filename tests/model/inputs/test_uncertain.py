"""A number's value and its draws go together, and a case at its value is one in which nothing varies."""

from pathlib import Path

import numpy as np
import pytest

from planner.model.credit.parameters import derive
from planner.model.inputs.uncertain import Uncertain, at_value, certain
from planner.planning.credit import case_of, with_draws
from planner.scenario import resolve
from planner.scenario.reader import Scenario, read

PILOT = Path(__file__).parents[3] / "scenarios" / "pilot-5.yaml"
SKEWED = "networks.ocn.worth={value: 1 GBP/credit, low: 0.9 GBP/credit, high: 2 GBP/credit}"


@pytest.fixture(scope="module")
def skewed() -> Scenario:
    """Return the pilot with a unit whose worth is not known for certain."""
    return read(PILOT, [SKEWED])


def test_a_formula_takes_value_and_draws() -> None:
    """Of 2 (1 to 4) and a certain 3 the product is 6 (3 to 12)."""
    product = Uncertain.of(lambda a, b: a * b, Uncertain(2.0, np.array([1.0, 4.0])), certain(3.0))
    assert (product.value, product.draws.tolist()) == (6.0, [3.0, 12.0])
    assert certain(3.0).over(2).tolist() == [3.0, 3.0]


@pytest.mark.parametrize("draws", [[1.0, 2.0, 3.0], [1.0, -2.0], [1.0, np.nan]])
def test_draws_of_other_paths_and_below_none_are_refused(draws: list[float]) -> None:
    """Two paths are asked for: three draws are not theirs, and no number of the credit side is below 0."""
    with pytest.raises(ValueError, match=r"2 paths is wanted|is 0 or more"):
        Uncertain(1.0, np.array(draws)).over(2)


def test_a_fee_in_credit_is_that_at_the_value_of_a_unit(skewed: Scenario) -> None:
    """People know their fee by that; the middle of a few draws is another by chance."""
    central = resolve.inputs(skewed)
    drawn = with_draws(skewed, central, 20, 1)
    assert round(900 / float(np.median(drawn.networks["ocn"].worth.draws))) != 900
    assert case_of(drawn, "ocn").prices == case_of(central, "ocn").prices


def test_a_case_at_its_value_is_the_one_without_draws(skewed: Scenario) -> None:
    """Every number, in records, in sellers by name and where it may be none; and it fits any number of paths."""
    central = resolve.inputs(skewed)
    sure, known = (
        derive(at_value(case_of(with_draws(skewed, central, 400, 1), "ocn")), 3),
        derive(case_of(central, "ocn"), 3),
    )
    for name in ("unpaid", "churn", "reach", "upkeep", "hourly_rate", "growth", "block", "least_block", "bill"):
        assert np.array_equal(getattr(sure, name), getattr(known, name)), name
    for one, other in zip(sure.sellers, known.sellers, strict=True):
        assert np.array_equal(one.rate, other.rate)
        assert np.array_equal(one.available, other.available)
