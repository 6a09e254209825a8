"""What people call things: wherever a sentence or a chart speaks of one, it says its name and not its key."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from banned_phrases import banned_in
from click.testing import CliRunner

from planner import gate, planning, seal
from planner.cli import planner
from planner.cli.terminal import show_plan
from planner.cli.verdict import Answer, words
from planner.comparison import compare
from planner.gate import Request
from planner.model.inputs.observations import NOBODY, Admitted, NodeReading, Reading
from planner.planning import Plan
from planner.report import comparison, summary, tables
from planner.report.folder import write as write_report
from planner.report.what_to_measure import moves
from planner.scenario.reader import Scenario, read

KEYS = ("kzna", "kznb", "klva", "klvb", "knta", "kntb", "ksla")
"""Words that no sentence holds."""
CALLED = {
    "nodes.kzna": "the German server",
    "nodes.kznb": "the Canadian server",
    "levels.klva": "Level 1",
    "levels.klvb": "Level 2",
    "networks.knta": "Open Credit Network",
    "networks.kntb": "Sardex",
    "spending.sellers.ksla": "social media",
}
AWKWARD = {
    "nodes.kzna": 'Łódź <b onclick="x">"Süd"</b> & Söhne\'s',
    "nodes.kznb": "klva",  # what a level is looked up by
    "levels.klva": "[all](javascript:x) @all `x` | *y* $z",
    "levels.klvb": "</script><script>alert(1)</script>",
    "networks.knta": "=SUM(A1:A9), the network of all networks",
    "networks.kntb": "Ñandú_kzna",
    "spending.sellers.ksla": "{{ plan.seed }} {% raw %} 50 % {0}",
}
SCENARIO = """\
title: A light one
currency: GBP
start: 2021-04
horizon: 12 months
seed: 7
nodes:
  kzna: {limits: {rooms: {value: 9 rooms, low: 6, high: 12}, users: {value: 60 users, low: 30, high: 90}}}
  kznb: {limits: {rooms: 9 rooms}}
levels:
  klva: {price: 9 GBP/month, participants: 10, rooms: 5, duration: 2 h}
  klvb: {price: 18 GBP/month, participants: 20, rooms: 5, duration: 2 h}
members: {accounts: 20, mix: {klva: 100 %}, growth: {value: 1 account/month, low: 0, high: 2}}
usage:
  everyone: {meetings: {value: 2/week, low: 1, high: 4}, duration: 45 min, size: 5 users, cameras: 50 %, spread: 0}
  klva: {meetings: {value: 2/week, low: 1, high: 6}}
experience:
  - {node: kzna, overloads: 0, for: 6 months}
  - {node: kzna, most_users: 30 users, for: 6 months}
offer: {network: knta, accounts: 5, mix: {klva: 100 %}, cap: 12, review: {after: 6 months}}
networks:
  knta: {reachable: {value: 100 businesses, low: 60, high: 160}, take_up: 10 %, largest_balance: 500 credit}
  kntb: {unit: sardex, accounts: 5, reachable: 100 businesses, take_up: 10 %}
spending:
  target: 4 h
  hourly_rate: {value: 30 GBP/h, low: 24 GBP/h, high: 45 GBP/h}
  sellers: {ksla: {hours: {value: 16 h/month, low: 1 h/month, high: 40 h/month}, smallest_job: 1 h}}
"""
MADE = datetime(2021, 4, 1, 12, tzinfo=UTC)
NOW = datetime(2021, 4, 6, 9, 35, tzinfo=UTC)


class Text(HTMLParser):
    """What a page says, without styles, scripts and what is quoted of a file: paths stand in code."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: set[str] = set()
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        self.tags.add(tag)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:  # noqa: D102
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:  # noqa: D102
        if not {"style", "script", "code"} & set(self._open):
            self.words.append(data)

    @property
    def said(self) -> str:  # noqa: D102
        return " ".join(" ".join(self.words).split())


