"""Scenarios side by side, with common random numbers: they differ by their inputs alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from planner import planning
from planner.model.limit import Limit
from planner.planning import Change, Names, Plan
from planner.planning.headline import Headline, headline
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.layers import DECISION
from planner.scenario.reader import Scenario, ScenarioError, between
from planner.scenario.schema import ROOT

NAMED = ("title", "seed")
"""What a scenario is called, and the seed that all share here, are no differences; nor what it calls its parts."""

MOST_STEPS = 8
"""From one scenario to another: each is a plan."""


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario of the comparison."""

    name: str
    title: str
    file: str
    changes: tuple[Change, ...]
    objective: str
    confidence: float
    horizon: int
    target_hours: float
    """Changes against its base, objective in words, share of the cases that is promised [-], horizon [month], hours to
    buy [h]."""
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
class Step:
    """One entry more that is as in the other scenario, or several where one alone will not do."""

    changes: tuple[Difference, ...]
    """With the value here and the value there; empty = the scenario that the way begins at."""
    together: str
    """Why several: "invalid" (one by one they are no scenario), "rest" (too many for a step each); "" = one alone."""
    cope: float
    """Share of the cases in which the servers cope with the accounts on offer [-]."""
    bought: float
    """Share of the cases in which the hours are bought within the horizon [-]."""


@dataclass(frozen=True, slots=True)
class Way:
    """From the first scenario to another, one changed entry a step; the last step is the other scenario."""

    to: int
    """Which column, from 0."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, under which seed and how many draws."""

    version: str
    seed: int
    draws: int
    paths: int
    columns: tuple[Column, ...]
    differences: tuple[Difference, ...]
    ways: tuple[Way, ...] = ()


def compare(
    scenarios: Sequence[Scenario],
    draws: int | None = None,
    seed: int | None = None,
    progress: Callable[[str, float], None] | None = None,
    steps: bool | None = None,
) -> Comparison:
    """Return the scenarios side by side; an input that two of them share has the same draws in both.

    With steps (None = where there are two), also the way from the first to each other, one changed entry a step.
    """
    if not scenarios:
        raise ValueError("nothing to compare: name at least one scenario")
    shared = scenarios[0].seed if seed is None else seed
    others = scenarios[1:] if steps or (steps is None and len(scenarios) == 2) else ()
    groups = [_groups(differences((scenarios[0], other))) for other in others]
    total, begun = len(scenarios) + sum(len(each) - 1 for each in groups if each), 0

    def made(scenario: Scenario, name: str) -> Plan:
        nonlocal begun
        if progress is not None:
            progress(name, begun / total)
        begun += 1
        return planning.plan(scenario, draws=draws, seed=shared, brief=True)

    plans = [made(scenario, scenario.name) for scenario in scenarios]
    first, columns = plans[0], tuple(map(column, plans))
    ways = []
    for k, (other, each) in enumerate(zip(others, groups, strict=True), start=1):
        ends = columns[0].answers, columns[k].answers
        plan_of = partial(made, name=f"{scenarios[0].name} to {other.name}")
        if each:
            ways.append(Way(k, _steps((scenarios[0], other), ends, each, plan_of)))
    return Comparison(first.version, shared, first.draws, first.paths, columns, differences(scenarios), tuple(ways))


def _groups(found: Sequence[Difference]) -> list[tuple[Difference, ...]]:
    """Return what changes in each step: one entry, and in the last all that are left; a decision moves no answer."""
    found = [each for each in found if not each.path.startswith(DECISION)]
    singly: list[tuple[Difference, ...]] = [(each,) for each in found[: MOST_STEPS - 1]]
    return [*singly, tuple(found[MOST_STEPS - 1 :])] if len(found) >= MOST_STEPS else singly


def _steps(
    pair: tuple[Scenario, Scenario],
    ends: tuple[Headline, Headline],
    groups: Sequence[tuple[Difference, ...]],
    made: Callable[[Scenario], Plan],
) -> tuple[Step, ...]:
    """Return the way from one scenario to the other; what is no valid scenario in between goes with the next step."""
    here, there = pair
    known = {here.undecided: ends[0], there.undecided: ends[1]}
    found = [Step((), "", ends[0].cope, ends[0].buy_probability)]
    changed: list[str] = []
    waiting: tuple[Difference, ...] = ()
    for k, group in enumerate(groups, start=1):
        changed += [each.path for each in group]
        waiting += group
        answers = ends[1] if k == len(groups) else None
        if answers is None:
            try:
                scenario = between(here, there, changed)
                answers = known.get(scenario.undecided) or headline(made(scenario))
            except ScenarioError:
                continue
            known[scenario.undecided] = answers
        together = "" if len(waiting) == 1 else "rest" if len(group) > 1 else "invalid"
        found.append(Step(waiting, together, answers.cope, answers.buy_probability))
        waiting = ()
    return tuple(found)


def column(plan: Plan) -> Column:
    """Return what of a plan stands beside the others."""
    return Column(
        name=plan.scenario.name,
        title=plan.scenario.title,
        file=plan.scenario.file,
        changes=plan.changes,
        objective=plan.objective_words,
        confidence=plan.confidence,
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
    for path in dict.fromkeys(path for inputs in scenario_inputs for path in inputs):
        if path in NAMED or path.endswith(".called"):
            continue
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
    sections = list(ROOT.fields)
    return tuple(sorted(by_path.values(), key=lambda each: sections.index(each.path.partition(".")[0])))


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
