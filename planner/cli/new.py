"""`planner new`: a commented scenario to start from."""

from importlib import resources
from pathlib import Path

import click

from planner import output
from planner.cli import DONE, BadInput
from planner.cli.types import PATH


@click.command(name="new")
@click.argument("name", type=PATH)
def command(name: Path) -> int:
    """Write a commented pilot scenario, complete in itself, with the weekly profile it names.

    \b
    planner new pilot.yaml
    """
    target = name if name.suffix in (".yaml", ".yml") else name.with_suffix(".yaml")
    templates = resources.files("planner.scenario") / "templates"
    files = {target: "scenario.yaml", target.parent / "weekly_profile.csv": "weekly_profile.csv"}
    if target.exists():
        raise BadInput(f"{target} is there already: choose another name")
    if not target.parent.is_dir():
        raise BadInput(f"the folder {target.parent} is not there: make it first")
    for file, template in files.items():
        if not file.exists():
            output.write(file, (templates / template).read_text(encoding="utf-8"), output.NEW)
    click.echo(f"{target} is written: edit it, then run\n  planner check {target}\n  planner plan {target}")
    return DONE
