"""May these accounts come, now? A pure verdict from a stored plan, a reading, what was admitted, and the time.

Nothing here needs numpy: a verdict on a stored plan compares numbers that the plan has already worked out.
"""

from planner.gate.decision import Decision, Request, Verdict
from planner.gate.document import NotAPlan, standing
from planner.gate.standing import Standing
from planner.gate.verdict import CLOCKS_APART, MAX_AGE, decide, no_plan

__all__ = [
    "CLOCKS_APART",
    "MAX_AGE",
    "Decision",
    "NotAPlan",
    "Request",
    "Standing",
    "Verdict",
    "decide",
    "no_plan",
    "standing",
]
