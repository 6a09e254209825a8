"""The sliders' grid against the full computation: no setting is further off than the page says.

Settings are drawn at random, and the worst places are always among them: the corners of the grid, and the middles of
its cells, which are furthest from what was worked out.
"""

import math
from collections.abc import Iterator
from itertools import pairwise, product
from random import Random

import pytest
from full_computation import SCENARIOS, months, servers
from shared_plans import SharedPlans

from planner.model.credit.arithmetic import MINUTES, cost_of
from planner.planning import Plan, WhatIf, credit
from planner.report import sliders
from planner.report.sliders import Setting

pytestmark = pytest.mark.slow

DRAWS = 500
"""With fewer the quantile jumps from draw to draw, and a line between two of them says little."""


def planned(plans: SharedPlans, name: str, draws: int) -> tuple[Plan, WhatIf]:
    found = plans(SCENARIOS / f"{name}.yaml", draws)
    assert found.what_if is not None
    return found, found.what_if


@pytest.fixture(scope="module")
def pilot(plans: SharedPlans) -> tuple[Plan, WhatIf]:
    return planned(plans, "pilot-5", DRAWS)


def middle(axis: tuple[int, ...], cell: int) -> int:
    return (axis[cell] + axis[cell + 1]) // 2


def trading(grid: WhatIf, random: Random, n: int) -> Iterator[Setting]:
    """Yield settings of what the months depend on: corners, middles between numbers of accounts, then random ones."""
    prices, rates, hours = (400, 1800), (1500, 6000), (4.0, 32.0)
    for accounts, price, rate, block in product((1, grid.paying[-1]), prices, rates, hours):
        yield Setting(accounts, price, rate, block, 1.0)
    for cell, (here, there) in enumerate(pairwise(grid.paying)):
        if there > here + 1:
            yield Setting(middle(grid.paying, cell), 50 * random.randint(8, 36), 3000, 8.0, 1.0)
    for _ in range(n):
        rate, block = 100 * random.randint(15, 60), float(random.randint(4, 32))
        yield Setting(random.randint(1, 60), 50 * random.randint(8, 36), rate, block, 1.0)


def loaded(grid: WhatIf, random: Random, n: int) -> Iterator[Setting]:
    """Yield settings of what the servers depend on: the middle of every other cell, the corners, then random ones."""
    for cell in range(0, len(grid.busy) - 1, 2):
        busy = math.sqrt(grid.busy[cell] * grid.busy[cell + 1])
        yield Setting(middle(grid.accounts, random.randrange(1, len(grid.accounts) - 1)), 900, 3000, 16.0, busy)
    for busy, accounts in product((grid.busy[0], grid.busy[-1]), (1, grid.accounts[-1])):
        yield Setting(accounts, 900, 3000, 16.0, busy)
    for _ in range(n):
        yield Setting(random.randint(1, 60), 900, 3000, 16.0, 2 ** random.uniform(-1, 1))


def hold_months(name: str, grid: WhatIf, setting: Setting) -> None:
    truth = months(name, setting, grid.price, credit.PATHS)
    shown = sliders.by_month(grid, setting, cost_of(round(setting.hours * MINUTES), setting.rate))
    off = max(abs(a - b) for a, b in zip(shown, truth.by_month, strict=True))
    assert off <= grid.error_chance, setting
    for share, month in ((0.1, truth.p10), (0.5, truth.p50), (0.9, truth.p90)):
        # the months follow: that of a chance a little less is no later, that of a little more no sooner
        early, late = (sliders.first_month(shown, share + side * grid.error_chance) for side in (-1, 1))
        assert (early or math.inf) <= (month or math.inf) <= (late or math.inf), setting


def hold_servers(name: str, found: Plan, grid: WhatIf, setting: Setting) -> None:
    truth, shown = servers(name, setting, grid.price, found.draws), sliders.at(grid, setting, found.at_most)
    assert shown.central is not None
    assert shown.at_confidence is not None
    assert abs(math.log(shown.central / truth.central)) <= math.log(grid.error_central), setting
    assert abs(math.log(shown.at_confidence / truth.at_confidence)) <= math.log(grid.error_risk), setting
    # with its stated error the risk crosses the bound between these
    fewest, most = (sliders.at(grid, setting, found.at_most * grid.error_risk**side).servers for side in (-1, 1))
    last = grid.accounts[-1] + 1
    few, allowed, many = (last if n is None else min(n, last) for n in (fewest, truth.allowed, most))
    assert few - grid.error_accounts <= allowed <= many + grid.error_accounts, setting


def test_where_nothing_is_moved_the_sliders_say_what_the_plan_says(pilot):
    found, grid = pilot
    assert grid.rate == 3000
    shown = sliders.at(grid, Setting(found.offered, grid.price, grid.rate, grid.hours, 1.0), found.at_most)
    limits = found.admission.limits
    servers_allow = [one.max_accounts for one in limits if one.node is not None and one.max_accounts is not None]
    assert shown.servers == min(servers_allow)
    assert shown.allowed == found.admission.max_accounts
    assert found.admission.binding is not None
    tightest = grid.tightest[grid.busy.index(1.0)]
    assert tightest == found.names.limit(found.admission.binding.limit, found.admission.binding.node)
    assert shown.paper == found.credit.months_to_afford.central == 11
    assert shown.chance == pytest.approx(
        found.credit.months_to_afford.probability_within_horizon, abs=grid.error_chance
    )
    risks = [server.offered for server in found.servers if server.node == "de"]
    assert shown.central == pytest.approx(max(one.central.episodes for one in risks), rel=0.05)
    assert shown.at_confidence == pytest.approx(max(one.at_confidence.episodes for one in risks), rel=0.05)


def test_more_accounts_and_busier_ones_are_never_less_risk_and_dearer_hours_never_sooner(pilot):
    found, grid = pilot
    for rows in (grid.central, grid.at_confidence):
        # a dip of a few per cent is the noise of few draws, and well within the error that is stated
        assert all(a <= 1.1 * b for row in rows for a, b in pairwise(row)), "more accounts"
        assert all(a < b for lower, upper in pairwise(rows) for a, b in zip(lower, upper, strict=True))
    rates = range(1500, 4500, 250)
    chances = [sliders.at(grid, Setting(5, 900, rate, 16.0, 1.0), found.at_most).chance for rate in rates]
    assert chances == sorted(chances, reverse=True)


def test_more_accounts_than_the_network_brings_earn_no_more(pilot):
    _, grid = pilot
    assert grid.earned[-1] == grid.earned[-2], "take-up of 5 % of 160 businesses and more are a dozen"
    assert grid.paying[-2] < 30


@pytest.mark.parametrize(("name", "every"), [("pilot-5", 3), ("members-105", 4), ("busy-members", 6)])
def test_risk_and_accounts_of_the_servers_are_as_exact_as_the_page_says(name, every, plans):
    found, grid = planned(plans, name, DRAWS)
    for setting in list(loaded(grid, Random(11), 4))[::every]:
        hold_servers(name, found, grid, setting)


@pytest.mark.parametrize("name", ["pilot-5", "thin-market", "small-jobs", "cheaper-seller", "higher-levels"])
def test_the_chance_of_having_earned_the_hours_is_as_exact_as_the_page_says(name, plans):
    _, grid = planned(plans, name, 20)
    for setting in trading(grid, Random(11), 30):
        hold_months(name, grid, setting)
