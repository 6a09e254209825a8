"""One function for each chart: (record, axes). They draw what they are given and compute nothing."""

from planner.charts.credit import MARKS, balance, months
from planner.charts.limits import allowed, risk
from planner.charts.load import spare, week
from planner.charts.swings import tornado

__all__ = ["MARKS", "allowed", "balance", "months", "risk", "spare", "tornado", "week"]
