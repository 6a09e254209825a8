"""The load of a node through the week: against its limit, and as a map of when there is room to spare."""

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from planner.charts import theme
from planner.model.limit import Week
from planner.wording import phrases
from planner.wording.names import KEYS, Names

STEPS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Where one colour of the map of the week begins [share of the limit taken]."""


def week(record: Week, ax: Axes, accounts: int = 0, names: Names = KEYS) -> None:
    """Draw the load hour by hour, with what is expected, what was there before, the band and the limit.

    Parameters
    ----------
    record : Week
        One resource of one node, with a limit.
    ax : Axes
        Where to draw.
    accounts : int
        The number of accounts in question [account].
    names : Names
        What people call the nodes.
    """
    scale, unit = _scale(record)
    hours = list(range(169))

    def through(values: tuple[float, ...]) -> list[float]:
        return [scale * value for value in (*values, values[-1])]

    low, high = through(record.low), through(record.high)
    ax.fill_between(hours, low, high, step="post", color=theme.BAND, linewidth=0, gid="band", zorder=2)
    ax.step(hours, through(record.mean_now), where="post", color=theme.BEFORE, lw=1.2, ls=(0, (2, 1.2)), gid="now")
    ax.step(hours, through(record.mean), where="post", color=theme.MAIN, lw=1.3, gid="mean")
    usable = scale * record.usable
    ax.axhline(usable, color=theme.LIMIT, lw=1.6, gid="usable", zorder=4)
    kept = f" ({scale * record.limit:g} less {scale * record.reserve:g} kept free)" if record.reserve else ""
    theme.label(ax, 167, usable, f"limit {usable:g}{unit}{kept}", theme.LIMIT, ha="right", offset=(0, 2))
    ax.set_xlim(0, 168)
    ax.set_ylim(0, 1.17 * max(usable, scale * max(record.high)))
    ax.set_xticks([24 * day for day in range(8)], [""] * 8)
    ax.set_xticks([24 * day + 12 for day in range(7)], [name[:3] for name in phrases.DAYS], minor=True)
    ax.tick_params(axis="x", which="minor", length=0)
    theme.heading(ax, f"{_what(record)} on {names.node(record.node)}", " ")
    after = f"expected with {accounts:,} more" if accounts else "expected"
    theme.key(
        ax,
        (Line2D([], [], color=theme.MAIN, lw=1.5), after),
        (Line2D([], [], color=theme.BEFORE, lw=1.2, ls=(0, (2, 1.2))), "now"),
        (Patch(color=theme.BAND, lw=0), "999 of 1,000 readings"),
    )


def spare(record: Week, ax: Axes, names: Names = KEYS) -> None:
    """Draw the week as 7 rows of 24 hours: how much of the limit is taken at the top of the expected band."""
    usable = record.usable
    hours = [min(high / usable, 2.0) if usable > 0 else 2.0 for high in record.high]
    taken = [hours[24 * day : 24 * (day + 1)] for day in range(7)]
    theme.cells(ax, taken, theme.STEPS, (*STEPS, 9.0)).set_gid("taken")
    over = [(hour + 0.5, day + 0.5) for day in range(7) for hour in range(24) if taken[day][hour] > 1]
    if over:
        ax.plot(*zip(*over, strict=True), ls="", marker="x", ms=4.5, mew=1.3, color=theme.PAPER, gid="over")
    ax.set_ylim(7, 0)
    ax.set_yticks([day + 0.5 for day in range(7)], [name[:3] for name in phrases.DAYS])
    ax.set_xticks([0, 6, 12, 18], ["0:00", "6:00", "12:00", "18:00"])
    theme.heading(ax, f"{_what(record)} on {names.node(record.node)}: % of the limit taken", " ")
    theme.step_key(ax, ("0 +", "25 +", "50 +", "75 +", "90 +", "over: ×" if over else "over"))


def _scale(record: Week) -> tuple[float, str]:
    """Return factor and unit."""
    if phrases.is_share(record.resource, record.limit):
        return 100.0, " %"
    return 1.0, f" {phrases.UNITS.get(record.resource, record.resource)}"


def _what(record: Week) -> str:
    counted = {"rooms": "Rooms at once", "users": "Users at once", "streams": "Camera streams at once"}
    measured = {"egress": "Mbit/s", "load": "Load"}
    share = " (% of the CPU)" if phrases.is_share(record.resource, record.limit) else ""
    return counted.get(record.resource) or measured.get(record.resource, record.resource) + share
