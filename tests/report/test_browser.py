"""The report in a real browser: from disk, on a phone, on a desk, by night, on paper, for a screen reader."""

import re
from random import Random
from typing import Any

import pytest
from full_computation import SCENARIOS
from sample_plan import HOSTILE, hostile, sample
from shared_plans import SharedPlans

from planner.planning import Plan
from planner.report import sliders
from planner.report.folder import write as write_report
from planner.report.sliders import Setting

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pilot(plans: SharedPlans) -> Plan:
    """Return the plan of the real pilot, as large as a person makes it."""
    return plans(SCENARIOS / "pilot-5.yaml", None)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, pilot: Plan) -> dict[str, str]:
    made = {}
    plans = {"sample": sample(), "pilot": pilot, "hostile": hostile(HOSTILE[9]), "script": hostile(HOSTILE[1])}
    for name, plan in plans.items():
        folder = tmp_path_factory.mktemp(name)
        write_report(plan, folder)
        made[name] = (folder / "report.html").as_uri()
    return made


@pytest.mark.parametrize("name", ["sample", "pilot", "hostile", "script"])
@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "light"), (390, "dark"), (820, "light"), (1440, "dark"), (1600, "light")]
)
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


STEPS = {
    "accounts": (1, 60, 1),
    "price": (4, 18, 0.5),
    "rate": (15, 60, 1),
    "hours": (4, 32, 1),
    "busy": (-1, 1, 0.05),
}
"""First, last and step of what the sliders are moved to."""


def moved(tab: Any, random: Random) -> tuple[Setting, dict[str, str]]:
    """Move the sliders somewhere; return where they stand, and what the page then shows."""
    chosen = {
        name: low + step * random.randint(0, round((high - low) / step)) for name, (low, high, step) in STEPS.items()
    }
    tab.evaluate(
        """chosen => { for (const name in chosen) document.getElementById('if-' + name).value = chosen[name];
            document.getElementById('if-busy').dispatchEvent(new Event('input', {bubbles: true})); }""",
        chosen,
    )
    shown = tab.evaluate(
        """() => Object.fromEntries(['allowed', 'servers', 'paper', 'paths', 'chance'].map(
            name => [name, document.querySelector(`#what-if [data-${name}]`).textContent])
            .concat(Object.entries(document.getElementById('what-if').dataset)))"""
    )
    price, rate = round(100 * chosen["price"]), round(100 * chosen["rate"])
    busy = 2 ** float(tab.evaluate("Number(document.getElementById('if-busy').value)"))
    return Setting(int(chosen["accounts"]), price, rate, float(chosen["hours"]), busy), shown


@pytest.mark.parametrize("name", ["sample", "pilot"])
def test_sliders_show_what_python_works_out_at_twenty_settings(browser, files, name, pilot):
    """How far that is from the full computation: tests/planning/test_slider_grid.py."""
    plan, random = {"sample": sample(), "pilot": pilot}[name], Random(7)
    grid = plan.what_if
    assert grid is not None
    tab = browser.new_page()
    tab.goto(files[name])
    assert "right to ±" in tab.locator("#what-if").inner_text(), "the error is stated in the page"
    for _ in range(20):
        setting, shown = moved(tab, random)
        truth = sliders.at(grid, setting, plan.at_most)
        late = f"more than {len(grid.earned[0])}"
        months = [late if value is None else str(value) for value in (truth.p10, truth.p90)]
        assert (shown["allowed"], shown["paper"]) == (str(truth.allowed), str(truth.paper))
        assert shown["paths"] == (" to ".join(months) if truth.p10 is not None else months[0])
        assert float(shown["central"]) == pytest.approx(truth.central, rel=1e-9)
        assert float(shown["sure"]) == pytest.approx(truth.at_confidence, rel=1e-9)
        assert float(shown["part"]) == pytest.approx(truth.chance, abs=1e-9)
    tab.locator("[data-again]").click()
    assert tab.locator("[data-accounts-said]").inner_text() == "5"
    tab.close()


def test_sliders_begin_at_the_plan_and_move_by_keyboard(browser, files):
    tab = browser.new_page()
    tab.goto(files["sample"])
    assert tab.locator("[data-paper]").inner_text() == "11"
    before = tab.locator("[data-months-chart]").inner_html()
    tab.locator("#if-price").focus()
    tab.keyboard.press("ArrowRight")
    assert tab.locator("[data-price-said]").inner_text() == "9.5"
    assert tab.locator("[data-months-chart]").inner_html() != before
    tab.close()


@pytest.mark.parametrize("name", ["sample", "pilot"])
def test_without_script_the_page_is_whole_less_the_sliders(browser, files, name):
    both = {}
    for script in (True, False):
        context = browser.new_context(java_script_enabled=script)
        tab = context.new_page()
        tab.goto(files[name])
        both[script] = set(
            tab.evaluate(
                "[...document.querySelectorAll('main section:not(#what-if) :is(h2, h3, p, li, td, th, svg)')]"
                ".filter(e => e.getBoundingClientRect().height > 0).map(e => e.textContent)"
            )
        )
        context.close()
    assert both[False] == both[True]
    assert len(both[False]) > 100
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(files[name])
    assert not tab.locator("#what-if").is_visible()
    assert tab.locator("figure svg.chart").first.is_visible()
    assert tab.locator("#answer .answer").count() == 2
    context.close()


@pytest.mark.parametrize("name", ["sample", "pilot"])
def test_it_prints_on_at_most_six_pages(browser, files, tmp_path, name):
    tab = browser.new_page()
    tab.goto(files[name])
    tab.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "report.pdf").read_bytes())
    assert 1 <= len(pages) <= 6
    tab.close()


@pytest.mark.parametrize(("name", "width"), [("sample", 390), ("pilot", 390), ("pilot", 1440)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_obstacle_for_those_who_cannot_see_or_point(browser, files, name, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(files[name])
    found = axe.Axe().run(tab).response
    assert len(found["passes"]) > 20, "the rules were applied"
    assert [one["id"] for one in found["violations"] if one["impact"] in {"serious", "critical"}] == []
    context.close()
