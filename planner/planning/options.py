"""The options of the discussion side by side: so many accounts, higher levels, fewer sellers, smaller jobs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from planner.model.admission.admission_number import Admission
from planner.model.admission.server_limits import COUNTS
from planner.model.credit.arithmetic import price_in_credit
from planner.model.credit.policies import with_policy
from planner.model.credit.simulate import run
from planner.model.credit.summary import has_bought, on_paper, paper_of, wait
from planner.model.inputs.capacity import RESOURCES, Inputs
from planner.model.inputs.credit import Case
from planner.model.inputs.uncertain import Uncertain
from planner.model.limit import bounded
from planner.planning.credit import LIMIT_PATHS, case_of, of_mix, offering, worth
from planner.planning.record import Option
from planner.wording import phrases
from planner.wording.names import KEYS, Names

HIGHER = 2
"""So many of the levels next in price are looked at."""
TRADE = frozenset({"spendability", "balance"})
"""Limits that hang on prices, sellers and jobs."""
THIN = 0.5
"""In a thin market every seller has so much of its hours, and is there so much of the time [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """An option before it is worked out."""

    name: str
    case: Case
    """Over few paths."""
    varies: str = ""
    unjudged: frozenset[str] = frozenset()
    """Limits whose numbers were found for another offer than this."""


def options(
    few: Inputs, admission: Admission, seed: int, brief: bool = False, names: Names = KEYS
) -> tuple[Option, ...]:
    """Return what each option brings, on paper and with the usual delays, and the first limit that refuses it."""
    return tuple(_worked_out(one, few, admission, seed, brief, names) for one in variants(few, names))


def variants(few: Inputs, names: Names = KEYS) -> Iterator[Variant]:
    """Yield the options: numbers of accounts, then what else may change with the number that is offered."""
    case, offered = case_of(few, few.offer.network), few.offer.accounts
    for accounts in sorted({*COUNTS, offered} - {0}):
        yield Variant(phrases.accounts(accounts), offering(case, accounts))
    if not offered:
        return
    said = phrases.accounts(offered)
    for level in _higher(few):
        price = price_in_credit(few.prices[level], case.network.worth.value)
        dearer = of_mix(case, {level: 1.0}, {level: price})
        yield Variant(f"{said}, all {names.level(level)}", dearer, "level", TRADE.union(RESOURCES))
    if case.spending.sellers:
        yield Variant(f"{said}, half the sellers' time", _thin(case), "sellers", TRADE)
    if case.spending.policy != "whole_jobs":
        yield Variant(f"{said}, small jobs", with_policy(case, "whole_jobs"), "jobs", TRADE)


def _higher(inputs: Inputs) -> list[str]:
    """Return the levels next in price above the dearest on offer."""
    prices = inputs.prices
    dearest = max((prices[level] for level, share in inputs.offer.mix.items() if share > 0), default=0)
    return sorted((level for level in prices if prices[level] > dearest), key=lambda level: prices[level])[:HIGHER]


def _thin(case: Case) -> Case:
    sellers = {
        name: replace(seller, hours=_thinned(seller.hours), available=_thinned(seller.available))
        for name, seller in case.spending.sellers.items()
    }
    return replace(case, spending=replace(case.spending, sellers=sellers))


def _thinned(number: Uncertain) -> Uncertain:
    return Uncertain.of(lambda usual: THIN * usual, number)


def _worked_out(variant: Variant, few: Inputs, admission: Admission, seed: int, brief: bool, names: Names) -> Option:
    case = variant.case
    network, paper = case.network, paper_of(case)
    allowed, broken = _verdict(variant, admission, names)
    by_review = bought = None
    if not brief:
        books = run(on_paper(case), 1, seed)
        by_review = float(books.minutes[:, : few.offer.review.after].sum()) / 60
        bought = wait(has_bought(run(case, LIMIT_PATHS, seed)), None)
    return Option(
        name=variant.name,
        accounts=network.accounts,
        income_per_month=worth(paper.income_per_month, network, case.cash),
        hours_per_month=paper.hours_per_month,
        months_to_afford=paper.within(case.horizon),
        allowed=allowed,
        broken_by=broken,
        hours_by_review=by_review,
        months_to_buy=bought,
        varies=variant.varies,
    )


def _verdict(variant: Variant, admission: Admission, names: Names) -> tuple[bool | None, str]:
    """Return whether the permissions allow it, and the first that does not."""
    # what was judged for another offer says nothing of this one, unless a server is full before anybody comes
    refusing = [
        limit
        for most, limit in bounded(admission.limits)
        if most < variant.case.network.accounts
        and (limit.limit not in variant.unjudged or (limit.limit in RESOURCES and most == 0))
    ]
    if not refusing:
        return (None if variant.unjudged else True), ""
    first = refusing[0]
    return False, f"{first.limit} on {names.node(first.node)}" if first.node else first.limit