def named(folder: Path, called: dict[str, str]) -> Scenario:
    """Return the scenario with these names."""
    file = folder / "light.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    # a name is written as YAML has any text in double quotes
    quoted = (said.replace("\\", "\\\\").replace('"', '\\"') for said in called.values())
    return read(file, [f'{path}.called="{said}"' for path, said in zip(called, quoted, strict=True)])


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Return a plan with names."""
    return planning.plan(named(tmp_path_factory.mktemp("named"), CALLED), draws=60)


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Return a plan with names that mean something to HTML, Markdown, spreadsheets, templates and charts."""
    return planning.plan(named(tmp_path_factory.mktemp("awkward"), AWKWARD), draws=20)


def keys_in(text: str) -> list[str]:
    """Return the keys that stand in a text, but for those inside a path of the scenario."""
    return re.findall(rf"(?<![\w.-])(?:{'|'.join(KEYS)})(?!\w)", text)


def prose(html: str) -> str:
    """Return what a report says, but for the table of the scenario's entries, which quotes the file."""
    return Text(re.sub(r'(?s)<section aria-labelledby="h-assumed">.*?</section>', "", html)).said


def judged(plan: Plan) -> Iterator[str]:
    """Yield verdicts of the gate on a plan: who may come, and each reason why not that speaks of a thing."""
    document: dict[str, Any] = seal.sealed(planning.as_json(replace(plan, consented="thread 501")), MADE)
    stored = replace(gate.standing(document), worth=None)  # few draws would be all that it speaks of
    roomy = replace(stored, max_accounts=None, limits=tuple(one for one in stored.limits if one.kind == "reach"))
    nodes = {node: NodeReading(rooms=0, users=0) for node in plan.nodes}
    first, second = plan.nodes
    asked = (
        (stored, nodes, Request("klva", 1), NOBODY),
        (stored, nodes, Request("klva", 500), NOBODY),
        (stored, nodes, Request("klvb", 1), NOBODY),
        (roomy, nodes, Request("klva", 1), Admitted({"klvb": 1})),
        (stored, nodes | {first: NodeReading(rooms=999, users=999)}, Request("klva", 1), NOBODY),
        (stored, nodes | {second: NodeReading(online=False)}, Request("klva", 1), NOBODY),
        (stored, nodes | {first: NodeReading(rooms=8, users=1)}, Request("klva", 1), NOBODY),
    )
    for standing, seen, request, admitted in asked:
        reading = Reading(NOW - timedelta(minutes=1), "file", seen)
        yield words(Answer(gate.decide(standing, reading, admitted, NOW, request)), as_of=False)


def test_a_plan_holds_the_names_once(plan: Plan) -> None:
    """In plan.json every other field has the key, and a limit is still found by it."""
    document = planning.as_json(plan)
    assert document["names"] == {
        "nodes": {"kzna": "the German server", "kznb": "the Canadian server"},
        "networks": {"knta": "Open Credit Network", "kntb": "Sardex"},
        "levels": {"klva": "Level 1", "klvb": "Level 2"},
        "sellers": {"ksla": "social media"},
    }
    assert document["nodes"] == ["kzna", "kznb"]
    assert set(document["credit_by_network"]) == {"knta", "kntb"}
    assert {row["node"] for row in document["admission"]["limits"]} == {"kzna", "kznb", None}
    assert set(document["offer"]["mix"]) == {"klva"}


