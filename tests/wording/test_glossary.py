"""The glossary: its page shows what the report takes its words from, each term once and in plain sentences."""

from pathlib import Path

from planner.wording.glossary import TERMS, for_report, table

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"


def test_the_page_shows_the_terms() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), f"docs/glossary.md should show:\n{table()}"


def test_each_term_stands_once_and_ends_its_sentence() -> None:
    names = [term.name for term in TERMS]
    assert len(set(names)) == len(names)
    assert all(term.meaning.endswith(".") and term.in_code for term in TERMS)


def test_the_report_says_its_own_confidence() -> None:
    words = dict(for_report("80"))
    assert "in 80 of 100" in words["Right in 80 of 100 cases"]
    assert 10 < len(words) < len(TERMS)
