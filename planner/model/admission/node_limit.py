"""One resource of one node over all draws: how many further accounts it carries, and at what risk."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model.inputs.allocation import Site
from planner.model.inputs.capacity import BINS_PER_WEEK, NO_LIMIT, Floats, Node, Objective, Resource
from planner.model.limit import needed
from planner.model.overload import approximation, draw_columns, measures
from planner.model.overload.draw_columns import Clusters
from planner.model.overload.draw_quantile import ALWAYS, Ranked, attribute, largest_number, quantiles
from planner.model.overload.measures import Law, Measures
from planner.model.workload.arrivals import offered_load

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
    """Each measure's own quantile over the draws; that of the objective is exact, the others within a few per cent."""


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
    """Both within a few per cent; at 0 and at the offer those of the risks [the measure's unit]."""


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """One resource of one node, ready to be asked about any number of further accounts."""

    node: Node
    """With every input at its value."""
    resource: Resource
    extra: Extra
    reached: bool
    """Whether any of the accounts on offer come to the node."""
    central: Law
    at_value: Ranked
    """With every input at its value: one draw."""
    drawn: Ranked


def together(sites: Collection[Site], offered: int) -> Clusters:
    """Return which instants of a draw's week stand together on all nodes, by the users of all accounts.

    Units: offered [account].
    """
    first = next(iter(sites))
    everybody = [pair for site in sites for pair in site.population]
    share = offered / max(1, len(first.newcomers))
    return draw_columns.clusters(
        measures.law(first.node, "users", [*everybody, *((one, share) for one in first.newcomers)])
    )


def benches(
    central: Site,
    drawn: Sequence[Site],
    resources: Sequence[Resource],
    extra: Extra,
    clusters: Clusters,
    in_draws: Sequence[Clusters],
) -> Iterator[Bench]:
    """Yield each of the resources that has a limit on the node, one after the other so that none is kept longer."""
    newcomers = len(extra(0))
    limited = [resource for resource in resources if central.node.headroom(resource) < NO_LIMIT]
    if not limited:
        return

    def laws_of(site: Site) -> dict[Resource, Law]:
        """Return the laws of a draw together: the resources share the law of a meeting's size."""
        coming = site.newcomers[:newcomers]
        return {name: measures.law(site.node, name, site.population, coming) for name in limited}

    typical, laws = laws_of(central), [laws_of(site) for site in drawn]
    for resource in limited:
        yield Bench(
            node=central.node,
            resource=resource,
            extra=extra,
            reached=newcomers > 0,
            central=typical[resource],
            at_value=_ranked((typical[resource],), extra, (clusters,)),
            drawn=_ranked(tuple(law.pop(resource) for law in laws), extra, in_draws),
        )


def _ranked(laws: Sequence[Law], extra: Extra, clusters: Sequence[Clusters]) -> Ranked:
    """Return the draws with their approximation, which is set up when it is first asked for."""
    sheaves: list[draw_columns.Sheaf] = []
    lines: list[approximation.Line] = []

    def rough(accounts: int) -> Floats:
        if not sheaves:
            sheaves.append(draw_columns.bind(laws, clusters))
        together, coming = sheaves[0], extra(accounts)
        near = next((line for line in lines if approximation.near(together, line, coming)), None)
        if near is None:
            near = approximation.line(together, coming)
            lines.append(near)
        return approximation.measures(together, near, coming)

    def exact(draw: int, accounts: int) -> Measures:
        return measures.measures(laws[draw], extra(accounts))

    return Ranked(len(laws), rough, exact)


