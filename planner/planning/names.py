"""What people call an entry of a scenario, and a change of it."""

from collections.abc import Mapping

from planner.scenario.fields import NAMED, NONE, Choice, Field, Listed, Named, Section, field_at
from planner.scenario.layers import Change
from planner.scenario.schema import ROOT
from planner.wording.names import Names


def in_words(path: str, names: Names) -> str:
    """Return what people call an entry: "fee of one account, Level 1"; "seller Anna"."""
    at: Field | None = ROOT
    thing, parts = "", path.split(".")
    for depth, part in enumerate(parts):
        if isinstance(at, Named) and part not in at.fixed:
            outer = ".".join(parts[:depth])
            group = next((group for group, section in NAMED.items() if section == outer), at.refers or "")
            thing = getattr(names, group, {}).get(part, f"{at.what} {part}")
            at = at.entry
        elif isinstance(at, Section | Named):
            at = (at.fields if isinstance(at, Section) else at.fixed).get(part)
        if depth == len(parts) - 1 and not isinstance(at, Section):
            said = path if at is None else "name" if part == "called" else at.help.partition("; ")[0]
            lower = said if said[1:2].isupper() else f"{said[:1].lower()}{said[1:]}"
            return f"{lower}, {thing}" if thing else lower
    return thing or path


def change_in_words(change: Change, names: Names) -> tuple[str, str, str]:
    """Return what was changed, what it was ("" = it is a whole entry, and how it changed is said), and what it is."""
    said = in_words(change.path, names)
    field = field_at(ROOT, change.path)
    if isinstance(field, Section | Listed):
        now = "taken away" if change.new == NONE else "added" if change.old == "not there" else "changed"
        return said, "", now
    words = field.options if isinstance(field, Choice) and isinstance(field.options, Mapping) else {}
    return said, words.get(change.old, change.old), words.get(change.new, change.new)
