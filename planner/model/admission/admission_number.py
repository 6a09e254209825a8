"""How many further accounts may come: each limit of each node judged over all draws, and which limit binds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.model.admission.node_limit import Added, NodeCurve, NodeRisk
from planner.model.admission.sensitivity import Swing, growth_fills, smallest
from planner.model.admission.server_limits import Judged, Large, Pool, Progress, as_one_large, judge, pools, with_lever
from planner.model.inputs.capacity import RESOURCES, Floats, Inputs, Resource
from planner.model.limit import Limit, policy

__all__ = ["ORDER", "Admission", "Answer", "Limit", "Pool", "admit", "combine"]

ORDER = (*RESOURCES, "policy", "spendability", "balance", "labour", "cash")
"""Of permissions that allow equally many the one named first binds; of nodes, the one the scenario names first."""
Draw = Callable[[int], Inputs]
Second = Callable[
    [Inputs, Sequence[Inputs], Sequence[Judged], Sequence[Large]], tuple[tuple[Judged, ...], tuple[Pool, ...]]
]
"""From central inputs, draws, and what the closed form made of them, to what another engine makes of them."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The number of further accounts at the offered mix over all nodes, and the limit that sets it."""

    max_accounts: int | None
    central: int | None
    binding: Limit | None
    limits: tuple[Limit, ...]
    all_hold: float
    """Share of the draws in which, with the offered accounts, no limit of any node is broken [-]."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that was worked out on the way to the number."""

    admission: Admission
    risks: tuple[NodeRisk, ...]
    """Of each node and resource with a limit: now, then with the offered accounts."""
    curves: tuple[NodeCurve, ...]
    added: tuple[Added, ...]
    swings: tuple[Swing, ...]
    """What each uncertain input does to the number that the servers allow, the largest first."""
    growth: tuple[int, str, Resource] | None
    """The month in which the members' growth alone breaks the objective, on which node, in which resource [month]."""
    pool: tuple[Pool, ...]
    """Empty unless a balancer places the accounts."""


def combine(limits: tuple[Limit, ...], all_hold: float) -> Admission:
    """Return the smallest of the permissions, and which of them binds; a reach never does.

    Examples
    --------
    >>> policy = Limit("policy", "permission", None, 5, 5, "capped at 5", "offer.cap")
    >>> users = Limit("users", "permission", "de", 5, 40, "150 users", "nodes.de.limits.users")
    >>> combine((policy, users), 0.9).binding.limit
    'users'
    """
    permissions = [limit for limit in limits if limit.kind == "permission"]
    bounded = [limit for limit in permissions if limit.max_accounts is not None]
    # min keeps the first of equals, so of two nodes the one written first
    binding = min(bounded, key=lambda limit: (limit.max_accounts, ORDER.index(limit.limit)), default=None)
    central = [limit.central for limit in permissions if limit.central is not None]
    smallest = None if binding is None else binding.max_accounts
    return Admission(smallest, min(central, default=None), binding, limits, all_hold)


def admit(
    central: Inputs,
    draw: Draw,
    n_draws: int,
    beside: Sequence[Limit] = (),
    values: Mapping[str, Floats] | None = None,
    progress: Progress | None = None,
    second: Second | None = None,
) -> Answer:
    """Return how many further accounts may come, why no more, and at what risk.

    Units: values [its base unit].

    Notes
    -----
    The number of a limit is the largest n such that in at least the objective's confidence of the draws *every*
    n' <= n meets the objective; n counts accounts over all nodes, each going where `allocation.arrivals` says.
    """
    drawn = [draw(index) for index in range(n_draws)]
    judged = judge(central, drawn, values or {}, progress, each=second is not None)
    large = as_one_large(central, drawn)
    pool = pools(judged, large)
    if second is not None:
        judged, pool = second(central, drawn, judged, large)
    holds = np.logical_and.reduce([one.holds for one in judged]) if judged else np.ones(1, dtype=bool)
    servers = with_lever(judged, central, drawn)
    allowed = policy(central.offer.cap, [level for level, share in central.offer.mix.items() if share > 0])
    return Answer(
        admission=combine((*servers, allowed, *beside), float(holds.mean())),
        risks=tuple(found for one in judged for found in one.risks),
        curves=tuple(one.curve for one in judged),
        added=tuple(one.added for one in judged),
        swings=smallest([one.swings for one in judged if one.swings]),
        growth=growth_fills(central),
        pool=pool,
    )
