"""What people read has none of the phrases that nobody understands at first reading."""

import re
from dataclasses import replace

import click
import pytest
from banned_phrases import banned_in
from click.testing import CliRunner
from page_samples import COMMAND, NAMES, sample_learned, sample_review
from sample_plan import sample

from planner.charts import theme
from planner.cli.terminal import show_plan
from planner.comparison import Comparison, column
from planner.planning import Plan
from planner.report import comparison, figures, learned_page, page, review_page, summary
from planner.wording import glossary


def _page(plan: Plan) -> str:
    drawn = {}
    for chart in figures.of(plan):
        with theme.style(chart.name):
            drawn[chart.name] = theme.svg(chart.make())
    return _prose(page.html(plan, drawn))


def _prose(html: str) -> str:
    """Return what a page says to people: no code, no command."""
    whole = re.sub(r"(?s)<(style|script).*?</\1>|<code>.*?</code>", " ", html)
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


@pytest.mark.parametrize("verdict", ["go on", "hold", "stop", "unknown"])
def test_the_review_says_it_in_plain_words(verdict: str) -> None:
    review = sample_review(verdict=verdict)
    said = _prose(review_page.html(review, NAMES, COMMAND, {})), review_page.markdown(review, NAMES, COMMAND)
    assert [banned_in(one) for one in said] == [[], []]


@pytest.mark.parametrize(("flagged", "weeks"), [(False, 26.0), (True, 26.0), (False, 2.0)])
def test_what_was_learned_is_said_in_plain_words(flagged: bool, weeks: float) -> None:
    taught = sample_learned(flagged=flagged, weeks=weeks)
    said = _prose(learned_page.html(taught, {})), learned_page.markdown(taught)
    assert [banned_in(one) for one in said] == [[], []]


def test_the_comparison_says_it_in_plain_words() -> None:
    found = Comparison("0.1.0", 1, 500, 2000, tuple(map(column, (sample(), sample(60)))), ())
    said = _prose(comparison.html(found)), comparison.markdown(found), comparison.plain(found)
    assert [banned_in(one) for one in said] == [[], [], []]


def test_the_terms_are_explained_in_plain_words() -> None:
    assert [term.name for term in glossary.TERMS if banned_in(term.meaning)] == []
