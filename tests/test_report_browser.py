"""The report in a real browser: from disk, on a phone, on a desk, by night, on paper, for a screen reader."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from sample_plan import HOSTILE, hostile, sample

from planner import report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--disable-component-update"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    made = {}
    for name, plan in (("sample", sample()), ("hostile", hostile(HOSTILE[9])), ("script", hostile(HOSTILE[1]))):
        folder = tmp_path_factory.mktemp(name)
        report.write(plan, folder)
        made[name] = (folder / "report.html").as_uri()
    return made


@pytest.mark.parametrize("name", ["sample", "hostile", "script"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1440, 1600])
def test_nothing_is_requested_complained_of_or_cut_off(browser, files, name, scheme, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab, asked, said = context.new_page(), [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(files[name])
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    outside = tab.evaluate(
        """() => [...document.querySelectorAll('main *, header *, footer *')].filter(e => {
            const r = e.getBoundingClientRect();
            return r.width && (r.right > innerWidth + 1 || r.left < -1) && !e.closest('thead, .skip');
        }).map(e => e.tagName + ' ' + e.textContent.slice(0, 60))"""
    )
    assert outside == []
    context.close()


def test_dark_is_dark_and_charts_with_it(browser, files):
    seen = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        tab = context.new_page()
        tab.goto(files["sample"])
        seen[scheme] = tab.evaluate(
            """[getComputedStyle(document.body).backgroundColor,
                getComputedStyle(document.querySelector('.chart text')).fill]"""
        )
        context.close()
    assert all(light != dark for light, dark in zip(seen["light"], seen["dark"], strict=True))
    assert sum(map(int, re.findall(r"\d+", seen["dark"][0])[:3])) < 120


def test_words_in_charts_can_be_read_on_a_phone(browser, files):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    tab = context.new_page()
    tab.goto(files["sample"])
    smallest = tab.evaluate(
        "Math.min(...[...document.querySelectorAll('.chart text')].map(e => e.getBoundingClientRect().height))"
    )
    assert smallest >= 11, "the height of a line of about 10 px"
    context.close()


def test_it_prints_on_at_most_six_pages(browser, files, tmp_path):
    tab = browser.new_page()
    tab.goto(files["sample"])
    tab.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "report.pdf").read_bytes())
    assert 1 <= len(pages) <= 6
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_obstacle_for_those_who_cannot_see_or_point(browser, files, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(files["sample"])
    found = axe.Axe().run(tab).response
    assert len(found["passes"]) > 20, "the rules were applied"
    assert [one["id"] for one in found["violations"] if one["impact"] in {"serious", "critical"}] == []
    context.close()
