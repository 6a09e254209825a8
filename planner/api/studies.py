"""What is made of several plans, or of what happened: sweeps, comparisons, calibrations and reviews."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from planner import comparison, grid, output, planning
from planner.api import given, observed
from planner.api.plans import File
from planner.api.result import Frame, Result
from planner.charts.panels import Chart
from planner.grid import Axis, NotAGrid, Row
from planner.learning import calibration
from planner.model.inputs.observations import History, Member, Posting
from planner.pilot_review import outcome, record, verdict
from planner.pilot_review.held_against_bands import held_against_bands
from planner.planning.assumptions import names_of
from planner.planning.make import Progress
from planner.report import comparison as compared
from planner.report import grid as swept
from planner.report import learned_page, review_page
from planner.scenario import overlay, reader
from planner.scenario.reader import Scenario
from planner.wording.names import Names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_HOURS = 10_000
"""That the volunteers may have written down [h/month]."""


class Sweep(Result):
    """A grid of plans: `rows` has one record for each cell."""

    def __init__(self, axes: Sequence[Axis], rows: Sequence[Row], names: Names) -> None:
        self.axes, self.rows, self.names = tuple(axes), tuple(rows), names

    frame = Frame(lambda made: swept.table(made.axes, made.rows), "A row for each cell: its values and its answers.")

    def chart(self, name: str | None = None, ax: "Axes | Iterable[Axes] | None" = None) -> "Figure":
        """Return the chart of one answer over one or two axes; None = the answer that tells most cells apart."""
        return super().chart(name or swept.most_telling(self.axes, self.rows), ax)

    def _charts(self) -> Iterable[Chart]:
        return swept.charts_of(self.axes, self.rows, self.names)

    def _says(self) -> str:
        failed = sum(row.answers is None for row in self.rows)
        return f"{len(self.rows):,} cells over {', '.join(axis.path for axis in self.axes)}, {failed:,} failed"


def sweep(
    scenario: Scenario,
    over: Mapping[str, Iterable[object]] | Sequence[Axis],
    *,
    draws: int = 100,
    workers: int = 1,
    scheduler: str | None = None,
    done: Mapping[tuple[str, ...], Row] | None = None,
    each: Callable[[Row], None] | None = None,
) -> Sweep:
    """Return the plans of every combination of some entries' values, in the order of the grid.

    Parameters
    ----------
    scenario : Scenario
        With what else was changed in it; its seed is that of all cells.
    over : dict of str to values
        By the path of an entry, the values it takes: `{"offer.accounts": range(1, 21)}`, or as `planner sweep --over`
        has it, `{"offer.accounts": "1..20"}`.
    draws : int
        Of the uncertain inputs in each cell [-].
    workers : int
        Processes [-].
    scheduler : str or None
        The address of a Dask cluster, in place of processes here.
    done : dict of tuple to Row
        Rows that are there already, by their values.
    each : callable or None
        Told each row as soon as it is finished.

    Raises
    ------
    ArgumentError
        If an argument is not what it should be.
    NotAGrid
        If there is no such grid, or none of its cells is a scenario. A single cell that fails is a row that says why.
    """
    scenario, draws = given.scenario(scenario), given.whole(draws, "draws", given.FEWEST_DRAWS)
    workers = given.whole(workers, "workers", 1)
    axes = tuple(_axis(*pair) for pair in over.items()) if isinstance(over, Mapping) else _axes(over)
    grid.possible(scenario, axes)
    rows = dict(done or {})
    for row in grid.sweep(scenario, axes, draws=draws, workers=workers, scheduler=scheduler, done=done):
        rows[row.values] = row
        if each is not None:
            each(row)
    return Sweep(axes, grid.in_order(rows.values(), axes), names_of(scenario))


def _axes(over: object) -> tuple[Axis, ...]:
    axes = tuple(over) if isinstance(over, Iterable) else ()
    if not axes or not all(isinstance(axis, Axis) for axis in axes):
        raise given.wrong("over", 'values by entry, such as {"offer.accounts": [5, 10]}', over)
    return axes


def _axis(path: str, values: object) -> Axis:
    if not isinstance(values, Iterable):
        raise given.wrong(f"{path}", "several values, such as [5, 10]", values)
    listed = grid.axis(f"{path}={values}").values if isinstance(values, str) else tuple(map(overlay.flow, values))
    if not listed or len(set(listed)) < len(listed):
        raise NotAGrid(f"{path}: wanted values that differ from each other, found {', '.join(listed) or 'none'}")
    return Axis(path, listed)


class Comparison(Result):
    """Scenarios side by side: they differ by their inputs alone."""

    def __init__(self, record: comparison.Comparison) -> None:
        self.record = record

    frame = Frame(lambda made: compared.table(made.record), "The answers: a row for each scenario.")
    differences = Frame(lambda made: compared.different(made.record), "The inputs that the scenarios do not share.")

    def _charts(self) -> Iterable[Chart]:
        return compared.charts_of(self.record)

    def _says(self) -> str:
        return " ".join(compared.answer(self.record))


def compare(
    *scenarios: Scenario,
    draws: int | None = None,
    seed: int | None = None,
    steps: bool | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Return scenarios side by side, planned with the same random numbers.

    Parameters
    ----------
    *scenarios : Scenario
        One or more.
    draws : int or None
        Draws of the uncertain inputs; None = 4,000 [-].
    seed : int or None
        For all of them; None = that of the first [-].
    steps : bool or None
        Whether to go from the first to each other, one changed entry a step, each a plan; None = if there are two.
    progress : callable or None
        Told what is being done, and the share that is done.

    Raises
    ------
    ArgumentError
        If an argument is not what it should be.
    ScenarioError
        If a plan would take too long or too much memory.
    """
    if not scenarios:
        raise given.ArgumentError("nothing to compare: name at least one scenario")
    those = [given.scenario(one) for one in scenarios]
    return Comparison(comparison.compare(those, given.draws(draws), given.seed(seed), progress, steps))


