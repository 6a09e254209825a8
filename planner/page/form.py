"""A scenario as a form: every entry with its help, range and source, what people come to change first."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from planner.page.asked import PEOPLE, editable, whole
from planner.page.edits import OF, typed_parts
from planner.planning import name_of, used_by
from planner.scenario import fields, seen
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.fields import Choice, Field, Listed, Named, Names, Number, Section, Shares, Starts
from planner.scenario.reader import Scenario
from planner.scenario.schema import ROOT

OPEN: Final = frozenset({"asked", "spending.sellers"})
"""Parts that stand open: what most people come to change."""
TITLES: Final = {
    "asked": "What the proposal asks",
    "spending.sellers": "Who sells the hours",
    "members": "Members there already",
    "levels": "Membership levels",
    "networks": "Mutual-credit networks",
    "nodes": "Servers",
    "experience": "What people have seen",
    "usage": "What an account does",
    "offer": "The offer: network and review",
    "spending": "The credit: order of sellers and the rest",
    "placement": "Which server",
    "objective": "What we promise",
    "labour": "Volunteers",
    "cash": "Money",
    "": "Clock, currency, how far ahead",
    "simulation": "Simulation",
    "calibrated": "What was learned",
    "decision": "What people decided",
}
"""The parts of the form in their order."""
_ASKED: Final = (
    "offer.accounts",
    "offer.cap",
    "spending.hourly_rate",
    "spending.target",
    "spending.policy",
    "offer.mix",
)
_MINUTES: Final = {"on_the_hour": "on the hour", "half_past": "at half past"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of an entry that has several: a name's share, a place of a list."""

    part: str
    label: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the form."""

    path: str
    label: str
    hint: str
    parts: Mapping[str, str]
    """value, low, high, source, as far as the entry has them; or each cell's."""
    options: tuple[tuple[str, str], ...]
    """Words to choose from, each with what people call it; () = it is typed."""
    cells: tuple[Cell, ...]
    ranged: bool
    editable: bool
    number: bool
    wanted: str
    default: str
    used_for: str
    origin: str
    is_default: bool
    base: str
    """What the base says, where the file says something else."""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading; more = those that the file leaves to the planner."""

    heading: str
    rows: tuple[Row, ...]
    more: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The groups of one thing that has a name of its own, and can be taken away; or of none."""

    thing: str
    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """What can be added: a seller, something that was seen."""

    path: str
    form: str
    label: str
    asks: str
    """What its name is asked as; "" = it has none."""
    names: tuple[tuple[str, str], ...]
    """Names to choose among; () = it is typed."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Entries under one title."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    adds: tuple[Add, ...]

    @property
    def opened(self) -> bool:
        """Whether it stands open at first."""
        return self.key in OPEN


def parts(scenario: Scenario, additions: Sequence[Add]) -> list[Part]:
    """Return the parts of the form, the questions of the proposal first."""
    found, first = rows(scenario), _asked(scenario)
    by_part: dict[str, list[Row]] = {key: [] for key in TITLES}
    by_part["asked"] = [
        replace(row, label=", ".join([row.label, *_thing_names(row.path, scenario)]))
        for path in first
        if (row := found.get(path))
    ]
    for path, row in found.items():
        if path not in first:
            by_part["spending.sellers" if path.startswith("spending.sellers.") else _section(path)].append(row)
    made = []
    for key, mine in by_part.items():
        added = tuple(add for add in additions if add.path == key or (key != "spending" and _section(add.path) == key))
        blocks = (Block("", "", (Group("", tuple(mine), ()),)),) if key == "asked" else tuple(_blocks(mine, scenario))
        if mine or added:
            made.append(Part(key, TITLES[key], blocks, added))
    return made


def _asked(scenario: Scenario) -> list[str]:
    """Return the paths of what the proposal asks: how many accounts, at what fee, for how many hours at what price."""
    mix = scenario.entries.get("offer.mix")
    levels = list(mix.value) if mix is not None and isinstance(mix.value, dict) else []
    return [*_ASKED[:1], *(f"levels.{level}.price" for level in levels), *_ASKED[1:]]


def _blocks(mine: Sequence[Row], scenario: Scenario) -> Iterator[Block]:
    said = {one.path: one.text for one in seen.statements(scenario)} if scenario.names.get("experience") else {}
    for thing, some in groupby(mine, key=lambda row: _thing(row.path)):
        together: dict[str, list[Row]] = {}
        for row in some:
            together.setdefault(_group(row.path, thing), []).append(row)
        name = said.get(thing) or ", ".join(_thing_names(thing, scenario))
        yield Block(thing, name, tuple(_folded(heading, inside) for heading, inside in together.items()))


def _folded(heading: str, mine: Sequence[Row]) -> Group:
    """Return a group in which what the file leaves to the planner is folded, where it says anything at all."""
    stated = [row for row in mine if row.path.endswith(".rate") or not (row.is_default or row.path.endswith(".called"))]
    more = [row for row in mine if row not in stated]
    fold = bool(stated) and len(more) > 1
    return Group(heading, tuple(stated if fold else mine), tuple(more if fold else ()))


def rows(scenario: Scenario) -> dict[str, Row]:
    """Return every entry of a scenario by its path, defaults included."""
    base = {change.path: change.old for change in scenario.changes if change.where != "--set"}
    stated: dict[str, Estimate | Entry] = {**scenario.entries, **scenario.estimates}
    found = {
        path: row_of(path, fields.field_at(ROOT, path), each, scenario, base.get(path, ""))
        for path, each in stated.items()
    }
    found |= _unsaid(stated, scenario)
    order: dict[str, int] = {}  # names stand as the file has them
    for path in found:
        for depth in range(path.count(".") + 1):
            order.setdefault(path.rsplit(".", depth)[0], len(order))
    return dict(sorted(found.items(), key=lambda item: _place(item[0], order)))


def _unsaid(stated: Collection[str], scenario: Scenario) -> Iterator[tuple[str, Row]]:
    """Yield what could be said beside what is, such as a seller's own rate: left out, it comes from elsewhere."""
    inside = dict.fromkeys(path.rpartition(".")[0] for path in stated if _section(path) not in {*PEOPLE, "experience"})
    for above in filter(None, inside):
        section = fields.field_at(ROOT, above)
        for name, inner in section.fields.items() if isinstance(section, Section) else ():
            if (path := f"{above}.{name}") not in stated and editable(inner) and not isinstance(inner, Choice):
                yield path, row_of(path, inner, None, scenario)


