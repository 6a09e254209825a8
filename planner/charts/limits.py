"""How many accounts each limit allows."""

import math
from typing import Any

from matplotlib.axes import Axes

from planner.charts import theme
from planner.model.admission.admission_number import Admission, Limit
from planner.wording.names import KEYS, Names


def allowed(record: Admission, ax: Axes, offered: int = 0, names: Names = KEYS) -> None:
    """Draw a bar for each limit, the lowest on top; the binding one is marked, a reach stands apart and is hatched."""
    rows = bars(record)
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
    theme.heading(
        ax,
        "Further accounts that each limit allows",
        "in brackets: as we think · hatched: would they come?",
    )


def bars(record: Admission) -> list[Limit]:
    """Return the limits that have a bar: those with a number, or what there is where none has one."""
    rows = shown(record)
    return [row for row in rows if row.max_accounts is not None] or rows


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
    said = f"{name}: says no first" if binds else name if value is not None else f"{name}: no limit"
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
        return f"({row.central:,})"
    return ""
