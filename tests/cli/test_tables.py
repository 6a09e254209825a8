"""Commands that read tables say how many rows were read, used and left out, and what of an entry changed."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from light_scenario import LIGHT

from planner.cli import planner
from planner.scenario.reader import read

READINGS = Path(__file__).parents[1] / "readings" / "tables"
CYCLOS = READINGS / "ledgers" / "cyclos-3.7.3.csv"


def run(*words: str) -> Result:
    """Run a command in this process, its code as `return_value`."""
    return CliRunner().invoke(planner, list(words), standalone_mode=False)


def scenario(folder: Path, members: str = "members: {accounts: 20, mix: {one: 100 %}}", more: str = "") -> str:
    """Return a scenario whose members, and whose network, say something else."""
    text = LIGHT.replace("members: {accounts: 20, mix: {one: 100 %}}", members)
    path = folder / "light.yaml"
    path.write_text(text.replace("n: {reachable", f"n: {{{more}reachable"), encoding="utf-8")
    return str(path)


@pytest.fixture
def sheeted(tmp_path: Path) -> str:
    """Return a scenario that names a sheet of 39 members, their rows numbered with a hash, and a week."""
    sheet = (READINGS / "csv-numbered-with-hash" / "members.csv").read_text(encoding="utf-8")
    (tmp_path / "members.csv").write_text(sheet.replace("level-1", "one"), encoding="utf-8")
    shutil.copy(Path(__file__).parents[2] / "data" / "weekly_profile.csv", tmp_path / "week.csv")
    path = scenario(tmp_path, "members: {sheet: members.csv}")
    text = Path(path).read_text(encoding="utf-8").replace("meetings: 2/week", "meetings: 2 per week, profile: week.csv")
    Path(path).write_text(text, encoding="utf-8")
    return path


def test_check_counts_the_rows_of_each_table_that_a_scenario_names(sheeted: str) -> None:
    done = run("check", sheeted)
    assert done.return_value == 0, done.output
    assert "  members.csv: 39 rows read, 39 used, none left out\n" in done.output
    assert "  week.csv: 168 rows read, 168 used, none left out\n" in done.output


def test_check_names_an_open_quotation_mark_and_an_error_in_a_cell(tmp_path: Path) -> None:
    path = scenario(tmp_path, "members: {sheet: members.csv}")
    shutil.copy(READINGS / "csv-quote-not-closed" / "members.csv", tmp_path)
    done = run("check", path)
    assert done.return_value == 2
    assert "members.csv:2:1 members.sheet: a quotation mark is opened here and not closed" in done.output
    shutil.copy(READINGS / "xlsx-error-cell-in-first-column" / "members.xlsx", tmp_path)
    path = scenario(tmp_path, "members: {sheet: members.xlsx}")
    done = run("check", path)
    assert done.return_value == 2
    assert "members.xlsx:3:1 members.sheet: account: a spreadsheet's error" in done.output


def test_a_review_reads_a_statement_as_the_option_or_the_scenario_says(tmp_path: Path) -> None:
    asked = ("--ledger", str(CYCLOS), "--at", "2021-10-04", "--draws", "20")
    done = run("review", scenario(tmp_path), *asked)
    assert done.return_value is None
    assert "no column kind; wanted date, kind, amount" in str(done.exception)
    for columns, more in (("cyclos", ""), ("", "statement: cyclos, ")):
        option = ("--columns", columns) if columns else ()
        done = run("review", scenario(tmp_path, more=more), *asked, *option)
        assert done.exception is None, done.exception
        assert f"{CYCLOS}: 3 rows read, 3 used, none left out; 2 fees, 1 spent" in done.stderr
        assert "accounts paying in credit" in done.stdout


def test_a_mapping_that_says_nothing_is_refused_where_it_stands(tmp_path: Path) -> None:
    done = run("check", scenario(tmp_path, more="statement: {date: Date}, "))
    assert "light.yaml:13:" in done.output
    done = run("check", scenario(tmp_path, more="statement: date=Date, "))
    assert (
        "networks.n.statement: this does not fit; wanted cyclos, open-collective or open-collective-2024, or a mapping"
        in done.output
    )
    done = run("review", scenario(tmp_path), "--ledger", str(CYCLOS), "--columns", "date=Date")
    assert "--columns: wanted the columns of date and of amount" in str(done.exception)


def test_meetings_in_a_workbook_are_imported_and_counted(tmp_path: Path) -> None:
    table = tmp_path / "meetings.csv"
    table.write_text("start;end;users\n2021-05-04T10:00Z;2021-05-04T11:00Z;6\n#N/A;;4\n", encoding="utf-16")
    done = run("history", "import", "--history", str(tmp_path / "h.sqlite"), "--node", "a", str(table))
    assert done.return_value == 0, done.output
    assert f"{table}: 2 rows read, 1 used, 1 left out: start: a spreadsheet's error" in done.stdout
    assert f"{table}:3: start: a spreadsheet's error stands in place of a value: skipped" in done.stderr


def test_what_comes_back_is_counted_and_shown_as_what_changed_in_it(tmp_path: Path) -> None:
    """A replaced entry was printed whole, before and after, on one line."""
    path = scenario(tmp_path)
    rows = run("csv", path).stdout.replace("hours,16 h/month", "hours,10 h/month")
    assert "spending.sellers.s.hours,10 h/month" in rows
    back = tmp_path / "back.csv"
    back.write_text(rows, encoding="utf-16")
    done = run("csv", path, "--apply", str(back), "--out", str(tmp_path / "mine.yaml"))
    assert done.return_value == 0, done.exception
    assert "  spending.sellers.s.hours: 16 h/month → 10 h/month\n" in done.stdout
    assert f"{back}: " in done.stderr
    assert "rows read" in done.stderr
    over = tmp_path / "over.yaml"
    seller = "{hours: {value: 16 h/month, low: 4 h/month, high: 30 h/month}, smallest_job: 1 h}"
    over.write_text(f"title: A\nbase: light.yaml\nchanges:\n  spending.sellers.s: {seller}\n", encoding="utf-8")
    said = run("check", str(over)).output
    shown = "hours: 16 h/month, available: 100 % → hours: 16 h/month (4 h/month to 30 h/month)"
    assert f"  spending.sellers.s: {shown}  [over.yaml:4]\n" in said


def test_a_row_without_a_path_is_no_change_that_is_passed_over(tmp_path: Path) -> None:
    back = tmp_path / "back.csv"
    back.write_text("path,value\ntitle,B\n,C\n", encoding="utf-8")
    done = run("csv", scenario(tmp_path), "--apply", str(back), "--out", str(tmp_path / "mine.yaml"))
    assert str(done.exception) == f"{back}:3: path: it is empty"


def test_a_title_alone_makes_another_scenario(tmp_path: Path) -> None:
    table, made = tmp_path / "back.csv", tmp_path / "mine.yaml"
    table.write_text("path,value\ntitle,Another question\n", encoding="utf-8")
    done = run("csv", scenario(tmp_path), "--apply", str(table), "--out", str(made))
    assert done.exit_code == 0
    assert read(made).title == "Another question"
