"""The report's small phrases: spells of months, ranges over the paths, amounts, cells that start no formula."""

import pytest

from planner.charts.tornado import units
from planner.model.credit.summary import Months, Quantiles
from planner.planning import Swing
from planner.report import networks, page, summary, tables
from planner.report.answer import between
from planner.wording import phrases


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (
            Months(11, 14, 19, None, 0.7),
            "it takes 14 months or longer, and in 30 of 100 cases it is not done within 36",
        ),
        (Months(11, 12, 13, 15, 1.0), "it takes 12 to 15 months in 8 of 10 cases"),
    ],
)
def test_the_months_of_eight_of_ten_cases(months: Months, said: str) -> None:
    assert between(months, 36) == said


def test_months_with_the_same_mark_are_one_spell() -> None:
    spells = networks.runs([(1, "market"), (2, "market"), (5, "market"), (6, "offer")])
    assert spells == [("months 1 to 2", "market"), ("month 5", "market"), ("month 6", "offer")]


@pytest.mark.parametrize(
    ("paths", "said"), [((2, 4, 5), "2 to 5"), ((2, None, None), "2 or more"), ((None, None, None), "never")]
)
def test_a_span_over_the_paths(paths: tuple[float | None, float | None, float | None], said: str) -> None:
    assert networks.span(Quantiles(*paths)) == said


def test_amounts_are_said_without_decimals_that_say_nothing() -> None:
    assert networks.amounts(Quantiles(0, 5, 40_549), "credit") == "0 to 405 credit"
    assert networks.amounts(Quantiles(120, 300, 350), "GBP") == "1.20 to 3.50 GBP"


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (Months(11, 22, None, None, 0.2), "month 22 at the earliest; 20 in 100 get there"),
        (Months(11, 8, 12, 19, 0.95), "month 8 at the earliest; 95 in 100 get there"),
        (Months(11, None, None, None, 0), "hardly ever"),
        (Months(11, None, None, None, 0.06), "6 in 100 get there"),
        (Months(11, 11, 11, 11, 1.0), "month 11; 100 in 100 get there"),
    ],
)
def test_months_over_the_paths_with_their_chance(months: Months, said: str) -> None:
    assert networks.wait(months) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("60 businesses", "160 businesses", "60 to 160 businesses"),
        ("45 min", "1 h", "45 min to 1 h"),
        ("3 %", "7 %", "3 to 7 %"),
    ],
)
def test_a_range_says_its_unit_once(low: str, high: str, said: str) -> None:
    assert phrases.ends(low, high) == said


def test_no_line_ends_between_a_number_and_its_unit() -> None:
    assert page.unbroken("7 %/month of 36 months") == "7\xa0%/month of 36\xa0months"


def test_a_risk_is_said_as_a_number() -> None:
    assert [phrases.counted_risk(1 / 12, "episodes"), phrases.counted_risk(0.001, "busiest_instant")] == ["1", "0.1"]


def test_free_text_is_shown_as_text() -> None:
    assert summary.text("[click](http://x) <b> @all") == "\\[click\\](http\\://x) \\<b\\> \\@all"
    assert summary.text("hourly_rate (de): 5") == "hourly_rate (de): 5"


@pytest.mark.parametrize(
    ("text", "cell"), [("=1+1", "'=1+1"), ("users on de", "users on de"), (" @SUM(A1)", "' @SUM(A1)"), ("-3", "-3")]
)
def test_a_guarded_cell_starts_no_formula(text: str, cell: str) -> None:
    assert (tables.guarded(text), tables.unguarded(cell)) == (cell, text)
    assert tables.unguarded(tables.guarded(f"'{text}")) == f"'{text}"


@pytest.mark.parametrize(
    ("low", "high", "parts"), [("1/week", "4/week", ("1", "4", "per week")), ("45 min", "1 h", ("45 min", "1 h", ""))]
)
def test_an_inputs_ends_share_their_unit(low: str, high: str, parts: tuple[str, str, str]) -> None:
    assert units(Swing("usage.everyone.meetings", "admission", low, high, None, None, None)) == parts
