"""One resource of one node over all draws: how many further accounts it carries, and at what risk."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from planner.model.exceedance.draws import MEASURES, NodeDraws, Place, Week, node_draws, places, risks, week
from planner.model.exceedance.law import Ints, Law, law
from planner.model.exceedance.measures import Measures, loads, measures_of_each
from planner.model.exceedance.numbers import (
    Known,
    allowed,
    attribute,
    excess,
    settled,
    standard_error,
    weighted_quantile,
)
from planner.model.inputs import BINS_PER_WEEK, RESOURCES, Floats, Inputs, Node, Objective, Resource
from planner.model.limits import MOST
from planner.model.siting import arrivals, as_one_node, nodes_up, to_node

Extra = Callable[[int], Sequence[int]]
"""From a number of further accounts over all nodes to those of each level on offer that come to a node; () if none."""
CURVE_POINTS = 25
"""Numbers of accounts at which a risk curve is given."""
AT_LEAST = 30
"""A curve goes at least so far [account]."""
KNOTS = 7
"""Those at which its line at the confidence is worked out; the log of the measure is nearly straight between them."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class NodeRisk:
    """The measures of one resource on one node with so many further accounts."""

    node: str
    resource: Resource
    accounts: int
    """0, or the number offered [account]."""
    central: Measures
    at_confidence: Measures
    """Each measure's own quantile over the draws, within a few per cent."""


@dataclass(frozen=True, slots=True)
class NodeCurve:
    """The objective's measure against the number of further accounts."""

    node: str
    resource: Resource
    measure: str
    accounts: tuple[int, ...]
    """[account]"""
    central: tuple[float, ...]
    at_confidence: tuple[float, ...]
    """Both within a few per cent [the measure's unit]."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """All draws of the inputs."""

    central: Inputs
    """Every input at its value."""
    inputs: Inputs
    """The same with ndarrays of shape (number,) where draws differ."""
    number: int
    """Of draws [-]."""
    seed: int | None
    """Of the members' multipliers; None = they are averaged over, as the simulation does."""
    weight: Floats
    """Of the draws, ndarray of shape (number,) [-]."""
    scores: Mapping[str, Floats] = field(default_factory=dict)
    """By path the drawn values of uncertain inputs, ndarrays of shape (number,) [its base unit]."""


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """One resource of one node, ready to be asked about any number of further accounts."""

    node: Node
    """With every input at its value."""
    resource: Resource
    extra: Extra
    reached: bool
    """Whether any of the accounts on offer come to the node."""
    law: Law
    """With every input at its value."""
    at_value: Known
    """The same on columns: one draw."""
    drawn: Known
    _exact: dict[int, Measures] = field(default_factory=dict)

    def exact(self, accounts: Sequence[int]) -> list[Measures]:
        """Return the measures with every input at its value, every instant by itself."""
        fresh = [n for n in dict.fromkeys(accounts) if n not in self._exact]
        if fresh:
            found = measures_of_each(self.law, [self.extra(n) for n in fresh])
            self._exact.update(zip(fresh, found, strict=True))
        return [self._exact[n] for n in accounts]


def benches(
    of: Drawn, names: Collection[str] | None = None, resources: Sequence[Resource] = RESOURCES, month: int | None = None
) -> list[Bench]:
    """Return every limit of every node, nodes in the scenario's order.

    Parameters
    ----------
    of : Drawn
        The draws.
    names : collection of str, optional
        Of the nodes; all of them if left out.
    resources : sequence of Resource
        Which limits.
    month : int, optional
        Up to which the members' growth is counted; the review's if left out.
    """
    central = of.central
    both = [
        list(places(central, inputs, number, of.seed, month).values())
        for inputs, number in ((central, 1), (of.inputs, of.number))
    ]
    chosen = [k for k, node in enumerate(central.nodes) if names is None or node.name in names]
    up = {resource: nodes_up(central, resource) for resource in resources}
    found = _benches(of, [[part[k] for k in chosen] for part in both], resources, up)
    order = {node.name: k for k, node in enumerate(central.nodes)}
    return sorted(found, key=lambda one: (order[one.node.name], RESOURCES.index(one.resource)))


def of_pool(of: Drawn) -> list[Bench]:
    """Return the limits of a pool as one large node with the limits of all nodes that are up.

    Parameters
    ----------
    of : Drawn
        The draws.
    """
    found = []
    for resource in RESOURCES:
        up = nodes_up(of.central, resource)
        node = as_one_node(of.central, resource, up)
        both = []
        for inputs, number in ((of.central, 1), (of.inputs, of.number)):
            first = next(iter(places(of.central, inputs, number, of.seed).values()))
            large = as_one_node(inputs, resource, up)
            both.append([replace(first, name=node.name, central=node, node=large, share=1.0)])
        found += _benches(of, both, [resource], {resource: (node.name,)})
    return found


