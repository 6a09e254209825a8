"""A scenario as rows of path, value and meaning, for spreadsheets, and back as a file of changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from planner.scenario import layers, ranges, tree
from planner.scenario.fields import Choice, Listed, Number, Profile, Table, Text, field_at, meaning, wanted_at
from planner.scenario.layers import Layers
from planner.scenario.numbers import PARTS
from planner.scenario.problem import Origin, Problems, ScenarioError, Unreadable
from planner.scenario.schema import ROOT
from planner.scenario.tree import Map, Node, Scalar, Seq, text_of

COLUMNS: Final = ("path", "value")
MEANING: Final = "meaning"
"""The column that says what each row is; nothing reads it back."""
Value = str | list["Value"] | dict[str, "Value"]
"""What an entry is: text, a list, or entries by name."""
_STATED: Final = ("value", "low", "high", "unit")
"""What of a number is said in one phrase."""
_BESIDE: Final = ("source", "as_of")
"""What is said of a value: of a new one only where it is new too."""
_AMOUNT: Final = re.compile(r"([^\d\s+-]*)([+-]?\d+(?:\.\d+)?)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Given:
    """One row as it came back."""

    line: int
    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What the rows change."""

    title: str
    entries: Mapping[str, Value]
    """Dotted path: the whole new entry."""
    lines: Mapping[str, int]
    """Dotted path of each row: its line in the table."""
    anything: bool
    """Whether any row changes anything, be it the title alone."""
    unsourced: tuple[str, ...] = ()
    """Entries that had a source, or a date, which did not say what is new in them."""


def rows(path: Path, sets: Sequence[str] = ()) -> tuple[tuple[str, str, str], ...]:
    """Return all a scenario says, its bases included, as (path, value, meaning); the defaults it leaves are not."""
    return tuple((row, value, _meaning(row)) for row, value in _in_phrases(_whole(path, sets)).items())


def _whole(path: Path, sets: Sequence[str] = ()) -> Map:
    return layers.stack(path, Layers(path.parent, Problems()), sets)[0]


def _meaning(path: str) -> str:
    """Return what a row says: the entry's own help and what is wanted there, or that of a part of a number."""
    field, inside, part = field_at(ROOT, path), field_at(ROOT, path, inside=True), path.rpartition(".")[2]
    new = ". Left out where what it speaks of is new, unless this row is new too" if part in _BESIDE else ""
    if field is None and isinstance(inside, Number):
        return PARTS.get(part, "") + new
    entry = field or inside
    return f"{meaning(entry)}. Wanted: {wanted_at(entry)}{new}".replace("?.", "?") if entry else ""


def _in_phrases(whole: Map) -> dict[str, str]:
    """Return the rows of a tree, a number with its range as one phrase in one row."""
    found = dict(_flat(whole, ""))
    for path in [path for path in found if path.endswith(".value")]:
        number = path.removesuffix(".value")
        if isinstance(field_at(ROOT, number), Number):
            parts = {part: found.get(f"{number}.{part}", "") for part in _STATED}
            found = {number if one == path else one: text for one, text in found.items()}
            found[number] = ranges.written(**parts)
            for part in _STATED[1:]:
                found.pop(f"{number}.{part}", None)
    return found


def _flat(node: Node, path: str) -> list[tuple[str, str]]:
    if isinstance(node, Map):
        return [row for key, inner in node.items for row in _flat(inner, f"{path}.{key.text}" if path else key.text)]
    if isinstance(node, Seq) and node.items and all(isinstance(item, Map) for item in node.items):
        return [row for k, item in enumerate(node.items, 1) for row in _flat(item, f"{path}.{k}")]
    return [(path, " ".join(text_of(node).split()))]


def changed(path: Path, given: Sequence[Given], file: str) -> Changed:
    """Return what rows that came back change; one that is missing changes nothing, an empty cell drops a part."""
    whole, problems = _whole(path), Problems()
    known = dict(_flat(whole, "")) | _in_phrases(whole)  # a table may hold the parts of a number, too
    lines: dict[str, int] = {}
    new: dict[str, dict[str, Given]] = {}
    for row in given:
        at = Origin(file, row.line, 1)
        if row.path in lines:
            problems.add(at, row.path, "this path is there twice", f"it once (first in line {lines[row.path]})")
        elif "\ufffd" in row.value:
            problems.add(at, row.path, "this cell is damaged", "the table saved as CSV in UTF-8", row.value)
        elif row.path == "title" and (row.value in tree.NOTHING or row.value[:1] in ("[", "{")):
            problems.add(at, row.path, "wrong shape", wanted_at(ROOT.fields["title"]), row.value)
        elif not same(row.value, known.get(row.path, "")):
            new.setdefault(_entry(row.path, whole), {})[row.path] = row
        lines.setdefault(row.path, row.line)
    entries: dict[str, Value] = {}
    unsourced: list[str] = []
    for entry, cells in new.items():
        value = _value(entry, cells, whole, file, problems, unsourced)
        if value in ("", {}):
            at = Origin(file, min(row.line for row in cells.values()), 1)
            problems.add(at, entry, "nothing is left of this entry", "a value, or none")
        entries[entry] = value
    if problems.found:
        raise ScenarioError(problems.found)
    title = entries.pop("title", f"{known['title']} (changed)")
    return Changed(title if isinstance(title, str) else known["title"], entries, lines, bool(new), tuple(unsourced))