def test_the_terminal_says_names(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(plan, None)
    said = " ".join(capsys.readouterr().out.split())
    assert keys_in(said) == []
    assert "on the German server" in said


@pytest.fixture(scope="module")
def written(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the report of the plan with names."""
    folder = tmp_path_factory.mktemp("tame")
    write_report(plan, folder)
    return folder


def test_the_report_says_names(written: Path) -> None:
    """The charts are part of it: their text is text."""
    said = prose((written / "report.html").read_text("utf-8"))
    assert keys_in(said) == []
    for name in ("on the German server", "Level 1", "Open Credit Network", "Sardex", "5 accounts, all Level 2"):
        assert name in said
    charts = " ".join(Text(chart.read_text("utf-8")).said for chart in (written / "charts").glob("*.svg"))
    assert keys_in(charts) == []
    assert "Balance in Open Credit Network" in charts


def test_the_summary_says_names(plan: Plan) -> None:
    said = summary.markdown(plan)
    assert keys_in(re.sub(r"(?s)```.*?```", "", said)) == []
    assert "on the German server" in said


def test_the_gate_says_names_in_plain_words(plan: Plan) -> None:
    said = [" ".join(text.split()) for text in judged(plan)]
    assert [banned_in(text) for text in said] == [[]] * len(said)
    assert [keys_in(text) for text in said] == [[]] * len(said)
    assert "Level 2 is not on offer: the plan is for Level 1" in said[2]
    assert "on the German server" in said[4]
    assert "the Canadian server is offline" in said[5]


def test_what_the_gate_cannot_read_it_names_as_the_file_does(plan: Plan) -> None:
    """Who mends the file of servers looks for the key."""
    standing = gate.standing(seal.sealed(planning.as_json(plan), MADE))
    reading = Reading(NOW - timedelta(minutes=1), "file", {"kzna": NodeReading(rooms=0, users=0)})
    reasons = gate.decide(standing, reading, NOBODY, NOW, Request("klva", 1)).reasons
    assert "node kznb is in the plan but not in the reading" in reasons


def test_a_comparison_says_names(tmp_path: Path) -> None:
    """What the scenarios differ in are paths; that one of them calls things otherwise is no difference."""
    one = named(tmp_path, CALLED)
    other = named(tmp_path, CALLED | {"nodes.kznb": "the server in Montreal"})
    compared = compare([one, other], draws=20)
    assert compared.differences == ()
    said = [comparison.plain(compared), comparison.markdown(compared), Text(comparison.html(compared)).said]
    assert [keys_in(text) for text in said] == [[]] * 3
    assert "on the German server" in said[2]


def test_an_event_says_names(tmp_path: Path) -> None:
    file = tmp_path / "light.yaml"
    file.write_text(SCENARIO.replace("kzna: {limits", "kzna: {called: the German server, limits", 1))
    asked = ["event", str(file), "--at", "2021-05-12 19:00", "--for", "1h", "--users", "20", "--draws", "40"]
    said = CliRunner().invoke(planner, asked).output
    assert "n the German server it fits" in said
    assert "n kznb it fits" in said, "what has no name is called by its key"


def test_an_input_is_spoken_of_by_name(plan: Plan) -> None:
    path = next(row.path for row in plan.swings if row.path.startswith("nodes.kzna"))
    assert "(the German server)" in moves(plan, path)
    assert plan.names.topic("spending.sellers.ksla.hours") == "hours on sale (social media)"
    assert plan.names.topic("usage.klva.meetings") == "meetings (Level 1)"


def test_awkward_names_are_text_in_the_report(awkward: Plan, written: Path, tmp_path: Path) -> None:
    write_report(awkward, tmp_path)
    tame, found = (Text((folder / "report.html").read_text("utf-8")) for folder in (written, tmp_path))
    assert found.tags <= tame.tags
    for name in list(AWKWARD.values())[:6]:
        assert name in found.said
    for chart in (tmp_path / "charts").glob("*.svg"):
        text = chart.read_text("utf-8")
        assert "<b onclick" not in text
        assert "<script" not in text


def test_awkward_names_are_text_on_a_forum(awkward: Plan) -> None:
    whole = summary.markdown(awkward, {"risk": b"\x00", "hours": b"\x01"})
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", re.sub(r"(?s)```.*?```", "", whole))
    assert len(whole.split()) <= summary.WORDS
    assert not re.search(r"<[a-z/!]", bare)
    assert re.findall(r"\]\(([^)]*)\)", bare) == ["data:image/png;base64,AA==", "data:image/png;base64,AQ=="]
    assert "@all" not in bare
    assert all(line.count("|") in {0, 6} for line in bare.splitlines())


def test_awkward_names_start_no_formula(awkward: Plan) -> None:
    for _, table in tables.of(awkward):
        assert not re.search(r'(?m)(?:^|,|")=SUM', table)


def test_awkward_names_are_text_at_the_gate_and_in_a_comparison(awkward: Plan, tmp_path: Path) -> None:
    said = [" ".join(text.split()) for text in judged(awkward)]
    assert f"{AWKWARD['levels.klvb']} is not on offer" in said[2]
    assert "klva is offline" in said[5], "a node may be called what a level is looked up by"
    tame, found = (Text(comparison.html(compare([named(tmp_path, one)], draws=20))) for one in (CALLED, AWKWARD))
    assert found.tags <= tame.tags
    assert AWKWARD["nodes.kzna"] in found.said
