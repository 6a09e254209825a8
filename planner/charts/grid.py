"""A sweep: one answer over one entry as lines, over two entries as a map."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from planner.charts import theme
from planner.grid import Axis, Row
from planner.wording.names import KEYS, Names

FITS = 6.0
"""Between two numbers of the map there is at least so much room, or none is written [point]."""
FEW = 6
"""So many values of one entry are marked each; of more, round numbers are."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which answer is drawn, and what it is called."""

    title: str
    mapped: str
    """The same for the map, which shows one answer alone."""
    solid: str
    """The answer with every input at its value, or on paper."""
    dashed: str
    """The answer that counts: at the objective's confidence, or of the middle path. The map shows this one."""
    low: str
    high: str
    none: str
    """What it means that there is no number."""
    below: str = ""
    times: float = 1.0
    """What is drawn is so many times the number."""


def _share(title: str, answer: str) -> Shown:
    """Return how the cases of 100 are shown in which something comes true."""
    return Shown(title, title, answer, answer, answer, answer, "", times=100.0)


def _months(answer: str, done: str) -> Shown:
    """Return how the months until the hours are earned or bought are shown."""
    title, mapped = f"Months until the hours are {done}", f"Months until {done}, half of the cases"
    below = "solid: on paper · dashed: half of the cases · band: 8 of 10"
    return Shown(title, mapped, answer, f"{answer}_p50", f"{answer}_p10", f"{answer}_p90", "later", below)


SHOWN = {
    "accounts": Shown(
        "Further accounts that may come",
        "Further accounts, at the stated confidence",
        *("central", "max_accounts", "max_accounts", "central", "no limit"),
        "solid: if everything is as we think · dashed: at the stated confidence",
    ),
    "cope": _share("Cases of 100 in which the servers cope", "cope"),
    "bought": _share("Cases of 100 in which the hours are bought", "buy_probability"),
    "months_to_afford": _months("months_to_afford", "earned"),
    "months_to_buy": _months("months_to_buy", "bought"),
}


def swept(axes: Sequence[Axis], rows: Sequence[Row], ax: Axes, answer: str = "accounts", names: Names = KEYS) -> None:
    """Draw one answer of each cell: lines over one axis, a map over two; a cell that failed is a cross."""
    if len(axes) == 1:
        _lines(axes[0], rows, ax, SHOWN[answer])
        ax.set_xlabel(_name(axes[0], names))
    else:
        _map(axes[0], axes[1], rows, ax, SHOWN[answer])
        ax.set_xlabel(f"{_name(axes[1], names)} · upwards: {_name(axes[0], names)}")


def drawn(row: Row, shown: Shown, *, mapped: bool) -> tuple[float | None, ...]:
    """Return what is drawn of a cell, as it can be told apart; None where it failed, or where there is no number."""
    parts = (shown.dashed,) if mapped else (shown.solid, shown.dashed, shown.low, shown.high)
    return tuple(None if (value := answer_of(row, shown, name)) is None else round(value) for name in parts)


def answer_of(row: Row, shown: Shown, name: str) -> float | None:
    """Return one answer of a cell; None where it failed, or where there is no number."""
    value = None if row.answers is None else getattr(row.answers, name)
    if value is None:
        return None
    # cases are whole, so that a cell's colour is that of the number in it
    return float(value) if shown.times == 1.0 else float(round(shown.times * value))


def _lines(axis: Axis, rows: Sequence[Row], ax: Axes, shown: Shown) -> None:
    """Draw the answer over one entry; numbers stand where they belong, words side by side."""
    places = axis.numbers or tuple(map(float, range(len(axis.values))))
    here = [(x, row) for x, row in zip(places, rows, strict=True) if row.answers is not None]
    failed = [x for x, row in zip(places, rows, strict=True) if row.answers is None]
    names = (shown.solid, shown.dashed, shown.low, shown.high)
    known = [value for _, row in here for value in (answer_of(row, shown, name) for name in names) if value is not None]
    most = max(known, default=0.0) or 1.0
    beyond, below = 1.12 * most, shown.below
    x = [place for place, _ in here]
    solid, dashed, low, high = ([_at(row, shown, name, beyond) for _, row in here] for name in names)
    marker, joined = "o", bool(axis.numbers) and len(here) > 1
    if joined:
        ax.fill_between(x, low, high, color=theme.BAND, linewidth=0, gid="band")
        marker = "o" if len(here) <= FEW else ""  # a line says nothing of which values were planned
    else:  # nothing lies between two words
        ax.vlines(x, low, high, color=theme.BAND, lw=7, gid="band")
        below = below.replace("solid:", "full:").replace("dashed:", "open:")
    ax.plot(x, solid, color=theme.MAIN, ls="-" if joined else "", marker=marker, gid="solid")
    if shown.dashed != shown.solid:
        dashes = theme.DASHED if joined else ""
        ax.plot(x, dashed, color=theme.MAIN, ls=dashes, lw=1.5, marker=marker, mfc=theme.PAPER, gid="dashed")
    if beyond in (*solid, *dashed, *low, *high):
        ax.axhline(beyond, color=theme.BEFORE, lw=0.8, ls=theme.DOTTED)
        theme.label(ax, places[-1], beyond, shown.none, theme.MUTED, ha="right", offset=(0, 2))
    if failed:
        bottom = [0.0] * len(failed)
        ax.plot(failed, bottom, ls="", marker="x", ms=6, mew=1.6, color=theme.LIMIT, clip_on=False, gid="failed")
        theme.label(ax, failed[0], 0.0, "failed", theme.LIMIT, ha="center", offset=(0, 6))
    ax.set_ylim(0, 1.3 * most if shown.times == 1.0 else 1.05 * shown.times)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    margin = 0.5 if len(places) == 1 or not axis.numbers else 0.0
    ax.set_xlim(min(places) - margin, max(places) + margin)
    if not axis.numbers or len(places) <= FEW:
        _ticks(ax, axis, places, along="x")
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    theme.heading(ax, shown.title, below)


