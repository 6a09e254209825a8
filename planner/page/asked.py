"""What the page is asked: a scenario below the folder, what is changed in it, others beside it; what it refuses."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from planner import PlannerError
from planner.scenario import fields, layers, tree
from planner.scenario.fields import Choice, Field, Listed, Named, Names, Number, Profile, Shares, Starts, Table, Text
from planner.scenario.layers import Layers
from planner.scenario.overlay import flow
from planner.scenario.problem import Origin, Problem, Problems, ScenarioError, Unreadable
from planner.scenario.reader import Scenario, read
from planner.scenario.schema import ROOT
from planner.scenario.sheet import Value, plain
from planner.scenario.tree import Map, Node, Scalar

BESIDE: Final = 2
"""So many scenarios stand beside the one that is edited."""
NEIGHBOURS: Final = 200
"""So many scenarios of a folder are offered to stand beside."""
PEOPLE: Final = frozenset({"decision", "calibrated", "title"})
"""Sections that the page shows and does not change: what people decided and what was learned stands in the file."""
ENDINGS: Final = (".yaml", ".yml")
BUILT_IN: Final = frozenset({"office", "evening", "flat", fields.NONE})
LONGEST: Final = 20_000
"""Of what one page may ask [character]."""
MOST_CHANGES: Final = 300
BEGINNING: Final = 4096
"""So much of a file is read for its title [byte]."""
_TITLE: Final = re.compile(rb"^title:.*", re.MULTILINE)


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

    @property
    def gone(self) -> list[str]:
        """Return the paths that are said to be not there."""
        return [path for path, one in self.changed.items() if one == f"{path}={fields.NONE}"]

    def without(self, path: str) -> "Asked":
        """Return the state without a change of this path."""
        return replace(self, sets=tuple(one for one in self.sets if one.partition("=")[0] != path))

    def set(self, path: str, value: str) -> "Asked":
        """Return the state with this change, as the last one."""
        return replace(self, sets=(*self.without(path).sets, f"{path}={value}"))


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
    if not _inside(path, folder):
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


def formed(folder: Path, asked: Asked, now: datetime) -> tuple[Scenario, tuple[str, ...]]:
    """Return what the form is made from, the file with what was added to it; and those changes, as far as it can be."""
    of_file = scenario(folder, Asked(asked.file), now)
    items = kept_items(folder, asked)
    added = []
    for path, one in asked.changed.items():
        if whole(path) and path not in of_file.estimates and one != f"{path}={fields.NONE}":
            # what the file says in a list stands as it says it, so that a change of it is seen
            before, after = items.get(path, []), says(folder, asked, path)
            more = after[len(before) :] if isinstance(after, list) else []
            added += [one] if not before else [f"{path}={flow([*before, *more])}"] if more else []
    try:
        return (scenario(folder, Asked(asked.file, tuple(added)), now), tuple(added)) if added else (of_file, ())
    except ScenarioError:
        return of_file, ()


def kept_items(folder: Path, asked: Asked) -> dict[str, list[Value]]:
    """Return what the file says in each list that is changed as a whole, if all of it is there, changed or not."""
    found: dict[str, list[Value]] = {}
    for path in asked.changed:
        if isinstance(field := fields.field_at(ROOT, path), Listed):
            before, after = (says(folder, one, path) for one in (Asked(asked.file), asked))
            if isinstance(before, list) and isinstance(after, list):
                forms, now = ([field.forms.keys() & set(one) for one in each] for each in (before, after))
                # what stands elsewhere as the file says it has moved, and nothing is known of the others' places
                moved = any(one in before and before[n : n + 1] != [one] for n, one in enumerate(after))
                found |= {path: before} if now[: len(forms)] == forms and not moved else {}
    return found


def inside_lists(folder: Path, asked: Asked) -> tuple[str, ...]:
    """Return how the paths begin of all that the file says in lists that are changed as a whole."""
    return tuple(f"{path}.{n + 1}." for path, items in kept_items(folder, asked).items() for n in range(len(items)))


def says(folder: Path, asked: Asked, path: str) -> Value:
    """Return what the scenario of a page says at a path, also inside a list; "" = nothing."""
    found: Value | None = plain(layered(folder, asked))
    for name in path.split("."):
        inside = dict(zip(map(str, range(1, len(found) + 1)), found, strict=True)) if isinstance(found, list) else found
        found = inside.get(name) if isinstance(inside, dict) else None
    return "" if found is None else found


def layered(folder: Path, asked: Asked) -> Map:
    """Return what the scenario of a page says, right or wrong."""
    path = place(folder, asked.file)
    return layers.stack(path, Layers(path.parent, Problems()), asked.sets)[0]


def _check(option: str, at: Origin, path: Path, folder: Path, problems: Problems) -> None:
    """Note a change that the page does not make: of a whole section, of what people decided, of a file elsewhere."""
    entry, _, value = option.partition("=")
    field = fields.field_at(ROOT, entry)
    if entry.partition(".")[0] in PEOPLE:
        problems.add(at, entry, "this is not changed on the page", "a change in the file itself")
        return
    if field is not None and not editable(field) and not whole(entry):
        problems.add(at, entry, "this holds several entries", "one entry at a time on the page, or the file itself")
        return
    try:
        node = tree.parse(value, "--set", Problems())
    except Unreadable:
        return  # the reader says so
    for inner, text in _leaves(node, entry):
        names_a_file = isinstance(fields.field_at(ROOT, inner), Profile | Table) and text not in BUILT_IN
        if names_a_file and not _inside(path.parent / text, folder):
            problems.add(at, inner, "this file lies outside the folder", "a file below it", text)


def _leaves(node: Node, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Scalar):
        yield path, node.text
    for key, inner in node.items if isinstance(node, Map) else ():
        yield from _leaves(inner, f"{path}.{key.text}")


def whole(path: str) -> bool:
    """Return whether a path leads to what is added or taken away whole: an entry by name, or a list of them."""
    above, _, name = path.rpartition(".")
    outer = fields.field_at(ROOT, above) if above else None
    return isinstance(fields.field_at(ROOT, path), Listed) or (isinstance(outer, Named) and name not in outer.fixed)


def editable(field: Field | None) -> bool:
    """Return whether the page changes such an entry: one number, word, text or line of shares."""
    return isinstance(field, Number | Text | Choice | Shares | Names | Profile | Table | Starts)


def problems_by_entry(error: ScenarioError, paths: Sequence[str], gone: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the reader's problems, each at the entry of the form that it is about; "" = at none of them.

    What was taken away is in `gone`, by its key as people call it: an entry that still names it says so.
    """
    known = set(paths)

    def words(problem: Problem) -> str:
        key = problem.what.rpartition("found '")[2].removesuffix("'")
        if problem.what.startswith("unknown ") and key in gone:
            return f"this still names {gone[key]}, which is taken away: change it here too"
        return problem.what

    def nearest(problem: Problem) -> str:
        path = problem.path
        while path and path not in known:
            path = path.rpartition(".")[0]
        return path

    return [
        {"path": nearest(one), "what": words(one), "write": one.write, "said": str(replace(one, what=words(one)))}
        for one in error.problems
    ]


