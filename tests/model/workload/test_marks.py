"""Marks: against scipy, against every way the cameras of a small meeting can fall, and against the planning rules."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from situations import kind

from planner.model.inputs.capacity import NO_LIMIT, Kind, LinearLoad, Node, Rates, ScaleliteLoad
from planner.model.inputs.pages import Pages, Step
from planner.model.workload.marks import STEPS, lattice, marks, on_lattice, size_law, streams_by_sight

NODE = Node("node", {"streams": 200.0, "users": 100.0})


def law_of(of: Kind, resource: str, node: Node = NODE) -> np.ndarray:
    """Return the law of the only mark, in steps."""
    (mark,) = marks(of, resource, node)  # type: ignore[arg-type]
    return mark.law


# U = min(2 + negative binomial, participants).


@pytest.mark.parametrize(("size", "k"), [(2.5, 0.4), (6.0, 1.5), (25.0, 1.5), (6.0, 50.0)])
def test_it_is_two_more_than_a_negative_binomial(size: float, k: float) -> None:
    law = size_law(kind(size=size, size_dispersion=k, participants=2000.0))
    mu = size - 2
    extra = stats.nbinom(k, k / (k + mu))
    assert law[2:-1] == pytest.approx(extra.pmf(np.arange(len(law) - 3)), rel=1e-10, abs=1e-300)
    assert np.arange(len(law)) @ law == pytest.approx(size, rel=1e-9)


def test_without_dispersion_it_is_two_more_than_poisson() -> None:
    law = size_law(kind(size=7.0, size_dispersion=math.inf, participants=60.0))
    assert law[2:-1] == pytest.approx(stats.poisson(5.0).pmf(np.arange(len(law) - 3)), rel=1e-10)


@pytest.mark.parametrize("participants", [2.0, 3.0, 10.0])
def test_whoever_does_not_fit_is_turned_away(participants: float) -> None:
    law = size_law(kind(size=6.0, size_dispersion=1.5, participants=participants))
    beyond = stats.nbinom(1.5, 1.5 / 5.5).sf(participants - 3) if participants > 2 else 1.0
    assert len(law) == participants + 1
    assert law[-1] == pytest.approx(beyond, rel=1e-12)
    assert law.sum() == pytest.approx(1.0, abs=1e-14)


def test_without_a_limit_it_ends_where_nothing_is_left() -> None:
    law = size_law(kind(size=12.0, size_dispersion=1.5, participants=NO_LIMIT))
    assert np.arange(len(law)) @ law == pytest.approx(12.0, rel=1e-9)
    assert law[-1] < 1e-11


def test_a_level_for_one_has_meetings_of_one() -> None:
    assert size_law(kind(participants=1.0)).tolist() == [0.0, 1.0]


def test_a_mean_below_two_is_refused() -> None:
    """A meeting has two users at least: a smaller mean is a slip of whoever wrote it."""
    with pytest.raises(ValueError, match=r"1\.9 users.*at least 2"):
        size_law(kind(size=1.9))


def streams_counted_one_by_one(users: int, moderators: int, page: int, all_of: int, chance: float) -> Counter[int]:
    """Return the law of a meeting's streams from all 2^users ways its cameras can be on."""
    law: Counter[int] = Counter()
    for on in itertools.product((0, 1), repeat=users):
        cameras = sum(on)
        outgoing = 0
        for user, own in enumerate(on):
            others = cameras - own
            outgoing += min(others, all_of if user < moderators else page)
        law[cameras + outgoing] += math.prod(chance if own else 1 - chance for own in on)  # type: ignore[assignment]
    return law


# C incoming and sum over the users of min(C - own, page) outgoing; moderators see all without a threshold.


@pytest.mark.parametrize("users", [2, 5, 9])
@pytest.mark.parametrize(("moderators", "page"), [(0, 5), (1, 5), (2, 3), (20, 1), (1, 0)])
def test_the_law_is_that_of_all_ways_the_cameras_can_fall(users: int, moderators: int, page: int) -> None:
    # a mean of 1000 under a limit of `users` makes every meeting that large
    of = kind(
        size=1000.0,
        size_dispersion=math.inf,
        participants=float(users),
        moderators=moderators,
        pages=Pages(page),
        cameras=0.35,
    )
    law = law_of(of, "streams")
    expected = streams_counted_one_by_one(users, moderators, page, users, 0.35)
    assert {n: p for n, p in enumerate(law) if p > 1e-15} == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("users", "page", "all_of"), [(4, 5, 4), (5, 3, 2), (8, 3, 2), (9, 1, 9)])