def _at(row: Row, shown: Shown, name: str, beyond: float) -> float:
    value = answer_of(row, shown, name)
    return beyond if value is None else value


def _map(down: Axis, across: Axis, rows: Sequence[Row], ax: Axes, shown: Shown) -> None:
    """Draw the answer that counts as a cell for each pair of values, the first axis upwards."""
    columns, lines = len(across.values), len(down.values)
    known = [value for value in (answer_of(row, shown, shown.dashed) for row in rows) if value is not None]
    edges = _edges(max(known, default=0.0))
    # no number means beyond every number
    filled = [_at(row, shown, shown.dashed, edges[-1]) if row.answers is not None else -1.0 for row in rows]
    grid = [filled[k * columns : (k + 1) * columns] for k in range(lines)]
    bounds = (-2.0, *edges[:-1], max(edges[-1], *filled) + 1.0)
    colours = ListedColormap([theme.PAPER, *theme.STEPS])
    look: dict[str, Any] = {"cmap": colours, "norm": BoundaryNorm(bounds, colours.N), "edgecolor": theme.PAPER}
    ax.pcolormesh(range(columns + 1), range(lines + 1), grid, linewidth=0.8, gid="cells", **look)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(0, columns)
    ax.set_ylim(0, lines)
    _write(ax, columns, rows, edges, shown)
    _ticks(ax, across, [k + 0.5 for k in range(columns)], along="x")
    _ticks(ax, down, [k + 0.5 for k in range(lines)], along="y")
    theme.heading(ax, shown.mapped, " ")
    signs = (Patch(facecolor=step, edgecolor=theme.RULE, lw=0.5) for step in theme.STEPS)
    theme.key(ax, *zip(signs, (f"{_short(edge)} +" for edge in edges[:-1]), strict=True))


def _short(number: float) -> str:
    """Return a round number as a key says it: six of them stand on one line."""
    return f"{number / 1000:g}k" if number >= 1000 else f"{number:g}"


def _edges(most: float) -> list[float]:
    """Return where the six colours begin, and one more: round numbers from 0 to beyond the largest."""
    step = 1.0
    while 6 * step <= most:
        # 1, 2, 5, 10, 20, 50, …
        step *= 2.5 if str(step).startswith("2") else 2.0
    return [step * k for k in range(7)]


def _write(ax: Axes, columns: int, rows: Sequence[Row], edges: Sequence[float], shown: Shown) -> None:
    """Write each cell's number where there is room for all, and a cross where it failed."""
    room = theme.points(ax, ax.get_position().width) / columns
    said = [_words(row, shown) for row in rows]
    fits = max(map(theme.width, said), default=0.0) + FITS <= room
    for k, (row, text) in enumerate(zip(rows, said, strict=True)):
        line, column = divmod(k, columns)
        place = (column + 0.5, line + 0.5)
        if row.answers is None:
            theme.dot(ax, *place, marker="x", ms=5, mew=1.4, color=theme.LIMIT, gid="failed")
        elif fits:
            value = answer_of(row, shown, shown.dashed)
            dark = value is None or value >= edges[4]
            ax.annotate(text, place, ha="center", va="center", color=theme.PAPER if dark else theme.INK, gid="number")


def _words(row: Row, shown: Shown) -> str:
    value = answer_of(row, shown, shown.dashed)
    return "×" if row.answers is None else shown.none if value is None else f"{value:,.0f}"


def _ticks(ax: Axes, axis: Axis, places: Sequence[float], along: str) -> None:
    """Write values beside the cells: each where there is room, else every second or third."""
    # the unit stands in the axis's name
    names = [f"{number:,g}" for number in axis.numbers] if axis.numbers else axis.values
    box = ax.get_position()
    if along == "x":
        names = [theme.text(name, 90) for name in names]
        every = math.ceil((max(map(theme.width, names)) + 6) * len(places) / theme.points(ax, box.width))
        ax.set_xticks(places[::every], names[::every])
    else:
        names = [theme.text(name, theme.points(ax, box.x0) - 8) for name in names]
        every = math.ceil((theme.SIZE + 3) * len(places) / (ax.bbox.height * 72 / ax.figure.dpi))
        ax.set_yticks(places[::every], names[::every])


def _name(axis: Axis, names: Names) -> str:
    """Return what an axis counts, and its unit."""
    name = theme.text(names.topic(axis.path), 0.45 * theme.INSIDE)
    return f"{name} [{axis.unit}]" if axis.unit else name
