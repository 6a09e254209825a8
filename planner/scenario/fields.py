"""The kinds of entry that a scenario can have, each with its help, default and bounds; and their JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from planner.scenario.estimate import Family

INHERIT: Final = "(from above)"
"""Default of a number that, left out, is taken from a more general place of the scenario."""
NONE: Final = "none"
REQUIRED: Final = None

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Number:
    """One number with a unit, perhaps with a range."""

    help: str
    unit: str
    """Base unit, or several with " or "; {money} = the scenario's currency, {any} = any currency, {credit} = the
    network's unit, {key} = the entry's own name."""
    default: str | tuple[str, str, str] | None = REQUIRED
    """As a person would write it: a value, or value, low and high."""
    family: Family = "positive"
    least: float = 0.0
    """The smallest value [base unit]; `above` forbids the bound itself."""
    above: bool = False
    most: float = 1e9
    none: bool = False
    """Whether `none` may be written."""
    ranged: bool = True
    """False = a decision or a fact of the software: no range."""
    chance: bool = False
    """A chance per period: "5 %/year" is made one per month so that a year of them gives 5 %."""
    minor: bool = True
    """Money and credit in minor units; False = a rate of exchange."""

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return self.family in ("count", "limit")


@dataclass(frozen=True, slots=True)
class Text:
    """Free text, or text of a given form."""

    help: str
    default: str | None = REQUIRED
    form: Literal["any", "currency", "timezone", "month", "whole", "unit"] = "any"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words, or one of the names given elsewhere."""

    help: str
    options: tuple[str, ...] = ()
    default: str | None = REQUIRED
    """INHERIT: the first network, or the offer's."""
    of: str | None = None
    """"nodes", "levels", "networks" or "sellers": their names are allowed too."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares by name that add up to 100 %."""

    help: str
    of: str
    default: Literal["evenly", "(from above)"] | None = REQUIRED


@dataclass(frozen=True, slots=True)
class Names:
    """A list of names given elsewhere, in order of preference; left out = all of them as written."""

    help: str
    of: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A CSV file with day, hour, weight; or `office` or `flat`."""

    help: str
    default: str


@dataclass(frozen=True, slots=True)
class Starts:
    """Shares of the meetings that start at given minutes of the hour; the rest evenly."""

    help: str
    default: Mapping[str, str] | None
    """None = from above."""


@dataclass(frozen=True, slots=True)
class Section:
    """Entries with fixed names."""

    help: str
    fields: Mapping[str, Field]
    optional: bool = False
    """Whether it may be left out or `none`, and is then not there at all."""


@dataclass(frozen=True, slots=True)
class Named:
    """Entries whose names the author chooses, or takes from elsewhere; and perhaps some with fixed names."""

    help: str
    what: str
    """One of them in words: "node"."""
    entry: Field
    fixed: Mapping[str, Field] = field(default_factory=dict)
    refers: str | None = None
    """"levels": the names must be among those."""
    key: str | None = None
    """"nodes": where other entries look the names up."""
    least: int = 0


Field = Number | Text | Choice | Shares | Names | Profile | Starts | Section | Named


def inherited(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the same fields for a more special place: what is left out there comes from the general one."""
    out: dict[str, Field] = {}
    for name, one in fields.items():
        match one:
            case Number() | Profile():
                out[name] = replace(one, default=INHERIT)
            case Starts():
                out[name] = replace(one, default=None)
            case _:
                out[name] = one
    return out


def field_at(root: Section, path: str) -> Field | None:
    """Return the field that a dotted path leads to, or None where there is none."""
    at: Field = root
    for part in path.split("."):
        if isinstance(at, Section) and part in at.fields:
            at = at.fields[part]
        elif isinstance(at, Named):
            at = at.fixed.get(part, at.entry)
        else:
            return None
    return at


def in_words(one: Field) -> str:
    """Return what is wanted at a field, for messages and for the JSON Schema's descriptions."""
    match one:
        case Number():
            return plain_unit(one.unit) + (" or none" if one.none else "")
        case Choice():
            names = [f"a name from {one.of}"] if one.of else []
            return " | ".join((*one.options, *names))
        case Shares():
            return f"names from {one.of} with shares that add up to 100 %, such as {{a: 60 %, b: 40 %}}"
        case Names():
            return f"a list of names from {one.of}, such as [a, b]"
        case Profile():
            return "a CSV file with day, hour, weight; or office; or flat"
        case Starts():
            return "shares of minutes of the hour, such as {on_the_hour: 55 %, half_past: 25 %}"
        case Section():
            return "a mapping with " + ", ".join(one.fields)
        case Named():
            return f"a mapping from each {one.what}'s name to what it is"
        case Text():
            return {"month": "a month, such as 2021-04", "currency": "a currency, such as GBP",
                    "timezone": "a time zone, such as Europe/London", "whole": "a whole number",
                    "unit": "a word, such as credit", "any": "text"}[one.form]  # fmt: skip


