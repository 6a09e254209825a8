"""The sum along a circle where it is hard: limits between whole ones, instants and rows that are unlike."""

import math
from dataclasses import replace

import numpy as np
import pytest
from compound_laws import compound

from planner.model.overload.contour_sum import tails
from planner.model.overload.occupancy_law import Compound
from planner.model.overload.risks import rising

SMALL, LARGE = (np.exp(-0.5 * ((np.arange(130) - middle) / width) ** 2) for middle, width in ((4.0, 2.0), (60.0, 8.0)))
MIXED = (SMALL / SMALL.sum(), LARGE / LARGE.sum())
ROUGH, EXACT = 1e-4, 1e-10


def of_two(limit: float, loads: list[list[float]], kappa: float) -> Compound:
    """Return a law of small meetings and of large ones, one group each, from their loads at some instants."""
    one = compound(limit, loads[0], MIXED[0].tolist(), kappa, 0.0, 1.0)
    load = np.array([loads])
    marks = np.array([MIXED])
    mean = marks @ np.arange(130.0)
    owner, both = np.array([0, 1]), np.ones((1, 2))
    return replace(
        one, owner=owner, marks=marks, mean_marks=mean, kappa=kappa * both, summed=0.0 * both, counts=both, load=load,
        rate=np.ones_like(load),
    )  # fmt: skip


def by_transform(of: Compound, instant: int, accounts: float) -> np.ndarray:
    """Return P(X > n) for n = 0, 1, ... by a transform over a lattice that is long enough for all of it."""
    total = np.zeros(1 << 15, dtype=np.complex128)
    for band, owner in enumerate(of.owner):
        phi = np.fft.fft(of.marks[0, band], len(total)) - of.marks[0, band].sum()
        kappa, number = of.kappa[0, owner], of.counts[0, owner] + accounts
        total += -number * kappa * np.log(1.0 - of.load[0, band, instant] * phi / kappa)
    return 1.0 - np.cumsum(np.fft.ifft(np.exp(total)).real)


@pytest.mark.parametrize("tolerance", [ROUGH, EXACT])
@pytest.mark.parametrize("large", [0.02, 0.3, 2.0, 5.0])
def test_between_whole_limits_a_tail_lies_between_theirs(large: float, tolerance: float) -> None:
    """With few large meetings the law is in lumps: where the node is full the circle lies inside, which shows them."""
    of = of_two(205.66, [[0.5], [large]], 1.2)
    least, most = by_transform(of, 0, 0.0)[[206, 205]]
    over = tails(of, np.zeros((1, 2)), tolerance)[0][0, 0, 0]
    assert least * (1.0 - 100.0 * tolerance) <= over <= most * (1.0 + 100.0 * tolerance)


@pytest.mark.parametrize("kappa", [0.8, math.inf])
def test_instants_of_unlike_meetings_are_as_close_together_as_alone(kappa: float) -> None:
    """Many small meetings in one hour, a few large ones in another: the sum goes on until the last has faded out."""
    loads = [[12.0, 6.0, 0.01, 0.01], [0.001, 0.001, 0.4, 0.05]]
    of = of_two(120.0, loads, kappa if math.isfinite(kappa) else 1e9)
    over = tails(of, np.zeros((1, 2)), ROUGH)[0][0, 0]
    truth = np.array([by_transform(of, t, 0.0)[120] for t in range(4)])
    assert over == pytest.approx(truth, rel=3e-3, abs=3.0 * ROUGH * truth.max())


def test_rows_that_fade_out_sooner_are_cut_off_no_earlier_than_they_may_be() -> None:
    of, numbers = of_two(160.0, [[0.6, 0.2], [0.01, 0.03]], 0.9), np.array([0.0, 1.0, 3.0, 7.0])
    over = tails(of, np.repeat(numbers[:, None], 2, axis=1), ROUGH)[0][0]
    truth = np.array([[by_transform(of, t, number)[160] for t in range(2)] for number in numbers])
    assert over == pytest.approx(truth, rel=0.01)


def test_no_row_is_lost_where_one_circle_cannot_suit_all() -> None:
    """From a tenth of an account to eight: along one circle the heaviest rows came out as nothing."""
    of = replace(of_two(160.0, [[0.6], [0.15]], 1e9), counts=np.full((1, 2), 0.1))
    over = rising(of, np.repeat(np.arange(8.0)[:, None], 2, axis=1))[0][0, :, 0]
    truth = np.array([by_transform(of, 0, float(number))[160] for number in range(8)])
    assert over == pytest.approx(truth, rel=0.01)


def test_where_nobody_is_there_the_rows_with_accounts_are_as_without_that_row() -> None:
    of, numbers = replace(of_two(60.0, [[0.6], [0.15]], 1.2), counts=np.zeros((1, 2))), np.arange(0.0, 8.0)
    over = tails(of, np.repeat(numbers[:, None], 2, axis=1), ROUGH)[0][0, :, 0]
    truth = np.array([by_transform(of, 0, number)[60] for number in numbers])
    assert over[0] == 0.0
    assert over[1:] == pytest.approx(truth[1:], rel=0.05)


@pytest.mark.parametrize("kappa", [5.0, math.inf])
@pytest.mark.parametrize("times", [4.0, 6.0, 9.0, 14.0])
def test_a_node_that_is_many_times_full_is_over(times: float, kappa: float) -> None:
    """What comes round again is then as large as the sum itself: it was 0 where the node is always over."""
    of = compound(9.0, [9.0 * times], [0.0, 1.0], kappa, 0.0, 1.0)
    assert tails(of, np.zeros((1, 1)), ROUGH)[0][0, 0, 0] == pytest.approx(
        tails(of, np.zeros((1, 1)), EXACT)[0][0, 0, 0], rel=0.02
    )


def test_many_accounts_that_hardly_differ_are_summed_as_far_as_they_count() -> None:
    """One account's exponent is the log of a number next to 1: in single precision the sum ended a twelfth too low."""
    of = compound(174.0, [0.8 * 174.0 / 1600.0], [0.0, 1.0], 9e5, 0.0, 1600.0)
    rough, exact = (tails(of, np.zeros((1, 1)), tolerance)[0][0, 0, 0] for tolerance in (ROUGH, EXACT))
    assert rough == pytest.approx(exact, rel=3e-3)


def test_a_single_meeting_beyond_the_limit_is_not_lost() -> None:
    """On a small server beside large ones a meeting may be many times its limit: such a risk came out as 0."""
    marks = [0.5, *[0.5 / 300] * 300]
    of = compound(10.0, [2e-5], marks, math.inf, 0.0, 1.0)
    assert tails(of, np.zeros((1, 1)), ROUGH)[0][0, 0, 0] >= 2e-5 * 290 / 600
