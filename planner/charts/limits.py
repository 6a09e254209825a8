"""How many accounts each limit allows, and how the risk grows with their number."""

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from planner.charts import theme
from planner.model.admission.admission_number import Admission, Limit
from planner.model.admission.node_limit import NodeLimit
from planner.wording import phrases
from planner.wording.names import KEYS, Names

SMALLEST = 1e-9
"""What the scale of risks begins at where there is no risk at all."""


def allowed(record: Admission, ax: Axes, offered: int = 0, names: Names = KEYS) -> None:
    """Draw a bar for each limit, the lowest on top; the binding one is marked, a reach stands apart and is hatched.

    Parameters
    ----------
    record : Admission
        The limits.
    ax : Axes
        Where to draw.
    offered : int
        The number of accounts in question [account].
    names : Names
        What people call the nodes.
    """
    rows = shown(record)
    end = _end([row.max_accounts for row in rows if row.max_accounts is not None], offered)
    # what is a reach stands a little apart
    places = [y + (0.35 if row.kind == "reach" else 0.0) for y, row in enumerate(rows)]
    below = max(places, default=0.0) + 0.5
    if offered:
        ax.plot([offered] * 2, [-0.75, below], color=theme.INK, lw=1, ls=(0, (1.5, 1.5)), gid="offered", zorder=4)
        theme.label(ax, offered, -0.8, f"{offered:,} offered", ha="center", offset=(0, 0))
    for y, row in zip(places, rows, strict=True):
        _bar(ax, y, row, names.limit(row.limit, row.node), row == record.binding, end)
    ax.set_ylim(below, -1.3)
    ax.set_xlim(0, end * 1.62)
    theme.bare(ax)
    theme.heading(ax, "Further accounts that each limit allows", "solid: may we? · hatched: would anybody come?")


def shown(record: Admission, most: int = 12) -> list[Limit]:
    """Return the permissions, the lowest first and those without a limit last, then each reach; at most so many."""

    def order(row: Limit) -> tuple[bool, bool, float, bool]:
        number = math.inf if row.max_accounts is None else row.max_accounts
        return row.kind == "reach", row.max_accounts is None, number, row != record.binding

    # a node's resource without a limit says nothing; a promise of the co-op that costs nothing does
    rows = sorted((row for row in record.limits if row.max_accounts is not None or row.node is None), key=order)
    reaches = [row for row in rows if row.kind == "reach"][:2]
    return [row for row in rows if row.kind != "reach"][: most - len(reaches)] + reaches


