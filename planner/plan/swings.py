"""What each uncertain input does to each answer if it were known at its low, or at its high: measure this first."""

from planner.model.admission import Answer
from planner.model.inputs import Inputs
from planner.model.leverage import Lever, Tornado
from planner.plan.credit import levers
from planner.plan.record import Swing
from planner.scenario.reader import Scenario


def swings(scenario: Scenario, central: Inputs, answer: Answer, seed: int) -> tuple[Swing, ...]:
    """Return the swings of all answers, those that move an answer most first.

    Parameters
    ----------
    scenario : Scenario
        Whose ranges are tried.
    central : Inputs
        Every input at its value.
    answer : Answer
        What admission found.
    seed : int
        The scenario's seed.
    """
    months = levers(scenario, central, central.offer.network, seed)
    return tuple(_accounts(scenario, answer) or _risk(scenario, answer)) + tuple(_months(scenario, months))


def _accounts(scenario: Scenario, answer: Answer) -> list[Swing]:
    """Return what each input does to the number that the servers allow, the others as uncertain as they are."""
    rows = []
    for found in answer.swings:
        if found.at_low == found.at_high:
            continue
        estimate = scenario.estimates[found.path]
        rows.append(
            Swing(
                path=found.path,
                answer="admission",
                low_value=estimate.low_text or estimate.text,
                high_value=estimate.high_text or estimate.text,
                at_low=found.at_low,
                at_high=found.at_high,
                central=found.now,
            )
        )
    return rows


def _risk(scenario: Scenario, answer: Answer) -> list[Swing]:
    """Return what each input does to the risk: where the number stays what it is, whatever single input is known."""
    found = []
    for one in answer.swings:
        if one.risk_at_low == one.risk_at_high:
            continue
        estimate = scenario.estimates[one.path]
        found.append(
            Swing(
                path=one.path,
                answer="risk",
                low_value=estimate.low_text or estimate.text,
                high_value=estimate.high_text or estimate.text,
                at_low=one.risk_at_low,
                at_high=one.risk_at_high,
                central=one.risk_now,
            )
        )
    return found


def _months(scenario: Scenario, found: Tornado) -> list[Swing]:
    rows: list[Swing] = []
    for name in ("buy", "afford"):
        moved = [(lever, name) for lever in found.levers if _moves(lever, name)]
        for lever, at in moved:
            estimate = scenario.estimates[lever.path]
            rows.append(
                Swing(
                    path=lever.path,
                    answer=f"months_to_{at}",
                    low_value=estimate.low_text or estimate.text,
                    high_value=estimate.high_text or estimate.text,
                    at_low=getattr(lever.at_low, at),
                    at_high=getattr(lever.at_high, at),
                    central=getattr(found.at_value, at),
                )
            )
    return rows


def _moves(lever: Lever, name: str) -> bool:
    return bool(getattr(lever.at_low, name) != getattr(lever.at_high, name))
