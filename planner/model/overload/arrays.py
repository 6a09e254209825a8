"""Inputs in many draws as one record whose numbers are ndarrays: made from single draws, and cut to some of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from operator import attrgetter, itemgetter
from typing import Any, TypeVar, cast

import numpy as np

from planner.model.inputs.capacity import Ints

Record = TypeVar("Record")
APART = {"shape", "networks", "spending", "labour", "cash"}
"""Fields that are left alone: a week's shape is an ndarray of its own, and the credit side has its own draws."""


def stacked(drawn: Sequence[Record]) -> Record:
    """Return single draws as one record: an ndarray where they differ, the number itself where they are alike."""
    first = drawn[0]
    if isinstance(first, (int, float)) and not isinstance(first, bool):
        numbers = np.array(drawn, dtype=np.float64)
        return first if (numbers == numbers[0]).all() else cast(Record, numbers)
    return _each(first, lambda part: stacked([part(one) for one in drawn]))


def taken(inputs: Record, rows: Ints | int) -> Record:
    """Return some of the draws, or one of them."""
    if isinstance(inputs, np.ndarray):
        return cast(Record, inputs[rows])
    return _each(inputs, lambda part: taken(part(inputs), rows))


def _each(like: Record, made: Callable[[Callable[[Any], Any]], object]) -> Record:
    """Return a record like this one, each part made anew from the function that takes it out."""
    if is_dataclass(like) and not isinstance(like, type):
        names = [field.name for field in fields(like) if field.name not in APART]
        return cast(Record, replace(like, **{name: made(attrgetter(name)) for name in names}))
    if isinstance(like, Mapping):
        return cast(Record, {key: made(itemgetter(key)) for key in like})
    if isinstance(like, tuple):
        return cast(Record, tuple(made(itemgetter(k)) for k in range(len(like))))
    return like