def _place(path: str, order: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return what sorts entries as the schema has them, those of one section before its parts; names in their order."""
    at: object = ROOT
    places = []
    for depth, part in enumerate(parts := path.split(".")):
        names = at.fields if isinstance(at, Section) else at.fixed if isinstance(at, Named) else {}
        inner = depth < len(parts) - 1
        place = list(names).index(part) if part in names else 500
        places.append((1000 * inner + place, order[".".join(parts[: depth + 1])]))
        if isinstance(at, Listed):  # what was seen, before where and when
            said = at.entry.fields
            at = Section(at.help, {form: said[form] for form in at.forms} | dict(said))
        else:
            at = names.get(part, at.entry if isinstance(at, Named) else None)
    return places


def row_of(path: str, field: Field | None, stated: Estimate | Entry | None, scenario: Scenario, base: str = "") -> Row:
    """Return one entry of the form; None stated = nothing is said."""
    name, said = name_of(path), "" if field is None else field.help
    rest = said.removeprefix(name)
    hint = rest.lstrip(";: ") if rest[:1] in ";:" else said  # a help that explains stands below a name of its own
    parts = typed_parts(stated, field)
    cells = tuple(_cells(field, parts, scenario))
    return Row(
        path=path,
        label=name,
        hint=re.sub(r"\b[a-z]+(?:\.[a-z_]+)+\b", lambda found: _quoted(found[0]), hint),
        parts={cell.part: parts.get(cell.part, "") for cell in cells} or parts,
        options=_options(field, stated.text if isinstance(stated, Entry) else "", scenario),
        cells=cells,
        ranged=isinstance(field, Number) and field.ranged,
        editable=editable(field) and _section(path) not in PEOPLE and path != "title",
        number=isinstance(field, Number),
        wanted="" if field is None else fields.wanted_at(field),
        default=fields.default_words(field),
        used_for=used_by(path),
        origin=_origin(stated),
        is_default=stated is None or stated.is_default,
        base=base,
    )


def _origin(stated: Estimate | Entry | None) -> str:
    if stated is None:
        return "nothing is said"
    return "the planner's own default" if stated.is_default else f"{stated.origin.file}:{stated.origin.line}"


def _quoted(path: str) -> str:
    """Return what the entry of a path is called, where a help speaks of it by its path."""
    return f"“{name_of(path)}”" if fields.field_at(ROOT, path) is not None else path


def _options(field: object, now: str, scenario: Scenario) -> tuple[tuple[str, str], ...]:
    if not isinstance(field, Choice):
        return ()
    of = field.of or ""
    called = scenario.called.get(of, {}) | (dict(field.options) if isinstance(field.options, Mapping) else {})
    words = dict.fromkeys(filter(None, [*field.options, *scenario.names.get(of, ()), now]))
    return tuple((one, called.get(one, one.replace("_", " "))) for one in words)


def _cells(field: object, parts: Mapping[str, str], scenario: Scenario) -> Iterator[Cell]:
    """Yield the fields of an entry that has one for each name, or for each place of a list."""
    if isinstance(field, Starts):
        for name in dict.fromkeys([*_MINUTES, *(part.removeprefix(OF) for part in parts)]):
            yield Cell(f"{OF}{name}", _MINUTES.get(name, f"at {name} past"))
    elif isinstance(field, Shares | Names):
        called = scenario.called.get(field.of, {})
        names = [(name, called.get(name, name)) for name in scenario.names.get(field.of, ())]
        if isinstance(field, Shares):
            yield from (Cell(f"{OF}{name}", label) for name, label in names)
        else:
            yield from (Cell(f"{OF}{n}", f"{n}.", (("", "nobody"), *names)) for n in range(1, len(names) + 1))


def _section(path: str) -> str:
    first, _, rest = path.partition(".")
    return first if rest or first in {*PEOPLE, "experience"} - {"title"} else ""


def _thing(path: str) -> str:
    """Return the path of the entry with a name of its own that a path leads into; "" = none."""
    parts = path.split(".")
    if parts[0] == "experience":
        return ".".join(parts[:2])
    above = (".".join(parts[:depth]) for depth in range(2, len(parts) + 1))
    return next((one for one in above if whole(one)), "")


def _thing_names(path: str, scenario: Scenario) -> list[str]:
    """Return what people call the thing that a path leads into."""
    thing = _thing(path)
    outer, _, name = thing.rpartition(".")
    group = next((group for group, section in fields.NAMED.items() if section == outer), "levels")
    return [scenario.called[group].get(name, name)] if thing else []


def _group(path: str, thing: str) -> str:
    """Return the heading of an entry inside its thing, or else its section."""
    inside = path.split(".")[:-1]
    inside = inside[max(1, thing.count(".") + 1) :]
    return ", ".join(part.replace("_", " ") for part in inside)


def differing(
    before: Mapping[str, Row], now: Mapping[str, Row], changed: Collection[str], inside: tuple[str, ...] = ()
) -> dict[str, dict[str, Any]]:
    """Return what the fields hold where that is not what the page came with, and whether somebody changed it.

    Paths that begin as one of `inside` are changed by themselves inside an entry that is changed as a whole.
    """
    found = {}
    for path, row in now.items():
        old = before.get(path)
        if path in changed or (old is not None and old.parts != row.parts):
            mine = path in changed or path.startswith(inside)
            found[path] = {"parts": dict(row.parts), "changed": mine, "was": "" if old is None else said(old)}
    return found


def said(row: Row) -> str:
    """Return an entry in one phrase: "30 GBP/h (24 to 45)"; "Level 1: 60 %, Level 2: 40 %"."""
    if row.cells:
        filled = [(cell, row.parts[cell.part]) for cell in row.cells if row.parts[cell.part]]
        options = [dict(cell.options).get(text, "") or f"{cell.label}: {text}" for cell, text in filled]
        return ", ".join(options) or row.default
    low, high = row.parts.get("low"), row.parts.get("high")
    value = dict(row.options).get(row.parts["value"], row.parts["value"])
    return f"{value} ({low} to {high})" if low and high else value
