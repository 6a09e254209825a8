"""The members' sheet as the source of `members:`: who is counted, how they pay, what is refused, what is not kept."""

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import planning
from planner.cli import planner
from planner.scenario import resolve
from planner.scenario.reader import Scenario, ScenarioError, read

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parents[1] / "bad_scenarios" / "good" / "small.yaml"
STATED = "members: {accounts: 55, mix: {level-1: 60 %, level-2: 40 %}}"
HEAD = ["account", "name", "e-mail", "level", "pays", "accounts", "since", "until"]
ROWS = [
    ["coop-001", "Annelore", "anne@example.org", "level-1", "money", "1", "2020-01-01", ""],
    ["coop-002", "Bertold", "", "level-2", "Money", "3", "", ""],
    ["coop-003", "Cleopha", "", "level-1", "money", "1", "", "2021-03-31"],
    ["coop-004", "Dorothee", "", "level-1", "money", "1", "2021-04-02", ""],
    ["coop-005", "Emmerich", "", "level-2", "money", "1", "2021-03-31", "2021-04-01"],
    ["ocn-001", "Friedeline", "", "level-1", "credit", "2", "2021-03-01", ""],
    ["ocn-002", "Gottlieb", "", "level-1", "CREDIT", "1", "2021-04-01", ""],
]
"""At the start, April 2021: 5 in money (1 on level 1, 4 on level 2) and 2 in credit.

One has left, two come new, one of them that day."""


def table(rows: Sequence[Sequence[str]] = ROWS) -> bytes:
    """Return rows as CSV, below the names of the columns."""
    return "".join(",".join(row) + "\n" for row in [HEAD, *rows]).encode()


