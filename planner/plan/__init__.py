"""The one place where the parts meet: a scenario goes in, a frozen, complete `Plan` comes out."""

from planner.plan.record import (
    Amount,
    Assumption,
    Change,
    Checkpoint,
    CreditPlan,
    Fan,
    LoadAdded,
    Months,
    MonthsCurve,
    Option,
    Plan,
    Risk,
    RiskCurve,
    Stamp,
    Swing,
    Week,
)

__all__ = [
    "Amount",
    "Assumption",
    "Change",
    "Checkpoint",
    "CreditPlan",
    "Fan",
    "LoadAdded",
    "Months",
    "MonthsCurve",
    "Option",
    "Plan",
    "Risk",
    "RiskCurve",
    "Stamp",
    "Swing",
    "Week",
]