def _benches(
    of: Drawn, both: Sequence[Sequence[Place]], resources: Sequence[Resource], up: Mapping[Resource, Sequence[str]]
) -> list[Bench]:
    """Return the limits of some places, given with every input at its value and over the draws."""
    central = of.central
    coming, offered = arrivals(central), [level for level, share in central.offer.mix.items() if share > 0]
    pooled = central.placement.rule == "pool"
    comes = {one.name: offered if offered and (pooled or coming.reach(one.name)) else [] for one in both[0]}
    there = {level for one in (*both[0], *both[1]) for part in (one.summed, one.counts) for level in part}
    used = [level for level in central.demands if level in there or level in offered]
    shared = week(central, of.inputs, of.number)
    weeks = Week(shared.columns, central.demands, 1), shared
    found = []
    for resource in resources:
        parts = [
            node_draws(resource, [one for one in these if one.name in up[resource]], its, used, comes)
            for these, its in zip(both, weeks, strict=True)
        ]
        for at_value, drawn in zip(*parts, strict=True):
            place = at_value.place
            extra: Extra = to_node(coming, central.nodes[0].name if pooled else place.name)
            found.append(
                Bench(
                    node=place.central,
                    resource=resource,
                    extra=extra,
                    reached=bool(comes[place.name]),
                    law=_law(central, place, resource, comes[place.name]),
                    at_value=_known(at_value, extra, np.ones(1)),
                    drawn=_known(drawn, extra, of.weight),
                )
            )
    return found


def _law(central: Inputs, place: Place, resource: Resource, coming: Sequence[str]) -> Law:
    """Return the law of a place with every input at its value."""
    demands = {
        level: replace(one, meetings=one.meetings * place.share) if place.share != 1.0 else one
        for level, one in central.demands.items()
    }
    grown, known = (
        [(demands[level], float(n[0])) for level, n in part.items() if n[0]] for part in (place.counts, place.summed)
    )
    return law(place.central, resource, grown, [demands[level] for level in coming], known)


def _known(of: NodeDraws, extra: Extra, weight: Floats) -> Known:
    """Return one resource of one node, ready to be asked."""

    def at(numbers: Sequence[int], rows: Ints | None) -> Mapping[str, Floats]:
        return risks(of if rows is None else of.only(rows), [extra(n) for n in numbers])

    return Known(at, weight, of)


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """What one limit of one node allows, and what each draw does."""

    number: Number
    each: Floats
    """About how many accounts each draw allows, ndarray of shape (n_draws,) [account]."""


def number(bench: Bench, objective: Objective, offered: int, scores: npt.NDArray[np.float64]) -> Allowed:
    """Return how many further accounts a limit carries.

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    objective : Objective
        What is to hold.
    offered : int
        The number asked for [account].
    scores : ndarray of shape (n_inputs, n_draws)
        Normal scores of what was drawn, for the error [-].
    """
    if not bench.reached:
        return Allowed(Number(None, None, False, 0, 0.0), np.empty(0))
    central = _at_value(bench, objective, offered)
    knots = spaced_to(MOST if central is None else central, offered)
    while True:
        each = allowed(bench.drawn, objective, knots)
        sure, (each,) = settled([(bench.drawn, each)], objective, objective.confidence)
        if sure < knots[-1] or knots[-1] >= MOST:
            break
        knots = (*knots, min(MOST, 2 * knots[-1]), min(MOST, 4 * knots[-1]))
    limited = sure < MOST
    turn = max(sure, 0) if limited else offered
    return Allowed(
        Number(
            max_accounts=max(sure, 0) if limited else None,
            central=central if central is None else max(central, 0),
            already_over=sure == -1,
            when=bench.exact([turn])[0].when,
            error=standard_error(each, bench.drawn.weight, objective.confidence, scores) if limited else 0.0,
        ),
        each,
    )


def _at_value(bench: Bench, goal: Objective, offered: int) -> int | None:
    """Return how many accounts fit with every input at its value: -1 for too many members, None for no limit.

    Found on columns, settled with every instant by itself.
    """
    knots = sorted({0, 1, 2, 4, 8, 16, 32, 64, 128, offered})
    while True:
        near = float(allowed(bench.at_value, goal, knots)[0])
        if near < knots[-1] or knots[-1] >= MOST:
            break
        knots += [min(MOST, 2 * knots[-1]), min(MOST, 4 * knots[-1])]
    if near >= MOST:
        return None

    def met(n: int) -> bool:
        found = bench.exact([n])[0]
        return bool(excess({name: np.array([getattr(found, name)]) for name in MEASURES}, goal)[0] <= 0.0)

    n = max(0, math.floor(near))
    bench.exact([m for m in (n - 1, n, n + 1) if m >= 0])
    if met(n):
        while met(n + 1):
            n += 1
        return n
    while n >= 0 and not met(n):
        n -= 1
    return n


