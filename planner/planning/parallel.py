"""Parts of a plan for a second process; each takes the scenario, to keep the data sent between processes small."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from planner.model.admission.acceptance_region import Sample
from planner.model.admission.admission_number import Answer
from planner.model.credit.sensitivity import Tornado
from planner.model.limit import Week
from planner.model.meanwhile import later
from planner.model.overload.node_resources import Drawn, some_of
from planner.planning.assumptions import names_of
from planner.planning.coupled_run import ROOM_DRAWS, coupled
from planner.planning.credit import LIMIT_PATHS, PATHS, credit_plan, levers, policies, with_draws
from planner.planning.frontier import compared_offers, some_draws
from planner.planning.offer_record import Offer
from planner.planning.record import Coupled, CreditPlan
from planner.planning.weekly_load import BAND_DRAWS, weeks
from planner.scenario import resolve
from planner.scenario.reader import Scenario


def apart(scenario: Scenario, seed: int, brief: bool) -> tuple[tuple[CreditPlan, ...], Tornado | None]:
    """Return each network's credit, not yet coupled with the servers, and what each input does to the months."""
    central = resolve.inputs(scenario)
    on_paths, few = (with_draws(scenario, central, paths, seed) for paths in (PATHS, LIMIT_PATHS))
    plans = {name: credit_plan(on_paths, few, name, seed, brief=brief) for name in central.networks}
    return (
        tuple(replace(one, policies=policies(scenario, few, name, seed)) for name, one in plans.items()),
        None if brief else levers(scenario, central, central.offer.network, seed),
    )


def in_common(
    executor: Executor | None, scenario: Scenario, of: Drawn, seed: int, answer: Answer
) -> Callable[[], tuple[Coupled, tuple[Week, ...], tuple[Offer, ...]]]:
    """Return a function that returns what credit and servers make together."""
    some = None if answer.allows is None else some_draws(of, answer.allows)
    return later(executor, joined, scenario, some_of(of, ROOM_DRAWS), seed, answer, some)


def joined(
    scenario: Scenario, of: Drawn, seed: int, answer: Answer, some: Sample | None
) -> tuple[Coupled, tuple[Week, ...], tuple[Offer, ...]]:
    """Return the offered network's credit coupled with the servers, their weeks, and offers; `of` are alike draws."""
    central = resolve.inputs(scenario)
    few = with_draws(scenario, central, LIMIT_PATHS, seed)
    offers = () if some is None else compared_offers(scenario, some, seed)
    return coupled(few, of, answer, seed, names_of(scenario)), weeks(some_of(of, BAND_DRAWS)), offers
