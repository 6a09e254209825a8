"""A grid of scenarios: every combination of some entries' values, each planned, one tidy row for each."""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from decimal import Decimal

import planner
from planner import planning
from planner.planning.headline import Headline, headline
from planner.scenario.reader import Scenario, ScenarioError

MOST_CELLS = 100_000
TRIED = 50
"""If so many cells cannot even be read, none of them ever will be: an entry's name is misspelt, say."""
PATIENCE_S = 15
"""So long a scheduler may take to answer, and then to show its first worker."""
_NUMBER = r"[+-]?\d{1,12}(?:\.\d{1,12})?"
_AMOUNT = re.compile(rf"({_NUMBER})\s*([^\d\s(][^\d(]*)?")
"""One number with its unit; not a range such as "4 to 9 users", which is a name for the chart."""
_SPAN = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([^:]*?)\s*(?::\s*({_NUMBER})\s*)?")


class NotAGrid(planner.PlannerError, ValueError):
    """An axis that cannot be read; the message says what is wanted."""


class NoCluster(planner.PlannerError, ConnectionError):
    """A Dask cluster that cannot do the work; the message says why."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One entry of the scenario and the values it takes, as a person would write them."""

    path: str
    values: tuple[str, ...]

    @property
    def numbers(self) -> tuple[float, ...] | None:
        """Return the values as numbers, if they are numbers of one unit."""
        amounts = [amount for value in self.values if (amount := _AMOUNT.fullmatch(value))]
        alike = len(amounts) == len(self.values) and len({amount[2] for amount in amounts}) == 1
        return tuple(float(amount[1]) for amount in amounts) if alike else None

    @property
    def unit(self) -> str:
        """Return the unit that all values are in; empty if there is none."""
        amount = _AMOUNT.fullmatch(self.values[0])
        return (amount[2] or "") if amount and self.numbers else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One cell: the values it has, and its answers or what went wrong."""

    values: tuple[str, ...]
    """One for each axis."""
    answers: Headline | None
    error: str = ""


def axis(text: str) -> Axis:
    """Return an axis from `PATH=A..B:STEP` or `PATH=V,V,…`; commas inside brackets belong to a value."""
    path, equals, values = text.partition("=")
    if not text.isprintable():
        raise NotAGrid(f"{text!a}: wanted PATH=A..B:STEP or PATH=V,V,… without signs that nobody can see")
    if not equals or not path.strip() or not values.strip():
        raise NotAGrid(f"{text}: wanted PATH=A..B:STEP or PATH=V,V,…, like offer.accounts=0..120:5")
    span = _SPAN.fullmatch(values)
    listed = _list(text, values) if span is None else _steps(text, *span.groups())
    if len(set(listed)) < len(listed):
        raise NotAGrid(f"{text}: a value is listed twice")
    return Axis(path.strip(), listed)


def _list(text: str, values: str) -> tuple[str, ...]:
    """Return what stands between commas; those inside brackets separate nothing."""
    parts, depth = [""], 0
    for sign in values:
        depth += (sign in "[{") - (sign in "]}")
        if sign == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += sign
    stripped = tuple(part.strip() for part in parts)
    if "" in stripped:
        raise NotAGrid(f"{text}: a value is missing between two commas")
    if any(re.match(rf"{_NUMBER}\s*\.\.", value) for value in stripped):
        raise NotAGrid(f"{text}: wanted A..B:STEP in numbers, like 0..120:5, or 24..45 GBP/h:3")
    return stripped


def _steps(text: str, low: str, high: str, unit: str, step: str | None) -> tuple[str, ...]:
    """Return A, A + STEP, … up to B; decimal, so that 0.1 three times is 0.3."""
    first, last, by = Decimal(low), Decimal(high), Decimal(step or "1")
    if by <= 0 or last < first:
        raise NotAGrid(f"{text}: from {low} to {high} in steps of {step or 1} there is nothing")
    count = int((last - first) / by) + 1
    if count > MOST_CELLS:
        raise NotAGrid(f"{text}: {count:,} values, more than {MOST_CELLS:,}")
    return tuple(f"{(first + by * k).normalize():f} {unit}".strip() for k in range(count))


def cells(axes: Sequence[Axis]) -> tuple[tuple[str, ...], ...]:
    """Return every combination of the axes' values, the last axis moving fastest."""
    if len({axis.path for axis in axes}) < len(axes):
        raise NotAGrid("an entry may stand on one axis only")
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST_CELLS:
        raise NotAGrid(f"{count:,} cells, more than {MOST_CELLS:,}")
    return tuple(itertools.product(*(axis.values for axis in axes)))


