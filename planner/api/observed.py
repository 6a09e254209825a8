"""What was seen, from the files that people name: the history, the members' sheet, the network's statement."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from planner.api import given
from planner.model.inputs.observations import History, Member, Posting
from planner.readings import ReadingError, imports, ledger, members, naming, tables
from planner.readings.tables import BadLine, Parsed
from planner.scenario.reader import Scenario
from planner.store import history as histories
from planner.store.unwatched import unwatched

Tell = Callable[[Path, Parsed[Any]], object]
"""Told of each table that was read: how many rows were used, and which were left out, why."""
NOWHERE = "-"
"""The node of meetings that a table does not place: they are learned from, but fill no node."""


def read_history(path: Path, tell: Tell, zone: ZoneInfo | None = None) -> History:
    """Return the meetings, and the readings where there are some; `zone` is that of a table's times without one."""
    # any other is the store that `planner observe` fills
    if path.suffix.lower() in tables.SUFFIXES:
        table = tables.read(path, lambda body: imports.meetings_table(body, NOWHERE, zone))
        tell(path, table)
        return History(path.name, table.rows)
    with histories.open_history(path, write=False) as db:
        return History(path.name, histories.meetings(db), histories.samples(db), unwatched(db))


def read_members(path: Path, tell: Tell) -> tuple[Member, ...]:
    """Return the members' sheet."""
    sheet = tables.read(path, members.sheet)
    tell(path, sheet)
    return sheet.rows


def read_ledger(path: Path, tell: Tell, columns: str | None) -> tuple[Posting, ...]:
    """Return the network's statement. A line that is not understood is an error: a sum must not miss a part."""
    with naming("--columns"):
        form = None if columns is None else ledger.columns(columns)
    statement = tables.read(path, lambda body: ledger.statement(body, form))
    if statement.bad:
        raise ReadingError("\n".join([*places(path, statement.bad), f"{path}: {statement.summary()}"]))
    tell(path, statement)
    return statement.rows


def columns_of(scenario: Scenario) -> str | None:
    """Return how the scenario says that the statement of the offer's network is to be read."""
    entry = scenario.entries.get(f"networks.{scenario.entries['offer.network'].value}.statement")
    return None if entry is None else str(entry.value)


def places(path: Path, bad: Sequence[BadLine]) -> list[str]:
    """Return file, line and problem of each line that was skipped."""
    return [f"{path}:{line.line}: {line.problem}" for line in bad]


def history_of(history: object) -> History:
    """Return a history, or that of a file."""
    seen = given.file_or(History, history, "history", "a History")
    return read_history(seen, _skipped) if isinstance(seen, Path) else seen


def members_of(members: object) -> tuple[Member, ...]:
    """Return rows of the members' sheet, or those of a file."""
    rows = given.file_or_rows(Member, members, "members")
    return read_members(rows, _skipped) if isinstance(rows, Path) else rows


def ledger_of(postings: object, scenario: Scenario) -> tuple[Posting, ...]:
    """Return lines of the network's statement, or those of a file, read as the scenario says."""
    rows = given.file_or_rows(Posting, postings, "ledger")
    return read_ledger(rows, _skipped, columns_of(scenario)) if isinstance(rows, Path) else rows


def _skipped(path: Path, table: Parsed[Any]) -> None:
    if table.bad:
        said = places(path, table.bad)
        more = f"; and {len(said) - 3} more" if len(said) > 3 else ""
        warnings.warn(f"lines were skipped: {'; '.join(said[:3])}{more}", stacklevel=4)
