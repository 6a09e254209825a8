"""A sample of the proof that no line of a damaged log disappears."""

from collections.abc import Iterable

import pytest
from prove import prove_history

from planner.readings import web_log


def test_lines_of_damaged_logs_are_accounted_for() -> None:
    assert prove_history.prove(50, seed=3) == "50 damaged logs, every line accounted for"


def test_the_proof_finds_a_planted_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that passes over what it does not understand."""
    add = web_log.Log.add

    def quietly(self: web_log.Log, source: Iterable[bytes]) -> web_log.Lines:
        told = add(self, source)
        return web_log.Lines(told.read, told.used, told.other, (), told.first, told.last)

    monkeypatch.setattr(web_log.Log, "add", quietly)
    with pytest.raises(AssertionError):
        prove_history.prove(50, seed=3)
