"""What each uncertain input does to each answer if it were known at its low, or at its high: measure this first."""

from planner.model.admission.admission_number import Answer
from planner.model.credit.sensitivity import Tornado
from planner.planning.record import Swing
from planner.scenario.reader import Scenario


def swings(scenario: Scenario, answer: Answer, months: Tornado) -> tuple[Swing, ...]:
    """Return the swings of all answers, those that move an answer most first."""
    return tuple(_accounts(scenario, answer) or _risk(scenario, answer)) + tuple(_months(scenario, months))


def _accounts(scenario: Scenario, answer: Answer) -> list[Swing]:
    """Return what each input does to the number that the servers allow, the others as uncertain as they are."""
    return [
        _swing(scenario, one.path, "admission", one.at_low, one.at_high, one.now)
        for one in answer.swings
        if one.at_low != one.at_high
    ]


def _risk(scenario: Scenario, answer: Answer) -> list[Swing]:
    """Return what each input does to the risk: where the number stays what it is, whatever single input is known."""
    return [
        _swing(scenario, one.path, "risk", one.risk_at_low, one.risk_at_high, one.risk_now)
        for one in answer.swings
        if one.risk_at_low != one.risk_at_high
    ]


def _months(scenario: Scenario, found: Tornado) -> list[Swing]:
    """Return what each input does to the months until the block is bought, and until it is earned."""
    rows = []
    for name in ("buy", "afford"):
        for lever in found.levers:
            low, high, now = (getattr(one, name) for one in (lever.at_low, lever.at_high, found.nominal))
            if low != high:
                rows.append(_swing(scenario, lever.path, f"months_to_{name}", low, high, now))
    return rows


def _swing(
    scenario: Scenario, path: str, answer: str, at_low: float | None, at_high: float | None, now: float | None
) -> Swing:
    """Return a swing with the input's ends in the words of the scenario."""
    estimate = scenario.estimates[path]
    return Swing(
        path=path,
        answer=answer,
        low_value=estimate.low_text or estimate.text,
        high_value=estimate.high_text or estimate.text,
        at_low=at_low,
        at_high=at_high,
        central=now,
    )
