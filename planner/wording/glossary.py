"""The terms of reports and code, each once in glossary.csv: docs/glossary.md shows all, the report those it uses."""

import csv
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import NamedTuple


class Term(NamedTuple):
    """A term."""

    name: str
    meaning: str
    """In one or two plain sentences, for a member."""
    in_code: str
    in_report: str
    """"yes" for those that the report uses, in its order; else empty."""


_FILE = resources.files("planner.wording") / "glossary.csv"
TERMS = tuple(Term(**row) for row in csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines()))


def for_report(confidence: str) -> Iterator[tuple[str, str]]:
    """Yield the terms that the report uses, and what they mean."""
    for term in TERMS:
        if term.in_report:
            yield term.name.format(confidence=confidence), term.meaning.format(confidence=confidence)


def chosen(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield some terms by name, and what they mean."""
    known = {term.name: term.meaning for term in TERMS}
    for name in names:
        yield name, known[name]


def table() -> str:
    """Return all terms as the table of docs/glossary.md, in the order of the alphabet."""
    rows = sorted((term[:3] for term in TERMS), key=lambda row: row[0].strip("{").lower())
    said = (" | ".join(row).format(confidence="90") for row in rows)
    return "\n".join(["| term | what it means | in the code |", "|---|---|---|", *(f"| {row} |" for row in said)])
