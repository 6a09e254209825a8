"""`planner csv`: a scenario as a table that says what each row is, and what was changed in it back as a scenario."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from planner import output
from planner.api import observed
from planner.cli import DONE, BadInput, observation_files, types
from planner.cli.plan import load
from planner.scenario import overlay, sheet
from planner.scenario.problem import Problem, ScenarioError
from planner.scenario.reader import Scenario, read

DATE = r"\d{4}-\d\d(-\d\d)?"
"""Spreadsheets turn 2021-04 into the first of April and do not turn it back: an apostrophe keeps it text."""


@click.command(name="csv")
@click.argument("scenario", type=types.PATH)
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one entry first.")
@click.option("--apply", "table", type=types.PATH, help="The table, changed: CSV, XLSX, XLS or ODS.")
@click.option("--out", type=types.PATH, help="With --apply: the new scenario; it must not be there yet.")
def command(scenario: Path, sets: tuple[str, ...], table: Path | None, out: Path | None) -> int:
    """Print all that a scenario says as CSV with path, value and meaning; or make a scenario of a changed table.

    A number and its range stand in one cell: 6 users (4 to 9), or 4 to 9 users. A row that is missing, or as it was,
    changes nothing; new rows add entries; an empty cell leaves a part out; the column "meaning" is not read. A number
    or a statement that changes loses its source and as_of, which never said it, unless their rows change too.

    \b
    planner csv scenarios/pilot-5.yaml > pilot.csv
    planner csv scenarios/pilot-5.yaml --apply pilot.csv --out scenarios/mine.yaml
    """
    load(scenario, sets)
    if table is None:
        from planner.report.tables import as_csv

        cells = [
            (path, re.sub(rf"^({DATE})$", r"'\1", value), text) for path, value, text in sheet.rows(scenario, sets)
        ]
        click.echo(as_csv((*sheet.COLUMNS, sheet.MEANING), cells), nl=False)
        return DONE
    if out is None or sets:
        raise BadInput("--apply needs --out, the name of the new scenario, and goes without --set")
    output.check(out, output.NEW)
    done = _apply(scenario, table, out)
    if done is None:
        click.echo(f"{table} says what {scenario} says: nothing to write")
        return DONE
    made, unsourced = done
    click.echo(f"{out}:")
    for change in made.own_changes:
        click.echo(f"  {change.path}: {change.old} → {change.new}")
    for path in unsourced:
        click.echo(
            f"  {path}: its source did not say the new value and is left out; the row {path}.source takes another"
        )
    return DONE


def _apply(scenario: Path, table: Path, out: Path) -> tuple[Scenario, tuple[str, ...]] | None:
    """Write what a table changes as a scenario; return it and what lost its source, or leave with all that is wrong."""
    what = sheet.changed(scenario, _given(table), table.as_posix())
    if not what.anything:
        return None
    base = Path(os.path.relpath(scenario, out.parent)).as_posix()
    # read where it will lie, since it names its base from there; nobody sees it before it has been read well
    trial, text = output.beside(out, ".yaml"), overlay.yaml(base, what.title, what.entries)
    try:
        output.write(trial, text, output.NEW)
        read(trial, now=datetime.now(UTC))
        output.write(out, text, output.NEW)
    except ScenarioError as error:
        raise ScenarioError(_by_line(error, what, table)) from None
    finally:
        trial.unlink(missing_ok=True)
    return read(out), what.unsourced


def _given(table: Path) -> Sequence[sheet.Given]:
    """Return the rows of the table, the apostrophes that guarded them taken away."""
    from planner.readings import ReadingError, tables
    from planner.report.tables import unguarded

    def given(row: tables.Row) -> sheet.Given:
        path, value = (unguarded(row.cells[name]) for name in sheet.COLUMNS)
        if not path:
            raise ReadingError("path: it is empty")
        return sheet.Given(row.line, path, re.sub(rf"^'({DATE})$", r"\1", value))

    found = tables.read(table, lambda body: tables.parsed(body, sheet.COLUMNS, (), given))
    if found.bad:
        raise BadInput("\n".join(observed.places(table, found.bad)))
    observation_files.say_read(table, found)
    return found.rows


def _by_line(error: ScenarioError, what: sheet.Changed, table: Path) -> list[Problem]:
    """Return problems of the new scenario at the lines of the table that they come from."""
    placed = []
    for problem in error.problems:
        paths = [path for path in what.lines if path == problem.path or path.startswith(f"{problem.path}.")]
        path = min(paths, key=len, default=problem.path.rpartition(".")[0])
        placed.append(Problem(table.as_posix(), what.lines.get(path, 1), 1, problem.path, problem.what))
    return sorted(placed)
