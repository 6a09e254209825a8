"""`planner calibrate`: a history of meetings makes the inputs of a scenario better known."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

import planner
from planner.api import observed
from planner.cli import CANNOT_TELL, DONE, observation_files, stored_plan, types, wrapped
from planner.cli.plan import load, progress
from planner.cli.review import again
from planner.learning import calibration as calibrating
from planner.wording import phrases

if TYPE_CHECKING:
    from planner.report.learned_page import Taught


@click.command(
    name="calibrate",
    epilog="Exit code: 0 done, 2 bad input, 4 too little was seen (the scenario is written all the same).",
)
@click.argument("scenario", type=types.PATH)
@click.option("--history", required=True, type=types.PATH, help="What `observe` filled; or a table of meetings.")
@observation_files.ZONE
@click.option("--members", type=types.PATH, help="The members' sheet: level of each account, and since when.")
@click.option(
    "--out",
    type=types.PATH,
    help="The scenario to write; default out/NAME/learned.yaml; the page goes into a folder beside it.",
)
@click.option("--draws", type=types.DRAWS, help="Draws for the number before and after; default 4,000.")
def command(
    scenario: Path, history: Path, zone: ZoneInfo | None, members: Path | None, out: Path | None, draws: int | None
) -> int:
    """Learn from what was seen: each input before and after, and a scenario that says so.

    \b
    planner calibrate pilot.yaml --history history.sqlite --members members.csv
    planner plan out/pilot/learned.yaml
    """
    from planner import planning

    read_in = load(scenario, ())
    tell = observation_files.say_read
    seen = observed.read_history(history, tell, zone)
    found = planner.calibrate(read_in, seen, members and observed.read_members(members, tell))
    calibration = found.record
    target = out or stored_plan.folder(scenario, None) / "learned.yaml"
    learned_from = found.save(target, keep=(history, members))
    with progress() as say:
        make = partial(planning.plan, draws=draws, seed=read_in.seed, brief=True, progress=say)
        before = make(read_in)
        change = calibrating.effect(before, make(learned_from))
        say("the servers' weeks", 0.95)
        bands = calibrating.bands(read_in, learned_from, seen, before.draws)
    from planner.report import learned_page

    taught = learned_page.Taught(calibration, change, bands, before.names, again(draws=before.draws))
    learned_page.write(taught, target.with_suffix(""))
    _show(taught, target)
    return DONE if calibration.enough else CANNOT_TELL


def _show(taught: "Taught", target: Path) -> None:
    from planner.report import learned_page

    calibration = taught.calibration
    click.secho(f"What {calibration.history} says of {calibration.scenario}", bold=True)
    click.echo(wrapped(f"{learned_page.span(calibration)}.", later=""))
    click.echo()
    for learned in (*learned_page.by_effect(calibration), *calibration.loads):
        click.echo(f"{taught.names.topic(learned.path)}: {phrases.rounded(learned.before)}")
        click.secho(f"  → {phrases.rounded(learned.after)}", fg="cyan", nl=False)
        click.echo(f", from {learned.seen:,} {learned.of}")
    click.echo()
    for note in calibration.notes:
        click.echo(wrapped(f"{phrases.upper(note)}."))
    flagged = [check for check in calibration.checks if check.flagged]
    fits = ". ".join(learned_page.verdict(calibration))
    click.secho(wrapped(fits, later=""), fg="red" if flagged else None if calibration.enough else "yellow")
    for check in flagged:
        click.secho(wrapped(f"{learned_page.QUESTIONS[check.name]} No: {check.says}.", "  "), fg="red")
    click.echo()
    click.secho(wrapped(learned_page.admits(taught), later=""), bold=True)
    if taught.change.coarse is not None:
        click.secho(wrapped(f"warning: {taught.change.coarse}"), fg="yellow")
    click.echo(f"\nscenario: {target}\npage: {target.with_suffix('') / 'learned.html'}")
