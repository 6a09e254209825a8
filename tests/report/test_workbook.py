"""The workbook: what the tables say, arithmetic that another program works out alike, and text that stays text."""

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from light_scenario import LIGHT
from openpyxl.worksheet.worksheet import Worksheet
from sample_plan import hostile, sample
from stored_plan import run

from planner import output
from planner.cli import planner
from planner.model.credit import arithmetic
from planner.planning.paper import Paper, paper_of
from planner.report import tables, workbook
from planner.scenario.reader import read

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MADE = datetime(2021, 4, 6, 9, 35, tzinfo=UTC)
PILOT = paper_of(read(SCENARIOS / "pilot-5.yaml"))
OFFICE = shutil.which("soffice")
TEXTS = (
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "https://example.org",
    "a\udcffb",
    "_x0041_",
)


def opened(body: bytes, *, values: bool = True) -> openpyxl.Workbook:
    """Return a workbook with the values that stand beside its formulas, or with the formulas."""
    return openpyxl.load_workbook(io.BytesIO(body), data_only=values)


def labelled(sheet: Worksheet, label: str) -> object:
    """Return what stands right of a label."""
    return next(row[1].value for row in sheet.iter_rows(max_col=2) if str(row[0].value).startswith(label))


def brought(sheet: Worksheet) -> Iterator[tuple[int, float, float, float, object]]:
    """Yield accounts, income in credit and in money, hours and months of each row of the sheet of the arithmetic."""
    rows = sheet.iter_rows(max_col=5, values_only=True)
    next(row for row in rows if row[0] == "Accounts")
    yield from (row for row in rows if row[0] is not None)


def as_reckoned(sheet: Worksheet, paper: Paper) -> list[int]:
    """Check each figure of the arithmetic against the planner's own, and return the numbers of accounts."""
    found = []
    for accounts, credit, money, hours, months in brought(sheet):
        own = arithmetic.central(accounts, paper.mix, paper.fees, paper.hours, paper.rate)
        assert credit == pytest.approx(own.income_per_month / 100, abs=1e-9)
        assert money == pytest.approx(own.income_per_month * paper.worth / 100, abs=0.0051)
        assert hours == pytest.approx(own.hours_per_month)
        assert months == ("never" if own.months_to_afford is None else own.months_to_afford)
        assert labelled(sheet, "Cost of these hours") == pytest.approx(own.target_cost / 100, abs=1e-9)
        needed = own.accounts_needed
        listed = max(cell.value for cell in sheet["G"] if isinstance(cell.value, int))
        assert labelled(sheet, "Accounts that bring it") == (
            needed if needed is not None and needed <= listed else f"more than {listed}"
        )
        found.append(accounts)
    return found


@pytest.mark.parametrize("name", ["pilot-5", "higher-levels", "second-country"])
def test_the_values_beside_the_formulas_are_the_plans(name: str) -> None:
    """For whoever opens it in a program that shows and does not reckon."""
    paper = paper_of(read(SCENARIOS / f"{name}.yaml"))
    sheet = opened(workbook.xlsx(sample(), paper, MADE))["arithmetic"]
    assert as_reckoned(sheet, paper) == [1, 2, 5, 10, 55]


def test_the_figures_of_the_discussion() -> None:
    """9 x 55 = 495 = 16.5 h; 5 accounts wait 11 months, 10 wait 6, and 54 bring the 16 hours every month."""
    sheet = opened(workbook.xlsx(sample(), PILOT, MADE))["arithmetic"]
    rows = {row[0]: row[1:] for row in brought(sheet)}
    assert rows[5] == (45, 45, 1.5, 11)
    assert rows[10] == (90, 90, 3, 6)
    assert rows[55] == (495, 495, 16.5, 1)
    assert labelled(sheet, "Accounts that bring it") == 54


