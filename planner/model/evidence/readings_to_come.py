"""What hourly readings of a server would show after some weeks, played once from each draw."""

from collections.abc import Sequence

import numpy as np

from planner.model.evidence.likelihood import Past
from planner.model.evidence.value_of_facts import HALF, NOTICED, Observed
from planner.model.inputs.capacity import WEEKS_PER_MONTH, Floats, LinearLoad
from planner.model.inputs.distributions import stream
from planner.model.overload.mark_laws import each

SPREAD = 0.05
"""How much the hours of meetings in some weeks of readings differ beside the chance of meetings and days [-]."""
OF_LOAD = 0.1
"""How far what a room takes of the CPU, fitted to readings, is from what it takes near the limit [-]."""
WORKING_DAYS = 5.0
"""[1/week]"""
YEAR_WEEKS = 12.0 * WEEKS_PER_MONTH


def readings(past: Past, node: str, observed: Observed, weeks: Sequence[int], seed: int) -> Floats:
    """Return the logs of what is read up to each number of weeks, ndarray of shape (looks, D, F).

    Hours of rooms, users in a room, the share of cameras, the most users at once, the members' growth, how many
    overloads were noticed, and what a room takes of the CPU: what is read later contains what was read before.
    """
    of = past.of
    rng, found = stream(seed, f"readings.{node}"), []
    (rooms, size, cameras), noise = _of_meetings(past, node)
    growth = each(of.inputs.members.growth, of.number)
    lasting = SPREAD * rng.standard_normal(of.number)
    load = past.places[node].node.load
    # what a room takes of the CPU, but for its streams
    taken = load.per_room + load.per_user * size if isinstance(load, LinearLoad) else load.multiplier * size
    of_cpu = np.log(np.maximum(taken, 1e-9)) + OF_LOAD * rng.standard_normal(of.number)
    walked, most = np.zeros((3, of.number)), np.zeros(of.number)
    joined, overloads, before = np.zeros(of.number), np.zeros(of.number), 0
    for week in weeks:
        more = week - before
        walked += np.sqrt(more) * rng.standard_normal(walked.shape)
        share = more / ((HALF.began - HALF.ended) * WEEKS_PER_MONTH)
        most = np.maximum(most, observed.highest(share, rng.random(of.number)))
        joined += rng.poisson(np.maximum(growth, 0.0) * more / WEEKS_PER_MONTH)
        expected = NOTICED * observed.overloads * more / YEAR_WEEKS
        overloads += rng.poisson(np.minimum(expected, 1e6))
        seen = np.log(np.maximum([rooms, size, cameras], 1e-9)) + np.sqrt(noise) * walked / week
        found.append([seen[0] + lasting, *seen[1:], np.log(most), joined / week, np.log1p(overloads), of_cpu])
        before = week
    return np.moveaxis(np.array(found), 1, 2)


def _of_meetings(past: Past, node: str) -> tuple[Floats, Floats]:
    """Return a week's hours of rooms, users in a room and their cameras, ndarray of shape (3, D), and their variance.

    The variance is that of a week's reading, over the square of its mean; days differ from each other too.
    """
    of = past.of
    sums = np.zeros((6, of.number))
    for kind, number, mean, square, hours, squares in past.meetings(past.places[node]):
        showing = each(kind.cameras, of.number)
        of_one = [hours, hours * mean, hours * mean * showing, squares, squares * square, squares * mean * showing]
        sums += number * np.array(of_one)
    rooms, users_hours, shown, *squared = np.maximum(sums, 1e-12)
    means = np.array([rooms, users_hours / rooms, shown / users_hours])
    of_rooms = squared[0] / rooms**2
    days = np.asarray(of.inputs.day_spread, dtype=np.float64) ** 2 / WORKING_DAYS
    noise = [of_rooms + days, np.maximum(squared[1] / users_hours**2 - of_rooms, 0.0), squared[2] / shown**2]
    return means, np.array(noise)
