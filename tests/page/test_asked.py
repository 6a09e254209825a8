"""What is typed into the form becomes the options that the command line takes, and the reader's words come back."""

import re
from pathlib import Path
from typing import Any

import pytest
from light_scenario import LIGHT

from planner.page.additions import adds
from planner.page.asked import Asked, of_query
from planner.page.form import parts, rows
from planner.planning import entry_name, names_of
from planner.scenario.reader import ScenarioError, read

PILOT = "scenarios/pilot-5.yaml"
RATE = "spending.hourly_rate"


def typed(client: Any, path: str, sets: list[str] | None = None, **given: Any) -> dict[str, Any]:
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
        (RATE, {"value": "26", "left": ["value"]}, f"{RATE}=26"),
        (RATE, {"value": "60", "left": ["value"]}, f"{RATE}=60"),
        (
            RATE,
            {"value": "26", "high": "50", "left": ["high", "value"]},
            f"{RATE}={{value: 26 GBP/h, low: 24, high: 50}}",
        ),
        ("spending.policy", {"value": "whole_jobs"}, "spending.policy=whole_jobs"),
        ("offer.mix", {"of:level-1": "", "of:level-2": "100 %"}, "offer.mix={level-2: 100 %}"),
        ("offer.mix", {"of:level-1": "60", "of:level-3": "40 %"}, "offer.mix={level-1: 60 %, level-3: 40 %}"),
        ("spending.prefer", {"of:1": "design", "of:2": ""}, "spending.prefer=[design]"),
        ("usage.everyone.starts", {"of:half_past": ""}, "usage.everyone.starts={on_the_hour: 55 %}"),
        ("nodes.de.called", {"value": "Bonn: the server"}, 'nodes.de.called="Bonn: the server"'),
        ("spending.sellers.social.rate", {"value": "20 GBP/h"}, "spending.sellers.social.rate=20 GBP/h"),
    ],
)
def test_an_entry_becomes_the_option_of_the_command_line(
    client: Any, folder: Path, path: str, given: dict[str, Any], option: str
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
        (RATE, {"value": "30 GBP"}),
        (RATE, {"value": "30 users"}),
        (RATE, {"value": "60 GBP/h", "left": ["value", "low"]}),
        (RATE, {"low": ""}),
        (RATE, {"value": "thirty"}),
        ("offer.accounts", {"value": "5.5"}),
        ("offer.accounts", {"value": ""}),
        ("offer.mix", {"of:level-1": "60 %"}),
        ("offer.mix", {"of:level-1": "all of them"}),
        ("offer.mix", {"of:level-1": ""}),
        ("offer.mix", {"of:level-9": "100 %", "of:level-1": ""}),
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


def test_what_was_meant_is_offered_in_the_words_to_type(client: Any, folder: Path) -> None:
    said = typed(client, RATE, **(as_it_stands(folder, RATE) | {"value": "£24", "left": ["value"]}))
    (problem,) = said["problems"]
    assert problem["write"] == "24 GBP/h"
    assert problem["what"].endswith("found '£24': write 24 GBP/h")
    said = typed(client, RATE, **(as_it_stands(folder, RATE) | {"value": problem["write"], "left": ["value"]}))
    assert (said["problems"], said["sets"]) == ([], [f"{RATE}=24 GBP/h"])


def test_the_form_has_every_entry_once_with_its_help_and_origin(folder: Path) -> None:
    scenario = read(folder / PILOT)
    found = parts(scenario, list(adds(scenario)))
    groups = [group for part in found for block in part.blocks for group in block.groups]
    shown = [row for group in groups for row in (*group.rows, *group.more)]
    paths = [row.path for row in shown]
    assert len(paths) == len(set(paths))
    assert {*scenario.estimates, *scenario.entries} <= set(paths)
    by_path = {row.path: row for row in shown}
    assert by_path["offer.accounts"].origin == "pilot-5.yaml:6"
    assert by_path["offer.network"].options[0] == ("ocn", "Open Credit Network")
    assert not by_path["decision"].editable
    titles = {block.title: [group.heading for group in block.groups] for part in found for block in part.blocks}
    assert "limits" in titles["the German server"]
    assert "No overload noticed on the German server in 6 months" in {one[:1].upper() + one[1:] for one in titles}


def test_an_entry_has_the_name_that_a_change_of_it_has(folder: Path) -> None:
    """On the form, below the title, in a comparison: the thing it belongs to is its heading there, and named here."""
    scenario = read(folder / PILOT)
    for path, row in rows(scenario).items():
        if row.editable and not path.startswith("experience."):  # which is changed as one
            assert entry_name(path, names_of(scenario)).casefold().startswith(row.label.casefold()), path
    asked = {row.path: row for row in parts(scenario, [])[0].blocks[0].groups[0].rows}
    assert asked["levels.level-1.price"].label == "Fee of one account, Level 1"
    measure = rows(scenario)["objective.measure"]
    assert (measure.label, measure.hint) == ("How overload is counted", "What is counted")


def test_what_the_proposal_asks_comes_first_and_what_the_file_leaves_out_is_folded(folder: Path) -> None:
    scenario = read(folder / PILOT)
    asked, sellers, *others = parts(scenario, list(adds(scenario)))
    first = [row.path for block in asked.blocks for group in block.groups for row in group.rows]
    assert first[:5] == ["offer.accounts", "levels.level-1.price", "offer.cap", RATE, "spending.target"]
    assert [block.title for block in sellers.blocks] == ["social media", "graphic design"]
    assert [part.opened for part in (asked, sellers)] == [True, True]
    assert not any(part.opened for part in others)
    (social, *_) = sellers.blocks[0].groups
    assert [row.path.rpartition(".")[2] for row in social.rows] == ["rate", "hours", "smallest_job", "available"]


def test_what_people_choose_among_is_said_in_words(folder: Path) -> None:
    scenario = read(folder / PILOT)
    shown = rows(scenario)
    assert dict(shown["spending.policy"].options)["save_up"] == "saved up for the whole block of hours"
    assert [cell.label for cell in shown["offer.mix"].cells][:2] == ["Free", "Level 1"]
    assert dict(shown["offer.mix"].parts)["of:level-1"] == "100 %"
    assert [cell.label for cell in shown["usage.everyone.starts"].cells] == ["on the hour", "at half past"]
    assert dict(shown["spending.prefer"].cells[0].options)["social"] == "social media"
    assert shown["spending.sellers.social.rate"].hint == "left out = “Price of an hour of marketing”"
    code = [path for path, row in shown.items() for _, called in row.options if "_" in called]
    assert code == []


def test_a_file_that_is_edited_while_its_page_is_open_is_said_as_it_is_now(client: Any, folder: Path) -> None:
    """The answer is of the file as it is: a form that said what was in it before would be of another scenario."""
    file = folder / "scenarios/edited.yaml"
    file.write_text(LIGHT)
    (formed,) = re.findall(r'data-formed="(\w+)"', client.get(file="scenarios/edited.yaml").text)
    asked = {"file": "scenarios/edited.yaml", "sets": ["offer.cap=5"]}
    assert "form" not in client.post("answer", {**asked, "formed": formed}).first()
    file.write_text(LIGHT.replace("accounts: 20", "accounts: 2"))
    now = client.post("answer", {**asked, "formed": formed}).first()
    assert "changed meanwhile" in now["since"]
    entry = now["form"].partition('data-path="members.accounts"')[2].partition('class="entry')[0]
    assert re.search(r'value="2( accounts)?"', entry), entry
    again = client.post("answer", {**asked, "formed": now["formed"]}).first()
    assert "form" not in again
    assert "meanwhile" not in again["since"]
