"""Sellers, servers, levels, networks and what was seen are added and taken away on the page, as `--set` would."""

import re
from pathlib import Path
from typing import Any

import pytest

from planner.page.asked import Asked, of_query
from planner.page.form import rows
from planner.scenario.reader import ScenarioError, read

PILOT = "scenarios/pilot-5.yaml"
SELLERS = "spending.sellers"


def whole(client: Any, do: str, path: str, sets: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """Return what the page hears when something is added, taken away or put back."""
    answer = client.post("whole", {"file": PILOT, "sets": sets or [], "do": do, "path": path, **more})
    return dict(answer.first())


def shown(client: Any, sets: list[str], **more: Any) -> dict[str, Any]:
    return dict(client.post("answer", {"file": PILOT, "sets": sets, **more}).first())


ADDED = [
    (SELLERS, "Kate's adverts", "", {"rate": "24 GBP/h", "hours": ""}),
    ("nodes", "fr", "", {"limits.users": "100 to 200 users", "limits.load": "70 %"}),
    ("levels", "Level 1b", "", {"price": "12 GBP/month", "participants": "15", "rooms": "", "duration": "3 h"}),
    ("networks", "sardex", "", {"sign_ups": "2 accounts/month"}),
    ("cash.exchange", "usd", "", {"": "0.8 GBP"}),
    ("usage", "level-2", "", {"meetings": "3/week", "size": ""}),
    ("usage.everyone.kinds", "of all sorts", "", {"share": "100", "size": "5", "duration": ""}),
    ("experience", "", "most_users", {"most_users": "45 users", "node": "de", "for": "6 months", "source": "ops: who"}),
]


@pytest.mark.parametrize(("path", "name", "form", "said"), ADDED, ids=[path for path, *_ in ADDED])
def test_what_is_added_is_one_change_of_the_command_line_in_address_answer_and_file(
    client: Any, folder: Path, path: str, name: str, form: str, said: dict[str, str]
) -> None:
    added = whole(client, "add", path, name=name, form=form, said=said)
    assert added["problems"] == []
    (option,) = added["sets"]
    assert option.startswith(path)
    made = read(folder / PILOT, [option])
    state = shown(client, added["sets"])
    assert state["digest"] == made.digest != read(folder / PILOT).digest
    assert of_query(state["query"]) == Asked(PILOT, (option,))
    new = set(rows(made)) - set(rows(read(folder / PILOT)))
    assert new
    assert all(f'data-path="{one}"' in state["form"] for one in new)
    assert all(f'data-path="{one}"' in client.get(**{"file": PILOT, "set": option}).text for one in new)
    saved = {"file": PILOT, "sets": added["sets"], "name": "more", "title": "More", "seen": ""}
    assert client.post("save", saved).status == 200
    assert read(folder / "scenarios/more.yaml").digest == made.digest


@pytest.mark.parametrize(
    ("path", "name", "form", "said", "option"),
    [
        (SELLERS, "Anna", "", {"rate": "30", "hours": "5"}, f"{SELLERS}.Anna={{rate: 30 GBP/h, hours: 5 h/month}}"),
        ("cash.exchange", "usd", "", {"": "0.8"}, "cash.exchange.USD=0.8 GBP"),
        ("experience", "", "most_users", {"most_users": "45", "node": "de", "for": "6"}, "for: 6 months}]"),
        ("experience", "", "most_users", {"most_users": "45", "node": "de", "for": "1"}, "for: 1 month}]"),
    ],
)
def test_a_number_alone_has_the_unit_that_is_meant(
    client: Any, path: str, name: str, form: str, said: dict[str, str], option: str
) -> None:
    """As in the fields that are there already: 30 an hour is £30, and how long back is asked in months."""
    added = whole(client, "add", path, name=name, form=form, said=said)
    assert added["problems"] == []
    assert added["sets"][-1].endswith(option)


def test_what_is_chosen_in_a_new_entry_is_said_in_words_once(client: Any) -> None:
    page = client.get(file=PILOT).text
    form = page[page.index('data-form="most_users"') :].partition("</form>")[0]
    chosen = re.findall(r"<option[^>]*>([^<]*)</option>", form.partition("How they were seen")[2].partition("</p>")[0])
    assert chosen == ["now and then: the true most may be half as high again", "all the time, by a log"]
    assert "wanted: " not in form
    assert "in months" in form


@pytest.mark.parametrize(
    ("path", "name", "form", "said", "at", "what"),
    [
        (SELLERS, "Kate", "", {"rate": "24 users"}, "rate", "the unit is wrong"),
        (SELLERS, "Kate", "", {"rate": "24 users", "hours": "5"}, "rate", "the unit is wrong"),
        (SELLERS, "Kate", "", {"hours": "many"}, "hours", "this is not a number"),
        (SELLERS, "social", "", {"hours": ""}, "", "there is a seller of this name already"),
        (SELLERS, "none", "", {"hours": ""}, "", "this cannot be the name of a seller"),
        ("levels", "Tiny", "", {"price": ""}, "price", "this is missing; wanted GBP/month"),
        ("cash.exchange", "dollars", "", {"": "0.8 GBP"}, "", "this cannot be the name of a currency"),
        ("usage", "level-9", "", {"meetings": "3/week"}, "", "unknown level"),
        ("experience", "", "most_users", {"most_users": "", "node": "de"}, "most_users", "this is missing"),
        ("experience", "", "carried", {"carried": "9", "node": "xy"}, "node", "unknown name"),
        ("experience", "", "talk", {"talk": "40 users", "in": "3 weeks"}, "talk", "the unit is wrong"),
    ],
)
def test_what_is_wrong_with_it_is_said_at_its_field_and_nothing_is_added(
    client: Any, path: str, name: str, form: str, said: dict[str, str], at: str, what: str
) -> None:
    before = ["offer.accounts=8"]
    found = whole(client, "add", path, before, name=name, form=form, said=said)
    assert found["sets"] == before
    assert at in {one["path"] for one in found["problems"]}
    assert any(one["what"].startswith(what) for one in found["problems"] if one["path"] == at), found["problems"]


def test_an_entry_of_what_was_added_is_changed_inside_it(client: Any, folder: Path) -> None:
    sets = whole(client, "add", SELLERS, name="Kate", said={"rate": "24 GBP/h"})["sets"]
    path = f"{SELLERS}.Kate.rate"
    edit = {"path": path, "value": "25", "low": "", "high": "", "source": "", "left": ["value"]}
    said = shown(client, sets, drawn=sets, edits=[edit])
    assert said["sets"] == [f"{SELLERS}.Kate={{rate: 25 GBP/h}}"]
    assert said["problems"] == []
    assert "form" not in said
    assert said["entries"][path]["parts"]["value"] == "25 GBP/h"
    edit |= {"value": "25 GBP/h", "low": "20", "high": "30", "source": "her quote", "left": ["low", "high", "source"]}
    said = shown(client, said["sets"], drawn=sets, edits=[edit])
    assert said["digest"] == read(folder / PILOT, said["sets"]).digest
    assert said["entries"][path]["parts"] == {"value": "25 GBP/h", "low": "20", "high": "30", "source": "her quote"}
    edit |= dict.fromkeys(("value", "low", "high", "source"), "")
    assert shown(client, said["sets"], drawn=sets, edits=[edit])["sets"] == [f"{SELLERS}.Kate={{}}"]


def test_what_still_names_a_server_that_is_taken_away_says_so_and_is_mended_there(client: Any, folder: Path) -> None:
    taken = whole(client, "take", "nodes.ca")["sets"]
    (problem,) = shown(client, taken)["problems"]
    assert problem["path"] == "placement.members"
    assert problem["what"] == "this still names the Canadian server, which is taken away: change it here too"
    edit = {"path": "placement.members", "of:de": "100 %", "of:ca": "", "left": ["of:de", "of:ca"]}
    state = shown(client, taken, edits=[edit])
    assert state["problems"] == []
    assert state["digest"] == read(folder / PILOT, ["nodes.ca=none", "placement.members={de: 100 %}"]).digest


def test_kinds_of_meeting_come_one_after_the_other_until_they_are_all(client: Any, folder: Path) -> None:
    kinds = "usage.everyone.kinds"
    one = whole(client, "add", kinds, name="webinars", said={"share": "10", "size": "40", "duration": "2"})
    assert one["problems"] == []
    (problem,) = shown(client, one["sets"])["problems"]
    assert "the shares of the kinds do not add up; wanted a sum of 100 %; found '10 %'" in problem["said"]
    both = whole(client, "add", kinds, one["sets"], name="others", said={"share": "90", "size": "", "duration": ""})
    state = shown(client, both["sets"])
    assert state["problems"] == []
    assert state["digest"] == read(folder / PILOT, both["sets"]).digest
    assert whole(client, "take", f"{kinds}.webinars", both["sets"])["sets"] == both["sets"][1:]


def test_what_is_taken_away_is_none_leaves_the_lists_and_comes_back(client: Any, folder: Path) -> None:
    before = [f"{SELLERS}.social.hours=20 h/month", "offer.accounts=8"]
    taken = whole(client, "take", f"{SELLERS}.social", before)["sets"]
    assert taken == ["offer.accounts=8", f"{SELLERS}.social=none", "spending.prefer=[design]"]
    state = shown(client, taken)
    assert state["digest"] == read(folder / PILOT, taken).digest
    assert (state["problems"], "form" in state) == ([], False)
    assert whole(client, "undo", f"{SELLERS}.social", taken)["sets"] == ["offer.accounts=8"]
    saved = {"file": PILOT, "sets": taken, "name": "fewer", "title": "Fewer", "seen": ""}
    assert client.post("save", saved).status == 200
    assert read(folder / "scenarios/fewer.yaml").digest == state["digest"]


def test_what_was_added_here_is_taken_away_without_a_trace(client: Any) -> None:
    sets = whole(client, "add", SELLERS, name="Kate", said={"rate": "24 GBP/h"})["sets"]
    assert whole(client, "take", f"{SELLERS}.Kate", sets)["sets"] == []
    state = shown(client, [], drawn=sets)
    assert "Kate" not in state["form"]
    assert state["drawn"] == []
    preferred = [*sets, "spending.prefer=[Kate, social, design]"]
    left = whole(client, "take", f"{SELLERS}.Kate", preferred)["sets"]
    assert left == ["spending.prefer=[social, design]"]
    assert shown(client, left)["problems"] == []


def test_what_others_still_name_is_said_there(client: Any, folder: Path) -> None:
    taken = whole(client, "take", "nodes.de")["sets"]
    problems = shown(client, taken)["problems"]
    assert {"placement.offer", "placement.members"} <= {one["path"] for one in problems}
    with pytest.raises(ScenarioError):
        read(folder / PILOT, taken)


def test_what_was_seen_is_changed_taken_away_and_put_back(client: Any, folder: Path) -> None:
    edit = {"path": "experience.1.for", "value": "12 months", "low": "", "high": "", "source": "", "left": ["value"]}
    said = shown(client, [], edits=[edit])
    assert said["problems"] == []
    assert said["digest"] == read(folder / PILOT, said["sets"]).digest
    assert [one.partition("=")[0] for one in said["sets"]] == ["experience"]
    assert "for: 12 months" in said["sets"][0]
    edit |= {"value": "6 months"}
    assert shown(client, said["sets"], edits=[edit])["sets"] == []
    one = whole(client, "take", "experience.1")["sets"]
    assert "overloads" not in one[0]
    none = whole(client, "take", "experience.1", one)["sets"]
    assert none == ["experience=none"]
    assert shown(client, none)["digest"] == read(folder / PILOT, none).digest
    assert whole(client, "undo", "experience", none)["sets"] == []


def test_of_two_changes_in_the_list_of_what_was_seen_each_is_marked_and_undone_by_itself(client: Any) -> None:
    times = {"experience.1.for": "12 months", "experience.2.accounts": "110"}
    edits = [{"path": path, "value": value, "low": "", "high": "", "left": ["value"]} for path, value in times.items()]
    said = shown(client, [], edits=edits)
    marked = {path: one["was"] for path, one in said["entries"].items() if one["changed"]}
    assert marked == {"experience.1.for": "6 months", "experience.2.accounts": "105"}
    new = {"most_users": "45 users", "node": "de", "for": "6 months", "source": "ops: who"}
    more = whole(client, "add", "experience", said["sets"], name="", form="most_users", said=new)["sets"]
    said = shown(client, more)
    assert {path for path, one in said["entries"].items() if one["changed"]} == set(times), "still, and nothing new"
    assert "for: 6 months" in said["drawn"][0]
    left = whole(client, "undo", "experience.1.for", more)["sets"]
    assert "accounts: 110" in left[0]
    assert "12 months" not in left[0]
    said = shown(client, left, drawn=said["drawn"])
    assert {path for path, one in said["entries"].items() if one["changed"]} == {"experience.2.accounts"}
    only = whole(client, "take", "experience.3", whole(client, "undo", "experience.2.accounts", left)["sets"])
    assert only["sets"] == []


def test_where_one_of_the_list_is_taken_away_the_others_are_not_taken_for_changed(client: Any) -> None:
    taken = whole(client, "take", "experience.1")["sets"]
    said = shown(client, [*taken, "offer.accounts=8"])
    assert said["drawn"] == taken
    assert {path for path, one in said["entries"].items() if one["changed"]} == {"offer.accounts"}


def test_where_one_is_taken_away_and_one_of_its_form_added_no_other_is_taken_for_changed(
    client: Any, folder: Path
) -> None:
    seen = "{{most_users: {} users, node: de, for: 6 months, source: 'ops: who'}}"
    of_file = f"changes:\n  experience: [{seen.format(45)}, {seen.format(50)}]\n"
    (folder / PILOT).write_text(f"title: Two of one form\nbase: meetcoop.yaml\n{of_file}")
    taken = whole(client, "take", "experience.1")["sets"]
    new = {"most_users": "55 users", "node": "de", "for": "6 months", "source": "ops: who"}
    sets = whole(client, "add", "experience", taken, name="", form="most_users", said=new)["sets"]
    said = shown(client, [*sets, "offer.accounts=8"], drawn=taken)
    assert said["drawn"] == sets, "the list is undone as a whole"
    assert {path for path, one in said["entries"].items() if one["changed"]} == {"offer.accounts"}
    assert whole(client, "undo", "experience", sets)["sets"] == []


@pytest.mark.parametrize(
    "said",
    [
        {"do": "add", "path": "decision", "said": {}},
        {"do": "add", "path": SELLERS, "name": "a", "said": {"x.y": "1"}},
        {"do": "add", "path": SELLERS, "name": "a", "said": ["1"]},
        {"do": "take", "path": "offer"},
        {"do": "take", "path": "experience.9"},
        {"do": "take", "path": "experience.x"},
        {"do": "take", "path": "usage.everyone"},
        {"do": "take", "path": ["nodes"]},
        {"do": "drop", "path": "nodes.de"},
    ],
)
def test_what_no_page_asks_is_refused_in_a_sentence(client: Any, said: dict[str, Any]) -> None:
    answer = client.post("whole", {"file": PILOT, "sets": [], **said})
    assert answer.status == 400
    assert answer.text.startswith("wanted ")
