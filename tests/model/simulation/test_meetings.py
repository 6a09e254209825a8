"""The span of a replication, and meetings with the laws they should have."""

import math

import numpy as np
from scipy import stats
from situations import demand, kind

from planner.model.inputs.capacity import BINS_PER_WEEK, Node, Options
from planner.model.inputs.pages import Pages, Step
from planner.model.simulation.meetings import TICKS, Accounts, Needs, Span, drawn, span_of, tables_of
from planner.model.simulation.resource_usage import held


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


def test_before_the_late_ones_have_come_pages_are_those_of_a_smaller_meeting() -> None:
    """Streams of each meeting at both ages, counted user by user."""
    pages = Pages(5, (Step(6, 3, 4), Step(9, 1, 2)))
    what = kind(size=8.0, participants=14.0, cameras=0.7, moderators=2, pages=pages)
    span, options = Span(run_in=1, weeks=1), Options(late=0.4)
    population = (Accounts(20, demand(4.0, 0.0, what), 0),)
    needs = Needs(accounts=False, cameras=True, screens=False)
    found = drawn(tables_of(population, span, options), span, 1, np.random.SeedSequence(8), needs, options)
    assert found.cameras is not None
    assert found.late is not None
    ages = dict(held("streams", Node("node", {}), found, options))
    assert list(ages) == [0.0, options.late_by]
    crossed = 0
    for k, (users, moderators, tardy) in enumerate(zip(found.users, found.moderators, found.late, strict=True)):
        films = found.cameras[k]
        for age, there, viewing in ((0.0, users - tardy, films[1]), (options.late_by, users, films[1] + films[2])):
            cameras, (viewer, moderator) = films[0] + viewing, pages.of(int(there))
            showing = [(moderator, n < films[0]) for n in range(moderators)]
            showing += [(viewer, n < viewing) for n in range(there - moderators)]
            assert ages[age][k] == cameras + sum(min(cameras - own, page) for page, own in showing)
        crossed += pages.of(int(users)) != pages.of(int(users - tardy))
    assert crossed > 10


def test_days_that_are_busy_together() -> None:
    """Counts of a day vary by the factor beyond Poisson, also for two classes together; within it by the profile."""
    span, spread, replications = Span(run_in=30, weeks=1), 0.4, 400
    population = (Accounts(30, demand(14.0, 0.0, kind()), 0), Accounts(10, demand(28.0, 0.0, kind()), 0))
    needs = Needs(accounts=False, cameras=False, screens=False)
    tables = tables_of(population, span, Options())
    meetings = drawn(tables, span, replications, np.random.SeedSequence(6), needs, Options(), spread)
    hours = meetings.start % span.next / TICKS - span.run_in
    day = np.floor(hours / 24).astype(int) + 2
    counts = np.zeros((replications, 9))
    np.add.at(counts, (meetings.start // span.next, day), 1)
    # Saturday and the later part of Sunday before; then the week, of which five days are like one another
    whole = counts[:, 2:7]
    mean = (30 * 14 + 10 * 28) / 5
    assert abs(whole.mean() - mean) < 4 * math.sqrt((mean + (spread * mean) ** 2) / whole.size)
    beyond = (whole.var() - mean) / mean**2
    assert abs(math.sqrt(beyond) - spread) < 0.03
    assert abs(np.corrcoef(whole[:, 0], whole[:, 1])[0, 1]) < 0.2
    assert counts[:, [0, 1, 7, 8]].sum() == 0
    share = np.histogram(hours % 24, bins=24, range=(0, 24))[0] / len(hours)
    profile = kind().shape.reshape(7, 24, 12).sum(axis=(0, 2))
    assert np.abs(share - profile / profile.sum()).max() < 0.01


def test_days_that_are_alike_leave_the_random_streams() -> None:
    """Each variate has a stream of its own, so that a factor of next to nothing moves next to nothing."""
    span, population = Span(run_in=2, weeks=1), (Accounts(20, demand(9.0, 0.7, kind()), 0),)
    needs = Needs(accounts=True, cameras=True, screens=False)
    tables = tables_of(population, span, Options())
    alike, nearly = (
        drawn(tables, span, 5, np.random.SeedSequence(7), needs, Options(), spread) for spread in (0.0, 1e-4)
    )
    assert len(alike.start) == len(nearly.start)
    assert (alike.users == nearly.users).all()
