"""Numbers with units, as people write them, and the way to base units: "54 min" is 0.9 h.

Everything is exact until the last step (fractions), so "0.3 %" is the float nearest to 0.003 and 9.99 GBP are
999 pence. A month is 365.25/12 days.
"""

from __future__ import annotations

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
NOUNS: Final = frozenset(
    "user room stream account business meeting moderator camera overload invoice job node load Mbit".split()
)
"""Things that are counted: they may be left out above the line (7, 7 users; 2/week, 2 meetings/week)."""
SPELLINGS: Final = {
    "sec": "s", "second": "s", "minute": "min", "hour": "h", "hr": "h",
    "businesse": "business", "people": "user", "person": "user", "mbit": "Mbit",
}  # fmt: skip
SYMBOLS: Final = {"£": "GBP", "€": "EUR"}
_NUMBER: Final = re.compile(r"\s*([£€$]?)\s*([+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,2}(?!\d))?)")
_CURRENCY: Final = re.compile(r"[A-Z]{3}\Z")


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
        """Return the number in base units."""
        value = float(number * self.factor)
        return 1.0 - (1.0 - value) ** float(1 / self.periods) if self.periods != 1 and value <= 1.0 else value

    def words(self, value: float) -> str:
        """Return a value in base units in the written unit, to four digits or as many as whole numbers need."""
        if self.periods != 1:
            value = 1.0 - (1.0 - value) ** float(self.periods)
        number = value / float(self.factor)
        return _plain(number) + self.suffix


def _plain(number: float) -> str:
    """Return a number without exponent: 0.05, 1234, 12.35."""
    text = f"{number:.0f}" if abs(number) >= 1000 else f"{number:.4g}"
    return text if "e" not in text else f"{number:.10f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit taken apart: what stands above the line, and below it."""

    over: str
    """"time", "share", "money", "credit", a noun, or "" for nothing."""
    currency: str | None
    """The money or credit above the line."""
    under: tuple[str, ...]
    """What stands below the line, sorted: ("account", "time"); money and credit with their name: "credit:credit"."""
    factor: Fraction
    """Hours, minor units, shares of one in one of it."""
    per: Fraction = Fraction(1)
    """Hours of the time below the line."""


def number(text: str) -> tuple[Fraction, str]:
    """Return the number at the beginning of `text`, exactly, and the unit's text after it.

    Raises
    ------
    ValueError
        If there is no number, or one that can be misread; the message says what to write.

    Examples
    --------
    >>> number("54 min")
    (Fraction(54, 1), 'min')
    >>> number("£9.50/month")
    (Fraction(19, 2), 'GBP/month')
    """
    match = _NUMBER.match(text)
    if not match:
        raise ValueError("this is not a number")
    symbol, digits = match.groups()
    rest = text[match.end() :]
    if symbol == "$":
        raise ValueError("'$' is the sign of several currencies, write USD or CAD")
    if rest.startswith(","):
        raise ValueError("a comma in a number can be misread, write 1000 or 1.5")
    if rest.startswith(":"):
        raise ValueError("this reads as a time of day or as base sixty, write 9.5 h or 570 min")
    if rest[:1].isdigit() or rest.startswith((".", "_", "'")):
        raise ValueError("this is not a number of at most 18 digits")
    if re.match(r"[+-]?0\d", digits):
        raise ValueError("a leading zero can be misread as base eight, write the number without it")
    unit = " ".join(rest.split())
    if symbol:
        unit = SYMBOLS[symbol] + ("" if unit.startswith("/") or not unit else " ") + unit
    return Fraction(digits), unit


@lru_cache(maxsize=1024)
def unit(text: str, credits: Collection[str] = frozenset()) -> Unit:
    """Return a unit taken apart.

    Parameters
    ----------
    text : str
        Such as "GBP/month", "%", "/week", "min/account/month", or "" [-].
    credits : collection of str
        Names of the networks' units [-].

    Raises
    ------
    ValueError
        If a word of it is unknown.
    """
    above, *below = (part.strip() for part in re.sub(r"\s+per\s+", "/", text).split("/"))
    kind, currency, factor = ("", None, Fraction(1)) if above in ("", "1") else _token(above, credits)
    under: list[str] = []
    hours = Fraction(1)
    for part in below:
        name, code, scale = _token(part, credits)
        if name == "share":
            raise ValueError("'%' stands above the line")
        if name == "time":
            hours *= scale
        under.append(f"{name}:{code}" if code else name)
        factor /= scale
    return Unit(kind, currency, tuple(sorted(under)), factor, hours)


def _token(word: str, credits: Collection[str]) -> tuple[str, str | None, Fraction]:
    """Return the kind of one word of a unit, its currency, and its size."""
    if word == "%":
        return "share", None, Fraction(1, 100)
    if word in SYMBOLS:
        word = SYMBOLS[word]
    if word in credits or (word.endswith("s") and word[:-1] in credits):
        return "credit", word if word in credits else word[:-1], Fraction(100)
    lower = word.lower()
    for form in (lower, lower.removesuffix("s"), lower.removesuffix("es")):
        form = SPELLINGS.get(form, form)
        if form in HOURS:
            return "time", None, HOURS[form]
        if form in NOUNS:
            return form, None, Fraction(1)
    if _CURRENCY.match(word):
        return "money", word, Fraction(100)
    raise ValueError(f"unknown unit '{word[:40]}'" if word else "a unit is missing beside '/'")


def scale(written: Unit, wanted: Unit, suffix: str, base: str, *, chance: bool, minor: bool) -> Scale | None:
    """Return the way from a written unit to a field's base unit, or None if they do not measure the same thing.

    Parameters
    ----------
    written, wanted : Unit
        What a person wrote, and what the field is in [-].
    suffix, base : str
        The same as text [-].
    chance : bool
        Whether it is a chance per period, which is compounded and not divided [-].
    minor : bool
        Whether the base unit of money is its minor unit [-].
    """
    omitted = written.over == "" and wanted.over in NOUNS
    if written.under != wanted.under or not (omitted or (written.over, written.currency) == (wanted.over, wanted.currency)):
        return None
    one = wanted.factor
    if wanted.over == "share":
        one *= 100  # the base unit of a share is 1, not 1 %
    if minor:  # the base unit of money is the penny, above the line and below it
        one *= Fraction(100) ** (sum(part.startswith(("money", "credit")) for part in wanted.under))
        one /= 100 if wanted.over in ("money", "credit") else 1
    factor, periods = written.factor / one, Fraction(1)
    if chance:
        periods = written.per / wanted.per
        factor *= periods
    space = "" if suffix.startswith("/") or not suffix else " "
    return Scale(space + suffix, factor, periods)


def base_text(base: str, minor: bool) -> str:
    """Return the name of a field's base unit.

    Examples
    --------
    >>> base_text("GBP/month", True), base_text("%/month", True), base_text("%", True)
    ('minor GBP/month', '1/month', '-')
    """
    above, line, below = base.partition("/")
    if above == "%":
        return "1" + line + below if line else "-"
    money = _CURRENCY.match(above) or (above and above not in HOURS and above not in NOUNS)
    return ("minor " if minor and money else "") + base or "-"


def plain(digits: Fraction) -> str:
    """Return a number as it was written, without sign of exponent or needless zeros."""
    if digits.denominator == 1:
        return str(digits.numerator)
    return f"{float(digits):.10f}".rstrip("0").rstrip(".") if abs(digits) >= Fraction(1, 10**6) else f"{float(digits):.12g}"
