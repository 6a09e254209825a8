"""The simulation by itself: counting, draws, seeds, memory, limits on rooms, balancers, and the options."""

import math
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import outside_simulator
import pytest
from agreement import Comparison, agree
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from situations import OFFICE, ONE_BIN, SITUATIONS, UNLIKE, demand, kind, linear, scalelite, week

from planner.model import overload, placement, simulation, siting
from planner.model.counting import BIN_TICKS, HOURS, Tally, events_of, in_order, steps_of, tallies, timeline
from planner.model.evidence import Simulated, wilson
from planner.model.inputs import BINS_PER_WEEK, NO_LIMIT, WEEKS_PER_MONTH, Demand, Inputs, Kind, Node, ScaleliteLoad
from planner.model.meetings import TICKS, WEEK, Accounts, Meetings, Needs, Options, Span, drawn, span_of, tables_of
from planner.model.simulation import Task, World, simulate, tallies_of, tasks_of, world_of
from planner.model.variates import alias, draw, size_chances
from planner.scenario import reader, resolve

SCENARIOS = Path(__file__).parents[1] / "scenarios"
EVEN = np.ones(BINS_PER_WEEK)


def world(what: Demand, count: int, *nodes: Node, pooled: bool = False, **changes: object) -> World:
    """Return accounts of one demand on the first node, or behind a balancer."""
    return World(nodes, (Accounts(count, what, None if pooled else 0),), **changes)  # type: ignore[arg-type]


def columns(result: Simulated | Tally) -> list[np.ndarray]:
    """Return everything in a result, to be compared bit by bit."""
    values = [getattr(result, field.name) for field in fields(result)]
    return [value if isinstance(value, np.ndarray) else np.array(repr(value)) for value in values]


def same(one: Iterable[Simulated], other: Iterable[Simulated]) -> bool:
    """Return whether two runs have the same bits."""
    pairs = zip(one, other, strict=True)
    return all(np.array_equal(x, y) for a, b in pairs for x, y in zip(columns(a), columns(b), strict=True))


