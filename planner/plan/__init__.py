"""The one place where the parts meet: a scenario goes in, a frozen, complete `Plan` comes out."""

from planner.plan.assumptions import assumptions, used_by
from planner.plan.document import as_json
from planner.plan.headline import Headline, headline
from planner.plan.make import plan
from planner.plan.record import (
    Amount,
    Assumption,
    Change,
    Checkpoint,
    Coupled,
    CreditPlan,
    Fan,
    Growth,
    Held,
    LoadAdded,
    Months,
    MonthsCurve,
    Needed,
    Option,
    Plan,
    Risk,
    RiskCurve,
    Stamp,
    Swing,
    Week,
    WhatIf,
)
from planner.plan.warned import few_draws

__all__ = [
    "Amount",
    "Assumption",
    "Change",
    "Checkpoint",
    "Coupled",
    "CreditPlan",
    "Fan",
    "Growth",
    "Headline",
    "Held",
    "LoadAdded",
    "Months",
    "MonthsCurve",
    "Needed",
    "Option",
    "Plan",
    "Risk",
    "RiskCurve",
    "Stamp",
    "Swing",
    "Week",
    "WhatIf",
    "as_json",
    "assumptions",
    "few_draws",
    "headline",
    "plan",
    "used_by",
]
