"""A scenario as a form: its sections, and in each the entries with value, range, source, help and what was changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from planner.page.asked import PEOPLE, editable, typed_parts
from planner.planning import used_by
from planner.scenario import fields
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.fields import Choice, Number
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
    options: tuple[str, ...]
    """Words to choose from; () = it is typed."""
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
    stated: list[Estimate | Entry] = [*scenario.entries.values(), *scenario.estimates.values()]
    return {each.path: _row(each, scenario, base.get(each.path, "")) for each in stated}


def _row(stated: Estimate | Entry, scenario: Scenario, base: str) -> Row:
    field = fields.field_at(ROOT, stated.path)
    number = isinstance(field, Number)
    at = "the planner's own default" if stated.is_default else f"{stated.origin.file}:{stated.origin.line}"
    return Row(
        path=stated.path,
        help=stated.help or stated.path.rpartition(".")[2],
        parts=typed_parts(stated) if isinstance(stated, Estimate) else {"value": stated.text},
        options=_options(field, stated.text, scenario),
        ranged=number and field.ranged,
        editable=editable(field) and _section(stated.path) not in PEOPLE and stated.path != "title",
        number=number,
        wanted="" if field is None else fields.in_words(field),
        default=fields.default_words(field),
        used_for=used_by(stated.path),
        origin=at,
        is_default=stated.is_default,
        base=base,
    )


def _options(field: object, now: str, scenario: Scenario) -> tuple[str, ...]:
    if not isinstance(field, Choice):
        return ()
    names = scenario.names.get(field.of, ()) if field.of else ()
    return tuple(dict.fromkeys([*field.options, *names, now]))


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
                yield path, {"parts": dict(row.parts), "changed": path in changed, "was": "" if old is None else said(old)}

    return dict(all_differing())


def said(row: Row) -> str:
    """Return an entry in one phrase: "30 GBP/h (24 GBP/h to 45 GBP/h)"."""
    low, high = row.parts.get("low"), row.parts.get("high")
    return f"{row.parts['value']} ({low} to {high})" if low and high else row.parts["value"]