def test_from_so_many_users_on_the_law_is_that_of_smaller_pages(users: int, page: int, all_of: int) -> None:
    """The same count by hand, two of the users moderators: 3 from 5 users (moderators 2); 1 from 9 users."""
    pages = Pages(5, (Step(5, 3, 2), Step(9, 1)))
    sure = {"size": 1000.0, "size_dispersion": math.inf, "participants": float(users), "moderators": 2, "cameras": 0.35}
    expected = streams_counted_one_by_one(users, 2, page, all_of, 0.35)
    found = {n: p for n, p in enumerate(law_of(kind(**sure, pages=pages), "streams")) if p > 1e-15}
    assert found == pytest.approx(expected, rel=1e-10)


def test_a_room_of_twenty_that_all_see_all_has_four_hundred() -> None:
    """BigBlueButton's own planning rule: an all-camera room of n has n squared streams."""
    of = kind(size=1000.0, size_dispersion=math.inf, participants=20.0, cameras=1.0, pages=Pages(25))
    (mark,) = marks(of, "streams", Node("node", {}))
    assert mark.mean == pytest.approx(400.0)
    assert mark.law[400] == pytest.approx(1.0)


def test_no_cameras_no_streams() -> None:
    assert law_of(kind(cameras=0.0), "streams")[0] == pytest.approx(1.0)


@given(st.floats(0.01, 0.98), st.integers(0, 3), st.integers(0, 8))
def test_more_cameras_never_mean_fewer_streams(cameras: float, moderators: int, page: int) -> None:
    few, many = (
        np.cumsum(law_of(kind(cameras=share, moderators=moderators, pages=Pages(page)), "streams"))
        for share in (cameras, cameras + 0.01)
    )
    assert (many <= few + 1e-12).all()


def test_the_largest_meetings_are_done_in_a_moment() -> None:
    """Without a participant limit the law goes on until nothing is left, and still sums to 1."""
    law = law_of(kind(size=25.0, participants=NO_LIMIT), "streams", Node("node", {}))
    assert law.sum() == pytest.approx(1.0, abs=1e-12)


# Outgoing streams at the rate for so many cameras, audio for each user, a shared screen for each in some.


def test_audio_alone() -> None:
    of = kind(cameras=0.0)
    (mark,) = marks(of, "egress", Node("node", {"egress": 10.0}))
    mean_size = np.arange(13) @ size_law(of)
    assert mark.mean == pytest.approx(0.04 * mean_size, rel=1e-12)


def test_the_mean_is_that_of_all_ways_the_cameras_can_fall() -> None:
    """Two camera rates, one from three cameras on, and a screen shared in a quarter of the meetings."""
    rates = Rates(camera=((0, 0.2), (3, 0.1)), audio=0.05, screenshare=1.0)
    of = kind(size=1000.0, size_dispersion=math.inf, participants=6.0, cameras=0.4, screenshare=0.25)
    (mark,) = marks(of, "egress", Node("node", {"egress": 40.0}, rates=rates))
    expected = 6 * 0.05 + 0.25 * 6 * 1.0
    for on in itertools.product((0, 1), repeat=6):
        cameras = sum(on)
        outgoing = cameras - on[0] + sum(min(cameras - own, 5) for own in on[1:])
        expected += 0.4**cameras * 0.6 ** (6 - cameras) * outgoing * (0.1 if cameras >= 3 else 0.2)
    assert mark.mean == pytest.approx(expected, rel=1e-12)


# The node load of a meeting: linear in rooms, users and streams, or Scalelite's.


def test_linear_load_has_the_mean_of_its_parts() -> None:
    """Whatever the lattice: a mark is split between its neighbours so that its mean stays."""
    load = LinearLoad(base=0.03, per_room=0.00311, per_user=0.00273, per_stream=0.00031)
    node = Node("node", {"load": 0.7}, load=load)
    of = kind(participants=30.0)
    (mark,), (users,), (streams,) = (marks(of, resource, node) for resource in ("load", "users", "streams"))
    expected = load.per_room + load.per_user * users.mean + load.per_stream * streams.mean
    assert mark.mean == pytest.approx(expected, rel=1e-12)


def test_load_of_users_alone_is_the_users() -> None:
    node = Node("node", {"load": 0.7}, load=LinearLoad(0.0, 0.0, 0.013, 0.0))
    (mark,) = marks(kind(), "load", node)
    assert mark.step == pytest.approx(0.013)
    assert mark.law[: len(size_law(kind()))] == pytest.approx(size_law(kind()), abs=1e-15)


