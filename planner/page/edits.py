"""What is typed as options of the command line: one entry, or a whole one that is added or taken away."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from planner.page.asked import Asked, Refused, editable, layered, says, scenario, whole
from planner.scenario import fields, ranges, tree, units
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.fields import Field, Listed, Named, Names, Number, Section, Shares, Starts
from planner.scenario.overlay import flow, scalar
from planner.scenario.problem import Problem, Problems, ScenarioError
from planner.scenario.reader import Scenario
from planner.scenario.schema import ROOT
from planner.scenario.sheet import Value, plain
from planner.scenario.tree import Map

OF: Final = "of:"
"""Begins the name of a part that is one name's share, or one place of a list."""
_NUMBER: Final = ("value", "low", "high", "source")


def typed_parts(stated: Estimate | Entry | None, field: Field | None) -> dict[str, str]:
    """Return an entry as it stands in the fields of the form: a number's unit once, each name's share by itself."""
    if isinstance(stated, Estimate):
        source, unit = "" if stated.is_default else stated.source, stated.scale.suffix
        low, high = ((text or "").removesuffix(unit) for text in (stated.low_text, stated.high_text))
        return {"value": stated.text, "low": low, "high": high, "source": source}
    if isinstance(field, Number):
        return dict.fromkeys(_NUMBER, "")
    if not isinstance(field, Shares | Starts | Names):
        return {"value": "" if stated is None else stated.text}
    said = [] if stated is None or not stated.text.startswith(("{", "[")) else _read(stated.text)
    named = said.items() if isinstance(said, dict) else zip(map(str, range(1, len(said) + 1)), said, strict=True)
    return {f"{OF}{name}": str(text) for name, text in named}


def _read(text: str) -> Value:
    return plain(tree.parse(text, "--set", Problems()))


def changed(asked: Asked, before: Scenario, edit: Mapping[str, Any], folder: Path) -> Asked:
    """Return the state with one entry as it was typed; typed as the page came with it, it is no change any more.

    The form was made from `before`. The edit has the path, what stands in each field of the entry, and in "left" which
    of them were changed.
    """
    path, left = str(edit.get("path", "")), edit.get("left", [])
    field, old = fields.field_at(ROOT, path), before.estimates.get(path)
    stands = typed_parts(old or before.entries.get(path), field)
    names = [name for name in edit if name.startswith(OF)] if isinstance(field, Shares | Starts | Names) else stands
    typed = {name: " ".join(str(edit.get(name, "")).split()) for name in names}
    match field:
        case Number():
            value = _number(typed, old, left if isinstance(left, list) else [])
        case Shares() | Starts() | Names():
            value = _several(field, {name.removeprefix(OF): text for name, text in typed.items() if text})
            stands = {name: stands.get(name, "") for name in typed}
        case _:
            value = scalar(typed["value"]) if typed["value"] else ""
    if outer := _inside(asked, path):
        if old is not None and units.suffix(value) == "":  # `--set` itself would do so
            value = ranges.with_unit(value, units.suffix(old.text) or "")
        return _put_inside(asked, outer, path, _read(value) if value else None, folder)
    return asked.without(path) if typed == stands else asked.set(path, value)


def _several(field: Shares | Starts | Names, said: Mapping[str, str]) -> str:
    """Return shares by name, or names in their order; a share of which only the number is said is in %."""
    if isinstance(field, Names):
        return f"[{', '.join(map(scalar, said.values()))}]" if said else fields.NONE
    shares = [f"{scalar(name)}: {scalar(text if units.suffix(text) else f'{text} %')}" for name, text in said.items()]
    return f"{{{', '.join(shares)}}}" if shares else fields.NONE


