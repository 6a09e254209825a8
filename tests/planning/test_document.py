"""The result of a plan is that of what was asked, in whatever order it was said."""

from pathlib import Path

from light_scenario import LIGHT

from planner import seal
from planner.planning import as_json, plan
from planner.scenario.reader import read


def test_the_order_of_the_options_changes_no_digit_of_the_result(tmp_path: Path) -> None:
    """Whoever types the price first on the page quotes the same digits as who names the accounts first."""
    (tmp_path / "light.yaml").write_text(LIGHT)
    options = ("offer.accounts=8", "spending.hourly_rate=24", "spending.sellers.s.hours=9 h/month")
    results = {
        seal.result(as_json(plan(read(tmp_path / "light.yaml", each), draws=20)))
        for each in (options, options[::-1], options[1:])
    }
    assert len(results) == 2, "the same, and another without the accounts"
