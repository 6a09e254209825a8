"""The notebooks: they run from top to bottom, say what the model says, define no functions, hold no output."""

import ast
import base64
import io
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import nbformat
import numpy as np
import pytest
import sample_plan
from fresh_clone import fresh_clone
from matplotlib.image import imread
from nbclient import NotebookClient

from planner.report.sliders import tried

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def read(name: str) -> Any:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def draws(cell: Any) -> bool:
    """Return whether a cell shows a chart, or the plan with one."""
    return cell.cell_type == "code" and (".chart(" in cell.source or cell.source.endswith("\np"))


def shows_its_pictures(notebook: Any) -> int:
    """Check that each cell that draws has a picture in its output, and return how many there are."""
    pictures = 0
    for cell in notebook.cells:
        if not draws(cell):
            continue
        data = [output.get("data", {}) for output in cell.outputs]
        shown = [one["image/png"] for one in data if "image/png" in one]
        inside = "".join(one.get("text/html", "") for one in data)
        shown += re.findall(r'src="data:image/png;base64,([^"]*)"', inside)
        assert shown, f"no picture after: {cell.source}"
        for picture in shown:
            pixels = imread(io.BytesIO(base64.b64decode(picture)), format="png")[..., :3]
            assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 10, f"a blank picture after: {cell.source}"
            pictures += 1
    return pictures


def run(name: str, last: str, folder: Path) -> str:
    """Run a notebook as JupyterLab does, then one more cell, and return what that cell prints."""
    notebook = read(name)
    for cell in notebook.cells:  # few draws: the values asserted here do not hang on them
        cell.source = re.sub(r"DRAWS = \d+", "DRAWS = 20", cell.source).replace("../out/", f"{folder}/")
    notebook.cells.append(nbformat.v4.new_code_cell(last))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    assert shows_its_pictures(notebook) >= 1
    return "".join(output["text"] for output in notebook.cells[-1].outputs if output["output_type"] == "stream")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_asks_a_question_first_and_stores_no_output(name: str) -> None:
    notebook = read(name)
    nbformat.validate(notebook)
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    assert notebook.cells[0].source.splitlines()[0].endswith("?")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
            tree = ast.parse(cell.source)
            assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(tree))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_short_and_knows_the_library_alone(name: str) -> None:
    """At most a dozen cells to a question, few lines in each; what is behind `planner` is nobody's to know."""
    cells = read(name).cells
    starts = [k for k, cell in enumerate(cells) if re.search(r"(?m)^#", cell.source)]
    assert max(after - before for before, after in itertools.pairwise([*starts, len(cells)])) <= 12
    for cell in (one for one in cells if one.cell_type == "code"):
        assert len(cell.source.splitlines()) <= 8
        modules = [
            name.name if isinstance(node, ast.Import) else str(node.module)
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        ]
        assert set(modules) <= {"planner", "ipywidgets", "datetime"}
        assert ".record" not in cell.source


@pytest.mark.parametrize("name", NAMES)
def test_the_first_code_cell_picks_the_scenario(name: str) -> None:
    """Whoever wants an answer of their own changes one line, near the top."""
    first = next(cell.source for cell in read(name).cells if cell.cell_type == "code")
    picked = [line for line in first.splitlines() if line.startswith(("SCENARIO =", "SCENARIOS ="))]
    assert len(picked) == 1


