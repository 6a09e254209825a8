"""`planner explain`: one input, from the file to what it moves."""

import textwrap
from pathlib import Path

import click

from planner.cli import DONE, BadInput, types

LABEL = 15
"""So wide is the column that says what a line is about, the indent included."""


@click.command(name="explain")
@click.argument("scenario", type=types.PATH)
@click.argument("path")
@click.option("--draws", default=100, show_default=True, type=types.DRAWS, help="Draws for the effect on the answer.")
def command(scenario: Path, path: str, draws: int) -> int:
    """One input: its value, range, source and place in the file, what uses it, how much it moves the answer.

    PATH is the way to it through the file, with a dot at each step down.

    \b
    planner explain scenarios/pilot-5.yaml nodes.de.limits.users
    """
    import difflib

    from planner import planning
    from planner.cli.plan import load, progress
    from planner.planning.cautions import few_draws
    from planner.report import what_to_measure

    read_in = load(scenario, ())
    rows = {row.path: row for row in planning.assumptions(read_in)}
    if path not in rows:
        near = difflib.get_close_matches(path, rows, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise BadInput(f"{scenario} has no input {path}{hint}")
    row = rows[path]
    click.secho(f"{row.path} = {row.value}", bold=True)
    _line("what it is", row.help)
    _line("range", f"{row.low} to {row.high} in 8 of 10 cases" if row.low is not None else "none given")
    if (number := read_in.estimates.get(path)) is not None and number.read_as:
        _line("written as", number.read_as)
    _line("source", f"{row.source or 'none given'}{f' ({row.as_of})' if row.as_of else ''}")
    _line("stands in", row.origin)
    _line("used for", planning.used_by(path))
    if row.low is None:
        return DONE
    with progress() as say:
        plan = planning.plan(read_in, draws=draws, progress=say)
    moved = any(swing.path == path for swing in plan.swings)
    stays = "no answer: each stays as it is, were this known to be its low or its high"
    if few_draws(plan.admission, plan.draws, plan.confidence) is not None:
        stays = f"no answer more than chance does with {plan.draws} cases: leave --draws out to ask more closely"
    _line("moves", what_to_measure.moved_to(plan, path) if moved else stays)
    return DONE


def _line(label: str, text: str) -> None:
    """Print a label and its text, at 80 columns; a place in a file stays in one piece, for editors to jump to."""
    start = f"  {label}".ljust(LABEL)
    wrapped = textwrap.TextWrapper(80, start, " " * LABEL, break_long_words=False, break_on_hyphens=False)
    click.echo(wrapped.fill(text))
