"""The numbers of a scenario, each as one answer takes it: its value, one draw, or one for each path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from planner.model.inputs import NO_LIMIT
from planner.model.trade import Number
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

Pick = Callable[[Estimate], Number]
"""What an estimate is in this answer: its value, one draw, or an ndarray of shape (n_paths,)."""


def central(estimate: Estimate) -> float:
    """Return the value of an estimate that has one.

    Raises
    ------
    ValueError
        If the scenario says `none`.
    """
    if estimate.value is None:
        raise ValueError(f"{estimate.path} is none")
    return estimate.value


def uncertain(scenario: Scenario) -> tuple[Estimate, ...]:
    """Return the estimates with a stated range, in the order of the schema."""
    return tuple(one for one in scenario.estimates.values() if one.value is not None and one.ranged)


class Picked:
    """The scenario's numbers by path, each as picked; `none` is None."""

    __slots__ = ("estimates", "pick")

    def __init__(self, estimates: Mapping[str, Estimate], pick: Pick) -> None:
        self.estimates = estimates
        self.pick = pick

    def __call__(self, path: str) -> Number:
        """Return a number that is always there."""
        return self.pick(self.estimates[path])

    def maybe(self, path: str) -> Number | None:
        """Return a number, or None for `none` and for what is not stated."""
        one = self.estimates.get(path)
        return None if one is None or one.value is None else self.pick(one)

    def one(self, path: str) -> float:
        """Return a number of which there is one for all paths."""
        return float(self.pick(self.estimates[path]))

    def limit(self, path: str) -> float:
        """Return a number, infinite for `none`."""
        found = self.maybe(path)
        return NO_LIMIT if found is None else float(found)

    def whole(self, path: str) -> int:
        """Return a whole number."""
        return round(self.one(path))

    def maybe_whole(self, path: str) -> int | None:
        """Return a whole number, or None for `none`."""
        found = self.maybe(path)
        return None if found is None else round(float(found))

    def maybe_one(self, path: str) -> float | None:
        """Return one number for all paths, or None for `none`."""
        found = self.maybe(path)
        return None if found is None else float(found)


def entry(scenario: Scenario, path: str) -> str:
    """Return the word or text at a path."""
    return cast(str, scenario.entries[path].value)


def shares(scenario: Scenario, path: str) -> Mapping[str, float]:
    """Return the shares at a path; they add up to 1 [-]."""
    return cast(Mapping[str, float], scenario.entries[path].value)
