"""Plans how many mutual-credit memberships a co-op can take in: the functions of docs/api.md, and what they return."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.api.given import ArgumentError
    from planner.api.plans import Plan, decide, plan
    from planner.api.studies import Calibration, Comparison, Review, Sweep, calibrate, compare, review, sweep
    from planner.scenario.reader import Scenario, ScenarioError, read

__version__ = "0.1.0"

__plan_schema__ = "planner.plan/4"
"""The form of plan.json: what writes it and what reads it must agree, and the gate reads it without the rest."""

__all__ = [
    "ArgumentError",
    "Calibration",
    "Comparison",
    "Plan",
    "Review",
    "Scenario",
    "ScenarioError",
    "Sweep",
    "calibrate",
    "compare",
    "decide",
    "plan",
    "read",
    "review",
    "sweep",
]


class PlannerError(Exception):
    """What a person can put right: the message says what is wrong, what is wanted and what was found."""


if not TYPE_CHECKING:  # who imports planner, the gate for one, waits for what is asked for alone

    def __getattr__(name: str) -> object:
        """Return one of `__all__`, importing it when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module 'planner' has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415

        places = {
            "planner.scenario.reader": ("Scenario", "ScenarioError", "read"),
            "planner.api.plans": ("Plan", "decide", "plan"),
            "planner.api.given": ("ArgumentError",),
        }
        where = next((module for module, names in places.items() if name in names), "planner.api.studies")
        globals()[name] = getattr(import_module(where), name)
        return globals()[name]

    def __dir__() -> list[str]:
        """Return what is here, also what was not asked for yet."""
        return sorted({*globals(), *__all__})
