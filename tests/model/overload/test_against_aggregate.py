"""The compound law against `aggregate`: another program, by a transform over the whole lattice.

Its tails are one less a sum, good to about 1e-16, so nothing below 1e-6 is compared. Ours lose digits with limits above
some hundreds: where accounts are few and very unlike the circle is small, and what is added up on it large (1e-9 at a
limit of 500, whatever the tolerance). Below that both are exact to 1e-9.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from compound_laws import NOBODY, compound

from planner.model.inputs.capacity import NO_LIMIT, LinearLoad, Node, ScaleliteLoad
from planner.model.overload.contour_sum import tails
from planner.model.overload.occupancy_law import Compound, law, mean_of
from planner.model.workload.arrivals import offered_load
from planner.scenario import resolve
from planner.scenario.reader import read

PILOT = Path(__file__).parents[3] / "scenarios" / "pilot-5.yaml"
TOLERANCE = 1e-10
SAME = 1e-9
"""How far apart the two programs may be [-]."""
LEAST = 1e-6
"""Smaller probabilities have too few digits in the other program [-]."""
MEETING = (0.0, 0.0, 0.3, 0.25, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01)
CALL = (0.0, 0.0, 0.0, 0.7, 0.0, 0.0, 0.0, 0.0, 0.3)


@pytest.fixture(scope="module", autouse=True)
def _a_home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """`aggregate` makes a folder in the user's home when it is imported."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(tmp_path_factory.mktemp("home")))
        yield


def other(mean: float, mark: Sequence[float], shape: float, longest: int) -> np.ndarray:
    """Return P(X = 0), ..., P(X = longest) by `aggregate`: meetings Poisson, or mixed by a gamma law of a shape."""
    import aggregate

    if mean == 0.0:
        return np.eye(1, longest + 1)[0]
    law_of = np.asarray(mark)
    xs = np.flatnonzero(law_of)
    values, chances = (" ".join(f"{one:.17g}" for one in part) for part in (xs, law_of[xs] / law_of.sum()))
    frequency = "poisson" if shape == math.inf else f"mixed gamma {shape**-0.5:.17f}"
    mean_meetings = mean * law_of.sum()
    # far enough out for nothing to come round again
    far = max(1 << 16, 1 << math.ceil(math.log2(40.0 * (longest + 1))))
    made = aggregate.build(
        f"agg Held {mean_meetings:.17f} claims dsev [{values}] [{chances}] {frequency}",
        bs=1,
        log2=int(math.log2(far)),
        padding=1,
    )
    return np.asarray(made.agg_density[: longest + 1])


def added_up(laws: Sequence[np.ndarray]) -> np.ndarray:
    """Return the law of a sum of independent variables, as far as each is known."""
    total = laws[0]
    for one in laws[1:]:
        total = np.convolve(total, one)[: len(total)]
    return total


@pytest.mark.parametrize(("limit", "share"), [(20, 0.2), (60, 0.5), (60, 1.0), (60, 1.5), (150, 0.4), (300, 0.6)])
@pytest.mark.parametrize("kappa", [0.14, 0.3, 1.0, 4.0, math.inf])
def test_one_class_of_accounts(limit: int, share: float, kappa: float) -> None:
    mean = share * limit / float(np.dot(range(len(MEETING)), MEETING))
    expected = 1.0 - other(mean, MEETING, kappa, limit).sum()
    over, _ = tails(compound(limit, [mean], list(MEETING), kappa, 0.0, 1.0), NOBODY, TOLERANCE)
    assert expected > LEAST or kappa == math.inf
    if expected > LEAST:
        assert over[0, 0, 0] == pytest.approx(expected, rel=SAME)


@dataclass(frozen=True)
class Class:
    """Accounts of one class with two kinds of meeting, of one account's loads and rates."""

    known: float
    """Summed multipliers [account]."""
    accounts: float
    kappa: float
    loads: tuple[float, float]
    """[Erlang]"""
    rates: tuple[float, float]
    """[1/h]"""


CLASSES = (
    Class(0.0, 9.0, 0.4, (0.3, 0.2), (0.4, 0.1)),
    Class(13.7, 2.0, 1.0, (0.25, 0.1), (0.3, 0.15)),
    Class(6.2, 0.0, 2.5, (0.7, 0.3), (0.8, 0.4)),
)


def together(classes: Sequence[Class], limit: int) -> Compound:
    """Return several classes with two kinds of meeting each as one law."""
    marks = np.zeros((2, max(len(MEETING), len(CALL))))
    marks[0, : len(MEETING)], marks[1, : len(CALL)] = MEETING, CALL
    both = [np.array([part for one in classes for part in getattr(one, name)]) for name in ("loads", "rates")]
    return Compound(
        limit=np.array([float(limit)]),
        owner=np.repeat(np.arange(len(classes)), 2),
        marks=(each := np.tile(marks, (len(classes), 1))[None]),
        mean_marks=mean_of(each),
        kappa=np.array([[one.kappa for one in classes]]),
        summed=np.array([[one.known for one in classes]]),
        counts=np.array([[one.accounts for one in classes]]),
        load=both[0][None, :, None],
        rate=both[1][None, :, None],
    )