CHANGED = (
    PILOT,
    replace(PILOT, rate=2400, fees={"level-1": 1250}),
    replace(PILOT, rate=3333, hours=7.25, worth=0.86, fees={"level-1": 999}),
    replace(PILOT, fees={"level-1": 0}),
    replace(PILOT, fees={"level-1": 1}),
    replace(
        PILOT,
        mix={"level-1": 0.5, "level-2": 0.3, "level-3": 0.2},
        fees={"level-1": 901, "level-2": 1799, "level-3": 4000},
    ),
)
"""What a person may put in place of the blue figures; the last is another offer."""


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="there is no LibreOffice here")
def test_libreoffice_reckons_what_the_planner_does(tmp_path: Path) -> None:
    """Without the values that stand beside them the formulas are worked out anew, and with changed figures too."""
    (tmp_path / "in").mkdir()
    for number, paper in enumerate(CHANGED):
        start = paper if len(paper.mix) > 1 else PILOT
        book = opened(workbook.xlsx(sample(), start, MADE), values=False)
        sheet = book["arithmetic"]
        for row, figure in ((4, paper.rate / 100), (5, paper.hours), (6, paper.worth)):
            sheet.cell(row, 2).value = figure
        for row, fee in enumerate(paper.fees.values(), start=9):
            sheet.cell(row, 2).value = fee / 100
        first = next(row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value == "Accounts") + 1
        sheet.cell(first, 1).value = 0
        sheet.cell(first + 1, 1).value = 7 + number
        book.save(tmp_path / "in" / f"{number}.xlsx")  # openpyxl keeps no values of formulas
        assert opened((tmp_path / "in" / f"{number}.xlsx").read_bytes())["arithmetic"].cell(first, 2).value is None
    asked = [str(OFFICE), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to"]
    files = [str(tmp_path / "in" / f"{number}.xlsx") for number in range(len(CHANGED))]
    subprocess.run([*asked, "xlsx", "--outdir", str(tmp_path), *files], capture_output=True, timeout=180, check=True)
    for number, paper in enumerate(CHANGED):
        sheet = opened((tmp_path / f"{number}.xlsx").read_bytes())["arithmetic"]
        assert as_reckoned(sheet, paper) == [0, 7 + number, 5, 10, 55]


def test_a_number_of_accounts_beyond_the_list_is_said() -> None:
    """At a penny each no list is long enough: the sheet says so instead of a number."""
    paper = replace(PILOT, fees={"level-1": 1})
    sheet = opened(workbook.xlsx(sample(), paper, MADE))["arithmetic"]
    assert labelled(sheet, "Accounts that bring it") == "more than 300"


def test_the_sheets_hold_the_rows_of_the_tables() -> None:
    book = opened(workbook.xlsx(sample(), PILOT, MADE))
    assert book.sheetnames == ["answer", "arithmetic", *workbook.TABLES]
    for name, text in tables.of(sample()):
        if name not in workbook.TABLES:
            continue
        wanted = list(csv.reader(io.StringIO(text, newline="")))
        found = [list(row) for row in book[name].iter_rows(values_only=True)]
        assert len(found) == len(wanted) > 1
        for ours, theirs in zip(found, wanted, strict=True):
            for cell, known in zip(ours, theirs, strict=True):
                shown = "" if cell is None else cell
                same = (
                    float(known) == pytest.approx(shown)
                    if isinstance(shown, int | float)
                    else shown == tables.unguarded(known)
                )
                assert same, f"{name}: {cell!r} is not {known!r}"


def test_the_answer_comes_first() -> None:
    sheet = opened(workbook.xlsx(sample(), PILOT, MADE))["answer"]
    text = "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert text.startswith("Five Level 1 accounts, then a review")
    assert "How many" in text
    assert "scenarios/pilot-5.yaml" in text


def formulas(book: openpyxl.Workbook) -> dict[str, str]:
    """Return each formula of a workbook by its cell."""
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
    return {f"{cell.parent.title}!{cell.coordinate}": str(cell.value) for cell in cells if cell.data_type == "f"}


@pytest.mark.parametrize("text", TEXTS)
def test_text_starts_no_formula_and_no_link(text: str) -> None:
    """Whatever people wrote stands in the cells as they wrote it; formulas are the planner's alone."""
    plain, named = (Paper(*[word] * 2, 1.0, {word: 1.0}, {word: 900}, 3000, 16.0) for word in ("plain", text))
    book = opened(workbook.xlsx(hostile(text), named, MADE), values=False)
    assert formulas(book) == formulas(opened(workbook.xlsx(hostile("plain"), plain, MADE), values=False))
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    shown = text.encode("utf-8", "backslashreplace").decode()
    assert book["arithmetic"]["A9"].value == shown
    assert book["limits"]["B2"].value == shown


def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    book = opened(workbook.xlsx(hostile("x" * 40_000), PILOT, MADE))
    assert len(str(book["answer"]["A1"].value)) == workbook.MOST_TEXT


def test_the_same_plan_gives_the_same_bytes_and_replaces_its_own_file_alone(tmp_path: Path) -> None:
    body = workbook.xlsx(sample(), PILOT, MADE)
    assert workbook.xlsx(sample(), PILOT, MADE) == body
    file = tmp_path / "plan.xlsx"
    output.write(file, body, output.XLSX)
    output.write(file, workbook.xlsx(sample(10), PILOT, MADE), output.XLSX)
    opened(body).save(file)  # somebody saved it from another program: it is theirs
    kept = file.read_bytes()
    with pytest.raises(output.NotReplaced, match="not a workbook that planner wrote"):
        output.write(file, body, output.XLSX)
    assert file.read_bytes() == kept


def test_the_command_writes_it_beside_the_report(tmp_path: Path) -> None:
    (tmp_path / "light.yaml").write_text(LIGHT)
    done = run("plan", "light.yaml", "--draws", "20", "--xlsx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "workbook: out/light/plan.xlsx" in done.stdout
    sheet = openpyxl.load_workbook(tmp_path / "out/light/plan.xlsx", data_only=True)["arithmetic"]
    assert as_reckoned(sheet, paper_of(read(tmp_path / "light.yaml")))
    again = CliRunner().invoke(planner, ["plan", str(tmp_path / "light.yaml"), "--xlsx", "--json"])
    assert again.exit_code == 2
    assert "--xlsx: with --json no report is written, unless --out DIR says where" in again.stderr
