"""The notebooks: they run from top to bottom, say what the model says, define no functions, hold no output."""

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def read(name: str) -> Any:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def run(name: str, last: str) -> str:
    """Run a notebook as JupyterLab does, then one more cell, and return what that cell prints."""
    notebook = read(name)
    for cell in notebook.cells:  # few draws: the values asserted here do not hang on them
        cell.source = cell.source.replace("DRAWS = 200", "DRAWS = 20").replace("DRAWS = 50", "DRAWS = 20")
    notebook.cells.append(nbformat.v4.new_code_cell(last))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    return "".join(output["text"] for output in notebook.cells[-1].outputs if output["output_type"] == "stream")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_asks_a_question_first_and_stores_no_output(name: str) -> None:
    notebook = read(name)
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    assert notebook.cells[0].source.splitlines()[0].endswith("?")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
            tree = ast.parse(cell.source)
            assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(tree))


def test_the_proposal_s_table_is_that_of_the_discussion() -> None:
    printed = run("01_proposal.ipynb", 'print(table.iloc[:, :3].to_csv(), changed.credit.hours_per_month, sep="\\n")')
    assert "5,45.00 GBP,1.5,11.0" in printed
    assert "10,90.00 GBP,3.0,6.0" in printed
    assert "55,495.00 GBP,16.5,1.0" in printed
    assert printed.strip().endswith("1.0")  # 45 pounds buy one hour at 45 pounds


@pytest.mark.slow
def test_the_credit_notebook_holds_the_variants_apart() -> None:
    last = """
for name in ("thin-market", "small-jobs", "pilot-5"):
    credit = plans[name].credit
    print(name, credit.months_to_afford.central, credit.months_to_buy.probability_within_horizon)
print(sorted(credit.network for credit in plans["second-country"].credit_by_network))
"""
    lines = dict(line.split(" ", 1) for line in run("02_credit.ipynb", last).strip().splitlines()[:3])
    thin, small, pilot = (lines[name].split() for name in ("thin-market", "small-jobs", "pilot-5"))
    assert thin[0] == small[0] == pilot[0] == "11"  # on paper they are the same
    assert float(thin[1]) < float(pilot[1]) < float(small[1])
