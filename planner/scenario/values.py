"""One entry of the tree, read as its field says: numbers with units, words, shares, names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from planner.scenario import units
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.fields import NONE, Choice, Names, Number, Shares, Text, in_words
from planner.scenario.problem import Origin, Problems, did_you_mean
from planner.scenario.tree import Map, Node, Scalar, Seq, text_of, unknown

PARTS: Final = ("value", "low", "high", "unit", "source", "as_of")
_DATE: Final = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?\Z")
_FORMS: Final = {
    "currency": re.compile(r"[A-Z]{3}\Z"),
    "month": re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])\Z"),
    "whole": re.compile(r"(?:0|[1-9]\d{0,17})\Z"),
    "unit": re.compile(r"[^\W\d_][\w-]{0,39}\Z"),
}


@dataclass(slots=True)
class Context:
    """What reading one entry needs to know of the others."""

    problems: Problems
    currency: str
    credits: Mapping[str, str]
    """The name of each network's unit."""
    offer: str
    """The offer's network."""
    sellers: Mapping[str, str]
    """The network of each seller."""
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The names given so far, by section."""

    def credit(self, path: str) -> str:
        """Return the name of the unit that credit has at a path."""
        parts = path.split(".")
        network = self.offer
        if parts[0] == "networks":
            network = parts[1]
        elif parts[:2] == ["spending", "sellers"]:
            network = self.sellers.get(parts[2], self.offer)
        return self.credits.get(network, "credit")


@dataclass(frozen=True, slots=True)
class _Read:
    """One number in base units."""

    value: float
    text: str
    scale: units.Scale
    unit: str
    currency: str | None
    whole: bool
    """Whether money is whole in minor units."""


class _Wrong(Exception):
    """One value is wrong: what, wanted."""

    def __init__(self, wrong: str, wanted: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.wanted = wanted


def number(node: Node | None, one: Number, path: str, at: Origin, context: Context) -> Estimate | None:
    """Return the estimate at a path; a problem is noted, and None returned.

    Parameters
    ----------
    node : Scalar, Seq, Map or None
        What is written; None = nothing [-].
    one : Number
        The field [-].
    path : str
        The dotted path [-].
    at : Origin
        Where it is written, or would be [-].
    context : Context
        The rest of the scenario; takes up problems [-].
    """
    is_default = node is None
    if node is None:
        node = _default(one, path, at, context)
    if node is None:
        return None
    whole = Map({"value": (Scalar("value", at), node)}, node.at) if isinstance(node, Scalar) else node
    if not isinstance(whole, Map):
        context.problems.add(node.at, path, "this is not a number", _wanted(one, path, context), text_of(node))
        return None
    before = len(context.problems.found)
    texts = _parts(whole, path, context)
    read = {name: _read(texts, name, one, path, context) for name in ("value", "low", "high")}
    if len(context.problems.found) > before:
        return None
    value, low, high = read["value"], read["low"], read["high"]
    _check_range(value, low, high, texts, one, path, context)
    return Estimate(
        path=path,
        value=value.value if value else None,
        low=low.value if low else None,
        high=high.value if high else None,
        unit=value.unit if value else units.base_text(_alternatives(one, path, context, None)[0], one.minor),
        text=value.text if value else NONE,
        low_text=low.text if low else None,
        high_text=high.text if high else None,
        source="default" if is_default else texts["source"].text if "source" in texts else "",
        as_of=texts["as_of"].text if "as_of" in texts else None,
        origin=at if is_default else node.at,
        family=one.family,
        help=one.help,
        is_default=is_default,
        scale=value.scale if value else units.Scale("", Fraction(1)),
        currency=value.currency if value else None,
    )


def _default(one: Number, path: str, at: Origin, context: Context) -> Node | None:
    """Return the schema's default as if it had been written; None if there is none."""
    if one.default is None:
        context.problems.add(at, path, "this is missing", _wanted(one, path, context))
        return None
    if one.default == "(from above)":
        return None
    texts = (one.default,) if isinstance(one.default, str) else one.default
    fill = {"money": context.currency, "credit": context.credit(path)}
    return Map(
        {
            name: (Scalar(name, at), Scalar(text.format_map(fill), at))
            for name, text in zip(("value", "low", "high"), texts, strict=False)
        },
        at,
    )


