"""Ranges as people say them: "4 to 9 users", "about 2/week (1 to 4)", and what could be misread."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import grid
from planner.cli import planner
from planner.model.inputs.distributions import Family, middle, quantile
from planner.scenario import fields, json_schema, numbers, ranges
from planner.scenario.estimate import Estimate
from planner.scenario.numbers import Context
from planner.scenario.problem import Origin, Problems
from planner.scenario.reader import ScenarioError, read
from planner.scenario.schema import ROOT
from planner.scenario.tree import Map, Scalar

SMALL = Path(__file__).parents[1] / "bad_scenarios" / "good" / "small.yaml"
PILOT = Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml"
HERE = Origin("pilot.yaml", 7, 3)
STATED = read(PILOT).estimates
RANGED = sorted(path for path, one in STATED.items() if one.ranged)


def one(path: str, node: Scalar | Map) -> Estimate | str:
    """Return the number that stands at a path, or the one thing that is wrong with it."""
    field = fields.field_at(ROOT, path)
    assert isinstance(field, fields.Number)
    context = Context(Problems(), "GBP", {"ocn": "credit"}, "ocn", {})
    estimate = numbers.number(node, field, path, HERE, context)
    if estimate is not None:
        return estimate
    (problem,) = context.problems.found
    return str(problem)


def said(path: str, text: str) -> Estimate | str:
    """Return what a phrase is read as, or the one thing that is wrong with it."""
    return one(path, Scalar(text, HERE))


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("usage.everyone.size", "4 to 9 users", "6 users (4 users to 9 users)"),
        ("usage.everyone.size", "about 6 users (4 to 9)", "6 users (4 users to 9 users)"),
        ("usage.everyone.size", "6 (from 4 to 9 users)", None),
        ("usage.everyone.size", "from  4   to 9 users", "6 users (4 users to 9 users)"),
        ("usage.everyone.meetings", "2/week (1 to 4)", "2/week (1/week to 4/week)"),
        ("usage.everyone.meetings", "2 per week (1 to 4)", "2/week (1/week to 4/week)"),
        ("usage.everyone.meetings", "2 (1 to 4/week)", "2/week (1/week to 4/week)"),
        ("usage.everyone.duration", "54 min (45 to 70)", "54 min (45 min to 70 min)"),
        ("usage.everyone.duration", "45 min to 1.25 h", "58.09 min (45 min to 1.25 h)"),
        ("usage.cpu.per_user", "0.4 % (0.06 to 0.6)", "0.4 % (0.06 % to 0.6 %)"),
        ("spending.hourly_rate", "£24 to £45/h", "32.86 GBP/h (24 GBP/h to 45 GBP/h)"),
        ("spending.hourly_rate", "£24 to 45 per h", "32.86 GBP/h (24 GBP/h to 45 GBP/h)"),
        ("spending.hourly_rate", "30 GBP/h (£24 to £45)", "30 GBP/h (24 GBP/h to 45 GBP/h)"),
        ("nodes.de.limits.users", "100 to 200", "141 (100 to 200)"),
        ("networks.ocn.unpaid", "0 to 5 %", "2.5 % (0 % to 5 %)"),
        ("networks.ocn.late", "20 to 80 %", "50 % (20 % to 80 %)"),
        ("networks.ocn.closes", "1 to 15 %/year", "3.968 %/year (1 %/year to 15 %/year)"),
        ("usage.everyone.spread", "1 to 1", "1 (1 to 1)"),
        ("usage.everyone.spread", "1.000001 to 1.000002", "1.000001 (1.000001 to 1.000002)"),
    ],
)
def test_what_people_say(path: str, text: str, words: str | None) -> None:
    """The unit said once goes for all; a value that is not said lies in the middle, by the quantity's own scale."""
    estimate = said(path, text)
    if words is None:
        assert isinstance(estimate, str)
    else:
        assert isinstance(estimate, Estimate)
        assert estimate.words == words


