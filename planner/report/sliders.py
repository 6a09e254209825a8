"""What if, in the page: the sliders' grid, and the same interpolation in Python as the page's script does."""

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from markupsafe import Markup

from planner.model.credit.arithmetic import MINUTES, cost_of
from planner.planning import Plan, WhatIf
from planner.report.answer import horizon
from planner.wording import phrases

SMALLEST = 1e-12
"""A risk below this is drawn as this: its logarithm is interpolated."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the sliders stand."""

    accounts: int
    price: int
    """[minor credit/account/month]"""
    rate: int
    """[minor credit/h]"""
    hours: float
    """[h]"""
    busy: float
    """Meetings a week as a multiple of what is assumed [-]."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the page then shows."""

    allowed: int | None
    """Further accounts that may be admitted; None = no limit within the grid [account]."""
    servers: int | None
    """The same, if only the servers counted [account]."""
    central: float | None
    at_confidence: float | None
    """The objective's measure with the accounts of the setting; None = no server limit counts."""
    paper: int
    """Months on paper: exact."""
    p10: int | None
    p50: int | None
    p90: int | None
    """Months over the paths; None = not within the horizon."""
    chance: float
    """Share of the paths that have earned the hours within the horizon [-]."""


def at(grid: WhatIf, setting: Setting, at_most: float) -> Reading:
    """Return the answers at a setting of the sliders, interpolated on the grid."""
    # The logarithm of the measure is linear in the accounts and in that of `busy`; the servers allow what lies before
    # the first crossing of the bound. The share of the paths that have earned so many fees by a month is linear between
    # the grid's shares and in the accounts; the rate is each of `rates` in turn. The months on paper are exact.
    cost = cost_of(round(setting.hours * MINUTES), setting.rate)
    earning = max(grid.income[min(setting.accounts, len(grid.income) - 1)] * setting.price, 1)
    reached = by_month(grid, setting, cost)
    p10, p50, p90 = (first_month(reached, share) for share in (0.1, 0.5, 0.9))
    servers = _servers(grid, setting.busy, at_most)
    central, sure = (_risk(grid, rows, setting) for rows in (grid.central, grid.at_confidence))
    return Reading(
        allowed=min((n for n in (servers, grid.others) if n is not None), default=None),
        servers=servers,
        central=central,
        at_confidence=sure,
        paper=-(-cost * grid.price // earning),
        p10=p10,
        p50=p50,
        p90=p90,
        chance=reached[-1],
    )


Place = tuple[int, float]
"""The point of the axis below, and the share of the way to the next."""


def _place(axis: Sequence[float], value: float) -> Place:
    below = min(max(bisect_right(axis, value) - 1, 0), len(axis) - 2)
    return below, min(max((value - axis[below]) / (axis[below + 1] - axis[below]), 0.0), 1.0)


def _logs(grid: WhatIf, rows: Sequence[Sequence[float]], busy: float) -> list[float]:
    """Return the logarithm of the measure at each of the grid's numbers of accounts."""
    i, t = _place([math.log(b) for b in grid.busy], math.log(busy))
    low, high = ([math.log(max(value, SMALLEST)) for value in rows[k]] for k in (i, i + 1))
    return [a * (1 - t) + b * t for a, b in zip(low, high, strict=True)]


def _risk(grid: WhatIf, rows: Sequence[Sequence[float]], setting: Setting) -> float | None:
    if not rows:
        return None
    logs = _logs(grid, rows, setting.busy)
    j, u = _place(grid.accounts, setting.accounts)
    return math.exp(logs[j] * (1 - u) + logs[j + 1] * u)


def _servers(grid: WhatIf, busy: float, at_most: float) -> int | None:
    """Return the last number of accounts before the bound is passed at the confidence; None = not within the grid."""
    if not grid.at_confidence:
        return None
    logs = _logs(grid, grid.at_confidence, busy)
    bound = math.log(at_most) + 1e-9
    beyond = next((k for k, one in enumerate(logs) if one > bound), None)
    if beyond is None:
        return None
    if beyond == 0:
        return 0
    share = (bound - logs[beyond - 1]) / (logs[beyond] - logs[beyond - 1])
    before, after = grid.accounts[beyond - 1], grid.accounts[beyond]
    return math.floor(before + share * (after - before) + 1e-6)


def by_month(grid: WhatIf, setting: Setting, cost: int) -> list[float]:
    """Return the share of the paths that have earned a cost [minor credit] by each month, month 1 first."""
    i, t = _place(grid.paying, max(setting.accounts, 1))
    own = math.inf if grid.own_rate is None else cost * grid.own_rate / setting.rate
    caps = [_fits(cap, grid, setting) for cap in grid.caps] or [math.inf] * len(grid.rates)
    reached, found = 0.0, []
    for month, (low, high) in enumerate(zip(grid.earned[i], grid.earned[i + 1], strict=True)):
        row = [a * (1 - t) + b * t for a, b in zip(low, high, strict=True)]
        dearer = (1 + grid.rate_growth) ** (month / 12)
        have = [
            0.0
            if grid.whole_block and min(cost * rate, own) > cap
            else _reach(row, grid.shares, _fees(grid, cost * rate * dearer / setting.price))
            for rate, cap in zip(grid.rates, caps, strict=True)
        ]
        reached = max(reached, sum(have) / len(have))
        found.append(reached)
    return found


def _fees(grid: WhatIf, fees: float) -> float:
    """Return the fees that are too few by half a fee: who has earned more has earned enough, where all are alike."""
    return math.ceil(fees - 1e-9) - 0.5 if grid.one_fee else fees


def _fits(cap: float, grid: WhatIf, setting: Setting) -> float:
    """Return the most that a cap lets a balance hold: whole fees, the lowest where there are several [minor credit]."""
    fee = grid.least_fee * setting.price
    return math.floor(cap / fee + 1e-9) * fee + 1e-6


def _reach(row: Sequence[float], shares: Sequence[float], fees: float) -> float:
    """Return the share of the paths that have earned so many fees, from the fees at shares of the paths."""
    k = bisect_left(row, fees - 1e-9)
    if k == 0:
        return 1.0
    if k == len(row):
        return 0.0
    part = (fees - row[k - 1]) / (row[k] - row[k - 1])
    return 1 - (shares[k - 1] + part * (shares[k] - shares[k - 1]))


def first_month(reached: Sequence[float], share: float) -> int | None:
    """Return the first month by which such a share of the paths is there; None = not within the horizon."""
    return next((k for k, value in enumerate(reached, start=1) if value >= share - 1e-9), None)


def tried(plan: Plan, asked: Mapping[str, float]) -> dict[str, str]:
    """Return the answers where accounts, fee [credit/month], hourly_rate [credit/h], hours [h] and busy [-] are so."""
    grid = plan.what_if
    if grid is None:
        raise ValueError("this plan has nothing to try: in it nobody pays anything, or it was made in brief")
    price, rate = (round(100 * asked[name]) for name in ("fee", "hourly_rate"))
    setting = Setting(int(asked["accounts"]), price, rate, asked["hours"], asked["busy"])
    found = at(grid, setting, plan.at_most)
    return {
        "accounts that may come": phrases.allowed(found.allowed, "no limit here"),
        "if only the servers counted": phrases.allowed(found.servers, "no limit here"),
        "months on paper": str(found.paper),
        "months, the quickest tenth": phrases.month(found.p10, horizon(plan)),
        "months, half of the cases": phrases.month(found.p50, horizon(plan)),
        "months, all but the slowest tenth": phrases.month(found.p90, horizon(plan)),
    }


def stated(grid: WhatIf) -> list[str]:
    """Return in words how far what the sliders show may be from the full computation."""
    chance = round(100 * grid.error_chance)
    months = f"the chance of having earned the hours by any one month to ±{chance} in 100 cases"
    said = [f"the months on paper are exact, {months}: most months are then right to ±1"]
    if grid.at_confidence:
        central, worst = round(100 * (grid.error_central - 1)), grid.error_risk
        said += [
            f"the risk if everything is as we think to {central} %, that of the worst cases to a factor of {worst:g}",
            f"the accounts that the servers allow to ±{grid.error_accounts}, or to as many as move the risk so far",
        ]
    return said


def embedded(plan: Plan) -> Markup:
    """Return the grid as JSON that can stand inside a page: nothing in it can end the element it stands in."""
    grid = plan.what_if
    assert grid is not None
    more = {
        "offered": plan.offered,
        "measure": plan.measure,
        "at_most": plan.at_most,
        "horizon": horizon(plan),
        "worst": round(100 * (1 - plan.confidence)),
        "unit": plan.credit.unit,
    }
    text = json.dumps({**asdict(grid), **more}, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
