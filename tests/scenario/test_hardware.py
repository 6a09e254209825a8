"""Cores and what follows from them, against public reports of what machines bore."""

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

import pytest

from planner.model.inputs.capacity import LinearLoad
from planner.scenario import resolve
from planner.scenario.estimate import Estimate
from planner.scenario.hardware import FACTOR
from planner.scenario.reader import read

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "bad_scenarios" / "good" / "small.yaml"
PAGE = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Report:
    """What was on a machine, and what its CPU was then seen to bear."""

    name: str
    cores: int
    on: tuple[tuple[int, int, int], ...]
    """Rooms, users, streams: camera streams coming in and going out."""
    seen: tuple[tuple[float, float], ...]
    """Of each the load [% of the CPU], from and to: a failure or a ceiling is 85 to 100 %."""


FULL = ((85.0, 100.0),)
REPORTS = (
    Report("Mconf 2011", 4, tuple((1, n, 20 * n) for n in (20, 40, 60, 80)), ((30, 30), (45, 45), (70, 70), (90, 90))),
    Report("wirelessmoves 2020", 4, ((1, 20, 400),), FULL),
    Report("#8939", 4, ((8, 80, 400),), FULL),
    Report("#9472", 8, ((9, 90, 450),), FULL),
    Report("#12526", 8, ((4, 150, 450),), ((90, 95),)),
    Report("#11822", 16, ((1, 150, 150),), ((12.5, 12.5),)),
    Report("#9421", 8, ((80, 800, 0),), ((0, 85),)),
    # FreeSWITCH alone took 11 to 17 %, and the machine held
    Report("octopuce 2020", 42, ((1, 167, 334),), ((11, 30),)),
    Report("EmacsConf 2023", 6, ((0, 0, 0),), ((3, 3),)),
)

LATER = (
    # three of four with a camera: "most"
    Report("hostsharing 2020", 16, ((1, 20, 300), (1, 45, 1530)), ((20, 25), (30, 35))),
    Report("#9023", 8, ((3, 60, 300),), ((22.2, 24.7),)),
    Report("#9097", 8, ((2, 71, 355),), ((62.5, 62.5),)),
    Report("#9384", 8, ((1, 30, 630),), ((25, 25),)),
    Report("EmacsConf 2024", 8, ((7, 107, 535),), ((45, 55),)),
    Report("#10739", 64, ((50, 500, 200),), ((0, 10),)),
    Report("#10695", 16, ((30, 300, 1500),), ((0, 85),)),
)
"""Reports that the factor's range was not made from, nor the case cpu-without-a-range; what is from 0 is a bound."""


def predicted(report: Report, end: str) -> list[float]:
    """Return the load of a report's machine [% of the CPU] at the median of what its cores say, or at an end of it."""

    def pick(one: Estimate) -> float:
        return float(getattr(one, end)) if one.path == "nodes.de.cpu.factor" else resolve.central(one)

    sets = ["nodes.de.limits.load=70 %", f"nodes.de.cores={report.cores}"]
    load = resolve.inputs(read(SMALL, sets), pick).nodes[0].load
    assert isinstance(load, LinearLoad)
    return [
        100 * (load.base + load.per_room * rooms + load.per_user * users + load.per_stream * streams)
        for rooms, users, streams in report.on
    ]


def inside(report: Report) -> bool:
    """Return whether what was seen lies in the 80 % range, all of it; a bound, whether it leaves room for the range."""
    ends = zip(predicted(report, "low"), predicted(report, "high"), report.seen, strict=True)
    return all(low <= (least or most) and (not least or most <= high) for low, high, (least, most) in ends)


@pytest.mark.parametrize(("reports", "outside"), [(REPORTS, ["#9421"]), (LATER, ["hostsharing 2020"])])
def test_the_reports_and_the_tables_of_them(reports: tuple[Report, ...], outside: list[str]) -> None:
    """All but one lie inside, no range is wider than a factor of ten, and the page says what is printed here."""
    for report in reports:
        low, middle, high = (predicted(report, end) for end in ("low", "value", "high"))
        assert all(b <= 10 * a for a, b in zip(low, high, strict=True))
        texts = [f"{a:.0f} to {b:.0f}" for a, b in zip(low, high, strict=True)]
        row = f"| {report.name} | {report.cores} | {', '.join(f'{one:.0f}' for one in middle)} | {', '.join(texts)} |"
        print(row, "inside" if inside(report) else "outside")
        assert f"{row} " in PAGE, row
        (line,) = [line for line in PAGE.splitlines() if line.startswith(row)]
        assert line.endswith("| no |") != inside(report)
    assert [report.name for report in reports if not inside(report)] == outside


