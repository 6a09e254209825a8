"""One number of the tree, read as its field says: value, low and high in base units, or what is wrong with them."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from planner.model.inputs import distributions
from planner.scenario import ranges, units
from planner.scenario.estimate import Estimate
from planner.scenario.fields import INHERIT, NONE, REQUIRED, Number
from planner.scenario.problem import Origin, Problems
from planner.scenario.ranges import Wrong
from planner.scenario.tree import Map, Node, Scalar, says, text_of, unknown

PARTS: Final = {
    "value": "The median; or a range as people say it: 6 users (4 to 9), or 4 to 9 users",
    "low": "One case in ten lies below",
    "high": "One case in ten lies above",
    "unit": "If it does not stand in the value",
    "source": "Where it comes from; if from nowhere, write assumption",
    "as_of": "2021, 2021-04 or 2021-04-30",
}
"""The parts of a number in its long form, in their usual order, each with what it says."""
SMALLEST: Final = 1e-9
"""Of any number but 0: smaller ones are slips, and what is divided by them has no end [base unit]."""
_ONE_VALUE: Final = ("this takes one value, not a range", "one number without low and high")
_DATE: Final = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?\Z", re.ASCII)


@dataclass(slots=True)
class Context:
    """What reading one entry needs to know of the others."""

    problems: Problems
    currency: str
    credit_names: Mapping[str, str]
    offer: str
    sellers: Mapping[str, str]
    """What each network calls its unit; the offer's network; the network of each seller."""
    names: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """The names given so far, by section."""

    def fill(self, path: str) -> dict[str, str]:
        """Return what money and credit are called at a path, by their place holders."""
        first, second, third, *_ = (*path.split("."), "", "")
        network = self.offer
        if first == "networks":
            network = second
        elif (first, second) == ("spending", "sellers"):
            network = self.sellers.get(third, self.offer)
        return {"money": self.currency, "credit": self.credit_names.get(network, "credit")}


@dataclass(frozen=True, slots=True)
class _Read:
    """One number in base units."""

    value: float
    text: str
    scale: units.Scale
    unit: str
    currency: str | None

    @property
    def is_share(self) -> bool:
        """Whether it was written in %."""
        return self.unit == "-" and self.scale.suffix.endswith("%")


def number(node: Node | None, field: Number, path: str, at: Origin, context: Context) -> Estimate | None:
    """Return the estimate at a path; None if it comes from a more general place, or a problem is noted."""
    is_default = node is None
    if node is None:
        if field.default is REQUIRED:
            context.problems.add(at, path, "this is missing", _wanted(field, path, context))
        if field.default is REQUIRED or field.default == INHERIT:
            return None
        texts = (field.default,) if isinstance(field.default, str) else field.default
        default = zip(("value", "low", "high"), (text.format_map(context.fill(path)) for text in texts), strict=False)
        node = Map.of(dict(default), at)
    if isinstance(node, Scalar):
        node = Map({"value": (Scalar("value", node.at), node)}, node.at)
    if not isinstance(node, Map):
        wanted = f"one (unit: {_wanted(field, path, context)})"
        context.problems.add(node.at, path, units.NO_NUMBER, wanted, text_of(node))
        return None
    before = len(context.problems.found)
    parts = _parts(node, path, context)
    phrase = _spelt_out(parts, field, path, context)
    read: dict[str, _Read | None] = {}
    for name in ("low", "high", "value"):
        if phrase and len(context.problems.found) > before:
            return None  # one phrase, one problem
        if name == "value" and (low := read["low"]) and (high := read["high"]) and phrase and name not in parts:
            text, how = _middle(low, high, field)
            parts[name] = Scalar(text, node.at)
            phrase += f"; no value is said, so it is taken as {text}, {how}"
        read[name] = _read(parts, name, field, path, context)
    if len(context.problems.found) == before:
        _check_range(read, parts, path, context)
    if len(context.problems.found) > before:
        return None
    low, high, value = read.values()
    first = _alternatives(field, path, context, None)[0]
    return Estimate(
        path=path,
        value=value.value if value else None,
        low=low.value if low else None,
        high=high.value if high else None,
        unit=value.unit if value else units.base_text(first, minor=field.minor),
        text=value.text if value else NONE,
        low_text=low.text if low else None,
        high_text=high.text if high else None,
        source="default" if is_default else text_of(parts.get("source")),
        as_of=parts["as_of"].text if "as_of" in parts else None,
        origin=at,
        family="share" if value and value.is_share else field.family,
        help=field.help,
        is_default=is_default,
        scale=value.scale if value else units.Scale("", Fraction(1)),
        least=field.least,
        most=1.0 if value and value.is_share else field.most,
        currency=value.currency if value else None,
        read_as=phrase,
    )


