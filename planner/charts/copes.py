"""In how many of 100 cases the servers cope, with nobody new and with some numbers of further accounts."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.charts import theme
from planner.model.admission.server_limits import Hold
from planner.wording import phrases

WIDE = 0.74
"""Width of a column [distance between two columns]."""
FEWEST = 3
"""There is room for so many columns, so that two are no walls."""
ALONE = 1.5
"""So far to both sides of a column that stands alone [distance between two columns]."""


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