def _number(typed: Mapping[str, str], old: Estimate | None, left: Sequence[str]) -> str:
    """Return a number in the long form, or in the short one where there is nothing but the value.

    A new value takes the place of the old number with all that was said of it, as after `--set`: range and source stay
    where they were typed for it.
    """
    parts = {name: text for name, text in typed.items() if text}
    before = typed_parts(old, None) if old else {}
    if old is not None and typed["value"] != before["value"]:
        if typed["source"] == before["source"]:
            parts.pop("source", None)
        ends_left = "low" in left or "high" in left
        if not ends_left and (typed["low"], typed["high"]) == (before["low"], before["high"]):
            parts = {name: text for name, text in parts.items() if name not in ("low", "high")}
    elif old is not None and old.as_of and typed["source"] == before["source"]:
        parts["as_of"] = old.as_of
    if set(parts) <= {"value"}:
        return scalar(parts["value"]) if parts else ""
    unit = units.suffix(old.text) if old else None
    if unit and units.suffix(parts.get("value", "")) == "":
        parts["value"] += f" {unit}"
    return "{" + ", ".join(f"{name}: {scalar(text)}" for name, text in parts.items()) + "}"


def _inside(asked: Asked, path: str) -> str:
    """Return the path of the whole entry that a path lies in and that is changed as a whole; "" = none."""
    above = [one for one in asked.changed if path.startswith(f"{one}.")]
    outer = path.partition(".")[0]
    return (above or [outer if isinstance(fields.field_at(ROOT, outer), Listed) and outer != path else ""])[0]


def _put_inside(asked: Asked, outer: str, path: str, value: Value | None, folder: Path) -> Asked:
    """Return the state with a value inside an entry that is changed as a whole; None = with nothing there."""
    made = _with(says(folder, asked, outer), path.removeprefix(f"{outer}.").split("."), value)
    return _unless_as_before(asked.set(outer, flow(made)), outer, made, folder)


def _unless_as_before(asked: Asked, path: str, made: Value, folder: Path) -> Asked:
    same = made == says(folder, Asked(asked.file), path)
    return asked.without(path) if same else asked


def _with(old: Value, inner: Sequence[str], value: Value | None) -> Value:
    """Return an entry with a value at a path inside it; None = with nothing there."""
    name, *rest = inner
    if isinstance(old, list):
        if not name.isdecimal() or not 0 < int(name) <= len(old):
            raise Refused(f"wanted one of {len(old)}; found {name[:20]!r}")
        at = int(name) - 1
        new = _with(old[at], rest, value) if rest else value
        return [*old[:at], *([] if new is None else [new]), *old[at + 1 :]]
    made = dict(old) if isinstance(old, dict) else {}
    new = _with(made.get(name, {}), rest, value) if rest else value
    made.pop(name, None) if new is None else made.update({name: new})
    return made


@dataclass(frozen=True, slots=True)
class New:
    """A whole entry that somebody wants to add."""

    path: str
    """Where it is added: spending.sellers, experience."""
    form: str
    """Of several that it can have, by its first entry; "" = there is one."""
    name: str
    """As it was typed, or chosen."""
    said: Mapping[str, str]
    """What was typed, by the path inside the new entry; "" inside = the new entry is one number."""


def added(folder: Path, asked: Asked, new: New, now: datetime) -> tuple[Asked, list[Problem]]:
    """Return the state with a new entry; or the one before, and what is wrong with the new one, by the path inside."""
    outer, said = fields.field_at(ROOT, new.path), _nested(new)
    if isinstance(outer, Listed):
        old = says(folder, asked, new.path)
        items = old if isinstance(old, list) else []
        at, made = f"{new.path}.{len(items) + 1}", asked.set(new.path, flow([*items, said]))
        if not new.said.get(new.form):
            return asked, [Problem("", 1, 1, new.form, "this is missing")]
    elif isinstance(outer, Named):
        key = _key(new.name, outer)
        if key in names_at(layered(folder, asked), new.path):
            return asked, [Problem("", 1, 1, "", f"there is a {outer.what} of this name already")]
        at = f"{new.path}.{key}"
        if isinstance(outer.entry, Section) and "called" in outer.entry.fields and key != new.name:
            said = {"called": new.name, **(said if isinstance(said, dict) else {})}
        made = asked.without(at).set(at, flow(said))
    else:
        raise Refused("wanted a section to which something can be added")
    try:
        scenario(folder, made, now)
    except ScenarioError as error:
        mine = [one for one in error.problems if f"{one.path}.".startswith(f"{at}.")]
        wrong = [replace(one, path=one.path.removeprefix(at).lstrip(".")) for one in mine]
        bare = {one.path: one.write for one in wrong if units.suffix(new.said.get(one.path, "")) == "" and one.write}
        if bare:  # as everywhere on the page, a number alone has the unit that is meant
            return added(folder, asked, replace(new, said={**new.said, **bare}), now)
        if wrong:
            return asked, wrong
    return made, []


