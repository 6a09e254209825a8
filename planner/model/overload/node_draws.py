"""One resource of one node in all draws of the inputs."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import cast

import numpy as np

from planner.model.inputs.allocation import sites
from planner.model.inputs.capacity import (
    BINS_PER_WEEK,
    HOURS_PER_WEEK,
    NO_LIMIT,
    Demand,
    Floats,
    Inputs,
    Ints,
    Kind,
    LinearLoad,
    Node,
    Resource,
    ScaleliteLoad,
)
from planner.model.overload.busy_days import days_of
from planner.model.overload.columns import COLUMNS, OF_PROFILE, Columns, columns, cubic, spaced_nodes
from planner.model.overload.mark_laws import Ages, each, mark_laws, weights
from planner.model.overload.members import Streams, summed_multipliers
from planner.model.overload.occupancy_law import Compound, alike, mean_of
from planner.model.workload.arrivals import offered_load
from planner.model.workload.marks import common_unit, lattice

TOLERANCE = 1e-4
"""Error of a draw's probabilities, beside that of taking instants together [-]."""
LEAST = 1e-9
"""Probabilities below this one are told apart from each other by nobody [-]."""
DURATIONS, VARIATIONS = 25, 9
"""Holding times, and their coefficients of variation, at which loads are worked out."""
WHOLE: tuple[Resource, ...] = ("rooms", "users", "streams")
"""Resources that are counted."""
MEASURES = ("busiest_instant", "minutes", "episodes", "any_in_week_bound")


Whose = tuple[int, Kind, Ages]
"""A band's group, kind of meeting and age band."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A node, or a pool as one, with its accounts in each draw."""

    central: Node
    node: Node
    """Its numbers may be ndarrays of shape (D,)."""
    share: float
    """Of an account's meetings that come here [-]."""
    summed: Mapping[str, Floats]
    """By level the summed multipliers of today's members, ndarrays of shape (D,) [account]."""
    counts: Mapping[str, Floats]
    """By level the accounts with multipliers of their own: growth, ndarrays of shape (D,) [account]."""


@dataclass(frozen=True, slots=True, eq=False)
class WeekColumns:
    """The columns that all places share, with what has been worked out on them."""

    columns: Columns
    demands: Mapping[str, Demand]
    """By level; numbers may be ndarrays of shape (D,)."""
    draws: int
    """[-]"""
    days: Floats | None
    """Factors that the meetings of a day share, and their weights, ndarray of shape (2, D, 5) [-]; None = all alike."""
    known: dict[Hashable, Floats] = field(default_factory=dict)
    """Loads by kind of meeting and age band: levels, nodes and resources ask for the same [Erlang]."""
    together: dict[Hashable, tuple[Floats, Floats]] = field(default_factory=dict)
    """Loads and rates of all bands: nodes and resources ask for the same [Erlang], [1/h]."""

    def load(self, kind: Kind, ages: Ages) -> Floats:
        """Return the load of one meeting a week in each draw and column, ndarray of shape (D, T) [Erlang]."""
        key = alike((kind.shape, kind.duration, kind.duration_cv, kind.duration_limit, ages))
        if key not in self.known:
            kinds, near, between = by_holding_time(kind, self.draws)
            table = np.array([[offered_load(one, ages)[:, 0] for one in row] for row in kinds]) @ self.columns.load
            parts = (between[:, [j]] * (near @ table[:, j]) for j in range(between.shape[1]))
            self.known[key] = np.asarray(sum(parts))
        return self.known[key]

    def of_bands(self, levels: Sequence[str], bands: Sequence[Whose], share: float) -> tuple[Floats, Floats]:
        """Return load and rate of one account of each band, ndarrays of shape (D, B, T) [Erlang], [1/h]."""
        key = (tuple((group, ages) for group, _, ages in bands), share)
        if key not in self.together:
            load = np.empty((self.draws, len(bands), len(self.columns.hours)))
            rate = np.zeros_like(load)
            for b, (group, kind, ages) in enumerate(bands):
                number = each(self.demands[levels[group]].meetings, self.draws) * each(kind.share, self.draws) * share
                load[:, b] = number[:, None] * self.load(kind, ages)
                if ages[0] == 0.0:
                    rate[:, b] = np.outer(number, kind.shape @ self.columns.rate / HOURS_PER_WEEK)
            self.together[key] = load, rate
        return self.together[key]