def test_scalelite_counts_moderators_twice_and_the_young_as_fifteen() -> None:
    node = Node("node", {"load": 100.0}, load=ScaleliteLoad(least=15.0, until=0.25, multiplier=2.0))
    of = kind(size=1000.0, size_dispersion=math.inf, participants=16.0, moderators=3)
    young, settled = marks(of, "load", node)
    assert (young.age_from, young.age_to, settled.age_from, settled.age_to) == (0.0, 0.25, 0.25, math.inf)
    assert young.mean == settled.mean == pytest.approx(2.0 * 19)
    small_young, small_settled = marks(kind(participants=4.0, size=4.0, moderators=9), "load", node)
    assert small_young.mean == pytest.approx(30.0)
    assert small_settled.mean == pytest.approx(2.0 * 2 * np.arange(5) @ size_law(kind(participants=4.0, size=4.0)))


@given(st.floats(0.0, 40.0), st.integers(0, 12), st.floats(2.0, 30.0))
def test_scalelites_mark_never_grows_with_age(least: float, moderators: int, size: float) -> None:
    """What the count of episodes rests on: an overload begins with an arrival, never in between."""
    node = Node("node", {"load": 120.0}, load=ScaleliteLoad(least=least))
    young, settled = marks(kind(moderators=moderators, size=size, participants=40.0), "load", node)
    length = max(len(young.law), len(settled.law))
    below = [np.cumsum(np.pad(mark.law, (0, length - len(mark.law)))) for mark in (young, settled)]
    assert (below[0] <= below[1] + 1e-12).all()


# Marks stand on the lattice of their common unit where it is coarse enough, else the limit lies half a step up.


@given(st.lists(st.tuples(st.floats(0.0, 50.0), st.floats(0.01, 1.0)), min_size=1, max_size=20), st.floats(0.05, 7.0))
def test_moving_to_a_lattice_keeps_sum_and_mean(pairs: list[tuple[float, float]], step: float) -> None:
    value, chance = (np.array(column) for column in zip(*pairs, strict=True))
    law = on_lattice(value, chance, step)
    assert law.sum() == pytest.approx(chance.sum(), rel=1e-12)
    assert step * np.arange(len(law)) @ law == pytest.approx(value @ chance, rel=1e-9, abs=1e-9)
    assert (law >= 0).all()


def test_the_common_unit_is_taken_as_it_is_written() -> None:
    """0.3 / 100 is 0.003 to whoever wrote 0.3 %, whatever its binary neighbour."""
    node = Node("node", {"load": 0.7}, load=LinearLoad(0.03, 0.3 / 100, 0.9 / 100, 0.0))
    assert lattice("load", node) == pytest.approx(0.003, rel=1e-12)


@pytest.mark.parametrize("limit", [0.61, 13.7, 412.0, 1000.0, 1500.3])
@pytest.mark.parametrize("resource", ["streams", "egress", "load"])
def test_a_fine_unit_is_widened_so_that_the_limit_lies_between_two_points(resource: str, limit: float) -> None:
    node = Node("node", {resource: limit}, load=LinearLoad(0.0, 0.3, 0.17, 0.0213))  # type: ignore[dict-item]
    step = lattice(resource, node)  # type: ignore[arg-type]
    if limit > 384 and resource == "streams":
        assert (math.floor(limit) + 0.5) / step == pytest.approx(STEPS + 0.5)
    assert math.floor(limit / step + 1e-9) <= 384


def test_rooms_and_users_are_counted_one_by_one() -> None:
    node = Node("node", {"rooms": 1e6, "users": 1e6})
    assert [lattice(resource, node) for resource in ("rooms", "users")] == [1.0, 1.0]


def test_scalelite_counts_fifteen_at_first_then_two_users_and_a_moderator() -> None:
    node = Node("de", {"load": 200.0}, load=ScaleliteLoad())
    pair = kind(size=6.0, participants=2.0, moderators=1)
    bands = [(mark.age_from, mark.age_to, mark.mean) for mark in marks(pair, "load", node)]
    assert bands == [(0.0, 0.25, 15.0), (0.25, math.inf, 3.0)]


def test_two_users_with_cameras_send_one_stream_and_are_sent_one_each() -> None:
    pair = kind(size=6.0, participants=2.0, cameras=1.0, moderators=1)
    assert streams_by_sight([(pair, 1.0)]) @ [10, 20, 20] == pytest.approx(40.0, abs=1e-9)


def test_two_and_a_geometric_number_cut_at_three() -> None:
    """Mean 4 with k = 1: a third of the weight, then a third less each time; the rest stands at the limit."""
    law = size_law(kind(size=4.0, size_dispersion=1.0, participants=3.0))
    assert law == pytest.approx([0, 0, 1 / 3, 2 / 3], abs=1e-12)


def test_marks_that_share_a_unit_stand_on_its_lattice() -> None:
    """With 0.3 % a room and 0.6 % a user every mark is a multiple of 0.3 %; a limit of 67 % is 223 of it."""
    assert lattice("load", Node("de", {"load": 0.7}, load=LinearLoad(0.03, 0.003, 0.006, 0.0))) == 0.003
