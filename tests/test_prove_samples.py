"""A small sample of the long proofs, by the functions that `make prove` calls with large counts."""

import prove_commands


def test_commands_bear_hostile_words_and_files() -> None:
    counted = prove_commands.prove(25, seed=4)
    assert counted.startswith("25 commands (")
