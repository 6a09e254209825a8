"""Base, changes, command line: the layers of a scenario, laid over one another into one tree."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from planner.scenario import fields, tree, units
from planner.scenario.fields import Field, Named, Number, Section
from planner.scenario.problem import Origin, Problems
from planner.scenario.schema import OVERLAY, ROOT
from planner.scenario.tree import Map, Node, Scalar, Unreadable, unknown


@dataclass(frozen=True, slots=True)
class Change:
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
    """The scenario's own folder; all names of files are relative to it."""
    problems: Problems
    digests: dict[str, str] = field(default_factory=dict)
    """sha256 of every file read, by name."""
    changes: list[Change] = field(default_factory=list)

    def name(self, path: Path) -> str:
        """Return how a file is called in origins: relative to the scenario's folder, with forward slashes."""
        return Path(os.path.relpath(path, self.folder)).as_posix()

    def load(self, path: Path, at: Origin, entry: str) -> bytes:
        """Return a file's bytes and remember their hash; `at` and `entry` say who names it."""
        name = self.name(path)
        try:
            with path.open("rb") as stream:
                data = stream.read(tree.MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a file name"
            self.problems.add(at, entry, f"the file cannot be read ({reason})", "a file that is there", name)
            raise Unreadable from None
        self.digests[name] = hashlib.sha256(data).hexdigest()
        return data


def stack(path: Path, layers: Layers, sets: Sequence[str]) -> tuple[Map, Map | None]:
    """Return the tree of a scenario with its base and all changes, and its `expect`.

    Parameters
    ----------
    path : Path
        The scenario [-].
    layers : Layers
        Takes up the changes and the hashes of the files read [-].
    sets : sequence of str
        "path=value", in YAML; they win over the file [-].

    Raises
    ------
    Unreadable
        If there is no tree.
    """
    whole, expect = _file(path, layers, (), Origin(layers.name(path), 1, 1))
    return _command_line(whole, sets, layers), expect


def _file(path: Path, layers: Layers, above: tuple[Path, ...], at: Origin) -> tuple[Map, Map | None]:
    """Return one file's tree with its base beneath it, and its `expect`."""
    name = layers.name(path)
    if path.resolve() in above:
        layers.problems.add(at, "base", "the bases go round in a circle", "a base that does not lead back here", name)
        raise Unreadable
    text = tree.decode(layers.load(path, at, "base" if above else ""), name, layers.problems)
    root = tree.parse(text, name, layers.problems)
    if not isinstance(root, Map):
        layers.problems.add(root.at, "", "this is not a scenario", "name: value, one to a line", tree.text_of(root))
        raise Unreadable
    expect = root.get("expect")
    if expect is not None and not isinstance(expect, Map):
        layers.problems.add(expect.at, "expect", "wrong shape", OVERLAY["expect"], tree.text_of(expect))
        expect = None
    if root.get("base") is None:
        return root.without("expect"), expect
    return _overlay(root, path, layers, (*above, path.resolve())), expect


def _overlay(root: Map, path: Path, layers: Layers, above: tuple[Path, ...]) -> Map:
    """Return the base's tree with this file's changes."""
    for key, _ in root.items:
        if key.text not in OVERLAY:
            hint = " (put it under changes:)" if key.text in ROOT.fields else ""
            unknown(layers.problems, key, key.text, list(OVERLAY), f"entry of a file with a base{hint}")
    base = root.get("base")
    if not isinstance(base, Scalar) or not base.text:
        at = base.at if base is not None else root.at
        layers.problems.add(at, "base", "wrong shape", OVERLAY["base"], tree.text_of(base) if base else "")
        raise Unreadable
    whole, _ = _file(path.parent / base.text, layers, above, base.at)
    changes = root.get("changes")
    if changes is not None and not isinstance(changes, Map):
        layers.problems.add(changes.at, "changes", "wrong shape", OVERLAY["changes"], tree.text_of(changes))
        changes = None
    if changes is not None:
        whole = _apply(whole, changes.items, layers)
    title = root.get("title")
    if title is None:
        layers.problems.add(root.at, "title", "this is missing", ROOT.fields["title"].help)
        return whole
    return whole.put(["title"], title)


def _apply(whole: Map, changes: Iterable[tuple[Scalar, Node]], layers: Layers) -> Map:
    """Return the tree with each changed entry replaced as a whole."""
    seen: set[str] = set()
    above: set[str] = set()
    for key, value in changes:
        path = key.text
        parts = path.split(".")
        outer = [".".join(parts[:depth]) for depth in range(1, len(parts))]
        if path in seen or path in above or any(one in seen for one in outer):
            layers.problems.add(key.at, path, "this and another changed path lie inside one another", "one change for both", path)
            continue
        if not _leads_somewhere(key, whole, layers.problems):
            continue
        seen.add(path)
        above.update(outer)
        before, whole = whole, whole.put(parts, value)
        layers.changes.append(Change(path, _words(before, path), _words(whole, path), str(key.at)))
    return whole


def _leads_somewhere(key: Scalar, whole: Map, problems: Problems) -> bool:
    """Return whether a changed path is an entry; note why not."""
    at: Field = ROOT
    node: Node | None = whole
    parts = key.text.split(".")
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        piece = Scalar(part, key.at)
        inner = node.get(part) if isinstance(node, Map) else None
        if isinstance(at, Section):
            if part not in at.fields:
                unknown(problems, piece, key.text, list(at.fields))
                return False
            at = at.fields[part]
        elif isinstance(at, Named):
            names = list(dict.fromkeys([*at.fixed, *(node.entries if isinstance(node, Map) else [])]))
            # a new name may be added, but only as a whole entry; where names refer to others, reading will judge
            if inner is None and part not in at.fixed and not last and at.refers is None:
                unknown(problems, piece, key.text, names, at.what)
                return False
            at = at.fixed.get(part, at.entry)
        else:
            entry = ".".join(parts[:depth])
            problems.add(key.at, key.text, "this lies inside one entry", f"a change of all of '{entry}'", key.text)
            return False
        node = inner
    return True


def _words(whole: Map, path: str) -> str:
    """Return what stands at a path in words; what stands in the schema, if nothing does."""
    node = whole.at_path(path)
    if node is None:
        default = fields.default_words(fields.field_at(ROOT, path))
        return f"{default} (default)" if default else "not there"
    if isinstance(node, Map) and isinstance(fields.field_at(ROOT, path), Number):
        value, low, high = (node.get(name) for name in ("value", "low", "high"))
        words = tree.text_of(value) if value is not None else ""
        unit = node.get("unit")
        words += f" {tree.text_of(unit)}" if unit is not None else ""
        return f"{words} ({tree.text_of(low)} to {tree.text_of(high)})" if low and high else words
    return tree.text_of(node)


def _command_line(whole: Map, sets: Sequence[str], layers: Layers) -> Map:
    """Return the tree with the options `--set path=value`; each counts as one line of a file called "--set"."""
    changes: list[tuple[Scalar, Node]] = []
    for number, text in enumerate(sets, start=1):
        path, equals, value = text.partition("=")
        path = path.strip()
        at = Origin("--set", number, 1)
        if not equals or not value.strip() or not path:
            layers.problems.add(at, "", "this sets nothing", "path=value, such as offer.accounts=5", text)
            continue
        try:
            node = tree.parse(value, "--set", layers.problems, number, len(text) - len(value) + 1)
        except Unreadable:
            continue
        changes.append((Scalar(path, at), _with_unit(node, whole, path)))
    return _apply(whole, changes, layers)


def _with_unit(node: Node, whole: Map, path: str) -> Node:
    """Return a bare number of the command line with the unit that the entry has in the file: 20 for 30 GBP/h."""
    one = fields.field_at(ROOT, path)
    if not isinstance(one, Number) or not isinstance(node, Scalar) or _unit(node.text) != "":
        return node
    old = whole.at_path(path)
    stated = old.get("unit") if isinstance(old, Map) else None
    old = old.get("value") if isinstance(old, Map) else old
    if isinstance(stated, Scalar):
        unit = stated.text
    else:
        unit = _unit(old.text if isinstance(old, Scalar) else fields.central_default(one)) or ""
    return Scalar(f"{node.text} {unit}".strip(), node.at)


def _unit(text: str) -> str | None:
    """Return the unit of a number in text; None if it is no number."""
    try:
        return units.number(text)[1]
    except ValueError:
        return None
