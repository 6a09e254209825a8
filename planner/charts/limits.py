"""The limits: how many accounts each allows, how often the servers keep to theirs, and a week's load against one."""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from planner.charts import theme
from planner.model.admission.admission_number import Admission, Limit
from planner.model.admission.server_limits import Hold
from planner.model.limit import Week
from planner.wording import phrases
from planner.wording.names import KEYS, Names

WIDE = 0.74
"""Width of a column [distance between two columns]."""
FEWEST = 3
"""There is room for so many columns, so that two are no walls."""
ALONE = 1.5
"""So far to both sides of a column that stands alone [distance between two columns]."""
COUNTED = {
    "rooms": "Meetings at once",
    "users": "People at once",
    "streams": "Camera streams at once",
    "egress": "Mbit/s",
    "load": "Load",
}
"""What a week's load counts, by resource."""


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
    theme.heading(ax, "Further accounts that each limit allows", "in brackets: as we think · hatched: would they come?")


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


def copes(record: Sequence[Hold], ax: Axes, confidence: float, coping: str, offered: int = 0) -> None:
    """Draw a column of 100 cases for each number of further accounts, filled as far as the servers cope."""
    for x, row in enumerate(record):
        own, cases = row.accounts == offered, 100 * row.share
        colour = theme.MAIN if own else theme.BEFORE if row.accounts == 0 else theme.BARS
        ax.bar(x, 100, width=WIDE, color=theme.STEPS[0], gid=f"of 100 {row.accounts}", zorder=1)
        ax.bar(x, cases, width=WIDE, color=colour, gid=f"cases {row.accounts}", zorder=2)
        weight = "bold" if own else "normal"
        theme.annotate(ax, f"{cases:.0f}", (x, 100), (0, 3), ha="center", fontweight=weight, gid=f"said {row.accounts}")
    names = [f"{row.accounts:,}" + ("\noffered" if offered and row.accounts == offered else "") for row in record]
    ax.set_xticks(range(len(record)), names, color=theme.INK)
    for tick, row in zip(ax.get_xticklabels(), record, strict=True):
        tick.set_fontweight("bold" if row.accounts == offered else "normal")
    ax.tick_params(axis="x", length=0)
    ax.grid(visible=False)
    ax.set_ylim(0, 116)
    ax.set_yticks([0, 25, 50, 75, 100])
    # the line's name stands beside the columns, where nothing else is
    start, end = (-0.5, 1.27 * max(len(record), FEWEST) - 0.5) if len(record) > 1 else (-ALONE, ALONE)
    ax.set_xlim(start, end)
    promised = 100 * confidence
    ax.plot((start, end), (promised, promised), color=theme.LIMIT, lw=1.6, gid="promised", zorder=3)
    below = -24 if promised > 25 else 4
    for words, up in (("we promise", below + 11), (f"{phrases.of_hundred(confidence)} of 100", below)):
        theme.annotate(ax, words, (end, promised), (0, up), ha="right", color=theme.LIMIT)
    ax.set_xlabel("further accounts (0: the members alone)")
    theme.heading(ax, "Cases of 100 in which the servers cope", coping)


def week(record: Week, ax: Axes, names: Names = KEYS) -> None:
    """Draw the load hour by hour: as it usually is, on a bad day, and where a bad day is too much."""
    per_cent = phrases.is_share(record.resource, record.limit)
    scale, unit = (100.0, " %") if per_cent else (1.0, f" {phrases.UNITS.get(record.resource, record.resource)}")
    hours = list(range(169))

    def through(values: tuple[float, ...]) -> list[float]:
        return [scale * value for value in (*values, values[-1])]

    low, high, bad = through(record.usual_low), through(record.usual_high), through(record.bad_day)
    usable = scale * record.usable
    ax.fill_between(hours, low, high, step="post", color=theme.BAND, linewidth=0, gid="usual", zorder=2)
    # what is above the limit, and nothing of what is below
    over = [max(usable, value) for value in bad]
    ax.fill_between(hours, [usable] * 169, over, step="post", color=theme.LIMIT, linewidth=0, gid="too full", zorder=2)
    ax.step(hours, bad, where="post", color=theme.BEFORE, lw=0.9, gid="bad day", zorder=3)
    ax.step(hours, through(record.mean), where="post", color=theme.MAIN, lw=1.3, gid="mean", zorder=4)
    ax.axhline(usable, color=theme.LIMIT, lw=1.6, gid="usable", zorder=4)
    kept = f" ({scale * record.limit:g} less {scale * record.reserve:g} kept free)" if record.reserve else ""
    said = f"limit {usable:g}{unit}{kept}"
    # on its last day the week is quiet
    theme.label(ax, 167, max(over[-24:]), said, theme.LIMIT, ha="right", offset=(0, 2))
    ax.set_xlim(0, 168)
    ax.set_ylim(0, max(1.2 * usable, 1.08 * max(bad)))
    ax.set_xticks([24 * day for day in range(8)], [""] * 8)
    ax.set_xticks([24 * day + 12 for day in range(7)], [name[:3] for name in phrases.DAYS], minor=True)
    ax.tick_params(axis="x", which="minor", length=0)
    what = COUNTED.get(record.resource, record.resource) + (" (% of the CPU)" if per_cent else "")
    theme.heading(ax, f"{what} on {names.node(record.node)}", " ")
    theme.key(
        ax,
        (Line2D([], [], color=theme.MAIN, lw=1.5), "expected"),
        (Patch(color=theme.BAND, lw=0), "8 of 10 weeks"),
        (Line2D([], [], color=theme.BEFORE, lw=0.9), "one bad day in 100"),
    )
