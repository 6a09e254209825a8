"""The credit of each network: on paper, and over the paths with every rule on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.model.credit.allowed_accounts import accounts_needed
from planner.model.credit.arithmetic import central, price_in_credit
from planner.model.credit.money import money, work
from planner.model.credit.pilot_outlook import checkpoint
from planner.model.credit.sensitivity import Tornado, one_at_a_time
from planner.model.credit.simulate import run
from planner.model.credit.summary import Months, affords, summary, wait
from planner.model.credit.wind_down import way_out
from planner.model.inputs import distributions
from planner.model.inputs.capacity import Inputs
from planner.model.inputs.credit import Case, Cash, Network, Number
from planner.planning.assumptions import ranges
from planner.planning.record import Amount, CreditPlan, MonthsCurve, Needed
from planner.scenario import resolve
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

PATHS = 10_000
LIMIT_PATHS = 1_000
"""Paths for the limits, the coupled run and the months against accounts: the standard error of a share is at most
1.6 %."""
CURVE = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 55)
"""Accounts for which the months are worked out: 1, 2, 5, 10 and 55 are those of the discussion."""
MOST_NEEDED = 100
"""The search for the accounts needed ends here: larger than any pilot discussed [account]."""
TORNADO_PATHS = 300
SECTIONS = ("networks.", "spending.", "labour.", "cash.")
"""Sections whose inputs the credit depends on."""


def drawn_picks(estimates: Sequence[Estimate], n: int, seed: int) -> resolve.Pick:
    """Return a pick that gives each uncertain estimate as an ndarray of shape (n,), one draw for each path."""
    drawn = distributions.draws(ranges(tuple(estimates)), n, seed)

    def pick(estimate: Estimate) -> Number:
        found = drawn.get(estimate.path)
        return resolve.central(estimate) if found is None else found

    return pick


def case_of(inputs: Inputs, name: str, room: Sequence[float] | None = None, room_named: str = "room") -> Case:
    """Return all that the credit of one network depends on."""
    network, spending = inputs.networks[name], inputs.spending
    worth = float(np.median(network.worth))
    sellers = {key: seller for key, seller in spending.sellers.items() if seller.network == name}
    levels = {*network.mix, *(seller.member for seller in sellers.values() if seller.member)}
    return Case(
        network=network,
        prices={level: price_in_credit(inputs.levels[level].price, worth) for level in levels},
        spending=replace(
            spending,
            sellers=sellers,
            prefer=tuple(key for key in spending.prefer if key in sellers),
            hourly_rate=np.rint(spending.hourly_rate / network.worth),
            supplier=spending.supplier if name == inputs.offer.network else None,
        ),
        horizon=inputs.horizon,
        labour=inputs.labour,
        cash=inputs.cash,
        room=room,
        room_named=room_named,
        pause_above=inputs.offer.review.pause_above,
    )


def with_draws(scenario: Scenario, inputs: Inputs, n: int, seed: int) -> Inputs:
    """Return the inputs with every uncertain number of the credit side as an ndarray of shape (n,)."""
    uncertain = [one for one in resolve.uncertain(scenario) if one.path.startswith(SECTIONS)]
    networks, spending, labour, cash = resolve.trade(scenario, drawn_picks(uncertain, n, seed))
    return replace(inputs, networks=networks, spending=spending, labour=labour, cash=cash)


def credit_plan(
    inputs: Inputs,
    drawn: Inputs,
    few: Inputs,
    name: str,
    seed: int,
    brief: bool = False,
) -> CreditPlan:
    """Return the credit of one network."""
    at_value, on_paths = case_of(inputs, name), case_of(drawn, name)
    books = run(on_paths, PATHS, seed)
    rules = summary(on_paths, at_value, books, seed)
    network = inputs.networks[name]
    unit = network.unit
    paper = rules.central
    cap = network.largest_balance
    return CreditPlan(
        network=name,
        accounts=network.accounts,
        income_per_month=in_money(paper.income_per_month, network, inputs.cash),
        hours_per_month=paper.hours_per_month,
        accounts_needed=paper.accounts_needed,
        months_to_afford=rules.afford,
        months_to_buy=rules.buy,
        target_hours=paper.target_hours,
        target_cost=in_money(paper.target_cost, network, inputs.cash),
        largest_balance=None if cap is None else Amount(round(float(np.median(cap))), unit),
        balance=rules.balance,
        paying=rules.paying,
        needed=() if brief else _needed(inputs, few, name, paper.hours_per_month, seed),
        months=MonthsCurve((), (), (), (), ()) if brief else _curve(inputs, few, name, seed),
        hours=rules.hours,
        rules=rules,
        unit=unit,
        money=money(on_paths, books),
        work=work(on_paths, books),
        review=checkpoint(books, inputs.offer.review),
        way_out=None if inputs.cash.wind_down is None else way_out(on_paths, inputs.cash.wind_down, PATHS, seed),
    )


def _needed(inputs: Inputs, few: Inputs, name: str, on_paper: float, seed: int) -> tuple[Needed, ...]:
    """Return the accounts needed as networks are: for the target every month, and for what paper promises the offer."""
    case, sure = case_of(few, name), inputs.objective.confidence
    return tuple(
        Needed(hours, sure, accounts_needed(case, hours, sure, LIMIT_PATHS, seed, MOST_NEEDED), MOST_NEEDED)
        for hours in (float(inputs.spending.target), on_paper)
        if hours > 0
    )


def in_money(credit: int, network: Network, cash: Cash) -> Amount:
    """Return what an amount of credit is worth, in the money that the network's unit is measured in.

    Parameters
    ----------
    credit : int
        [minor credit]
    network : Network
        Its worth is in the scenario's money.
    cash : Cash
        The scenario's money for one unit of each other money.
    """
    own = float(np.median(network.worth)) / float(np.median(cash.exchange.get(network.currency, 1.0)))
    return Amount(round(credit * own), network.currency)


def _curve(inputs: Inputs, few: Inputs, name: str, seed: int) -> MonthsCurve:
    """Return the months to afford the target against the number of accounts, on paper and over fewer paths."""
    paper: list[int | None] = []
    waits: list[Months] = []
    offered = sorted({*CURVE, max(1, inputs.networks[name].accounts)})
    for accounts in offered:
        at_value = case_of(_offering(inputs, name, accounts), name)
        one = central(
            accounts,
            at_value.network.mix,
            at_value.prices,
            float(np.median(at_value.spending.target)),
            float(np.median(at_value.spending.hourly_rate)),
        )
        paper.append(one.within(inputs.horizon))
        on_paths = case_of(_offering(few, name, accounts), name)
        waits.append(wait(affords(run(on_paths, LIMIT_PATHS, seed)), None))
    return MonthsCurve(
        accounts=tuple(offered),
        central=tuple(paper),
        p10=tuple(one.p10 for one in waits),
        p50=tuple(one.p50 for one in waits),
        p90=tuple(one.p90 for one in waits),
    )


def _offering(inputs: Inputs, name: str, accounts: int) -> Inputs:
    network = replace(inputs.networks[name], accounts=accounts)
    return replace(inputs, networks={**inputs.networks, name: network})


def levers(scenario: Scenario, inputs: Inputs, name: str, seed: int) -> Tornado:
    """Return what each uncertain input of the credit side does to the months, one at a time."""
    cases = {}
    for one in resolve.uncertain(scenario):
        if one.path.startswith(SECTIONS):
            cases[one.path] = (_at(scenario, inputs, name, one, one.low), _at(scenario, inputs, name, one, one.high))
    return one_at_a_time(case_of(inputs, name), cases, TORNADO_PATHS, seed)


def _at(scenario: Scenario, inputs: Inputs, name: str, moved: Estimate, value: float | None) -> Case:
    """Return the case with one input moved and all others at their value."""

    def pick(estimate: Estimate) -> float:
        if estimate.path == moved.path and value is not None:
            return value
        return resolve.central(estimate)

    networks, spending, labour, cash = resolve.trade(scenario, pick)
    return case_of(replace(inputs, networks=networks, spending=spending, labour=labour, cash=cash), name)
