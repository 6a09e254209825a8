"""The table of the thread's questions in docs/questions.md against the report's list, and what cannot be said."""

import re
from dataclasses import replace
from pathlib import Path

from sample_plan import sample

from planner import report

TABLE = (Path(__file__).parents[2] / "docs" / "questions.md").read_text("utf-8")


def test_the_table_has_every_question_with_its_chart_and_field() -> None:
    rows = [f"| {one.asks} | {one.chart or '–'} | `{one.field}` |" for one in report.questions(sample())]
    assert TABLE.splitlines()[-len(rows) :] == rows


def test_the_charts_of_the_table_are_drawn() -> None:
    drawn = set(re.findall(r'id="chart-([a-z_]+)"', _page()))
    assert {one.chart for one in report.questions(sample()) if one.chart} <= drawn


def _page() -> str:
    from planner.charts import theme  # only this test draws
    from planner.report import figures, page

    drawn = {}
    for chart in figures.of(sample()):
        with theme.style(chart.name):
            drawn[chart.name] = theme.svg(chart.make())
    return page.html(sample(), drawn)


def test_what_a_scenario_does_not_hold_is_said() -> None:
    plan = sample()
    said = {one.asks: one.says for one in report.questions(replace(plan, options=()))}
    assert said["Higher levels?"] == "Not in this scenario: no level costs more than those on offer."
    assert said["What if a seller is a member itself?"] == (
        "Not in this scenario: it is shown once a seller has a membership of its own."
    )
