"""The credit of each network: on paper, and over the paths with every rule on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.model.credit.allowed_accounts import accounts_needed
from planner.model.credit.arithmetic import price_in_credit
from planner.model.credit.ledger import Ledger
from planner.model.credit.money import money, work
from planner.model.credit.pilot_outlook import Checkpoint as Review
from planner.model.credit.pilot_outlook import checkpoint, first_kept
from planner.model.credit.policies import PolicyOutcome, policy_outcome, with_policy
from planner.model.credit.sensitivity import Tornado, one_at_a_time
from planner.model.credit.simulate import run
from planner.model.credit.summary import affords, paper_of, summary, wait
from planner.model.credit.wind_down import way_out
from planner.model.inputs import capacity, distributions
from planner.model.inputs.capacity import Inputs
from planner.model.inputs.credit import AS_IT_IS, POLICIES, Case, Cash, Network
from planner.model.inputs.uncertain import Uncertain, certain
from planner.planning.amount import Amount
from planner.planning.assumptions import ranges
from planner.planning.record import CreditPlan, MonthsCurve, Needed
from planner.scenario import resolve
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

PATHS = 10_000
BALANCE_TRIES = 20
"""The balance limit tries so many accounts one after the other, more if more are offered."""
POLICY_PATHS = 300
"""Of each policy that is not chosen: the standard error of a share is at most 2.9 %."""
LIMIT_PATHS = 1_000
"""Paths for the limits, the coupled run and the months against accounts: the standard error of a share is at most
1.6 %."""
CURVE = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 55)
"""Accounts for which the months are worked out: 1, 2, 5, 10 and 55 are those of the discussion."""
MOST_NEEDED = 100
"""The search for the accounts needed ends here: larger than any pilot discussed [account]."""
TORNADO_PATHS = 300
YEAR = 12
"""Losses to the network's cap are judged over a year, or to the review if that is later [month]."""
SECTIONS = ("networks.", "spending.", "labour.", "cash.")
"""Sections whose inputs the credit depends on."""


def case_of(inputs: Inputs, name: str, room: Sequence[float] | None = None, room_named: str = "room") -> Case:
    """Return all that the credit of one network depends on."""
    network, spending = inputs.networks[name], inputs.spending
    sellers = {key: seller for key, seller in spending.sellers.items() if seller.network == name}
    levels = {*network.mix, *(seller.member for seller in sellers.values() if seller.member)}
    return Case(
        network=network,
        prices={level: price_in_credit(inputs.prices[level], network.worth.value) for level in levels},
        spending=replace(
            spending,
            sellers=sellers,
            prefer=tuple(key for key in spending.prefer if key in sellers),
            hourly_rate=Uncertain.of(lambda rate, worth: np.rint(rate / worth), spending.hourly_rate, network.worth),
            supplier=spending.supplier if name == inputs.offer.network else None,
        ),
        horizon=inputs.horizon,
        labour=inputs.labour,
        cash=inputs.cash,
        room=room,
        room_named=room_named,
        pause_above=inputs.offer.review.pause_above,
        judged=min(inputs.horizon, max(YEAR, inputs.offer.review.after)),
    )


def with_draws(scenario: Scenario, inputs: Inputs, n: int, seed: int) -> Inputs:
    """Return the inputs with draws of every uncertain number of the credit side, ndarrays of shape (n,)."""
    values = distributions.draws(ranges(_uncertain(scenario)), n, seed)

    def pick(one: Estimate) -> Uncertain:
        return Uncertain(resolve.central(one), values[one.path]) if one.path in values else resolve.known(one)

    return _picked(scenario, inputs, pick)


def _uncertain(scenario: Scenario) -> list[Estimate]:
    """Return the uncertain inputs of the credit side."""
    return [estimate for estimate in resolve.uncertain(scenario) if estimate.path.startswith(SECTIONS)]


def _picked(scenario: Scenario, inputs: Inputs, pick: Callable[[Estimate], Uncertain]) -> Inputs:
    networks, spending, labour, cash = resolve.trade(scenario, pick)
    return replace(inputs, networks=networks, spending=spending, labour=labour, cash=cash)


def credit_plan(many: Inputs, few: Inputs, name: str, seed: int, brief: bool = False) -> CreditPlan:
    """Return the credit of one network, from many paths and from few."""
    case = case_of(many, name)
    books = run(case, PATHS, seed)
    rules = summary(case, books, seed)
    network, paper = case.network, rules.central
    unit, cap = network.unit, network.largest_balance
    return CreditPlan(
        network=name,
        accounts=network.accounts,
        income_per_month=worth(paper.income_per_month, network, case.cash),
        hours_per_month=paper.hours_per_month,
        accounts_needed=paper.accounts_needed,
        months_to_afford=rules.afford,
        months_to_buy=rules.buy,
        target_hours=paper.target_hours,
        target_cost=worth(paper.target_cost, network, case.cash),
        largest_balance=None if cap is None else Amount(round(cap.value), unit),
        balance=rules.balance,
        paying=rules.paying,
        needed=() if brief else _needed(few, name, paper.hours_per_month, seed),
        months=MonthsCurve((), (), (), (), ()) if brief else _curve(few, name, seed),
        hours=rules.hours,
        rules=rules,
        unit=unit,
        money=money(case, books),
        work=work(case, books),
        review=_outlook(books, case, many.offer.review, seed),
        way_out=None if case.cash.wind_down is None else way_out(case, case.cash.wind_down, PATHS, seed),
    )