def _parts(whole: Map, path: str, context: Context) -> dict[str, Scalar]:
    """Return the parts of a number in its long form; note what is not as it should be."""
    parts: dict[str, Scalar] = {}
    for key, node in whole.items:
        if key.text not in PARTS:
            unknown(context.problems, key, path, PARTS, "part of a number")
        elif not isinstance(node, Scalar):
            context.problems.add(node.at, path, f"{key.text} has the wrong shape", "one number or text", text_of(node))
        else:
            parts[key.text] = node
    if "value" not in parts and "value" not in whole.entries:
        wanted = "value, and perhaps low, high, unit, source, as_of"
        context.problems.add(whole.at, path, "the value is missing", wanted, text_of(whole))
    for one, other in (("low", "high"), ("high", "low")):
        if one in whole.entries and other not in whole.entries:
            context.problems.add(parts.get(one, whole).at, path, f"{one} without {other}", "both or neither", one)
    date = parts.get("as_of")
    if date is not None and not _DATE.match(date.text):
        context.problems.add(date.at, path, "as_of is not a date", "2021, 2021-04 or 2021-04-30", date.text)
    return parts


def _read(texts: Mapping[str, Scalar], name: str, one: Number, path: str, context: Context) -> _Read | None:
    """Return value, low or high; None where there is none."""
    node = texts.get(name)
    if node is None:
        return None
    if name == "value" and node.text == NONE:
        if one.none:
            return None
        context.problems.add(node.at, path, "none cannot stand here", _wanted(one, path, context), node.text)
        return None
    if name != "value" and not one.ranged:
        wanted = "one number without low and high"
        context.problems.add(node.at, path, "this is decided, not estimated: it has no range", wanted, node.text)
        return None
    try:
        digits, suffix = units.number(node.text)
        stated = texts.get("unit")
        if stated is not None and suffix and name == "value":
            raise _Wrong("the unit is written twice", "it in the text or in unit:, not both")
        if not suffix:
            suffix = stated.text if stated is not None else "" if name == "value" else _unit_of(texts)
        read = _convert(digits, suffix, one, path, context)
        _check_bounds(read, one)
    except ValueError as error:
        context.problems.add(node.at, path, str(error), _wanted(one, path, context), node.text)
    except _Wrong as wrong:
        context.problems.add(node.at, path, wrong.wrong, wrong.wanted, node.text)
    else:
        return read
    return None


def _unit_of(texts: Mapping[str, Scalar]) -> str:
    """Return the unit of the value, which low and high take."""
    try:
        return units.number(texts["value"].text)[1] if "value" in texts else ""
    except ValueError:
        return ""


def _alternatives(one: Number, path: str, context: Context, currency: str | None) -> list[str]:
    """Return the units that a field takes, with the names of money and credit put in."""
    fill = {
        "money": context.currency,
        "any": currency or context.currency,
        "credit": context.credit(path),
        "key": path.rpartition(".")[2],
    }
    return [each.format_map(fill) for each in one.unit.split(" or ")]


def _wanted(one: Number, path: str, context: Context) -> str:
    """Return the units that a field takes, in words."""
    words = " or ".join(each or "a bare number" for each in _alternatives(one, path, context, None))
    return words + (", or another currency" if "{any}" in one.unit else "") + (", or none" if one.none else "")


def _convert(digits: Fraction, suffix: str, one: Number, path: str, context: Context) -> _Read:
    """Return a number in the base unit of the field."""
    credits = frozenset(context.credits.values())
    written = units.unit(suffix, credits)
    for each in _alternatives(one, path, context, written.currency if written.over == "money" else None):
        wanted = units.unit(each, credits)
        scale = units.scale(written, wanted, suffix, each, chance=one.chance, minor=one.minor)
        if scale is not None:
            break
    else:
        raise _Wrong("the unit is wrong" if suffix else "the unit is missing", _wanted(one, path, context))
    counted = written.currency if written.over in ("money", "credit") else None
    return _Read(
        value=scale.base(digits),
        text=units.plain(digits) + scale.suffix,
        scale=scale,
        unit=units.base_text(each, one.minor),
        currency=counted,
        whole=counted is None or not one.minor or (digits * 100).denominator == 1,
    )


def _check_bounds(read: _Read, one: Number) -> None:
    """Raise `_Wrong` for a value that cannot be."""
    value, words = read.value, read.scale.words
    most = 1.0 if read.unit == "-" and read.scale.suffix.endswith("%") else one.most
    if one.above and value <= one.least:
        raise _Wrong("this is too small", f"more than {words(one.least)}")
    if value < one.least:
        raise _Wrong("this is negative" if value < 0 else "this is too small", f"at least {words(one.least)}")
    if not value <= most:
        raise _Wrong("this is too large", f"at most {words(most)}")
    if one.whole and not value.is_integer():
        raise _Wrong("this is a fraction", "a whole number")
    if not read.whole:
        raise _Wrong("this is finer than the smallest coin", "at most two digits after the point")


