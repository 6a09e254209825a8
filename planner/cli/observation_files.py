"""What was seen, from the files that options name: the history, the members' sheet, the statement, the room owners."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click

from planner.cli import BadInput, bad_input, types
from planner.model.inputs.observations import History, Member, Posting
from planner.readings import ReadingError, imports, ledger, members, tables
from planner.readings.tables import BadLine
from planner.store import StoreError, history

T = TypeVar("T")
TABLES = {".csv", ".xlsx"}
"""A history with one of these suffixes is a table of meetings; any other is the store that `observe` fills."""
ZONE = click.option("--zone", type=types.Zone(), help="Of a table whose times have no offset, like Europe/London.")
NOWHERE = "-"
"""The node of meetings that a table does not place: they are learned from, but fill no node."""


def say_most_users(path: Path) -> None:
    """Print what a history says of the most users at once, as an entry of a scenario's `experience`."""
    with bad_input(StoreError), history.open_history(path, write=False) as db:
        found = history.most_users(db)
        all_the_time = "" if history.unwatched(db) else ", seen: continuously"
    for node, (users, first, last) in found.items():
        if users and (weeks := (last - first).days // 7):
            span = "1 week" if weeks == 1 else f"{weeks} weeks"
            said = f"most_users: {users} users, for: {span}, until: {last:%Y-%m}{all_the_time}"
            click.echo(f"most users seen on {node} in {span}: {users}; a scenario says it under experience:")
            click.echo(f"  - {{node: {node}, {said}, source: {path.name}}}")


def say_unwatched(path: Path, shown: int = 10) -> None:
    """Print from when to when a log is missing, the last ones one by one."""
    with bad_input(StoreError), history.open_history(path, write=False) as db:
        missing = history.unwatched(db)
    for first, last in missing[-shown:]:
        click.echo(f"not known, for a log is missing: {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}")
    if len(missing) > shown:
        click.echo(f"and {len(missing) - shown:,} such times before")


def load_history(path: Path, zone: ZoneInfo | None = None) -> History:
    """Return the meetings, and the readings where there are some; lines that are skipped are named."""
    if path.suffix.lower() in TABLES:
        table = _table(path, lambda body: imports.meetings_table(body, NOWHERE, zone))
        name_skipped(places(path, table.bad))
        return History(path.name, table.rows)
    with bad_input(StoreError), history.open_history(path, write=False) as db:
        return History(path.name, history.meetings(db), history.samples(db), history.unwatched(db))


def load_members(path: Path | None) -> Sequence[Member]:
    """Return the members' sheet; lines that are skipped are named."""
    if path is None:
        return ()
    sheet = _table(path, members.sheet)
    name_skipped(places(path, sheet.bad))
    return sheet.rows


def load_ledger(path: Path) -> Sequence[Posting]:
    """Return the network's statement. A line that is not understood is an error: a sum must not miss a part."""
    statement = _table(path, ledger.statement)
    if statement.bad:
        raise BadInput("\n".join(places(path, statement.bad)))
    return statement.rows


def load_rooms(path: Path | None, *, quiet: bool = False) -> Mapping[str, str]:
    """Return the account of each room by its (external) meeting id; lines that are skipped are named unless quiet."""
    if path is None:
        return {}
    rooms = _table(path, members.rooms)
    name_skipped(() if quiet else places(path, rooms.bad), len(rooms.bad))
    return dict(rooms.rows)


def _table(path: Path, parse: Callable[[bytes], T]) -> T:
    """Return what `parse` makes of a table, or leave with what is wrong with it."""
    with bad_input(ReadingError):
        return tables.read(path, parse)


def places(path: Path, bad: Sequence[BadLine]) -> list[str]:
    """Return file, line and problem of each line that was skipped."""
    return [f"{path}:{line.line}: {line.problem}" for line in bad]


def name_skipped(places: Sequence[str], shown: int = 20) -> None:
    """Name what was skipped, the first ones one by one."""
    for place in places[:shown]:
        click.echo(f"{place}: skipped", err=True)
    if len(places) > shown:
        click.echo(f"and {len(places) - shown} more: skipped", err=True)