@pytest.mark.slow
def test_the_proposal_s_table_is_that_of_the_discussion_and_the_sliders_move_the_answers(tmp_path: Path) -> None:
    last = """
print(p.options.iloc[:, 1:5].to_csv(index=False), both.frame["hours_per_month"].tolist(), sep="\\n")
print("as planned", *tried.result["answer"], p.limits["accounts at confidence"].min(), sep="|")
for name, value in {"accounts": 10, "fee": 18.0, "hourly_rate": 45.0, "hours": 4.0, "busy": 2.0}.items():
    sliders[name].value = value
    print(name, *tried.result["answer"], sep="|")
"""
    printed = run("01_proposal.ipynb", last, tmp_path)
    assert "5,45.00,1.5,11" in printed
    assert "10,90.00,3.0,6" in printed
    assert "55,495.00,16.5,1" in printed
    assert "[1.5, 1.0]" in printed  # 45 pounds buy one hour at 45 pounds
    rows = {line.split("|")[0]: line.split("|")[1:] for line in printed.splitlines() if "|" in line}
    planned = rows.pop("as planned")
    assert planned[0] == planned[-1]
    assert planned[2] == "11"
    # 16 h at 30 an hour are 480: with 90 a month, with 180; 720 at 45 an hour; 4 h are 180
    assert {name: row[2] for name, row in rows.items()} == {
        "accounts": "6",
        "fee": "3",
        "hourly_rate": "4",
        "hours": "1",
        "busy": "1",
    }
    assert int(rows["busy"][0]) <= int(rows["hours"][0])


def test_what_is_tried_says_what_the_plan_says_and_what_changes() -> None:
    """The grid of the sample has a truth that is known: 24 accounts as assumed, fewer the busier they are."""
    plan = sample_plan.sample()
    usual = {"accounts": 5, "fee": 9.0, "hourly_rate": 30.0, "hours": 16.0, "busy": 1.0}
    assert tried(plan, usual)["accounts that may come"] == f"{sample_plan.allowed_at(1.0)}"
    assert tried(plan, usual | {"busy": 2.0})["if only the servers counted"] == f"{sample_plan.allowed_at(2.0)}"
    assert tried(plan, usual)["months on paper"] == "11"
    assert tried(plan, usual | {"accounts": 10, "fee": 18.0})["months on paper"] == "3"  # 480 at 180 a month
    assert tried(plan, usual | {"accounts": 1})["months, all but the slowest tenth"] == "over 36"
    with pytest.raises(ValueError, match="nothing to try"):
        tried(replace(plan, what_if=None), usual)


@dataclass(frozen=True)
class Lab:
    """JupyterLab as `make notebook` starts it in a fresh clone, without the browser."""

    url: str
    token: str
    notebooks: Path

    def answer(self, path: str) -> bytes:
        """Return what the server says; what is not 200 is raised."""
        asked = Request(self.url + path, headers={"Authorization": f"token {self.token}"})
        with urlopen(asked, timeout=60) as given:
            return bytes(given.read())


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: it comes with `make notebook`")
    folder = tmp_path_factory.mktemp("lab")
    clone = fresh_clone(folder)
    config = {"ServerApp": {"allow_root": True, "open_browser": False, "port": 0}}
    (folder / "home/.jupyter").mkdir()
    (folder / "home/.jupyter/jupyter_server_config.json").write_text(json.dumps(config))
    path = f"{sysconfig.get_path('scripts')}:{clone.environment['PATH']}"
    said = (folder / "said").open("w")
    runtime, shared = folder / "runtime", f"{sysconfig.get_path('data')}/share/jupyter"
    server = subprocess.Popen(
        ["make", "notebook"],
        cwd=clone.folder,
        env=clone.environment | {"PATH": path, "JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_PATH": shared},
        stdout=subprocess.DEVNULL,
        stderr=said,
        start_new_session=True,
    )
    said.close()
    try:
        known: list[Path] = []
        until = time.monotonic() + 120
        while not known and server.poll() is None and time.monotonic() < until:
            time.sleep(0.2)
            known = list(runtime.glob("jpserver-*.json"))
        assert known, (folder / "said").read_text()
        where = json.loads(known[0].read_text())
        yield Lab(where["url"], where["token"], clone.folder / "notebooks")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


@pytest.mark.slow
def test_make_notebook_opens_every_notebook_in_jupyterlab(lab: Lab) -> None:
    """The command of the README: the server hands each notebook over."""
    listed = json.loads(lab.answer("api/contents"))["content"]
    assert sorted(one["name"] for one in listed if one["type"] == "notebook") == NAMES
    for name in NAMES:
        opened = json.loads(lab.answer(f"api/contents/{name}"))["content"]
        assert opened["cells"][0]["source"] == read(name).cells[0].source
        assert b"<title>JupyterLab</title>" in lab.answer(f"lab/tree/{name}")


