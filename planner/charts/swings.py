"""What each uncertain input does to an answer: the tornado, the widest on top."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.charts import look
from planner.model import words
from planner.plan import Swing

ANSWERS = {
    "admission": "Further accounts, if this input were known",
    "months_to_afford": "Months until earned, if this input were known",
    "months_to_buy": "Months until bought, if this input were known",
}
NONE = {"admission": "no limit", "months_to_afford": "too late", "months_to_buy": "too late"}
"""What no number means."""


def tornado(record: Sequence[Swing], ax: Axes) -> None:
    """Draw a bar from the answer at the input's low to the answer at its high, for swings of one answer."""
    known = [value for row in record for value in (row.at_low, row.at_high, row.central) if value is not None] or [0.0]
    low, high = min(known), max(known)
    wide = max(high - low, 1.0)
    beyond = high + 0.15 * wide if any(None in (row.at_low, row.at_high) for row in record) else high
    ends = [_ends(row, beyond) for row in record]
    for y, (row, (left, right)) in enumerate(zip(record, ends, strict=True)):
        ax.barh(y, right[0] - left[0], left=left[0], height=0.34, color=look.BARS, gid=f"swing {row.path}", zorder=3)
        ax.annotate(
            look.text(words.topic(row.path)), (0, y - 0.27), (4, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", annotation_clip=False,
        )  # fmt: skip
        for (x, said), side, shift in ((left, "right", -4), (right, "left", 4)):
            ax.annotate(said, (x, y), (shift, 0), textcoords="offset points", ha=side, va="center", color=look.MUTED)
    centre = next((row.central for row in record if row.central is not None), None)
    if centre is not None:
        ax.plot([centre] * 2, [-0.65, len(record) - 0.6], color=look.INK, lw=1.2, gid="central", zorder=5)
        ax.annotate(f"{centre:g} as assumed", (centre, -0.7), ha="center", fontweight="bold")
    ax.set_ylim(len(record) - 0.5, -1.1)
    _fit(ax, low, beyond, *(max((look.width(end[side][1]) for end in ends), default=0.0) for side in (0, 1)))
    look.bare(ax)
    look.heading(ax, ANSWERS.get(record[0].answer, record[0].answer) if record else "No input has a range")


def _ends(row: Swing, beyond: float) -> list[tuple[float, str]]:
    """Return the two ends of a bar, left first: where it is, and "what the input is → what the answer is"."""
    ends = []
    for value, at in ((row.low_value, row.at_low), (row.high_value, row.at_high)):
        said = NONE.get(row.answer, "none") if at is None else f"{at:g}"
        ends.append((beyond if at is None else at, f"{look.text(value, 74)} → {said}"))
    return sorted(ends, key=lambda end: end[0])


def _fit(ax: Axes, low: float, high: float, left: float, right: float) -> None:
    """Set the horizontal range so that the words at both ends of the bars have their room [point]."""
    width = ax.get_position().width * look.WIDTH * 72
    scale = max(high - low, 1e-9) / max(width - left - right - 12, 0.1 * width)
    ax.set_xlim(low - (left + 6) * scale, high + (right + 6) * scale)
