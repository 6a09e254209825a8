"""What a history taught: each input before and after, and the week as assumed, as seen, as learned."""

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from planner.charts import theme
from planner.wording import phrases
from planner.wording.names import KEYS, Names

if TYPE_CHECKING:
    # a plan is drawn without it
    from planner.learning.calibration import Week
    from planner.learning.posteriors import Learned


def learned(record: "Learned", ax: Axes, names: Names = KEYS) -> None:
    """Draw an input before the history (grey) and after it (blue), and the plain average of what was seen (a dot)."""
    top = max((density for _, density in record.curve), default=1.0)
    if record.prior_curve:
        x, y = zip(*record.prior_curve, strict=True)
        ax.fill_between(x, y, color=theme.RULE, linewidth=0, gid="before")
        ax.plot(x, y, color=theme.BEFORE, lw=1.2, gid="before line")
    if record.curve:
        x, y = zip(*record.curve, strict=True)
        ax.fill_between(x, y, color=theme.BAND, linewidth=0, gid="after", alpha=0.85)
        ax.plot(x, y, color=theme.MAIN, gid="after line")
    low, middle, high = (value / record.per_unit for value in (record.low, record.value, record.high))
    first, last = record.prior[1] / record.per_unit, record.prior[2] / record.per_unit
    width = max(high, last) - min(low, first)
    left, right = max(0.0, min(low, first) - 0.25 * width), max(high, last) + 0.25 * width
    seen = None if record.plain is None else record.plain / record.per_unit
    if seen is not None and left <= seen <= right:
        theme.dot(ax, seen, 0, ms=6.5, mfc=theme.INK, mec=theme.PAPER, gid="seen", zorder=6, clip_on=False)
    ax.plot([middle, middle], [0, top], color=theme.MAIN, lw=0.9, gid="median")
    ax.set_xlim(left, right)
    ax.set_ylim(0, 1.12 * top)
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.set_xlabel(theme.text(f"{record.unit or 'a bare number'} · dot: plain average of {record.seen:,} {record.of}"))
    prior, after = (_range(values, record) for values in (record.prior, (record.value, record.low, record.high)))
    theme.heading(ax, names.topic(record.path), f"{prior} → {after} {record.unit}")


def _range(values: tuple[float, float, float], record: "Learned") -> str:
    value, low, high = (f"{number / record.per_unit:.3g}" for number in values)
    return f"{value} ({low} to {high})"


def week_learned(record: "Week", ax: Axes) -> None:
    """Draw the share of the starts in each hour of the week: as assumed (grey), as seen (dots), as learned (line)."""
    hours = range(168)
    before, after = ([100 * share for share in shares] for shares in (record.before, record.after))
    ax.fill_between(hours, before, color=theme.RULE, linewidth=0, step="post", gid="before")
    total = max(1, sum(record.counted))
    seen = [100 * count / total for count in record.counted]
    ax.plot([hour + 0.5 for hour in hours], seen, ls="", marker="o", ms=1.8, color=theme.BEFORE, gid="seen")
    ax.step(hours, after, where="post", color=theme.MAIN, lw=1.2, gid="after")
    ax.set_xlim(0, 168)
    ax.set_ylim(0, 1.08 * max(*before, *after, *seen))
    ax.set_xticks([24 * day + 12 for day in range(7)], [name[:3] for name in phrases.DAYS])
    ax.tick_params(axis="x", length=0)
    below = "% an hour · grey: assumed · dots: seen · line: learned"
    theme.heading(ax, f"When {record.seen:,} meetings started", below)


def hour_learned(record: "Week", ax: Axes) -> None:
    """Draw the share of the starts in each 5 minutes of the hour: assumed (grey), seen (dots), learned (line)."""
    parts = [5 * part for part in range(12)]
    before, after = ([100 * share for share in shares] for shares in (record.minutes_before, record.minutes_after))
    total = max(1, sum(record.minutes_counted))
    seen = [100 * count / total for count in record.minutes_counted]
    ax.bar([part + 2.5 for part in parts], before, width=5, color=theme.RULE, gid="before")
    ax.step([*parts, 60], [*after, after[-1]], where="post", color=theme.MAIN, gid="after")
    ax.plot([part + 2.5 for part in parts], seen, ls="", marker="o", ms=4, color=theme.BEFORE, gid="seen")
    ax.set_xlim(0, 60)
    ax.set_ylim(0, 1.1 * max(*before, *after, *seen))
    ax.set_xticks(range(0, 61, 15))
    ax.set_xlabel("minutes past the hour")
    theme.heading(ax, "Where in the hour they started", "% of all · grey: assumed · dots: seen · line: learned")
