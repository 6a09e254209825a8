"""What is not one number: texts, choices, shares and lists of names, each read as its field says."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from planner import PlannerError
from planner.model.inputs import pages
from planner.model.inputs.observations import NAME
from planner.scenario import units
from planner.scenario.calibrated import FAILED, GOOD, NOT_KNOWN
from planner.scenario.fields import Choice, Form, Names, Number, Shares, Text, wanted_at
from planner.scenario.numbers import Context, number
from planner.scenario.problem import did_you_mean
from planner.scenario.tree import Map, Node, Scalar, Seq, text_of, unknown

MOST_IN_A_NAME: Final = 40
"""Of what people call a thing, as of its key [character]."""
_DAY: Final = re.compile(r"(?:19|20)\d\d-\d\d-\d\d\Z", re.ASCII)
# a letter or digit that is seen: what looks empty names nobody
_LINE: Final = re.compile("(?=.*[^\\W_\u115f\u1160\u3164\uffa0]).{1,200}\\Z")
_SHARE: Final = Number("A share", "%", family="share", most=1.0, ranged=False)


def _readable(words: str, read: Callable[[str], object]) -> bool:
    """Return whether a text is one that can be read."""
    try:
        read(words)
    except (PlannerError, ValueError, LookupError, OSError):
        return False
    return True


def _columns(words: str) -> object:
    from planner.readings import ledger  # noqa: PLC0415  # few scenarios say it

    return ledger.columns(words)


def _is_name(words: str) -> bool:
    """Return whether people can call something so: one line that shows whole, with a letter or a digit in it."""
    one_line = words.isprintable() and " ".join(words.split()) == words
    return one_line and len(words) <= MOST_IN_A_NAME and any(map(str.isalnum, words))


_FITS: Final[Mapping[Form, Callable[[str], object]]] = {
    "any": lambda _: True,
    "currency": units.CURRENCY.match,
    "timezone": lambda words: _readable(words, ZoneInfo),
    "month": re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])\Z", re.ASCII).match,
    "day": lambda words: _DAY.match(words) and _readable(words, date.fromisoformat),
    "whole": re.compile(r"(?:0|[1-9]\d{0,17})\Z", re.ASCII).match,
    "unit": lambda words: NAME.match(words) and not words[0].isdigit() and not _readable(words, units.kind_of),
    "fit": re.compile(rf"{GOOD}\Z|(?:{FAILED}|{NOT_KNOWN})\S.*\Z").match,
    "name": _is_name,
    "line": lambda words: words.isprintable() and _LINE.match(words),
    "digits": re.compile(r"[0-9a-f]{12}\Z").match,
    "columns": lambda words: _readable(words, _columns),
    "pages": lambda words: _readable(words, pages.steps),
}


def fits(words: str, field: Text) -> bool:
    """Return whether a text has the form that a field wants."""
    return bool(_FITS[field.form](words))


def text(node: Scalar, field: Text, path: str, context: Context) -> str | None:
    """Return a text, checked for its form; None if a problem is noted, as below."""
    if fits(node.text, field):
        return node.text
    hint = did_you_mean(node.text, sorted(available_timezones())) if field.form == "timezone" else ""
    context.problems.add(node.at, path, f"this does not fit{hint}", wanted_at(field), node.text)
    return None


def choice(node: Scalar, field: Choice, path: str, context: Context) -> str | None:
    """Return a word, one of those allowed."""
    names = (*field.options, *(context.names.get(field.of, ()) if field.of else ()))
    if node.text in names:
        return node.text
    unknown(context.problems, node, path, names, "word" if field.options else "name")
    return None


def share(node: Node, path: str, context: Context) -> float | None:
    """Return one share [-]; None if a problem is noted."""
    estimate = number(node, _SHARE, path, node.at, context)
    return None if estimate is None else estimate.value


def shares(node: Map, field: Shares, path: str, context: Context) -> dict[str, float] | None:
    """Return shares by name, which add up to 100 %."""
    problems, known = context.problems, context.names[field.of]
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
    # what rounding in the file left over (three times 33.33333 %) goes to all in proportion
    return None if len(problems.found) > before else {name: part / total for name, part in parts.items()}


def names(node: Seq, field: Names, path: str, context: Context) -> tuple[str, ...]:
    """Return a list of names."""
    known = context.names.get(field.of, ())
    names: list[str] = []
    for item in node.items:
        name = text_of(item)
        if name not in known:
            unknown(context.problems, Scalar(name, item.at), path, known, field.of.removesuffix("s"))
        elif name in names:
            context.problems.add(item.at, path, "this name is written twice", "each name once", name)
        else:
            names.append(name)
    return tuple(names)
