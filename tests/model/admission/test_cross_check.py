"""The closed form and the simulation on the same question: they agree, a planted error is found, and both are shown."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import sample_plan
from agreement import plant
from page_parts import Page
from server_cases import node, world

from planner import planning
from planner.model.admission import cross_check
from planner.model.admission.cross_check import Check, checks, distance
from planner.model.admission.server_limits import Count, Pool
from planner.model.inputs.capacity import Measure, Objective, Options, Placement
from planner.model.simulation.estimates import Interval
from planner.planning.engines import engine_warnings
from planner.report import page, summary
from planner.report.folder import write as write_report
from planner.wording import phrases

BUSY = world(nodes=(node(users=60.0, load=0.35),), objective=Objective("episodes", 1.0, 0.9))
"""A server that is over often enough for a short run."""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run for a short time: what is compared here happens often."""
    monkeypatch.setattr(cross_check, "MEETINGS", 4e5)


def disagreeing(check: Check) -> Check:
    """Return a check in which the simulation says far more than the closed form."""
    return replace(check, closed=check.found.value / 9, closed_low=check.found.value / 9, z=25.0, expected=50.0)


@pytest.mark.parametrize("measure", ["episodes", "minutes", "any_in_week", "busiest_instant"])
def test_the_engines_agree(measure: Measure) -> None:
    """In each measure, with and without further accounts, enough happening to tell."""
    found = checks(replace(BUSY, objective=Objective(measure, 0.1, 0.9)), (0, 10), seed=4)
    assert {(one.resource, one.accounts) for one in found} == {(r, n) for r in ("users", "load") for n in (0, 10)}
    assert [one.agrees for one in found] == [True] * 4
    if measure == "episodes":
        assert all(one.found.low <= one.closed * 1.15 for one in found)
        assert found[2].closed > found[0].closed


def test_limits_on_rooms_at_once_are_left_out_of_both() -> None:
    """One room for each account would thin the simulation's meetings out; that is no error of an engine."""
    tight = {name: replace(one, rooms_at_once=1.0) for name, one in BUSY.demands.items()}
    assert checks(replace(BUSY, demands=tight), (0,), seed=4)[0].found == checks(BUSY, (0,), seed=4)[0].found


def test_a_planted_error_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed form without size bias, on few accounts that differ much, sets off the warning on a plan's own check."""
    few = replace(BUSY.members, accounts=8, mix={"small": 1.0, "large": 0.0})
    uneven = {level: replace(one, meetings=10 * one.meetings, spread=2.0) for level, one in BUSY.demands.items()}
    inputs = replace(BUSY, members=few, demands=uneven, nodes=(node(users=60.0),))
    assert [one.agrees for one in checks(inputs, (0,), seed=4)] == [True]
    plant("no size bias", monkeypatch)
    found = checks(inputs, (0,), seed=4)
    assert [one.agrees for one in found] == [False]
    assert "formula and simulation disagree on users on de with 0 accounts" in engine_warnings(found, (), ())[0]


def test_a_pool_lies_between() -> None:
    """Its closed forms are two; the simulation is to lie between them, and does."""
    nodes = tuple(node(name, users=25.0) for name in "ab")
    pool = replace(BUSY, nodes=nodes, placement=Placement("pool", {}, {}))
    for one in checks(pool, (0,), seed=4):
        assert one.closed_low < one.found.value < one.closed
        assert (one.z, one.agrees) == (0.0, True)


def test_another_question_is_shown_and_not_compared() -> None:
    """A surge day is not in the closed form: both numbers stand there, and no verdict on the engines."""
    (plain, *_), (surge, *_) = (
        checks(replace(BUSY, options=one), (0,), seed=4) for one in (Options(), Options(surge=3))
    )
    assert surge.closed == plain.closed
    assert surge.found.low > plain.found.high
    assert surge.agrees is None


def test_too_little_is_no_agreement() -> None:
    """A limit that is never reached proves neither engine right."""
    roomy = replace(BUSY, nodes=(node(users=2000.0),))
    assert [one.agrees for one in checks(roomy, (0,), seed=4)] == [None]


