"""The promise of learning: histories of synthetic co-ops are learned from, and held against the truth they hide.

`python -m pytest -m slow -s tests/learning/test_coverage.py` prints what docs/model-learning.md quotes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import synthetic
from synthetic import World

from planner.learning import Calibration, calibrate
from planner.scenario.reader import Scenario

CO_OPS = 300
BROKEN = 24
"""Co-ops for each broken assumption."""
DRAWS = 60
WIDE = 100
"""Participants that the level allows where sizes matter: ten would hide every heavy tail."""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return synthetic.scenario(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return synthetic.scenario(tmp_path_factory.mktemp("wide"), participants=WIDE)


def learned(
    known: Scenario, truth: synthetic.Truth, world: World, accounts: int, rng: np.random.Generator
) -> Calibration:
    """Return what half a year of so many accounts says."""
    participants = int(known.estimates["levels.only.participants"].value or 0)
    meetings = synthetic.drawn(truth, world, accounts, 26, synthetic.shape(known), participants, rng)
    return calibrate(known, *synthetic.history(meetings, 26, accounts))


def numbers(known: Scenario, co_ops: int, accounts: int, seed: int) -> Iterator[tuple[int, int, int]]:
    """Yield the central number before learning, after it, and as it truly is, of each co-op."""
    rng = np.random.default_rng(seed)
    before = synthetic.central_number(synthetic.known_as(known, {}))
    for truth in synthetic.truths(known, co_ops, seed):
        found = learned(known, truth, World(), accounts, rng)
        after = synthetic.central_number(synthetic.known_as(known, {one.path: one.value for one in found.learned}))
        yield before, after, synthetic.central_number(synthetic.as_true(known, truth))


def closer(rows: Iterator[tuple[int, int, int]], what: str) -> float:
    """Return in which share of co-ops the number is closer to the true one after learning, or equal; and print it."""
    before, after, true = np.array(list(rows)).T
    share = float((np.abs(after - true) <= np.abs(before - true)).mean())
    print(
        f"\n{what}: the number is closer or equal in {100 * share:.0f} % of {len(true)} co-ops; its mean error "
        f"goes from {np.abs(before - true).mean():.0f} to {np.abs(after - true).mean():.0f} accounts"
    )
    return share


@pytest.mark.slow
def test_half_a_year_of_fifty_accounts_brings_the_number_closer_in_17_of_20_co_ops(known: Scenario) -> None:
    assert closer(numbers(known, CO_OPS, 50, seed=5), "50 accounts, 26 weeks") >= 0.85


@pytest.mark.slow
def test_half_a_year_of_the_five_pilot_accounts_alone_brings_it_closer_more_often_than_not(known: Scenario) -> None:
    assert closer(numbers(known, CO_OPS // 2, 5, seed=6), "5 accounts, 26 weeks") > 0.5


@pytest.mark.slow
def test_of_co_ops_for_which_the_model_holds_two_in_a_hundred_are_flagged(known: Scenario) -> None:
    """200 co-ops of 50 and 100 of 5: 6 flagged are expected; more than 13 come by luck once in 250 times."""
    rng = np.random.default_rng(7)
    flagged = sum(
        not learned(known, truth, World(), accounts, rng).holds
        for accounts, co_ops in ((50, 200), (5, 100))
        for truth in synthetic.truths(known, co_ops, seed=7)
    )
    print(f"\nflagged although the model holds: {flagged} of 300 co-ops")
    assert flagged <= 13


@dataclass(frozen=True)
class Cell:
    """One way of breaking the model, over many co-ops."""

    name: str
    broken: float
    """Share of the co-ops in which the number that was thought safe is not."""
    flagged: float
    asked: str
    """What was flagged most often."""
    episodes: float
    """Overloads a year, the median over the co-ops."""


def cell(wide: Scenario, name: str, world: World, seed: int) -> Cell:
    """Return what becomes of co-ops that admit as many accounts as learning says, in a world that breaks the model."""
    rng = np.random.default_rng(seed)
    broken, flagged, episodes, names = [], [], [], []
    for truth in synthetic.truths(wide, BROKEN, seed=11):
        found = learned(wide, truth, world, 55, rng)
        accounts = 55 + synthetic.sure_number(wide, found, DRAWS, seed=3)
        a_year = synthetic.episodes_a_year(truth, world, accounts, synthetic.shape(wide), WIDE, rng)
        broken.append(a_year > 1.0)
        flagged.append(not found.holds)
        episodes.append(a_year)
        names += [one.name for one in found.checks if one.flagged]
    most = max(sorted(set(names)), key=names.count, default="")
    return Cell(name, float(np.mean(broken)), float(np.mean(flagged)), most, float(np.median(episodes)))


@pytest.mark.slow
def test_where_a_broken_assumption_breaks_the_objective_the_check_of_fit_says_so(wide: Scenario) -> None:
    """The objective is kept in 90 % of the co-ops where the model holds; where it is not, at least 80 % are flagged."""
    table = [cell(wide, name, world, seed) for seed, (name, world) in enumerate(synthetic.variants().items())]
    print(f"\n| {BROKEN} co-ops of 55 accounts each | objective broken | flagged | mostly by | overloads a year |")
    print("|---|---|---|---|---|")
    for row in table:
        print(f"| {row.name} | {row.broken:.0%} | {row.flagged:.0%} | {row.asked} | {row.episodes:.1f} |")
    holds = table[0]
    # 10 % of 24 co-ops are 2.4; more than 6 come by luck once in 100 times
    assert holds.broken * BROKEN <= 6
    for row in table[1:]:
        if row.broken > 0.1:
            assert row.flagged >= 0.8, row
    assert sum(row.broken > 0.1 for row in table[1:]) >= 4  # or nothing was shown
