"""The members' sheet as what a scenario says of `members:`; of a row only its level and its accounts are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from planner.scenario import fields, numbers
from planner.scenario.estimate import Entry
from planner.scenario.fields import Number
from planner.scenario.problem import Origin, did_you_mean
from planner.scenario.schema import ROOT
from planner.scenario.tree import Map, Scalar
from planner.scenario.validation import Walk

if TYPE_CHECKING:
    from planner.model.inputs.observations import Member

SHEET: Final = "members.sheet"
PAYS: Final = {"members.accounts": "money", "members.in_credit": "credit"}
"""What each number counts."""
MIX: Final = "members.mix"


def count(found: Walk, root: Map) -> None:
    """Fill in what a members' sheet says, if one is named; note what is wrong with it."""
    if SHEET not in found.tables:
        return
    for path in (*PAYS, MIX):
        if (node := root.at_path(path)) is not None:
            wanted = "the sheet alone, or members.sheet: none"
            found.context.problems.add(node.at, path, f"{SHEET} says this already", wanted)
    before = len(found.context.problems.found)
    rows = _rows(found)
    start = found.entries.get("start")
    if start is None or len(found.context.problems.found) > before:
        return
    year, month = map(int, str(start.value).split("-"))
    there = [one for one in rows if one.already_there(date(year, month, 1))]
    at = found.entries[SHEET].origin
    for path, pays in PAYS.items():
        _number(found, path, sum(one.accounts for one in there if one.pays == pays), str(start.value), at)
    if there:
        found.entries[MIX] = _mix(there, found.context.names["levels"], at)
    elif MIX in found.entries:
        found.entries[MIX] = replace(found.entries[MIX], origin=at)


def _rows(found: Walk) -> tuple[Member, ...]:
    """Return the rows of the sheet; each that cannot be used is a problem, for a sum without it would be wrong."""
    # here and not above: a scenario without a sheet need not wait for what reads one
    from planner.readings import ReadingError, TableError, members  # noqa: PLC0415

    name, body = found.tables[SHEET]
    problems = found.context.problems
    try:
        sheet = members.sheet(body)
    except TableError as error:
        problems.add(Origin(name, error.line, 1), SHEET, error.problem)
        return ()
    except ReadingError as error:
        problems.add(Origin(name, 1, 1), SHEET, str(error))
        return ()
    for bad in sheet.bad:
        problems.add(Origin(name, bad.line, 1), SHEET, bad.problem)
    known = found.context.names.get("levels", ())
    for line, one in zip(sheet.lines, sheet.members, strict=True):
        if known and one.level not in known:
            # the cell is not repeated: in a sheet whose columns are shifted it may be somebody's name
            wrong = f"level: there is no such level{did_you_mean(one.level, known)}"
            problems.add(Origin(name, line, 1), SHEET, wrong, f"one of {', '.join(known[:30])}")
    return sheet.members


def _number(found: Walk, path: str, accounts: int, start: str, at: Origin) -> None:
    """Put a count in the place of what nobody wrote."""
    field = fields.field_at(ROOT, path)
    assert isinstance(field, Number)
    said = {"value": str(accounts), "source": f"counted in {found.tables[SHEET][0]}", "as_of": start}
    node = Map({name: (Scalar(name, at), Scalar(text, at)) for name, text in said.items()}, at)
    if (estimate := numbers.number(node, field, path, at, found.context)) is not None:
        found.estimates[path] = estimate


def _mix(there: list[Member], levels: Sequence[str], at: Origin) -> Entry:
    """Return the share of each level among all who are there, in money or in credit."""
    accounts = {level: sum(one.accounts for one in there if one.level == level) for level in levels}
    total = sum(accounts.values())
    shares = {level: many / total for level, many in accounts.items() if many}
    said = ", ".join(f"{level}: {100 * share:.4g} %" for level, share in shares.items())
    field = fields.field_at(ROOT, MIX)
    assert field is not None
    return Entry(MIX, shares, f"{{{said}}}", at, field.help, False)
