"""A limit as a value: how many further accounts it allows, why, and what would allow more.

The number at a confidence c is the largest n that at least c of the draws of the uncertain inputs allow.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from planner.wording import phrases

MOST = 10_000
"""The search for a number ends here [account]: a limit that allows more is reported as no limit, and says so."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What one limit allows: a number, a reason in words, and the scenario path of the input that sets it."""

    limit: str
    """A resource ("rooms", "users", "streams", "egress", "load") or "policy", "spendability", "balance", "labour",
    "cash", "market"."""
    kind: Literal["permission", "reach"]
    node: str | None
    max_accounts: int | None
    """At the objective's confidence, further ones; None = no limit [account]."""
    central: int | None
    """The same with every input at its value [account]."""
    reason: str
    path: str
    """The scenario path that sets it, e.g. "nodes.de.limits.users"."""
    when: int | None = None
    """The 5-minute bin of the week that contributes most at the draw where the verdict turns [-]."""
    error: float | None = None
    """Monte Carlo standard error of max_accounts [account]."""
    low: int | None = None
    high: int | None = None
    """For a reach: what the range of its inputs gives (p10, p90) [account]."""
    yes_if: str | None = None
    """What would allow more: ends a refusal with "you could still say yes if …"."""
    engine: str = "arithmetic"
    """Which gave the numbers: "closed form", "simulation", "paths" or "arithmetic"."""
    up_to: int | None = None
    """Simulated: where the interval of max_accounts, which is its lower end, ends; None = not known [account]."""
    central_up_to: int | None = None
    """The same of `central` [account]."""


def at_confidence(numbers: Iterable[float], confidence: float) -> float:
    """Return the largest number that at least `confidence` of the draws reach.

    Units: numbers [account].

    Examples
    --------
    >>> at_confidence([7, 3, 9, 5, 4, 8, 6, 2, 10, 1], 0.9)
    2
    """
    ordered = sorted(numbers, reverse=True)
    return ordered[needed(len(ordered), confidence) - 1]


def needed(n_draws: int, confidence: float) -> int:
    """Return how many of the draws must meet the objective.

    Examples
    --------
    >>> needed(500, 0.9), needed(7, 0.5)
    (450, 4)
    """
    if not 0 < confidence <= 1:
        raise ValueError(f"a confidence lies above 0 and at most at 1, found {confidence:g}")
    # 1e-9: 0.9 of 500 draws is 450, not 451 by the last bit
    return max(1, math.ceil(confidence * n_draws - 1e-9))


def over_draws(numbers: Iterable[int | None], confidence: float) -> int | None:
    """Return the number at a confidence, None = no limit.

    Units: numbers [account].
    """
    found = at_confidence((math.inf if number is None else number for number in numbers), confidence)
    return None if math.isinf(found) else int(found)


def quantile_of(values: Sequence[float], u: float) -> float:
    """Return the smallest of the values that at least a share of them do not pass.

    Units: values [any unit].
    """
    return sorted(values)[needed(len(values), u) - 1]


def policy(cap: int | None, levels: Sequence[str]) -> Limit:
    """Return the limit that people set themselves: the pilot's cap on the levels that may be bought.

    Units: cap [account].
    """
    bought = f"levels that may be bought: {', '.join(levels)}"
    if cap is None:
        return Limit("policy", "permission", None, None, None, f"no cap is set; {bought}", "offer.cap")
    reason = f"the pilot is capped at {phrases.accounts(cap)}; {bought}"
    return Limit("policy", "permission", None, cap, cap, reason, "offer.cap", yes_if="the meeting raised the cap")


def both_numbers(number: int | None, central: int | None, confidence: float) -> str:
    """Return both numbers in words.

    Units: number [account]; central [account].
    """
    at_value = "no limit" if central is None else phrases.accounts(central)
    sure = "no limit" if number is None else phrases.accounts(number)
    return f"{at_value} with every input at its value, {sure} at {phrases.share(confidence)} confidence"