def test_distance_counts_what_was_not_seen() -> None:
    """Nothing seen where sixteen were expected is four standard errors below; between two ends there is no distance."""
    none = Interval(0.0, 0.0, 0.1, 0.0)
    assert distance(none, (0.5, 0.5), expected=16.0) == pytest.approx(-4.0)
    assert distance(none, (0.0, 0.5), expected=16.0) == 0.0
    assert distance(Interval(1.0, 0.8, 1.2, 0.1), (0.1, 0.5), expected=1e4) == pytest.approx(5.0)


# ---- what people are told -------------------------------------------------------------------------------------------


def test_a_disagreement_is_said_everywhere(tmp_path: Path) -> None:
    """plan.json, report, summary: nobody can miss that the engines disagree."""
    plan = sample_plan.sample()
    check = disagreeing(checks(BUSY, (0,), seed=4)[0])
    warned = replace(plan, checks=(check,), warnings=engine_warnings([check], (), ()))
    assert "formula and simulation disagree on users on de with 0 accounts" in warned.warnings[0]
    document = json.loads(json.dumps(planning.as_json(warned)))
    (row,) = document["checks"]
    assert (row["agrees"], row["node"], row["z"]) == (False, "de", 25.0)
    assert len(row["simulated"]["peak_by_hour"]) == 168
    assert row["simulation"]["low"] < row["simulation"]["value"] < row["simulation"]["high"]
    assert "**Warning:** formula and simulation disagree" in summary.markdown(warned)
    assert len(summary.markdown(warned).split()) < summary.WORDS
    write_report(warned, tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "THEY DISAGREE" in html
    assert "Formula and simulation disagree on users on de" in html


def test_engines_that_agree_set_off_no_warning() -> None:
    """A plan without a second engine, and one with, say nothing that is not so."""
    assert engine_warnings(checks(BUSY, (0,), seed=4), (), ()) == ()


def test_what_the_closed_form_does_not_hold_is_said() -> None:
    """In words, first among the warnings; then the two closed forms are no bracket."""
    count = Count(90, 99, already_over=False, draws=(), replications=1, weeks=1)
    pool = Pool("users", 5, 20, 10, 40, count, count)
    (said,) = engine_warnings((), [pool], phrases.options(asdict(Options(fixed_weekly=0.3))))
    assert "30 % of the meetings in the same slot each week" in said
    assert "judged by simulation" in said
    outside = engine_warnings((), [pool], ())
    assert len(outside) == 2
    assert "90 to 99, lies outside what the two formulas allow, 10 to 40" in outside[0]


def test_each_number_names_its_engine() -> None:
    """Limits in plan.json, and the report's list of engines."""
    plan = sample_plan.sample()
    limits = tuple(
        replace(one, engine="simulation" if one.node else one.engine, up_to=80 if one.node else None)
        for one in plan.admission.limits
    )
    mixed = replace(plan, admission=replace(plan.admission, limits=limits))
    rows = planning.as_json(mixed)["admission"]["limits"]
    assert {(row["node"] is None, row["engine"]) for row in rows} == {(False, "simulation"), (True, "arithmetic")}
    text = Page(page.html(mixed, {})).text()
    assert "Accounts that each limit of a server allows: simulation ." in text
    assert "Risk and load at each limit of a server (500 cases): formula ." in text


def test_a_pools_row_shows_all_three() -> None:
    """Closed forms on both sides, the simulation's interval between, settled or not."""
    plan = sample_plan.sample()
    open_, settled = (Count(30, up_to, already_over=False, draws=(1,), replications=9, weeks=36) for up_to in (44, 30))
    row = Pool("users", 12, 60, 20, 90, settled, open_)
    think = "if all is as we think)"
    said = f"users 12 (20 {think} 30 (30 to 44 {think} 60 (90 {think}"
    assert said in Page(page.html(replace(plan, pool=(row,)), {})).text()
