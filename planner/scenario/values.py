"""The numbers of a scenario, each as one answer takes it: its value, one draw, or one for each path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT
from planner.model.inputs.credit import Number
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

Pick = Callable[[Estimate], Number]
"""What an estimate is in this answer: its value, one draw, or an ndarray of shape (n_paths,)."""


def central(estimate: Estimate) -> float:
    """Return the value of an estimate that has one."""
    if estimate.value is None:
        raise ValueError(f"{estimate.path} is none")
    return estimate.value


def uncertain(scenario: Scenario) -> tuple[Estimate, ...]:
    """Return the estimates with a stated range, in the order of the schema."""
    return tuple(each for each in scenario.estimates.values() if each.value is not None and each.ranged)


def plain(number: Number) -> float:
    """Return a number as a float. Picked for all draws at once it stays an ndarray, which the same formulas take."""
    return cast(float, number) if isinstance(number, np.ndarray) else float(number)


def rounded(number: Number) -> int:
    """Return the nearest whole number; of an ndarray each."""
    return cast(int, np.round(number)) if isinstance(number, np.ndarray) else round(number)


@dataclass(frozen=True, slots=True)
class Picked:
    """The scenario's numbers by path; estimates as picked, decisions as they are."""

    estimates: Mapping[str, Estimate]
    pick: Pick

    def __call__(self, path: str) -> Number:
        """Return a number that is always there."""
        return self.pick(self.estimates[path])

    def maybe(self, path: str) -> Number | None:
        """Return a number, or None for `none` and for what is not stated."""
        estimate = self.estimates.get(path)
        return None if estimate is None or estimate.value is None else self.pick(estimate)

    def one(self, path: str) -> float:
        """Return a number of which there is one for all paths."""
        return plain(self.pick(self.estimates[path]))

    # What is decided has no range and is never picked: where many paths run, there is still one horizon.

    def decided(self, path: str) -> float | None:
        """Return what was decided, or None for `none`."""
        return self.estimates[path].value

    def whole(self, path: str) -> int:
        """Return a whole number that was decided."""
        return round(central(self.estimates[path]))

    def maybe_whole(self, path: str) -> int | None:
        """Return a whole number that was decided, or None for `none`."""
        value = self.decided(path)
        return None if value is None else round(value)

    def limit(self, path: str) -> float:
        """Return a limit that was decided, infinite for `none`."""
        value = self.decided(path)
        return NO_LIMIT if value is None else value


def entry(scenario: Scenario, path: str) -> str:
    """Return the word or text at a path."""
    return cast(str, scenario.entries[path].value)


def shares(scenario: Scenario, path: str) -> Mapping[str, float]:
    """Return the shares at a path; they add up to 1 [-]."""
    return cast(Mapping[str, float], scenario.entries[path].value)
