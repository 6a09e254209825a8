"""What people call an entry of a scenario, and a change of it."""

import re
from collections.abc import Mapping

from planner.scenario import fields
from planner.scenario.fields import NAMED, NONE, Choice, Field, Listed, Named, Section, field_at
from planner.scenario.layers import Change
from planner.scenario.schema import ROOT
from planner.wording.names import Names
from planner.wording.phrases import upper

_SHORT = {
    "title": "title",
    "placement.members": "where the members meet",
    "placement.nodes_down": "servers of the pool out of work",
    "members.sheet": "the members' sheet",
    "usage.page_size_large": "cameras a viewer sees at once in large meetings",
    "offer.mix": "levels on offer",
    "offer.hours_bought": "hours bought by the review at least",
    "offer.months_since_purchase": "months since the last purchase, at the review at most",
    "offer.idle_share": "unspent share of the credit, at the review at most",
    "offer.episodes": "overloads, at the review at most",
    "offer.volunteer_hours": "volunteer hours a month, at the review at most",
    "offer.pause_above": "unspent share of the credit above which sales pause",
    "objective.measure": "how overload is counted",
    "objective.at_most": "overload that is accepted",
    "objective.confidence": "how sure we want to be",
    "objective.confidence_reversible": "how sure we want to be of what can be put right next month",
    "spending.target": "hours of marketing to buy",
    "spending.first_jobs": "smallest jobs bought before saving up",
    "spending.name": "the supplier",
    "spending.bill": "the supplier's bill in money",
    "spending.share": "share of the supplier's bill that may be paid in credit",
    "labour.setup": "time to set one account up",
    "labour.batch": "time to send a month's invoices",
    "labour.invoicing": "time to check one invoice",
    "labour.support": "time to help members",
    "labour.collecting": "time to chase one late invoice",
    "calibrated.fit": "check of fit",
}
"""Entries whose help explains and does not name them, by section and last word."""


def entry_name(path: str, names: Names) -> str:
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
            said = name_of(path)
            lower = said if said[1:2].isupper() else f"{said[:1].lower()}{said[1:]}"
            return f"{lower}, {thing}" if thing else lower
    return thing or path


def name_of(path: str) -> str:
    """Return what people call an entry, whatever it is an entry of: "Fee of one account"."""
    at, part = field_at(ROOT, path), path.rpartition(".")[2]
    if part == "called" or at is None:
        return "Name" if at is not None else path
    # a help says after a colon or semicolon what its name leaves open
    return upper(_SHORT.get(".".join(dict.fromkeys((path.partition(".")[0], part))), re.split("[;:] ", at.help)[0]))


def change_in_words(change: Change, names: Names) -> tuple[str, str, str]:
    """Return what was changed, what it was ("" = it is a whole entry, and how it changed is said), and what it is."""
    said = entry_name(change.path, names)
    field = field_at(ROOT, change.path)
    if isinstance(field, Section | Listed):
        now = "taken away" if change.new == NONE else "added" if change.old == "not there" else "changed"
        return said, "", now
    return said, value_in_words(change.path, change.old, names), value_in_words(change.path, change.new, names)


def value_in_words(path: str, value: str, names: Names) -> str:
    """Return what a choice means, or what people call the things of a list; any other value as it is."""
    field = field_at(ROOT, path)
    if isinstance(field, Choice) and isinstance(field.options, Mapping):
        return field.options.get(value, value)
    if isinstance(field, fields.Names):
        called = getattr(names, field.of)
        return ", ".join(called.get(key, key) for key in value.strip("[]").split(", "))
    return value
