"""Scenarios side by side, and a scenario as a table of two columns: what is said, what is safe, what comes back."""

import csv
import io
import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from light_scenario import LIGHT
from sample_plan import HOSTILE, hostile, sample

from planner import cli, comparison, output, planning
from planner.cli import BadInput
from planner.comparison import Comparison
from planner.planning import Plan, headline
from planner.planning.assumptions import names_of
from planner.report import comparison as page
from planner.report.tables import guarded, unguarded
from planner.scenario import overlay, sheet
from planner.scenario.reader import Scenario, ScenarioError, between, read

ROOT = Path(__file__).parents[1]
SCENARIOS = sorted(one for one in (ROOT / "scenarios").glob("*.yaml"))


@pytest.fixture
def light(tmp_path: Path) -> Path:
    file = tmp_path / "light.yaml"
    file.write_text(LIGHT)
    return file


@pytest.fixture
def seeds(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Make plans without the model: of the accounts offered. Return the seeds that they were asked with."""
    found: list[int | None] = []

    def plan(scenario: Scenario, draws: int | None = None, seed: int | None = None, **_: object) -> Plan:
        found.append(seed)
        made = sample(round(scenario.estimates["offer.accounts"].value or 0))
        stamp = replace(made.scenario, name=scenario.name, title=scenario.title, file=scenario.file)
        return replace(made, draws=draws or 500, seed=seed or 0, scenario=stamp)

    monkeypatch.setattr("planner.planning.plan", plan)
    return found


def of(*plans: Plan) -> Comparison:
    """Return the comparison of plans as they are."""
    return comparison.Comparison("0.1.0", 1, 100, 1000, tuple(map(comparison.column, plans)), ())


def named(plan: Plan, name: str) -> Plan:
    return replace(plan, scenario=replace(plan.scenario, name=name))


# ---- what is compared


def test_all_are_planned_with_the_seed_of_the_first(light: Path, seeds: list[int | None]) -> None:
    other = light.with_name("other.yaml")
    other.write_text(LIGHT.replace("seed: 7", "seed: 8"))
    scenarios = [read(light), read(other), read(light, ("offer.accounts=9",))]
    found = comparison.compare(scenarios, draws=40)
    assert seeds == [7, 7, 7]
    assert (found.seed, found.draws) == (7, 40)
    assert [one.answers.offered for one in found.columns] == [5, 5, 9]
    assert [one.path for one in found.differences] == ["offer.accounts"], "the seed is no difference here"
    seeds.clear()
    comparison.compare(scenarios, seed=3)
    assert seeds == [3, 3, 3]
    with pytest.raises(ValueError, match="at least one"):
        comparison.compare([])


def test_progress_names_each_scenario(light: Path, seeds: list[int | None]) -> None:
    said: list[tuple[str, float]] = []
    comparison.compare([read(light), read(light)], progress=lambda name, done: said.append((name, done)))
    assert said == [("light", 0.0), ("light", 0.5)]


def differing(light: Path, *sets: str) -> dict[str, tuple[str, ...]]:
    return {one.path: one.values for one in comparison.differences([read(light), read(light, sets)])}


def test_an_input_differs_by_what_it_comes_to_not_by_how_it_is_written(light: Path) -> None:
    assert differing(light) == {}
    assert differing(light, "usage.everyone.duration=0.75 h", "title=Another") == {}
    assert differing(light, "nodes.a.limits.rooms={value: 9 rooms, low: 6, high: 12, source: seen}") == {}
    assert differing(light, "nodes.a.limits.rooms=9 rooms") == {
        "nodes.a.limits.rooms": ("9 rooms (6 rooms to 12 rooms)", "9 rooms")
    }
    assert differing(light, "objective.measure=minutes", "objective.at_most=5 min/month").keys() == {
        *("objective.measure", "objective.at_most")
    }
    assert differing(light, "usage.everyone.page_size=9") == {"usage.everyone.page_size": ("5", "9")}, (
        "a default counts"
    )


def test_what_one_of_them_has_not_at_all_is_one_difference(light: Path) -> None:
    found = differing(light, "spending.sellers.t={hours: 5 h/month, smallest_job: 1 h, available: 50 %}")
    assert found["spending.sellers.t"] == ("", "is there")
    assert [path for path in found if path.startswith("spending.sellers.t")] == ["spending.sellers.t"]


# ---- the way from one to another


def way(here: Scenario, there: Scenario) -> comparison.Way:
    (found,) = comparison.compare([here, there], draws=20).ways
    assert found.to == 1
    return found


def test_each_step_is_the_plan_of_what_is_changed_so_far_and_the_last_is_the_other_scenario(light: Path) -> None:
    sets = ("usage.everyone.meetings=4/week", "offer.accounts=20", "spending.hourly_rate=15 GBP/h")
    here, there = read(light), read(light, sets)
    steps = way(here, there).steps
    order = ["usage.everyone.meetings", "offer.accounts", "spending.hourly_rate"]
    assert [[each.path for each in step.changes] for step in steps] == [[], *([path] for path in order)]
    assert {step.together for step in steps} == {""}
    for step, upto in zip(steps, range(4), strict=True):
        answers = headline(planning.plan(read(light, sets[:upto]), draws=20, brief=True))
        assert (step.cope, step.bought) == (answers.cope, answers.buy_probability)
    assert len({(step.cope, step.bought) for step in steps}) == 4, "each of them moves something"


def test_what_is_no_scenario_by_itself_goes_with_the_next_and_what_is_too_much_in_the_last(
    light: Path, seeds: list[int | None]
) -> None:
    there = read(light, ("objective.measure=minutes", "objective.at_most=5 min/month", "offer.accounts=9"))
    steps = way(read(light), there).steps
    assert [(len(step.changes), step.together) for step in steps] == [(0, ""), (1, ""), (2, "invalid")]
    assert page.label(steps[2], names_of(there)).endswith(
        " and 1 more (together: one by one they are no valid scenario)"
    )
    assert len(seeds) == 3, "the last step is the other scenario's own plan"
    seeds.clear()
    usage = ("meetings=3/week", "duration=50 min", "size=6 users", "cameras=40 %", "spread=0.1", "season=1.1")
    more = ("spending.target=5 h", "labour.available=5 h/month", "cash.displaced=6 %", "cash.convert=31 %")
    steps = way(read(light), read(light, (*(f"usage.everyone.{each}" for each in usage), *more))).steps
    assert [(len(step.changes), step.together) for step in steps[-2:]] == [(1, ""), (3, "rest")]
    assert len(steps) - 1 == comparison.MOST_STEPS
    assert len(seeds) == comparison.MOST_STEPS + 1


def test_what_people_decided_is_no_step(light: Path, seeds: list[int | None]) -> None:
    sets = ("spending.target=5 h", "offer.accounts=9")
    steps = way(read(light), read(light, (*sets, "decision={accounts: 2, on: 2021-04-06, by: us}"))).steps
    assert [[each.path for each in step.changes] for step in steps] == [[], ["offer.accounts"], ["spending.target"]]
    assert len(seeds) == 3


def test_a_way_is_worked_out_for_two_unless_somebody_asks(light: Path, seeds: list[int | None]) -> None:
    three = [read(light), read(light, ("offer.accounts=9",)), read(light, ("spending.target=5 h",))]
    assert comparison.compare(three).ways == ()
    assert [each.to for each in comparison.compare(three, steps=True).ways] == [1, 2]
    assert comparison.compare(three[:2], steps=False).ways == ()
    assert comparison.compare([three[0], three[0]]).ways == (), "nothing differs"


def test_files_that_a_scenario_names_are_found_from_another_folder(light: Path) -> None:
    other = light.parent / "other" / "light.yaml"
    other.parent.mkdir()
    shutil.copy(ROOT / "data/weekly_profile.csv", other.parent / "week.csv")
    other.write_text(LIGHT.replace("meetings: 2/week,", "meetings: 2/week, profile: week.csv,"))
    here, there = read(light), read(other)
    path = "usage.everyone.profile"
    assert between(here, there, [path]).entries[path].value == there.entries[path].value
    assert between(here, there, [path]).digest != here.digest
    assert between(there, here, [path]).digest == here.digest
    other.write_text(LIGHT.replace("nodes: {a:", "nodes: {b:"))
    with pytest.raises(ScenarioError, match="node"):
        between(here, read(other), ["nodes.a"])


# ---- what is said


def facts(found: Comparison) -> dict[str, tuple[str, ...]]:
    return {one.name: one.answers for one in page.facts(found)}


def test_the_facts_are_those_of_the_plans() -> None:
    five, ten = sample(5), sample(10)
    said = facts(of(five, ten))
    assert said["accounts on offer"] == ("5", "10")
    assert said["may come by our rule"] == ("5", "5")
    assert said["income a month, on paper"] == ("45.00 GBP", "90.00 GBP")
    assert said["months until 16 hours are earned, on paper"] == ("11", "6")
    for credit, words in (
        (five.credit, said["months until earned, usually"][0]),
        (ten.credit, said["months until earned, usually"][1]),
    ):
        assert words == f"{credit.months_to_afford.p10} to {credit.months_to_afford.p90}"
    assert said["the first to say no"] == ("the pilot's own cap", "the pilot's own cap")


def test_no_limit_no_number_and_never_are_said_in_words() -> None:
    made = comparison.column(sample())
    none = replace(
        made.answers,
        **dict.fromkeys(("max_accounts", "central", "accounts_needed", "months_to_afford"), None),
        **{f"months_to_{what}_{end}": None for what in ("afford", "buy") for end in ("p10", "p90")},
        binding="",
    )
    said = facts(Comparison("0", 1, 1, 1, (replace(made, answers=none, limits=()),), ()))
    assert said["may come by our rule"] == ("no limit",)
    assert said["the first to say no"] == ("nothing",)
    assert said["months until 16 hours are earned, on paper"] == ("over 36",)
    assert said["months until bought, usually"] == ("over 36",)
    servers, rule, hours = answers(Comparison("0", 1, 1, 1, (replace(made, answers=none, limits=()),), ()))
    assert servers.endswith("the servers cope in 96 of 100 cases; without them, in 97.")
    assert rule == "We promise to be right in 90 of 100 cases: by that rule all may come."
    assert hours.endswith("pays on time, the credit is not there within 36 months.")
    never = replace(made, answers=none, limits=())
    assert page.answers([never, never], ["a", "b"])[2].endswith("the credit is not there within 36 months in both.")
    one = page.answers([made, never], ["a", "b"])[2]
    assert one.endswith("the credit is there: a after 11 months and b not within 36 months.")


def answers(found: Comparison) -> tuple[str, ...]:
    return page.answers(found.columns, [one.name for one in found.columns])


def test_the_answer_says_each_number_once_and_where_the_hours_come() -> None:
    five, ten, same = named(sample(5), "five"), named(sample(10), "ten"), named(sample(5), "same")
    servers, rule, hours, few = answers(of(five, ten))
    assert few.endswith(" accounts, however many are offered.")
    assert servers == (
        "With the accounts on offer the servers cope: five in 96 of 100 cases and ten in 94; without them, in 97."
    )
    assert rule == "We promise to be right in 90 of 100 cases: by that rule all may come in five, 5 of 10 in ten."
    assert hours.endswith(", the credit is there: five after 11 months and ten after 6 months.")
    sure = [replace(one, confidence=share) for one, share in zip(of(five, same).columns, (0.999, 0.925), strict=True)]
    assert page.answers(sure, ["a", "b"])[1].startswith("We promise to be right in 92.5 or 99.9 of 100 cases: ")
    servers, rule, hours = answers(of(five, same))
    assert servers.startswith("With the accounts on offer the servers cope in 96 of 100 cases in both;")
    assert rule.endswith("by that rule all may come in both.")
    assert "16 hours of marketing are bought within 36 months in " in hours
    assert hours.endswith("the credit is there after 11 months in both.")
    assert answers(of(five, same, ten))[0].count("of 100") == 1
    assert len(answers(of(ten, ten))) == 3, "as many are offered in both"
    nobody = [replace(one, answers=replace(one.answers, max_accounts=0)) for one in of(five, ten, same).columns]
    assert page.answers(nobody, ["a", "b", "c"])[1].endswith("by that rule no account may come in any of them.")
    assert page.answers(nobody[:2], ["a", "b"])[1].endswith("by that rule no account may come in either.")


def test_what_was_changed_for_all_is_said_below_the_titles() -> None:
    here = planning.Change("spending.target", "16 h", "8 h", "--set")
    both = tuple(replace(one, changes=(here,)) for one in of(sample(5), sample(10)).columns)
    found = Comparison("0", 1, 1, 1, both, ())
    said = "Changed in both: hours of marketing to buy: 16 h → 8 h"
    assert said in page.plain(found).splitlines()
    assert said in re.sub(r"\\", "", page.markdown(found))
    words = Page(page.html(found)).words
    assert words.index("Two scenarios side by side") < words.index(said) < words.index("The answer")
    other = replace(found, columns=(both[0], replace(both[1], changes=(here._replace(old="9 h"),))))
    assert page.since(other)[1].endswith(": hours of marketing to buy: 9 h → 8 h")
    assert page.since(Comparison("0", 1, 1, 1, (replace(both[0], changes=()),), ())) == ()


def test_a_warning_of_several_scenarios_is_said_once() -> None:
    one, other = (
        replace(each, warnings=("this", *more))
        for each, more in zip(of(sample(5), sample(10)).columns, ((), ("that",)), strict=True)
    )
    found = Comparison("0", 1, 1, 1, (one, replace(other, name="ten")), ())
    assert page.warnings(found) == [("both", "this"), ("ten", "that")]


def test_the_terminal_begins_with_the_answer() -> None:
    found = of(named(sample(5), "five"), named(sample(10), "ten"))
    text = page.plain(found)
    assert text.startswith("Two scenarios side by side\n  five: ")
    assert " ".join(answers(found)[0].split()) in " ".join(text.split())
    assert text.index("With the accounts on offer") < text.index("accounts on offer           5")


def test_many_scenarios_stand_in_several_tables_and_none_is_lost() -> None:
    many = of(*(named(sample(n), f"s{n}") for n in range(1, 11)))
    *tables, (head, alike) = page._side_by_side(page.facts(many), [f"s{n}" for n in range(1, 11)])
    assert head == ("the same in all ten",)
    assert [(row.name, row.answers) for row in alike if row.name == "the first to say no"] == [
        ("the first to say no", ("the pilot's own cap",))
    ]
    assert [name for head, _ in tables for name in head] == [f"s{n}" for n in range(1, 11)]
    assert max(len(head) for head, _ in tables) <= page.BESIDE
    assert [said for _, rows in tables for said in rows[0].answers] == [str(n) for n in range(1, 11)]


def test_two_files_of_one_name_are_told_apart() -> None:
    found = of(sample(5), sample(10))
    for made in (page.plain(found), page.markdown(found)):
        assert "pilot-5 (1)" in made.replace("\\", "")
        assert "pilot-5 (2)" in made.replace("\\", "")


def test_the_terminal_has_80_columns_and_loses_no_word() -> None:
    found = of(*(named(sample(n), f"a-scenario-of-a-long-name-{n}") for n in (1, 5, 10, 55)))
    text = page.plain(found)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert {"495.00", "45.00", "9.00"} <= set(text.split())
    assert page.plain(of(hostile("\x1b[2J\u202e"))).isprintable() is False  # line breaks
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", page.plain(of(hostile("\x1b[2J\u202e"))))


# ---- the page, the forum, the table


class Page(HTMLParser):
    """The tags, headings and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Remember words."""
        self.words += data


def test_the_page_needs_nothing_else_and_can_be_read_aloud() -> None:
    text = page.html(of(sample(5), sample(10)))
    made = Page(text)
    assert not {"script", "img", "iframe", "form", "object"} & {tag for tag, _ in made.tags}
    assert "url(" not in text
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert "default-src 'none'" in text
    headings = [int(tag[1]) for tag, _ in made.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(headings))
    assert {"main", "header", "footer", "title"} <= {tag for tag, _ in made.tags}
    ids = [attributes["id"] for _, attributes in made.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named_by = [attributes["aria-labelledby"] for _, attributes in made.tags if "aria-labelledby" in attributes]
    assert set(named_by) <= set(ids)
    for said in page.answers(of(sample(5), sample(10)).columns, ["pilot-5 (1)", "pilot-5 (2)"]):
        assert said in made.words.replace("\u00a0", " ")
    assert made.words.count("45.00 GBP") == 1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_text_everywhere(text: str) -> None:
    bad, good = of(hostile(text), sample()), of(sample(), sample())
    bad = replace(bad, differences=(comparison.Difference(f"a.{text}", text, (text, "")),))
    good = replace(good, differences=(comparison.Difference("a.b", "help", ("1", "")),))
    made = Page(page.html(bad))
    assert {tag for tag, _ in made.tags} <= {tag for tag, _ in Page(page.html(good)).tags}
    assert not [name for _, attributes in made.tags for name in attributes if name.startswith("on")]
    assert " ".join(text.split())[:60] in " ".join(made.words.split())
    prose = re.sub(r"(?s)(`{3,}).*?\n\1", "", page.markdown(bad))
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", prose)
    assert not re.search(r"(?i)<[a-z/!]|\]\(|javascript:|@SUM", bare)
    assert len(re.findall(r"(?m)^#", bare)) == 1
    for line in bare.splitlines():
        assert line.count("|") in {0, 3, 4}, f"a row has three cells, or two where both say the same: {line}"
    for record in csv.reader(io.StringIO(page.table(bad).csv, newline="")):
        for cell in record:
            assert not re.match(r"\s*[=+@]|\s*-\D", cell), cell[:60]


def test_marks_of_direction_stay_inside_what_they_mark() -> None:
    text = page.html(of(hostile(HOSTILE[6])))
    inside = re.findall(r"<(?:bdi|code|title)>[^<]*\u202e[^<]*<", text)
    assert text.count("\u202e") == sum(part.count("\u202e") for part in inside) > 2


def test_the_same_comparison_gives_the_same_bytes() -> None:
    for make in (page.html, page.markdown, lambda found: page.table(found).csv, page.plain):
        assert make(of(sample(5), sample(10))) == make(of(sample(5), sample(10)))


def test_the_table_is_tidy_and_its_numbers_are_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(page.table(of(sample(5), sample(10))).csv, newline="")))
    assert [(row["offered"], row["income_per_month [GBP]"]) for row in rows] == [("5", "45.00"), ("10", "90.00")]


def test_the_command_to_repeat_it_is_quoted_for_a_shell() -> None:
    made = comparison.column(sample())
    found = page.command(Comparison("0", 7, 40, 1, (replace(made, file="a b.yaml", changes=()),), ()))
    assert found == "planner compare 'a b.yaml' --draws 40 --seed 7"
    many = replace(stepped(), columns=(made,) * 3)
    assert page.command(many).endswith(" --seed 1 --steps")
    assert "steps" not in page.command(stepped())


def stepped() -> Comparison:
    """Return two scenarios and a way of three steps, one of them of two entries."""
    found = of(named(sample(5), "five"), named(sample(10), "t" * 80))
    first, last = (one.answers for one in found.columns)

    def step(cope: float, bought: float, *paths: str) -> comparison.Step:
        changes = tuple(comparison.Difference(path, "", ("1", "2")) for path in paths)
        return comparison.Step(changes, "invalid" if len(paths) > 1 else "", cope, bought)

    ends = ((one.cope, one.buy_probability) for one in (first, last))
    steps = (step(*next(ends)), step(0.31, 0.71, "offer.accounts"), step(*next(ends), "a.b", "c.d"))
    return replace(found, ways=(comparison.Way(1, steps),))


def test_the_charts_say_the_numbers_of_the_comparison() -> None:
    found = stepped()
    drawn = page.pictures(found)
    assert list(drawn) == ["cope", "bought", "steps-1"]
    said = {name: re.findall(r"<text[^>]*>([^<]*)</text>", svg) for name, (_, svg, _) in drawn.items()}

    def numbers(name: str) -> list[int]:
        return [int(each) for each in said[name] if each.isdigit()]

    columns = [one.answers for one in found.columns]
    assert numbers("cope") == [
        round(100 * share) for one in columns for share in (one.cope, one.cope_without) if share is not None
    ]
    assert "we promise 90" in said["cope"]
    assert numbers("bought") == [round(100 * one.buy_probability) for one in columns]
    assert facts(found)["months until bought, usually"][0] + " months" in said["bought"]
    cope, bought = ([getattr(step, name) for step in found.ways[0].steps] for name in ("cope", "bought"))
    panels = [[*shares, shares[-1]] for shares in (cope, bought) if len({round(100 * one) for one in shares}) > 1]
    assert numbers("steps-1") == [round(100 * share) for panel in panels for share in panel]
    assert {"accounts on offer: 1 → 2", "b: 1 → 2; d: 1 → 2"} <= set(said["steps-1"])
    text = page.html(found, drawn)
    assert text.count("<svg") == 3
    assert "accounts on offer: 1 → 2" in text
    assert "one by one they are no valid scenario" in text
    assert "31 of 100 cases" in page.plain(found)
    assert all(len(line) <= 80 for line in page.plain(found).splitlines())


def test_a_way_on_which_nothing_moves_has_no_chart() -> None:
    found = stepped()
    (only,) = found.ways
    still = replace(
        found,
        ways=(
            replace(
                only,
                steps=(only.steps[0], replace(only.steps[0], changes=())),
            ),
        ),
    )
    assert list(page.pictures(still)) == ["cope", "bought"]
    assert "Neither answer moves by a case in 100." in page.html(still)


def test_a_confidence_for_each_is_marked_for_each_and_what_is_not_known_is_left_out() -> None:
    one, other = of(sample(5), sample(10)).columns
    other = replace(other, confidence=0.5, answers=replace(other.answers, cope_without=None))
    said, svg, _ = page.pictures(Comparison("0", 1, 1, 1, (one, other), ()))["cope"]
    assert "we promise 90 or 50" in svg
    assert said.count("without)") == 1


# ---- the command


def test_the_command_prints_and_writes_all_of_it(
    light: Path, seeds: list[int | None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(light), str(ROOT / "scenarios/pilot-5.yaml"), "--draws", "40", "--out", str(tmp_path / "out")]
    assert cli.planner.main(["compare", *words], standalone_mode=False) == cli.DONE
    folder = tmp_path / "out/compare-light-pilot-5"
    charts = {f"{name}.{ending}" for name in ("cope", "bought") for ending in ("svg", "png")}
    pages = {"comparison.html", "comparison.md", "comparison.csv"}
    assert {file.name for file in folder.iterdir()} == pages | charts, "the sample's answers do not move on the way"
    assert str(folder / "comparison.html") in capsys.readouterr().out
    with pytest.raises(BadInput, match="offer"):
        cli.planner.main(["compare", str(light), "--set", "offer.acounts=3"], standalone_mode=False)


# ---- the browser


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_overflows_at_any_width(browser: object, tmp_path: Path, width: int, dark: bool) -> None:
    file = tmp_path / "comparison.html"
    plans = [named(sample(n), f"{n}-of-a-long-name-that-goes-on-for-ever") for n in (1, 5, 10, 55)]
    found = replace(of(*plans, hostile("x" * 300), sample()), ways=stepped().ways)
    file.write_text(page.html(found), encoding="utf-8")
    scheme = "dark" if dark else "light"
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[attr-defined]
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    small = "[...document.querySelectorAll('svg text')].map(e => e.getBoundingClientRect())"
    assert all(box["height"] >= 9 and box["right"] <= width for box in tab.evaluate(f"{small}.map(b => b.toJSON())"))
    assert said == []
    assert all(url.startswith(("file:", "data:")) for url in asked)
    tab.close()


# ---- a scenario as two columns


@given(st.text(alphabet="'=+-@ ;\t\r\na1.＝", max_size=12) | st.text(max_size=30))
def test_what_is_guarded_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    number = re.fullmatch(r"[-+]?\d+(\.\d+)?", text)
    assert number or not guarded(text).lstrip().startswith(("=", "+", "-", "@", "＝"))


def printed(*words: str | Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.planner.main(["csv", *map(str, words)], standalone_mode=False) == cli.DONE
    return capsys.readouterr().out


def changed(text: str, **rows: str) -> str:
    """Return a table with the values of some paths replaced (`__` for a dot), and new paths at the end."""
    new = {path.replace("__", "."): value for path, value in rows.items()}
    records = [[path, new.pop(path, value), *more] for path, value, *more in csv.reader(io.StringIO(text, newline=""))]
    out = io.StringIO()
    csv.writer(out).writerows([*records, *map(list, new.items())])
    return out.getvalue()


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda one: one.stem)
def test_a_table_that_comes_back_as_it_was_changes_nothing(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(printed(file, capsys=capsys), encoding="utf-8", newline="")
    assert "nothing to write" in printed(file, "--apply", table, "--out", tmp_path / "new.yaml", capsys=capsys)
    assert not (tmp_path / "new.yaml").exists()


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda one: one.stem)
def test_the_table_says_everything_the_scenario_says(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands in no row is a default, and each row is where the scenario has it."""
    scenario = read(file)
    rows = {path: value for path, value, _ in csv.reader(io.StringIO(printed(file, capsys=capsys), newline=""))}
    for path, estimate in scenario.estimates.items():
        written = [one for one in rows if one == path or one.startswith(f"{path}.")]
        assert bool(written) != estimate.is_default, path
    assert rows["offer.accounts"].startswith(str(round(scenario.estimates["offer.accounts"].value or 0)))


def test_what_is_changed_in_the_table_changes_the_scenario_and_all_else_stays(
    light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, new = tmp_path / "table.csv", tmp_path / "sub/new.yaml"
    new.parent.mkdir()
    text = changed(
        printed(light, capsys=capsys),
        title="As the meeting wants it",
        offer__accounts="8",
        nodes__a__limits__rooms__high="15",
        usage__everyone__meetings__low="1",
        usage__everyone__meetings__high="3",
        usage__everyone__meetings__source="'=us; @them",
        nodes__b__limits__users="100 users",
        placement__members="{a: 50%, b: 50 %}",
        placement__offer__b="100 %",
        spending__prefer="[s]",
    )
    table.write_text(text, encoding="utf-8", newline="")
    said = printed(light, "--apply", table, "--out", new, capsys=capsys)
    assert "offer.accounts: 5 → 8" in said
    before, after = read(light), read(new)
    assert after.title == "As the meeting wants it"
    assert after.names["nodes"] == ("a", "b")
    assert after.estimates["usage.everyone.meetings"].words == "2/week (1/week to 3/week)"
    assert after.estimates["usage.everyone.meetings"].source == "=us; @them"
    assert after.estimates["nodes.a.limits.rooms"].words == "9 rooms (6 rooms to 15 rooms)"
    assert after.entries["placement.members"].value == {"a": 0.5, "b": 0.5}
    assert after.entries["placement.offer"].value == {"b": 1.0}
    touched = {"offer.accounts", "usage.everyone.meetings", "nodes.a.limits.rooms"}
    for path, estimate in before.estimates.items():
        if path not in touched:
            assert after.estimates[path].words == estimate.words, path


def test_what_a_spreadsheet_does_to_numbers_is_no_change(
    light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """10 % becomes 10% or 10.00%, 1.0 becomes 1, the line ends and the separator change, a mark stands in front."""
    text = printed(light, capsys=capsys).replace("40 %", "40.00%").replace("100 %", "100%").replace("\r\n", "\n")
    table = tmp_path / "table.csv"
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(csv.reader(io.StringIO(text)))
    assert "nothing to write" in printed(light, "--apply", table, "--out", tmp_path / "new.yaml", capsys=capsys)


def test_an_empty_cell_leaves_a_part_out_and_none_takes_a_name_away(
    light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    light.write_text(LIGHT.replace("sellers: {s:", "sellers: {t: {hours: 1 h/month}, s:"))
    table = tmp_path / "table.csv"
    text = changed(
        printed(light, capsys=capsys),
        nodes__a__limits__rooms__low="",
        nodes__a__limits__rooms__high="",
        spending__sellers__t="none",
    )
    table.write_text(text, encoding="utf-8", newline="")
    printed(light, "--apply", table, "--out", tmp_path / "new.yaml", capsys=capsys)
    after = read(tmp_path / "new.yaml")
    assert after.estimates["nodes.a.limits.rooms"].words == "9 rooms"
    assert after.names["sellers"] == ("s",)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"offer__accounts": "-3"}, "negative"),
        ({"offer__acounts": "3"}, "accounts"),
        ({"offer__accounts": ""}, "nothing is left"),
        ({"horizon": "a while"}, "horizon"),
        ({"spending__hourly_rate": "30"}, "unit"),
        ({"offer__accounts": "3\ufffd"}, "UTF-8"),
        ({"nodes__a__limits__rooms": "9 rooms (50 to 12)"}, "low"),
        ({"placement__rule": "[a"}, "placement.rule"),
        ({"offer__mix": "{one: 50 %"}, "YAML"),
        ({"start": "Apr-21"}, "2021-04"),
    ],
)
def test_what_does_not_fit_is_said_by_the_line_of_the_table_and_nothing_is_written(
    light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: dict[str, str], says: str
) -> None:
    table = tmp_path / "table.csv"
    text = changed(printed(light, capsys=capsys), **rows)
    table.write_text(text, encoding="utf-8", newline="")
    (path,) = (one.replace("__", ".") for one in rows)
    line = next(k for k, row in enumerate(csv.reader(io.StringIO(text, newline="")), start=1) if row[0] == path)
    with pytest.raises(BadInput, match=re.escape(says)) as error:
        printed(light, "--apply", table, "--out", tmp_path / "new.yaml", capsys=capsys)
    assert f"table.csv:{line}:" in str(error.value.message)
    assert {file.name for file in tmp_path.iterdir()} == {"light.yaml", "table.csv"}


