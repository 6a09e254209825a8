"""The contour sum and its law: textbook laws, `aggregate`, the busiest instant, and draws against exact ones."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from situations import CLUMPED, SITUATIONS, demand, kind, week

from planner.model.inputs.allocation import arrivals, to_node
from planner.model.inputs.capacity import Inputs, LinearLoad, Node, ScaleliteLoad
from planner.model.overload import draws, kernel
from planner.model.overload.columns import cubic
from planner.model.overload.contour_sum import tails
from planner.model.overload.law import Compound, Law, law
from planner.model.overload.mark_laws import size_laws
from planner.model.overload.measures import Measures, measures, measures_of_each
from planner.model.overload.members import gamma_quantile, summed_multipliers
from planner.model.workload.arrivals import offered_load
from planner.model.workload.marks import marks, size_law
from planner.planning.credit import drawn_picks
from planner.scenario import resolve
from planner.scenario.reader import read

PILOT = Path(__file__).parents[1] / "scenarios" / "pilot-5.yaml"
NAMES = ("busiest_instant", "minutes", "episodes", "any_in_week_bound")


def compound(
    limit: float, loads: list[float], mark: list[float], kappa: float = math.inf, known: float = 1.0, fresh: float = 0.0
) -> Compound:
    """Return a law of one group and one band at some instants, one arrival an hour."""
    load = np.array(loads)[None, None]
    return Compound(
        limit=np.array([limit]),
        owner=np.array([0]),
        marks=np.array([[mark]]),
        kappa=np.array([[kappa]]),
        summed=np.array([[known]]),
        counts=np.array([[fresh]]),
        load=load,
        rate=np.ones_like(load),
    )


NOBODY = np.zeros((1, 1))


# ---- textbook laws -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 1, 3, 30, 200])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.9, 1.0, 1.2, 5.0])
def test_known_accounts_are_poisson(limit: int, share: float) -> None:
    mean = share * (limit + 1)
    over, crossing = tails(compound(limit, [mean], [0.0, 1.0]), NOBODY, 1e-10)
    expected = stats.poisson.sf(limit, mean)
    assert over[0, 0, 0] == pytest.approx(expected, rel=1e-8, abs=1e-200)
    assert crossing[0, 0, 0] == pytest.approx(stats.poisson.pmf(limit, mean), rel=1e-8, abs=1e-8 * expected)


@pytest.mark.parametrize(("accounts", "kappa"), [(1, 1.0), (5, 0.14), (40, 1.0), (40, 4.0), (300, 0.5), (40, 1e9)])
@pytest.mark.parametrize("limit", [0, 4, 25])
def test_accounts_with_multipliers_of_their_own_are_negative_binomial(limit: int, accounts: int, kappa: float) -> None:
    """And an arriving meeting finds its own account's multiplier biased by size: a shape larger by one."""
    load = 0.1
    over, crossing = tails(compound(limit, [load], [0.0, 1.0], kappa, 0.0, accounts), NOBODY, 1e-10)
    chance = kappa / (kappa + load)
    rel = 1e-8 if kappa < 1e6 else 1e-5
    assert over[0, 0, 0] == pytest.approx(stats.nbinom.sf(limit, kappa * accounts, chance), rel=rel)
    found = stats.nbinom.pmf(limit, kappa * accounts + 1, chance)
    assert crossing[0, 0, 0] == pytest.approx(accounts * found, rel=rel, abs=1e-8)


