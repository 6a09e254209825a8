"""What a meeting must know of the credit side: a block dearer than the cap, losses later on, a rule nobody can meet."""

from planner.model.credit.pilot_outlook import Checkpoint, Missed
from planner.model.inputs.capacity import Inputs
from planner.planning.credit import case_of
from planner.planning.record import CreditPlan
from planner.scenario.reader import Scenario
from planner.wording import phrases
from planner.wording.reasons import money


def credit_warnings(inputs: Inputs, credit: CreditPlan, dear: str | None) -> tuple[str, ...]:
    """Return the warnings of the offered network's credit."""
    found = [said for said in (dear, _later_losses(inputs, credit)) if said is not None]
    return (*found, *unmet_rules(credit.review, inputs.offer.review.after))


def dear_block(scenario: Scenario, inputs: Inputs) -> str | None:
    """Return from which hourly rate on the block costs more than the largest balance, if rates may pass it."""
    case = case_of(inputs, inputs.offer.network)
    spending, cap = case.spending, case.network.largest_balance
    if cap is None or spending.policy == "whole_jobs":
        return None
    stated = scenario.estimates["spending.hourly_rate"]
    last, value = stated.high if stated.high is not None else stated.value, stated.value
    most = cap.value / spending.target.value
    if not value or last is None or spending.hourly_rate.value * last / value <= most:
        return None
    unit = case.network.unit
    return (
        f"if an hour costs more than {money(most)} {unit}, {phrases.number(spending.target.value)} hours cost more "
        f"than the {money(cap.value)} {unit} that the network lets anybody hold: saving for them in one piece never "
        "ends"
    )


def _later_losses(inputs: Inputs, credit: CreditPlan) -> str | None:
    """Return what the cap refuses over the whole horizon, where that is more than is accepted on too many paths."""
    judged = case_of(inputs, credit.network).judged or inputs.horizon
    chosen = next((one for one in credit.policies if one.chosen), None)
    if chosen is None or judged >= inputs.horizon:
        return None
    # 1e-9: a quarter of the paths is a quarter
    if chosen.loses_too_much <= 1 - inputs.objective.confidence_reversible + 1e-9:
        return None
    accepted = phrases.share(inputs.spending.lost_at_most.value)
    return (
        f"with {phrases.accounts(credit.accounts)} there from month 1 the network's cap turns away "
        f"{phrases.share(chosen.refused_share)} of the fees over {inputs.horizon} months, {accepted} would be put up "
        f"with; this limits nobody, because only the first {phrases.in_months(judged)} are judged"
    )


def unmet_rules(review: Checkpoint, after: int) -> list[str]:
    """Return the rules of the review that no path meets, each with one that could be met; `after` [month]."""
    return [_unmet(one, after) for one in review.missed if one.never_met]


def _unmet(one: Missed, after: int) -> str:
    rule = phrases.review_rule(one.threshold, one.asked)
    said = (
        f"the review's rule offer.review.{one.threshold} ({rule}) is missed in "
        f"{round(100 * one.share)} of 100 cases after {phrases.in_months(after)}: "
    )
    if one.met_by is None:
        return f"{said}no later month and no way of spending meets it; leave it out, or ask for less"
    when = f"half of the cases meet it by month {one.met_by} (offer.review.after: {one.met_by} months)"
    if one.met_with is None:
        return f"{said}{when}"
    return f"{said}with spending.policy: {one.met_with}, {when}; as credit is spent now leave it out"
