"""How much each uncertain input moves the months to afford and to buy: one at a time, from its low to its high."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.model.credit.simulate import run
from planner.model.credit.summary import affords, has_bought, quantiles, wait
from planner.model.inputs.credit import Case


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one case over its paths; None = not within the horizon on half of the cases."""

    afford: int | None
    buy: int | None
    """Medians to afford the target, and to buy it [month]."""
    buy_probability: float
    """Of that within the horizon [-]."""
    hours: float
    """Median hours bought within the horizon [h]."""


@dataclass(frozen=True, slots=True)
class Tornado:
    """All uncertain inputs, one at a time."""

    nominal: Answers
    levers: Mapping[str, tuple[Answers, Answers]]
    """By path: with the input at its low, and at its high.

    Largest effect on the months to buy first, then on the probability, the months to afford, the hours.
    """


def answers(case: Case, n_paths: int, seed: int) -> Answers:
    """Return the answers of one case."""
    ledger = run(case, n_paths, seed)
    afford, buy = wait(affords(ledger), None), wait(has_bought(ledger), None)
    hours = quantiles(ledger.hours[-1]).p50 or 0.0
    return Answers(afford.p50, buy.p50, buy.probability_within_horizon, hours)


def one_at_a_time(nominal: Case, cases: Mapping[str, tuple[Case, Case]], n_paths: int, seed: int) -> Tornado:
    """Return what each input does to the answers at its low and at its high alone, with common random numbers."""
    middle = answers(nominal, n_paths, seed)
    ends = {path: (answers(low, n_paths, seed), answers(high, n_paths, seed)) for path, (low, high) in cases.items()}
    after = nominal.horizon + 1  # what None counts as

    def spread(path: str, name: str) -> float:
        found = [getattr(answer, name) for answer in (*ends[path], middle)]
        numbers = [float(after if number is None else number) for number in found]
        return max(numbers) - min(numbers)

    by_importance = ("buy", "buy_probability", "afford", "hours")
    order = sorted(ends, key=lambda path: [spread(path, name) for name in by_importance], reverse=True)
    return Tornado(middle, {path: ends[path] for path in order})
