"""A grid of scenarios: every combination of some entries' values, each planned, one tidy row for each."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from planner.plan import Plan, plan
from planner.scenario.reader import Scenario, ScenarioError, read

MOST_CELLS = 100_000


class NotAGrid(ValueError):
    """An axis that cannot be read; the message says what is wanted."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One entry of the scenario and the values it takes, as a person would write them."""

    path: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """The answers of one cell; `error` is what went wrong, and then nothing else is known."""

    values: tuple[str, ...]
    """One for each axis."""
    max_accounts: int | None = None
    central: int | None = None
    binding: str = ""
    binding_node: str = ""
    all_hold: float | None = None
    income_per_month: str = ""
    hours_per_month: float | None = None
    months_to_afford: int | None = None
    months_to_afford_p10: int | None = None
    months_to_afford_p50: int | None = None
    months_to_afford_p90: int | None = None
    afford_probability: float | None = None
    months_to_buy_p50: int | None = None
    buy_probability: float | None = None
    digest: str = ""
    error: str = ""


def axis(text: str) -> Axis:
    """Return an axis from `PATH=A..B:STEP` or `PATH=V,V,…`; each value may carry a unit.

    Raises
    ------
    NotAGrid
        If the text has no `=`, no value, a step that leads nowhere, or more values than anyone can wait for.

    Examples
    --------
    >>> axis("offer.accounts=0..10:5").values
    ('0', '5', '10')
    >>> axis("spending.hourly_rate=30 GBP/h,45 GBP/h").values
    ('30 GBP/h', '45 GBP/h')
    """
    path, equals, values = text.partition("=")
    if not equals or not path.strip() or not values.strip():
        raise NotAGrid(f"{text}: wanted PATH=A..B:STEP or PATH=V,V,…, like offer.accounts=0..120:5")
    return Axis(path.strip(), _span(text, values) if ".." in values else _list(text, values))


def _list(text: str, values: str) -> tuple[str, ...]:
    found = tuple(value.strip() for value in values.split(","))
    if "" in found:
        raise NotAGrid(f"{text}: a value is missing between two commas")
    return found


def _span(text: str, values: str) -> tuple[str, ...]:
    """Return A, A + STEP, … up to B; decimal, so that 0.1 three times is 0.3."""
    span, _, step = values.partition(":")
    low, _, high = span.partition("..")
    amount, _, unit = high.strip().partition(" ")
    try:
        first, last, by = Decimal(low.strip()), Decimal(amount), Decimal(step.strip() or "1")
    except InvalidOperation:
        raise NotAGrid(f"{text}: wanted numbers, like 0..120:5 or 24..45:3 GBP/h written as 24..45 GBP/h:3") from None
    if not all(number.is_finite() for number in (first, last, by)) or by <= 0 or last < first:
        raise NotAGrid(f"{text}: from {low} to {high} in steps of {step or 1} there is nothing")
    count = int((last - first) / by) + 1
    if count > MOST_CELLS:
        raise NotAGrid(f"{text}: {count:,} values, more than {MOST_CELLS:,}")
    return tuple(f"{(first + by * k).normalize():f} {unit}".strip() for k in range(count))


def cells(axes: Sequence[Axis]) -> tuple[tuple[str, ...], ...]:
    """Return every combination of the axes' values, the last axis moving fastest.

    Raises
    ------
    NotAGrid
        If an entry stands on two axes, or the combinations are more than anyone can wait for.
    """
    if len({one.path for one in axes}) < len(axes):
        raise NotAGrid("an entry may stand on one axis only")
    count = math.prod(len(one.values) for one in axes)
    if count > MOST_CELLS:
        raise NotAGrid(f"{count:,} cells, more than {MOST_CELLS:,}")
    return tuple(itertools.product(*(one.values for one in axes)))


