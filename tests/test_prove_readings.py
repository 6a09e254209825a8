"""A sample of the proof that no damaged input makes a reader fail otherwise than in words."""

import pytest
from prove import prove_readings


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_inputs_are_read_or_refused_in_words(seed: int) -> None:
    assert prove_readings.prove(400, seed) == "400 damaged inputs"


@pytest.mark.parametrize(
    "reader",
    [
        lambda body: body.decode(),
        prove_readings.json.loads,
    ],
)
def test_the_proof_finds_a_planted_mistake(reader: prove_readings.Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of other kinds, and one that repeats what was sent."""

    def leaky(body: bytes) -> None:
        raise prove_readings.ReadingError(f"cannot read {body!r}")

    monkeypatch.setattr(prove_readings, "PARSERS", {"x": (prove_readings.ANSWER, leaky)})
    assert "repeats" in str(prove_readings.parsers(1, 1))
    monkeypatch.setattr(prove_readings, "PARSERS", {"x": (prove_readings.ANSWER, reader)})
    found = prove_readings.parsers(100, 1)
    assert "Error: " in str(found)
