"""What the plan predicted for the month of the review, each as the band that holds 8 of 10 cases."""

import math

import numpy as np

from planner.model.inputs import distributions
from planner.model.inputs.distributions import Range
from planner.pilot_review.outcome import Met
from planner.planning import Fan, Plan
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

DRAWS = 4_000
"""Of the meetings of the pilot's accounts; the error of a quantile is a fiftieth of the band's width."""


Band = tuple[float, float, float]
"""8 of 10 cases lie between the first and the last number, as many above the middle one as below."""


def at(fan: Fan, month: int, scale: float = 1.0) -> Band:
    """Return the band of a month, the last one the fan has if that is later."""
    where = min(month, len(fan.months) - 1)
    return scale * fan.p10[where], scale * fan.p50[where], scale * fan.p90[where]


def overloads(plan: Plan, months: float) -> Band:
    """Return the overloads that the plan expected in so many months [month], with all accounts on offer."""
    # The middle is the expectation with every input at its value; the band goes from the lowest tenth of a Poisson law
    # with that mean to the highest tenth of one with the mean at the objective's confidence.
    central = months * sum(server.offered.central.episodes for server in plan.servers)
    sure = months * sum(server.offered.at_confidence.episodes for server in plan.servers)
    return _poisson_quantile(0.1, central), central, _poisson_quantile(0.9, max(central, sure))


def _poisson_quantile(u: float, mean: float) -> float:
    """Return the smallest n with P(N <= n) >= u; of a large mean by the normal law."""
    if mean > 500:
        return float(round(mean + math.sqrt(mean) * (1.2816 if u > 0.5 else -1.2816)))
    n, term = 0, math.exp(-mean)
    total = term
    while total < u:
        n += 1
        term *= mean / n
        total += term
    return float(n)


def meetings_per_account(scenario: Scenario, met: Met, seed: int) -> Band:
    """Return the meetings of an account [1/week], of accounts of these levels watched so long."""
    # Drawn: how often accounts meet and how much they differ, from the scenario's ranges; each account's own rate; the
    # meetings themselves. `season` is left out: it is about the busiest month.

    def estimate(level: str, name: str) -> Estimate:
        use = scenario.usage.get(level)
        return scenario.estimates[f"usage.everyone.{name}"] if use is None else use.numbers[name]

    levels = dict.fromkeys(level for level, _, _ in met.weeks)
    estimates = [estimate(level, name) for level in levels for name in ("meetings", "spread")]
    ranges = {uncertain.path: _range(uncertain) for uncertain in estimates}
    drawn = distributions.draws(list(ranges.values()), DRAWS, seed)
    rng = distributions.stream(seed, "review.meetings")
    total = np.zeros(DRAWS)
    for level, accounts, weeks in met.weeks:
        rate, spread = (drawn[estimate(level, name).path] for name in ("meetings", "spread"))
        shape = accounts / np.maximum(spread, 1e-3) ** 2
        total += rng.poisson(rate * weeks * accounts * rng.gamma(shape) / shape)
    low, middle, high = np.quantile(total / met.account_weeks, (0.1, 0.5, 0.9)).tolist()
    return low, middle, high


def _range(estimate: Estimate) -> Range:
    value = estimate.value or 0.0
    low, high = (value if end is None else end for end in (estimate.low, estimate.high))
    return Range(estimate.path, value, low, high, estimate.family)
