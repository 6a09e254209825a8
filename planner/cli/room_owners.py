"""Whose room is whose, from the table that the option --accounts names."""

from collections.abc import Mapping
from pathlib import Path

import click

from planner.cli import BadInput
from planner.readings import ReadingError, members, tables


def accounts(path: Path | None, *, quiet: bool = False) -> Mapping[str, str]:
    """Return the account of each room by its (external) meeting id; lines that are skipped are named unless quiet."""
    if path is None:
        return {}
    try:
        found = members.rooms(tables.load(path))
    except ReadingError as error:
        raise BadInput(placed(path, error)) from None
    for line in () if quiet else found.bad:
        click.echo(f"{path}:{line.line}: {line.problem}: skipped", err=True)
    return found.accounts


def placed(path: Path, error: ReadingError) -> str:
    """Return a message that names the file, which some do already."""
    return str(error) if str(error).startswith(str(path)) else f"{path}: {error}"
