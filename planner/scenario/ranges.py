"""Ranges as people say them: "4 to 9 users", "about 2/week (1 to 4)"; the units said once go for all."""

import re
from dataclasses import dataclass
from typing import Final

from planner.scenario import units

EXAMPLE: Final = "a range such as 4 to 9 users, or 6 users (4 to 9)"
_ABOUT: Final = "about|around|roughly"
_PHRASE: Final = re.compile(rf"(?P<about>(?:{_ABOUT}) )?(?:from )?(?P<head>[^()]*?)(?: ?\((?P<inner>[^()]*)\))?", re.I)
_TO: Final = re.compile(r" to ", re.I)
_MISREAD: Final = re.compile(
    rf"""(?P<lead>(?:[^()]*\()? (?:(?:{_ABOUT}|from|between)\ )*)
    (?P<low>[£€$]?\ ? (?>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?) (?:(?!\ to\ )[^\d()])*?)
    \ ?(?P<sign>[-\u2010-\u2015\u2212~…±] | \.{{2,}} | \+/?- | \ (?:bis|and|or|until|till|à)\  | (?<=\d)to(?=\d))\ ?
    (?P<high>[£€$]?\.?\d.*)""",
    re.IGNORECASE | re.VERBOSE,
)
"""Two numbers with something else than " to " between them: a minus, a date or a product could be meant."""


class Wrong(ValueError):
    """A number that cannot be: what is wrong, what is wanted; perhaps how to write what was meant."""

    def __init__(self, wrong: str, wanted: str, write: str = "") -> None:
        super().__init__(wrong)
        self.wanted, self.write = wanted, write


@dataclass(frozen=True, slots=True)
class Said:
    """A range as it was said, each number with its unit."""

    value: str | None
    """None where the two ends alone are said."""
    low: str
    high: str


def said(text: str, unit: str = "") -> Said | None:
    """Return the range that a text says, in `unit` where it names none; None if it says no range."""
    words = " ".join(text.split())
    if (slip := _MISREAD.match(words)) is not None:
        raise Wrong(f"'{slip['sign'].strip()}' between two numbers can be misread", _put_right(slip))
    phrase = _PHRASE.fullmatch(words)
    if phrase is None:
        raise Wrong("these brackets hold no range", EXAMPLE)
    value, ends = (None, phrase["head"]) if phrase["inner"] is None else (phrase["head"], phrase["inner"])
    low, *others = (each.strip() for each in _TO.split(ends))
    if not others and value is None:
        if phrase["about"]:
            raise Wrong(f"'{phrase['about'].strip()}' says nothing of how far it may be off", EXAMPLE)
        return None
    if len(others) != 1:
        raise Wrong("this is no range", EXAMPLE)
    high = others[0]
    if value is None or value == "none":  # the reader says that there is no range around `none`
        return Said(value, *_with_units((low, high), unit))
    return Said(*_with_units((value, low, high), unit))


def _put_right(slip: re.Match[str]) -> str:
    """Return what was meant, as it is to be written; an example where that cannot be known."""
    lead = re.sub("between ", "", slip["lead"], flags=re.I)
    right = f"{lead}{slip['low']} to {slip['high']}"
    try:
        known = said(right) is not None and slip["sign"] not in {"±", "+-", "+/-"}
    except ValueError:
        known = False
    return right if known else EXAMPLE


def unit_of(text: str) -> str | None:
    """Return the unit of a number or of a range in a text; None if it is neither."""
    try:
        whole = said(text)
    except ValueError:
        return None
    return units.suffix(text if whole is None else whole.high)


def with_unit(text: str, unit: str) -> str:
    """Return a number or range that names no unit, with one."""
    words = text.rstrip()
    return f"{words[:-1]} {unit})" if words.endswith(")") and unit else f"{words} {unit}".strip()


def written(value: str, low: str, high: str, unit: str) -> str:
    """Return a number as it is said, with its range if it has one: "2/week (1 to 4)"."""
    whole = f"{value}{unit if unit.startswith('/') else f' {unit}'.rstrip()}"
    return f"{whole} ({low} to {high})" if low and high else whole


def _with_units(numbers: tuple[str, ...], unit: str) -> list[str]:
    """Return numbers, each with the unit and the sign of a currency that one of them has or, if none has, `unit`."""
    for text in numbers:  # what is wrong with a number is said of it as it was written
        if re.search(r"\d", units.number(text)[1]):
            raise Wrong("this is no range", EXAMPLE)
    parts = [_parts(text) for text in numbers]
    if unit and any(before or behind for before, _, behind in parts):
        raise Wrong("the unit is written twice", "it in the text or in unit:, not in both")
    common = next((behind for _, _, behind in (*parts[:-2], *parts[:-3:-1]) if behind), unit)  # value, high, low
    sign = next((before for before, _, _ in parts if before), "")
    whole = []
    for before, digits, behind in parts:
        below = "".join(common.partition("/")[1:]) if before else common
        bare = (behind or below)[:1] in ("", "/")
        whole.append(f"{before or (sign if bare else '')}{digits}{'' if bare else ' '}{behind or below}")
    return whole


def _parts(text: str) -> tuple[str, str, str]:
    """Return the sign of a currency before a number, its digits, and the unit behind it."""
    match = units.NUMBER.match(text)
    assert match is not None
    return match[1], match[2], re.sub(r"\Aper ", "/", text[match.end() :].strip())
