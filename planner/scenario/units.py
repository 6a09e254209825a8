"""Numbers with units, as people write them, and the exact way to base units: "54 min" is 0.9 h."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

HOURS: Final = {
    "s": Fraction(1, 3600),
    "min": Fraction(1, 60),
    "h": Fraction(1),
    "day": Fraction(24),
    "week": Fraction(168),
    "month": Fraction(1461, 2),
    "year": Fraction(8766),
}
COUNTED: Final = frozenset({
    "account", "business", "camera", "core", "invoice", "job", "load", "meeting", "moderator", "node", "overload",
    "room", "stream", "user",
})  # fmt: skip
"""Things that are counted: above the line they may be left out (7, 7 users; 2/week, 2 meetings/week)."""
_SPELLINGS: Final = {
    "sec": "s", "second": "s", "minute": "min", "hour": "h", "hr": "h", "wk": "week", "yr": "year", "people": "user",
}  # fmt: skip
_SYMBOLS: Final = {"£": "GBP", "€": "EUR"}
NO_NUMBER: Final = "this is not a number"
NUMBER: Final = re.compile(
    r"\s*([£€$]?)\s*([+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,2}(?![0-9]))?)"
)
"""The sign of a currency and the digits with which a number begins."""
_PER: Final = re.compile(r"(?:^|\s+)(?:per|an?|each|every)\s+")
_NOTHING: Final = frozenset({"", "1", "x", "×", "time", "times"})
"""Above the line: what counts without saying what."""
CURRENCY: Final = re.compile(r"[A-Z]{3}\Z")
_MINOR: Final = 100
"""Minor units in one of money or credit."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The way between the unit a person wrote and the base unit."""

    suffix: str
    """What stands after the number: " min", "/week", " %"."""
    factor: Fraction
    """Base units in one written unit."""
    periods: Fraction = Fraction(1)
    """A chance over so many base periods: 12 for "5 %/year" in months; 1 = no chance, or the same period."""

    def base(self, number: Fraction) -> float:
        """Return a number in base units; a chance p over k periods is 1 - (1 - p)^(1/k) in each."""
        value = float(number * self.factor)
        return 1.0 - (1.0 - value) ** float(1 / self.periods) if self.periods != 1 and value <= 1.0 else value

    def words(self, value: float) -> str:
        """Return a value in base units in the written unit, to four digits or as many as whole numbers need."""
        if self.periods != 1:
            value = 1.0 - (1.0 - value) ** float(self.periods)
        number = value / float(self.factor)
        text = f"{number:.0f}" if abs(number) >= 1000 else f"{number:.4g}"
        return (f"{number:.9f}".rstrip("0").rstrip(".") if "e" in text else text) + self.suffix


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit taken apart: what stands before the `/`, and after it."""

    over: str
    """"time", "share", "money", "credit", something counted, "Mbit", or "" for nothing."""
    currency: str | None
    """The name of the money or credit above the line."""
    under: tuple[str, ...]
    """What stands below the line, sorted: ("account", "time"); money and credit with their name: "credit:credit"."""
    factor: Fraction
    """Of it in one: hours, minor units, parts of one."""
    per: Fraction = Fraction(1)
    """Hours of the time below the line."""


def number(text: str) -> tuple[Fraction, str]:
    """Return the number at the beginning of a text, exactly, and the unit's text after it."""
    match = NUMBER.match(text)
    if not match:
        raise ValueError(NO_NUMBER)
    symbol, digits = match.groups()
    rest = text[match.end() :]
    if symbol == "$":
        raise ValueError("'$' is the sign of several currencies: write USD or CAD after the number")
    if rest.startswith(","):
        raise ValueError("a comma in a number can be misread: write 1000 or 1.5")
    if rest.startswith(":"):
        raise ValueError("this reads as a time of day, or as a number to base sixty: write 9.5 h or 570 min")
    if rest[:1].isdigit() or rest.startswith((".", "_", "'")):
        raise ValueError("this is not a number of at most 18 digits")
    if re.match(r"[+-]?0[0-9]", digits):
        raise ValueError("a number that begins with 0 can be misread as one to base eight: write 10 for 010")
    unit = " ".join(rest.split())
    if symbol:
        unit = _SYMBOLS[symbol] + ("" if unit.startswith("/") or not unit else " ") + unit
    return Fraction(digits), unit


