"""May these accounts come, now? A pure verdict from a stored plan, a reading, what was admitted, and the time.

Nothing here needs numpy: a verdict on a stored plan compares numbers that the plan has already worked out.
"""

from planner.gate.decision import Decision, Request
from planner.gate.document import NotAPlan, standing
from planner.gate.standing import Standing
from planner.gate.verdict import OLDEST, decide, no_plan

__all__ = ["OLDEST", "Decision", "NotAPlan", "Request", "Standing", "decide", "no_plan", "standing"]