@pytest.mark.parametrize(
    ("path", "text", "wrong"),
    [
        ("size", "9 to 4 users", "low is above high; wanted low at most 4 users; found '9 users'"),
        (
            "size",
            "12 users (4 to 9)",
            "the value lies outside low and high; wanted a value from 4 users to 9 users; found '12 users'",
        ),
        ("size", "4 rooms to 9 rooms", "the unit is wrong; wanted user (such as 6 users); found '4 rooms'"),
        ("size", "4 users to 9 rooms", "the unit is wrong; wanted user (such as 6 users); found '9 rooms'"),
        ("size", "1 to 9 users", "this is too small; wanted at least 2 users; found '1 users'"),
        ("size", "4-9 users", "'-' between two numbers can be misread; wanted 4 to 9 users; found '4-9 users'"),
        ("size", "4\u20139", "'\u2013' between two numbers can be misread; wanted 4 to 9; found '4\u20139'"),
        ("size", "4 bis 9", "'bis' between two numbers can be misread; wanted 4 to 9; found '4 bis 9'"),
        ("size", "1-2-3", f"'-' between two numbers can be misread; wanted {ranges.EXAMPLE}; found '1-2-3'"),
        ("size", "4 to 9 9 users", f"this is no range; wanted {ranges.EXAMPLE}; found '4 to 9 9 users'"),
        ("size", "4..9", "'..' between two numbers can be misread; wanted 4 to 9; found '4..9'"),
        ("size", "4to9", "'to' between two numbers can be misread; wanted 4 to 9; found '4to9'"),
        (
            "size",
            "between 4 and 9 users",
            "'and' between two numbers can be misread; wanted 4 to 9 users; found 'between 4 and 9 users'",
        ),
        ("size", "6 (4 - 9)", "'-' between two numbers can be misread; wanted 6 (4 to 9); found '6 (4 - 9)'"),
        (
            "size",
            "2021-04-30",
            f"'-' between two numbers can be misread; wanted {ranges.EXAMPLE}; found '2021-04-30'",
        ),
        ("size", "6 ± 2", f"'±' between two numbers can be misread; wanted {ranges.EXAMPLE}; found '6 ± 2'"),
        (
            "size",
            "about 6",
            f"'about' says nothing of how far it may be off; wanted {ranges.EXAMPLE}; found 'about 6'",
        ),
        ("size", "6 users (4)", f"this is no range; wanted {ranges.EXAMPLE}; found '6 users (4)'"),
        ("size", "6 users (4 to 9", f"these brackets hold no range; wanted {ranges.EXAMPLE}; found '6 users (4 to 9'"),
        (
            "size",
            "1,5 to 9",
            "a comma in a number can be misread: write 1000 or 1.5; wanted user (such as 6 users); found '1,5 to 9'",
        ),
        ("size", "few to many", "this is not a number; wanted one (unit: user (such as 6 users)); found 'few to many'"),
        (
            "page_size",
            "4 to 9",
            "this takes one value, not a range; wanted one number without low and high; found '4 to 9'",
        ),
        ("page_size", "4-9", "this takes one value, not a range; wanted one number without low and high; found '4-9'"),
        (
            "size_dispersion",
            "none (1 to 2)",
            "'none' cannot have a range; wanted a value, or none without low and high; found '1'",
        ),
    ],
)
def test_what_is_wrong_is_said_once_and_with_its_place(path: str, text: str, wrong: str) -> None:
    """One sentence: what is wrong, what is wanted (the right form of these very numbers), what was found."""
    assert said(f"usage.everyone.{path}", text) == f"pilot.yaml:7:3 usage.everyone.{path}: {wrong}"


def test_two_ends_in_two_currencies_or_kinds_of_unit() -> None:
    found = said("cash.next_node", "30 EUR/month to 60 GBP/month")
    assert "low and high are in another unit; wanted one, as in 30 EUR/month" in str(found)
    assert "low and high are in another unit" in str(said("nodes.de.limits.load", "60 % to 80 load"))


