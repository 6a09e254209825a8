"""What people call a thing: read where it is written, in the digest and the table of inputs, never a number."""

import json
from pathlib import Path

import pytest

from planner import planning
from planner.planning.assumptions import names_of
from planner.scenario import json_schema, sheet
from planner.scenario.reader import ScenarioError, read
from planner.wording.names import KEYS, Names

SMALL = Path(__file__).parents[1] / "bad_scenarios" / "good" / "small.yaml"
SETS = (
    "nodes.de.called=the German server",
    "levels.level-1.called=Level 1",
    "networks.ocn.called=Open Credit Network",
    "spending.sellers.social.called=social media",
)


def test_a_scenario_says_what_things_are_called() -> None:
    assert names_of(read(SMALL)) == KEYS
    assert names_of(read(SMALL, SETS)) == Names(
        nodes={"de": "the German server"},
        networks={"ocn": "Open Credit Network"},
        levels={"level-1": "Level 1"},
        sellers={"social": "social media"},
    )


def test_a_name_is_in_the_digest_and_the_table_of_inputs() -> None:
    named = read(SMALL, SETS)
    assert named.digest != read(SMALL).digest
    (row,) = [row for row in planning.assumptions(named) if row.path == "nodes.de.called"]
    assert (row.value, row.source, row.low) == ("the German server", "", None)
    assert "no number" in planning.used_by("nodes.de.called")
    assert ("nodes.de.called", "the German server") in [row[:2] for row in sheet.rows(SMALL, SETS)]


def test_an_editor_knows_the_entry() -> None:
    assert json.dumps(json_schema.whole()).count('"called"') == 4


@pytest.mark.parametrize("said", ["de", "ocn", "LEVEL-1", "Süd & Nord", "x" * 40, "7"])
def test_a_node_may_be_called_so(said: str) -> None:
    """By its own key, by what is the key of another kind of thing, with any sign that shows."""
    assert names_of(read(SMALL, [f"nodes.de.called={said}"])).node("de") == said


@pytest.mark.parametrize("said", ["x" * 41, "?!", '"a\\tb"', '" a"', '"a  b"', '"a\\u200bb"', "ca", "CA", "[a]"])
def test_a_node_cannot_be_called_so(said: str) -> None:
    with pytest.raises(ScenarioError, match=r"nodes\.de\.called"):
        read(SMALL, [f"nodes.de.called={said}"])
