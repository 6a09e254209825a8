"""`planner compare`: scenarios side by side, on the terminal, as a page, for a forum and as a table."""

from collections.abc import Sequence
from pathlib import Path

import click

import planner
from planner import output
from planner.cli import DONE, stored_plan, types
from planner.cli.plan import load, progress


@click.command(name="compare")
@click.argument("scenarios", nargs=-1, required=True, type=types.PATH)
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one entry of each of them.")
@click.option("--out", type=types.PATH, help="Folder for the results; default out/.")
@click.option("--draws", type=types.DRAWS, help="Draws of the uncertain inputs; default 4,000.")
@click.option("--seed", type=types.SEED, help="Another seed than the first scenario's.")
@click.option(
    "--steps/--no-steps",
    default=None,
    help="From the first to each other, one changed entry a step; default for two.",
)
def command(
    scenarios: Sequence[Path],
    sets: tuple[str, ...],
    out: Path | None,
    draws: int | None,
    seed: int | None,
    steps: bool | None,
) -> int:
    """Answer for several scenarios side by side: the same seed for all, so that only their inputs tell them apart.

    \b
    planner compare pilot.yaml scenarios/grow-10.yaml scenarios/target-55.yaml
    """
    read_in = [load(scenario, sets) for scenario in scenarios]
    from planner.report import comparison as report

    with progress() as say:
        compared = planner.compare(*read_in, draws=draws, seed=seed, steps=steps, progress=say).record
    name = stored_plan.name_of("compare", (scenario.stem for scenario in scenarios))
    target = (out or stored_plan.OUT) / name
    target.mkdir(parents=True, exist_ok=True)
    drawn = report.pictures(compared)
    files = (
        (target / "comparison.csv", report.table(compared).csv, output.TABLE),
        (target / "comparison.md", report.markdown(compared), output.SUMMARY),
        *(piece for name, (_, svg, png) in drawn.items() for piece in output.chart(target / name, svg, png)),
        (target / "comparison.html", report.html(compared, drawn), output.PAGE),
    )
    output.write_all(files, inputs=scenarios)
    click.echo(report.plain(compared))
    click.echo(f"\npage: {target / 'comparison.html'}")
    return DONE