def _check_range(
    value: _Read | None,
    low: _Read | None,
    high: _Read | None,
    texts: Mapping[str, Scalar],
    one: Number,
    path: str,
    context: Context,
) -> None:
    """Note a range that is upside down, or does not hold the value."""
    if low is None or high is None:
        return
    if value is None:
        context.problems.add(texts["low"].at, path, "none has no range", "no low and high", text_of(texts["low"]))
    elif low.currency != value.currency or high.currency != value.currency or low.unit != value.unit != high.unit:
        context.problems.add(texts["low"].at, path, "low and high have another unit", "the value's unit", low.text)
    elif low.value > high.value:
        context.problems.add(texts["low"].at, path, "low is above high", f"low at most {high.text}", low.text)
    elif not low.value <= value.value <= high.value:
        wanted = f"a value from {low.text} to {high.text}"
        context.problems.add(texts["value"].at, path, "the value lies outside low and high", wanted, value.text)


def text(node: Node | None, one: Text, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the text at a path, checked for its form."""
    is_default = node is None
    if node is None:
        if one.default is None:
            context.problems.add(at, path, "this is missing", in_words(one))
            return None
        node = Scalar(one.default, at)
    if not isinstance(node, Scalar) or (not node.text.strip() and not is_default):
        context.problems.add(node.at, path, "wrong shape", in_words(one), text_of(node))
        return None
    words = node.text
    form = _FORMS.get(one.form)
    if (form is not None and not form.match(words)) or (one.form == "timezone" and not _is_zone(words)):
        hint = _zone_hint(words) if one.form == "timezone" else ""
        context.problems.add(node.at, path, f"this does not fit{hint}", in_words(one), words)
        return None
    return Entry(path, words, words, node.at, one.help, is_default)


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _zone_hint(name: str) -> str:
    from zoneinfo import available_timezones

    return did_you_mean(name, sorted(available_timezones()))


def choice(node: Node | None, one: Choice, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the word at a path, one of those allowed."""
    names = (*one.options, *(context.names.get(one.of, ()) if one.of else ()))
    if node is None:
        word = context.offer if one.default == "(from above)" else one.default
        return Entry(path, word, str(word), at, one.help, True)
    if not isinstance(node, Scalar):
        context.problems.add(node.at, path, "wrong shape", in_words(one), text_of(node))
    elif node.text not in names:
        hint = did_you_mean(node.text, names)
        context.problems.add(node.at, path, f"unknown name{hint}", "one of " + ", ".join(names[:30]), node.text)
    else:
        return Entry(path, node.text, node.text, node.at, one.help, False)
    return None


def share(node: Node, path: str, context: Context) -> float | None:
    """Return one share of a mapping of shares [-]."""
    if isinstance(node, Scalar):
        estimate = number(node, replace(_SHARE, help=path), path, node.at, context)
        return estimate.value if estimate else None
    context.problems.add(node.at, path, "wrong shape", "a share, such as 60 %", text_of(node))
    return None


_SHARE: Final = Number("share", "%", None, "share", most=1.0, ranged=False)


def shares(node: Node | None, one: Shares, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the shares by name at a path; they add up to 100 %."""
    known = context.names.get(one.of, ())
    if node is None:
        if one.default == "evenly" and known:
            even = dict.fromkeys(known, 1 / len(known))
            return Entry(path, even, "evenly", at, one.help, True)
        if one.default is None:
            context.problems.add(at, path, "this is missing", in_words(one))
        return None
    if not isinstance(node, Map) or not node.entries:
        context.problems.add(node.at, path, "wrong shape", in_words(one), text_of(node))
        return None
    before = len(context.problems.found)
    found: dict[str, float] = {}
    for key, value in node.items:
        if key.text not in known:
            unknown(context.problems, key, path, known, one.of.removesuffix("s"))
        elif (part := share(value, f"{path}.{key.text}", context)) is not None:
            found[key.text] = part
    if len(context.problems.found) > before:
        return None
    total = math.fsum(found.values())
    if abs(total - 1) > 1e-6:
        context.problems.add(node.at, path, "the shares do not add up", "a sum of 100 %", f"{100 * total:.6g} %")
        return None
    # what rounding in the file left over (33.3333 %) goes to all in proportion
    return Entry(path, {name: part / total for name, part in found.items()}, text_of(node), node.at, one.help, False)


def names(node: Node | None, one: Names, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the list of names at a path."""
    known = context.names.get(one.of, ())
    if node is None:
        return Entry(path, known, ", ".join(known) or "nobody", at, one.help, True)
    if not isinstance(node, Seq):
        context.problems.add(node.at, path, "wrong shape", in_words(one), text_of(node))
        return None
    found: list[str] = []
    for item in node.items:
        if not isinstance(item, Scalar) or item.text not in known:
            unknown(context.problems, Scalar(text_of(item), item.at), path, known, one.of.removesuffix("s"))
        elif item.text in found:
            context.problems.add(item.at, path, "this name is written twice", "each name once", item.text)
        else:
            found.append(item.text)
    return Entry(path, tuple(found), text_of(node), node.at, one.help, False)
