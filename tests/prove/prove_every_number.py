"""Every number that a scenario can say, at each of its ends: answered or refused, within 20 s and 1 GB."""

import tempfile
from pathlib import Path

import proof
import pytest
from test_every_number import cases, tried

FULL = len(list(cases()))


def prove(count: int, seed: int) -> str:
    """Try so many of the cases, chosen at random; return what was counted."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        return (
            f"{tried(count, seed, Path(folder), monkeypatch)} numbers at their ends, each answered or refused in bounds"
        )


if __name__ == "__main__":
    proof.main("every number", prove, FULL)