def by_holding_time(kind: Kind, draws: int) -> tuple[list[list[Kind]], Floats, Floats]:
    """Return kinds by duration and by its variation, and what each of both brings to each draw, shape (D, n) [-]."""
    lengths, variations = each(kind.duration, draws), each(kind.duration_cv, draws)
    at, by = spaced_nodes(lengths, DURATIONS), spaced_nodes(variations, VARIATIONS)
    kinds = [[replace(kind, duration=float(x), duration_cv=float(cv)) for cv in by] for x in at]
    return kinds, cubic(np.log(lengths), np.log(at)), cubic(variations, by)


def places(
    central: Inputs, drawn: Inputs, draws: int, streams: Streams | None, month: int | None = None
) -> list[Place]:
    """Return the nodes with their accounts in each draw; today's members by their summed multipliers."""
    after = central.offer.review.after if month is None else month
    today = each(drawn.members.accounts, draws)
    later = np.floor(today + each(drawn.members.growth, draws) * after + 0.5)
    there, grown = _by_total(central, np.minimum(today, later)), _by_total(central, later)
    pooled = central.placement.rule == "pool"
    share = 1.0 / (len(central.nodes) - central.placement.nodes_down) if pooled else 1.0
    found = []
    for at_value, node in zip(central.nodes, drawn.nodes, strict=True):
        summed, counts = {}, {}
        for level, members in there[node.name].items():
            spread = each(drawn.demands[level].spread, draws)
            kappa = np.where(spread > 0.0, np.maximum(spread, 1e-9) ** -2.0, NO_LIMIT)
            name = f"members.{level}" if pooled else f"members.{node.name}.{level}"
            if streams is None:
                summed[level], counts[level] = np.zeros(draws), grown[node.name][level]
                continue
            # every input at its value: each member's multiplier is 1
            summed[level] = members if drawn is central else summed_multipliers(name, members, kappa, streams)
            counts[level] = grown[node.name][level] - members
        found.append(Place(at_value, node, share, summed, counts))
    return found


def _by_total(central: Inputs, totals: Floats) -> dict[str, dict[str, Floats]]:
    """Return the members by node and level where there are so many in all, in each draw."""
    distinct, place = np.unique(totals, return_inverse=True)
    each_total = [sites(central, int(total)) for total in distinct]
    return {
        name: {
            demand.level: np.array([site[name].population[k][1] for site in each_total])[place]
            for k, (demand, _) in enumerate(first.population)
        }
        for name, first in each_total[0].items()
    }