def plain_unit(unit: str) -> str:
    """Return a unit of the table without place holders: "money/month" for "{any}/month"."""
    for place, word in (("{money}", "money"), ("{any}", "money"), ("{credit}", "credit"), ("{key}", "currency")):
        unit = unit.replace(place, word)
    return unit or "a bare number"


# ---- JSON Schema ---------------------------------------------------------------------------------------------------


def json_schema(root: Section, overlay: Mapping[str, str]) -> Json:
    """Return the JSON Schema of a scenario: a whole one, or one with `base` and the keys of `overlay`."""
    whole = _object({name: _json(one) for name, one in root.fields.items()}, required=_required(root.fields))
    change: Json = {"type": "object", "additionalProperties": True}
    kinds: dict[str, Json] = {"changes": change, "expect": {"type": "object", "additionalProperties": True}}
    other = {name: kinds.get(name, {"type": "string"}) | {"description": text} for name, text in overlay.items()}
    whole["properties"]["expect"] = other["expect"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A scenario of the planner",
        "definitions": {"number": _NUMBER, "words": {"type": ["string", "number", "boolean", "null"]}},
        "if": {"required": ["base"]},
        "then": _object(other, required=["base", "title"]),
        "else": whole,
    }


_PLAIN: Final[Json] = {"type": ["number", "string"]}
_NUMBER: Final[Json] = {
    "anyOf": [
        _PLAIN,
        {
            "type": "object",
            "required": ["value"],
            "additionalProperties": False,
            "dependencies": {"low": ["high"], "high": ["low"]},
            "properties": {
                "value": _PLAIN | {"description": "the median"},
                "low": _PLAIN | {"description": "one case in ten lies below"},
                "high": _PLAIN | {"description": "one case in ten lies above"},
                "unit": {"type": "string", "description": "if it does not stand in the value"},
                "source": {"type": "string", "description": "where it comes from; no source = write assumption"},
                "as_of": {"type": ["string", "integer"], "description": "2021, 2021-04 or 2021-04-30"},
            },
        },
    ]
}


def _object(properties: Json, required: list[str] | None = None, other: Json | bool = False) -> Json:
    out: Json = {"type": "object", "properties": properties, "additionalProperties": other}
    return out | {"required": required} if required else out


def _required(fields: Mapping[str, Field]) -> list[str]:
    return [name for name, one in fields.items() if _is_required(one)]


def _is_required(one: Field) -> bool:
    match one:
        case Number() | Text() | Choice() | Shares():
            return one.default is REQUIRED
        case Section():
            return not one.optional and bool(_required(one.fields))
        case Named():
            return one.least > 0
        case _:
            return False


def central_default(one: Number) -> str:
    """Return a number's default without its range; empty if there is none."""
    return (one.default if isinstance(one.default, str) else one.default[0]) if one.default else ""


def default_words(one: Field | None) -> str:
    """Return a field's default in words; empty if there is none."""
    match one:
        case Number(default=(value, low, high)):
            return f"{value} ({low} to {high})"
        case Number() | Text() | Choice() | Shares() | Profile():
            return plain_unit(str(one.default)) if one.default is not REQUIRED else ""
        case Starts(default=dict() as starts):
            return ", ".join(f"{name}: {share}" for name, share in starts.items())
        case _:
            return ""


def _json(one: Field) -> Json:
    default = default_words(one)
    text = f"{one.help}. Wanted: {in_words(one)}." + (f" Default: {default}." if default else "")
    share: Json = {"type": "string", "pattern": "%"}
    shapes: Json
    match one:
        case Number():
            shapes = {"allOf": [{"$ref": "#/definitions/number"}]}
        case Text():
            shapes = {"allOf": [{"$ref": "#/definitions/words"}]}
        case Choice():
            shapes = {"type": ["string", "boolean"]} if one.of else {"enum": list(one.options)}
        case Shares():
            shapes = _object({}, other=share)
        case Starts():
            shapes = _object({"on_the_hour": share, "half_past": share}, other=share)
        case Names():
            shapes = {"type": "array", "items": {"type": "string"}}
        case Profile():
            shapes = {"type": "string"}
        case Section():
            shapes = _object({name: _json(inner) for name, inner in one.fields.items()}, _required(one.fields))
            shapes = {"anyOf": [shapes, {"const": NONE}]} if one.optional else shapes
        case Named():
            entry = {"anyOf": [_json(one.entry), {"const": NONE}]}
            shapes = _object({name: _json(inner) for name, inner in one.fixed.items()}, other=entry)
            shapes |= {"minProperties": one.least} if one.least else {}
    return shapes | {"description": text}
