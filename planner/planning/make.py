"""From a scenario to its plan: every part is asked once, and nothing downstream computes again."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import asdict, replace
from functools import cache, partial
from typing import TYPE_CHECKING

import planner
from planner.model.admission import admission_number
from planner.model.admission.sensitivity import growth_fills
from planner.model.admission.server_limits import ClosedForm, Engine
from planner.model.credit.credit_limits import credit_limits
from planner.model.evidence.likelihood import Past
from planner.model.evidence.once_known import LOOKS, Look, admission_path
from planner.model.evidence.readings_to_come import readings
from planner.model.evidence.value_of_facts import Fact, facts, observable
from planner.model.evidence.weights import Weighed
from planner.model.inputs.allocation import by_level, reached
from planner.model.inputs.capacity import RESOURCES, Inputs
from planner.model.limit import Limit, bounded
from planner.model.meanwhile import later
from planner.model.overload.node_resources import Drawn
from planner.planning import cost
from planner.planning import credit as of_credit
from planner.planning.against_base import against_base
from planner.planning.assumptions import assumptions, checkpoint, decision, names_of
from planner.planning.cautions import DRAWS, SIMULATED, experience_warnings, learned_from, misfit, warnings
from planner.planning.credit_cautions import credit_warnings, dear_block
from planner.planning.draws import as_arrays, weighed
from planner.planning.engines import engine_warnings
from planner.planning.options import options
from planner.planning.parallel import apart, in_common
from planner.planning.record import CreditPlan, Experience, Growth, Option, Plan, Stamp
from planner.planning.sensitivity import swings
from planner.planning.server_shares import server_shares
from planner.planning.slider_grid import what_if
from planner.scenario import resolve
from planner.scenario.reader import Scenario
from planner.wording import phrases

if TYPE_CHECKING:
    from planner.model.admission.cross_check import Check

Progress = Callable[[str, float], None]
"""Told what is being done, and the share of it that is done."""
WAITING = "credit and servers together"
"""What is being done once this process has nothing left to do but wait for a second one."""


def plan(
    scenario: Scenario,
    *,
    draws: int | None = None,
    seed: int | None = None,
    brief: bool = False,
    simulate: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Plan:
    """Return the plan of a scenario, as `planner.plan` has it; a `ScenarioError` for one that is too large.

    Parameters
    ----------
    draws, seed : int or None
        As there [-].
    brief : bool
        Leave out what only the report and the gate need: weeks, swings, months against accounts, checks.
    executor : concurrent.futures.Executor or None
        Where a second process may work out what does not wait for the servers; what is simulated then runs on two
        threads.
    """
    n, seed = draws_of(scenario, draws), scenario.seed if seed is None else seed
    cost.check(scenario, n)
    say: Progress = progress or (lambda _doing, _done: None)
    central, names = resolve.inputs(scenario), names_of(scenario)
    side_by_side = later(executor, apart, scenario, seed, brief)
    say("credit", 0.0)
    few = of_credit.with_draws(scenario, central, of_credit.LIMIT_PATHS, seed)
    beside = _beside(few, seed)
    simulated = _is_simulated(scenario, central)
    workers = 1 if executor is None else 2
    # where the simulation judges, it draws the members anew: the closed form does too
    drawn = as_arrays(scenario, n, seed, known=False), None
    of, seen = drawn if simulated else weighed(scenario, n, seed, exactly=draws is not None)
    # begun at the first call, by the engine if it has a second process; calling what that returns waits for it
    growth = cache(partial(later, executor, growth_fills, central, of.streams is not None))
    engine = _simulation(seed, workers) if simulated else ClosedForm(executor, None if brief else growth)
    of, answer, told = _judged(of, seen, beside, engine, brief, lambda done: say("servers", 0.1 + 0.5 * done))
    say("credit", 0.6)
    credit, months = side_by_side()
    if brief:
        choices = options(few, answer.admission, seed, brief, names)
        return _plan(scenario, answer, told, credit, choices, draws=n, seed=seed)
    base = later(executor, against_base, scenario, n, seed, draws is not None)
    together = in_common(executor, scenario, of, seed, answer)
    checks = _checks(central, answer, seed, workers, say) if simulate or simulated else ()
    say("what moves the answer", 0.7)
    to_find_out, path = _facts(of, seen, answer, seed)
    # the grid is closed form: beside the simulation's numbers its sliders would begin at another answer
    sliders = None if simulated else what_if(few, of, answer, seed, names)
    # what else there is to do here comes before what is waited for
    choices = options(few, answer.admission, seed, brief, names)
    shares = server_shares(of, answer.admission)
    say(WAITING, 0.8)
    coupled, weeks, offers = together()
    # what it is if sign-ups stop where admission does
    credit = tuple(replace(one, coupled=coupled) if one.network == central.offer.network else one for one in credit)
    full = growth()()
    return replace(
        _plan(scenario, answer, told, credit, choices, checks, draws=n, seed=seed),
        weeks=weeks,
        swings=() if months is None else swings(scenario, answer, months),
        what_if=sliders,
        facts=to_find_out,
        path=path,
        share_of_server=shares,
        against=base(),
        frontier=offers,
        growth=None if full is None else Growth(*full),
    )


def _plan(
    scenario: Scenario,
    answer: admission_number.Answer,
    told: Experience | None,
    credit: tuple[CreditPlan, ...],
    choices: tuple[Option, ...],
    checks: "tuple[Check, ...]" = (),
    *,
    draws: int,
    seed: int,
) -> Plan:
    """Return the plan of what was found, without what only the report and the gate need."""
    central, names = resolve.inputs(scenario), names_of(scenario)
    goal, offer = central.objective, central.offer
    beyond, learned = phrases.options(asdict(central.options)), learned_from(scenario)
    offered = next(one for one in credit if one.network == offer.network)
    return Plan(
        version=planner.__version__,
        paths=of_credit.PATHS,
        warnings=(
            *engine_warnings(checks, answer.pool, beyond, names),
            *misfit(learned),
            *(() if told is None else experience_warnings(told)),
            *warnings(answer, offered, draws, goal.confidence, names),
            *credit_warnings(central, offered, dear_block(scenario, central)),
        ),
        scenario=Stamp(scenario.name, scenario.title, scenario.file, scenario.digest, scenario.sources, scenario.seed),
        currency=scenario.currency,
        timezone=scenario.timezone,
        objective_words=phrases.objective(goal.measure, goal.at_most, goal.confidence),
        measure=goal.measure,
        at_most=goal.at_most,
        confidence=goal.confidence,
        confidence_reversible=goal.confidence_reversible,
        offered=offer.accounts,
        offered_mix=tuple(offer.mix.items()),
        changes=scenario.changes,
        admission=answer.admission,
        servers=answer.servers,
        credit=offered,
        credit_by_network=credit,
        assumptions=assumptions(scenario),
        checkpoint=checkpoint(central),
        pool=answer.pool,
        beyond=beyond,
        names=names,
        nodes=tuple(node.name for node in central.nodes),
        reached=reached(central),
        pages=central.pages,
        by_level=by_level(central, answer.admission.max_accounts),
        experience=told,
        calibrated=learned,
        decision=decision(scenario, lambda accounts: by_level(central, accounts)),
        options=choices,
        checks=checks,
        draws=draws,
        seed=seed,
    )


def _simulation(seed: int, workers: int) -> Engine:
    """Return the engine that simulates."""
    from planner.model.admission import simulated_limits  # noqa: PLC0415  # no other plan starts the slower for it

    return simulated_limits.Simulation(seed, workers)


def _judged(
    of: Drawn,
    seen: Weighed | None,
    beside: tuple[Limit, ...],
    engine: Engine,
    brief: bool,
    progress: Callable[[float], None],
) -> tuple[Drawn, admission_number.Answer, Experience | None]:
    """Return the draws, the answer and what was seen; nobody more comes than without it where the two contradict."""
    answer = admission_number.admit(of, beside, engine, not brief, progress)
    if seen is None:
        return of, answer, None
    without, allowed = answer.instead.get("without"), answer.admission.max_accounts
    told = Experience(
        statements=seen.statements,
        effective_draws=seen.effective,
        contradiction=seen.contradiction,
        without=without,
        if_peak_higher=answer.instead.get("if_peak_higher"),
    )
    if told.contradiction and without is not None and (allowed is None or without < allowed):
        of = replace(of, weight=of.instead["without"])
        answer = admission_number.admit(of, beside, engine, not brief)
    return of, answer, told


def _facts(
    of: Drawn, seen: Weighed | None, answer: admission_number.Answer, seed: int
) -> tuple[tuple[Fact, ...], tuple[Look, ...]]:
    """Return what it is worth to find out, on the server that is full first too, and the way from here."""
    servers = [one.node for _, one in bounded(answer.admission.limits) if one.node is not None]
    if answer.allows is None or not servers:
        return (), ()
    # the members of all draws, looked back at: as they were for what was seen, if no draw was left out
    past = seen.past if seen is not None and seen.past.of.number == of.number else Past(of)
    observed = observable(past, servers[0], seed)
    read = readings(past, servers[0], observed, LOOKS, seed)
    return facts(of, answer.allows, observed.values), admission_path(of, answer.allows, read)


def _beside(few: Inputs, seed: int) -> tuple[Limit, ...]:
    """Return the limits beside the servers."""
    offer = few.offer
    case, tried = of_credit.case_of(few, offer.network), of_credit.tries(few, offer.network)
    return credit_limits(case, of_credit.LIMIT_PATHS, few.objective, offer.accounts, seed, tried)


def draws_of(scenario: Scenario, asked: int | None) -> int:
    """Return how many draws a plan has if so many are asked for; None = not said [-]."""
    if asked is not None and (type(asked) is not int or asked < 1):
        raise ValueError(f"draws: wanted a whole number from 1 on, found {asked!r}")
    return asked or (SIMULATED if _is_simulated(scenario, resolve.inputs(scenario)) else DRAWS)


def _is_simulated(scenario: Scenario, central: Inputs) -> bool:
    """Return whether the closed form only brackets the answer, or cannot hold the question."""
    uncertain = any(one.path.startswith("simulation.") for one in resolve.uncertain(scenario))
    return central.placement.rule == "pool" or central.options.on or uncertain


def _checks(
    central: Inputs, answer: admission_number.Answer, seed: int, workers: int, say: Progress
) -> "tuple[Check, ...]":
    """Return the servers' limits by both engines: with the accounts offered, and with as many as the servers carry."""
    from planner.model.admission import cross_check  # noqa: PLC0415  # as above

    say("simulation beside the closed form", 0.75)
    servers = (one.central for one in answer.admission.limits if one.limit in RESOURCES)
    carried = min((one for one in servers if one is not None), default=0)
    return cross_check.checks(central, (central.offer.accounts, carried), seed, workers)
