"""The credit: how the balance grows, how many months until it pays for the target; money beside it, never with it."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from planner.charts import theme
from planner.model.credit.money import Money
from planner.model.credit.summary import Outcome, Quantiles
from planner.planning import CreditPlan
from planner.wording import phrases
from planner.wording.names import KEYS, Names

MARKS = (1, 2, 5, 10, 55)
"""The numbers of accounts that the proposal speaks of."""
Row = tuple[str, Quantiles]


def balance(record: CreditPlan, ax: Axes, names: Names = KEYS) -> None:
    """Draw the balance month by month, as the middle 8 of 10 cases, with the target and the network's cap."""
    fan = record.balance
    p10, p50, p90, central = ([value / 100 for value in v] for v in (fan.p10, fan.p50, fan.p90, fan.central))
    target = record.price_of_target.minor / 100
    cap = None if record.largest_balance is None else record.largest_balance.minor / 100
    top = 1.22 * max(target, cap or 0, *p90)
    last = fan.months[-1]
    ax.fill_between(fan.months, p10, p90, color=theme.BAND, linewidth=0, gid="band")
    ax.plot(fan.months, p50, color=theme.MAIN, gid="median")
    ax.plot(fan.months, central, color=theme.INK, lw=1.2, ls=theme.DASHED, gid="on paper")
    ax.axhline(target, color=theme.LIMIT, lw=1.6, gid="target", zorder=4)
    theme.month_axis(ax, last)
    ax.set_ylim(0, top)
    unit = record.unit
    cost = f"{record.target_hours:g} hours cost {target:,.0f} {unit}"
    theme.label(ax, last, target, cost, theme.LIMIT, ha="right", va="top", offset=(-2, -3))
    if cap is not None:
        ax.axhline(cap, color=theme.LIMIT, lw=1.2, ls=theme.DOTTED, gid="cap", zorder=4)
        theme.label(ax, last, cap, f"the network's cap: {cap:,.0f} {unit}", theme.LIMIT, ha="right", offset=(-2, 3))
    j = next((m for m in range(1, last) if central[m] > 0.45 * top), last)
    theme.label(ax, j, central[j], "on paper", ha="right", va="center", offset=(-5, 0))
    theme.heading(
        ax, f"Balance in {names.network(record.network)}", f"{unit} unspent · line: middle case · band: 8 of 10 cases"
    )


def months(record: CreditPlan, ax: Axes) -> None:
    """Draw months until the target is earned against the number of accounts; what takes too long stands on top."""
    curve = record.months
    horizon = record.balance.months[-1]
    never = horizon * 1.08

    def high(values: Sequence[int | None]) -> list[float]:
        return [never if value is None else float(value) for value in values]

    ax.fill_between(curve.accounts, high(curve.p10), high(curve.p90), color=theme.BAND, linewidth=0, gid="band")
    ax.plot(curve.accounts, high(curve.p50), color=theme.MAIN, lw=1.3, ls=theme.DASHED, gid="median")
    central = dict(zip(curve.accounts, curve.central, strict=True))
    if on_paper := [(n, m) for n, m in central.items() if m is not None]:
        ax.plot(*zip(*on_paper, strict=True), color=theme.INK, lw=1.5, gid="on paper")
    ax.set_xscale("log")
    ax.set_xlim(0.85, curve.accounts[-1] * 1.12)
    ax.set_ylim(0, horizon * 1.2)
    ax.axhline(horizon, color=theme.BEFORE, lw=0.8, ls=theme.DOTTED)
    above = f"above: not within {horizon} months"
    theme.label(ax, curve.accounts[-1], horizon, above, theme.MUTED, ha="right", offset=(0, 2))
    for n in (n for n in MARKS if n in central):
        value = central[n]
        y, fill, name = (never, theme.PAPER, "later") if value is None else (value, theme.INK, f"{value}")
        theme.dot(ax, n, y, ms=6.5, mfc=fill, mec=theme.INK, gid=f"mark {n}", zorder=6)
        theme.label(ax, n, y, name, offset=(0, 6), ha="center", weight="bold")
    ticks = [n for n in (1, 2, 5, 10, 20, 55, 100, 200, 500) if n <= curve.accounts[-1]]
    ax.set_xticks(ticks, [str(n) for n in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_yticks(theme.month_ticks(horizon))
    ax.set_xlabel("accounts on offer")
    below = "solid: on paper · dashed: half of the cases · band: 8 of 10"
    theme.heading(ax, f"Months until {record.target_hours:g} hours are earned", below)


def hours(record: CreditPlan, ax: Axes) -> None:
    """Draw the hours bought so far, month by month, as the middle 8 of 10 cases, with the target."""
    fan = record.hours
    last = fan.months[-1]
    ax.fill_between(fan.months, fan.p10, fan.p90, color=theme.BAND, linewidth=0, step="post", gid="band")
    ax.step(fan.months, fan.p50, where="post", color=theme.MAIN, gid="median")
    ax.step(fan.months, fan.central, where="post", color=theme.INK, lw=1.2, ls=theme.DASHED, gid="on paper")
    top = 1.25 * max(record.target_hours, *fan.p90, *fan.central)
    ax.axhline(record.target_hours, color=theme.LIMIT, lw=1.6, gid="target", zorder=4)
    theme.label(ax, 0, record.target_hours, f"the target: {record.target_hours:g} hours", theme.LIMIT, offset=(3, 3))
    ax.set_ylim(0, top)
    theme.month_axis(ax, last)
    theme.heading(ax, "Hours of marketing bought", "dashed: on paper · line: middle case · band: 8 of 10 cases")


def chance(record: CreditPlan, ax: Axes) -> None:
    """Draw the chance that the target is earned, and that it is bought, by the end of each month."""
    earned, bought = ([0.0, *(100 * p for p in wait.by_month)] for wait in (record.rules.afford, record.rules.buy))
    months = range(len(earned))
    ax.step(months, earned, where="post", color=theme.BEFORE, lw=1.6, ls=theme.DASHED, gid="earned")
    ax.step(months, bought, where="post", color=theme.MAIN, gid="bought")
    # small chances fill the picture too
    most = max(*earned, *bought)
    top = next((end for end in (10, 20, 40) if most <= end), 100)
    ax.set_ylim(0, 1.08 * top)
    theme.month_axis(ax, months[-1])
    ticks = [top * k // 4 for k in range(5)] if top > 10 else [0, 5, 10]
    ax.set_yticks(ticks, [*map(str, ticks[:-1]), f"{ticks[-1]} %"])
    title = f"Chance that {record.target_hours:g} hours are there by then"
    theme.heading(ax, title, "dashed: earned · solid: bought from a seller")


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
