"""The notebooks: they run from top to bottom, say what the model says, define no functions, hold no output."""

import ast
import base64
import io
import itertools
import json
import os
import re
import signal
import subprocess
import sysconfig
import time
from dataclasses import replace
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
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def read(name: str) -> Any:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def shows_its_pictures(notebook: Any) -> int:
    """Check that each cell that draws has a picture in its output, and return how many there are."""
    pictures = 0
    for cell in notebook.cells:
        if cell.cell_type != "code" or (".chart(" not in cell.source and not cell.source.endswith("\np")):
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
    assert tried(plan)["accounts that may come"] == f"{sample_plan.allowed_at(1.0)}"
    assert tried(plan, busy=2.0)["if only the servers counted"] == f"{sample_plan.allowed_at(2.0)}"
    assert tried(plan)["months on paper"] == "11"
    assert tried(plan, accounts=10, price=18.0)["months on paper"] == "3"  # 480 at 180 a month
    assert tried(plan, accounts=1)["months, all but the slowest tenth"] == "over 36"
    with pytest.raises(ValueError, match="nothing to try"):
        tried(replace(plan, what_if=None))


@pytest.mark.slow
def test_make_notebook_opens_every_notebook_in_jupyterlab(tmp_path: Path) -> None:
    """The command of the README in a fresh clone, without the browser: the server hands each notebook over."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: it comes with `make notebook`")
    clone = fresh_clone(tmp_path)
    config = {"ServerApp": {"allow_root": True, "open_browser": False, "port": 0}}
    (tmp_path / "home/.jupyter").mkdir()
    (tmp_path / "home/.jupyter/jupyter_server_config.json").write_text(json.dumps(config))
    path = f"{sysconfig.get_path('scripts')}:{clone.environment['PATH']}"
    runtime = tmp_path / "runtime"
    server = subprocess.Popen(
        ["make", "notebook"],
        cwd=clone.folder,
        env=clone.environment | {"PATH": path, "JUPYTER_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        known: list[Path] = []
        until = time.monotonic() + 120
        while not known and server.poll() is None and time.monotonic() < until:
            time.sleep(0.2)
            known = list(runtime.glob("jpserver-*.json"))
        assert known, server.communicate(timeout=10)[1] if server.poll() is not None else "it did not begin in time"
        where = json.loads(known[0].read_text())

        def answer(path: str) -> bytes:
            asked = Request(where["url"] + path, headers={"Authorization": f"token {where['token']}"})
            with urlopen(asked, timeout=60) as given:  # what is not 200 is raised
                return bytes(given.read())

        listed = json.loads(answer("api/contents"))["content"]
        assert sorted(one["name"] for one in listed if one["type"] == "notebook") == NAMES
        for name in NAMES:
            opened = json.loads(answer(f"api/contents/{name}"))["content"]
            assert opened["cells"][0]["source"] == read(name).cells[0].source
            assert b"<title>JupyterLab</title>" in answer(f"lab/tree/{name}")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=60)


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
        cell.source = cell.source.replace("../scenarios/pilot-5.yaml", str(own)).replace("DRAWS = 200", "DRAWS = 20")
    notebook.cells.append(nbformat.v4.new_code_cell("print(p.record.scenario.title, p._repr_html_(), sep='\\n')"))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any(text in output.get("text", "") for output in outputs)  # it was there, as text
    shown = [str(output["data"].get("text/html", "")) for output in outputs if "data" in output]
    shown.append("".join(outputs[-1]["text"]).split("\n", 1)[1])
    assert any("<table" in one for one in shown)
    assert not any(text in one for one in shown)
