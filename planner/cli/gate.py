"""`planner gate`: may we admit these accounts, now?

On the usual way, with a stored plan whose files have not changed, nothing is imported but the standard library,
click and the gate itself: ops type this command before every account.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from planner import gate
from planner.cli import CANNOT_TELL, DONE, HOLD, BadInput, stored
from planner.readings import ReadingError, file

CODES = {"admit": DONE, "hold": HOLD, "unknown": CANNOT_TELL}


@click.command(
    name="gate",
    epilog="Exit code: 0 admit, 3 hold, 4 unknown, 2 bad input. Anything but 0 means: do not admit.",
)
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--level", required=True, help="The membership level asked for, as the scenario names it.")
@click.option("--accounts", default=1, show_default=True, type=click.IntRange(1), help="How many accounts.")
@click.option("--readings", type=click.Path(path_type=Path), help="A file with what the servers say now.")
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path), help="The stored plan; default out/NAME/plan.json."
)
@click.option("--at", help="Judge as of this time (ISO 8601 with its offset), for examples and tests.")
@click.option(
    "--max-age", default=15, show_default=True, type=click.IntRange(1), help="Oldest reading that counts, in minutes."
)
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
def command(
    scenario: Path,
    level: str,
    accounts: int,
    readings: Path | None,
    plan_file: Path | None,
    at: str | None,
    max_age: int,
    as_json: bool,
) -> int:
    """May we admit these accounts, now? Compares the plan that was consented to with what the servers say.

    \b
    planner gate scenarios/pilot-5.yaml --level level-1 --readings now.json
    """
    now = _time(at) if at else datetime.now(UTC).astimezone()
    standing = _standing(scenario, plan_file)
    reading, why_not = None, "no reading was given: add --readings FILE"
    if readings is not None:
        try:
            reading = file.load(readings)
        except ReadingError as error:
            why_not = str(error)
    decision = gate.decide(
        standing, reading, 0, now, gate.Request(level, accounts), timedelta(minutes=max_age), why_not
    )
    if as_json:
        click.echo(json.dumps(decision.as_json(), indent=2, ensure_ascii=False))
    else:
        _show(decision, at is not None)
    return CODES[decision.verdict]


def _time(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--at {text}: wanted a time like 2021-04-06T10:35+01:00") from None
    if when.tzinfo is None:
        raise BadInput(f"--at {text}: add the offset from UTC, like {text}+01:00")
    return when


def _standing(scenario: Path, plan_file: Path | None) -> gate.Standing:
    """Return the stored plan if it is that of the scenario as it stands; plan first if there is none."""
    where = plan_file or stored.folder(scenario, None) / "plan.json"
    document = stored.read(where)
    if document is None or not stored.untouched(document, scenario):
        document = _plan_again(scenario, plan_file, document)
    try:
        return gate.standing(document)
    except gate.NotAPlan as error:
        raise BadInput(f"{where}: {error}") from None


def _plan_again(scenario: Path, plan_file: Path | None, document: dict[str, Any] | None) -> dict[str, Any]:
    """Return the plan of the scenario as it stands: the stored one if only comments changed, else a new one."""
    from planner.cli.plan import load, make  # the slow way: parse the scenario, perhaps plan

    read = load(scenario, ())
    if document is not None and document.get("scenario", {}).get("digest") == read.digest:
        return document
    if plan_file is not None:
        raise BadInput(
            f"{plan_file} is not a plan of {scenario} as it stands: run `planner plan {scenario}`, or leave --plan out"
        )
    click.echo(f"no stored plan of {scenario} as it stands: planning first", err=True)
    new: dict[str, Any] = make(read, stored.folder(scenario, None), None, None)
    return new


def _show(decision: gate.Decision, as_of: bool) -> None:
    colour = {"admit": "green", "hold": "red", "unknown": "yellow"}[decision.verdict]
    click.secho(decision.verdict, fg=colour, bold=True, nl=False)
    first, *others = decision.reasons
    click.echo(f": {first}")
    for reason in others:
        click.echo(f"  and {reason}")
    for condition in decision.yes_if:
        click.echo(f"  you could still say yes if {condition}")
    more = "no limit" if decision.max_more_accounts is None else decision.max_more_accounts
    click.echo(f"  further accounts the plan allows: {more}")
    if decision.reading is not None:
        click.echo(f"  reading: {decision.reading.source}, taken {decision.reading.taken_at.isoformat()}")
    if decision.consented:
        click.echo(f"  consented: {decision.consented}")
    click.echo(f"  plan: {decision.digest[:12]}" + (f", judged as of {decision.at.isoformat()}" if as_of else ""))
