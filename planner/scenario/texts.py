"""What is not one number: texts, choices, shares and lists of names, each read as its field says."""

import math
import re
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from planner.model.inputs import pages
from planner.model.inputs.observations import NAME
from planner.scenario import units
from planner.scenario.calibrated import FAILED, GOOD
from planner.scenario.estimate import Entry
from planner.scenario.fields import INHERIT, REQUIRED, Choice, Names, Number, Shares, Text, wanted_at
from planner.scenario.numbers import Context, number
from planner.scenario.problem import Origin, did_you_mean
from planner.scenario.tree import Map, Node, Scalar, Seq, text_of, unknown

MOST_IN_A_NAME: Final = 40
"""Of what people call a thing, as of its key [character]."""
CURRENCY: Final = re.compile(r"[A-Z]{3}\Z")
_FORMS: Final = {
    "currency": CURRENCY,
    "month": re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])\Z", re.ASCII),
    "day": re.compile(r"(?:19|20)\d\d-\d\d-\d\d\Z", re.ASCII),
    "fit": re.compile(rf"{GOOD}\Z|{FAILED}\S.*\Z"),
    # a letter or digit that is seen: what looks empty names nobody
    "line": re.compile("(?=.*[^\\W_\u115f\u1160\u3164\uffa0]).{1,200}\\Z"),
    "digits": re.compile(r"[0-9a-f]{12}\Z"),
    "whole": re.compile(r"(?:0|[1-9]\d{0,17})\Z", re.ASCII),
}
_SHARE: Final = Number("A share", "%", family="share", most=1.0, ranged=False)


def text(node: Node | None, field: Text, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the text at a path, checked for its form; None if a problem is noted."""
    if node is None:
        if field.default is REQUIRED:
            context.problems.add(at, path, "this is missing", wanted_at(field))
        if field.default is REQUIRED or field.default == INHERIT:
            return None
        return Entry(path, field.default, field.default, at, field.help, True)
    if not isinstance(node, Scalar) or not node.text.strip():
        context.problems.add(node.at, path, "wrong shape", wanted_at(field), text_of(node))
        return None
    if not fits(node.text, field):
        hint = did_you_mean(node.text, sorted(available_timezones())) if field.form == "timezone" else ""
        context.problems.add(node.at, path, f"this does not fit{hint}", wanted_at(field), node.text)
        return None
    return Entry(path, node.text, node.text, node.at, field.help, False)


def fits(words: str, field: Text) -> bool:
    """Return whether a text has the form that a field wants."""
    if field.form == "timezone":
        try:
            return bool(ZoneInfo(words).key)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return False
    if field.form == "unit":
        return bool(NAME.match(words)) and not words[0].isdigit() and not units.is_word(words)
    if field.form == "name":
        return _is_name(words)
    if field.form == "columns":
        return _are_columns(words)
    if field.form == "pages":
        return _are_pages(words)
    if field.form != "any" and not _FORMS[field.form].match(words):
        return False
    if field.form == "line":
        return words.isprintable()
    return field.form != "day" or _is_day(words)


def _are_columns(words: str) -> bool:
    """Return whether a text says how a statement names its columns."""
    from planner.readings import ReadingError, ledger  # noqa: PLC0415  # few scenarios say it

    try:
        ledger.columns(words)
    except ReadingError:
        return False
    return True


def _are_pages(words: str) -> bool:
    """Return whether a text says the pages of cameras in larger meetings."""
    try:
        pages.steps(words)
    except ValueError:
        return False
    return True


def _is_name(words: str) -> bool:
    """Return whether people can call something so: one line that shows whole, with a letter or a digit in it."""
    one_line = words.isprintable() and " ".join(words.split()) == words
    return one_line and len(words) <= MOST_IN_A_NAME and any(map(str.isalnum, words))


def _is_day(words: str) -> bool:
    try:
        return bool(date.fromisoformat(words))
    except ValueError:
        return False


def choice(node: Node | None, field: Choice, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the word at a path, one of those allowed; None if a problem is noted."""
    names = (*field.options, *(context.names.get(field.of, ()) if field.of else ()))
    if node is None:
        word = context.offer if field.default == INHERIT else field.default
        if word is REQUIRED:
            context.problems.add(at, path, "this is missing", wanted_at(field))
            return None
        return Entry(path, word, str(word), at, field.help, True)
    if not isinstance(node, Scalar):
        context.problems.add(node.at, path, "wrong shape", wanted_at(field), text_of(node))
        return None
    if node.text not in names:
        unknown(context.problems, node, path, names, "word" if field.options else "name")
        return None
    return Entry(path, node.text, node.text, node.at, field.help, False)


def share(node: Node, path: str, context: Context) -> float | None:
    """Return one share [-]; None if a problem is noted."""
    estimate = number(node, _SHARE, path, node.at, context)
    return None if estimate is None else estimate.value


def shares(node: Node | None, field: Shares, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the shares by name at a path, which add up to 100 %; None if they come from elsewhere or are wrong."""
    problems = context.problems
    known = context.names.get(field.of, ())
    if not known:
        return None  # that there are none has been noted, and says enough
    if node is None:
        if field.default is REQUIRED:
            problems.add(at, path, "this is missing", wanted_at(field))
        if field.default != "evenly":
            return None
        return Entry(path, {name: 1 / len(known) for name in known}, "evenly", at, field.help, True)
    if not isinstance(node, Map) or not node.entries:
        problems.add(node.at, path, "wrong shape", wanted_at(field), text_of(node))
        return None
    before = len(problems.found)
    parts: dict[str, float] = {}
    for key, value in node.items:
        if key.text not in known:
            unknown(problems, key, path, known, field.of.removesuffix("s"))
        elif (part := share(value, f"{path}.{key.text}", context)) is not None:
            parts[key.text] = part
    total = math.fsum(parts.values())
    if len(problems.found) == before and abs(total - 1) > 1e-6:
        problems.add(node.at, path, "the shares do not add up", "a sum of 100 %", f"{100 * total:.6g} %")
    if len(problems.found) > before:
        return None
    # what rounding in the file left over (three times 33.33333 %) goes to all in proportion
    return Entry(path, {name: part / total for name, part in parts.items()}, text_of(node), node.at, field.help, False)


def names(node: Node | None, field: Names, path: str, at: Origin, context: Context) -> Entry | None:
    """Return the list of names at a path; None if it is no list."""
    known = context.names.get(field.of, ())
    if node is None:
        return Entry(path, known, "as written", at, field.help, True)
    if not isinstance(node, Seq):
        context.problems.add(node.at, path, "wrong shape", wanted_at(field), text_of(node))
        return None
    names: list[str] = []
    for item in node.items:
        name = text_of(item)
        if name not in known:
            unknown(context.problems, Scalar(name, item.at), path, known, field.of.removesuffix("s"))
        elif name in names:
            context.problems.add(item.at, path, "this name is written twice", "each name once", name)
        else:
            names.append(name)
    return Entry(path, tuple(names), text_of(node), node.at, field.help, False)
