"""What can be added to a scenario on the page: a seller, a server, a level, a network, something that was seen."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from planner.page.asked import PEOPLE
from planner.page.edits import names_at
from planner.page.form import Add, Row, row_of
from planner.scenario import fields
from planner.scenario.fields import Field, Listed, Named, Section
from planner.scenario.reader import Scenario
from planner.scenario.schema import ROOT

_FIRST: Final = {
    "spending.sellers": ("rate", "hours", "available", "smallest_job"),
    "nodes": ("limits.users", "limits.rooms", "limits.load"),
    "levels": ("price", "participants", "rooms", "duration"),
    "networks": ("reachable", "take_up", "sign_ups", "churn", "largest_balance"),
    "usage": ("meetings", "size", "duration"),
    "usage.everyone.kinds": ("share", "size", "duration"),
}
"""What is asked of a new entry; the rest can be said when it is there."""
_CALLED: Final = {"node": "server", "kind": "kind of meeting"}
_PLURALS: Final = {one: f"{one}s" for one in ("user", "month", "week", "overload")}


def adds(scenario: Scenario) -> Iterator[Add]:
    """Yield what can be added."""
    for path, outer in _named(ROOT, ""):
        if isinstance(outer, Listed):
            for form, section in outer.forms.items():
                rows = _asks(section, path, tuple(section.fields), scenario)
                yield Add(path, form, f": {section.help[:1].lower()}{section.help[1:]}", "", (), rows)
            continue
        taken = names_at(scenario.tree, path)
        known = scenario.names.get(outer.refers or "", ())
        called = scenario.called.get(outer.refers or "", {})
        names = tuple((one, called.get(one, one)) for one in known if one not in taken)
        if outer.refers and not names:
            continue
        first = _FIRST.get(path, ("",))
        label = " what differs at a level" if outer.refers else f" a {_CALLED.get(outer.what, outer.what)}"
        asks = outer.what.capitalize() if outer.refers else "Three letters, such as EUR" if outer.currencies else "Name"
        yield Add(path, "", label, asks, names, _asks(outer.entry, path, first, scenario))


def _named(section: Section, above: str) -> Iterator[tuple[str, Named | Listed]]:
    for name, inner in section.fields.items():
        if isinstance(inner, Named | Listed):
            yield f"{above}{name}", inner
            for fixed, part in inner.fixed.items() if isinstance(inner, Named) else ():
                if isinstance(part, Section):
                    yield from _named(part, f"{above}{name}.{fixed}.")
        elif isinstance(inner, Section) and name not in PEOPLE:
            yield from _named(inner, f"{above}{name}.")


def _asks(entry: Field, path: str, names: Iterable[str], scenario: Scenario) -> tuple[Row, ...]:
    """Return what is asked of a new entry, each by its path inside it."""

    def one(name: str) -> Row:
        inner = fields.field_at(entry, name) if name and isinstance(entry, Section) else entry
        row = row_of(f"{path}.NEW.{name}".rstrip("."), inner, None, scenario)
        default = "" if row.default.startswith("(") else row.default
        left = row.hint or (f"left empty: {default}" if default else f"in {_PLURALS.get(row.wanted, row.wanted)}")
        called = dict(row.options)
        empty = (("", called.pop(default, default) or "as elsewhere"),) if getattr(inner, "default", None) else ()
        return replace(
            row,
            path=name,
            hint=left if row.hint or row.number else "",
            options=(*empty, *called.items()) if row.options else (),
        )

    return tuple(map(one, names))
