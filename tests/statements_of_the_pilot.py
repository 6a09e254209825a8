"""What might be said of the pilot's servers, as the prototype's table of the project's decisions has it."""

from pathlib import Path

import numpy as np

from planner.model.evidence.statements import Overloads, Seen, Statement, Talk, Window
from planner.model.inputs.capacity import Floats
from planner.model.inputs.distributions import quantile

PILOT = Path(__file__).parents[1] / "scenarios" / "pilot-5.yaml"
PINNED = ["usage.everyone.day_spread=0", "usage.cpu={base: 3 %, per_room: 0.3 %, per_user: 0.3 %, per_stream: 0.03 %}"]
"""What the prototype had: days all alike, and a load that is certain."""
YEAR, HALF = Window(12.0, 0.0), Window(6.0, 0.0)
NOTICED: Floats = quantile(0.8, 0.5, 0.95, "share", (np.arange(15) + 0.5) / 15)
NONE = Overloads("de", YEAR, 0, NOTICED)


def said(*seen: Seen) -> list[Statement]:
    return [Statement(f"experience.{k}", str(k), one) for k, one in enumerate(seen, start=1)]


def talk(weeks: float) -> Talk:
    return Talk(4000.0, np.array([weeks]), None, Window(0.01, 0.0))
