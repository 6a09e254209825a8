"""One resource of one node over all draws: how many further accounts it carries, and at what risk."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BINS_PER_WEEK, Floats, Objective, Resource
from planner.model.limit import MOST, Curve, Limit
from planner.model.overload.accounts_over_draws import (
    allowed_accounts,
    attribute,
    missed,
    settled,
    standard_error,
    weighted_quantile,
)
from planner.model.overload.measures import Measures, loads
from planner.model.overload.node_draws import MEASURES
from planner.model.overload.node_resources import NodeResource

CURVE_POINTS = 25
"""Numbers of accounts at which a risk curve is given."""
AT_LEAST = 30
"""A curve goes at least so far [account]."""


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """How many further accounts one limit of one node carries; None = more than MOST."""

    max_accounts: int | None
    """At the objective's confidence [account]."""
    central: int | None
    """With every input at its value [account]."""
    already_over: bool
    """Whether the members already there miss the objective at its confidence."""
    when: int
    """The bin of the week that contributes most at the draw where the verdict turns [-]."""
    error: float
    """Monte Carlo standard error of max_accounts [account]."""
    each: Floats
    """About how many accounts each draw allows, ndarray of shape (n_draws,) [account]."""


@dataclass(frozen=True, slots=True)
class Risk:
    """The measures with so many further accounts."""

    accounts: int
    """0, or the number offered [account]."""
    central: Measures
    at_confidence: Measures
    """Each measure's own quantile over the draws, within a few per cent."""


@dataclass(frozen=True, slots=True)
class Load:
    """The mean load at the node's busiest time, every input at its value."""

    when: int
    """The bin of the week in which the mean is highest with the offered accounts [-]."""
    now: float
    """A linear load's base is part of it [the resource's unit]."""
    added: float
    """By the offered accounts [the resource's unit]."""


@dataclass(frozen=True, slots=True)
class NodeLimit:
    """Everything that is known of one limited resource of one node: made once, drawn, stored and said from here."""

    node: str
    resource: Resource
    limit: float
    reserve: float
    """Both in the resource's unit; a load is a share of the CPU or the balancer's number [the resource's unit]."""
    allows: Limit
    load: Load
    now: Risk
    offered: Risk
    curve: Curve

    @property
    def usable(self) -> float:
        """Return what may be filled: the limit less what is kept free [the resource's unit]."""
        return self.limit - self.reserve


def number(bench: NodeResource, objective: Objective, offered: int, scores: npt.NDArray[np.float64]) -> Number:
    """Return how many further accounts [account] a limit carries."""
    if not bench.reached:
        return Number(None, None, False, 0, 0.0, np.empty(0))
    central = _at_value(bench, objective, offered)
    knots = spaced_to(MOST if central is None else central, offered)
    while True:
        each = allowed_accounts(bench.drawn, objective, knots)
        sure, (each,) = settled([(bench.drawn, each)], objective, objective.confidence)
        if sure < knots[-1] or knots[-1] >= MOST:
            break
        knots = (*knots, min(MOST, 2 * knots[-1]), min(MOST, 4 * knots[-1]))
    limited = sure < MOST
    turn = max(sure, 0) if limited else offered
    return Number(
        max_accounts=max(sure, 0) if limited else None,
        central=central if central is None else max(central, 0),
        already_over=sure == -1,
        when=bench.exact([turn])[0].when,
        error=standard_error(each, bench.drawn.weight, objective.confidence, scores) if limited else 0.0,
        each=each,
    )


