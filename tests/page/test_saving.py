"""Saving: the same digest when it is opened again, and never over what somebody wrote or changed meanwhile."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from planner.page import saving
from planner.page.asked import stamp
from planner.scenario.reader import read

PILOT = "scenarios/pilot-5.yaml"
SETS = ["offer.accounts=8", "offer.cap=none", "spending.hourly_rate={value: 24 GBP/h, source: a quote}"]


def save(client: Any, file: str = PILOT, sets: list[str] = SETS, **more: str) -> Any:
    said = {"file": file, "sets": sets, "name": "eight", "title": "Eight accounts: what then?", "seen": "", **more}
    return client.post("save", said)


@pytest.mark.parametrize(
    "sets",
    [
        [],
        SETS,
        ["offer.mix={level-1: 50 %, level-2: 50 %}", "spending.prefer=[design]", "nodes.de.called='Bonn: #1'"],
        ["usage.everyone.profile=office", "networks.ocn.churn={value: 5 %/month, low: 4 %/month, high: 6 %/month}"],
    ],
)
def test_what_was_saved_opens_with_the_same_digest(client: Any, folder: Path, sets: list[str]) -> None:
    answer = save(client, sets=sets)
    assert answer.first() == {"file": "scenarios/eight.yaml", "query": "?file=scenarios%2Feight.yaml"}
    saved = read(folder / "scenarios/eight.yaml")
    assert saved.digest == read(folder / PILOT, sets).digest
    assert saved.title == "Eight accounts: what then?"
    text = (folder / "scenarios/eight.yaml").read_text()
    assert "base: pilot-5.yaml\n" in text
    assert len(text.splitlines()) < 15


def test_an_authors_file_keeps_its_bytes(client: Any, folder: Path) -> None:
    before = (folder / PILOT).read_bytes()
    answer = save(client, name="pilot-5", seen=stamp(folder / PILOT))
    assert (answer.status, "kept as it is" in answer.text) == (400, True)
    assert (folder / PILOT).read_bytes() == before


def test_a_second_page_does_not_take_the_firsts_file(client: Any, folder: Path) -> None:
    assert save(client).status == 200
    first = (folder / "scenarios/eight.yaml").read_bytes()
    answer = save(client, sets=["offer.accounts=9"])
    assert (answer.status, answer.text) == (400, "eight.yaml is there already: choose another name\n")
    assert (folder / "scenarios/eight.yaml").read_bytes() == first


def test_a_file_of_the_page_is_written_again_unless_it_changed_meanwhile(client: Any, folder: Path) -> None:
    save(client)
    mine = folder / "scenarios/eight.yaml"
    seen, own = stamp(mine), "scenarios/eight.yaml"
    assert save(client, own, ["offer.accounts=9"], seen=seen).status == 200
    assert "base: pilot-5.yaml" in mine.read_text()
    assert read(mine).digest == read(folder / PILOT, ["offer.accounts=9", *SETS[1:]]).digest
    kept = mine.read_bytes()
    answer = save(client, own, ["offer.accounts=10"], seen=seen)
    assert (answer.status, "was changed since this page read it" in answer.text) == (400, True)
    assert mine.read_bytes() == kept


def test_a_link_under_the_name_is_kept(client: Any, folder: Path) -> None:
    save(client)
    mine, link = folder / "scenarios/eight.yaml", folder / "scenarios/link.yaml"
    link.symlink_to(mine.name)
    answer = save(client, "scenarios/eight.yaml", ["offer.accounts=9"], name="link", seen=stamp(mine))
    assert (answer.status, answer.text) == (400, "link.yaml is a link, and is kept as it is: choose another name\n")
    assert link.is_symlink()


def test_of_two_pages_that_read_the_same_one_is_written(
    client: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(client)
    seen = stamp(folder / "scenarios/eight.yaml")

    def slowly(path: Path) -> str:
        now = stamp(path)
        time.sleep(0.5)  # the other has read the file meanwhile, unless it has to wait
        return now

    monkeypatch.setattr(saving, "stamp", slowly)
    sets = (["offer.accounts=9"], ["offer.accounts=10"])
    with ThreadPoolExecutor(2) as pages:
        answers = list(pages.map(lambda one: save(client, "scenarios/eight.yaml", one, seen=seen), sets))
    assert sorted(answer.status for answer in answers) == [200, 400]
    assert any("was changed since this page read it" in answer.text for answer in answers)


def test_without_a_name_the_title_is_the_name(client: Any, folder: Path) -> None:
    answer = save(client, name=" ", title="Eight accounts, seller at £24 ...")
    assert answer.first()["file"] == "scenarios/eight-accounts-seller-at-£24.yaml"
    assert (folder / answer.first()["file"]).exists()
    assert save(client, name="", title="...").status == 400


def test_a_long_name_is_refused_in_a_sentence(client: Any) -> None:
    assert save(client, name="x" * 300).text == "wanted a name of at most 60 letters; found 300\n"
    assert save(client, name="ä" * 60).status == 200


@pytest.mark.parametrize("added", ["# our own test\n", "expect:\n  offered: 8\n", "\n"])
def test_a_file_of_the_page_that_somebody_wrote_into_is_kept(client: Any, folder: Path, added: str) -> None:
    save(client)
    mine = folder / "scenarios/eight.yaml"
    mine.write_text(mine.read_text() + added)
    before = mine.read_bytes()
    answer = save(client, "scenarios/eight.yaml", ["offer.accounts=9"], seen=stamp(mine))
    assert (answer.status, "written by somebody" in answer.text) == (400, True)
    assert mine.read_bytes() == before


@pytest.mark.parametrize("name", [".hidden", "a/b", "../up", "a\\b", "a\nb", "C:x", "x" * 300, ["x"], 7])
def test_a_name_is_a_plain_one(client: Any, folder: Path, name: Any) -> None:
    before = sorted(folder.parent.rglob("*"))
    assert save(client, name=name).status == 400
    assert sorted(folder.parent.rglob("*")) == before


def test_what_is_no_scenario_is_not_saved(client: Any, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    answer = save(client, sets=["offer.accounts=8 pints"])
    assert (answer.status, "offer.accounts: " in answer.text) == (400, True)
    assert sorted(folder.rglob("*")) == before
