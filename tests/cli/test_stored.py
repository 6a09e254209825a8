"""The stored plan at the commands: one that cannot be trusted admits nobody and is never written over in silence."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from light_scenario import LIGHT
from stored_plan import CONSENTED, begin, document, here, store, write_reading

from planner import seal
from planner.report import folder
from planner.store import register

PLAN = Path("out/pilot/plan.json")
ADMIT = ("--readings", "now.json", "--register", "register.sqlite", "--by", "ops", "--admit", "ocn-1")
GATE = ("gate", "pilot.yaml", "--level", "level-1")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a scenario, its stored plan, a register and a reading of this minute."""
    store(tmp_path)
    begin(tmp_path)
    write_reading(tmp_path)
    return tmp_path


def rows(folder: Path) -> int:
    with register.open_register(folder / "register.sqlite", write=False) as db:
        return len(register.entries(db))


def pipe(file: Path, _text: str) -> None:
    os.mkfifo(file)


def device(file: Path, _text: str) -> None:
    file.symlink_to("/dev/zero")


def around(file: Path, _text: str) -> None:
    file.symlink_to(file)


WRITTEN: dict[str, Callable[[Path, str], object]] = {
    "nothing": lambda file, _text: file.write_text(""),
    "one byte": lambda file, _text: file.write_text("{"),
    "the first half": lambda file, text: file.write_text(text[: len(text) // 2]),
    "all but the last byte": lambda file, text: file.write_text(text[:-1]),
    "twice": lambda file, text: file.write_text(text * 2),
    "blocks of zeros": lambda file, _text: file.write_bytes(b"\0" * 4096),
    "another alphabet": lambda file, text: file.write_bytes(text.encode("utf-16")),
    "a list": lambda file, text: file.write_text(f"[{text}]"),
    "a folder": lambda file, _text: file.mkdir(),
    "a pipe": pipe,
    "a device": device,
    "a link to itself": around,
    "a cap twice": lambda file, text: file.write_text(
        text.replace('{"max_accounts"', '{"max_accounts": 50, "max_accounts"')
    ),
    "a limit of NaN": lambda file, text: file.write_text(text.replace('"limit": 150.0', '"limit": NaN')),
    "a limit without end": lambda file, text: file.write_text(text.replace('"limit": 150.0', '"limit": 1e999')),
    "a higher limit": lambda file, text: file.write_text(text.replace('"limit": 150.0', '"limit": 1500.0')),
    "another consent": lambda file, text: file.write_text(text.replace(CONSENTED, "thread 999")),
    "no consent": lambda file, text: file.write_text(text.replace(f'"{CONSENTED}"', "null")),
    "an older form": lambda file, _text: file.write_text(json.dumps(document())),
    "a newer form": lambda file, text: file.write_text(text.replace("planner.plan/4", "planner.plan/5")),
    "a scenario that is a list": lambda file, text: file.write_text(json.dumps(json.loads(text) | {"scenario": []})),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_a_plan_that_cannot_be_trusted_is_unknown(place: Path, write: Callable[[Path, str], object]) -> None:
    """Not bad input: a program that asks must not take it for a slip of its own; and nothing is recorded."""
    text = (place / PLAN).read_text()
    (place / PLAN).unlink()
    write(place / PLAN, text)
    for words in (ADMIT, ADMIT[:4], (*ADMIT, "--accounts", "9"), ("--plan", str(PLAN), *ADMIT)):
        code, said = here(place, *GATE, *words)
        assert code == 4, said
        assert said.startswith(f"unknown: {PLAN}: ")
        assert "put back the plan that was consented to, or plan again and have it signed" in said
    assert rows(place) == 0


def test_a_plan_may_be_reached_by_a_link(place: Path) -> None:
    """What counts is what is in it, not how it is reached or how old its file is."""
    (place / PLAN).rename(place / "kept.json")
    (place / PLAN).symlink_to(place / "kept.json")
    os.utime(place / "kept.json", (0, 0))
    assert here(place, *GATE, *ADMIT)[0] == 0


def test_a_plan_whose_review_is_over_says_so_whatever_its_file_says(place: Path) -> None:
    store(place, made=datetime.now(UTC) - timedelta(days=200))
    shutil.copy(place / PLAN, place / "copy.json")
    for words in ((), ("--plan", "copy.json")):
        code, said = here(place, *GATE, *words, *ADMIT)
        assert code == 4
        assert "the plan ended on" in said


# Together with `planner plan`, on a scenario that is planned quickly


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, quick_plans: None) -> Path:
    """Return a folder with a light scenario and its plan, consented to."""
    folder = tmp_path_factory.mktemp("planned")
    (folder / "light.yaml").write_text(LIGHT)
    code, said = here(folder, "plan", "light.yaml", "--draws", "20", "--consented", f" {CONSENTED} ")
    assert code == 0, said
    return folder


@pytest.fixture
def signed(planned: Path, tmp_path: Path) -> Path:
    """Return a copy of it, with a register and a reading."""
    shutil.copytree(planned, tmp_path, dirs_exist_ok=True)
    begin(tmp_path)
    write_reading(tmp_path, a={"rooms": 0, "users": 0, "streams": 0})
    return tmp_path


LIGHT_GATE = ("gate", "light.yaml", "--level", "one")
LIGHT_PLAN = Path("out/light/plan.json")


def test_the_digits_to_quote_are_said_wherever_people_read_the_plan(planned: Path) -> None:
    plan = json.loads((planned / LIGHT_PLAN).read_text())
    digits = plan["result"][:12]
    assert plan["consented"] == CONSENTED
    for file in ("summary.md", "report.html"):
        text = (planned / "out/light" / file).read_text()
        assert f"{digits}{'`' if file == 'summary.md' else '</code>'}: quote these digits with the consent." in text
    code, said = here(planned, "plan", "light.yaml", "--draws", "20")
    assert code == 0
    assert said.endswith(f"result: {digits} (quote these digits with the consent)")


@pytest.mark.parametrize("consent", ["", "  ", "thread\x1b[2J", "x" * 201])
def test_a_consent_says_something(planned: Path, consent: str) -> None:
    before = (planned / LIGHT_PLAN).read_bytes()
    code, said = here(planned, "plan", "light.yaml", "--draws", "20", "--consented", consent)
    assert code == 2
    assert "--consented" in said
    assert (planned / LIGHT_PLAN).read_bytes() == before


UNSIGNED = {name: WRITTEN[name] for name in ("nothing", "the first half", "a folder", "another consent", "no consent")}


@pytest.mark.parametrize("write", [*UNSIGNED.values(), WRITTEN["a scenario that is a list"]])
def test_a_plan_that_may_have_been_signed_is_not_written_over(
    signed: Path, write: Callable[[Path, str], object]
) -> None:
    text = (signed / LIGHT_PLAN).read_text()
    (signed / LIGHT_PLAN).unlink()
    write(signed / LIGHT_PLAN, text)
    for words in (("--draws", "20"), ("--draws", "40")):
        code, said = here(signed, "plan", "light.yaml", *words)
        assert code == 2
        assert f"{LIGHT_PLAN}: " in said
        assert "people may have consented to it" in said
    assert here(signed, *LIGHT_GATE, *ADMIT)[0] == 4
    if (signed / LIGHT_PLAN).is_file():
        assert (signed / LIGHT_PLAN).read_text() != text
        if not (signed / LIGHT_PLAN).stat().st_size:  # no sign of a plan that could be replaced: to be moved by hand
            assert here(signed, "plan", "light.yaml", "--draws", "20", "--consented", "thread 502")[0] == 2
            (signed / LIGHT_PLAN).unlink()
        code, said = here(signed, "plan", "light.yaml", "--draws", "20", "--consented", "thread 502")
        assert code == 0, said
        new = seal.read((signed / LIGHT_PLAN).read_bytes())
        assert (seal.broken(new), new["consented"], new["result"]) == (None, "thread 502", json.loads(text)["result"])
        assert here(signed, *LIGHT_GATE, *ADMIT)[0] == 0


def test_a_plan_that_is_signed_while_another_draws_its_charts_stays(
    signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, draw = (signed / LIGHT_PLAN).read_text(), folder.write
    (signed / LIGHT_PLAN).unlink()

    def slowly(*asked: Any, **more: Any) -> None:
        draw(*asked, **more)
        (signed / LIGHT_PLAN).write_text(text)

    monkeypatch.setattr(folder, "write", slowly)
    code, said = here(signed, "plan", "light.yaml", "--draws", "20")
    assert code == 2
    assert "was signed, or changed, while this was planned: it is kept; plan again" in said
    assert (signed / LIGHT_PLAN).read_text() == text


def test_a_plan_of_another_scenario_is_not_this_ones(signed: Path) -> None:
    """Its name says light, its seal is whole, and it is the plan of something else."""
    (signed / "other.yaml").write_text(LIGHT.replace("accounts: 20", "accounts: 2"))
    assert here(signed, "plan", "other.yaml", "--draws", "20", "--consented", "thread 502")[0] == 0
    code, said = here(signed, *LIGHT_GATE, "--plan", "out/other/plan.json", *ADMIT)
    assert code == 2
    assert "is not a plan of light.yaml as it stands" in said
    shutil.copy(signed / "out/other/plan.json", signed / LIGHT_PLAN)
    code, said = here(signed, *LIGHT_GATE, *ADMIT)
    assert code == 4
    assert "nobody has consented to this plan" in said
    assert rows(signed) == 0


def test_comments_may_change_and_numbers_may_not(signed: Path) -> None:
    (signed / "light.yaml").write_text(f"# a comment\n{LIGHT}")
    assert here(signed, *LIGHT_GATE, *ADMIT)[0] == 0
    (signed / "light.yaml").write_text(LIGHT.replace("accounts: 20", "accounts: 2"))
    code, said = here(signed, *LIGHT_GATE, *ADMIT[:-1], "ocn-2")
    assert code == 4
    assert "nobody has consented to this plan" in said


# What a hostile reader found


def test_a_base_is_not_judged_by_the_plan_of_what_is_built_on_it(signed: Path) -> None:
    """A base is among the sources of the other's plan, and both plans may lie in one folder."""
    (signed / "light.yml").write_text("title: try\nbase: light.yaml\nchanges: {labour: {available: 400 h/month}}\n")
    for file in (signed / "out/light").rglob("*"):
        if file.is_file():
            file.unlink()
    assert here(signed, "plan", "light.yml", "--draws", "20", "--consented", CONSENTED)[0] == 0
    more = json.loads((signed / LIGHT_PLAN).read_text())["admission"]["max_accounts"]
    code, said = here(signed, *LIGHT_GATE, *ADMIT, "--accounts", str(more))
    assert code in (3, 4), said
    code, said = here(signed, *LIGHT_GATE, *ADMIT, "--accounts", str(more), "--plan", str(LIGHT_PLAN))
    assert code == 2
    assert "is not a plan of light.yaml as it stands" in said


def test_a_consent_that_nobody_sees_is_none(planned: Path) -> None:
    for consent in ("\u3164", "\u2800", "\u115f\u1160", "\u200b", "--", "."):
        assert here(planned, "plan", "light.yaml", "--draws", "20", "--consented", consent)[0] == 2