class Calibration(Result):
    """What a history says of a scenario's inputs."""

    def __init__(self, record: calibration.Calibration, scenario: Scenario, files: Sequence[Path] = ()) -> None:
        self.record, self.scenario, self.files = record, scenario, tuple(files)
        self.names = names_of(scenario)

    learned = Frame(lambda made: learned_page.learned(made.record), "Each input before and after, and from what.")
    checks = Frame(
        lambda made: learned_page.asked(made.record), "Does the plan's picture of meetings fit what was seen?"
    )

    def save(self, file: File, keep: Sequence[Path | None] = ()) -> Scenario:
        """Write what was learned as a scenario that changes the one it was learned for, and return it, read.

        Parameters
        ----------
        file : str or Path
            A name of its own, or one that was saved like this before; the week is put beside it.
        keep : sequence of Path or None
            More files that it may not replace, whatever they are.

        Raises
        ------
        OSError
            If the file cannot be written, or another one stands in its place.
        ValueError
            If the scenario is not as its file says it.
        """
        target = Path(file)
        if self.scenario.sets:
            raise ValueError(f"learned for {self.scenario!r}, which no file says: calibrate the file's own scenario")
        files = list[output.Piece]()
        entries: dict[str, overlay.Entry | overlay.Shares | str] = dict(self.record.entries)
        if self.record.profile is not None:
            week = target.with_name(f"{target.stem}-week.csv")
            files.append((week, self.record.profile, output.TABLE))
            entries["usage.everyone.profile"] = week.name
        own = Path(self.scenario.file)
        base = Path(os.path.relpath(own, target.parent)).as_posix()
        text = overlay.text(base, f"{self.scenario.title}, as learned from {self.record.history}", entries)
        files.append((target, output.LEARNED_MARK + text, output.LEARNED))
        target.parent.mkdir(parents=True, exist_ok=True)
        # its bases too: a scenario must not come to stand on itself
        bases = (own.parent / name for name, _ in self.scenario.sources)
        output.write_all(files, inputs=[*bases, *self.files, *keep])
        return reader.read(target)

    def _charts(self) -> Iterable[Chart]:
        return learned_page.charts_of(self.record, self.names)

    def _says(self) -> str:
        return " ".join((f"{learned_page.span(self.record)}.", *learned_page.verdict(self.record)))