@pytest.mark.parametrize("limit", [6, 7, 40, 69, 70, 71])
def test_marks_that_are_all_multiples_are_not_smoothed(limit: int) -> None:
    """The generating function has a period round the circle: no point of it may be forgotten."""
    mark = np.zeros(8)
    mark[7] = 1.0
    over, _ = tails(compound(limit, [4.0], mark.tolist()), NOBODY, 1e-10)
    assert over[0, 0, 0] == pytest.approx(stats.poisson.sf(limit // 7, 4.0), rel=1e-9)


@pytest.mark.parametrize(("limit", "share"), [(20, 0.2), (60, 0.5), (60, 1.0), (150, 0.4)])
@pytest.mark.parametrize("kappa", [0.3, 1.0, 4.0])
def test_the_law_is_that_of_aggregate(limit: int, share: float, kappa: float) -> None:
    """Another program's compound law with gamma mixing, by a transform over the whole lattice."""
    aggregate = pytest.importorskip("aggregate")
    mean_meetings = share * limit / 4.0
    size = [0.0, 0.0, 0.3, 0.25, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01]
    size_mean = float(np.dot(range(len(size)), size))
    mean_meetings *= 4.0 / size_mean
    xs, ps = " ".join(str(n) for n in range(2, 11)), " ".join(map(str, size[2:]))
    mixing = f"mixed gamma {1 / math.sqrt(kappa)}"
    other = aggregate.build(f"agg Users {mean_meetings} claims dsev [{xs}] [{ps}] {mixing}", bs=1, log2=16, padding=1)
    over, _ = tails(compound(limit, [mean_meetings], size, kappa, 0.0, 1.0), NOBODY, 1e-12)
    assert over[0, 0, 0] == pytest.approx(float(other.sf(limit)), rel=1e-9)


# ---- the measures, every instant a column --------------------------------------------------------------------------


def by_transform(of: Law, extra: np.ndarray, load: np.ndarray) -> float:
    """Return P(X > L) from the whole probability mass function, on 16 (L + 1) points."""
    limit = int(of.limit)
    n = 1 << math.ceil(math.log2(16 * (limit + 2)))
    radius = 1e-12 ** (1 / n)
    phi = np.polynomial.polynomial.polyval(radius * np.exp(2j * math.pi * np.arange(n) / n), of.marks.T) - 1.0
    log_moment = np.zeros(n, complex)
    for group, kappa in enumerate(of.kappa):
        inside = load[of.owner == group] @ phi[of.owner == group]
        accounts = of.counts[group] + extra[group]
        log_moment += of.summed[group] * inside
        log_moment += accounts * (inside if kappa == math.inf else -kappa * np.log(1 - inside / kappa))
    mass = np.fft.fft(np.exp(log_moment)).real / n * radius ** -np.arange(n)
    return float(1.0 - mass[: limit + 1].sum())


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_the_busiest_instant_is_that_of_looking_everywhere(situation: object) -> None:
    """Against the largest of all five-minute edges and eight instants inside each bin near the top."""
    node, population = situation.node, situation.population  # type: ignore[attr-defined]
    for resource in node.limits:
        of = law(node, resource, population)
        found = measures(of)
        nothing = np.zeros(len(of.counts))
        at = np.linspace(0.0, 0.875, 8)
        load = np.stack([band.meetings * offered_load(band.kind, band.ages, tuple(at)) for band in of.bands])
        load = load.reshape(len(of.bands), -1)
        over = tails(of.at(load, np.zeros_like(load)), nothing[None], 1e-9)[0][0, 0]
        assert found.busiest_instant >= over.max() * (1 - 1e-6)
        assert found.busiest_instant == pytest.approx(over.max(), rel=5e-3)
        best = load[:, int(over.argmax())]
        assert over.max() == pytest.approx(by_transform(of, nothing, best), rel=1e-7, abs=1e-11)


def test_classes_of_different_profiles_have_their_true_busiest_instant() -> None:
    """Many small meetings in the morning, few large ones at night: one bound for all points to the wrong instant."""
    morning, noon, night = (week({hour: 1.0}, (0, 1, 2, 3, 4), CLUMPED) for hour in (9, 13, 20))
    few = {"participants": 100.0, "size_dispersion": 0.5}
    population = [
        (demand(3.0, 0.5, kind(shape=morning, size=5.0)), 90.0),
        (demand(2.0, 1.5, kind(shape=noon, size=9.0, participants=30.0)), 25.0),
        (demand(4.0, 2.0, kind(shape=night, size=25.0, **few)), 3.0),
    ]
    for limit in (60, 120, 175):
        of = law(Node("n", {"users": limit}), "users", population)
        load = np.stack([band.meetings * offered_load(band.kind, band.ages)[:, 0] for band in of.bands])
        over = tails(of.at(load, np.zeros_like(load)), np.zeros((1, 3)), 1e-9)[0][0, 0]
        found = measures(of)
        assert found.busiest_instant >= over.max() * (1 - 1e-6)
        assert abs(found.busiest_bin - int(over.argmax())) <= 1 or over[found.busiest_bin] > 0.999 * over.max()


def test_meetings_of_one_length_peak_inside_a_bin() -> None:
    """All last 52 minutes: for two minutes after the hour those of the hour before are still there."""
    who = demand(2.0, 0.0, kind(shape=week({9: 1.0, 10: 1.0}, (0,), CLUMPED), duration=52 / 60, duration_cv=0.0))
    of = law(Node("n", {"rooms": 3}), "rooms", [(who, 40.0)])
    at = tuple(np.linspace(0.0, 0.99, 100))
    load = offered_load(who.kinds[0], (0.0, math.inf), at).max() * 2.0
    assert measures(of).busiest_instant == pytest.approx(stats.poisson.sf(3, 40 * load), rel=1e-3)


def test_more_accounts_are_the_same_asked_one_by_one_or_together() -> None:
    of = law(Node("n", {"users": 60}), "users", [(demand(2.0, 1.0), 20.0)], [demand(2.0, 1.0)])
    rows = [(n,) for n in (0, 3, 10, 60, 200)]
    for one, row in zip(measures_of_each(of, rows), rows, strict=True):
        alone = measures(of, row)
        assert [getattr(one, name) for name in NAMES] == pytest.approx(
            [getattr(alone, name) for name in NAMES], rel=2e-3
        )


def test_a_node_over_by_its_reserve_is_always_over_and_one_without_a_limit_never() -> None:
    who = demand(2.0, 1.0)
    full = law(Node("n", {"rooms": 3}, reserve={"rooms": 4}), "rooms", [(who, 1.0)])
    assert measures(full).busiest_instant == measures(full).any_in_week_bound == 1.0
    free = law(Node("n", {}), "rooms", [(who, 1000.0)])
    assert measures(free) == Measures(0.0, 0.0, 0.0, 0.0, 0, 0)


# ---- members by their summed multipliers ---------------------------------------------------------------------------


def test_gamma_quantiles_are_scipys() -> None:
    rng = np.random.default_rng(1)
    shape, u = np.exp(rng.uniform(-3.0, 7.0, 2000)), rng.random(2000)
    found, expected = gamma_quantile(shape, u), stats.gamma.ppf(u, shape)
    exact = shape < 200.0
    assert found[exact] == pytest.approx(expected[exact], rel=1e-9, abs=1e-300)
    assert found[~exact] == pytest.approx(expected[~exact], rel=1e-4)


def test_averaging_over_the_members_multipliers_gives_back_the_mixture() -> None:
    """The law of twenty accounts, each with a multiplier of its own, is that over all draws of their sum."""
    n, kappa, accounts, load, limit = 4000, 0.5, 20.0, 0.1, 6
    summed = summed_multipliers("members.de.small", np.full(n, accounts), np.full(n, kappa), 501)
    assert summed.mean() == pytest.approx(accounts, rel=1e-3)
    one = compound(limit, [load], [0.0, 1.0], kappa)
    many = replace(
        one,
        **{name: np.repeat(getattr(one, name), n, axis=0) for name in ("limit", "marks", "kappa", "counts")},
        summed=summed[:, None],
        load=np.repeat(one.load, n, axis=0),
        rate=np.repeat(one.rate, n, axis=0),
    )
    over, _ = tails(many, NOBODY, 1e-6, 1e-12)
    expected = stats.nbinom.sf(limit, kappa * accounts, kappa / (kappa + load))
    assert over.mean() == pytest.approx(expected, rel=0.01)


# ---- all draws -----------------------------------------------------------------------------------------------------


def both(n: int) -> tuple[Inputs, Inputs, list[Inputs]]:
    """Return the pilot at its values, over n draws as arrays, and draw by draw."""
    scenario = read(PILOT)
    pick = drawn_picks(resolve.uncertain(scenario), n, 501)

    def single(index: int) -> Inputs:
        return resolve.inputs(scenario, lambda one: float(np.broadcast_to(pick(one), n)[index]))

    return resolve.inputs(scenario), resolve.inputs(scenario, pick), [single(index) for index in range(n)]


def test_numpy_and_numba_say_the_same() -> None:
    pytest.importorskip("numba")
    rng = np.random.default_rng(5)
    d, b, t, k, g = 3, 4, 6, 9, 3
    shape = (d, b, k + 1)
    phi = 0.3 * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    arguments = (
        *(rng.random((2, d, b, t))),
        phi,
        rng.standard_normal((d, k)) + 1j * rng.standard_normal((d, k)),
        rng.random(d),
        np.array([0, 0, 1, 2]),
        np.stack([rng.uniform(2.0, 5.0, d), np.full(d, 3e6), np.full(d, math.inf)], 1),
        rng.random((d, g)),
        np.stack([rng.random(d), np.zeros(d), rng.random(d)], 1),
        np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 1.0]]),
    )
    for one, other in zip(kernel.in_numpy(*arguments), kernel.compiled()(*arguments), strict=True):
        assert one == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("participants", [2.0, 10.0, 100.0, math.inf])