def test_a_phrase_stands_beside_its_source() -> None:
    """Or beside its unit; but nothing is said twice."""
    long = one("usage.everyone.size", Map.of({"value": "4 to 9", "unit": "users", "source": "a count"}, HERE))
    assert isinstance(long, Estimate)
    assert (long.words, long.source) == ("6 users (4 users to 9 users)", "a count")
    twice = {"value": "4 to 9 users", "low": "4", "high": "9"}
    assert "the range is written twice" in str(one("usage.everyone.size", Map.of(twice, HERE)))
    assert "the unit is written twice" in str(
        one("usage.everyone.size", Map.of({"value": "4 to 9 users", "unit": "users"}, HERE))
    )


@given(st.sampled_from(["positive", "share"]), st.floats(0.001, 0.998), st.floats(1e-3, 1.0), st.floats(0.01, 0.99))
def test_draws_lie_evenly_around_the_middle(family: Family, low: float, part: float, u: float) -> None:
    """Either side of it on the draws' own scale: as ratios lie, or of a share its odds."""
    high = low + part * (0.999 - low)
    value, _ = middle(low, high, family)
    found = (*quantile(value, low, high, family, [u, 1 - u]), value)
    below, above, between = (one / (1 - one) if family == "share" else one for one in found)
    assert below * above == pytest.approx(between**2)


def alike(first: Estimate | str, second: Estimate | str) -> bool:
    """Return whether two readings are the same number, however it was written."""
    assert isinstance(first, Estimate)
    assert isinstance(second, Estimate)
    return replace(first, read_as="") == replace(second, read_as="")


@settings(max_examples=200)
@given(st.sampled_from(RANGED), st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted))
def test_every_range_written_out_as_said_is_the_same_estimate(path: str, places: list[float]) -> None:
    """In long form, in one phrase, and as the planner itself prints it: number, text and unit are the same."""
    stated = STATED[path]
    assert stated.low is not None
    assert stated.high is not None
    numbers = [stated.low + place * (stated.high - stated.low) for place in places]
    whole = stated.family in ("count", "limit")
    low, value, high = (stated.scale.words(round(number) if whole else number) for number in numbers)
    suffix = stated.scale.suffix
    digits = [text.removesuffix(suffix) for text in (value, low, high)]
    long = one(path, Map.of({"value": value, "low": low, "high": high}, HERE))
    assert isinstance(long, Estimate)
    assert alike(long, said(path, ranges.written(value, low, high, "")))
    assert alike(long, said(path, ranges.written(*digits, suffix.strip())))
    assert alike(long, said(path, f"about {long.words}"))
    beside = {"value": ranges.written(*digits, "")} | ({"unit": suffix.strip()} if suffix else {})
    assert alike(long, one(path, Map.of(beside, HERE)))


@pytest.mark.parametrize("path", RANGED)
def test_two_ends_alone_are_the_range_around_their_middle(path: str) -> None:
    """What is taken as value is within the ends, and written out it is the same estimate."""
    stated = STATED[path]
    found = said(path, f"{stated.low_text} to {stated.high_text}")
    assert isinstance(found, Estimate)
    assert (found.low, found.high) == (stated.low, stated.high)
    assert (found.low or 0) <= (found.value or 0) <= (found.high or 0)
    assert alike(found, said(path, found.words))
    assert "no value is said, so it is taken as" in found.read_as


PIECES = st.sampled_from([
    *("4", "9", "6", "1.5", "1e3", "0", "-1", "£", "%", " ", " ", " to ", "to", "(", ")", "about ", "from "),
    *("between ", "-", "\u2013", "..", "±", " and ", "/week", " users", " h", "none", ",", ":", "x", "é", "\u202e"),
    "9" * 30,
])  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(["", "users", "/week", "%"]))
def test_any_pieces_in_any_order(text: str, unit: str) -> None:
    """A phrase is a range whose parts are numbers, no range, or refused in words that can be shown."""
    try:
        whole = ranges.said(text, unit)
    except ValueError as error:
        wanted = getattr(error, "wanted", "")
        told = " between two numbers " not in str(error) or wanted == ranges.EXAMPLE
        assert told or ranges.said(wanted) is not None  # what is wanted is read when it is written so
        return
    assert ranges.unit_of(text) is None or isinstance(ranges.unit_of(text), str)
    assert whole is None or (whole.low and whole.high)


