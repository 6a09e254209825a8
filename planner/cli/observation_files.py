"""What was seen, from the files that options name: the history, the members' sheet, the statement, the room owners."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from planner.api import observed
from planner.cli import types
from planner.readings import members, tables
from planner.readings.tables import Parsed
from planner.store import history, unwatched

_ROOMS_HELP = "Whose room is whose: a table with the columns meeting_id and account."
ROOMS = click.option("--accounts", type=types.PATH, help=_ROOMS_HELP)
ZONE = click.option("--zone", type=types.Zone(), help="Of a table whose times have no offset, like Europe/London.")


def say_most_users(path: Path, *, whole: bool = True) -> None:
    """Print what a history says of the most users at once, as an entry of a scenario's `experience`.

    That somebody looked all the time is said of polls and of bbb-web's log alone, if every source was read, as `whole`.
    """
    with history.open_history(path, write=False) as db:
        found = history.most_users(db)
        always = unwatched.all_along(db) if whole else {}
    for node, (users, first, last) in found.items():
        told = always.get(node)
        all_the_time = ", seen: continuously" if told and told[0] <= first and last <= told[1] else ""
        if users and (weeks := (last - first).days // 7):
            span = "1 week" if weeks == 1 else f"{weeks} weeks"
            said = f"most_users: {users} users, for: {span}, until: {last:%Y-%m}{all_the_time}"
            click.echo(f"most users seen on {node} in {span}: {users}; a scenario says it under experience:")
            click.echo(f"  - {{node: {node}, {said}, source: {path.name}}}")


def say_unwatched(path: Path, shown: int = 10) -> None:
    """Print from when to when neither a log nor a poll tells of a node, the last ones one by one."""
    with history.open_history(path, write=False) as db:
        missing = unwatched.unwatched(db)
    for first, last in missing[-shown:]:
        click.echo(f"not known, for no log or poll tells of it: {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}")
    if len(missing) > shown:
        click.echo(f"and {len(missing) - shown:,} such times before")


def load_rooms(path: Path | None, *, quiet: bool = False) -> Mapping[str, str]:
    """Return the account of each room by its (external) meeting id; lines that are skipped are named unless quiet."""
    if path is None:
        return {}
    rooms = tables.read(path, members.rooms)
    if not quiet:
        say_read(path, rooms, shown=len(rooms.bad))
    return dict(rooms.rows)


def say_read(path: Path, table: Parsed[Any], shown: int = 20) -> None:
    """Name the lines that were left out, and print how many rows were read, used and left out."""
    name_skipped(observed.places(path, table.bad), shown)
    click.echo(f"{path}: {table.summary()}", err=True)


def name_skipped(places: Sequence[str], shown: int = 20) -> None:
    """Name what was skipped, the first ones one by one."""
    for place in places[:shown]:
        click.echo(f"{place}: skipped", err=True)
    if len(places) > shown:
        click.echo(f"and {len(places) - shown} more: skipped", err=True)
