"""The members' sheet as what a scenario says of `members:`; of a row only its level and its accounts are used."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from planner.scenario import fields
from planner.scenario.estimate import Entry
from planner.scenario.problem import Origin, did_you_mean
from planner.scenario.schema import ROOT
from planner.scenario.tree import Map
from planner.scenario.validation import Walk

if TYPE_CHECKING:
    from planner.model.inputs.observations import Member

SHEET: Final = "members.sheet"
PAYS: Final = {"members.accounts": "money", "members.in_credit": "credit"}
"""What each number counts."""
MIX: Final = "members.mix"


def count(walk: Walk, root: Map) -> None:
    """Fill in what a members' sheet says, if one is named; note what is wrong with it."""
    if SHEET not in walk.tables:
        return
    for path in (*PAYS, MIX):
        if (node := root.at_path(path)) is not None:
            wanted = "the sheet alone, or members.sheet: none"
            walk.context.problems.add(node.at, path, f"{SHEET} says this already", wanted)
    before = len(walk.context.problems.found)
    rows = _rows(walk)
    start = walk.entries.get("start")
    if start is None or len(walk.context.problems.found) > before:
        return
    first = date.fromisoformat(f"{start.value}-01")
    there = [row for row in rows if row.already_there(first)]
    at = walk.entries[SHEET].origin
    for path, pays in PAYS.items():
        counted = sum(row.accounts for row in there if row.pays == pays)
        source = f"counted in {walk.tables[SHEET][0]}"
        walk.say(path, {"value": str(counted), "source": source, "as_of": str(start.value)}, at)
    if there:
        walk.entries[MIX] = _mix(there, walk.context.names["levels"], at)
    elif MIX in walk.entries:
        walk.entries[MIX] = replace(walk.entries[MIX], origin=at)


def _rows(walk: Walk) -> tuple["Member", ...]:
    """Return the rows of the sheet; each that cannot be used is a problem, for a sum without it would be wrong."""
    # here and not above: a scenario without a sheet need not wait for what reads one
    from planner.readings import ReadingError, TableError, members  # noqa: PLC0415

    name, body = walk.tables[SHEET]
    problems = walk.context.problems
    try:
        sheet = members.sheet(body)
    except ReadingError as error:
        line, problem = (error.line, error.problem) if isinstance(error, TableError) else (1, str(error))
        problems.add(Origin(name, line, 1), SHEET, problem)
        return ()
    walk.told[name] = sheet.summary()
    for bad in sheet.bad:
        problems.add(Origin(name, bad.line, 1), SHEET, bad.problem)
    known = walk.context.names.get("levels", ())
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        if known and row.level not in known:
            # the cell is not repeated: in a sheet whose columns are shifted it may be somebody's name
            wrong = f"level: there is no such level{did_you_mean(row.level, known)}"
            problems.add(Origin(name, line, 1), SHEET, wrong, f"one of {', '.join(known[:30])}")
    return sheet.rows


def _mix(there: list["Member"], levels: Sequence[str], at: Origin) -> Entry:
    """Return the share of each level among all who are there, in money or in credit."""
    accounts = {level: sum(row.accounts for row in there if row.level == level) for level in levels}
    total = sum(accounts.values())
    shares = {level: many / total for level, many in accounts.items() if many}
    said = ", ".join(f"{level}: {100 * share:.4g} %" for level, share in shares.items())
    field = fields.field_at(ROOT, MIX)
    assert field is not None
    return Entry(MIX, shares, f"{{{said}}}", at, field.help, False)
