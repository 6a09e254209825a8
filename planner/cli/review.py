"""`planner review`: the pilot after some months, predicted against happened."""

import shlex
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

import planner
from planner.api import observed
from planner.cli import CANNOT_TELL, DONE, HOLD, observation_files, stored_plan, types, wrapped
from planner.cli.plan import load, progress
from planner.pilot_review.record import Review
from planner.wording.names import Names

CODES = {"go on": DONE, "hold": HOLD, "stop": HOLD, "unknown": CANNOT_TELL}
COLOURS = {"go on": "green", "hold": "yellow", "stop": "red", "unknown": "yellow"}


@click.command(name="review", epilog="Exit code: 0 go on, 3 hold or stop, 4 too little is known, 2 bad input.")
@click.argument("scenario", type=types.PATH)
@click.option("--history", type=types.PATH, help="What `observe` filled; or a table of meetings.")
@click.option("--ledger", type=types.PATH, help="The network's statement: date, kind, amount, hours.")
@click.option(
    "--columns",
    help="How the statement names its columns: cyclos, open-collective, open-collective-2024, or such as 'date=Date, "
    "amount=Amount, day=first, decimal=comma'; default what the scenario says of its network.",
)
@observation_files.ZONE
@click.option("--members", type=types.PATH, help="The members' sheet: account, level, pays, since, until.")
@click.option(
    "--volunteer-hours", type=types.FiniteRange(0, 10_000), help="Hours a month that the volunteers wrote down."
)
@click.option("--at", type=types.Day(), help="Look back from this day, like 2021-10-04; default today.")
@click.option("--out", type=types.PATH, help="Folder for the page and its charts; default out/NAME/review.")
@click.option("--draws", type=types.DRAWS, help="Draws of the uncertain inputs; default 4,000.")
def command(
    scenario: Path,
    history: Path | None,
    zone: ZoneInfo | None,
    ledger: Path | None,
    columns: str | None,
    members: Path | None,
    volunteer_hours: float | None,
    at: datetime | None,
    out: Path | None,
    draws: int | None,
) -> int:
    """Did the pilot do what we said it would? What was predicted, what happened, and what the review rule says.

    \b
    planner review pilot.yaml --history history.sqlite \\
        --ledger statement.csv --members members.csv
    """
    read_in = load(scenario, ())
    tell, form = observation_files.say_read, columns or observed.columns_of(read_in)
    meetings = history and observed.read_history(history, tell, zone)
    statement = ledger and observed.read_ledger(ledger, tell, form)
    sheet = members and observed.read_members(members, tell)
    on = (at or datetime.now(ZoneInfo(read_in.timezone))).date()
    with progress() as say:
        found = planner.review(
            read_in,
            on=on,
            history=meetings,
            ledger=statement,
            members=sheet,
            volunteer_hours=volunteer_hours,
            draws=draws,
            progress=say,
        )
    review, plan = found.record, found.plan
    target = out or stored_plan.folder(scenario, None) / "review"
    from planner.report import review_page

    made_by = again(at=on, draws=plan.draws)
    review_page.write(review, plan.names, made_by, target)
    _show(review, target, plan.names)
    return CODES[review.verdict]


def again(**settled: object) -> str:
    """Return the command that makes the same page again, with what was left to the command settled as it was."""
    context = click.get_current_context()
    given, words = context.params | settled, ["planner", context.command.name or ""]
    for param in context.command.params:
        value = given[param.name or ""]
        if value is None or param.name == "out":
            continue
        words += param.opts[:1] if isinstance(param, click.Option) else []
        words.append(f"{value:g}" if isinstance(value, float) else str(value))
    return shlex.join(words)


def _show(review: Review, target: Path, names: Names) -> None:
    click.secho(review.title, bold=True)
    click.echo(wrapped(f"as of {review.on}, in {names.network(review.network)}: {review.why_due}"))
    click.echo()
    for row in review.rows:
        colour = "green" if row.better else "red" if row.inside is False else None
        click.secho(wrapped(row.says, "  "), fg=colour)
    click.echo()
    click.secho(review.verdict, fg=COLOURS[review.verdict], bold=True)
    for said in dict.fromkeys([*review.reasons, *(asked.says for asked in review.asked)]):  # each once
        click.echo(wrapped(said, "  "))
    click.echo(wrapped(f"look again in {review.next_words}"))
    for note in review.notes:
        click.echo(wrapped(note))
    click.echo(f"\npage: {target / 'review.html'}")
