"""Reading a scenario: what stands where, base and changes, the command line, the digest."""

import hashlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from planner.scenario import reader
from planner.scenario.reader import Change, Scenario, read

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parents[1] / "bad_scenarios" / "good" / "small.yaml"


def whole(folder: Path, old: str = "", new: str = "") -> Path:
    """Return a copy of the small scenario in which one piece of text is another."""
    text = SMALL.read_text(encoding="utf-8")
    assert not old or text.count(old) == 1
    path = folder / "whole.yaml"
    path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return path


def changed(folder: Path, changes: str, name: str = "changed", base: Path = SMALL) -> Path:
    """Return a scenario on a base; each line of `changes` is one."""
    lines = "".join(f"  {line.strip()}\n" for line in changes.strip().splitlines())
    path = folder / f"{name}.yaml"
    path.write_text(f"title: {name}\nbase: {base.as_posix()}\nchanges:\n{lines}", encoding="utf-8")
    return path


def test_estimate_keeps_everything(tmp_path: Path) -> None:
    """Value, range, unit, source, date, place and words of one number; low and high take the value's unit."""
    text = '{value: 54 min, low: 45, high: 1.5 h, source: "Zoom, 2021", as_of: 2021-11}'
    one = read(changed(tmp_path, f"usage.everyone.duration: {text}")).estimates["usage.everyone.duration"]
    assert (one.value, one.low, one.high) == (0.9, 0.75, 1.5)
    assert (one.text, one.low_text, one.high_text) == ("54 min", "45 min", "1.5 h")
    assert (one.unit, one.family, one.source, one.as_of) == ("h", "positive", "Zoom, 2021", "2021-11")
    assert (str(one.origin), one.origin.col) == ("changed.yaml:4", 28)
    assert one.words == "54 min (45 min to 1.5 h)"
    assert one.written(1.25) == "75 min"
    assert not one.is_default
    assert "Mean length" in one.help


def test_unit_beside_the_number(tmp_path: Path) -> None:
    """`unit:` serves value, low and high alike."""
    path = changed(tmp_path, "usage.everyone.meetings: {value: 2, low: 1, high: 4, unit: /week}")
    one = read(path).estimates["usage.everyone.meetings"]
    assert (one.value, one.low, one.high, one.text, one.high_text) == (2, 1, 4, "2/week", "4/week")


def test_defaults_are_there_and_say_so() -> None:
    """What a file leaves out has the schema's value, and the place where one would write it."""
    scenario = read(SMALL)
    one = scenario.estimates["usage.everyone.cameras"]
    assert (one.value, one.low, one.high, one.source, one.is_default) == (0.5, 0.25, 0.7, "default", True)
    assert str(scenario.estimates["spending.sellers.social.available"].origin) == "small.yaml:15"
    assert scenario.entries["objective.measure"].is_default
    assert scenario.estimates["nodes.ca.limits.rooms"].value is None
    assert scenario.entries["placement.members"].value == {"de": 0.5, "ca": 0.5}
    assert scenario.entries["networks.ocn.mix"].value == {"level-1": 1.0}
    assert scenario.entries["spending.supplier"].value is False


def test_what_yaml_would_turn_into_something_else_stays_text(tmp_path: Path) -> None:
    """Norway's code, a time of day and a number in a title are what was written."""
    scenario = read(changed(tmp_path, "networks.ocn.who: NO\nspending.supplier: {name: 010}"), ["title=9:30"])
    assert scenario.entries["networks.ocn.who"].value == "NO"
    assert scenario.entries["spending.supplier.name"].value == "010"
    assert scenario.title == "9:30"


def test_changes_are_told_from_base_to_command_line(tmp_path: Path) -> None:
    """A stack of files and options: the last one wins, and every step says old and new and where."""
    first = changed(tmp_path, "offer.accounts: 10\nmembers.accounts: {value: 50, low: 40, high: 60}", "first")
    second = changed(tmp_path, "offer.accounts: 20", "second", base=first)
    scenario = read(second, ["offer.accounts=30", "usage.everyone.season=1.2"])
    assert scenario.changes == (
        Change("offer.accounts", "5", "10", "first.yaml:4"),
        Change("members.accounts", "55", "50 (40 to 60)", "first.yaml:5"),
        Change("offer.accounts", "10", "20", "second.yaml:4"),
        Change("offer.accounts", "20", "30", "--set"),
        Change("usage.everyone.season", "1.1 (1.0 to 1.3) (default)", "1.2", "--set"),
    )
    assert scenario.estimates["offer.accounts"].value == 30
    assert scenario.title == "second"


