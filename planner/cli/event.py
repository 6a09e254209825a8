"""`planner event`: does one large meeting fit beside all others, and at what hour would it?"""

import math
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli import CANNOT_TELL, DONE, HOLD, BadInput, types, wrapped
from planner.wording import phrases
from planner.wording.names import Names

if TYPE_CHECKING:
    from planner.model.admission.event import Fit
    from planner.planning.event import Event

MOST_USERS = 100_000
MOST_EVENTS = 500
"""In one calendar."""


@click.command(name="event", epilog="Exit code: 0 all fit, 3 one does not, 4 nobody can tell, 2 bad input.")
@click.argument("scenario", type=types.PATH)
@click.option("--at", metavar="TIME", help='When it begins, like "2021-05-12 19:00"; the clock is the scenario\'s.')
@click.option("--for", "length", metavar="TIME", help="How long it lasts, like 2h or 90 min.")
@click.option("--users", type=click.IntRange(1, MOST_USERS), help="How many people come.")
@click.option("--node", help="The server it is held on; left out, each is looked at.")
@click.option("--ics", type=types.PATH, help="A calendar with many events, instead of --at and --for.")
@click.option("--draws", type=types.DRAWS, help="Draws of the uncertain inputs; default 4,000.")
def command(
    scenario: Path,
    at: str | None,
    length: str | None,
    users: int | None,
    node: str | None,
    ics: Path | None,
    draws: int | None,
) -> int:
    """Whether one large meeting fits, in how many of 100 cases, and what else is on at that hour.

    \b
    planner event pilot.yaml --at "2021-05-12 19:00" --for 2h --users 80
    planner event scenarios/pilot-5.yaml --ics assemblies.ics --users 40
    """
    from planner.cli.plan import load
    from planner.model.evidence.weights import ENOUGH
    from planner.planning import event as events
    from planner.planning.assumptions import names_of
    from planner.planning.cautions import DRAWS, learned_from, misfit
    from planner.planning.draws import weighed

    read_in = load(scenario, ())
    if node is not None and node not in read_in.names["nodes"]:
        raise BadInput(f"--node: there is no server {node}; wanted one of {', '.join(read_in.names['nodes'])}")
    if (ics is None) == (at is None) or users is None or (at is None) != (length is None):
        raise BadInput("wanted --at, --for and --users; or --ics and --users, for those whose guests it does not list")
    if ics is None:
        asked, unanswered = [events.Event(events.at(read_in, str(at)), _length(str(length)), users)], 0
    else:
        from planner.planning.calendar import calendar

        agenda = calendar(ics, read_in, users, MOST_EVENTS)
        asked, unanswered = agenda.events, agenda.open
        for line in agenda.left_out:
            click.echo(f"{ics}: {line}", err=True)
    if not asked:
        raise BadInput(f"{ics}: there is no event in it that can be looked at and begins after the scenario does")
    of, seen = weighed(read_in, draws or DRAWS, read_in.seed, exactly=draws is not None)
    found = [(one, events.fits(read_in, of, one, node)) for one in asked]
    confidence = of.central.objective.confidence
    unsure = misfit(learned_from(read_in))[:1]
    if not unsure and seen is not None and seen.effective < ENOUGH:
        few = f"they count as {seen.effective:.0f}, and it takes {ENOUGH}"
        unsure = (f"what was seen fits so few cases that {few}: try more --draws",)
    for said in unsure:  # before the numbers, none of which is a verdict then
        click.echo(wrapped(f"Cannot tell: {said}."))
    for one, fits in found:
        _show(one, fits, None if unsure else confidence, read_in.timezone, names_of(read_in))
    if unsure or any(fits[0].tightest is None for _, fits in found):
        return CANNOT_TELL
    if not all(fits[0].fits >= confidence for _, fits in found):
        return HOLD
    if unanswered:
        many = "1 event" if unanswered == 1 else f"{unanswered} events"
        click.echo(f"cannot tell of {many}: left out, or not looked at each time or beside each other")
        return CANNOT_TELL
    return DONE


def _length(text: str) -> timedelta:
    from planner.scenario import units

    try:
        number, suffix = units.number(text)
        of = units.unit(suffix)
        hours = float(number * of.factor) if (of.over, of.under) == ("time", ()) else None
    except ValueError:
        hours = None
    if hours is None:
        raise BadInput(f"--for: {text!r} is no length of time; wanted one like 2h or 90 min")
    if not 0 < hours <= 168:
        raise BadInput(f"--for: {text!r}: an event lasts more than no time and at most a week")
    return timedelta(hours=hours)


def _show(event: "Event", fits: "Sequence[Fit]", confidence: float | None, zone: str, names: Names) -> None:
    """Print the answer for one event: yes or no first; neither where no server's limit or no confidence is known."""
    best = fits[0]
    until = f"{event.ends:%H:%M}" if event.ends.date() == event.begins.date() else f"{event.ends:%a %d %B, %H:%M}"
    people = f"{event.users:,} people" if event.users > 1 else "1 person"
    click.secho(f"{people} on {event.begins:%A %d %B %Y}, {event.begins:%H:%M} to {until} ({zone})", bold=True)
    if best.tightest is None:
        servers = phrases.listed([names.node(one.node) for one in fits], "or")
        click.echo(wrapped(f"Cannot tell: no limit is known of {servers}."))
        return
    word = promise = ""
    if confidence is not None:
        word = "Yes: on" if best.fits >= confidence else "No: on"
        promise = "" if best.fits >= confidence else f", and we promise {phrases.of_hundred(confidence)}"
    for one in fits:
        if one.tightest is None:
            click.echo(f"On {names.node(one.node)} nobody can tell: no limit of that server is known.")
            continue
        start, end = (word or "On", promise) if one is best else ("On", "")
        needs, beside, usable = (
            phrases.amount_of(one.tightest, value, one.usable) for value in (one.needs, one.beside, one.usable)
        )
        there = f"It takes {needs} {one.tightest}; others take about {beside} then, and there is room for {usable}."
        # a no must not be rounded up to what is promised
        share = math.floor(100 * one.fits) / 100 if end else one.fits
        fits_in = f"{start} {names.node(one.node)} it fits in {phrases.cases(share)}{end}."
        click.echo(wrapped(f"{fits_in} {there}"))
