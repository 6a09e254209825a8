"""What was seen, from the files that options name: the history, the members' sheet, the statement, the room owners."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from planner.api import observed
from planner.cli import bad_input
from planner.model.inputs.observations import History, Member, Posting
from planner.readings import ReadingError, members, tables
from planner.store import StoreError, history


def say_most_users(path: Path) -> None:
    """Print what a history says of the most users at once, as an entry of a scenario's `experience`."""
    with bad_input(StoreError), history.open_history(path, write=False) as db:
        found = history.most_users(db)
    for node, (users, first, last) in found.items():
        if users and (weeks := (last - first).days // 7):
            span = "1 week" if weeks == 1 else f"{weeks} weeks"
            said = f"most_users: {users} users, for: {span}, until: {last:%Y-%m}, seen: continuously"
            click.echo(f"most users seen on {node} in {span}: {users}; a scenario says it under experience:")
            click.echo(f"  - {{node: {node}, {said}, source: {path.name}}}")


def load_history(path: Path) -> History:
    """Return the meetings, and the readings where there are some; lines that are skipped are named."""
    with bad_input(StoreError, ReadingError):
        return observed.read_history(path, name_skipped)


def load_members(path: Path | None) -> Sequence[Member]:
    """Return the members' sheet; lines that are skipped are named."""
    with bad_input(ReadingError):
        return () if path is None else observed.read_members(path, name_skipped)


def load_ledger(path: Path) -> Sequence[Posting]:
    """Return the network's statement."""
    with bad_input(ReadingError):
        return observed.read_ledger(path)


def load_rooms(path: Path | None, *, quiet: bool = False) -> Mapping[str, str]:
    """Return the account of each room by its (external) meeting id; lines that are skipped are named unless quiet."""
    if path is None:
        return {}
    with bad_input(ReadingError):
        rooms = tables.read(path, members.rooms)
    name_skipped(() if quiet else observed.places(path, rooms.bad), len(rooms.bad))
    return dict(rooms.rows)


def name_skipped(places: Sequence[str], shown: int = 20) -> None:
    """Name what was skipped, the first ones one by one."""
    for place in places[:shown]:
        click.echo(f"{place}: skipped", err=True)
    if len(places) > shown:
        click.echo(f"and {len(places) - shown} more: skipped", err=True)