def test_a_sweep_takes_ranges_as_names_not_as_their_first_number() -> None:
    ranged = grid.axis("usage.everyone.size=4 to 9 users, 6 users (4 to 9)")
    assert (ranged.values, ranged.numbers, ranged.unit) == (("4 to 9 users", "6 users (4 to 9)"), None, "")
    assert grid.axis("usage.everyone.size=4 users, 6 users").numbers == (4.0, 6.0)


def test_the_command_line_takes_the_unit_of_what_was_there() -> None:
    """A bare range as a bare number; and a phrase in the file gives its unit to both."""
    path = "spending.hourly_rate"
    assert read(PILOT, [f"{path}=20 to 30"]).estimates[path].words == "24.49 GBP/h (20 GBP/h to 30 GBP/h)"
    assert read(PILOT, [f"{path}=25 (20 to 30)"]).estimates[path].words == "25 GBP/h (20 GBP/h to 30 GBP/h)"
    assert read(PILOT, [f"{path}=20 to 30", "usage.everyone.size=4 to 9"]).estimates[path].value == 2449


def test_a_bare_number_takes_the_unit_of_a_phrase_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"title: A\nbase: {PILOT}\nchanges:\n  spending.hourly_rate: 24 to 45 GBP/h\n", encoding="utf-8")
    assert read(file, ["spending.hourly_rate=20"]).estimates["spending.hourly_rate"].text == "20 GBP/h"


