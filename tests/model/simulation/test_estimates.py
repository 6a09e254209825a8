"""Wilson's interval."""

from planner.model.simulation.estimates import wilson


def test_wilsons_interval_of_one_half() -> None:
    """Of 100 cases."""
    assert [round(end, 4) for end in wilson(0.5, 100)] == [0.4038, 0.5962]
