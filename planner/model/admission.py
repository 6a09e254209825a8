"""How many further accounts each limit allows, and which limit binds."""

from dataclasses import dataclass

from planner.model.inputs import RESOURCES
from planner.model.limits import Limit

__all__ = ["ORDER", "Admission", "Limit", "combine"]

ORDER = (*RESOURCES, "policy", "spendability", "balance", "labour", "cash")
"""Of permissions that allow equally many the one named first binds; of nodes, the one the scenario names first."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The number of further accounts at the offered mix over all nodes, and the limit that sets it."""

    max_accounts: int | None
    central: int | None
    binding: Limit | None
    limits: tuple[Limit, ...]
    all_hold: float
    """Share of the draws in which, with the offered accounts, no limit of any node is broken [-]."""


def combine(limits: tuple[Limit, ...], all_hold: float) -> Admission:
    """Return the smallest of the permissions, and which of them binds; a reach never does.

    Parameters
    ----------
    limits : tuple of Limit
        Nodes in the scenario's order.
    all_hold : float
        Share of the draws in which the offered accounts break no limit of any node [-].

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
    number = None if binding is None else binding.max_accounts
    return Admission(number, min(central, default=None), binding, limits, all_hold)
