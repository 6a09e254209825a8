"""What one account of each level takes of the server that is full first, beside what it pays."""

import math
from dataclasses import asdict

from planner.model.admission.admission_number import Admission
from planner.model.admission.share_of_server import shares_of_server
from planner.model.credit.arithmetic import price_in_credit
from planner.model.inputs.capacity import RESOURCES
from planner.model.overload.node_resources import Drawn, node_resources, some_of
from planner.planning.amount import Amount
from planner.planning.record import LevelShare
from planner.scenario import week


def server_shares(of: Drawn, admission: Admission) -> tuple[LevelShare, ...]:
    """Return each level's share of the server that is full first; nothing where none is, or a balancer chooses."""
    central = of.central
    limits = [one for one in admission.limits if one.limit in RESOURCES and one.central is not None]
    if not limits or central.placement.rule == "pool":
        return ()
    first = min(limits, key=lambda one: (one.max_accounts if one.max_accounts is not None else math.inf, one.central))
    (bench,) = node_resources(some_of(of, 1), (str(first.node),), [r for r in RESOURCES if r == first.limit])
    evening = week.shape(week.EVENING, week.starts({}), 0.0)
    network = central.networks[central.offer.network]
    found = []
    for one in shares_of_server(bench, central, first.central or 0, evening):
        price = price_in_credit(central.prices[one.level], network.worth.value)
        per_percent = Amount(round(price / (100.0 * one.share)), network.unit) if one.share > 0.0 else None
        found.append(LevelShare(**asdict(one), credit_per_percent=per_percent))
    return tuple(found)
