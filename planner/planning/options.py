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
    """An option before it is worked out: the case with every input at its value, and over few paths."""

    name: str
    at_value: Case
    drawn: Case
    varies: str = ""
    unjudged: frozenset[str] = frozenset()
    """Limits whose numbers were found for another offer than this."""


def options(
    inputs: Inputs, few: Inputs, admission: Admission, seed: int, brief: bool = False, names: Names = KEYS
) -> tuple[Option, ...]:
    """Return what each option brings, on paper and with the usual delays, and the first limit that refuses it."""
    found = variants(inputs, few, names)
    return tuple(_worked_out(variant, inputs, admission, seed, brief, names) for variant in found)


def variants(inputs: Inputs, few: Inputs, names: Names = KEYS) -> Iterator[Variant]:
    """Yield the options: numbers of accounts, then what else may change with the number that is offered."""
    name, offered = inputs.offer.network, inputs.offer.accounts
    cases = here, paths = case_of(inputs, name), case_of(few, name)
    for accounts in sorted({*COUNTS, offered} - {0}):
        yield Variant(phrases.accounts(accounts), offering(here, accounts), offering(paths, accounts))
    if not offered:
        return
    said, of_a_unit = phrases.accounts(offered), float(inputs.networks[name].worth)
    for level in _higher(inputs):
        price = price_in_credit(inputs.prices[level], of_a_unit)
        at_value, drawn = (of_mix(case, {level: 1.0}, {level: price}) for case in cases)
        yield Variant(f"{said}, all {names.level(level)}", at_value, drawn, "level", TRADE.union(RESOURCES))
    if here.spending.sellers:
        yield Variant(f"{said}, half the sellers' time", _thin(here), _thin(paths), "sellers", TRADE)
    if inputs.spending.policy != "whole_jobs":
        at_value, drawn = (with_policy(case, "whole_jobs") for case in cases)
        yield Variant(f"{said}, small jobs", at_value, drawn, "jobs", TRADE)


def _higher(inputs: Inputs) -> list[str]:
    """Return the levels next in price above the dearest on offer."""
    prices = inputs.prices
    dearest = max((prices[level] for level, share in inputs.offer.mix.items() if share > 0), default=0)
    return sorted((level for level in prices if prices[level] > dearest), key=lambda level: prices[level])[:HIGHER]


def _thin(case: Case) -> Case:
    sellers = {
        name: replace(seller, hours=THIN * seller.hours, available=THIN * seller.available)
        for name, seller in case.spending.sellers.items()
    }
    return replace(case, spending=replace(case.spending, sellers=sellers))


def _worked_out(variant: Variant, inputs: Inputs, admission: Admission, seed: int, brief: bool, names: Names) -> Option:
    case = variant.at_value
    network, paper = case.network, paper_of(case)
    allowed, broken = _verdict(variant, admission, names)
    by_review = bought = None
    if not brief:
        books = run(on_paper(case), 1, seed)
        by_review = float(books.minutes[:, : inputs.offer.review.after].sum()) / 60
        bought = wait(has_bought(run(variant.drawn, LIMIT_PATHS, seed)), None)
    return Option(
        name=variant.name,
        accounts=network.accounts,
        income_per_month=worth(paper.income_per_month, network, inputs.cash),
        hours_per_month=paper.hours_per_month,
        months_to_afford=paper.within(inputs.horizon),
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
        if most < variant.at_value.network.accounts
        and (limit.limit not in variant.unjudged or (limit.limit in RESOURCES and most == 0))
    ]
    if not refusing:
        return (None if variant.unjudged else True), ""
    first = refusing[0]
    return False, f"{first.limit} on {names.node(first.node)}" if first.node else first.limit
