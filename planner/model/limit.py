"""A limit as a value: how many further accounts it allows, why, and what would allow more.

The number at a confidence c is the largest n that at least c of the draws of the uncertain inputs allow.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MOST = 10_000
"""The search for a number ends here [account]: a limit that allows more is reported as no limit, and says so."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a limit allows so many, or what would allow more: `planner.wording.reasons` makes a sentence of it."""

    kind: str
    """Which sentence."""
    about: Mapping[str, Any]
    """The numbers and names in it, in base units."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What one limit allows: a number, the reason for it, and the scenario path of the input that sets it."""

    limit: str
    """A resource ("rooms", "users", "streams", "egress", "load") or "policy", "spendability", "balance", "labour",
    "cash", "market"."""
    kind: Literal["permission", "reach"]
    node: str | None
    max_accounts: int | None
    """At the objective's confidence, further ones; None = no limit [account]."""
    central: int | None
    """The same with every input at its value [account]."""
    reason: Reason
    path: str
    """The scenario path that sets it, e.g. "nodes.de.limits.users"."""
    when: int | None = None
    """The 5-minute bin of the week that contributes most at the draw where the verdict turns [-]."""
    error: float | None = None
    """Monte Carlo standard error of max_accounts [account]."""
    low: int | None = None
    high: int | None = None
    """For a reach: what the range of its inputs gives (p10, p90) [account]."""
    yes_if: Reason | None = None
    """What would allow more; None = nothing that the planner knows of."""
    engine: str = "arithmetic"
    """Which gave the numbers: "closed form", "simulation", "paths" or "arithmetic"."""
    up_to: int | None = None
    """Simulated: where the interval of max_accounts, which is its lower end, ends; None = not known [account]."""
    central_up_to: int | None = None
    """The same of `central` [account]."""


def bounded(limits: Iterable[Limit]) -> list[tuple[int, Limit]]:
    """Return the permissions that allow some accounts only, each after its number [account], the smallest first."""
    numbers = [(limit.max_accounts, limit) for limit in limits if limit.kind == "permission"]
    return sorted(((most, limit) for most, limit in numbers if most is not None), key=lambda pair: pair[0])


def smallest_of(numbers: Iterable[int | None]) -> int | None:
    """Return the smallest of some numbers of accounts [account]; None = no limit."""
    return min((number for number in numbers if number is not None), default=None)


@dataclass(frozen=True, slots=True)
class MeetingDecision:
    """What people decided: so many accounts may come, though the number may be lower."""

    accounts: int
    """[account]"""
    on: str
    """The day: "2021-04-06"."""
    by: str
    """Who, and where it can be read."""
    because: str
    """In their words; "" = not said."""
    plan: str
    """The digits of the plan that they saw, which this one cannot have; "" = not said."""
    by_level: Mapping[str, int]
    """How many of them are of each level on offer [account]."""
    scenario: str
    """The scenario's digest without the decision: that of the plan they saw, if nothing else has changed since."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The objective's measure against the number of further accounts."""

    measure: str
    accounts: tuple[int, ...]
    """[account]"""
    central: tuple[float, ...]
    at_confidence: tuple[float, ...]
    """Both within a few per cent [the measure's unit]."""


HOURS = ("mean", "mean_now", "low", "high", "usual_low", "usual_high", "bad_day")
"""The parts of a `Week` that have a number for each of its hours."""


@dataclass(frozen=True, slots=True)
class Week:
    """The load of one resource on one node through the 168 hours of the week, Monday 00:00 first."""

    node: str
    resource: str
    limit: float
    """[the resource's unit]"""
    reserve: float
    """[the resource's unit]"""
    mean: tuple[float, ...]
    """With the members and the offered accounts, every input at its value [the resource's unit]."""
    mean_now: tuple[float, ...]
    """With the members alone [the resource's unit]."""
    low: tuple[float, ...]
    """Of the 99.9 % band of a reading, draws and traffic together, without new accounts [the resource's unit]."""
    high: tuple[float, ...]
    """The same with all accounts on offer [the resource's unit]."""
    usual_low: tuple[float, ...]
    usual_high: tuple[float, ...]
    """Between them 8 of 10 readings lie, with all accounts on offer [the resource's unit]."""
    bad_day: tuple[float, ...]
    """Above it 1 reading of 100 lies, with all accounts on offer [the resource's unit]."""

    @property
    def usable(self) -> float:
        """Return what may be filled: the limit less what is kept free."""
        return self.limit - self.reserve


def at_confidence(numbers: Iterable[float], confidence: float) -> float:
    """Return the largest number [account] that at least `confidence` of the draws reach.

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
    """Return the number of accounts [account] at a confidence, None = no limit."""
    found = at_confidence((math.inf if number is None else number for number in numbers), confidence)
    return None if math.isinf(found) else int(found)


def quantile_of(values: Sequence[float], u: float) -> float:
    """Return the smallest of the values [any unit] that at least a share of them do not pass."""
    return sorted(values)[needed(len(values), u) - 1]


def policy(cap: int | None, levels: Sequence[str]) -> Limit:
    """Return the limit that people set themselves: the pilot's cap [account] on the levels that may be bought."""
    about = {"cap": cap, "levels": tuple(levels)}
    if cap is None:
        return Limit("policy", "permission", None, None, None, Reason("no cap", about), "offer.cap")
    raised = Reason("cap raised", {})
    return Limit("policy", "permission", None, cap, cap, Reason("cap", about), "offer.cap", yes_if=raised)
