"""The coupled run: each month's sign-ups are capped by what admission allows in that month, as the members grow.

The numbers on paper and over the uncoupled paths stay what they are; what the servers and the other permissions make
of them stands beside, in fields of its own.
"""

import numpy as np

from planner.model.admission.admission_number import Answer
from planner.model.admission.node_limit import number
from planner.model.credit.simulate import run
from planner.model.credit.summary import summary
from planner.model.inputs.capacity import RESOURCES, Inputs
from planner.model.limit import Limit, bounded
from planner.model.overload.node_resources import Drawn, node_resources
from planner.planning.credit import LIMIT_PATHS, case_of
from planner.planning.record import Coupled
from planner.wording.names import KEYS, Names

ROOM_DRAWS = 100
"""Draws for the room in other months than the review's."""


def coupled(few: Inputs, of: Drawn, answer: Answer, seed: int, names: Names = KEYS) -> Coupled:
    """Return how the offered network's credit goes if sign-ups stop where admission does."""
    room, named = rooms(of, answer, names)
    case = case_of(few, of.central.offer.network, room, named)
    found = summary(case, run(case, LIMIT_PATHS, seed), seed)
    return Coupled(
        room=room,
        named=named,
        months_to_afford=found.afford,
        months_to_buy=found.buy,
        paying=found.paying,
        held=tuple(held for held in found.bounds if held.limit),
    )


def rooms(of: Drawn, answer: Answer, names: Names = KEYS) -> tuple[tuple[float, ...] | None, str]:
    """Return the accounts that may be there in month 1, 2, …, and what sets them in the last; None = any number."""
    # The tightest limit of a server is worked out for today's members, those at the review and those at the horizon,
    # and moves along straight lines between, rounded down. The other permissions do not depend on the members.
    central = of.central
    limits = bounded(answer.admission.limits)
    steady, most = next(
        ((one.limit, float(number)) for number, one in limits if one.limit not in RESOURCES), ("", None)
    )
    tight = next((one for _, one in limits if one.limit in RESOURCES), None)
    if tight is None:
        return None if most is None else (most,), steady
    review, horizon = central.offer.review.after, central.horizon
    # what the simulation found beyond the closed form at the review is there in the other months too
    beyond = 0 if tight.engine == "closed form" else _number(tight) - _in_month(of, tight, review)
    knots = {0: max(0, _in_month(of, tight, 0) + beyond), review: _number(tight)}
    if horizon > review and central.members.growth > 0:
        knots[horizon] = max(0, _in_month(of, tight, horizon) + beyond)
    months = np.arange(1, horizon + 1)
    server = np.floor(np.interp(months, sorted(knots), [knots[month] for month in sorted(knots)]) + 1e-9)
    where = f"{tight.limit} on {names.server(str(tight.node))}"
    if most is None:
        return tuple(server.tolist()), where
    return tuple(np.minimum(server, most).tolist()), where if server[-1] <= most else steady


def _number(limit: Limit) -> int:
    return 0 if limit.max_accounts is None else limit.max_accounts


def _in_month(of: Drawn, tight: Limit, month: int) -> int:
    """Return what the limit allows with the members of that month."""
    resources = [resource for resource in RESOURCES if resource == tight.limit]
    (bench,) = node_resources(of, (str(tight.node),), resources, month)
    goal, none = of.central.objective, np.empty((0, of.number))
    found = number(bench, goal, of.central.offer.accounts, none).max_accounts
    return _number(tight) if found is None else found
