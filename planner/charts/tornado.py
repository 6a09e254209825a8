"""What the answer would be if we knew one uncertain input: the tornado, the widest on top."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from planner.charts import theme
from planner.planning import Swing
from planner.wording import phrases
from planner.wording.names import KEYS, Names

ANSWERS = {
    "admission": "If we knew: how many further accounts fit",
    "months_to_afford": "If we knew: months until the hours are earned",
    "months_to_buy": "If we knew: months until the hours are bought",
}
RISKS = {
    "episodes": "If we knew: overloads a year",
    "minutes": "If we knew: overloaded minutes a month",
    "any_in_week": "If we knew: % of weeks with an overload",
    "busiest_instant": "If we knew: % overloaded at the busiest time",
}
NONE = {"admission": "no limit", "months_to_afford": "too late", "months_to_buy": "too late"}
"""What no number means."""
SMALLEST = 1e-6
"""A risk below this stands here on the scale of risks."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a bar: where it is on the scale, and "if it is 4: 3"."""

    at: float
    said: str


def tornado(record: Sequence[Swing], ax: Axes, measure: str = "episodes", names: Names = KEYS) -> None:
    """Draw bars from today's answer to what it would be at the input's low and at its high, of one answer's swings."""
    known = [value for row in record for value in (row.at_low, row.at_high, row.central) if value is not None] or [0.0]
    answer = record[0].answer if record else ""
    places = [_place(value, answer) for value in known]
    low, high = min(places), max(places)
    wide = max(high - low, 1.0)
    beyond = high + 0.15 * wide if any(None in (row.at_low, row.at_high) for row in record) else high
    ends = [_ends(row, beyond, measure) for row in record]
    centre = next((row for row in record if row.central is not None), None)
    # without a number today is as late as what is too late
    now = beyond if centre is None or centre.central is None else _place(centre.central, answer)
    fewer, more = (theme.BEFORE, theme.BARS) if answer == "admission" else (theme.BARS, theme.BEFORE)
    for y, (row, (left, right)) in enumerate(zip(record, ends, strict=True)):
        for name, colour, from_, to in (
            ("lower", fewer, min(left.at, now), now),
            ("higher", more, now, max(right.at, now)),
        ):
            ax.barh(y, to - from_, left=from_, height=0.34, color=colour, gid=f"{name} {row.path}", zorder=3)
        _, _, unit = units(row)
        name = theme.text(f"{names.topic(row.path)}{f', {unit}' if unit else ''}")
        theme.row_name(ax, y - 0.27, name, annotation_clip=False, zorder=6)
        # outside of the bars and of today's line, on whichever side of it both ends are
        for at, said, side, shift in (
            (min(left.at, now), left.said, "right", -4),
            (max(right.at, now), right.said, "left", 4),
        ):
            theme.annotate(ax, said, (at, y), (shift, 0), ha=side, va="center", color=theme.MUTED)
        ax.plot([now] * 2, [y - 0.17, y + 0.24], color=theme.INK, lw=1.6, gid="today", zorder=5)
    if centre is not None and centre.central is not None:
        where = "as we think" if centre.answer.startswith("months") else "in the plan"
        said = f"{where}: {_number(centre, centre.central, measure)}"
        theme.annotate(ax, said, (now, -0.7), (0, 0), ha="center", fontweight="bold")
    ax.set_ylim(len(record) - 0.5, -1.1)
    _fit(ax, low, beyond, *(max((theme.width(pair[side].said) for pair in ends), default=0.0) for side in (0, 1)))
    theme.bare(ax)
    heading = {**ANSWERS, "risk": RISKS.get(measure, "If we knew: the risk")}
    title = heading.get(answer, answer) if record else "No input has a range"
    theme.heading(ax, title, "blue: better · grey: worse" if record else "")


def units(row: Swing) -> tuple[str, str, str]:
    """Return low and high of an input without their unit, and the unit; "" if they do not share one."""
    low, high = (re.fullmatch(r"([\d.,]+)\s*([^\d\s].*)?", value) for value in (row.low_value, row.high_value))
    if low is None or high is None or (low[2] or "").removesuffix("s") != (high[2] or "").removesuffix("s"):
        return row.low_value, row.high_value, ""
    return low[1], high[1], re.sub("^/", "per ", high[2] or "")


def _place(value: float, answer: str) -> float:
    """Return where an answer lies: a risk on a scale of factors, the others on a plain one."""
    return math.log10(max(value, SMALLEST)) if answer == "risk" else value


def _number(row: Swing, value: float, measure: str) -> str:
    return phrases.counted_risk(value, measure) if row.answer == "risk" else f"{value:g}"


def _ends(row: Swing, beyond: float, measure: str) -> tuple[End, End]:
    """Return the two ends of a bar, left first."""
    low, high, _ = units(row)
    ends = []
    for value, at in ((low, row.at_low), (high, row.at_high)):
        said = NONE.get(row.answer, "none") if at is None else _number(row, at, measure)
        place = beyond if at is None else _place(at, row.answer)
        ends.append(End(place, f"if {theme.text(value, 74)}: {said}"))
    left, right = sorted(ends, key=lambda end: end.at)
    return left, right


def _fit(ax: Axes, low: float, high: float, left: float, right: float) -> None:
    """Set the horizontal range so that the words at both ends of the bars have their room [point]."""
    width = theme.points(ax, ax.get_position().width)
    scale = max(high - low, 1e-9) / max(width - left - right - 12, 0.1 * width)
    ax.set_xlim(low - (left + 6) * scale, high + (right + 6) * scale)
