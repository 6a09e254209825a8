"""How many further accounts each limit allows, and which limit binds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limit:
    """What one limit allows: a number, a reason in words, and the scenario path of the input that sets it."""

    limit: str
    """A resource ("rooms", "users", "streams", "egress", "load") or "policy", "spendability", "balance", "labour",
    "cash", "market"."""
    kind: Literal["permission", "reach"]
    node: str | None
    max_accounts: int | None
    """Further accounts at the objective's confidence; None = no limit."""
    central: int | None
    """The same with every input at its value; None = no limit."""
    reason: str
    path: str
    """The scenario path that sets it, e.g. "nodes.de.limits.users"."""
    when: int | None = None
    """The 5-minute bin of the week that contributes most at the confidence draw."""
    error: float | None = None
    """Monte Carlo standard error of max_accounts [account]."""
    low: int | None = None
    high: int | None = None
    """For a reach: what the range of its inputs gives (p10, p90)."""
    yes_if: str | None = None
    """What would allow more: ends a refusal with "you could still say yes if …"."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The number of further accounts at the offered mix over all nodes, and the limit that sets it."""

    max_accounts: int | None
    central: int | None
    binding: Limit | None
    limits: tuple[Limit, ...]
    all_hold: float
    """Share of the draws in which, with the offered accounts, no limit of any node is broken [-]."""
