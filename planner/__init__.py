"""Plans how many mutual-credit memberships a co-op can take in."""

__version__ = "0.1.0"

__plan_schema__ = "planner.plan/4"
"""The form of plan.json: what writes it and what reads it must agree, and the gate reads it without the rest."""
