"""What the page is asked: a scenario below the folder, what is changed in it, others beside it; what it refuses."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from planner import PlannerError
from planner.scenario import fields, tree, units
from planner.scenario.estimate import Estimate
from planner.scenario.fields import Choice, Field, Names, Number, Profile, Shares, Starts, Table, Text
from planner.scenario.overlay import scalar
from planner.scenario.problem import Origin, Problem, Problems, ScenarioError, Unreadable
from planner.scenario.reader import Scenario, read
from planner.scenario.schema import ROOT
from planner.scenario.tree import Scalar

BESIDE: Final = 2
"""So many scenarios stand beside the one that is edited."""
PEOPLE: Final = frozenset({"decision", "calibrated", "experience", "title"})
"""Sections that the page shows and does not change: what people decided, saw and learned stands in the file."""
ENDINGS: Final = (".yaml", ".yml")
BUILT_IN: Final = frozenset({"office", "evening", "flat", fields.NONE})
LONGEST: Final = 20_000
"""Of what one page may ask [character]."""
MOST_CHANGES: Final = 300


class Refused(PlannerError, ValueError):
    """Something that the page does not do; says what is wanted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The state of one page, which is all in its address."""

    file: str
    """Relative to the folder, with forward slashes."""
    sets: tuple[str, ...] = ()
    """path=value, as after `--set`."""
    beside: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """Return it as the end of an address."""
        pairs = [("file", self.file), *(("set", one) for one in self.sets), *(("beside", one) for one in self.beside)]
        return "?" + urlencode(pairs)

    @property
    def changed(self) -> dict[str, str]:
        """Return the option of each changed path."""
        return {one.partition("=")[0]: one for one in self.sets}


def of_query(query: str) -> Asked:
    """Return the state that an address holds."""
    if len(query) > LONGEST:
        raise Refused(f"wanted an address of at most {LONGEST:,} characters")
    said = parse_qs(query.removeprefix("?"))
    return _asked({"file": said.get("file", [""])[0], "sets": said.get("set", []), "beside": said.get("beside", [])})


def of_body(body: bytes) -> tuple[Asked, dict[str, Any]]:
    """Return the state that a page sends, and all that it says."""
    if len(body) > LONGEST:
        raise Refused(f"wanted at most {LONGEST:,} characters")
    try:
        said = json.loads(body)
        json.dumps(said, ensure_ascii=False).encode()  # half of a character, which no address and no file can hold
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Refused("wanted what the page sends, as JSON")
    return _asked(said), said


def _asked(said: Mapping[str, Any]) -> Asked:
    sets, beside = said.get("sets", []), said.get("beside", [])
    texts = isinstance(sets, list) and isinstance(beside, list) and all(isinstance(x, str) for x in [*sets, *beside])
    if not texts or not isinstance(said.get("file"), str):
        raise Refused("wanted file, sets and beside as text")
    if len(sets) > MOST_CHANGES or len(beside) > BESIDE:
        raise Refused(f"wanted at most {MOST_CHANGES} changes, and {BESIDE} scenarios beside this one")
    return Asked(said["file"], tuple(sets), tuple(filter(None, beside)))


def place(folder: Path, name: str) -> Path:
    """Return the path of a scenario below the folder; whatever else is named is refused, there or not."""
    pure = PurePosixPath(name)
    plain = name.isprintable() and "\\" not in name and ":" not in name
    if not plain or pure.is_absolute() or ".." in pure.parts or pure.suffix not in ENDINGS:
        raise Refused(f"wanted a scenario below the folder, such as pilot.yaml; found {name[:80]!r}")
    path = folder / pure
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Refused(f"{name} leads out of the folder, and only scenarios below it are opened here")
    return path


def scenario(folder: Path, asked: Asked, now: datetime) -> Scenario:
    """Return the scenario of a page; raise `ScenarioError` with the reader's own words for what is wrong with it."""
    path = place(folder, asked.file)
    problems = Problems()
    for number, one in enumerate(asked.sets, start=1):
        _check(one, Origin("--set", number, 1), path, folder, problems)
    if problems.found:
        raise ScenarioError(problems.found)
    return read(path, asked.sets, now)


