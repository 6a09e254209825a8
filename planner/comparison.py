"""Scenarios side by side, with common random numbers: they differ by their inputs alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from planner import planning
from planner.model.limit import Limit
from planner.planning import Change, Plan
from planner.planning.headline import Headline, headline
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.reader import Scenario

NAMED = ("title", "seed")
"""What a scenario is called, and the seed that all share here, are no differences."""


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario of the comparison."""

    name: str
    title: str
    file: str
    changes: tuple[Change, ...]
    """Against its base."""
    objective: str
    """In words."""
    horizon: int
    """[month]"""
    target_hours: float
    """[h]"""
    answers: Headline
    limits: tuple[Limit, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One input that the scenarios do not share."""

    path: str
    help: str
    values: tuple[str, ...]
    """In words, with the range; one for each column, "" = it is not there."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, under which seed and how many draws."""

    version: str
    seed: int
    draws: int
    paths: int
    columns: tuple[Column, ...]
    differences: tuple[Difference, ...]


def compare(
    scenarios: Sequence[Scenario],
    draws: int | None = None,
    seed: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Comparison:
    """Return the scenarios side by side; an input that two of them share has the same draws in both."""
    if not scenarios:
        raise ValueError("nothing to compare: name at least one scenario")
    shared = scenarios[0].seed if seed is None else seed
    plans = []
    for k, scenario in enumerate(scenarios):
        if progress is not None:
            progress(scenario.name, k / len(scenarios))
        plans.append(planning.plan(scenario, draws=draws, seed=shared, brief=True))
    first = plans[0]
    columns = tuple(map(column, plans))
    return Comparison(first.version, shared, first.draws, first.paths, columns, differences(scenarios))


def column(plan: Plan) -> Column:
    """Return what of a plan stands beside the others."""
    return Column(
        name=plan.scenario.name,
        title=plan.scenario.title,
        file=plan.scenario.file,
        changes=plan.changes,
        objective=plan.objective_words,
        horizon=plan.credit.balance.months[-1],
        target_hours=plan.credit.target_hours,
        answers=headline(plan),
        limits=plan.admission.limits,
        warnings=plan.warnings,
    )


def differences(scenarios: Sequence[Scenario]) -> tuple[Difference, ...]:
    """Return the inputs that are not the same in all scenarios, defaults included, whichever base they come from."""
    inputs: list[dict[str, Estimate | Entry]] = [{**one.entries, **one.estimates} for one in scenarios]
    found: dict[str, Difference] = {}
    for path in dict.fromkeys(path for one in inputs for path in one if path not in NAMED):
        here = [one.get(path) for one in inputs]
        there = [one for one in here if one is not None]
        derived = len({_words(one) for one in here}) == 1 and all(one.is_default for one in there)
        if derived or all(_value(one) == _value(here[0]) for one in here):
            continue
        # a network or a seller that one of them has not is one difference, not as many as it has entries
        whole = min((_first_missing(path, one) for one in inputs if path not in one), key=len, default=path)
        if whole == path:
            found[path] = Difference(path, there[0].help, tuple(map(_words, here)))
        elif whole not in found:
            among = tuple(any(f"{other}.".startswith(f"{whole}.") for other in one) for one in inputs)
            found[whole] = Difference(whole, "", tuple("is there" if one else "" for one in among))
    return tuple(found.values())


def _first_missing(path: str, inputs: Mapping[str, Estimate | Entry]) -> str:
    """Return how much of a path must be named to reach what a scenario has nothing of."""
    parts = path.split(".")
    for depth in range(1, len(parts)):
        whole = ".".join(parts[:depth])
        if not any(f"{other}.".startswith(f"{whole}.") for other in inputs):
            return whole
    return path


def _value(one: Estimate | Entry | None) -> object:
    """Return what an input comes to, however it is written: 90 min is 1.5 h."""
    if isinstance(one, Estimate):
        numbers = (one.value, one.low, one.high)
        return *(None if number is None else f"{number:.12g}" for number in numbers), one.currency
    return None if one is None else (one.value,)


def _words(one: Estimate | Entry | None) -> str:
    return "" if one is None else one.words if isinstance(one, Estimate) else one.text


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain dicts, lists, strings and numbers: the record planner.comparison/1."""
    return {"schema": "planner.comparison/1", **asdict(comparison)}
