"""The randomized PIT: even where counts come from the law that was predicted, and not where they do not."""

import numpy as np
import pytest
from scipy import stats
from situations import OFFICE, demand, kind, week

from planner.model.calibration import pit
from planner.model.inputs.capacity import Floats, Node
from planner.model.overload.occupancy_law import Law, law
from planner.model.overload.prediction_band import distributions
from planner.model.workload.arrivals import offered_load

NODE = Node("n", {"rooms": 30, "users": 150})
ACCOUNTS, N = 60, 2000
BINS = np.array([288 + 12 * hour + 3 for hour in (3, 9, 11, 15)])


def laws(resource: str, spread: float = 0.8) -> list[Law]:
    """Return two draws, of accounts that meet twice and three times a week."""
    classes = [demand(meetings, spread, kind(shape=week(OFFICE))) for meetings in (2.0, 3.0)]
    return [law(NODE, resource, [(who, ACCOUNTS)]) for who in classes]  # type: ignore[arg-type]


def counted(of: list[Law], where: int, rng: np.random.Generator, busier: float = 1.0) -> Floats:
    """Return N readings at a bin, each of a draw, accounts and meetings of its own, played with numpy alone."""
    seen, which = np.zeros(N), rng.integers(len(of), size=N)
    for index, one in enumerate(of):
        here = np.flatnonzero(which == index)
        accounts = rng.gamma(ACCOUNTS * one.kappa[0], 1 / one.kappa[0], len(here))
        for band in one.bands:
            load = band.meetings * offered_load(band.kind, band.ages, (0.0,))[where, 0]
            meetings = rng.poisson(busier * accounts * load)
            marks = rng.choice(len(band.law), meetings.sum(), p=band.law / band.law.sum())
            np.add.at(seen, np.repeat(here, meetings), marks)
    return seen


def values(of: list[Law], seen: Floats, where: int, rng: np.random.Generator) -> list[float]:
    ((step, cumulative),) = distributions(of, (), [0.0, 0.0], np.array([where]))
    assert step == 1.0
    return [pit.randomized(cumulative, round(count), v) for count, v in zip(seen, rng.random(len(seen)), strict=True)]


@pytest.mark.parametrize("resource", ["rooms", "users"])
@pytest.mark.parametrize("where", BINS)
def test_it_is_even_on_counts_from_the_prediction_and_not_where_they_are_shifted(resource: str, where: int) -> None:
    """Kolmogorov and Smirnov's distance within its bound at 1 in 1,000; half as busy again is far beyond it."""
    rng = np.random.default_rng(int(where))
    of = laws(resource)
    bound = stats.kstwo.isf(1e-3, N)
    assert stats.kstest(values(of, counted(of, where, rng), where, rng), "uniform").statistic < bound
    if where != BINS[0]:  # in the night hardly anything is there to be shifted
        busier = values(of, counted(of, where, rng, busier=1.5), where, rng)
        assert stats.kstest(busier, "uniform").statistic > 2 * bound
        assert np.mean(busier) > 0.6


def test_a_law_that_is_too_narrow_piles_up_at_both_ends() -> None:
    rng = np.random.default_rng(2)
    wide, narrow, where = laws("rooms", spread=3.0), laws("rooms", spread=0.1), int(BINS[2])
    tenths = pit.histogram(values(narrow, counted(wide, where, rng), where, rng))
    assert tenths[0] + tenths[-1] > 0.25
    assert sum(tenths) == pytest.approx(1)


def test_without_days_that_differ_the_law_is_scipys() -> None:
    """One draw, accounts alike: Poisson's law of the meetings in progress."""
    who = demand(2.0, 0.0, kind(shape=week(OFFICE)))
    of = law(NODE, "rooms", [(who, ACCOUNTS)])
    found = distributions([of], (), [0.0], BINS)
    mean = ACCOUNTS * 2.0 * offered_load(kind(shape=week(OFFICE)))[BINS, 0]
    for (step, cumulative), expected in zip(found, mean, strict=True):
        assert step == 1.0
        # instants within 1 % of each other share a law
        assert cumulative == pytest.approx(stats.poisson.cdf(np.arange(len(cumulative)), expected), abs=0.01)


@pytest.mark.parametrize(("k", "v", "u"), [(0, 0.5, 0.1), (1, 0.0, 0.2), (1, 1.0, 0.7), (9, 0.5, 1.0), (-1, 0.5, 0.0)])
def test_it_lies_between_the_shares_below_and_up_to_the_count(k: int, v: float, u: float) -> None:
    assert pit.randomized(np.array([0.2, 0.7, 1.0]), k, v) == pytest.approx(u)