def test_machines_that_the_factor_was_not_made_from_are_about_the_usual_one() -> None:
    """Six loads that were measured, over what is said of them: their middle is near 1, and one misses the range."""
    logs = []
    for report in LATER:
        for (least, most), usual in zip(report.seen, predicted(report, "value"), strict=True):
            if least:
                logs.append(math.log(math.sqrt(least * most) / usual))
    assert len(logs) == 6
    assert 1 / 1.5 < math.exp(mean(logs)) < 1.5
    assert all(math.log(float(FACTOR["low"])) < one < math.log(float(FACTOR["high"])) for one in logs)


def test_the_range_is_what_the_next_report_has_to_the_others() -> None:
    """Student's interval for one more (8 degrees of freedom: 1.397), and it holds for each when the others make it."""
    logs = []
    for report in REPORTS:
        seen = [math.sqrt(max(least, 85 if least == 0 else 0) * most) for least, most in report.seen]
        logs += [mean(math.log(a / b) for a, b in zip(seen, predicted(report, "value"), strict=True))]
    ends = [math.exp(mean(logs) + side * 1.397 * stdev(logs) * math.sqrt(1 + 1 / 9)) for side in (-1, 1)]
    print(ends)
    assert ends == pytest.approx([float(FACTOR["low"]), float(FACTOR["high"])], rel=0.01)
    left_out = []
    for k, one in enumerate(logs):
        others = logs[:k] + logs[k + 1 :]
        if abs(one - mean(others)) > 1.415 * stdev(others) * math.sqrt(1 + 1 / 8):
            left_out.append(REPORTS[k].name)
    assert left_out == ["#9421"]


def weights(*sets: str) -> tuple[LinearLoad, ...]:
    """Return the load of each node of the small scenario."""
    found = resolve.inputs(read(SMALL, ["nodes.ca.limits.load=70 %", *sets]))
    loads = [node.load for node in found.nodes]
    assert all(isinstance(load, LinearLoad) for load in loads)
    return tuple(load for load in loads if isinstance(load, LinearLoad))


def test_what_is_stated_wins_over_the_cores() -> None:
    """Weight by weight; a stated one is as certain as it says, so that no factor comes with the cores."""
    de, ca = weights("nodes.de.cores=4", "usage.cpu={per_user: 0.5 %}")
    assert (de.per_user, ca.per_user) == (0.005, 0.005)
    assert de.per_room == pytest.approx(2 * ca.per_room)
    stated = read(SMALL, ["nodes.de.cores=4", "usage.cpu={per_user: 0.5 %}"])
    assert "nodes.de.cpu.factor" not in stated.estimates
    assert read(SMALL, ["nodes.de.cores=4"]).estimates["nodes.de.cpu.factor"].ranged


def test_a_factor_goes_with_the_weights_it_was_said_of() -> None:
    """That of all nodes not with a node's own weight; a node's own with all that it has."""
    de, ca = weights("usage.cpu={per_user: 1 %, factor: 2}", "nodes.de.cpu={per_user: 0.5 %}")
    assert (de.per_user, ca.per_user) == (0.005, 0.02)
    de, ca = weights("usage.cpu={per_user: 1 %, factor: 2}", "nodes.de.cpu={factor: 3}")
    assert (de.per_user, ca.per_user) == (0.03, 0.02)
    de, ca = weights("usage.cpu={factor: 2}", "nodes.de.cores=4")
    assert (de.per_user, ca.per_user) == (0.012, 0.006)


def test_recording_counts_where_somebody_records() -> None:
    """It has a range from then on, which goes with the cores as the others do."""
    assert weights()[0].per_recording == 0.0
    assert not read(SMALL).estimates["usage.cpu.per_recording"].ranged
    de, ca = weights("usage.everyone.recorded=10 %", "nodes.de.cores=4")
    assert (de.per_recording, ca.per_recording) == pytest.approx((0.16, 0.08))
    assert read(SMALL, ["usage.everyone.recorded=10 %"]).estimates["usage.cpu.per_recording"].ranged