def _sourced(path: str, value: dict[str, Value], said: set[str], unsourced: list[str]) -> dict[str, Value]:
    """Return an entry without a source, or a date, that said something else: what is new in it is in `said`."""
    old = {part for part in _BESIDE if part in value and part not in said}
    if not old or said <= set(_BESIDE):
        return value
    unsourced.append(path)
    return {part: text for part, text in value.items() if part not in old}


def same(cell: str, known: str) -> bool:
    """Return whether a cell says what was there; spreadsheets write 10 % as 10% or 10.00%, and 1.0 as 1."""
    new, old = ("".join(text.split()) for text in (cell, known))
    amount, before = _AMOUNT.fullmatch(new), _AMOUNT.fullmatch(old)
    if new == old or not amount or not before:
        return new == old
    return amount.group(1, 3) == before.group(1, 3) and Decimal(amount[2]) == Decimal(before[2])


def _entry(path: str, whole: Map) -> str:
    """Return the path of the entry that a row belongs to: what `changes:` replaces as a whole."""
    found, depth, _ = layers.way_to(path, whole)
    # of what is no entry the reader says so
    return path if found == "no entry" else ".".join(path.split(".")[:depth])


def _value(
    entry: str, cells: Mapping[str, Given], whole: Map, file: str, problems: Problems, unsourced: list[str]
) -> Value:
    """Return the whole new entry: what was there, with the new cells."""
    old = whole.at_path(entry)
    value: Value = "" if old is None else plain(old)
    field = field_at(ROOT, entry, inside=True)
    number, listed = isinstance(field, Number), isinstance(field, Listed)
    if listed and isinstance(value, list):
        value = {str(k): item for k, item in enumerate(value, 1)}
    for path, row in cells.items():
        inside, new = path.removeprefix(entry).removeprefix("."), _read(row, file, problems)
        if not inside:
            value = _restated(value, new)
            continue
        if not isinstance(value, dict):
            value = {"value": value} if number and value else {}
        _put(value, inside.split("."), new)
    said = {path.removeprefix(entry).removeprefix(".") for path in cells}
    if number and isinstance(value, dict):
        value = _sourced(entry, value, said, unsourced)
    if listed and isinstance(value, dict):
        for k, item in value.items():
            inner = {part.partition(".")[2] for part in said if part.partition(".")[0] == k}
            if inner and isinstance(item, dict):
                value[k] = _sourced(f"{entry}.{k}", item, inner, unsourced)
        # an entry of which nothing is left is taken out, a number of its own is a new one
        return [item for _, item in sorted(value.items(), key=lambda one: one[0].zfill(4)) if item]
    return value


def _put(value: dict[str, Value], path: Sequence[str], new: Value) -> None:
    """Put a value at a path below; an empty one is taken out."""
    first, *rest = path
    if not rest:
        new = _restated(value.pop(first, ""), new)
        if new != "":
            value[first] = new
        return
    inner = value.get(first)
    if not isinstance(inner, dict):
        inner = {} if inner in (None, "") else {"value": str(inner)}
    value[first] = inner
    _put(inner, rest, new)


def _restated(old: Value, new: Value) -> Value:
    """Return a new value; of a number, what was said beside value and range stays."""
    if not isinstance(old, dict) or not isinstance(old.get("value"), str) or new == "":
        return new
    beside = {part: text for part, text in old.items() if part not in _STATED}
    return {"value": new, **beside} if beside else new


def _read(row: Given, file: str, problems: Problems) -> Value:
    """Return a cell as what its field holds: a list or names with shares may stand in one cell, as in the file."""
    field = field_at(ROOT, row.path, inside=True)
    as_it_is = field is None or isinstance(field, Number | Text | Choice | Profile | Table)
    if as_it_is or not row.value or row.value[0] not in "[{":
        return row.value
    try:
        return plain(tree.parse(row.value, file, problems, row.line))
    except Unreadable:
        return row.value


def plain(node: Node) -> Value:
    """Return a node as plain text, lists and entries by name."""
    match node:
        case Scalar():
            return node.text
        case Seq():
            return [plain(item) for item in node.items]
        case Map():
            return {key.text: plain(inner) for key, inner in node.items}