def _spelt_out(parts: dict[str, Scalar], field: Number, path: str, context: Context) -> str:
    """Put the parts of a range that is said in one phrase into `parts`, and return the phrase; "" if there is none."""
    if (node := parts.get("value")) is None:
        return ""
    try:
        said = ranges.said(node.text, text_of(parts.get("unit")))
        if said is None:
            return ""
        if "low" in parts or "high" in parts:
            raise Wrong("the range is written twice", "it in one phrase or as low: and high:, not in both")
        if not field.ranged:
            raise Wrong(*_ONE_VALUE)
    except ValueError as error:
        _note(error if field.ranged else Wrong(*_ONE_VALUE), node, field, path, context)
        return node.text or " "
    parts |= {"low": Scalar(said.low, node.at), "high": Scalar(said.high, node.at)}
    parts.pop("unit", None)
    parts.pop("value")
    if said.value is not None:
        parts["value"] = Scalar(said.value, node.at)
    return f"'{' '.join(node.text.split())}'"


def _middle(low: _Read, high: _Read, field: Number) -> tuple[str, str]:
    """Return the value in the middle of a range, in the unit of its low, and in words how it was found."""
    ends = (low.value, high.value)
    if (low.currency, low.unit) != (high.currency, high.unit) or ends[0] >= ends[1]:
        return low.text, "its low"
    value, how = distributions.middle(*ends, "share" if low.is_share else field.family)
    text = low.scale.words(float(round(value)) if field.whole else value)
    return text if ends[0] <= low.scale.base(units.number(text)[0]) <= ends[1] else low.text, how


def _parts(whole: Map, path: str, context: Context) -> dict[str, Scalar]:
    """Return the parts of a number in its long form; note what is not as it should be."""
    problems = context.problems
    parts: dict[str, Scalar] = {}
    for key, node in whole.items:
        if key.text not in PARTS:
            unknown(problems, key, path, PARTS, "part of a number")
        elif not isinstance(node, Scalar):
            problems.add(node.at, path, f"{key.text} has the wrong shape", "one number or text", text_of(node))
        else:
            parts[key.text] = node
    if "value" not in whole.entries:
        wanted = "value, and perhaps low, high, unit, source, as_of"
        problems.add(whole.at, path, "the value is missing", wanted, text_of(whole))
    for name, other in (("low", "high"), ("high", "low")):
        if name in whole.entries and other not in whole.entries:
            problems.add(whole.entries[name][0].at, path, f"'{name}' needs '{other}'", "both, or neither", name)
    if (date := parts.get("as_of")) is not None and not _DATE.match(date.text):
        problems.add(date.at, path, "as_of is not a date", "2021, 2021-04 or 2021-04-30", date.text)
    return parts


def _read(texts: Mapping[str, Scalar], name: str, field: Number, path: str, context: Context) -> _Read | None:
    """Return value, low or high; None where there is none, or a problem is noted."""
    node = texts.get(name)
    if node is None or (name == "value" and field.none and says(node, NONE)):
        return None
    try:
        if name != "value" and not field.ranged:
            raise Wrong(*_ONE_VALUE)
        if says(node, NONE):
            raise Wrong("'none' is not allowed here", _wanted(field, path, context))
        digits, suffix = units.number(node.text)
        stated = text_of(texts.get("unit"))
        if stated and suffix and name == "value":
            raise Wrong("the unit is written twice", "it in the text or in unit:, not in both")
        if not suffix:
            suffix = stated or ("" if name == "value" else units.suffix(text_of(texts.get("value"))) or "")
        read = _convert(digits, suffix, field, path, context)
        _check_bounds(read, field)
    except ValueError as error:
        _note(error, node, field, path, context)
        return None
    return read


def _note(error: ValueError, node: Scalar, field: Number, path: str, context: Context) -> None:
    wanted, write = (error.wanted, error.write) if isinstance(error, Wrong) else (_wanted(field, path, context), "")
    # a unit alone is no answer to who wrote none
    wanted = f"one (unit: {wanted})" if str(error) == units.NO_NUMBER else wanted
    context.problems.add(node.at, path, str(error), wanted, node.text, write)


