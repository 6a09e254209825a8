"""What people read has none of the phrases that nobody understands at first reading."""

import re
from dataclasses import replace

import click
import pytest
from banned_phrases import banned_in
from click.testing import CliRunner
from sample_plan import sample

from planner.charts import theme
from planner.cli.terminal import show_plan
from planner.planning import Plan
from planner.report import figures, page, summary


def _page(plan: Plan) -> str:
    drawn = {}
    for chart in figures.of(plan):
        with theme.style(chart.name):
            drawn[chart.name] = theme.svg(chart.make())
    whole = re.sub(r"(?s)<(style|script).*?</\1>|<code>.*?</code>", " ", page.html(plan, drawn))
    return " ".join(re.sub(r"<[^>]*>", " ", whole).split())


def _terminal(plan: Plan) -> str:
    done = CliRunner().invoke(click.Command("plan", callback=lambda: show_plan(plan, None)))
    assert done.exit_code == 0
    return " ".join(done.output.split())


@pytest.fixture(scope="module", params=["few", "many"])
def plan(request: pytest.FixtureRequest) -> Plan:
    """Return the pilot, and many more than fit."""
    return sample() if request.param == "few" else replace(sample(60), consented="All Hands")


def test_terminal_report_and_summary_say_it_in_plain_words(plan: Plan) -> None:
    for said in (_terminal(plan), _page(plan), summary.markdown(plan)):
        assert banned_in(said) == []
