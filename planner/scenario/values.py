"""The numbers of a scenario, each as it is picked: its value, one draw, or its value and all its draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import numpy as np

from planner.model.inputs.capacity import NO_LIMIT, Floats
from planner.model.inputs.uncertain import Uncertain, certain
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario

Number = TypeVar("Number", float, Uncertain)
Pick = Callable[[Estimate], float]
"""What an estimate is in one answer: its value, or one draw."""


def central(estimate: Estimate) -> float:
    """Return the value of an estimate that has one."""
    if estimate.value is None:
        raise ValueError(f"{estimate.path} is none")
    return estimate.value


def known(estimate: Estimate) -> Uncertain:
    """Return the value of an estimate that has one as a number that is the same in all draws."""
    return certain(central(estimate))


def uncertain(scenario: Scenario) -> tuple[Estimate, ...]:
    """Return the inputs with a stated range, in the order of the schema; what was seen is no input."""
    stated = (one for one in scenario.estimates.values() if not one.path.startswith("experience."))
    return tuple(one for one in stated if one.value is not None and one.ranged)


def rounded(number: float | Floats) -> int:
    """Return the nearest whole number; of an ndarray each."""
    return cast(int, np.round(number)) if isinstance(number, np.ndarray) else round(number)


@dataclass(frozen=True, slots=True)
class Picked(Generic[Number]):
    """The scenario's numbers by path; estimates as picked, decisions as they are."""

    estimates: Mapping[str, Estimate]
    pick: Callable[[Estimate], Number]

    def __call__(self, path: str) -> Number:
        """Return a number that is always there."""
        return self.pick(self.estimates[path])

    def several(self, path: str, *names: str) -> dict[str, Number]:
        """Return the numbers of a section whose fields a record calls the same."""
        return {name: self(f"{path}.{name}") for name in names}

    def maybe(self, path: str) -> Number | None:
        """Return a number, or None for `none` and for what is not stated."""
        estimate = self.estimates.get(path)
        return None if estimate is None or estimate.value is None else self.pick(estimate)

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
