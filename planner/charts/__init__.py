"""One function for each chart: (record, axes). They draw what they are given and compute nothing."""

from planner.charts.copes import copes
from planner.charts.credit import MARKS, balance, chance, hours, months
from planner.charts.frontier import frontier
from planner.charts.grid import swept
from planner.charts.learning import hour_learned, learned, week_learned
from planner.charts.limits import allowed
from planner.charts.load import week
from planner.charts.money import in_credit, in_money
from planner.charts.pilot_review import course, happened, pit
from planner.charts.side_by_side import beside, way
from planner.charts.tornado import tornado

__all__ = [
    "MARKS",
    "allowed",
    "balance",
    "beside",
    "chance",
    "copes",
    "course",
    "frontier",
    "happened",
    "hour_learned",
    "hours",
    "in_credit",
    "in_money",
    "learned",
    "months",
    "pit",
    "swept",
    "tornado",
    "way",
    "week",
    "week_learned",
]