def stamp(path: Path) -> str:
    """Return the sha256 of a file as it is now; "" where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def neighbours(folder: Path, path: Path) -> dict[str, str]:
    """Return the titles of the scenarios that lie beside one, by their names below the folder; of those it opens."""
    seen = (one for one in sorted(path.parent.glob("*.yaml")) if not one.name.startswith("."))
    opened = [one for one in seen if _opens(one, folder)]
    return {one.relative_to(folder).as_posix(): _title(one) for one in opened[:NEIGHBOURS]}


def _opens(path: Path, folder: Path) -> bool:
    """Return whether this is a file, no pipe, which would wait, and no link out of the folder."""
    with suppress(OSError):
        return path.is_file() and _inside(path, folder)
    return False


def _inside(path: Path, folder: Path) -> bool:
    """Return whether a path leads below a folder, links followed; those that form a circle lead nowhere else."""
    # Path.resolve raises RuntimeError at a circle before Python 3.13
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _title(path: Path) -> str:
    """Return the title that a scenario's file begins with; "" where there is none in one line."""
    with suppress(OSError, ValueError, Unreadable), path.open("rb") as file:
        if found := _TITLE.search(file.read(BEGINNING)):
            said = tree.parse(found[0].decode(), path.name, Problems())
            return tree.text_of(said.get("title")) if isinstance(said, Map) else ""
    return ""