def calibrate(
    scenario: Scenario, history: History | File, members: Sequence[Member] | File | None = None
) -> Calibration:
    """Return what a history of meetings says of a scenario's inputs.

    Parameters
    ----------
    scenario : Scenario
        Its ranges are what was known before.
    history : History or file
        A table of meetings, or what `planner observe` filled.
    members : sequence of Member, file or None
        The members' sheet.

    Raises
    ------
    ArgumentError
        If an argument is not what it should be.
    CountedTwice
        If the scenario says under experience what the history saw too.
    ReadingError, StoreError
        If a file is not what it should be. Lines that are skipped are named in a warning.
    """
    scenario, seen = given.scenario(scenario), observed.history_of(history)
    if twice := calibration.counted_twice(scenario, seen):
        raise calibration.CountedTwice("\n".join(twice))
    files = [Path(one) for one in (history, members) if isinstance(one, str | PathLike)]
    return Calibration(calibration.calibrate(scenario, seen, observed.members_of(members)), scenario, files)


class Review(Result):
    """The pilot after some months."""

    def __init__(self, record: record.Review, plan: planning.Plan) -> None:
        self.record, self.plan = record, plan

    predicted = Frame(lambda made: review_page.predicted(made.record), "What was predicted, and what happened.")
    asked = Frame(lambda made: review_page.rule(made.record), "What the review rule asks, and what was found.")

    @property
    def verdict(self) -> str:
        """What the review rule says: "go on", "hold", "stop" or "unknown"."""
        return self.record.verdict

    def _charts(self) -> Iterable[Chart]:
        return review_page.charts_of(self.record, self.plan.names)

    def _says(self) -> str:
        word, means = review_page.verdict(self.record)
        return f"{word}: {means} {'; '.join(self.record.reasons)}"


def review(
    scenario: Scenario,
    *,
    on: date,
    history: History | File | None = None,
    ledger: Sequence[Posting] | File | None = None,
    members: Sequence[Member] | File | None = None,
    volunteer_hours: float | None = None,
    draws: int | None = None,
    progress: Progress | None = None,
) -> Review:
    """Return the pilot looked back at: what was predicted, what happened, and what the review rule says.

    Parameters
    ----------
    scenario : Scenario
        What was consented to.
    on : date
        The day that is looked back from.
    history : History, file or None
        Meetings and readings; None = not known, as below.
    ledger : sequence of Posting, file or None
        The network's statement.
    members : sequence of Member, file or None
        The members' sheet.
    volunteer_hours : float or None
        That the volunteers wrote down [h/month].
    draws : int or None
        Draws of the uncertain inputs; None = 4,000 [-].
    progress : callable or None
        Told what is being done, and the share that is done.

    Raises
    ------
    ArgumentError
        If an argument is not what it should be.
    ReadingError, StoreError
        If a file is not what it should be. Lines that are skipped are named in a warning.
    """
    scenario, on, draws = given.scenario(scenario), given.day(on, "on"), given.draws(draws)
    hours = None if volunteer_hours is None else given.number(volunteer_hours, "volunteer_hours", 0, MOST_HOURS)
    seen = outcome.Seen(
        history=History("no history", ()) if history is None else observed.history_of(history),
        ledger=observed.ledger_of(ledger, scenario),
        members=observed.members_of(members),
        volunteer_hours=hours,
    )
    plan = planning.plan(scenario, draws=draws, brief=True, progress=progress)
    found = verdict.review(scenario, plan, seen, on)
    if progress is not None:
        progress("the servers' weeks", 0.95)
    return Review(held_against_bands(found, scenario, seen, plan.draws), plan)
