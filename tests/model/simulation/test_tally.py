"""Counting against a plain sweep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from situations import demand, world

from planner.model.inputs.capacity import BINS_PER_WEEK, WEEKS_PER_MONTH, Node, ScaleliteLoad
from planner.model.simulation import balancer
from planner.model.simulation.meetings import TICKS, WEEK, Meetings, Span
from planner.model.simulation.replications import simulate
from planner.model.simulation.tally import BIN_TICKS, HOURS, events_of, in_order, steps_of, tallies, timeline


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
            moderators=np.zeros(0, dtype=np.int32),
            late=None,
            cameras=None,
            pages=None,
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
        [[tally]] = tallies(line, events.marks, [(steps, [limit])], span)
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
