"""The rooms on a node against Ciw: a queue with as many servers as meetings, whose arrivals follow the week."""

import math
from functools import cache

import ciw
import numpy as np
import pytest
from situations import OFFICE, demand, kind, week

from planner.model.inputs.capacity import HOURS_PER_WEEK, WEEKS_PER_MONTH, Node
from planner.model.overload.measures import mean_by_hour, measures
from planner.model.overload.occupancy_law import law

WEEKS, REPLICATIONS, LIMIT = 12, 60, 4
WHO = demand(2.0, 0.0, kind(shape=week(OFFICE), duration_limit=math.inf))
"""Accounts all alike, whose rate is constant within the hour: what Ciw has, too."""
ACCOUNTS = 40


@cache
def played() -> tuple[np.ndarray, np.ndarray]:
    """Return mean rooms and the number of times they pass the limit, each by replication, per month."""
    (what,) = WHO.kinds
    sigma2 = math.log1p(what.duration_cv**2)
    hours = float(WEEKS * HOURS_PER_WEEK)
    hourly = what.shape.reshape(168, 12).mean(axis=1) * ACCOUNTS * WHO.meetings / HOURS_PER_WEEK
    mean, passed = np.empty((2, REPLICATIONS))
    for seed in range(REPLICATIONS):
        ciw.seed(seed)
        # the arrivals are drawn here and now
        network = ciw.create_network(
            arrival_distributions=[
                ciw.dists.PoissonIntervals(rates=hourly.tolist(), endpoints=list(range(1, 169)), max_sample_date=hours)
            ],
            service_distributions=[ciw.dists.Lognormal(math.log(what.duration) - sigma2 / 2, math.sqrt(sigma2))],
            number_of_servers=[math.inf],
        )
        run = ciw.Simulation(network)
        run.simulate_until_max_time(hours, progress_bar=False)
        found = run.get_all_records()
        start, end = (np.array([getattr(one, name) for one in found]) for name in ("arrival_date", "exit_date"))
        mean[seed] = (end - start).sum() / hours
        times = np.concatenate([start, end])
        change = np.concatenate([np.ones(len(start)), -np.ones(len(end))])
        rooms = np.cumsum(change[np.argsort(times, kind="stable")])
        passed[seed] = ((rooms[1:] == LIMIT + 1) & (rooms[:-1] == LIMIT)).sum() / WEEKS * WEEKS_PER_MONTH
    return mean, passed


def z_score(values: np.ndarray, truth: float) -> float:
    """Return how many of their standard errors independent replications lie from the truth."""
    return float((values.mean() - truth) / (values.std(ddof=1) / math.sqrt(len(values))))


def test_mean_rooms_and_overloads() -> None:
    of = law(Node("n", {"rooms": LIMIT}), "rooms", [(WHO, ACCOUNTS)])
    mean, passed = played()
    assert passed.sum() >= 200
    assert abs(z_score(mean, float(mean_by_hour(of).mean()))) < 4
    assert abs(z_score(passed, measures(of).episodes)) < 4


@pytest.mark.parametrize("wrong", [1.05, 0.95])
def test_a_twentieth_more_or_fewer_meetings_are_seen(wrong: float) -> None:
    of = law(Node("n", {"rooms": LIMIT}), "rooms", [(WHO, wrong * ACCOUNTS)])
    assert abs(z_score(played()[0], float(mean_by_hour(of).mean()))) > 4
