"""`planner new`: a commented scenario to start from."""

from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from string import Template

import click

from planner import output
from planner.cli import DONE, BadInput, types

MOST_GROUPS = 1000
"""That a server of many cores is asked about [account]."""


@click.command(name="new")
@click.argument("name", type=types.PATH, required=False)
@click.option("--cores", type=click.IntRange(1, 512), help="Of a server: a few lines that ask how many it takes.")
@click.option("--people-in-a-room", "people", type=click.IntRange(2, 250), help="On average; default 10.")
def command(name: Path | None, cores: int | None, people: int | None) -> int:
    """Write a commented pilot scenario, complete in itself, with the weekly profile it names.

    \b
    planner new pilot.yaml
    planner new --cores 8 --people-in-a-room 10
    """
    if cores is None and (name is None or people is not None):
        raise BadInput("a NAME is missing, or --cores for a file of that" if name is None else "--cores is missing")
    target = name or Path(f"{cores}-cores.yaml")
    target = target if target.suffix in (".yaml", ".yml") else target.with_suffix(".yaml")
    files = {target: "scenario.yaml", target.parent / "weekly_profile.csv": "weekly_profile.csv"}
    said: dict[str, object] = {}
    if cores is not None:
        files, many = {target: "cores.yaml"}, people or 10
        said = {"cores": cores, "people": many, "accounts": min(MOST_GROUPS, 20 + 250 * cores // many)}
        said |= {"start": _coming_month(datetime.now(UTC))}
    if target.exists():
        raise BadInput(f"{target} is there already: choose another name")
    if not target.parent.is_dir():
        raise BadInput(f"the folder {target.parent} is not there: make it first")
    templates = resources.files("planner.scenario") / "templates"
    for file, template in files.items():
        if not file.exists():
            text = (templates / template).read_text(encoding="utf-8")
            output.write(file, Template(text).substitute(said) if said else text, output.NEW)
    if said:
        click.echo(_people_at_once(target))
    click.echo(f"{target} is written: edit it, then run\n  planner check {target}\n  planner plan {target}")
    return DONE


def _coming_month(now: datetime) -> str:
    """Return the month after this one, as a scenario says it."""
    return f"{now.year + now.month // 12}-{now.month % 12 + 1:02d}"


def _people_at_once(target: Path) -> str:
    """Return how many people at once fill the CPU of the first node on average, in a sentence."""
    from planner.model.workload.marks import marks
    from planner.scenario import reader, resolve

    scenario, found = reader.read(target), []
    for end in ("high", "value", "low"):

        def pick(one: reader.Estimate, end: str = end) -> float:
            return resolve.central(one) if not one.path.endswith(".factor") else getattr(one, end) or 1.0

        inputs = resolve.inputs(scenario, pick)
        node, (kind,) = inputs.nodes[0], inputs.demands["group"].kinds
        load, users = (marks(kind, name, node)[0].mean for name in ("load", "users"))
        found.append(f"{node.headroom('load') / load * users:.2g}")
    low, usual, high = (f"{float(number):.0f}" for number in found)
    return f"about {usual} people at once fill its CPU to 70 %; on 8 of 10 such machines it takes {low} to {high}"
