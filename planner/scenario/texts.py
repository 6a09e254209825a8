"""What is not one number: texts, choices, shares and lists of names, each read as its field says."""

from __future__ import annotations

import math
import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from planner.model.inputs.observations import NAME
from planner.scenario import units
from planner.scenario.estimate import Entry
from planner.scenario.fields import INHERIT, REQUIRED, Choice, Names, Number, Shares, Text, in_words
from planner.scenario.numbers import Context, number
from planner.scenario.problem import Origin, did_you_mean
from planner.scenario.tree import Map, Node, Scalar, Seq, text_of, unknown

CURRENCY: Final = re.compile(r"[A-Z]{3}\Z")
_MONTH: Final = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])\Z", re.ASCII)
_WHOLE: Final = re.compile(r"(?:0|[1-9]\d{0,17})\Z", re.ASCII)
_SHARE: Final = Number("A share", "%", family="share", most=1.0, ranged=False)


def text(node: Node | None, one: Text, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the text at a path, checked for its form; None if a problem is noted."""
    if node is None:
        if one.default is REQUIRED:
            context.problems.add(at, path, "this is missing", in_words(one))
            return None
        return Entry(path, one.default, one.default, at, one.help, True)
    if not isinstance(node, Scalar) or not node.text.strip():
        context.problems.add(node.at, path, "wrong shape", in_words(one), text_of(node))
        return None
    if not fits(node.text, one):
        hint = did_you_mean(node.text, sorted(available_timezones())) if one.form == "timezone" else ""
        context.problems.add(node.at, path, f"this does not fit{hint}", in_words(one), node.text)
        return None
    return Entry(path, node.text, node.text, node.at, one.help, False)


def fits(words: str, one: Text) -> bool:
    """Return whether a text has the form that a field wants."""
    match one.form:
        case "currency":
            return bool(CURRENCY.match(words))
        case "month":
            return bool(_MONTH.match(words))
        case "whole":
            return bool(_WHOLE.match(words))
        case "unit":
            return bool(NAME.match(words)) and not words[0].isdigit() and not units.is_word(words)
        case "timezone":
            return _is_zone(words)
        case "any":
            return True


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def choice(node: Node | None, one: Choice, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the word at a path, one of those allowed; None if a problem is noted."""
    names = (*one.options, *(context.names.get(one.of, ()) if one.of else ()))
    if node is None:
        word = context.offer if one.default == INHERIT else one.default
        return Entry(path, word, str(word), at, one.help, True)
    if not isinstance(node, Scalar):
        context.problems.add(node.at, path, "wrong shape", in_words(one), text_of(node))
        return None
    if node.text not in names:
        unknown(context.problems, node, path, names, "word" if one.options else "name")
        return None
    return Entry(path, node.text, node.text, node.at, one.help, False)


def share(node: Node, path: str, context: Context) -> float | None:
    """Return one share [-]; None if a problem is noted."""
    estimate = number(node, _SHARE, path, node.at, context)
    return None if estimate is None else estimate.value


def shares(node: Node | None, one: Shares, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the shares by name at a path, which add up to 100 %; None if they come from elsewhere or are wrong."""
    problems = context.problems
    known = context.names.get(one.of, ())
    if not known:
        return None  # that there are none has been noted, and says enough
    if node is None:
        if one.default is REQUIRED:
            problems.add(at, path, "this is missing", in_words(one))
        if one.default != "evenly":
            return None
        return Entry(path, {name: 1 / len(known) for name in known}, "evenly", at, one.help, True)
    if not isinstance(node, Map) or not node.entries:
        problems.add(node.at, path, "wrong shape", in_words(one), text_of(node))
        return None
    before = len(problems.found)
    found: dict[str, float] = {}
    for key, value in node.items:
        if key.text not in known:
            unknown(problems, key, path, known, one.of.removesuffix("s"))
        elif (part := share(value, f"{path}.{key.text}", context)) is not None:
            found[key.text] = part
    total = math.fsum(found.values())
    if len(problems.found) == before and abs(total - 1) > 1e-6:
        problems.add(node.at, path, "the shares do not add up", "a sum of 100 %", f"{100 * total:.6g} %")
    if len(problems.found) > before:
        return None
    # what rounding in the file left over (three times 33.33333 %) goes to all in proportion
    return Entry(path, {name: part / total for name, part in found.items()}, text_of(node), node.at, one.help, False)


def names(node: Node | None, one: Names, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the list of names at a path; None if it is no list."""
    known = context.names.get(one.of, ())
    if node is None:
        return Entry(path, known, "as written", at, one.help, True)
    if not isinstance(node, Seq):
        context.problems.add(node.at, path, "wrong shape", in_words(one), text_of(node))
        return None
    found: list[str] = []
    for item in node.items:
        name = text_of(item)
        if name not in known:
            unknown(context.problems, Scalar(name, item.at), path, known, one.of.removesuffix("s"))
        elif name in found:
            context.problems.add(item.at, path, "this name is written twice", "each name once", name)
        else:
            found.append(name)
    return Entry(path, tuple(found), text_of(node), node.at, one.help, False)
