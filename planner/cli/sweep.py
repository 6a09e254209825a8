"""`planner sweep`: a grid of scenarios to a tidy table and one chart."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import click

import planner
from planner import output
from planner.cli import DONE, HOLD, stored_plan, types, wrapped
from planner.cli.plan import load, progress
from planner.grid import Axis, Row, axis, possible, still_valid, time_left
from planner.planning.assumptions import names_of
from planner.wording import phrases
from planner.wording.names import Names

PRINTED = 12
"""Rows of a small grid stand on the terminal too."""


@click.command(name="sweep", epilog="Exit code: 0 done, 3 a cell failed (its row says why), 130 interrupted.")
@click.argument("scenario", type=types.PATH)
@click.option("--over", "overs", multiple=True, required=True, metavar="PATH=A..B:STEP", help="An axis of the grid.")
@click.option("--draws", type=types.DRAWS, default=100, show_default=True, help="Draws in each cell.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default one for each core.")
@click.option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster that is there already.")
@click.option("--out", type=types.PATH, help="Folder for the results; default out/.")
@click.option(
    "--show",
    type=click.Choice(["accounts", "cope", "bought", "months_to_afford", "months_to_buy"]),
    help="What the chart shows; default what tells most cells apart.",
)
def command(
    scenario: Path,
    overs: Sequence[str],
    draws: int,
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    show: str | None,
) -> int:
    """Plan every combination of some entries' values: a table with one row for each, and a chart.

    Interrupted, it keeps the rows that are finished; started again, it goes on from them.

    \b
    planner sweep scenarios/pilot-5.yaml --over offer.accounts=0..60:5
    planner sweep pilot.yaml --over offer.accounts=5,10 \\
        --over spending.hourly_rate=20..45:5
    planner sweep pilot.yaml --over "usage.everyone.meetings=1..4/week:0.5" \\
        --scheduler tcp://host:8786
    """
    read_in = load(scenario, ())  # a scenario with problems is said once, not in every row
    axes = tuple(axis(text) for text in overs)
    total = possible(read_in, axes)
    names = names_of(read_in)
    folder = stored_plan.folder(scenario, out)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{stored_plan.name_of('sweep', (axis.path for axis in axes))}.csv"
    from planner.report import grid

    earlier = grid.read(file, axes) if file.exists() else ()
    done = still_valid(read_in, axes, draws, earlier)
    if done:
        click.echo(f"{len(done)} of {total} cells are kept from an earlier run: {file}", err=True)
    for suffix, kind in ((".svg", output.SVG), (".png", output.PNG)):  # said before anything is worked out
        output.check(file.with_suffix(suffix), kind)
    output.write(file, grid.text(axes, done.values()), output.TABLE)
    cores, kept, start = workers or os.cpu_count() or 1, len(done), time.monotonic()
    try:
        with file.open("a", encoding="utf-8", newline="") as table, progress() as say:

            def each(row: Row) -> None:
                nonlocal kept
                kept += 1
                table.write(grid.line(row))
                table.flush()  # what is finished is on disk, whatever comes
                left = time_left(time.monotonic() - start, kept - len(done), total - len(done)) or 0.0
                say(f"{kept}/{total} cells, {left // 60:.0f} min {left % 60:02.0f} s left", kept / total)

            found = planner.sweep(read_in, axes, draws=draws, workers=cores, scheduler=scheduler, done=done, each=each)
    except KeyboardInterrupt:
        click.echo(f"{kept} of {total} cells are kept; the same command goes on from them: {file}", err=True)
        raise
    return _finish(file, axes, found.rows, show, names)


def _finish(file: Path, axes: Sequence[Axis], rows: Sequence[Row], show: str | None, names: Names) -> int:
    """Write the table in the grid's order and the chart, print it if it is small, and say where both are."""
    from planner.report import grid

    shown = show or grid.most_telling(axes, rows)
    drawn = next((chart for chart in grid.charts_of(axes, rows, names) if chart.name == shown), None)
    files: list[output.Piece] = [(file, grid.text(axes, rows), output.TABLE)]
    if drawn is not None:
        files += output.chart(file.with_suffix(""), *drawn.picture())
    output.write_all(files)
    failed = [row for row in rows if row.answers is None]
    for row in rows if len(rows) <= PRINTED else ():
        click.echo(wrapped(f"{_where(axes, row)}: {_said(row, names)}"))
    click.echo(f"{len(rows)} cells, {len(failed)} failed: {file}" + (f" and {file.stem}.png" if drawn else ""))
    if drawn and len(rows) > 1 + len(failed) and grid.told_apart(axes, rows, shown) == 1:
        telling = grid.most_telling(axes, rows)
        varies = grid.told_apart(axes, rows, telling) > 1
        other = f"In the chart all cells are alike; --show {telling} would tell them apart."
        click.echo(other if varies else "Nothing that a chart can show differs between the cells.")
    if failed:
        click.echo(f"the first that failed: {_where(axes, failed[0])}: {failed[0].error}", err=True)
    return HOLD if failed else DONE


def _where(axes: Sequence[Axis], row: Row) -> str:
    return ", ".join(f"{axis.path}={value}" for axis, value in zip(axes, row.values, strict=True))


def _said(row: Row, names: Names) -> str:
    """Return the answers of one cell in words."""
    answers = row.answers
    if answers is None:
        return "failed"
    come = "no limit" if answers.max_accounts is None else f"{phrases.accounts(answers.max_accounts)} may come"
    if answers.max_accounts is not None and answers.binding:
        come += f"; the first to say no: {names.limit(answers.binding, answers.binding_node or None)}"
    month = answers.months_to_afford
    earned = "not earned in the months looked at" if month is None else f"earned in month {month}"
    return f"{come}; on paper the hours are {earned}"
