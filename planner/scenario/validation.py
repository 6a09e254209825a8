"""The tree held against the table: every entry read, every default filled in, every problem noted."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from planner.model.inputs.observations import NAME
from planner.scenario import fields, numbers, texts, tree, units, week
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.fields import INHERIT, NONE, REQUIRED, Field, Named, Section, Text, wanted_at
from planner.scenario.layers import Layers
from planner.scenario.numbers import Context
from planner.scenario.problem import Origin, Unreadable
from planner.scenario.schema import NETWORK, ROOT
from planner.scenario.tree import Map, Node, Scalar, Seq, says, text_of, unknown

MOST_NAMES: Final = 10_000
"""In one section: a file of the largest size could otherwise name hundreds of thousands of nodes."""
MOST_LISTED: Final = 100
_TAKEN: Final = ("none", "no", "everyone", "cpu", "media")
"""Words that mean something where a name could stand."""
_MINUTES: Final = {"on_the_hour": 0, "half_past": 30} | {str(minute): minute for minute in range(0, 60, 5)}
Stated = fields.Text | fields.Choice | fields.Shares | fields.Names | fields.Profile | fields.Table | fields.Starts
"""An entry that is not one number."""


@dataclass(slots=True)
class Walk:
    """What has been read of a scenario."""

    context: Context
    layers: Layers
    estimates: dict[str, Estimate] = dataclasses.field(default_factory=dict)
    entries: dict[str, Entry] = dataclasses.field(default_factory=dict)
    named_at: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """The author's names at each path that has such."""
    profiles: dict[Path, tuple[float, ...]] = dataclasses.field(default_factory=dict)
    tables: dict[str, tuple[str, bytes]] = dataclasses.field(default_factory=dict)
    """Dotted path: the name and the content of the table it names."""
    told: dict[str, str] = dataclasses.field(default_factory=dict)
    """What was read of each table, by the name of its file."""

    def section(self, node: Map, known: Mapping[str, Field], path: str) -> None:
        """Read the entries with fixed names, and note all others."""
        for key, _ in node.items:
            if key.text not in known:
                unknown(self.context.problems, key, path + key.text, list(known))
        self.fixed(node, known, path)

    def fixed(self, node: Map, known: Mapping[str, Field], path: str) -> None:
        """Read the entries with fixed names."""
        for name, field in known.items():
            inner = node.get(name)
            self.entry(inner, field, path + name, node.at if inner is None else inner.at)

    def entry(self, node: Node | None, field: Field, path: str, at: Origin) -> None:
        """Read one entry of whatever kind; `at` is where it is, or would be, written."""
        match field:
            case fields.Number():
                if (estimate := numbers.number(node, field, path, at, self.context)) is not None:
                    self.estimates[path] = estimate
            case Section():
                self.inner(node, field, path, at)
            case Named():
                self.named(node, field, path, at)
            case fields.Listed():
                self.listed(node, field, path)
            case _:
                if (entry := self.stated(node, field, path, at)) is not None:
                    self.entries[path] = entry

    def stated(self, node: Node | None, field: Stated, path: str, at: Origin) -> Entry | None:
        """Return what is not one number; None if it comes from a more general place, or a problem is noted."""
        if isinstance(field, fields.Shares) and not self.context.names.get(field.of):
            return None  # that there are none has been noted, and says enough
        if node is None:
            default = self.default(field, path, at)
            if isinstance(field, Text | fields.Choice | fields.Shares) and field.default is REQUIRED:
                self.context.problems.add(at, path, "this is missing", wanted_at(field))
            return None if default is None else Entry(path, *default, at, field.help, True)
        shape, read = _READERS[type(field)]
        if not isinstance(node, shape) or (isinstance(node, Scalar) and not node.text.strip()):
            self.context.problems.add(at, path, "wrong shape", wanted_at(field), text_of(node))
            return None
        value = read(self, node, field, path)
        return None if value is None else Entry(path, value, text_of(node), at, field.help, False)

    def default(self, field: Stated, path: str, at: Origin) -> tuple[object, str] | None:
        """Return what counts where nothing is written, and its words; None = what a more general place says."""
        match field:
            case Text(default=str(words)) if words != INHERIT:
                return words, words
            case fields.Choice(default=str(word)):
                word = self.context.offer if word == INHERIT else word
                return word, word
            case fields.Shares(default="evenly"):
                known = self.context.names[field.of]
                return {name: 1 / len(known) for name in known}, "evenly"
            case fields.Names():
                return self.context.names.get(field.of, ()), "as written"
            case fields.Profile(default=name) if name != INHERIT:
                return week.BUILT_IN[name], name
            case fields.Table():
                return NONE, NONE
            case fields.Starts(default=dict() as shares):
                node = Map.of(shares, at)
                return self.starts(node, field, path), text_of(node)
        return None

    def say(self, path: str, said: Mapping[str, str], at: Origin) -> None:
        """Read an entry as if it stood at a place."""
        field = fields.field_at(ROOT, path)
        assert field is not None
        self.entry(Map.of(said, at), field, path, at)

    @property
    def records(self) -> bool:
        """Whether anybody records meetings: what nobody does is nothing to draw, to measure or to weigh."""
        return any(one.value for path, one in self.estimates.items() if path.endswith(".recorded"))

    def inner(self, node: Node | None, field: Section, path: str, at: Origin) -> None:
        """Read a section; an optional one may not be there."""
        if field.optional:
            there = node is not None and not says(node, NONE)
            self.entries[path] = Entry(path, there, "stated" if there else NONE, at, field.help, node is None)
            if not there:
                return
        if (whole := self.mapping(node, field, path, at)) is not None:
            self.section(whole, field.fields, path + ".")

    def mapping(self, node: Node | None, field: Field, path: str, at: Origin) -> Map | None:
        """Return a mapping, an empty one where nothing stands; None if it is something else."""
        if node is None or isinstance(node, Map):
            return node or Map({}, at)
        self.context.problems.add(at, path, "wrong shape", wanted_at(field), text_of(node))
        return None

    def named(self, node: Node | None, field: Named, path: str, at: Origin) -> None:
        """Read entries by name; one that is `none` is not there."""
        if (whole := self.mapping(node, field, path, at)) is None:
            return
        there = [item for item in whole.items if item[0].text not in field.fixed and not says(item[1], NONE)]
        if len(there) < field.least:
            self.context.problems.add(at, path, f"there is no {field.what}", f"at least {field.least}", text_of(node))
        if len(there) > MOST_NAMES:
            self.context.problems.add(at, path, "there are too many names", f"at most {MOST_NAMES}", str(len(there)))
            return
        there = [item for item in there if self.is_name(item[0], field, path)]
        self.named_at[path] = tuple(key.text for key, _ in there)
        if field.key:
            self.context.names[field.key] = self.named_at[path]
        self.fixed(whole, field.fixed, path + ".")
        for key, inner in there:
            self.entry(inner, field.entry, f"{path}.{key.text}", inner.at)

    def listed(self, node: Node | None, field: fields.Listed, path: str) -> None:
        """Read a list of mappings, each of the form whose name stands in it."""
        problems = self.context.problems
        if node is None or says(node, NONE):
            return
        if not isinstance(node, Seq) or len(node.items) > MOST_LISTED:
            problems.add(node.at, path, "wrong shape", f"{wanted_at(field)}; at most {MOST_LISTED}", text_of(node))
            return
        self.named_at[path] = tuple(str(k + 1) for k in range(len(node.items)))
        for name, item in zip(self.named_at[path], node.items, strict=True):
            forms = [form for form in field.forms if isinstance(item, Map) and form in item.entries]
            if len(forms) != 1 or not isinstance(item, Map):
                wrong = f"this {field.what} says {'several things at once' if forms else 'nothing that is known here'}"
                problems.add(item.at, f"{path}.{name}", wrong, "one of " + ", ".join(field.forms), text_of(item))
                continue
            self.section(item, field.forms[forms[0]].fields, f"{path}.{name}.")
            source = text_of(item.get("source"))
            for one in [one for one in self.estimates if one.startswith(f"{path}.{name}.")]:
                if not self.estimates[one].source:
                    self.estimates[one] = replace(self.estimates[one], source=source)

    def is_name(self, key: Scalar, field: Named, path: str) -> bool:
        """Return whether a name can stand here; note if not."""
        problems, here = self.context.problems, f"{path}.{key.text}"
        if field.refers:
            known = (*field.fixed, *self.context.names.get(field.refers, ()))
            if key.text not in known:
                unknown(problems, key, here, known, field.what)
            return key.text in known
        if field.currencies:
            fits = bool(units.CURRENCY.match(key.text)) and key.text != self.context.currency
            wanted = f"three capital letters, such as EUR, and not {self.context.currency} itself"
        else:
            fits = bool(NAME.match(key.text)) and key.text not in _TAKEN
            wanted = "letters, digits, - and _, at most 40, but not " + ", ".join(_TAKEN)
        if not fits:
            problems.add(key.at, here, f"this cannot be the name of a {field.what}", wanted, key.text)
        return fits

    def profile(self, node: Scalar, _: fields.Profile, path: str) -> tuple[float, ...]:
        """Return when in the week meetings start: a week that is built in, or a table."""
        if (weights := week.BUILT_IN.get(node.text)) is None:
            file = self.named_file(node)
            try:
                weights = self.profiles.get(file) or week.profile(
                    self.body(file, node.at, path), self.layers.name(file), self.context.problems, self.told
                )
            except Unreadable:
                weights = week.FLAT
            self.profiles[file] = weights
        return weights

    def named_file(self, node: Scalar) -> Path:
        """Return a file: relative to the file that names it; from the command line, to the scenario."""
        folder = self.layers.folder if node.at.file == "--set" else Path(self.layers.folder, node.at.file).parent
        return folder / node.text

    def body(self, file: Path, at: Origin, path: str) -> bytes:
        """Return what a file with a table holds; note if it is too large."""
        body = self.layers.load(file, at, path)
        if len(body) > tree.MOST_BYTES:
            place, wanted = Origin(self.layers.name(file), 1, 1), f"at most {tree.MOST_BYTES} bytes"
            raise self.context.problems.refuse(place, path, "the file is too large", wanted, "more")
        return body

    def table(self, node: Scalar, _: fields.Table, path: str) -> str | None:
        """Take up a file with a table; what is in it is for those to read who know its columns."""
        if says(node, NONE):
            return NONE
        file = self.named_file(node)
        name = self.layers.name(file)
        try:
            self.tables[path] = (name, self.body(file, node.at, path))
        except Unreadable:
            return None
        return self.layers.digests[name]

    def starts(self, node: Map, _: fields.Starts, path: str) -> tuple[float, ...]:
        """Return the shares of the meetings that start in each part of the hour."""
        problems = self.context.problems
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
            problems.add(node.at, path, "the shares are too large", "a sum of at most 100 %", f"{100 * total:.6g} %")
        return week.starts(shares)