def week_columns(central: Inputs, drawn: Inputs, draws: int) -> WeekColumns:
    """Return the columns for all places, made for short, usual, long and young meetings and for each weekly profile."""
    kinds = [(demand, kind) for demand in drawn.demands.values() for kind in demand.kinds]
    until = [n.load.until for n in drawn.nodes if isinstance(n.load, ScaleliteLoad)]
    by_length, young = np.zeros((3, BINS_PER_WEEK)), np.zeros((1, BINS_PER_WEEK))
    of_profile = {alike(kind.shape): np.zeros(BINS_PER_WEEK) for _, kind in kinds}
    started = np.zeros(BINS_PER_WEEK)
    everybody = {**dict.fromkeys(drawn.demands, 0.0), **central.members.mix}
    for level, share in central.offer.mix.items():
        everybody[level] += share * central.offer.accounts / max(1.0, float(np.median(drawn.members.accounts)))
    for demand, kind in kinds:
        number = everybody[demand.level] * float(np.median(demand.meetings)) * float(np.median(kind.share))
        started += number * kind.shape / HOURS_PER_WEEK
        for row, part in enumerate((0.1, 0.5, 0.9)):
            duration, variation = float(np.quantile(kind.duration, part)), float(np.median(kind.duration_cv))
            usual = replace(kind, duration=duration, duration_cv=variation)
            load = number * float(np.median(kind.size)) * offered_load(usual)[:, 0]
            by_length[row] += load
            if until and row == 1:
                young += number * offered_load(usual, (0.0, max(until)))[:, 0]
            of_profile[alike(kind.shape)] += load
    parts = np.concatenate([young, *([list(of_profile.values())] if len(of_profile) > 1 else [])])
    # young meetings come and go within minutes of the others: twice the columns tell them apart
    number = (COLUMNS + OF_PROFILE * (len(of_profile) - 1)) * (2 if until else 1)
    made = columns(by_length, parts, started, number)
    return WeekColumns(made, drawn.demands, draws, days_of(drawn.day_spread, draws))


@dataclass(frozen=True, slots=True, eq=False)
class NodeDraws:
    """One resource of one node in all draws."""

    place: Place
    resource: Resource
    step: Floats
    """What a step of the lattice stands for, ndarray of shape (D,) [the resource's unit]."""
    compound: Compound
    columns: Columns
    newcomers: tuple[int, ...]
    """The group of each kind of newcomer; empty if none of the accounts on offer come here [-]."""
    days: Floats | None
    """Of `WeekColumns` [-]."""

    def extra(self, coming: Sequence[float]) -> Floats:
        """Return further accounts by group, from one number for each newcomer [account]."""
        extra = np.zeros(self.compound.kappa.shape[1])
        for group, number in zip(self.newcomers, coming, strict=True):
            extra[group] += number
        return extra

    def only(self, rows: Ints) -> "NodeDraws":
        """Return some of the draws."""
        days = None if self.days is None else self.days[:, rows]
        return replace(self, step=self.step[rows], compound=self.compound.only(rows), days=days)


def node_draws(
    resource: Resource,
    here: Sequence[Place],
    of: WeekColumns,
    levels: Sequence[str],
    coming: Mapping[str, Sequence[str]],
) -> tuple[NodeDraws, ...]:
    """Return one resource of every place that has a limit on it."""
    usual = [_as_usual(place) for place in here if place.central.headroom(resource) < NO_LIMIT]
    limited = [place for place, _ in usual]
    steps = [_steps(resource, place, factor, of.draws) for place, factor in usual]
    limits = [_limit(resource, place, step, of.draws) for place, step in zip(limited, steps, strict=True)]
    stacked: dict[Hashable, tuple[Floats, list[Whose]]] = {}
    found = []
    for (place, factor), step, limit in zip(usual, steps, limits, strict=True):
        key = alike((step, *weights(place.node)))
        if key not in stacked:
            highest = max(float(one.max()) for one, its in zip(limits, steps, strict=True) if (its == step).all())
            stacked[key] = _stacked(resource, place.node, of, levels, step, math.ceil(highest) + 2)
        marks, bands = stacked[key]
        owner = np.array([group for group, _, _ in bands], dtype=np.int64)
        load, rate = of.of_bands(levels, bands, place.share)
        spread = [each(of.demands[level].spread, of.draws) for level in levels]
        nobody = np.zeros(of.draws)
        compound = Compound(
            limit=limit,
            owner=owner,
            marks=marks,
            mean_marks=mean_of(marks),
            kappa=np.stack([np.where(x > 0.0, np.maximum(x, 1e-9) ** -2.0, NO_LIMIT) for x in spread], 1),
            summed=np.stack([place.summed.get(level, nobody) for level in levels], 1),
            counts=np.stack([place.counts.get(level, nobody) for level in levels], 1),
            load=load,
            rate=rate,
        )
        newcomers = tuple(list(levels).index(level) for level in coming[place.central.name])
        worth = step * factor if resource == "load" else step
        found.append(NodeDraws(place, resource, worth, compound, of.columns, newcomers, of.days))
    return tuple(found)


