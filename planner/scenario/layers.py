"""Base, changes, command line: the layers of a scenario, laid over one another into one tree."""

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from planner.readings import ReadingError, opened
from planner.scenario import fields, ranges, tree
from planner.scenario.fields import Field, Listed, Named, Number, Section
from planner.scenario.problem import Origin, Problems, Unreadable
from planner.scenario.schema import OVERLAY, ROOT
from planner.scenario.tree import Map, Node, Scalar, Seq, says, text_of, unknown

MOST_BASES: Final = 20
DECISION: Final = "decision"
_OWN: Final = frozenset({**ROOT.fields, **OVERLAY})
_ENTRY: Final = re.compile(rb"^(%s) *:" % "|".join(_OWN).encode(), re.MULTILINE)
_ANY_ENTRY: Final = re.compile(rb"^[\w.-]+ *[:=]", re.MULTILINE)
"""A line with which an entry of a scenario begins, and one of a file, whatever that is for."""


class Change(NamedTuple):
    """One entry that is not as in the base."""

    path: str
    old: str
    new: str
    where: str
    """file:line, or "--set"."""


@dataclass(slots=True)
class Layers:
    """What has been read so far."""

    folder: Path
    """The scenario's own folder; names of files are relative to it."""
    problems: Problems
    digests: dict[str, str] = field(default_factory=dict)
    """sha256 of every file read, by name."""
    changes: list[Change] = field(default_factory=list)
    base: Path | None = None
    """The file that the scenario's own is based on."""

    def name(self, path: Path) -> str:
        """Return how origins call a file: relative to the scenario's folder, with forward slashes."""
        try:
            return Path(os.path.relpath(path, self.folder)).as_posix()
        except ValueError:  # another drive
            return path.as_posix()

    def load(self, path: Path, at: Origin, entry: str) -> bytes:
        """Return a file's bytes and remember their hash; `at` and `entry` say who names it."""
        try:
            with opened(path) as stream:
                data = stream.read(tree.MOST_BYTES + 1)
        except ReadingError as error:
            reason = str(error).removeprefix(f"{path}: cannot be read: ")
            wrong = f"the file cannot be read ({reason})"
            raise self.problems.refuse(at, entry, wrong, "an existing file", str(path)) from None
        self.digests[self.name(path)] = hashlib.sha256(data).hexdigest()
        return data


def stack(path: Path, layers: Layers, sets: Sequence[str]) -> tuple[Map, Map | None]:
    """Return the tree of a scenario with its base and all changes, and its own `expect`."""
    whole, expect = _file(path, layers, (), Origin(layers.name(path), 1, 1))
    return _command_line(whole, sets, layers), expect


def _file(path: Path, layers: Layers, above: tuple[str, ...], at: Origin) -> tuple[Map, Map | None]:
    """Return one file's tree with its base beneath it, and its `expect`."""
    name, entry = layers.name(path), "base" if above else ""
    if name in above or len(above) > MOST_BASES:
        wrong = "the bases form a circle" if name in above else "too many bases are stacked"
        raise layers.problems.refuse(at, entry, wrong, "a base that does not lead back here", name)
    data = layers.load(path, at, entry)
    # of a file that was not meant as a scenario, a secret perhaps, nothing may be repeated
    meant = _enough({each.decode() for each in _ENTRY.findall(data)}, len(set(_ANY_ENTRY.findall(data))))
    quiet, layers.problems.quiet = layers.problems.quiet, not meant
    try:
        root = tree.parse(tree.decode(data, name, layers.problems), name, layers.problems)
        own = root.entries.keys() & _OWN if isinstance(root, Map) else set[str]()
        if not isinstance(root, Map) or (layers.problems.quiet and not _enough(own, len(root.entries))):
            layers.problems.quiet = True
            wanted = "name: value, one to a line"
            raise layers.problems.refuse(root.at, "", "this is not a scenario", wanted, text_of(root))
    except Unreadable:
        if not _ENTRY.search(data):  # nothing here was meant to be one, so where it ceases to be YAML says little
            layers.problems.hint("what is wanted is a scenario: `planner new NAME` writes one to start from")
        raise
    finally:
        layers.problems.quiet = quiet
    expect = _mapping(root, "expect", layers)
    if "base" in root.entries:
        return _overlay(root, path, layers, (*above, name)), expect
    return root.without("expect"), expect