def risk(bench: Bench, accounts: int, objective: Objective) -> NodeRisk:
    """Return the measures with so many further accounts.

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    accounts : int
        Further accounts over all nodes [account].
    objective : Objective
        Its confidence is the quantile.
    """
    (central,) = bench.exact([accounts])
    sure = {
        name: weighted_quantile(bench.drawn.best(accounts, name), bench.drawn.weight, objective.confidence)
        for name in MEASURES
    }
    return NodeRisk(bench.node.name, bench.resource, accounts, central, replace(central, **sure))


def curve(bench: Bench, found: Number, offered: int, objective: Objective) -> NodeCurve:
    """Return the objective's measure against the number of further accounts, past both numbers and the offer.

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    found : Number
        What it carries [account].
    offered : int
        The number asked for [account].
    objective : Objective
        Whose measure, at whose confidence.
    """
    name = attribute(objective.measure)
    accounts = spaced(found, offered, CURVE_POINTS) if bench.reached else (0, AT_LEAST)
    knots = tuple(n for n in bench.drawn.numbers() if n <= accounts[-1]) if bench.reached else (0,)
    bench.at_value.ask(knots)
    central = [math.log(float(bench.at_value.best(n, name)[0]) + 1e-300) for n in knots]
    # through the exact values where they are known
    for k, n in enumerate(knots):
        if n in (0, offered):
            central[k] = math.log(getattr(bench.exact([n])[0], name) + 1e-300)
    sure = [
        math.log(weighted_quantile(bench.drawn.best(n, name), bench.drawn.weight, objective.confidence) + 1e-300)
        for n in knots
    ]
    return NodeCurve(
        node=bench.node.name,
        resource=bench.resource,
        measure=objective.measure,
        accounts=accounts,
        central=tuple(np.exp(np.interp(accounts, knots, central)).tolist()),
        at_confidence=tuple(np.exp(np.interp(accounts, knots, sure)).tolist()),
    )


def spaced_to(central: int, offered: int) -> tuple[int, ...]:
    """Return numbers of accounts that a draw's own number is looked for between, closely where it is small."""
    last = max(AT_LEAST, 2 * offered, round(1.3 * min(max(central, 0), MOST / 4)))
    shares = (0.0, 0.03, 0.07, 0.12, 0.2, 0.3, 0.42, 0.56, 0.75, 1.0)
    return tuple(sorted({offered, *(round(last * share) for share in shares)}))


def spaced(found: Number, offered: int, points: int = KNOTS) -> tuple[int, ...]:
    """Return numbers of accounts from 0 past both numbers and twice the offer, each of these among them.

    Parameters
    ----------
    found : Number
        What a limit carries [account].
    offered : int
        The number asked for [account].
    points : int
        About how many [-].
    """
    marks = {0, offered, *(n for n in (found.max_accounts, found.central) if n is not None)}
    last = max(AT_LEAST, 2 * offered, round(1.3 * max(marks)))
    return tuple(sorted({*marks, *(int(n) for n in np.linspace(0, last, points).round())}))


def hold(bench: Bench, accounts: int, objective: Objective) -> npt.NDArray[np.bool_]:
    """Return in which draws so many further accounts meet the objective, ndarray of shape (n_draws,).

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    accounts : int
        Further accounts over all nodes [account].
    objective : Objective
        What is to hold.
    """
    return np.asarray(excess({name: bench.drawn.best(accounts, name) for name in MEASURES}, objective) <= 0.0)


@dataclass(frozen=True, slots=True)
class Added:
    """What the offered accounts add to the mean load at the node's busiest time."""

    node: str
    resource: Resource
    when: int
    """The bin of the week in which the mean is highest with them [-]."""
    now: float
    added: float
    limit: float
    reserve: float
    """All four in the resource's unit; a linear load's base is part of `now` [the resource's unit]."""


def added(bench: Bench, accounts: int) -> Added:
    """Return what so many further accounts add to the mean, every input at its value: the answer to "how much load?".

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    accounts : int
        Further accounts over all nodes [account].
    """
    law, node = bench.law, bench.node
    each = np.zeros((len(law.counts), BINS_PER_WEEK))
    for band, group, load in zip(law.bands, law.owner, loads(law, 0.0), strict=True):
        each[group] += band.mean * load
    there = law.summed + law.counts
    now, then = there @ each, (there + law.extra(bench.extra(accounts))) @ each
    when = int(then.argmax())
    base = node.idle(bench.resource)
    return Added(
        node=node.name,
        resource=bench.resource,
        when=when,
        now=base + float(now[when]),
        added=float(then[when] - now[when]),
        limit=node.limits[bench.resource],
        reserve=node.reserve.get(bench.resource, 0.0),
    )
