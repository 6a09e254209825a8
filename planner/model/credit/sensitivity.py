"""How much each uncertain input moves the months to afford and to buy: one at a time, from its low to its high."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from planner.model.credit.simulate import run
from planner.model.credit.summary import affords, has_bought, quantiles, wait
from planner.model.inputs.credit import Case


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one case over its paths; None = not within the horizon on half of the paths."""

    afford: int | None
    """Median to afford the target [month]."""
    buy: int | None
    """Median to buy it [month]."""
    buy_probability: float
    """Of that within the horizon [-]."""
    hours: float
    """Median hours bought within the horizon [h]."""


@dataclass(frozen=True, slots=True)
class Lever:
    """What one uncertain input does to the answers."""

    path: str
    at_low: Answers
    at_high: Answers


@dataclass(frozen=True, slots=True)
class Tornado:
    """All uncertain inputs, one at a time."""

    at_value: Answers
    levers: tuple[Lever, ...]
    """Largest effect on the months to buy first, then on the probability, the months to afford, the hours."""


def answers(case: Case, n_paths: int, seed: int) -> Answers:
    """Return the answers of one case."""
    books = run(case, n_paths, seed)
    afford, buy = wait(affords(case, books), None), wait(has_bought(case, books), None)
    hours = quantiles(books.hours[-1]).p50 or 0.0
    return Answers(afford.p50, buy.p50, buy.probability_within_horizon, hours)


def tornado(at_value: Case, cases: Mapping[str, tuple[Case, Case]], n_paths: int, seed: int) -> Tornado:
    """Return what each uncertain input does to the answers, with common random numbers.

    Parameters
    ----------
    at_value : Case
        Every number at its value.
    cases : mapping of str to tuple of Case and Case
        By the input's path: the case with this input alone at its low, and at its high.
    n_paths : int
        Number of paths; a thousand are enough to rank the inputs [-].
    seed : int
        The scenario's seed [-].
    """
    middle = answers(at_value, n_paths, seed)
    levers = [
        Lever(path, answers(low, n_paths, seed), answers(high, n_paths, seed)) for path, (low, high) in cases.items()
    ]
    after = at_value.horizon + 1

    def effect(lever: Lever) -> tuple[float, float, float, float]:
        low, high = lever.at_low, lever.at_high
        return (
            _apart(low.buy, high.buy, middle.buy, after),
            _apart(low.buy_probability, high.buy_probability, middle.buy_probability, after),
            _apart(low.afford, high.afford, middle.afford, after),
            _apart(low.hours, high.hours, middle.hours, after),
        )

    return Tornado(middle, tuple(sorted(levers, key=effect, reverse=True)))


def _apart(low: float | None, high: float | None, middle: float | None, after: int) -> float:
    """Return how far apart three answers lie; None counts as the month after the horizon."""
    numbers = [float(after) if number is None else float(number) for number in (low, high, middle)]
    return math.fsum((max(numbers), -min(numbers)))