def book(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as XLSX; text that begins with = is a formula, which this writer leaves without a value."""
    made, out = openpyxl.Workbook(), io.BytesIO()
    for row in [HEAD, *rows]:
        made.worksheets[0].append(list(row))
    made.save(out)
    made.close()
    return out.getvalue()


def named(folder: Path, body: bytes, members: str = "{sheet: members.csv}", name: str = "members.csv") -> Path:
    """Return a scenario whose members stand in a sheet beside it."""
    (folder / name).write_bytes(body)
    text = SMALL.read_text(encoding="utf-8")
    assert text.count(STATED) == 1
    path = folder / "sheeted.yaml"
    path.write_text(text.replace(STATED, f"members: {members}"), encoding="utf-8")
    return path


def wrong(path: Path, *sets: str) -> list[str]:
    """Return what is wrong with a scenario, the folder left out."""
    with pytest.raises(ScenarioError) as error:
        read(path, sets)
    return [str(one).removeprefix(f"{path.parent.as_posix()}/") for one in error.value.problems]


def counts(scenario: Scenario) -> tuple[float | None, float | None]:
    """Return who is there in money and in credit."""
    return scenario.estimates["members.accounts"].value, scenario.estimates["members.in_credit"].value


def test_who_is_there_at_the_start_is_counted_by_how_they_pay(tmp_path: Path) -> None:
    """Who left before is not there, who goes that day is; who comes that day comes new: the register counts it."""
    scenario = read(named(tmp_path, table()))
    assert counts(scenario) == (5, 2)
    assert scenario.entries["members.mix"].value == pytest.approx({"level-1": 3 / 7, "level-2": 4 / 7})


def test_who_pays_in_credit_is_load_like_the_others_and_no_part_of_the_offer(tmp_path: Path) -> None:
    """The servers bear all seven; the question is still about the offer's own accounts."""
    inputs = resolve.inputs(read(named(tmp_path, table())))
    assert (inputs.members.accounts, inputs.offer.accounts) == (7, 5)


def test_a_sheet_plans_as_the_numbers_it_stands_for(tmp_path: Path) -> None:
    """The sheet is another way to say three numbers, and nothing else."""
    path = named(tmp_path, table(), "{sheet: members.csv, growth: 2 accounts/month}")
    said = path.with_name("said.yaml")
    mix = "{level-1: 42.857142857 %, level-2: 57.142857143 %}"
    stated = f"members: {{accounts: 5, in_credit: 2, mix: {mix}, growth: 2 accounts/month}}"
    said.write_text(SMALL.read_text(encoding="utf-8").replace(STATED, stated), encoding="utf-8")
    one, other = (resolve.inputs(read(file)) for file in (path, said))
    assert one.members.mix == pytest.approx(other.members.mix)
    assert (one.members.accounts, one.members.growth) == (other.members.accounts, other.members.growth) == (7, 2)


def test_each_number_says_where_it_comes_from(tmp_path: Path) -> None:
    """Source, date and place of what was counted, for the assumptions table and for the register to go on from."""
    rows = {row.path: row for row in planning.assumptions(read(named(tmp_path, table())))}
    for path in ("members.accounts", "members.in_credit"):
        assert (rows[path].source, rows[path].as_of) == ("counted in members.csv", "2021-04")
        assert rows[path].origin == "sheeted.yaml:9"
    assert (rows["members.sheet"].value, rows["members.mix"].origin) == ("members.csv", "sheeted.yaml:9")


def test_csv_and_workbook_say_the_same(tmp_path: Path) -> None:
    one = read(named(tmp_path, table()))
    other = read(named(tmp_path, book(ROWS), "{sheet: members.xlsx}", "members.xlsx"))
    assert counts(one) == counts(other)
    assert one.entries["members.mix"].value == other.entries["members.mix"].value


def test_nobody_there_at_the_start_leaves_the_levels_of_the_offer(tmp_path: Path) -> None:
    scenario = read(named(tmp_path, table(ROWS[3:4])))
    assert counts(scenario) == (0, 0)
    assert scenario.entries["members.mix"].value == scenario.entries["offer.mix"].value


def test_the_sheet_is_part_of_the_digest(tmp_path: Path) -> None:
    """A row that comes changes it, and so does a day that changes no number; the file's name does not."""
    before = read(named(tmp_path, table()))
    assert read(named(tmp_path, table(), "{sheet: other.csv}", "other.csv")).digest == before.digest
    later = [*ROWS[:6], [*ROWS[6][:6], "2021-06-01", ""]]
    assert counts(read(named(tmp_path, table(later)))) == counts(before)
    assert read(named(tmp_path, table(later))).digest != before.digest
    assert "members.csv" in dict(before.sources)


def test_nothing_personal_is_kept(tmp_path: Path) -> None:
    """Names and addresses stand in no part of what is read, nor in a message about a row whose cells are shifted."""
    scenario = pickle.dumps(read(named(tmp_path, table())))
    shifted = [[cell for cell in row if "@" not in cell] for row in ROWS[:1]]
    message = "\n".join(wrong(named(tmp_path, table([*shifted, ["Annelore", *ROWS[0][1:]]]))))
    for row in ROWS:
        assert row[1].encode() not in scenario
        assert row[1] not in message
    assert b"anne@" not in scenario


@pytest.mark.parametrize("name", ["accounts: 3", "mix: {level-1: 100 %}", "in_credit: 2"])
def test_a_sheet_beside_what_it_says_is_refused(tmp_path: Path, name: str) -> None:
    (said,) = wrong(named(tmp_path, table(), f"{{sheet: members.csv, {name}}}"))
    key = name.partition(":")[0]
    assert said.startswith(f"sheeted.yaml:9:{33 + len(key)} members.{key}: members.sheet says this already;")


def test_a_sheet_on_a_scenario_with_numbers_and_numbers_on_one_with_a_sheet(tmp_path: Path) -> None:
    """`none` takes the sheet away; the whole of `members:` is replaced to put one there."""
    base = named(tmp_path, table())
    top = tmp_path / "top.yaml"
    top.write_text(f"title: A\nbase: {base.name}\nchanges: {{members.accounts: 9}}\n", encoding="utf-8")
    assert len(wrong(top)) == 1
    top.write_text(
        f"title: A\nbase: {base.name}\nchanges: {{members.sheet: none, members.accounts: 9}}\n", encoding="utf-8"
    )
    assert counts(read(top)) == (9, 0)
    top.write_text(f"title: A\nbase: {SMALL}\nchanges: {{members: {{sheet: members.csv}}}}\n", encoding="utf-8")
    assert counts(read(top)) == (5, 2)


def test_the_sheet_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    """As a base does; from the command line, beside the scenario."""
    below = tmp_path / "below"
    below.mkdir()
    named(below, table())
    top = tmp_path / "top.yaml"
    top.write_text("title: A\nbase: below/sheeted.yaml\nchanges: {}\n", encoding="utf-8")
    assert counts(read(top)) == (5, 2)
    (tmp_path / "mine.csv").write_bytes(table(ROWS[:1]))
    assert counts(read(top, ["members.sheet=mine.csv"])) == (1, 0)


NO_ROW = (
    "no row stands below the names of the columns: wanted one for each member; of a co-op that has none yet, "
    "say members: {accounts: 0} in the scenario, without a sheet"
)


@pytest.mark.parametrize(
    ("body", "where", "says"),
    [
        (b"", "members.csv:1:1", "the table is empty; wanted the columns account, level, pays"),
        (b"# members\n\naccount,level\n", "members.csv:3:1", "no column pays"),
        (b"account,level,pays,pays\n", "members.csv:1:1", "the column pays is there twice"),
        (table([[*ROWS[0][:3], "levl-1", *ROWS[0][4:]]]), "members.csv:2:1", "did you mean 'level-1'?); wanted one of"),
        (table([ROWS[0], ROWS[0]]), "members.csv:3:1", "account: it is there twice"),
        (table([[*ROWS[0][:4], "biscuits", "1", "", ""]]), "members.csv:2:1", "wanted money or credit"),
        # a spreadsheet that was saved unfilled, and "pays: no", which may mean in money or not at all
        (table([[*ROWS[0][:4], "", "1", "", ""]]), "members.csv:2:1", "wanted money or credit"),
        (table([[*ROWS[0][:4], "no", "1", "", ""]]), "members.csv:2:1", "wanted money or credit"),
        # microsoft/azuredatastudio#3825, supabase#4160: an export of nothing is the names of the columns alone
        (table([]), "members.csv:1:1", NO_ROW),
        (table([[*ROWS[0][:5], "0", "", ""]]), "members.csv:2:1", "wanted a whole number above 0"),
        (table([[*ROWS[0][:6], "6/4/2021", ""]]), "members.csv:2:1", "wanted a date such as 2021-05-04"),
        (table([[*ROWS[0][:4], "=B2", "1", "", ""]]), "members.csv:2:1", "pays: a formula without its value"),
        (b"PK\x03\x04 and no more", "members.csv:1:1", "the workbook cannot be read"),
        (b"#" * 1_000_001, "members.csv:1:1", "the file is too large; wanted at most 1000000 bytes"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, body: bytes, where: str, says: str) -> None:
    """Every row counts: one that is skipped would make the number wrong without a word."""
    (said,) = wrong(named(tmp_path, body))
    assert said.startswith(f"{where} members.sheet: ")
    assert says in said


def test_a_week_of_too_much_is_not_cut_short(tmp_path: Path) -> None:
    (tmp_path / "week.csv").write_bytes(b"day,hour,weight\n" + b"#" * 1_000_001)
    path = named(tmp_path, table())
    (said,) = wrong(path, "usage.everyone.profile=week.csv")
    assert (
        said == "week.csv:1:1 usage.everyone.profile: the file is too large; wanted at most 1000000 bytes; found 'more'"
    )


def test_all_rows_that_are_wrong_are_named_at_once(tmp_path: Path) -> None:
    rows = [ROWS[0], [*ROWS[1][:4], "x", "1", "", ""], ROWS[2], ["Zoe", *ROWS[3][1:]]]
    assert [one.split()[0] for one in wrong(named(tmp_path, table(rows)))] == ["members.csv:3:1", "members.csv:5:1"]


def test_a_formula_without_its_value_is_no_empty_cell(tmp_path: Path) -> None:
    """What no program has reckoned is neither money nor credit, and the sentence says why."""
    rows: list[list[object]] = [[*ROWS[0][:4], '=IF(TRUE,"credit","")', *ROWS[0][5:]], list(ROWS[1])]
    (said,) = wrong(named(tmp_path, book(rows), "{sheet: members.xlsx}", "members.xlsx"))
    assert said.startswith("members.xlsx:2:1 members.sheet: pays: a formula without its value")
    # in a column that nobody reads it does no harm
    rows[0] = [ROWS[0][0], "=1+1", *ROWS[0][2:]]
    assert counts(read(named(tmp_path, book(rows), "{sheet: members.xlsx}", "members.xlsx"))) == (4, 0)


def test_the_command_line_says_it_with_exit_code_2(tmp_path: Path) -> None:
    path = named(tmp_path, table([[*ROWS[0][:4], "biscuits", "1", "", ""]]))
    done = CliRunner().invoke(planner, ["check", str(path)], standalone_mode=False)
    assert done.return_value == 2
    assert "members.csv:2:1 members.sheet: pays: wanted money or credit" in done.output


def test_there_and_back_through_a_table(tmp_path: Path) -> None:
    """`planner csv` prints the sheet's name; another name that comes back is a change."""
    path = named(tmp_path, table())
    out = CliRunner().invoke(planner, ["csv", str(path)], catch_exceptions=False).stdout
    assert any(line.startswith("members.sheet,members.csv,") for line in out.splitlines())
    (tmp_path / "fewer.csv").write_bytes(table(ROWS[:1]))
    back = tmp_path / "back.csv"
    back.write_text(out.replace("members.sheet,members.csv", "members.sheet,fewer.csv"), encoding="utf-8")
    made = tmp_path / "made.yaml"
    asked = ["csv", str(path), "--apply", str(back), "--out", str(made)]
    CliRunner().invoke(planner, asked, catch_exceptions=False)
    assert counts(read(made)) == (1, 0)


def test_a_scenario_without_a_sheet_does_not_wait_for_what_reads_one() -> None:
    """Neither the tables nor the workbooks are imported."""
    code = (
        "import sys; from pathlib import Path; from planner.scenario.reader import read; "
        f"read(Path({str(SMALL)!r})); "
        "late = ('planner.readings.', 'python_calamine', 'zipfile'); "
        "print(sorted(name for name in sys.modules if name.startswith(late)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scenario whose sheet may be written over."""
    return named(tmp_path_factory.mktemp("sheet"), table())


WHOLE = {"csv": table(), "xlsx": book(ROWS)}


@settings(max_examples=200)
@given(st.sampled_from(sorted(WHOLE)), st.floats(0, 1), st.binary(max_size=12), st.integers(0, 30))
def test_a_damaged_sheet_is_read_or_refused(damaged: Path, kind: str, place: float, put: bytes, length: int) -> None:
    """A piece cut out and another put in: it counts somebody, or every problem has its place; never a traceback."""
    body = WHOLE[kind]
    at = int(place * len(body))
    (damaged.parent / "members.csv").write_bytes(body[:at] + put + body[at + length :])
    try:
        scenario = read(damaged)
    except ScenarioError as error:
        problems = error.problems
    else:
        problems = ()
        assert resolve.inputs(scenario).members.accounts == sum(round(one or 0) for one in counts(scenario))
    assert all(one.line >= 1 and str(one).isprintable() for one in problems)
