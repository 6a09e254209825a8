"""Accounts allocated by their shares, and the options in words."""

from planner.model.inputs.capacity import Options, allocate, sequence


def test_each_account_goes_to_the_name_furthest_behind_its_share() -> None:
    """Three and two of five."""
    assert allocate(5, {"a": 0.6, "b": 0.4}) == {"a": 3, "b": 2}
    assert sequence(5, {"a": 0.6, "b": 0.4}) == ["a", "b", "a", "b", "a"]


def test_options_in_words() -> None:
    """Only what is on."""
    said = ("every account twice as busy on Wednesdays", "30 % of the viewers up to 15 min late")
    assert Options(surge=2.0, late=0.3).in_words() == said