def held(one: Class, limit: int, more: float = 0.0) -> list[np.ndarray]:
    """Return what the known and the other accounts of a class hold; `more` biases the latter by size."""
    marks = np.zeros((2, len(MEETING)))
    marks[0], marks[1, : len(CALL)] = MEETING, CALL
    mark = np.asarray(one.loads) @ marks / sum(one.loads)
    shape = one.kappa * one.accounts + more
    return [
        other(one.known * sum(one.loads), mark, math.inf, limit),
        other(shape / one.kappa * sum(one.loads), mark, shape, limit) if shape else np.eye(1, limit + 1)[0],
    ]


@pytest.mark.parametrize("limit", [60, 90, 130])
def test_classes_together_and_the_arrivals_that_lift_them_over_the_limit(limit: int) -> None:
    """An arriving meeting of a known account sees everybody as they are, of another its own class biased by size."""
    laws = [held(one, limit) for one in CLASSES]
    everybody = added_up([part for parts in laws for part in parts])
    lifted = 0.0
    for place, one in enumerate(CLASSES):
        biased = [*laws]
        biased[place] = held(one, limit, more=1.0) if one.accounts else laws[place]
        seen = added_up([part for parts in biased for part in parts])
        for rate, mark in zip(one.rates, (MEETING, CALL), strict=True):
            at_least = np.append(np.cumsum(mark[::-1])[::-1], 0.0)
            # from x a mark of limit + 1 - x or more lifts it over
            needed = np.minimum(limit + 1 - np.arange(limit + 1), len(at_least) - 1)
            lifted += rate * (one.known * everybody @ at_least[needed] + one.accounts * seen @ at_least[needed])
    over, crossing = tails(together(CLASSES, limit), np.zeros((1, len(CLASSES))), TOLERANCE)
    expected = 1.0 - everybody.sum()
    assert expected > LEAST
    assert over[0, 0, 0] == pytest.approx(expected, rel=SAME)
    assert crossing[0, 0, 0] == pytest.approx(lifted, rel=SAME)


def test_the_other_program_would_see_a_wrong_law() -> None:
    """A thousandth more meetings, or a shape a hundredth larger, is far outside what is allowed."""
    limit, one = 90, CLASSES[0]
    expected = 1.0 - added_up([part for each in CLASSES for part in held(each, limit)]).sum()
    for wrong in (replace(one, accounts=1.001 * one.accounts), replace(one, kappa=1.01 * one.kappa)):
        over, _ = tails(together((wrong, *CLASSES[1:]), limit), np.zeros((1, len(CLASSES))), TOLERANCE)
        assert abs(over[0, 0, 0] / expected - 1.0) > 1e4 * SAME


@pytest.mark.parametrize("resource", ["rooms", "users", "streams", "egress", "load", "scalelite"])
def test_a_nodes_busiest_five_minutes(resource: str) -> None:
    """The pilot's members of two levels, marks and lattice as they are, with limits that are broken now and then."""
    inputs = resolve.inputs(read(PILOT))
    limits = {"rooms": 12.0, "users": 80.0, "streams": 350.0, "egress": 60.0, "load": 0.4}
    of_load = LinearLoad(0.03, 0.003, 0.003, 0.0003)
    if resource == "scalelite":
        node = Node("n", {"load": 120.0}, load=ScaleliteLoad())
    else:
        node = Node("n", {resource: limits[resource]}, load=of_load)  # type: ignore[dict-item]
    name = "load" if resource == "scalelite" else resource
    some = [inputs.demands[level] for level in ("level-1", "level-2")]
    of = law(node, name, [(some[0], 9.0), (some[1], 4.0)], [], [(some[1], 21.3)])  # type: ignore[arg-type]
    load = np.stack([band.meetings * offered_load(band.kind, band.ages)[:, 0] for band in of.bands])
    busiest = load[:, [int(load.sum(axis=0).argmax())]]
    over, _ = tails(of.at(busiest, np.zeros_like(busiest)), np.zeros((1, len(of.counts))), TOLERANCE)
    limit, laws = int(of.limit), []
    for group, kappa in enumerate(of.kappa):
        mine = of.owner == group
        total = float(busiest[mine].sum())
        mark = busiest[mine, 0] @ of.marks[mine] / total
        laws.append(other(of.summed[group] * total, mark, math.inf, limit))
        laws.append(other(of.counts[group] * total, mark, of.counts[group] * kappa, limit))
    expected = 1.0 - added_up(laws).sum()
    assert 0.5 > expected > LEAST
    assert of.limit < NO_LIMIT
    assert over[0, 0, 0] == pytest.approx(expected, rel=SAME)