@pytest.mark.slow
def test_in_jupyterlab_the_proposal_shows_its_charts_and_sliders_that_answer(lab: Lab) -> None:
    """In a browser, as a person: open it, Run All Cells, look, move a slider."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    file = lab.notebooks / "01_proposal.ipynb"
    file.write_text(re.sub(r"DRAWS = \d+", "DRAWS = 20", file.read_text("utf-8")), "utf-8")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1200, "height": 8000})  # what is out of sight is not drawn
        tab.set_default_timeout(240_000)
        tab.goto(f"{lab.url}lab/tree/{file.name}?token={lab.token}")
        tab.locator("#jp-main-statusbar", has_text="| Idle").wait_for()  # else it asks for a kernel
        tab.locator('.lm-MenuBar-itemLabel:text-is("Run")').click()
        tab.locator('[data-command="runmenu:run-all"]').click()
        cells = tab.locator(".jp-Notebook .jp-Cell")
        tab.locator(".widget-slider .noUi-handle").nth(4).wait_for()
        drawing = [k for k, cell in enumerate(read(file.name).cells) if draws(cell)]
        assert len(drawing) == 3
        for k in drawing:
            picture = cells.nth(k).locator(".jp-OutputArea-output img").first
            picture.wait_for()
            assert picture.evaluate("one => one.complete && one.naturalWidth > 200 && one.clientHeight > 100")
        answered = cells.last.locator(".jp-OutputArea-output table").last
        before = answered.inner_text()
        assert "months on paper" in before
        tab.locator(".widget-slider .widget-readout").first.fill("10")
        tab.keyboard.press("Enter")
        last = "[...document.querySelectorAll('.jp-Notebook table')].at(-1)?.innerText"
        tab.wait_for_function(f"before => ![undefined, before].includes({last})", arg=before)
        assert tab.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
        browser.close()


@pytest.mark.slow
def test_the_credit_notebook_holds_the_variants_apart(tmp_path: Path) -> None:
    last = """
for row in variants.frame.itertuples():
    print(row.scenario, row.months_to_afford, row.buy_probability)
"""
    lines = dict(line.split(" ", 1) for line in run("02_credit.ipynb", last, tmp_path).strip().splitlines())
    thin, small, pilot = (lines[name].split() for name in ("thin-market", "small-jobs", "pilot-5"))
    assert thin[0] == small[0] == pilot[0] == "11"  # on paper they are the same
    assert float(thin[1]) < float(pilot[1]) < float(small[1])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["03_capacity.ipynb", "04_review.ipynb"])
def test_every_chart_of_the_other_notebooks_is_seen(name: str, tmp_path: Path) -> None:
    run(name, "", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("text", sample_plan.HOSTILE[:2])
def test_hostile_text_of_a_scenario_is_text_in_the_notebook(tmp_path: Path, text: str) -> None:
    """Free text reaches a notebook through the title, the sources and the names; none of it becomes a tag."""
    own = tmp_path / "own.yaml"
    own.write_text(
        f"base: {os.path.relpath(NOTEBOOKS.parent / 'scenarios' / 'pilot-5.yaml', tmp_path)}\n"
        f"title: {json.dumps(text)}\nchanges:\n  spending.hourly_rate: "
        f"{{value: 30 GBP/h, low: 20 GBP/h, high: 45 GBP/h, source: {json.dumps(text)}}}\n"
    )
    notebook = read("01_proposal.ipynb")
    for cell in notebook.cells:
        cell.source = re.sub(r"DRAWS = \d+", "DRAWS = 20", cell.source).replace("../scenarios/pilot-5.yaml", str(own))
    notebook.cells.append(nbformat.v4.new_code_cell("print(p.record.scenario.title, p._repr_html_(), sep='\\n')"))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any(text in output.get("text", "") for output in outputs)  # it was there, as text
    shown = [str(output["data"].get("text/html", "")) for output in outputs if "data" in output]
    shown.append("".join(outputs[-1]["text"]).split("\n", 1)[1])
    assert any("<table" in one for one in shown)
    assert not any(text in one for one in shown)
