"""What was seen, read from the files that options name: the history of meetings, the members' sheet, the ledger."""

from collections.abc import Sequence
from pathlib import Path

import click

from planner.cli import BadInput
from planner.cli.room_owners import placed
from planner.model.inputs.observations import History, Member, Posting
from planner.readings import ReadingError, imports, ledger, members, tables
from planner.readings.tables import BadLine
from planner.store import StoreError, history

TABLES = {".csv", ".xlsx"}
"""A history with one of these suffixes is a table of meetings; any other is the store that `observe` fills."""

NOWHERE = "-"
"""The node of meetings that a table does not place: they are learned from, but fill no node."""


def load_history(path: Path) -> History:
    """Return the meetings, and the readings where there are some; lines that are skipped are named."""
    if path.suffix.lower() in TABLES:
        try:
            found = imports.meetings_table(tables.load(path), NOWHERE)
        except ReadingError as error:
            raise BadInput(placed(path, error)) from None
        name_skipped(path, found.bad)
        return History(path.name, found.meetings)
    try:
        with history.open_history(path, write=False) as db:
            return History(path.name, history.meetings(db), history.samples(db))
    except StoreError as error:
        raise BadInput(str(error)) from None


def load_members(path: Path | None) -> Sequence[Member]:
    """Return the members' sheet; lines that are skipped are named."""
    if path is None:
        return ()
    try:
        sheet = members.sheet(tables.load(path))
    except ReadingError as error:
        raise BadInput(placed(path, error)) from None
    name_skipped(path, sheet.bad)
    return sheet.members


def load_ledger(path: Path) -> Sequence[Posting]:
    """Return the network's statement. A line that is not understood is an error: a sum must not miss a part."""
    try:
        found = ledger.statement(tables.load(path))
    except ReadingError as error:
        raise BadInput(placed(path, error)) from None
    if found.bad:
        raise BadInput("\n".join(f"{path}:{line.line}: {line.problem}" for line in found.bad))
    return found.postings


def name_skipped(path: Path, bad: Sequence[BadLine], shown: int = 20) -> None:
    """Name the lines that were skipped, the first of them one by one."""
    for line in bad[:shown]:
        click.echo(f"{path}:{line.line}: {line.problem}: skipped", err=True)
    if len(bad) > shown:
        click.echo(f"and {len(bad) - shown} more: skipped", err=True)
