"""An account's share of a server, against how many accounts of its level the exact law lets in."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from planner.model.admission.node_limit import number
from planner.model.admission.share_of_server import shares_of_server
from planner.model.inputs.capacity import Inputs
from planner.model.overload.node_resources import NodeResource, node_resources
from planner.planning.draws import as_arrays
from planner.scenario import week
from planner.scenario.reader import read

PILOT = Path(__file__).parents[3] / "scenarios" / "pilot-5.yaml"
EVENING = week.shape(week.EVENING, week.starts({}), 0.0)


@cache
def limits(level: str) -> tuple[Inputs, dict[str, NodeResource], dict[str, int]]:
    """Return de's resources if accounts of one level alone are on offer, and how many of them fit at every value."""
    of = as_arrays(read(PILOT, [f"offer.mix={{{level}: 100 %}}", "placement.offer={de: 100 %}"]), 20, 1)
    there = {one.resource: one for one in node_resources(of, ("de",))}
    none = np.empty((0, of.number))
    fit = {name: number(one, of.central.objective, 5, none).central for name, one in there.items()}
    return of.central, there, {name: n for name, n in fit.items() if n is not None}


@pytest.mark.parametrize("resource", ["users", "rooms", "load"])
def test_as_many_fit_as_the_shares_say(resource: str) -> None:
    """What n accounts of level-1 take is taken by level-2 and multi-user in the ratio of their shares, to 10 %."""
    central, there, fit = limits("level-1")
    shares = {one.level: one.share for one in shares_of_server(there[resource], central, fit[resource], EVENING)}
    for level in ("level-2", "multi-user"):
        _, _, exact = limits(level)
        predicted = fit[resource] * shares["level-1"] / shares[level]
        assert predicted == pytest.approx(exact[resource], rel=0.1, abs=1.0)


def test_an_account_in_the_evening_takes_next_to_nothing_of_office_hours() -> None:
    central, there, fit = limits("level-1")
    for one in shares_of_server(there["users"], central, fit["users"], EVENING):
        assert 0.0 < one.off_peak < 0.3 * one.share
        assert one.amount == pytest.approx(one.share * there["users"].node.headroom("users"))


def test_nothing_is_shared_where_nothing_is_limited() -> None:
    central, there, _ = limits("level-1")
    free = replace(there["users"], law=replace(there["users"].law, limit=float("inf")))
    assert shares_of_server(free, central, 5, EVENING) == ()
