"""The simulation by itself: seeds, memory, limit cases, a scenario's world, and the options."""

import math
import tracemalloc
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from scipy import stats
from situations import OFFICE, SITUATIONS, UNLIKE, demand, kind, scalelite, week, world

from planner.model.inputs import allocation
from planner.model.inputs.capacity import BINS_PER_WEEK, NO_LIMIT, Inputs, Kind, Options
from planner.model.overload import measures as overload
from planner.model.overload import occupancy_law as laws
from planner.model.simulation import balancer
from planner.model.simulation import replications as simulation
from planner.model.simulation.estimates import Simulated, wilson
from planner.model.simulation.meetings import WEEK, Accounts, Needs, Span, drawn, span_of, tables_of
from planner.model.simulation.replications import Task, World, simulate, tallies_of, tasks_of, world_of
from planner.model.simulation.tally import Tally
from planner.scenario import reader, resolve

SCENARIOS = Path(__file__).parents[3] / "scenarios"
EVEN = np.ones(BINS_PER_WEEK)


def columns(result: Simulated | Tally) -> list[np.ndarray]:
    """Return everything in a result, to be compared bit by bit."""
    values = [getattr(result, field.name) for field in fields(result)]
    return [value if isinstance(value, np.ndarray) else np.array(repr(value)) for value in values]


def same(one: Iterable[Simulated], other: Iterable[Simulated]) -> bool:
    """Return whether two runs have the same bits."""
    pairs = zip(one, other, strict=True)
    return all(np.array_equal(x, y) for a, b in pairs for x, y in zip(columns(a), columns(b), strict=True))


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

    def test_the_same_bits_for_any_order_of_the_chunks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Worked backwards, as threads might."""

        def backwards(tasks: Sequence[Task], _: int) -> list[list[Tally]]:
            return [tallies_of(task) for task in reversed(tasks)][::-1]

        forwards = simulate(self.pool(), **self.RUN)
        monkeypatch.setattr(simulation, "tallied", backwards)
        assert same(forwards, simulate(self.pool(), **self.RUN))

    def test_the_same_bits_without_a_compiler(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The balancer's loop as it stands."""
        compiled = simulate(self.pool(), **self.RUN)
        monkeypatch.setattr(simulation, "_loops", balancer.interpreted)
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
        risk = overload.measures(laws.law(situation.node, "users", situation.population))
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
            assert result.overloads / (result.replications * result.weeks) >= result.any_in_week.value
            assert result.load.mean() == pytest.approx(result.mean.value)


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
        members = allocation.members_by_review(inputs)
        results = simulate(world_of(inputs, members, further), replications=1500, seed=3)
        busy = [result for result in results if result.overloads >= 200]
        assert busy
        for result in busy:
            site = allocation.sites(inputs)[result.node]
            law = laws.law(site.node, result.resource, site.population, site.newcomers)
            risk = overload.measures_over_days(
                law, inputs.day_spread, allocation.arrivals(inputs).extra(result.node, further)
            )
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
        risk = overload.measures(laws.law(node, "users", [(surging, 25)]))
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
        needs = Needs(accounts=False, cameras=False, screens=False)
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
        needs = Needs(accounts=False, cameras=False, screens=False)
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