class TestCounting:
    """The sorted, summed events against a plain sweep through a list."""

    @staticmethod
    def meetings(rng: np.random.Generator, span: Span, replications: int, n: int) -> Meetings:
        """Return meetings on a coarse clock, so that many events fall on one instant, and on week's ends."""
        grain = TICKS // 4
        offset = rng.integers(0, replications, n) * span.next
        start = rng.integers(0, span.counts_to // grain, n) * grain
        end = np.minimum(start + rng.integers(1, 60, n) * grain, span.counts_to)
        return Meetings(
            start=start + offset,
            end=end + offset,
            node=np.zeros(n, dtype=np.int32),
            account=None,
            users=rng.integers(2, 9, n).astype(np.int32),
            moderators=None,
            late=None,
            cameras=None,
            page_size=None,
            screen=None,
        )

    @staticmethod
    def swept(meetings: Meetings, limit: int, span: Span, replications: int) -> dict[str, np.ndarray]:
        """Return what a sweep sees that goes from one event to the next: ends, Mondays, starts, instants."""
        weeks = span.weeks
        seen = {
            "over": np.zeros(replications, dtype=int),
            "episodes": np.zeros(replications, dtype=int),
            "weeks_over": np.zeros(replications, dtype=int),
            "peak": np.zeros((replications, weeks * HOURS)),
            "area": np.zeros(replications),
            "instants": np.zeros((replications, BINS_PER_WEEK), dtype=int),
        }
        for r in range(replications):
            mine = np.flatnonzero(meetings.start // span.next == r)
            zero = r * span.next + span.counts_from
            ends = [(int(meetings.end[i]) - zero, 0, -int(meetings.users[i])) for i in mine]
            starts = [(int(meetings.start[i]) - zero, 2, int(meetings.users[i])) for i in mine]
            ticks = [(tick, what, 0) for tick in range(0, weeks * WEEK + 1, BIN_TICKS) for what in (1, 3)]
            level, since, flagged = 0, -span.counts_from, set()
            for time, what, by in sorted(ends + ticks + starts):
                # every bin begins with ticks, so that no stretch reaches over an hour's or a week's end
                if since >= 0 and time > since:
                    seen["area"][r] += level * (time - since)
                    seen["peak"][r, since // TICKS] = max(seen["peak"][r, since // TICKS], level)
                    if level > limit:
                        seen["over"][r] += time - since
                        flagged.add(since // WEEK)
                if what == 1 and time < weeks * WEEK:
                    seen["episodes"][r] += time % WEEK == 0 and level > limit
                elif what == 3 and time < weeks * WEEK:
                    seen["instants"][r, time // BIN_TICKS % BINS_PER_WEEK] += level > limit
                elif time >= 0:
                    seen["episodes"][r] += level <= limit < level + by
                level, since = level + by, time
            seen["weeks_over"][r] = len(flagged)
        return seen

    @pytest.mark.parametrize("limit", [0, 6, 14, 40])
    def test_all_counts_are_those_of_a_plain_sweep(self, limit: int) -> None:
        """Overloads, minutes, weeks, peaks, instants, with ties and overloads that cross a Monday 00:00."""
        rng = np.random.default_rng(limit)
        span, replications = Span(run_in=20, weeks=2), 3
        meetings = self.meetings(rng, span, replications, 400)
        events = events_of(meetings, [], span, replications)
        line = timeline(events, None, 1, replications * span.next)
        steps = [steps_of([(0.0, meetings.users)], events)]
        [[tally]] = tallies(line, events.marks, [(steps, [limit])], span, 0)
        seen = self.swept(meetings, limit, span, replications)
        assert tally.episodes.tolist() == seen["episodes"].tolist()
        assert tally.over.tolist() == seen["over"].tolist()
        assert tally.weeks_over.tolist() == seen["weeks_over"].tolist()
        assert tally.mean == pytest.approx(seen["area"] / (2 * WEEK))
        assert tally.instants[0].tolist() == seen["instants"].sum(axis=0).tolist()
        assert tally.instants[1].tolist() == (seen["instants"] ** 2).sum(axis=0).tolist()
        peaks = seen["peak"].reshape(replications, 2, HOURS)
        assert tally.hours_over[0].tolist() == (peaks > limit).sum(axis=(0, 1)).tolist()
        assert tally.peak[0] == pytest.approx(peaks.mean(axis=1).sum(axis=0))
        assert tally.starts.sum() == tally.episodes.sum()

    def test_a_limit_below_zero_is_always_over(self) -> None:
        """The reserve alone is above the limit: one overload a week that lasts the week."""
        node = Node("node", {"rooms": 2.0}, {"rooms": 3.0}, ScaleliteLoad())
        [result] = simulate(world(demand(1.0, 0.5), 3, node), replications=4, seed=1, weeks=3)
        assert result.episodes.value == pytest.approx(WEEKS_PER_MONTH)
        assert result.minutes.value == pytest.approx(365.25 / 12 * 24 * 60)
        assert result.any_in_week.value == 1.0
        assert (result.instants == 1.0).all()

    @given(st.lists(st.integers(0, 2**40)))
    def test_the_radix_sort_is_a_stable_sort(self, times: list[int]) -> None:
        """Any times, in order, equal ones as they stood."""
        array = np.array(times, dtype=np.int64)
        assert in_order(array).tolist() == np.argsort(array, kind="stable").tolist()


class TestDraws:
    """Each variate has the law it should have."""

    @given(st.lists(st.floats(0, 10), min_size=1, max_size=40).filter(lambda weights: sum(weights) > 1e-3))
    def test_an_alias_table_holds_the_law_exactly(self, weights: list[float]) -> None:
        """What the cells keep and give away adds up to the weights."""
        given_weights = np.array(weights)
        table = alias(given_weights)
        n = len(weights)
        chance = np.bincount(table.value[1::2].astype(int), table.keep, n)
        chance += np.bincount(table.value[0::2].astype(int), 1 - table.keep, n)
        assert chance / n == pytest.approx(given_weights / given_weights.sum(), abs=1e-12)

    def test_a_start_is_spread_evenly_over_its_bin(self) -> None:
        """A fine comb of uniforms through a table with a step gives each bin its share, evenly inside."""
        weights = np.array([1.0, 0.0, 5.0, 2.0])
        value = draw(alias(weights, step=10.0), (np.arange(80_000) + 0.5) / 80_000)
        assert np.histogram(value, [0, 10, 20, 30, 40])[0] / 10_000 == pytest.approx(weights, abs=1e-3)
        inside = np.sort(value[(value >= 20) & (value < 30)])
        assert inside == pytest.approx(np.linspace(20, 30, len(inside)), abs=1e-2)

    @pytest.mark.parametrize("dispersion", [0.4, 1.5, math.inf])
    @pytest.mark.parametrize("participants", [1.0, 2.0, 3.0, 10.0, NO_LIMIT])
    def test_sizes_are_negative_binomial_cut_at_the_limit(self, dispersion: float, participants: float) -> None:
        """Against scipy, to 1e-12, with what lies above the limit on it."""
        mu = 5.0
        chances = size_chances(kind(size=2 + mu, size_dispersion=dispersion, participants=participants))
        extra = (
            stats.poisson(mu) if math.isinf(dispersion) else stats.nbinom(dispersion, dispersion / (dispersion + mu))
        )
        expected = np.concatenate([[0.0, 0.0], extra.pmf(np.arange(len(chances)))])[: len(chances)]
        expected[-1] += 1.0 - expected.sum()
        assert chances == pytest.approx(expected, abs=1e-12)
        assert participants == NO_LIMIT or len(chances) == participants + 1

    def test_durations_starts_and_cameras(self) -> None:
        """Means of a large draw within four standard errors of what the records say."""
        what = kind(duration=1.2, duration_cv=0.9, duration_limit=1.5, cameras=0.3, moderators=2, shape=EVEN)
        span = Span(run_in=2, weeks=1)
        population = (Accounts(200, demand(20.0, 0.0, what), 0),)
        needs = Needs(accounts=True, moderators=True, cameras=True, screens=False)
        seeds = np.random.SeedSequence(5)
        meetings = drawn(tables_of(population, span, Options()), span, 5, seeds, needs, Options())
        expected = 200 * 20.0 * 5 * (168 + 2) / 168
        assert abs(len(meetings.start) - expected) < 4 * math.sqrt(expected)
        local = meetings.start % span.next
        assert abs(stats.uniform(0, span.counts_to).cdf(local).mean() - 0.5) < 4 * math.sqrt(1 / 12 / expected)
        full = local + 1.5 * TICKS < span.counts_to
        hours = (meetings.end - meetings.start)[full] / TICKS
        sigma = math.sqrt(math.log1p(0.81))
        law = stats.lognorm(sigma, scale=1.2 * math.exp(-(sigma**2) / 2))
        assert abs((hours >= 1.5 - 2 / TICKS).mean() - law.sf(1.5)) < 4 * 0.5 / math.sqrt(len(hours))
        assert abs((hours < 0.7).mean() - law.cdf(0.7)) < 4 * 0.5 / math.sqrt(len(hours))
        assert meetings.cameras is not None
        shown = meetings.cameras.sum(axis=1) - 0.3 * meetings.users
        assert abs(shown.mean()) < 4 * shown.std() / math.sqrt(len(shown))
        assert meetings.account is not None
        assert meetings.account.max() < 1000


class TestSeeds:
    """A seed is a result, whoever computes it."""

    RUN: ClassVar = {"replications": 40, "seed": 7, "weeks": 2, "per_chunk": 4}

    def pool(self) -> World:
        """Return three nodes behind a balancer, with limits on rooms at once."""
        nodes = tuple(replace(scalelite(rooms=3, users=14), name=name) for name in "abc")
        return World(nodes, (Accounts(20, demand(3.0, 1.0, rooms_at_once=2)), Accounts(4, demand(6.0, 0.3))))

    def test_the_same_bits_for_any_number_of_workers(self) -> None:
        """1, 2 and 8 threads."""
        one, two, eight = (simulate(self.pool(), workers=workers, **self.RUN) for workers in (1, 2, 8))
        assert same(one, two)
        assert same(one, eight)
        assert not same(one, simulate(self.pool(), **{**self.RUN, "seed": 8}))

    def test_the_same_bits_for_any_order_of_the_chunks(self) -> None:
        """A `run` that works backwards, as a cluster might."""

        def backwards(work: Callable[[Task], list[Tally]], tasks: Iterable[Task]) -> list[list[Tally]]:
            return [work(task) for task in reversed(list(tasks))][::-1]

        assert same(simulate(self.pool(), **self.RUN), simulate(self.pool(), run=backwards, **self.RUN))

    def test_the_same_bits_without_a_compiler(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The balancer's loop as it stands."""
        compiled = simulate(self.pool(), **self.RUN)
        monkeypatch.setattr(simulation, "_compiled", lambda: placement)
        assert same(compiled, simulate(self.pool(), **self.RUN))

    def test_chunks_are_independent(self) -> None:
        """No two chunks draw the same, and the last may be shorter."""
        tasks = tasks_of(self.pool(), 10, 7, 1, per_chunk=4)
        assert [task.replications for task in tasks] == [4, 4, 2]
        means = np.concatenate([tallies_of(task)[0].mean for task in tasks])
        assert len(set(means.tolist())) == 10

    def test_one_account_more_only_adds_meetings(self) -> None:
        """N + 1 accounts contain n, draw by draw: every hour's peak and the minutes can only rise."""
        node = scalelite(rooms=3, users=14)
        runs = [simulate(world(demand(4.0, 1.0), n, node), **self.RUN) for n in (10, 11, 12)]
        for fewer, more in pairwise(runs):
            for a, b in zip(fewer, more, strict=True):
                assert (b.peak >= a.peak).all()
                assert b.minutes.value >= a.minutes.value
                assert (b.instants >= a.instants).all()
                assert b.mean.value > a.mean.value

    def test_a_small_limit_on_memory_holds_any_length(self) -> None:
        """Four times the replications take no more memory at once: it is bounded by the chunk."""
        what = world(demand(3.0, 1.0), 40, scalelite(rooms=8, users=40))
        simulate(what, replications=8, seed=1, per_chunk=8)
        peaks = []
        for replications in (32, 128):
            tracemalloc.start()
            simulate(what, replications=replications, seed=1, per_chunk=8)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        # what is kept of a chunk is its tally, about 100 kB, until all are joined
        assert peaks[1] - peaks[0] < 0.5 * 96 / 8 * 1e6

    def test_too_few_replications_are_refused(self) -> None:
        """An error needs two."""
        with pytest.raises(ValueError, match="at least 2"):
            simulate(self.pool(), replications=1, seed=1)


class TestLimitCases:
    """Where the textbook or common sense knows the answer."""

    def test_nobody_makes_no_load(self) -> None:
        """Zero accounts and zero meetings: zero everywhere, but the interval says that little was seen."""
        for what in (world(demand(2.0, 1.0), 0, scalelite(rooms=0)), world(demand(0.0, 1.0), 9, scalelite(rooms=0))):
            [result] = simulate(what, replications=5, seed=1)
            assert result.minutes.value == result.episodes.value == result.any_in_week.value == 0.0
            assert result.mean.value == result.peak.max() == 0.0
            assert result.episodes.high > 0.1

    def test_a_node_without_limits_has_nothing_to_report(self) -> None:
        """Only what has a limit is counted."""
        assert simulate(world(demand(2.0, 1.0), 3, scalelite()), replications=2, seed=1) == ()

    @pytest.mark.parametrize("rooms", [1, 2])
    def test_a_limit_on_rooms_is_erlangs_loss_system(self, rooms: int) -> None:
        """An account that may have c rooms at once is M/G/c/c: Erlang's B, whatever the duration's law."""
        offered = 1.3
        meetings = offered * 168 / 0.9
        what = demand(meetings, 0.0, kind(duration_cv=1.0, duration_limit=NO_LIMIT, shape=EVEN), rooms_at_once=rooms)
        [result] = simulate(world(what, 1, scalelite(rooms=50)), replications=60, seed=2, weeks=2)
        terms = [offered**k / math.factorial(k) for k in range(rooms + 1)]
        carried = offered * (1 - terms[-1] / sum(terms))
        assert abs(result.mean.value - carried) < 4 * result.mean.error
        assert result.peak.max() <= rooms

    def test_intervals_cover(self) -> None:
        """Of 200 short runs about 95 in 100 intervals of minutes and overloads contain what the closed form says."""
        situation = next(one for one in SITUATIONS if one.name == "accounts all alike")
        what = world(situation.population[0][0], situation.population[0][1], situation.node)
        risk = overload.measures(overload.law(situation.node, "users", situation.population))
        inside = np.zeros(2)
        for seed in range(200):
            result = simulate(what, replications=30, seed=seed, weeks=1)[1]
            inside += [
                result.minutes.low <= risk.minutes <= result.minutes.high,
                result.episodes.low <= risk.episodes <= result.episodes.high,
            ]
        # 95 % less a little for 30 replications of something skewed; 4 standard errors of 200 runs are 6 %
        assert (inside / 200 > 0.87).all()
        assert (inside / 200 < 0.995).all()

    def test_wilson_against_scipy(self) -> None:
        """The interval of a probability, also at its ends."""
        for seen, n in ((0, 20), (3, 20), (20, 20), (517, 1000)):
            expected = stats.binomtest(seen, n).proportion_ci(0.95, "wilson")
            assert wilson(seen / n, n) == pytest.approx((expected.low, expected.high))

    def test_weeks_that_share_accounts_count_for_less(self) -> None:
        """Six weeks of one draw of very unlike accounts are not six independent weeks."""
        unlike, alike = (
            simulate(world(demand(12.0, spread), 4, scalelite(rooms=4)), replications=300, seed=3, weeks=6)[0]
            for spread in (1.6, 0.0)
        )
        for result, fewest, most in ((unlike, 300, 900), (alike, 1200, 1800)):
            share = result.any_in_week
            worth = share.value * (1 - share.value) / share.error**2
            assert fewest < worth < most * 1.3

    def test_the_peak_inside_an_hour_is_no_less_than_any_instant_in_it(self) -> None:
        """Peak, mean and instants of one run belong together."""
        node = scalelite(rooms=4, users=20)
        for result in simulate(world(UNLIKE.population[0][0], 4, node), replications=200, seed=4):
            assert (result.peak >= result.load).all()
            assert (result.peak_over.repeat(12) >= result.instants).all()
            assert result.hour_peak.value >= result.busiest_instant.value
            assert result.hour_peak.value == result.peak_over[result.busiest_hour]
            assert result.any_in_week.value >= result.hour_peak.value
            assert result.measures.any_in_week_bound >= result.any_in_week.value
            assert result.load.mean() == pytest.approx(result.mean.value)


class TestBalancer:
    """Meetings go where the load is least, and stay there."""

    NODES = tuple(replace(scalelite(rooms=2, users=14, load=25), name=name) for name in "abc")

    def test_pool_against_the_outside_simulator(self) -> None:
        """Three nodes behind a balancer, accounts with a limit on rooms: mean, minutes, overloads, weeks with any."""
        assert agree(self.against_the_outside(replications=250, view_age=0.0))

    @pytest.mark.slow
    @pytest.mark.parametrize(("view_age", "times"), [(0.0, 1.0), (1 / 60, 1.5), (0.25, 2.0)])
    def test_pool_against_the_outside_simulator_at_length(self, view_age: float, times: float) -> None:
        """The same for longer, and, with larger limits, seen a minute or a quarter of an hour late."""
        assert agree(self.against_the_outside(replications=1000, view_age=view_age, times=times))

    def test_a_wrong_placement_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The comparison can fail: a balancer that takes the last node whatever its load."""
        monkeypatch.setattr(placement, "EQUAL", -1e9)
        monkeypatch.setattr(simulation, "_compiled", lambda: placement)
        assert not agree(self.against_the_outside(replications=250, view_age=0.0, own=1))

    def against_the_outside(
        self, replications: int, view_age: float, times: float = 1.0, own: int = 16
    ) -> list[Comparison]:
        """Return the simulation's means beside what the outside simulator saw of the same pool.

        The simulation plays many times as many replications, so that its own error can be left aside.
        """
        half = replace(linear(rooms=3, streams=80), name="c", load=ScaleliteLoad(multiplier=0.5))
        nodes = tuple(
            replace(node, limits={resource: times * limit for resource, limit in node.limits.items()})
            for node in (*self.NODES[:2], half)
        )
        clumped = kind(shape=week(OFFICE, starts=ONE_BIN))
        classes = ((demand(3.0, 1.0, rooms_at_once=2), 25), (demand(10.0, 0.5, clumped, rooms_at_once=1), 4))
        population = tuple(Accounts(count, what) for what, count in classes)
        results = simulate(World(nodes, population, view_age), replications=own * replications, seed=62, weeks=1)
        index = {node.name: k for k, node in enumerate(nodes)}
        seen = outside_simulator.simulate(
            nodes,
            [outside_simulator.Accounts(count, what, None) for what, count in classes],
            [outside_simulator.Watched(index[one.node], one.resource, one.limit) for one in results],
            replications=replications,
            weeks=1,
            seed=61,
            view_age=view_age,
        )
        often = seen.overloads.sum(axis=0) >= 200
        assert often.sum() >= 5, "limits must be broken often enough to compare"
        measures = ("mean", "minutes", "episodes")
        return [
            Comparison(
                names=tuple(f"{one.node} {one.resource} {measure}" for measure in (*measures, "any_in_week")),
                predicted=np.array([getattr(one, measure).value for measure in (*measures, "any_in_week")]),
                seen=np.stack([*(getattr(seen, measure)[:, i] for measure in measures), seen.weeks_over[:, i]], axis=1),
            )
            for i, one in enumerate(results)
            if often[i]
        ]

    def test_least_loaded_lies_between_separate_nodes_and_one_large_one(self) -> None:
        """Three nodes of 14 users behind a balancer: worse than one of 42, better than a third of the rate each."""
        split = simulate(world(demand(1 / 3, 1.0), 60, self.NODES[0]), replications=600, seed=5)[1]
        pool = simulate(world(demand(1.0, 1.0), 60, *self.NODES, pooled=True), replications=600, seed=5)
        large = simulate(world(demand(1.0, 1.0), 60, scalelite(users=42)), replications=600, seed=5)[0]
        users = [result for result in pool if result.resource == "users"]
        assert len(users) == 3
        for result in users:
            assert large.episodes.high < result.episodes.low
            assert result.episodes.high < split.episodes.low

    def test_ties_go_to_the_first_node(self) -> None:
        """An empty pool is filled in the nodes' order."""
        pool = simulate(world(demand(0.5, 0.0), 4, *self.NODES, pooled=True), replications=50, seed=6)
        means = [result.mean.value for result in pool if result.resource == "rooms"]
        assert means[0] > means[1] >= means[2]

    def test_without_any_load_model_users_are_compared(self) -> None:
        """A pool of nodes that reckon no load does not pile everything on the first."""
        nodes = tuple(replace(Node("", {"users": 30.0}), name=name) for name in "ab")
        pool = simulate(world(demand(4.0, 0.0), 40, *nodes, pooled=True), replications=30, seed=7)
        assert pool[1].mean.value > 0.3 * pool[0].mean.value

    def test_a_node_that_is_down_takes_nothing(self) -> None:
        """The other two carry everything; with all of them down nothing is carried or reported."""
        whole = simulate(world(demand(3.0, 1.0), 40, *self.NODES, pooled=True), replications=100, seed=8)
        less = simulate(
            world(demand(3.0, 1.0), 40, *self.NODES, pooled=True, down=frozenset("b")), replications=100, seed=8
        )
        assert {result.node for result in less} == {"a", "c"}
        carried = [sum(one.mean.value for one in run if one.resource == "users") for run in (whole, less)]
        assert carried[1] == pytest.approx(carried[0])
        assert less[0].minutes.value > whole[0].minutes.value
        assert simulate(world(demand(3.0, 1.0), 40, self.NODES[0], down=frozenset("a")), replications=2, seed=8) == ()

    def test_an_old_view_piles_meetings_up(self) -> None:
        """When many meetings start in five minutes and the view is ten minutes old, one node gets them all."""
        what = demand(3.0, 0.5, kind(shape=week(OFFICE, starts=ONE_BIN)))
        fresh, old = (
            simulate(world(what, 40, *self.NODES, pooled=True, view_age=age), replications=200, seed=9)[0]
            for age in (0.0, 1 / 6)
        )
        assert old.minutes.low > 1.5 * fresh.minutes.high


class TestScenario:
    """From a scenario file to a world."""

    def inputs(self, *sets: str) -> Inputs:
        """Return the heavy-use scenario, with entries changed."""
        return resolve.inputs(reader.read(SCENARIOS / "busy-members.yaml", sets))

    def test_everybody_has_a_place(self) -> None:
        """Members and newcomers stand where the placement says, by whole accounts; a pool leaves it to the balancer."""
        inputs = self.inputs()
        fixed = world_of(inputs, members=73, further=10)
        assert sum(accounts.count for accounts in fixed.population) == 83
        assert {accounts.node for accounts in fixed.population} == set(range(len(inputs.nodes)))
        pool = replace(inputs, placement=replace(inputs.placement, rule="pool", nodes_down=1))
        pooled = world_of(pool, members=73, further=10)
        assert sum(accounts.count for accounts in pooled.population) == 83
        assert {accounts.node for accounts in pooled.population} == {None}
        assert len(pooled.down) == 1

    def test_one_account_more_shares_the_random_numbers(self) -> None:
        """The classes stay in their order, so that members and the first newcomers meet as before."""
        inputs = self.inputs()
        fewer, more = (
            simulate(world_of(inputs, 73, further), replications=20, seed=1, per_chunk=5) for further in (4, 5)
        )
        # fractions are rounded anew in each sum
        assert all((b.load >= a.load - 1e-9).all() for a, b in zip(fewer, more, strict=True))
        assert sum(b.mean.value for b in more) > sum(a.mean.value for a in fewer)

    def test_the_closed_form_says_the_same_of_a_whole_scenario(self) -> None:
        """Levels, members and newcomers of the real co-op in heavy use: users and load where they bind."""
        inputs = self.inputs()
        endless = {name: replace(one, rooms_at_once=NO_LIMIT) for name, one in inputs.demands.items()}
        inputs = replace(inputs, demands=endless)
        further = inputs.offer.accounts
        members = siting.members_by_review(inputs)
        results = simulate(world_of(inputs, members, further), replications=1500, seed=3)
        busy = [result for result in results if result.overloads >= 200]
        assert busy
        for result in busy:
            site = siting.sites(inputs)[result.node]
            law = overload.law(site.node, result.resource, site.population, site.newcomers)
            risk = overload.measures(law, siting.arrivals(inputs).extra(result.node, further))
            assert abs(result.minutes.value - risk.minutes) < 4 * result.minutes.error
            assert abs(result.episodes.value - risk.episodes) < 4 * result.episodes.error


class TestOptions:
    """Assumptions that the closed form cannot hold."""

    def test_a_surge_day_is_a_busier_day(self) -> None:
        """Rates doubled on Wednesdays: the closed form with that profile; other days as they were."""
        what = kind(shape=week(OFFICE))
        node = scalelite(users=20)
        plain = demand(2.0, 0.5, what)
        shape = what.shape.copy()
        shape[2 * 288 : 3 * 288] *= 2.0
        surging = demand(2.0 * shape.mean(), 0.5, replace(what, shape=shape / shape.mean()))
        [result] = simulate(world(plain, 25, node, options=Options(surge=2.0, surge_day=2)), replications=2000, seed=1)
        risk = overload.measures(overload.law(node, "users", [(surging, 25)]))
        assert abs(result.minutes.value - risk.minutes) < 4 * result.minutes.error
        assert abs(result.episodes.value - risk.episodes) < 4 * result.episodes.error
        assert result.busiest_hour // 24 == 2

    def test_weekly_series_have_the_same_mean_and_come_again(self) -> None:
        """All meetings in series: the mean load stays, but an overloaded week is followed by others."""
        node = scalelite(users=20)
        worlds = [world(demand(2.0, 0.0), 25, node, options=Options(fixed_weekly=share)) for share in (0.0, 1.0)]
        runs = [simulate(one, replications=500, seed=2, weeks=6)[0] for one in worlds]
        assert abs(runs[0].mean.value - runs[1].mean.value) < 4 * math.hypot(runs[0].mean.error, runs[1].mean.error)
        # the six weeks of a replication are alike, and worth less than six
        assert runs[1].minutes.error > 1.4 * runs[0].minutes.error
        share, other = (run.any_in_week for run in runs)
        assert abs(share.value - other.value) < 4 * math.hypot(share.error, other.error)

    def test_a_series_keeps_its_slot(self) -> None:
        """Every start comes back a week later, to the tick."""
        population = (Accounts(30, demand(3.0, 1.0), 0),)
        span = span_of(population, 3)
        options = Options(fixed_weekly=1.0)
        needs = Needs(accounts=False, moderators=False, cameras=False, screens=False)
        meetings = drawn(tables_of(population, span, options), span, 4, np.random.SeedSequence(3), needs, options)
        week_of = (meetings.start % span.next - span.counts_from) // WEEK
        starts = [set((meetings.start[week_of == number] - number * WEEK).tolist()) for number in range(3)]
        assert len(starts[0]) > 50
        assert starts[0] == starts[1] == starts[2]

    def test_sizes_in_a_series_have_the_usual_law(self) -> None:
        """Attendance is Poisson about a gamma mean: a week's size is negative binomial, but one series stays alike."""
        what: Kind = kind(size=6.0, size_dispersion=1.5, participants=NO_LIMIT, shape=EVEN)
        population = (Accounts(3000, demand(2.0, 0.0, what), 0),)
        span, options = Span(run_in=0, weeks=1), Options(fixed_weekly=1.0)
        needs = Needs(accounts=False, moderators=False, cameras=False, screens=False)
        meetings = drawn(tables_of(population, span, options), span, 1, np.random.SeedSequence(4), needs, options)
        law = stats.nbinom(1.5, 1.5 / (1.5 + 4.0))
        counts = np.bincount(meetings.users - 2, minlength=12)[:12]
        expected = len(meetings.users) * law.pmf(np.arange(12))
        assert (np.abs(counts - expected) < 4 * np.sqrt(expected)).all()

    def test_late_viewers_make_a_meeting_grow(self) -> None:
        """With half of the viewers a quarter of an hour late the mean is short of what these would have held."""
        what = kind(
            duration=0.75, duration_cv=0.0, size=6.0, size_dispersion=math.inf, participants=NO_LIMIT, shape=EVEN
        )
        node = scalelite(users=1000, streams=10_000)
        options = Options(late=0.5, late_by=0.25)
        needed = simulate(world(demand(7.0, 0.0, what), 24, node, options=options), replications=60, seed=5)
        [users] = [result for result in needed if result.resource == "users"]
        # 1 meeting an hour; 6 users on average, one of them a moderator: 2.5 viewers are missing for the first quarter
        assert abs(users.mean.value - (6 * 0.75 - 2.5 * 0.25)) < 4 * users.mean.error

    def test_options_left_alone_change_nothing(self) -> None:
        """The defaults are off: the same bits as without them."""
        node = scalelite(rooms=3, users=14)
        plain = simulate(world(demand(3.0, 1.0), 20, node), replications=20, seed=6)
        assert same(
            plain, simulate(world(demand(3.0, 1.0), 20, node, options=Options(late_by=0.5)), replications=20, seed=6)
        )
