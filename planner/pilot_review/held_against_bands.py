"""The hours of the pilot, held against the plan's weekly band and against the whole law behind it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, tzinfo
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np

from planner.model.calibration import pit
from planner.model.inputs import distributions
from planner.model.inputs.capacity import Resource
from planner.model.inputs.observations import midnight
from planner.model.overload.node_resources import Drawn
from planner.pilot_review import outcome
from planner.pilot_review.outcome import Seen
from planner.pilot_review.record import Pit, Review
from planner.planning import weekly_load
from planner.planning.band_coverage import Hour, coverage, hourly
from planner.scenario import resolve
from planner.scenario.reader import Scenario

STRETCH = 3
"""So many months share a law, that of their middle: members and accounts hardly change in them [month]."""


def held_against_bands(found: Review, scenario: Scenario, seen: Seen, draws: int) -> Review:
    """Return the review with the coverage of the plan's weekly band, and the randomized PIT of its hours."""
    zone = ZoneInfo(scenario.timezone)
    first, last = midnight(date(*scenario.start, 1), zone), midnight(found.on, zone)
    inputs = resolve.inputs(scenario)
    hours = hourly(seen.history, inputs.nodes, inputs.pages, scenario.timezone, first, last)
    if not hours:
        return found
    if scenario.estimates["members.in_credit"].value:
        seen = outcome.of_the_offer(seen, scenario.start)
    of = weekly_load.few_draws_of(scenario, draws, scenario.seed)
    pits = [_pit(of, scenario, seen, key, those, zone) for key, (_, those) in hours.items()]
    return replace(found, coverage=coverage(hours, weekly_load.weeks(of, hours)), pits=tuple(pits))


def _pit(of: Drawn, scenario: Scenario, seen: Seen, key: tuple[str, str], hours: Sequence[Hour], zone: tzinfo) -> Pit:
    """Return the randomized PIT of each hour under the law of the accounts that were there."""
    node, resource = key[0], cast(Resource, key[1])
    idle = next(one for one in of.central.nodes if one.name == node).idle(resource)
    rng = distributions.stream(scenario.seed, f"review.pit.{node}.{resource}")
    stretches: dict[int, list[Hour]] = {}
    for hour in hours:
        months = outcome.months_between(scenario.start, hour.at.astimezone(zone).date())
        stretches.setdefault(months // STRETCH, []).append(hour)
    values = []
    for number, those in sorted(stretches.items()):
        middle = those[len(those) // 2].at.date()
        accounts = outcome.paying(seen.members, middle) if seen.members else of.central.offer.accounts
        bins = np.unique([hour.bin for hour in those])
        laws = weekly_load.reading_laws(of, node, resource, (number + 0.5) * STRETCH, accounts, bins)
        by_bin = dict(zip(bins.tolist(), laws, strict=True))
        for hour, v in zip(those, rng.random(len(those)), strict=True):
            step, cumulative = by_bin[hour.bin]
            values.append(pit.randomized(cumulative, round((hour.value - idle) / step), float(v)))
    return Pit(node, resource, len(values), pit.histogram(values), float(np.mean(values)))
