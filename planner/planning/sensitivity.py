"""What each uncertain input does to each answer if it were known at its low, or at its high: measure this first."""

from planner.model.admission.admission_number import Answer
from planner.model.credit.sensitivity import Tornado
from planner.planning.record import Swing
from planner.scenario.reader import Scenario


def swings(scenario: Scenario, answer: Answer, months: Tornado) -> tuple[Swing, ...]:
    """Return the swings of all answers, those that move an answer most first."""

    def moved(path: str, name: str, low: float | None, high: float | None, now: float | None) -> list[Swing]:
        """Return the swing with the input's ends in the words of the scenario; none where the answer stays."""
        ends = scenario.estimates[path]
        first, last = ends.low_text or ends.text, ends.high_text or ends.text
        return [] if low == high else [Swing(path, name, first, last, low, high, now)]

    # the risk only where the number stays what it is, whatever single input is known
    number = [s for one in answer.swings for s in moved(one.path, "admission", one.at_low, one.at_high, one.now)]
    risk = [
        s for one in answer.swings for s in moved(one.path, "risk", one.risk_at_low, one.risk_at_high, one.risk_now)
    ]
    rows = number or risk
    for name in ("buy", "afford"):
        for path, ends in months.levers.items():
            low, high, now = (getattr(known, name) for known in (*ends, months.nominal))
            rows += moved(path, f"months_to_{name}", low, high, now)
    return tuple(rows)
