"""The pages of review, calibrate and compare in a real browser: phone, desk, night, paper, screen reader."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_samples import COMMAND, NAMES, sample_learned, sample_review
from sample_plan import HOSTILE, sample

from planner.cli import printing
from planner.comparison import Comparison, column
from planner.report import comparison, learned_page, review_page

pytestmark = pytest.mark.slow
PAGES = ["review", "learned", "comparison", "hostile-review", "hostile-learned"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for name, text in (("", "Start with five"), ("hostile-", HOSTILE[9])):
        folder = tmp_path_factory.mktemp("pages")
        review_page.write(sample_review(text), NAMES, COMMAND, folder / "review")
        learned_page.write(sample_learned(text), folder / "learned")
        (folder / "comparison").mkdir()
        columns = tuple(map(column, (sample(), replace(sample(), scenario=replace(sample().scenario, name=text)))))
        side_by_side = Comparison("0.1.0", 1, 500, 2000, columns, ())
        (folder / "comparison" / "comparison.html").write_text(comparison.html(side_by_side), encoding="utf-8")
        made |= {f"{name}{one}": folder / one / f"{one}.html" for one in ("review", "learned", "comparison")}
    return made


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (820, "light"), (1440, "dark")])
def test_nothing_is_requested_complained_of_or_cut_off(
    browser: Any, files: dict[str, Path], name: str, scheme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab, asked, said = context.new_page(), [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(files[name].as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert files[name].stat().st_size < 1.5e6
    if name == "review":
        assert "Go on." in tab.locator("#answer").inner_text()
        assert "2 of 4,000 hours lie outside it" in tab.locator("#h-band + p").inner_text()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_it_prints_on_at_most_six_pages_and_breaks_no_figure_or_row(
    browser: Any, files: dict[str, Path], tmp_path: Path, name: str
) -> None:
    tab = browser.new_page()
    tab.goto(files[name].as_uri())
    tab.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "page.pdf").read_bytes())) <= 6
    tab.emulate_media(media="print")
    inside = tab.evaluate(
        "[...document.querySelectorAll('figure, tr, .whole')].map(e => getComputedStyle(e).breakInside)"
    )
    assert set(inside) == {"avoid"}
    tab.close()


@pytest.mark.parametrize("name", ["review", "learned", "comparison"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_obstacle_for_those_who_cannot_see_or_point(
    browser: Any, files: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(files[name].as_uri())
    found = axe.Axe().run(tab).response
    assert len(found["passes"]) > 15, "the rules were applied"
    assert [one["id"] for one in found["violations"] if one["impact"] in {"serious", "critical"}] == []
    context.close()


def test_the_command_s_own_browser_prints_the_page(browser: Any, files: dict[str, Path]) -> None:
    assert browser.is_connected()
    said = printing.pdf(files["review"])
    assert said == f"pdf: {files['review'].with_suffix('.pdf')}"
    assert files["review"].with_suffix(".pdf").read_bytes().startswith(b"%PDF-")