def test_sizes_in_all_draws_are_those_of_each(participants: float) -> None:
    sizes, k = np.array([2.0, 4.0, 9.0]), np.array([1.5, 0.7, math.inf])
    found = size_laws(kind(size=sizes, size_dispersion=k, participants=participants), 3)
    for row, size, dispersion in zip(found, sizes, k, strict=True):
        expected = size_law(kind(size=float(size), size_dispersion=float(dispersion), participants=participants))
        length = max(len(row), len(expected))
        padded = [np.pad(one, (0, length - len(one))) for one in (row, expected)]
        assert padded[0] == pytest.approx(padded[1], abs=1e-8)


@pytest.mark.parametrize("resource", ["rooms", "users", "streams", "egress", "load"])
@pytest.mark.parametrize("load", ["linear", "scalelite"])
def test_marks_in_all_draws_are_those_of_each(resource: str, load: str) -> None:
    node = Node("n", {resource: 60.0}, load=LinearLoad(0.1, 1.0, 0.5, 0.25) if load == "linear" else ScaleliteLoad())  # type: ignore[dict-item,arg-type]
    step = draws.lattice(resource, node)  # type: ignore[arg-type]
    cameras, sizes = np.array([0.0, 0.4, 1.0]), np.array([4.0, 6.0, 9.0])
    many = kind(size=sizes, cameras=cameras, screenshare=0.3, participants=12.0)
    found = list(draws.mark_laws(many, resource, node, step, 400, 3))  # type: ignore[arg-type]
    for index in range(3):
        one = replace(many, size=float(sizes[index]), cameras=float(cameras[index]))
        for (ages, laws), mark in zip(found, marks(one, resource, node), strict=True):  # type: ignore[arg-type]
            assert ages == (mark.age_from, mark.age_to)
            assert laws[index][: len(mark.law)] == pytest.approx(mark.law, abs=1e-12)


