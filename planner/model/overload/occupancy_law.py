"""The compound Poisson law of what accounts hold of a resource, in any number of draws of the inputs.

A group is one class of accounts; a band is one kind of its meetings in one age band. Accounts that are known, the
members of today, count by the sum of their multipliers: given that sum their meetings are Poisson. Accounts that are
not there yet have gamma-distributed multipliers, each of its own.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import HOURS_PER_WEEK, NO_LIMIT, Demand, Floats, Ints, Kind, Node, Resource
from planner.model.workload.marks import lattice, marks

Complex = npt.NDArray[np.complex128]


def mean_of(marks: Floats) -> Floats:
    """Return the mean of marks from their laws, ndarray of shape (D, B, V) [-]; shape (D, B) [step]."""
    return np.asarray(np.einsum("dbv,v->db", marks, np.arange(marks.shape[2], dtype=np.float64)))


@dataclass(frozen=True, slots=True, eq=False)
class Compound:
    """The law at T instants in D draws; G groups of accounts with B bands of meetings, marks of fewer than V steps."""

    limit: Floats
    """What may be filled, ndarray of shape (D,): below 0 = over even when empty, inf = no limit [step]."""
    owner: Ints
    """The group of each band, ascending, ndarray of shape (B,)."""
    marks: Floats
    """P(mark = v steps), ndarray of shape (D, B, V) [-]."""
    mean_marks: Floats
    """Mean mark of each band, from `mean_of`, ndarray of shape (D, B) [step]."""
    kappa: Floats
    """Shape of the multipliers' gamma law, inf = accounts alike, ndarray of shape (D, G) [-]."""
    summed: Floats
    """Sum of the known accounts' multipliers, ndarray of shape (D, G) [account]."""
    counts: Floats
    """Accounts with multipliers of their own, ndarray of shape (D, G) [account]."""
    load: Floats
    """Of one account, ndarray of shape (D, B, T) [Erlang]."""
    rate: Floats
    """Of one account, 0 for bands in which no meeting starts, ndarray of shape (D, B, T) [1/h]."""

    def mean(self, extra: Floats) -> Floats:
        """Return the mean occupancy with further accounts of each group, ndarray of shape (D, T) [step]."""
        accounts = (self.summed + self.counts + extra)[:, self.owner]
        return np.asarray(np.einsum("db,dbt->dt", accounts * self.mean_marks, self.load))

    def only(self, rows: Ints) -> "Compound":
        """Return some of the draws."""
        parts = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "owner"}
        return replace(self, **{name: part[rows] for name, part in parts.items()})

    def at_columns(self, columns: Ints) -> "Compound":
        """Return some of the instants."""
        return replace(self, load=self.load[:, :, columns], rate=self.rate[:, :, columns])

    def busier(self, factor: Floats) -> "Compound":
        """Return the law if all meet so many times as often, ndarray of shape (D,) [-]."""
        times = factor[:, None, None]
        return replace(self, load=times * self.load, rate=times * self.rate)


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """One kind of meeting in one age band, of one class of accounts."""

    kind: Kind
    meetings: float
    """Of this kind, of an average account [1/week]."""
    ages: tuple[float, float]
    """[h]"""
    mean: float
    """Mean mark [the resource's unit]."""
    law: Floats
    """P(mark = v steps), ndarray [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """One resource on one node with one value of every input: see `law`."""

    resource: Resource
    limit: float
    """What may be filled, in lattice steps; inf = no limit, below 0 = over even when empty [-]."""
    step: float
    """The lattice's step [the resource's unit]."""
    bands: tuple[Band, ...]
    """Of the groups in their order."""
    owner: Ints
    """The group of each band, ndarray of shape (n_bands,)."""
    kappa: Floats
    """Shape of the multipliers' gamma law of each group, ndarray of shape (n_groups,) [-]."""
    summed: Floats
    """Sum of the multipliers of accounts that are known, ndarray of shape (n_groups,) [account]."""
    counts: Floats
    """Accounts already there whose multipliers are not known, ndarray of shape (n_groups,) [account]."""
    newcomers: tuple[int, ...]
    """The group that each kind of newcomer belongs to [-]."""

    @property
    def marks(self) -> Floats:
        """Return the laws of the marks, ndarray of shape (n_bands, longest)."""
        stacked = np.zeros((len(self.bands), max((len(band.law) for band in self.bands), default=1)))
        for row, band in zip(stacked, self.bands, strict=True):
            row[: len(band.law)] = band.law
        return stacked

    def extra(self, coming: Sequence[float]) -> Floats:
        """Return further accounts by group, from one number for each newcomer or none at all [account]."""
        extra = np.zeros(len(self.counts))
        for group, number in zip(self.newcomers if len(coming) else (), coming, strict=True):
            extra[group] += number
        return extra

    def busier(self, factor: float) -> "Law":
        """Return the law if all meet so many times as often [-]."""
        return replace(self, bands=tuple(replace(band, meetings=factor * band.meetings) for band in self.bands))

    def rates(self) -> Floats:
        """Return the meetings one account starts in each 5-minute bin, ndarray of shape (n_bands, 2016) [1/h]."""
        each = [band.meetings / HOURS_PER_WEEK * (band.ages[0] == 0.0) * band.kind.shape for band in self.bands]
        return np.stack(each)

    def at(self, load: Floats, rate: Floats) -> Compound:
        """Return the law as a single draw at some instants, from load and rate of shape (n_bands, T)."""
        return Compound(
            limit=np.array([float(self.limit)]),
            owner=self.owner,
            marks=self.marks[None],
            mean_marks=mean_of(self.marks[None]),
            kappa=self.kappa[None],
            summed=self.summed[None],
            counts=self.counts[None],
            load=load[None],
            rate=rate[None],
        )