def _enough(own: set[str], names: int) -> bool:
    """Return whether so many of the names in a file are a scenario's own."""
    return (len(own) >= 2 or "base" in own) and 2 * len(own) >= names


def _mapping(root: Map, name: str, layers: Layers) -> Map | None:
    """Return a mapping of a file, if it is there and is one."""
    node = root.get(name)
    if node is None or isinstance(node, Map):
        return node
    layers.problems.add(node.at, name, "wrong shape", OVERLAY[name], text_of(node))
    return None


def _overlay(root: Map, path: Path, layers: Layers, above: tuple[str, ...]) -> Map:
    """Return the base's tree with this file's changes."""
    for key, _ in root.items:
        if key.text in ROOT.fields and key.text != "title":
            wrong = "a file with a base says this under changes:"
            layers.problems.add(key.at, key.text, wrong, "only " + ", ".join(OVERLAY), key.text)
        elif key.text not in OVERLAY:
            unknown(layers.problems, key, key.text, list(OVERLAY))
    title = root.get("title")
    if title is None:
        layers.problems.add(root.at, "title", "this is missing", ROOT.fields["title"].help)
    base = root.get("base")
    if not isinstance(base, Scalar) or not base.text:
        at = base.at if base else root.at
        raise layers.problems.refuse(at, "base", "wrong shape", OVERLAY["base"], text_of(base))
    if len(above) == 1:
        layers.base = path.parent / base.text
    whole, _ = _file(path.parent / base.text, layers, above, base.at)
    if (changes := _mapping(root, "changes", layers)) is not None:
        whole = _apply(_undecided(whole, changes.entries, layers), changes.items, layers)
    return whole if title is None else whole.put(["title"], title)


def _undecided(whole: Map, changed: Collection[str], layers: Layers) -> Map:
    """Return the tree without a decision that people made before these changes; one that they made with them stays."""
    node = whole.get(DECISION)
    if node is None or says(node, fields.NONE) or not changed or DECISION in changed:
        return whole
    again = "not there: it was made without these changes"
    layers.changes.append(Change(DECISION, text_of(node), again, str(node.at)))
    return whole.without(DECISION)


def _apply(whole: Map, changes: Iterable[tuple[Scalar, Node]], layers: Layers) -> Map:
    """Return the tree with each changed entry replaced as a whole."""
    changed: set[str] = set()
    above: set[str] = set()
    for key, value in changes:
        path = key.text
        parts = path.split(".")
        if not _is_entry(key, whole, layers.problems):
            continue
        outer = [".".join(parts[:depth]) for depth in range(1, len(parts))]
        if path in changed or path in above or not changed.isdisjoint(outer):
            wrong = "this and another changed path are the same, or one lies inside the other"
            layers.problems.add(key.at, path, wrong, "one change for both", path)
            continue
        changed.add(path)
        above.update(outer)
        before, whole = whole, whole.put(parts, value)
        old, new = _apart(before.at_path(path), value, fields.field_at(ROOT, path))
        old, new = old or _words(before, path), new or _words(whole, path)
        beside = [_beside(state.at_path(path)) for state in (before, whole)]
        if old == new and beside[0] != beside[1]:  # the number is as it was: what is said of it is what changed
            old, new = (f"{old}, {said}" for said in beside)
        layers.changes.append(Change(path, old, new, str(key.at)))
    return whole


def way_to(path: str, whole: Map) -> tuple[str, int, Field]:
    """Return what a path leads to, how many of its parts lead there, and the field there.

    It leads to "an entry", "no entry", "a new name" or "inside an entry".
    """
    at: Field = ROOT
    node: Node | None = whole
    parts = path.split(".")
    for depth, part in enumerate(parts):
        node = node.get(part) if isinstance(node, Map) else None
        if isinstance(at, Section):
            if part not in at.fields:
                return "no entry", depth, at
            at = at.fields[part]
        elif isinstance(at, Named):
            # a name that refers to another section is judged when it is read
            if node is None and part not in at.fixed and at.refers is None:
                return "a new name", depth + 1, at
            at = at.fixed.get(part, at.entry)
        else:
            return "inside an entry", depth, at
    return "an entry", len(parts), at