def _as_usual(place: Place) -> tuple[Place, float | Floats]:
    """Return a place whose weights of the load have one factor as one with the usual weights, and that factor [-]."""
    # marks that are the same in all draws are worked out once, and not for each draw
    usual, load = place.central.load, place.node.load
    if not isinstance(usual, LinearLoad) or not isinstance(load, LinearLoad):
        return place, 1.0
    both = zip(astuple(usual)[1:], astuple(load)[1:], strict=True)
    ratios = [np.asarray(drawn) / central for central, drawn in both if central > 0.0]
    if not ratios or ratios[0].ndim == 0 or (ratios[0] <= 0.0).any():
        return place, 1.0
    if not all(one.shape == ratios[0].shape and np.allclose(one, ratios[0], 1e-9, 0.0) for one in ratios):
        return place, 1.0
    room = place.node.headroom("load") / ratios[0] + place.node.reserve.get("load", 0.0) + usual.base
    limits = cast(Mapping[Resource, float], {**place.node.limits, "load": room})
    return replace(place, node=replace(place.node, load=usual, limits=limits)), ratios[0]


def _steps(resource: Resource, place: Place, factor: float | Floats, draws: int) -> Floats:
    """Return the lattice's step in each draw: the larger the factor that the limit is divided by, the finer."""
    step, unit = lattice(resource, place.central), common_unit(resource, place.central)
    # the factor divides the limit of the load alone; marks on their own lattice are exact as they are
    if step == unit or resource != "load":
        return each(step, draws)
    # few different steps, because the marks are worked out for each
    return np.maximum(each(step * 2.0 ** -np.rint(np.log2(factor)), draws), unit)


def _limit(resource: Resource, place: Place, step: Floats, draws: int) -> Floats:
    """Return L, what may be filled, in steps: fractional where marks stand on a lattice that is not their own."""
    room, its = each(place.node.headroom(resource), draws), common_unit(resource, place.central)
    # a lattice that is not the marks' own is as fine as it needs to be for the central limit
    unit = np.where((its == step) | (resource in WHOLE), its, 0.0)
    with np.errstate(invalid="ignore"):
        # a mark split between two points errs to both sides alike if the limit lies half a step above a point
        over_from = np.where(unit > 0.0, (np.floor(room / np.where(unit > 0.0, unit, 1.0) + 1e-9) + 0.5) * unit, room)
        level = np.where(unit == step, np.floor(room / step + 1e-9), np.maximum(over_from / step - 0.5, 0.0))
    return np.where(np.isinf(room), NO_LIMIT, np.where(room < 0.0, -1.0, level))


def _stacked(
    resource: Resource, node: Node, of: WeekColumns, levels: Sequence[str], step: Floats, longest: int
) -> tuple[Floats, list[Whose]]:
    """Return the laws of the marks of all bands, ndarray of shape (D, B, longest), and whose they are."""
    bands, laws = [], []
    for group, level in enumerate(levels):
        for kind in of.demands[level].kinds:
            for ages, law in mark_laws(kind, resource, node, step, longest, of.draws):
                bands.append((group, kind, ages))
                longest_held = max(2, int(np.flatnonzero(law.max(axis=0) > 0.0)[-1]) + 1)
                # single precision is enough for draws, and half of what they take
                laws.append(law[:, :longest_held].astype(np.float32))
    marks = np.zeros((of.draws, len(laws), max(held.shape[1] for held in laws)), dtype=np.float32)
    for band, held in enumerate(laws):
        marks[:, band, : held.shape[1]] = held
    return cast(Floats, marks), bands
