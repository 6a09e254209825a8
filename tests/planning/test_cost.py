"""What would take days or fill the memory is refused before it is begun, with what fits; what co-ops need is not."""

import time
from pathlib import Path

import pytest
from light_scenario import LIGHT

from planner.planning import cost
from planner.planning.make import plan
from planner.scenario.reader import Scenario, ScenarioError, read


def nodes(count: int, limits: str = "rooms: 9") -> str:
    return "nodes={" + ", ".join(f"n{number}: {{limits: {{{limits}}}}}" for number in range(count)) + "}"


def many(section: str, count: int, what: str = "{}") -> str:
    return f"{section}={{" + ", ".join(f"x{number}: {what}" for number in range(count)) + "}"


POOL = "placement.rule=pool"
CAP = "networks.n.largest_balance=500 credit"
TWO = "rooms: 9, users: 90"
FOUR = "rooms: 9, users: 90, streams: 900, load: 70 %"
TOO_LARGE = {
    "ten thousand accounts": (["offer.accounts=10000"], 500, "offer.accounts", "accounts"),
    "a million accounts": (["offer.accounts=1000000"], 500, "offer.accounts", "accounts"),
    "accounts under a cap": (["offer.accounts=3500", CAP], 500, "offer.accounts", "accounts"),
    "accounts elsewhere": (
        ["networks={n: {}, m: {accounts: 500000}}"], 500, "networks.m.accounts", "networks that are not asked about"
    ),
    "a pool of 200": ([nodes(200), POOL], 500, "nodes", "nodes"),
    "thousands of nodes": ([nodes(700)], 500, "nodes", "nodes"),
    "nodes and draws": ([nodes(10, FOUR)], 20_000, "", "draws"),
    "sellers": ([many("spending.sellers", 400)], 500, "spending.sellers", "sellers"),
    "networks": ([many("networks", 2500), "offer.network=x0"], 500, "networks", "networks"),
    "members that grow": (["members.growth=10000/month", nodes(400), "horizon=180"],
        500, "nodes", "nodes"),
    "members of whom little is known": (
        ["members.accounts={value: 500000, low: 1e5, high: 1000000}", nodes(60)], 500, "members.accounts", "members"
    ),
}  # fmt: skip


def scenario(folder: Path, *sets: str) -> Scenario:
    path = folder / "light.yaml"
    path.write_text(LIGHT.replace("horizon: 12 months", "horizon: 36 months"), encoding="utf-8")
    return read(path, sets)


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_what_is_too_large_is_refused_at_once_with_what_fits(kind: str, tmp_path: Path) -> None:
    sets, draws, path, what = TOO_LARGE[kind]
    asked = scenario(tmp_path, *sets)
    begun = time.process_time()
    with pytest.raises(ScenarioError) as error:
        cost.check(asked, draws)
    assert time.process_time() - begun < 2
    (problem,) = error.value.problems
    assert problem.path == path
    assert problem.file == ("--draws" if what == "draws" else "--set")
    assert "this makes the plan too large: about" in problem.what
    assert what in problem.what.partition("wanted at most ")[2]


def test_no_plan_is_begun(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="this makes the plan too large"):
        plan(scenario(tmp_path, "offer.accounts=1000000"))


def test_what_is_said_to_fit_fits(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        cost.check(scenario(tmp_path, "offer.accounts=10000"), 500)
    most = int(error.value.problems[0].what.partition("wanted at most ")[2].split()[0].replace(",", ""))
    assert 500 < most < 10_000
    cost.check(scenario(tmp_path, f"offer.accounts={most}"), 500)
    with pytest.raises(ScenarioError):
        cost.check(scenario(tmp_path, f"offer.accounts={round(1.2 * most)}"), 500)


@pytest.mark.parametrize(
    ("sets", "draws"),
    [
        ([], 500),
        ([], 20_000),
        (["offer.accounts=1000", CAP], 500),
        ([nodes(50, TWO), "offer.accounts=500", "horizon=120", CAP], 500),
        ([nodes(50, FOUR), "horizon=36", "offer.accounts=100"], 500),
        ([nodes(20, FOUR), "members.accounts=5000", "horizon=120"], 500),
        ([nodes(10, TWO), POOL], 500),
        ([many("spending.sellers", 50)], 500),
    ],
)
def test_what_co_ops_need_is_not_refused(sets: list[str], draws: int, tmp_path: Path) -> None:
    cost.check(scenario(tmp_path, *sets), draws)


def test_more_of_anything_never_costs_less(tmp_path: Path) -> None:
    size = cost.size_of(scenario(tmp_path, nodes(3, TWO), CAP), 500)
    for name in ("draws", "horizon", "limits", "kinds", "members", "accounts", "elsewhere", "networks", "sellers"):
        more = cost.replace(size, **{name: 10 * getattr(size, name) + 1})
        assert cost.seconds(more) > cost.seconds(size)
        assert cost.memory(more) >= cost.memory(size)


def test_moderators_of_large_meetings_are_too_many_cases(tmp_path: Path) -> None:
    large = scenario(tmp_path, "levels.one.participants=1000", "usage.everyone.moderators=100")
    with pytest.raises(ScenarioError, match=r"usage\.everyone\.moderators: so many moderators.*wanted at most 5"):
        cost.check(large, 500)
    cost.check(scenario(tmp_path, "levels.one.participants=1000", "usage.everyone.moderators=5"), 500)
    cost.check(scenario(tmp_path, "levels.one.participants=30", "usage.everyone.moderators=30"), 500)


def test_a_time_is_said_in_the_unit_that_one_would_use() -> None:
    assert [cost._time(5400), cost._time(1e9)] == ["90 minutes", "278 thousand hours"]
