"""A history makes the inputs of a scenario better known: prior to posterior, and the scenario that says so."""

from planner.learning.calibration import (
    LEAST_MEETINGS,
    LEAST_WEEKS,
    Calibration,
    Effect,
    Week,
    as_json,
    calibrate,
    effect,
)
from planner.learning.posteriors import Learned

__all__ = [
    "LEAST_MEETINGS",
    "LEAST_WEEKS",
    "Calibration",
    "Effect",
    "Learned",
    "Week",
    "as_json",
    "calibrate",
    "effect",
]
