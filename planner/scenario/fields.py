"""The kinds of entry that a scenario can have, each with its help, default and bounds."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from planner.model.inputs import pages
from planner.scenario.estimate import Family

INHERIT: Final = "(from above)"
"""Default of an entry that, left out, is taken from a more general place of the scenario."""
NONE: Final = "none"
"""What a person writes for: no limit, never, not there."""
REQUIRED: Final = None
"""Default of an entry that must be written."""
TABLES: Final = "CSV, XLSX, XLS or ODS"
NAMED: Final = {"nodes": "nodes", "networks": "networks", "levels": "levels", "sellers": "spending.sellers"}
"""Where the things stand that people may give a name (`called`), by what their keys are looked up by."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number with a unit, perhaps with a range."""

    help: str
    unit: str
    """Base units with " or "; {money}: the scenario's, {any}: any, {credit}: the network's, {key}: its name."""
    default: str | tuple[str, str, str] | None = REQUIRED
    """As a person would write it: a value; or value, low and high."""
    family: Family = "positive"
    least: float = 0.0
    above: bool = False
    most: float = 1e9
    """The smallest and the largest value [base unit]; `above` = only what is larger than `least`."""
    none: bool = False
    ranged: bool = True
    """False = a decision or a fact of the software: no range."""
    chance: bool = False
    """A chance per period: "5 %/year" becomes the chance per month that makes 5 % in a year."""
    minor: bool = True
    """Money and credit in minor units; False = a rate of exchange."""

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return self.family in ("count", "limit")


