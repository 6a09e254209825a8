"""What if, in the page: the sliders' grid, and the same interpolation in Python as the page's script does."""

import json
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from markupsafe import Markup

from planner.model.credit import MINUTES, cost_of
from planner.plan import Plan, WhatIf

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
    """Further accounts that may be admitted; None = no limit."""
    central: float
    at_confidence: float
    """The objective's measure with the accounts of the setting."""
    paper: int
    """Months on paper: exact."""
    p10: int | None
    p50: int | None
    p90: int | None
    """Months over the paths; None = not within the horizon."""


def at(grid: WhatIf, setting: Setting) -> Reading:
    """Return the answers at a setting of the sliders, interpolated on the grid.

    Parameters
    ----------
    grid : WhatIf
        What was worked out beforehand.
    setting : Setting
        Where the sliders stand; outside the grid its edge counts.

    Notes
    -----
    The logarithm of a risk is linear in the accounts and in the logarithm of `busy`; the number allowed is linear in
    the logarithm of `busy`, rounded down; the months are linear in the logarithms of accounts and fees, rounded up.
    Where one of the neighbours is "never", so is what lies between. The months on paper are not interpolated.
    """
    busy = _place([math.log(b) for b in grid.busy], math.log(setting.busy))
    room = _place(grid.accounts, setting.accounts)
    cost = cost_of(round(setting.hours * MINUTES), setting.rate)
    paying = _place([math.log(n) for n in grid.paying], math.log(max(setting.accounts, 1)))
    fees = _place([math.log(f) for f in grid.fees], math.log(cost / setting.price))
    central, sure = (
        math.exp(_between([[math.log(max(v, SMALLEST)) for v in row] for row in rows], busy, room))
        for rows in (grid.central, grid.at_confidence)
    )
    p10, p50, p90 = (_months(rows, paying, fees) for rows in (grid.p10, grid.p50, grid.p90))
    paper = -(-cost // max(setting.accounts * setting.price, 1))
    return Reading(_allowed(grid, busy), central, sure, paper, p10, p50, p90)


Place = tuple[int, float]
"""The point of the axis below, and the share of the way to the next."""


def _place(axis: Sequence[float], value: float) -> Place:
    below = min(max(bisect_right(axis, value) - 1, 0), len(axis) - 2)
    return below, min(max((value - axis[below]) / (axis[below + 1] - axis[below]), 0.0), 1.0)


def _between(rows: Sequence[Sequence[float]], row: Place, column: Place) -> float:
    (i, t), (j, u) = row, column
    low = rows[i][j] * (1 - u) + rows[i][j + 1] * u
    high = rows[i + 1][j] * (1 - u) + rows[i + 1][j + 1] * u
    return low * (1 - t) + high * t


def _months(rows: Sequence[Sequence[int | None]], row: Place, column: Place) -> int | None:
    never = [[math.inf if value is None else float(value) for value in one] for one in rows]
    (i, t), (j, u) = row, column
    # infinity times nothing is no number: neighbours that do not count are left out
    sides = [(a, b) for a, b in ((i, 1 - t), (i + 1, t)) if b > 0]
    ends = [(a, b) for a, b in ((j, 1 - u), (j + 1, u)) if b > 0]
    found = sum(never[a][c] * b * d for a, b in sides for c, d in ends)
    return None if math.isinf(found) else math.ceil(found - 1e-9)


def _allowed(grid: WhatIf, busy: Place) -> int | None:
    i, t = busy
    ends = [(grid.allowed[k], share) for k, share in ((i, 1 - t), (i + 1, t)) if share > 0]
    known = [(value, share) for value, share in ends if value is not None]
    load = math.floor(sum(v * s for v, s in known) / sum(s for _, s in known) + 1e-9) if known else None
    return min((number for number in (load, grid.others) if number is not None), default=None)


def embedded(plan: Plan) -> Markup:
    """Return the grid as JSON that can stand inside a page: nothing in it can end the element it stands in.

    Parameters
    ----------
    plan : Plan
        With a grid.
    """
    grid = plan.what_if
    assert grid is not None
    more = {
        "offered": plan.offered,
        "measure": plan.measure,
        "at_most": plan.at_most,
        "horizon": plan.credit.balance.months[-1],
        "unit": plan.credit.target_cost.unit,
    }
    text = json.dumps({**asdict(grid), **more}, ensure_ascii=True, allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
