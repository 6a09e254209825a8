"""A scenario as a form: its sections, and in each the entries with value, range, source, help and what was changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from planner.page.asked import PEOPLE, editable, typed_parts
from planner.planning import used_by
from planner.scenario import fields
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.fields import Choice, Field, Named, Number, Section
from planner.scenario.reader import Scenario
from planner.scenario.schema import ROOT

OPEN: Final = frozenset({"offer", "spending"})
"""Sections that stand open: what most people come to change."""
NAMES: Final = {
    "": "The scenario",
    "offer": "What is offered",
    "nodes": "Servers",
    "levels": "Membership levels",
    "placement": "Which server",
    "members": "Members there already",
    "usage": "What an account does",
    "simulation": "Simulation",
    "networks": "Mutual-credit networks",
    "objective": "What we promise",
    "spending": "What the credit buys",
    "labour": "Volunteers",
    "cash": "Money",
    "experience": "What people have seen",
    "calibrated": "What was learned",
    "decision": "What people decided",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the form."""

    path: str
    help: str
    parts: Mapping[str, str]
    """value, low, high, source, as far as the entry has them."""
    options: tuple[tuple[str, str], ...]
    """Words to choose from, each with what people call it; () = it is typed."""
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
class Part:
    """Entries under one heading."""

    key: str
    title: str
    groups: tuple[tuple[str, tuple[Row, ...]], ...]

    @property
    def opened(self) -> bool:
        """Whether it stands open at first."""
        return self.key in OPEN


def parts(scenario: Scenario) -> list[Part]:
    """Return the sections of the form in the order of the schema, the offer first."""
    found = rows(scenario)
    order = ["offer", "spending", "", *(name for name in ROOT.fields if name not in OPEN)]
    made = []
    for key in order:
        mine = [row for row in found.values() if _section(row.path) == key]
        groups = groupby(mine, key=lambda row: _group(row.path, scenario))
        together: dict[str, list[Row]] = {}
        for heading, some in groups:
            together.setdefault(heading, []).extend(some)
        if mine:
            made.append(Part(key, NAMES.get(key, key), tuple((name, tuple(some)) for name, some in together.items())))
    return made


def rows(scenario: Scenario) -> dict[str, Row]:
    """Return every entry of a scenario by its path, defaults included."""
    base = {change.path: change.old for change in scenario.changes if change.where != "--set"}
    stated: dict[str, Estimate | Entry] = {**scenario.entries, **scenario.estimates}
    found = {path: _row(each, scenario, base.get(path, "")) for path, each in stated.items()} | dict(_unsaid(stated))
    return dict(sorted(found.items(), key=lambda item: _place(item[0])))


def _unsaid(stated: Collection[str]) -> Iterator[tuple[str, Row]]:
    """Yield what could be said beside what is, such as a seller's own rate: left out, it comes from elsewhere."""
    for inside in dict.fromkeys(path.rpartition(".")[0] for path in stated):
        section = fields.field_at(ROOT, inside) if inside and _section(inside) not in PEOPLE else None
        for name, field in section.fields.items() if isinstance(section, Section) else ():
            if (path := f"{inside}.{name}") not in stated and editable(field) and not isinstance(field, Choice):
                nothing = dict.fromkeys(
                    ("value", "low", "high", "source") if isinstance(field, Number) else ("value",), ""
                )
                yield path, _row_of(path, field, nothing, "nothing is said", True)


def _place(path: str) -> list[tuple[int, str]]:
    """Return what sorts entries as the schema has them: those of one section before its parts, names by themselves."""
    at: object = ROOT
    places = []
    for depth, part in enumerate(parts := path.split(".")):
        names = at.fields if isinstance(at, Section) else at.fixed if isinstance(at, Named) else {}
        inner = depth < len(parts) - 1
        places.append((1000 * inner + (list(names).index(part) if part in names else 500), part))
        at = names.get(part, at.entry if isinstance(at, Named) else None)
    return places


def _row(stated: Estimate | Entry, scenario: Scenario, base: str) -> Row:
    field = fields.field_at(ROOT, stated.path)
    at = "the planner's own default" if stated.is_default else f"{stated.origin.file}:{stated.origin.line}"
    parts = typed_parts(stated) if isinstance(stated, Estimate) else {"value": stated.text}
    row = _row_of(stated.path, field, parts, at, stated.is_default)
    return replace(row, help=stated.help or row.help, options=_options(field, stated.text, scenario), base=base)


def _row_of(path: str, field: Field | None, parts: Mapping[str, str], origin: str, is_default: bool) -> Row:
    return Row(
        path=path,
        help=field.help if field is not None and field.help else path.rpartition(".")[2],
        parts=parts,
        options=(),
        ranged=isinstance(field, Number) and field.ranged,
        editable=editable(field) and _section(path) not in PEOPLE and path != "title",
        number=isinstance(field, Number),
        wanted="" if field is None else fields.in_words(field),
        default=fields.default_words(field),
        used_for=used_by(path),
        origin=origin,
        is_default=is_default,
        base="",
    )


def _options(field: object, now: str, scenario: Scenario) -> tuple[tuple[str, str], ...]:
    if not isinstance(field, Choice):
        return ()
    names = scenario.names.get(field.of, ()) if field.of else ()
    called = scenario.called.get(field.of, {}) if field.of else {}
    return tuple((one, called.get(one, one.replace("_", " "))) for one in dict.fromkeys([*field.options, *names, now]))


def _section(path: str) -> str:
    first, _, rest = path.partition(".")
    return first if rest or first in PEOPLE - {"title"} else ""


def _group(path: str, scenario: Scenario) -> str:
    """Return the heading of an entry inside its section, in the names that people gave."""
    inside = path.split(".")[:-1]
    called = scenario.called
    for group, section in fields.NAMED.items():
        depth = section.count(".") + 1
        if path.startswith(f"{section}.") and len(inside) > depth:
            inside[depth] = called[group].get(inside[depth], inside[depth])
    if inside[:1] == ["usage"] and len(inside) > 1:
        inside[1] = called["levels"].get(inside[1], inside[1])
    return ", ".join(part.replace("_", " ") for part in inside[1:])


def differing(before: Mapping[str, Row], now: Mapping[str, Row], changed: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what the fields hold where that is not what the file says, and whether somebody changed it."""

    def all_differing() -> Iterator[tuple[str, dict[str, Any]]]:
        for path, row in now.items():
            old = before.get(path)
            if path in changed or (old is not None and old.parts != row.parts):
                yield (
                    path,
                    {"parts": dict(row.parts), "changed": path in changed, "was": "" if old is None else said(old)},
                )

    return dict(all_differing())


def said(row: Row) -> str:
    """Return an entry in one phrase: "30 GBP/h (24 to 45)"."""
    low, high = row.parts.get("low"), row.parts.get("high")
    return f"{row.parts['value']} ({low} to {high})" if low and high else row.parts["value"]
