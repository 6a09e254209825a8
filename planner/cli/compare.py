"""`planner compare`: scenarios side by side, on the terminal, as a page, for a forum and as a table."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import click

from planner import output
from planner.cli import DONE, stored_plan, types
from planner.cli.plan import load, progress


@click.command(name="compare")
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one entry of each of them.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results; default out/.")
@click.option("--draws", type=types.DRAWS, help="Draws of the uncertain inputs; default 4,000.")
@click.option("--seed", type=types.SEED, help="Another seed than the first scenario's.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the comparison as JSON; writes no files unless --out is given."
)
def command(
    scenarios: Sequence[Path],
    sets: tuple[str, ...],
    out: Path | None,
    draws: int | None,
    seed: int | None,
    as_json: bool,
) -> int:
    """Answer for several scenarios side by side: the same seed for all, so that only their inputs tell them apart.

    \b
    planner compare pilot.yaml scenarios/grow-10.yaml scenarios/target-55.yaml
    """
    read_in = [load(scenario, sets) for scenario in scenarios]
    from planner import comparison
    from planner.report import comparison as report

    with progress() as say:
        found = comparison.compare(read_in, draws, seed, say)
    target = None if as_json and out is None else (out or stored_plan.OUT) / _name(scenarios)
    if target is not None:
        target.mkdir(parents=True, exist_ok=True)
        files = (
            (target / "comparison.csv", report.csv(found), output.TABLE),
            (target / "comparison.md", report.markdown(found), output.SUMMARY),
            (target / "comparison.html", report.html(found), output.PAGE),
        )
        output.write_all(files, inputs=scenarios)
    if as_json:
        click.echo(json.dumps(comparison.as_json(found), ensure_ascii=False, indent=1))
        return DONE
    click.echo(report.plain(found))
    click.echo(f"\npage: {target / 'comparison.html'}" if target else "")
    return DONE


def _name(scenarios: Sequence[Path]) -> str:
    """Return the folder's name: what was compared, as far as a name can hold it."""
    return re.sub(r"[^\w.-]", "_", f"compare-{'-'.join(one.stem for one in scenarios)}")[:120]
