"""What each uncertain input does to an answer: the tornado, the widest on top."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.charts import look
from planner.model import words
from planner.plan import Swing

ANSWERS = {
    "admission": "Further accounts, if this input were known",
    "months_to_afford": "Months until the hours are earned, if this input were known",
    "months_to_buy": "Months until the hours are bought, if this input were known",
}
OPEN = {"admission": "no limit", "months_to_afford": "too late", "months_to_buy": "too late"}
"""What no number means."""


def tornado(record: Sequence[Swing], ax: Axes, most: int = 6) -> None:
    """Draw a bar from the answer at the input's low to the answer at its high, for swings of one answer."""
    rows = list(record)[:most]
    known = [value for row in rows for value in (row.at_low, row.at_high, row.central) if value is not None] or [0.0]
    low, high = min(known), max(known)
    wide = max(high - low, 1.0)
    beyond = high + 0.12 * wide
    for y, row in enumerate(rows):
        left, right = (beyond if value is None else value for value in (row.at_low, row.at_high))
        ax.barh(
            y, abs(right - left), left=min(left, right), height=0.34, color=look.BARS, gid=f"swing {row.path}", zorder=3
        )
        ax.annotate(
            look.text(words.topic(row.path)),
            (low - 0.42 * wide, y - 0.24),
            (0, 2),
            textcoords="offset points",
            va="bottom",
        )
        answer = OPEN.get(row.answer, "none")
        ends = sorted(((left, row.low_value, row.at_low), (right, row.high_value, row.at_high)), key=lambda end: end[0])
        for (x, value, at), side, shift in zip(ends, ("right", "left"), (-4, 4), strict=True):
            said = answer if at is None else f"{at:g}"
            ax.annotate(
                look.text(f"{value} → {said}", 26),
                (x, y),
                (shift, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                color=look.MUTED,
                zorder=6,
            )
    centre = next((row.central for row in rows if row.central is not None), None)
    if centre is not None:
        ax.axvline(centre, color=look.INK, lw=1.2, gid="central", zorder=5, ymax=0.93)
        ax.annotate(f"now {centre:g}", (centre, -0.78), ha="center", va="bottom", fontweight="bold")
    ax.set_ylim(len(rows) - 0.5, -1.1)
    ax.set_xlim(low - 0.42 * wide, beyond + 0.42 * wide)
    ax.set_yticks([])
    ax.set_xticks([])
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    look.heading(ax, ANSWERS.get(rows[0].answer, rows[0].answer) if rows else "No input has a range")
