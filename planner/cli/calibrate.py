"""`planner calibrate`: a history of meetings makes the inputs of a scenario better known."""

import json
import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click

import planner
from planner.api import observed
from planner.cli import CANNOT_TELL, DONE, observation_files, stored_plan, types, wrapped
from planner.cli.plan import load, progress
from planner.cli.review import again
from planner.cli.types import PATH
from planner.learning import calibration as calibrating
from planner.learning.calibration import LEAST_MEETINGS, LEAST_WEEKS, Calibration, Effect
from planner.wording import phrases
from planner.wording.names import Names


@click.command(
    name="calibrate",
    epilog="Exit code: 0 done, 2 bad input, 4 too little was seen (the scenario is written all the same).",
)
@click.argument("scenario", type=PATH)
@click.option("--history", "history", required=True, type=PATH, help="What `observe` filled; or a table of meetings.")
@observation_files.ZONE
@click.option("--members", type=PATH, help="The members' sheet: level of each account, and since when.")
@click.option(
    "--out",
    type=PATH,
    help="The scenario to write; default out/NAME/learned.yaml; the page goes into a folder beside it.",
)
@click.option("--draws", type=types.DRAWS, help="Draws for the number before and after; default 4,000.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; writes no files unless --out is given.")
def command(
    scenario: Path,
    history: Path,
    zone: ZoneInfo | None,
    members: Path | None,
    out: Path | None,
    draws: int | None,
    as_json: bool,
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
    target = out or (None if as_json else stored_plan.folder(scenario, None) / "learned.yaml")
    with tempfile.TemporaryDirectory() if target is None else nullcontext("") as folder:
        file = target or Path(folder) / "learned.yaml"
        learned_from = found.save(file, keep=(history, members))
        with progress() as say:
            make = partial(planning.plan, draws=draws, seed=read_in.seed, brief=True, progress=say)
            before = make(read_in)
            change = calibrating.effect(calibration, before, make(learned_from))
            if target is not None:
                say("the servers' weeks", 0.95)
                bands = calibrating.bands(read_in, learned_from, seen, before.draws)
    names = before.names
    if target is not None:
        from planner.report import learned_page

        taught = learned_page.Taught(calibration, change, bands, names, again(draws=before.draws))
        learned_page.write(taught, target.with_suffix(""))
    if as_json:
        click.echo(json.dumps(calibrating.as_json(calibration, change), ensure_ascii=False, indent=1))
    else:
        _show(calibration, change, target, names)
    return DONE if calibration.enough else CANNOT_TELL


def _show(calibration: Calibration, change: Effect, target: Path | None, names: Names) -> None:
    click.secho(f"What {calibration.history} says of {calibration.scenario}", bold=True)
    if calibration.since is not None and calibration.until is not None:
        span = f"{calibration.since.date()} to {calibration.until.date()}, {calibration.weeks:.1f} weeks"
        known = f"{phrases.accounts(calibration.accounts)} known one by one"
        click.echo(wrapped(f"{span}: {calibration.meetings:,} meetings, {known}"))
    click.echo()
    for learned in (*calibration.learned, *calibration.loads):
        click.echo(f"{names.topic(learned.path)}: {learned.before}")
        click.secho(f"  → {learned.after}", fg="cyan", nl=False)
        click.echo(f", from {learned.seen:,} {learned.of}")
    click.echo()
    for note in calibration.notes:
        click.echo(wrapped(note))
    flagged = [check for check in calibration.checks if check.flagged]
    if not calibration.enough:
        little = f"too little was seen: wanted {LEAST_WEEKS:g} weeks and {LEAST_MEETINGS} meetings"
        click.secho(wrapped(little), fg="yellow")
    if flagged:
        click.secho(wrapped("the model does not hold for what was seen:"), fg="red")
        for check in flagged:
            click.secho(wrapped(f"{check.name}: {check.says}", "  "), fg="red")
        click.secho(wrapped("the scenario says so under calibrated: the gate admits nobody on a plan of it"), fg="red")
    elif calibration.checks:
        click.echo(wrapped(f"what was seen fits, as far as can be told: {len(calibration.checks)} questions asked"))
    click.echo()
    sure = f"{phrases.allowed(change.before)} → {phrases.allowed(change.after)}"
    central = f"{phrases.allowed(change.central_before)} → {phrases.allowed(change.central_after)}"
    further = f"further accounts that can be admitted: {sure} ({central} if everything is as we think)"
    click.secho(wrapped(further), bold=True)
    if change.binding_after:
        was = "" if change.binding_before == change.binding_after else f", before it was {change.binding_before}"
        click.echo(wrapped(f"the first to say no: {change.binding_after}{was}"))
    for why in change.why:
        click.echo(wrapped(why, "  "))
    if change.coarse is not None:
        click.secho(wrapped(f"warning: {change.coarse}", "  "), fg="yellow")
    if target is not None:
        click.echo(f"\nscenario: {target}\npage: {target.with_suffix('') / 'learned.html'}")
