"""One function for each chart: (record, axes). They draw what they are given and compute nothing."""

from planner.charts.beside import in_credit, in_money
from planner.charts.credit import MARKS, balance, chance, hours, months
from planner.charts.limits import allowed, risk
from planner.charts.load import spare, week
from planner.charts.swings import tornado

__all__ = [
    "MARKS",
    "allowed",
    "balance",
    "chance",
    "hours",
    "in_credit",
    "in_money",
    "months",
    "risk",
    "spare",
    "tornado",
    "week",
]
