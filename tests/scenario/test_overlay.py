"""What was learned, written as a scenario on a scenario: the reader takes it as it was meant."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scenario import overlay, tree, week
from planner.scenario.problem import Problems
from planner.scenario.reader import read

SMALL = Path(__file__).parents[1] / "bad_scenarios" / "good" / "small.yaml"


def test_overlay_is_read_back(tmp_path: Path) -> None:
    """Value, range, source and date of each entry, in the unit its author used."""
    before = read(SMALL).estimates
    learned: dict[str, overlay.Entry | overlay.Shares | str] = {
        "usage.everyone.duration": overlay.entry(
            before["usage.everyone.duration"], 1.1, 1.0, 1.25, 'history: "a.db", 12 weeks', "2021-09-30"
        ),
        "networks.ocn.closes": overlay.entry(before["networks.ocn.closes"], 0.001, 0.0, 0.004, "assumption"),
        "members.accounts": overlay.entry(before["members.accounts"], 61.3, 58.2, 64.9, "the members' sheet"),
        "usage.everyone.profile": "week.csv",
        "usage.everyone.starts": (("0", "40 %"), ("half_past", "12.5 %")),
    }
    (tmp_path / "week.csv").write_text(week.table(week.OFFICE, "history"), encoding="utf-8")
    path = tmp_path / "learned.yaml"
    path.write_text(overlay.text(SMALL.as_posix(), "As seen in summer: the pilot's first # weeks", learned), "utf-8")
    scenario = read(path)
    one = scenario.estimates["usage.everyone.duration"]
    assert (one.value, one.low, one.high) == pytest.approx((1.1, 1.0, 1.25))
    assert (one.text, one.source, one.as_of) == ("66 min", 'history: "a.db", 12 weeks', "2021-09-30")
    closes = scenario.estimates["networks.ocn.closes"]
    assert (closes.value, closes.low, closes.high) == pytest.approx((0.001, 0.0, 0.004), rel=1e-3)
    members = scenario.estimates["members.accounts"]
    assert (members.value, members.low, members.high) == (61, 58, 65)
    assert scenario.entries["usage.everyone.profile"].value == pytest.approx(
        [weight * 168 / sum(week.OFFICE) for weight in week.OFFICE], rel=1e-5
    )
    starts = scenario.entries["usage.everyone.starts"].value
    assert starts == pytest.approx(week.starts({0: 0.4, 30: 0.125}))
    assert scenario.title == "As seen in summer: the pilot's first # weeks"
    assert [change.path for change in scenario.changes] == list(learned)


def test_overlay_without_entries(tmp_path: Path) -> None:
    """Nothing learned changes nothing."""
    path = tmp_path / "nothing.yaml"
    path.write_text(overlay.text(SMALL.as_posix(), "Nothing", {}), encoding="utf-8")
    assert read(path).digest == read(SMALL).digest


def test_part_that_is_none() -> None:
    """A mistake of the program is not written into a file."""
    with pytest.raises(ValueError, match="vlaue is no part of a number"):
        overlay.text("small.yaml", "x", {"members.accounts": {"vlaue": "5"}})


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_any_text_is_quoted_as_needed(text: str) -> None:
    """A source may be any line of text: colons, quotes, hashes, other scripts, what cannot be seen."""
    problems = Problems()
    node = tree.parse(overlay.text("base.yaml", text, {}), "x", problems)
    assert isinstance(node, tree.Map)
    assert node.get("title") is not None
    assert tree.text_of(node.get("title")) == text
    assert not problems.found
