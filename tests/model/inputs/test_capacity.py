"""Accounts allocated by their shares, and the options in words."""

from planner.model.inputs.capacity import allocate, sequence


def test_each_account_goes_to_the_name_furthest_behind_its_share() -> None:
    """Three and two of five."""
    assert allocate(5, {"a": 0.6, "b": 0.4}) == {"a": 3, "b": 2}
    assert sequence(5, {"a": 0.6, "b": 0.4}) == ("a", "b", "a", "b", "a")