def sweep(
    file: Path,
    axes: Sequence[Axis],
    *,
    draws: int | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    done: Mapping[tuple[str, ...], Row] | None = None,
) -> Iterator[Row]:
    """Yield the row of each cell as it is finished, in any order; cells that are `done` are not planned again.

    All cells share the scenario's seed: common random numbers, so neighbouring cells differ by their inputs alone.
    The scenario is read here and travels to the worker whole, so a worker needs no file of ours.

    Parameters
    ----------
    file : Path
        The scenario.
    axes : sequence of Axis
        What varies.
    draws : int or None
        Draws of the uncertain inputs in each cell; None = the plan's default [-].
    workers : int
        Processes on this machine [-].
    scheduler : str or None
        Address of a running Dask scheduler that does the work instead.
    done : mapping
        Rows of an earlier, interrupted run, by values.
    """
    from joblib import Parallel, delayed

    known = done or {}
    missing = [values for values in cells(axes) if values not in known]

    def jobs() -> Iterator[object]:
        for values in missing:
            yield delayed(_cell)(values, *_scenario(file, axes, values), draws)

    with ExitStack() as stack:
        if scheduler is not None:
            stack.enter_context(_cluster(scheduler))
        jobs_at_once = None if scheduler is not None else workers
        run = Parallel(n_jobs=jobs_at_once, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
        yield from run(jobs())


def _cluster(address: str) -> AbstractContextManager[object]:
    """Return a context in which joblib sends its work to the scheduler at `address`."""
    from distributed import Client
    from joblib import parallel_config

    stack = ExitStack()
    stack.enter_context(Client(address, timeout="10s"))
    stack.enter_context(parallel_config(backend="dask", wait_for_workers_timeout=30))
    return stack


def _scenario(file: Path, axes: Sequence[Axis], values: Sequence[str]) -> tuple[Scenario | None, str]:
    """Return the scenario of a cell, or what is wrong with it."""
    try:
        return read(file, tuple(f"{one.path}={value}" for one, value in zip(axes, values, strict=True))), ""
    except ScenarioError as error:
        return None, "; ".join(str(problem) for problem in error.problems)


def _cell(values: tuple[str, ...], scenario: Scenario | None, wrong: str, draws: int | None) -> Row:
    """Return the row of one cell: one that fails is a row that says why, and the others go on."""
    if scenario is None:
        return Row(values, error=wrong)
    try:
        return row(values, plan(scenario, draws=draws, brief=True))
    except Exception as error:
        return Row(values, digest=scenario.digest, error=f"{type(error).__name__}: {error}")


def row(values: tuple[str, ...], result: Plan) -> Row:
    """Return the tidy row of a plan."""
    afford, buy = result.credit.months_to_afford, result.credit.months_to_buy
    binding = result.admission.binding
    return Row(
        values=values,
        max_accounts=result.admission.max_accounts,
        central=result.admission.central,
        binding=binding.limit if binding else "",
        binding_node=(binding.node or "") if binding else "",
        all_hold=result.admission.all_hold,
        income_per_month=str(result.credit.income_per_month),
        hours_per_month=result.credit.hours_per_month,
        months_to_afford=afford.central,
        months_to_afford_p10=afford.p10,
        months_to_afford_p50=afford.p50,
        months_to_afford_p90=afford.p90,
        afford_probability=afford.probability_within_horizon,
        months_to_buy_p50=buy.p50,
        buy_probability=buy.probability_within_horizon,
        digest=result.scenario.digest,
    )


def time_left(elapsed: float, finished: int, total: int) -> float | None:
    """Return the seconds that the remaining cells will take at the pace so far; None before the first is finished.

    Parameters
    ----------
    elapsed : float
        Since the first cell began [s].
    finished : int
        Cells done since then [-].
    total : int
        Cells to do since then, those done among them [-].
    """
    return None if finished == 0 else elapsed / finished * (total - finished)


def in_order(rows: Iterable[Row], axes: Sequence[Axis]) -> tuple[Row, ...]:
    """Return the rows in the grid's order, whichever was finished first."""
    place = {values: k for k, values in enumerate(cells(axes))}
    return tuple(sorted((one for one in rows if one.values in place), key=lambda one: place[one.values]))
