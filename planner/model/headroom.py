"""One resource of one node over all draws: how many further accounts it carries, and at what risk."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.model import coarse, overload, sheaf
from planner.model.inputs import BINS_PER_WEEK, NO_LIMIT, Floats, LinearLoad, Node, Objective, Resource
from planner.model.limits import needed
from planner.model.overload import Law, Measures
from planner.model.ranking import ALWAYS, Ranked, attribute, largest_number, quantiles
from planner.model.sheaf import Clusters, Loads
from planner.model.siting import Site
from planner.model.traffic import offered_load

Extra = Callable[[int], Sequence[int]]
"""From a number of further accounts over all nodes to those of each level on offer that come to one node."""
CURVE_POINTS = 25
"""Numbers of accounts at which a risk curve is given."""
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
    central: tuple[float, ...]
    """Exact, in the measure's unit."""
    at_confidence: tuple[float, ...]
    """Approximate between the numbers of accounts where it was worked out exactly."""


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """One resource of one node, ready to be asked about any number of further accounts."""

    node: str
    resource: Resource
    extra: Extra
    reached: bool
    """Whether any of the accounts on offer come to the node."""
    central: Law
    laws: tuple[Law, ...]
    """One for each draw."""
    at_value: Ranked
    """With every input at its value: one draw."""
    drawn: Ranked


def bench(
    central: Site, draws: Sequence[Site], resource: Resource, extra: Extra, reached: bool, shared: "Shared"
) -> Bench | None:
    """Return one resource of one node, None if it has no limit there.

    Parameters
    ----------
    central : Site
        The node and its accounts with every input at its value.
    draws : sequence of Site
        The same in each draw.
    resource : Resource
        Which limit.
    extra : callable
        From a number of accounts to those of each level that come to the node.
    reached : bool
        Whether any come.
    shared : Shared
        What the resources of a node have in common.
    """
    if central.node.room_for(resource) == NO_LIMIT:
        return None
    newcomers = central.newcomers if reached else ()
    at_value = overload.law(central.node, resource, central.population, newcomers)
    laws = tuple(overload.law(site.node, resource, site.population, site.newcomers[: len(newcomers)]) for site in draws)
    return Bench(
        node=central.node.name,
        resource=resource,
        extra=extra if reached else lambda _: (),
        reached=reached,
        central=at_value,
        laws=laws,
        at_value=_ranked((at_value,), extra if reached else lambda _: (), shared.at_value, shared.known),
        drawn=_ranked(laws, extra if reached else lambda _: (), shared.drawn, shared.known),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Which instants of the week stand together on a node, and loads already worked out."""

    at_value: tuple[Clusters, ...]
    drawn: tuple[Clusters, ...]
    known: Loads


def shared(central: Site, draws: Sequence[Site], expected: Sequence[int], known: Loads) -> Shared:
    """Return what the resources of a node have in common: instants are told apart by the users they hold.

    Parameters
    ----------
    central : Site
        The node and its accounts with every input at its value.
    draws : sequence of Site
        The same in each draw.
    expected : sequence of int
        Further accounts of each level on offer that are likely to be asked about; empty if none come [account].
    known : dict
        Loads already worked out; filled [Erlang].
    """

    def of(site: Site) -> Clusters:
        users = overload.law(site.node, "users", site.population, site.newcomers[: len(expected)])
        return sheaf.clusters(users, expected, known)

    return Shared((of(central),), tuple(of(site) for site in draws), known)


def _ranked(laws: tuple[Law, ...], extra: Extra, clusters: tuple[Clusters, ...], known: Loads) -> Ranked:
    """Return the draws with their approximation, which is set up when it is first asked for."""
    sheaves: list[sheaf.Sheaf] = []
    lines: list[coarse.Line] = []

    def rough(accounts: int) -> Floats:
        if not sheaves:
            sheaves.append(sheaf.bind(laws, clusters, known))
        together, coming = sheaves[0], extra(accounts)
        near = next((line for line in lines if coarse.near(together, line, coming)), None)
        if near is None:
            near = coarse.line(together, coming)
            lines.append(near)
        return coarse.measures(together, near, coming)

    def exact(draw: int, accounts: int) -> Measures:
        return overload.measures(laws[draw], extra(accounts))

    return Ranked(len(laws), rough, exact)


def number(bench: Bench, objective: Objective, offered: int) -> Number:
    """Return how many further accounts a limit carries.

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    objective : Objective
        What is to hold.
    offered : int
        The number asked for [account].
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
    name, step = attribute(objective.measure), max(1, turn // 8)
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
    return NodeRisk(bench.node, bench.resource, accounts, bench.at_value.exact(0, accounts), at_confidence)


def curve(bench: Bench, found: Number, offered: int, objective: Objective) -> NodeCurve:
    """Return the objective's measure against the number of further accounts, past both numbers and the offer.

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    found : Number
        What it carries.
    offered : int
        The number asked for [account].
    objective : Objective
        Whose measure, at whose confidence.
    """
    name, k = attribute(objective.measure), needed(bench.drawn.n_draws, objective.confidence) - 1
    marks = {0, offered, *(n for n in (found.max_accounts, found.central) if n is not None)}
    last = max(10, 2 * offered, round(1.3 * max(marks)))
    accounts, knots = ((*sorted({*_spaced(last, points), *marks}),) for points in (CURVE_POINTS, KNOTS))
    if not bench.reached:
        accounts = knots = (0, last)
    exact = overload.measures_of_each(bench.central, [bench.extra(n) for n in accounts])
    sure = [math.log(float(np.partition(bench.drawn.best(n, name), k)[k]) + 1e-300) for n in knots]
    return NodeCurve(
        node=bench.node,
        resource=bench.resource,
        measure=objective.measure,
        accounts=accounts,
        central=tuple(float(getattr(one, name)) for one in exact),
        at_confidence=tuple(np.exp(np.interp(accounts, knots, sure)).tolist()),
    )


def _spaced(last: int, points: int) -> list[int]:
    return [int(n) for n in np.linspace(0, last, points).round()]


def hold(bench: Bench, accounts: int, objective: Objective) -> npt.NDArray[np.bool_]:
    """Return in which draws so many further accounts meet the objective, by the corrected approximation.

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    accounts : int
        Further accounts over all nodes [account].
    objective : Objective
        What is to hold.

    Returns
    -------
    ndarray of shape (n_draws,)
        Right but for draws within a few per cent of the bound.
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


def added(bench: Bench, node: Node, accounts: int) -> Added:
    """Return what so many further accounts add to the mean, every input at its value: the answer to "how much load?".

    Parameters
    ----------
    bench : Bench
        One resource of one node.
    node : Node
        Its limits.
    accounts : int
        Further accounts over all nodes [account].
    """
    law = bench.central
    each = np.zeros((len(law.counts), BINS_PER_WEEK))
    for band, group in zip(law.bands, law.owner, strict=True):
        each[group] += band.meetings * band.mean * offered_load(band.kind, band.ages)[:, 0]
    now, then = law.counts @ each, law.with_extra(bench.extra(accounts)) @ each
    when = int(then.argmax())
    base = node.load.base if bench.resource == "load" and isinstance(node.load, LinearLoad) else 0.0
    return Added(
        node=bench.node,
        resource=bench.resource,
        when=when,
        now=base + float(now[when]),
        added=float(then[when] - now[when]),
        limit=node.limits[bench.resource],
        reserve=node.reserve.get(bench.resource, 0.0),
    )
