"""What is typed into the form becomes the options that the command line takes, and the reader's words come back."""

from pathlib import Path
from typing import Any

import pytest

from planner.page.asked import Asked, of_query
from planner.page.form import parts, rows
from planner.scenario.reader import ScenarioError, read

PILOT = "scenarios/pilot-5.yaml"
RATE = "spending.hourly_rate"


def typed(client: Any, path: str, sets: list[str] | None = None, **given: str) -> dict[str, Any]:
    """Return what the page hears when a field is left, the others as they stand."""
    answer = client.post("answer", {"file": PILOT, "sets": sets or [], "edits": [{"path": path, **given}]})
    return dict(answer.first())


def as_it_stands(folder: Path, path: str) -> dict[str, str]:
    return dict(rows(read(folder / PILOT))[path].parts)


@pytest.mark.parametrize(
    ("path", "given", "option"),
    [
        ("offer.accounts", {"value": "8"}, "offer.accounts=8"),
        (RATE, {"value": "24", "low": "", "high": "", "source": ""}, f"{RATE}=24"),
        (RATE, {"value": "26"}, f"{RATE}={{value: 26 GBP/h, low: 24, high: 45}}"),
        ("spending.policy", {"value": "whole_jobs"}, "spending.policy=whole_jobs"),
        ("offer.mix", {"value": "{level-2: 100 %}"}, "offer.mix={level-2: 100 %}"),
        ("nodes.de.called", {"value": "Bonn: the server"}, 'nodes.de.called="Bonn: the server"'),
        ("spending.sellers.social.rate", {"value": "20 GBP/h"}, "spending.sellers.social.rate=20 GBP/h"),
    ],
)
def test_an_entry_becomes_the_option_of_the_command_line(
    client: Any, folder: Path, path: str, given: dict[str, str], option: str
) -> None:
    said = typed(client, path, **(as_it_stands(folder, path) | given))
    assert said["sets"] == [option]
    assert said["problems"] == []
    assert of_query(said["query"]) == Asked(PILOT, (option,))
    assert said["entries"][path]["changed"]
    assert said["digest"] == read(folder / PILOT, [option]).digest
    assert f"planner plan {PILOT} --set" in said["command"]


def test_a_new_value_does_not_keep_the_old_ones_source(client: Any, folder: Path) -> None:
    before = as_it_stands(folder, RATE)
    assert before["source"]
    said = typed(client, RATE, **(before | {"value": "26 GBP/h"}))
    assert said["entries"][RATE]["parts"]["source"] == ""
    said = typed(client, RATE, **(before | {"value": "26 GBP/h", "source": "a quote of Monday"}))
    assert said["entries"][RATE]["parts"]["source"] == "a quote of Monday"


def test_what_the_file_says_is_no_change(client: Any, folder: Path) -> None:
    said = typed(client, RATE, [f"{RATE}=24"], **as_it_stands(folder, RATE))
    assert (said["sets"], said["entries"]) == ([], {})


@pytest.mark.parametrize(
    ("path", "given"),
    [
        (RATE, {"value": "30 GBP/week"}),
        (RATE, {"value": "30 users"}),
        (RATE, {"value": "60 GBP/h"}),
        (RATE, {"low": ""}),
        (RATE, {"value": "thirty"}),
        ("offer.accounts", {"value": "5.5"}),
        ("offer.accounts", {"value": ""}),
        ("offer.mix", {"value": "{level-9: 100 %}"}),
        ("offer.mix", {"value": "{level-1: 60 %"}),
        ("spending.policy", {"value": "hope"}),
    ],
)
def test_what_is_wrong_is_said_at_its_entry_in_the_readers_words(
    client: Any, folder: Path, path: str, given: dict[str, str]
) -> None:
    said = typed(client, path, **(as_it_stands(folder, path) | given))
    with pytest.raises(ScenarioError) as told:
        read(folder / PILOT, said["sets"])
    assert [one["what"] for one in said["problems"]] == [one.what for one in told.value.problems]
    assert [one["said"] for one in said["problems"]] == [str(one) for one in told.value.problems]
    assert {one["path"] for one in said["problems"]} <= {path, ""}
    assert "entries" not in said


def test_the_form_has_every_entry_once_with_its_help_and_origin(folder: Path) -> None:
    scenario = read(folder / PILOT)
    shown = [row for part in parts(scenario) for _, group in part.groups for row in group]
    paths = [row.path for row in shown]
    assert len(paths) == len(set(paths))
    assert {*scenario.estimates, *scenario.entries} <= set(paths)
    by_path = {row.path: row for row in shown}
    assert by_path["offer.accounts"].origin == "pilot-5.yaml:6"
    assert by_path["offer.network"].options[0] == ("ocn", "Open Credit Network")
    assert not by_path["decision"].editable
    headings = [heading for part in parts(scenario) for heading, _ in part.groups]
    assert "the German server, limits" in headings
