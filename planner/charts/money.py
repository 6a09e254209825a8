"""Money beside credit: two scales, one below the other, and nothing that stands on both."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.charts import theme
from planner.model.credit.money import Money
from planner.model.credit.summary import Outcome, Quantiles

Row = tuple[str, Quantiles]


def in_credit(record: Outcome, ax: Axes, unit: str) -> None:
    """Draw what the paths earn, are refused and have left, in credit, within the horizon."""
    last = (record.earned, record.balance)
    earned, left = (Quantiles(band.p10[-1], band.p50[-1], band.p90[-1]) for band in last)
    rows = (("received", earned), ("refused by the network's cap", record.refused), ("unspent at the end", left))
    _ranges(rows, ax)
    theme.heading(
        ax,
        f"In {record.network}: {unit}",
        f"within {len(record.earned.p50) - 1} months · line: 8 of 10 paths · dot: middle",
    )


def in_money(record: Money, ax: Axes, unit: str) -> None:
    """Draw what the accounts cost and save, in money, within the horizon; below 0 = it costs money."""
    rows = (
        ("tax on credit income", _less(record.vat)),
        ("cost of the accounts", _less(record.per_account)),
        ("more servers", _less(record.next_node)),
        ("fees of those who would have paid money", _less(record.displaced)),
        ("bills that suppliers took in credit", record.bills_saved),
        ("result in money", record.result),
    )
    _ranges([row for row in rows if row[0].startswith("result") or row[1] != Quantiles(0, 0, 0)], ax, bold="result")
    theme.heading(ax, f"In money: {unit}", "never added to the credit · below 0: it costs money")


def rows_in_money(record: Money) -> int:
    """Return how many rows the money side has: kinds that are nothing are left out, the result never."""
    kinds = (record.vat, record.per_account, record.next_node, record.displaced, record.bills_saved)
    return 1 + sum(kind != Quantiles(0, 0, 0) for kind in kinds)


def _less(cost: Quantiles) -> Quantiles:
    """Return a cost as what it takes away: the dearest tenth becomes the lowest."""
    p10, p50, p90 = (None if value is None else -value or 0 for value in (cost.p90, cost.p50, cost.p10))
    return Quantiles(p10, p50, p90)


def _ranges(rows: Sequence[Row], ax: Axes, bold: str = "-") -> None:
    """Draw for each row a line from p10 to p90 and a dot at the middle, the number beside it."""
    known = [value / 100 for _, found in rows for value in (found.p10, found.p50, found.p90) if value is not None]
    low, high = min(0.0, *known), max(0.0, *known)
    for y, (name, found) in enumerate(rows):
        weight = "bold" if name.startswith(bold) else "normal"
        ax.annotate(
            theme.text(name, bold=weight == "bold"), (0, y - 0.26), (4, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", fontweight=weight, zorder=5,
            bbox={"boxstyle": "square,pad=0.08", "facecolor": theme.PAPER, "edgecolor": "none"},
        )  # fmt: skip
        if found.p10 is None or found.p50 is None or found.p90 is None:
            continue
        ends = (found.p10 / 100, found.p90 / 100)
        ax.plot(ends, (y, y), color=theme.BARS, lw=5, solid_capstyle="butt", gid=f"range {name}", zorder=3)
        ax.plot([found.p50 / 100], [y], ls="", marker="o", ms=6, color=theme.MAIN, gid=f"middle {name}", zorder=4)
        said = f"{found.p50 / 100:,.0f}" + (f" ({ends[0]:,.0f} to {ends[1]:,.0f})" if ends[0] != ends[1] else "")
        ax.annotate(
            said.replace("-", "\N{MINUS SIGN}"),
            (ends[1], y),
            (7, 0),
            textcoords="offset points",
            va="center",
            color=theme.MUTED,
        )
    ax.axvline(0, color=theme.INK, lw=0.8, zorder=2)
    longest = 7 + max((theme.width(f"{value:,.0f}") for value in known), default=0.0) * 3 + theme.width(" ( to )")
    width = ax.get_position().width * theme.WIDTH * 72
    scale = max(high - low, 1e-9) / (width - longest - 10)
    ax.set_xlim(low - 8 * scale, high + (longest + 2) * scale)
    ax.set_ylim(len(rows) - 0.5, -0.75)
    theme.bare(ax)