_READERS: Final[Mapping[type, tuple[type, Callable[..., object]]]] = {
    Text: (Scalar, lambda walk, node, field, path: texts.text(node, field, path, walk.context)),
    fields.Choice: (Scalar, lambda walk, node, field, path: texts.choice(node, field, path, walk.context)),
    fields.Shares: (Map, lambda walk, node, field, path: texts.shares(node, field, path, walk.context)),
    fields.Names: (Seq, lambda walk, node, field, path: texts.names(node, field, path, walk.context)),
    fields.Profile: (Scalar, Walk.profile),
    fields.Table: (Scalar, Walk.table),
    fields.Starts: (Map, Walk.starts),
}
"""What must stand in an entry of each kind, and what reads it."""


def walk(root: Map, layers: Layers) -> Walk:
    """Return everything that a tree says, with defaults; problems are noted."""
    whole = Walk(_context(root, layers), layers)
    whole.section(root, ROOT.fields, "")
    offered = whole.entries.get("offer.mix")
    for section in ("members", *(f"networks.{name}" for name in whole.context.names.get("networks", ()))):
        path, beside = f"{section}.mix", whole.estimates.get(f"{section}.accounts")
        if path not in whole.entries and offered is not None and beside is not None:
            whole.entries[path] = replace(
                offered, path=path, text="as the offer", origin=beside.origin, is_default=True
            )
    return whole


def _context(root: Map, layers: Layers) -> Context:
    """Return what money, credit and networks are called, before anything is checked."""
    unit, currency = NETWORK.fields["unit"], ROOT.fields["currency"]
    networks = _map(root.get("networks"))
    unit_names = {name: _word(_map(inner).get("unit"), unit) for name, (_, inner) in networks.entries.items()}
    first = next((name for name, (_, inner) in networks.entries.items() if not says(inner, NONE)), "")
    offer = text_of(root.at_path("offer.network")) or first
    sellers = {
        name: text_of(_map(inner).get("network")) or offer
        for name, (_, inner) in _map(root.at_path("spending.sellers")).entries.items()
    }
    return Context(layers.problems, _word(root.get("currency"), currency), unit_names, offer, sellers)


def _word(node: Node | None, field: Field) -> str:
    """Return a text of the form that a field wants, or its default: what is wrong is noted when it is read."""
    assert isinstance(field, Text)
    return node.text if isinstance(node, Scalar) and texts.fits(node.text, field) else field.default or ""


def _map(node: Node | None) -> Map:
    return node if isinstance(node, Map) else Map({}, Origin("", 1, 1))