def still_valid(
    scenario: Scenario, axes: Sequence[Axis], draws: int | None, rows: Iterable[Row]
) -> dict[tuple[str, ...], Row]:
    """Return the rows of an earlier run, by their values, that are in the grid, of this version, draws and digest."""
    wanted, valid = set(cells(axes)), {}
    for row in rows:
        answers = row.answers
        if answers is None or row.error or row.values not in wanted:
            continue
        if (answers.draws, answers.version) == (draws, planner.__version__):
            cell, _ = scenario_of(scenario, axes, row.values)
            if cell is not None and cell.digest == answers.digest:
                valid[row.values] = row
    return valid


def sweep(
    scenario: Scenario,
    axes: Sequence[Axis],
    *,
    draws: int | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    done: Mapping[tuple[str, ...], Row] | None = None,
) -> Iterator[Row]:
    """Yield the row of each cell as it is finished, in any order; all share the scenario's seed."""
    from joblib import Parallel, delayed, parallel_config

    missing = [values for values in cells(axes) if values not in (done or {})]
    if not missing:
        return
    with ExitStack() as stack:
        if scheduler is not None:
            stack.enter_context(_cluster(scheduler))
        else:
            # one thread in each process, so that the bits do not depend on how many share the machine
            stack.enter_context(parallel_config(backend="loky", n_jobs=workers, inner_max_num_threads=1))
        run = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
        tasks = (delayed(_cell)(values, *scenario_of(scenario, axes, values), draws) for values in missing)
        yield from _finished(missing, run(tasks))


def _finished(missing: Sequence[tuple[str, ...]], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows; if the workers are lost, a row for each cell that they had not finished."""
    left = dict.fromkeys(missing)
    try:
        for row in rows:
            del left[row.values]
            yield row
    except Exception as error:  # of joblib, loky or distributed: a cell's own errors are in its row
        for values in left:
            yield Row(values, None, f"not finished: {_said(error)}")


def _cluster(address: str) -> AbstractContextManager[object]:
    """Return a context in which joblib sends its work to the scheduler at `address`."""
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster("a cluster needs dask: pip install 'planner[cluster]'") from None
    from joblib import parallel_config

    with ExitStack() as stack:
        try:
            client = stack.enter_context(Client(address, timeout=f"{PATIENCE_S}s"))  # type: ignore[no-untyped-call]
            client.wait_for_workers(1, timeout=PATIENCE_S)
            versions = set(client.run(_version).values())
        except Exception as error:
            raise NoCluster(f"the Dask cluster at {address} cannot be used: {_said(error)}") from None
        if versions != {planner.__version__}:
            others = ", ".join(sorted(versions))
            raise NoCluster(f"the workers at {address} have planner {others}, and here it is {planner.__version__}")
        stack.enter_context(parallel_config(backend="dask", n_jobs=-1))
        return stack.pop_all()


def _version() -> str:
    return planner.__version__


def scenario_of(scenario: Scenario, axes: Sequence[Axis], values: Sequence[str]) -> tuple[Scenario | None, str]:
    """Return the scenario of a cell, or None and what is wrong with it."""
    sets = (f"{axis.path}={value}" for axis, value in zip(axes, values, strict=True))
    try:
        return scenario.changed(*sets), ""
    except ScenarioError as error:
        return None, "; ".join(str(problem) for problem in error.problems)


def _cell(values: tuple[str, ...], scenario: Scenario | None, wrong: str, draws: int | None) -> Row:
    """Return the row of one cell: one that fails is a row that says why, and the others go on."""
    if scenario is None:
        return Row(values, None, wrong)
    try:
        return Row(values, headline(planning.plan(scenario, draws=draws, brief=True)))
    except Exception as error:
        return Row(values, None, _said(error))


def _said(error: Exception) -> str:
    """Return an error on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def possible(scenario: Scenario, axes: Sequence[Axis]) -> int:
    """Return the number of cells; if none of the first ones is even a scenario, refuse them all."""
    grid, wrong = cells(axes), ""
    for values in grid[:TRIED]:
        cell, said = scenario_of(scenario, axes, values)
        if cell is not None:
            return len(grid)
        wrong = wrong or said
    raise NotAGrid(f"no cell can be planned: {wrong}")


def time_left(elapsed: float, finished: int, total: int) -> float | None:
    """Return the seconds that the remaining cells will take at this pace, None before the first; elapsed [s]."""
    return None if finished == 0 else elapsed / finished * (total - finished)


def in_order(rows: Iterable[Row], axes: Sequence[Axis]) -> tuple[Row, ...]:
    """Return the rows in the grid's order, whichever was finished first."""
    place = {values: k for k, values in enumerate(cells(axes))}
    return tuple(sorted((row for row in rows if row.values in place), key=lambda row: place[row.values]))
