"""Words as a chart can show them."""

from planner.charts.theme import text


def test_words_are_on_one_line_and_no_wider_than_there_is_room() -> None:
    assert (text("two\nlines"), text("a name of many words", 50)) == ("two lines", "a name…")