def test_cubics_go_through_cubics() -> None:
    nodes = np.linspace(0.0, 2.0, 9)
    x = np.linspace(0.0, 2.0, 50)
    assert cubic(x, nodes) @ (nodes**3 - nodes) == pytest.approx(x**3 - x)
    assert cubic(x, nodes[:1]) @ np.array([4.0]) == pytest.approx(np.full(50, 4.0))


def bound_pilot(resource: str, n: int) -> tuple[Inputs, list[Inputs], draws.NodeDraws]:
    """Return the pilot's draws and one resource of its first node over them."""
    central, drawn, single = both(n)
    places = draws.places(central, drawn, n, 501)
    offered = {name: (["level-1"] if arrivals(central).reach(name) else []) for name in places}
    (of, *_) = draws.node_draws(
        resource,  # type: ignore[arg-type]
        list(places.values()),
        draws.week(central, drawn, n),
        list(central.members.mix),
        offered,
    )
    return central, single, of


@pytest.mark.parametrize("resource", ["rooms", "users"])
def test_draws_on_columns_are_as_every_instant_by_itself(resource: str) -> None:
    """For 1e-3 to 1e3 overloads a year: the median within 1.5 %, all within 6 %."""
    central, single, of = bound_pilot(resource, 24)
    extra = to_node(arrivals(central), "de")
    rows = [extra(0), extra(20)]
    found, ratios = draws.risks(of, rows), []
    for index, inputs in enumerate(single):
        node = inputs.nodes[0]
        one = law(
            node,
            resource,  # type: ignore[arg-type]
            [(inputs.demands[level], float(n[index])) for level, n in of.place.counts.items()],
            [inputs.demands["level-1"]],
            [(inputs.demands[level], float(n[index])) for level, n in of.place.summed.items()],
        )
        for row, exact in enumerate(measures_of_each(one, rows)):
            if 1e-3 <= 12 * exact.episodes <= 1e3:
                ratios.append(found["episodes"][index, row] / exact.episodes - 1.0)
                assert found["busiest_instant"][index, row] == pytest.approx(exact.busiest_instant, rel=0.02)
    assert len(ratios) >= 10
    assert abs(float(np.median(ratios))) < 0.015
    assert np.abs(ratios).max() < 0.06


def test_office_hours_are_the_busiest_of_a_week() -> None:
    """The columns keep the busiest instant apart, and their hours are those of a week."""
    *_, of = bound_pilot("rooms", 8)
    assert of.columns.hours.sum() == pytest.approx(168.0)
    assert of.columns.load.sum(axis=0) == pytest.approx(np.ones(len(of.columns.hours)))