def tries(inputs: Inputs, name: str) -> int:
    """Return up to how many accounts [account] the balance limit is asked."""
    return max(BALANCE_TRIES, inputs.networks[name].accounts)


def policies(scenario: Scenario, few: Inputs, name: str, seed: int) -> tuple[PolicyOutcome, ...]:
    """Return every spending policy side by side, those that are not chosen from fewer paths."""
    chosen = case_of(few, name), LIMIT_PATHS, tries(few, name)
    others = case_of(with_draws(scenario, few, POLICY_PATHS, seed), name), POLICY_PATHS, BALANCE_TRIES
    found, sure = [], few.objective.confidence_reversible
    for policy in POLICIES:
        case, paths, tried = chosen if policy == few.spending.policy else others
        found.append(policy_outcome(case, policy, paths, sure, tried, seed))
    return tuple(found)


def review_outlook(scenario: Scenario, inputs: Inputs, seed: int) -> Review:
    """Return what the review of the offered network will find, over few paths."""
    case = case_of(with_draws(scenario, inputs, LIMIT_PATHS, seed), inputs.offer.network)
    return _outlook(run(case, LIMIT_PATHS, seed), case, inputs.offer.review, seed)


def _outlook(books: Ledger, case: Case, review: capacity.Review, seed: int) -> Review:
    """Return what the review will find, with a rule that could be met beside each that cannot."""
    found, missed = checkpoint(books, review), []
    jobs: Ledger | None = None
    for one in found.missed:
        month = first_kept(books, review, one.threshold) if one.never_met else None
        other = one.never_met and month is None and case.spending.policy != "whole_jobs"
        if other:
            jobs = jobs or run(with_policy(case, "whole_jobs"), books.balance.shape[1], seed)
            month = first_kept(jobs, review, one.threshold)
        missed.append(replace(one, met_by=month, met_with="whole_jobs" if other and month else None))
    return replace(found, missed=tuple(missed))


def _needed(few: Inputs, name: str, on_paper: float, seed: int) -> tuple[Needed, ...]:
    """Return the accounts needed with the usual delays: for the target every month, and for what paper promises."""
    case, sure = case_of(few, name), few.objective.confidence
    return tuple(
        Needed(hours, sure, accounts_needed(case, hours, sure, LIMIT_PATHS, seed, MOST_NEEDED), MOST_NEEDED)
        for hours in (case.spending.target.value, on_paper)
        if hours > 0
    )


def worth(credit: int, network: Network, cash: Cash) -> Amount:
    """Return what an amount of credit [minor credit] is worth, in the money that the network's unit is measured in."""
    # the worth is in the scenario's money, and so is the exchange of each other money
    money = cash.exchange.get(network.currency, AS_IT_IS)
    return Amount(round(credit * (network.worth.value / money.value)), network.currency)


def _curve(few: Inputs, name: str, seed: int) -> MonthsCurve:
    """Return the months to afford the target against the number of accounts, on paper and over fewer paths."""
    case = case_of(few, name)
    offered = sorted({*CURVE, max(1, case.network.accounts)})
    cases = (offering(case, accounts) for accounts in offered)
    waits = [wait(affords(run(one, LIMIT_PATHS, seed)), paper_of(one).within(one.horizon)) for one in cases]
    columns = {part: tuple(getattr(one, part) for one in waits) for part in ("central", "p10", "p50", "p90")}
    return MonthsCurve(tuple(offered), **columns)


def offering(case: Case, accounts: int) -> Case:
    """Return a case in which so many accounts [account] are offered."""
    return replace(case, network=replace(case.network, accounts=accounts))


def of_mix(case: Case, mix: Mapping[str, float], prices: Mapping[str, int]) -> Case:
    """Return a case in which accounts of this mix [-] are offered, their prices [minor credit/month] added."""
    return replace(case, network=replace(case.network, mix=mix), prices={**case.prices, **prices})


def levers(scenario: Scenario, inputs: Inputs, name: str, seed: int) -> Tornado:
    """Return what each uncertain input of the credit side does to the months, one at a time."""
    cases = {
        moved.path: (_at(scenario, inputs, name, moved, moved.low), _at(scenario, inputs, name, moved, moved.high))
        for moved in _uncertain(scenario)
    }
    return one_at_a_time(case_of(inputs, name), cases, TORNADO_PATHS, seed)


def _at(scenario: Scenario, inputs: Inputs, name: str, moved: Estimate, value: float | None) -> Case:
    """Return the case with one input moved and all others at their value."""

    def pick(estimate: Estimate) -> Uncertain:
        return resolve.known(estimate) if estimate.path != moved.path or value is None else certain(value)

    return case_of(_picked(scenario, inputs, pick), name)