def _check(option: str, at: Origin, path: Path, folder: Path, problems: Problems) -> None:
    """Note a change that the page does not make: of more than an entry, of what people said, of a file elsewhere."""
    entry, _, value = option.partition("=")
    field = fields.field_at(ROOT, entry)
    if entry.partition(".")[0] in PEOPLE:
        problems.add(at, entry, "this is not changed on the page", "a change in the file itself")
    elif field is not None and not editable(field):
        problems.add(at, entry, "this holds several entries", "one entry at a time on the page, or the file itself")
    elif isinstance(field, Profile | Table):
        try:
            node = tree.parse(value, "--set", Problems())
        except Unreadable:
            return  # the reader says so
        text = node.text if isinstance(node, Scalar) else ""
        if text not in BUILT_IN and not (path.parent / text).resolve().is_relative_to(folder.resolve()):
            problems.add(at, entry, "this file lies outside the folder", "a file below it", text)


def editable(field: Field | None) -> bool:
    """Return whether the page changes such an entry: one number, word, text or line of shares."""
    return isinstance(field, Number | Text | Choice | Shares | Names | Profile | Table | Starts)


def changed(asked: Asked, before: Scenario, edit: Mapping[str, Any]) -> Asked:
    """Return the state with one entry as it was typed; typed as the file says it, it is no change any more."""
    path = str(edit.get("path", ""))
    typed = {name: " ".join(str(edit.get(name, "")).split()) for name in ("value", "low", "high", "source")}
    old = before.estimates.get(path)
    stands = typed_parts(old) if old else {"value": before.entries[path].text if path in before.entries else ""}
    rest = tuple(one for one in asked.sets if one.partition("=")[0] != path)
    if {name: typed[name] for name in stands} == stands:
        return replace(asked, sets=rest)
    match fields.field_at(ROOT, path):
        case Number():
            value = _number(typed, old)
        case Shares() | Starts() | Names():
            value = typed["value"] or fields.NONE  # as in the file, with braces
        case _:
            value = scalar(typed["value"])
    return replace(asked, sets=(*rest, f"{path}={value}"))


def typed_parts(number: Estimate) -> dict[str, str]:
    """Return a number as it stands in the fields of the form, its unit once."""
    source, unit = "" if number.is_default else number.source, number.scale.suffix
    low, high = ((text or "").removesuffix(unit) for text in (number.low_text, number.high_text))
    return {"value": number.text, "low": low, "high": high, "source": source}


def _number(typed: Mapping[str, str], old: Estimate | None) -> str:
    """Return a number in the long form, or in the short one where there is nothing but the value."""
    parts = {name: text for name, text in typed.items() if text}
    before = typed_parts(old) if old else {}
    if typed["value"] != before.get("value"):
        # where the old number came from says nothing of the new one; a range typed as one text replaces the old one
        if typed["source"] == before.get("source"):
            parts.pop("source", None)
        if _is_range(typed["value"]):
            parts = {name: text for name, text in parts.items() if name not in ("low", "high")}
    elif old is not None and old.as_of and typed["source"] == before["source"]:
        parts["as_of"] = old.as_of
    if set(parts) <= {"value"}:
        return scalar(parts.get("value", ""))
    unit = units.suffix(old.text) if old else None
    if unit and units.suffix(parts.get("value", "")) == "":
        parts["value"] += f" {unit}"
    elif unit:  # a range that was left as it is stays in its unit, whatever the value's is now
        kept = [name for name in ("low", "high") if name in parts and parts[name] == before[name]]
        parts |= {name: f"{parts[name]} {unit}" for name in kept if units.suffix(parts["value"]) != unit}
    return "{" + ", ".join(f"{name}: {scalar(text)}" for name, text in parts.items()) + "}"


def _is_range(text: str) -> bool:
    return " to " in text or "(" in text


def problems_by_entry(error: ScenarioError, paths: Sequence[str]) -> list[dict[str, str]]:
    """Return the reader's problems, each at the entry of the form that it is about; "" = at none of them."""
    known = set(paths)

    def nearest(problem: Problem) -> str:
        path = problem.path
        while path and path not in known:
            path = path.rpartition(".")[0]
        return path

    return [{"path": nearest(one), "what": one.what, "said": str(one)} for one in error.problems]


def stamp(path: Path) -> str:
    """Return the sha256 of a file as it is now; "" where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


Clock = Callable[[], datetime]