def _alternatives(field: Number, path: str, context: Context, currency: str | None) -> list[str]:
    """Return the units that a field takes, with the names of money and credit put in."""
    fill = context.fill(path) | {"any": currency or context.currency, "key": path.rpartition(".")[2]}
    return [each.format_map(fill) for each in field.unit.split(" or ")]


def _wanted(field: Number, path: str, context: Context) -> str:
    """Return what a field takes in words, with an example where the schema has one."""
    words = " or ".join(each or "a bare number" for each in _alternatives(field, path, context, None))
    default = field.default if isinstance(field.default, str) or field.default is REQUIRED else field.default[0]
    if default not in (REQUIRED, NONE, INHERIT) and default[-1:].isalpha():
        words += f" (such as {default.format_map(context.fill(path))})"
    return words + (", or another currency" if "{any}" in field.unit else "") + (", or none" if field.none else "")


def _convert(digits: Fraction, suffix: str, field: Number, path: str, context: Context) -> _Read:
    """Return a number in the first of the field's units that measures the same thing."""
    credit_names = frozenset(context.credit_names.values())
    written = units.unit(suffix, credit_names)
    known = _alternatives(field, path, context, written.currency if written.over == "money" else None)
    for each in known:
        wanted = units.unit(each, credit_names)
        scale = units.scale(written, wanted, suffix, chance=field.chance, minor=field.minor)
        if scale is not None:
            break
    else:
        wrong = "the unit is wrong" if suffix else "the unit is missing"
        raise Wrong(wrong, _wanted(field, path, context), _meant(digits, written, known, credit_names))
    currency = written.currency if written.over in ("money", "credit") else None
    text, unit = units.plain(digits) + scale.suffix, units.base_text(each, minor=field.minor)
    return _Read(scale.base(digits), text, scale, unit, currency)


def _meant(digits: Fraction, written: units.Unit, known: list[str], credit_names: frozenset[str]) -> str:
    """Return a number with the unit of which only a part was written: 24 GBP/h for 24 GBP; "" where several fit."""
    fits = []
    for each in known:
        unit = units.unit(each, credit_names)
        if (
            (written.over == "" or (written.over, written.currency) == (unit.over, unit.currency))
            and written.under in ((), unit.under)
            and (written.over, written.under) != (unit.over, unit.under)
        ):
            fits.append((unit.over, each))
    if not fits or (len(fits) > 1 and not all(over in ("money", "credit") for over, _ in fits)):
        return ""
    over, each = fits[0]
    if each in ("day", "week", "month", "year") and digits != 1:
        each += "s"
    return f"{units.plain(digits)}{each[len(over) :] if over in units.COUNTED else f' {each}'}"


def _check_bounds(read: _Read, field: Number) -> None:
    """Raise `Wrong` for a value that cannot be."""
    value, words, most = read.value, read.scale.words, 1.0 if read.is_share else field.most
    smallest = SMALLEST * (1000 if read.currency else 1)
    if 0 < value < smallest:
        zero = "" if field.above or field.least else "0, or "
        raise Wrong("this is too small", f"{zero}at least {words(max(field.least, smallest))}")
    if value < field.least or (field.above and value == field.least):
        wrong = "this is negative" if value < 0 else "this is too small"
        raise Wrong(wrong, f"{'more than' if field.above else 'at least'} {words(field.least)}")
    if value > most:
        raise Wrong("this is too large", f"at most {words(most)}")
    if field.whole and not value.is_integer():
        raise Wrong("this is a fraction", "a whole number")
    if read.currency and not field.ranged and not value.is_integer():
        raise Wrong("this is not a whole number of the smallest coin", f"whole hundredths, per {read.unit}")


def _check_range(read: Mapping[str, _Read | None], texts: Mapping[str, Scalar], path: str, context: Context) -> None:
    """Note a range that is upside down, or does not hold the value."""
    value, low, high = read["value"], read["low"], read["high"]
    if low is None or high is None:
        return
    at, problems = texts["low"].at, context.problems
    if value is None:
        problems.add(at, path, "'none' cannot have a range", "a value, or none without low and high", low.text)
    elif {(each.currency, each.unit) for each in (low, high)} != {(value.currency, value.unit)}:
        wanted, found = f"one, as in {value.text}", f"{low.text}, {high.text}"
        problems.add(at, path, "low and high are in another unit", wanted, found)
    elif low.value > high.value:
        problems.add(at, path, "low is above high", f"low at most {high.text}", low.text)
    elif not low.value <= value.value <= high.value:
        wanted = f"a value from {low.text} to {high.text}"
        problems.add(texts["value"].at, path, "the value lies outside low and high", wanted, value.text)
