"""A history makes the inputs of a scenario better known: prior to posterior, and the scenario that says so."""

from planner.learning.bands import bands
from planner.learning.calibration import (
    Calibration,
    CountedTwice,
    Effect,
    Week,
    as_json,
    calibrate,
    counted_twice,
    effect,
)
from planner.learning.posteriors import Learned

__all__ = [
    "Calibration",
    "CountedTwice",
    "Effect",
    "Learned",
    "Week",
    "as_json",
    "bands",
    "calibrate",
    "counted_twice",
    "effect",
]