def number(bench: Bench, objective: Objective, offered: int) -> Number:
    """Return how many further accounts a limit carries.

    Units: offered [account].
    """
    measure, at_most, confidence = objective.measure, objective.at_most, objective.confidence
    if not bench.reached:
        return Number(None, None, False, 0, 0.0)
    central = largest_number(bench.at_value, measure, at_most, 1.0)
    guess = offered if central is None else max(1, central // 2)
    sure = largest_number(bench.drawn, measure, at_most, confidence, guess)
    turn = offered if sure is None else max(sure, 0)
    _, draw = quantiles(bench.drawn, turn, confidence, measure)
    return Number(
        max_accounts=sure if sure is None else max(sure, 0),
        central=central if central is None else max(central, 0),
        already_over=sure == -1,
        when=bench.drawn.exact(draw, turn).when,
        error=_error(bench, objective, turn),
    )


def _error(bench: Bench, objective: Objective, turn: int) -> float:
    """Return the Monte Carlo standard error of the number [account].

    Were the draws independent, the number of them that hold would be binomial; one standard deviation of it moves the
    quantile of the measure, and a number of accounts moves it as much. Stratified draws err less than this.
    """
    share = objective.confidence
    shift = math.sqrt(share * (1 - share) / bench.drawn.n_draws)
    name, step = attribute(objective.measure), max(10, turn // 4)
    here, further = (np.log(np.maximum(bench.drawn.best(at, name), 1e-300)) for at in (turn, turn + step))
    rise = float(np.quantile(further, share) - np.quantile(here, share)) / step
    apart = float(np.quantile(here, min(1.0, share + shift)) - np.quantile(here, max(0.0, share - shift)))
    return 0.5 * apart / rise if rise > 0 else 0.0


def risk(bench: Bench, accounts: int, objective: Objective) -> NodeRisk:
    """Return the measures with so many further accounts.

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    accounts : int
        Further accounts over all nodes [account].
    objective : Objective
        Its confidence is the quantile; its measure is the one that is exact.
    """
    at_confidence, _ = quantiles(bench.drawn, accounts, objective.confidence, objective.measure)
    return NodeRisk(bench.node.name, bench.resource, accounts, bench.at_value.exact(0, accounts), at_confidence)


def curve(bench: Bench, found: Number, offered: int, objective: Objective) -> NodeCurve:
    """Return the objective's measure against the number of further accounts, past both numbers and the offer.

    Units: found [account]; offered [account].
    """
    name, k = attribute(objective.measure), needed(bench.drawn.n_draws, objective.confidence) - 1
    accounts, knots = (
        spaced(found, offered, points) if bench.reached else (0, AT_LEAST) for points in (CURVE_POINTS, KNOTS)
    )
    central = [_log(float(bench.at_value.best(n, name)[0])) for n in knots]
    sure = [_log(float(np.partition(bench.drawn.best(n, name), k)[k])) for n in knots]
    return NodeCurve(
        node=bench.node.name,
        resource=bench.resource,
        measure=objective.measure,
        accounts=accounts,
        central=tuple(np.exp(np.interp(accounts, knots, central)).tolist()),
        at_confidence=tuple(np.exp(np.interp(accounts, knots, sure)).tolist()),
    )


def _log(value: float) -> float:
    return math.log(value + 1e-300)


def spaced(found: Number, offered: int, points: int = KNOTS) -> tuple[int, ...]:
    """Return numbers of accounts from 0 past both numbers and twice the offer, each of these among them.

    Units: found [account]; offered [account].
    """
    marks = {0, offered, *(n for n in (found.max_accounts, found.central) if n is not None)}
    last = max(AT_LEAST, 2 * offered, round(1.3 * max(marks)))
    return tuple(sorted({*marks, *(int(n) for n in np.linspace(0, last, points).round())}))


def hold(bench: Bench, accounts: int, objective: Objective) -> npt.NDArray[np.bool_]:
    """Return in which draws so many further accounts meet the objective, by the corrected approximation.

    Units: accounts [account].
    """
    met = bench.drawn.best(accounts, attribute(objective.measure)) <= objective.at_most
    if objective.measure in {"minutes", "busiest_instant"}:
        return np.asarray(met)
    return np.asarray(met & (bench.drawn.best(accounts, "busiest_instant") < ALWAYS))


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

    Units: accounts [account].
    """
    law, node = bench.central, bench.node
    each = np.zeros((len(law.counts), BINS_PER_WEEK))
    for band, group in zip(law.bands, law.owner, strict=True):
        each[group] += band.meetings * band.mean * offered_load(band.kind, band.ages)[:, 0]
    now, then = law.counts @ each, law.with_extra(bench.extra(accounts)) @ each
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
