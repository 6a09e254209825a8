"""The dashboard for Grafana: a real Prometheus answers each of its queries, from the gate's file and the exporters."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from fake_exporter import Answer, FakeExporter
from gate.test_metrics import TWO
from learning.test_prometheus_weeks import serving
from stored_plan import ROOT, document

from planner import seal
from planner.gate import Request, decide, standing
from planner.gate.metrics import ABOUT, textfile
from planner.model.inputs.observations import NodeReading, Reading

DASHBOARD = json.loads((ROOT / "docs" / "grafana-dashboard.json").read_text(encoding="utf-8"))
EXPRESSIONS = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
NOW = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
PLAN = standing(seal.sealed(document(nodes=("de",)), NOW - timedelta(days=9)))
MINUTES = [NOW - timedelta(minutes=ago) for ago in range(9, -1, -1)]


Answers = dict[str, list[dict[str, Any]]]


def gate(at: datetime) -> str:
    """Return the gate's textfile at a time."""
    reading = Reading(
        at - timedelta(seconds=90), "test", {"de": NodeReading(rooms=7, users=41, streams=63, load=0.31, egress=40.0)}
    )
    return textfile(decide(PLAN, reading, TWO, at, Request("level-1", 1)), "pilot")


def exporters(at: datetime) -> str:
    """Return what the exporters of two nodes show at a time; one of them has lost BigBlueButton after some minutes."""
    seconds = (at - MINUTES[0]).total_seconds()
    text = ""
    lost: Answer = "gone" if seconds > 240 else "listed"
    nodes: dict[str, Answer] = {"de": "listed", "ca": lost}
    for node, answer in nodes.items():
        exporter = FakeExporter()
        sizes, up = exporter.scrape((2, 4, 12), answer, answer)
        where = f'instance="{node}.example.org:9688",job="bbb"'
        there = f'instance="{node}.example.org:9100",job="node"'
        text += (
            f"bbb_api_up{{{where}}} {up}\nbbb_meetings{{{where}}} {len(sizes)}\n"
            f"bbb_meetings_participants{{{where}}} {sum(sizes)}\n"
            f"bbb_meetings_video_participants{{{where}}} {len(sizes)}\n"
            f'node_cpu_seconds_total{{mode="idle",{there}}} {seconds * 0.75}\n'
            f'node_cpu_seconds_total{{mode="user",{there}}} {seconds * 0.25}\n'
            f'node_network_transmit_bytes_total{{device="eth0",{there}}} {seconds * 5e6:.0f}\n'
        )
    return text


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Return what a real Prometheus says to each query of the dashboard."""
    for program in ("prometheus", "promtool"):
        if shutil.which(program) is None:
            pytest.skip(f"the program {program} is not installed (Debian: apt-get install prometheus)")
    families: dict[str, list[str]] = {}
    for at in MINUTES:
        for line in (gate(at) + exporters(at)).splitlines():
            if not line.startswith("#"):
                families.setdefault(line.partition("{")[0], []).append(f"{line} {at.timestamp():.0f}")
    week = "\n".join([line for lines in families.values() for line in lines]) + "\n# EOF\n"
    found = {}
    with serving(tmp_path_factory.mktemp("grafana"), week) as url:
        for _, expression in EXPRESSIONS:
            asked = urlencode({"query": expression.replace("$plan", ".*"), "time": NOW.timestamp()})
            with urlopen(f"{url}api/v1/query?{asked}", timeout=10) as answer:
                found[expression] = json.loads(answer.read())["data"]["result"]
    return found


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS)
def test_each_panel_has_something_to_show(answers: Answers, title: str, expression: str) -> None:
    assert answers[expression], f"{title}: {expression}"


def test_what_is_not_known_is_not_drawn_as_nought(answers: Answers) -> None:
    """The exporter that has lost BigBlueButton counts nobody."""
    for title, expression in EXPRESSIONS:
        if title in ("People in meetings", "Meetings", "Cameras"):
            (series,) = answers[expression]
            assert series["metric"]["instance"] == "de.example.org:9688"


def test_the_verdict_is_the_one_that_was_given(answers: Answers) -> None:
    (series,) = answers['planner_gate_verdict{plan=~"$plan"} == 1']
    assert series["metric"]["verdict"] == "admit"


def test_every_series_of_the_gate_is_on_it_and_the_file_can_be_imported() -> None:
    """Grafana asks for a uid, panels with their own numbers that do not overlap, and a source that is chosen there."""
    asked = " ".join(expression for _, expression in EXPRESSIONS)
    assert set(re.findall(r"planner_gate_\w+", asked)) == set(ABOUT)
    assert DASHBOARD["uid"]
    assert DASHBOARD.get("id") is None
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    sources = {target["datasource"]["uid"] for panel in panels for target in panel["targets"]}
    assert sources == {"${datasource}"}
    assert [one["name"] for one in DASHBOARD["templating"]["list"]] == ["datasource", "plan"]
