"""The review: what was predicted for the pilot, as bands, and what happened, as marks."""

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from planner.charts import theme
from planner.wording.names import KEYS, Names
from planner.wording.phrases import upper

if TYPE_CHECKING:
    # a plan is drawn without it
    from planner.pilot_review.record import Course, Pit, Review, Row

LEFT, RIGHT = 0.12, 0.88
"""Where a row's scale begins and ends, as a share of the width."""


def happened(record: "Review", ax: Axes) -> None:
    """Draw a band for each prediction, each on its own scale, and what happened: orange where outside and no better."""
    for y, row in enumerate(record.rows):
        low, high = _scale(row)
        left, middle, right = (_place(value, low, high) for value in (row.low, row.middle, row.high))
        # a band without width is still seen
        ax.barh(y, max(right - left, 0.006), left=left, height=0.3, color=theme.BAND, gid=f"band {row.name}", zorder=2)
        ax.plot([middle, middle], [y - 0.15, y + 0.15], color=theme.MAIN, gid=f"middle {row.name}", zorder=3)
        for x, value, side, shift in ((left, row.low, "right", -4), (right, row.high, "left", 4)):
            theme.annotate(ax, _said(value), (x, y), (shift, 0), ha=side, va="center", color=theme.MUTED)
        colour = theme.LIMIT if row.inside is False and not row.better else theme.INK
        said = "not known"
        if row.happened is not None:
            x, gid = _place(row.happened, low, high), f"happened {row.name}"
            theme.dot(ax, x, y, ms=6.5, mfc=colour, mec=theme.PAPER, gid=gid, zorder=5)
            said = f"{_said(row.happened)} {row.unit}".rstrip()
        words = theme.text(f"{row.name}: {said}", theme.INSIDE)
        theme.row_name(ax, y - 0.28, words, annotation_clip=False, color=colour)
    ax.set_xlim(0, 1)
    ax.set_ylim(len(record.rows) - 0.5, -0.75)
    theme.bare(ax)
    title = f"After {record.month} months: {record.verdict}"
    theme.heading(ax, title, "band: 8 of 10 cases as planned · dot: what happened")


def _scale(row: "Row") -> tuple[float, float]:
    """Return the ends of a row's scale: the band and what happened."""
    values = [row.low, row.middle, row.high, *([] if row.happened is None else [row.happened])]
    low, high = min(values), max(values)
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def _place(value: float, low: float, high: float) -> float:
    return LEFT + (RIGHT - LEFT) * (value - low) / (high - low)


def _said(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.2g}"


def course(record: "Course", ax: Axes, months: int) -> None:
    """Draw a number month by month: the plan's band and middle path, and what happened so far."""
    last = min(len(record.middle) - 1, max(2 * months, 6))
    there = range(last + 1)
    ax.fill_between(there, record.low[: last + 1], record.high[: last + 1], color=theme.BAND, linewidth=0, gid="band")
    ax.plot(there, record.middle[: last + 1], color=theme.MAIN, gid="middle")
    seen = record.happened[: last + 1]
    ax.plot(range(len(seen)), seen, color=theme.INK, marker="o", ms=4, lw=1.4, gid="happened", zorder=5)
    top = max((*record.high[: last + 1], *seen, 1e-9))
    ax.axvline(months, color=theme.BEFORE, lw=0.8, ls=theme.DOTTED, gid="review")
    ax.set_ylim(0, 1.12 * top)
    theme.month_axis(ax, last, step=1 if last <= 12 else 3)
    theme.heading(ax, upper(record.name), f"{record.unit} · dots: happened · band: 8 of 10 cases")


def pit(record: "Pit", ax: Axes, names: Names = KEYS) -> None:
    """Draw the share of the hours in each tenth of what was predicted: all as high as the line if it holds."""
    tenths = range(len(record.tenths))
    shares = [100 * share for share in record.tenths]
    ax.bar([k + 0.5 for k in tenths], shares, width=0.9, color=theme.BARS, gid="tenths")
    ax.axhline(100 / len(shares), color=theme.INK, lw=1.0, ls=theme.DASHED, gid="as predicted", zorder=4)
    ax.set_xlim(0, len(shares))
    ax.set_ylim(0, 1.15 * max(*shares, 200 / len(shares)))
    ax.set_xticks([])
    for x, words, side in ((0.0, "emptier than predicted", "left"), (float(len(shares)), "fuller", "right")):
        theme.annotate(ax, words, (x, 0), (0, -4), ha=side, va="top", color=theme.MUTED)
    title = names.limit(record.resource, record.node)
    theme.heading(ax, upper(title), f"% of {record.hours:,} hours · dashed: all as predicted")