def _end(values: list[int], offered: int) -> float:
    """Return where the bars are cut: far limits are, so that the near ones can be told apart."""
    near = sorted([*values, offered, 1])
    return float(max(min(near[-1], 4 * near[len(near) // 2]), 1.3 * offered, 1))


def _bar(ax: Axes, y: float, row: Limit, name: str, binds: bool, end: float) -> None:
    value = row.max_accounts
    weight = "bold" if binds else "normal"
    box = {"boxstyle": "square,pad=0.1", "facecolor": theme.PAPER, "edgecolor": "none"}
    said = f"{name}: this one binds" if binds else name if value is not None else f"{name}: no limit"
    name = theme.text(said, theme.INSIDE, bold=binds)
    theme.annotate(ax, name, (0, y - 0.24), (0, 1), fontweight=weight, bbox=box, zorder=5)
    if value is None:
        return
    colour = theme.MAIN if binds else theme.BARS
    look: dict[str, Any] = {"facecolor": colour, "edgecolor": colour}
    if row.kind == "reach":
        look = {"facecolor": "none", "edgecolor": theme.MUTED, "hatch": "////"}
    ax.barh(y, min(value, end), height=0.42, gid=f"{row.kind}:{row.limit}:{row.node}", zorder=5, **look)
    if value > end:
        ax.plot([0.955 * end, 0.97 * end], [y + 0.3, y - 0.3], color=theme.PAPER, lw=3, zorder=6)
    place = (min(value, end), y)
    theme.annotate(ax, f"{value:,}", place, (5, 0), va="center", fontweight=weight, bbox=box, zorder=6)
    if aside := _aside(row):
        beside = (11 + theme.width(f"{value:,}", bold=binds), 0)
        theme.annotate(ax, aside, place, beside, va="center", color=theme.MUTED, bbox=box, zorder=6)


def _aside(row: Limit) -> str:
    """Return what the number would be without doubt about the inputs, or the range of a reach."""
    if row.low is not None and row.high is not None:
        return f"({row.low:,} to {row.high:,})"
    if row.central is not None and row.central != row.max_accounts:
        return f"({row.central:,} as assumed)"
    return ""


def risk(
    record: NodeLimit,
    ax: Axes,
    at_most: float,
    confidence: float = 0.9,
    offered: int = 0,
    names: Names = KEYS,
) -> None:
    """Draw the objective's measure against the number of further accounts, with the largest that meets it.

    Parameters
    ----------
    record : NodeLimit
        The measure with every input at its value, and at the stated confidence.
    ax : Axes
        Where to draw.
    at_most : float
        The objective [the measure's base unit].
    confidence : float
        Of the objective [-].
    offered : int
        The number in question [account].
    names : Names
        What people call the nodes.
    """
    curve = record.curve
    factor = 12.0 if curve.measure == "episodes" else 1.0
    # a logarithmic scale has no nothing: half of the smallest risk that is not nothing stands for it
    floor = min((value for value in (*curve.central, at_most) if value > 0), default=SMALLEST) * factor / 2
    central = [max(factor * value, floor / 10) for value in curve.central]
    sure = [max(factor * value, floor / 10) for value in curve.at_confidence]
    ax.fill_between(curve.accounts, central, sure, color=theme.BAND, linewidth=0, gid="band")
    ax.plot(curve.accounts, central, color=theme.MAIN, gid="central")
    ax.plot(curve.accounts, sure, color=theme.MAIN, ls=(0, (4, 1.5)), lw=1.5, gid="at confidence")
    bound = max(factor * at_most, floor)
    ax.axhline(bound, color=theme.LIMIT, lw=1.6, gid="objective")
    ax.set_yscale("log")
    top = max(*central, *sure, 3 * bound)
    ax.set_ylim(floor, top * 1.5)
    last = curve.accounts[-1]
    ax.set_xlim(0, last or 1)
    _decades(ax, curve.measure)
    objective = f"objective: at most {_per(bound, curve.measure)}"
    theme.label(ax, last, bound, objective, theme.LIMIT, ha="right", va="top", offset=(-2, -3))
    confident = f"at {phrases.share(confidence)} confidence"
    for number, how, marker, gid in (
        (record.allows.central, "every input as assumed", "o", "number central"),
        (record.allows.max_accounts, confident, "D", "number at confidence"),
    ):
        if number is not None and number <= last:
            ax.plot([number] * 2, [floor, bound], color=theme.INK, lw=0.9, ls=(0, (1.5, 1.5)), zorder=5)
            theme.dot(ax, number, bound, marker=marker, ms=6, color=theme.INK, gid=gid, zorder=6)
            side = "right" if number > 0.62 * last else "left"
            low = floor * (bound / floor) ** (0.3 if marker == "o" else 0.08)
            theme.label(ax, number, low, f"{how}: {number}", ha=side, offset=(-4 if side == "right" else 4, 0))
    if offered:
        ax.plot([offered], [floor], ls="", marker="^", ms=7, color=theme.INK, clip_on=False, gid="offered", zorder=7)
    ax.set_xlabel(f"further accounts{f' (▲ {offered} offered)' if offered else ''}")
    name = {"episodes": "Overloads", "minutes": "Overloaded minutes a month", "any_in_week": "Weeks with an overload"}
    counted = name.get(curve.measure, "Overload at the busiest instant")
    below = f"solid: every input as assumed · dashed: {confident}"
    theme.heading(ax, f"{counted}: {names.limit(record.resource, record.node)}", below)


def _per(value: float, measure: str) -> str:
    """Return a bound or a tick in words: "1 a year", "1 in 10 years"."""
    if measure == "episodes":
        return f"{_plain(value)} a year" if value >= 1 else f"1 in {1 / value:,.0f} years"
    if measure == "minutes":
        return f"{_plain(value)} min"
    return f"{_plain(100 * value)} %"


def _plain(value: float) -> str:
    """Return a number to three digits, and never as a power of ten."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 1e-3:
        return f"{value:.3g}"
    return f"{value:.10f}".rstrip("0")


def _decades(ax: Axes, measure: str) -> None:
    low, high = ax.get_ylim()
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    step = max(1, math.ceil((last - first + 1) / 6))
    ticks = [10.0**k for k in range(first, last + 1, step)]
    # two lines, so that many years leave room for the lines of the chart
    ax.set_yticks(ticks, [_per(tick, measure).replace("1 in ", "1 in\n") for tick in ticks])
    ax.yaxis.set_minor_locator(NullLocator())
