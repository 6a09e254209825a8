"""A number with its value and its draws in one, so that no formula is handed the two side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np

from planner.model.inputs.distributions import Floats

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, eq=False)
class Uncertain:
    """A number of the credit side: what we think it is, and what it is in each draw."""

    value: float
    """[its unit]"""
    draws: Floats
    """ndarray of shape (n_paths,), or of shape () where all draws are alike [its unit]."""

    @classmethod
    def of(cls, formula: Callable[..., Any], *numbers: "Uncertain") -> "Uncertain":
        """Return what a formula makes of some numbers, of their values and in each draw."""
        draws = np.asarray(formula(*(number.draws for number in numbers)), dtype=np.float64)
        return cls(float(formula(*(number.value for number in numbers))), draws)

    def over(self, n_paths: int) -> Floats:
        """Return its draws, one [its unit] for each path; a ValueError where they are others, or below 0."""
        draws = self.draws
        if draws.ndim and draws.shape != (n_paths,):
            raise ValueError(
                f"one value for each of the {n_paths} paths is wanted, found an array of shape {draws.shape}"
            )
        if np.isnan(draws).any() or (draws < 0).any():
            raise ValueError(f"a number of the credit side is 0 or more, found {float(draws.min()):g}")
        return np.broadcast_to(draws, (n_paths,))


def certain(value: float) -> Uncertain:
    """Return a number [its unit] that is the same in all draws."""
    return Uncertain(value, np.asarray(value, dtype=np.float64))


def at_value(record: Record) -> Record:
    """Return a record with each of its numbers at its value, in all draws."""
    if isinstance(record, Uncertain):
        return cast(Record, certain(record.value))
    if is_dataclass(record) and not isinstance(record, type):
        return replace(record, **{field.name: at_value(getattr(record, field.name)) for field in fields(record)})
    if isinstance(record, Mapping):
        return cast(Record, {key: at_value(part) for key, part in record.items()})
    return record