Form = Literal[
    "any", "currency", "timezone", "month", "day", "whole", "unit", "fit", "name", "line", "digits", "columns", "pages",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """Free text, or text of a given form."""

    help: str
    default: str | None = REQUIRED
    form: Form = "any"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words, or one of the names given elsewhere."""

    help: str
    options: tuple[str, ...] | Mapping[str, str] = ()
    """The words, or each with what it means."""
    default: str | None = REQUIRED
    """INHERIT = the offer's network."""
    of: str | None = None
    """The section whose names are allowed too: "levels", "networks"."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares by name that add up to 100 %."""

    help: str
    of: str
    """The section whose names they have: "nodes", "levels"."""
    default: Literal["evenly", "(from above)"] | None = REQUIRED


@dataclass(frozen=True, slots=True)
class Names:
    """A list of names given elsewhere, in order of preference; left out = all of them as written."""

    help: str
    of: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A table with day, hour, weight; or a week that is built in."""

    help: str
    default: str


@dataclass(frozen=True, slots=True)
class Table:
    """A file with a table; `none`, which is the default, for no file."""

    help: str
    columns: str


@dataclass(frozen=True, slots=True)
class Starts:
    """Shares of the meetings that start at given minutes of the hour; the rest evenly."""

    help: str
    default: Mapping[str, str] | Literal["(from above)"]


@dataclass(frozen=True, slots=True)
class Section:
    """Entries with fixed names."""

    help: str
    fields: Mapping[str, "Field"]
    optional: bool = False
    """Whether it may be left out or `none`, and is then not there at all."""


@dataclass(frozen=True, slots=True)
class Named:
    """Entries whose names the author chooses or takes from elsewhere; beside them, perhaps, some with fixed names."""

    help: str
    what: str
    entry: "Field"
    fixed: Mapping[str, "Field"] = dataclasses.field(default_factory=dict)
    refers: str | None = None
    """The section whose names they have: "levels"."""
    key: str | None = None
    """What other entries look the names up by: "nodes"."""
    least: int = 0
    currencies: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of mappings, each of one of several forms: that in which the name stands that it must have."""

    help: str
    what: str
    forms: Mapping[str, Section]

    @property
    def entry(self) -> Section:
        """Every entry that any of the forms has."""
        return Section(self.help, {name: field for form in self.forms.values() for name, field in form.fields.items()})


Field = Number | Text | Choice | Shares | Names | Profile | Table | Starts | Section | Named | Listed


def section(text: str, /, **fields: Field) -> Section:
    """Return a section of these entries that is always there."""
    return Section(text, fields)


def limit(text: str, unit: str, *, least: float = 0.0, most: float = 1e6, ranged: bool = True) -> Number:
    """Return a whole number that may be `none` and, if drawn, is rounded down."""
    return Number(text, unit, NONE, "limit", least=least, most=most, none=True, ranged=ranged)


def decided(text: str, unit: str, default: str | None, *, least: float = 0.0, most: float = 1e6) -> Number:
    """Return a whole number that people decide on, so it has no range; `none` is one of them if it is the default."""
    return Number(text, unit, default, "count", least=least, most=most, none=default == NONE, ranged=False)


def share(text: str, default: str | tuple[str, str, str] | None, *, ranged: bool = True, least: float = 0.0) -> Number:
    """Return a share of something."""
    return Number(text, "%", default, "share", least=least, most=1.0, none=default == NONE, ranged=ranged)


def chance(text: str, default: tuple[str, str, str]) -> Number:
    """Return a chance in a month."""
    return Number(text, "%/month", default, "share", most=1.0, chance=True)


def nameable(text: str, /, **fields: Field) -> Section:
    """Return a section of these entries for a thing that people may give a name."""
    help_ = "What people call it, in place of its key, wherever a sentence or a chart speaks of it"
    return Section(text, {"called": Text(help_, INHERIT, "name"), **fields})


def inherited(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the same fields for a more special place: what is left out there comes from the general one."""
    return {
        name: replace(field, default=INHERIT) if isinstance(field, Number | Profile | Starts) else field
        for name, field in fields.items()
    }


def field_at(root: Section, path: str, *, inside: bool = False) -> Field | None:
    """Return the field at a dotted path, or None; with `inside`, what leads inside an entry leads to it."""
    at: Field = root
    for part in path.split("."):
        if isinstance(at, Section) and part in at.fields:
            at = at.fields[part]
        elif isinstance(at, Named):
            at = at.fixed.get(part, at.entry)
        elif isinstance(at, Listed):
            at = at.entry
        else:
            return at if inside and not isinstance(at, Section) else None
    return at


_FORMS: Final = {
    "any": "text",
    "currency": "a currency, such as GBP",
    "month": "a month, such as 2021-04",
    "day": "a day, such as 2021-04-30",
    "name": "a name of 1 to 40 characters that nothing else has, such as the German server",
    "fit": "good; or failed: and what does not fit, or not known: and why, in words",
    "line": "one line of text, at most 200 characters",
    "digits": "the 12 digits that planner plan prints as its result, such as 1a2b3c4d5e6f",
    "timezone": "a time zone, such as Europe/London",
    "unit": "a word, such as credit",
    "columns": "cyclos, open-collective or open-collective-2024, or a mapping such as date=Date, amount=Amount, "
    "day=first, decimal=comma",
    "pages": f"such as {pages.WANTED}; each number of users once; all for no page, never 0; or none",
    "whole": "a whole number",
}


def wanted_at(field: Field) -> str:
    """Return what is wanted at a field, for messages and for editors."""
    match field:
        case Number():
            return _plain(field.unit) + (" or none" if field.none else "")
        case Text():
            return _FORMS[field.form]
        case Choice():
            return " | ".join((*field.options, *([f"a name from {field.of}"] if field.of else [])))
        case Shares():
            return f"names from {field.of} with shares that add up to 100 %, such as {{a: 60 %, b: 40 %}}"
        case Names():
            return f"a list of names from {field.of}, such as [a, b]"
        case Profile():
            return f"a table ({TABLES}) with day, hour, weight; or office; or evening; or flat"
        case Table():
            return f"a table ({TABLES}) with {field.columns}; or none"
        case Starts():
            return "shares of minutes of the hour, such as {on_the_hour: 55 %, half_past: 25 %}"
        case Section():
            return "a mapping with " + ", ".join(field.fields)
        case Named():
            return f"a mapping from the name of each {field.what} to what it is"
        case Listed():
            return f"a list, each {field.what} with one of {', '.join(field.forms)}"


def meaning(field: Field) -> str:
    """Return a field's help, with what each word means that may stand there."""
    words = field.options if isinstance(field, Choice) and isinstance(field.options, Mapping) else {}
    return ": ".join([field.help, *filter(None, ["; ".join(f"{word} = {text}" for word, text in words.items())])])


def default_words(field: Field | None) -> str:
    """Return a field's default in words; empty if there is none."""
    match field:
        case Text(default=""):
            return ""
        case Number(default=(value, low, high)):
            return _plain(f"{value} ({low} to {high})")
        case Text(form="name"):
            return "the key"
        case Text(form="columns"):
            return "date, kind, amount, hours, account"
        case Text(form="pages"):
            return NONE
        case Number(default=str(text)) | Text(default=str(text)) | Choice(default=str(text)):
            return _plain(text)
        case Shares(default=str(text)) | Profile(default=text):
            return text
        case Table() | Listed():
            return NONE
        case Starts(default=dict() as starts):
            return ", ".join(f"{name}: {share}" for name, share in starts.items())
        case _:
            return ""


def _plain(text: str) -> str:
    """Return a text of the table with words for its place holders: "money/month" for "{any}/month"."""
    for place, word in (("{money}", "money"), ("{any}", "money"), ("{credit}", "credit"), ("{key}", "currency")):
        text = text.replace(place, word)
    return text or "a bare number"