def _nested(new: New) -> Value:
    """Return what was typed as an entry; what stands empty is left to the planner."""
    if set(new.said) == {""}:
        return new.said[""]
    made: Value = {}
    for inner, text in new.said.items():
        field = fields.field_at(ROOT, f"{new.path}.NEW.{inner}")
        if not editable(field):
            raise Refused(f"wanted an entry of what is added; found {inner[:60]!r}")
        if text:
            made = _with(made, inner.split("."), text)
    return made


def _key(name: str, outer: Named) -> str:
    """Return the key of what somebody calls so."""
    if outer.refers or outer.currencies:
        return name.upper() if outer.currencies else name
    return re.sub(r"[^\w-]+|_+\b", "-", name.strip()).strip("-_")[:40].rstrip("-_") or "new"


def names_at(state: Map, path: str) -> list[str]:
    """Return the names in a section, without those that are taken away."""
    inside = state.at_path(path)
    items = inside.items if isinstance(inside, Map) else []
    return [key.text for key, node in items if not tree.says(node, fields.NONE)]


def taken_away(folder: Path, asked: Asked, path: str) -> Asked:
    """Return the state without a whole entry, nor its name in the lists that say an order."""
    outer, _, name = path.rpartition(".")
    if isinstance(fields.field_at(ROOT, outer), Listed):
        left = _with(says(folder, asked, outer), [name], None)
        return _unless_as_before(asked.set(outer, flow(left or fields.NONE)), outer, left, folder)
    if not whole(path):
        raise Refused(f"wanted an entry with a name of its own; found {path[:80]!r}")
    made = replace(asked, sets=tuple(one for one in asked.sets if not one.startswith((f"{path}=", f"{path}."))))
    if name in names_at(layered(folder, made), outer):
        made = made.set(path, fields.NONE)
    for lists, names in _lists_with(folder, asked, outer, name):
        made = made.set(lists, flow([one for one in names if one != name]))
    return made


def put_back(folder: Path, asked: Asked, path: str) -> Asked:
    """Return the state without the change of a whole entry, its name back in the lists that say an order."""
    if outer := _inside(asked, path):
        return _put_inside(asked, outer, path, says(folder, Asked(asked.file), path) or None, folder)
    made = asked.without(path)
    outer, _, name = path.rpartition(".")
    for lists, names in _lists_with(folder, Asked(asked.file), outer, name):
        if asked.changed.get(lists) == f"{lists}={flow([one for one in names if one != name])}":
            made = made.without(lists)
    return made


def _lists_with(folder: Path, asked: Asked, outer: str, name: str) -> list[tuple[str, list[str]]]:
    """Return the lists of names that hold the name of an entry, by their paths."""
    above, own = outer.rpartition(".")[0], fields.field_at(ROOT, outer)
    beside = fields.field_at(ROOT, above) if above else ROOT
    key = own.key if isinstance(own, Named) else None
    found = []
    for inner, field in beside.fields.items() if isinstance(beside, Section) else ():
        path = f"{above}.{inner}".lstrip(".")
        if isinstance(field, Names) and field.of == key:
            names = says(folder, asked, path)
            if isinstance(names, list) and name in names:
                found.append((path, [str(one) for one in names]))
    return found
