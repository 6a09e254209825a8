"""The page in a real browser, from a real `planner open`: edits, errors, the address, two at once, saving, keys."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from light_scenario import LIGHT

from planner.scenario.reader import read

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
FILE = "scenarios/light.yaml"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
DRAWS = "40"
PATIENCE = 240_000
"""[ms]"""
CODE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from planner.cli import main; main()"
"""Whoever starts the tests in the background is deaf to Ctrl-C, and so is what they start."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("coop")
    for name in ("scenarios", "data"):
        shutil.copytree(ROOT / name, made / name)
    (made / FILE).write_text(f"# as an author writes it\n{LIGHT}")
    return made


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Return a process of `planner open`, and the address on its first line."""
    words = [sys.executable, "-c", CODE, "open", "--no-browser", FILE, "--draws", DRAWS]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--disable-component-update"])
        yield started
        started.close()


@pytest.fixture
def tab(browser: Any, opened: tuple[Any, str]) -> Iterator[Any]:
    """Return a tab with the page in it, in which what leaves the machine or goes wrong is noted."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    made = context.new_page()
    made.set_default_timeout(PATIENCE)
    asked, said = [], []
    made.on("request", lambda request: asked.append(request.url))
    made.on("console", lambda message: said.append(message.text))
    made.on("pageerror", lambda error: said.append(str(error)))
    made.goto(opened[1])
    yield made
    here = opened[1].split("?")[0]
    assert [url for url in asked if not url.startswith((here, "data:"))] == []
    assert [one for one in said if "status of 400" not in one] == [], "a refusal is no fault"
    context.close()


