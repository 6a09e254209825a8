"""The nodes' load, fitted to what was read on them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from planner.learning.posteriors import Learned, learned_from
from planner.model.calibration.load_regression import node_load
from planner.model.inputs.capacity import Floats, Inputs, Kind
from planner.model.inputs.observations import Sample
from planner.model.inputs.pages import Pages
from planner.model.workload.arrivals import mean_holding_time
from planner.model.workload.marks import streams_by_sight
from planner.scenario import resolve
from planner.scenario.cpu import CPU
from planner.scenario.reader import Scenario
from planner.scenario.values import central, entry

PAST = timedelta(minutes=15)
"""Past the hour: one reading of each hour is taken, for those closer together say the same thing again, and rather not
when most meetings begin, for the load may be the mean of minutes. `store/history.py` keeps these when it thins."""
_OWN = (*CPU, "factor")
LEAST_READINGS = 48
"""Two days of readings an hour apart; fewer are not fitted."""


def loads(scenario: Scenario, samples: Sequence[Sample]) -> tuple[Learned, ...]:
    """Return the coefficients of the linear load: each node's own, or those that all share where all were read."""
    inputs = resolve.inputs(scenario)
    guess = streams_by_sight(_in_progress(inputs))
    nodes = [node for node in scenario.names["nodes"] if entry(scenario, f"nodes.{node}.load_model") == "linear"]
    rows = {node: _hourly(samples, node, guess, inputs.pages) for node in nodes}
    sharing = [node for node in nodes if not any(f"nodes.{node}.cpu.{name}" in scenario.estimates for name in _OWN)]
    # what one machine taught is not known of another that nobody read
    together = all(len(rows[node]) >= LEAST_READINGS for node in sharing)
    groups: dict[str, list[list[float]]] = {}
    for node in nodes:
        groups.setdefault("usage.cpu" if together and node in sharing else f"nodes.{node}.cpu", []).extend(rows[node])
    return tuple(after for prefix, read in groups.items() for after in _fitted(scenario, prefix, read))


def _in_progress(inputs: Inputs) -> list[tuple[Kind, float]]:
    """Return the kinds of meeting of the members, each with its share of those in progress, up to a factor."""
    return [
        (kind, share * inputs.demands[level].meetings * kind.share * mean_holding_time(kind))
        for level, share in inputs.members.mix.items()
        for kind in inputs.demands[level].kinds
    ]


def _hourly(samples: Sequence[Sample], node: str, guess: Floats, pages: Pages) -> list[list[float]]:
    """Return rooms, users, streams and load of a node, once an hour, where all of it was read at the same time."""
    # An exporter counts cameras as they come in and no streams; they are guessed from what it does count, as are those
    # that were counted by other pages of cameras than the scenario's.
    hours: dict[datetime, tuple[bool, list[float]]] = {}
    for sample in sorted((sample for sample in samples if sample.node == node), key=lambda sample: sample.at):
        seen, at = sample.reading, sample.at.astimezone(UTC)
        hour = at.replace(minute=0, second=0, microsecond=0)
        early = at - hour < PAST
        if seen is None or sample.over or (hour in hours and (early or not hours[hour][0])):
            continue
        if seen.rooms is None or seen.users is None or seen.load is None:
            continue
        streams = sample.held("streams", pages)
        if streams is None and seen.cameras is None:
            continue
        if streams is None:
            streams = max(0.0, float(guess @ [seen.rooms, seen.users, seen.cameras or 0]))
        hours[hour] = early, [float(seen.rooms), float(seen.users), float(streams), seen.load]
    return [row for _, row in hours.values()]


def _fitted(scenario: Scenario, prefix: str, rows: Sequence[Sequence[float]]) -> list[Learned]:
    if len(rows) < LEAST_READINGS:
        return []
    estimates = [scenario.estimates.get(f"{prefix}.{name}", scenario.estimates[f"usage.cpu.{name}"]) for name in CPU]
    table = np.array(rows, dtype=np.float64)
    factor = scenario.estimates.get(f"{prefix}.factor", scenario.estimates["usage.cpu.factor"])
    guess = np.array([estimate.value for estimate in estimates], dtype=np.float64) * central(factor)
    fit = node_load(table[:, :3], table[:, 3], guess)
    learned = []
    for name, estimate, *after in zip(CPU, estimates, fit.value, fit.low, fit.high, strict=True):
        value = estimate.value or 0.0
        before = (value, *(value if end is None else end for end in (estimate.low, estimate.high)))
        learned.append(learned_from(replace(estimate, path=f"{prefix}.{name}"), before, after, fit.seen, "readings"))
    return learned