def suffix(text: str) -> str | None:
    """Return the unit of a number in a text; None if it is no number."""
    try:
        return number(text)[1]
    except ValueError:
        return None


def plain(digits: Fraction) -> str:
    """Return a number as one would write it, without exponent or needless zeros."""
    return f"{float(digits):.12f}".rstrip("0").rstrip(".") if digits.denominator > 1 else str(digits.numerator)


@lru_cache(maxsize=1024)
def unit(text: str, credit_names: Collection[str] = frozenset()) -> Unit:
    """Return a unit taken apart."""
    above, *below = (part.strip() for part in _PER.sub("/", text).split("/"))
    over, currency, factor = ("", None, Fraction(1)) if above in _NOTHING else kind_of(above, credit_names)
    under: list[str] = []
    hours = Fraction(1)
    for part in below:
        kind, name, size = kind_of(part, credit_names)
        if kind == "share":
            raise ValueError("'%' is allowed before the '/' only")
        hours *= size if kind == "time" else 1
        under.append(f"{kind}:{name}" if name else kind)
        factor /= size
    return Unit(over, currency, tuple(sorted(under)), factor, hours)


def kind_of(word: str, credit_names: Collection[str] = ()) -> tuple[str, str | None, Fraction]:
    """Return the kind of one word of a unit, the name of its money or credit, and how much of the kind it is."""
    if word == "%":
        return "share", None, Fraction(1, 100)
    if word == "Mbit":
        return "Mbit", None, Fraction(1)
    word = _SYMBOLS.get(word, word)
    for form in (word, word.removesuffix("s"), word + "s"):
        if form in credit_names:
            return "credit", form, Fraction(_MINOR)
    if CURRENCY.match(word):
        return "money", word, Fraction(_MINOR)
    lower = word.lower()
    for form in (lower, lower.removesuffix("s"), lower.removesuffix("es")):
        name = _SPELLINGS.get(form, form)
        if name in HOURS:
            return "time", None, HOURS[name]
        if name in COUNTED:
            return name, None, Fraction(1)
    raise ValueError(f"unknown unit '{word[:40]}'" if word else "a unit is missing beside '/'")


def scale(written: Unit, wanted: Unit, suffix: str, *, chance: bool, minor: bool) -> Scale | None:
    """Return the way from a written unit to a field's base unit; None if they do not measure the same thing."""
    left_out = written.over == "" and wanted.over in COUNTED
    same = (written.over, written.currency) == (wanted.over, wanted.currency)
    if written.under != wanted.under or not (left_out or same):
        return None
    base = wanted.factor
    if wanted.over == "share":
        base *= 100  # the base unit of a share is 1, not 1 %
    if minor:  # the base unit of money is the penny, above the line and below it
        base *= Fraction(_MINOR) ** sum(part.startswith(("money", "credit")) for part in wanted.under)
        base /= _MINOR if wanted.over in ("money", "credit") else 1
    factor, periods = written.factor / base, Fraction(1)
    if chance:
        periods = written.per / wanted.per
        factor *= periods
    space = "" if suffix.startswith("/") or not suffix else " "
    return Scale(space + suffix, factor, periods)


def base_text(base: str, *, minor: bool) -> str:
    """Return the name of a field's base unit."""
    above, line, below = base.partition("/")
    if above == "%":
        return "1" + line + below if line else "-"
    counted_in_minor = minor and above and above != "Mbit" and above not in HOURS and above not in COUNTED
    return ("minor " if counted_in_minor else "") + base or "-"
