"""The tree held against the table: every entry read, every default filled in, every problem noted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from planner.model.inputs.observations import NAME
from planner.scenario import numbers, texts, tree, week
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.fields import (
    INHERIT,
    NONE,
    Choice,
    Field,
    Named,
    Names,
    Number,
    Profile,
    Section,
    Shares,
    Starts,
    Table,
    Text,
    in_words,
)
from planner.scenario.layers import Layers
from planner.scenario.numbers import Context
from planner.scenario.problem import Origin
from planner.scenario.schema import NETWORK, ROOT
from planner.scenario.tree import Map, Node, Scalar, Unreadable, says, text_of, unknown

MOST_NAMES: Final = 10_000
"""In one section: a file of the largest size could otherwise name hundreds of thousands of nodes."""
_TAKEN: Final = ("none", "no", "everyone", "cpu", "media")
"""Words that mean something where a name could stand."""
_MINUTES: Final = {"on_the_hour": 0, "half_past": 30} | {str(minute): minute for minute in range(0, 60, 5)}


@dataclass(slots=True)
class Walk:
    """What has been read of a scenario."""

    context: Context
    layers: Layers
    estimates: dict[str, Estimate] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    named_at: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The author's names at each path that has such."""
    profiles: dict[Path, tuple[float, ...]] = field(default_factory=dict)
    tables: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Dotted path: the name and the content of the table it names."""

    def section(self, node: Map, fields: Mapping[str, Field], path: str) -> None:
        """Read the entries with fixed names, and note all others."""
        for key, _ in node.items:
            if key.text not in fields:
                unknown(self.context.problems, key, path + key.text, list(fields))
        self.fixed(node, fields, path)

    def fixed(self, node: Map, fields: Mapping[str, Field], path: str) -> None:
        """Read the entries with fixed names."""
        for name, one in fields.items():
            inner = node.get(name)
            self.entry(inner, one, path + name, node.at if inner is None else inner.at)

    def entry(self, node: Node | None, one: Field, path: str, at: Origin) -> None:
        """Read one entry of whatever kind; `at` is where it is, or would be, written."""
        entry: Entry | None = None
        match one:
            case Number():
                if (estimate := numbers.number(node, one, path, at, self.context)) is not None:
                    self.estimates[path] = estimate
            case Section():
                self.inner(node, one, path, at)
            case Named():
                self.named(node, one, path, at)
            case Text():
                entry = texts.text(node, one, path, at, self.context)
            case Choice():
                entry = texts.choice(node, one, path, at, self.context)
            case Shares():
                entry = texts.shares(node, one, path, at, self.context)
            case Names():
                entry = texts.names(node, one, path, at, self.context)
            case Profile():
                entry = self.profile(node, one, path, at)
            case Table():
                entry = self.table(node, one, path, at)
            case Starts():
                entry = self.starts(node, one, path, at)
        if entry is not None:
            self.entries[path] = entry

    def inner(self, node: Node | None, one: Section, path: str, at: Origin) -> None:
        """Read a section; an optional one may not be there."""
        if one.optional:
            there = node is not None and not says(node, NONE)
            self.entries[path] = Entry(path, there, "stated" if there else NONE, at, one.help, node is None)
            if not there:
                return
        if node is not None and not isinstance(node, Map):
            self.context.problems.add(at, path, "wrong shape", in_words(one), text_of(node))
            return
        self.section(node or Map({}, at), one.fields, path + ".")

    def named(self, node: Node | None, one: Named, path: str, at: Origin) -> None:
        """Read entries by name; one that is `none` is not there."""
        if node is not None and not isinstance(node, Map):
            self.context.problems.add(at, path, "wrong shape", in_words(one), text_of(node))
            return
        whole = node or Map({}, at)
        there = [item for item in whole.items if item[0].text not in one.fixed and not says(item[1], NONE)]
        if len(there) < one.least:
            self.context.problems.add(at, path, f"there is no {one.what}", f"at least {one.least}", text_of(node))
        if len(there) > MOST_NAMES:
            self.context.problems.add(at, path, "there are too many names", f"at most {MOST_NAMES}", str(len(there)))
            return
        there = [item for item in there if self.is_name(item[0], one, path)]
        self.named_at[path] = tuple(key.text for key, _ in there)
        if one.key:
            self.context.names[one.key] = self.named_at[path]
        self.fixed(whole, one.fixed, path + ".")
        for key, inner in there:
            self.entry(inner, one.entry, f"{path}.{key.text}", inner.at)

    def is_name(self, key: Scalar, one: Named, path: str) -> bool:
        """Return whether a name can stand here; note if not."""
        problems, here = self.context.problems, f"{path}.{key.text}"
        if one.refers:
            known = (*one.fixed, *self.context.names.get(one.refers, ()))
            if key.text not in known:
                unknown(problems, key, here, known, one.what)
            return key.text in known
        if one.currencies:
            fits = bool(texts.CURRENCY.match(key.text)) and key.text != self.context.currency
            wanted = f"three capital letters, such as EUR, and not {self.context.currency} itself"
        else:
            fits = bool(NAME.match(key.text)) and key.text not in _TAKEN
            wanted = "letters, digits, - and _, at most 40, but not " + ", ".join(_TAKEN)
        if not fits:
            problems.add(key.at, here, f"this cannot be the name of a {one.what}", wanted, key.text)
        return fits

    def profile(self, node: Node | None, one: Profile, path: str, at: Origin) -> Entry | None:
        """Read when in the week meetings start: a week that is built in, or a CSV file."""
        if node is None:
            if one.default == INHERIT:
                return None
            return Entry(path, week.BUILT_IN[one.default], one.default, at, one.help, True)
        if not isinstance(node, Scalar) or not node.text:
            self.context.problems.add(at, path, "wrong shape", in_words(one), text_of(node))
            return None
        weights = week.BUILT_IN.get(node.text)
        if weights is None:
            file = self.named_file(node)
            if file not in self.profiles:
                self.profiles[file] = self.csv(file, path, at)
            weights = self.profiles[file]
        return Entry(path, weights, node.text, at, one.help, False)

    def named_file(self, node: Scalar) -> Path:
        """Return a file: relative to the file that names it; from the command line, to the scenario."""
        folder = self.layers.folder if node.at.file == "--set" else Path(self.layers.folder, node.at.file).parent
        return folder / node.text

    def table(self, node: Node | None, one: Table, path: str, at: Origin) -> Entry | None:
        """Take up a file with a table; what is in it is for those to read who know its columns."""
        if node is None or says(node, NONE):
            return Entry(path, NONE, NONE, at, one.help, node is None)
        problems = self.context.problems
        if not isinstance(node, Scalar) or not node.text:
            problems.add(at, path, "wrong shape", in_words(one), text_of(node))
            return None
        file = self.named_file(node)
        try:
            body = self.layers.load(file, at, path)
        except Unreadable:
            return None
        name = self.layers.name(file)
        if len(body) > tree.MOST_BYTES:
            wanted = f"at most {tree.MOST_BYTES} bytes"
            problems.add(Origin(name, 1, 1), path, "the file is too large", wanted, "more")
            return None
        self.tables[path] = (name, body)
        return Entry(path, self.layers.digests[name], node.text, at, one.help, False)

    def csv(self, file: Path, path: str, at: Origin) -> tuple[float, ...]:
        """Return the week in a CSV file; a flat one, if it cannot be read."""
        name, problems = self.layers.name(file), self.context.problems
        try:
            text = tree.decode(self.layers.load(file, at, path), name, problems)
        except Unreadable:
            return week.FLAT
        return week.profile(text, name, problems)

    def starts(self, node: Node | None, one: Starts, path: str, at: Origin) -> Entry | None:
        """Read the shares of the meetings that start at given minutes of the hour."""
        problems, is_default = self.context.problems, node is None
        if node is None:
            if one.default is None:
                return None
            node = Map({key: (Scalar(key, at), Scalar(text, at)) for key, text in one.default.items()}, at)
        if not isinstance(node, Map):
            problems.add(at, path, "wrong shape", in_words(one), text_of(node))
            return None
        shares: dict[int, float] = {}
        for key, value in node.items:
            minute = _MINUTES.get(key.text)
            if minute is None:
                unknown(problems, key, path, _MINUTES, "minute")
            elif minute in shares:
                problems.add(key.at, path, "this minute is written twice", "each minute once", key.text)
            elif (share := texts.share(value, f"{path}.{key.text}", self.context)) is not None:
                shares[minute] = share
        total = math.fsum(shares.values())
        if total > 1 + 1e-9:
            problems.add(at, path, "the shares are too large", "a sum of at most 100 %", f"{100 * total:.6g} %")
        return Entry(path, week.starts(shares), text_of(node), at, one.help, is_default)


def walk(root: Map, layers: Layers) -> Walk:
    """Return everything that a tree says, with defaults; problems are noted."""
    found = Walk(_context(root, layers), layers)
    found.section(root, ROOT.fields, "")
    offered = found.entries.get("offer.mix")
    for section in ("members", *(f"networks.{name}" for name in found.context.names.get("networks", ()))):
        path, beside = f"{section}.mix", found.estimates.get(f"{section}.accounts")
        if path not in found.entries and offered is not None and beside is not None:
            found.entries[path] = replace(
                offered, path=path, text="as the offer", origin=beside.origin, is_default=True
            )
    return found


def _context(root: Map, layers: Layers) -> Context:
    """Return what money, credit and networks are called, before anything is checked."""
    unit, currency = NETWORK.fields["unit"], ROOT.fields["currency"]
    networks = _map(root.get("networks"))
    units = {name: _word(_map(inner).get("unit"), unit) for name, (_, inner) in networks.entries.items()}
    first = next((name for name, (_, inner) in networks.entries.items() if not says(inner, NONE)), "")
    offer = text_of(root.at_path("offer.network")) or first
    sellers = {
        name: text_of(_map(inner).get("network")) or offer
        for name, (_, inner) in _map(root.at_path("spending.sellers")).entries.items()
    }
    return Context(layers.problems, _word(root.get("currency"), currency), units, offer, sellers)


def _word(node: Node | None, one: Field) -> str:
    """Return a text of the form that a field wants, or its default: what is wrong is noted when it is read."""
    assert isinstance(one, Text)
    return node.text if isinstance(node, Scalar) and texts.fits(node.text, one) else one.default or ""


def _map(node: Node | None) -> Map:
    return node if isinstance(node, Map) else Map({}, Origin("", 1, 1))
