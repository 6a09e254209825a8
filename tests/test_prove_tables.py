"""A sample of the proof that no line of a damaged table disappears."""

import damaged_tables
import pytest
from prove import prove_tables

from planner.readings import delimited, members
from planner.readings.tables import Parsed


def test_no_line_of_a_damaged_table_disappears() -> None:
    assert prove_tables.prove(100, seed=2).startswith("100 damaged tables of 5 kinds")


def test_the_proof_finds_a_planted_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that passes over its last row, and one that does not see that a quotation mark takes in rows."""

    def forgetful(body: bytes) -> Parsed[object]:
        found = members.sheet(body)
        return Parsed(found.rows[:-1], found.bad, found.lines[:-1], found.notes, found.header)

    head, row, _ = damaged_tables.READERS["members"]
    swallowed = head % (b'ocn-001,level-1,"credit\n' + row % 2 + b'"\n')
    damaged_tables.held("members", swallowed)
    monkeypatch.setattr(delimited.Delimited, "_fullest", lambda *_: 0)
    with pytest.raises(AssertionError, match="ocn-002"):
        damaged_tables.held("members", swallowed)
    monkeypatch.setattr(damaged_tables, "READERS", {"members": (head, row, forgetful)})
    with pytest.raises(AssertionError):
        prove_tables.prove(100, seed=2)
