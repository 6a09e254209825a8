"""How many further accounts may come: each limit of each node judged over all draws, and which limit binds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.model.admission.node_limit import NodeLimit
from planner.model.admission.sensitivity import Swing, smallest
from planner.model.admission.server_limits import ClosedForm, Engine, Hold, Pool, Progress, Together, with_lever
from planner.model.inputs.capacity import RESOURCES, Floats
from planner.model.limit import Limit, Reason, policy, smallest_of
from planner.model.overload.node_resources import Drawn

__all__ = ["ORDER", "Admission", "Answer", "Limit", "Pool", "Reason", "admit", "combine"]

ORDER = (*RESOURCES, "policy", "spendability", "balance", "labour", "cash")
"""Of permissions that allow equally many the one named first binds; of nodes, the one the scenario names first."""
CLOSED_FORM = ClosedForm()


@dataclass(frozen=True, slots=True)
class Admission:
    """The number of further accounts at the offered mix over all nodes, and the limit that sets it."""

    max_accounts: int | None
    central: int | None
    binding: Limit | None
    limits: tuple[Limit, ...]
    all_hold: float
    """Share of the draws in which, with the offered accounts, no limit of any node is broken [-]."""
    standard_error: float | None = None
    """Monte Carlo standard error of max_accounts where the servers set it, 0 where it is known; None = simulated
    [account]."""
    holds: tuple[Hold, ...] = ()
    """What some numbers of accounts add to the risk; empty where the servers are simulated, or none come to them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that was worked out on the way to the number."""

    admission: Admission
    servers: tuple[NodeLimit, ...]
    """Each limited resource of each node, nodes in the scenario's order."""
    swings: tuple[Swing, ...]
    """What each uncertain input does to the number that the servers allow, the largest first."""
    pool: tuple[Pool, ...]
    """Empty unless a balancer places the accounts."""
    instead: Mapping[str, int | None]
    """How many may come under other weights of the draws; None = no limit [account]."""
    allows: Floats | None
    """About how many the servers allow in each draw, ndarray of shape (D,); None = not said [account]."""


def combine(limits: tuple[Limit, ...], all_hold: float, together: Together | None = None) -> Admission:
    """Return the smallest of the permissions, and which of them binds; a reach never does."""
    # What the servers allow together may be less than any limit alone: then the limit binds that fails in most draws.
    permissions = [limit for limit in limits if limit.kind == "permission"]
    bounded = [limit for limit in permissions if limit.max_accounts is not None]
    # min keeps the first of equals, so of two nodes the one written first
    binding = min(bounded, key=lambda limit: (limit.max_accounts, ORDER.index(limit.limit)), default=None)
    smallest = None if binding is None else binding.max_accounts
    error = 0.0 if binding is None or binding.limit not in RESOURCES or together else binding.error
    if together is not None and together.max_accounts is not None:
        if smallest is None or together.max_accounts < smallest:
            smallest = together.max_accounts
            binding = next(one for one in limits if (one.node, one.limit) == together.first)
        if binding is not None and binding.limit in RESOURCES:
            error = together.error
    return Admission(smallest, smallest_of(limit.central for limit in permissions), binding, limits, all_hold, error)


def admit(
    of: Drawn,
    beside: Sequence[Limit] = (),
    engine: Engine = CLOSED_FORM,
    swing: bool = True,
    progress: Progress | None = None,
) -> Answer:
    """Return how many further accounts may come, why no more, and at what risk; `progress` is told the share judged."""
    # What the number of a limit is, and that of all servers together, says docs/model-admission.md.
    found, offer = engine.servers(of, swing, progress), of.central.offer
    holds = np.logical_and.reduce([one.holds for one in found.judged], axis=0) | np.zeros(of.number, dtype=bool)
    servers = tuple(one.result for one in found.judged)
    if swing:
        servers = with_lever(servers, of)
    allowed = policy(offer.cap, [level for level, share in offer.mix.items() if share > 0])
    others = [one.max_accounts for one in (allowed, *beside) if one.kind == "permission"]
    return Answer(
        admission=replace(
            combine(
                (*(one.allows for one in servers), allowed, *beside),
                float((holds * of.weight).sum() / of.weight.sum()),
                found.together,
            ),
            holds=found.adds,
        ),
        servers=servers,
        swings=smallest([one.swings for one in found.judged if one.swings]),
        pool=found.pool,
        instead={name: smallest_of((n, *others)) for name, n in found.instead.items()},
        allows=found.allows,
    )
