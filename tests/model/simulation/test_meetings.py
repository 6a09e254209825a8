"""The span of a replication, and meetings with the laws they should have."""

import math

import numpy as np
from scipy import stats
from situations import demand, kind

from planner.model.inputs.capacity import BINS_PER_WEEK, Options
from planner.model.simulation.meetings import TICKS, Accounts, Needs, Span, drawn, span_of, tables_of


def test_a_run_in_lasts_an_hour_at_least() -> None:
    """Also where nobody meets."""
    assert span_of((), weeks=2) == Span(run_in=1, weeks=2)


def test_durations_starts_and_cameras() -> None:
    """Means of a large draw within four standard errors of what the records say."""
    what = kind(
        duration=1.2, duration_cv=0.9, duration_limit=1.5, cameras=0.3, moderators=2, shape=np.ones(BINS_PER_WEEK)
    )
    span = Span(run_in=2, weeks=1)
    population = (Accounts(200, demand(20.0, 0.0, what), 0),)
    needs = Needs(accounts=True, cameras=True, screens=False)
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
