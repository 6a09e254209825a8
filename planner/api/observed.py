"""What was seen, from the files that people name: the history, the members' sheet, the network's statement."""

from collections.abc import Callable, Sequence
from pathlib import Path

from planner.model.inputs.observations import History, Member, Posting
from planner.readings import ReadingError, imports, ledger, members, tables
from planner.store import history as histories

Tell = Callable[[Sequence[str]], None]
"""Told file, line and problem of each line that was skipped."""
TABLES = {".csv", ".xlsx"}
"""A history with one of these suffixes is a table of meetings; any other is the store that `observe` fills."""
NOWHERE = "-"
"""The node of meetings that a table does not place: they are learned from, but fill no node."""


def read_history(path: Path, tell: Tell) -> History:
    """Return the meetings, and the readings where there are some."""
    if path.suffix.lower() in TABLES:
        table = tables.read(path, lambda body: imports.meetings_table(body, NOWHERE))
        tell(places(path, table.bad))
        return History(path.name, table.rows)
    with histories.open_history(path, write=False) as db:
        return History(path.name, histories.meetings(db), histories.samples(db))


def read_members(path: Path, tell: Tell) -> tuple[Member, ...]:
    """Return the members' sheet."""
    sheet = tables.read(path, members.sheet)
    tell(places(path, sheet.bad))
    return sheet.rows


def read_ledger(path: Path) -> tuple[Posting, ...]:
    """Return the network's statement. A line that is not understood is an error: a sum must not miss a part."""
    statement = tables.read(path, ledger.statement)
    if statement.bad:
        raise ReadingError("\n".join(places(path, statement.bad)))
    return statement.rows


def places(path: Path, bad: Sequence[tables.BadLine]) -> list[str]:
    """Return file, line and problem of each line that was skipped."""
    return [f"{path}:{line.line}: {line.problem}" for line in bad]
