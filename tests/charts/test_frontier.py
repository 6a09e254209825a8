"""Which offer: what is drawn is what the offers say, in words that lie over nothing; and its sentence and rows."""

import itertools
import re
from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation
from sample_plan import HOSTILE, hostile, sample

from planner.charts import frontier as frontier_chart
from planner.charts import theme
from planner.report import figures, frontier, tables
from planner.wording.names import Names

NAMES = Names(levels={"level-1": "Level 1", "level-2": "Level 2", "level-3": "Level 3"})


@pytest.fixture
def plan():
    return replace(sample(), names=NAMES)


def drawn(plan, usually=False):
    with theme.style():
        figure, (ax,) = theme.figure(2.6)
        frontier_chart.frontier(plan.frontier, ax, usually, NAMES)
        FigureCanvasAgg(figure).draw()
    return figure, ax


@pytest.mark.parametrize("usually", [False, True])
def test_each_mix_and_each_mark_stands_where_its_numbers_say(plan, usually):
    _, ax = drawn(plan, usually)
    lines = {one.get_gid(): one for one in ax.lines}
    field = "hours_usual" if usually else "hours_on_paper"
    its = [offer for offer in plan.frontier if offer.mix == (("level-1", 1.0),)]
    assert list(lines["mix Level 1"].get_xdata())[-4:] == [100 * offer.added for offer in its]
    assert list(lines["mix Level 1"].get_ydata())[-4:] == [getattr(offer, field) for offer in its]
    for offer in (offer for offer in plan.frontier if offer.mark):
        mark = lines[f"mark {offer.accounts}"]
        assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (100 * offer.added, getattr(offer, field))
    best = [offer for offer in plan.frontier if (offer.best_usually if usually else offer.best_on_paper)]
    assert sum(one.get_gid() == "best" for one in ax.lines) == len(best)


@pytest.mark.parametrize("usually", [False, True])
def test_no_words_lie_over_others(plan, usually):
    figure, ax = drawn(plan, usually)
    found = [one for one in ax.findobj(Annotation) if re.match(r"\d", one.get_text())]
    assert {"5 at Level 1", "10 at Level 1", "55 at Level 1", "28 at higher levels"} <= {
        one.get_text() for one in found
    }
    boxes = [one.get_window_extent(FigureCanvasAgg(figure).get_renderer()) for one in found]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)


def test_the_sentence_names_what_nothing_beats(plan):
    said, more = frontier.headline(plan)
    assert "1 at Level 3 (1.3 hours a month, 0.8 more cases in 100)" in said
    assert "12 at Level 3 (16 hours a month" in said
    assert "Level 1" not in said
    assert "1 at Level 3 (0.4 hours a month" in more


def test_without_offers_there_is_neither_chart_nor_section(plan):
    bare = replace(plan, frontier=())
    assert "frontier" not in {chart.name for chart in figures.of(bare)}
    assert "frontier" in {chart.name for chart in figures.of(plan)}


def test_the_table_has_what_is_marked_and_the_best(plan):
    rows = frontier.rows(plan)
    assert {offer for offer in plan.frontier if offer.mark} <= set(rows)
    assert [row.added for row in rows] == sorted(row.added for row in rows)
    assert {frontier.beaten(row) for row in rows} == {
        "on paper and usually", "on paper", "–",
    }  # fmt: skip
    csv = dict(tables.of(plan))["frontier"].splitlines()
    assert len(csv) == len(plan.frontier) + 1


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_just_words(text):
    (chart,) = (one for one in figures.of(hostile(text)) if one.name == "frontier")
    with theme.style():
        assert "<script" not in theme.svg(chart.make())