def test_a_number_that_stays_says_what_else_changed(tmp_path: Path) -> None:
    """Where only the source or its date is another, old and new would look the same; where nothing is, they are."""
    late = "networks.ocn.late: {value: 30 %, low: 10 %, high: 50 %"
    first = changed(tmp_path, f"{late}, source: a guess}}", "first")
    second = changed(tmp_path, f"{late}, source: the ledger, as_of: 2021-05}}", "second", base=first)
    third = changed(tmp_path, f"{late}, as_of: 2021-05, source: the ledger}}", "third", base=second)
    stays = "30 % (10 % to 50 %)"
    assert read(third).changes[1:] == (
        Change(
            "networks.ocn.late",
            f"{stays}, source: a guess",
            f"{stays}, source: the ledger, as of 2021-05",
            "second.yaml:4",
        ),
        Change("networks.ocn.late", stays, stays, "third.yaml:4"),
    )
    one = read(second, ["networks.ocn.late=30 %"]).changes[-1]
    assert (one.old, one.new) == (stays, "30 %")


def test_change_replaces_the_whole_entry(tmp_path: Path) -> None:
    """Range and source of the old entry do not cling to the new one, nor other entries of a section."""
    first = changed(tmp_path, "networks.ocn.late: {value: 30 %, low: 10 %, high: 50 %, source: a}", "first")
    one = read(changed(tmp_path, "networks.ocn.late: 20 %", "second", base=first)).estimates["networks.ocn.late"]
    assert (one.value, one.low, one.source) == (0.2, None, "")
    scenario = read(changed(tmp_path, "nodes.de: {limits: {rooms: 30}}"))
    assert scenario.estimates["nodes.de.limits.users"].value is None


def test_named_entries_come_and_go(tmp_path: Path) -> None:
    """A new name may be added as a whole; none removes one."""
    path = changed(tmp_path, "nodes.fr: {limits: {users: 90}}\nnodes.ca: none\nspending.sellers.social: none")
    scenario = read(path)
    assert scenario.names["nodes"] == ("de", "fr")
    assert scenario.names["sellers"] == ()
    assert [change.old for change in scenario.changes] == [
        "not there",
        "{limits: {users: 150 users}}",
        "{hours: 16 h/month}",
    ]
    assert not any(path.startswith("nodes.ca") for path in scenario.estimates)


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("spending.hourly_rate", "45", "45 GBP/h"),
        ("usage.everyone.duration", "30", "30 min"),
        ("usage.everyone.meetings", "3", "3/week"),
        ("nodes.de.limits.load", "60", "60 %"),
        ("usage.everyone.cameras", "20 %", "20 %"),
        ("nodes.de.limits.users", "none", "none"),
    ],
)
def test_bare_number_of_the_command_line(tmp_path: Path, path: str, value: str, text: str) -> None:
    """A sweep writes hourly_rate=20,30,45: a bare number has the unit the entry had in the file."""
    file = changed(
        tmp_path,
        "spending.hourly_rate: {value: 30 GBP/h, low: 24 GBP/h, high: 45 GBP/h}\n"
        "usage.everyone.duration: {value: 54, unit: min}\n"
        "usage.everyone.meetings: 2/week",
    )
    assert read(file, [f"{path}={value}"]).estimates[path].text == text


def test_mapping_on_the_command_line() -> None:
    """An option may be a whole entry."""
    scenario = read(SMALL, ["offer.mix={level-1: 60 %, level-2: 40 %}", "spending.prefer=[social]"])
    assert scenario.entries["offer.mix"].value == pytest.approx({"level-1": 0.6, "level-2": 0.4})
    assert scenario.entries["spending.prefer"].value == ("social",)


def test_digest_is_of_what_is_said(tmp_path: Path) -> None:
    """Comments, layout, sources, titles and units of the same size change nothing; a number or a date does."""
    digest = read(SMALL).digest
    text = SMALL.read_text(encoding="utf-8")
    path = tmp_path / "other.yaml"
    path.write_text("# a comment\n\n" + text.replace("A small co-op", "Another title"), encoding="utf-8")
    assert read(path).digest == digest
    same = {
        "duration: 3 h}\n  level-2": "duration: 180 min}\n  level-2",
        "accounts: 55": "accounts: {value: 55, source: a guess}",
        "start: 2021-04": "start:   '2021-04'",
        "reachable: 150 businesses": "reachable: 150",
        "members: {accounts": "horizon: 3 years\nmembers: {accounts",
    }
    for old, new in same.items():
        assert read(whole(tmp_path, old, new)).digest == digest, new
    other = {
        "accounts: 55": "accounts: 56",
        "accounts: 55,": "accounts: {value: 55, low: 50, high: 60},",
        "accounts: 55, ": "accounts: {value: 55, as_of: 2021-03}, ",
        "level-1: 100 %": "level-2: 100 %",
        "start: 2021-04": "start: 2021-05",
        "members: {accounts": "timezone: Europe/Berlin\nmembers: {accounts",
        "EUR: 0.86 GBP": "EUR: 0.87 GBP",
        "members: {acc": "seed: 2\nmembers: {acc",
    }
    digests = [read(whole(tmp_path, old, new)).digest for old, new in other.items()]
    assert len({digest, *digests}) == len(other) + 1


