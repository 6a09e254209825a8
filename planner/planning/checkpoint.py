"""When a plan is looked at next, by what rule, and what will be known then."""

import calendar
import math

from planner.model.inputs.capacity import Inputs
from planner.planning.record import Checkpoint
from planner.wording import phrases


def checkpoint(inputs: Inputs) -> Checkpoint:
    """Return when the plan is looked at next, what is asked then, and what will be known."""
    review, (year, first) = inputs.offer.review, inputs.start
    month = first - 1 + review.after
    thresholds = (
        (review.hours_bought, "at least {} bought", "hour"),
        (review.months_since_purchase, "a purchase in the last {}", "month"),
        (review.idle_share, "at most {} of the credit received still unspent", "%"),
        (review.episodes, "at most {}", "overload"),
        (review.volunteer_hours, "at most {} a month", "volunteer hour"),
    )
    return Checkpoint(
        after=review.after,
        month=f"{calendar.month_name[month % 12 + 1]} {year + month // 12}",
        members=math.floor(inputs.members.accounts + inputs.members.growth * review.after + 0.5),
        at_accounts=review.at_accounts,
        asks=tuple(said.format(_counted(asked, thing)) for asked, said, thing in thresholds if asked is not None),
        known=(
            "how often the new accounts meet, for how long and with how many users",
            "how many fees came late or never",
            "whether sellers could be found, for how many hours and at what rate",
        ),
    )


def _counted(number: float, thing: str) -> str:
    """Return a number of things, or a share, in words."""
    if thing == "%":
        return phrases.share(number)
    return f"{phrases.number(number)} {thing}" if number == 1 else f"{phrases.number(number)} {thing}s"
