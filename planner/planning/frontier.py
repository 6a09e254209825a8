"""Which offer? The hours a month that each number of accounts of each mix brings, against what it adds to the risk."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from planner.model.admission.acceptance_region import Sample, coming, dominated, region, sample
from planner.model.credit.arithmetic import price_in_credit
from planner.model.credit.parameters import derive
from planner.model.credit.simulate import run
from planner.model.credit.summary import paper_of
from planner.model.inputs.capacity import Floats, Inputs
from planner.model.inputs.credit import Case
from planner.model.overload.node_resources import Drawn
from planner.planning.credit import CURVE, case_of, of_mix, offering, with_draws, worth
from planner.planning.offer_record import Offer
from planner.scenario.reader import Scenario

DRAWS, PATHS = 150, 200
"""As few draws and paths as these tell the offers apart."""
RUNS = (1, 2, 5)
"""Numbers of accounts for which paths are run, beside the most that would join [account]."""
DISCUSSED = (5, 10, 55)
"""Numbers of accounts of the lowest level that the proposal speaks of [account]."""
HIGHER = (0.5, 0.3, 0.2)
"""Shares of the three lowest levels where fewer come at higher ones [-]."""
MOST_LEVELS = 6
"""So many levels are looked at, the cheapest first."""
LIKELY = 0.5
"""Offers are looked at that fit in so much of the cases in which today's members do [-]."""


def numbers(central: Inputs) -> tuple[int, ...]:
    """Return the numbers of accounts that are looked at [account]."""
    return tuple(sorted({*CURVE, *DISCUSSED, max(central.offer.accounts, 1)}))


def some_draws(of: Drawn, allows: Floats) -> Sample:
    """Return the draws that tell the offers apart; `allows` are accounts of the offer's own mix in each [account]."""
    return sample(of, allows, numbers(of.central), min(DRAWS, of.number))


def compared_offers(scenario: Scenario, of: Sample, seed: int) -> tuple[Offer, ...]:
    """Return the offers, by mix and number; none where no level has a price."""
    central = of.draws.central
    of_a_unit = central.networks[central.offer.network].worth.value
    prices = {name: price_in_credit(price, of_a_unit) for name, price in central.prices.items()}
    levels = sorted((name for name, price in prices.items() if price > 0), key=lambda name: prices[name])[:MOST_LEVELS]
    own = {level: share for level, share in central.offer.mix.items() if share > 0}
    levels += [level for level in own if level not in levels]
    if not any(prices[level] for level in own) or not of.draws.number:
        return ()
    drawn = case_of(with_draws(scenario, central, PATHS, seed), central.offer.network)
    makes, found = region(of, levels), []
    for mix in _mixes(levels, own):
        case = of_mix(drawn, mix, prices)
        some = _marks(case, mix, levels, central)
        usual = _usual(case, seed, max(some))
        for accounts, mark in sorted(some.items()):
            exact = of.added.get(accounts) if mix == own else None
            added = makes.added(coming(central, mix, levels, accounts)) if exact is None else exact
            if not mark and added > LIKELY * of.copes:
                continue
            paper = paper_of(offering(case, accounts))
            offer = Offer(
                mix=tuple(mix.items()),
                accounts=accounts,
                income_per_month=worth(paper.income_per_month, case.network, central.cash),
                hours_on_paper=paper.hours_per_month,
                hours_usual=usual(accounts),
                added=added,
                # weights may add up to 1 + 1e-16
                standard_error=math.sqrt(max(0.0, added * (1.0 - added)) / of.effective),
                mark=mark,
            )
            found.append(offer)
    # as they are printed, and no more than the target every month: more is not asked for
    target = paper_of(drawn).target_hours
    on_paper, usually = (
        dominated((round(min(getattr(one, name), target), 1), round(one.added, 3)) for one in found)
        for name in ("hours_on_paper", "hours_usual")
    )
    return tuple(
        replace(one, best_on_paper=not paper, best_usually=not others)
        for one, paper, others in zip(found, on_paper, usually, strict=True)
    )


def _mixes(levels: list[str], own: Mapping[str, float]) -> list[dict[str, float]]:
    """Return the mixes: each level alone, the offer's own, and fewer accounts at higher levels."""
    several = dict(zip(levels, HIGHER, strict=False))
    higher = {level: share / sum(several.values()) for level, share in several.items()}
    alone = [{level: 1.0} for level in levels]
    return [*alone, *(mix for k, mix in enumerate((dict(own), higher)) if len(mix) > 1 and (k == 0 or mix != own))]


def _marks(case: Case, mix: Mapping[str, float], levels: list[str], central: Inputs) -> dict[int, str]:
    """Return what is said of some numbers of accounts of a mix, beside every other that is looked at."""
    enough, offer = paper_of(case).accounts_needed, central.offer
    known = enough is not None and enough <= max(numbers(central))
    some = {n: "" for n in numbers(central) if not known or n <= (enough or 0)}
    if known and enough:
        # more than the target every month is not asked for
        some[enough] = "fewer at higher levels" if len(mix) > 1 and mix != offer.mix else ""
    if mix == {levels[0]: 1.0}:
        some |= dict.fromkeys(DISCUSSED, "discussed")
    if offer.accounts and {level: share for level, share in offer.mix.items() if share > 0} == mix:
        some[offer.accounts] = "this offer"
    return some


def _usual(case: Case, seed: int, most: int) -> Callable[[int], float]:
    """Return the function from a number of accounts to the hours a month that the middle path earns [h/month]."""
    # more accounts than there are businesses that would join earn no more
    most = min(most, max(1, int(np.max(derive(case, PATHS).reach))))
    worked, hours = sorted({*(n for n in RUNS if n < most), most}), []
    for accounts in worked:
        books = run(offering(case, accounts), PATHS, seed)
        block = np.maximum(books.parameters.target_cost(case.horizon), 1)
        hours.append(float(np.median(books.earned[-1] / block)) * case.spending.target.value / case.horizon)
    return lambda accounts: float(np.interp(accounts, [0, *worked], [0.0, *hours]))