def law(
    node: Node,
    resource: Resource,
    population: Sequence[tuple[Demand, float]],
    newcomers: Sequence[Demand] = (),
    known: Sequence[tuple[Demand, float]] = (),
) -> Law:
    """Return the law of a resource's occupancy on a node, ready for any number of further accounts."""
    everybody = (*(demand for demand, _ in known), *(demand for demand, _ in population), *newcomers)
    distinct = {_class(demand): demand for demand in everybody}
    order, place = list(distinct.values()), {key: group for group, key in enumerate(distinct)}
    summed, counts = np.zeros(len(order)), np.zeros(len(order))
    for held, part in ((summed, known), (counts, population)):
        for demand, number in part:
            held[place[_class(demand)]] += number
    room, step = node.headroom(resource), lattice(resource, node)
    limit = math.floor(room / step + 1e-9) if room < NO_LIMIT else room
    bands, owner = [], []
    for group, demand in enumerate(order):
        for kind in demand.kinds:
            for mark in marks(kind, resource, node):
                ages = (mark.age_from, mark.age_to)
                bands.append(Band(kind, demand.meetings * kind.share, ages, mark.mean, folded(mark.law, limit)))
                owner.append(group)
    return Law(
        resource=resource,
        limit=limit,
        step=step,
        bands=tuple(bands),
        owner=np.array(owner, dtype=np.int64),
        kappa=np.array([NO_LIMIT if one.spread == 0.0 else one.spread**-2.0 for one in order]),
        summed=summed,
        counts=counts,
        newcomers=tuple(place[_class(demand)] for demand in newcomers),
    )


@lru_cache(maxsize=256)
def _class(demand: Demand) -> Hashable:
    """Return what equal demands have in common; every resource of every node asks for it."""
    return alike(demand)


def alike(one: object) -> Hashable:
    """Return what equal inputs have in common: classes of accounts, kinds of meetings and numbers, by value."""
    if isinstance(one, np.ndarray):
        return one.tobytes()
    if isinstance(one, tuple):
        return tuple(alike(part) for part in one)
    if isinstance(one, (Demand, Kind)):
        return tuple(alike(getattr(one, field.name)) for field in fields(one))
    return one


def folded(mark: Floats, limit: float) -> Floats:
    """Return a mark's law with everything above the limit moved to limit + 1: it is over in any case."""
    if limit < 0 or len(mark) <= limit + 2:
        return mark
    last = int(limit) + 1
    return np.concatenate([mark[:last], [mark[last:].sum()]])
