"""What was learned, written as a scenario that changes another: a file a person can read, edit and stack further."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from planner.scenario.estimate import Estimate
from planner.scenario.numbers import PARTS

Entry = Mapping[str, str]
"""value, low, high, unit, source, as_of, each as a person would write it; low and high together or not at all."""
Shares = tuple[tuple[str, str], ...]
"""Names and their shares, such as (("on_the_hour", "40 %"), ("half_past", "20 %"))."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9./][A-Za-z0-9 ./%_-]*[A-Za-z0-9/%]|[A-Za-z0-9]")
"""Text that needs no quotes in YAML."""


def entry(
    estimate: Estimate, value: float, low: float, high: float, source: str, as_of: str | None = None
) -> dict[str, str]:
    """Return a changed entry in the unit of the author of `estimate`; value, low, high [base unit]."""
    if estimate.family in ("count", "limit"):
        value, low, high = (float(round(number)) for number in (value, low, high))
    texts = {"value": value, "low": low, "high": high}
    found = {name: estimate.written(number) for name, number in texts.items()} | {"source": source}
    return found | ({"as_of": as_of} if as_of else {})


def text(base: str, title: str, entries: Mapping[str, Entry | Shares | str]) -> str:
    """Return the scenario as YAML."""
    lines = [f"title: {scalar(title)}", f"base: {scalar(base)}", "changes:" if entries else "changes: {}"]
    for path, one in entries.items():
        if isinstance(one, str):
            lines.append(f"  {path}: {scalar(one)}")
            continue
        if isinstance(one, tuple):
            lines += [f"  {path}:", *(f"    {scalar(name)}: {scalar(share)}" for name, share in one)]
            continue
        if unknown := one.keys() - set(PARTS):
            raise ValueError(f"{path}: {', '.join(sorted(unknown))} is no part of a number")
        lines += [f"  {path}:", *(f"    {name}: {scalar(one[name])}" for name in PARTS if name in one)]
    return "\n".join(lines) + "\n"


def scalar(value: str) -> str:
    """Return a text as YAML: bare where that is safe, else in double quotes with what cannot be seen escaped."""
    if _PLAIN.fullmatch(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    # what JSON leaves as it is, YAML may read as the end of a line, and nobody can see
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in quoted)


def write(path: Path, base: Path, title: str, entries: Mapping[str, Entry | Shares | str]) -> None:
    """Write a scenario that changes `base`; both paths as seen from here."""
    relative = Path(os.path.relpath(base, path.parent)).as_posix()
    path.write_text(text(relative, title, entries), encoding="utf-8")
