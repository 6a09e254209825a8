"""What if, in words: the answers at one setting of the sliders, as the notebooks show them."""

from planner.planning import Plan
from planner.report import sliders
from planner.report.answer import horizon


def tried(
    plan: Plan,
    accounts: int | None = None,
    price: float | None = None,
    rate: float | None = None,
    hours: float | None = None,
    busy: float = 1.0,
) -> dict[str, str]:
    """Return the answers at other accounts, price [credit/month], rate [credit/h] or hours [h], by what they say."""
    grid = plan.what_if
    if grid is None:
        raise ValueError("this plan has nothing to try: in it nobody pays anything, or it was made in brief")
    setting = sliders.Setting(
        accounts=plan.offered if accounts is None else accounts,
        price=grid.price if price is None else round(100 * price),
        rate=grid.rate if rate is None else round(100 * rate),
        hours=grid.hours if hours is None else hours,
        busy=busy,
    )
    found = sliders.at(grid, setting, plan.at_most)
    return {
        "accounts that may come": _count(found.allowed),
        "if only the servers counted": _count(found.servers),
        "months on paper": str(found.paper),
        "months, the quickest tenth": _month(found.p10, plan),
        "months, half of the cases": _month(found.p50, plan),
        "months, all but the slowest tenth": _month(found.p90, plan),
    }


def _count(accounts: int | None) -> str:
    return "no limit here" if accounts is None else f"{accounts:,}"


def _month(month: int | None, plan: Plan) -> str:
    return f"over {horizon(plan)}" if month is None else str(month)
