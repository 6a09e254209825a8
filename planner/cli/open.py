"""`planner open`: a scenario and its answer on one page in the browser, served to this machine alone."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner import seal
from planner.cli import DONE, BadInput, stored_plan, types

if TYPE_CHECKING:
    from planner.scenario.reader import Scenario

USUAL = ("scenarios/pilot-5.yaml", "pilot-5.yaml")
"""What is opened if nothing is named."""


@click.command(name="open")
@click.argument("scenario", required=False)
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one entry first.")
@click.option("--draws", type=types.DRAWS, help="Draws of a whole answer; default 4,000, with a pool 1,000.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
def command(scenario: str | None, sets: tuple[str, ...], draws: int | None, no_browser: bool) -> int:
    """Show a scenario as a form, with its answer beside it, on one page of this machine; Ctrl-C stops it.

    SCENARIO is a file below this folder, or the address of such a page that somebody sent.

    \b
    planner open scenarios/pilot-5.yaml
    planner open --no-browser pilot.yaml --set offer.accounts=8
    """
    from planner.page import crew

    crew.load()
    try:
        from planner.page import asked, serve
    except ModuleNotFoundError as error:
        raise BadInput(f"the page needs {error.name}: make open, or pip install 'planner[page]'") from None
    from planner.cli import printing
    from planner.cli.plan import load

    if scenario and scenario.startswith("http://"):
        state = asked.of_query(scenario.partition("?")[2].partition("#")[0])
        folder = Path()
    else:
        file = Path(scenario) if scenario else _usual()
        load(file, sets)
        inside = file.resolve().is_relative_to(Path.cwd().resolve()) and ".." not in file.parts
        folder = Path() if inside else file.parent
        name = file.relative_to(folder) if not file.is_absolute() or not inside else file.relative_to(Path.cwd())
        state = asked.Asked(name.as_posix(), sets)
    load(asked.place(folder, state.file), ())

    def ready(address: str) -> None:
        click.echo(address)
        if no_browser or click.launch(address) != 0:
            click.echo("open this address in a browser; Ctrl-C stops the page", err=True)

    token = os.urandom(16).hex()
    serve.serve(folder, state, token, ready, lambda: datetime.now(UTC), printing.pdf, _consent, draws)
    return DONE


def _usual() -> Path:
    """Return the scenario that is opened if none is named."""
    found = [Path(one) for one in USUAL if Path(one).is_file()] or sorted(Path().glob("*.yaml"))
    if not found:
        raise BadInput("there is no scenario here: name one, or begin with `planner new pilot`")
    return found[0]


def _consent(scenario: "Scenario") -> str:
    """Return what is known of a consent to the plan that is stored for a scenario."""
    file = stored_plan.folder(Path(scenario.file), None) / "plan.json"
    try:
        document = stored_plan.read(file)
    except seal.NotWhole as error:
        return f"{file} cannot be used, so no consent is known: {error}"
    signed = stored_plan.consent(document)
    if document is None or signed is None:
        return ""
    same = document.get("scenario", {}).get("digest") == scenario.digest
    return f"People consented to the plan in {file}: {signed}. " + (
        "It is of this scenario as it stands in its file." if same else "The scenario's file has been changed since."
    )
