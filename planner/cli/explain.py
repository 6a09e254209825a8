"""`planner explain`: one input, from the file to what it moves."""

from pathlib import Path

import click

from planner.cli import DONE, BadInput


@click.command(name="explain")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.argument("path")
@click.option(
    "--draws", default=100, show_default=True, type=click.IntRange(20), help="Draws for the effect on the answer."
)
def command(scenario: Path, path: str, draws: int) -> int:
    """One input: its value, range, source and place in the file, what uses it, how much it moves the answer.

    \b
    planner explain scenarios/pilot-5.yaml nodes.de.limits.users
    """
    import difflib

    from planner import plan as planning
    from planner.cli.plan import load, progress

    read_in = load(scenario, ())
    rows = {row.path: row for row in planning.assumptions(read_in)}
    if path not in rows:
        near = difflib.get_close_matches(path, rows, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise BadInput(f"{scenario} has no input {path}{hint}")
    row = rows[path]
    click.secho(f"{row.path} = {row.value}", bold=True)
    click.echo(f"  what it is   {row.help}")
    click.echo(f"  range        {f'{row.low} to {row.high} in 8 of 10 cases' if row.low is not None else 'none given'}")
    click.echo(f"  source       {row.source or 'none given'}{f' ({row.as_of})' if row.as_of else ''}")
    click.echo(f"  stands in    {row.origin}")
    for used in planning.used_by(path):
        click.echo(f"  used by      {used}")
    if row.low is None:
        return DONE
    with progress() as say:
        plan = planning.plan(read_in, draws=draws, progress=say)
    moves = [swing for swing in plan.swings if swing.path == path]
    for swing in moves:
        low = "never" if swing.at_low is None else f"{swing.at_low:g}"
        high = "never" if swing.at_high is None else f"{swing.at_high:g}"
        click.echo(
            f"  moves        {swing.answer.replace('_', ' ')}: {low} at {swing.low_value}, {high} at {swing.high_value}"
        )
    if not moves:
        click.echo("  moves        none of the answers")
    return DONE
