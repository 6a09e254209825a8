"""The measures of one limit in all draws with any number of further accounts, over days that are busy or not."""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.model.inputs.capacity import WEEKS_PER_MONTH, Floats, Ints
from planner.model.overload.busy_days import BUSY, OUTER, SAMPLE, mixed, steepness
from planner.model.overload.columns import cubic
from planner.model.overload.contour_sum import tails
from planner.model.overload.node_draws import LEAST, MEASURES, TOLERANCE, NodeDraws
from planner.model.overload.occupancy_law import Compound

SPAN = 8.0
"""Numbers of accounts share a circle if the load with the largest is at most so many times that with the smallest."""
FALLEN = 0.99
"""More accounts never lower a risk by more than what a sum may err by [-]."""
RATIOS = MEASURES[:3]
"""Those that busy days share in; the last follows from the episodes."""
SCALE = {
    "busiest_instant": 1.0,
    "minutes": 60.0 * WEEKS_PER_MONTH,
    "episodes": WEEKS_PER_MONTH,
    "any_in_week_bound": 1.0,
}
"""From a week in hours to the measure's unit."""
KNOTS = 4
"""Numbers of accounts from which the share of busy days in a measure is told [-]."""


def risks(of: NodeDraws, coming: Sequence[Sequence[float]]) -> dict[str, Floats]:
    """Return the four measures by name with each number of further accounts, ndarrays of shape (D, R)."""
    if of.days is None:
        return on_busy_days(of, coming)
    size = sizes(of, coming)
    knots = spread_out(size)
    busy = on_busy_days(of, coming)
    at = {name: busy[name][:, knots] for name in RATIOS}
    return mixture(busy, between(day_ratios(of, [coming[k] for k in knots], at), cubic(size, size[knots])))


def sizes(of: NodeDraws, coming: Sequence[Sequence[float]]) -> Floats:
    """Return the log of the load at its busiest with each number of further accounts, ndarray of shape (R,)."""
    top = of.compound.mean(of.extra(coming[-1])).mean(axis=0).argmax()
    rows = of.compound.at_columns(np.array([top]))
    return np.log(np.maximum([float(np.median(rows.mean(of.extra(row)))) for row in coming], LEAST))


def spread_out(size: Floats) -> Ints:
    """Return which rows, of ascending size, the ratio of `day_ratios` is worked out for."""
    wanted = np.linspace(size[0], size[-1], KNOTS)
    return np.unique([int(np.abs(size - x).argmin()) for x in wanted])


def between(ratios: Mapping[str, Floats], nodes: Floats) -> dict[str, Floats]:
    """Return logs between those that are known, never beyond them, given what each brings, shape (R, n_known) [-]."""
    return {
        name: np.clip(logs @ nodes.T, logs.min(axis=1)[:, None], logs.max(axis=1)[:, None])
        for name, logs in ratios.items()
    }


def mixture(busy: Mapping[str, Floats], ratios: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the measures over all days from those on busy days, and the logs of their ratios."""
    found = {name: np.maximum(busy[name], LEAST * SCALE[name]) * np.exp(ratios[name]) for name in RATIOS}
    found["busiest_instant"] = np.minimum(found["busiest_instant"], 1.0)
    found["any_in_week_bound"] = np.minimum(found["episodes"] / WEEKS_PER_MONTH, 1.0)
    return found


def day_ratios(of: NodeDraws, coming: Sequence[Sequence[float]], busy: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the log of each measure over all days to that on busy days, by name, ndarrays of shape (D, R)."""
    # what busier and calmer days are to busy ones is worked out in a sample of the draws
    assert of.days is not None
    draws = len(of.compound.limit)
    rows = np.arange(0, draws, max(1, draws // SAMPLE))
    some, (factors, weights) = of.only(rows), of.days
    extra = np.array([of.extra(row) for row in coming])
    beside = [_at_factor(some, extra, factors[rows, k]) for k in OUTER]
    apart = np.log(factors[:, OUTER] / factors[:, [BUSY]])
    filled = np.array([of.compound.mean(row).max(axis=1) for row in extra]).T
    depth = np.log(np.maximum(of.compound.limit, 0.5)[:, None] / np.maximum(filled, LEAST))
    found = {}
    for name in RATIOS:
        least = LEAST * SCALE[name]
        here = np.log(np.maximum(busy[name], least))
        outer = np.log(np.maximum([one[name] for one in beside], least))
        steep = (steepness(outer[k] - here[rows], here, depth, apart[:, k], rows) for k in range(len(OUTER)))
        calmer, busier = (here + apart[:, [k]] * by for k, by in enumerate(steep))
        ratio = mixed(np.stack([calmer, here, busier]), factors, weights) - here
        found[name] = np.where((of.compound.limit < 0)[:, None], 0.0, ratio)
    return found


def on_busy_days(of: NodeDraws, coming: Sequence[Sequence[float]]) -> dict[str, Floats]:
    """Return the measures if every day were busy; where days don't differ, those of all days."""
    extra = np.array([of.extra(row) for row in coming])
    return _at_factor(of, extra, None if of.days is None else of.days[0][:, BUSY])


def rising(compound: Compound, extra: Floats) -> tuple[Floats, Floats]:
    """Return `tails` of rows of ascending size; where a sum falls one circle did not suit all: each has its own."""
    over, crossing = tails(compound, extra, TOLERANCE, LEAST)
    top = over.max(axis=2)
    fallen = np.flatnonzero((top[:, 1:] < FALLEN * top[:, :-1]).any(axis=1))
    for row in range(len(extra)) if len(fallen) else ():
        own = tails(compound.only(fallen), extra[[row]], TOLERANCE, LEAST)
        over[fallen, row], crossing[fallen, row] = (one[:, 0] for one in own)
    return over, crossing


def _at_factor(of: NodeDraws, extra: Floats, factor: Floats | None) -> dict[str, Floats]:
    """Return the measures with every day so many times as busy as an average one [-]."""
    compound = of.compound if factor is None else of.compound.busier(factor)
    size = np.array([float(np.median(compound.mean(row).max(axis=1))) for row in extra])
    found: dict[str, Floats] = {name: np.empty((len(compound.limit), len(extra))) for name in MEASURES}
    first = 0
    while first < len(extra):
        last = max(first + 1, int(np.searchsorted(size, SPAN * size[first], side="right")))
        over, crossing = rising(compound, extra[first:last])
        episodes = over[:, :, 0] + crossing @ of.columns.hours
        always = (compound.limit < 0)[:, None]
        here = np.where(always, 1.0, over.max(axis=2)), over @ of.columns.hours, episodes, np.minimum(episodes, 1.0)
        for name, values in zip(MEASURES, here, strict=True):
            found[name][:, first:last] = values * SCALE[name]
        first = last
    return found