def test_the_digest_is_of_what_is_said_not_of_how(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    text = "title: A\nbase: {}\nchanges:\n  usage.everyone.meetings: {}\n"
    digests = set()
    for entry in ("2/week (1 to 4)", "{value: 2/week, low: 1, high: 4}", "about 2 per week (1/week to 4/week)"):
        file.write_text(text.format(PILOT, entry), encoding="utf-8")
        digests.add(read(file).digest)
    assert len(digests) == 1


def test_the_editor_takes_the_phrases() -> None:
    """The JSON Schema admits them as they stand and inside the long form, and its help shows one."""
    whole = json_schema.whole()
    form = {"definitions": whole["definitions"], "$ref": "#/definitions/number"}
    for value in ("4 to 9 users", {"value": "about 2/week (1 to 4)", "source": "a count"}):
        jsonschema.validate(value, form)
    assert "6 users (4 to 9)" in whole["definitions"]["number"]["anyOf"][0]["description"]


def table(path: Path) -> dict[str, tuple[str, str]]:
    """Return value and meaning by path, as `planner csv` prints them."""
    out = CliRunner().invoke(planner, ["csv", str(path)], catch_exceptions=False).stdout
    header, *rows = csv.reader(io.StringIO(out))
    assert header == ["path", "value", "meaning"]
    return {path: (value, meaning) for path, value, meaning in rows}


def applied(tmp_path: Path, rows: list[tuple[str, str]]) -> str:
    """Return what a table changes in the pilot, or why it cannot."""
    (tmp_path / "back.csv").write_text("path,value\n" + "".join(f'{path},"{text}"\n' for path, text in rows))
    made = tmp_path / "made.yaml"
    made.unlink(missing_ok=True)
    asked = ["csv", str(PILOT), "--apply", str(tmp_path / "back.csv"), "--out", str(made)]
    done = CliRunner().invoke(planner, asked)
    return done.output if done.exit_code == 0 else f"{done.exit_code} {done.stderr}"


def test_a_table_holds_each_range_in_one_cell_and_says_what_it_is() -> None:
    rows = table(PILOT)
    assert rows["usage.everyone.size"][0] == "6 users (4 to 9)"
    assert rows["usage.everyone.size"][1].startswith("Mean number of users in a meeting")
    assert rows["experience.2.in"][0] == "6 weeks (3 weeks to 14 weeks)"
    assert not [path for path in rows if path.endswith((".value", ".low", ".high"))]
    assert [path for path, (_, meaning) in rows.items() if not meaning] == []


def test_a_table_there_and_back(tmp_path: Path) -> None:
    """As it was it changes nothing, also with value, low and high in rows of their own."""
    same = [(path, value.lstrip("'").replace('"', '""')) for path, (value, _) in table(PILOT).items()]
    apart = [("usage.everyone.size.value", "6 users"), ("usage.everyone.size.low", "4")]
    assert "nothing to write" in applied(tmp_path, same)
    assert "nothing to write" in applied(tmp_path, apart)
    assert "6 users (4 to 9) → 5 to 9 users" in applied(tmp_path, [("usage.everyone.size", "5 to 9 users")])
    changed = read(tmp_path / "made.yaml").estimates["usage.everyone.size"]
    assert changed.words == "6.708 users (5 users to 9 users)"
    assert "→" in applied(tmp_path, [("experience.2.in", "5 weeks (3 to 14)")])
    assert read(tmp_path / "made.yaml").estimates["experience.2.in"].words == "5 weeks (3 weeks to 14 weeks)"
    found = applied(tmp_path, [("usage.everyone.size", "5-9 users")])
    assert "back.csv:2:1 usage.everyone.size: '-' between two numbers can be misread; wanted 5 to 9 users" in found


def test_a_new_number_does_not_keep_a_source_that_never_said_it(tmp_path: Path) -> None:
    """Nor its date, by which the gate would take the register's accounts to be counted already."""
    size, members = "usage.everyone.size", "members.accounts"
    assert STATED[members].as_of
    assert f"{size}: its source did not say the new value" in applied(tmp_path, [(size, "5 to 9 users")])
    assert read(tmp_path / "made.yaml").estimates[size].source == ""
    for row, cell in (
        (members, "60 accounts"),
        (f"{members}.value", "60 accounts"),
        (members, "55 accounts (50 to 60)"),
    ):
        said = applied(tmp_path, [(row, cell)])
        assert f"the row {members}.source takes another" in said
        one = read(tmp_path / "made.yaml").estimates[members]
        assert (one.source, one.as_of) == ("", None)
    said = applied(
        tmp_path, [(members, "60 accounts"), (f"{members}.source", "the sheet of May"), (f"{members}.as_of", "2021-05")]
    )
    one = read(tmp_path / "made.yaml").estimates[members]
    assert (one.source, one.as_of) == ("the sheet of May", "2021-05")
    assert "takes another" not in said
    statement = "experience.2"
    assert table(PILOT)[f"{statement}.source"]
    assert f"the row {statement}.source takes another" in applied(tmp_path, [(f"{statement}.in", "5 weeks (3 to 14)")])
    assert not read(tmp_path / "made.yaml").entries[f"{statement}.source"].value
    assert "takes another" not in applied(
        tmp_path, [(f"{statement}.in", "5 weeks"), (f"{statement}.source", "the log of May")]
    )
    # the value as it was, its source alone is new: the date stays
    assert "→" in applied(tmp_path, [(f"{members}.source", "the sheet")])
    one = read(tmp_path / "made.yaml").estimates[members]
    assert (one.source, one.as_of) == ("the sheet", STATED[members].as_of)
    for source in (f"{members}.source", f"{statement}.source"):
        assert table(PILOT)[source][1].endswith("Left out where what it speaks of is new, unless this row is new too")


@pytest.mark.parametrize("title", ["null", "~", "[a, b]", "{a: b}"])
def test_a_title_that_is_nothing_or_a_list_is_refused_at_its_line(tmp_path: Path, title: str) -> None:
    assert f"back.csv:2:1 title: wrong shape; wanted text; found '{title}'" in applied(tmp_path, [("title", title)])
    file = tmp_path / "a.yaml"
    file.write_text(f"title: {title}\nbase: {PILOT}\nchanges: {{}}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"a\.yaml:1:8 title: wrong shape; wanted text"):
        read(file)


def test_a_scenario_with_a_misread_range_names_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"title: A\nbase: {PILOT}\nchanges:\n  usage.everyone.size: 4-9 users\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"a\.yaml:4:24 usage\.everyone\.size: '-' between two numbers"):
        read(file)
