"""The pages of the review and of what was learned say what their records say, and show hostile text as text."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from page_parts import Page
from page_samples import COMMAND, COVERAGE, EVEN, NAMES, sample_learned, sample_review
from sample_plan import HOSTILE

from planner.model.calibration.goodness_of_fit import Check
from planner.pilot_review.record import Pit, Review
from planner.report import hours_in_band, learned_page, review_page


def page_of(review: Review) -> Page:
    drawn = {chart.name: chart.picture()[0] for chart in review_page.charts_of(review, NAMES)}
    return Page(review_page.html(review, NAMES, COMMAND, drawn))


def test_the_review_says_verdict_rule_prediction_and_hours() -> None:
    said = page_of(sample_review()).text()
    assert said.index("Go on. The pilot keeps to what was agreed.") < said.index("What was agreed to ask")
    assert "0 to 9, hardly any in the middle" in said
    assert (
        "The servers kept to the plan's weekly band: where most were missed, 2 of 4,000 hours lie outside it." in said
    )
    assert "99.95 %" in said
    assert "Hour by hour the servers were as full as predicted." in said
    assert said.index("The weekly band is") < said.index("The bars below show") < said.index("a randomized PIT")
    assert said.count("not known") == 3, "twice in the rule's row, once in the pasted line"


@pytest.mark.parametrize(
    ("verdict", "due", "begins"),
    [
        ("hold", True, "Hold. No new accounts until"),
        ("hold", False, "Hold. The review is not due yet, but"),
        ("stop", True, "Stop. All that was asked for was missed"),
        ("unknown", True, "We can't say yet. Something"),
        ("go on", False, "Go on. The review is not due yet, and nothing"),
    ],
)
def test_each_verdict_is_a_sentence(verdict: str, due: bool, begins: str) -> None:
    found = sample_review(verdict=verdict, due=due)
    assert ". ".join(review_page.verdict(found)).startswith(begins)


@pytest.mark.parametrize(
    ("tenths", "mean", "says"),
    [
        (EVEN, 0.7, "fuller than predicted"),
        (EVEN, 0.3, "emptier than predicted"),
        ((0.25, *[0.0625] * 8, 0.25), 0.5, "very full and very empty"),
        ((0.02, *[0.12] * 8, 0.02), 0.5, "more even"),
    ],
)
def test_the_pit_is_said_in_words(tenths: tuple[float, ...], mean: float, says: str) -> None:
    assert says in hours_in_band.leaning(Pit("de", "users", 100, tenths, mean))


def test_a_band_that_did_not_hold_is_said_with_its_side() -> None:
    bad = replace(COVERAGE[0], inside=3900, above=99, below=1)
    said = hours_in_band.covered((bad, COVERAGE[1]), NAMES)
    assert said.endswith(
        "users on the German server: of 4,000 hours, 99 hours fuller and 1 hour emptier than it allows."
    )
    assert "Nothing is known" in hours_in_band.covered((), NAMES)


def test_what_was_learned_says_the_fit_first_and_each_input_in_words() -> None:
    said = Page(learned_page.html(sample_learned(), {})).text()
    assert said.index("It fits. None of two checks") < said.index(
        "Length of a meeting (everyone): 19 % more than we thought"
    )
    assert "its range 10 times as narrow" in said
    assert "The servers and the credit now allow 3 further accounts; before, it was no further account." in said
    assert "It does not fit. One of two questions" in Page(learned_page.html(sample_learned(flagged=True), {})).text()
    assert learned_page.verdict(sample_learned(weeks=2.0).calibration)[0] == "Too little was seen"


def test_a_check_that_could_not_be_asked_found_nothing_out() -> None:
    few, one = (Check(name, 1.0, "too few meetings", asked=name == "together") for name in ("sizes", "together"))
    whole = sample_learned()

    def said(*checks: Check) -> str:
        taught = replace(whole, calibration=replace(whole.calibration, checks=checks))
        assert taught.calibration.enough == any(check.asked for check in checks)
        page = Page(learned_page.html(taught, {})).text()
        assert page.count("could not be asked too few meetings not known") == sum(not check.asked for check in checks)
        assert [row[2] for row in learned_page.asked(taught.calibration).rows] == [
            not check.flagged if check.asked else None for check in checks
        ]
        return ". ".join(learned_page.verdict(taught.calibration))

    assert said(one, one, few, few) == (
        "It fits. None of two checks found anything in the meetings that chance would not explain. "
        "Two more could not be asked: too few meetings yet."
    )
    assert said(one, few).startswith("It fits. The only check that could be made found nothing in the meetings")
    assert said(replace(one, chance=0.001), one, few).startswith("It does not fit. One of two questions found")
    assert said(few, few).startswith("Too little was seen. None of 2 questions could be asked")


def test_where_too_little_was_seen_the_page_says_whether_the_gate_admits_anybody() -> None:
    little = sample_learned(weeks=3.97).calibration
    entry = {"calibrated": (("fit", "not known: too few"),)}
    said = [learned_page.verdict(replace(little, entries=entries))[1] for entries in ({}, entry)]
    assert little.meetings >= 30
    assert said[0] == "3.9 of at least 4 weeks were seen. The scenario was written all the same."
    assert said[1].endswith("all the same: it says so, and the gate admits nobody on a plan of it.")


@pytest.mark.parametrize("kind", ["review", "learned"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_text_in_both_pages_and_what_is_pasted(kind: str, text: str) -> None:
    def made(said: str) -> tuple[str, str]:
        if kind == "review":
            review = sample_review(said)
            return review_page.html(review, NAMES, COMMAND, {}), review_page.markdown(review, NAMES, COMMAND)
        taught = sample_learned(said)
        return learned_page.html(taught, {}), learned_page.markdown(taught)

    (html, pasted), (plain, _) = made(text), made("tame")
    clean, tame = Page(html), Page(plain)
    assert [tag for tag, _ in clean.elements] == [tag for tag, _ in tame.elements]
    assert not [name for _, attributes in clean.elements for name in attributes if name.startswith("on")]
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", re.sub(r"(?s)(`{3,}).*?\n\1", "", pasted))
    assert not re.search(r"(?i)<[a-z/!]|\]\(", bare)
    assert len(pasted.split()) <= 320


def test_the_folders_hold_page_summary_and_charts_and_are_written_twice(tmp_path: Path) -> None:
    for _ in range(2):
        review_page.write(sample_review(), NAMES, COMMAND, tmp_path / "review")
        learned_page.write(sample_learned(), tmp_path / "learned")
    assert {"review.html", "summary.md", "balance.svg", "pit-de.png"} <= {
        one.name for one in (tmp_path / "review").iterdir()
    }
    assert {"learned.html", "everyone.duration.svg"} <= {one.name for one in (tmp_path / "learned").iterdir()}
    for page in tmp_path.glob("*/*.html"):
        text = page.read_text("utf-8")
        assert "<script" not in text
        assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:\"" in text
        assert len(text) < 1.5e6
