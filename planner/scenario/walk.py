"""The tree held against the table: every entry read, every default filled in, every problem noted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from planner.scenario import tree, values, week
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
    Text,
    in_words,
)
from planner.scenario.layers import Layers
from planner.scenario.problem import Origin
from planner.scenario.schema import ROOT
from planner.scenario.tree import Map, Node, Scalar, Unreadable, text_of, unknown
from planner.scenario.values import Context

_NAME: Final = re.compile(r"[^\W_][\w-]{0,39}\Z")
_TAKEN: Final = ("none", "no", "everyone", "cpu")
"""Words that mean something where a name could stand."""
_MINUTES: Final = {"on_the_hour": 0, "half_past": 30}


@dataclass(slots=True)
class Walk:
    """What has been read of a scenario."""

    context: Context
    layers: Layers
    estimates: dict[str, Estimate] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    profiles: dict[Path, tuple[float, ...]] = field(default_factory=dict)

    def section(self, node: Map, fields: Mapping[str, Field], path: str, others: bool = False) -> None:
        """Read the entries with fixed names."""
        if not others:
            for key, _ in node.items:
                if key.text not in fields:
                    unknown(self.context.problems, key, f"{path}{key.text}", list(fields))
        for name, one in fields.items():
            self.entry(node.get(name), one, path + name, node.at)

    def entry(self, node: Node | None, one: Field, path: str, at: Origin) -> None:
        """Read one entry of whatever kind."""
        context = self.context
        at = node.at if node is not None else at
        entry: Entry | None = None
        match one:
            case Number():
                if (estimate := values.number(node, one, path, at, context)) is not None:
                    self.estimates[path] = estimate
            case Section():
                self.inner(node, one, path, at)
            case Named():
                self.named(node, one, path, at)
            case Text():
                entry = values.text(node, one, path, at, context)
            case Choice():
                entry = values.choice(node, one, path, at, context)
            case Shares():
                entry = values.shares(node, one, path, at, context)
            case Names():
                entry = values.names(node, one, path, at, context)
            case Profile():
                entry = self.profile(node, one, path, at)
            case Starts():
                entry = self.starts(node, one, path, at)
        if entry is not None:
            self.entries[path] = entry

    def inner(self, node: Node | None, one: Section, path: str, at: Origin) -> None:
        """Read a section; an optional one may not be there."""
        if one.optional:
            there = node is not None and text_of(node) != NONE
            self.entries[path] = Entry(path, there, text_of(node) if node else NONE, at, one.help, node is None)
            if not there:
                return
        node = Map({}, at) if node is None else node
        if isinstance(node, Map):
            self.section(node, one.fields, path + ".")
        else:
            self.context.problems.add(at, path, "wrong shape", in_words(one), text_of(node))

    def named(self, node: Node | None, one: Named, path: str, at: Origin) -> None:
        """Read entries by name; one that is `none` is not there."""
        problems = self.context.problems
        node = Map({}, at) if node is None else node
        if not isinstance(node, Map):
            problems.add(at, path, "wrong shape", in_words(one), text_of(node))
            return
        known = (*one.fixed, *self.context.names.get(one.refers, ())) if one.refers else ()
        there: list[tuple[Scalar, Node]] = []
        for key, inner in node.items:
            if key.text in one.fixed or text_of(inner) == NONE:
                continue
            if one.refers and key.text not in known:
                unknown(problems, key, f"{path}.{key.text}", known, one.what)
            elif one.key and (not _NAME.match(key.text) or key.text in _TAKEN):
                wanted = "letters, digits, - and _, at most 40, none of " + ", ".join(_TAKEN)
                problems.add(key.at, f"{path}.{key.text}", f"this cannot be the name of a {one.what}", wanted, key.text)
            else:
                there.append((key, inner))
        if one.key:
            self.context.names[one.key] = tuple(key.text for key, _ in there)
        if len(there) < one.least:
            problems.add(at, path, f"there is no {one.what}", f"at least {one.least}")
        self.section(node, one.fixed, path + ".", others=True)
        for key, inner in there:
            self.entry(inner, one.entry, f"{path}.{key.text}", inner.at)

    def profile(self, node: Node | None, one: Profile, path: str, at: Origin) -> Entry | None:
        """Read when in the week meetings start: one of the built-in weeks, or a CSV file."""
        if node is None:
            if one.default == INHERIT:
                return None
            return Entry(path, week.BUILT_IN[one.default], one.default, at, one.help, True)
        if not isinstance(node, Scalar) or not node.text:
            self.context.problems.add(at, path, "wrong shape", in_words(one), text_of(node))
            return None
        weights = week.BUILT_IN.get(node.text)
        if weights is None:
            # a name is relative to the file that names it
            file = Path(self.layers.folder, "" if at.file == "--set" else at.file).parent / node.text
            file = self.layers.folder / node.text if at.file == "--set" else file
            weights = self.profiles.get(file)
            if weights is None:
                weights = self.profiles[file] = self._csv(file, path, at)
        return Entry(path, weights, node.text, at, one.help, False)

    def _csv(self, file: Path, path: str, at: Origin) -> tuple[float, ...]:
        """Return the week in a CSV file; a flat one, if it cannot be read."""
        problems = self.context.problems
        try:
            text = tree.decode(self.layers.load(file, at, path), self.layers.name(file), problems)
        except Unreadable:
            return week.FLAT
        return week.profile(text, self.layers.name(file), problems)

    def starts(self, node: Node | None, one: Starts, path: str, at: Origin) -> Entry | None:
        """Read the shares of the meetings that start at given minutes of the hour."""
        problems = self.context.problems
        is_default = node is None
        if node is None:
            if one.default is None:
                return None
            node = Map({key: (Scalar(key, at), Scalar(text, at)) for key, text in one.default.items()}, at)
        if not isinstance(node, Map):
            problems.add(at, path, "wrong shape", in_words(one), text_of(node))
            return None
        shares: dict[int, float] = {}
        for key, value in node.items:
            minute = _MINUTES.get(key.text, int(key.text) if re.fullmatch(r"[0-9]|[1-5][0-9]", key.text) else -1)
            if minute < 0 or minute % 5:
                wanted = "on_the_hour, half_past, or a minute of the hour: 0, 5, … 55"
                problems.add(key.at, path, "unknown minute", wanted, key.text)
            elif minute in shares:
                problems.add(key.at, path, "this minute is written twice", "each minute once", key.text)
            elif (share := values.share(value, f"{path}.{key.text}", self.context)) is not None:
                shares[minute] = share
        total = math.fsum(shares.values())
        if total > 1 + 1e-9:
            problems.add(at, path, "the shares are too large", "a sum of at most 100 %", f"{100 * total:.6g} %")
            return None
        return Entry(path, week.starts(shares), text_of(node), at, one.help, is_default)


def begin(root: Map, layers: Layers) -> Walk:
    """Return a walk that knows what money, credit and networks are called, before anything is checked."""
    currency = _word(root.at_path("currency"), _default("currency"))
    networks = _map(root.get("networks"))
    default = "credit"
    credits = {name: _word(_map(inner).get("unit"), default) for name, (_, inner) in networks.entries.items()}
    first = next((name for name, (_, inner) in networks.entries.items() if text_of(inner) != NONE), "")
    offer = _word(root.at_path("offer.network"), first)
    sellers = {
        name: _word(_map(inner).get("network"), offer)
        for name, (_, inner) in _map(root.at_path("spending.sellers")).entries.items()
    }
    return Walk(Context(layers.problems, currency, credits, offer, sellers), layers)


def walk(root: Map, layers: Layers) -> Walk:
    """Return everything that a tree says, with defaults; problems are noted."""
    one = begin(root, layers)
    one.section(root, ROOT.fields, "")
    offered = one.entries.get("offer.mix")
    for path, at in _mixes(one):
        if path not in one.entries and offered is not None:
            one.entries[path] = replace(offered, path=path, text="as the offer", origin=at, is_default=True)
    return one


def _mixes(one: Walk) -> list[tuple[str, Origin]]:
    """Return the mixes that are as the offer's if left out."""
    networks = [f"networks.{name}" for name in one.context.names.get("networks", ())]
    out = []
    for section, beside in (("members", "accounts"), *((name, "unit") for name in networks)):
        near = one.estimates.get(f"{section}.{beside}") or one.entries.get(f"{section}.{beside}")
        if near is not None:
            out.append((f"{section}.mix", near.origin))
    return out


def _default(name: str) -> str:
    one = ROOT.fields[name]
    return one.default if isinstance(one, Text) and one.default else ""


def _word(node: Node | None, default: str) -> str:
    return node.text if isinstance(node, Scalar) and node.text else default


def _map(node: Node | None) -> Map:
    return node if isinstance(node, Map) else Map({}, Origin("", 1, 1))
