"""How many further accounts may come: each limit of each node judged over all draws, and which limit binds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.model.admission.node_limit import Added, NodeCurve, NodeRisk
from planner.model.admission.sensitivity import Swing, growth_fills, smallest
from planner.model.admission.server_limits import (
    Judged,
    Large,
    Pool,
    Progress,
    Together,
    as_one_large,
    judge,
    pools,
    with_lever,
)
from planner.model.inputs.capacity import RESOURCES, Floats, Inputs, Resource
from planner.model.limit import Limit, policy
from planner.model.overload.arrays import stacked
from planner.model.overload.node_resources import Drawn

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
    standard_error: float | None = None
    """Monte Carlo standard error of max_accounts where the servers set it, 0 where it is known; None = simulated
    [account]."""


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


def combine(limits: tuple[Limit, ...], all_hold: float, together: Together | None = None) -> Admission:
    """Return the smallest of the permissions, and which of them binds; a reach never does.

    What the servers allow together may be less than any limit alone: then the limit binds that fails in most draws.

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
    error = 0.0 if binding is None or binding.limit not in RESOURCES or together else binding.error
    if together is not None and together.max_accounts is not None:
        if smallest is None or together.max_accounts < smallest:
            smallest = together.max_accounts
            binding = next(one for one in limits if (one.node, one.limit) == together.first)
        if binding is not None and binding.limit in RESOURCES:
            error = together.error
    return Admission(smallest, min(central, default=None), binding, limits, all_hold, error)


def admit(
    central: Inputs,
    draw: Draw,
    n_draws: int,
    beside: Sequence[Limit] = (),
    values: Mapping[str, Floats] | None = None,
    progress: Progress | None = None,
    second: Second | None = None,
    drawn: Drawn | None = None,
) -> Answer:
    """Return how many further accounts may come, why no more, and at what risk.

    Units: values [its base unit].

    Notes
    -----
    The number of a limit is the largest n such that in at least the objective's confidence of the draws *every*
    n' <= n meets the objective; n counts accounts over all nodes, each going where `siting.arrivals` says. The number
    of the servers is the same for all limits of the nodes that the offer reaches, together.
    """
    of = drawn
    if of is None:
        inputs = stacked([draw(index) for index in range(n_draws)])
        of = Drawn(central, inputs, n_draws, None, np.ones(n_draws), values or {})
    judged, together = judge(of, progress, bool(values))
    large = as_one_large(of)
    pool = pools(judged, large)
    if second is not None:
        judged, pool = second(central, Lazily(draw, n_draws), judged, large)
        together = None
    holds = np.logical_and.reduce([one.holds for one in judged]) if judged else np.ones(n_draws, dtype=bool)
    held = float((holds * of.weight).sum() / of.weight.sum())
    servers = with_lever(judged, of)
    allowed = policy(central.offer.cap, [level for level, share in central.offer.mix.items() if share > 0])
    return Answer(
        admission=combine((*servers, allowed, *beside), held, together),
        risks=tuple(found for one in judged for found in one.risks),
        curves=tuple(one.curve for one in judged),
        added=tuple(one.added for one in judged),
        swings=smallest([one.swings for one in judged if one.swings]),
        growth=growth_fills(central, of.seed is not None),
        pool=pool,
    )


@dataclass(frozen=True, slots=True)
class Lazily(Sequence[Inputs]):
    """Single draws, made when they are asked for: few of them are simulated."""

    draw: Draw
    number: int
    """Of draws [-]."""

    def __len__(self) -> int:
        """Return how many there are."""
        return self.number

    def __getitem__(self, index: int) -> Inputs:  # type: ignore[override]
        """Return one of them."""
        if index >= self.number:
            raise IndexError(index)
        return self.draw(index)
