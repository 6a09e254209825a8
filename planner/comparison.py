"""Scenarios side by side, with common random numbers: they differ by their inputs alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from planner import planning
from planner.model.limit import Limit
from planner.planning import Change, Names, Plan
from planner.planning.headline import Headline, headline
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.reader import Scenario

NAMED = ("title", "seed")
"""What a scenario is called, and the seed that all share here, are no differences; nor what it calls its parts."""


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario of the comparison."""

    name: str
    title: str
    file: str
    changes: tuple[Change, ...]
    objective: str
    horizon: int
    target_hours: float
    """Changes against its base, objective in words, horizon [month], hours to buy [h]."""
    answers: Headline
    limits: tuple[Limit, ...]
    warnings: tuple[str, ...]
    names: Names
    """What people call its nodes, networks, levels and sellers."""


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
        names=plan.names,
    )


def differences(scenarios: Sequence[Scenario]) -> tuple[Difference, ...]:
    """Return the inputs that are not the same in all scenarios, defaults included, whichever base they come from."""
    scenario_inputs: list[dict[str, Estimate | Entry]] = [{**each.entries, **each.estimates} for each in scenarios]
    by_path: dict[str, Difference] = {}
    for path in dict.fromkeys(path for inputs in scenario_inputs for path in inputs if not _is_a_name(path)):
        here = [inputs.get(path) for inputs in scenario_inputs]
        there = [entry for entry in here if entry is not None]
        derived = len(set(map(_words, here))) == 1 and all(entry.is_default for entry in there)
        if derived or all(_value(entry) == _value(here[0]) for entry in here):
            continue
        # a network or a seller that a scenario lacks is one difference, not as many as it has entries
        lacking = (_first_missing(path, inputs) for inputs in scenario_inputs if path not in inputs)
        whole = min(lacking, key=len, default=path)
        if whole == path:
            by_path[path] = Difference(path, there[0].help, tuple(map(_words, here)))
        elif whole not in by_path:
            among = tuple("is there" if _has(inputs, whole) else "" for inputs in scenario_inputs)
            by_path[whole] = Difference(whole, "", among)
    return tuple(by_path.values())


def _is_a_name(path: str) -> bool:
    return path in NAMED or path.endswith(".called")


def _has(inputs: Mapping[str, Estimate | Entry], whole: str) -> bool:
    """Return whether a scenario has an input at a path or below it."""
    return any(f"{path}.".startswith(f"{whole}.") for path in inputs)


def _first_missing(path: str, inputs: Mapping[str, Estimate | Entry]) -> str:
    """Return how much of a path must be named to reach what a scenario has nothing of."""
    parts = path.split(".")
    beginnings = (".".join(parts[:depth]) for depth in range(1, len(parts)))
    return next((whole for whole in beginnings if not _has(inputs, whole)), path)


def _value(entry: Estimate | Entry | None) -> object:
    """Return what an input comes to, however it is written: 90 min is 1.5 h."""
    if isinstance(entry, Estimate):
        numbers = (entry.value, entry.low, entry.high)
        return *(None if number is None else f"{number:.12g}" for number in numbers), entry.currency
    return None if entry is None else (entry.value,)


def _words(entry: Estimate | Entry | None) -> str:
    return "" if entry is None else entry.words if isinstance(entry, Estimate) else entry.text


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain dicts, lists, strings and numbers: the record planner.comparison/1."""
    return {"schema": "planner.comparison/1", **asdict(comparison)}
