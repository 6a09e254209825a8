"""Days that are busy together: the rule, the mixture against every factor, and the closed form against simulation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from server_cases import draws_of, over
from server_cases import world as inputs_of
from situations import demand, linear

from planner.model.inputs.capacity import WEEKS_PER_MONTH, Floats
from planner.model.overload.busy_days import POINTS, rule
from planner.model.overload.measures import measures, measures_over_days
from planner.model.overload.node_draws import MEASURES, NodeDraws
from planner.model.overload.node_resources import node_resources
from planner.model.overload.occupancy_law import law
from planner.model.overload.risks import day_ratios, on_busy_days, risks
from planner.model.simulation.meetings import Accounts
from planner.model.simulation.replications import World, simulate

SPREADS = (0.0, 0.05, 0.15, 0.3, 0.8)


def test_the_rule_has_the_moments_of_the_gamma_law() -> None:
    factors, weights = rule(np.array(SPREADS))
    assert weights.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    for spread, b, w in zip(SPREADS, factors, weights, strict=True):
        for order in range(2 * POINTS):
            wanted = 1.0 if spread == 0.0 else stats.gamma(spread**-2, scale=spread**2).moment(order)
            assert w @ b**order == pytest.approx(wanted, rel=1e-9)


def bench(spread: Floats, draws: int) -> NodeDraws:
    """Return the users of a small node in draws whose days differ so much."""
    central = replace(inputs_of(), day_spread=0.15)
    of = over(central, draws_of(central, draws, 4))
    of = replace(of, inputs=replace(of.inputs, day_spread=spread))
    return next(one for one in node_resources(of) if one.resource == "users").drawn.draws


def every_factor(of: NodeDraws, coming: list[tuple[float, ...]], factors: Floats, weights: Floats) -> dict[str, Floats]:
    """Return the measures with each of the factors by itself, averaged."""
    found = {name: np.zeros((len(factors), len(coming))) for name in MEASURES}
    for k in range(POINTS):
        alone = risks(replace(of, days=None, compound=of.compound.busier(factors[:, k])), coming)
        for name in MEASURES:
            found[name] += weights[:, [k]] * alone[name]
    return found


@pytest.mark.parametrize(("draws", "near", "far"), [(120, 0.02, 0.1), (900, 0.03, 0.25)])
def test_three_factors_at_few_numbers_of_accounts_stand_for_all(draws: int, near: float, far: float) -> None:
    """In the middle and in nine of ten draws; of many draws a sample carries over to the others."""
    spread = np.random.default_rng(3).uniform(0.05, 0.3, draws)
    of = bench(spread, draws)
    coming = [(float(n),) * len(of.newcomers) for n in (0, 1, 3, 6, 10, 16, 25)]
    wanted, found = every_factor(of, coming, *rule(spread)), risks(of, coming)
    for name in ("busiest_instant", "minutes", "episodes"):
        told = wanted[name] > 1e-5 * (WEEKS_PER_MONTH if name != "busiest_instant" else 1.0)
        apart = np.abs(np.log(found[name][told] / wanted[name][told]))
        assert np.quantile(apart, 0.5) < near, name
        assert np.quantile(apart, 0.9) < far, name


def test_what_is_over_in_any_case_stays_so() -> None:
    of = bench(np.full(8, 0.15), 8)
    of = replace(of, compound=replace(of.compound, limit=np.full(8, -1.0)))
    coming = [(0.0,) * len(of.newcomers), (4.0,) * len(of.newcomers)]
    assert all((logs == 0.0).all() for logs in day_ratios(of, coming, on_busy_days(of, coming)).values())
    assert risks(of, coming)["busiest_instant"] == pytest.approx(1.0)


def test_days_that_are_alike_change_nothing() -> None:
    there = law(linear(users=40), "users", [(demand(3.0, 1.0), 20.0)])
    assert measures_over_days(there, 0.0) == measures(there)
    nearly = measures_over_days(there, 1e-6)
    assert nearly.episodes == pytest.approx(measures(there).episodes, rel=1e-6)
    central = inputs_of()
    of = over(central, draws_of(central, 6, 4))
    assert all(one.drawn.draws.days is None for one in node_resources(of))


def test_the_exact_numbers_are_those_of_every_factor() -> None:
    """Within what the columns miss of the ratio."""
    central = replace(inputs_of(), day_spread=0.3)
    of = over(central, draws_of(central, 4, 4))
    for one in node_resources(of):
        for found, n in zip(one.exact([0, 12]), (0, 12), strict=True):
            wanted = measures_over_days(one.law, 0.3, one.extra(n), precision=1e-5)
            if wanted.episodes > 1e-6:
                assert found.episodes == pytest.approx(wanted.episodes, rel=0.03)
                assert found.busiest_instant == pytest.approx(wanted.busiest_instant, rel=0.03)


def test_the_closed_form_agrees_with_the_simulation() -> None:
    """And without the days it would be far off."""
    node, what = linear(users=60), demand(3.0, 1.0)
    results = simulate(World((node,), (Accounts(25, what, 0),), day_spread=0.3), replications=6000, seed=8, weeks=2)
    (seen,) = (one for one in results if one.resource == "users")
    there = law(node, "users", [(what, 25.0)])
    expected, alike = measures_over_days(there, 0.3), measures(there)
    for name in ("minutes", "episodes"):
        value, error = getattr(seen, name).value, getattr(seen, name).error
        assert abs(value - getattr(expected, name)) < 3.5 * error, name
        assert abs(value - getattr(alike, name)) > 5.0 * error, name
