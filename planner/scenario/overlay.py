"""What was learned, written as a scenario that changes another: a file a person can read, edit and stack further."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Final

from planner.scenario.estimate import Estimate
from planner.scenario.numbers import PARTS
from planner.scenario.tree import NOTHING

Entry = Mapping[str, str]
"""value, low, high, unit, source, as_of, each as a person would write it; low and high together or not at all."""
Shares = tuple[tuple[str, str], ...]
"""Names and their shares, or other text, such as (("on_the_hour", "40 %"), ("half_past", "20 %"))."""
Value = str | Sequence["Value"] | Mapping[str, "Value"]
"""What an entry is: text, a list, or entries by name."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9./][A-Za-z0-9 ./%_-]*[A-Za-z0-9/%]|[A-Za-z0-9]")
"""Text that needs no quotes in YAML."""


def entry(
    estimate: Estimate, value: float, low: float, high: float, source: str, as_of: str | None = None
) -> dict[str, str]:
    """Return a changed entry in the unit of the author of `estimate`; value, low, high [base unit]."""
    if estimate.family in ("count", "limit"):
        value, low, high = (float(round(number)) for number in (value, low, high))
    numbers = {"value": value, "low": low, "high": high}
    parts = {name: estimate.written(number) for name, number in numbers.items()}
    return parts | {"source": source} | ({"as_of": as_of} if as_of else {})


def text(base: str, title: str, entries: Mapping[str, Entry | Shares | str]) -> str:
    """Return the scenario that changes `base` by what was learned, as YAML."""
    for path, entry in entries.items():
        if isinstance(entry, Mapping) and (unknown := entry.keys() - PARTS.keys()):
            raise ValueError(f"{path}: {', '.join(sorted(unknown))} is no part of a number")
    values = {path: entry if isinstance(entry, str) else dict(entry) for path, entry in entries.items()}
    return yaml(base, title, values)


def yaml(base: str, title: str, entries: Mapping[str, Value]) -> str:
    """Return a scenario that changes `base` as YAML."""
    lines = [f"title: {scalar(title)}", f"base: {scalar(base)}", "changes:" if entries else "changes: {}"]
    for path, value in entries.items():
        lines += _yaml(path, value, "  ")
    return "\n".join(lines) + "\n"


def _yaml(name: str, value: Value, indent: str) -> list[str]:
    """Return the lines of an entry; the parts of a number come in their usual order."""
    start = f"{indent}{scalar(name)}:"
    if isinstance(value, str):
        return [f"{start} {scalar(value)}"]
    if isinstance(value, Mapping):
        order = list(PARTS)
        names = sorted(value, key=lambda part: order.index(part) if part in PARTS else len(order))
        return [start, *(line for part in names for line in _yaml(part, value[part], indent + "  "))]
    return [f"{start} {flow(value)}"]


def flow(value: object, whole: bool = True) -> str:
    """Return a value as one types it after `path=`: text as it is, inside a list or a mapping in quotes if need be."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(name))}: {flow(part, False)}" for name, part in value.items()) + "}"
    if isinstance(value, str):
        return value if whole else scalar(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(flow(part, False) for part in value) + "]"
    if type(value) is not bool and isinstance(value, Real | Decimal):
        return f"{Decimal(str(value)):f}"  # 0.00001 as its digits: people write no exponents, and the reader takes none
    return "none" if value is None else str(value)


def scalar(value: str) -> str:
    """Return a text as YAML: bare where that is safe, else in double quotes with what cannot be seen escaped."""
    if _PLAIN.fullmatch(value) and value not in NOTHING:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    # what JSON leaves as it is, YAML may read as the end of a line, and nobody can see
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in quoted)
