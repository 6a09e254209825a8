"""The table of fields as a JSON Schema, so that an editor completes a scenario and explains each entry."""

from collections.abc import Mapping
from typing import Any, Final

from planner.scenario import fields
from planner.scenario.fields import NONE, REQUIRED, Field, Section
from planner.scenario.numbers import PARTS
from planner.scenario.schema import OVERLAY, ROOT

Json = dict[str, Any]

_TEXT: Final = ["number", "string"]
_PLAIN: Final[Json] = {"type": _TEXT}
_PART: Final = {"value": _TEXT, "low": _TEXT, "high": _TEXT, "as_of": ["string", "integer"]}
_NUMBER: Final[Json] = {
    "anyOf": [
        _PLAIN | {"description": "Such as 6 users; or with a range: 6 users (4 to 9), or 4 to 9 users"},
        {
            "type": "object",
            "required": ["value"],
            "additionalProperties": False,
            "dependencies": {"low": ["high"], "high": ["low"]},
            "properties": {
                part: {"type": _PART.get(part, "string")} | {"description": text} for part, text in PARTS.items()
            },
        },
    ]
}
_SHARE: Final[Json] = {"type": "string", "pattern": "%"}
_ANY: Final[Json] = {"type": "object", "additionalProperties": True}


def whole() -> Json:
    """Return the JSON Schema of a scenario file: a whole one, or one with `base` and the keys of `OVERLAY`."""
    scenario = _section(ROOT.fields)
    other = {
        name: (_ANY if name in ("changes", "expect") else {"type": "string"}) | {"description": text}
        for name, text in OVERLAY.items()
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


def _section(inner: Mapping[str, Field]) -> Json:
    required = [name for name, field in inner.items() if _is_required(field)]
    return _object({name: _json(field) for name, field in inner.items()}, required)


def _is_required(field: Field) -> bool:
    match field:
        case fields.Number() | fields.Text() | fields.Choice() | fields.Shares():
            return field.default is REQUIRED
        case Section():
            return not field.optional and any(map(_is_required, field.fields.values()))
        case _:
            return isinstance(field, fields.Named) and field.least > 0


def _json(field: Field) -> Json:
    default, stop = fields.default_words(field), "" if field.help.endswith("?") else "."
    text = f"{fields.meaning(field)}{stop} Wanted: {fields.wanted_at(field)}."
    return _shape(field) | {"description": f"{text} Default: {default}." if default else text}


def _shape(field: Field) -> Json:
    match field:
        case fields.Number():
            return {"allOf": [{"$ref": "#/definitions/number"}]}
        case fields.Text():
            return {"allOf": [{"$ref": "#/definitions/words"}]}
        case fields.Choice():
            # to an editor of YAML 1.1 a bare `no` is false
            return {"type": ["string", "boolean"]} if field.of else {"enum": list(field.options)}
        case fields.Shares():
            return _object({}, other=_SHARE)
        case fields.Starts():
            return _object({"on_the_hour": _SHARE, "half_past": _SHARE}, other=_SHARE)
        case fields.Names():
            return {"type": "array", "items": {"type": "string"}}
        case fields.Profile() | fields.Table():
            return {"type": "string"}
        case Section():
            shape = _section(field.fields)
            return {"anyOf": [shape, {"const": NONE}]} if field.optional else shape
        case fields.Listed():
            return {"type": "array", "items": {"anyOf": [_section(form.fields) for form in field.forms.values()]}}
        case fields.Named():
            entry = {"anyOf": [_json(field.entry), {"const": NONE}]}
            shape = _object({name: _json(inner) for name, inner in field.fixed.items()}, other=entry)
            return shape | {"minProperties": field.least} if field.least else shape