@pytest.mark.parametrize("body", [b"", b"a,b\n1,2\n", b"\x00\xff\xfe", b"path,value,path\n", b"PK\x03\x04rubbish"])
def test_what_is_no_table_is_bad_input(
    light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], body: bytes
) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(body)
    with pytest.raises(BadInput, match=r"table\.csv"):
        printed(light, "--apply", table, "--out", tmp_path / "new.yaml", capsys=capsys)


def test_a_path_that_is_there_twice_is_bad_input_and_no_file_is_overwritten(
    light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("path,value\noffer.accounts,6\noffer.accounts,7\n")
    with pytest.raises(BadInput, match="twice"):
        printed(light, "--apply", table, "--out", tmp_path / "new.yaml", capsys=capsys)
    with pytest.raises(output.NotReplaced, match="already"):
        printed(light, "--apply", table, "--out", light, capsys=capsys)
    with pytest.raises(BadInput, match="--out"):
        printed(light, "--apply", table, capsys=capsys)
    assert light.read_text() == LIGHT


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60))
def test_any_title_goes_out_and_comes_back(title: str) -> None:
    """Nothing that a person can type turns into YAML, a formula or another title."""
    if not title.strip():
        return
    what = sheet.Changed(title, {"offer.accounts": "8"}, {}, True)
    text = overlay.yaml("light.yaml", what.title, what.entries)
    assert unguarded(guarded(title)) == title
    # as the scenario's reader takes it: every scalar is the text that was written
    said = yaml.load(text, Loader=yaml.BaseLoader)
    assert said == {"title": title, "base": "light.yaml", "changes": {"offer.accounts": "8"}}


@pytest.mark.slow
def test_the_real_model_sees_the_same_draws_side_by_side(light: Path) -> None:
    """Scenarios that share an input share its draws: the same file twice gives the same column, to the bit."""
    found = comparison.compare([read(light), read(light, ("spending.hourly_rate=40 GBP/h",)), read(light)], draws=20)
    first, dearer, again = (one.answers for one in found.columns)
    assert first == again
    assert (first.max_accounts, first.all_hold) == (dearer.max_accounts, dearer.all_hold)
    assert first.hours_per_month > dearer.hours_per_month