def _at_value(bench: NodeResource, goal: Objective, offered: int) -> int | None:
    """Return how many accounts [account] fit with every input at its value: -1 = too many members, None = no limit."""
    # Found on columns, settled with every instant by itself.
    knots = sorted({0, 1, 2, 4, 8, 16, 32, 64, 128, offered})
    while True:
        near = float(allowed_accounts(bench.at_value, goal, knots)[0])
        if near < knots[-1] or knots[-1] >= MOST:
            break
        knots += [min(MOST, 2 * knots[-1]), min(MOST, 4 * knots[-1])]
    if near >= MOST:
        return None

    n, _ = settled([(bench.at_value, np.array([near]))], goal, 1.0)
    n = max(n, 0)
    bench.exact([0, offered, n, n + 1])
    # outwards in growing steps, then by halving: where the columns are far off, it is far to go
    good, bad, step = -1, MOST + 1, 1
    while bad - good > 1:
        if not missed(bench.exact([n])[0], goal):
            good, n = n, min(n + step, bad - 1) if bad > MOST else (n + bad) // 2
        else:
            bad, n = n, max(n - step, good + 1) if good < 0 else (good + n) // 2
        step *= 2
    return None if good >= MOST else good


def risk_with(bench: NodeResource, accounts: int, objective: Objective) -> Risk:
    """Return the measures with so many further accounts; the objective's confidence is the quantile."""
    (central,) = bench.exact([accounts])
    found, weight = bench.drawn.every(accounts), bench.drawn.weight
    sure = {name: weighted_quantile(found[name], weight, objective.confidence) for name in MEASURES}
    return Risk(accounts, central, Measures(**sure, busiest_bin=central.busiest_bin, when=central.when))


def curve(bench: NodeResource, found: Number, offered: int, objective: Objective) -> Curve:
    """Return the objective's measure against the number of further accounts, past both numbers and the offer."""
    name = attribute(objective.measure)
    accounts = spaced(found, offered) if bench.reached else (0, AT_LEAST)
    knots = tuple(n for n in bench.drawn.numbers() if n <= accounts[-1]) if bench.reached else (0,)
    bench.at_value.ask(knots)
    central = [math.log(float(bench.at_value.every(n)[name][0]) + 1e-300) for n in knots]
    # through the exact values where they are known
    for k, n in enumerate(knots):
        if n in (0, offered):
            central[k] = math.log(getattr(bench.exact([n])[0], name) + 1e-300)
    sure = [
        math.log(weighted_quantile(bench.drawn.every(n)[name], bench.drawn.weight, objective.confidence) + 1e-300)
        for n in knots
    ]
    return Curve(
        measure=objective.measure,
        accounts=accounts,
        central=tuple(np.exp(np.interp(accounts, knots, central)).tolist()),
        at_confidence=tuple(np.exp(np.interp(accounts, knots, sure)).tolist()),
    )


def spaced_to(central: int, offered: int) -> tuple[int, ...]:
    """Return numbers of accounts [account] that a draw's own is looked for between, closely where it is small."""
    last = max(AT_LEAST, 2 * offered, round(1.3 * min(max(central, 0), MOST / 4)))
    shares = (0.0, 0.03, 0.07, 0.12, 0.2, 0.3, 0.42, 0.56, 0.75, 1.0)
    return tuple(sorted({offered, *(round(last * share) for share in shares)}))


def spaced(found: Number, offered: int) -> tuple[int, ...]:
    """Return numbers of accounts [account] from 0 past both numbers and twice the offer, each of these among them."""
    marks = {0, offered, *(n for n in (found.max_accounts, found.central) if n is not None)}
    last = max(AT_LEAST, 2 * offered, round(1.3 * max(marks)))
    return tuple(sorted({*marks, *(int(n) for n in np.linspace(0, last, CURVE_POINTS).round())}))


def load(bench: NodeResource, accounts: int) -> Load:
    """Return the mean load with so many further accounts, every input at its value: the answer to "how much load?"."""
    law, node = bench.law, bench.node
    each = np.zeros((len(law.counts), BINS_PER_WEEK))
    for band, group, per_account in zip(law.bands, law.owner, loads(law, 0.0), strict=True):
        each[group] += band.mean * per_account
    there = law.summed + law.counts
    now, then = there @ each, (there + law.extra(bench.extra(accounts))) @ each
    when = int(then.argmax())
    return Load(when, node.idle(bench.resource) + float(now[when]), float(then[when] - now[when]))
