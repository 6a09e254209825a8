"""The table of fields as a JSON Schema, so that an editor completes a scenario and explains each entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from planner.scenario.fields import (
    NONE,
    REQUIRED,
    Choice,
    Field,
    Named,
    Names,
    Number,
    Profile,
    Section,
    Shares,
    Starts,
    Table,
    Text,
    default_words,
    in_words,
)

Json = dict[str, Any]

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
                "value": _PLAIN | {"description": "The median"},
                "low": _PLAIN | {"description": "One case in ten lies below"},
                "high": _PLAIN | {"description": "One case in ten lies above"},
                "unit": {"type": "string", "description": "If it does not stand in the value"},
                "source": {"type": "string", "description": "Where it comes from; if from nowhere, write assumption"},
                "as_of": {"type": ["string", "integer"], "description": "2021, 2021-04 or 2021-04-30"},
            },
        },
    ]
}
_SHARE: Final[Json] = {"type": "string", "pattern": "%"}
_ANY: Final[Json] = {"type": "object", "additionalProperties": True}


def whole(root: Section, overlay: Mapping[str, str]) -> Json:
    """Return the JSON Schema of a scenario: a whole one, or one with `base` and the keys of `overlay`."""
    scenario = _object({name: _json(one) for name, one in root.fields.items()}, required=_required(root.fields))
    other = {
        name: (_ANY if name in ("changes", "expect") else {"type": "string"}) | {"description": text}
        for name, text in overlay.items()
    }
    scenario["properties"]["expect"] = other["expect"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A scenario of the planner",
        "definitions": {"number": _NUMBER, "words": {"type": ["string", "number", "boolean"]}},
        "if": {"required": ["base"]},
        "then": _object(other, required=["base", "title"]),
        "else": scenario,
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


def _json(one: Field) -> Json:
    default = default_words(one)
    stop = "" if one.help.endswith("?") else "."
    text = f"{one.help}{stop} Wanted: {in_words(one)}." + (f" Default: {default}." if default else "")
    return _shape(one) | {"description": text}


def _shape(one: Field) -> Json:
    match one:
        case Number():
            return {"allOf": [{"$ref": "#/definitions/number"}]}
        case Text():
            return {"allOf": [{"$ref": "#/definitions/words"}]}
        case Choice():
            # to an editor of YAML 1.1 a bare `no` is false
            return {"type": ["string", "boolean"]} if one.of else {"enum": list(one.options)}
        case Shares():
            return _object({}, other=_SHARE)
        case Starts():
            return _object({"on_the_hour": _SHARE, "half_past": _SHARE}, other=_SHARE)
        case Names():
            return {"type": "array", "items": {"type": "string"}}
        case Profile() | Table():
            return {"type": "string"}
        case Section():
            shape = _object({name: _json(inner) for name, inner in one.fields.items()}, _required(one.fields))
            return {"anyOf": [shape, {"const": NONE}]} if one.optional else shape
        case Named():
            entry = {"anyOf": [_json(one.entry), {"const": NONE}]}
            shape = _object({name: _json(inner) for name, inner in one.fixed.items()}, other=entry)
            return shape | {"minProperties": one.least} if one.least else shape
