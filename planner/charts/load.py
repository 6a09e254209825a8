"""The load of a node through the week, against its limit."""

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from planner.charts import theme
from planner.model.limit import Week
from planner.wording import phrases
from planner.wording.names import KEYS, Names


def week(record: Week, ax: Axes, names: Names = KEYS) -> None:
    """Draw the load hour by hour: as it usually is, on a bad day, and where a bad day is too much."""
    scale, unit = _scale(record)
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
    theme.heading(ax, f"{_what(record)} on {names.node(record.node)}", " ")
    theme.key(
        ax,
        (Line2D([], [], color=theme.MAIN, lw=1.5), "expected"),
        (Patch(color=theme.BAND, lw=0), "8 of 10 weeks"),
        (Line2D([], [], color=theme.BEFORE, lw=0.9), "one bad day in 100"),
    )


def _scale(record: Week) -> tuple[float, str]:
    """Return factor and unit."""
    if phrases.is_share(record.resource, record.limit):
        return 100.0, " %"
    return 1.0, f" {phrases.UNITS.get(record.resource, record.resource)}"


def _what(record: Week) -> str:
    counted = {"rooms": "Meetings at once", "users": "People at once", "streams": "Camera streams at once"}
    measured = {"egress": "Mbit/s", "load": "Load"}
    share = " (% of the CPU)" if phrases.is_share(record.resource, record.limit) else ""
    return counted.get(record.resource) or measured.get(record.resource, record.resource) + share
