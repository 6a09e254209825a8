"""Warnings of a plan: how coarse an answer is that few draws gave."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from light_scenario import LIGHT
from sample_plan import sample

from planner import gate, seal
from planner.model.admission.admission_number import Admission, Limit, combine
from planner.planning import as_json, plan
from planner.planning.cautions import DRAWS, FEW, few_draws
from planner.report import what_to_measure
from planner.scenario.reader import read


def admission(*servers: tuple[str, int | None, float | None]) -> Admission:
    """Return an answer in which the pilot's own cap binds, and each resource of de allows so many, with an error."""
    limits = [Limit(name, "permission", "de", most, most, "", "x", error=error) for name, most, error in servers]  # type: ignore[arg-type]
    return combine((*limits, Limit("policy", "permission", None, 1, 1, "", "offer.cap")), 1.0)


@pytest.mark.parametrize(
    ("servers", "says"),
    [
        (
            (("rooms", 30, 8.2), ("users", 7, 3.2)),
            "to be right in 90 of 100 cases, users on de may allow about 4 accounts more or fewer than the 7 said",
        ),
        ((("users", 0, 0.3),), "users on de may allow about 1 account more than the 0 said"),
        ((("users", None, None),), "the numbers that are to be right in 90 of 100 cases are coarse"),
        ((), "the numbers that are to be right in 90 of 100 cases are coarse"),
    ],
)
def test_few_draws_say_how_far_off_the_smallest_of_the_servers_numbers_may_be(
    servers: tuple[tuple[str, int | None, float | None], ...], says: str
) -> None:
    """The cap is what it is with any number of draws: it is the servers' numbers that the draws give."""
    told = few_draws(admission(*servers), 40, 0.9)
    assert told is not None
    assert told.startswith("40 cases are few: ")
    assert says in told
    assert told.endswith(f"use --draws {DRAWS}")


def test_from_a_number_of_draws_on_nothing_is_said() -> None:
    servers = ("users", 7, 3.2)
    assert few_draws(admission(servers), FEW - 1, 0.9) is not None
    assert few_draws(admission(servers), FEW, 0.9) is None
    assert few_draws(sample().admission, DRAWS, 0.9) is None


def test_a_plan_of_few_draws_carries_the_warning_to_whoever_reads_it(tmp_path: Path) -> None:
    """More draws make it smaller, and enough draws make it go; the report doubts what the warning says."""
    (tmp_path / "light.yaml").write_text(LIGHT)
    few, enough = (plan(read(tmp_path / "light.yaml"), draws=n, brief=True) for n in (40, FEW))
    (warning,) = few.warnings
    assert warning == few_draws(few.admission, 40, few.confidence)
    assert "rooms on a may allow about" in warning
    assert any(warning in said for said in what_to_measure.wrong(few))
    assert enough.warnings == ()


LEARNED = "{history: seen.sqlite, since: 2021-01-04, until: 2021-04-05, meetings: 900, fit: FIT}"


@pytest.mark.parametrize(
    ("fit", "misfit", "not_judged"),
    [
        ("good", "", ""),
        ('"failed: 9 meetings of 50 users"', "9 meetings of 50 users", ""),
        ('"not known: 9 meetings"', "", "9 meetings"),
    ],
)
def test_a_plan_says_that_its_ranges_may_not_fit_works_its_number_out_and_tells_the_gate(
    fit: str, misfit: str, not_judged: str, tmp_path: Path
) -> None:
    file = tmp_path / "light.yaml"
    file.write_text(LIGHT, encoding="utf-8")
    scenario = read(file, [f"calibrated={LEARNED.replace('FIT', fit)}"])
    made = plan(scenario, draws=20)
    said = [one for one in made.warnings if "the plan's picture of meetings" in one]
    assert len(said) == bool(misfit or not_judged)
    span = "what it was learned from (seen.sqlite, 2021-01-04 to 2021-04-05)"
    assert not misfit or f"picture of meetings does not fit {span}: 9 meetings of 50 users; " in said[0]
    assert not not_judged or f"whether the plan's picture of meetings fits {span} is not known: 9 meetings; " in said[0]
    assert made.admission.max_accounts == plan(read(file), draws=20).admission.max_accounts
    document = as_json(made)
    assert document["calibrated"]["meetings"] == 900
    standing = gate.standing(seal.sealed(document, datetime(2021, 4, 6, tzinfo=UTC)))
    assert (standing.misfit, standing.not_judged) == (misfit, not_judged)
    assert next(row.value for row in made.assumptions if row.path == "calibrated.fit") == fit.strip('"')