def _is_entry(key: Scalar, whole: Map, problems: Problems) -> bool:
    """Return whether a changed path leads to an entry, or adds a new name as a whole; note why not."""
    parts = key.text.split(".")
    found, depth, at = way_to(key.text, whole)
    above = ".".join(parts[:depth])
    if isinstance(at, Section) and found == "no entry":
        unknown(problems, Scalar(parts[depth], key.at), key.text, list(at.fields))
    elif isinstance(at, Named) and found == "a new name" and depth < len(parts):
        there = whole.at_path(".".join(parts[: depth - 1]))
        names = there.entries if isinstance(there, Map) else ()
        new = f"{'.'.join(parts[:depth])}={{{'.'.join(parts[depth:])}: …}}"
        unknown(problems, Scalar(parts[depth - 1], key.at), key.text, names, at.what, new)
    elif found == "inside an entry":
        problems.add(key.at, key.text, "this lies inside one entry", f"a change of all of {above}", key.text)
    else:
        return True
    return False


def _apart(old: Node | None, new: Node, field: Field | None) -> tuple[str, str]:
    """Return what each of two mappings, or lists of them, says that the other does not; nothing for anything else."""
    one, other = _leaves(old), _leaves(new)
    if not isinstance(field, Section | Named | Listed) or not one or not other:
        return "", ""
    differ = [path for path in one | other if one.get(path) != other.get(path)]
    here, there = (", ".join(f"{path}: {side[path]}" for path in differ if path in side) for side in (one, other))
    gone = ", ".join(f"{path}: not there" for path in differ)
    return here or gone, there or gone


def _leaves(node: Node | None, path: str = "") -> dict[str, str]:
    """Return what stands in a mapping or a list, by the path below it; nothing for what is one value."""
    if isinstance(node, Map) and "value" not in node.entries:
        inner = [(key.text, value) for key, value in node.items]
    elif isinstance(node, Seq):
        inner = [(str(number), value) for number, value in enumerate(node.items, 1)]
    else:
        return {}
    found: dict[str, str] = {}
    for name, value in inner:
        said = f"{_number(value)}, {_beside(value)}" if isinstance(value, Map) else text_of(value)
        found |= _leaves(value, f"{path}{name}.") or {f"{path}{name}": said.removesuffix(", source: none")}
    return found


def _words(whole: Map, path: str) -> str:
    """Return what stands at a path in words; what stands in the schema, if nothing does."""
    node, field = whole.at_path(path), fields.field_at(ROOT, path)
    if node is None:
        default = fields.default_words(field)
        return f"{default} (default)" if default else "not there"
    if not isinstance(field, Number) or not isinstance(node, Map):
        return text_of(node)
    return _number(node)


def _number(node: Map) -> str:
    """Return a number in words, with its range."""
    return ranges.written(*(text_of(node.get(name)) for name in ("value", "low", "high", "unit")))


def _beside(node: Node | None) -> str:
    """Return the source and the date of a number in words."""
    source, as_of = (text_of(node.get(name)) if isinstance(node, Map) else "" for name in ("source", "as_of"))
    return f"source: {source or 'none'}{f', as of {as_of}' if as_of else ''}"


def _command_line(whole: Map, sets: Sequence[str], layers: Layers) -> Map:
    """Return the tree with the options `--set path=value`; each counts as one line of a file called "--set"."""
    changes: list[tuple[Scalar, Node]] = []
    for number, text in enumerate(sets, start=1):
        path, _, value = text.partition("=")
        at = Origin("--set", number, 1)
        if not value.strip() or not path.strip():
            layers.problems.add(at, "", "this sets nothing", "path=value, such as offer.accounts=5", text)
            continue
        key = Scalar(path.strip(), at)
        try:
            node = tree.parse(value, "--set", layers.problems, number, len(path) + 2)
        except Unreadable:
            continue
        changes.append((key, _with_unit(node, whole, key.text)))
    whole = _undecided(whole, {key.text for key, _ in changes}, layers)
    return _apply(whole, changes, layers)


def _with_unit(node: Node, whole: Map, path: str) -> Node:
    """Return a bare number of the command line with the unit that the entry has: 20 for 30 GBP/h is 20 GBP/h."""
    field = fields.field_at(ROOT, path)
    if not isinstance(field, Number) or not isinstance(node, Scalar) or ranges.unit_of(node.text) != "":
        return node
    old = whole.at_path(path)
    value, stated = (old.get("value"), text_of(old.get("unit"))) if isinstance(old, Map) else (old, "")
    unit = stated or ranges.unit_of(text_of(value))
    return Scalar(ranges.with_unit(node.text, unit or ""), node.at)