def leave(tab: Any, path: str, value: str, part: str = "value") -> None:
    """Type something into a field and leave it, as with the Tab key."""
    entry = tab.locator(f'.entry[data-path="{path}"]')
    closed = entry.locator("xpath=ancestor::details[not(@open)]/summary")
    while closed.count():
        closed.first.click()  # the outermost
    field = entry.locator(f"[data-part={part}]")
    if field.evaluate("e => e.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)
        field.press("Tab")


def settled(tab: Any) -> None:
    """Wait for the whole answer."""
    tab.locator("#shown:not(.stale)[data-whole=true]").wait_for()


def sets(tab: Any) -> list[str]:
    return parse_qs(urlsplit(tab.url).query).get("set", [])


def planned(folder: Path, options: list[str], *more: str) -> dict[str, Any]:
    """Return plan.json of the command line with the same changes."""
    words = [sys.executable, "-m", "planner", "plan", FILE, *more, "--draws", DRAWS, "--json"]
    for one in options:
        words += ["--set", one]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


EDITS = {
    "offer.accounts": ("3", "6", "8", "12"),
    "offer.cap": ("5", "8"),
    "spending.hourly_rate": ("25 GBP/h", "28", "40 GBP/h"),
    "spending.policy": ("whole_jobs", "save_up_to_cap"),
    "spending.target": ("8 h", "12"),
    "nodes.a.limits.rooms": ("8 rooms", "10"),
    "networks.n.largest_balance": ("300 credit", "800 credit"),
    "labour.available": ("8 h/month", "20"),
    "levels.one.price": ("8", "10 GBP/month"),
    "usage.everyone.size": ("4 users", "7"),
    "objective.confidence": ("80 %", "75 %"),
    "horizon": ("18", "24 months"),
}


def test_ten_random_edits_give_what_the_command_line_gives(tab: Any, folder: Path) -> None:
    """Each is typed on top of those before; two answers on the way and the last are held against `planner plan`."""
    random = Random(14)
    for number, path in enumerate(random.sample(sorted(EDITS), 10), start=1):
        leave(tab, path, random.choice(EDITS[path]))
        tab.locator(f'.entry[data-path="{path}"].changed:not(.invalid)').wait_for()
        assert len(sets(tab)) == number
        if number in (4, 10):
            settled(tab)
            assert tab.locator("#shown").get_attribute("data-result") == planned(folder, sets(tab))["result"][:12]


def test_an_edit_stays_that_is_left_by_undoing_another(tab: Any) -> None:
    """Of two changes that are asked for at once, none takes the other back: whichever is answered first."""
    leave(tab, "offer.accounts", "6")
    leave(tab, "horizon", "24 months")
    tab.locator('.entry[data-path="horizon"].changed').wait_for()
    settled(tab)

    def late(route: Any) -> None:
        answer = route.fetch()
        time.sleep(2)
        route.fulfill(response=answer)

    tab.route("**/whole", late)
    tab.locator('.entry[data-path="offer.accounts"] [data-part=value]').fill("8")
    tab.locator('.entry[data-path="horizon"] .undo').click()
    tab.locator('.entry[data-path="horizon"]:not(.changed)').wait_for()
    settled(tab)
    assert [one.removesuffix(" accounts") for one in sets(tab)] == ["offer.accounts=8"]


def test_a_wrong_unit_is_said_at_its_field_and_undone(tab: Any) -> None:
    settled(tab)
    before = tab.locator("#shown").inner_text()
    leave(tab, "spending.hourly_rate", "30 users")
    entry = tab.locator('.entry[data-path="spending.hourly_rate"]')
    said = entry.locator(".wrong:not(:empty)").inner_text()
    assert said.startswith("the unit is wrong; wanted GBP/h or credit/h")
    assert said.endswith("found '30 users'")
    field = entry.locator("[data-part=value]")
    assert field.get_attribute("aria-invalid") == "true"
    assert entry.locator(".said").get_attribute("id") == field.get_attribute("aria-describedby")
    assert tab.locator("#shown").inner_text() == before, "the answer of before stays"
    entry.locator(".undo").click()
    entry.locator(".wrong:empty").wait_for(state="attached")
    assert field.input_value() == "30 GBP/h"
    assert sets(tab) == []


def test_a_new_value_takes_the_place_of_the_range_too_as_on_the_command_line(tab: Any) -> None:
    path = "nodes.a.limits.rooms"
    entry = tab.locator(f'.entry[data-path="{path}"]')
    leave(tab, path, "14 rooms")
    entry.locator('.was:has-text("Now exactly this; for a range fill in from and to")').wait_for()
    assert [entry.locator(f"[data-part={end}]").input_value() for end in ("low", "high")] == ["", ""]
    assert sets(tab) == [f"{path}=14 rooms"]
    leave(tab, path, "10", "low")
    entry.locator('.wrong:has-text("fill in both from and to, or neither")').wait_for()
    leave(tab, path, "20", "high")
    entry.locator(".wrong:empty").wait_for(state="attached")
    entry.locator('.was:not(:has-text("Now exactly"))').wait_for()
    assert sets(tab) == [f"{path}={{value: 14 rooms, low: 10, high: 20}}"]


def test_from_the_top_one_click_leads_to_what_can_be_kept_and_back(tab: Any) -> None:
    assert "of before" not in tab.locator("#doing").inner_text(), "there is no answer of before yet"
    leave(tab, "offer.accounts", "8")
    settled(tab)
    seen = "one => { const box = one.getBoundingClientRect(); return box.top >= 40 && box.top < innerHeight }"
    assert not tab.locator("#h-keep").evaluate(seen)
    for name, place in (("Save, print, send", "#h-keep"), ("Side by side", "#h-beside"), ("The answer", "#answer")):
        tab.locator(f'.jump a:text-is("{name}")').click()
        assert tab.locator(place).evaluate(seen)
    assert sets(tab) == ["offer.accounts=8"], "the address is the state"


def test_one_click_writes_what_was_meant_into_the_end_of_a_range_too(tab: Any) -> None:
    path = "spending.hourly_rate"
    entry = tab.locator(f'.entry[data-path="{path}"]')
    leave(tab, path, "£24", "low")
    entry.locator(".wrong:not(:empty)").wait_for()
    leave(tab, path, "40", "high")
    entry.locator('.wrong button:text-is("Write 24 GBP/h")').click()
    entry.locator(".wrong:empty").wait_for(state="attached")
    assert sets(tab) == [f"{path}={{value: 30 GBP/h, low: 24 GBP/h, high: 40}}"]


def test_one_click_writes_what_was_meant(tab: Any) -> None:
    leave(tab, "spending.hourly_rate", "£24")
    entry = tab.locator('.entry[data-path="spending.hourly_rate"]')
    entry.locator('.wrong button:text-is("Write 24 GBP/h")').click()
    entry.locator(".wrong:empty").wait_for(state="attached")
    assert entry.locator("[data-part=value]").input_value() == "24 GBP/h"
    assert sets(tab) == ["spending.hourly_rate=24 GBP/h"]


def test_no_limit_is_a_value_and_its_field_stays(tab: Any) -> None:
    """Typed into a field, none takes no entry away."""
    leave(tab, "nodes.a.limits.rooms", "none")
    entry = tab.locator('.entry.changed[data-path="nodes.a.limits.rooms"]')
    entry.locator(".undo").click()
    tab.locator('.entry:not(.changed)[data-path="nodes.a.limits.rooms"]').wait_for()
    assert sets(tab) == []


def test_a_seller_is_added_changed_and_taken_away_as_the_command_line_would(tab: Any, folder: Path) -> None:
    add = tab.locator('.add[data-path="spending.sellers"]')
    add.locator("summary").click()
    add.locator("[id$=-name]").fill("Kate's adverts")
    add.locator("[data-inner=rate] input").fill("24 users")
    add.locator('button:text-is("Add")').click()
    add.locator('.wrong:has-text("the unit is wrong")').wait_for()
    assert sets(tab) == []
    add.locator("[data-inner=rate] input").fill("24 GBP")
    add.locator('button:text-is("Add")').click()
    add.locator('.wrong button:text-is("Write 24 GBP/h")').click()
    add.locator("[data-inner=rate]:not(.invalid) .wrong:empty").wait_for(state="attached")
    add.locator('button:text-is("Add")').click()
    path = "spending.sellers.Kate-s-adverts"
    tab.locator(f'.block.added[data-thing="{path}"]').wait_for()
    assert tab.evaluate("document.activeElement.closest('.entry').dataset.path") == f"{path}.rate"
    leave(tab, f"{path}.hours", "20 h/month")
    tab.wait_for_url("**hours**")
    tab.locator('.block[data-thing="spending.sellers.s"] .take').click()
    tab.locator('.block.gone[data-thing="spending.sellers.s"]').wait_for()
    assert not tab.locator('.entry[data-path="spending.sellers.s.hours"]').is_visible()
    settled(tab)
    assert sets(tab)[-1] == "spending.sellers.s=none"
    assert tab.locator("#shown").get_attribute("data-result") == planned(folder, sets(tab))["result"][:12]
    again = tab.url
    tab.locator('.block[data-thing="spending.sellers.s"] .take').click()
    tab.locator('.block[data-thing="spending.sellers.s"]:not(.gone)').wait_for()
    tab.locator(f'.block[data-thing="{path}"] .take').click()
    tab.locator(f'.block[data-thing="{path}"]').wait_for(state="detached")
    assert sets(tab) == []
    tab.goto(again)
    tab.locator('.block.gone[data-thing="spending.sellers.s"]').wait_for()
    assert tab.locator(f'.entry[data-path="{path}.hours"] [data-part=value]').input_value() == "20 h/month"


def test_what_was_seen_is_added_with_its_server_chosen_by_name(tab: Any, folder: Path) -> None:
    tab.locator('.part[data-key="experience"] > summary').click()
    add = tab.locator('.add[data-path="experience"][data-form="overloads"]')
    add.locator("summary").click()
    add.locator('button:text-is("Add")').click()
    add.locator('.wrong:has-text("this is missing")').first.wait_for()
    for inner, said in (("overloads", "0"), ("for", "6 months")):
        add.locator(f'[data-inner="{inner}"] input').fill(said)
    add.locator('button:text-is("Add")').click()
    tab.locator('.block[data-thing="experience.1"]').wait_for()
    assert sets(tab) == ["experience=[{overloads: 0, node: a, for: 6 months}]"]
    tab.locator('.part[data-key="experience"] .put-back').click()
    tab.locator('.block[data-thing="experience.1"]').wait_for(state="detached")
    assert sets(tab) == []


def test_of_two_changes_in_what_was_seen_one_is_undone(tab: Any) -> None:
    """They are one change of the command line, and two to whoever made them."""
    tab.goto(f"{tab.url.partition('?')[0]}?file=scenarios/pilot-5.yaml")
    for path, value in (("experience.1.for", "12 months"), ("experience.2.accounts", "110")):
        leave(tab, path, value)
        tab.locator(f'.entry[data-path="{path}"].changed').wait_for()
    one, other = (tab.locator(f'.entry[data-path="{path}"]') for path in ("experience.1.for", "experience.2.accounts"))
    assert "In the file: 6 months" in one.inner_text()
    assert tab.locator('.part[data-key="experience"] > summary .count').inner_text() == "2 changed"
    one.locator(".undo").click()
    tab.locator('.entry[data-path="experience.1.for"]:not(.changed)').wait_for()
    assert one.locator("[data-part=value]").input_value() == "6 months"
    assert other.locator("[data-part=value]").input_value() == "110"
    other.locator(".undo").click()
    tab.locator('.entry[data-path="experience.2.accounts"]:not(.changed)').wait_for()
    assert sets(tab) == []


def test_on_a_phone_a_line_says_the_answer_and_leads_there_and_back(browser: Any, opened: tuple[Any, str]) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.goto(opened[1])
    settled(tab)
    assert not tab.locator("#now").is_visible(), "the answer is there"
    leave(tab, "offer.accounts", "8")
    settled(tab)
    tab.locator('#now:has-text("eight accounts")').wait_for()
    tab.locator("#now").click()
    tab.locator('#now:has-text("Back to: Accounts that are offered")').wait_for()
    seen = "one => { const box = one.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight }"
    assert tab.locator("#shown .answer").first.evaluate(seen)
    tab.locator("#now").click()
    field = tab.locator('.entry[data-path="offer.accounts"] [data-part=value]')
    tab.locator('#now[data-to="answer"]').wait_for()
    assert field.evaluate(seen)
    assert field.input_value() == "8"
    tab.locator('.jump [href="#h-keep"]').click()
    tab.locator("#save [name=title]").fill("Eight, on a phone")
    tab.locator("#save button").click()
    tab.locator("#saved:has-text('Saved as')").wait_for()
    below = tab.locator("#now").bounding_box()["y"]
    saved = tab.locator("#saved").bounding_box()
    assert saved["y"] + saved["height"] <= below, "what happened is not hidden by the line at the bottom"
    leave(tab, "offer.accounts", "eight")
    tab.locator('#now:has-text("One entry cannot be read: Accounts that are offered")').wait_for()
    context.close()


def test_what_was_changed_stands_below_the_title(tab: Any) -> None:
    assert not tab.locator("#since").is_visible()
    leave(tab, "offer.accounts", "8")
    tab.locator('#since:has-text("Changed for this plan: accounts that are offered: 5 → 8")').wait_for()


def test_the_address_opens_the_same_again_and_back_undoes(tab: Any, browser: Any) -> None:
    leave(tab, "offer.accounts", "8")
    tab.locator('.entry[data-path="offer.accounts"].changed').wait_for()
    settled(tab)
    context = browser.new_context()
    other = context.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(tab.url)
    assert other.locator('.entry.changed[data-path="offer.accounts"] [data-part=value]').input_value() == "8"
    settled(other)
    assert other.locator("#shown .answer").first.inner_text() == tab.locator("#shown .answer").first.inner_text()
    context.close()
    tab.go_back()
    tab.locator('.entry[data-path="offer.accounts"]:not(.changed)').wait_for()
    assert tab.locator('.entry[data-path="offer.accounts"] [data-part=value]').input_value() == "5"


def test_the_last_request_wins(tab: Any) -> None:
    for accounts in ("6", "7", "9"):
        leave(tab, "offer.accounts", accounts)
    tab.locator('#shown:not(.stale)[data-whole=true] .answer:has-text("nine accounts")').first.wait_for()
    assert sets(tab) == ["offer.accounts=9"]


def test_what_is_typed_in_haste_is_kept(tab: Any) -> None:
    """The second field is left before the planner has answered to the first."""
    tab.locator(".part").evaluate_all("parts => parts.forEach(one => { one.open = true; })")
    for path, value in (("offer.accounts", "7"), ("spending.hourly_rate", "40 GBP/h"), ("horizon", "18 months")):
        tab.locator(f'.entry[data-path="{path}"] [data-part=value]').fill(value)
    tab.locator('.entry.changed[data-path="spending.hourly_rate"]').wait_for()
    assert tab.locator('.entry[data-path="horizon"] [data-part=value]').input_value() == "18 months", "not left yet"
    tab.keyboard.press("Tab")
    tab.locator('.entry.changed[data-path="horizon"]').wait_for()
    assert sorted(sets(tab)) == ["horizon=18 months", "offer.accounts=7", "spending.hourly_rate=40 GBP/h"]


def test_side_by_side_shows_the_way_from_one_to_the_other(tab: Any) -> None:
    leave(tab, "levels.one.price", "2 GBP/month")
    offered = tab.locator("select.beside").first.locator("option").all_inner_texts()
    assert f"A light one, as it was · {FILE}" in offered
    assert "Five Level 1 accounts, then a review · scenarios/pilot-5.yaml" in offered
    tab.locator("select.beside").first.select_option(FILE)
    tab.locator("#beside figure#chart-steps-1").wait_for()
    said = tab.locator("#beside").inner_text()
    assert "light, as changed here" in said
    assert "9 GBP/month → 2 GBP/month" in said
    assert f"beside={FILE.replace('/', '%2F')}" in tab.url


def test_what_is_saved_opens_with_the_same_digest(tab: Any, folder: Path) -> None:
    before = (folder / FILE).read_bytes()
    leave(tab, "offer.accounts", "8")
    leave(tab, "spending.hourly_rate", "24 GBP/h")
    tab.locator('.entry.changed[data-path="spending.hourly_rate"]').wait_for()
    assert "scenarios/light.yaml itself stays as it is" in tab.locator("#save").inner_text()
    for name, said in (("eight", "Saved as scenarios/eight.yaml"), ("light", "kept as it is"), ("eight", "already")):
        tab.locator("#save [name=name]").fill(name)
        tab.locator("#save [name=title]").fill("Eight at 24")
        tab.locator("#save button").click()
        tab.locator(f'#saved:has-text("{said}")').wait_for()
    assert read(folder / "scenarios/eight.yaml").digest == read(folder / FILE, sets(tab)).digest
    assert (folder / FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("name", "start"),
    [("report.html", b"<!DOCTYPE html>"), ("summary.md", b"## "), ("tables.zip", b"PK"), ("plan.xlsx", b"PK")],
)
def test_each_file_is_kept_by_one_click(tab: Any, name: str, start: bytes) -> None:
    leave(tab, "offer.accounts", "6")
    tab.locator('.entry[data-path="offer.accounts"].changed').wait_for()
    settled(tab)
    with tab.expect_download() as waiting:
        tab.locator(f'[data-keep="{name}"]').click()
    assert waiting.value.suggested_filename == f"light-changed-{name}"
    assert Path(waiting.value.path()).read_bytes().startswith(start)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_and_no_serious_obstacle_for_those_who_cannot_see_or_point(
    browser: Any, opened: tuple[Any, str], width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.goto(opened[1])
    settled(tab)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    leave(tab, "spending.hourly_rate", "30 users")
    tab.locator(".entry.invalid").wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(tab).response
    assert len(found["passes"]) > 20, "the rules were applied"
    serious = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in serious] == []
    context.close()


def test_the_keyboard_reaches_every_field_and_its_help(tab: Any) -> None:
    tab.locator('.entry[data-path="spending.hourly_rate"] [data-part=value]').focus()
    seen = []
    for _ in range(5):
        tab.keyboard.press("Tab")
        seen.append(
            tab.evaluate("(document.activeElement.dataset.part || document.activeElement.tagName).toLowerCase()")
        )
    assert seen == ["low", "high", "summary", "value", "low"] or seen[:3] == ["low", "high", "summary"]


def test_it_stops_when_asked(folder: Path, browser: Any) -> None:
    words = [sys.executable, "-c", CODE, "open", "--no-browser", FILE, "--draws", DRAWS]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        tab = browser.new_page()
        tab.goto(process.stdout.readline().strip())
        tab.locator("#stop").click()
        assert process.wait(30) == 0
        tab.close()
