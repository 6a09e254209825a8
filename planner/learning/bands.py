"""The weekly band before and after learning, held against the hours of the history that was learned from."""

from datetime import timedelta

from planner.model.inputs.observations import History
from planner.planning import weekly_load
from planner.planning.band_coverage import Coverage, coverage, hourly
from planner.scenario import resolve
from planner.scenario.reader import Scenario


def bands(before: Scenario, after: Scenario, history: History, draws: int) -> tuple[tuple[Coverage, Coverage], ...]:
    """Return the coverage of the band of each node and resource that was seen, before learning and after.

    Parameters
    ----------
    before, after : Scenario
        Of the same nodes.
    history : History
        What was learned from: the band afterwards has seen it, so that it shows only whether it became too narrow.
    draws : int
        Of the uncertain inputs, of which few are taken [-].
    """
    if history.span is None:
        return ()
    first, last = history.span
    hours = hourly(history, resolve.inputs(before).nodes, before.timezone, first, last + timedelta(seconds=1))
    if not hours:
        return ()
    both = (weekly_load.weeks(weekly_load.few_draws_of(one, draws, before.seed), hours) for one in (before, after))
    return tuple(zip(*(coverage(hours, weeks) for weeks in both), strict=True))
