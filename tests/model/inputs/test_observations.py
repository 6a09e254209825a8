"""When a member is there."""

from datetime import date

from planner.model.inputs.observations import Member


def test_a_member_is_there_from_its_first_day_to_its_last() -> None:
    """Both included."""
    member = Member("ocn-003", "level-1", "credit", since=date(2021, 4, 2), until=date(2021, 5, 1))
    assert [member.there(date(2021, *day)) for day in ((4, 1), (4, 2), (5, 1), (5, 2))] == [False, True, True, False]
