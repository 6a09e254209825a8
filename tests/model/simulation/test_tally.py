"""Counting against a plain sweep, and each variate against the law it should have."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from situations import demand, kind, world

from planner.model.inputs.capacity import BINS_PER_WEEK, NO_LIMIT, WEEKS_PER_MONTH, Node, Options, ScaleliteLoad
from planner.model.simulation import balancer
from planner.model.simulation.meetings import TICKS, WEEK, Accounts, Meetings, Needs, Span, drawn, tables_of
from planner.model.simulation.replications import simulate
from planner.model.simulation.sampling import alias, draw, size_chances
from planner.model.simulation.tally import BIN_TICKS, HOURS, events_of, in_order, steps_of, tallies, timeline

EVEN = np.ones(BINS_PER_WEEK)


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
        line = timeline(events, None, 1, replications * span.next, balancer.interpreted().deal)
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
