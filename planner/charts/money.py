"""Money beside credit: two scales, one below the other, and nothing that stands on both."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.charts import theme
from planner.model.credit.money import Money
from planner.model.credit.summary import Outcome, Quantiles
from planner.wording import phrases
from planner.wording.names import KEYS, Names

Row = tuple[str, Quantiles]


def in_credit(record: Outcome, ax: Axes, unit: str, names: Names = KEYS) -> None:
    """Draw what the paths earn, are refused and have left, in credit, within the horizon."""
    refused, left = ("refused by the network's cap", record.refused), ("unspent at the end", record.balance.last)
    _ranges((("received", record.earned.last), refused, left), ax)
    months = len(record.earned.p50) - 1
    theme.heading(
        ax, f"In {names.network(record.network)}: {unit}", f"within {months} months · line: 8 of 10 cases · dot: middle"
    )


def in_money(record: Money, ax: Axes, unit: str) -> None:
    """Draw what the accounts cost and save, in money, within the horizon; below 0 = it costs money."""
    _ranges(_money_rows(record), ax, bold="result")
    theme.heading(ax, f"In money: {unit}", "never added to the credit · below 0: it costs money")


def _money_rows(record: Money) -> list[Row]:
    """Return the rows of the money side: kinds that are nothing are left out, the result never."""
    costs = [(said, _less(getattr(record, name))) for name, said in phrases.MONEY.items() if name != "bills_saved"]
    kinds = (*costs, (phrases.MONEY["bills_saved"], record.bills_saved))
    return [*(row for row in kinds if row[1] != Quantiles(0, 0, 0)), ("result in money", record.result)]


def rows_in_money(record: Money) -> int:
    """Return how many rows [-] the money side has."""
    return len(_money_rows(record))


def _less(cost: Quantiles) -> Quantiles:
    """Return a cost as what it takes away: the dearest tenth becomes the lowest."""
    p10, p50, p90 = (None if value is None else -value or 0 for value in (cost.p90, cost.p50, cost.p10))
    return Quantiles(p10, p50, p90)


def _ranges(rows: Sequence[Row], ax: Axes, bold: str = "-") -> None:
    """Draw for each row a line from p10 to p90 and a dot at the middle, the number beside it."""
    known = [value / 100 for _, q in rows for value in (q.p10, q.p50, q.p90) if value is not None]
    low, high = min(0.0, *known), max(0.0, *known)
    for y, (name, q) in enumerate(rows):
        weight = "bold" if name.startswith(bold) else "normal"
        label = theme.text(name, bold=weight == "bold")
        theme.row_name(ax, y - 0.26, label, fontweight=weight, zorder=5, bbox=theme.PATCH)
        if q.p10 is None or q.p50 is None or q.p90 is None:
            continue
        left, middle, right = q.p10 / 100, q.p50 / 100, q.p90 / 100
        ax.plot((left, right), (y, y), color=theme.BARS, lw=5, solid_capstyle="butt", gid=f"range {name}", zorder=3)
        theme.dot(ax, middle, y, ms=6, color=theme.MAIN, gid=f"middle {name}", zorder=4)
        said = f"{middle:,.0f}" + (f" ({left:,.0f} to {right:,.0f})" if left != right else "")
        theme.annotate(ax, said.replace("-", "\N{MINUS SIGN}"), (right, y), (7, 0), va="center", color=theme.MUTED)
    ax.axvline(0, color=theme.INK, lw=0.8, zorder=2)
    longest = 7 + max((theme.width(f"{value:,.0f}") for value in known), default=0.0) * 3 + theme.width(" ( to )")
    width = theme.points(ax, ax.get_position().width)
    scale = max(high - low, 1e-9) / (width - longest - 10)
    ax.set_xlim(low - 8 * scale, high + (longest + 2) * scale)
    ax.set_ylim(len(rows) - 0.5, -0.75)
    theme.bare(ax)
