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
    return Checkpoint(
        after=review.after,
        month=f"{calendar.month_name[month % 12 + 1]} {year + month // 12}",
        members=math.floor(inputs.members.accounts + inputs.members.growth * review.after + 0.5),
        at_accounts=review.at_accounts,
        asks=tuple(
            phrases.review_rule(name, asked) for name in phrases.RULES if (asked := getattr(review, name)) is not None
        ),
        known=(
            "how often the new accounts meet, for how long and with how many users",
            "how many fees came late or never",
            "whether sellers could be found, for how many hours and at what rate",
        ),
    )
