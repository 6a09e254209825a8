"""Scenarios side by side, in cases of 100; and the way from one to another, a changed entry a step."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from planner.charts import theme
from planner.wording import phrases

NAME_UP = 0.27
"""The name of a row stands so far above its middle [distance between two rows]."""
END = 113.0
"""The axes end here, the numbers before it [case of 100]."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One scenario: in how many cases something comes true."""

    name: str
    share: float
    """[-]"""
    without: float | None = None
    """The same without the accounts on offer; None = not known [-]."""
    promised: float | None = None
    """Share of the cases that is promised; None = nothing is [-]."""
    aside: str = ""
    """Beside the name."""


def beside(record: Sequence[Bar], ax: Axes, title: str, below: str) -> None:
    """Draw for each scenario a row of 100 cases, filled as far as it comes true."""
    for y, row in enumerate(record):
        _name(ax, y, row.name, row.aside, bold=True)
        both = row.without is not None
        _bar(ax, y + (-0.02 if both else 0.08), 0.24 if both else 0.34, row.share, f"cases {y}", theme.MAIN, bold=True)
        if row.without is not None:
            _bar(ax, y + 0.24, 0.16, row.without, f"without {y}", theme.BEFORE)
        if row.promised is not None:
            line = [100 * row.promised] * 2, [y - 0.17, y + 0.37]
            ax.plot(*line, color=theme.LIMIT, lw=1.6, gid=f"promised {y}", clip_on=False)
    promised = dict.fromkeys(row.promised for row in record if row.promised is not None)
    if promised:
        said = " or ".join(map(phrases.of_hundred, promised))
        theme.annotate(ax, f"we promise {said}", (END, -0.62), (0, 0), ha="right", color=theme.LIMIT)
    _rows(ax, len(record), title, below, 0.85 if promised else 0.55)


def way(record: Sequence[tuple[str, float]], ax: Axes, title: str, below: str) -> None:
    """Draw the way from one scenario to another: what each step adds or takes, and where it ends."""
    # the first row and the last are scenarios, the others steps; a line marks in each where the one above it ends
    before = 0.0
    for y, (name, share) in enumerate(record):
        whole, cases = y in {0, len(record) - 1}, 100 * share
        _name(ax, y, name, "", bold=whole)
        start = 0.0 if whole else before
        colour = theme.MAIN if whole else theme.BARS if cases >= start else theme.BEFORE
        _bar(ax, y + 0.08, 0.34, share, f"step {y}", colour, bold=whole, start=start)
        if y:
            line = [before] * 2, [y - 0.12, y + 0.28]
            ax.plot(*line, color=theme.INK, lw=1.2, gid=f"before {y}", zorder=4, clip_on=False)
        before = cases
    _rows(ax, len(record), title, below, 0.55)


def _name(ax: Axes, y: float, name: str, aside: str, *, bold: bool) -> None:
    room = theme.INSIDE - (theme.width(aside) + 8 if aside else 0)
    look = {"zorder": 6, "bbox": theme.PATCH}
    weight = "bold" if bold else "normal"
    theme.row_name(ax, y - NAME_UP, theme.text(name, room, bold=bold), fontweight=weight, **look)
    theme.annotate(ax, aside, (END, y - NAME_UP), (0, 0), ha="right", color=theme.MUTED, **look)


def _bar(
    ax: Axes, y: float, high: float, share: float, name: str, colour: str, *, bold: bool = False, start: float = 0.0
) -> None:
    """Draw 100 cases, those that count from where they start, and write the number behind them."""
    ax.barh(y, 100, height=high, color=theme.STEPS[0], gid=f"of 100 {name}", zorder=1, clip_on=False)
    ax.barh(y, 100 * share - start, left=start, height=high, color=colour, gid=name, zorder=2, clip_on=False)
    look = {"fontweight": "bold"} if bold else {"color": theme.MUTED}
    theme.annotate(ax, f"{100 * share:.0f}", (END, y), (0, 0), ha="right", va="center", gid=f"said {name}", **look)


def _rows(ax: Axes, rows: int, title: str, below: str, above: float) -> None:
    ax.set_xlim(0, END)
    ax.set_ylim(rows - 0.5, -above)
    theme.bare(ax)
    theme.heading(ax, title, below)
