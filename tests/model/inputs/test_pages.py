"""Pages of cameras: what people write, what BigBlueButton's client makes of it, who is sent how many streams."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.inputs.pages import ALL, USUAL, Pages, Step, outgoing, pages, steps, widest

SHIPPED = (
    "25 from 30 users (moderators 25); 20 from 40 users (moderators 20); 16 from 50 users (moderators 16); "
    "12 from 60 users (moderators 14); 10 from 70 users (moderators 12); 8 from 80 users (moderators 10); "
    "6 from 90 users (moderators 8); 4 from 100 users (moderators 6)"
)
"""The thresholds that stand, switched off, in BigBlueButton's settings.yml (bigbluebutton-html5/private/config, at
00013312, of 2023): whoever only switches them on gives viewers more than 5 cameras in meetings of 30 to 99."""
DOCUMENTED = (
    "6 from 30 users (moderators 25); 5 from 40 users (moderators 20); 4 from 50 users (moderators 16); "
    "4 from 60 users (moderators 12); 3 from 70 users (moderators 8); 2 from 80 users (moderators 8)"
)
"""The first six of the example in its documentation (docs/administration/customize.md)."""

STEP = st.builds(Step, st.integers(1, 40), st.integers(1, 30), st.one_of(st.just(ALL), st.integers(1, 30)))
STEPS = st.lists(STEP, max_size=4, unique_by=lambda step: step.users).map(lambda found: tuple(sorted(found)))
ANY = st.builds(Pages, st.integers(1, 30), STEPS)


def page(of: Pages, users: int, *, moderates: bool) -> int:
    """Return a page as the client finds it: from the last threshold down, the first that the meeting has reached."""
    for step in reversed(of.steps):
        if step.users <= users:
            return step.moderator if moderates else step.viewer
    return ALL if moderates else of.viewer


def test_by_default_a_viewer_sees_five_and_a_moderator_all() -> None:
    assert [USUAL.of(users) for users in (1, 30, 500)] == [(5, ALL)] * 3
    assert (USUAL.record, str(USUAL)) == (5, "5")


@pytest.mark.parametrize(
    ("text", "users", "viewer", "moderator"),
    [
        (SHIPPED, 29, 5, ALL),
        (SHIPPED, 30, 25, 25),
        (SHIPPED, 69, 12, 14),
        (SHIPPED, 1000, 4, 6),
        (DOCUMENTED, 30, 6, 25),
        (DOCUMENTED, 85, 2, 8),
        ("4 from 50 users; 6 from 30 users", 50, 4, ALL),  # in any order: the client sorts them
        ("all from 10 users (moderators 3)", 10, ALL, 3),
        (" 6  from 1 user (moderators all) ", 1, 6, ALL),
        ("none", 80, 5, ALL),
    ],
)
def test_the_last_threshold_that_the_meeting_has_reached_is_in_force(
    text: str, users: int, viewer: int, moderator: int
) -> None:
    assert Pages(5, steps(text)).of(users) == (viewer, moderator)


@pytest.mark.parametrize(
    "text",
    [
        *("", "6", "6 from 30", "0 from 30 users", "6 from 0 users", "6 from 30 users (moderators 0)"),
        *("6 from 30 users; 4 from 30 users", "6 from 30 users;", "6 from 30 users, moderators 25", "-6 from 30 users"),
        *("none; 6 from 30 users", "6.5 from 30 users", "６ from 30 users", "6 from 30 users\n4 from 50 users"),
        "; ".join(f"6 from {users} users" for users in range(1, 200)),
    ],
)
def test_what_does_not_say_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"wanted 6 from 30 users .*, each number of users once"):
        steps(text)


@pytest.mark.parametrize(
    "value", [None, -1, 5.0, "5", True, ALL + 1, "5; ", "5; none of it", "x; 6 from 30 users", [5]]
)
def test_a_record_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="page_size: wanted a whole number of cameras, or such as 5; 6 from 30 users"):
        pages(value)


@given(ANY)
def test_a_record_is_read_as_it_was_written(of: Pages) -> None:
    assert pages(json.loads(json.dumps(of.record))) == of
    assert steps("; ".join(map(str, of.steps)) or "none") == of.steps


@given(ANY, st.lists(st.integers(1, 60), min_size=1))
def test_for_one_meeting_and_for_many_the_page_is_the_clients(of: Pages, sizes: list[int]) -> None:
    viewers, moderators = (np.broadcast_to(found, len(sizes)) for found in of.of(np.array(sizes, dtype=np.int32)))
    for users, *found in zip(sizes, viewers, moderators, strict=True):
        assert tuple(found) == of.of(users) == tuple(page(of, users, moderates=who) for who in (False, True))


@given(ANY, st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=45))
def test_streams_are_those_that_each_user_is_sent(of: Pages, seats: list[tuple[bool, bool]]) -> None:
    """Counted one by one: of the others' cameras a page at most."""
    users, cameras = len(seats), sum(films for _, films in seats)
    counted = sum(min(cameras - films, page(of, users, moderates=moderates)) for moderates, films in seats)
    moderators, both = sum(moderates for moderates, _ in seats), sum(all(seat) for seat in seats)
    numbers = (users, moderators, cameras, both, cameras - both)
    if cameras:
        assert outgoing(of.of(users), *numbers) == counted
    many = [np.array([number] * 2) for number in numbers]
    assert outgoing(of.of(many[0]), *many, least=np.minimum).tolist() == [counted] * 2


@given(ANY, st.integers(1, 45), st.integers(0, 5), st.data())
def test_pages_that_only_shrink_never_raise_the_streams(
    of: Pages, users: int, moderators: int, data: st.DataObject
) -> None:
    """Thresholds whose pages are no larger than the usual one: never more streams than without them."""
    shrinking = tuple(step._replace(viewer=min(step.viewer, of.viewer)) for step in of.steps)
    moderators = min(moderators, users)
    both, one = data.draw(st.integers(0, moderators)), data.draw(st.integers(0, users - moderators))
    numbers = (users, moderators, both + one, both, one)
    if both + one:
        sent = [outgoing(Pages(of.viewer, found).of(users), *numbers) for found in ((), shrinking)]
        assert sent[1] <= sent[0]


@given(st.lists(ANY, min_size=1, max_size=3))
def test_the_widest_is_as_large_as_the_largest_in_every_meeting(each: list[Pages]) -> None:
    found = widest(each)
    for users in range(1, 60):
        of = [one.of(users) for one in each]
        assert found.of(users) == (max(viewer for viewer, _ in of), max(moderator for _, moderator in of))
    assert all(here[1:] != there[1:] for here, there in itertools.pairwise(found.steps))
    assert widest(each[:1] * 2).of(25) == each[0].of(25)


def test_the_widest_of_pages_without_thresholds_has_none() -> None:
    assert widest([Pages(3), Pages(8), replace(USUAL)]) == Pages(8)
