"""What if, in words: the answers at one setting of the sliders, as the notebooks show them."""

from planner.plan import Plan
from planner.report import whatif
from planner.report.answer import horizon


def tried(
    plan: Plan,
    accounts: int | None = None,
    price: float | None = None,
    rate: float | None = None,
    hours: float | None = None,
    busy: float = 1.0,
) -> dict[str, str]:
    """Return the answers if some numbers were others, each by what it says; what is left out is as in the plan.

    Parameters
    ----------
    plan : Plan
        With a grid to read from.
    accounts : int or None
        How many pay in credit [account].
    price : float or None
        Of an account [credit/month].
    rate : float or None
        Of an hour of marketing [credit/h].
    hours : float or None
        The block that is to be bought [h].
    busy : float
        Meetings of every account, as a multiple of what is assumed [-].

    Raises
    ------
    ValueError
        If the plan has no grid: nobody would pay anything, or it was made in brief.
    """
    grid = plan.what_if
    if grid is None:
        raise ValueError("this plan has nothing to try: in it nobody pays anything, or it was made in brief")
    setting = whatif.Setting(
        accounts=plan.offered if accounts is None else accounts,
        price=grid.price if price is None else round(100 * price),
        rate=grid.rate if rate is None else round(100 * rate),
        hours=grid.hours if hours is None else hours,
        busy=busy,
    )
    found = whatif.at(grid, setting, plan.at_most)
    return {
        "accounts that may come": _count(found.allowed),
        "if only the servers counted": _count(found.servers),
        "months on paper": str(found.paper),
        "months, the quickest tenth": _month(found.p10, plan),
        "months, half of the paths": _month(found.p50, plan),
        "months, all but the slowest tenth": _month(found.p90, plan),
    }


def _count(accounts: int | None) -> str:
    return "no limit here" if accounts is None else f"{accounts:,}"


def _month(month: int | None, plan: Plan) -> str:
    return f"over {horizon(plan)}" if month is None else str(month)
