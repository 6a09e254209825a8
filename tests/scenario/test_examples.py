"""One example of each small function of the scenario package: what goes in, what comes out."""

from fractions import Fraction

import pytest

from planner.scenario import expect, overlay, sheet, units, week
from planner.scenario.problem import did_you_mean, quoted


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("45.00 GBP", (45.0, 45.0, "GBP")), ("11..13", (11.0, 13.0, "")), ("9 ± 2", (7.0, 11.0, ""))],
)
def test_an_expectation_has_bounds_and_a_unit(text: str, bounds: tuple[float, float, str]) -> None:
    assert expect._numbers(text) == bounds


def test_an_overlay_is_yaml() -> None:
    text = overlay.text("meetcoop.yaml", "As measured", {"usage.everyone.meetings": {"value": "3/week"}})
    wanted = "title: As measured\nbase: meetcoop.yaml\nchanges:\n  usage.everyone.meetings:\n    value: 3/week\n"
    assert text == wanted


def test_a_changed_sheet_is_yaml() -> None:
    text = overlay.yaml("pilot-5.yaml", "Ten", {"offer.accounts": "10"})
    assert text == "title: Ten\nbase: pilot-5.yaml\nchanges:\n  offer.accounts: 10\n"


@pytest.mark.parametrize(
    ("cell", "known", "alike"),
    [("10.00%", "10 %", True), ("1", "1.0", True), ("2 /week", "2/week", True), ("3/week", "2/week", False)],
)
def test_spreadsheets_write_numbers_in_their_own_way(cell: str, known: str, alike: bool) -> None:
    assert sheet.same(cell, known) is alike


def test_what_was_found_is_quoted() -> None:
    assert (quoted("9 GBP"), quoted("")) == ("'9 GBP'", "nothing")


def test_a_misspelt_name_gets_a_hint() -> None:
    assert did_you_mean("usres", ["users", "rooms"]) == " (did you mean 'users'?)"


def test_a_number_is_exact_and_leaves_its_unit() -> None:
    assert units.number("54 min") == (Fraction(54), "min")
    assert units.number("£9.50/month") == (Fraction(19, 2), "GBP/month")
    assert (units.plain(Fraction("9.50")), units.plain(Fraction(36))) == ("9.5", "36")


def test_a_unit_is_taken_apart() -> None:
    assert (units.unit("min/account").over, units.unit("min/account").under) == ("time", ("account",))


@pytest.mark.parametrize(("unit", "base"), [("GBP/month", "minor GBP/month"), ("%/month", "1/month"), ("%", "-")])
def test_a_base_unit_has_a_name(unit: str, base: str) -> None:
    assert units.base_text(unit, minor=True) == base


def test_what_does_not_start_on_the_hour_or_half_past_is_spread_evenly() -> None:
    assert week.starts({0: 0.55, 30: 0.25})[0] == pytest.approx(0.55 + 0.2 / 12)