def test_digest_covers_the_model_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan made by an older model is not taken for today's."""
    before = read(SMALL).digest
    monkeypatch.setattr(reader.planner, "__version__", "0.0.0")
    assert read(SMALL).digest != before


def test_digest_does_not_hang_on_where_the_value_comes_from(tmp_path: Path) -> None:
    """Base, change or option: what is said is the same."""
    path = changed(tmp_path, "offer.accounts: 7")
    assert read(path).digest == read(SMALL, ["offer.accounts=7"]).digest


def test_named_file_counts_by_its_content(tmp_path: Path) -> None:
    """The digest follows the profile's bytes, wherever it lies; `sources` names every file that was read."""
    table = (ROOT / "data" / "weekly_profile.csv").read_bytes()
    (tmp_path / "a.csv").write_bytes(table)
    (tmp_path / "b.csv").write_bytes(table)
    first = read(changed(tmp_path, "usage.everyone.profile: a.csv"))
    second = read(changed(tmp_path, "usage.everyone.profile: b.csv", "second"))
    assert first.digest == second.digest
    (tmp_path / "b.csv").write_bytes(b"# a note\n" + table)
    assert read(tmp_path / "second.yaml").digest != first.digest
    assert dict(first.sources)["a.csv"] == hashlib.sha256(table).hexdigest()
    assert {Path(name).name for name, _ in first.sources} == {"changed.yaml", "small.yaml", "a.csv"}


def test_file_is_relative_to_who_names_it(tmp_path: Path) -> None:
    """A base in another folder finds its own profile; an option's is relative to the scenario."""
    scenario = read(changed(tmp_path, "offer.accounts: 5", base=ROOT / "scenarios" / "meetcoop.yaml"))
    assert any(name.endswith("data/weekly_profile.csv") for name, _ in scenario.sources)
    (tmp_path / "mine.csv").write_bytes((ROOT / "data" / "weekly_profile.csv").read_bytes())
    scenario = read(changed(tmp_path, "offer.accounts: 5"), ["usage.everyone.profile=mine.csv"])
    assert "mine.csv" in dict(scenario.sources)


def test_expectations_are_read_with_their_place(tmp_path: Path) -> None:
    """A value with its unit, a range, a value with its error, and a word."""
    path = tmp_path / "expects.yaml"
    path.write_text(
        f"title: A\nbase: {SMALL}\nexpect:\n  income: 45.00 GBP\n  n: 5..9\n  m: 11 ± 2\n  limit: users\n  p: 1 %\n",
        encoding="utf-8",
    )
    found = {path: (one.low, one.high, one.unit) for path, one in read(path).expect.items()}
    assert found == {
        "income": (45, 45, "GBP"),
        "n": (5, 9, ""),
        "m": (9, 13, ""),
        "limit": (None, None, ""),
        "p": (0.01, 0.01, ""),
    }
    assert str(read(path).expect["n"].origin) == "expects.yaml:5"


def test_base_keeps_its_expectations_to_itself(tmp_path: Path) -> None:
    """What the base expects of its own plan says nothing of a changed one."""
    base = tmp_path / "base.yaml"
    base.write_text(SMALL.read_text(encoding="utf-8") + "expect: {n: 5}\n", encoding="utf-8")
    assert read(base).expect
    assert not read(changed(tmp_path, "offer.accounts: 5", base=base)).expect


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    """As an editor on Windows saves it."""
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.read_bytes().replace(b"\n", b"\r\n"))
    assert read(path).digest == read(SMALL).digest


def test_anchors_serve_to_say_a_thing_once(tmp_path: Path) -> None:
    """An alias is what its anchor is."""
    path = whole(tmp_path, "ca: {limits: {users: 150 users}}", "ca: *de")
    path.write_text(path.read_text(encoding="utf-8").replace("de: {limits", "de: &de {limits"), encoding="utf-8")
    assert read(path).estimates["nodes.ca.limits.load"].value == 0.7


def test_scenario_goes_to_other_processes_and_back() -> None:
    """A sweep's workers get it pickled."""
    scenario = read(SMALL)
    copy = pickle.loads(pickle.dumps(scenario))
    assert isinstance(copy, Scenario)
    assert (copy.digest, copy.estimates, copy.entries) == (scenario.digest, scenario.estimates, scenario.entries)


def test_reading_needs_no_heavy_library() -> None:
    """Checking a scenario starts fast: nothing that draws, tabulates or optimises is imported for it."""
    code = "import planner.scenario.resolve, sys; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert not {"pandas", "matplotlib", "scipy", "numba", "pydantic", "requests"} & set(loaded)
    assert "yaml" in loaded
